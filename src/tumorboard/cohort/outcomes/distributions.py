"""Normal and χ² distributions, exact for whole degrees of freedom, without scipy."""

from __future__ import annotations

import math
from statistics import NormalDist

from tumorboard.errors import InvalidInput, Problem


def normal_quantile(level: float) -> float:
    """Half the width in standard errors of a two-sided interval of ``level`` percent: 1.96 for 95."""
    if not 0 < level < 100:
        raise InvalidInput(Problem("level", f"{level} percent", "give a level between 0 and 100, such as 95"))
    return NormalDist().inv_cdf(0.5 + level / 200)


def normal_two_sided(z: float) -> float:
    """P(|Z| ≥ |z|)."""
    return math.erfc(abs(z) / math.sqrt(2))


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
