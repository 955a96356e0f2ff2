"""Random logic over facts gives the same answers on another engine, whatever node it is made of."""

from __future__ import annotations

import os
import typing
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from engine import Engine
from patients import all_of, draw, flat, reader_of
from rules import BUILDERS, COLOUR, COLOURS, FACTS, KINDS, NUMBERS, rule

from tumorboard.case.columns import DECIMAL, LABELS, TRUTH, WHOLE, Type
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic import cql, elm, tree
from tumorboard.logic.elm import ROWS, VISIT, ElmReader
from tumorboard.logic.elm_parts import NotExportable
from tumorboard.logic.facts import FactDefinition, Facts
from tumorboard.logic.fast import FastFacts
from tumorboard.logic.parser import RuleError, Scope, parse_rule
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Truth
from tumorboard.text import Text

SEEDS = range(100) if os.environ.get("HYPOTHESIS_PROFILE") == "long" else range(2)
RULES, PATIENTS = 100, 60
SIZES = range(30, 700)  # of a rule's text: the translator's time doubles with each pair of brackets inside another
_TEXT = Text("for this test", "测试用")
_SHOWN = {TRUE: True, FALSE: False, UNKNOWN: None}


def facts_of(knowledge: Knowledge) -> Facts:
    def definition(name: str, type_: Type) -> FactDefinition:
        node: Node = tree.Undecided("silence", type_)
        if name.endswith("_na"):
            node = tree.Choose(((node if type_.kind == "truth" else tree.Undecided("silence", TRUTH), node),),
                               tree.NotApplicable(type_), type_)  # fmt: skip
        return FactDefinition(name, _TEXT, _TEXT, "", type_, {}, {}, "", node, (), "")

    return replace(knowledge.facts, definitions={name: definition(name, type_) for name, type_ in FACTS.items()})


def library(rules: dict[str, Node], reader: ElmReader) -> dict[str, Any]:
    parameters = [each for name in FACTS for each in reader.parameters(name)]
    statements = [
        {"name": name, "context": "Unfiltered", "accessLevel": "Public", "expression": reader.truth(node)}
        for name, node in rules.items()
    ]
    return {
        "library": {
            "identifier": {"id": "rules", "version": "1"},
            "schemaIdentifier": {"id": "urn:hl7-org:elm", "version": "r1"},
            "usings": {"def": [{"localIdentifier": "System", "uri": "urn:hl7-org:elm-types:r1"}]},
            "parameters": {"def": parameters},
            "contexts": {"def": [{"name": "Unfiltered"}]},
            "statements": {"def": statements},
        }
    }


# -- every node ------------------------------------------------------------------------------------------------------


def test_every_node_type_is_exported_or_reads_rows() -> None:
    assert set(typing.get_args(tree.Node)) == set(VISIT) | ROWS
    assert not set(VISIT) & ROWS


def test_every_node_type_that_is_exported_is_drawn() -> None:
    assert set(BUILDERS) == set(VISIT)


@pytest.mark.parametrize("text", [
    "courses.exists()", "courses.count() > 1", "courses.last(end) == courses.first(end)", "courses.any(completed)",
    "courses.longest_run(completed) > 1", 'lab("INR") > 1', 'present("ALK fusion")',
])  # fmt: skip
def test_what_is_not_exported_no_situation_can_hold(text: str, knowledge: Knowledge) -> None:
    rows = parse_rule(text, replace(knowledge.facts.scope(), rows=True), TRUTH)
    assert ROWS & {type(node) for node in all_of(rows)}
    with pytest.raises(RuleError, match="reads the record"):
        parse_rule(text, knowledge.facts.scope(), TRUTH)


# -- the same answers ------------------------------------------------------------------------------------------------


