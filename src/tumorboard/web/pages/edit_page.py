"""Editing a case as a form or as text, with the advice beside it as one types."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from tumorboard.advice.advise import advise
from tumorboard.case.write import case_data, data_yaml
from tumorboard.data import parse
from tumorboard.errors import InvalidInput, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.build import report_view
from tumorboard.report.views import Report
from tumorboard.text import Language
from tumorboard.web.pages.case_form import FIRST, changed, data_of, sections_of, suggestions
from tumorboard.web.pages.forms import Form, fields_of
from tumorboard.web.pages.page import knowledge_of, language_of, render
from tumorboard.web.pages.worksheet import Worksheet, case_of, read_worksheet, worksheet_of

router = APIRouter()


@router.post("/case/edit")
def edit(request: Request, form: Form) -> HTMLResponse:
    """The form of the case. With ``fields`` the case is what the fields say, else what the text says."""
    language = language_of(request, form)
    if form.get("start") == "empty":
        text = f"schema: tumorboard.case/1\nid: new\nas_of: {datetime.date.today()}\n"
        return edit_page(request, Worksheet(text=text), language, extra=FIRST)
    worksheet = worksheet_of(form)
    if form.get("fields"):
        add = str(form.get("add") or "")
        return edit_page(request, worksheet, language, fields=fields_of(form), extra=(add,) if add else ())
    return edit_page(request, worksheet, language)


@router.post("/case/edit/answer")
def answer(request: Request, form: Form) -> HTMLResponse:
    """The advice on what the fields or the text say now."""
    known, language = knowledge_of(request), language_of(request, form)
    data = data_of(fields_of(form)) if form.get("fields") else None
    report, problems, text = _assessed(data, str(form.get("text") or ""), known, language)
    return render(request, "answer.html", language, report=report, problems=problems, assessed=text)


def edit_page(
    request: Request,
    worksheet: Worksheet,
    language: Language,
    *,
    fields: Mapping[str, str] | None = None,
    extra: tuple[str, ...] = (),
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> HTMLResponse:
    """The page; ``extra`` are sections that get one empty entry more. A text that can't be read is shown alone."""
    known = knowledge_of(request)
    data = data_of(changed(fields)) if fields is not None else None
    report, found, text = _assessed(data, worksheet.text, known, language)
    if data is None:
        data = _readable(worksheet.text, known)
    if data is not None:
        data = {**data, **{name: [*(data.get(name) or ()), {}] for name in extra}}
    return render(
        request, "edit.html", language, status=status,
        worksheet=replace(worksheet, text=text), report=report, problems=problems or found,
        sections=None if data is None else sections_of(data, known, language),
        suggestions=suggestions(known, language),
    )  # fmt: skip


def _assessed(
    data: dict[str, Any] | None, text: str, knowledge: Knowledge, language: Language
) -> tuple[Report | None, tuple[Problem, ...], str]:
    """The report on the data (or the text), what is wrong with it, and its text."""
    try:
        if data is None:
            case, text = read_worksheet(text, knowledge)
        else:
            text = data_yaml(data)
            case = case_of(data, knowledge)
    except InvalidInput as error:
        return None, error.problems, text
    return report_view(advise(case, knowledge), case, knowledge, language), (), text


def _readable(text: str, knowledge: Knowledge) -> dict[str, Any] | None:
    """The data of a text for the form, as it stands where its slips allow; None where it is no set of keys."""
    try:
        case, _ = read_worksheet(text, knowledge)
    except InvalidInput:
        try:
            data = parse(text, "case.yaml")
        except InvalidInput:
            return None
        return data if isinstance(data, dict) and "resourceType" not in data else None
    return case_data(case.file)
