"""Meta-analysis of hazard ratios and risk ratios, on their logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

from tumorboard.errors import InvalidInput, Problem
from tumorboard.evidence.synthesis import numerics
from tumorboard.evidence.synthesis.heterogeneity import (
    Method,
    cochran_q,
    i_squared,
    mean,
    q_profile,
    tau_squared,
)
from tumorboard.evidence.synthesis.model import LogEffect, MetaResult, Study
from tumorboard.text import Text

NARROWED = Text(
    "The Hartung–Knapp interval is narrower here than the ordinary one: the studies agree more than by chance.",
    "此处Hartung–Knapp区间窄于常规区间：各研究间的差异小于随机误差所应有的程度。",
)
FEW = Text(
    "With fewer than five studies the variance between them is hardly known, and so is the prediction interval.",
    "研究少于5项时，研究间方差难以估准，预测区间亦然。",
)
FEWER = 5


def from_ci(hr: float, low: float, high: float, level: float = 95) -> LogEffect:
    """The logarithm of a ratio and its standard error, from its confidence interval of ``level`` percent.

    Formula: ln(hr), (ln high − ln low) / (2 z). Reference: Parmar, Torri & Stewart 1998, Stat Med 17:2815. Raises
    InvalidInput unless 0 < low ≤ hr ≤ high, low < high and 0 < level < 100.
    """
    _level(level)
    if not 0 < low <= hr <= high < math.inf or low == high:
        what = f"{hr} ({low} to {high}) is no ratio within its interval"
        raise InvalidInput(Problem("ci", what, "give 0 < low ≤ ratio ≤ high, low < high"))
    return LogEffect(math.log(hr), (math.log(high) - math.log(low)) / (2 * numerics.quantile(level)))


def risk_ratio(events1: int, n1: int, events2: int, n2: int) -> LogEffect:
    """The logarithm of the risk ratio of two groups (events of patients) and its standard error.

    Formula: ln((a/n₁)/(c/n₂)), √(1/a − 1/n₁ + 1/c − 1/n₂); where one cell of the table is 0, one half is added to each
    of its four cells. Reference: Katz et al. 1978, Biometrics 34:469. Raises InvalidInput for impossible counts and
    where neither group, or every patient of both, has the event: such a study says nothing about the ratio.
    """
    for place, events, n in (("events1", events1, n1), ("events2", events2, n2)):
        if not 0 <= events <= n or n == 0:
            raise InvalidInput(Problem(place, f"{events} of {n} patients is impossible", "give 0 ≤ events ≤ n, n > 0"))
    if events1 == events2 == 0 or (events1 == n1 and events2 == n2):
        what = "nobody, or everybody, has the event in both groups"
        raise InvalidInput(Problem("events1", what, "leave the study out: it says nothing about the ratio"))
    half = 0.5 if 0 in (events1, events2, n1 - events1, n2 - events2) else 0.0
    a, first, c, second = events1 + half, n1 + 2 * half, events2 + half, n2 + 2 * half
    return LogEffect(math.log((a / first) / (c / second)), math.sqrt(1 / a - 1 / first + 1 / c - 1 / second))


def meta_ratio(
    log_effects: Sequence[float],
    standard_errors: Sequence[float],
    names: Sequence[str],
    method: Method = "REML",
    knha: bool = True,
    measure: str = "HR",
    level: float = 95,
) -> MetaResult:
    """Random-effects meta-analysis of ratios given by their natural logarithms.

    ``log_effects``, ``standard_errors`` and ``names`` have one entry a study (k ≥ 2). Formula: μ = Σwy/Σw with
    w = 1/(se² + τ²); without ``knha`` its standard error is 1/√Σw and intervals are normal. With ``knha`` (Hartung &
    Knapp 2001, Stat Med 20:3875) it is √(Σw(y − μ)²/((k − 1)Σw)) and intervals use t with k − 1 degrees of freedom.
    The prediction interval is μ ± q·√(se² + τ²) with the same quantile, so that it meets the confidence interval
    where τ² = 0 (as metafor does; Riley et al. 2011, BMJ 342:d549 take k − 2 degrees). ``method``: see
    ``tau_squared``; under ``common`` there is no prediction interval and intervals are normal. Raises InvalidInput for
    fewer than two studies, unequal lengths, numbers that are not finite, and standard errors that are not positive.
    """
    _check(log_effects, standard_errors, names)
    _level(level)
    if method not in get_args(Method):
        raise InvalidInput(Problem("method", f"unknown method {method!r}", f"use {' | '.join(get_args(Method))}"))
    knha = knha and method != "common"
    variances = [error**2 for error in standard_errors]
    k = len(variances)
    tau2 = tau_squared(log_effects, variances, method)
    centre, total = mean(log_effects, variances, tau2)
    shrink = cochran_q(log_effects, variances, tau2) / (k - 1)
    se = math.sqrt((shrink if knha else 1.0) / total)
    df = k - 1 if knha else None
    narrowed = knha and numerics.quantile(level, df) * math.sqrt(shrink) < numerics.quantile(level)
    notes = [NARROWED] if narrowed else []
    notes += [FEW] if k < FEWER and method != "common" else []
    q = cochran_q(log_effects, variances)
    return MetaResult(
        measure=measure,
        scale="log",
        method=method,
        studies=_studies(log_effects, standard_errors, names, tau2, level),
        estimate=centre,
        se=se,
        ci=_around(centre, se, level, df),
        pi=None if method == "common" else _around(centre, math.sqrt(se**2 + tau2), level, df),
        tau2=tau2,
        tau2_ci=None if method == "common" else q_profile(log_effects, variances, level),
        i2=max(0.0, 100 * (q - (k - 1)) / q) if method == "common" and q > 0 else i_squared(tau2, variances),
        q=q,
        q_df=k - 1,
        q_p=numerics.chi_square_upper(q, k - 1),
        p=numerics.two_sided(centre / se, df) if se > 0 else None,
        df=df,
        level=level,
        notes=tuple(notes),
    )


def _studies(
    effects: Sequence[float], errors: Sequence[float], names: Sequence[str], tau2: float, level: float
) -> tuple[Study, ...]:
    weights = [1 / (error**2 + tau2) for error in errors]
    total = math.fsum(weights)
    made = []
    for name, effect, error, weight in zip(names, effects, errors, weights, strict=True):
        low, high = _around(effect, error, level, None)
        value = math.exp(effect)
        made.append(Study(name, effect, error, value, math.exp(low), math.exp(high), 100 * weight / total))
    return tuple(made)


def _around(centre: float, error: float, level: float, df: int | None) -> tuple[float, float]:
    reach = numerics.quantile(level, df) * error
    return centre - reach, centre + reach


def _check(effects: Sequence[float], errors: Sequence[float], names: Sequence[str]) -> None:
    if not len(effects) == len(errors) == len(names):
        what = f"{len(effects)} effects, {len(errors)} standard errors and {len(names)} names"
        raise InvalidInput(Problem("log_effects", what, "give one of each for every study"))
    if len(effects) < 2:
        raise InvalidInput(Problem("log_effects", f"{len(effects)} study", "pooling needs at least two"))
    problems = []
    for index, (effect, error) in enumerate(zip(effects, errors, strict=True)):
        if not math.isfinite(effect):
            problems.append(Problem(f"log_effects[{index}]", f"{effect} is no finite number"))
        if not 0 < error < math.inf:
            problems.append(Problem(f"standard_errors[{index}]", f"{error} is no positive finite number"))
    if problems:
        raise InvalidInput(*problems)


def _level(level: float) -> None:
    if not 0 < level < 100:
        raise InvalidInput(Problem("level", f"{level} percent", "give a level between 0 and 100, such as 95"))
