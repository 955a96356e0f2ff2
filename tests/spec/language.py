"""Specifications of the rule language: small data, an expression, the answer; each runs on every reader.

The same objects are rendered into the manual (docs/build_language.py), so what the manual says is what was tested.

Answers are written like values: ``T`` ``F`` ``?`` for truths; ``A`` or ``A | B`` for labels; ``{a, b}`` for lists
(``{a, b?}``: perhaps b); ``3``, ``2..4``, ``2..`` for numbers and days; ``NA`` for not applicable; ``?`` for anything.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from tumorboard.case.columns import DATE, DECIMAL, LABEL, TABLES, TRUTH, WHOLE, Type
from tumorboard.case.read import case_from_data
from tumorboard.case.rows import NA, Cell, Row, Table
from tumorboard.data import parse_yaml
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.logic import values
from tumorboard.logic.cells import anything, not_applicable
from tumorboard.logic.explain import Explainer
from tumorboard.logic.facts import FactDefinition, Facts, ParameterDefinition, load_facts
from tumorboard.logic.fast import FastFacts
from tumorboard.logic.parser import RuleError, Scope, parse_rule
from tumorboard.logic.tree import DAYS, Node
from tumorboard.logic.values import Day, Label, Labels, Number, Value
from tumorboard.logic.wording import Wording
from tumorboard.text import Text
from tumorboard.vocabulary.library import Vocabulary

TODAY = datetime.date(2026, 3, 1)
Tables = Mapping[str, Table]
READERS: dict[str, Callable[[Facts, Tables], Value]] = {
    "explain": lambda facts, tables: Explainer(facts, tables).fact(ANSWER).value,
    "fast": lambda facts, tables: FastFacts(facts).reader(tables).fact(ANSWER),
}
ANSWER = "answer"  # the fact whose rule is the expression asked for
# The names a table of values may use, with what they stand for.
NAMES = {
    "a": TRUTH, "b": TRUTH, "c": TRUTH, "n": WHOLE, "x": DECIMAL, "y": DECIMAL, "interval": DAYS,
    "colour": Type("label", domain=frozenset(("red", "green", "blue"))), "day": DATE, "low": DATE, "high": DATE,
}  # fmt: skip
_UNKNOWN = {
    "truth": 'observed("jaundice")', "whole": 'performance("ECOG")', "decimal": 'lab("INR")',
    "label": "patient.last(location)", "date": "imaging.last(when)",
}  # fmt: skip
_TEXT = Text("for this test", "测试用")
REASONS = {"silence": Text("the source is silent", "来源未作规定")}


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary.load(KnowledgeFolder(SHIPPED))


@cache
def shipped_facts() -> Facts:
    return load_facts(KnowledgeFolder(SHIPPED), vocabulary())


def scope(facts: Mapping[str, Type], rows: bool = True) -> Scope:
    parameters = {"cut_off": DAYS}
    return Scope(facts, parameters, vocabulary(), rows=rows, reasons=frozenset(REASONS))


def facts_of(answer: Node, nodes: Mapping[str, Node] | None = None) -> Facts:
    """A small knowledge: the inputs as facts, and the expression asked for as the fact ``answer``."""
    definitions = {
        name: FactDefinition(name, _TEXT, _TEXT, "", node.type, {}, REASONS, "", node, (), "")
        for name, node in {**(nodes or {}), ANSWER: answer}.items()
    }
    shipped = shipped_facts()
    parameters = {**shipped.parameters, "cut_off": ParameterDefinition("cut_off", _TEXT, DAYS, (90, 60), "")}
    settings = {**shipped.settings, "cut_off": 90}
    return Facts(definitions, parameters, settings, shipped.readings, vocabulary())


# -- tables written out ----------------------------------------------------------------------------------------------


def tables(text: str = "") -> Tables:
    """Every table, empty and open, but for those written out::

    courses, complete | when | completed | end
                      | 1    | T         | 2025-01-01
    """
    found: dict[str, Table] = {name: Table((), form.complete and name == "patient") for name, form in TABLES.items()}
    name, complete, header, rows = "", False, [""], list[Row]()
    for line in filter(str.strip, text.splitlines()):
        first, *cells = (cell.strip() for cell in line.split("|"))
        if first:
            name, _, state = first.partition(", ")
            complete, header, rows = state == "complete", cells, []
        elif any(cells):
            held = {
                column: _cell(cell, TABLES[name].columns[column].type)
                for column, cell in zip(header, cells, strict=True)
            }
            rows.append(Row({"when": 0, **held}, f"{name}[{len(rows)}]"))
        found[name] = Table(tuple(sorted(rows, key=lambda row: row.cells["when"])), complete)  # type: ignore[arg-type, return-value]
    return found


def _cell(text: str, kind: Type) -> Cell:
    if text in ("", "NA"):
        return NA if text else None
    match kind.kind:
        case "truth":
            return text == "T"
        case "labels":
            return frozenset(filter(None, (word.strip() for word in text.strip("{}").split(","))))
        case "date":
            return _day(text)
        case "whole":
            return int(text)
        case "decimal":
            return Decimal(text)
    return text


def _day(text: str) -> int:
    return int(text) if text.isdigit() else datetime.date.fromisoformat(text).toordinal()


# -- values written out ----------------------------------------------------------------------------------------------


def value_of(text: str, kind: Type) -> Value:
    """The value an answer stands for."""
    if text == "NA":
        return not_applicable(kind)
    if text.startswith("?"):
        unknown = anything(kind)
        return replace(unknown, na=True) if text == "? | NA" else unknown  # type: ignore[call-arg]
    if kind.kind == "truth":
        return values.truth({"T": True, "F": False}[text])
    if kind.kind == "labels":
        words = [word.strip() for word in text.strip("{}").split(",") if word.strip()]
        return Labels(
            frozenset(word for word in words if not word.endswith("?")), frozenset(word.rstrip("?") for word in words)
        )
    parts = [part.strip() for part in text.split("|")]
    na, parts = "NA" in parts, [part for part in parts if part != "NA"]
    if kind.kind == "label":
        return Label(frozenset(parts), na)
    (part,) = parts
    low, dots, high = part.partition("..")
    read = _day if kind.kind == "date" else (lambda number: Decimal(number) if "." in number else int(number))
    bounds = [read(bound) if bound else None for bound in ((low, high) if dots else (low, low))]
    return Day(*bounds, na) if kind.kind == "date" else Number(*bounds, na)


def expression_of(text: str, kind: Type) -> str:
    """A rule whose value is what ``text`` says, with nothing else known."""
    if text == "?":
        return _UNKNOWN[kind.kind]
    parts = [part.strip() for part in text.split("|")]
    if len(parts) == 1 and ".." in text:
        parts = text.split("..")
    found = _literal(parts[-1], kind)
    for part in reversed(parts[:-1]):
        found = f'choose(when(observed("jaundice"), {_literal(part, kind)}), otherwise({found}))'
    return found


def _literal(text: str, kind: Type) -> str:
    if text == "NA":
        return "not_applicable()"
    match kind.kind:
        case "truth":
            return {"T": "true", "F": "false"}[text]
        case "label":
            return f'"{text}"'
        case "date":
            return f"courses.where(line == {_day(text)}).last(start)"
    return f'quantity({text}, "{kind.unit}")' if kind.unit else text


# -- what a section holds --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """One line of a section: what is run, and what it must give."""

    name: str
    check: Callable[[str], None]


@dataclass(frozen=True)
class Values:
    """A table of values: the inputs, written as answers are, and what each expression gives for them."""

    table: str

    def rows(self) -> list[list[str]]:
        return [[cell.strip() for cell in line.split("¦")] for line in filter(str.strip, self.table.splitlines())]

    def examples(self) -> Iterator[Example]:
        header, *rows = self.rows()
        names = [name for name in header if name in NAMES]
        for row in rows:
            given = dict(zip(header, row, strict=True))
            for expression in header[len(names) :]:
                inputs = {name: given[name] for name in names}
                label = f"{expression} for {', '.join(f'{k}={v}' for k, v in inputs.items())}"
                yield Example(label, self._check(inputs, expression, given[expression]))

    def _check(self, inputs: dict[str, str], expression: str, answer: str) -> Callable[[str], None]:
        def check(reader: str) -> None:
            dated = sorted(
                {part for text in inputs.values() for part in text.replace("|", "..").split("..") if "-" in part}
            )
            held = tables("courses, complete | line | start\n" + "\n".join(f"| {_day(day)} | {day}" for day in dated))
            types = {name: NAMES[name] for name in inputs}
            nodes = {
                name: parse_rule(expression_of(text, types[name]), scope({}), types[name])
                for name, text in inputs.items()
            }
            node = parse_rule(expression, scope(types), _expected(expression))
            assert READERS[reader](facts_of(node, nodes), held) == value_of(answer, node.type)

        return check

    def render(self) -> str:
        header, *rows = self.rows()
        shown = [name if name in NAMES else f"`{name}`" for name in header]
        lines = [shown, ["---"] * len(header), *rows]
        return "\n".join(f"| {' | '.join(cell.replace('|', 'or') for cell in line)} |" for line in lines)


def _expected(expression: str) -> Type | None:
    if "not_applicable" in expression:
        return WHOLE
    return TRUTH if "undecided" in expression else None


@dataclass(frozen=True)
class Record:
    """Tables written out, with what expressions give for them and, for what is unknown, what is missing."""

    tables: str
    asks: tuple[tuple[str, ...], ...]

    def held(self) -> Tables:
        return tables(self.tables)

    def examples(self) -> Iterator[Example]:
        for expression, answer, *missing in self.asks:
            yield Example(expression, self._check(expression, answer, missing))

    def _check(self, expression: str, answer: str, missing: list[str]) -> Callable[[str], None]:
        def check(reader: str) -> None:
            held, node = self.held(), parse_rule(expression, scope({}))
            facts = facts_of(node)
            assert READERS[reader](facts, held) == value_of(answer, node.type)
            if reader == "explain":
                assert [item.ask for item in Explainer(facts, held).fact(ANSWER).missing] == missing

        return check

    def render(self) -> str:
        return f"```\n{_undent(self.tables)}\n```\n\n{_asked(self.asks)}"


@dataclass(frozen=True)
class CaseFile(Record):
    """Entries of a case file instead of tables."""

    def held(self) -> Tables:
        data = {"schema": "tumorboard.case/1", "id": "spec", **parse_yaml(_undent(self.tables), "spec")}
        return case_from_data(data, vocabulary(), TODAY).tables

    def render(self) -> str:
        return f"```yaml\n{_undent(self.tables)}\n```\n\n{_asked(self.asks)}"


@dataclass(frozen=True)
class Because:
    """What is said of an answer: the reason, and what was assumed from silence."""

    case: str
    fact: str
    because: str
    assumptions: tuple[str, ...] = ()

    def examples(self) -> Iterator[Example]:
        def check(reader: str) -> None:
            facts = shipped_facts()
            step = Explainer(facts, CaseFile(self.case, ()).held()).fact(self.fact)
            wording = Wording(facts)
            assert wording.because(step).en == self.because
            assert tuple(text.en for text in wording.assumptions(step)) == self.assumptions

        yield Example(f"{self.fact}: {self.because}", check)

    def render(self) -> str:
        said = [f"`{self.fact}` because: {self.because}", *(f"assumed: {text}" for text in self.assumptions)]
        return f"```yaml\n{_undent(self.case)}\n```\n\n" + "\n".join(f"* {line}" for line in said)


@dataclass(frozen=True)
class Refusal:
    """An expression that is refused when it is read, and the message with the mend."""

    expression: str
    message: str
    rows: bool = True

    def examples(self) -> Iterator[Example]:
        def check(reader: str) -> None:
            types = {**NAMES, "disease": LABEL}
            with pytest.raises(RuleError) as caught:
                parse_rule(self.expression, scope(types, self.rows))
            assert str(caught.value) == self.message

        yield Example(self.expression, check)

    def render(self) -> str:
        return f"* `{self.expression}` — {self.message}"


Item = Values | Record | Because | Refusal


@dataclass(frozen=True)
class Section:
    """A section of the manual: what it says, and the specifications that hold it to that."""

    title: str
    text: str
    items: tuple[Item, ...]

    def test(self) -> Any:
        """A test that runs every example on every reader."""
        examples = [example for item in self.items for example in item.examples()]

        @pytest.mark.parametrize("reader", list(READERS))
        @pytest.mark.parametrize("example", examples, ids=[example.name for example in examples])
        def test_it_gives_what_the_manual_says(example: Example, reader: str) -> None:
            example.check(reader)

        return test_it_gives_what_the_manual_says

    def render(self) -> str:
        parts = [f"### {self.title}", _undent(self.text)]
        for before, item in zip((None, *self.items), self.items, strict=False):
            joined = isinstance(before, Refusal) and isinstance(item, Refusal)
            if joined:
                parts[-1] += f"\n{item.render()}"
            else:
                parts.append(item.render())
        return "\n\n".join(parts)


def _asked(asks: tuple[tuple[str, ...], ...]) -> str:
    lines = ["| expression | answer | missing |", "| --- | --- | --- |"]
    for expression, answer, *missing in asks:
        lines.append(f"| `{expression}` | {answer.replace('|', 'or')} | {', '.join(missing)} |")
    return "\n".join(lines)


def _undent(text: str) -> str:
    lines = text.strip("\n").rstrip().splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines)
