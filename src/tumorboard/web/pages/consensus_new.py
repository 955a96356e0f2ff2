"""A new consensus: its protocol is chosen and frozen, its questions come from an earlier guideline or a file."""

from __future__ import annotations

import datetime
import re

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from tumorboard.consensus.earlier import questions_of
from tumorboard.consensus.kept import consensus, start
from tumorboard.consensus.methods import definition
from tumorboard.consensus.panel import add_panellist, read_panel
from tumorboard.consensus.protocol import Protocol, preset, presets, protocol_from
from tumorboard.consensus.questions import QuestionSet, questions_from
from tumorboard.data import parse
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.users import Role
from tumorboard.text import LANGUAGES
from tumorboard.web.pages.consensus_access import shown
from tumorboard.web.pages.forms import Form, fields_of, file_in
from tumorboard.web.pages.page import knowledge_of, language_of
from tumorboard.web.pages.session import allowed, database_of

router = APIRouter()
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")


@router.get("/new")
def new_page(request: Request) -> Response:
    allowed(request, Role.chair)
    return _page(request, {}, ())


@router.post("/new")
def begin(request: Request, form: Form) -> Response:
    """The consensus with its frozen protocol; a slip is told beside what was typed."""
    by, known, fields = allowed(request, Role.chair).id, knowledge_of(request), fields_of(form)
    try:
        questions, protocol = _given(fields, file_in(form, "questions"), file_in(form, "protocol_file"), known)
        with database_of(request).writing() as connection:
            id_ = start(connection, questions, protocol, by=by)
            held = consensus(connection, id_, known)
            for row in read_panel(fields["panel"], "panel") if fields.get("panel", "").strip() else ():
                add_panellist(connection, held, row["name"], row["address"], row["language"], by=by)
    except TumorboardError as error:
        return _page(request, fields, error.problems, 422)
    return RedirectResponse(f"/consensus/of/{questions.id}/chair/questions", 303)


def _given(fields: dict[str, str], questions: str, protocol: str, known: Knowledge) -> tuple[QuestionSet, Protocol]:
    """The questions of a file with the protocol of a file or the one they name; else those of an earlier guideline."""
    if questions:
        data = parse(questions, "questions.yaml")
        named = str(data.get("protocol") if isinstance(data, dict) else None)
        own = protocol_from(parse(protocol, "protocol.yaml"), "protocol.yaml") if protocol else None
        chosen = own or preset(known.folder, named)
        return questions_from(data, "questions.yaml", chosen, known), chosen
    id_ = fields.get("id", "").strip()
    if not _ID.fullmatch(id_):
        raise InvalidInput(Problem("id", f"{id_!r}", "use small letters, digits and hyphens"))
    chosen = preset(known.folder, fields.get("protocol", ""))
    data = questions_of(known, fields.get("earlier", ""), id_, datetime.date.today().year, chosen)
    title = {language: fields.get(f"title.{language}", "").strip() for language in LANGUAGES}
    if any(title.values()):
        data["name"] = title
    return questions_from(data, "questions", chosen, known), chosen


def _page(request: Request, fields: dict[str, str], problems: tuple[Problem, ...], status: int = 200) -> Response:
    known, language = knowledge_of(request), language_of(request, fields)
    by_use = sorted(presets(known.folder).values(), key=lambda each: each.decides != "options")
    protocols = [(each, [definition(one, each)[language] for one in each.classes]) for each in by_use]
    return shown(
        request, "new.html", status=status, fields=fields, problems=problems, protocols=protocols,
        guidelines=tuple(known.guidelines.values()),
    )  # fmt: skip
