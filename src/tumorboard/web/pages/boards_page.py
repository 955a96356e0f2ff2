"""Boards, their meetings and cases."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from tumorboard.errors import InvalidInput, Problem
from tumorboard.store.boards import (
    add_board,
    add_meeting,
    agenda,
    board,
    boards,
    meeting,
    meetings,
    put_on_agenda,
    take_off_agenda,
)
from tumorboard.store.cases import StoredCase, cases, stored_case
from tumorboard.store.decisions import Decision, decisions, due
from tumorboard.store.users import Role, users
from tumorboard.web.pages.forms import Fields
from tumorboard.web.pages.page import language_of, render
from tumorboard.web.pages.session import allowed, database_of

router = APIRouter()
_WEEKS_AHEAD = datetime.timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list, with what was last decided on it."""

    case: StoredCase
    saved_by: str
    decision: Decision | None


@router.get("/boards")
def boards_page(request: Request) -> Response:
    """All boards, and whose follow-up is due."""
    allowed(request, Role.reader)
    with database_of(request).reading() as connection:
        found = boards(connection)
        follow_up = [
            (decision, stored_case(connection, decision.case_id))
            for decision in due(connection, datetime.date.today() + _WEEKS_AHEAD)
        ]
    return render(request, "boards.html", language_of(request), boards=found, follow_up=follow_up)


@router.post("/boards")
def new_board(request: Request, fields: Fields) -> Response:
    user = allowed(request, Role.chair)
    with database_of(request).writing() as connection:
        made = add_board(connection, fields.get("name", ""), by=user.id)
    return RedirectResponse(f"/boards/{made.id}", 303)


@router.get("/boards/{board_id}")
def board_page(request: Request, board_id: str) -> Response:
    allowed(request, Role.reader)
    with database_of(request).reading() as connection:
        found = board(connection, board_id)
        held = meetings(connection, board_id)
        lines = _lines(connection, cases(connection, board_id))
    today = datetime.date.today()
    return render(
        request, "board_of_team.html", language_of(request), team=found, meetings=held, lines=lines, today=today
    )


@router.post("/boards/{board_id}/meetings")
def new_meeting(request: Request, board_id: str, fields: Fields) -> Response:
    user = allowed(request, Role.member)
    day = day_of(fields.get("day", ""), "day")
    with database_of(request).writing() as connection:
        made = add_meeting(connection, board_id, day, by=user.id)
    return RedirectResponse(f"/meetings/{made.id}", 303)


@router.get("/meetings/{meeting_id}")
def meeting_page(request: Request, meeting_id: str) -> Response:
    allowed(request, Role.reader)
    with database_of(request).reading() as connection:
        found = meeting(connection, meeting_id)
        team = board(connection, found.board_id)
        listed = [stored_case(connection, case_id) for case_id in agenda(connection, meeting_id)]
        others = [case for case in cases(connection, found.board_id) if case.id not in {one.id for one in listed}]
        lines = _lines(connection, listed)
    return render(
        request, "meeting.html", language_of(request), meeting=found, team=team, lines=lines, others=others
    )  # fmt: skip


@router.post("/meetings/{meeting_id}/agenda")
def change_agenda(request: Request, meeting_id: str, fields: Fields) -> Response:
    user = allowed(request, Role.member)
    with database_of(request).writing() as connection:
        if gone := fields.get("remove"):
            take_off_agenda(connection, meeting_id, gone, by=user.id)
        else:
            put_on_agenda(connection, meeting_id, fields.get("case", ""), by=user.id)
    return RedirectResponse(f"/meetings/{meeting_id}", 303)


def day_of(text: str, place: str) -> datetime.date:
    """Raises InvalidInput where it is no date."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(Problem(place, f"{text!r} is not a date", "write YYYY-MM-DD")) from error


def people(connection: Connection) -> dict[str, str]:
    """The names of the users by their ids."""
    return {user.id: user.full_name for user in users(connection)}


def _lines(connection: Connection, found: list[StoredCase]) -> tuple[CaseLine, ...]:
    names, lines = people(connection), []
    for case in found:
        decided = decisions(connection, case.id)
        lines.append(CaseLine(case, names.get(case.saved_by, case.saved_by), decided[-1] if decided else None))
    return tuple(lines)
