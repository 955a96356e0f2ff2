"""The mechanism explorer. The genotype is posted, as it may be a patient's."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tumorboard.advice.hypotheses import mechanism
from tumorboard.errors import TumorboardError
from tumorboard.mechanism.rescue import available, rescues
from tumorboard.mechanism.tiers import load_tiers, tiers_of
from tumorboard.report.pathway import pathway_svg
from tumorboard.report.resistance import resistance_record
from tumorboard.report.resistance_page import resistance_blocks
from tumorboard.text import Language
from tumorboard.web.pages.demos import demo_questions
from tumorboard.web.pages.forms import Fields
from tumorboard.web.pages.page import knowledge_of, language_of, picture, render
from tumorboard.web.pages.tables import exported

router = APIRouter()
_SEPARATORS = re.compile(r"[,，、;；]")


@router.get("/mechanism")
def mechanism_page(request: Request) -> HTMLResponse:
    known = knowledge_of(request)
    return render(
        request, "mechanism.html", language_of(request), asked={}, tries=demo_questions(known), blocks=None, problems=()
    )


@router.post("/mechanism")
def mechanism_answered(request: Request, fields: Fields) -> Response:
    return _answered(request, fields, language_of(request, fields), "mechanism.html")


@router.post("/mechanism/answer")
def mechanism_answer(request: Request, fields: Fields) -> Response:
    return _answered(request, fields, language_of(request, fields), "mechanism_answer.html")


def _answered(request: Request, asked: dict[str, str], language: Language, template: str) -> Response:
    known = knowledge_of(request)
    reader, tries = mechanism(known), demo_questions(known)
    parts = {key: _listed(asked.get(key, "")) for key in ("drugs", "ligands", "knockdowns")}
    try:
        if not asked.get("genotype", "").strip() or not (parts["drugs"] or parts["knockdowns"]):
            return render(request, template, language, asked=asked, tries=tries, blocks=None, problems=())
        answer = reader.ask(asked["genotype"], parts["drugs"], parts["ligands"], parts["knockdowns"])
    except TumorboardError as error:
        return render(request, template, language, asked=asked, tries=tries, blocks=None, problems=error.problems)
    found = rescues(reader, answer) if available() else None
    tiers = tiers_of(answer, found or (), load_tiers(known.folder, reader.network), reader.network)
    if asked.get("export"):
        return exported(
            [resistance_record(answer, reader, found, tiers, known, language)], asked["export"], "mechanism"
        )
    return render(
        request, template, language, asked=asked, tries=tries, problems=(),
        picture=picture(pathway_svg(answer, reader, language)),
        blocks=resistance_blocks(answer, reader, found, tiers, known, language),
    )  # fmt: skip


def _listed(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
