"""The result of one check: what is printed, what comes out, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

Verdict = Literal["reproduces", "not reproduced", "impossible", "not checkable"]
"""What a check can say.

``reproduces``: some value that rounds to the printed one follows by the named way. ``not reproduced``: none of the ways
tried gives it; another test, stratum or adjustment may. ``impossible``: no data whatever can give the printed numbers
together, as far as the numbers mean what the check takes them to mean. ``not checkable``: too little is printed. None
of them says why a number differs, least of all who erred.
"""

Tier = Literal["hard", "warning", "soft"]
"""How much an unmet check weighs: ``hard`` follows by arithmetic; ``warning`` has ordinary explanations (a stratified
log-rank test beside a Cox interval); ``soft`` holds under a model only."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a check, in both languages."""

    en: str
    zh: str

    def __add__(self, other: Note | None) -> Note:
        return self if other is None else Note(f"{self.en} {other.en}", f"{self.zh}{other.zh}")


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What one way of computing gives: at the printed digits (``value``), and from ``low`` to ``high`` over every value
    that rounds to them (``None`` where nothing printed is rounded). An infinite bound is kept as such."""

    test: str
    value: float | None
    low: float | None = None
    high: float | None = None

    def record(self) -> dict[str, Any]:
        ranged = self.low is not None and self.high is not None
        return {
            "test": self.test,
            "value": self.value,
            "range": [_json(self.low), _json(self.high)] if ranged else None,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """One check of reported numbers.

    ``kind`` names the check, ``printed`` the numbers as text, ``by`` the tests or readings that reproduce them;
    ``finding`` is the id of the finding checked, where there is one.
    """

    kind: str
    printed: str
    recomputed: tuple[Recomputed, ...]
    verdict: Verdict
    by: tuple[str, ...] = ()
    tier: Tier = "hard"
    note: Note | None = None
    finding: str | None = None

    def record(self) -> dict[str, Any]:
        """The check as plain data, in the form of ``tumorboard evidence check --format json``."""
        return {
            "finding": self.finding,
            "kind": self.kind,
            "printed": self.printed,
            "recomputed": [item.record() for item in self.recomputed],
            "verdict": self.verdict,
            "by": list(self.by),
            "tier": self.tier,
            "note": {"en": self.note.en, "zh": self.note.zh} if self.note else None,
        }

    def of(self, finding: str) -> Check:
        """The same check, tied to a finding."""
        return replace(self, finding=finding)


def joined(notes: list[Note]) -> Note | None:
    """All notes as one, or ``None``."""
    if not notes:
        return None
    first, *rest = notes
    for note in rest:
        first = first + note
    return first


def _json(value: float | None) -> float | None:
    return None if value in (None, float("inf"), float("-inf")) else value
