"""A patient's rights over what is stored: everything about a case as one document, and its removal."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, select

from tumorboard.store.audit import entries, record
from tumorboard.store.boards import board
from tumorboard.store.cases import stored_case, versions
from tumorboard.store.database import Database
from tumorboard.store.decisions import decisions, history
from tumorboard.store.tables import AGENDA, CASES, MEETINGS, USERS

SCHEMA = "tumorboard.stored-case/1"


def case_record(connection: Connection, case_id: str, *, by: str) -> dict[str, Any]:
    """The case as one JSON-ready document: every version, meeting, decision and signature, and what the log says of it.

    Raises NotFound. Call it in ``writing()``: that the case was given out is put on record.
    """
    case = stored_case(connection, case_id)
    record(connection, by, "case.exported", f"case/{case_id}")
    decided = [history(connection, one.id) for one in decisions(connection, case_id)]
    discussed = select(MEETINGS.c.id, MEETINGS.c.day).join(AGENDA).where(AGENDA.c.case_id == case_id)
    logged = list(entries(connection, object_=f"case/{case_id}"))
    for one in decided:
        logged += entries(connection, object_=f"decision/{one[0].id}")
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "id": case_id,
        "board": {"id": case.board_id, "name": board(connection, case.board_id).name},
        "versions": [asdict(one) for one in versions(connection, case_id)],
        "meetings": [dict(row._mapping) for row in connection.execute(discussed.order_by(MEETINGS.c.day))],
        "decisions": [{"id": one[0].id, "versions": [asdict(version) for version in one]} for one in decided],
        "audit": [asdict(entry) for entry in sorted(logged, key=lambda entry: entry.number)],
    }
    named = _texts(document)
    document["people"] = {id_: name for id_, name in _people(connection).items() if id_ in named}
    return {key: _plain(value) for key, value in document.items()}


def erase_case(database: Database, case_id: str, *, by: str) -> bool:
    """Remove the case with all versions, decisions, signatures and agenda entries; the log keeps that it happened.

    In SQLite the bytes are overwritten and the journal emptied (False: not yet, as somebody was reading). PostgreSQL is
    asked to VACUUM, and reuses the space. Backups made before still hold the case: that is for whoever keeps them.
    Raises NotFound.
    """
    with database.writing() as connection:
        stored_case(connection, case_id)
        for one in decisions(connection, case_id):
            record(connection, by, "decision.erased", f"decision/{one.id}")
        connection.execute(delete(CASES).where(CASES.c.id == case_id))
        record(connection, by, "case.erased", f"case/{case_id}")
    return database.shed_erased()


def _people(connection: Connection) -> dict[str, str]:
    return {row.id: row.full_name for row in connection.execute(select(USERS.c.id, USERS.c.full_name))}


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {text for one in value.values() for text in _texts(one)}
    if isinstance(value, (list, tuple)):
        return {text for one in value for text in _texts(one)}
    return {value} if isinstance(value, str) else set()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, (datetime.date, datetime.datetime)) else value
