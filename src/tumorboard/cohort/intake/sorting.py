"""Records of many files put together by patient, on disk: ten gigabytes need no more memory than ten megabytes."""

from __future__ import annotations

import heapq
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

_BUDGET = 48 * 2**20  # bytes of records sorted in memory
_OVERHEAD = 400  # bytes that Python adds to a record, about
_OPEN = 64  # sorted runs that are merged at a time
Record = tuple[str, int, Any]  # the file, the line in it, and what it holds


@dataclass(frozen=True, slots=True)
class Group:
    """All records of one key in the order they came; ``dropped`` of them were left out, as they were too large."""

    key: str
    records: tuple[Record, ...]
    dropped: int = 0


class Sorter:
    """Takes records in any order and gives them back by key, the keys ascending. ``folder`` must be empty."""

    def __init__(self, folder: Path, budget: int = _BUDGET) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._budget = folder, budget
        self._held: list[tuple[str, int, Record]] = []
        self._size = 0
        self._runs: list[Path] = []
        self._number = 0

    def add(self, key: str, record: Record, size: int) -> None:
        """``size``: the bytes of what the record holds, about."""
        self._held.append((key, size, record))
        self._size += size + _OVERHEAD
        if self._size >= self._budget:
            self._write(sorted(self._held, key=_key))
            self._held, self._size = [], 0
            if len(self._runs) == _OPEN:
                runs, self._runs = self._runs, []
                self._write(_merged(runs))
                for run in runs:
                    run.unlink()

    def items(self) -> Iterator[tuple[str, int, Record]]:
        """Every record with its key and size, one at a time."""
        rest = sorted(self._held, key=_key)
        self._held = []
        yield from _merged(self._runs, rest)

    def groups(self, limit: int) -> Iterator[Group]:
        """Every key with its records, of which no more than ``limit`` bytes are held."""
        last: str | None = None
        records: list[Record] = []
        held = dropped = 0
        for key, size, record in self.items():
            if key != last:
                if last is not None:
                    yield Group(last, tuple(records), dropped)
                last, records, held, dropped = key, [], 0, 0
            held += size
            if held <= limit:
                records.append(record)
            else:
                dropped += 1
        if last is not None:
            yield Group(last, tuple(records), dropped)

    def _write(self, items: Iterable[tuple[str, int, Record]]) -> None:
        path = self._folder / f"{self._number}.sorted"
        self._number += 1
        with path.open("wb") as file:
            for item in items:
                pickle.dump(item, file, pickle.HIGHEST_PROTOCOL)
        self._runs.append(path)


def _merged(runs: list[Path], last: Iterable[tuple[str, int, Record]] = ()) -> Iterator[tuple[str, int, Record]]:
    # A stable merge of stable sorts: records of one key stay in the order they came.
    files = [run.open("rb") for run in runs]
    try:
        yield from heapq.merge(*map(_items, files), last, key=_key)
    finally:
        for file in files:
            file.close()


def _items(file: BinaryIO) -> Iterator[tuple[str, int, Record]]:
    while True:
        try:
            yield pickle.load(file)
        except EOFError:
            return


def _key(item: tuple[str, int, Record]) -> str:
    return item[0]
