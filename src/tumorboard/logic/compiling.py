"""Compiling logic, numbers and choices into closures; what reads rows is compiled in fast.py.

Every closure takes the reader of one case and the row now looked at, and gives the value alone. It relies on there
being only three truths (:func:`tumorboard.logic.values.either`), told apart with ``is``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tumorboard.case.columns import Type
from tumorboard.case.rows import NA, Row
from tumorboard.logic import tree, values
from tumorboard.logic.cells import anything, bound, calculate, constant, from_cell, meets, not_applicable, only
from tumorboard.logic.facts import Facts
from tumorboard.logic.functions import function
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Day, Exact, Labels, Number, Truth, Value

if TYPE_CHECKING:
    from tumorboard.logic.fast import FastReader

Run = Callable[["FastReader", Row | None], Any]


class Compiler(ABC):
    """One method a node type; each gives the node's closure."""

    facts: Facts
    positions: Mapping[str, int]

    @abstractmethod
    def compile(self, node: Node) -> Run: ...

    # -- names and literals --------------------------------------------------------------------------------------

    def constant(self, node: tree.Constant) -> Run:
        return _always(constant(node.value))

    def parameter(self, node: tree.Parameter) -> Run:
        return _always(constant(self.facts.settings[node.name]))

    def fact_read(self, node: tree.Fact) -> Run:
        index = self.positions[node.name]

        def fact_read(reader: FastReader, row: Row | None) -> Any:
            value = reader.known[index]
            return reader.computed(index) if value is None else value

        return fact_read

    def column(self, node: tree.Column) -> Run:
        read = cell_reader(node.name, node.type)

        def column(reader: FastReader, row: Row | None) -> Any:
            assert row is not None, "a column outside a row"
            return read(row)

        return column

    def not_applicable(self, node: tree.NotApplicable) -> Run:
        return _always(not_applicable(node.type))

    def undecided(self, node: tree.Undecided) -> Run:
        return _always(anything(node.type))

    # -- logic ---------------------------------------------------------------------------------------------------

    def and_(self, node: tree.And) -> Run:
        return _until(FALSE, TRUE, [self.compile(item) for item in node.items])

    def or_(self, node: tree.Or) -> Run:
        return _until(TRUE, FALSE, [self.compile(item) for item in node.items])

    def not_(self, node: tree.Not) -> Run:
        item = self.compile(node.item)

        def not_(reader: FastReader, row: Row | None) -> Truth:
            value = item(reader, row)
            return FALSE if value is TRUE else TRUE if value is FALSE else UNKNOWN

        return not_

    def compare(self, node: tree.Compare) -> Run:
        op, left, right = node.op, self.compile(node.left), self.compile(node.right)
        if op in ("==", "!=") and isinstance(node.right, tree.Constant) and isinstance(node.right.value, str):
            same = self.among(tree.Among(node.left, frozenset((node.right.value,))))
            return same if op == "==" else self.negated(same)

        def compare(reader: FastReader, row: Row | None) -> Truth:
            return values.compare(op, left(reader, row), right(reader, row))

        return compare

    def negated(self, run: Run) -> Run:
        return lambda reader, row: values.negate(run(reader, row))

    def among(self, node: tree.Among) -> Run:
        item, options = self.compile(node.item), node.options
        return lambda reader, row: values.member(item(reader, row), options)

    def meets(self, node: tree.Meets) -> Run:
        members = node.members
        if isinstance(node.item, tree.Column) and node.item.type.kind == "labels":
            name = node.item.name

            def column_meets(reader: FastReader, row: Row | None) -> Truth:
                cell = row.cells.get(name)  # type: ignore[union-attr]
                if cell is None:
                    return UNKNOWN
                return FALSE if cell is NA or members.isdisjoint(cell) else TRUE  # type: ignore[arg-type]

            return column_meets
        item = self.compile(node.item)
        return lambda reader, row: meets(item(reader, row), members)

    def only(self, node: tree.Only) -> Run:
        item, members = self.compile(node.item), node.members
        return lambda reader, row: only(item(reader, row), members)

    def how_many(self, node: tree.HowMany) -> Run:
        item, members = self.compile(node.item), node.members
        return lambda reader, row: values.how_many(item(reader, row), members)

    def some(self, node: tree.Some) -> Run:
        item = self.compile(node.item)
        return lambda reader, row: values.nonempty(item(reader, row))

    def collect(self, node: tree.Collect) -> Run:
        reasons = [(name, self.compile(condition)) for name, condition in node.reasons]

        def collect(reader: FastReader, row: Row | None) -> Labels:
            found = [(name, condition(reader, row)) for name, condition in reasons]
            certain = frozenset([name for name, value in found if value is TRUE])
            return Labels(certain, frozenset([name for name, value in found if value is not FALSE]))

        return collect

    def recorded(self, node: tree.Recorded) -> Run:
        item = self.compile(node.item)
        return lambda reader, row: TRUE if item(reader, row).known else FALSE

    # -- numbers, days and choices -------------------------------------------------------------------------------

    def arithmetic(self, node: tree.Arithmetic) -> Run:
        op, left, right = node.op, self.compile(node.left), self.compile(node.right)
        return lambda reader, row: calculate(op, left(reader, row), right(reader, row))

    def function(self, node: tree.Function) -> Run:
        name, item, exponent = node.name, self.compile(node.item), node.exponent
        return lambda reader, row: function(name, item(reader, row), exponent)

    def days(self, node: tree.Days) -> Run:
        start, end = self.compile(node.start), self.compile(node.end)
        return lambda reader, row: values.days_between(start(reader, row), end(reader, row))

    def bounded(self, node: tree.Bounded) -> Run:
        item, low, high = self.compile(node.item), self.compile(node.low), self.compile(node.high)

        def bounded(reader: FastReader, row: Row | None) -> Day:
            value: Day = item(reader, row)
            return value if value.known else bound(value, low(reader, row), high(reader, row))

        return bounded

    def choose(self, node: tree.Choose) -> Run:
        branches = [(self.compile(condition), self.compile(value)) for condition, value in node.branches]
        otherwise = self.compile(node.otherwise)

        def choose(reader: FastReader, row: Row | None) -> Any:
            possible: list[Value] = []
            for condition, value in branches:
                holds = condition(reader, row)
                if holds is TRUE:
                    last = value(reader, row)
                    break
                if holds is UNKNOWN:
                    possible.append(value(reader, row))
            else:
                last = otherwise(reader, row)
            return values.hull([*possible, last]) if possible else last

        return choose

    def band(self, node: tree.Band) -> Run:
        item, above, none = self.compile(node.item), self.compile(node.above), not_applicable(node.type)
        whole = node.item.type.kind == "whole"
        cuts = [(op, self.exact(at), self.compile(value)) for op, at, value in node.cuts]

        def band(reader: FastReader, row: Row | None) -> Any:
            number: Number = item(reader, row)
            if not number.some:
                return none
            exact = number.low
            if exact is not None and exact == number.high and not number.na:
                for op, at, value in cuts:
                    if exact < at or (op == "<=" and exact == at):
                        return value(reader, row)
                return above(reader, row)
            possible: list[Value] = [none] if number.na else []
            rest = values.applicable(number)
            for op, at, value in cuts:
                here = values.compare(op, rest, Number(at, at))
                if here is not FALSE:
                    possible.append(value(reader, row))
                if here is TRUE:
                    break
                rest = values.cut(rest, ">=" if op == "<" else ">", at, whole)
            else:
                possible.append(above(reader, row))
            return values.hull(possible)

        return band

    def exact(self, node: Node) -> Exact:
        """The number a band is cut at, which is the same for every case."""
        assert isinstance(node, tree.Constant | tree.Parameter)
        at = self.facts.settings[node.name] if isinstance(node, tree.Parameter) else node.value
        assert isinstance(at, int | Decimal)
        return at


def _always(value: Value) -> Run:
    return lambda reader, row: value


def _until(decisive: Truth, start: Truth, items: list[Run]) -> Run:
    """Kleene's ``and`` (decided by false) or ``or`` (decided by true)."""

    def until(reader: FastReader, row: Row | None) -> Truth:
        value = start
        for item in items:
            here: Truth = item(reader, row)
            if here is decisive:
                return decisive
            if here is UNKNOWN:
                value = UNKNOWN
        return value

    return until


def cell_reader(name: str, kind: Type) -> Callable[[Row], Any]:
    unknown, none = anything(kind), not_applicable(kind)
    if kind.kind == "truth":

        def truth_cell(row: Row) -> Truth:
            raw = row.cells.get(name)
            return UNKNOWN if raw is None else TRUE if raw is True else FALSE

        return truth_cell

    def cell(row: Row) -> Any:
        raw = row.cells.get(name)
        if raw is None:
            return unknown
        return none if raw is NA else from_cell(raw, kind)

    return cell
