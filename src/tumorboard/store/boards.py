"""Boards, their meetings, and which cases a meeting discusses in which order."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.store.audit import now, record
from tumorboard.store.checked import line
from tumorboard.store.database import new_id
from tumorboard.store.tables import AGENDA, BOARDS, CASES, MEETINGS


@dataclass(frozen=True, slots=True)
class Board:
    id: str
    name: str
    created_at: datetime.datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """A board's meeting on a day."""

    id: str
    board_id: str
    day: datetime.date
    created_at: datetime.datetime
    created_by: str


def add_board(connection: Connection, name: str, *, by: str) -> Board:
    """A new board. Raises InvalidInput where the name is empty or taken."""
    board = Board(new_id(), line(name, "name"), now(), by)
    if connection.execute(select(BOARDS.c.id).where(BOARDS.c.name == board.name)).first():
        raise InvalidInput(Problem("name", "another board has it", "choose a name of its own"))
    connection.execute(insert(BOARDS).values(id=board.id, name=board.name, created_at=board.created_at, created_by=by))
    record(connection, by, "board.added", f"board/{board.id}")
    return board


def boards(connection: Connection) -> list[Board]:
    """All boards, by name."""
    return [Board(**row._mapping) for row in connection.execute(select(BOARDS).order_by(BOARDS.c.name))]


def board(connection: Connection, id_: str) -> Board:
    """Raises NotFound."""
    row = connection.execute(select(BOARDS).where(BOARDS.c.id == id_)).first()
    if row is None:
        raise NotFound(Problem(f"board {id_}", "is not there"))
    return Board(**row._mapping)


def add_meeting(connection: Connection, board_id: str, day: datetime.date, *, by: str) -> Meeting:
    """A new meeting; a board may meet twice on one day. Raises NotFound without the board."""
    board(connection, board_id)
    meeting = Meeting(new_id(), board_id, day, now(), by)
    connection.execute(
        insert(MEETINGS).values(id=meeting.id, board_id=board_id, day=day, created_at=meeting.created_at, created_by=by)
    )
    record(connection, by, "meeting.added", f"meeting/{meeting.id}")
    return meeting


def meetings(connection: Connection, board_id: str) -> list[Meeting]:
    """The meetings of a board, the newest first."""
    query = select(MEETINGS).where(MEETINGS.c.board_id == board_id)
    ordered = query.order_by(MEETINGS.c.day.desc(), MEETINGS.c.created_at.desc())
    return [Meeting(**row._mapping) for row in connection.execute(ordered)]


def meeting(connection: Connection, id_: str) -> Meeting:
    """Raises NotFound."""
    row = connection.execute(select(MEETINGS).where(MEETINGS.c.id == id_)).first()
    if row is None:
        raise NotFound(Problem(f"meeting {id_}", "is not there"))
    return Meeting(**row._mapping)


def put_on_agenda(connection: Connection, meeting_id: str, case_id: str, *, by: str) -> None:
    """The case at the end of the meeting's agenda. Raises NotFound, and InvalidInput for another board's."""
    of_meeting = meeting(connection, meeting_id).board_id
    of_case = connection.execute(select(CASES.c.board_id).where(CASES.c.id == case_id)).scalar_one_or_none()
    if of_case is None:
        raise NotFound(Problem(f"case {case_id}", "is not there"))
    if of_case != of_meeting:
        raise InvalidInput(Problem(f"case {case_id}", "belongs to another board", "choose a meeting of its own board"))
    if case_id in agenda(connection, meeting_id):
        return
    last = connection.execute(
        select(func.coalesce(func.max(AGENDA.c.position), 0)).where(AGENDA.c.meeting_id == meeting_id)
    ).scalar_one()
    connection.execute(insert(AGENDA).values(meeting_id=meeting_id, case_id=case_id, position=last + 1))
    record(connection, by, "meeting.case_added", f"meeting/{meeting_id}/{case_id}")


def take_off_agenda(connection: Connection, meeting_id: str, case_id: str, *, by: str) -> None:
    """Raises NotFound where it wasn't on the agenda."""
    taken = connection.execute(
        delete(AGENDA).where(AGENDA.c.meeting_id == meeting_id, AGENDA.c.case_id == case_id)
    ).rowcount
    if not taken:
        raise NotFound(Problem(f"case {case_id}", f"is not on the agenda of meeting {meeting_id}"))
    record(connection, by, "meeting.case_removed", f"meeting/{meeting_id}/{case_id}")


def agenda(connection: Connection, meeting_id: str) -> list[str]:
    """The ids of the cases of a meeting, in their order."""
    query = select(AGENDA.c.case_id).where(AGENDA.c.meeting_id == meeting_id).order_by(AGENDA.c.position)
    return list(connection.execute(query).scalars())
