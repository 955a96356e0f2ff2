"""False alarms on honest tables and detection of planted errors; P comes from scipy here, not from the product."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy import stats

from tumorboard.evidence.statistics import p_from_counts

SEED = 20231117
Table = tuple[int, int, int, int]


def independently(a: int, n1: int, c: int, n2: int) -> dict[str, float]:
    """P of every named test, by scipy's distributions and the textbook formulas."""
    events, total = a + c, n1 + n2
    support = np.arange(max(0, events - n2), min(events, n1) + 1)
    chances = stats.hypergeom.pmf(support, total, events, n1)
    own = chances[a - support[0]]
    fisher = chances[chances <= own * (1 + 1e-7)].sum()
    tail = min(chances[support <= a].sum(), chances[support >= a].sum())
    expected = np.outer([n1, n2], [events, total - events]) / total
    gaps = np.abs(np.array([[a, n1 - a], [c, n2 - c]]) - expected)
    plain, yates = ((np.maximum(gaps - by, 0) ** 2 / expected).sum() for by in (0, 0.5))
    statistics = (plain, yates, plain * (total - 1) / total)
    chi, corrected, smaller = (float(p) for p in stats.chi2.sf(statistics, 1))
    exact = {"Fisher exact": fisher, "mid-P": fisher - own / 2, "mid-P (doubled)": min(1.0, 2 * tail - own)}
    return {name: float(p) for name, p in exact.items()} | {"χ²": chi, "Yates": corrected, "N−1": smaller}


def tables(random: np.random.Generator, number: int) -> Iterator[Table]:
    made = 0
    while made < number:
        n1, n2 = (int(n) for n in random.integers(12, 320, 2))
        rate = random.uniform(0.05, 0.9)
        a, c = int(random.binomial(n1, rate)), int(random.binomial(n2, min(0.97, rate * random.uniform(0.5, 1.6))))
        if 0 < a + c < n1 + n2:
            made += 1
            yield a, n1, c, n2


def usual(p: float, random: np.random.Generator) -> str:
    """P as journals print it: two to four decimals, small ones as a bound."""
    if p < 0.0005 or (p < 0.001 and random.random() < 0.5):
        return "<0.001"
    places = 2 if p > 0.1 and random.random() < 0.5 else int(random.integers(3, 5))
    return f"{p:.{places}f}"


def arms(table: Table, random: np.random.Generator) -> tuple[str, str]:
    a, n1, c, n2 = table
    if random.random() < 0.5:
        return f"{a}/{n1}", f"{c}/{n2}"
    return f"{100 * a / n1:.1f}%/{n1}", f"{100 * c / n2:.1f}%/{n2}"


def test_honest_tables_raise_fewer_than_half_a_percent_of_alarms() -> None:
    random = np.random.default_rng(SEED)
    alarms = []
    for table in tables(random, 5000):
        values = independently(*table)
        test = str(random.choice(list(values)))
        printed = usual(float(values[test]), random)
        check = p_from_counts(*arms(table, random), printed)
        if check.verdict != "reproduces" or test not in check.by:
            alarms.append((table, test, printed))

    assert len(alarms) <= 25, alarms[:5]


def one_digit_off(printed: str, random: np.random.Generator) -> str:
    """The same P with one of its decimals changed."""
    digits = list(printed)
    place = int(random.integers(2, len(digits)))
    digits[place] = str(random.choice([d for d in "0123456789" if d != digits[place]]))
    return "".join(digits)


@pytest.mark.parametrize("places", [3, 4])
def test_nine_of_ten_planted_digits_are_found_and_every_one_outside_all_tests(places: int) -> None:
    random = np.random.default_rng(SEED + places)
    planted = found = outside = 0
    for table in tables(random, 2000):
        values = independently(*table)
        p = float(values[str(random.choice(list(values)))])
        if not 0.001 <= p < 0.9:
            continue
        wrong = one_digit_off(f"{p:.{places}f}", random)
        if float(wrong) == 0:
            continue
        a, n1, c, n2 = table
        verdict = p_from_counts(f"{a}/{n1}", f"{c}/{n2}", wrong).verdict
        nearest = min(abs(value - float(wrong)) for value in values.values())
        planted += 1
        found += verdict == "not reproduced"
        if nearest > 0.5001 * 10**-places:
            outside += 1
            assert verdict == "not reproduced", (table, wrong)
        elif nearest < 0.4999 * 10**-places:
            assert verdict == "reproduces", (table, wrong)

    assert planted > 1000
    assert outside >= 0.9 * planted
    assert found >= 0.9 * planted
