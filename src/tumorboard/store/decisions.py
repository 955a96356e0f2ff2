"""What a board decided on a case: minutes, sign-off, follow-up. An amendment is a further version; none is changed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.store.audit import commitment, now, record
from tumorboard.store.boards import meeting
from tumorboard.store.cases import version
from tumorboard.store.checked import kept
from tumorboard.store.database import new_id
from tumorboard.store.tables import DECISION_VERSIONS, DECISIONS, SIGN_OFFS
from tumorboard.store.users import user


@dataclass(frozen=True, slots=True)
class Content:
    """A decision in its own words, and what lay before the board: the case in one version and the advice on it.

    ``advice_sha256`` is the hash of the advice as JSON (``tumorboard.advice/1``), which the case version and the
    knowledge version give again at any time.
    """

    case_version: int
    decision: str
    minutes: str
    follow_up: datetime.date | None
    knowledge_version: str
    knowledge_sha256: str
    advice_sha256: str


_CONTENT = [field.name for field in fields(Content)]


@dataclass(frozen=True, slots=True)
class SignOff:
    user_id: str
    signed_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """One version of a decision; ``number`` counts from 1, ``signed`` by whom this version was signed."""

    id: str
    case_id: str
    meeting_id: str | None
    number: int
    content: Content
    written_at: datetime.datetime
    written_by: str
    signed: tuple[SignOff, ...]


def decide(
    connection: Connection, case_id: str, content: Content, *, meeting_id: str | None = None, by: str
) -> Decision:
    """A new decision. Raises NotFound without the case version or the meeting, InvalidInput for an empty decision."""
    version(connection, case_id, content.case_version)
    if meeting_id is not None:
        meeting(connection, meeting_id)
    id_ = new_id()
    connection.execute(insert(DECISIONS).values(id=id_, case_id=case_id, meeting_id=meeting_id))
    return _write(connection, id_, case_id, 1, content, by, "decision.written")


def amend(connection: Connection, decision_id: str, content: Content, *, based_on: int, by: str) -> Decision:
    """A further version of a decision, unsigned. Raises AmendedMeanwhile where ``based_on`` isn't the newest."""
    newest = decision(connection, decision_id)
    if newest.number != based_on:
        raise AmendedMeanwhile(based_on, content, newest)
    version(connection, newest.case_id, content.case_version)
    return _write(connection, decision_id, newest.case_id, newest.number + 1, content, by, "decision.amended")


class AmendedMeanwhile(InvalidInput):
    """Somebody amended the decision in between; ``yours`` was not saved, ``theirs`` is the newest version."""

    def __init__(self, based_on: int, yours: Content, theirs: Decision) -> None:
        super().__init__(
            Problem(
                f"decision {theirs.id}",
                f"version {theirs.number} was written since version {based_on}, which this one started from",
                "compare the two and amend the newest",
            )
        )
        self.based_on, self.yours, self.theirs = based_on, yours, theirs


def sign_off(connection: Connection, decision_id: str, number: int, *, by: str) -> Decision:
    """The user ``by`` signs version ``number``, which must be the newest. Signing twice changes nothing.

    Raises NotFound for a decision or user there isn't, InvalidInput where it was amended meanwhile.
    """
    user(connection, by)
    newest = decision(connection, decision_id)
    if newest.number != number:
        raise InvalidInput(
            Problem(f"decision {decision_id}", f"was amended to version {newest.number}", "read it and sign that one")
        )
    if by in {one.user_id for one in newest.signed}:
        return newest
    connection.execute(insert(SIGN_OFFS).values(decision_id=decision_id, number=number, user_id=by, signed_at=now()))
    digest = _digest(connection, decision_id, number)  # signed is what it says, not only its number
    record(connection, by, "decision.signed", f"decision/{decision_id}/{number}", digest)
    return decision(connection, decision_id)


