"""The explain reader: what holds for one case, why, and what would settle the rest.

Written for reading, with no optimisation beyond computing each fact once; the fast readers are tested against it.
Kleene's tables stand written out. Every step keeps the values it was made from.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tumorboard.case.columns import Type
from tumorboard.case.tables import Cell, NotApplicable, Row, Table
from tumorboard.logic import tree, values
from tumorboard.logic.biomarkers import shown
from tumorboard.logic.facts import Facts
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Day, Label, Labels, Number, Truth, Value
from tumorboard.text import Text

AND = {
    (TRUE, TRUE): TRUE, (TRUE, UNKNOWN): UNKNOWN, (TRUE, FALSE): FALSE,
    (UNKNOWN, TRUE): UNKNOWN, (UNKNOWN, UNKNOWN): UNKNOWN, (UNKNOWN, FALSE): FALSE,
    (FALSE, TRUE): FALSE, (FALSE, UNKNOWN): FALSE, (FALSE, FALSE): FALSE,
}  # fmt: skip
OR = {
    (TRUE, TRUE): TRUE, (TRUE, UNKNOWN): TRUE, (TRUE, FALSE): TRUE,
    (UNKNOWN, TRUE): TRUE, (UNKNOWN, UNKNOWN): UNKNOWN, (UNKNOWN, FALSE): UNKNOWN,
    (FALSE, TRUE): TRUE, (FALSE, UNKNOWN): UNKNOWN, (FALSE, FALSE): FALSE,
}  # fmt: skip
NOT = {TRUE: FALSE, UNKNOWN: UNKNOWN, FALSE: TRUE}


@dataclass(frozen=True, slots=True, order=True)
class Input:
    """An entry of the record that would settle something: what to look up, and how it stands now."""

    ask: str
    state: str = "not recorded"


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader of an answer must know: an assumption made from absence, a conflict, a silent source."""

    kind: str  # "assumption" | "conflict" | "undecided"
    text: Text


@dataclass(frozen=True, slots=True)
class Step:
    """One node with its value, the steps it was made from, the entries behind a leaf, and what is missing."""

    node: Node
    value: Value
    parts: tuple[Step, ...] = ()
    missing: tuple[Input, ...] = ()
    notes: tuple[Note, ...] = ()
    places: tuple[str, ...] = ()


