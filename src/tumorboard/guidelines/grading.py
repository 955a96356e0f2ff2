"""From level of evidence and agreement to strength, by the table a guideline prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tumorboard.text import Text


@dataclass(frozen=True, slots=True)
class GradingRule:
    """Levels, and the agreement in percent from which (inclusive) the strength is given."""

    levels: frozenset[str]
    at_least: Decimal | Fraction
    strength: str
    finding: str | None


@dataclass(frozen=True, slots=True)
class Grading:
    """A grading table; the first rule that fits decides. Without rules the strengths are only named: a panel that
    decides by a median or by several shares grades by its own protocol."""

    name: Text
    levels: Mapping[str, Text]
    strengths: Mapping[str, Text]
    rules: tuple[GradingRule, ...]

    def strength(self, level: str | None, agreement: Decimal | Fraction) -> str | None:
        """The strength for a level and an agreement in percent, never rounded: 79.9 is below 80.

        Without a level the answer is given only where every level would give the same. ``None``: no rule fits.
        """
        if level is None:
            given = {self.strength(each, agreement) for each in self.levels}
            return given.pop() if len(given) == 1 else None
        for rule in self.rules:
            if level in rule.levels and agreement >= rule.at_least:
                return rule.strength
        return None
