"""What would settle what is unknown, for many patients: as the explain reader's ``missing``, without telling apart
which entry of a list lacks it.

A patient's missing inputs are a set, and sets are codes of the pool like other values; 0 is the empty one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tumorboard.logic import inputs, tree
from tumorboard.logic.columns import arrays
from tumorboard.logic.columns.arrays import Bools, Coded, Codes, Ints, Whole
from tumorboard.logic.columns.frame import Chosen
from tumorboard.logic.columns.reader import ColumnsReader, Table, reads_columns
from tumorboard.logic.tree import Node


class Missing:
    """The inputs missing for each node, for the patients of one reader."""

    def __init__(self, reader: ColumnsReader) -> None:
        self.reader, self.pool = reader, reader.pools.asks
        self._known: dict[tuple[int, Table], tuple[Node, Codes]] = {}

    def of(self, node: Node, table: Table = None) -> Codes:
        """A set of the pool for each patient, or each row of ``table``."""
        key = id(node), table
        if key not in self._known:
            if table is not None and not reads_columns(node):
                found = self.of(node)[self.reader.owners(table)]
            else:
                found = _VISIT[type(node)](self, node, table)
            self._known[key] = node, found
        return self._known[key][1]

    # -- sets ----------------------------------------------------------------------------------------------------

    def none(self, table: Table) -> Codes:
        return np.zeros(self.reader.count(table), np.int32)

    def one(self, ask: str, where: Bools) -> Codes:
        return np.where(where, self.pool.code(frozenset((ask,))), 0).astype(np.int32)

    def union(self, parts: Sequence[Codes]) -> Codes:
        """The union of sets, patient by patient."""
        first, *rest = parts
        for part in rest:
            if not part.any():
                continue
            if not first.any():
                first = part
                continue
            both = np.flatnonzero((first != 0) & (part != 0) & (first != part))
            joined = np.where(first == 0, part, first)
            if len(both):
                joined[both] = arrays.paired(
                    Coded(first[both], self.pool), Coded(part[both], self.pool),
                    lambda one, other: self.pool.code(one | other), np.int32,
                )  # fmt: skip
            first = joined
        return first

    def of_rows(self, chosen: Chosen, codes: Codes) -> Codes:
        """The union of the sets of a patient's chosen rows, a patient each."""
        found = self.none(None)
        told = np.flatnonzero(codes)
        owners = chosen.owners[told]
        first = np.searchsorted(owners, np.arange(len(found)))
        position = np.arange(len(owners)) - first[owners]
        for step in range(int(position.max(initial=-1)) + 1):
            here = np.flatnonzero(position == step)
            patients = owners[here]
            found[patients] = self.union([found[patients], codes[told[here]]])
        return found

    # -- nodes ---------------------------------------------------------------------------------------------------

    def nothing(self, node: Node, table: Table) -> Codes:
        return self.none(table)

    def fact(self, node: tree.Fact, table: Table) -> Codes:
        return self.of(self.reader.facts.definitions[node.name].node)

    def column(self, node: tree.Column, table: Table) -> Codes:
        assert table is not None, "a column outside a row"
        return self.cells(self.reader.patients.tables[table], node.name)

    def cells(self, table: Any, name: str) -> Codes:
        recorded = table.recorded(name)
        return self.none_of(table) if recorded.all() else np.where(recorded, 0, table.asks(name))

    def none_of(self, table: Any) -> Codes:
        return np.zeros(int(table.offsets[-1]), np.int32)

    def same(self, node: tree.Not, table: Table) -> Codes:
        return self.of(node.item, table)

    def made(self, node: Node, table: Table) -> Codes:
        """What its unknown parts lack, where the node itself isn't known."""
        return self.made_of(node, tree.children(node), table)

    def made_of(self, node: Node, parts: Iterable[Node], table: Table) -> Codes:
        unknown = ~self.reader.array(node, table).known
        if not unknown.any():
            return self.none(table)
        return self.union([self.none(table), *(self.where(unknown, part, table) for part in dict.fromkeys(parts))])

    def where(self, mask: Bools, part: Node, table: Table) -> Codes:
        open_ = mask & ~self.reader.array(part, table).known
        return np.where(open_, self.of(part, table), 0) if open_.any() else self.none(table)

    def bounded(self, node: tree.Bounded, table: Table) -> Codes:
        own, item = self.reader.array(node, table), self.reader.array(node.item, table)
        assert isinstance(own, Ints) and isinstance(item, Ints)
        settled = ((own.low != item.low) | (own.high != item.high)) & own.known
        return np.where(settled, 0, self.of(node.item, table))

    def choose(self, node: tree.Choose, table: Table) -> Codes:
        unknown = ~self.reader.array(node, table).known
        reached = self.reader.reached(node, table)
        parts = [self.none(table)]
        for index, (where, value) in enumerate(reached):
            here = unknown & where
            if not here.any():
                continue
            parts.append(np.where(here, self.of(value, table), 0))
            if index < len(node.branches):
                parts.append(self.where(here, node.branches[index][0], table))
        return self.union(parts)

    def band(self, node: tree.Band, table: Table) -> Codes:
        unknown = ~self.reader.array(node, table).known
        if not unknown.any():
            return self.none(table)
        reached, _ = self.reader.bands(node, table)
        parts = [self.none(table), self.where(unknown, node.item, table)]
        parts += [self.where(unknown & where, value, table) for where, value in reached]
        return self.union(parts)

    def listed(self, node: tree.Exists | tree.Count, table: Table) -> Codes:
        return self.one(inputs.named_rows(node.rows), ~self.reader.array(node).known)

    def pick(self, node: tree.Pick, table: Table) -> Codes:
        chosen = self.reader.rows(node.rows)
        found = self.one(inputs.named_column(node), (chosen.counts == 0) & ~chosen.table.complete)
        missing = self.cells(chosen.table, node.column)
        return self.edge(found, node, chosen, node.column, missing, node.which == "last")

    def newest(self, node: tree.Newest, table: Table) -> Codes:
        chosen, ask = self.reader.named(node), inputs.named_entry(node)
        missing = self.one(ask, ~chosen.table.recorded("value"))
        return self.edge(self.one(ask, chosen.counts == 0), node, chosen, "value", missing, True)

    def edge(self, found: Codes, node: Node, chosen: Chosen, column: str, missing: Codes, last: bool) -> Codes:
        """What the first or last row lacks; of rows of one date that differ, each has to be looked at again."""
        having, at, tied = chosen.edge(last)
        found[having] = missing[chosen.rows[at]]
        if not tied.any():
            return found
        recorded, again = chosen.table.recorded(column), chosen.table.asks(column)
        known = self.reader.array(node).known
        for patient, position in zip(having[tied], at[tied], strict=True):
            rows = chosen.tied_with(int(patient), int(position))
            held = rows[recorded[rows]]
            asks = missing[rows] if not len(held) else again[held] if not known[patient] else np.zeros(1, np.int32)
            found[patient] = self.pool.code(frozenset().union(*(self.pool.values[code] for code in asks)))
        return found

    def holds(self, node: tree.Holds, table: Table) -> Codes:
        chosen, unknown = self.reader.rows(node.rows), ~self.reader.array(node).known
        own = self.open_rows(chosen, node.condition, node.rows.table)
        more = self.one(inputs.named_rows(node.rows, node.condition), ~chosen.table.complete)
        return np.where(unknown, self.union([own, more]), 0)

    def longest_run(self, node: tree.LongestRun, table: Table) -> Codes:
        chosen, unknown = self.reader.rows(node.rows), ~self.reader.array(node).known
        own = self.open_rows(chosen, node.condition, node.rows.table)
        order = self.order(chosen, self.reader.truths(node.condition, node.rows.table).take(chosen.rows))
        more = self.one(inputs.named_rows(node.rows, node.condition), ~chosen.table.complete)
        return np.where(unknown, self.union([own, order, more]), 0)

    def open_rows(self, chosen: Chosen, condition: Node, table: str) -> Codes:
        """What rows lack of which it isn't known whether the condition holds."""
        unknown = ~self.reader.array(condition, table).known[chosen.rows]
        if not unknown.any():
            return self.none(None)
        return self.of_rows(chosen, np.where(unknown, self.of(condition, table)[chosen.rows], 0))

    def order(self, chosen: Chosen, verdicts: arrays.Truths) -> Codes:
        """The dates of rows that share theirs with one of another verdict, so that their order matters."""
        when = chosen.table.when[chosen.rows]
        bits = verdicts.can_be_true.astype(np.int64) + 2 * verdicts.can_be_false
        group = np.cumsum(_starts(chosen.owners, when)) - 1
        differing = np.zeros(len(when), np.bool_)
        if len(when):
            least, most = np.full(group[-1] + 1, 3), np.zeros(group[-1] + 1, np.int64)
            np.minimum.at(least, group, bits)
            np.maximum.at(most, group, bits)
            differing = (least < most)[group]
        if not differing.any():
            return self.none(None)
        return self.of_rows(chosen, np.where(differing, chosen.table.asks("date", of_entry=True)[chosen.rows], 0))

    def present(self, node: tree.Present, table: Table) -> Codes:
        found = self.reader.markers.present(self.reader, node, table)
        asked = self.one(f"biomarkers: {node.alteration}", ~found.truths.known)
        if node.since is None or not found.since_matters.any():
            return asked
        since = np.where(~found.truths.known & found.since_matters, self.of(node.since, table), 0)
        return self.union([since, asked])