class Explainer:
    """Explains facts and logic over facts for one case's tables."""

    def __init__(self, facts: Facts, tables: Mapping[str, Table]) -> None:
        self.facts, self.tables = facts, tables
        self._known: dict[str, Step] = {}
        self._undecided: Mapping[str, Text] = {}

    def fact(self, name: str) -> Step:
        if name not in self._known:
            definition = self.facts.definitions[name]
            outer, self._undecided = self._undecided, definition.undecided
            self._known[name] = self.step(definition.node)
            self._undecided = outer
        return self._known[name]

    def step(self, node: Node, row: Row | None = None) -> Step:
        """The value of ``node`` (in ``row`` where it reads columns) with its derivation."""
        match node:
            case tree.Constant(value, kind):
                return Step(node, constant(value, kind))
            case tree.Parameter(name, kind):
                return Step(node, constant(self.facts.settings[name], kind))
            case tree.Fact(name):
                below = self.fact(name)
                return Step(node, below.value, (below,), below.missing)
            case tree.Column(name, kind):
                assert row is not None, "a column outside a row"
                return self.cell(node, row, name, kind)
            case tree.And(items):
                return self.joined(node, AND, TRUE, [self.step(item, row) for item in items])
            case tree.Or(items):
                return self.joined(node, OR, FALSE, [self.step(item, row) for item in items])
            case tree.Not(item):
                inner = self.step(item, row)
                return Step(node, NOT[_truth(inner)], (inner,), inner.missing)
            case tree.Compare(op, left, right):
                parts = self.step(left, row), self.step(right, row)
                return self.made(node, values.compare(op, parts[0].value, parts[1].value), parts)
            case tree.Among(item, options):
                inner = self.step(item, row)
                assert isinstance(inner.value, Label)
                return self.made(node, values.member(inner.value, options), (inner,))
            case tree.Meets(item, _, members):
                inner = self.step(item, row)
                return self.made(node, _meets(inner.value, members), (inner,))
            case tree.Only(item, _, members):
                inner = self.step(item, row)
                return self.made(node, _only(inner.value, members), (inner,))
            case tree.HowMany(item, _, members):
                inner = self.step(item, row)
                assert isinstance(inner.value, Labels)
                return self.made(node, values.how_many(inner.value, members), (inner,))
            case tree.Some(item):
                inner = self.step(item, row)
                assert isinstance(inner.value, Labels)
                return self.made(node, values.nonempty(inner.value), (inner,))
            case tree.Arithmetic(op, left, right):
                parts = self.step(left, row), self.step(right, row)
                return self.made(node, calculate(op, parts[0].value, parts[1].value), parts)
            case tree.Days(start, end):
                parts = self.step(start, row), self.step(end, row)
                assert isinstance(parts[0].value, Day) and isinstance(parts[1].value, Day)
                return self.made(node, values.days_between(parts[0].value, parts[1].value), parts)
            case tree.Bounded(item, low, high):
                three = self.step(item, row), self.step(low, row), self.step(high, row)
                value = bound(three[0].value, three[1].value, three[2].value)
                missing = () if value.known else three[0].missing
                return Step(node, value, three, missing)
            case tree.Choose():
                return self.choose(node, row)
            case tree.Band():
                return self.band(node, row)
            case tree.Collect(reasons):
                steps = [self.step(condition, row) for _, condition in reasons]
                certain = frozenset(name for (name, _), s in zip(reasons, steps, strict=True) if s.value == TRUE)
                possible = frozenset(name for (name, _), s in zip(reasons, steps, strict=True) if s.value != FALSE)
                return self.made(node, Labels(certain, possible), steps)
            case tree.Recorded(item):
                inner = self.step(item, row)
                notes = () if inner.value.known else (assumed_unrecorded(inner),)
                return Step(node, values.truth(inner.value.known), (inner,), notes=notes)
            case tree.NotApplicable(kind):
                return Step(node, not_applicable(kind))
            case tree.Undecided(reason, kind):
                return Step(node, anything(kind), notes=(Note("undecided", self._undecided[reason]),))
            case tree.Exists(rows):
                found, table = self.rows(rows), self.tables[rows.table]
                value = TRUE if found else FALSE if table.complete else UNKNOWN
                return self.of_rows(node, value, found, rows)
            case tree.Count(rows):
                found, table = self.rows(rows), self.tables[rows.table]
                return self.of_rows(node, Number(len(found), len(found) if table.complete else None), found, rows)
            case tree.Pick():
                return self.pick(node)
            case tree.Holds():
                return self.holds(node)
            case tree.Newest():
                return self.newest(node)
            case tree.Present():
                return self.present(node, row)
        raise AssertionError(f"the explain reader does not know {node!r}")

    # -- logic ---------------------------------------------------------------------------------------------------

    def made(self, node: Node, value: Value, parts: Sequence[Step]) -> Step:
        missing = () if value.known else _union(part.missing for part in parts if not part.value.known)
        return Step(node, value, tuple(parts), missing)

    def joined(self, node: Node, table: Mapping[tuple[Truth, Truth], Truth], start: Truth, parts: list[Step]) -> Step:
        value = start
        for part in parts:
            value = table[value, _truth(part)]
        return self.made(node, value, parts)

    def choose(self, node: tree.Choose, row: Row | None) -> Step:
        parts: list[Step] = []
        possible: list[Step] = []
        open_conditions: list[Step] = []
        for condition_node, value_node in node.branches:
            condition = self.step(condition_node, row)
            parts.append(condition)
            if condition.value == FALSE:
                continue
            value = self.step(value_node, row)
            parts.append(value)
            possible.append(value)
            if condition.value == TRUE:
                break
            open_conditions.append(condition)
        else:
            value = self.step(node.otherwise, row)
            parts.append(value)
            possible.append(value)
        result = values.hull(step.value for step in possible)
        missing = () if result.known else _union(step.missing for step in (*open_conditions, *possible))
        return Step(node, result, tuple(parts), missing)

    def band(self, node: tree.Band, row: Row | None) -> Step:
        number = self.step(node.item, row)
        assert isinstance(number.value, Number)
        if not number.value.some:
            return Step(node, not_applicable(node.type), (number,))
        possible: list[Step] = []
        rest: Number = number.value
        for op, at_node, value_node in node.cuts:
            at = self.step(at_node, row).value
            assert isinstance(at, Number) and at.low is not None
            here = values.compare(op, rest, at)
            if here.can_be_true:
                possible.append(self.step(value_node, row))
            if not here.can_be_false:
                break
            rest = values.cut(rest, ">=" if op == "<" else ">", at.low)
        else:
            possible.append(self.step(node.above, row))
        found: list[Value] = [step.value for step in possible]
        if number.value.na:
            found.append(not_applicable(node.type))
        return self.made(node, values.hull(found), (number, *possible))

    # -- rows ----------------------------------------------------------------------------------------------------

    def rows(self, rows: tree.Rows) -> list[Row]:
        """The rows all conditions hold for; conditions read required columns, so each is decided."""
        found = []
        for row in self.tables[rows.table].rows:
            verdicts = [self.step(condition, row).value for condition in rows.conditions]
            assert UNKNOWN not in verdicts, f"{rows.table}: a row chosen by something not recorded"
            if FALSE not in verdicts:
                found.append(row)
        return found

    def of_rows(self, node: Node, value: Value, found: Sequence[Row], rows: tree.Rows) -> Step:
        places = tuple(row.place for row in found)
        if not value.known:
            return Step(node, value, missing=(Input(named_rows(rows)),), places=places)
        notes = () if found else (assumed_none(rows),)
        return Step(node, value, notes=notes, places=places)

    def pick(self, node: tree.Pick) -> Step:
        found, table = self.rows(node.rows), self.tables[node.rows.table]
        if not found:
            if table.complete:
                return Step(node, not_applicable(node.type), notes=(assumed_none(node.rows),))
            return Step(node, anything(node.type), missing=(Input(f"{named_rows(node.rows)} {node.column}"),))
        edge = found[0 if node.which == "first" else -1].cells["when"]
        steps = [
            self.cell(tree.Column(node.column, node.type), row, node.column, node.type)
            for row in found
            if row.cells["when"] == edge
        ]
        return self.agreed(node, steps)

    def agreed(self, node: Node, steps: Sequence[Step]) -> Step:
        """Rows of one date: where they hold different values, any of them may be right, and both are shown."""
        recorded = [step for step in steps if not step.missing] or list(steps)
        value = values.hull(step.value for step in recorded)
        places = tuple(place for step in recorded for place in step.places)
        if value.known or len(recorded) == 1 or any(step.missing for step in recorded):
            return Step(node, value, tuple(recorded), _union(step.missing for step in recorded), places=places)
        conflict = Note(
            "conflict",
            Text("{places} differ on the same date", "{places} 同日记录不一致").format(places=", ".join(places)),
        )
        asks = tuple(Input(place, "contradictory") for place in places)
        return Step(node, value, tuple(recorded), asks, (conflict,), places)

    def holds(self, node: tree.Holds) -> Step:
        table = self.tables[node.rows.table]
        parts = [self.step(node.condition, row) for row in self.rows(node.rows)]
        value = FALSE
        for part in parts:
            value = OR[value, _truth(part)]
        if value == FALSE:
            if not table.complete:
                ask = Input(named_rows(node.rows, node.condition))
                return Step(node, UNKNOWN, tuple(parts), (ask,))
            return Step(node, FALSE, tuple(parts), notes=(assumed_none(node.rows),))
        return self.made(node, value, parts)

    def newest(self, node: tree.Newest) -> Step:
        found = [row for row in self.tables[node.table].rows if row.cells["name"] == node.key]
        name = named_entry(node)
        if not found:
            return Step(node, anything(node.type), missing=(Input(name),))
        edge = found[-1].cells["when"]
        steps = []
        for row in found:
            if row.cells["when"] == edge:
                step = self.cell(tree.Column("value", node.type), row, "value", node.type)
                steps.append(step if step.value.known else Step(step.node, step.value, missing=(Input(name),)))
        return self.agreed(node, steps)

    def present(self, node: tree.Present, row: Row | None) -> Step:
        since = None if node.since is None else self.step(node.since, row)
        assert since is None or isinstance(since.value, Day)
        found = shown(
            node.alteration,
            self.tables["biomarkers"].rows,
            since.value if since else None,  # type: ignore[arg-type]
            node.absence_in,
            self.facts.vocabulary.alterations,
            self.result_of,
        )
        parts = (since,) if since else ()
        places = tuple(found_row.place for found_row in found.rows)
        notes = ()
        if found.conflict:
            against = ", ".join(found_row.place for found_row in found.conflict)
            text = Text("{name}: {against} says otherwise", "{name}：{against} 的结果与此不一致")
            named = self.facts.vocabulary.alterations.name(node.alteration)
            notes = (Note("conflict", text.format(name=named, against=against)),)
        if found.value.known:
            return Step(node, found.value, parts, notes=notes, places=places)
        missing: tuple[Input, ...] = (Input(f"biomarkers: {node.alteration}", found.state),)
        if found.since_matters and since:
            missing = (*since.missing, *missing)
        return Step(node, UNKNOWN, parts, missing, notes, places)

    def result_of(self, row: Row) -> Truth | None:
        """Present or absent as the row says it, or as its measured value is read; ``None``: it says neither."""
        result = row.cells.get("result")
        if result in ("present", "absent"):
            return values.truth(result == "present")
        if result is not None or all(row.cells.get(name) is None for name in ("value", "intensity", "percent_cells")):
            return None
        for reading in self.facts.readings:
            if reading.alteration == row.cells["alteration"] and reading.measure == (row.cells.get("measure") or ""):
                return _truth(self.step(reading.node, row))
        return None

    def cell(self, node: Node, row: Row, name: str, kind: Type) -> Step:
        raw = row.cells.get(name)
        if raw is None:
            return Step(node, anything(kind), missing=(Input(row.place_of(name)),))
        return Step(node, from_cell(raw, kind), places=(row.place_of(name),))


