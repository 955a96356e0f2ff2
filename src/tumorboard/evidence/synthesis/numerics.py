"""What synthesis takes from scipy (extra ``stats``), typed in one place; scipy carries no type information."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from types import ModuleType

from tumorboard.errors import Problem, WrongUsage


class StatisticsAbsent(WrongUsage):
    """Synthesis needs scipy and it is not installed."""

    def __init__(self) -> None:
        super().__init__(Problem("", "pooling needs scipy, which is not installed", "pip install 'tumorboard[stats]'"))


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where ``function`` is zero between ``low`` and ``high``, at which its signs differ (Brent)."""
    return float(_optimize().brentq(function, low, high, xtol=1e-14, rtol=1e-13))


def minimum(function: Callable[[Sequence[float]], float], start: Sequence[float]) -> tuple[float, ...]:
    """Where ``function`` of a few numbers is smallest near ``start`` (Nelder–Mead). Raises ArithmeticError if the
    search does not settle."""
    options = {"xatol": 1e-8, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000}
    found = _optimize().minimize(function, list(start), method="Nelder-Mead", options=options)
    if not found.success:
        raise ArithmeticError(str(found.message))
    return tuple(float(value) for value in found.x)


def gauss_hermite(points: int) -> tuple[tuple[float, float], ...]:
    """Nodes and weights for ∫ f(x) exp(−x²) dx."""
    nodes, weights = _special().roots_hermite(points)
    return tuple((float(node), float(weight)) for node, weight in zip(nodes, weights, strict=True))


def chi_square_upper(statistic: float, degrees: int) -> float:
    """P(χ² ≥ statistic) with ``degrees`` of freedom."""
    return float(_special().chdtrc(degrees, statistic))


def chi_square_quantile(share: float, degrees: int) -> float:
    """The value below which χ² lies with probability ``share``."""
    return float(_special().chdtri(degrees, 1 - share))


def two_sided(statistic: float, degrees: int | None) -> float:
    """P(|T| ≥ |statistic|) of Student's t, or of the normal distribution where ``degrees`` is None."""
    if degrees is None:
        return math.erfc(abs(statistic) / math.sqrt(2))
    return 2 * float(_special().stdtr(degrees, -abs(statistic)))


def quantile(level: float, degrees: int | None = None) -> float:
    """Half the width, in standard errors, of a two-sided interval of ``level`` percent: 1.96 for 95 and no degrees."""
    if degrees is None:
        return NormalDist().inv_cdf(0.5 + level / 200)
    return float(_special().stdtrit(degrees, 0.5 + level / 200))


def _special() -> ModuleType:
    try:
        from scipy import special  # type: ignore[import-untyped]
    except ImportError as error:
        raise StatisticsAbsent from error
    module: ModuleType = special
    return module


def _optimize() -> ModuleType:
    # Imported when first needed: it takes a third of a second.
    try:
        from scipy import optimize
    except ImportError as error:
        raise StatisticsAbsent from error
    module: ModuleType = optimize
    return module
