"""The columns reader: one method a node type, each giving the node's values for all patients, or for all rows of a
table where the node reads columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tumorboard.case.columns import TABLES, Type
from tumorboard.logic import cells, functions, tree, values
from tumorboard.logic.columns import arrays
from tumorboard.logic.columns.arrays import Array, Bools, Coded, Ints, Pools, Truths, Whole
from tumorboard.logic.columns.biomarkers import Markers
from tumorboard.logic.columns.frame import Chosen, Patients
from tumorboard.logic.columns.planes import Planes
from tumorboard.logic.columns.union import Union
from tumorboard.logic.facts import Facts
from tumorboard.logic.runs import longest_run
from tumorboard.logic.tree import Node
from tumorboard.logic.values import Labels, Number, Truth, Value

Table = str | None  # the table whose rows are looked at, or none: patients


class ColumnsReader:
    """The values of facts, and of logic over them, for the patients of one batch."""

    def __init__(self, facts: Facts, patients: Patients, pools: Pools, markers: Markers) -> None:
        self.facts, self.patients, self.pools, self.markers = facts, patients, pools, markers
        self.planes = Planes(self)
        self._known: dict[tuple[int, Table], tuple[Node, Array]] = {}
        self._chosen: dict[tree.Rows, Chosen] = {}
        self._owner: dict[str, Whole] = {}

    def fact(self, name: str) -> Array:
        return self.array(self.facts.definitions[name].node)

    def array(self, node: Node, table: Table = None) -> Array:
        """The values of ``node``, a patient each, or a row of ``table`` each."""
        key = id(node), table
        if key not in self._known:
            # Kept with its node, so that no other can come to have its id.
            self._known[key] = node, self._worked_out(node, table)
        return self._known[key][1]

    def _worked_out(self, node: Node, table: Table) -> Array:
        if table is not None and not reads_columns(node):
            return self.array(node).take(self.owners(table))
        return _VISIT[type(node)](self, node, table)

    def truths(self, node: Node, table: Table = None) -> Truths:
        found = self.array(node, table)
        assert isinstance(found, Truths)
        return found

    def count(self, table: Table) -> int:
        return self.patients.count if table is None else len(self.owners(table))

    def same(self, value: Value, table: Table) -> Array:
        return arrays.constant(value, self.count(table), self.pools)

    def owners(self, table: str) -> Whole:
        """The patient of each row."""
        if table not in self._owner:
            offsets = self.patients.tables[table].offsets
            self._owner[table] = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        return self._owner[table]

    # -- names and literals --------------------------------------------------------------------------------------

    def constant(self, node: tree.Constant, table: Table) -> Array:
        return self.same(cells.constant(node.value), table)

    def parameter(self, node: tree.Parameter, table: Table) -> Array:
        return self.same(cells.constant(self.facts.settings[node.name]), table)

    def fact_read(self, node: tree.Fact, table: Table) -> Array:
        return self.fact(node.name)

    def column(self, node: tree.Column, table: Table) -> Array:
        assert table is not None, "a column outside a row"
        return self.patients.tables[table].column(node.name, node.type)

    def not_applicable(self, node: tree.NotApplicable, table: Table) -> Array:
        return self.same(cells.not_applicable(node.type), table)

    def undecided(self, node: tree.Undecided, table: Table) -> Array:
        return self.same(cells.anything(node.type), table)

    # -- logic ---------------------------------------------------------------------------------------------------

    def and_(self, node: tree.And, table: Table) -> Truths:
        if table is None:
            return self.planes.truths(node)
        items = [self.truths(item, table) for item in node.items]
        return Truths(
            np.logical_and.reduce([item.can_be_true for item in items]),
            np.logical_or.reduce([item.can_be_false for item in items]),
        )

    def or_(self, node: tree.Or, table: Table) -> Truths:
        if table is None:
            return self.planes.truths(node)
        items = [self.truths(item, table) for item in node.items]
        return Truths(
            np.logical_or.reduce([item.can_be_true for item in items]),
            np.logical_and.reduce([item.can_be_false for item in items]),
        )

    def not_(self, node: tree.Not, table: Table) -> Truths:
        return opposite(self.truths(node.item, table))

    def compare(self, node: tree.Compare, table: Table) -> Truths:
        if node.op == "!=":
            return opposite(self.compared("==", node, table))
        return self.compared(node.op, node, table)

    def compared(self, op: values.Comparison, node: tree.Compare, table: Table) -> Truths:
        left, right = self.array(node.left, table), self.array(node.right, table)
        if isinstance(left, Truths):
            assert isinstance(right, Truths)
            return Truths(
                (left.can_be_true & right.can_be_true) | (left.can_be_false & right.can_be_false),
                (left.can_be_true & right.can_be_false) | (left.can_be_false & right.can_be_true),
            )
        assert not isinstance(right, Truths)
        if isinstance(left, Ints) and isinstance(right, Ints):
            return arrays.compared(op, left, right)
        return arrays.from_bits(
            arrays.paired(
                self.pools.coded(left), self.pools.coded(right),
                lambda one, other: arrays.truth_bits(values.compare(op, one, other)), np.uint8,
            )
        )  # fmt: skip

    def asked(self, item: Node, table: Table, of: Callable[[Any], Truth]) -> Truths:
        """A truth about a label or a list, worked out once a distinct value."""
        found = self.array(item, table)
        assert isinstance(found, Coded)
        return arrays.from_bits(
            arrays.looked_up(found.codes, found.pool, lambda value: arrays.truth_bits(of(value)), np.uint8)
        )

    def among(self, node: tree.Among, table: Table) -> Truths:
        return self.asked(node.item, table, lambda value: values.member(value, node.options))

    def meets(self, node: tree.Meets, table: Table) -> Truths:
        return self.asked(node.item, table, lambda value: cells.meets(value, node.members))

    def only(self, node: tree.Only, table: Table) -> Truths:
        return self.asked(node.item, table, lambda value: cells.only(value, node.members))

    def some(self, node: tree.Some, table: Table) -> Truths:
        return self.asked(node.item, table, values.nonempty)

    def how_many(self, node: tree.HowMany, table: Table) -> Array:
        found = self.array(node.item, table)
        assert isinstance(found, Coded)
        return self.mapped(found, lambda value: values.how_many(value, node.members))

    def collect(self, node: tree.Collect, table: Table) -> Coded:
        parts = [self.truths(condition, table) for _, condition in node.reasons]
        # Which reasons hold is a number of two bits a reason, made a set of labels once a distinct number.
        key = np.zeros(self.count(table), np.int64)
        assert len(parts) < 31, "more reasons than fit a number"
        for index, part in enumerate(parts):
            key |= (part.can_be_true.astype(np.int64) << (2 * index)) | (
                part.can_be_false.astype(np.int64) << (2 * index + 1)
            )
        distinct, inverse = np.unique(key, return_inverse=True)
        names = [name for name, _ in node.reasons]
        codes = [self.pools.labels.code(_collected(int(bits), names)) for bits in distinct]
        return Coded(np.array(codes, np.int32)[inverse], self.pools.labels)

    def recorded(self, node: tree.Recorded, table: Table) -> Truths:
        known = self.array(node.item, table).known
        return Truths(known, ~known)

    # -- numbers and days ----------------------------------------------------------------------------------------

    def mapped(self, found: Coded, of: Callable[[Any], Value]) -> Coded:
        pool = self.pools.number
        return Coded(arrays.looked_up(found.codes, found.pool, lambda value: pool.code(of(value)), np.int32), pool)

    def arithmetic(self, node: tree.Arithmetic, table: Table) -> Array:
        left, right = self.array(node.left, table), self.array(node.right, table)
        assert not isinstance(left, Truths) and not isinstance(right, Truths)
        vectorised = _INTS.get(node.op)
        if vectorised and isinstance(left, Ints) and isinstance(right, Ints):
            return vectorised(left, right)
        pool = self.pools.number
        codes = arrays.paired(
            self.pools.coded(left), self.pools.coded(right),
            lambda one, other: pool.code(cells.calculate(node.op, one, other)), np.int32,
        )  # fmt: skip
        return Coded(codes, pool)

    def function(self, node: tree.Function, table: Table) -> Array:
        found = self.array(node.item, table)
        assert not isinstance(found, Truths)
        if node.name == "magnitude":
            return found
        return self.mapped(self.pools.coded(found), lambda value: functions.function(node.name, value, node.exponent))

    def days(self, node: tree.Days, table: Table) -> Array:
        return arrays.days_between(self._days(node.start, table), self._days(node.end, table))

    def bounded(self, node: tree.Bounded, table: Table) -> Array:
        return arrays.bounded(*(self._days(part, table) for part in (node.item, node.low, node.high)))

    def _days(self, node: Node, table: Table) -> Ints:
        found = self.array(node, table)
        assert isinstance(found, Ints)
        return found

    # -- choices -------------------------------------------------------------------------------------------------

    def choose(self, node: tree.Choose, table: Table) -> Array:
        union = Union(self.count(table), self.pools)
        for reached, value in self.reached(node, table):
            union.add(reached, self.array(value, table))
        return union.array()

    def reached(self, node: tree.Choose, table: Table) -> list[tuple[Bools, Node]]:
        """The values of a choice, each with where it is possible."""
        left = np.ones(self.count(table), np.bool_)
        found = []
        for condition_node, value in node.branches:
            condition = self.truths(condition_node, table)
            found.append((left & condition.can_be_true, value))
            left = left & condition.can_be_false
        return [*found, (left, node.otherwise)]

    def band(self, node: tree.Band, table: Table) -> Array:
        union = Union(self.count(table), self.pools)
        reached, none = self.bands(node, table)
        for where, value in reached:
            union.add(where, self.array(value, table))
        union.add(none, self.same(cells.not_applicable(node.type), table))
        return union.array()

    def bands(self, node: tree.Band, table: Table) -> tuple[list[tuple[Bools, Node]], Bools]:
        """The values of a band, each with where it is possible, and where it may not be applicable."""
        item = self.array(node.item, table)
        assert not isinstance(item, Truths)
        coded = self.pools.coded(item)
        whole = node.item.type.kind == "whole"
        cuts = [(op, self.exact(at)) for op, at, _ in node.cuts]
        assert len(cuts) < 31, "more cuts than fit a number"
        bits = arrays.looked_up(coded.codes, coded.pool, lambda value: _bands_of(value, cuts, whole), np.int64)
        results = [*(value for _, _, value in node.cuts), node.above]
        return [((bits >> index) & 1 != 0, value) for index, value in enumerate(results)], bits >> len(results) != 0

    def exact(self, node: Node) -> values.Exact:
        """The number a band is cut at, which is the same for every case."""
        assert isinstance(node, tree.Constant | tree.Parameter)
        at = self.facts.settings[node.name] if isinstance(node, tree.Parameter) else node.value
        assert not isinstance(at, str)
        return at

    # -- rows ----------------------------------------------------------------------------------------------------

    def rows(self, rows: tree.Rows) -> Chosen:
        if rows not in self._chosen:
            table = self.patients.tables[rows.table]
            mask = np.ones(self.count(rows.table), np.bool_)
            for condition in rows.conditions:
                mask = mask & self.truths(condition, rows.table).true
            self._chosen[rows] = Chosen.where(table, mask)
        return self._chosen[rows]

    def exists(self, node: tree.Exists, table: Table) -> Truths:
        chosen = self.rows(node.rows)
        found = chosen.counts > 0
        return Truths(found | ~chosen.table.complete, ~found)

    def count_rows(self, node: tree.Count, table: Table) -> Ints:
        chosen = self.rows(node.rows)
        every = np.ones(self.patients.count, np.bool_)
        high = np.where(chosen.table.complete, chosen.counts, arrays.OPEN_HIGH)
        return Ints(chosen.counts, high, ~every, every, False)

    def pick(self, node: tree.Pick, table: Table) -> Array:
        chosen = self.rows(node.rows)
        union = Union(self.patients.count, self.pools)
        none = chosen.counts == 0
        union.add(none & chosen.table.complete, self.same(cells.not_applicable(node.type), None))
        union.add(none & ~chosen.table.complete, self.same(cells.unlisted(node.rows.table, node.type), None))
        self._edge(union, chosen, node.column, node.type, node.which == "last")
        return union.array()

    def newest(self, node: tree.Newest, table: Table) -> Array:
        chosen = self.named(node)
        union = Union(self.patients.count, self.pools)
        union.add(chosen.counts == 0, self.same(cells.anything(node.type), None))
        self._edge(union, chosen, "value", node.type, True)
        return union.array()

    def named(self, node: tree.Newest) -> Chosen:
        """The rows of a table with the entry's name."""
        return self.rows(_named_rows(node))

    def _edge(self, union: Union, chosen: Chosen, column: str, kind: Type, last: bool) -> None:
        """The first or last row's cell of every patient with rows; of rows of one date every value they hold."""
        having, at, tied = chosen.edge(last)
        every = chosen.table.column(column, kind)
        union.put(having, every.take(chosen.rows[at]))
        recorded = chosen.table.recorded(column)
        for patient, position in zip(having[tied], at[tied], strict=True):
            rows = chosen.tied_with(int(patient), int(position))
            held = rows[recorded[rows]]
            rows = held if len(held) else rows
            union.put(np.array([patient]), self.constant_of(values.hull([every.value(int(row)) for row in rows])))

    def constant_of(self, value: Value) -> Array:
        return arrays.constant(value, 1, self.pools)

    def holds(self, node: tree.Holds, table: Table) -> Truths:
        chosen = self.rows(node.rows)
        condition = self.truths(node.condition, node.rows.table).take(chosen.rows)
        return Truths(chosen.any(condition.can_be_true) | ~chosen.table.complete, ~chosen.any(condition.true))

    def longest_run(self, node: tree.LongestRun, table: Table) -> Array:
        chosen = self.rows(node.rows)
        condition = self.truths(node.condition, node.rows.table).take(chosen.rows)
        complete = chosen.table.complete
        every = np.ones(self.patients.count, np.bool_)
        low = np.zeros(self.patients.count, np.int64)
        high = np.where(complete, 0, arrays.OPEN_HIGH)
        when = chosen.table.when[chosen.rows]
        for patient in np.flatnonzero(chosen.any(condition.can_be_true)):
            rows = range(chosen.starts[patient], chosen.starts[patient + 1])
            found = longest_run(
                [int(when[row]) for row in rows], [condition.value(row) for row in rows], bool(complete[patient])
            )
            assert isinstance(found.low, int)
            low[patient] = found.low
            high[patient] = arrays.OPEN_HIGH if found.high is None else found.high
        return Ints(low, high, ~every, every, False)

    def present(self, node: tree.Present, table: Table) -> Truths:
        return self.markers.present(self, node, table).truths


