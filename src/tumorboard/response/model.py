"""What is measured and what follows from it. Lengths are whole tenths of a millimetre; changes are exact fractions."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Generic, TypeVar

from tumorboard.text import Text

Value = TypeVar("Value")


class Response(StrEnum):
    """Of target lesions, of a time point, or the best of a course."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    NON_CR_NON_PD = "non-CR/non-PD"  # stands for SD where there are only non-target lesions
    PD = "PD"
    NE = "NE"


class Nontarget(StrEnum):
    CR = "CR"
    NON_CR_NON_PD = "non-CR/non-PD"
    PD = "PD"
    NE = "NE"
    NONE = "none"  # there are no non-target lesions


class Status(StrEnum):
    """What is said of one lesion at one time point."""

    MEASURED = "measured"
    TOO_SMALL = "too small"
    ABSENT = "absent"
    NOT_EVALUATED = "not evaluated"
    PRESENT = "present"
    PROGRESSED = "progressed"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Lesion:
    """One lesion at one time point; ``size`` in tenths of a millimetre (a node's short axis)."""

    id: str
    status: Status
    size: int | None
    site: str | None
    node: bool | None
    target: bool | None
    place: str


@dataclass(frozen=True, slots=True)
class Timepoint:
    """One assessment as written: a sum of targets in tenths of a millimetre, or single lesions. None: not recorded."""

    date: datetime.date
    criteria: str
    target: int | None = None
    nontarget: Nontarget | None = None
    new_lesions: bool | None = None
    lesions: tuple[Lesion, ...] | None = None
    slice: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Dates:
    """The days endpoints run from and to; ``start_missing`` names the entry that lacks a start."""

    start: datetime.date | None = None
    death: datetime.date | None = None
    last_contact: datetime.date | None = None
    start_missing: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient of a response file; ``timepoints`` may hold more than one set of criteria."""

    id: str
    timepoints: tuple[Timepoint, ...]
    dates: Dates = Dates()

    @property
    def criteria(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(timepoint.criteria for timepoint in self.timepoints))

    def under(self, criteria: str) -> tuple[Timepoint, ...]:
        return tuple(timepoint for timepoint in self.timepoints if timepoint.criteria == criteria)


@dataclass(frozen=True, slots=True)
class Possible(Generic[Value]):
    """What a value can still be, given what isn't recorded; known means one is left."""

    values: frozenset[Value]

    @classmethod
    def of(cls, values: Iterable[Value]) -> Possible[Value]:
        return cls(frozenset(values))

    @property
    def known(self) -> bool:
        return len(self.values) == 1

    @property
    def value(self) -> Value:
        """The one value; ValueError where several are possible, so that nobody mistakes unknown for a value."""
        if not self.known:
            raise ValueError("the value is not known")
        return next(iter(self.values))


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one time point after the baseline says.

    ``sum`` is None where a target was not evaluated; ``nadir`` is the smallest sum up to and including this one.
    Changes are in per cent, exact; from a sum of zero there is none. ``missing`` are entries that would settle
    ``overall``. ``after_progression``: the course has ended before this time point for certain.
    """

    timepoint: Timepoint
    sum: int | None
    nadir: int | None
    from_baseline: Fraction | None
    from_nadir: Fraction | None
    target: Response | None
    nontarget: Possible[Nontarget]
    new_lesions: Possible[bool]
    overall: Possible[Response]
    after_progression: bool
    because: tuple[Text, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A time to an event: days from ``start`` to ``end``; ``event`` is false where it was censored at ``end``."""

    start: datetime.date
    end: datetime.date
    event: bool

    @property
    def days(self) -> int:
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class Outcome:
    """A course summed up, every time point being known. A date or interval that does not exist is None."""

    best: Response
    best_unconfirmed: Response
    responded: datetime.date | None
    progressed: datetime.date | None
    pfs: Interval | None
    ttp: Interval | None
    dor: Interval | None
    os: Interval | None


@dataclass(frozen=True, slots=True)
class Course:
    """A patient's course under one set of criteria.

    ``baseline`` is None where no measurement stands on or before the start; ``earlier`` time points belong to earlier
    treatment. ``best`` follows the confirmation option, ``best_unconfirmed`` doesn't. Every summary holds all values
    the entries in ``missing`` leave possible.
    """

    criteria: str
    baseline: Timepoint | None
    baseline_sum: int | None
    earlier: tuple[Timepoint, ...]
    assessments: tuple[Assessment, ...]
    dates: Dates
    best: Possible[Response]
    best_unconfirmed: Possible[Response]
    responded: Possible[datetime.date | None]
    progressed: Possible[datetime.date | None]
    pfs: Possible[Interval | None]
    ttp: Possible[Interval | None]
    dor: Possible[Interval | None]
    os: Possible[Interval | None]
    because: tuple[Text, ...]
    missing: tuple[str, ...]

    @property
    def until_progression(self) -> tuple[Assessment, ...]:
        return tuple(assessment for assessment in self.assessments if not assessment.after_progression)

    @property
    def best_change(self) -> Fraction | None:
        """The greatest shrinkage (or least growth) from baseline up to progression, in per cent."""
        changes = [a.from_baseline for a in self.until_progression if a.from_baseline is not None]
        return min(changes, default=None)
