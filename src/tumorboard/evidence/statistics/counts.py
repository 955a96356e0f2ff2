"""P values against the two-by-two counts they are printed beside."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from tumorboard.evidence.statistics.check import Check, Note, Recomputed, joined
from tumorboard.evidence.statistics.percentages import fitting_counts, other_denominators
from tumorboard.evidence.statistics.printed import NotReadable, Printed, read_count, read_p, read_percentage
from tumorboard.evidence.statistics.tables import TESTS, one_sided_fisher, p_values

MOST_TABLES = 400
"""Up to so many tables are computed one by one; of more, an even sample, whose P values then count as a range."""
_SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Arm:
    """One group: every number of events its printed form stands for, among ``n`` patients.

    ``stated`` is the printed denominator where the percentage fits no whole number of it and ``n`` is the nearest
    smaller one that it does fit; else ``None``.
    """

    text: str
    events: Sequence[int]
    n: int
    stated: int | None = None

    @classmethod
    def read(cls, text: str, place: str = "group") -> Arm:
        """Read ``20/38`` (events) or ``52.6%/38`` (a percentage of patients). Raises NotReadable naming ``place``."""
        above, slash, below = unicodedata.normalize("NFKC", text).partition("/")
        if not slash or not below.strip():
            raise NotReadable(place, f"{text!r} lacks its denominator", "write events and patients, such as 20/38")
        n = read_count(below, f"{place}, denominator", least=1)
        if "%" in above:
            percentage = read_percentage(above, f"{place}, percentage")
            if fits := fitting_counts(percentage, n):
                return cls(text, fits, n)
            smaller = next(iter(other_denominators(percentage, n)), None)
            if smaller is None:
                return cls(text, (), n)
            return cls(text, fitting_counts(percentage, smaller), smaller, stated=n)
        events = read_count(above, f"{place}, events")
        if events > n:
            raise NotReadable(place, f"{events} events among {n} patients", "events cannot outnumber the patients")
        return cls(text, (events,), n)

    @property
    def middle(self) -> int:
        return self.events[len(self.events) // 2]


def p_from_counts(first: str, second: str, printed: str) -> Check:
    """Whether a printed P follows from the counts of two groups, by any of the named tests.

    ``first`` and ``second`` are events/patients (``20/38``) or a percentage of patients (``52.6%/38``), of which every
    count that rounds to it is tried; ``printed`` is P as text. Tests and references: module ``tables`` (Fisher exact,
    χ², Yates, N−1, mid-P in both customs). *reproduces*: at least one test gives a P that rounds to the printed one (or
    lies on the side its sign says); ``by`` names all of them. *not reproduced*: none does; a stratified, adjusted or
    one-sided test may. *not checkable*: a percentage fits no count. Raises NotReadable.
    """
    arms = Arm.read(first, "first group"), Arm.read(second, "second group")
    target = read_p(printed, "printed P")
    text = f"{first} vs {second}, P{'' if target.op != '=' else '='}{_bare(printed)}"
    if unfit := [arm.text for arm in arms if not arm.events]:
        given = ", ".join(unfit)
        note = Note(f"No whole number of patients gives {given}.", f"无相符的整数：{given}。")
        return Check("p from counts", text, (), "not checkable", note=note)
    found, ranged = _all_values(*arms)
    central = p_values(arms[0].middle, arms[0].n, arms[1].middle, arms[1].n)
    recomputed = tuple(_recomputed(test, central.get(test), found[test]) for test in TESTS if test in found)
    by = tuple(test for test in TESTS if test in found and _any(target, found[test], ranged=ranged))
    notes = [_changed(arm) for arm in arms if arm.stated is not None]
    if by:
        return Check("p from counts", text, recomputed, "reproduces", by, note=joined(notes))
    notes += _other_ways(target, found, arms)
    return Check("p from counts", text, recomputed, "not reproduced", note=joined(notes))


def _all_values(first: Arm, second: Arm) -> tuple[dict[str, list[float]], bool]:
    """P by test over every pair of counts, and whether they sample a range instead of being all."""
    ranged = len(first.events) * len(second.events) > MOST_TABLES
    left, right = (_thinned(arm.events) if ranged else arm.events for arm in (first, second))
    found: dict[str, list[float]] = {}
    for a, c in product(left, right):
        for test, value in p_values(a, first.n, c, second.n).items():
            found.setdefault(test, []).append(value)
    if ranged and _overlapping(first, second):
        # The sample may step over the pair of equal rates, where every test reaches its largest P.
        for values in found.values():
            values.append(1.0)
    return found, ranged


def _overlapping(first: Arm, second: Arm) -> bool:
    (least, most), (low, high) = ((arm.events[0] / arm.n, arm.events[-1] / arm.n) for arm in (first, second))
    return least <= high and low <= most


def _thinned(events: Sequence[int]) -> list[int]:
    if len(events) <= _SAMPLE:
        return list(events)
    return sorted({events[i * (len(events) - 1) // (_SAMPLE - 1)] for i in range(_SAMPLE)})


def _any(target: Printed, values: Sequence[float], *, ranged: bool = False, cut_off: bool = False) -> bool:
    span = target.cut_off if cut_off else target.rounded
    if ranged:
        return span.meets(min(values), max(values))
    return any(span.meets(value, value) for value in values)


def _recomputed(test: str, central: float | None, values: Sequence[float]) -> Recomputed:
    if len(values) == 1:
        return Recomputed(test, central)
    return Recomputed(test, central, min(values), max(values))


def _changed(arm: Arm) -> Note:
    return Note(
        f"{arm.text} fits no whole number; taken as {arm.middle}/{arm.n}.",
        f"{arm.text}无相符的整数，按{arm.middle}/{arm.n}计算。",
    )


def _other_ways(target: Printed, found: dict[str, list[float]], arms: tuple[Arm, Arm]) -> list[Note]:
    notes = []
    if target.op == "=" and (cut := [test for test, values in found.items() if _any(target, values, cut_off=True)]):
        given = ", ".join(cut)
        notes.append(Note(f"Fits {given} if cut off, not if rounded.", f"若截尾而非四舍五入，则与{given}相符。"))
    tail = one_sided_fisher(arms[0].middle, arms[0].n, arms[1].middle, arms[1].n)
    if _any(target, [tail]):
        notes.append(Note("Fits a one-sided Fisher test.", "与单侧Fisher检验相符。"))
    return notes


def _bare(printed: str) -> str:
    return printed.strip().lstrip("PpＰ值").strip().lstrip("=＝").strip()
