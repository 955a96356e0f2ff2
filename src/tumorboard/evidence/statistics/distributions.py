"""The few distributions checks need, typed. Student's t needs scipy (extra ``stats``), which carries no types."""

from __future__ import annotations

import math
from statistics import NormalDist
from types import ModuleType


class ScipyAbsent(ImportError):
    """A check needs scipy and it is not installed."""

    def __init__(self) -> None:
        super().__init__("this check needs scipy: install tumorboard[stats]")


def normal_two_sided(z: float) -> float:
    """P(|Z| ≥ z) of the standard normal distribution; exact enough far into the tail."""
    return math.erfc(abs(z) / math.sqrt(2))


def normal_quantile(level: float) -> float:
    """The z of a two-sided interval of ``level`` percent: 1.96 for 95."""
    return NormalDist().inv_cdf(0.5 + level / 200)


def chi_square_upper(statistic: float, degrees: int) -> float:
    """P(χ² ≥ statistic), degrees ≥ 1.

    Formula: Q(x; 1) = erfc √(x/2), Q(x; 2) = exp(−x/2), Q(x; k+2) = Q(x; k) + (x/2)^(k/2) exp(−x/2) / Γ(k/2 + 1).
    Reference: Abramowitz & Stegun 1964, 26.4.4 and 26.4.5.
    """
    half = statistic / 2
    if half <= 0:
        return 1.0
    upper, known = (math.erfc(math.sqrt(half)), 1) if degrees % 2 else (math.exp(-half), 2)
    for lower in range(known, degrees, 2):
        upper += math.exp(lower / 2 * math.log(half) - half - math.lgamma(lower / 2 + 1))
    return min(1.0, upper)


def t_two_sided(statistic: float, degrees: float) -> float:
    """P(|T| ≥ |statistic|) of Student's t with ``degrees`` of freedom."""
    return 2 * float(_special().stdtr(degrees, -abs(statistic)))


def t_quantile(level: float, degrees: float) -> float:
    """The t of a two-sided interval of ``level`` percent."""
    return float(_special().stdtrit(degrees, 0.5 + level / 200))


def _special() -> ModuleType:
    # Imported when first needed: most checks do without, and it takes a tenth of a second.
    try:
        from scipy import special  # type: ignore[import-untyped]
    except ImportError as error:
        raise ScipyAbsent from error
    module: ModuleType = special
    return module
