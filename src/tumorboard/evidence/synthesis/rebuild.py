"""Individual survival data rebuilt from a digitised Kaplan–Meier curve and the numbers at risk below it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tumorboard.errors import InvalidInput, Problem


@dataclass(frozen=True, slots=True)
class IndividualData:
    """One duration a patient, sorted, in the unit of the curve; ``events`` is False where it was censored."""

    durations: tuple[float, ...]
    events: tuple[bool, ...]

    @property
    def total_events(self) -> int:
        return sum(self.events)


@dataclass(slots=True)
class _State:
    """Where the reconstruction stands: patients under observation, the curve rebuilt so far, and what happened."""

    left: int
    alive: float
    rows: list[tuple[float, bool]]

    @property
    def died(self) -> int:
        return sum(event for _, event in self.rows)


def guyot(
    times: Sequence[float],
    survival: Sequence[float],
    at_risk_times: Sequence[float],
    at_risk: Sequence[int],
    total_events: int | None = None,
) -> IndividualData:
    """Individual data that give back a published Kaplan–Meier curve.

    ``times`` and ``survival`` (same length) are the points digitised from the curve, survival as a share from 1 down
    to 0, times rising (twice the same time is a drop: the lower point counts); ``at_risk`` are the patients at risk at
    ``at_risk_times`` (same length, the first at 0). ``total_events`` is the number of events, where it is printed.

    Method: within each interval of the risk table the number censored is sought with which, spread evenly over the
    interval, the rebuilt curve leads to the printed number at its end; events are d = round(n(1 − S/S_before)). After
    the last printed number censoring goes on at its rate so far, or as the total of events demands; who is left at the
    end of the curve is censored there. Reference: Guyot, Ades, Ouwens & Welton 2012, BMC Med Res Methodol 12:9. The
    result has exactly ``at_risk[0]`` patients; numbers printed that contradict the curve are met as nearly as can be.
    Raises InvalidInput for unequal lengths, a curve that rises, percentages for shares, or numbers at risk that rise.
    """
    _check(times, survival, at_risk_times, at_risk, total_events)
    points = _with_risk_times(times, survival, at_risk_times)
    starts = [next(i for i, (time, _) in enumerate(points) if time >= start) for start in at_risk_times]
    state = _State(at_risk[0], 1.0, [])
    censored = 0
    for index in range(len(starts) - 1):
        part = points[starts[index] : starts[index + 1]]
        end = at_risk_times[index + 1]
        count = _fitting(state, part, end, at_risk[index + 1])
        state = _walk(state, part, end, count)
        censored += count
    state = _last(state, points[starts[-1] :], at_risk_times[-1], censored, total_events)
    rows = sorted([*state.rows, *[(points[-1][0], False)] * state.left])
    return IndividualData(tuple(time for time, _ in rows), tuple(event for _, event in rows))


def _walk(state: _State, part: Sequence[tuple[float, float]], end: float, censored: int) -> _State:
    """The state after one interval in which ``censored`` patients leave at even distances."""
    start = part[0][0]
    leaving = [start + (end - start) * (index + 1) / (censored + 1) for index in range(censored)]
    left, alive, rows = state.left, state.alive, list(state.rows)
    gone = 0
    for position, (time, share) in enumerate(part):
        died = min(left, round(left * (1 - share / alive))) if alive > 0 and left > 0 else 0
        if died > 0:
            alive *= 1 - died / left
            left -= died
            rows += [(time, True)] * died
        until = part[position + 1][0] if position + 1 < len(part) else math.inf
        here = min(left, bisect_right(leaving, until) - gone)
        rows += [(when, False) for when in leaving[gone : gone + here]]
        gone += here
        left -= here
    return _State(left, alive, rows)


def _fitting(state: _State, part: Sequence[tuple[float, float]], end: float, wanted: int) -> int:
    """How many are censored in the interval so that ``wanted`` are left at its end, or as nearly as can be."""
    last = part[-1][1]
    guess = state.left * (last / state.alive if state.alive > 0 else 0.0) - wanted
    count = min(state.left, max(0, round(guess)))
    tried: dict[int, int] = {}
    while count not in tried:
        tried[count] = _walk(state, part, end, count).left - wanted
        count = min(state.left, max(0, count + tried[count]))
    return min(tried, key=lambda each: (abs(tried[each]), each))


def _last(
    state: _State,
    part: Sequence[tuple[float, float]],
    start: float,
    censored: int,
    total_events: int | None,
) -> _State:
    """The state at the end of the curve, after the last printed number at risk."""
    end = part[-1][0]
    if total_events is None:
        rate = censored / start if start > 0 else 0.0
        return _walk(state, part, end, min(state.left, round(rate * (end - start))))
    wanted = max(0, total_events - state.died)
    best, fits = None, math.inf
    for count in range(state.left + 1):
        after = _walk(state, part, end, count)
        off = abs(after.died - state.died - wanted)
        if off < fits:
            best, fits = after, off
    assert best is not None
    return best


def _with_risk_times(
    times: Sequence[float], survival: Sequence[float], at_risk_times: Sequence[float]
) -> list[tuple[float, float]]:
    """The points of the curve, one a time, with one at 0 and at every time of the risk table."""
    lowest: dict[float, float] = {0.0: 1.0}
    for time, share in zip(times, survival, strict=True):
        lowest[float(time)] = share
    known = sorted(lowest.items())
    for time in at_risk_times:
        if time not in lowest:
            lowest[float(time)] = known[bisect_right(known, (time, math.inf)) - 1][1]
    return sorted(lowest.items())


def _check(
    times: Sequence[float],
    survival: Sequence[float],
    at_risk_times: Sequence[float],
    at_risk: Sequence[int],
    total_events: int | None,
) -> None:
    if len(times) != len(survival) or not times:
        raise InvalidInput(Problem("times", f"{len(times)} times and {len(survival)} values", "give one of each"))
    if len(at_risk_times) != len(at_risk) or not at_risk_times or at_risk_times[0] != 0:
        mend = "give one number a time, the first at time 0"
        raise InvalidInput(Problem("at_risk", f"{len(at_risk_times)} times and {len(at_risk)} numbers", mend))
    problems = []
    if any(not 0 <= time < math.inf for time in times):
        problems.append(Problem("times", "some are negative or not finite"))
    if any(not 0 <= share <= 1 for share in survival):
        problems.append(Problem("survival", "some lie outside 0 to 1", "give shares, not percentages"))
    for place, values in (("times", times), ("at_risk_times", at_risk_times)):
        problems += _steps(place, values, falling=False)
    for place, values in (("survival", survival), ("at_risk", at_risk)):
        problems += _steps(place, values, falling=True)
    if len(set(at_risk_times)) < len(at_risk_times):
        problems.append(Problem("at_risk_times", "the same time twice", "give each time once"))
    if at_risk[-1] < 0 or at_risk[0] <= 0:
        problems.append(Problem("at_risk", "numbers of patients are whole, from 0, the first above 0"))
    if total_events is not None and not 0 <= total_events <= at_risk[0]:
        what = f"{total_events} events among {at_risk[0]} patients"
        problems.append(Problem("total_events", what, "give 0 to all patients"))
    if problems:
        raise InvalidInput(*problems)


def _steps(place: str, values: Sequence[float], falling: bool) -> list[Problem]:
    """A problem for each value that goes the wrong way."""
    word = "rises" if falling else "falls"
    return [
        Problem(f"{place}[{index + 1}]", f"{word} from {before} to {after}", "smooth the digitised points first")
        for index, (before, after) in enumerate(pairwise(values))
        if (after > before if falling else after < before)
    ]
