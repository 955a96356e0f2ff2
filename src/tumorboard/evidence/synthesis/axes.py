"""Axes of plots: from values to places, where the marks stand, and the frame of a survival plot."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tumorboard.response.drawing import line, text

_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Axis:
    """``low`` stands at ``start``, ``high`` at ``end``; logarithmic where ``log``. Values beyond stand at the edge."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def place(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        if self.log:
            share = math.log(inside / self.low) / math.log(self.high / self.low)
        else:
            share = (inside - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def marks(self, most: int = 7) -> list[float]:
        """At most about ``most`` round values on the axis."""
        return _log_marks(self.low, self.high, most) if self.log else linear_marks(self.low, self.high, most)


def survival_frame(across: Axis, down: Axis, time: str, share: str) -> str:
    """The two axes of a survival plot with marks and names: time across, from 1 down to 0 in percent."""
    parts = [
        line(across.start, down.start, across.end, down.start),
        line(across.start, down.end, across.start, down.start),
    ]
    for mark in down.marks(5):
        y = down.place(mark)
        parts.append(line(across.start - 5, y, across.start, y))
        parts.append(text(f"{100 * mark:.0f}", across.start - 8, y + 4, text_anchor="end"))
    for mark in across.marks(10):
        x = across.place(mark)
        parts.append(line(x, down.start, x, down.start + 5))
        parts.append(text(f"{mark:g}", x, down.start + 18, text_anchor="middle"))
    middle, up = (across.start + across.end) / 2, (down.start + down.end) / 2
    parts.append(text(time, middle, down.start + 34, text_anchor="middle"))
    x = across.start - 36
    turned = f"rotate(-90 {x:.1f} {up:.1f})"
    parts.append(text(share, x, up, text_anchor="middle", transform=turned))
    return "".join(parts)


def linear_marks(low: float, high: float, most: int) -> list[float]:
    power = math.floor(math.log10((high - low) / most))
    steps = [base * 10.0**exponent for exponent in (power, power + 1) for base in _STEPS]
    step = next(step for step in steps if (high - low) / step <= most)
    first = math.ceil(low / step - 1e-9)
    return [index * step for index in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_marks(low: float, high: float, most: int) -> list[float]:
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    for bases in ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        marks = [base * 10.0**power for power in powers for base in bases]
        inside = [mark for mark in marks if low * (1 - 1e-9) <= mark <= high * (1 + 1e-9)]
        if len(inside) <= most:
            break
    return inside
