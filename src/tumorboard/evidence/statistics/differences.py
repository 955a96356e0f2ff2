"""A difference of two means printed with ±, against its interval and P: is ± the standard error or the deviation?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

from tumorboard.evidence.statistics.check import Check, Note, Recomputed
from tumorboard.evidence.statistics.distributions import normal_quantile, normal_two_sided, t_quantile, t_two_sided
from tumorboard.evidence.statistics.printed import NotReadable, Printed, read_count, read_number, read_p

SE, SD = "SE", "SD"
Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Group:
    mean: Printed
    spread: Printed

    @classmethod
    def read(cls, text: str, place: str) -> _Group:
        mean, sign, spread = text.partition("±")
        if not sign:
            raise NotReadable(place, f"{text!r} has no ±", "write the mean and its ±, such as 1.60±1.13")
        group = cls(read_number(mean, f"{place}, mean"), read_number(spread, f"{place}, ±"))
        if group.spread.value < 0:
            raise NotReadable(f"{place}, ±", f"{spread.strip()!r} is negative", "give it without its sign")
        return group


@dataclass(frozen=True, slots=True)
class _Reading:
    """The difference and its standard error under one reading of ±: at the printed digits and over all roundings."""

    name: str
    difference: float
    differences: Bounds
    error: float
    errors: Bounds
    quantiles: Bounds
    degrees: float | None

    def interval(self) -> tuple[Recomputed, Recomputed]:
        (least, most), (short, long) = self.differences, self.errors
        near, far = self.quantiles[0] * short, self.quantiles[1] * long
        half = self.quantiles[-1] * self.error
        low = Recomputed(f"{self.name}: lower", self.difference - half, least - far, most - near)
        return low, Recomputed(f"{self.name}: upper", self.difference + half, least + near, most + far)

    def p(self) -> Recomputed:
        sides = sorted(abs(side) for side in self.differences)
        nearest = 0.0 if self.differences[0] <= 0 <= self.differences[1] else sides[0]
        return Recomputed(
            f"{self.name}: P",
            self._tail(abs(self.difference), self.error, t=True),
            self._tail(sides[1], self.errors[0], t=False),
            self._tail(nearest, self.errors[1], t=True),
        )

    def _tail(self, distance: float, error: float, *, t: bool) -> float:
        statistic = distance / error if error else inf
        if self.degrees is None or not t or statistic == inf:
            return normal_two_sided(statistic)
        return t_two_sided(statistic, self.degrees)


def difference(
    first: str,
    second: str,
    ci: Sequence[str] | None = None,
    p: str | None = None,
    n: Sequence[int | str] | None = None,
    level: str = "95",
) -> Check:
    """Which reading of ± gives the printed interval and P of a difference of two means.

    ``first``/``second`` are ``1.60±1.13``; ``n`` the patients of each. Formulas, over all roundings: SE of the
    difference = √(s₁² + s₂²) where ± is a standard error, √(s₁²/n₁ + s₂²/n₂) or its pooled form where it is a standard
    deviation; the interval is d ± q·SE and P that of |d|/SE, q and P from the normal to Student's t with n₁+n₂−2
    degrees of freedom. Reference: Altman & Bland 2005, BMJ 331:903. *reproduces*: the readings in ``by`` (SE, SD) give
    everything printed; *not reproduced*: neither does (paired or adjusted analyses may); *not checkable*: neither
    interval nor P is printed, or SE fails and SD cannot be tried without ``n``. Raises NotReadable. With ``n`` it needs
    scipy.
    """
    groups = _Group.read(first, "first group"), _Group.read(second, "second group")
    bounds = _read_interval(ci)
    target = None if p is None else read_p(p)
    sizes = None if n is None else tuple(read_count(size, "n", least=2) for size in n)
    if sizes is not None and len(sizes) != 2:
        raise NotReadable("n", f"{len(sizes)} numbers are given", "give the patients of both groups")
    text = f"{first} vs {second}" + (f", {level}% CI {ci[0]}–{ci[1]}" if ci else "") + (f", P {p}" if p else "")
    readings = _readings(groups, sizes, float(read_number(level, "CI level").value))
    recomputed = tuple(item for reading in readings for item in (*reading.interval(), reading.p()))
    if bounds is None and target is None:
        note = Note("Neither interval nor P is printed.", "未列出置信区间或P值。")
        return Check("difference", text, recomputed, "not checkable", note=note)
    by = tuple(reading.name for reading in readings if _holds(reading, bounds, target))
    if by:
        notes: dict[tuple[str, ...], Note] = {
            (SE,): Note("± is the standard error.", "±为标准误。"),
            (SD,): Note("± is the standard deviation.", "±为标准差。"),
        }
        return Check("difference", text, recomputed, "reproduces", by, note=notes.get(by))
    if sizes is None:
        note = Note("± is no standard error; as a deviation it needs n.", "±非标准误；若为标准差，尚需例数。")
        return Check("difference", text, recomputed, "not checkable", note=note)
    return Check("difference", text, recomputed, "not reproduced")


def _read_interval(ci: Sequence[str] | None) -> tuple[Printed, Printed] | None:
    if ci is None:
        return None
    if len(ci) != 2:
        raise NotReadable("CI", f"{len(ci)} bounds are given", "give the lower and the upper bound")
    low, high = read_number(ci[0], "CI, lower"), read_number(ci[1], "CI, upper")
    if low.value > high.value:
        raise NotReadable("CI", f"{ci[0]} to {ci[1]} is reversed", "give the lower bound first")
    return low, high


def _readings(groups: tuple[_Group, _Group], sizes: tuple[int, ...] | None, level: float) -> list[_Reading]:
    first, second = groups
    (a, b), (c, d) = first.mean.bounds(), second.mean.bounds()
    point, ends = float(first.mean.value - second.mean.value), (a - d, b - c)
    spreads = [
        (max(0.0, item.spread.bounds()[0]), float(item.spread.value), item.spread.bounds()[1]) for item in groups
    ]
    z = normal_quantile(level)
    degrees = None if sizes is None else float(sum(sizes) - 2)
    quantiles = (z, z if degrees is None else t_quantile(level, degrees))
    least, middle, most = (sqrt(s * s + t * t) for s, t in zip(*spreads, strict=True))
    found = [_Reading(SE, point, ends, middle, (least, most), quantiles, degrees)]
    if sizes is not None:
        separate = [_error(s, t, sizes, pooled=False) for s, t in zip(*spreads, strict=True)]
        pooled = [_error(s, t, sizes, pooled=True) for s, t in zip(*spreads, strict=True)]
        errors = (min(separate[0], pooled[0]), max(separate[2], pooled[2]))
        found.append(_Reading(SD, point, ends, separate[1], errors, quantiles, degrees))
    return found


def _error(s: float, t: float, sizes: tuple[int, ...], *, pooled: bool) -> float:
    n, m = sizes
    if not pooled:
        return sqrt(s * s / n + t * t / m)
    variance = ((n - 1) * s * s + (m - 1) * t * t) / (n + m - 2)
    return sqrt(variance * (1 / n + 1 / m))


def _holds(reading: _Reading, bounds: tuple[Printed, Printed] | None, target: Printed | None) -> bool:
    if target is not None and not _within(target, reading.p()):
        return False
    if bounds is None:
        return True
    low, high = reading.interval()
    straight = _within(bounds[0], low) and _within(bounds[1], high)
    # The difference may have been taken the other way round.
    return straight or (_within(bounds[0], _negated(high)) and _within(bounds[1], _negated(low)))


def _within(printed: Printed, computed: Recomputed) -> bool:
    if computed.low is None or computed.high is None:
        raise AssertionError(computed)
    return printed.rounded.meets(computed.low, computed.high)


def _negated(item: Recomputed) -> Recomputed:
    if item.value is None or item.low is None or item.high is None:
        raise AssertionError(item)
    return Recomputed(item.test, -item.value, -item.high, -item.low)
