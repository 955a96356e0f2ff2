"""A case of a board: opened at its permanent address, saved as a further version, decided and signed."""

from __future__ import annotations

import difflib
import hashlib
import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from tumorboard.advice.advise import advise
from tumorboard.errors import InvalidInput, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.names import Names
from tumorboard.report.record import advice_record
from tumorboard.store.boards import boards, meetings
from tumorboard.store.cases import (
    CaseVersion,
    Conflict,
    add_case,
    latest_version,
    save_case,
    stored_case,
    version,
    versions,
)
from tumorboard.store.decisions import Content, amend, decide, decision, decisions, sign_off
from tumorboard.store.erase import case_record, erase_case
from tumorboard.store.users import Role
from tumorboard.web.pages.board_view import board_of, head_of
from tumorboard.web.pages.boards_page import day_of, people
from tumorboard.web.pages.forms import Fields, Form, fields_of
from tumorboard.web.pages.page import knowledge_of, language_of, render
from tumorboard.web.pages.session import allowed, database_of
from tumorboard.web.pages.worksheet import Worksheet, read_worksheet, worksheet_of

router = APIRouter()


@router.get("/cases/{case_id}")
def team_case_page(request: Request, case_id: str) -> Response:
    """The newest version on the board page, with what changed since the last decision."""
    allowed(request, Role.reader)
    known, language = knowledge_of(request), language_of(request)
    with database_of(request).reading() as connection:
        newest = latest_version(connection, case_id)
        decided = decisions(connection, case_id)
        earlier = _before(decided[-1].content.case_version, newest, connection) if decided else ""
    worksheet = Worksheet(text=newest.text, earlier=earlier, saved=case_id, based_on=str(newest.number))
    board, text = board_of(worksheet, known, language)
    shown = Worksheet(text=text, earlier=earlier, saved=case_id, based_on=str(newest.number))
    head = head_of(Names(known.vocabulary, language))
    return render(request, "case.html", language, board=board, worksheet=shown, head_of=head)


@router.post("/case/save")
def save(request: Request, form: Form) -> Response:
    """The case as a further version, or as a new case of a board. Two who edit one case meet on a page with both."""
    user = allowed(request, Role.member)
    known, worksheet, fields = knowledge_of(request), worksheet_of(form), fields_of(form)
    case, text = read_worksheet(worksheet.text, known)
    try:
        with database_of(request).writing() as connection:
            if worksheet.saved:
                based_on = _number(worksheet.based_on, "based_on")
                save_case(connection, worksheet.saved, based_on=based_on, name=case.id, text=text, by=user.id)
                case_id = worksheet.saved
            elif fields.get("board"):
                case_id = add_case(connection, fields["board"], name=case.id, text=text, by=user.id).id
            else:
                return _choose_board(request, worksheet, form)
    except Conflict as conflict:
        return _conflict(request, worksheet, conflict, form)
    return RedirectResponse(f"/cases/{case_id}/record", 303)


@router.get("/cases/{case_id}/record")
def record_page(request: Request, case_id: str) -> Response:
    """Versions and decisions of a case; minutes, sign-off and follow-up are written here."""
    allowed(request, Role.reader)
    known = knowledge_of(request)
    with database_of(request).reading() as connection:
        case = stored_case(connection, case_id)
        kept, decided = versions(connection, case_id), decisions(connection, case_id)
        held, names = meetings(connection, case.board_id), people(connection)
    return render(
        request, "team_case.html", language_of(request), case=case, versions=kept[::-1], decisions=decided[::-1],
        meetings=held, people=names, knowledge=known,
    )  # fmt: skip


@router.get("/cases/{case_id}/versions/{number}")
def version_page(request: Request, case_id: str, number: int) -> Response:
    """An older version, on the board page; saving it makes it the newest again only where nobody saved since."""
    allowed(request, Role.reader)
    known, language = knowledge_of(request), language_of(request)
    with database_of(request).reading() as connection:
        old = version(connection, case_id, number)
    worksheet = Worksheet(text=old.text, saved=case_id, based_on=str(number))
    board, _ = board_of(worksheet, known, language)
    head = head_of(Names(known.vocabulary, language))
    return render(request, "case.html", language, board=board, worksheet=worksheet, head_of=head)


