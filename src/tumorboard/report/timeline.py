"""The history of a patient as one drawing: lines of therapy, diagnoses, procedures and biomarkers over time."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from html import escape

from tumorboard.case.read import Case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.course import Bar, Course, Event, Mark, Result, course_of
from tumorboard.report.names import Names
from tumorboard.report.svg import element, text, width, wrapped
from tumorboard.text import Language

_WIDTH, _GUTTER, _RIGHT = 780.0, 172.0, 26.0
_LEFT = _GUTTER + 14
_SIZE, _SMALL = 12.0, 10.5
_LEADING = 14.0
STYLE = """
.tl-ink,.tl-soft{fill:var(--ink,#16202b);stroke:var(--page,#fff);stroke-width:3;paint-order:stroke;stroke-linejoin:round}
.tl-soft{fill:var(--soft,#4f5d6b)}.tl-head{font-weight:600}
.tl-grid{stroke:var(--line,#c9d2da);stroke-width:1}.tl-rule{stroke:var(--line,#c9d2da);stroke-width:1}
.tl-bar{fill:var(--bar,#2f6690);stroke:var(--bar,#2f6690);stroke-width:1.5}
.tl-open{fill:none;stroke:var(--bar,#2f6690);stroke-width:1.5;stroke-dasharray:4 3}
.tl-keep{fill:var(--keep,#a9c6dc);stroke:var(--bar,#2f6690);stroke-width:1.5}
.tl-progress{fill:var(--alarm,#a4262c);stroke:var(--page,#fff);stroke-width:1.5}
.tl-tie{stroke:var(--alarm,#a4262c);stroke-width:1.5;stroke-dasharray:3 3}
.tl-full{fill:var(--ink,#16202b);stroke:var(--ink,#16202b);stroke-width:1.5}
.tl-hollow{fill:var(--page,#fff);stroke:var(--ink,#16202b);stroke-width:1.5}
.tl-dashed{fill:var(--page,#fff);stroke:var(--ink,#16202b);stroke-width:1.5;stroke-dasharray:2.2 2}
.tl-board{stroke:var(--ink,#16202b);stroke-width:1.5;stroke-dasharray:1 3;stroke-linecap:round}
"""
_FONT = "'Noto Sans','Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',system-ui,sans-serif"


def timeline_svg(case: Case, knowledge: Knowledge, language: Language) -> str:
    """The drawing as one ``<svg>`` with title and description; a sentence in ``<p>`` where nothing has a date."""
    names = Names(knowledge.vocabulary, language)
    course = course_of(case, knowledge, language)
    if course.empty:
        notes = (names.word("no timeline"), *side_notes(course, names))
        return "".join(element("p", escape(note)) for note in notes)
    return _Drawing(course, names).svg()


def side_notes(course: Course, names: Names) -> tuple[str, ...]:
    """What the drawing leaves out: conditions that are no tumour, entries without a date, those after the board."""
    notes = []
    if course.conditions:
        listed = ("；" if names.language == "zh" else "; ").join(course.conditions)
        notes.append(names.word("marked", name=names.word("other conditions"), mark=listed))
    if course.undated:
        listed = ("；" if names.language == "zh" else "; ").join(course.undated)
        notes.append(names.word("marked", name=names.word("without date"), mark=listed))
    if course.after_board:
        notes.append(names.word("after the board", count=course.after_board))
    return tuple(notes)


class _Drawing:
    """Draws from top to bottom; ``y`` is where the next lane starts."""

    def __init__(self, course: Course, names: Names) -> None:
        self.course, self.names = course, names
        span = max((course.board - course.first).days, 30)
        self.start = course.first - datetime.timedelta(days=max(span // 60, 3))
        self.days = (course.board - self.start).days
        self.y = 8.0
        self.parts: list[str] = []

    def svg(self) -> str:
        self.axis()
        if self.course.events:
            for kind, key in (("diagnosis", "diagnoses"), ("procedure", "procedures")):
                if events := [event for event in self.course.events if event.kind == kind]:
                    self.events(key, events)
        if self.course.bars:
            self.lane("treatment")
            for bar in self.course.bars:
                self.bar(bar)
        if self.course.results:
            self.lane("biomarkers")
            for result in self.course.results:
                self.result(result)
        bottom = self.y + 4
        self.legend()
        self.notes()
        grid = self.grid(bottom)
        about = self.names.word(
            "timeline about",
            lines=len(self.course.bars),
            results=sum(len(result.days) for result in self.course.results),
            others=len(self.course.events),
            start=self.course.first.isoformat(),
            end=self.course.board.isoformat(),
        )
        head = element("title", self.names.word("timeline"), id="timeline-title")
        head += element("desc", about, id="timeline-desc") + element("style", STYLE)
        height = self.y + 6
        return element(
            "svg",
            head + grid + "".join(self.parts),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {_WIDTH:.0f} {height:.0f}",
            role="img",
            lang="zh-CN" if self.names.language == "zh" else "en",
            aria_labelledby="timeline-title timeline-desc",
            class_="timeline",
            font_family=_FONT,
            font_size=_SIZE,
        )

    # -- scale ---------------------------------------------------------------------------------------------------

    def x(self, day: datetime.date) -> float:
        return _LEFT + (day - self.start).days / self.days * (_WIDTH - _LEFT - _RIGHT)

    def axis(self) -> None:
        self.y += 20
        for day, label in self.ticks():
            self.add(text(label, self.x(day), self.y, text_anchor="middle", class_="tl-soft", font_size=_SMALL))
        self.y += 8

    def ticks(self) -> list[tuple[datetime.date, str]]:
        """Quarters for a short history, years for a long one; at most about ten."""
        months = max(self.days / 30.4, 1)
        step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120) if months / step <= 10 or step == 120)
        first = self.start.year * 12 + self.start.month - 1
        first += -first % step
        last = self.course.board.year * 12 + self.course.board.month - 1
        found = []
        for month in range(first, last + 1, step):
            day = datetime.date(month // 12, month % 12 + 1, 1)
            if self.start <= day and _WIDTH - self.x(day) > 90:
                found.append((day, str(day.year) if step >= 12 else day.isoformat()[:7]))
        return found

    def grid(self, bottom: float) -> str:
        lines = [
            element("line", x1=self.x(day), x2=self.x(day), y1=34.0, y2=bottom, class_="tl-grid")
            for day, _ in self.ticks()
        ]
        x = self.x(self.course.board)
        lines.append(element("line", x1=x, x2=x, y1=32.0, y2=bottom, class_="tl-board"))
        label = self.names.word("board day")
        lines.append(text(label, x + _RIGHT - 2, 14, text_anchor="end", class_="tl-ink tl-head", font_size=_SMALL))
        day = self.course.board.isoformat()
        lines.append(text(day, x + _RIGHT - 2, 26, text_anchor="end", class_="tl-ink", font_size=_SMALL))
        return "".join(lines)

    # -- lanes ---------------------------------------------------------------------------------------------------

    def add(self, part: str) -> None:
        self.parts.append(part)

    def lane(self, key: str) -> None:
        self.y += 6
        self.add(element("line", x1=0, x2=_WIDTH, y1=self.y, y2=self.y, class_="tl-rule"))
        self.add(text(self.names.word(key), 0, self.y + 16, class_="tl-ink tl-head"))
        self.y += 26

    def events(self, key: str, events: list[Event]) -> None:
        """Marks with their words beside them, moved down a row where they would run into each other."""
        self.y += 6
        self.add(element("line", x1=0, x2=_WIDTH, y1=self.y, y2=self.y, class_="tl-rule"))
        self.add(text(self.names.word(key), 0, self.y + 16, class_="tl-ink tl-head"))
        ends: list[float] = []
        for event in events:
            x, room = self.x(event.day), width(event.text, _SMALL)
            left = x + room + 14 > self.x(self.course.board)
            begin, end = (x - room - 12, x + 6) if left else (x - 6, x + room + 12)
            row = next((row for row, taken in enumerate(ends) if taken < begin), len(ends))
            ends[row : row + 1] = [end]
            y = self.y + 13 + row * 17
            self.add(_diamond(x, y) if event.kind == "diagnosis" else _square(x, y))
            anchor, at = ("end", x - 10) if left else ("start", x + 10)
            self.add(text(event.text, at, y + 4, text_anchor=anchor, class_="tl-ink", font_size=_SMALL))
        self.y += 13 + len(ends) * 17

    def bar(self, bar: Bar) -> None:
        """A bar with its agents above it and its line to the left."""
        label = self.gutter(bar.line, self.y + 10)
        told = " · ".join((bar.agents, *bar.notes))
        x1, x2 = self.x(bar.start), max(self.x(bar.until), self.x(bar.start) + 3)
        edge = self.x(self.course.board) - 6
        lines = wrapped(told, _SMALL, edge - _LEFT)
        y = self.y
        for line in lines:
            at = max(_LEFT, min(x1, edge - width(line, _SMALL)))
            self.add(text(line, at, y + 10, class_="tl-ink", font_size=_SMALL))
            y += _LEADING - 1
        style = "tl-keep" if bar.maintenance else "tl-bar"
        thick = 7.0 if bar.maintenance else 11.0
        top = y + 2 + (11 - thick) / 2
        if bar.end_known and bar.start_known:
            self.add(element("rect", x=x1, y=top, width=x2 - x1, height=thick, rx=2, class_=style))
        elif bar.end_known:  # the start isn't recorded: an open stub before the end
            self.add(element("rect", x=max(_LEFT, x2 - 40), y=top, width=40, height=thick, rx=2, class_="tl-open"))
        else:
            solid = min(x2 - x1, 14.0)
            self.add(element("rect", x=x1, y=top, width=x2 - x1, height=thick, rx=2, class_="tl-open"))
            self.add(element("rect", x=x1, y=top, width=solid, height=thick, rx=2, class_=style))
        if bar.progressed is not None:
            at = self.x(bar.progressed)
            if bar.progressed > bar.until:  # after the end of the treatment: tied to the bar it belongs to
                self.add(element("line", x1=x2, x2=at, y1=y + 7.5, y2=y + 7.5, class_="tl-tie"))
            self.add(_triangle(at, y + 7.5))
        self.y = max(y + 20, label + 4)

    def result(self, result: Result) -> None:
        name = self.names.word("with detail", what=result.name, detail=result.detail) if result.detail else result.name
        lines = wrapped(name, _SMALL, _GUTTER)
        for place, line in enumerate(lines):
            self.add(text(line, 0, self.y + 10 + place * (_LEADING - 1), class_="tl-ink", font_size=_SMALL))
        for day in result.days:
            self.add(_MARKS[result.mark](self.x(day), self.y + 6))
        self.y += 5 + len(lines) * (_LEADING - 1)

    def gutter(self, label: str, y: float) -> float:
        for line in wrapped(label, _SMALL, _GUTTER):
            self.add(text(line, 0, y, class_="tl-ink", font_size=_SMALL))
            y += _LEADING - 1
        return y - _LEADING + 5

    # -- below the drawing ---------------------------------------------------------------------------------------

    def legend(self) -> None:
        """Only what is drawn is explained."""
        marks: list[tuple[Callable[[float, float], str], str]] = []
        if any(bar.maintenance for bar in self.course.bars):
            marks.append((_keep, "maintenance"))
        if any(bar.progressed for bar in self.course.bars):
            marks.append((_triangle, "progression"))
        kinds = {result.mark for result in self.course.results}
        marks += [(draw, key) for key, draw in _MARKS.items() if key in kinds]
        if not marks:
            return
        self.y += 10
        self.add(element("line", x1=0, x2=_WIDTH, y1=self.y, y2=self.y, class_="tl-rule"))
        self.y += 16
        x = 6.0
        for draw, key in marks:
            word = self.names.word(key)
            self.add(draw(x, self.y))
            self.add(text(word, x + 11, self.y + 4, class_="tl-ink", font_size=_SMALL))
            x += 36 + width(word, _SMALL)
        self.y += 10

    def notes(self) -> None:
        for note in side_notes(self.course, self.names):
            self.y += 4
            for line in wrapped(note, _SMALL, _WIDTH):
                self.y += _LEADING
                self.add(text(line, 0, self.y, class_="tl-soft", font_size=_SMALL))


def _circle(style: str) -> Callable[[float, float], str]:
    return lambda x, y: element("circle", cx=x, cy=y, r=4.5, class_=style)


def _half(x: float, y: float) -> str:
    """Half filled: neither present nor absent."""
    return element("circle", cx=x, cy=y, r=4.5, class_="tl-hollow") + element(
        "path", d=f"M{x:.1f} {y - 4.5:.1f}a4.5 4.5 0 0 0 0 9z", class_="tl-full"
    )


def _square(x: float, y: float) -> str:
    return element("rect", x=x - 4, y=y - 4, width=8, height=8, class_="tl-hollow")


def _diamond(x: float, y: float) -> str:
    return element("path", d=f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z", class_="tl-full")


def _triangle(x: float, y: float) -> str:
    return element("path", d=f"M{x:.1f} {y - 8:.1f}l7.5 13h-15z", class_="tl-progress")


def _keep(x: float, y: float) -> str:
    return element("rect", x=x - 6, y=y - 3.5, width=14, height=7, rx=2, class_="tl-keep")


def _plus(x: float, y: float) -> str:
    """A measured value without a verdict."""
    return element(
        "rect", x=x - 4, y=y - 4, width=8, height=8, class_="tl-full", transform=f"rotate(45 {x:.1f} {y:.1f})"
    )


_MARKS: dict[Mark, Callable[[float, float], str]] = {
    "present": _circle("tl-full"),
    "measured": _plus,
    "indeterminate": _half,
    "absent": _circle("tl-hollow"),
    "not tested": _circle("tl-dashed"),
}
