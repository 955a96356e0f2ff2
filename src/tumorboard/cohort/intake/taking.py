"""From the data of one patient to a row of a cohort, or to the reasons why not."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.advice.given import case_given
from tumorboard.case.read import Case
from tumorboard.cohort.follow_up import with_follow_up
from tumorboard.cohort.intake.refusals import Refusal, Unknown, Where, unknown_of
from tumorboard.cohort.intake.sorting import Group
from tumorboard.cohort.patients import patient_of
from tumorboard.data import MAX_BYTES
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.guidelines.knowledge import Knowledge


@dataclass(slots=True)
class CaseData:
    """What a reader makes of one patient's records.

    ``where``: the file and line that a place in a message (``labs[1].value``, ``Observation/x``) comes from;
    ``problems``: why it can't be taken.
    """

    data: dict[str, Any]
    not_understood: tuple[Problem, ...] = ()
    where: Callable[[str], Where] = lambda place: None
    problems: tuple[tuple[Problem, Where], ...] = ()


Reader = Callable[[Group], CaseData]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one patient: a row of the cohort, or a refusal; and what of the record was not understood."""

    patient: dict[str, Any] | None
    refusals: tuple[Refusal, ...] = ()
    unknown: tuple[Unknown, ...] = ()


class Taker:
    """Makes rows of a cohort out of patients' records. ``as_of``: the day of the board where a record gives none."""

    def __init__(
        self, knowledge: Knowledge, as_of: datetime.date, follow_up: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.knowledge, self.as_of, self._follow_up = knowledge, as_of, follow_up or {}

    def taken(self, read: Reader, groups: Iterable[Group]) -> list[Taken]:
        return [self._taken(read, group) for group in groups]

    def of_case(self, name: str, case: Case | TumorboardError) -> Taken:
        """What becomes of a case that was read already, or of the error it gave; ``name`` is its file or line."""
        file, _, line = name.rpartition(":")
        where = (file, int(line)) if file and line.isdecimal() else None
        if isinstance(case, TumorboardError):
            return Taken(None, (_refusal(name, case, lambda place: where),))
        try:
            return self._row(case, ())
        except TumorboardError as error:
            return Taken(None, (_refusal(case.id, error, lambda place: where),))

    def _taken(self, read: Reader, group: Group) -> Taken:
        found: CaseData | None = None
        try:
            if group.dropped:
                raise InvalidInput(
                    Problem("", "the records of this patient are too large", f"at most {MAX_BYTES // 2**20} MiB a case")
                )
            found = read(group)
            if found.problems:
                return Taken(None, (Refusal(group.key, found.problems),))
            return self._row(self.case(found.data), found.not_understood)
        except TumorboardError as error:
            return Taken(None, (_refusal(group.key, error, found.where if found else _first(group)),))

    def _row(self, case: Case, not_understood: tuple[Problem, ...]) -> Taken:
        row = with_follow_up(patient_of(case), case, self.knowledge.vocabulary, self._follow_up)
        listed = (*not_understood, *case.not_understood, *case.notices)
        return Taken(row, (), tuple(map(unknown_of, listed)))

    def case(self, data: object) -> Case:
        """The case in the data of a case file, with what its measurements give. Raises InvalidInput."""
        return case_given(data, self.knowledge, self.as_of)


def _first(group: Group) -> Callable[[str], Where]:
    """The first record of a patient of whom nothing nearer is known."""
    first = (group.records[0][0], group.records[0][1]) if group.records else None
    return lambda place: first


def _refusal(case: str, error: TumorboardError, where: Callable[[str], Where]) -> Refusal:
    return Refusal(case, tuple((problem, where(problem.place)) for problem in error.problems))