@router.post("/cases/{case_id}/decisions")
def write_decision(request: Request, case_id: str, fields: Fields) -> Response:
    """What the board decided on the newest version, with the advice that lay before it."""
    user, known = allowed(request, Role.member), knowledge_of(request)
    with database_of(request).writing() as connection:
        content = _content(latest_version(connection, case_id), fields, known)
        decide(connection, case_id, content, meeting_id=fields.get("meeting") or None, by=user.id)
    return RedirectResponse(f"/cases/{case_id}/record", 303)


@router.post("/decisions/{decision_id}/amend")
def amend_decision(request: Request, decision_id: str, fields: Fields) -> Response:
    user, known = allowed(request, Role.member), knowledge_of(request)
    with database_of(request).writing() as connection:
        case_id = decision(connection, decision_id).case_id
        content = _content(latest_version(connection, case_id), fields, known)
        amend(connection, decision_id, content, based_on=_number(fields.get("number", ""), "number"), by=user.id)
    return RedirectResponse(f"/cases/{case_id}/record", 303)


@router.post("/decisions/{decision_id}/sign")
def sign_decision(request: Request, decision_id: str, fields: Fields) -> Response:
    user = allowed(request, Role.chair)
    with database_of(request).writing() as connection:
        signed = sign_off(connection, decision_id, _number(fields.get("number", ""), "number"), by=user.id)
    return RedirectResponse(f"/cases/{signed.case_id}/record", 303)


@router.post("/cases/{case_id}/export")
def give_out(request: Request, case_id: str) -> Response:
    """Everything that is kept of a case, as one file."""
    by = allowed(request, Role.administrator).id
    with database_of(request).writing() as connection:
        document = case_record(connection, case_id, by=by)
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    headers = {"Content-Disposition": f'attachment; filename="case-{case_id[:8]}.json"'}
    return Response(text, media_type="application/json", headers=headers)


@router.post("/cases/{case_id}/erase")
def erase(request: Request, case_id: str, fields: Fields) -> Response:
    """The case goes for good, once its name was typed."""
    by, database = allowed(request, Role.administrator).id, database_of(request)
    with database.reading() as connection:
        case = stored_case(connection, case_id)
    if fields.get("name", "").strip() != case.name:
        raise InvalidInput(Problem("name", "is not that of the case; nothing was erased", "type it as it stands"))
    erase_case(database, case_id, by=by)
    return RedirectResponse(f"/boards/{case.board_id}", 303)


def _before(number: int, newest: CaseVersion, connection: Any) -> str:
    """The text that was decided on, where the case was changed since."""
    return "" if number == newest.number else version(connection, newest.case_id, number).text


def _content(newest: CaseVersion, fields: dict[str, str], knowledge: Knowledge) -> Content:
    case, _ = read_worksheet(newest.text, knowledge)
    record = advice_record(advise(case, knowledge), knowledge, "en")
    written = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Content(
        case_version=newest.number,
        decision=fields.get("decision", ""),
        minutes=fields.get("minutes", ""),
        follow_up=day_of(fields["follow_up"], "follow_up") if fields.get("follow_up") else None,
        knowledge_version=knowledge.version,
        knowledge_sha256=knowledge.sha256,
        advice_sha256=hashlib.sha256(written.encode()).hexdigest(),
    )


def _choose_board(request: Request, worksheet: Worksheet, form: FormData) -> Response:
    with database_of(request).reading() as connection:
        found = boards(connection)
    return render(request, "save.html", language_of(request, form), worksheet=worksheet, boards=found)


def _conflict(request: Request, worksheet: Worksheet, conflict: Conflict, form: FormData) -> Response:
    with database_of(request).reading() as connection:
        names = people(connection)
    theirs = conflict.theirs
    lines = difflib.unified_diff(theirs.text.splitlines(), worksheet.text.splitlines(), n=2, lineterm="")
    return render(
        request, "conflict.html", language_of(request, form), status=409, worksheet=worksheet, theirs=theirs,
        by=names.get(theirs.saved_by, theirs.saved_by), difference=list(lines)[2:],
    )  # fmt: skip


def _number(text: str, place: str) -> int:
    if not text.isdigit():
        raise InvalidInput(Problem(place, f"{text!r} is not the number of a version"))
    return int(text)
