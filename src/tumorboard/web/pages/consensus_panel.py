"""By a personal link: entering, the questions of the open round, an answer, a declared conflict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from tumorboard.consensus.ballots import complete_ballot
from tumorboard.consensus.kept import consensus
from tumorboard.consensus.panel import Panellist, conflicts_of, declare, enter, leave, pseudonym_of, standings
from tumorboard.consensus.voting import MayNotVote, Round, RoundClosed, cast, current_of, rounds
from tumorboard.errors import InvalidInput, NotFound
from tumorboard.store.audit import now
from tumorboard.store.database import new_id
from tumorboard.web.pages.consensus_access import COOKIE, guarded, message, panellist_of, shown
from tumorboard.web.pages.consensus_question import question_view
from tumorboard.web.pages.evidence_page import finding_of
from tumorboard.web.pages.forms import Fields
from tumorboard.web.pages.page import knowledge_of, language_of
from tumorboard.web.pages.session import database_of

router = APIRouter()
_SEE_OTHER = 303
_SLIPS = ("answer", "reason", "condition", "when", "comment", "key")


@router.get("/enter")
def door(request: Request) -> Response:
    return shown(request, "enter.html", slip=None)


@router.post("/enter")
def go_in(request: Request, fields: Fields) -> Response:
    """The code comes in the form's body: an address would stand in logs and histories."""
    try:
        with database_of(request).writing() as connection:
            _, token = enter(connection, fields.get("code", "")[:200])
    except NotFound:
        return shown(request, "enter.html", status=404, slip="link used")
    response = RedirectResponse("/consensus/panel", _SEE_OTHER)
    secure = request.app.state.settings.secure  # a server behind another does not see what browsers speak
    response.set_cookie(COOKIE, token, path="/consensus", httponly=True, samesite="lax", secure=secure)
    return response


@router.post("/panel/leave")
def go_out(request: Request, fields: Fields) -> Response:
    if not guarded(request, fields):
        return message(request, "please enter", 403)
    with database_of(request).writing() as connection:
        leave(connection, request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/consensus/enter", _SEE_OTHER)
    response.delete_cookie(COOKIE, path="/consensus")
    return response


@router.get("/panel")
def questions(request: Request) -> Response:
    one = panellist_of(request)
    if one is None:
        return message(request, "please enter", 403)
    with database_of(request).reading() as connection:
        held = consensus(connection, one.consensus_id, knowledge_of(request))
        asked = _open(rounds(connection, held.id))
        if asked is None:
            return shown(request, "panel.html", panellist=one, held=held, round=None)
        pseudonym = pseudonym_of(connection, one.id)
        answered = current_of(connection, asked.id, pseudonym)
        barred = _barred(standings(connection, held.id), pseudonym)
    rows = [(held.questions.question(id_), _state(id_, answered, barred)) for id_ in asked.asked]
    may = [id_ for id_ in asked.asked if id_ not in barred]
    done = sum(id_ in answered for id_ in may)
    return shown(
        request, "panel.html", panellist=one, held=held, round=asked, rows=rows, done=done, of=len(may),
        saved="saved" in request.query_params,
    )  # fmt: skip


@router.get("/panel/{question}/evidence/{finding}")
def evidence(request: Request, question: str, finding: str) -> Response:
    """A finding as the evidence browser shows it, for those who have no account here."""
    if panellist_of(request) is None:
        return message(request, "please enter", 403)
    known, language = knowledge_of(request), language_of(request)
    found = known.findings.get(finding)
    view = finding_of(found, known, language)
    return shown(request, "finding.html", view=view, source=known.findings.source(found.source), question=question)


@router.get("/panel/{question}")
def one_question(request: Request, question: str) -> Response:
    one = panellist_of(request)
    if one is None:
        return message(request, "please enter", 403)
    return _page(request, one, question, {}, None)


@router.post("/panel/{question}")
def answer(request: Request, question: str, fields: Fields) -> Response:
    one = panellist_of(request)
    if one is None or not guarded(request, fields):
        return message(request, "please enter", 403)
    known = knowledge_of(request)
    try:
        with database_of(request).writing() as connection:
            held = consensus(connection, one.consensus_id, known)
            asked = _open(rounds(connection, held.id))
            if asked is None:
                raise RoundClosed(len(rounds(connection, held.id)))
            if "answer" not in fields:
                return _page(request, one, question, fields, ("answer", ""))
            pseudonym = pseudonym_of(connection, one.id)
            ballot = complete_ballot(
                held.protocol, known, question, pseudonym, fields["answer"] or None, fields.get("reason"),
                (fields.get("condition"), fields.get("when")), fields.get("comment"),
            )  # fmt: skip
            cast(connection, asked.id, ballot, fields.get("key", ""))
            answered = current_of(connection, asked.id, pseudonym)
            barred = _barred(standings(connection, held.id), pseudonym)
    except RoundClosed:
        return _page(request, one, question, fields, ("closed", ""), 409)
    except MayNotVote:
        return _page(request, one, question, fields, ("conflict", ""), 409)
    except InvalidInput as error:
        problem = error.problems[0]
        return _page(
            request, one, question, fields, (problem.place if problem.place in _SLIPS else "other", problem.what)
        )
    left = [id_ for id_ in asked.asked if id_ not in answered and id_ not in barred]
    later = [id_ for id_ in left if asked.asked.index(id_) > asked.asked.index(question)]
    following = next(iter((*later, *left)), None)
    return RedirectResponse(f"/consensus/panel/{following}" if following else "/consensus/panel?saved", _SEE_OTHER)


@router.post("/panel/{question}/conflict")
def conflict(request: Request, question: str, fields: Fields) -> Response:
    one = panellist_of(request)
    if one is None or not guarded(request, fields):
        return message(request, "please enter", 403)
    with database_of(request).writing() as connection:
        held = consensus(connection, one.consensus_id, knowledge_of(request))
        declare(connection, held, one, question, fields.get("statement", ""), by=f"panellist/{one.id}")
    return RedirectResponse(f"/consensus/panel/{question}", _SEE_OTHER)


def _page(
    request: Request, one: Panellist, question: str, typed: Mapping[str, str], slip: tuple[str, str] | None,
    status: int = 422,
) -> Response:  # fmt: skip
    """The question with what was typed, and a fresh key for the next try."""
    known, language = knowledge_of(request), language_of(request)
    with database_of(request).reading() as connection:
        held = consensus(connection, one.consensus_id, known)
        asked = _open(rounds(connection, held.id))
        if asked is None or question not in asked.asked:
            return message(request, "slip closed" if slip else "no round", status if slip else 404)
        view = question_view(connection, held, asked, one, question, typed, known, language)
        declared = conflicts_of(connection, one).get(question)
    return shown(
        request, "question.html", status=status if slip else 200, q=view, held=held, round=asked, slip=slip,
        declared=declared, key=new_id(), panellist=one,
    )  # fmt: skip


def _open(found: list[Round]) -> Round | None:
    """The round that takes answers now."""
    return found[-1] if found and found[-1].takes_ballots(now()) else None


def _barred(standing: Mapping[str, Mapping[str, str]], pseudonym: str) -> set[str]:
    return {question for question, named in standing.items() if named.get(pseudonym, "votes") != "votes"}


def _state(question: str, answered: Mapping[str, Any], barred: set[str]) -> str:
    if question in barred:
        return "kept from voting"
    return "answered" if question in answered else "open question"
