"""Tables of an export, CSV or Parquet, read row by row as text, and put together by patient."""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tumorboard.cohort.intake.lines import lines_of
from tumorboard.cohort.intake.refusals import Account, refused_line
from tumorboard.cohort.intake.sorting import Group, Sorter
from tumorboard.data import MAX_BYTES
from tumorboard.errors import InvalidInput, Problem

_BATCH = 10_000  # rows of a Parquet file held at a time
_SHOWN = 60
_TOLD_EVERY = 1_000_000  # rows


@dataclass(frozen=True, slots=True)
class RowRead:
    """One row with the number of its (last) line, or of its record in Parquet; ``problem``: why it can't be read."""

    line: int
    cells: Sequence[str]
    problem: Problem | None = None


class Table:
    """A file with a heading. Raises InvalidInput where it is no table, NotFound where it can't be read."""

    def __init__(self, path: Path, encoding: str = "utf-8", delimiter: str = ",", quoted: bool = True) -> None:
        self.path, self.name = path, path.name
        self._encoding, self._delimiter, self._quoted = encoding, delimiter, quoted
        self.heading = self._parquet_heading() if self._is_parquet else self._csv_heading()
        if twice := sorted({name for name in self.heading if self.heading.count(name) > 1}):
            raise InvalidInput(Problem(f"{self.name}:1", f"names a column twice: {', '.join(twice)}", "keep one"))

    def rows(self) -> Iterator[RowRead]:
        """Every row after the heading; blank ones are left out."""
        return self._parquet_rows() if self._is_parquet else self._csv_rows()

    @property
    def _is_parquet(self) -> bool:
        return self.path.suffix.lower() == ".parquet"

    def _csv_heading(self) -> list[str]:
        first = next(self._records(), None)
        if first is None:
            raise InvalidInput(Problem(self.name, "is an empty table", "its first line names the columns"))
        if first.problem is not None:
            raise InvalidInput(Problem(f"{self.name}:1", first.problem.what, first.problem.mend))
        return [name.strip() for name in first.cells]

    def _csv_rows(self) -> Iterator[RowRead]:
        records = self._records()
        next(records, None)
        for row in records:
            if row.problem is None and len(row.cells) != len(self.heading):
                what = f"{len(row.cells)} cells under {len(self.heading)} headings"
                mend = "is a separator inside a cell unquoted?"
                yield RowRead(row.line, row.cells, Problem("", what, mend))
            else:
                yield row

    def _records(self) -> Iterator[RowRead]:
        lines = _Lines(self.path, self._encoding)
        reader = csv.reader(
            lines,
            strict=True,
            delimiter=self._delimiter,
            quoting=csv.QUOTE_MINIMAL if self._quoted else csv.QUOTE_NONE,
        )
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooLong) as error:
                # What the reader had taken in by then is lost with it, so all of it is named.
                lost = f"lines {start} to {lines.number}" if lines.number > start else "the line"
                mend = "is a quotation mark left open?"
                yield RowRead(lines.number, (), Problem("", f"{lost} can't be read as CSV: {error}", mend))
                continue
            if any(cells):
                yield RowRead(reader.line_num, cells, _wrong_text(cells, self._encoding))

    def _parquet_heading(self) -> list[str]:
        schema = self._opened().schema_arrow
        for field in schema:
            if field.name.lower().endswith("_id") and pa.types.is_floating(field.type):
                what = f"the column {field.name} holds floating numbers, which lose ids beyond 2^53"
                raise InvalidInput(Problem(self.name, what, "write it as int64 or text"))
        return list(schema.names)

    def _parquet_rows(self) -> Iterator[RowRead]:
        number = 0
        try:
            for batch in self._opened().iter_batches(_BATCH):
                columns = [column.to_pylist() for column in batch.columns]
                for values in zip(*columns, strict=True):
                    number += 1
                    yield RowRead(number, [_as_text(value) for value in values])
        except (OSError, pa.ArrowException) as error:
            what = f"can't be read after row {number}: {str(error).splitlines()[0]}"
            yield RowRead(number + 1, (), Problem("", what, "is the file complete?"))

    def _opened(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.path)
        except (OSError, pa.ArrowException) as error:
            what = f"can't be read: {str(error).splitlines()[0]}"
            raise InvalidInput(Problem(self.name, what, "is it complete?")) from error


