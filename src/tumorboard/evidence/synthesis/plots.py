"""Forest and funnel plots of a pooled result, each one SVG text in the colour of the text around it.

The Kaplan–Meier plot stands in ``survival_plot``. Nothing is told by colour; every plot has a title and says in words
what it shows.
"""

from __future__ import annotations

import math
from html import escape

from tumorboard.evidence.synthesis.axes import Axis
from tumorboard.evidence.synthesis.model import MetaResult, Study
from tumorboard.evidence.synthesis.numerics import quantile
from tumorboard.evidence.synthesis.survival_plot import Arm, kaplan_meier_plot
from tumorboard.evidence.synthesis.words import (
    figure_of,
    heterogeneity,
    measure_name,
    say,
    share_name,
    span_of,
    summary,
)
from tumorboard.response.drawing import INK, element, figure, line, lines_of, shortened, text, width
from tumorboard.text import Language

__all__ = ["Arm", "forest", "funnel", "kaplan_meier_plot"]

_WIDTH, _ROW, _TOP = 720.0, 22.0, 48.0
_NAMES, _LEFT, _RIGHT = 190.0, 205.0, 505.0
_VALUES, _WEIGHTS = 660.0, 716.0


def forest(result: MetaResult, language: Language, name: str = "forest") -> str:
    """Every study with its interval, its square as large as its weight; the pooled value as a diamond, below it the
    prediction interval. ``name`` makes the ids of the plot unique in a page."""
    axis = _values_axis(result)
    foot = _TOP + _ROW * (result.k + (2 if result.prediction else 1)) + 10
    parts = [_heads(result, language), _axis_below(result, axis, foot)]
    if result.scale == "log" and axis.holds(1.0):
        parts.append(line(axis.place(1.0), _TOP - 8, axis.place(1.0), foot, stroke_opacity=0.6))
    middle = axis.place(result.value)
    parts.append(line(middle, _TOP - 8, middle, foot, stroke_dasharray="2 4", stroke_opacity=0.8))
    for index, study in enumerate(result.studies):
        parts.append(_study_row(result, study, axis, _TOP + _ROW * index + 8, language))
    parts.append(_pooled_rows(result, axis, _TOP + _ROW * result.k + 10, language))
    below, end = _below([heterogeneity(result, language), *(note[language] for note in result.notes)], foot + 42)
    title = say("forest", language, measure=measure_name(result), k=result.k)
    about = f"{summary(result, language)}. {heterogeneity(result, language)}."
    return figure(name, title, about, language, (_WIDTH, end), "".join(parts) + below)


def funnel(result: MetaResult, language: Language, name: str = "funnel") -> str:
    """Every study by its effect (across, on the scale of pooling) and its standard error (down), with the lines within
    which studies would lie if only chance made them differ. Reference: Sterne & Egger 2001, J Clin Epidemiol
    54:1046."""
    z = quantile(result.level)
    deepest = max(study.standard_error for study in result.studies) * 1.08
    edges = [result.estimate - z * deepest, result.estimate + z * deepest]
    edges += [study.effect for study in result.studies]
    margin = (max(edges) - min(edges)) * 0.04
    across = Axis(min(edges) - margin, max(edges) + margin, 70.0, _WIDTH - 30)
    down = Axis(0.0, deepest, _TOP, _TOP + 320)
    outside = sum(abs(study.effect - result.estimate) > z * study.standard_error for study in result.studies)
    top = across.place(result.estimate)
    sides = "".join(line(top, down.start, across.place(edge), down.end, stroke_dasharray="5 4") for edge in edges[:2])
    parts = [sides, line(top, down.start, top, down.end, stroke_opacity=0.7)]
    for study in result.studies:
        shown = figure_of(result, study.value)
        told = say("one point", language, name=study.name, value=shown, error=f"{study.standard_error:.3f}")
        at = {"cx": across.place(study.effect), "cy": down.place(study.standard_error)}
        parts.append(element("circle", element("title", escape(told)), r=4, fill=INK, fill_opacity=0.75, **at))
    parts.append(_funnel_axes(result, across, down, language))
    about = say(
        "funnel about",
        language,
        level=f"{result.level:g}",
        value=figure_of(result, result.value),
        outside=outside,
        k=result.k,
    )
    below, end = _below([about], down.end + 62)
    title = say("funnel", language, measure=measure_name(result), k=result.k)
    return figure(name, title, about, language, (_WIDTH, end), "".join(parts) + below)


def _values_axis(result: MetaResult) -> Axis:
    """From the lowest to the highest interval, but not beyond four times the values of studies: what is wider is cut,
    as the intervals of two or three studies would else leave no room for anything."""
    if result.measure == "proportion":
        return Axis(0.0, 1.0, _LEFT, _RIGHT)
    values = [study.value for study in result.studies]
    bounds = [bound for study in result.studies for bound in (study.low, study.high)]
    bounds += [*result.interval, *(result.prediction or ())]
    low = min(0.9, max(min(bounds), min(values) / 4))
    high = max(1.1, min(max(bounds), max(values) * 4))
    return Axis(low * 0.95, high * 1.05, _LEFT, _RIGHT, log=True)


def _heads(result: MetaResult, language: Language) -> str:
    value = say("value", language, measure=measure_name(result), level=f"{result.level:g}")
    bold = {"font_weight": 600}
    return (
        text(say("study", language), 0, _TOP - 12, **bold)
        + text(value, _VALUES, _TOP - 12, text_anchor="end", **bold)
        + text(share_name(result)[language], _WEIGHTS, _TOP - 12, text_anchor="end", **bold)
    )