@pytest.mark.npm
@pytest.mark.parametrize("seed", SEEDS)
def test_answers_are_the_same(seed: int, knowledge: Knowledge, cql_engine: Engine) -> None:
    facts, random = facts_of(knowledge), Random(seed)
    reader, fast = ElmReader(facts), FastFacts(facts)
    rules: dict[str, Node] = {}
    while len(rules) < RULES:
        drawn = rule(random, "truth", 3)
        if len(cql.cql_of(drawn, reader)) in SIZES:
            rules[f"规则 {len(rules)}"] = drawn
    given = []
    for index in range(PATIENTS):
        doubt = 0.0 if index % 4 == 0 else random.choice((0.2, 0.5, 1.0))
        given.append({
            name: draw(random, name, type_, reader, list(NUMBERS) if type_.kind == "decimal" else [0, 2, 3],
                       set(COLOURS), doubt)
            for name, type_ in FACTS.items()
        })  # fmt: skip
    patients = [flat(each, reader) for each in given]
    made = library(rules, reader)
    by_elm, by_cql = cql_engine.run_elm(made, patients), cql_engine.run_cql(cql.library(made), patients)
    for index, each in enumerate(given):
        fast_reader = reader_of(fast, each)
        for name, node in rules.items():
            value = fast_reader.value(node)
            assert isinstance(value, Truth)
            told = cql.cql_of(node, reader), patients[index], node
            assert by_elm[index][name] == _SHOWN[value], told
            assert by_cql[index][name] == _SHOWN[value], told


# -- what CQL can't hold ---------------------------------------------------------------------------------------------


def _number(text: str) -> Node:
    return tree.Constant(Decimal(text), DECIMAL)


_X, _BAG = tree.Fact("decimal", DECIMAL), tree.Fact("free_bag", LABELS)
_EITHER = tree.Choose(((tree.Fact("a", TRUTH), _BAG),), _BAG, LABELS)


@pytest.mark.parametrize(("node", "why"), [
    (tree.Compare("<", tree.Arithmetic("/", _X, _number("7"), DECIMAL), _X), "`/` of decimals gives more digits"),
    (tree.Compare("<", tree.Arithmetic("*", _X, _X, DECIMAL), _X), "`*` of decimals gives more digits"),
    (tree.Compare("<", tree.Function("log10", _X, Decimal(1), DECIMAL), _X), "log10 gives more digits than CQL keeps"),
    (tree.Compare("<", _X, _number("0.123456789")), "CQL has no room for 0.123456789"),
    (tree.Some(_EITHER), "a choice between lists that may hold any word"),
])  # fmt: skip
def test_what_is_not_exact_is_refused_with_what_to_do(node: Node, why: str, knowledge: Knowledge) -> None:
    with pytest.raises(NotExportable, match=f"{why}.*name a fact for it"):
        ElmReader(facts_of(knowledge)).truth(node)


# -- how it reads ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "shown"), [
    ("whole >= 3 and not a", '"whole" >= 3.0 and not "a"'),
    ('decimal_na < quantity(2.30, "cm")', 'not "decimal_na not applicable" and "decimal_na" < 2.30'),
    ('colour in ["红", "蓝"] or a', "\"colour\" = '红' or \"colour\" = '蓝' or \"a\""),
    ('colour != "it\'s"', "not (\"colour\" = 'it\\'s')"),
    ('"红" in bag', 'if "bag" is null then (null as Boolean) else exists ("bag" intersect {\'红\'})'),
    ("(a or c) and whole == -1", '("a" or "c") and "whole" = -1.0'),
])  # fmt: skip
def test_it_reads_like_the_rule(text: str, shown: str, knowledge: Knowledge) -> None:
    node = parse_rule(text, Scope(FACTS, {}, knowledge.vocabulary, rows=False), TRUTH)
    assert cql.cql_of(node, ElmReader(facts_of(knowledge))) == shown


def test_kinds_drawn_are_all_there_are() -> None:
    assert set(KINDS) == set(elm.ELM_TYPES)
    assert WHOLE.kind in KINDS and COLOUR.domain == COLOURS
