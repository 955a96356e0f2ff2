"""The few distributions that need scipy (extra ``stats``), typed; scipy carries no type information."""

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
    """P(χ² ≥ statistic) with ``degrees`` of freedom."""
    return float(_special().chdtrc(degrees, statistic))


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
