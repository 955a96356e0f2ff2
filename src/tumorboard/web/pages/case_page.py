"""The case page: the board before its options, the projector view, the brief, the full report; nothing is saved."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, Response

from tumorboard.advice.advise import advise
from tumorboard.data import decode
from tumorboard.errors import InvalidInput
from tumorboard.report.html import advice_html
from tumorboard.report.markdown import advice_markdown
from tumorboard.report.names import Names
from tumorboard.text import Language
from tumorboard.web.pages.board_view import board_of, head_of
from tumorboard.web.pages.demos import demo_text
from tumorboard.web.pages.edit_page import edit_page
from tumorboard.web.pages.forms import Form
from tumorboard.web.pages.page import knowledge_of, language_of, render
from tumorboard.web.pages.pdf import pdf_of
from tumorboard.web.pages.sources import own_copies
from tumorboard.web.pages.worksheet import Worksheet, read_worksheet, worksheet_of

router = APIRouter()


@router.post("/case")
def case_page(request: Request, form: Form) -> HTMLResponse:
    """The case in the form, or in the file chosen with it."""
    return _shown(request, _given(form), "case.html", language_of(request, form))


@router.post("/case/fragment")
def case_fragment(request: Request, form: Form) -> HTMLResponse:
    """What changes on the page when something is chosen; the same HTML as in the whole page."""
    return _shown(request, _given(form), "board.html", language_of(request, form))


@router.post("/case/present")
def present_page(request: Request, form: Form) -> HTMLResponse:
    return _shown(request, _given(form), "present.html", language_of(request, form))


@router.post("/case/brief")
def brief_page(request: Request, form: Form) -> HTMLResponse:
    return _shown(request, _given(form), "brief.html", language_of(request, form))


@router.get("/demo/{name}")
def demo_page(request: Request, name: str) -> HTMLResponse:
    """A synthetic patient. Raises NotFound where there is no such demo."""
    known = knowledge_of(request)
    return _shown(request, Worksheet(text=demo_text(name, known)), "case.html", language_of(request))


@router.post("/case/report")
def report(request: Request, form: Form) -> Response:
    """The full report as a file to keep: HTML that needs nothing else, Markdown, PDF, or the case file itself."""
    known, language, worksheet = knowledge_of(request), language_of(request, form), _given(form)
    case, text = read_worksheet(worksheet.text, known)
    name, form_ = _file_name(case.id), form.get("as")
    if form_ == "case":
        return _file(text, f"{name}.yaml", "application/yaml")
    advice = advise(case, known)
    if form_ == "markdown":
        return _file(advice_markdown(advice, case, known, language), f"{name}.md", "text/markdown; charset=utf-8")
    whole = advice_html(advice, case, known, language, own_copies())
    if form_ == "pdf":
        return _file(pdf_of(whole), f"{name}.pdf", "application/pdf")
    return _file(whole, f"{name}.{language}.html", "text/html; charset=utf-8")


def _given(form: FormData) -> Worksheet:
    """The worksheet of the form; a file chosen with it is a case of its own."""
    worksheet = worksheet_of(form)
    if form.get("compare"):
        worksheet = replace(worksheet, earlier=str(form.get("earlier_text") or "").replace("\r\n", "\n"))
    file = form.get("file")
    if isinstance(file, UploadFile) and file.size:
        return Worksheet(text=decode(file.file.read(), "the file"))
    return worksheet


def _shown(request: Request, worksheet: Worksheet, template: str, language: Language) -> HTMLResponse:
    known = knowledge_of(request)
    names = Names(known.vocabulary, language)
    try:
        board, text = board_of(worksheet, known, language)
    except InvalidInput as error:
        return _mended(request, worksheet, language, error, template)
    shown = replace(worksheet, text=text)
    return render(request, template, language, board=board, worksheet=shown, head_of=head_of(names))


def _mended(
    request: Request, worksheet: Worksheet, language: Language, error: InvalidInput, template: str
) -> HTMLResponse:
    """The slips beside the text they are in; a supposition that can't be is left out first, with its reason."""
    if worksheet.supposed:
        known = knowledge_of(request)
        board, text = board_of(replace(worksheet, supposed=worksheet.supposed[:-1]), known, language)
        shown = replace(worksheet, text=text, supposed=worksheet.supposed[:-1])
        names = Names(known.vocabulary, language)
        return render(
            request, template, language, status=422, board=board, worksheet=shown, head_of=head_of(names),
            problems=error.problems,
        )  # fmt: skip
    return edit_page(request, worksheet, language, problems=error.problems, status=422)


def _file_name(case_id: str) -> str:
    kept = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in case_id)
    return kept.strip("-")[:60] or "case"


def _file(content: str | bytes, name: str, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
