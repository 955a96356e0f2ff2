"""Kaplan–Meier: survival from times and events, for a million patients as for ten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tumorboard.cohort.outcomes.arrays import Floats, Ints, events_of, kept, times_of
from tumorboard.cohort.outcomes.distributions import normal_quantile

_HALF = 0.5 + 1e-12  # a product of fractions that is one half may come out a hair above it


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A Kaplan–Meier estimate; every array has shape (m,), one row a distinct time, in the unit of the times given.

    ``survival`` holds from its time until just before the next; before the first time it is 1. ``standard_error`` is
    Greenwood's, ``low`` and ``high`` are the log-log interval of ``level`` percent; all three are NaN where survival is
    0, as they can't be estimated there. ``at_risk`` counts who is under observation just before the time, ``events``
    and ``censored`` what happens at it.
    """

    times: Floats
    survival: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    at_risk: Ints
    events: Ints
    censored: Ints
    level: float = 95.0

    @property
    def n(self) -> int:
        return int(self.at_risk[0])

    @property
    def median(self) -> float | None:
        """The first time at which survival is 0.5 or less; None where it is not reached."""
        return self._first(self.survival)

    @property
    def median_interval(self) -> tuple[float | None, float | None]:
        """Where the log-log limits of survival pass 0.5; None where one does not. Reference: Brookmeyer & Crowley 1982,
        Biometrics 38:29."""
        return self._first(self.low), self._first(self.high)

    def at(self, time: float) -> float:
        """Survival at ``time``; after the last time it stays at its last value."""
        before = int(np.searchsorted(self.times, time, side="right"))
        return float(self.survival[before - 1]) if before else 1.0

    def number_at_risk(self, time: float) -> int:
        """Who is under observation just before ``time``."""
        row = int(np.searchsorted(self.times, time, side="left"))
        if row < len(self.times):
            return int(self.at_risk[row])
        return int(self.at_risk[-1] - self.events[-1] - self.censored[-1])

    def _first(self, share: Floats) -> float | None:
        reached = np.flatnonzero(share <= _HALF)  # a NaN is not
        return float(self.times[reached[0]]) if len(reached) else None


def kaplan_meier(times: ArrayLike, events: ArrayLike, level: float = 95.0) -> Curve:
    """The Kaplan–Meier estimate of ``times`` (n,), n ≥ 1, ≥ 0, any unit; ``events`` (n,) is 1 where a time ended in an
    event, 0 where it was censored. At equal times an event comes before a censoring.

    Formula: S(t) = Π (1 − d/n) over the times up to t; Var S = S² Σ d/(n(n − d)) (Greenwood); the interval is that of
    ln(−ln S), S^exp(±z √Σ / ln S). Reference: Kaplan & Meier 1958, J Am Stat Assoc 53:457; Kalbfleisch & Prentice 2002,
    p. 18. Raises InvalidInput for unequal lengths, no patient, NaN or negative times, events other than 0 and 1.
    """
    read = times_of(times)
    ended = events_of(events, len(read))
    z = normal_quantile(level)
    distinct, row = np.unique(read, return_inverse=True)
    both = np.bincount(row, minlength=len(distinct)).astype(np.int64)
    died = np.bincount(row[ended], minlength=len(distinct)).astype(np.int64)
    at_risk = len(read) - np.cumsum(both) + both
    survival = np.cumprod(1 - died / at_risk)
    left = at_risk - died
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(np.where(left > 0, died / (at_risk * np.maximum(left, 1.0)), np.nan))
        error = survival * np.sqrt(greenwood)
        reach = z * np.sqrt(greenwood) / np.abs(np.log(survival))
        low, high = survival ** np.exp(reach), survival ** np.exp(-reach)
    whole = survival == 1
    low[whole] = high[whole] = 1.0
    estimates = (kept(distinct), kept(survival), kept(error), kept(low), kept(high))
    return Curve(*estimates, kept(at_risk), kept(died), kept(both - died), level)
