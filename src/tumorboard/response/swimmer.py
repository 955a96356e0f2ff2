"""Swimmer plot: one lane a patient, one bar a line of therapy, from the rows of the case's ``courses`` table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from tumorboard.case.read import Case
from tumorboard.case.rows import Cell, Row
from tumorboard.response.drawing import (
    INK,
    arrow,
    element,
    figure,
    line,
    lines_of,
    shortened,
    step_for,
    text,
    triangle,
    width,
)
from tumorboard.response.words import say
from tumorboard.text import Language
from tumorboard.vocabulary.drugs import Drugs

_WIDTH, _RIGHT, _TOP, _GUTTER = 880.0, 40.0, 36.0, 200.0
_BAR, _LEADING = 13.0, 13.0
_DAYS_A_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class _Swim:
    """A bar, in days since the first line began; ``end`` is where it is drawn to, known or not."""

    label: str
    told: str
    start: int
    end: int
    ongoing: bool
    end_known: bool
    progressed: int | None
    response: str
    heavy: bool


@dataclass(frozen=True, slots=True)
class _Lane:
    id: str
    swims: tuple[_Swim, ...]
    undated: tuple[str, ...]

    @property
    def last(self) -> int:
        return max((max(swim.end, swim.progressed or 0) for swim in self.swims), default=0)


def swimmer(cases: Sequence[Case], drugs: Drugs, language: Language, name: str = "swimmer") -> str:
    """Every case's lines of therapy since its first one began; lines without a start are named below the plot."""
    lanes = [_lane(case, drugs, language) for case in cases]
    drawn = [lane for lane in lanes if lane.swims]
    last = max((lane.last for lane in drawn), default=30)
    left = min(max((width(lane.id) for lane in drawn), default=0) + 16, _GUTTER)

    def x(day: float) -> float:
        return left + day / max(last, 1) * (_WIDTH - left - _RIGHT)

    parts: list[str] = []
    y = _TOP
    for lane in drawn:
        drawing, y = _draw(lane, x, y, left)
        parts.append(drawing)
    axis, y = _axis(x, y, last, left, language)
    legend, y = _legend(drawn, y + 16, left, language)
    notes, y = _notes([lane for lane in lanes if lane.undated or not lane.swims], y, left, language)
    about = say(
        "swimmer about",
        count=len(drawn),
        lines=sum(len(lane.swims) for lane in drawn),
        months=math.ceil(last / _DAYS_A_MONTH) if drawn else 0,
    )[language]
    return figure(
        name, say("swimmer")[language], about, language, (_WIDTH, y + 8), axis + "".join(parts) + legend + notes
    )


def _lane(case: Case, drugs: Drugs, language: Language) -> _Lane:
    rows = case.tables["courses"].rows
    dated = [(row, start) for row in rows if isinstance(start := row.cells.get("start"), int)]
    undated = tuple(_label(row, drugs, language) for row in rows if not isinstance(row.cells.get("start"), int))
    if not dated:
        return _Lane(case.id, (), undated)
    origin = min(start for _, start in dated)
    board = case.as_of.toordinal()
    return _Lane(case.id, tuple(_swim(row, start, origin, board, drugs, language) for row, start in dated), undated)


def _swim(row: Row, start: int, origin: int, board: int, drugs: Drugs, language: Language) -> _Swim:
    cells = row.cells
    ends = [end for key in ("last_end", "end") if isinstance(end := cells.get(key), int)]
    progressed = cells.get("progressed")
    following = cells.get("next_start")
    ongoing = not ends and not cells["completed"]
    if ends:
        end = max(ends)
    elif ongoing:
        end = board
    else:
        later = [day for day in (progressed, following) if isinstance(day, int)]
        end = min(later, default=board)
    label = _label(row, drugs, language)
    response = cells.get("best_response")
    notes = [str(response)] if response else []
    return _Swim(
        label=" · ".join((label, *notes)),
        told=label,
        start=start - origin,
        end=max(end, start) - origin,
        ongoing=ongoing,
        end_known=bool(ends),
        progressed=progressed - origin if isinstance(progressed, int) else None,
        response=str(response or ""),
        heavy=isinstance(cells["line"], int) and cells["line"] % 2 == 1,
    )


