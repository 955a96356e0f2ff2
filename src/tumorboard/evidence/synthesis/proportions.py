"""Meta-analysis of proportions: a binomial model with a random intercept, and Freeman–Tukey to compare."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from tumorboard.errors import InvalidInput, Problem
from tumorboard.evidence.synthesis import numerics
from tumorboard.evidence.synthesis.heterogeneity import Method, i_squared
from tumorboard.evidence.synthesis.model import MetaResult, Study, expit
from tumorboard.evidence.synthesis.ratios import FEW, FEWER, meta_ratio
from tumorboard.text import Text

ONLY_TO_COMPARE = Text(
    "Freeman–Tukey only to compare: turned back at the harmonic mean of the sizes, it can mislead where they differ.",
    "Freeman–Tukey法仅供对照：按样本量调和均数回转，各研究样本量悬殊时可能失真。",
)
_POINTS = 7  # what metafor asks of lme4; 21 moves the third or fourth digit where events are rare
_STEP = 1e-3  # of the numerical second derivatives; the likelihood itself is exact to about 1e-12


def meta_proportions(
    events: Sequence[int],
    totals: Sequence[int],
    names: Sequence[str] | None = None,
    level: float = 95,
    points: int = _POINTS,
) -> MetaResult:
    """Pooled proportion by logistic regression with a normal random intercept a study (a GLMM).

    ``events`` of ``totals`` patients, one of each a study (k ≥ 2). Model: xᵢ ~ binomial(nᵢ, expit(μ + uᵢ)),
    uᵢ ~ N(0, τ²), fitted by maximum likelihood, the integral over uᵢ by adaptive Gauss–Hermite quadrature with
    ``points`` nodes; standard errors from the observed information of (μ, τ) together. No study is left out or
    corrected for having no event. ``estimate`` is on the logit scale, ``value`` the proportion of the median study;
    intervals are normal. ``q`` is the likelihood ratio of one proportion a study against one for all, ``i2`` takes the
    typical variance of the logits. Reference: Stijnen, Hamza & Özdemir 2010, Stat Med 29:3046. Raises InvalidInput for
    impossible counts, fewer than two studies, and where nobody or everybody has the event.
    """
    labels = _check(events, totals, names)
    if sum(events) in (0, sum(totals)):
        what = "nobody has the event" if sum(events) == 0 else "everybody has the event"
        raise InvalidInput(Problem("events", f"{what} in any study", "such proportions have no pooled logit"))
    nodes = numerics.gauss_hermite(points)
    counts = list(zip(events, totals, strict=True))

    def lost(at: Sequence[float]) -> float:
        return -math.fsum(_log_marginal(x, n, at[0], abs(at[1]), nodes) for x, n in counts)

    common = _logit(sum(events), sum(totals))
    spread = _starting_spread(counts)
    estimate, tau = min(((common, 0.0), numerics.minimum(lost, (common, spread))), key=lost)
    tau = 0.0 if abs(tau) < 1e-5 else abs(tau)
    se = _standard_error(lost, estimate, tau)
    k, q = len(counts), _likelihood_ratio(counts)
    reach = numerics.quantile(level)
    wide = math.sqrt(se**2 + tau**2)
    return MetaResult(
        measure="proportion",
        scale="logit",
        method="GLMM",
        studies=_studies(counts, labels, level),
        estimate=estimate,
        se=se,
        ci=(estimate - reach * se, estimate + reach * se),
        pi=(estimate - reach * wide, estimate + reach * wide),
        tau2=tau**2,
        tau2_ci=None,
        i2=i_squared(tau**2, [_logit_variance(x, n) for x, n in counts]),
        q=q,
        q_df=k - 1,
        q_p=numerics.chi_square_upper(q, k - 1),
        p=None,
        df=None,
        level=level,
        notes=(FEW,) if k < FEWER else (),
    )


def freeman_tukey(
    events: Sequence[int],
    totals: Sequence[int],
    names: Sequence[str] | None = None,
    method: Method = "REML",
    level: float = 95,
) -> MetaResult:
    """Pooled proportion by the double arcsine transformation, only to compare with ``meta_proportions``.

    Formula: y = ½(asin √(x/(n+1)) + asin √((x+1)/(n+1))) with variance 1/(4n + 2), pooled by inverse variance with
    normal intervals and turned back at the harmonic mean of the sizes. References: Freeman & Tukey 1950, Ann Math
    Stat 21:607; Miller 1978, Am Stat 32:138; against its use, Schwarzer et al. 2019, Res Synth Methods 10:476. Raises
    InvalidInput for impossible counts and fewer than two studies.
    """
    labels = _check(events, totals, names)
    counts = list(zip(events, totals, strict=True))
    angles = [0.5 * (math.asin(math.sqrt(x / (n + 1))) + math.asin(math.sqrt((x + 1) / (n + 1)))) for x, n in counts]
    errors = [math.sqrt(1 / (4 * n + 2)) for n in totals]
    pooled = meta_ratio(angles, errors, labels, method, knha=False, measure="proportion", level=level)
    shown = [
        replace(study, effect=angle, standard_error=error, weight=weighed.weight)
        for study, weighed, angle, error in zip(
            _studies(counts, labels, level), pooled.studies, angles, errors, strict=True
        )
    ]
    harmonic = len(totals) / math.fsum(1 / n for n in totals)
    return replace(
        pooled,
        scale="double arcsine",
        method=f"Freeman–Tukey, {method}",
        studies=tuple(shown),
        p=None,
        harmonic_n=harmonic,
        notes=(*pooled.notes, ONLY_TO_COMPARE),
    )


def wilson(events: int, n: int, level: float = 95) -> tuple[float, float]:
    """The score interval of a proportion (Wilson 1927, J Am Stat Assoc 22:209)."""
    z = numerics.quantile(level)
    share = events / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (0.0 if events == 0 else middle - reach), (1.0 if events == n else middle + reach)


def _log_marginal(x: int, n: int, mean: float, tau: float, nodes: Sequence[tuple[float, float]]) -> float:
    """ln ∫ p(x | mean + τu) φ(u) du without the binomial coefficient, the nodes laid around the integrand's mode."""
    if tau == 0:
        return x * mean - n * _softplus(mean)
    mode, curvature = _mode(x, n, mean, tau)
    width = math.sqrt(2 / curvature)

    def height(u: float) -> float:
        eta = mean + tau * u
        return x * eta - n * _softplus(eta) - u * u / 2

    top = height(mode)
    total = math.fsum(weight * math.exp(node * node + height(mode + width * node) - top) for node, weight in nodes)
    return top + math.log(total * width / math.sqrt(2 * math.pi))


