"""Cases from a file, folder, JSON lines or table, one after another, and the answers to many of them on every core.

Cases are read as they are needed and answers come in the order of the cases, so memory stays flat.
"""

from __future__ import annotations

import csv
import itertools
import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tumorboard.cli.common import case_of, load_case, say, today
from tumorboard.data import MAX_BYTES, decode, parse_json
from tumorboard.errors import InvalidInput, NotFound, Problem, TumorboardError

if TYPE_CHECKING:
    from tumorboard.case.read import Case
    from tumorboard.guidelines.knowledge import Knowledge

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")
CHUNK = 100  # cases a process is given at a time; fewer in all are answered without starting any
_CASE_FILES = (".yaml", ".yml", ".json")
_NAMES = ("id", "case", "patient")  # columns of a table that name the patient


@dataclass(frozen=True)
class Answer:
    """What one case gives: text for the output, messages for people, and whether it failed or stays undecided."""

    text: str
    said: tuple[str, ...] = ()
    failed: bool = False
    undecided: bool = False


@dataclass
class Outcome:
    """What the cases of one command came to."""

    failed: bool = False
    undecided: bool = False

    def texts(self, answers: Iterable[Answer]) -> Iterator[str]:
        """The texts of the answers, their messages said and their outcome noted on the way."""
        for answer in answers:
            for line in answer.said:
                say(line)
            self.failed |= answer.failed
            self.undecided |= answer.undecided
            yield answer.text


def is_batch(path: Path) -> bool:
    return path.is_dir() or path.suffix in (".jsonl", ".csv")


def load_cases(path: Path, knowledge: Knowledge) -> Iterator[tuple[str, Case | TumorboardError]]:
    """The cases of ``path``, each with its name; of a batch, one that can't be read gives its error."""
    if is_batch(path):
        yield from (entry.read(knowledge) for entry in _entries(path, knowledge))
    else:
        yield path.name, load_case(path, knowledge)


def answers(
    path: Path, knowledge: Knowledge, answer: Callable[[str, Case | TumorboardError], Result]
) -> Iterator[Result]:
    """``answer`` of every case of ``path``, in order; of a long batch, worked out by as many processes as cores."""
    cores = _cores()
    entries = _entries(path, knowledge) if is_batch(path) and cores > 1 else iter(())
    first = list(itertools.islice(entries, CHUNK))
    if len(first) < CHUNK:
        yield from (answer(name, case) for name, case in load_cases(path, knowledge))
        return

    def answered(chunk: list[_Entry]) -> list[Result]:
        return [answer(*entry.read(knowledge)) for entry in chunk]

    for chunk in spread(answered, _chunks(itertools.chain(first, entries))):
        yield from chunk


def spread(work: Callable[[Chunk], Result], chunks: Iterable[Chunk]) -> Iterator[Result]:
    """``work`` on each chunk, in order, by as many processes as cores; chunks are taken as they are needed."""
    cores = _cores()
    if cores == 1:
        yield from map(work, chunks)
        return
    # Forked, so that each process has the knowledge already and nothing but chunks and results travels.
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(cores, fork, initializer=_work_with, initargs=(work,)) as pool:
        waiting: deque[Any] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(_work, chunk))
            if len(waiting) > 2 * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_worker: Callable[[Any], Any]


def _work_with(worker: Callable[[Any], Any]) -> None:
    global _worker  # a process of the pool keeps it for its life; a closure can't be sent with each chunk
    _worker = worker


def _work(chunk: Any) -> Any:
    return _worker(chunk)