def _label(row: Row, drugs: Drugs, language: Language) -> str:
    agents = _agents(row.cells["agents"], drugs, language)
    if maintenance := _agents(row.cells["maintenance"], drugs, language):
        agents = say("maintained", agents=agents, maintenance=maintenance)[language]
    if row.cells["curative"]:
        return say("curative", agents=agents)[language]
    return say("line of therapy", line=row.cells["line"], agents=agents)[language]


def _agents(cell: Cell, drugs: Drugs, language: Language) -> str:
    if not isinstance(cell, frozenset):
        return ""
    found = ((name, drugs.get(name)) for name in sorted(cell))
    return " + ".join(drug.name[language] if drug else name for name, drug in found)


def _draw(lane: _Lane, x: Callable[[float], float], y: float, left: float) -> tuple[str, float]:
    """The lane's bars in one row, with their words below, moved down where they would run into each other."""
    parts = [text(shortened(lane.id, left - 12), left - 10, y + _BAR - 2, text_anchor="end", font_weight=600)]
    taken: list[float] = []
    for swim in lane.swims:
        begin, end = x(swim.start), max(x(swim.end), x(swim.start) + 3)
        dash = None if swim.end_known or swim.ongoing else "3 2"
        parts.append(
            element(
                "rect",
                element("title", escape(swim.told)),
                x=begin,
                y=y,
                width=end - begin,
                height=_BAR,
                rx=2,
                fill=INK,
                fill_opacity=0.4 if swim.heavy else 0.14,
                stroke=INK,
                stroke_dasharray=dash,
            )
        )
        if swim.ongoing:
            parts.append(arrow(end + 2, y + _BAR / 2))
        if swim.progressed is not None:
            parts.append(triangle(x(swim.progressed), y + _BAR / 2 + 1))
        label = shortened(swim.label, _WIDTH - left - 4)
        at = max(left, min(begin, _WIDTH - width(label) - 4))
        row = next((place for place, until in enumerate(taken) if until < at), len(taken))
        taken[row : row + 1] = [at + width(label) + 10]
        parts.append(text(label, at, y + _BAR + 11 + row * _LEADING))
    return "".join(parts), y + _BAR + 11 + len(taken) * _LEADING + 4


def _axis(x: Callable[[float], float], y: float, last: int, left: float, language: Language) -> tuple[str, float]:
    months = last / _DAYS_A_MONTH
    step = step_for(months, (1, 2, 3, 6, 12, 24, 60, 120))
    parts = [line(left, y, _WIDTH - _RIGHT, y)]
    for month in range(0, math.floor(months) + 1, step):
        at = x(month * _DAYS_A_MONTH)
        parts.append(line(at, _TOP - 6, at, y, stroke_opacity=0.12))
        parts.append(line(at, y, at, y + 5))
        parts.append(text(str(month), at, y + 17, text_anchor="middle"))
    parts.append(text(say("months axis")[language], (left + _WIDTH - _RIGHT) / 2, y + 33, text_anchor="middle"))
    return "".join(parts), y + 36


def _legend(lanes: Sequence[_Lane], y: float, left: float, language: Language) -> tuple[str, float]:
    """Only what is drawn is explained."""
    swims = [swim for lane in lanes for swim in lane.swims]
    at, parts = left, []
    if any(swim.progressed is not None for swim in swims):
        parts += [triangle(at + 6, y - 3), text(say("progression")[language], at + 18, y)]
        at += 40 + width(say("progression")[language])
    if any(swim.ongoing for swim in swims):
        parts += [arrow(at, y - 4), text(say("ongoing")[language], at + 16, y)]
        at += 38 + width(say("ongoing")[language])
    if any(not swim.end_known and not swim.ongoing for swim in swims):
        box = element("rect", x=at, y=y - 9, width=16, height=10, fill="none", stroke=INK, stroke_dasharray="3 2")
        parts += [box, text(say("end unknown")[language], at + 22, y)]
    return "".join(parts), y + 4 if parts else y - 16


def _notes(lanes: Sequence[_Lane], y: float, left: float, language: Language) -> tuple[str, float]:
    stop, joint = ("；", "：") if language == "zh" else ("; ", ": ")
    listed = stop.join(
        joint.join((lane.id, "、".join(lane.undated) if language == "zh" else ", ".join(lane.undated)))
        for lane in lanes
        if lane.undated
    )
    if not listed:
        return "", y
    parts = []
    for told in lines_of(say("no start", names=listed)[language], _WIDTH - left - 8):
        y += _LEADING + 1
        parts.append(text(told, left, y))
    return "".join(parts), y
