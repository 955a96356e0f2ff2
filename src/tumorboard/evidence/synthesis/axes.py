"""Axes of the plots of synthesis: from values to places, and where the marks stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

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
