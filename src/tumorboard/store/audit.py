"""The audit log: entries that only grow, each carrying the hash of the one before.

An entry says who did what to which object, and when; never a patient's data. ``digest`` commits to what was saved,
salted with a random value kept beside the content: whoever changes a saved version is found out, and once the content
and its salt are erased the digest tells nothing.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from tumorboard.store.database import HEAD
from tumorboard.store.tables import AUDIT, AUDIT_HEAD

COMMAND_LINE = "command line"  # acts where nobody is signed in
START = "0" * 64  # what stands as the previous hash of the first entry


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``object`` is ``KIND/ID`` or ``KIND/ID/NUMBER``; ``digest`` is there where content was saved."""

    number: int
    at: datetime.datetime
    who: str
    what: str
    object: str
    digest: str | None
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log has come. Kept outside the database, it shows later whether the log was cut or rewritten."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def record(connection: Connection, by: str, what: str, object_: str, digest: str | None = None) -> AuditEntry:
    """Append an entry in the caller's transaction (of ``Database.writing()``): both are kept, or neither."""
    last = head(connection)
    number, at = last.number + 1, now()
    hash_ = chained(last.hash, number, at, by, what, object_, digest)
    entry = AuditEntry(number, at, by, what, object_, digest, last.hash, hash_)
    connection.execute(
        insert(AUDIT).values(
            number=number, at=at, who=by, what=what, object=object_, digest=digest, previous=last.hash, hash=hash_
        )
    )
    connection.execute(update(AUDIT_HEAD).values(number=number, hash=hash_))
    connection.info[HEAD] = Head(number, hash_)
    return entry


def head(connection: Connection) -> Head:
    row = connection.execute(select(AUDIT_HEAD.c.number, AUDIT_HEAD.c.hash)).one()
    return Head(row.number, row.hash)


def entries(connection: Connection, *, object_: str | None = None) -> Iterator[AuditEntry]:
    """All entries in their order, or those of one object and its parts."""
    query = select(AUDIT).order_by(AUDIT.c.number)
    if object_ is not None:
        query = query.where((AUDIT.c.object == object_) | AUDIT.c.object.startswith(f"{object_}/", autoescape=True))
    for row in connection.execute(query.execution_options(yield_per=1000)):
        yield AuditEntry(**row._mapping)


def chained(
    previous: str, number: int, at: datetime.datetime, who: str, what: str, object_: str, digest: str | None
) -> str:
    """The SHA-256 of an entry with the hash of the one before it, as hexadecimal."""
    moment = at.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    return _sha256([previous, number, moment, who, what, object_, digest])


def commitment(salt: str, *parts: str) -> str:
    """What the log keeps of content: its SHA-256 with the salt, as hexadecimal."""
    return _sha256([salt, *parts])


def _sha256(value: list[str | int | None]) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