def _mode(x: int, n: int, mean: float, tau: float) -> tuple[float, float]:
    """Where the integrand is highest (Newton, halved where it would step too far), and its curvature there."""
    u = 0.0
    for _ in range(100):
        chance = expit(mean + tau * u)
        curvature = n * tau * tau * chance * (1 - chance) + 1
        step = (tau * (x - n * chance) - u) / curvature
        u += max(-2.0, min(2.0, step))
        if abs(step) < 1e-12:
            break
    chance = expit(mean + tau * u)
    return u, n * tau * tau * chance * (1 - chance) + 1


def _softplus(eta: float) -> float:
    """ln(1 + exp(eta)), without overflow."""
    return max(eta, 0.0) + math.log1p(math.exp(-abs(eta)))


def _standard_error(lost: Callable[[Sequence[float]], float], estimate: float, tau: float) -> float:
    """Of the mean, from the information of mean and τ together; of the mean alone where τ is 0."""
    h = _STEP
    here = lost((estimate, tau))
    mean2 = (lost((estimate + h, tau)) - 2 * here + lost((estimate - h, tau))) / h**2
    if tau == 0:
        return 1 / math.sqrt(mean2)
    tau2 = (lost((estimate, tau + h)) - 2 * here + lost((estimate, tau - h))) / h**2
    ends = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    cross = math.fsum(a * b * lost((estimate + a * h, tau + b * h)) for a, b in ends) / (4 * h * h)
    return math.sqrt(tau2 / (mean2 * tau2 - cross**2))


def _likelihood_ratio(counts: Sequence[tuple[int, int]]) -> float:
    """2·(ln L with a proportion a study − ln L with one for all)."""
    whole = _binomial(sum(x for x, _ in counts), sum(n for _, n in counts))
    return max(0.0, 2 * (math.fsum(_binomial(x, n) for x, n in counts) - whole))


def _binomial(x: int, n: int) -> float:
    return (x * math.log(x / n) if x else 0.0) + ((n - x) * math.log(1 - x / n) if x < n else 0.0)


def _starting_spread(counts: Sequence[tuple[int, int]]) -> float:
    logits = [_logit(x, n) for x, n in counts]
    centre = math.fsum(logits) / len(logits)
    return max(0.3, math.sqrt(math.fsum((y - centre) ** 2 for y in logits) / len(logits)) / 2)


def _logit(x: int, n: int) -> float:
    half = 0.5 if x in (0, n) else 0.0
    return math.log((x + half) / (n - x + half))


def _logit_variance(x: int, n: int) -> float:
    half = 0.5 if x in (0, n) else 0.0
    return 1 / (x + half) + 1 / (n - x + half)


def _studies(counts: Sequence[tuple[int, int]], names: Sequence[str], level: float) -> tuple[Study, ...]:
    patients = sum(n for _, n in counts)
    made = []
    for (x, n), name in zip(counts, names, strict=True):
        low, high = wilson(x, n, level)
        error = math.sqrt(_logit_variance(x, n))
        made.append(Study(name, _logit(x, n), error, x / n, low, high, 100 * n / patients, n))
    return tuple(made)


def _check(events: Sequence[int], totals: Sequence[int], names: Sequence[str] | None) -> Sequence[str]:
    labels = [str(index + 1) for index in range(len(totals))] if names is None else names
    if not len(events) == len(totals) == len(labels):
        what = f"{len(events)} events, {len(totals)} totals and {len(labels)} names"
        raise InvalidInput(Problem("events", what, "give one of each for every study"))
    if len(totals) < 2:
        raise InvalidInput(Problem("events", f"{len(totals)} study", "pooling needs at least two"))
    problems = [
        Problem(f"events[{index}]", f"{x} of {n} patients is impossible", "give 0 ≤ events ≤ total, total > 0")
        for index, (x, n) in enumerate(zip(events, totals, strict=True))
        if not 0 <= x <= n or n == 0
    ]
    if problems:
        raise InvalidInput(*problems)
    return labels
