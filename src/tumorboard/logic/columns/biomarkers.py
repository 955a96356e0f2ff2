"""What the biomarker entries of many patients say of an alteration.

The entries that can say something are few, and patients' entries are much alike: each patient's are followed through a
trie of what was seen before, and :func:`tumorboard.logic.biomarkers.shown` is asked once an end of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from tumorboard.case.columns import LABEL
from tumorboard.case.rows import NA, Cell, Row
from tumorboard.logic import tree
from tumorboard.logic.biomarkers import MEASURED, Entry, shown
from tumorboard.logic.columns import arrays
from tumorboard.logic.columns.arrays import Array, Bools, Coded, Ints, Pool, Truths, Whole
from tumorboard.logic.columns.frame import Chosen
from tumorboard.logic.facts import Facts
from tumorboard.logic.values import FALSE, TRUE, Day, Label, Value, label

if TYPE_CHECKING:
    from tumorboard.logic.columns.reader import ColumnsReader

_TABLE = "biomarkers"
_YES, _NO = 1, 2
_LOW, _HIGH = 10_000, 20_000  # stand-ins for the day specimens count from: before it, perhaps, and from it on


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether an alteration is present, and where the day specimens count from would settle it."""

    truths: Truths
    since_matters: Bools


@dataclass(frozen=True, slots=True)
class _Entries:
    """A batch's entries that say present or absent, what each says (a number of the pool), and which tell of what."""

    rows: Whole
    results: Whole
    telling: dict[str, tuple[Chosen, Whole]]  # by alteration


class _Result(NamedTuple):
    """What an entry says, apart from when."""

    alteration: str
    present: bool
    assay: Cell
    specimen: Cell
    measure: Cell


