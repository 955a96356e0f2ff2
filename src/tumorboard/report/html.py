"""Advice as one self-contained page: no script, no outside file, fit for a projector and for paper."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tumorboard.advice.model import Advice
from tumorboard.case.read import Case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.build import report_view
from tumorboard.report.course import Course, course_of
from tumorboard.report.names import Names
from tumorboard.report.timeline import timeline_svg
from tumorboard.report.views import StrengthKey
from tumorboard.text import Language

# How many of three dots are filled; the word always stands beside them.
_DOTS: dict[StrengthKey, int] = {"strong": 3, "moderate": 2, "weak": 1, "no grade": 0, "not recommended": 0}


def advice_html(advice: Advice, case: Case, knowledge: Knowledge, language: Language, store: Path | None = None) -> str:
    """The whole page. ``store`` is the folder of the user's own copies of the sources; with it each quote of a source
    that is there can be opened in its context. Raises InvalidInput where such a copy was changed."""
    names = Names(knowledge.vocabulary, language)
    course = course_of(case, knowledge, language)
    return (
        _environment()
        .get_template("advice.html")
        .render(
            report=report_view(advice, case, knowledge, language, store),
            timeline=Markup(timeline_svg(case, knowledge, language)),  # escaped element by element
            history=history(course, names),
            w=names.word,
            lang="zh-CN" if language == "zh" else "en",
            dots=_DOTS,
            comma="、" if language == "zh" else ", ",
            colon="：" if language == "zh" else ": ",
        )
    )


def history(course: Course, names: Names) -> tuple[tuple[str, str], ...]:
    """The timeline in words, for those who can't see the drawing: date or dates, and what was then."""
    rows = [(event.day, event.day, event.text) for event in course.events]
    for bar in course.bars:
        told = names.word("marked", name=bar.line, mark=" · ".join((bar.agents, *bar.notes)))
        rows.append((bar.start, bar.until if bar.end_known else bar.start, told))
    for result in course.results:
        name = names.word("with detail", what=result.name, detail=result.detail) if result.detail else result.name
        told = names.word("marked", name=name, mark=names.word(result.mark))
        rows += [(day, day, told) for day in result.days]
    rows.sort(key=lambda row: (row[0], row[1]))
    joint = "～" if names.language == "zh" else " to "
    return tuple((str(first) if first == last else f"{first}{joint}{last}", told) for first, last, told in rows)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("tumorboard.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
