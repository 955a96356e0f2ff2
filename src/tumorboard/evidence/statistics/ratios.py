"""A ratio (hazard, odds, risk), its confidence interval and its P value against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, log, sqrt

from tumorboard.evidence.statistics.check import Check, Note, Recomputed, Tier, Verdict, joined
from tumorboard.evidence.statistics.distributions import normal_quantile, normal_two_sided
from tumorboard.evidence.statistics.printed import NotReadable, Printed, read_number, read_p

CENTRE, WALD, ONE = "centre of the interval", "Wald P", "1 and the interval"
Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Ratio:
    """The printed numbers as ranges of what rounds to them, all above zero."""

    value: Bounds
    low: Bounds
    high: Bounds
    quantile: float

    def standard_error(self) -> Bounds:
        """SE of the logarithm, ln(U/L)/(2·z), over all roundings of L and U."""
        least = log(self.high[0] / self.low[1]) if self.high[0] > self.low[1] else 0.0
        most = log(self.high[1] / self.low[0]) if self.low[0] > 0 else inf
        return least / (2 * self.quantile), most / (2 * self.quantile)

    def p(self) -> Bounds:
        """P of |ln value|/SE at the corners of the roundings, where it is least and largest."""
        distance = [abs(log(side)) if side > 0 else inf for side in self.value]
        nearest = 0.0 if self.value[0] <= 1 <= self.value[1] else min(distance)
        least, most = self.standard_error()
        return _two_sided(max(distance), least), _two_sided(nearest, most)

    def centre(self) -> Bounds:
        return sqrt(max(0.0, self.low[0]) * self.high[0]), sqrt(self.low[1] * self.high[1])


def ratio(value: str, ci: Sequence[str], p: str | None = None, level: str = "95") -> Check:
    """Whether a ratio, its interval and its P can belong together.

    Formulas, over every value that rounds to the printed ones: the ratio lies midway on the log scale, √(L·U); SE =
    ln(U/L)/(2·1.96); P = 2·Φ(−|ln value|/SE); 1 lies inside the interval exactly if P is at least 1 − level. Reference:
    Altman & Bland 2011, BMJ 343:d2090 and d2304. *reproduces*: all parts hold, named in ``by``; *not reproduced*: a
    part does not (tier *warning* where only P differs: a stratified log-rank test, a likelihood-ratio test or a
    one-sided P gives another one; an off-centre interval may be a profile-likelihood or bootstrap one); *impossible*:
    the ratio lies outside its interval; *not checkable*: rounding leaves nothing to compare. Raises NotReadable (CI
    reversed, a ratio that is not positive, P > 1).
    """
    printed, numbers = _read(value, ci, level)
    target = None if p is None else read_p(p)
    text = f"{value} ({level}% CI {ci[0]}–{ci[1]})" + (
        "" if p is None or target is None else f", P {_signed(target, p)}"
    )
    centre, p_range = numbers.centre(), numbers.p()
    point = _point(printed, numbers.quantile)
    recomputed = [Recomputed(CENTRE, sqrt(float(printed[1].value * printed[2].value)), *centre)]
    recomputed.append(Recomputed(WALD, point, *p_range))
    if numbers.value[1] < numbers.low[0] or numbers.value[0] > numbers.high[1]:
        note = Note("The value lies outside its interval.", "数值位于其置信区间之外。")
        return Check("ratio", text, tuple(recomputed), "impossible", note=note)
    if printed[1].value == printed[2].value or numbers.value[0] <= 0:
        note = Note("Rounding leaves nothing to compare.", "修约后已无可比较的信息。")
        return Check("ratio", text, tuple(recomputed), "not checkable", note=note)
    held, notes, hard = [], [], False
    if _meet(centre, numbers.value):
        held.append(CENTRE)
    else:
        hard = True
        notes.append(_off_centre(recomputed[0].value or 0.0))
    if target is not None:
        fits = target.rounded.meets(*p_range)
        agrees = _agrees_with_one(numbers, target, read_number(level, "CI level").value)
        held += [name for name, holds in ((WALD, fits), (ONE, agrees)) if holds]
        notes += _about_p(fits=fits, agrees=agrees)
        if not fits and target.rounded.meets(p_range[0] / 2, p_range[1] / 2):
            notes.append(Note("Half of it, a one-sided P, would fit.", "若为单侧P值（取半）则相符。"))
    verdict: Verdict = "not reproduced" if notes else "reproduces"
    tier: Tier = "warning" if notes and not hard else "hard"
    return Check("ratio", text, tuple(recomputed), verdict, tuple(held), tier, joined(notes))


def _read(value: str, ci: Sequence[str], level: str) -> tuple[tuple[Printed, Printed, Printed], _Ratio]:
    if len(ci) != 2:
        raise NotReadable("CI", f"{len(ci)} bounds are given", "give the lower and the upper bound")
    percent = read_number(level, "CI level")
    if not 50 <= percent.value < 100:
        raise NotReadable("CI level", f"{level!r} is no level in percent", "give a percentage such as 95")
    read = read_number(value, "value"), read_number(ci[0], "CI, lower"), read_number(ci[1], "CI, upper")
    if read[1].value > read[2].value:
        raise NotReadable("CI", f"{ci[0]} to {ci[1]} is reversed", "give the lower bound first")
    if read[0].value < 0 or read[1].value < 0 or read[2].value <= 0:
        raise NotReadable("ratio", f"{value} ({ci[0]} to {ci[1]}) is not positive", "a ratio lies above 0")
    bounds = [(max(0.0, low), high) for low, high in (item.bounds() for item in read)]
    return read, _Ratio(bounds[0], bounds[1], bounds[2], normal_quantile(float(percent.value)))


def _point(printed: tuple[Printed, Printed, Printed], quantile: float) -> float | None:
    value, low, high = (float(item.value) for item in printed)
    if value <= 0 or low <= 0 or high <= low:
        return None
    return _two_sided(abs(log(value)), log(high / low) / (2 * quantile))


def _two_sided(distance: float, error: float) -> float:
    if distance == 0:
        return 1.0
    return 0.0 if error == 0 else normal_two_sided(distance / error)


def _meet(first: Bounds, second: Bounds) -> bool:
    # A hair of tolerance: the bounds are computed, not printed.
    return first[0] <= second[1] * (1 + 1e-12) and second[0] <= first[1] * (1 + 1e-12)


def _agrees_with_one(numbers: _Ratio, target: Printed, level: Fraction) -> bool:
    """False only where every rounding puts 1 on the one side and P on the other."""
    alpha, span = 1 - level / 100, target.rounded
    below, above = span.low is None or span.low < alpha, span.high is None or span.high > alpha
    excludes = numbers.low[0] > 1 or numbers.high[1] < 1
    includes = numbers.low[1] < 1 < numbers.high[0]
    return not ((excludes and not below) or (includes and not above))


def _off_centre(centre: float) -> Note:
    return Note(
        f"The value is off the centre of its interval on the log scale, {centre:.3g}.",
        f"数值偏离置信区间的对数中心（{centre:.3g}）。",
    )


def _about_p(*, fits: bool, agrees: bool) -> list[Note]:
    notes = []
    if not fits:
        notes.append(
            Note(
                "P does not follow from the interval; a stratified log-rank test may differ.",
                "P值与置信区间不符；分层log-rank检验可有差异。",
            )
        )
    if not agrees:
        notes.append(Note("P and the interval disagree about 1.", "P值与置信区间是否包含1不一致。"))
    return notes


def _signed(target: Printed, text: str) -> str:
    return f"{target.op} {text.strip().lstrip('Pp=<>≤≥＝＜＞Ｐ ')}"
