"""What every page shares: its language, its knowledge, its words and the template it is laid out by."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report import html as report_html
from tumorboard.report.names import Names
from tumorboard.report.places import named_place
from tumorboard.report.record import NOTICE
from tumorboard.report.words import WORDS as REPORT_WORDS
from tumorboard.text import LANGUAGES, Language
from tumorboard.web.language import preferred
from tumorboard.web.pages.context import quoted_in
from tumorboard.web.pages.pdf import can_print
from tumorboard.web.pages.session import csrf_of, user_of
from tumorboard.web.pages.slips import slip_told
from tumorboard.web.pages.words import WORDS

COOKIE = "lang"
_YEAR = 365 * 24 * 3600
# A strict Content-Security-Policy allows no style inside a page; those of the drawings stand in report.css.
_INLINE_STYLE = re.compile(r"<style>.*?</style>| style=\"[^\"]*\"", re.DOTALL)


def knowledge_of(request: Request) -> Knowledge:
    known: Knowledge = request.app.state.knowledge
    return known


def language_of(request: Request, form: Mapping[str, Any] | None = None) -> Language:
    """The language asked for: by the switch, the form, the address, the last choice, or the browser."""
    asked = (
        (form or {}).get("to_lang"),
        (form or {}).get("lang"),
        request.query_params.get("lang"),
        request.cookies.get(COOKIE),
    )
    for name in asked:
        if name in LANGUAGES:
            return "zh" if name == "zh" else "en"
    return preferred(request.headers.get("Accept-Language", ""))


def picture(svg: str) -> Markup:
    """A drawing of ``report/`` (escaped element by element) for a page that allows no inline style."""
    return Markup(_INLINE_STYLE.sub("", svg))


def words_of(names: Names) -> Callable[..., str]:
    """The pages' own words, and those of the reports."""

    def word(key: str, **parts: object) -> str:
        if key not in WORDS:
            return names.word(key, **parts)
        text = WORDS[key]
        return (text.format(**parts) if parts else text)[names.language]

    return word


def words_in(request: Request, language: Language) -> Callable[..., str]:
    return words_of(Names(knowledge_of(request).vocabulary, language))


def render(
    request: Request,
    template: str,
    language: Language,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **parts: Any,
) -> HTMLResponse:
    """The page, or the part of one, in ``language``, which is remembered where the address or form chose it."""
    known = knowledge_of(request)
    names = Names(known.vocabulary, language)
    text = environment(language).get_template(template).render(
        request=request,
        w=words_of(names),
        names=names,
        language=language,
        lang="zh-CN" if language == "zh" else "en",
        other="en" if language == "zh" else "zh",
        switch=_in_other_language(request, language),
        comma="、" if language == "zh" else ", ",
        colon="：" if language == "zh" else ": ",
        notice=NOTICE[language],
        knowledge_line=names.word("knowledge", version=known.version, date=known.date, hash=known.sha256[:12]),
        user=user_of(request),
        csrf=csrf_of(request),
        keeps=getattr(request.app.state, "database", None) is not None,
        dots=report_html.DOTS,
        can_print=can_print(),
        **parts,
    )  # fmt: skip
    response = HTMLResponse(text, status, headers=dict(headers or {}))
    response.headers["Vary"] = "Accept-Language, Cookie"
    if request.cookies.get(COOKIE) != language:
        response.set_cookie(COOKIE, language, max_age=_YEAR, httponly=True, samesite="lax")
    return response


def _in_other_language(request: Request, language: Language) -> str:
    """The same address in the other language; only for pages reached by GET."""
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    return "?" + urlencode([*kept, ("lang", "en" if language == "zh" else "zh")])


@cache
def environment(language: Language) -> Environment:
    """The reports' environment with the pages' templates before theirs."""
    own = report_html.environment(language)
    pages = own.overlay(loader=ChoiceLoader([PackageLoader("tumorboard.web"), *([own.loader] if own.loader else [])]))
    pages.filters |= {
        "quoted_in": quoted_in,
        "place": partial(named_place, language=language),
        "slip": partial(slip_told, language=language),
    }
    return pages


assert not WORDS.keys() & REPORT_WORDS.keys(), "a word of the pages has the name of one of the reports"
