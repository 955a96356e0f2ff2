"""A batch of a cohort as the tables of columns that rules read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tumorboard.case.columns import TABLES, Type
from tumorboard.case.rows import UNDATED
from tumorboard.cohort.patients import number_of
from tumorboard.cohort.schema import OBSERVED, RANKED
from tumorboard.logic import cells
from tumorboard.logic.columns.arrays import OPEN_HIGH, OPEN_LOW, Array, Bools, Coded, Codes, Ints, Pools, Truths, Whole
from tumorboard.logic.columns.frame import Patients
from tumorboard.logic.values import Value, label, labels, number

_EPOCH = 719163  # the ordinal of 1970-01-01, from which Arrow counts days
_INDEX = re.compile(r"\[\d+\]")
_JOIN = "\x1f"  # between the words of a list; no word of the vocabulary holds a control character
_OBSERVED = {"truth": "truth", "whole": "number", "decimal": "number", "label": "value"}


def patients_of(batch: pa.RecordBatch, tables: Iterable[str], pools: Pools) -> Patients:
    """The patients of a batch; ``tables`` are those it holds."""
    named = batch.column("complete")
    offsets, words = _flat(named)
    owners = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    found: dict[str, Any] = {}
    for table in tables:
        complete = np.zeros(batch.num_rows, np.bool_)
        complete[owners[_numpy(pc.equal(words, table), False)]] = True
        found[table] = ArrowTable(table, batch.column(table), complete, pools)
    return Patients(batch.num_rows, found)


class ArrowTable:
    """The rows of one table of a batch; see :class:`tumorboard.logic.columns.frame.TableColumns`."""

    def __init__(self, name: str, lists: pa.ListArray, complete: Bools, pools: Pools) -> None:
        self.name, self.complete, self.pools = name, complete, pools
        self.offsets, self._rows = _flat(lists)
        self._columns: dict[tuple[str, Type], Array] = {}
        self._recorded: dict[str, Bools] = {}

    @cached_property
    def when(self) -> Whole:
        if self.name in RANKED:
            return np.asarray(_numpy(self._rows.field("when"), 0), np.int64)
        return np.where(_nulls(self._rows.field("when")), UNDATED, _days(self._rows.field("when")))

    def column(self, name: str, kind: Type) -> Array:
        key = name, kind
        if key not in self._columns:
            self._columns[key] = self._column(name, kind)
        return self._columns[key]

    def recorded(self, name: str) -> Bools:
        if name not in self._recorded:
            self._recorded[name] = self._is_recorded(name)
        return self._recorded[name]

    def _is_recorded(self, name: str) -> Bools:
        kind = TABLES[self.name].columns[name].type
        if self.name == OBSERVED and name == "value":
            fields = [self._rows.field(field) for field in dict.fromkeys(_OBSERVED.values())]
            return np.asarray(np.logical_or.reduce([~_nulls(field) for field in fields])) | self._na(name)
        if kind.kind == "date" and name == "when":
            return np.ones(len(self._rows), np.bool_)
        return ~_nulls(self._rows.field(name)) | self._na(name)

    def asks(self, name: str, of_entry: bool = False) -> Codes:
        own = _told(self._places, lambda place: self._ask(f"{place}.{name}" if place else name))
        offsets, entries = _flat(self._rows.field("places"))
        if of_entry or not len(entries):
            return own
        keys, items = entries.field(0), entries.field(1)
        of = np.flatnonzero(_numpy(pc.equal(keys, name), False))
        owners = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))[of]
        own[owners] = _told(_encoded(items.take(pa.array(of))), self._ask)
        return own

    def _ask(self, place: str | None) -> int:
        return self.pools.asks.code(frozenset((_INDEX.sub("", place or ""),)))

    @cached_property
    def _places(self) -> pa.DictionaryArray:
        return _encoded(self._rows.field("place"))

    def _na(self, name: str) -> Bools:
        """The rows for which the column has no meaning."""
        found = np.zeros(len(self._rows), np.bool_)
        rows = self._not_applicable.get(name)
        if rows is not None:
            found[rows] = True
        return found

    @cached_property
    def _not_applicable(self) -> Mapping[str, Whole]:
        """By column, the rows for which it has no meaning."""
        offsets, names = _flat(self._rows.field("na"))
        owners = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        encoded = _encoded(names)
        codes = _numpy(encoded.indices, -1)
        return {name: owners[codes == code] for code, name in enumerate(encoded.dictionary.to_pylist())}

    # -- one column ----------------------------------------------------------------------------------------------

    def _column(self, name: str, kind: Type) -> Array:
        observed = self.name == OBSERVED and name == "value"
        cell = self._rows.field(_OBSERVED[kind.kind] if observed else name)
        if kind.kind == "date" and name == "when":
            when, none = self.when, np.zeros(len(self.when), np.bool_)
            return Ints(when, when, none, ~none, True)
        na = self._na(name)
        match kind.kind:
            case "truth":
                can_be_true, null = _numpy(cell, False), _nulls(cell) & ~na
                return Truths((can_be_true | null) & ~na, ~can_be_true | null | na)
            case "decimal" if pa.types.is_decimal(cell.type):
                return self._coded(_encoded(cell), na, kind, lambda found: number(number_of(found)))
            case "whole" | "decimal" | "date":
                return _ints(cell, na, kind.kind == "date")
            case "label":
                return self._coded(_encoded(cell), na, kind, label)
            case "labels":
                joined = _encoded(pc.binary_join(cell, _JOIN))
                return self._coded(joined, na, kind, lambda found: labels(found.split(_JOIN) if found else ()))

    def _coded(self, encoded: pa.DictionaryArray, na: Bools, kind: Type, of: Callable[[Any], Value]) -> Coded:
        pool = self.pools.of(cells.anything(kind))
        words = [pool.code(of(word)) for word in encoded.dictionary.to_pylist()]
        table = np.array([*words, pool.code(cells.anything(kind))], np.int32)
        codes = table[_numpy(encoded.indices, len(words))]
        if na.any():
            codes[na] = pool.code(cells.not_applicable(kind))
        return Coded(codes, pool)


def _told(encoded: pa.DictionaryArray, of: Callable[[Any], int]) -> Codes:
    """``of`` each word, worked out once a distinct word."""
    table = np.array([*map(of, encoded.dictionary.to_pylist()), of(None)], np.int32)
    return np.asarray(table[_numpy(encoded.indices, len(table) - 1)])


def _ints(cell: pa.Array, na: Bools, day: bool) -> Ints:
    null = _nulls(cell) & ~na
    if pa.types.is_decimal(cell.type):
        encoded = _encoded(cell)
        table = np.array([*map(_whole, encoded.dictionary.to_pylist()), 0], np.int64)
        values = table[_numpy(encoded.indices, len(table) - 1)]
    else:
        values = _days(cell) if day else _numpy(cell, 0).astype(np.int64)
    low, high = np.where(null, OPEN_LOW, values), np.where(null, OPEN_HIGH, values)
    return Ints(np.where(na, OPEN_HIGH, low), np.where(na, OPEN_LOW, high), na, ~na, day)


def _whole(value: Decimal) -> int:
    assert value == value.to_integral_value(), f"{value} in a column of whole numbers"
    return int(value)


def _days(cell: pa.Array) -> Whole:
    return np.asarray(_numpy(cell.cast(pa.int32()), 0), np.int64) + _EPOCH


def _flat(lists: Any) -> tuple[Whole, Any]:
    """Where each list starts among all items, and the items."""
    pairs = isinstance(lists, pa.MapArray)
    items = pa.StructArray.from_arrays([lists.keys, lists.items], ["key", "item"]) if pairs else lists.values
    if not len(lists):  # of no lists not even the first offset need be there
        return np.zeros(1, np.int64), items.slice(0, 0)
    offsets = np.asarray(_numpy(lists.offsets, 0), np.int64)
    return offsets - offsets[0], items.slice(offsets[0], offsets[-1] - offsets[0])


def _encoded(cell: pa.Array) -> pa.DictionaryArray:
    return cell if isinstance(cell, pa.DictionaryArray) else pc.dictionary_encode(cell)


def _nulls(cell: pa.Array) -> Bools:
    return np.asarray(cell.is_null().to_numpy(zero_copy_only=False), np.bool_)


def _numpy(cell: pa.Array, null: Any) -> Any:
    filled = cell.fill_null(null) if cell.null_count else cell
    return filled.to_numpy(zero_copy_only=False)


def leaves(tables: Mapping[str, Iterable[str]]) -> list[str]:
    """The columns of the Parquet files that hold these columns of tables, so that nothing else is read."""
    found = ["id", "complete"]
    for table, names in tables.items():
        wanted = {"na", "when", *names}
        if table == OBSERVED and "value" in wanted:
            wanted |= set(_OBSERVED.values())
        found += [f"{table}.list.element.{name}" for name in sorted(wanted)]
    return found