# -- values from the record ------------------------------------------------------------------------------------------


def constant(value: bool | int | Decimal | str, kind: Type) -> Value:
    if isinstance(value, bool):
        return values.truth(value)
    return values.label(value) if isinstance(value, str) else values.number(value)


def from_cell(raw: Cell, kind: Type) -> Value:
    match raw:
        case NotApplicable():
            return not_applicable(kind)
        case bool():
            return values.truth(raw)
        case str():
            return values.label(raw)
        case frozenset():
            return values.labels(raw)
        case int() if kind.kind == "date":
            return values.day(raw)
        case int() | Decimal():
            return values.number(raw)
    raise AssertionError(f"no value for the cell {raw!r}")


def anything(kind: Type) -> Value:
    """The value nothing is known of."""
    match kind.kind:
        case "truth":
            return UNKNOWN
        case "label":
            return Label(kind.domain)
        case "labels":
            return Labels(frozenset(), kind.domain)
        case "date":
            return values.ANY_DAY
    return values.ANY_NUMBER


def not_applicable(kind: Type) -> Value:
    match kind.kind:
        case "truth":
            return FALSE
        case "label":
            return values.NO_LABEL
        case "labels":
            return values.labels(())
        case "date":
            return values.NO_DAY
    return values.NO_NUMBER


