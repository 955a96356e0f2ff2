"""Variance between studies: its estimators, its interval, and its share of the whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from tumorboard.evidence.synthesis import numerics

Method = Literal["REML", "ML", "DL", "common"]
METHODS: tuple[Method, ...] = ("REML", "ML", "DL", "common")


def mean(effects: Sequence[float], variances: Sequence[float], tau2: float) -> tuple[float, float]:
    """The inverse-variance mean of ``effects`` (k values) and the sum of its weights 1/(v + τ²)."""
    weights = [1 / (variance + tau2) for variance in variances]
    total = math.fsum(weights)
    return math.fsum(w * y for w, y in zip(weights, effects, strict=True)) / total, total


def cochran_q(effects: Sequence[float], variances: Sequence[float], tau2: float = 0.0) -> float:
    """Σ (y − μ)² / (v + τ²); with τ² = 0 Cochran's Q, which has k − 1 degrees of freedom (Cochran 1954)."""
    centre, _ = mean(effects, variances, tau2)
    return math.fsum((y - centre) ** 2 / (v + tau2) for y, v in zip(effects, variances, strict=True))


def typical_variance(variances: Sequence[float]) -> float:
    """The variance within a typical study, (k − 1)·Σw / ((Σw)² − Σw²) (Higgins & Thompson 2002, Stat Med 21:1539)."""
    weights = [1 / variance for variance in variances]
    total, squares = math.fsum(weights), math.fsum(w * w for w in weights)
    return (len(weights) - 1) * total / (total**2 - squares)


def i_squared(tau2: float, variances: Sequence[float]) -> float:
    """Share of the variance between studies in the whole, in percent: 100·τ² / (τ² + typical variance)."""
    return 100 * tau2 / (tau2 + typical_variance(variances))


def tau_squared(effects: Sequence[float], variances: Sequence[float], method: Method) -> float:
    """The variance between studies.

    REML and ML maximise the (restricted) likelihood of y ~ N(μ, v + τ²): all roots of the score are looked for, and
    the likeliest, or 0, is taken (Viechtbauer 2005, J Educ Behav Stat 30:261). DL is the moment estimator
    (DerSimonian & Laird 1986, Control Clin Trials 7:177). ``common`` is 0 by assumption.
    """
    match method:
        case "common":
            return 0.0
        case "DL":
            weights = [1 / variance for variance in variances]
            total = math.fsum(weights)
            scale = total - math.fsum(w * w for w in weights) / total
            return max(0.0, (cochran_q(effects, variances) - (len(effects) - 1)) / scale)
        case "REML" | "ML":
            return _likeliest(effects, variances, method == "REML")


def _likeliest(effects: Sequence[float], variances: Sequence[float], restricted: bool) -> float:
    def log_likelihood(tau2: float) -> float:
        _, total = mean(effects, variances, tau2)
        logs = math.fsum(math.log(v + tau2) for v in variances) + (math.log(total) if restricted else 0.0)
        return -0.5 * (logs + cochran_q(effects, variances, tau2))

    def score(tau2: float) -> float:
        centre, total = mean(effects, variances, tau2)
        weights = [1 / (v + tau2) for v in variances]
        squares = math.fsum(w * w for w in weights)
        spread = math.fsum((w * (y - centre)) ** 2 for w, y in zip(weights, effects, strict=True))
        return 0.5 * (spread - total + (squares / total if restricted else 0.0))

    # No root lies above the square of the range: there Σw²(y − μ)² is smaller than what is taken from it.
    most = (max(effects) - min(effects)) ** 2 * 2 + max(variances)
    steps = [0.0] + [most * 10 ** (-8 + 8 * step / 160) for step in range(161)]
    scores = [score(step) for step in steps]
    candidates = [0.0]
    for low, high, before, after in zip(steps, steps[1:], scores, scores[1:], strict=False):
        if before > 0 >= after:
            candidates.append(numerics.root(score, low, high))
    return max(candidates, key=log_likelihood)


def q_profile(effects: Sequence[float], variances: Sequence[float], level: float) -> tuple[float, float]:
    """The interval of τ² in which the generalised Q stays within its χ² limits (Viechtbauer 2007, Stat Med 26:37)."""
    degrees = len(effects) - 1

    def bound(share: float) -> float:
        limit = numerics.chi_square_quantile(share, degrees)
        return _where(lambda tau2: cochran_q(effects, variances, tau2) - limit, max(variances))

    return bound(0.5 + level / 200), bound(0.5 - level / 200)


def _where(falling: Callable[[float], float], start: float) -> float:
    """The zero of a falling function of τ² ≥ 0, 0 where it starts below zero."""
    if falling(0.0) <= 0:
        return 0.0
    high = start
    while falling(high) > 0:
        high *= 2
    return numerics.root(falling, 0.0, high)
