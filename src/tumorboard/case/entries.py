"""Reading the entries of one case: what is dated up to the day of the board, under the vocabulary's names."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from tumorboard.case.model import CaseFile, Entry
from tumorboard.case.rows import UNDATED
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.vocabulary.library import Vocabulary
from tumorboard.vocabulary.terms import Term, Terms

_ENOUGH = 25


class Entries:
    """Collects the slips and the not-understood names of one case while its tables are built."""

    def __init__(self, file: CaseFile, vocabulary: Vocabulary, as_of: datetime.date) -> None:
        self.file, self.vocabulary, self.as_of = file, vocabulary, as_of
        self.terms = vocabulary.terms
        self.problems: list[Problem] = []
        self.not_understood: list[Problem] = []

    def known_day(self, day: datetime.date | None) -> int | None:
        """The day's ordinal; a day after ``as_of`` counts as not recorded."""
        return day.toordinal() if day and day <= self.as_of else None

    def current(self, entries: Sequence[Entry] | None, *date_keys: str) -> list[tuple[int, Any, int]]:
        """(index, entry, when) of the entries dated on or before ``as_of``, oldest first."""
        found = []
        for index, entry in enumerate(entries or ()):
            day = next((day for key in date_keys if (day := getattr(entry, key, None)) is not None), None)
            if day is None or day <= self.as_of:
                found.append((index, entry, day.toordinal() if day else UNDATED))
        return sorted(found, key=lambda item: item[2])

    def agents(self, names: Iterable[str], place: str) -> frozenset[str]:
        """The INNs of a list of drugs; an unknown one is kept as a problem at its place in the list."""
        return frozenset().union(*(self.agent(name, f"{place}[{index}]") for index, name in enumerate(names)))

    def agent(self, name: str, place: str) -> frozenset[str]:
        try:
            return frozenset((self.vocabulary.drugs.find(name, place).inn,))
        except TumorboardError as error:
            self.wrong(*error.problems)
            return frozenset()

    def wrong(self, *problems: Problem) -> None:
        """Keeps what is wrong. Raises InvalidInput where it is enough: to name what a slip is like takes long."""
        self.problems.extend(problems)
        if len(self.problems) >= _ENOUGH:
            raise InvalidInput(*self.problems)

    def named(self, heading: Terms, name: str, place: str) -> Term | None:
        term = heading.find(name)
        if term is None:
            self.not_understood.append(Problem(place, f"{name!r} is no name any rule asks for"))
        return term
