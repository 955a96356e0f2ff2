"""Advice as one self-contained page: no script, no outside file, fit for a projector and for paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tumorboard.advice.model import Advice
from tumorboard.case.read import Case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.arguments import argument_head
from tumorboard.report.build import report_view
from tumorboard.report.course import course_of
from tumorboard.report.forest import forest_plots
from tumorboard.report.history import history
from tumorboard.report.names import Names
from tumorboard.report.places import in_words
from tumorboard.report.timeline import timeline_svg
from tumorboard.report.views import Report, StrengthKey
from tumorboard.text import Language

_CHINESE = re.compile(r"([\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+)")
# How many of three dots are filled; the word always stands beside them.
DOTS: dict[StrengthKey, int] = {"strong": 3, "moderate": 2, "weak": 1, "no grade": 0, "not recommended": 0}


def advice_html(advice: Advice, case: Case, knowledge: Knowledge, language: Language, store: Path | None = None) -> str:
    """The whole page. ``store`` is the folder of the user's own copies of the sources; with it each quote of a source
    that is there can be opened in its context. Raises InvalidInput where such a copy was changed."""
    names = Names(knowledge.vocabulary, language)
    told = history(course_of(case, knowledge, language), names)
    drawing = Markup(timeline_svg(case, knowledge, language))  # escaped element by element
    plots = forest_plots(advice, knowledge.findings, language)
    return html_page(report_view(advice, case, knowledge, language, store), drawing, told, names, plots)


def html_page(
    report: Report,
    timeline: Markup,
    told: tuple[tuple[str, str], ...],
    names: Names,
    plots: Mapping[str, tuple[Markup, ...]] | None = None,
) -> str:
    """The page of a view; ``timeline`` is markup, ``told`` the timeline in words, ``plots`` are forest plots (markup)
    by the id of their option. All else is escaped here."""
    language = names.language
    template = environment(language).get_template("advice.html")
    return template.render(
        report=report,
        timeline=timeline,
        history=told,
        plots=plots or {},
        w=names.word,
        lang="zh-CN" if language == "zh" else "en",
        dots=DOTS,
        head_of=lambda argument: argument_head(argument, names),
        comma="、" if language == "zh" else ", ",
        colon="：" if language == "zh" else ": ",
    )


def _told(value: object) -> object:
    """Text of a Chinese page, the places of the record in it named."""
    return in_words(value, "zh") if isinstance(value, str) and not isinstance(value, Markup) else value


def _marked(value: object) -> object:
    """Text of an English page likewise, and Chinese in it (printed words, sections of a source) marked and escaped."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return Markup(_CHINESE.sub(r'<span lang="zh-CN">\1</span>', str(escape(in_words(value, "en")))))


@cache
def environment(language: Language) -> Environment:
    """Templates of the package; on an English page Chinese is marked as such. Everything is escaped."""
    return Environment(
        finalize=_marked if language == "en" else _told,
        loader=PackageLoader("tumorboard.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
