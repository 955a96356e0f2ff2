"""Restricted mean survival time: the mean time without an event up to a horizon, and its difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tumorboard.cohort.outcomes.distributions import normal_quantile, normal_two_sided
from tumorboard.cohort.outcomes.kaplan_meier import Curve
from tumorboard.errors import InvalidInput, Problem


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """``value`` and its bounds in the unit of the times, up to ``horizon``."""

    value: float
    standard_error: float
    low: float
    high: float
    horizon: float
    level: float


@dataclass(frozen=True, slots=True)
class RestrictedMeanDifference:
    """First minus second, in the unit of the times; ``p`` two-sided. ``p`` is None where neither mean has an error."""

    value: float
    standard_error: float
    low: float
    high: float
    p: float | None
    first: RestrictedMean
    second: RestrictedMean


def restricted_mean(curve: Curve, horizon: float, level: float = 95.0) -> RestrictedMean:
    """The restricted mean of ``curve`` up to ``horizon`` (> 0, in the unit of its times).

    Formula: μ = ∫₀^τ S(t) dt; Var μ = Σ_{t ≤ τ} (∫_t^τ S)² d/(n(n − d)). Reference: Irwin 1949, J Hyg 47:188; Royston &
    Parmar 2013, BMC Med Res Methodol 13:152. Raises InvalidInput for a horizon that is not positive, or beyond the last
    time while survival is still above 0: nobody was observed there.
    """
    last = float(curve.times[-1])
    if not 0 < horizon < math.inf:
        raise InvalidInput(Problem("horizon", f"{horizon} is no horizon", "give a finite time above 0"))
    if horizon > last and curve.survival[-1] > 0:
        what = f"{horizon:g} lies beyond the last observation, {last:g}"
        raise InvalidInput(Problem("horizon", what, f"give at most {last:g}"))
    z = normal_quantile(level)
    within = curve.times <= horizon
    times = curve.times[within]
    edges = np.concatenate(([0.0], times, [horizon]))
    areas = np.diff(edges) * np.concatenate(([1.0], curve.survival[within]))
    after = areas[1:][::-1].cumsum()[::-1]
    n, died = curve.at_risk[within], curve.events[within]
    # Where all die survival is 0 from there on, and so is the area after it.
    variance = float(np.sum(after**2 * died / (n * np.maximum(n - died, 1.0))))
    value, error = float(areas.sum()), math.sqrt(variance)
    return RestrictedMean(value, error, value - z * error, value + z * error, float(horizon), level)


def rmst_difference(first: Curve, second: Curve, horizon: float, level: float = 95.0) -> RestrictedMeanDifference:
    """How much longer, up to ``horizon``, patients of the first curve live without an event than those of the second.

    Formula: μ₁ − μ₂ ± z √(Var μ₁ + Var μ₂), the groups being independent. Reference and errors as for
    :func:`restricted_mean`.
    """
    one, two = (restricted_mean(curve, horizon, level) for curve in (first, second))
    value, error = one.value - two.value, math.hypot(one.standard_error, two.standard_error)
    reach = normal_quantile(level) * error
    p = normal_two_sided(value / error) if error else None
    return RestrictedMeanDifference(value, error, value - reach, value + reach, p, one, two)