def opposite(truths: Truths) -> Truths:
    return Truths(truths.can_be_false, truths.can_be_true)


def reads_columns(node: Node) -> bool:
    """Whether the value depends on the row now looked at; what selects rows of its own does not."""
    match node:
        case tree.Column():
            return True
        case tree.Exists() | tree.Count() | tree.Pick() | tree.Holds() | tree.LongestRun() | tree.Newest():
            return False
    return any(map(reads_columns, tree.children(node)))


def _named_rows(node: tree.Newest) -> tree.Rows:
    name = TABLES[node.table].columns["name"].type
    return tree.Rows(node.table, (tree.Compare("==", tree.Column("name", name), tree.Constant(node.key, name)),))


def _collected(bits: int, names: list[str]) -> Labels:
    possible = [name for index, name in enumerate(names) if bits >> (2 * index) & 1]
    certain = [name for index, name in enumerate(names) if bits >> (2 * index) & 3 == 1]
    return Labels(frozenset(certain), frozenset(possible))


def _bands_of(number: Number, cuts: list[tuple[Any, values.Exact]], whole: bool) -> int:
    """One bit a band the number may lie in, and one more where it may not be applicable."""
    na = 1 << (len(cuts) + 1)
    if not number.some:
        return na
    bits = na if number.na else 0
    rest = values.applicable(number)
    for index, (op, at) in enumerate(cuts):
        here = values.compare(op, rest, Number(at, at))
        if here.can_be_true:
            bits |= 1 << index
        if not here.can_be_false:
            return bits
        rest = values.cut(rest, ">=" if op == "<" else ">", at, whole)
    return bits | 1 << len(cuts)