def _study_row(result: MetaResult, study: Study, axis: Axis, y: float, language: Language) -> str:
    value = span_of(result, study.value, (study.low, study.high))
    weight = f"{study.weight:.1f}%"
    told = element(
        "title",
        escape(say("one study", language, name=study.name, value=value, share=share_name(result), weight=weight)),
    )
    side = 4 + 10 * math.sqrt(study.weight / max(each.weight for each in result.studies))
    x = axis.place(study.value)
    drawn = line(axis.place(study.low), y, axis.place(study.high), y)
    drawn += _cut(axis, study.low, y, -1) + _cut(axis, study.high, y, 1)
    drawn += element("rect", x=x - side / 2, y=y - side / 2, width=side, height=side, fill=INK)
    drawn += text(shortened(study.name, _NAMES), 0, y + 4)
    drawn += text(value, _VALUES, y + 4, text_anchor="end") + text(weight, _WEIGHTS, y + 4, text_anchor="end")
    return element("g", told + drawn)


def _cut(axis: Axis, bound: float, y: float, way: int) -> str:
    """An arrow head where an interval goes on beyond the axis."""
    if axis.holds(bound):
        return ""
    x = axis.place(bound)
    return element("path", d=f"M{x - way * 6:.1f} {y - 4:.1f}L{x:.1f} {y:.1f}L{x - way * 6:.1f} {y + 4:.1f}z", fill=INK)


def _pooled_rows(result: MetaResult, axis: Axis, y: float, language: Language) -> str:
    low, high = (axis.place(bound) for bound in result.interval)
    middle = axis.place(result.value)
    corners = f"M{low:.1f} {y:.1f}L{middle:.1f} {y - 7:.1f}L{high:.1f} {y:.1f}L{middle:.1f} {y + 7:.1f}z"
    value = span_of(result, result.value, result.interval)
    label = shortened(say("pooled", language, method=result.method), _NAMES)
    drawn = element("title", escape(summary(result, language)))
    drawn += element("path", d=corners, fill=INK, fill_opacity=0.35, stroke=INK, stroke_width=1.2)
    drawn += _cut(axis, result.interval[0], y, -1) + _cut(axis, result.interval[1], y, 1)
    drawn += text(label, 0, y + 4, font_weight=600) + text(value, _VALUES, y + 4, text_anchor="end", font_weight=600)
    if result.prediction:
        below = y + _ROW
        start, end = (axis.place(bound) for bound in result.prediction)
        low_text, high_text = (figure_of(result, bound) for bound in result.prediction)
        drawn += line(start, below, end, below, stroke_width=3, stroke_opacity=0.55)
        for bound, way in zip(result.prediction, (-1, 1), strict=True):
            x = axis.place(bound)
            drawn += line(x, below - 5, x, below + 5) if axis.holds(bound) else _cut(axis, bound, below, way)
        drawn += text(say("prediction", language), 0, below + 4)
        drawn += text(f"{low_text}–{high_text}", _VALUES, below + 4, text_anchor="end")
    return element("g", drawn)


def _axis_below(result: MetaResult, axis: Axis, y: float) -> str:
    parts = [line(axis.start, y, axis.end, y)]
    free = axis.start - 20
    for mark in axis.marks():
        x, label = axis.place(mark), f"{100 * mark:.0f}%" if result.measure == "proportion" else f"{mark:g}"
        parts.append(line(x, y, x, y + 5))
        if x - width(label) / 2 > free:
            parts.append(text(label, x, y + 18, text_anchor="middle"))
            free = x + width(label) / 2 + 4
    return "".join(parts)


def _funnel_axes(result: MetaResult, across: Axis, down: Axis, language: Language) -> str:
    foot = down.end
    parts = [line(across.start, foot, across.end, foot), line(across.start, down.start, across.start, foot)]
    for mark in down.marks(5):
        y = down.place(mark)
        parts.append(line(across.start - 5, y, across.start, y))
        parts.append(text(f"{mark:g}", across.start - 8, y + 4, text_anchor="end"))
    for value, label in _effect_marks(result, across):
        x = across.place(value)
        parts.append(line(x, foot, x, foot + 5))
        parts.append(text(label, x, foot + 18, text_anchor="middle"))
    middle = (across.start + across.end) / 2
    parts.append(text(measure_name(result)[language], middle, foot + 36, text_anchor="middle"))
    up = (down.start + down.end) / 2
    turned = f"rotate(-90 16 {up:.1f})"
    parts.append(text(say("standard error", language), 16, up, text_anchor="middle", transform=turned))
    return "".join(parts)


def _effect_marks(result: MetaResult, across: Axis) -> list[tuple[float, str]]:
    """Places on the scale of pooling, labelled as ratios or percentages."""
    match result.scale:
        case "log":
            ratios = Axis(math.exp(across.low), math.exp(across.high), 0, 1, log=True).marks()
            return [(math.log(ratio), f"{ratio:g}") for ratio in ratios]
        case "logit":
            shares = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999)
            logits = [(math.log(share / (1 - share)), f"{100 * share:g}%") for share in shares]
            return [(value, label) for value, label in logits if across.holds(value)]
        case "double arcsine":
            return [(mark, f"{100 * result.back(mark):.0f}%") for mark in across.marks()]


def _below(sentences: list[str], y: float) -> tuple[str, float]:
    """Sentences under the plot, and where they end."""
    parts = []
    for sentence in sentences:
        for row in lines_of(sentence, _WIDTH - 10):
            parts.append(text(row, 0, y))
            y += 15
    return "".join(parts), y
