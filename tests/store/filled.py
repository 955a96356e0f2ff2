"""A board as most tests begin with."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from tumorboard.store.audit import COMMAND_LINE
from tumorboard.store.boards import Board, Meeting, add_board, add_meeting, put_on_agenda
from tumorboard.store.cases import StoredCase, add_case, save_case
from tumorboard.store.database import Database
from tumorboard.store.decisions import Content, Decision, decide, sign_off
from tumorboard.store.users import Role, User, add_user

DAY = datetime.date(2026, 3, 1)


@dataclass(frozen=True)
class Filled:
    """A board with a chair, a meeting, a case in two versions, and a signed decision on it. All made up."""

    user: User
    board: Board
    meeting: Meeting
    case: StoredCase
    decision: Decision


def fill(database: Database) -> Filled:
    with database.writing() as connection:
        user = add_user(connection, "Li", full_name="李医生", role=Role.chair, by=COMMAND_LINE)
        board = add_board(connection, "Thoracic", by=user.id)
        meeting = add_meeting(connection, board.id, DAY, by=user.id)
        case = add_case(connection, board.id, name="lung-07", text="ECOG: 1  # synthetic", by=user.id)
        save_case(connection, case.id, based_on=1, name="lung-07", text="ECOG: 2  # synthetic", by=user.id)
        put_on_agenda(connection, meeting.id, case.id, by=user.id)
        decision = decide(connection, case.id, content(), meeting_id=meeting.id, by=user.id)
        decision = sign_off(connection, decision.id, 1, by=user.id)
    return Filled(user, board, meeting, case, decision)


def content(decision: str = "best supportive care", follow_up: datetime.date | None = DAY) -> Content:
    return Content(2, decision, "present: three", follow_up, "2026.1", "a" * 64, "b" * 64)
