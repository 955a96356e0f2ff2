"""Flat patients: facts given outright, as the fast reader holds them and as other people's engines are told."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from engine import Patient

from tumorboard.case.columns import TABLES, Type
from tumorboard.case.rows import Table
from tumorboard.logic import tree, values
from tumorboard.logic.cells import anything, not_applicable
from tumorboard.logic.elm import ElmReader, absence
from tumorboard.logic.fast import FastFacts, FastReader
from tumorboard.logic.tree import Node
from tumorboard.logic.values import Day, Label, Labels, Number, Truth, Value

NOTHING = {name: Table((), False) for name in TABLES}
Assignment = Mapping[str, Value]


def reader_of(fast: FastFacts, given: Assignment) -> FastReader:
    """The fast reader of a patient of whom nothing but the facts is given."""
    reader = fast.reader(NOTHING)
    for name, value in given.items():
        reader.known[fast.positions[name]] = value
    return reader


def unknown(name: str, type_: Type, reader: ElmReader) -> Value:
    value = anything(type_)
    absent = reader.may_be_absent(name)
    return replace(value, na=True) if absent and isinstance(value, Label | Number | Day) else value


def flat(given: Assignment, reader: ElmReader) -> Patient:
    """What an engine is told: null for what isn't known."""
    patient: Patient = {}
    for name, value in given.items():
        if values.is_not_applicable(value):
            patient[absence(name)] = True
        else:
            patient[name] = _plain(value) if value.known else None
    return patient


def _plain(value: Value) -> Any:
    match value:
        case Truth():
            return value.can_be_true
        case Label(possible):
            assert possible is not None
            return next(iter(possible))
        case Labels(certain):
            return sorted(certain)
        case Number(low):
            return low
        case Day(low):
            assert low is not None
            return {"day": datetime.date.fromordinal(low).isoformat()}
    raise AssertionError(value)


# -- drawing ---------------------------------------------------------------------------------------------------------


def boundaries(nodes: Iterable[Node]) -> dict[str, list[int | Decimal]]:
    """The constants each fact is compared with: the thresholds a patient should stand exactly on."""
    found: dict[str, list[int | Decimal]] = {}
    for node in nodes:
        for part in all_of(node):
            if isinstance(part, tree.Compare):
                for one, other in ((part.left, part.right), (part.right, part.left)):
                    if isinstance(one, tree.Fact) and isinstance(other, tree.Constant) and one.type.numeric:
                        assert isinstance(other.value, int | Decimal)
                        found.setdefault(one.name, []).append(other.value)
    return found


def words_asked(nodes: Iterable[Node]) -> dict[str, set[str]]:
    """The words each fact is asked for."""
    found: dict[str, set[str]] = {}
    for node in nodes:
        for part in all_of(node):
            match part:
                case tree.Meets(tree.Fact(name), _, words) | tree.Only(tree.Fact(name), _, words):
                    found.setdefault(name, set()).update(words)
                case tree.HowMany(tree.Fact(name), _, words) | tree.Among(tree.Fact(name), words):
                    found.setdefault(name, set()).update(words)
                case tree.Compare(_, tree.Fact(name), tree.Constant(str() as word)):
                    found.setdefault(name, set()).add(word)
    return found


def all_of(node: Node) -> list[Node]:
    return [node, *(below for child in tree.children(node) for below in all_of(child))]


def draw(
    random: Random, name: str, type_: Type, reader: ElmReader, at: list[int | Decimal], words: set[str], doubt: float
) -> Value:
    """A value of a fact: unknown with a chance of ``doubt``, not applicable now and then, else near what is asked."""
    if random.random() < doubt:
        return unknown(name, type_, reader)
    if reader.may_be_absent(name) and random.random() < 0.1:
        return not_applicable(type_)
    vocabulary = sorted(type_.domain) if type_.domain else sorted({*words, "其他", "another's", "a "})
    match type_.kind:
        case "truth":
            return values.truth(random.random() < 0.5)
        case "label":
            likely = sorted(words & set(vocabulary))
            return values.label(random.choice(likely if likely and random.random() < 0.6 else vocabulary))
        case "labels":
            size = min(random.choice((0, 1, 1, 2, 3)), len(vocabulary))
            return values.labels(random.sample(vocabulary, size))
        case "date":
            return values.day(datetime.date(2024, 2, 26).toordinal() + random.randrange(8))
    step = 1 if type_.kind == "whole" else random.choice((Decimal("0.01"), Decimal("0.00000001")))
    return values.number(random.choice(at or [0]) + random.choice((-1, 0, 0, 1)) * step)
