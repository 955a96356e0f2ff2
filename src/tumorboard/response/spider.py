"""Spider plot: each patient's sum of target lesions over time, as SVG text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from html import escape

from tumorboard.response.criteria import Criteria
from tumorboard.response.drawing import (
    INK,
    SMALL,
    element,
    figure,
    line,
    plus,
    shortened,
    step_for,
    text,
    triangle,
    width,
)
from tumorboard.response.model import Assessment, Course, Response
from tumorboard.response.scale import HEIGHT, LEFT, RIGHT, TOP, WIDTH, Plotted, Scale, kinds, notes_below, tally
from tumorboard.response.words import percent, say
from tumorboard.text import Language

_DASHES = {Response.CR: None, Response.PR: None, Response.SD: "7 3", Response.NON_CR_NON_PD: "7 3", Response.PD: "2 3"}


def spider(patients: Sequence[Plotted], criteria: Criteria, language: Language, name: str = "spider") -> str:
    """One line a patient: the change of the sum from baseline over time, up to and including progression."""
    every = [(patient, _points(patient.course)) for patient in patients]
    drawn = [(patient, points) for patient, points in every if len(points) > 1]
    without = [patient.id for patient, points in every if len(points) < 2]
    scale = Scale([change for _, points in drawn for _, change, _ in points])
    last = max((weeks for _, points in drawn for weeks, _, _ in points), default=Fraction(1))
    first = min((weeks for _, points in drawn for weeks, _, _ in points), default=Fraction(0))
    right = RIGHT + max((width(patient.id) for patient, _ in drawn), default=0) + 12
    right = min(right, WIDTH / 3)

    def x(weeks: Fraction) -> float:
        return LEFT + float((weeks - first) / max(last - first, Fraction(1))) * (WIDTH - LEFT - right)

    parts = [scale.axis(criteria, language, WIDTH - right), _weeks_axis(x, first, last, right, language)]
    ends: list[tuple[float, float, str]] = []
    for patient, points in drawn:
        parts.append(_trace(patient, [(x(weeks), scale.y(change), found) for weeks, change, found in points], language))
        ends.append((scale.y(points[-1][1]), x(points[-1][0]), patient.id))
    parts += _end_labels(ends, WIDTH - right + 14, right - RIGHT)
    legend, foot = _spider_legend([patient for patient, _ in drawn], TOP + HEIGHT + 52, language)
    notes, foot = notes_below(without, foot, language)
    about = say(
        "spider about",
        criteria=criteria.id,
        count=len(drawn),
        weeks=math.ceil(last) if drawn else 0,
        best=tally(patients, language),
    )[language]
    return figure(
        name,
        say("spider", criteria=criteria.id)[language],
        about,
        language,
        (WIDTH, foot + 8),
        "".join(parts) + legend + notes,
    )


def _points(course: Course) -> list[tuple[Fraction, Fraction, Assessment | None]]:
    """(weeks since the start, change in per cent, assessment) from the baseline on, where the sum is known."""
    if course.baseline is None or not course.baseline_sum:
        return []
    start = course.dates.start or course.baseline.date
    points: list[tuple[Fraction, Fraction, Assessment | None]] = [
        (Fraction((course.baseline.date - start).days, 7), Fraction(0), None)
    ]
    points += [
        (Fraction((found.timepoint.date - start).days, 7), found.from_baseline, found)
        for found in course.until_progression
        if found.from_baseline is not None
    ]
    return points


def _trace(patient: Plotted, points: Sequence[tuple[float, float, Assessment | None]], language: Language) -> str:
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in points)
    dash = _DASHES.get(patient.best, "1 4") if patient.best else "1 4"
    change = patient.course.best_change
    told = say("one bar", name=patient.id, change=percent(change), best=patient.best_word(language))[language]
    parts = [element("path", d=path, fill="none", stroke=INK, stroke_width=1.4, stroke_dasharray=dash)]
    for x, y, found in points:
        if found is None or found.overall.values != {Response.PD}:
            parts.append(element("circle", cx=x, cy=y, r=2.4, fill=INK))
        elif found.new_lesions.values == {True}:
            parts.append(plus(x, y))
        else:
            parts.append(triangle(x, y))
    return element("g", element("title", escape(told)) + "".join(parts))


def _end_labels(ends: Sequence[tuple[float, float, str]], x: float, room: float) -> list[str]:
    """Names right of the plot at the height of their last point, moved apart, each joined to it by a thin line."""
    parts, last = [], -math.inf
    crowded = len(ends) * (SMALL + 1)
    floor = TOP + HEIGHT
    for place, (y, from_x, label) in enumerate(sorted(ends)):
        left = (len(ends) - place - 1) * (SMALL + 1)
        at = max(min(y + 4, floor - left), last + SMALL + 1) if crowded < HEIGHT else max(y + 4, last + SMALL + 1)
        last = at
        parts.append(line(from_x + 6, y, x - 4, at - 4, stroke_opacity=0.3, stroke_width=0.8))
        parts.append(text(shortened(label, room), x, at))
    return parts


def _weeks_axis(
    x: Callable[[Fraction], float], first: Fraction, last: Fraction, right: float, language: Language
) -> str:
    y = TOP + HEIGHT
    step = step_for(float(last - min(first, Fraction(0))), (1, 2, 4, 6, 8, 12, 24, 52, 104, 208))
    parts = []
    for weeks in range(0, math.floor(last) + 1, step):
        at = x(Fraction(weeks))
        parts.append(line(at, y, at, y + 5))
        parts.append(text(str(weeks), at, y + 18, text_anchor="middle"))
    middle = (LEFT + WIDTH - right) / 2
    parts.append(text(say("weeks axis")[language], middle, y + 34, text_anchor="middle"))
    return "".join(parts)


def _spider_legend(patients: Sequence[Plotted], y: float, language: Language) -> tuple[str, float]:
    x, parts = LEFT, []
    for kind in kinds(patients):
        word = str(kind) if kind else say("unknown")[language]
        dash = _DASHES.get(kind, "1 4") if kind else "1 4"
        parts.append(line(x, y - 4, x + 26, y - 4, stroke_width=1.4, stroke_dasharray=dash))
        parts.append(text(word, x + 32, y))
        x += 54 + width(word)
    for key, mark in (("progression", triangle), ("new lesion", plus)):
        word = say(key)[language]
        parts.append(mark(x + 6, y - 4))
        parts.append(text(word, x + 18, y))
        x += 40 + width(word)
    return "".join(parts), y + 6
