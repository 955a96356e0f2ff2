"""Cases in all their versions. A save names the version it was based on; nobody overwrites what they haven't seen."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from tumorboard.errors import NotFound, Problem, TumorboardError
from tumorboard.store.audit import commitment, now, record
from tumorboard.store.boards import board
from tumorboard.store.checked import kept, line
from tumorboard.store.database import new_id
from tumorboard.store.tables import AUDIT, CASE_VERSIONS, CASES


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case of a board: ``name`` is the id in its newest file, ``version`` that version's number."""

    id: str
    board_id: str
    name: str
    version: int
    saved_at: datetime.datetime
    saved_by: str


@dataclass(frozen=True, slots=True)
class CaseVersion:
    """The whole case file as somebody saved it."""

    case_id: str
    number: int
    name: str
    text: str
    saved_at: datetime.datetime
    saved_by: str


class Conflict(TumorboardError):
    """Somebody saved in between. ``yours`` is the text that was not saved, ``theirs`` the newest version (exit 4)."""

    exit_code = 4

    def __init__(self, based_on: int, yours: str, theirs: CaseVersion) -> None:
        super().__init__(
            Problem(
                f"case {theirs.case_id}",
                f"version {theirs.number} was saved since version {based_on}, which this edit started from",
                "compare the two and save on the newest",
            )
        )
        self.based_on, self.yours, self.theirs = based_on, yours, theirs


def add_case(connection: Connection, board_id: str, *, name: str, text: str, by: str) -> StoredCase:
    """A new case with its first version. ``name`` is the id in the case file; the text is kept as given.

    Raises NotFound without the board, InvalidInput for text that can't be kept. Whether the text is a case file is for
    the caller to check.
    """
    board(connection, board_id)
    id_, at = new_id(), now()
    connection.execute(insert(CASES).values(id=id_, board_id=board_id, created_at=at, created_by=by))
    first = _write(connection, id_, 1, name, text, by, "case.added")
    return StoredCase(id_, board_id, first.name, 1, first.saved_at, by)


def save_case(connection: Connection, case_id: str, *, based_on: int, name: str, text: str, by: str) -> CaseVersion:
    """A further version, made from version ``based_on``. Raises Conflict with both texts where that isn't the newest.

    Raises NotFound without the case. A text that equals the newest version is not saved again.
    """
    newest = latest_version(connection, case_id)
    if newest.text == text:
        return newest
    if newest.number != based_on:
        raise Conflict(based_on, text, newest)
    return _write(connection, case_id, newest.number + 1, name, text, by, "case.saved")


def cases(connection: Connection, board_id: str) -> list[StoredCase]:
    """The cases of a board, the last saved first."""
    query = _stored().where(CASES.c.board_id == board_id).order_by(CASE_VERSIONS.c.saved_at.desc(), CASES.c.id)
    return [StoredCase(**row._mapping) for row in connection.execute(query)]


def stored_case(connection: Connection, case_id: str) -> StoredCase:
    """Raises NotFound, saying so where the case was erased."""
    row = connection.execute(_stored().where(CASES.c.id == case_id)).first()
    if row is None:
        raise _absent(connection, case_id)
    return StoredCase(**row._mapping)


def latest_version(connection: Connection, case_id: str) -> CaseVersion:
    """Raises NotFound."""
    found = _versions(connection, case_id, newest=True)
    if not found:
        raise _absent(connection, case_id)
    return found[0]


def version(connection: Connection, case_id: str, number: int) -> CaseVersion:
    """Raises NotFound."""
    found = _versions(connection, case_id, number=number)
    if not found:
        stored_case(connection, case_id)
        raise NotFound(Problem(f"case {case_id}", f"has no version {number}"))
    return found[0]


def versions(connection: Connection, case_id: str) -> list[CaseVersion]:
    """All versions from the first on. Raises NotFound."""
    found = _versions(connection, case_id)
    if not found:
        raise _absent(connection, case_id)
    return found


def _stored() -> Select[Any]:
    newest = (
        select(CASE_VERSIONS.c.case_id, func.max(CASE_VERSIONS.c.number).label("number"))
        .group_by(CASE_VERSIONS.c.case_id)
        .subquery()
    )
    return (
        select(
            CASES.c.id,
            CASES.c.board_id,
            CASE_VERSIONS.c.name,
            CASE_VERSIONS.c.number.label("version"),
            CASE_VERSIONS.c.saved_at,
            CASE_VERSIONS.c.saved_by,
        )
        .join(newest, newest.c.case_id == CASES.c.id)
        .join(CASE_VERSIONS, (CASE_VERSIONS.c.case_id == CASES.c.id) & (CASE_VERSIONS.c.number == newest.c.number))
    )


def _versions(
    connection: Connection, case_id: str, *, number: int | None = None, newest: bool = False
) -> list[CaseVersion]:
    shown = [column for column in CASE_VERSIONS.c if column.name != "salt"]
    query = select(*shown).where(CASE_VERSIONS.c.case_id == case_id)
    if number is not None:
        query = query.where(CASE_VERSIONS.c.number == number)
    query = query.order_by(CASE_VERSIONS.c.number.desc()).limit(1) if newest else query.order_by(CASE_VERSIONS.c.number)
    return [CaseVersion(**row._mapping) for row in connection.execute(query)]


def _write(connection: Connection, case_id: str, number: int, name: str, text: str, by: str, what: str) -> CaseVersion:
    written = CaseVersion(case_id, number, line(name, "id"), kept(text, "case"), now(), by)
    salt = new_id()
    connection.execute(
        insert(CASE_VERSIONS).values(
            case_id=case_id,
            number=number,
            name=written.name,
            text=text,
            salt=salt,
            saved_at=written.saved_at,
            saved_by=by,
        )
    )
    record(
        connection,
        by,
        what,
        f"case/{case_id}/{number}",
        commitment(salt, written.name, text, by, written.saved_at.isoformat()),
    )
    return written


def _absent(connection: Connection, case_id: str) -> NotFound:
    erased = select(AUDIT.c.at).where(AUDIT.c.object == f"case/{case_id}", AUDIT.c.what == "case.erased")
    at = connection.execute(erased).scalar()
    what = "is not there" if at is None else f"was erased on {at.date()}"
    return NotFound(Problem(f"case {case_id}", what))