class _TooLong(Exception):
    pass


class _Lines:
    """The lines of a CSV file as text; what isn't in its encoding is kept apart, to be named with its row."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._lines, self._encoding, self.number = lines_of(path), encoding, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.number, raw = next(self._lines)
        if raw is None:
            raise _TooLong(f"a line of more than {MAX_BYTES // 2**20} MiB")
        return raw.decode(self._encoding, errors="surrogateescape")


def _wrong_text(cells: Sequence[str], encoding: str) -> Problem | None:
    for cell in cells:
        if "\x00" in cell:
            return Problem("", "holds a NUL character", "is it a text file?")
        if not cell.isascii() and any("\udc80" <= letter <= "\udcff" for letter in cell):
            return Problem("", f"is not {encoding} text", "say its `encoding` in the mapping, or save it as UTF-8")
    return None


def _is_text(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime.datetime() | datetime.date():
            return value.isoformat()
        case float():
            return repr(value)
        case Decimal():
            return format(value, "f")
    return str(value)


@dataclass(frozen=True, slots=True)
class Keyed:
    """How rows tell their patient: the column, and which texts can be a patient's name there."""

    column: str
    form: re.Pattern[str] = re.compile(r".+", re.DOTALL)
    mend: str = "every row names its patient"


def table_groups(
    tables: Iterable[Table],
    key: Keyed,
    main: Table,
    folder: Path,
    account: Account,
    seen: Callable[[Table, Sequence[str]], None] = lambda table, cells: None,
    more: Callable[[Sorter], None] = lambda sorter: None,
) -> Iterator[Group]:
    """The rows of each patient, those of ``main`` first among them; a patient not in ``main`` is refused.

    A row that can't be read is refused, with its patient where its key can still be read. ``seen`` is told every row
    that can be, and ``more`` adds records once all are in.
    """
    sorter = Sorter(folder / "rows")
    for table in (main, *(one for one in tables if one is not main)):
        count = 0
        for row in table.rows():
            count += 1
            if count % _TOLD_EVERY == 0:
                account.say(f"{table.name}: {count} rows so far")
            if row.problem is None:
                seen(table, row.cells)
            _place(row, table, key, sorter, account)
        account.say(f"{table.name}: {count} rows")
    more(sorter)
    for group in sorter.groups(MAX_BYTES):
        if (found := _of_somebody(group, main, account)) is not None:
            yield found


def _place(row: RowRead, table: Table, key: Keyed, sorter: Sorter, account: Account) -> None:
    at = table.heading.index(key.column)
    name = row.cells[at].strip() if len(row.cells) > at else ""
    known = bool(key.form.fullmatch(name)) and _is_text(name)
    problem = row.problem
    if problem is None and not known:
        what = f"{shown(name)} is no {key.column}" if name else f"has no {key.column}"
        problem = Problem("", what, key.mend)
    if problem is None:
        sorter.add(name, (table.name, row.line, tuple(row.cells)), sum(map(len, row.cells)))
    elif known and len(row.cells) >= len(table.heading) - 1:
        sorter.add(name, (table.name, row.line, problem), 200)
    else:
        what = f"{problem.what}; whose row it is isn't known, so its patient lacks it"
        account.refuse(refused_line(table.name, row.line, what, problem.mend))


def _of_somebody(group: Group, main: Table, account: Account) -> Group | None:
    own = [record for record in group.records if record[0] == main.name]
    if not own and not group.dropped:
        file, line, _ = group.records[0]
        what = f"{len(group.records)} rows are of {shown(group.key)}, who is not in {main.name}; this is the first"
        account.refuse(refused_line(file, line, what, "add the patient there", group.key))
        return None
    for file, line, _ in own[1:]:
        what = f"{shown(group.key)} stands twice in {main.name}"
        account.refuse(refused_line(file, line, what, f"line {own[0][1]} was taken", group.key))
    again = {id(record) for record in own[1:]}
    return Group(group.key, tuple(record for record in group.records if id(record) not in again), group.dropped)


def shown(text: str) -> str:
    """A cell as a message shows it."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
