"""The explain reader: what holds for one case, why, and what would settle the rest.

Written for reading, with no optimisation beyond computing each fact, and choosing each set of rows, once; the fast
readers are tested against it. Kleene's tables stand written out. Every step keeps the values it was made from.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tumorboard.case.columns import TABLES, Type
from tumorboard.case.rows import Row, Table
from tumorboard.logic import inputs, tree, values
from tumorboard.logic.biomarkers import MEASURED, concerned, shown
from tumorboard.logic.cells import (
    anything,
    bound,
    calculate,
    constant,
    from_cell,
    meets,
    no_room,
    not_applicable,
    only,
    unlisted,
)
from tumorboard.logic.facts import Facts
from tumorboard.logic.functions import function
from tumorboard.logic.inputs import Input, Note
from tumorboard.logic.runs import days_of, longest_run, tied
from tumorboard.logic.steps import AND, NOT, OR
from tumorboard.logic.steps import Step as Step
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Day, Label, Labels, Number, Truth, Value
from tumorboard.text import Text


class Explainer:
    """Explains facts and logic over facts for one case's tables."""

    def __init__(self, facts: Facts, tables: Mapping[str, Table]) -> None:
        self.facts, self.tables = facts, tables
        self._known: dict[str, Step] = {}
        self._chosen: dict[int, tuple[tree.Rows, list[Row]]] = {}
        self._classes: dict[str, frozenset[str]] = {}
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
        return _VISIT[type(node)](self, node, row)

    # -- names and literals --------------------------------------------------------------------------------------

    def constant(self, node: tree.Constant, row: Row | None) -> Step:
        return Step(node, constant(node.value))

    def parameter(self, node: tree.Parameter, row: Row | None) -> Step:
        return Step(node, constant(self.facts.settings[node.name]))

    def fact_read(self, node: tree.Fact, row: Row | None) -> Step:
        below = self.fact(node.name)
        return Step(node, below.value, (below,), below.missing)

    def column(self, node: tree.Column, row: Row | None) -> Step:
        assert row is not None, "a column outside a row"
        return self.cell(node, row, node.name, node.type)

    def not_applicable(self, node: tree.NotApplicable, row: Row | None) -> Step:
        notes = () if node.reason is None else (Note("remark", self._undecided[node.reason]),)
        return Step(node, not_applicable(node.type), notes=notes)

    def undecided(self, node: tree.Undecided, row: Row | None) -> Step:
        return Step(node, anything(node.type), notes=(Note("undecided", self._undecided[node.reason]),))

    # -- logic ---------------------------------------------------------------------------------------------------

    def and_(self, node: tree.And, row: Row | None) -> Step:
        return self.joined(node, AND, TRUE, [self.step(item, row) for item in node.items])

    def or_(self, node: tree.Or, row: Row | None) -> Step:
        return self.joined(node, OR, FALSE, [self.step(item, row) for item in node.items])

    def not_(self, node: tree.Not, row: Row | None) -> Step:
        inner = self.step(node.item, row)
        return Step(node, NOT[_truth(inner)], (inner,), inner.missing)

    def compare(self, node: tree.Compare, row: Row | None) -> Step:
        left, right = self.step(node.left, row), self.step(node.right, row)
        return self.made(node, values.compare(node.op, left.value, right.value), (left, right))

    def among(self, node: tree.Among, row: Row | None) -> Step:
        inner = self.step(node.item, row)
        assert isinstance(inner.value, Label)
        return self.made(node, values.member(inner.value, node.options), (inner,))

    def meets(self, node: tree.Meets, row: Row | None) -> Step:
        inner = self.step(node.item, row)
        return self.made(node, meets(inner.value, node.members), (inner,))

    def only(self, node: tree.Only, row: Row | None) -> Step:
        inner = self.step(node.item, row)
        return self.made(node, only(inner.value, node.members), (inner,))

    def how_many(self, node: tree.HowMany, row: Row | None) -> Step:
        inner = self.step(node.item, row)
        assert isinstance(inner.value, Labels)
        return self.made(node, values.how_many(inner.value, node.members), (inner,))

    def some(self, node: tree.Some, row: Row | None) -> Step:
        inner = self.step(node.item, row)
        assert isinstance(inner.value, Labels)
        return self.made(node, values.nonempty(inner.value), (inner,))

    def collect(self, node: tree.Collect, row: Row | None) -> Step:
        steps = [self.step(condition, row) for _, condition in node.reasons]
        named = [(name, step.value) for (name, _), step in zip(node.reasons, steps, strict=True)]
        certain = frozenset(name for name, value in named if value == TRUE)
        possible = frozenset(name for name, value in named if value != FALSE)
        return self.made(node, Labels(certain, possible), steps)

    def recorded(self, node: tree.Recorded, row: Row | None) -> Step:
        inner = self.step(node.item, row)
        notes = () if inner.value.known else inputs.assumed_unrecorded(inner.missing)
        return Step(node, values.truth(inner.value.known), (inner,), notes=notes)

    # -- numbers and days ----------------------------------------------------------------------------------------

    def arithmetic(self, node: tree.Arithmetic, row: Row | None) -> Step:
        left, right = self.step(node.left, row), self.step(node.right, row)
        return self.made(node, calculate(node.op, left.value, right.value), (left, right))

    def function(self, node: tree.Function, row: Row | None) -> Step:
        inner = self.step(node.item, row)
        assert isinstance(inner.value, Number)
        return self.made(node, function(node.name, inner.value, node.exponent), (inner,))

    def days(self, node: tree.Days, row: Row | None) -> Step:
        start, end = self.step(node.start, row), self.step(node.end, row)
        assert isinstance(start.value, Day) and isinstance(end.value, Day)
        return self.made(node, values.days_between(start.value, end.value), (start, end))

    def bounded(self, node: tree.Bounded, row: Row | None) -> Step:
        item, low, high = self.step(node.item, row), self.step(node.low, row), self.step(node.high, row)
        value = bound(item.value, low.value, high.value)
        if value == item.value:
            notes = inputs.no_room(item.missing) if no_room(item.value, low.value, high.value) else ()
            return Step(node, value, (item, low, high), item.missing, notes)
        missing = () if value.known else item.missing
        return Step(node, value, (item, low, high), missing, inputs.assumed_between(item.missing))

    # -- helpers of the above ------------------------------------------------------------------------------------

    def made(self, node: Node, value: Value, parts: Sequence[Step]) -> Step:
        missing = () if value.known else _union(part.missing for part in parts if not part.value.known)
        return Step(node, value, tuple(parts), missing)

    def joined(self, node: Node, table: Mapping[tuple[Truth, Truth], Truth], start: Truth, parts: list[Step]) -> Step:
        value = start
        for part in parts:
            value = table[value, _truth(part)]
        return self.made(node, value, parts)

    # -- choices -------------------------------------------------------------------------------------------------

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
        whole = node.item.type.kind == "whole"
        possible: list[Step] = []
        rest = values.applicable(number.value)
        for op, at_node, value_node in node.cuts:
            at = self.step(at_node, row).value
            assert isinstance(at, Number) and at.low is not None
            here = values.compare(op, rest, at)
            if here.can_be_true:
                possible.append(self.step(value_node, row))
            if not here.can_be_false:
                break
            rest = values.cut(rest, ">=" if op == "<" else ">", at.low, whole)
        else:
            possible.append(self.step(node.above, row))
        found: list[Value] = [step.value for step in possible]
        if number.value.na:
            found.append(not_applicable(node.type))
        return self.made(node, values.hull(found), (number, *possible))

    # -- rows ----------------------------------------------------------------------------------------------------

    def exists(self, node: tree.Exists, row: Row | None) -> Step:
        found, table = self.rows(node.rows), self.tables[node.rows.table]
        value = TRUE if found else FALSE if table.complete else UNKNOWN
        return self.of_rows(node, value, found, node.rows)

    def count(self, node: tree.Count, row: Row | None) -> Step:
        found, table = self.rows(node.rows), self.tables[node.rows.table]
        return self.of_rows(node, Number(len(found), len(found) if table.complete else None), found, node.rows)

    def rows(self, rows: tree.Rows) -> list[Row]:
        """The rows all conditions hold for; conditions read required columns, so each is decided."""
        if id(rows) not in self._chosen:
            found = []
            for row in self.tables[rows.table].rows:
                verdicts = [self.step(condition, row).value for condition in rows.conditions]
                assert UNKNOWN not in verdicts, f"{rows.table}: a row chosen by something not recorded"
                if FALSE not in verdicts:
                    found.append(row)
            self._chosen[id(rows)] = rows, found  # kept with the node, whose id stays its own while it lives
        return self._chosen[id(rows)][1]

    def of_rows(self, node: Node, value: Value, found: Sequence[Row], rows: tree.Rows) -> Step:
        places = tuple(row.place for row in found)
        if not value.known:
            asked = (self.listed(rows.table, inputs.named_rows(rows)),)
            return Step(node, value, missing=asked, places=places, rows=tuple(found))
        notes = () if value == TRUE else inputs.assumed_none(rows.table)
        return Step(node, value, notes=notes, places=places, rows=tuple(found))

    def pick(self, node: tree.Pick, row: Row | None) -> Step:
        found, table = self.rows(node.rows), self.tables[node.rows.table]
        if not found:
            if table.complete:
                return Step(node, not_applicable(node.type), notes=inputs.assumed_none(node.rows.table))
            return Step(
                node,
                unlisted(node.rows.table, node.type),
                missing=(self.listed(node.rows.table, inputs.named_column(node)),),
            )
        edge = found[0 if node.which == "first" else -1].cells["when"]
        step = self.agreed(
            node, [self.cell(node, picked, node.column, node.type) for picked in found if picked.cells["when"] == edge]
        )
        if table.complete or not TABLES[node.rows.table].complete:
            return step
        return step._replace(notes=(*step.notes, inputs.assumed_edge(node.rows.table)))

    def listed(self, table: str, ask: str) -> Input:
        """What to ask for in a list; one that counts as complete, and holds entries all the same, lacks others."""
        lacking = TABLES[table].complete and self.tables[table].rows
        return Input(ask, "incomplete" if lacking else "not recorded")

    def agreed(self, node: Node, steps: Sequence[Step]) -> Step:
        """Rows of one date: where they hold different values, any of them may be right, and both are shown."""
        if len(steps) == 1:
            return steps[0]
        recorded = [step for step in steps if not step.missing]
        missing = _union(step.missing for step in steps)
        rows = tuple(row for step in recorded or steps for row in step.rows)
        if not recorded:
            return Step(node, values.hull(step.value for step in steps), tuple(steps), missing, rows=rows)
        value = values.hull(step.value for step in recorded)
        places = tuple(place for step in recorded for place in step.places)
        notes = (inputs.others_read(missing),) if missing else ()
        if value.known:
            return Step(node, value, tuple(recorded), (), notes, places, rows)
        asks = tuple(Input(place, "contradictory") for place in places)
        return Step(node, value, tuple(recorded), asks, (*notes, inputs.differing(places)), places, rows)

    def holds(self, node: tree.Holds, row: Row | None) -> Step:
        table, found = self.tables[node.rows.table], self.rows(node.rows)
        parts = [self.step(node.condition, held) for held in found]
        value = FALSE
        for part in parts:
            value = OR[value, _truth(part)]
        if value == TRUE:
            deciding = [(part, held) for part, held in zip(parts, found, strict=True) if part.value == TRUE]
            places = tuple(held.place for _, held in deciding)
            rows = tuple(held for _, held in deciding)
            return Step(node, value, tuple(part for part, _ in deciding), places=places, rows=rows)
        if value == FALSE and table.complete:
            return Step(node, FALSE, tuple(parts), notes=inputs.assumed_none(node.rows.table))
        unknown = _union(part.missing for part in parts if not part.value.known)
        more = () if table.complete else (self.listed(node.rows.table, inputs.named_rows(node.rows, node.condition)),)
        return Step(node, UNKNOWN, tuple(parts), (*unknown, *more), rows=tuple(found))

    def longest_run(self, node: tree.LongestRun, row: Row | None) -> Step:
        table, found = self.tables[node.rows.table], self.rows(node.rows)
        parts = [self.step(node.condition, held) for held in found]
        verdicts = [_truth(part) for part in parts]
        value = longest_run(days_of(found), verdicts, table.complete)
        places = tuple(held.place for held in found)
        if value.known:
            notes = inputs.assumed_none(node.rows.table)
            return Step(node, value, tuple(parts), notes=notes, places=places, rows=tuple(found))
        unknown = _union(part.missing for part in parts if not part.value.known)
        order = tuple(Input(f"{held.place}.date", "order not known") for held in tied(found, verdicts))
        more = () if table.complete else (self.listed(node.rows.table, inputs.named_rows(node.rows, node.condition)),)
        return Step(node, value, tuple(parts), (*unknown, *order, *more), places=places, rows=tuple(found))

    def newest(self, node: tree.Newest, row: Row | None) -> Step:
        found = [entry for entry in self.tables[node.table].rows if entry.cells["name"] == node.key]
        ask = Input(inputs.named_entry(node))
        if not found:
            return Step(node, anything(node.type), missing=(ask,))
        edge = found[-1].cells["when"]
        return self.agreed(
            node,
            [self.cell(node, entry, "value", node.type, ask) for entry in found if entry.cells["when"] == edge],
        )

    def present(self, node: tree.Present, row: Row | None) -> Step:
        since = None if node.since is None else self.step(node.since, row)
        day = None if since is None else since.value
        assert day is None or isinstance(day, Day)
        rows = self.tables["biomarkers"].rows
        found = shown(
            concerned(node.alteration, self.classes(node.alteration), rows, self.classes),
            day, node.absence_in, self.result_of,
        )  # fmt: skip
        parts = (since,) if since else ()
        places = tuple(found_row.place for found_row in found.rows)
        notes: tuple[Note, ...] = ()
        if found.conflict:
            against = ", ".join(found_row.place for found_row in found.conflict)
            text = Text("{name}: {against} says otherwise", "{name}：{against} 的结果与此不一致")
            named = self.facts.vocabulary.alterations.name(node.alteration)
            notes = (Note("conflict", text.format(name=named, against=against)),)
        if found.value.known:
            return Step(node, found.value, parts, notes=notes, places=places, rows=found.rows)
        missing: tuple[Input, ...] = (Input(f"biomarkers: {node.alteration}", found.state),)
        if found.since_matters and since:
            missing = (*since.missing, *missing)
        return Step(node, UNKNOWN, parts, missing, notes, places, found.rows)

    def classes(self, alteration: str) -> frozenset[str]:
        """The classes an alteration lies in, itself included."""
        if alteration not in self._classes:
            self._classes[alteration] = self.facts.vocabulary.alterations.above(alteration)
        return self._classes[alteration]

    def result_of(self, row: Row) -> Truth | None:
        """Present or absent as the row says it, or as its measured value is read; ``None``: it says neither."""
        result = row.cells.get("result")
        if result in ("present", "absent"):
            return values.truth(result == "present")
        if result is not None or all(row.cells.get(name) is None for name in MEASURED):
            return None
        for reading in self.facts.readings:
            if reading.alteration == row.cells["alteration"] and reading.measure == (row.cells.get("measure") or ""):
                return _truth(self.step(reading.node, row))
        return None

    def cell(self, node: Node, row: Row, name: str, kind: Type, ask: Input | None = None) -> Step:
        raw = row.cells.get(name)
        if raw is None:
            return Step(node, anything(kind), missing=(ask or Input(row.place_of(name)),), rows=(row,))
        return Step(node, from_cell(raw, kind), places=(row.place_of(name),), rows=(row,))


