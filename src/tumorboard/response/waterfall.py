"""Waterfall plot: each patient's best change of the sum of target lesions, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from html import escape

from tumorboard.response.criteria import Criteria
from tumorboard.response.drawing import (
    INK,
    element,
    figure,
    hatching,
    shortened,
    text,
    width,
)
from tumorboard.response.model import Response
from tumorboard.response.scale import HEIGHT, LEFT, RIGHT, TOP, WIDTH, Plotted, Scale, kinds, notes_below, tally
from tumorboard.response.words import percent, say
from tumorboard.text import Language


def waterfall(patients: Sequence[Plotted], criteria: Criteria, language: Language, name: str = "waterfall") -> str:
    """One bar a patient: the best change of the sum up to progression, the greatest growth first."""
    changes = [(patient, patient.course.best_change) for patient in patients]
    known = ((patient, change) for patient, change in changes if change is not None)
    drawn = sorted(known, key=lambda item: (-item[1], item[0].id))
    without = [patient.id for patient, change in changes if change is None]
    scale = Scale([change for _, change in drawn])
    room = (WIDTH - LEFT - RIGHT) / max(len(drawn), 1)
    bar = min(room * 0.72, 44.0)
    parts = [
        element("defs", hatching(f"{name}-sd", 6, 45) + hatching(f"{name}-pd", 4, -45)),
        scale.axis(criteria, language),
    ]
    slanted = any(width(patient.id) > room - 4 for patient, _ in drawn)
    foot = TOP + HEIGHT + (_slant_depth([patient.id for patient, _ in drawn]) if slanted else 20)
    for index, (patient, change) in enumerate(drawn):
        middle = LEFT + (index + 0.5) * room
        parts.append(_bar(patient, change, scale, middle, bar, name, language))
        parts.append(_foot_label(patient.id, middle, slanted))
        if room >= 30:  # on the other side of zero, where no bar or cut is
            label = f"{'+' if change > 0 else '−' if change < 0 else ''}{int(abs(change))}"
            parts.append(text(label, middle, scale.y(0) + (-5 if change <= 0 else 14), text_anchor="middle"))
    legend, foot = _legend([patient for patient, _ in drawn], name, foot + 14, language)
    notes, foot = notes_below(without, foot, language)
    about = say(
        "waterfall about",
        criteria=criteria.id,
        count=len(drawn),
        first=percent(drawn[0][1]) if drawn else "–",
        last=percent(drawn[-1][1]) if drawn else "–",
        best=tally(patients, language),
    )[language]
    return figure(
        name,
        say("waterfall", criteria=criteria.id)[language],
        about,
        language,
        (WIDTH, foot + 8),
        "".join(parts) + legend + notes,
    )


def _bar(
    patient: Plotted, change: Fraction, scale: Scale, middle: float, wide: float, name: str, language: Language
) -> str:
    top, bottom = sorted((scale.y(change), scale.y(0)))
    told = say("one bar", name=patient.id, change=percent(change), best=patient.best_word(language))[language]
    return element(
        "rect",
        element("title", escape(told)),
        x=middle - wide / 2,
        y=top,
        width=wide,
        height=max(bottom - top, 1.0),
        **_fill(patient.best, name),
    )


def _fill(best: Response | None, name: str) -> dict[str, object]:
    """Told apart without colour: solid, grey, hatched twice, dotted outline."""
    outline: dict[str, object] = {"stroke": INK, "stroke_width": 1.2}
    match best:
        case Response.CR:
            return {**outline, "fill": INK}
        case Response.PR:
            return {**outline, "fill": INK, "fill_opacity": 0.45}
        case Response.SD | Response.NON_CR_NON_PD:
            return {**outline, "fill": f"url(#{name}-sd)"}
        case Response.PD:
            return {**outline, "fill": f"url(#{name}-pd)"}
    return {**outline, "fill": "none", "stroke_dasharray": "3 2"}


def _foot_label(label: str, x: float, slanted: bool) -> str:
    y = TOP + HEIGHT + 14
    if not slanted:
        return text(label, x, y, text_anchor="middle")
    return text(shortened(label, 110), x + 4, y, text_anchor="end", transform=f"rotate(-55 {x + 4:.1f} {y:.1f})")


def _slant_depth(labels: Sequence[str]) -> float:
    return 16 + 0.82 * min(max(map(width, labels)), 116.0)


def _legend(patients: Sequence[Plotted], name: str, y: float, language: Language) -> tuple[str, float]:
    x, parts = LEFT, []
    for kind in kinds(patients):
        word = str(kind) if kind else say("unknown")[language]
        parts.append(element("rect", x=x, y=y - 9, width=16, height=10, **_fill(kind, name)))
        parts.append(text(word, x + 22, y))
        x += 44 + width(word)
    return "".join(parts), y + 6
