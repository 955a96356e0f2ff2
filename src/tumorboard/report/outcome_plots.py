"""Plots of outcomes as SVG text in the colour of the text around it: Kaplan–Meier curves and the Love plot.

Nothing is told by colour: curves differ by their dashes and bear their names, points before and after by their shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from tumorboard.cohort.outcomes.arrays import Floats
from tumorboard.cohort.outcomes.balance import Balance
from tumorboard.cohort.outcomes.kaplan_meier import Curve
from tumorboard.cohort.outcomes.suppression import cut, shown
from tumorboard.errors import InvalidInput, Problem
from tumorboard.evidence.synthesis.axes import Axis, survival_frame
from tumorboard.response.drawing import INK, element, figure, line, lines_of, shortened, text, width
from tumorboard.text import Language, Text

_WORDS = {
    "survival": Text("Kaplan–Meier curves", "Kaplan–Meier曲线"),
    "share": Text("Survival (%)", "生存率（%）"),
    "time": Text("Time ({unit})", "时间（{unit}）"),
    "at risk": Text("Number at risk", "风险人数"),
    "censored": Text("Short strokes: censored.", "短竖线：删失。"),
    "crowded": Text(
        "Short strokes: censored; where they crowd, one stands for several.", "短竖线：删失；密集处一条代表多例。"
    ),
    "cut": Text(
        "Curves end where fewer than {threshold} are at risk; numbers below {threshold} are hidden.",
        "风险人数少于{threshold}处曲线终止；小于{threshold}的人数不予显示。",
    ),
    "one curve": Text(
        "{name}: {n} patients, {events} events, median {median}", "{name}：{n}例，{events}例事件，中位{median}"
    ),
    "median": Text("{value} ({level} % CI {low} to {high})", "{value}（{level}% CI {low}～{high}）"),
    "not reached": Text("not reached", "未达到"),
    "love": Text("Balance before and after matching", "匹配前后的均衡性"),
    "difference": Text("Absolute standardised mean difference", "标准化均数差（绝对值）"),
    "covariate": Text("Covariate", "协变量"),
    "before": Text("Before", "匹配前"),
    "after": Text("After", "匹配后"),
    "one covariate": Text("{name}: {before} before, {after} after", "{name}：匹配前{before}，匹配后{after}"),
    "love about": Text(
        "Standardised mean difference of each covariate. Above {threshold} before matching: {before} of {all}; after: "
        "{after}.",
        "各协变量的标准化均数差。超过{threshold}者：匹配前{before}/{all}项，匹配后{after}项。",
    ),
}
_STROKES = (None, "9 4", "2 3", "11 3 2 3", "5 2", "1 5")  # how the lines are told apart without colour
_WIDTH, _TOP, _HEIGHT, _RIGHT, _ROW = 720.0, 34.0, 300.0, 700.0, 18.0
_PIXEL = 0.5  # what happens nearer than this, in units of the drawing, is drawn as one
_CROWD, _CLEAR = 150, 4.0  # more strokes than this on a curve are drawn at least so far apart
_NAMES, _BEFORE, _AFTER = 220.0, 655.0, 715.0


@dataclass(frozen=True, slots=True)
class Arm:
    """One curve and what it is called."""

    label: Text
    curve: Curve


def kaplan_meier_plot(
    arms: Sequence[Arm],
    unit: Text,
    language: Language,
    *,
    name: str = "outcome",
    title: Text | None = None,
    notes: Sequence[Text] = (),
    threshold: int | None = None,
) -> str:
    """Survival in percent over time in ``unit`` (months …), censorings as short strokes, numbers at risk below.

    ``notes`` (a hazard ratio, a P value) stand under the table. With ``threshold`` curves end where fewer are at risk,
    and smaller numbers are hidden. ``name`` makes the ids unique in a page. A curve of a million times is drawn as what
    can be seen of it. Raises InvalidInput for no arm or more than six, and an arm smaller than ``threshold``.
    """
    if not 1 <= len(arms) <= len(_STROKES):
        raise InvalidInput(Problem("arms", f"{len(arms)} curves in one plot", f"give 1 to {len(_STROKES)}"))
    drawn = [Arm(arm.label, cut(arm.curve, threshold) if threshold else arm.curve) for arm in arms]
    left = min(220.0, max(86.0, *(width(arm.label[language]) + _beside(arm.curve) for arm in drawn)))
    names = [shortened(arm.label[language], 150.0) for arm in drawn] if len(drawn) > 1 else []
    right = _RIGHT - max((width(each) + 18 for each in names), default=0.0)
    longest = max(float(arm.curve.times[-1]) for arm in drawn) or 1.0
    across, down = Axis(0.0, longest * 1.02, left, right), Axis(0.0, 1.0, _TOP + _HEIGHT, _TOP)
    parts = [survival_frame(across, down, _say("time", language, unit=unit[language]), _say("share", language))]
    told = [_told(arm, whole.curve, language, threshold) for arm, whole in zip(drawn, arms, strict=True)]
    for arm, stroke, words in zip(drawn, _STROKES, told, strict=False):
        parts.append(_curve(arm.curve, across, down, stroke, words))
    parts += _names(names, drawn, across, down)
    table, end = _at_risk(arms, across, down.start + 56, left, language, threshold)
    below = [
        *told,
        *(note[language] for note in notes),
        _say("crowded" if any(map(_crowded, drawn)) else "censored", language),
    ]
    if threshold:
        below.append(_say("cut", language, threshold=threshold))
    sentences, end = _sentences(below, end + 6)
    heading = title[language] if title else _say("survival", language)
    content = "".join(parts) + table + sentences
    return figure(name, heading, " ".join(f"{words}." for words in told), language, (_WIDTH, end), content)


def love_plot(
    balance: Balance,
    labels: Sequence[Text],
    threshold: float,
    language: Language,
    *,
    name: str = "balance",
    title: Text | None = None,
) -> str:
    """Each covariate's absolute standardised mean difference before (ring) and after (disc) matching, largest first.

    ``labels`` are the names of ``balance``'s covariates in both languages; the dashed line stands at ``threshold``, the
    difference still taken for balance (from the rules of who publishes). Reference: Love 2004, as in Austin 2009, Stat
    Med 28:3083. Raises InvalidInput for labels of another number.
    """
    if len(labels) != len(balance.names):
        what = f"{len(labels)} labels for {len(balance.names)} covariates"
        raise InvalidInput(Problem("labels", what, "give one for each"))
    before, after = np.abs(balance.before), np.abs(balance.after)
    largest = max(float(before.max()), float(after.max()), threshold)
    axis = Axis(0.0, largest * 1.05, _NAMES + 15, _BEFORE - 55)
    top = _TOP + 22
    foot = top + _ROW * len(labels) + 4
    parts = [_love_frame(axis, top, foot, threshold, language)]
    for place, row in enumerate(np.argsort(-before, kind="stable")):
        values = float(before[row]), float(after[row])
        parts.append(_love_row(labels[row][language], values, axis, top + _ROW * place + 10, language))
    counts = {"before": int((before > threshold).sum()), "after": int((after > threshold).sum()), "all": len(labels)}
    about = _say("love about", language, threshold=f"{threshold:g}", **counts)
    sentences, end = _sentences([about], foot + 60)
    heading = title[language] if title else _say("love", language)
    return figure(name, heading, about, language, (_WIDTH, end), "".join(parts) + sentences)


def _curve(curve: Curve, across: Axis, down: Axis, stroke: str | None, words: str) -> str:
    x, y = _places(across, curve.times), _places(down, curve.survival)
    path = f"M{across.place(0):.1f} {down.place(1):.1f}"
    # Of what falls into one column of the drawing the last is drawn: as far as the eye goes, the same line.
    last_in_column = np.append(np.diff(np.floor(x / _PIXEL)) > 0, True)
    now = down.place(1)
    for to, at in zip(x[last_in_column], y[last_in_column], strict=True):
        if at != now or to == x[-1]:
            path += f"H{to:.1f}" + (f"V{at:.1f}" if at != now else "")
            now = at
    drawn = element("title", escape(words))
    drawn += element("path", d=path, fill="none", stroke=INK, stroke_width=1.6, stroke_dasharray=stroke)
    strokes = np.column_stack((x, y))[curve.censored > 0]
    if len(strokes) > _CROWD:
        _, firsts = np.unique(np.floor(strokes[:, 0] / _CLEAR), return_index=True)
        strokes = strokes[firsts]
    if len(strokes):
        ticks = "".join(f"M{to:.1f} {at - 4:.1f}v8" for to, at in strokes)
        drawn += element("path", d=ticks, stroke=INK, stroke_width=1)
    return element("g", drawn)


def _beside(curve: Curve) -> float:
    """What a row of the table needs on the left besides its name: a piece of the line, and half its largest number."""
    return 43 + width(str(curve.n)) / 2


def _crowded(arm: Arm) -> bool:
    return int((arm.curve.censored > 0).sum()) > _CROWD


def _names(names: Sequence[str], arms: Sequence[Arm], across: Axis, down: Axis) -> Iterator[str]:
    """The name of each curve beside the plot, tied to its end, at least a line below the one above it."""
    ends = [(down.place(float(arm.curve.survival[-1])), number) for number, arm in enumerate(arms)]
    lowest = -np.inf
    for y, number in sorted(ends)[: len(names)]:
        lowest = max(y, lowest + 13)
        x = across.place(float(arms[number].curve.times[-1]))
        yield line(x + 2, y, across.end + 2, lowest, stroke_width=0.6, stroke_opacity=0.6)
        yield text(names[number], across.end + 6, lowest + 4, font_weight=600)


def _at_risk(
    arms: Sequence[Arm], across: Axis, y: float, left: float, language: Language, threshold: int | None
) -> tuple[str, float]:
    """The numbers at risk under the marks of the axis, each row led by a piece of its line."""
    parts = [text(_say("at risk", language), 0, y, font_weight=600)]
    for arm, stroke in zip(arms, _STROKES, strict=False):
        y += _ROW
        parts.append(line(0, y - 4, 28, y - 4, stroke_width=1.6, stroke_dasharray=stroke))
        parts.append(text(shortened(arm.label[language], left - _beside(arm.curve) + 1), 33, y))
        for mark in across.marks(10):
            number = shown(arm.curve.number_at_risk(mark), threshold)
            parts.append(text(number, across.place(mark), y, text_anchor="middle"))
    return "".join(parts), y + _ROW


def _told(arm: Arm, whole: Curve, language: Language, threshold: int | None) -> str:
    """What a curve shows, in words. A number of events that would give away a small number of others is hidden too."""
    curve = arm.curve
    events = int(whole.events.sum())
    few = shown(events, threshold)
    if few == str(events) and shown(whole.n - events, threshold) != str(whole.n - events):
        few = f">{whole.n - (threshold or 0)}"
    never = _say("not reached", language)
    low, high = (never if bound is None else f"{bound:.3g}" for bound in curve.median_interval)
    if curve.median is None:
        median = never
    else:
        median = _say("median", language, value=f"{curve.median:.3g}", level=f"{curve.level:g}", low=low, high=high)
    return _say("one curve", language, name=arm.label, n=whole.n, events=few, median=median)


def _love_frame(axis: Axis, top: float, foot: float, threshold: float, language: Language) -> str:
    bold = {"font_weight": 600}
    parts = [
        text(_say("covariate", language), 0, top - 10, **bold),
        _ring(_BEFORE - width(_say("before", language)) - 10, top - 14),
        text(_say("before", language), _BEFORE, top - 10, text_anchor="end", **bold),
        _disc(_AFTER - width(_say("after", language)) - 10, top - 14),
        text(_say("after", language), _AFTER, top - 10, text_anchor="end", **bold),
        line(axis.start, foot, axis.end, foot),
        line(axis.place(0), top, axis.place(0), foot),
        line(axis.place(threshold), top, axis.place(threshold), foot, stroke_dasharray="5 4"),
    ]
    for mark in axis.marks():
        x = axis.place(mark)
        parts.append(line(x, foot, x, foot + 5))
        parts.append(text(f"{mark:.3g}", x, foot + 18, text_anchor="middle"))
    middle = (axis.start + axis.end) / 2
    parts.append(text(_say("difference", language), middle, foot + 36, text_anchor="middle"))
    return "".join(parts)


def _love_row(label: str, values: tuple[float, float], axis: Axis, y: float, language: Language) -> str:
    before, after = (axis.place(value) for value in values)
    figures = [f"{value:.3f}" for value in values]
    told = _say("one covariate", language, name=label, before=figures[0], after=figures[1])
    drawn = element("title", escape(told))
    drawn += line(axis.start, y, axis.end, y, stroke_opacity=0.15)
    drawn += line(before, y, after, y, stroke_opacity=0.5) + _ring(before, y) + _disc(after, y)
    drawn += text(shortened(label, _NAMES), 0, y + 4)
    drawn += text(figures[0], _BEFORE, y + 4, text_anchor="end") + text(figures[1], _AFTER, y + 4, text_anchor="end")
    return element("g", drawn)


def _ring(x: float, y: float) -> str:
    return element("circle", cx=x, cy=y, r=4.5, fill="none", stroke=INK, stroke_width=1.5)


def _disc(x: float, y: float) -> str:
    return element("circle", cx=x, cy=y, r=4, fill=INK)


def _sentences(sentences: Sequence[str], y: float) -> tuple[str, float]:
    """Sentences under a plot, and where they end."""
    parts = []
    for sentence in sentences:
        for row in lines_of(sentence, _WIDTH - 10):
            parts.append(text(row, 0, y))
            y += 15
    return "".join(parts), y


def _places(axis: Axis, values: Floats) -> Floats:
    """``Axis.place`` for many values at once, on a linear axis."""
    places: Floats = axis.start + (values - axis.low) / (axis.high - axis.low) * (axis.end - axis.start)
    return places


def _say(key: str, language: Language, **parts: object) -> str:
    return _WORDS[key].format(**parts)[language]