_OPERATIONS: dict[tree.Operation, Callable[[Number, Number], Number]] = {
    "+": values.add, "-": values.subtract, "*": values.multiply, "larger": values.larger, "smaller": values.smaller,
}  # fmt: skip


def calculate(op: tree.Operation, left: Value, right: Value) -> Number:
    assert isinstance(left, Number) and isinstance(right, Number)
    return _OPERATIONS[op](left, right)


def bound(item: Value, low: Value, high: Value) -> Day:
    """``item`` kept within its bounds where it isn't recorded; a recorded day stays as it is."""
    assert isinstance(item, Day) and isinstance(low, Day) and isinstance(high, Day)
    if item.known or not item.some:
        return item
    lows = [day for day in (item.low, low.low if low.some and not low.na else None) if day is not None]
    highs = [day for day in (item.high, high.high if high.some and not high.na else None) if day is not None]
    lowest, highest = max(lows, default=None), min(highs, default=None)
    if lowest is not None and highest is not None and lowest > highest:
        return Day(highest, highest, item.na)  # the bounds leave no room: at the latest possible day
    return Day(lowest, highest, item.na)


def _meets(value: Value, members: frozenset[str]) -> Truth:
    if isinstance(value, Label):
        return values.member(value, members)
    assert isinstance(value, Labels)
    return values.contains(value, members)