class Markers:
    """Verdicts on alterations by what was seen, kept for a whole run."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._results: Pool[_Result] = Pool()
        self._trie: Pool[tuple[int, int]] = Pool()  # a state before, and the next entry; 0 is the state before any
        self._trie.code((-1, -1))
        self._verdicts: dict[tuple[str, str | None, bool, int], int] = {}
        self._entries: WeakKeyDictionary[ColumnsReader, _Entries] = WeakKeyDictionary()

    def present(self, reader: ColumnsReader, node: tree.Present, of: str | None) -> Presence:
        """The verdict on a node's alteration, a patient each, or a row of the table ``of`` each."""
        table = reader.patients.tables[_TABLE]
        entries = self._of(reader)
        if node.alteration not in entries.telling:
            entries.telling[node.alteration] = self._concerned(node.alteration, table, entries)
        chosen, results = entries.telling[node.alteration]
        since = None if node.since is None else reader.array(node.since, of)
        assert since is None or isinstance(since, Ints)
        if of is not None:
            at = chosen.of_each(reader.owners(of))
            chosen, results = at.chosen, results[at.positions]
        states = self._followed(chosen, results, since)
        bits = np.zeros(len(self._trie), np.uint8)
        for state in np.unique(states):
            bits[state] = self._verdict(node, since is None, int(state))
        found = bits[states]
        return Presence(arrays.from_bits(found), (found & 4) != 0)

    # -- what each entry says ------------------------------------------------------------------------------------

    def _of(self, reader: ColumnsReader) -> _Entries:
        if reader not in self._entries:
            table = reader.patients.tables[_TABLE]
            said = self._said(reader)
            rows = np.flatnonzero(said)
            key = said[rows].astype(np.int64) - 1
            parts: list[Coded] = []
            for name in ("alteration", "assay", "specimen", "measure"):
                part = table.column(name, LABEL).take(rows)
                assert isinstance(part, Coded)
                parts.append(part)
                key = key * len(part.pool) + part.codes
            _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
            codes = [
                self._results.code(
                    _Result(
                        str(_raw(parts[0].value(at))), said[rows[at]] == _YES, *(_raw(p.value(at)) for p in parts[1:])
                    )
                )
                for at in first
            ]
            self._entries[reader] = _Entries(rows, np.array(codes, np.int64)[inverse], {})
        return self._entries[reader]

    def _said(self, reader: ColumnsReader) -> Any:
        """As the explain reader's ``result_of``, a row each: yes, no or silent."""
        table = reader.patients.tables[_TABLE]
        result, alteration, measure = (table.column(name, LABEL) for name in ("result", "alteration", "measure"))
        said = np.zeros(reader.count(_TABLE), np.uint8)
        said[_is(result, "present")] = _YES
        said[_is(result, "absent")] = _NO
        open_ = ~table.recorded("result") & np.logical_or.reduce([table.recorded(name) for name in MEASURED])
        for reading in self.facts.readings:
            concerned = open_ & _is(alteration, reading.alteration) & _is(measure, reading.measure)
            if concerned.any():
                found = reader.truths(reading.node, _TABLE)
                said[concerned & found.true] = _YES
                said[concerned & found.false] = _NO
                open_ = open_ & ~concerned
        return said

    # -- what each patient's entries say together ----------------------------------------------------------------

    def _concerned(self, target: str, table: Any, entries: _Entries) -> tuple[Chosen, Whole]:
        """The entries that can say something of ``target``."""
        rows, results = entries.rows, entries.results
        above = self.facts.vocabulary.alterations.above
        classes = above(target)
        tells = np.array(
            [own in classes or target in above(own) for own, *_ in self._results.values] or [False], np.bool_
        )
        kept = tells[results] if len(results) else np.zeros(0, np.bool_)
        mask = np.zeros(int(table.offsets[-1]), np.bool_)
        mask[rows[kept]] = True
        return Chosen.where(table, mask), results[kept]

    def _followed(self, chosen: Chosen, results: Whole, since: Ints | None) -> Whole:
        """The state of the trie each patient's entries lead to."""
        when, owners = chosen.table.when[chosen.rows], chosen.owners
        counts = np.full(len(results), 2, np.int64)  # 0: too old to count, 1: perhaps, 2: counts
        if since is not None:
            low, high, na, some = (part[owners] for part in (since.low, since.high, since.na, since.some))
            counts = np.where(
                ~some | ((when >= high) & (high < arrays.OPEN_HIGH)), 2, np.where((when < low) & ~na, 0, 1)
            )
            kept = np.flatnonzero(counts > 0)
            results, counts, when, owners = results[kept], counts[kept], when[kept], owners[kept]
        again = np.zeros(len(results), np.bool_)
        again[1:] = (owners[1:] == owners[:-1]) & (when[1:] == when[:-1])
        keys = (results * 3 + counts) * 2 + again
        states = np.zeros(len(chosen.counts), np.int64)
        first = np.searchsorted(owners, np.arange(len(states)))
        position = np.arange(len(owners)) - first[owners]
        for step in range(int(position.max(initial=-1)) + 1):
            here = np.flatnonzero(position == step)
            patients = owners[here]
            pair = states[patients] * (6 * len(self._results)) + keys[here]
            distinct, at, inverse = np.unique(pair, return_index=True, return_inverse=True)
            codes = [self._trie.code((int(states[patients[one]]), int(keys[here[one]]))) for one in at]
            states[patients] = np.array(codes, np.int64)[inverse] if len(distinct) else states[patients]
        return states

    def _verdict(self, node: tree.Present, always: bool, state: int) -> int:
        key = node.alteration, node.absence_in, always, state
        found = self._verdicts.get(key)
        if found is None:
            found = self._verdicts[key] = self._asked(node, always, state)
        return found

    def _asked(self, node: tree.Present, always: bool, state: int) -> int:
        """``shown`` on the entries that led to a state, at stand-in days that keep what is known of their order."""
        keys: list[int] = []
        while state:
            state, key = self._trie.values[state]
            keys.insert(0, key)
        above, classes = (
            self.facts.vocabulary.alterations.above,
            self.facts.vocabulary.alterations.above(node.alteration),
        )
        entries, results, day = [], {}, 0
        for index, key in enumerate(keys):
            result, counts, again = self._results.values[key // 6], key // 2 % 3, key % 2
            day = day if again else day + 1
            cells: dict[str, Cell] = {
                "alteration": result.alteration, "assay": result.assay, "specimen": result.specimen,
                "measure": result.measure, "when": day + (_LOW if counts == 1 else _HIGH),
            }  # fmt: skip
            row = Row(cells, str(index))
            own = above(result.alteration)
            entries.append(Entry(row, node.alteration in own, result.alteration in classes, own))
            results[row.place] = TRUE if result.present else FALSE
        told = shown(entries, None if always else Day(_LOW, _HIGH), node.absence_in, lambda row: results[row.place])
        return arrays.truth_bits(told.value) | 4 * told.since_matters


def _is(column: Array, word: str) -> Bools:
    """The rows that hold exactly this word."""
    assert isinstance(column, Coded)
    found: Bools = column.codes == column.pool.code(label(word))
    return found


def _raw(value: Value) -> Cell:
    """The cell a label was read from."""
    assert isinstance(value, Label)
    if value.possible is None:
        return None
    return next(iter(value.possible)) if value.possible else NA
