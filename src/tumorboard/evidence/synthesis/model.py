"""What a meta-analysis gives: the pooled value with its intervals, the heterogeneity, and the studies it came of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from tumorboard.text import Text

Scale = Literal["log", "logit", "double arcsine"]
"""The scale the studies were pooled on."""
Bounds = tuple[float, float]


class LogEffect(NamedTuple):
    """The natural logarithm of a ratio and its standard error."""

    effect: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Study:
    """One study of a meta-analysis.

    ``effect`` and ``standard_error`` are on the scale of pooling; ``value``, ``low`` and ``high`` are what a reader
    knows: the ratio or the proportion (0 to 1) with its interval. ``weight`` is its share in percent: of the inverse
    variances, or of the patients where a binomial model knows no weights. ``n`` counts patients, where known.
    """

    name: str
    effect: float
    standard_error: float
    value: float
    low: float
    high: float
    weight: float
    n: int | None = None


@dataclass(frozen=True, slots=True)
class MetaResult:
    """A pooled estimate, on the scale it was pooled on; ``back`` turns a value of it into a ratio or a proportion.

    ``measure`` names what was pooled (HR, RR, proportion); ``method`` the estimator of the variance between studies.
    ``ci`` is the confidence interval of the mean effect; ``pi`` the prediction interval, in which the true effect of
    a further study of the same kind is expected (None under a common effect). ``tau2`` is the variance between
    studies with its Q-profile interval ``tau2_ci`` (None where there is none), ``i2`` its share of the total variance
    in percent, ``q`` the test of heterogeneity with ``q_df`` degrees of freedom and P value ``q_p``: Cochran's Q, or
    the likelihood ratio in a binomial model. ``p`` tests that the ratio is 1; a proportion has none. ``df`` are the
    degrees of freedom of t in the intervals, None for the normal distribution. ``harmonic_n`` is what turning back a
    double arcsine needs. ``notes`` say what the reader must know before using the figures.
    """

    measure: str
    scale: Scale
    method: str
    studies: tuple[Study, ...]
    estimate: float
    se: float
    ci: Bounds
    pi: Bounds | None
    tau2: float
    tau2_ci: Bounds | None
    i2: float
    q: float
    q_df: int
    q_p: float
    p: float | None
    df: int | None
    level: float
    harmonic_n: float | None = None
    notes: tuple[Text, ...] = ()

    @property
    def k(self) -> int:
        """The number of studies."""
        return len(self.studies)

    @property
    def value(self) -> float:
        """The pooled ratio or proportion."""
        return self.back(self.estimate)

    @property
    def interval(self) -> Bounds:
        """``ci`` as ratios or proportions."""
        return self.back(self.ci[0]), self.back(self.ci[1])

    @property
    def prediction(self) -> Bounds | None:
        """``pi`` as ratios or proportions."""
        return None if self.pi is None else (self.back(self.pi[0]), self.back(self.pi[1]))

    def back(self, value: float) -> float:
        """A value of the pooling scale as ratio or proportion."""
        match self.scale:
            case "log":
                return math.exp(value)
            case "logit":
                return expit(value)
            case "double arcsine":
                assert self.harmonic_n is not None
                return from_double_arcsine(value, self.harmonic_n)

    def record(self) -> dict[str, Any]:
        """The result as plain data for JSON."""
        return {
            "measure": self.measure,
            "method": self.method,
            "scale": self.scale,
            "level": self.level,
            "k": self.k,
            "value": self.value,
            "interval": list(self.interval),
            "prediction": list(self.prediction) if self.prediction else None,
            "estimate": self.estimate,
            "se": self.se,
            "ci": list(self.ci),
            "pi": list(self.pi) if self.pi else None,
            "tau2": self.tau2,
            "tau2_ci": list(self.tau2_ci) if self.tau2_ci else None,
            "i2": self.i2,
            "q": {"value": self.q, "df": self.q_df, "p": self.q_p},
            "p": self.p,
            "df": self.df,
            "studies": [
                {
                    "name": study.name, "value": study.value, "interval": [study.low, study.high], "n": study.n,
                    "effect": study.effect, "se": study.standard_error, "weight": study.weight,
                }
                for study in self.studies
            ],
            "notes": [note.as_dict() for note in self.notes],
        }  # fmt: skip


def expit(value: float) -> float:
    """1 / (1 + exp(−value)), without overflow."""
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    return math.exp(value) / (1 + math.exp(value))


def from_double_arcsine(value: float, n: float) -> float:
    """The proportion of a Freeman–Tukey double arcsine ``value`` (in the half-sum form, 0 to π/2) at ``n`` patients.

    Formula and reference: Miller 1978, Am Stat 32:138. Values beyond those of 0/n and n/n give 0 and 1.
    """
    least = 0.5 * math.asin(math.sqrt(1 / (n + 1)))
    if value <= least:
        return 0.0
    if value >= math.pi / 2 - least:
        return 1.0
    sine = math.sin(2 * value)
    inner = 1 - (sine + (sine - 1 / sine) / n) ** 2
    return 0.5 * (1 - math.copysign(1.0, math.cos(2 * value)) * math.sqrt(max(inner, 0.0)))
