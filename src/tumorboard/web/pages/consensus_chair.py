"""The chair's page: the panel and who is done, links, rounds opened, closed and published."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from tumorboard.consensus.kept import Consensus, consensus
from tumorboard.consensus.methods import appendix, definition
from tumorboard.consensus.panel import add_panellist, invite, panellist_at, panellists
from tumorboard.consensus.rounds import close_round, conclude, open_round, progress, publish_round, reminders, result
from tumorboard.consensus.voting import Round, rounds
from tumorboard.errors import Problem, TumorboardError, WrongUsage
from tumorboard.report.consensus import result_parts
from tumorboard.web.pages.consensus_access import Form, chair_of, message, refused, sent_from_here, shown
from tumorboard.web.pages.page import knowledge_of, language_of
from tumorboard.web.pages.session import database_of

router = APIRouter(prefix="/of/{name}/chair")
_STEPS = {"open": open_round, "close": close_round, "publish": publish_round, "conclude": conclude}


@router.get("")
def lead(request: Request, name: str) -> Response:
    return _page(request, name)


@router.post("")
def act(request: Request, name: str, form: Form) -> Response:
    """One step: open, close, publish, conclude, add a panellist, or a new personal link (shown once)."""
    by = chair_of(request)
    if by is None or not sent_from_here(request):
        return message(request, "chair only", 403)
    step = form.get("step", "")
    link = None
    try:
        with database_of(request).writing() as connection:
            held = consensus(connection, name, knowledge_of(request))
            if step in _STEPS:
                _STEPS[step](connection, held, by=by)
            elif step == "invite":
                one = panellist_at(connection, held.id, form.get("address", ""))
                link = (one.name, f"{request.base_url}consensus/enter#{invite(connection, one, by=by)}")
            elif step == "add":
                add_panellist(
                    connection, held, form.get("name", ""), form.get("address", ""), form.get("language", ""), by=by
                )
            else:
                raise WrongUsage(Problem("step", f"{step!r} is none"))
    except TumorboardError as error:
        return refused(request, error)
    if link is not None:
        return _page(request, name, link)
    return RedirectResponse(f"/consensus/of/{name}/chair", 303)


@router.get("/result")
def closed_result(request: Request, name: str) -> Response:
    """Of the closed rounds: what the chair may see before the panel does."""
    if chair_of(request) is None:
        return message(request, "chair only", 403)
    known = knowledge_of(request)
    try:
        with database_of(request).reading() as connection:
            found = result(connection, consensus(connection, name, known))
    except TumorboardError as error:
        return refused(request, error)
    parts = result_parts(found, appendix(found, known.folder), known, language_of(request))
    return shown(request, "result.html", name=name, json_link=False, **parts)


@router.get("/reminders.txt")
def letters(request: Request, name: str) -> Response:
    if chair_of(request) is None:
        return message(request, "chair only", 403)
    try:
        with database_of(request).reading() as connection:
            found = list(reminders(connection, consensus(connection, name, knowledge_of(request))))
    except TumorboardError as error:
        return refused(request, error)
    text = "\n\n".join(f"To: {one.address}\n\n{text}" for one, text in found)
    return PlainTextResponse(text, headers={"Cache-Control": "no-store"})


def _page(request: Request, name: str, link: tuple[str, str] | None = None) -> Response:
    if chair_of(request) is None:
        return message(request, "chair only", 403)
    language = language_of(request)
    try:
        with database_of(request).reading() as connection:
            held = consensus(connection, name, knowledge_of(request))
            found = rounds(connection, held.id)
            people = _people(connection, held, found)
    except TumorboardError as error:
        return refused(request, error)
    classes = [definition(each, held.protocol)[language] for each in held.protocol.classes]
    waiting = ", ".join(held.questions.unreviewed()) if len(found) < held.protocol.most_rounds else ""
    return shown(
        request, "chair.html", held=held, rounds=found, people=people, steps=_possible(held, found), link=link,
        classes=classes, waiting=waiting, closed=any(each.state != "open" for each in found),
    )  # fmt: skip


def _people(connection: Connection, held: Consensus, found: list[Round]) -> list[tuple[str, str, str]]:
    """Name, address and how far; nothing else is known of anybody."""
    if not found:
        return [(one.name, one.address, "–") for one in panellists(connection, held.id)]
    return [
        (each.panellist.name, each.panellist.address, f"{each.answered} / {each.of}")
        for each in progress(connection, held, found[-1])
    ]


def _possible(held: Consensus, found: list[Round]) -> list[str]:
    """The steps that may come next."""
    last = found[-1].state if found else "published"
    if held.state == "concluded":
        return []
    if last == "open":
        return ["close"]
    if last == "closed":
        return ["publish"]
    more = ["open"] if len(found) < held.protocol.most_rounds else []
    return [*more, *(["conclude"] if len(found) >= held.protocol.least_rounds else [])]