_VISIT: dict[type, Callable[[Explainer, Any, Row | None], Step]] = {
    tree.Constant: Explainer.constant, tree.Parameter: Explainer.parameter, tree.Fact: Explainer.fact_read,
    tree.Column: Explainer.column, tree.NotApplicable: Explainer.not_applicable, tree.Undecided: Explainer.undecided,
    tree.And: Explainer.and_, tree.Or: Explainer.or_, tree.Not: Explainer.not_, tree.Compare: Explainer.compare,
    tree.Among: Explainer.among, tree.Meets: Explainer.meets, tree.Only: Explainer.only,
    tree.HowMany: Explainer.how_many, tree.Some: Explainer.some, tree.Collect: Explainer.collect,
    tree.Recorded: Explainer.recorded, tree.Arithmetic: Explainer.arithmetic, tree.Function: Explainer.function,
    tree.Days: Explainer.days, tree.Bounded: Explainer.bounded, tree.Choose: Explainer.choose,
    tree.Band: Explainer.band, tree.Exists: Explainer.exists, tree.Count: Explainer.count, tree.Pick: Explainer.pick,
    tree.Holds: Explainer.holds, tree.LongestRun: Explainer.longest_run, tree.Newest: Explainer.newest,
    tree.Present: Explainer.present,
}  # fmt: skip


def _truth(step: Step) -> Truth:
    assert isinstance(step.value, Truth)
    return step.value


def _union(groups: Iterable[tuple[Input, ...]]) -> tuple[Input, ...]:
    """Every input once, in order of first mention."""
    first, *more = [group for group in groups if group] or [()]
    return tuple(dict.fromkeys(itertools.chain(first, *more))) if more else first