def _cores() -> int:
    """Cores to use; one where processes can't be forked safely (Windows, macOS)."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _chunks(entries: Iterator[_Entry]) -> Iterator[list[_Entry]]:
    while chunk := list(itertools.islice(entries, CHUNK)):
        yield chunk


# -- the entries of a batch: what has to be sent to a process, before anything is read ---------------------------------


@dataclass(frozen=True, slots=True)
class _File:
    path: Path

    def read(self, knowledge: Knowledge) -> tuple[str, Case | TumorboardError]:
        try:
            return self.path.name, load_case(self.path, knowledge)
        except TumorboardError as error:
            return self.path.name, error


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    raw: bytes

    def read(self, knowledge: Knowledge) -> tuple[str, Case | TumorboardError]:
        try:
            if len(self.raw) > MAX_BYTES:
                what = f"a line of {len(self.raw) // 2**20} MiB"
                raise InvalidInput(Problem("", what, f"the limit is {MAX_BYTES // 2**20} MiB a case"))
            data = parse_json(decode(self.raw, self.name), self.name)
            case = case_of(data, knowledge)
        except TumorboardError as error:
            return self.name, error
        return (str(data["id"]) if "id" in data else self.name), case


@dataclass(frozen=True, slots=True)
class _Row:
    row: PatientRow
    inputs: Mapping[str, str]

    def read(self, knowledge: Knowledge) -> tuple[str, Case | TumorboardError]:
        try:
            return self.row.name, self.row.case(self.inputs, knowledge)
        except TumorboardError as error:
            return self.row.name, error


_Entry = _File | _Line | _Row


def _entries(path: Path, knowledge: Knowledge) -> Iterator[_Entry]:
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in _CASE_FILES)
        if not files:
            raise NotFound(Problem(str(path), "holds no case file", "a case file ends in .yaml or .json"))
        yield from map(_File, files)
    elif path.suffix == ".jsonl":
        yield from _lines(path)
    else:
        from tumorboard.advice.calculate import every_input, load_calculators

        inputs = every_input(load_calculators(knowledge.folder))
        yield from (_Row(row, inputs) for row in PatientTable(path, inputs).rows())


def _lines(path: Path) -> Iterator[_Line]:
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    yield _Line(f"{path.name}:{number}", raw)
    except OSError as error:
        raise NotFound(Problem(str(path), error.strerror or str(error))) from error


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient of a table: the cells as written, the inputs given among them, and what is wrong with the row."""

    name: str
    cells: list[str]
    given: dict[str, str]
    problem: Problem | None = None

    def case(self, inputs: Mapping[str, str], knowledge: Knowledge) -> Case:
        """The case of these inputs alone. Raises InvalidInput naming the column."""
        from tumorboard.advice.calculate import case_from_options

        if self.problem:
            raise InvalidInput(self.problem)
        return case_from_options(self.given, inputs, self.name, knowledge, today(), prefix="")


class PatientTable:
    """A CSV of one patient a row, read as it comes: inputs of calculators by the column's name, and ``id``.

    Raises NotFound, or InvalidInput for a heading that is no input and for text that is no CSV in UTF-8.
    """

    def __init__(self, path: Path, inputs: Iterable[str]) -> None:
        from tumorboard.advice.calculate import input_key

        self.path = path
        self.heading = next(self._records(), (0, []))[1]
        if not self.heading:
            raise InvalidInput(Problem(path.name, "is an empty table"))
        known = {input_key(name) for name in inputs}
        for name in self.heading:
            if name.casefold() not in _NAMES and input_key(name) not in known:
                raise InvalidInput(
                    Problem(f"{path.name}:1", f"no input {name!r}", f"use id, {', '.join(sorted(known))}")
                )
        if len(set(self.heading)) < len(self.heading):
            raise InvalidInput(Problem(f"{path.name}:1", "names a column twice", "keep one"))

    def rows(self) -> Iterator[PatientRow]:
        for number, cells in itertools.islice(self._records(), 1, None):
            if not any(cells):
                continue
            place = f"{self.path.name}:{number}"
            if len(cells) != len(self.heading):
                what = f"{len(cells)} cells under {len(self.heading)} headings"
                yield PatientRow(place, cells, {}, Problem("", what, "is a comma inside a cell unquoted?"))
                continue
            pairs = [(name, cell.strip()) for name, cell in zip(self.heading, cells, strict=True)]
            names = [cell for name, cell in pairs if name.casefold() in _NAMES and cell]
            given = {name: cell for name, cell in pairs if cell and name.casefold() not in _NAMES}
            yield PatientRow(names[0] if names else place, cells, given)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """The records of the file, each with the number of its line."""
        try:
            with self.path.open("rb") as file:
                lines = (decode(line, f"{self.path.name}:{number}") for number, line in enumerate(file, 1))
                reader = csv.reader(lines, strict=True)
                for cells in reader:
                    yield reader.line_num, cells
        except OSError as error:
            raise NotFound(Problem(str(self.path), error.strerror or str(error))) from error
        except csv.Error as error:
            raise InvalidInput(Problem(f"{self.path.name}:{reader.line_num}", f"is not CSV: {error}")) from error