def _starts(owners: Whole, when: Whole) -> Bools:
    """Where a row is of another patient or date than the one before it."""
    found = np.ones(len(owners), np.bool_)
    found[1:] = (owners[1:] != owners[:-1]) | (when[1:] != when[:-1])
    return found


_VISIT: dict[type, Callable[[Missing, Any, Table], Codes]] = {
    tree.Constant: Missing.nothing, tree.Parameter: Missing.nothing, tree.NotApplicable: Missing.nothing,
    tree.Undecided: Missing.nothing, tree.Recorded: Missing.nothing, tree.Fact: Missing.fact,
    tree.Column: Missing.column, tree.Not: Missing.same, tree.And: Missing.made, tree.Or: Missing.made,
    tree.Compare: Missing.made, tree.Among: Missing.made, tree.Meets: Missing.made, tree.Only: Missing.made,
    tree.HowMany: Missing.made, tree.Some: Missing.made, tree.Collect: Missing.made, tree.Arithmetic: Missing.made,
    tree.Function: Missing.made, tree.Days: Missing.made, tree.Bounded: Missing.bounded, tree.Choose: Missing.choose,
    tree.Band: Missing.band, tree.Exists: Missing.listed, tree.Count: Missing.listed, tree.Pick: Missing.pick,
    tree.Newest: Missing.newest, tree.Holds: Missing.holds, tree.LongestRun: Missing.longest_run,
    tree.Present: Missing.present,
}  # fmt: skip
