"""The engines a cohort is answered on: this machine's cores, reading Parquet through Arrow, and Apache Spark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tumorboard.cohort.columns import leaves
from tumorboard.cohort.files import opened
from tumorboard.cohort.verdicts import Answering, Verdicts
from tumorboard.errors import InvalidInput, Problem

_PATIENTS = 25_000  # answered at a time: few enough for little memory, enough that a distinct value comes often
FOLLOW_UP = ["follow_up.hospital", "follow_up.given.list.element"]
Groups = tuple[int, ...]
Work = Callable[[Groups], Verdicts]
Spread = Callable[[Work, Iterable[Groups]], Iterator[Verdicts]]


@dataclass(frozen=True)
class Local:
    """This machine. ``spread`` hands row groups to its cores and gives their answers in order."""

    spread: Spread

    def answers(self, part: Path, answering: Answering) -> Iterator[Verdicts]:
        columns = [*leaves(answering.columns()), *FOLLOW_UP]
        yield from self.spread(lambda groups: _answer(part, groups, columns, answering), _groups(part))


def _answer(part: Path, groups: Groups, columns: list[str], answering: Answering) -> Verdicts:
    with opened(part) as file:
        table = _read(file, part, groups, columns)
    (batch,) = table.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)]
    return answering.answer(batch)


def _read(file: pq.ParquetFile, part: Path, groups: Groups, columns: list[str]) -> pa.Table:
    """The row groups, one at a time, so that one that can't be read is named."""
    tables: list[Any] = []
    for group in groups:
        try:
            tables.append(file.read_row_group(group, columns=columns, use_threads=False))
        except (OSError, pa.ArrowException) as error:
            place = f"{part.name}, row group {group}"
            raise InvalidInput(Problem(place, f"can't be read: {str(error).splitlines()[0]}")) from error
    return pa.concat_tables(tables)


def _groups(part: Path) -> Iterator[Groups]:
    """The row groups of a file, as many together as are answered at a time."""
    with opened(part) as file:
        rows = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    together: list[int] = []
    for number, count in enumerate(rows):
        if together and sum(rows[group] for group in together) + count > _PATIENTS:
            yield tuple(together)
            together = []
        together.append(number)
    if together:
        yield tuple(together)
