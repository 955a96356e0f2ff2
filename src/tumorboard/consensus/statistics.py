"""Statistics of panels, exact where they decide: quantiles, disagreement, concordance of raters, change of answers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tumorboard.consensus.protocol import Disagreement
from tumorboard.evidence.statistics.distributions import chi_square_upper


def quantile(values: Sequence[int | Fraction], at: Fraction) -> Fraction:
    """The quantile at 0 ≤ ``at`` ≤ 1 by linear interpolation (type 7 of Hyndman and Fan 1996, Am Stat 50:361).

    Exact. Raises ValueError for no values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(map(Fraction, values))
    position = at * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def median(values: Sequence[int | Fraction]) -> Fraction:
    return quantile(values, Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class Spread:
    """The interval between two percentiles of ratings and its width beyond which there is disagreement.

    ``width`` is IPR, ``middle`` IPRCP, ``limit`` IPRAS in the words of the RAND manual.
    """

    low: Fraction
    high: Fraction
    limit: Fraction

    @property
    def width(self) -> Fraction:
        return self.high - self.low

    @property
    def middle(self) -> Fraction:
        return (self.low + self.high) / 2

    @property
    def disagreement(self) -> bool:
        return self.width > self.limit


def symmetric_limit(middle: Fraction, rule: Disagreement) -> Fraction:
    """IPRAS: the width allowed around ``middle``; base where it is the centre, more the farther away it is."""
    return rule.base + rule.factor * abs(rule.centre - middle)


def spread(ratings: Sequence[int], rule: Disagreement) -> Spread:
    """Reference: Fitch 2001, RAND MR-1269."""
    low, high = quantile(ratings, rule.low), quantile(ratings, rule.high)
    return Spread(low, high, symmetric_limit((low + high) / 2, rule))


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's W of raters over items, corrected for ties, with its χ² on items − 1 degrees of freedom."""

    w: float
    chi_square: float
    degrees: int
    p: float
    raters: int
    items: int


def kendalls_w(ratings: Sequence[Sequence[int]]) -> Concordance | None:
    """How alike raters (rows) order items (columns); None where fewer than two of either, or all is tied.

    Reference: Kendall and Babington Smith 1939, Ann Math Stat 10:275; Siegel and Castellan 1988, 9.6.
    """
    raters = len(ratings)
    items = len(ratings[0]) if ratings else 0
    if raters < 2 or items < 2:
        return None
    ranked = [_ranks(row) for row in ratings]
    sums = [sum((row[item] for row in ranked), Fraction(0)) for item in range(items)]
    centre = Fraction(raters * (items + 1), 2)
    deviation = sum(((each - centre) ** 2 for each in sums), Fraction(0))
    ties = sum(count**3 - count for row in ratings for count in Counter(row).values())
    most = raters**2 * (items**3 - items) - raters * ties
    if most == 0:
        return None
    w = 12 * deviation / most
    chi_square = float(raters * (items - 1) * w)
    return Concordance(float(w), chi_square, items - 1, chi_square_upper(chi_square, items - 1), raters, items)


def _ranks(row: Sequence[int]) -> list[Fraction]:
    """Ranks from 1; tied values share the mean of theirs."""
    ordered = sorted(row)
    first = {value: ordered.index(value) for value in set(row)}
    count = Counter(row)
    return [first[value] + Fraction(count[value] + 1, 2) for value in row]


@dataclass(frozen=True, slots=True)
class Change:
    """Of those who answered in both rounds, how many gave another answer."""

    both: int
    changed: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(100 * self.changed, self.both) if self.both else None


def change(before: Mapping[str, str], after: Mapping[str, str]) -> Change:
    """``before`` and ``after``: answers by pseudonym."""
    both = before.keys() & after.keys()
    return Change(len(both), sum(before[name] != after[name] for name in both))
