"""Numbers as printed: the text, and every exact value that rounds to it.

``0.50`` says more than ``0.5``: it stands for 0.495 to 0.505. All bounds here are exact fractions, so that whether a
count fits a percentage never depends on binary rounding.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Operator = Literal["=", "<", ">", "≤", "≥"]

_SIGNS = {"−": "-", "–": "-", "‐": "-", "·": ".", "≦": "≤", "≧": "≥", "⩽": "≤", "⩾": "≥"}
_OPERATORS: dict[str, Operator] = {
    "": "=", "=": "=", "<": "<", ">": ">", "≤": "≤", "≥": "≥", "<=": "≤", ">=": "≥",
}  # fmt: skip
_PRINTED = re.compile(
    r"(?:P(?:-?value|值)?\s*)?(?P<op><=|>=|[=<>≤≥])?\s*"
    r"(?P<sign>[-+])?(?P<whole>\d{1,3}(?:\s\d{3})+|\d+)?(?:\.(?P<part>(?:\d{3}\s)+\d{1,3}|\d+))?"
    r"(?:(?:e|\s?[x×*]\s?10\s?\^?)(?P<power>[-+]?\d+))?\s*(?P<percent>%)?",
    re.IGNORECASE,
)
_LONGEST = 60
_MOST_PATIENTS = 1_000_000
_SLACK = Fraction(1, 10**10)
"""How far a computed float may miss a bound, relative to the bound."""


class NotReadable(ValueError):
    """A printed value that cannot be read or cannot be meant: where it stands, what is wrong, what would be right."""

    def __init__(self, place: str, what: str, mend: str) -> None:
        super().__init__(f"{place}: {what}; {mend}" if place else f"{what}; {mend}")
        self.place, self.what, self.mend = place, what, mend


@dataclass(frozen=True, slots=True)
class Span:
    """The values from ``low`` to ``high``; ``None`` is no bound, an open end does not belong to it."""

    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False

    def holds(self, value: Fraction) -> bool:
        """Whether the exact value lies in it."""
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        return self.high is None or value < self.high or (value == self.high and not self.high_open)

    def meets(self, low: float, high: float) -> bool:
        """Whether any value from ``low`` to ``high`` (computed, hence inexact) lies in it."""
        if self.low is not None and high != float("inf") and Fraction(high) < self.low - abs(self.low) * _SLACK:
            return False
        return self.high is None or Fraction(low) <= self.high + abs(self.high) * _SLACK


@dataclass(frozen=True, slots=True)
class Printed:
    """One printed number: ``value`` with the unit of its last digit ``ulp`` (0.01 for 0.50) and its comparison sign."""

    text: str
    op: Operator
    value: Fraction
    ulp: Fraction
    percent: bool = False

    @classmethod
    def read(cls, text: str | int, place: str = "") -> Printed:
        """Read a printed number: ``52.6%``, ``<0.001``, ``P＝0.03``, ``0·05``, ``0.000 1``, ``1.2×10^-5``.

        Full-width digits and signs, as Chinese papers print them, are read as their plain forms. Raises NotReadable
        naming ``place``: for a comma (decimal or thousands cannot be told apart) and for anything else.
        """
        given = str(text)
        if len(given) > _LONGEST:
            raise NotReadable(place, f"{given[:20]!r}… is too long for a number", f"give at most {_LONGEST} characters")
        plain = "".join(_SIGNS.get(sign, sign) for sign in unicodedata.normalize("NFKC", given)).strip()
        if "," in plain:
            raise NotReadable(place, f"{given!r} holds a comma", "write 0.05 for a decimal and 1234 for thousands")
        match = _PRINTED.fullmatch(plain)
        if match is None or (match["whole"] is None and match["part"] is None):
            raise NotReadable(place, f"{given!r} is no printed number", "write digits, such as 52.6%, 0.03 or <0.001")
        whole, part = (re.sub(r"\s", "", match[name] or "") for name in ("whole", "part"))
        power = int(match["power"] or 0)
        if abs(power) > 60:
            raise NotReadable(place, f"{given!r} has an exponent out of reach", "give a power of ten within ±60")
        ulp = Fraction(10) ** (power - len(part))
        value = int(whole + part) * ulp * (-1 if match["sign"] == "-" else 1)
        return cls(given, _OPERATORS[match["op"] or ""], value, ulp, match["percent"] is not None)

    @property
    def rounded(self) -> Span:
        """Every value printed so by rounding half up or half to even; for ``<`` and the like, what the sign allows."""
        if self.op != "=":
            return self._compared()
        half, odd = self.ulp / 2, (self.value / self.ulp) % 2 == 1
        # The tie away from zero rounds back to this digit only under half-to-even, and only where the digit is even.
        return Span(self.value - half, self.value + half, odd and self.value < 0, odd and self.value > 0)

    @property
    def cut_off(self) -> Span:
        """Every value printed so by dropping digits instead of rounding."""
        if self.op != "=":
            return self._compared()
        if self.value < 0:
            return Span(self.value - self.ulp, self.value, low_open=True)
        return Span(self.value, self.value + self.ulp, high_open=True)

    def bounds(self, place: str = "") -> tuple[float, float]:
        """Lowest and highest value that rounds to it. Raises NotReadable for ``<`` and other comparisons."""
        if self.op != "=":
            raise NotReadable(place, f"{self.text!r} is a bound, not a value", "give the value itself")
        half = self.ulp / 2
        return float(self.value - half), float(self.value + half)

    def _compared(self) -> Span:
        if self.op in "<≤":
            return Span(None, self.value, high_open=self.op == "<")
        return Span(self.value, None, low_open=self.op == ">")


def read_p(text: str, place: str = "P") -> Printed:
    """A printed P value, 0 to 1. Raises NotReadable; ``0.000`` is read as printed, a bare 0 is not."""
    printed = Printed.read(text, place)
    if printed.percent:
        raise NotReadable(place, f"{text!r} is a percentage", "give P as a number from 0 to 1")
    if not 0 <= printed.value <= 1:
        raise NotReadable(place, f"{text!r} is no P value", "P lies between 0 and 1")
    if printed.value == 0 and (printed.ulp == 1 or printed.op != "="):
        raise NotReadable(place, f"{text!r} is no P value a test can give", "write it as printed, such as <0.001")
    if printed.value == 1 and printed.op == ">":
        raise NotReadable(place, f"{text!r} is no P value", "nothing lies above 1")
    return printed


def read_percentage(text: str, place: str = "percentage") -> Printed:
    """A printed percentage, 0 to 100, with or without its sign. Raises NotReadable."""
    printed = Printed.read(text, place)
    if printed.op != "=":
        raise NotReadable(place, f"{text!r} is a bound, not a percentage", "give the percentage itself, such as 52.6%")
    if not 0 <= printed.value <= 100:
        raise NotReadable(place, f"{text!r} is no share of patients", "a percentage lies between 0 and 100")
    return printed


def read_number(text: str, place: str) -> Printed:
    """A printed number that is neither a bound nor a percentage sign's. Raises NotReadable."""
    printed = Printed.read(text, place)
    printed.bounds(place)
    return printed


def read_count(text: str | int, place: str, least: int = 0) -> int:
    """A whole number of patients, at least ``least``. Raises NotReadable (n = 0, 12.5, -3)."""
    printed = Printed.read(text, place)
    if printed.op != "=" or printed.percent or printed.value.denominator != 1 or printed.ulp != 1:
        raise NotReadable(place, f"{str(text)!r} is no whole number", "give a number of patients, such as 38")
    if printed.value < least:
        raise NotReadable(place, f"{printed.value} is too small", f"give at least {least}")
    if printed.value > _MOST_PATIENTS:
        raise NotReadable(place, f"{printed.value} is too large", f"numbers up to {_MOST_PATIENTS} are checked")
    return int(printed.value)
