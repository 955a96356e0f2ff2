"""Percentages against the number of patients they are taken of."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from tumorboard.evidence.statistics.check import Check, Note, Recomputed, Verdict, joined
from tumorboard.evidence.statistics.printed import NotReadable, Printed, read_count, read_percentage

MOST = 10_000
"""The largest number of patients tried for a set of percentages."""
SHOWN = 200
"""The longest list of fitting counts a check spells out; of more it gives the lowest and the highest."""


def fitting_counts(percentage: Printed, n: int, *, cut_off: bool = False) -> range:
    """All whole numbers of patients among ``n`` printed as this percentage, by rounding or (``cut_off``) by dropping
    digits; empty where none is."""
    span = percentage.cut_off if cut_off else percentage.rounded
    if span.low is None or span.high is None:
        raise NotReadable("percentage", f"{percentage.text!r} is a bound", "give the percentage itself")
    low, high = span.low * n / 100, span.high * n / 100
    first, last = ceil(low), floor(high)
    first += span.low_open and first == low
    last -= span.high_open and last == high
    return range(max(0, first), min(n, last) + 1)


def other_denominators(percentage: Printed, n: int) -> tuple[int, ...]:
    """Denominators below ``n``, nearest first, at which the percentage fits: who was left out of ``n`` patients.

    At most a fifth of the patients is taken as left out, and no more than 500: with more, some denominator fits nearly
    any percentage.
    """
    least = n - max(3, min(n // 5, 500))
    return tuple(m for m in range(n - 1, max(0, least - 1), -1) if fitting_counts(percentage, m))


def grim(percentage: str, n: int | str) -> Check:
    """Whether a percentage can come of ``n`` patients: all whole numbers that fit.

    Formula: k fits where 100·k/n rounds (half up or half to even) to the printed digits. Reference: Brown & Heathers
    2017, Soc Psychol Personal Sci 8:363 (the GRIM test). *reproduces*: some k fits, all are listed; *not reproduced*:
    a k fits only if digits were cut off instead of rounded; *impossible*: no k fits, provided each of the n patients
    counts once; the note names smaller denominators that would fit. Raises NotReadable (n = 0, over 100 %).
    """
    printed, size = read_percentage(percentage), read_count(n, "n", least=1)
    text = f"{percentage} / n={size}"
    fits = fitting_counts(printed, size)
    if fits:
        certain = _uninformative(printed, size)
        return Check("grim", text, _counts(fits, size), "reproduces", _names(fits, size), note=certain)
    cut = fitting_counts(printed, size, cut_off=True)
    notes = []
    verdict: Verdict = "impossible"
    if cut:
        verdict = "not reproduced"
        given = ", ".join(_names(cut, size))
        notes.append(
            Note(f"Fits {given} if cut off, not if rounded.", f"若截尾而非四舍五入，则与{given}相符。")
        )  # fmt: skip
    if others := other_denominators(printed, size):
        given = ", ".join(f"{fitting_counts(printed, m)[0]}/{m}" for m in others[:3])
        notes.append(
            Note(
                f"Would fit with fewer patients counted: {given}.",
                f"若分母较小则可成立：{given}。",
            )
        )
    near = round(printed.value * size / 100)
    around = range(max(0, near - 1), min(size, near + 1) + 1)
    shown = sorted(around, key=lambda k: abs(Fraction(100 * k, size) - printed.value))[:2]
    return Check("grim", text, _counts(sorted(shown), size), verdict, note=joined(notes))


def smallest_n(percentages: Sequence[str], n: int | str | None = None) -> Check:
    """The smallest number of patients at which every percentage of a set fits at once.

    Formula: the least m such that for each percentage some k/m rounds to it (GRIM for sets; Brown & Heathers 2017).
    *reproduces*: with ``n`` given, all fit at n, else the smallest m is given; *impossible*: ``n`` is given and one of
    the percentages fits no whole number of n patients; *not checkable*: nothing up to 10 000 fits. Raises NotReadable.
    """
    read = [read_percentage(item, f"percentages[{place}]") for place, item in enumerate(percentages)]
    if not read:
        raise NotReadable("percentages", "none is given", "give at least one, such as 52.6%")
    text = ", ".join(percentages)
    # At n = 100/ulp every multiple of the last digit is a count, so for two decimals the search always ends.
    least = next((m for m in range(1, MOST + 1) if all(fitting_counts(item, m) for item in read)), None)
    if least is None:
        note = Note(f"No n up to {MOST} fits all of them.", f"{MOST}以内无可同时相符的例数。")
        return Check("smallest n", text, (), "not checkable", note=note)
    found = (Recomputed("smallest n", float(least)),)
    if n is None:
        return Check("smallest n", text, found, "reproduces", (f"n={least}",))
    size = read_count(n, "n", least=1)
    wrong = [item.text for item in read if not fitting_counts(item, size)]
    text = f"{text} / n={size}"
    if not wrong:
        return Check("smallest n", text, found, "reproduces", (f"n={size}",))
    given = ", ".join(wrong)
    note = Note(f"Fits no whole number of {size}: {given}.", f"以{size}为分母无相符的整数：{given}。")
    return Check("smallest n", text, found, "impossible", note=note)


def denominator_change(percentages: Sequence[str], n: int | str) -> Check:
    """Whether the percentages of one group share its denominator, or some were silently taken of fewer patients.

    Formula: GRIM at ``n``; where a percentage fails, the denominators below n (at most a fifth fewer) at which it fits.
    *reproduces*: all fit n; *not reproduced*: the rest fits smaller denominators, which are named; *impossible*: one
    fits neither. Reference: Brown & Heathers 2017. Raises NotReadable.
    """
    size = read_count(n, "n", least=1)
    recomputed, failed, by = [], [], []
    for place, item in enumerate(percentages):
        printed = read_percentage(item, f"percentages[{place}]")
        fits = size if fitting_counts(printed, size) else next(iter(other_denominators(printed, size)), None)
        recomputed.append(Recomputed(f"denominator of {item}", None if fits is None else float(fits)))
        if fits is None:
            failed.append(item)
        elif fits != size:
            by.append(f"{item}: n={fits}")
    text = f"{', '.join(percentages)} / n={size}"
    if failed:
        return Check("denominator", text, tuple(recomputed), "impossible", tuple(by))
    if by:
        note = Note(
            f"Fits smaller denominators than {size}: {', '.join(by)}.", f"分母小于{size}时方相符：{', '.join(by)}。"
        )
        return Check("denominator", text, tuple(recomputed), "not reproduced", tuple(by), note=note)
    return Check("denominator", text, tuple(recomputed), "reproduces", (f"n={size}",))


def _names(counts: range, n: int) -> tuple[str, ...]:
    return tuple(f"{k}/{n}" for k in _listed(counts))


def _counts(counts: Sequence[int], n: int) -> tuple[Recomputed, ...]:
    return tuple(Recomputed(f"{k}/{n}", 100 * k / n) for k in _listed(counts))


def _listed(counts: Sequence[int]) -> Sequence[int]:
    return counts if len(counts) <= SHOWN else (counts[0], counts[-1])


def _uninformative(percentage: Printed, n: int) -> Note | None:
    if n * percentage.ulp < 100:
        return None
    return Note(f"With {n} patients any percentage of this precision fits.", f"{n}例时，该精度的任何百分比均可成立。")
