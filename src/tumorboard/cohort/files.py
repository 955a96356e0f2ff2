"""A cohort on disk: Parquet files of patients sorted by id, written through a merge so that memory stays flat.

Every file has the schema of :mod:`tumorboard.cohort.schema`; an id stands once in the whole cohort.
"""

from __future__ import annotations

import heapq
import pickle
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tumorboard.cohort.schema import VERSION, cohort_schema
from tumorboard.errors import InvalidInput, NotFound, Problem

ROWS_A_FILE = 250_000
ROW_GROUP = 10_000  # patients read, and answered, at a time
_CHUNK = 20_000  # patients sorted in memory
Patient = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing: how many patients in how many files, and ids that came again (the first stays)."""

    patients: int
    files: int
    twice: tuple[str, ...]


def write_cohort(patients: Iterable[Patient], folder: Path, rows_a_file: int = ROWS_A_FILE) -> Written:
    """The patients in files of ``folder``, sorted by id.

    Raises InvalidInput where the folder holds a cohort already: two must not be mixed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob("part-*.parquet")):
        raise InvalidInput(Problem(str(folder), "holds a cohort already", "name a new folder"))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".sorting-") as temporary:
        chunks = list(_sorted_chunks(patients, Path(temporary)))
        merged = heapq.merge(*(_rows(chunk) for chunk in chunks), key=_id)
        return _write_parts(merged, folder, rows_a_file)


def parts(folder: Path) -> list[Path]:
    """The files of a cohort, in the order of their patients. Raises NotFound where there are none."""
    found = sorted(folder.glob("part-*.parquet")) if folder.is_dir() else []
    if not found:
        raise NotFound(Problem(str(folder), "holds no cohort", "make one with `tumorboard cohort import`"))
    return found


def opened(part: Path) -> pq.ParquetFile:
    """A file of a cohort. Raises InvalidInput, naming the file, where it is cut off, no Parquet or of another form."""
    try:
        file = pq.ParquetFile(part)
    except (OSError, pa.ArrowException) as error:
        raise InvalidInput(
            Problem(part.name, f"can't be read: {str(error).splitlines()[0]}", "is it complete?")
        ) from error
    schema = file.schema_arrow
    if (schema.metadata or {}).get(b"schema") != VERSION.encode() or not schema.equals(cohort_schema()):
        file.close()
        raise InvalidInput(Problem(part.name, "has another form", f"a cohort file is {VERSION}"))
    return file


def row_group(file: pq.ParquetFile, part: Path, number: int) -> list[dict[str, Any]]:
    """The patients of one row group. Raises InvalidInput naming file and group where it can't be read."""
    try:
        found: list[dict[str, Any]] = file.read_row_group(number).to_pylist()
    except (OSError, pa.ArrowException) as error:
        place = f"{part.name}, row group {number}"
        raise InvalidInput(Problem(place, f"can't be read: {str(error).splitlines()[0]}")) from error
    return found


def patients(folder: Path) -> Iterator[dict[str, Any]]:
    """All patients of a cohort, in order of their ids. Raises NotFound, or InvalidInput naming a file or row group."""
    for part in parts(folder):
        file = opened(part)
        for number in range(file.num_row_groups):
            yield from row_group(file, part, number)


def patient(folder: Path, id_: str) -> dict[str, Any]:
    """One patient by id. Raises NotFound."""
    for part in parts(folder):
        file = opened(part)
        for number in range(file.num_row_groups):
            bounds = file.metadata.row_group(number).column(0).statistics
            if bounds is not None and bounds.has_min_max and not bounds.min <= id_ <= bounds.max:
                continue
            found = [row for row in row_group(file, part, number) if row["id"] == id_]
            if found:
                return found[0]
    raise NotFound(Problem(str(folder), f"no patient {id_!r}"))


def _sorted_chunks(patients: Iterable[Patient], folder: Path) -> Iterator[Path]:
    chunk: list[Patient] = []
    number = 0
    for one in patients:
        chunk.append(one)
        if len(chunk) == _CHUNK:
            yield _write_chunk(chunk, folder / f"{number}.sorted")
            chunk, number = [], number + 1
    if chunk:
        yield _write_chunk(chunk, folder / f"{number}.sorted")


def _write_chunk(chunk: list[Patient], path: Path) -> Path:
    # A stable sort, so that of two with one id the first given stays first.
    with path.open("wb") as file:
        for one in sorted(chunk, key=_id):
            pickle.dump(one, file, pickle.HIGHEST_PROTOCOL)
    return path


def _rows(path: Path) -> Iterator[Patient]:
    """The patients of a chunk, one at a time: with hundreds of chunks open, a batch of each would fill the memory."""
    with path.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return


def _write_parts(merged: Iterable[Patient], folder: Path, rows_a_file: int) -> Written:
    twice: list[str] = []
    last, count, files = None, 0, 0
    writer: pq.ParquetWriter | None = None
    rows: list[Patient] = []
    in_file = 0
    try:
        for one in merged:
            if one["id"] == last:
                twice.append(one["id"])
                continue
            last = one["id"]
            rows.append(one)
            count += 1
            if len(rows) == ROW_GROUP or in_file + len(rows) == rows_a_file:
                if writer is None:
                    writer = _writer(folder / f"part-{files:05d}.parquet")
                    files += 1
                in_file = _flush(writer, rows, in_file)
                if in_file == rows_a_file:
                    writer.close()
                    writer, in_file = None, 0
        if rows:
            if writer is None:
                writer = _writer(folder / f"part-{files:05d}.parquet")
                files += 1
            _flush(writer, rows, in_file)
    finally:
        if writer is not None:
            writer.close()
    return Written(count, files, tuple(twice))


def _writer(path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, cohort_schema(), compression="zstd")


def _flush(writer: pq.ParquetWriter, rows: list[Patient], in_file: int) -> int:
    writer.write_table(pa.Table.from_pylist(rows, schema=cohort_schema()), row_group_size=ROW_GROUP)
    written = in_file + len(rows)
    rows.clear()
    return written


def _id(one: Patient) -> str:
    id_: str = one["id"]
    return id_
