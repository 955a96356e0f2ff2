"""What an import refused, written as it comes, and what it did not understand, counted: both with flat memory."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from tumorboard.errors import Problem

_INDEX = re.compile(r"\[\d+\]")
_KINDS = 20_000  # things not understood that are told apart; the rest is one count
Where = tuple[str, int] | None  # file and line


@dataclass(frozen=True, slots=True)
class Refusal:
    """A patient, or a line whose patient isn't known (``case`` None), that was not taken."""

    case: str | None
    problems: tuple[tuple[Problem, Where], ...]

    def record(self) -> dict[str, Any]:
        problems = [_problem(problem, where) for problem, where in self.problems]
        return {
            "case": self.case,
            "error": "\n".join(str(problem) for problem, _ in self.problems),
            "problems": problems,
        }


def refused_line(file: str, line: int, what: str, mend: str = "", case: str | None = None) -> Refusal:
    return Refusal(case, ((Problem(f"{file}:{line}", what, mend), (file, line)),))


def _problem(problem: Problem, where: Where) -> dict[str, Any]:
    found: dict[str, Any] = {"place": problem.place, "what": problem.what, "mend": problem.mend}
    return found if where is None else {"file": where[0], "line": where[1], **found}


@dataclass(frozen=True, slots=True)
class Unknown:
    """One thing not understood, without its place among others of its kind (``labs.name``, ``Observation``)."""

    where: str
    what: str
    mend: str = ""


def unknown_of(problem: Problem) -> Unknown:
    """The kind of a problem: its place without positions, ids and lines."""
    place = _INDEX.sub("", problem.place)
    return Unknown(place.partition("/")[0], problem.what, problem.mend)


class Account:
    """Keeps ``refused.jsonl`` and ``not-understood.jsonl`` of an import; both appear when it is done."""

    def __init__(self, folder: Path, said: Callable[[str], None]) -> None:
        self.refused, self._said = 0, said
        self._folder = folder
        self._unfinished = folder / ".refused.jsonl"
        self._unknown: dict[Unknown, int] = {}
        self._more = 0

    def __enter__(self) -> Self:
        self._file: TextIO = self._unfinished.open("w", encoding="utf-8", errors="backslashreplace")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None:
            self._unfinished.replace(self._folder / "refused.jsonl")
            self._write_unknown()
        else:
            self._unfinished.unlink()

    def refuse(self, *refusals: Refusal) -> None:
        for refusal in refusals:
            self.refused += 1
            self._file.write(json.dumps(refusal.record(), ensure_ascii=False) + "\n")

    def not_understood(self, kinds: Iterable[Unknown], count: int = 1) -> None:
        for kind in kinds:
            if kind in self._unknown or len(self._unknown) < _KINDS:
                self._unknown[kind] = self._unknown.get(kind, 0) + count
            else:
                self._more += count

    @property
    def kinds(self) -> int:
        """How many kinds of things were not understood."""
        return len(self._unknown) + bool(self._more)

    def _write_unknown(self) -> None:
        path = self._folder / "not-understood.jsonl"
        with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
            for kind, count in sorted(self._unknown.items(), key=lambda item: (-item[1], item[0].where, item[0].what)):
                line = {"count": count, "where": kind.where, "what": kind.what, "mend": kind.mend}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            if self._more:
                more = {
                    "count": self._more,
                    "where": "",
                    "what": f"of further kinds; {_KINDS} are told apart",
                    "mend": "",
                }
                file.write(json.dumps(more, ensure_ascii=False) + "\n")

    def say(self, text: str) -> None:
        self._said(text)
