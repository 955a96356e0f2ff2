"""What the columns reader reads: the tables of many patients, each with its rows one after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from tumorboard.case.columns import Type
from tumorboard.logic.columns.arrays import Array, Bools, Codes, Whole


class TableColumns(Protocol):
    """The rows of one table for all patients: those of one patient stand together, ``when`` ascending."""

    offsets: Whole  # one more than patients: patient n has the rows from offsets[n] up to offsets[n + 1]
    complete: Bools  # a patient each

    def column(self, name: str, kind: Type) -> Array:
        """The cells of a column as values, a row each; one that is not recorded may be anything of ``kind``."""
        ...

    def recorded(self, name: str) -> Bools:
        """Whether the record holds the cell (or says that it has no meaning), a row each."""
        ...

    @property
    def when(self) -> Whole: ...

    def asks(self, name: str, of_entry: bool = False) -> Codes:
        """The entry to ask for where a cell is missing, without its number in the list: a set of one of the pool.

        ``of_entry``: the row's own entry, even where the cell was put together from others.
        """
        ...


@dataclass(frozen=True)
class Patients:
    """Many patients as tables of columns."""

    count: int
    tables: Mapping[str, TableColumns]


@dataclass(frozen=True)
class Chosen:
    """Some rows of a table: their numbers, and where each patient's stand among them."""

    table: TableColumns
    rows: Whole
    starts: Whole  # one more than patients, into ``rows``

    @classmethod
    def where(cls, table: TableColumns, mask: Bools) -> Chosen:
        counted = np.concatenate(([0], np.cumsum(mask)))
        return cls(table, np.flatnonzero(mask), counted[table.offsets])

    @cached_property
    def counts(self) -> Whole:
        return np.diff(self.starts)

    @cached_property
    def owners(self) -> Whole:
        """The patient of each row."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def of_each(self, patients: Whole) -> Spread:
        """The rows of each listed patient, one list after another."""
        counts = self.counts[patients]
        starts = np.concatenate(([0], np.cumsum(counts)))
        positions = np.arange(starts[-1]) + np.repeat(self.starts[patients] - starts[:-1], counts)
        return Spread(Chosen(self.table, self.rows[positions], starts), positions)

    def any(self, mask: Bools) -> Bools:
        """Whether the mask holds for one of a patient's rows; the mask is of the chosen rows."""
        found = np.zeros(len(self.counts), np.bool_)
        found[self.owners[mask]] = True
        return found

    def edge(self, last: bool) -> tuple[Whole, Whole, Bools]:
        """Of each patient with rows: the patient, the position (in ``rows``) of the first or last, and whether other
        rows share its date."""
        having = np.flatnonzero(self.counts)
        at = self.starts[having + 1] - 1 if last else self.starts[having]
        beside = at - 1 if last else at + 1
        inside = self.counts[having] > 1
        when = self.table.when[self.rows]
        tied = inside.copy()
        tied[inside] = when[beside[inside]] == when[at[inside]]
        return having, at, tied

    def tied_with(self, patient: int, at: int) -> Whole:
        """The numbers of the patient's rows that share their date with the row at position ``at``."""
        own = self.rows[self.starts[patient] : self.starts[patient + 1]]
        when = self.table.when
        found: Whole = own[when[own] == when[self.rows[at]]]
        return found


@dataclass(frozen=True)
class Spread:
    """Chosen rows given again for each of a list of patients, and where each stood before."""

    chosen: Chosen
    positions: Whole
