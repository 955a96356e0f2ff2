"""Sessions kept on the server: the browser holds a random token, the table only its hash."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from tumorboard.store.audit import now
from tumorboard.store.database import Database
from tumorboard.store.tables import SESSIONS, USERS

IDLE = datetime.timedelta(minutes=30)  # without a request for so long, a session ends
LONGEST = datetime.timedelta(hours=12)  # and after this in any case
_SEEN_EVERY = datetime.timedelta(minutes=1)  # how exactly the last request is kept: not every request writes


@dataclass(frozen=True, slots=True)
class Session:
    user_id: str
    started_at: datetime.datetime
    seen_at: datetime.datetime
    ends_at: datetime.datetime


def start_session(connection: Connection, user_id: str, *, at: datetime.datetime | None = None) -> str:
    """A new session; the token (256 bits) is given once and kept nowhere. Sessions that have ended are forgotten."""
    at = at or now()
    connection.execute(delete(SESSIONS).where((SESSIONS.c.ends_at <= at) | (SESSIONS.c.seen_at <= at - IDLE)))
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(SESSIONS).values(
            token_sha256=_hashed(token), user_id=user_id, started_at=at, seen_at=at, ends_at=at + LONGEST
        )
    )
    return token


def session(database: Database, token: str, *, at: datetime.datetime | None = None) -> Session | None:
    """The session of a token, kept awake by this request; None where it ended, was revoked or never was."""
    at = at or now()
    mine = SESSIONS.c.token_sha256 == _hashed(token)
    query = (
        select(SESSIONS.c.user_id, SESSIONS.c.started_at, SESSIONS.c.seen_at, SESSIONS.c.ends_at)
        .join(USERS, USERS.c.id == SESSIONS.c.user_id)
        .where(mine, SESSIONS.c.ends_at > at, SESSIONS.c.seen_at > at - IDLE, USERS.c.disabled_at.is_(None))
    )
    with database.reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    if at - row.seen_at >= _SEEN_EVERY:
        with database.writing() as connection:
            connection.execute(update(SESSIONS).where(mine, SESSIONS.c.seen_at < at).values(seen_at=at))
    return Session(**row._mapping)


def end_session(connection: Connection, token: str) -> None:
    connection.execute(delete(SESSIONS).where(SESSIONS.c.token_sha256 == _hashed(token)))


def end_sessions_of(connection: Connection, user_id: str) -> int:
    """All sessions of a user end now; how many there were."""
    return connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id)).rowcount


def _hashed(token: str) -> str:
    """Fast is enough: a token of 256 random bits can't be guessed from its hash."""
    return hashlib.sha256(token.encode()).hexdigest()
