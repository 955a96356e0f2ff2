"""A course whose every time point is known, summed up: best response, its date, progression and times to events."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tumorboard.response.criteria import Options
from tumorboard.response.model import Course, Dates, Interval, Outcome, Response

Step = tuple[datetime.date, Response]
_RESPONSES = frozenset({Response.CR, Response.PR})
_CONTROL = _RESPONSES | {Response.SD, Response.NON_CR_NON_PD}


def summarise(
    steps: Sequence[Step], clock: datetime.date | None, stable: Response, dates: Dates, options: Options
) -> Outcome:
    """The outcome of ``steps`` (date and overall response, in order of date).

    ``clock`` is the day from which the shortest time for stable disease runs; ``stable`` is what stable disease is
    called (non-CR/non-PD where there are no target lesions). Nothing after the first progression counts.
    """
    progressed = next((day for day, response in steps if response is Response.PD), None)
    before = [step for step in steps if progressed is None or step[0] < progressed]
    controlled = [day for day, response in before if response in _CONTROL]
    held = clock is not None and any((day - clock).days >= options.sd_minimum_days for day in controlled)
    without = stable if held else Response.NE if progressed is None else Response.PD
    unconfirmed = next((r for r in (Response.CR, Response.PR) if any(r is found for _, found in before)), without)
    responded = next((day for day, response in before if response in _RESPONSES), None)
    best = unconfirmed
    if options.confirmation_days is not None:
        first = _first_confirmed(before, _RESPONSES, options.confirmation_days)
        complete = _first_confirmed(before, frozenset({Response.CR}), options.confirmation_days)
        best = Response.CR if complete else Response.PR if first else without
        responded = first
    start, death = dates.start, dates.death
    seen = [day for day, response in before if response is not Response.NE]
    last_seen = seen[-1] if seen else start
    event = progressed or death
    last_known = max((day for day in (dates.last_contact, start, *(day for day, _ in steps)) if day), default=None)
    return Outcome(
        best=best,
        best_unconfirmed=unconfirmed,
        responded=responded,
        progressed=progressed,
        pfs=_interval(start, event, last_seen),
        ttp=_interval(start, progressed, death or last_seen),
        dor=_interval(responded, event, last_seen),
        os=_interval(start, death, last_known),
    )


def _first_confirmed(steps: Sequence[Step], kinds: frozenset[Response], days: int) -> datetime.date | None:
    """The first day with one of ``kinds`` that another at least ``days`` later confirms, only NE between them."""
    for index, (day, response) in enumerate(steps):
        if response not in kinds:
            continue
        for later, following in steps[index + 1 :]:
            if following in kinds and (later - day).days >= days:
                return day
            if following not in kinds and following is not Response.NE:
                break
    return None


def _interval(start: datetime.date | None, event: datetime.date | None, last: datetime.date | None) -> Interval | None:
    if start is None:
        return None
    if event is not None:
        return Interval(start, event, True)
    return None if last is None else Interval(start, last, False)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of ``of`` patients: between ``low`` and ``high`` of them, the same number where all are known."""

    low: int
    high: int
    of: int

    @property
    def share(self) -> Fraction | None:
        """In per cent; None where not known or where there is nobody."""
        return Fraction(100 * self.low, self.of) if self.low == self.high and self.of else None


def response_rate(courses: Iterable[Course]) -> Rate:
    """Objective response rate: (CR + PR) of all courses given, those without an evaluable response included."""
    return _rate(courses, _RESPONSES)


def control_rate(courses: Iterable[Course]) -> Rate:
    """Disease control rate: (CR + PR + SD) of all courses given, those without an evaluable response included."""
    return _rate(courses, _CONTROL)


def _rate(courses: Iterable[Course], kinds: frozenset[Response]) -> Rate:
    best = [course.best.values for course in courses]
    return Rate(sum(values <= kinds for values in best), sum(bool(values & kinds) for values in best), len(best))
