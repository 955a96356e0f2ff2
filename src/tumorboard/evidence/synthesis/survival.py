"""Kaplan–Meier: survival from durations and events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from tumorboard.errors import InvalidInput, Problem


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan–Meier estimate: one row a distinct time, in the unit of the durations.

    ``survival`` holds from its time until just before the next; before the first time it is 1. ``low`` and ``high``
    are its interval of ``level`` percent. ``at_risk`` counts who is under observation just before the time, ``events``
    and ``censored`` what happens at it.
    """

    times: tuple[float, ...]
    survival: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]
    events: tuple[int, ...]
    censored: tuple[int, ...]
    level: float = 95

    @property
    def n(self) -> int:
        return self.at_risk[0]

    @property
    def median(self) -> float | None:
        """The first time at which survival is 0.5 or less; None where it is not reached."""
        return next((time for time, alive in zip(self.times, self.survival, strict=True) if alive <= 0.5 + 1e-12), None)

    @property
    def median_interval(self) -> tuple[float | None, float | None]:
        """The interval of the median: where the limits of survival pass 0.5 (Brookmeyer & Crowley 1982)."""
        first = next((time for time, bound in zip(self.times, self.low, strict=True) if bound <= 0.5), None)
        last = next((time for time, bound in zip(self.times, self.high, strict=True) if bound <= 0.5), None)
        return first, last

    def at(self, time: float) -> float:
        """Survival at ``time``; after the last time it stays at its last value."""
        alive = 1.0
        for when, value in zip(self.times, self.survival, strict=True):
            if when > time:
                break
            alive = value
        return alive

    def number_at_risk(self, time: float) -> int:
        """Who is under observation just before ``time``."""
        gone = (e + c for when, e, c in zip(self.times, self.events, self.censored, strict=True) if when < time)
        return self.n - sum(gone)


def kaplan_meier(durations: Sequence[float], events: Sequence[bool | int], level: float = 95) -> Curve:
    """The Kaplan–Meier estimate of ``durations`` (n ≥ 1 times ≥ 0, any unit), ``events`` true where it ended in one.

    Formula: S(t) = Π (1 − d/n) over the times up to t; its interval is that of ln(−ln S) with Greenwood's variance
    (Kalbfleisch & Prentice). Reference: Kaplan & Meier 1958, J Am Stat Assoc 53:457. At equal times an event comes
    before a censoring. Raises InvalidInput for unequal lengths, no patient, and times that are negative or not finite.
    """
    _check(durations, events, level)
    ended: dict[float, list[int]] = {}
    for time, event in zip(durations, events, strict=True):
        ended.setdefault(float(time), [0, 0])[0 if event else 1] += 1
    z = NormalDist().inv_cdf(0.5 + level / 200)
    left, alive, greenwood = len(durations), 1.0, 0.0
    rows: list[tuple[float, float, float, float, int, int, int]] = []
    for time in sorted(ended):
        died, lost = ended[time]
        # Exactly 0, not the rounding error of a product, once the last one under observation has died.
        alive = 0.0 if died == left else alive * (1 - died / left)
        greenwood += died / (left * (left - died)) if died < left else 0.0
        low, high = _limits(alive, greenwood, z)
        rows.append((time, alive, low, high, left, died, lost))
        left -= died + lost
    times, survival, lows, highs, at_risk, deaths, censored = zip(*rows, strict=True)
    return Curve(times, survival, lows, highs, at_risk, deaths, censored, level)


def _limits(alive: float, greenwood: float, z: float) -> tuple[float, float]:
    if alive == 0 or greenwood == 0:
        return alive, alive
    log = math.log(alive)
    reach = z * math.sqrt(greenwood) / abs(log)
    return alive ** math.exp(reach), alive ** math.exp(-reach)


def _check(durations: Sequence[float], events: Sequence[bool | int], level: float) -> None:
    if len(durations) != len(events) or not durations:
        what = f"{len(durations)} durations and {len(events)} events"
        raise InvalidInput(Problem("durations", what, "give one of each for every patient"))
    if not 0 < level < 100:
        raise InvalidInput(Problem("level", f"{level} percent", "give a level between 0 and 100, such as 95"))
    problems = []
    for index, (time, event) in enumerate(zip(durations, events, strict=True)):
        if not 0 <= time < math.inf:
            problems.append(Problem(f"durations[{index}]", f"{time} is no time", "give a finite number from 0"))
        if event not in (0, 1):
            problems.append(Problem(f"events[{index}]", f"{event!r} is neither 1 (event) nor 0 (censored)"))
    if problems:
        raise InvalidInput(*problems)