def _only(value: Value, members: frozenset[str]) -> Truth:
    if isinstance(value, Label):
        return values.member(value, members)
    assert isinstance(value, Labels)
    return values.within(value, members)


def _truth(step: Step) -> Truth:
    assert isinstance(step.value, Truth)
    return step.value


def _union(groups: Iterator[tuple[Input, ...]] | Sequence[tuple[Input, ...]]) -> tuple[Input, ...]:
    """Every input once, in order of first mention."""
    return tuple(dict.fromkeys(item for group in groups for item in group))


# -- words for what is missing or assumed ------------------------------------------------------------------------------

_SECTION = {"courses": "treatments", "tumours": "conditions", "comorbidities": "conditions", "observations": "findings", "consents": "consent", "patient": "case"}


def named_entry(node: tree.Newest) -> str:
    """``labs: albumin``, ``findings: haemoptysis``, ``consent: organoid testing``."""
    return f"{_SECTION.get(node.table, node.table)}: {node.key}"


def named_rows(rows: tree.Rows, *sought: Node) -> str:
    """The section of the case file, with what rows are sought: ``metastases: brain``, ``conditions: autoimmune disease``."""
    words = [word for condition in (*rows.conditions, *sought) for word in _words(condition)]
    section = _SECTION.get(rows.table, rows.table)
    return f"{section}: {', '.join(words)}" if words else section


def _words(condition: Node) -> Iterator[str]:
    match condition:
        case tree.Meets(_, group) | tree.Only(_, group):
            yield group
        case tree.Compare("==", tree.Column(_, _), tree.Constant(str() as value)):
            yield value
        case _:
            for child in tree.children(condition):
                yield from _words(child)


def assumed_none(rows: tree.Rows) -> Note:
    section = _SECTION.get(rows.table, rows.table)
    text = Text("the list of {section} is complete, so what it lacks did not happen", "{section} 列表视为完整，未列出的即未发生")
    return Note("assumption", text.format(section=section))


def assumed_unrecorded(inner: Step) -> Note:
    asks = ", ".join(item.ask for item in inner.missing) or "this"
    text = Text("{asks}: not recorded, and read as such", "{asks}：未记录，按未记录处理")
    return Note("assumption", text.format(asks=asks))


def day_text(ordinal: int) -> str:
    return datetime.date.fromordinal(ordinal).isoformat()

