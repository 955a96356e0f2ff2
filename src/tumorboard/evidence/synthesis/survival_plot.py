"""Kaplan–Meier plot with the numbers at risk below it, as SVG text in the colour of the text around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tumorboard.errors import InvalidInput, Problem
from tumorboard.evidence.synthesis.axes import Axis, survival_frame
from tumorboard.evidence.synthesis.survival import Curve
from tumorboard.evidence.synthesis.words import say
from tumorboard.response.drawing import INK, element, figure, line, shortened, text, width
from tumorboard.text import Language, Text

_WIDTH, _TOP, _HEIGHT, _RIGHT = 720.0, 34.0, 300.0, 700.0
_ROW = 18.0
_STROKES = (None, "9 4", "2 3", "11 3 2 3", "5 2", "1 5")  # how the lines are told apart without colour


@dataclass(frozen=True, slots=True)
class Arm:
    """One curve and what it is called."""

    label: Text
    curve: Curve


def kaplan_meier_plot(
    arms: Sequence[Arm], unit: Text, language: Language, name: str = "survival", title: Text | None = None
) -> str:
    """Survival in percent over time in ``unit`` (months …), censorings as short strokes, and the table of numbers at
    risk. ``name`` makes the ids unique in a page. Raises InvalidInput for no arm or more than six."""
    if not 1 <= len(arms) <= len(_STROKES):
        raise InvalidInput(Problem("arms", f"{len(arms)} curves in one plot", f"give 1 to {len(_STROKES)}"))
    labels = [arm.label[language] for arm in arms]
    left = min(220.0, max(70.0, *(width(label) + 52 for label in labels)))
    longest = max(arm.curve.times[-1] for arm in arms) or 1.0
    across, down = Axis(0.0, longest * 1.02, left, _RIGHT), Axis(0.0, 1.0, _TOP + _HEIGHT, _TOP)
    parts = [survival_frame(across, down, say("time", language, unit=unit[language]), say("survival axis", language))]
    parts += [_curve(arm, across, down, stroke, language) for arm, stroke in zip(arms, _STROKES, strict=False)]
    table, end = _table(arms, across, down.start + 56, left, language)
    heading = title[language] if title else say("survival", language)
    about = " ".join(f"{_told(arm, language)}." for arm in arms)
    note = text(say("censored", language), 0, end + 6)
    return figure(name, heading, about, language, (_WIDTH, end + 14), "".join(parts) + table + note)


def _curve(arm: Arm, across: Axis, down: Axis, stroke: str | None, language: Language) -> str:
    curve = arm.curve
    path, y = f"M{across.place(0):.1f} {down.place(1):.1f}", down.place(1)
    strokes = []
    for time, alive, lost in zip(curve.times, curve.survival, curve.censored, strict=True):
        x, now = across.place(time), down.place(alive)
        path += f"H{x:.1f}" + (f"V{now:.1f}" if now != y else "")
        y = now
        if lost:
            strokes.append(f"M{x:.1f} {y - 4:.1f}v8")
    drawn = element("title", escape(_told(arm, language)))
    drawn += element("path", d=path, fill="none", stroke=INK, stroke_width=1.6, stroke_dasharray=stroke)
    if strokes:
        drawn += element("path", d="".join(strokes), stroke=INK, stroke_width=1)
    return element("g", drawn)


def _table(arms: Sequence[Arm], across: Axis, y: float, left: float, language: Language) -> tuple[str, float]:
    """The numbers at risk under the marks of the axis, each row led by a piece of its line."""
    parts = [text(say("at risk", language), 0, y, font_weight=600)]
    for arm, stroke in zip(arms, _STROKES, strict=False):
        y += _ROW
        parts.append(line(0, y - 4, 28, y - 4, stroke_width=1.6, stroke_dasharray=stroke))
        parts.append(text(shortened(arm.label[language], left - 50), 33, y))
        for mark in across.marks(10):
            parts.append(text(str(arm.curve.number_at_risk(mark)), across.place(mark), y, text_anchor="middle"))
    return "".join(parts), y + _ROW


def _told(arm: Arm, language: Language) -> str:
    curve = arm.curve
    median = say("not reached", language) if curve.median is None else f"{curve.median:g}"
    return say("one curve", language, name=arm.label, n=curve.n, events=sum(curve.events), median=median)