def decision(connection: Connection, decision_id: str) -> Decision:
    """The newest version of a decision. Raises NotFound."""
    return history(connection, decision_id)[-1]


def history(connection: Connection, decision_id: str) -> list[Decision]:
    """All versions of a decision from the first on. Raises NotFound."""
    found = _decisions(connection, DECISIONS.c.id == decision_id)
    if not found:
        raise NotFound(Problem(f"decision {decision_id}", "is not there"))
    return found


def decisions(connection: Connection, case_id: str) -> list[Decision]:
    """The newest version of each decision on a case, the first decision first."""
    newest = {one.id: one for one in _decisions(connection, DECISIONS.c.case_id == case_id)}
    return list(newest.values())


def due(connection: Connection, until: datetime.date) -> list[Decision]:
    """The newest versions whose follow-up falls on ``until`` or before, the earliest first."""
    newest = {one.id: one for one in _decisions(connection, DECISION_VERSIONS.c.follow_up.is_not(None), newest=True)}
    dated = [(one.content.follow_up, one.id, one) for one in newest.values() if one.content.follow_up]
    return [one for day, _, one in sorted(dated, key=lambda each: each[:2]) if day <= until]


def _decisions(connection: Connection, which: ColumnElement[bool], *, newest: bool = False) -> list[Decision]:
    query = (
        select(DECISIONS.c.case_id, DECISIONS.c.meeting_id, DECISION_VERSIONS)
        .join(DECISION_VERSIONS, DECISION_VERSIONS.c.decision_id == DECISIONS.c.id)
        .where(which)
        .order_by(DECISIONS.c.id, DECISION_VERSIONS.c.number)
    )
    if newest:
        others = DECISION_VERSIONS.alias()
        last = select(func.max(others.c.number)).where(others.c.decision_id == DECISIONS.c.id).scalar_subquery()
        query = query.where(DECISION_VERSIONS.c.number == last)
    found = []
    for row in connection.execute(query).all():
        signed = select(SIGN_OFFS.c.user_id, SIGN_OFFS.c.signed_at).where(
            SIGN_OFFS.c.decision_id == row.decision_id, SIGN_OFFS.c.number == row.number
        )
        content = Content(**{name: row._mapping[name] for name in _CONTENT})
        by = tuple(SignOff(one.user_id, one.signed_at) for one in connection.execute(signed.order_by("signed_at")))
        found.append(
            Decision(
                row.decision_id, row.case_id, row.meeting_id, row.number, content, row.written_at, row.written_by, by
            )
        )
    return found


def _write(
    connection: Connection, id_: str, case_id: str, number: int, content: Content, by: str, what: str
) -> Decision:
    for place, text in (("decision", content.decision), ("minutes", content.minutes)):
        kept(text, place)
    if not content.decision.strip():
        raise InvalidInput(Problem("decision", "is empty", "write what was decided, or that nothing was"))
    salt, at = new_id(), now()
    values = {name: getattr(content, name) for name in _CONTENT}
    connection.execute(
        insert(DECISION_VERSIONS).values(
            decision_id=id_, number=number, salt=salt, written_at=at, written_by=by, **values
        )
    )
    record(connection, by, what, f"decision/{id_}/{number}", _digest(connection, id_, number))
    return decision(connection, id_)


def _digest(connection: Connection, decision_id: str, number: int) -> str:
    query = select(DECISION_VERSIONS, DECISIONS.c.case_id).join(DECISIONS)
    which = (DECISION_VERSIONS.c.decision_id == decision_id) & (DECISION_VERSIONS.c.number == number)
    return decision_commitment(connection.execute(query.where(which)).one())


def decision_commitment(row: Row[Any]) -> str:
    """What the audit log keeps of a decision: its content, on which case, by whom and when."""
    said = (str(row._mapping[name]) for name in _CONTENT)
    return commitment(row.salt, *said, row.case_id, row.written_by, row.written_at.isoformat())
