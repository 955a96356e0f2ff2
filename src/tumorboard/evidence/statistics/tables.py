"""P values of a two-by-two table, each test by its published formula.

The table is ``a`` events among ``n1`` patients against ``c`` events among ``n2``. References: Fisher 1922 (exact test,
two-sided by summing the tables no likelier than the observed one, as R, SAS and SPSS do); Pearson 1900 (χ²); Yates 1934
(continuity correction); E. Pearson 1947 and Campbell 2007, Stat Med 26:3661 (N−1); Lancaster 1961, J Am Stat Assoc
56:223 (mid-P). Two customs exist for a two-sided mid-P: half the observed table's probability taken off Fisher's P, and
the one-sided mid-P doubled; both are given.
"""

from __future__ import annotations

from math import sqrt

from tumorboard.evidence.statistics.distributions import normal_two_sided

FISHER, CHI_SQUARE, YATES, N_MINUS_1 = "Fisher exact", "χ²", "Yates", "N−1"
MID_P, MID_P_DOUBLED = "mid-P", "mid-P (doubled)"
TESTS = (FISHER, CHI_SQUARE, YATES, N_MINUS_1, MID_P, MID_P_DOUBLED)
_TIE = 1 + 1e-7
_NOTHING = 1e-300


def p_values(a: int, n1: int, c: int, n2: int) -> dict[str, float]:
    """P of every named test, by its name; without the χ² tests where nobody or everybody had the event."""
    return exact_tests(a, n1, c, n2) | chi_square_tests(a, n1, c, n2)


def exact_tests(a: int, n1: int, c: int, n2: int) -> dict[str, float]:
    """Fisher's exact test, two-sided, and the two forms of mid-P."""
    likelihood, observed = _conditional(a, n1, c, n2)
    own = likelihood[observed]
    fisher = sum(chance for chance in likelihood if chance <= own * _TIE)
    tail = min(sum(likelihood[: observed + 1]), sum(likelihood[observed:]))
    return {
        FISHER: min(1.0, fisher),
        MID_P: min(1.0, fisher - own / 2),
        MID_P_DOUBLED: min(1.0, 2 * (tail - own / 2)),
    }


def one_sided_fisher(a: int, n1: int, c: int, n2: int) -> float:
    """Fisher's exact test in the direction observed; not one of the named tests, mentioned where it alone fits."""
    likelihood, observed = _conditional(a, n1, c, n2)
    return min(1.0, sum(likelihood[: observed + 1]), sum(likelihood[observed:]))


def chi_square_tests(a: int, n1: int, c: int, n2: int) -> dict[str, float]:
    """χ² with one degree of freedom: plain, with Yates' correction, and times (N−1)/N; empty where undefined."""
    total, events = n1 + n2, a + c
    margins = n1 * n2 * events * (total - events)
    if margins == 0:
        return {}
    cross = abs(a * (n2 - c) - c * (n1 - a))
    corrected = max(0.0, cross - total / 2)
    return {
        CHI_SQUARE: _p(cross * cross * total / margins),
        YATES: _p(corrected * corrected * total / margins),
        N_MINUS_1: _p(cross * cross * (total - 1) / margins),
    }


def _p(chi_square: float) -> float:
    return normal_two_sided(sqrt(chi_square))


def _conditional(a: int, n1: int, c: int, n2: int) -> tuple[list[float], int]:
    """The chances of every table with these margins, and the place of the observed one.

    Weights are built outward from the likeliest table, so that none overflows; the farthest tails count as 0.
    """
    events = a + c
    lowest, highest = max(0, events - n2), min(events, n1)
    mode = min(highest, max(lowest, (events + 1) * (n1 + 1) // (n1 + n2 + 2)))
    weights = [0.0] * (highest - lowest + 1)
    weights[mode - lowest] = 1.0
    for k in range(mode, highest):
        weights[k + 1 - lowest] = weights[k - lowest] * (n1 - k) * (events - k) / ((k + 1) * (n2 - events + k + 1))
        if weights[k + 1 - lowest] < _NOTHING:
            break
    for k in range(mode, lowest, -1):
        weights[k - 1 - lowest] = weights[k - lowest] * k * (n2 - events + k) / ((n1 - k + 1) * (events - k + 1))
        if weights[k - 1 - lowest] < _NOTHING:
            break
    total = sum(weights)
    return [weight / total for weight in weights], a - lowest
