"""Normal and χ² distributions, without scipy."""

from __future__ import annotations

import math
from statistics import NormalDist

from tumorboard.errors import InvalidInput, Problem
from tumorboard.evidence.statistics.distributions import chi_square_upper

__all__ = ["chi_square_upper", "normal_quantile", "normal_two_sided"]


def normal_quantile(level: float) -> float:
    """Half the width in standard errors of a two-sided interval of ``level`` percent: 1.96 for 95."""
    if not 0 < level < 100:
        raise InvalidInput(Problem("level", f"{level} percent", "give a level between 0 and 100, such as 95"))
    return NormalDist().inv_cdf(0.5 + level / 200)


def normal_two_sided(z: float) -> float:
    """P(|Z| ≥ |z|)."""
    return math.erfc(abs(z) / math.sqrt(2))
