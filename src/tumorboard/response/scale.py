"""What the plots of several courses share: the axis of changes in per cent, and who is drawn."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tumorboard.response import words
from tumorboard.response.criteria import Criteria
from tumorboard.response.drawing import (
    line,
    lines_of,
    step_for,
    text,
)
from tumorboard.response.model import Course, Response
from tumorboard.response.words import say
from tumorboard.text import Language

WIDTH, LEFT, RIGHT, TOP, HEIGHT = 820.0, 64.0, 24.0, 36.0, 300.0
LOWEST = -100  # nothing shrinks by more than all of it
_LEADING = 14.0


@dataclass(frozen=True, slots=True)
class Plotted:
    """A patient of a plot."""

    id: str
    course: Course

    @property
    def best(self) -> Response | None:
        """The best response; None where it isn't known."""
        return self.course.best.value if self.course.best.known else None

    def best_word(self, language: Language) -> str:
        return str(self.best) if self.best else say("unknown")[language]


class Scale:
    """The vertical axis of both plots, in per cent."""

    def __init__(self, changes: Sequence[Fraction]) -> None:
        highest = max([*changes, Fraction(0)])
        self.step = step_for(float(highest) - LOWEST, (20, 25, 50, 100, 200, 500, 1000, 5000), most=8)
        self.top = max(self.step * math.ceil((highest + Fraction(self.step, 4)) / self.step), 2 * self.step)

    def y(self, change: Fraction | int) -> float:
        return TOP + float(Fraction(self.top - change) / (self.top - LOWEST)) * HEIGHT

    def axis(self, criteria: Criteria, language: Language, right: float = WIDTH - RIGHT) -> str:
        """Grid and figures, with dashed lines at the cuts (growth itself is judged from the nadir)."""
        cuts = (criteria.progression_percent, -criteria.response_percent)
        parts = []
        for value in range(-(-LOWEST // self.step * self.step), self.top + 1, self.step):
            y = self.y(value)
            parts.append(line(LEFT, y, right, y, stroke_opacity=0.15 if value else 1))
            if value not in cuts:
                parts.append(text(_signed(Fraction(value)), LEFT - 8, y + 4, text_anchor="end"))
        for cut in cuts:
            y = self.y(cut)
            parts.append(line(LEFT - 4, y, right, y, stroke_dasharray="5 4"))
            parts.append(text(_signed(cut), LEFT - 8, y + 4, text_anchor="end", font_weight=700))
        middle = TOP + HEIGHT / 2
        turned = f"rotate(-90 14 {middle:.1f})"
        parts.append(text(say("change axis")[language], 14, middle, text_anchor="middle", transform=turned))
        return "".join(parts)


def _signed(value: Fraction) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{words.number(abs(value))}"


def kinds(patients: Sequence[Plotted]) -> list[Response | None]:
    found = {patient.best for patient in patients}
    return [kind for kind in (*Response, None) if kind in found]


def notes_below(without: Sequence[str], y: float, language: Language) -> tuple[str, float]:
    if not without:
        return "", y
    parts = []
    names = ("、" if language == "zh" else ", ").join(without)
    for told in lines_of(say("not drawn", names=names)[language], WIDTH - LEFT - 8):
        y += _LEADING
        parts.append(text(told, LEFT, y))
    return "".join(parts), y


def tally(patients: Sequence[Plotted], language: Language) -> str:
    counts = Counter(patient.best for patient in patients)
    told = [f"{kind or say('unknown')[language]} {counts[kind]}" for kind in kinds(patients)]
    return ("，" if language == "zh" else ", ").join(told) or "–"