_INTS: dict[tree.Operation, Callable[[Ints, Ints], Ints]] = {
    "+": arrays.added, "-": arrays.subtracted, "larger": arrays.larger, "smaller": arrays.smaller,
}  # fmt: skip
_VISIT: dict[type, Callable[[ColumnsReader, Any, Table], Array]] = {
    tree.Constant: ColumnsReader.constant, tree.Parameter: ColumnsReader.parameter,
    tree.Fact: ColumnsReader.fact_read, tree.Column: ColumnsReader.column,
    tree.NotApplicable: ColumnsReader.not_applicable, tree.Undecided: ColumnsReader.undecided,
    tree.And: ColumnsReader.and_, tree.Or: ColumnsReader.or_, tree.Not: ColumnsReader.not_,
    tree.Compare: ColumnsReader.compare, tree.Among: ColumnsReader.among, tree.Meets: ColumnsReader.meets,
    tree.Only: ColumnsReader.only, tree.HowMany: ColumnsReader.how_many, tree.Some: ColumnsReader.some,
    tree.Collect: ColumnsReader.collect, tree.Recorded: ColumnsReader.recorded,
    tree.Arithmetic: ColumnsReader.arithmetic, tree.Function: ColumnsReader.function, tree.Days: ColumnsReader.days,
    tree.Bounded: ColumnsReader.bounded, tree.Choose: ColumnsReader.choose, tree.Band: ColumnsReader.band,
    tree.Exists: ColumnsReader.exists, tree.Count: ColumnsReader.count_rows, tree.Pick: ColumnsReader.pick,
    tree.Holds: ColumnsReader.holds, tree.LongestRun: ColumnsReader.longest_run, tree.Newest: ColumnsReader.newest,
    tree.Present: ColumnsReader.present,
}  # fmt: skip
