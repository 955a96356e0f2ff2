"""How often the checks of reported statistics raise a false alarm, and how many planted errors they find.

Honest two-by-two tables are printed with the P of a test drawn at random; then one digit of P is changed. Ratios are
printed from an exact log-normal interval. Seeds are fixed: the table is the same in every run.
(Not named ``statistics.py``: beside ``run.py`` that would hide the standard library's module.)
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import erfc, exp, sqrt

from tumorboard.evidence.statistics import TESTS, grim, p_from_counts, p_values, ratio

SEED = 20231117
Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Line:
    what: str
    cases: int
    share: float
    wanted: str
    milliseconds: float

    def row(self) -> str:
        return f"| {self.what} | {self.cases} | {self.share:.2%} | {self.wanted} | {self.milliseconds:.2f} |"


def tables(chance: random.Random, number: int) -> Iterator[tuple[int, int, int, int]]:
    """Two arms of 12 to 320 patients with rates that differ by up to a half or more."""
    while number:
        n1, n2 = chance.randint(12, 320), chance.randint(12, 320)
        first = chance.uniform(0.05, 0.9)
        second = min(0.97, first * chance.uniform(0.5, 1.6))
        a, c = (sum(chance.random() < rate for _ in range(n)) for n, rate in ((n1, first), (n2, second)))
        if 0 < a + c < n1 + n2:
            number -= 1
            yield a, n1, c, n2


def printed(p: float, chance: random.Random) -> str:
    if p < 0.0005 or (p < 0.001 and chance.random() < 0.5):
        return "<0.001"
    return f"{p:.{2 if p > 0.1 and chance.random() < 0.5 else chance.randint(3, 4)}f}"


def one_digit_off(text: str, chance: random.Random) -> str:
    place = chance.randrange(2, len(text))
    digit = chance.choice([digit for digit in "0123456789" if digit != text[place]])
    return text[:place] + digit + text[place + 1 :]


def share(cases: list[tuple[str, ...]], flagged: Callable[..., bool], what: str, wanted: str) -> Line:
    start = time.perf_counter()
    hits = sum(flagged(*case) for case in cases)
    spent = time.perf_counter() - start
    return Line(what, len(cases), hits / len(cases), wanted, 1000 * spent / len(cases))


def count_lines() -> list[Line]:
    chance = random.Random(SEED)
    honest, coarse, planted = [], [], []
    for a, n1, c, n2 in tables(chance, 5000):
        values = p_values(a, n1, c, n2)
        p = values[chance.choice(TESTS)]
        text = printed(p, chance)
        honest.append((f"{a}/{n1}", f"{c}/{n2}", text))
        coarse.append((f"{100 * a / n1:.1f}%/{n1}", f"{100 * c / n2:.1f}%/{n2}", text))
        if 0.001 <= p < 0.9:
            planted.append((f"{a}/{n1}", f"{c}/{n2}", one_digit_off(f"{p:.3f}", chance)))
    possible = [case for case in planted if float(case[2]) > 0]

    def missed(*case: str) -> bool:
        return p_from_counts(*case).verdict != "reproduces"

    return [
        share(honest, missed, "false alarms, P from counts", "≤ 0.5 %"),
        share(coarse, missed, "false alarms, P from percentages of n", "≤ 0.5 %"),
        share(possible, missed, "found, one digit of P wrong (3 decimals)", "≥ 90 %"),
    ]


def ratio_lines() -> list[Line]:
    chance = random.Random(SEED + 1)
    honest, planted = [], []
    for _ in range(5000):
        error, centre = chance.uniform(0.08, 0.35), chance.gauss(-0.3, 0.3)
        bounds = tuple(f"{exp(centre + side * Z * error):.2f}" for side in (-1, 1))
        p = f"{erfc(abs(centre) / error / sqrt(2)):.3f}"
        text = "<0.001" if p == "0.000" else p
        honest.append((f"{exp(centre):.2f}", *bounds, text))
        if text == p and p != "1.000" and float(wrong := one_digit_off(p, chance)) > 0:
            planted.append((f"{exp(centre):.2f}", *bounds, wrong))

    def missed(value: str, low: str, high: str, p: str) -> bool:
        return ratio(value, (low, high), p).verdict != "reproduces"

    return [
        share(honest, missed, "false alarms, ratio with interval and P", "≤ 0.5 %"),
        share(planted, missed, "found, one digit of that P wrong (ratio of 2 decimals)", "what rounding leaves"),
    ]


def percentage_lines() -> list[Line]:
    chance = random.Random(SEED + 2)
    honest, planted = [], []
    for _ in range(5000):
        n = chance.randint(5, 300)
        text = f"{100 * chance.randint(0, n) / n:.1f}"
        honest.append((text, str(n)))
        planted.append((f"{min(100.0, float(text[:-1] + str(chance.randrange(10)))):.1f}", str(n)))

    def missed(percentage: str, n: str) -> bool:
        return grim(percentage, n).verdict != "reproduces"

    changed = [wrong for wrong, right in zip(planted, honest, strict=True) if wrong != right]
    return [
        share(honest, missed, "false alarms, percentage against n", "0 %"),
        share(changed, missed, "found, last digit of the percentage wrong (n ≤ 300)", "what n leaves"),
    ]


def main() -> None:
    head = "| what | cases | share | wanted | ms a check |\n|---|---|---|---|---|\n"
    rows = "\n".join(line.row() for line in (*count_lines(), *ratio_lines(), *percentage_lines()))
    sys.stdout.write(f"{head}{rows}\n")


if __name__ == "__main__":
    main()
