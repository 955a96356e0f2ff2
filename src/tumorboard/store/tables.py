"""The tables. Times are UTC, ids random; ``migrations/`` makes them, and a test compares the two."""

from __future__ import annotations

import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


class Moment(TypeDecorator[datetime.datetime]):
    """A moment with its time zone; kept and given back in UTC, also by SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without its time zone")
        return value.astimezone(datetime.UTC)

    def process_result_value(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


def _id() -> Column[str]:
    return Column("id", String(32), primary_key=True)


def _of(name: str, target: str, *, key: bool = False) -> Column[str]:
    """A reference to a row that this one belongs to and goes with; ``key``: part of this row's own key."""
    whole = ForeignKey(target, ondelete="CASCADE")
    return Column(name, String(32), whole, nullable=False, primary_key=key, index=not key)


USERS = Table(
    "users",
    METADATA,
    _id(),
    Column("name", String(100), nullable=False, unique=True),  # the login, case folded
    Column("full_name", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("password_hash", String(300)),
    Column("failures", Integer, nullable=False),  # wrong passwords since the last right one
    Column("locked_until", Moment),
    Column("issuer", String(300)),
    Column("subject", String(300)),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    UniqueConstraint("issuer", "subject"),
    CheckConstraint("role IN ('reader', 'member', 'chair', 'administrator')", name="role"),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_sha256", String(64), primary_key=True),
    _of("user_id", "users.id"),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
)

BOARDS = Table(
    "boards",
    METADATA,
    _id(),
    Column("name", String(200), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(100), nullable=False),
)

MEETINGS = Table(
    "meetings",
    METADATA,
    _id(),
    _of("board_id", "boards.id"),
    Column("day", Date, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(100), nullable=False),
)

CASES = Table(
    "cases",
    METADATA,
    _id(),
    _of("board_id", "boards.id"),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(100), nullable=False),
)

CASE_VERSIONS = Table(
    "case_versions",
    METADATA,
    _of("case_id", "cases.id", key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("name", String(200), nullable=False),  # the id inside the case file
    Column("text", Text, nullable=False),  # the whole case file as it was saved
    Column("salt", String(32), nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("saved_by", String(100), nullable=False),
)

AGENDA = Table(
    "agenda",
    METADATA,
    _of("meeting_id", "meetings.id", key=True),
    _of("case_id", "cases.id", key=True),
    Column("position", Integer, nullable=False),
)

DECISIONS = Table(
    "decisions",
    METADATA,
    _id(),
    _of("case_id", "cases.id"),
    Column("meeting_id", String(32), ForeignKey("meetings.id", ondelete="SET NULL"), index=True),
)

# What was decided, as written; an amendment is a further row.
DECISION_VERSIONS = Table(
    "decision_versions",
    METADATA,
    _of("decision_id", "decisions.id", key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("case_version", Integer, nullable=False),  # the version of the case that was before the board
    Column("decision", Text, nullable=False),
    Column("minutes", Text, nullable=False),
    Column("follow_up", Date),
    Column("knowledge_version", String(100), nullable=False),
    Column("knowledge_sha256", String(64), nullable=False),
    Column("advice_sha256", String(64), nullable=False),
    Column("salt", String(32), nullable=False),
    Column("written_at", Moment, nullable=False),
    Column("written_by", String(100), nullable=False),
)

# Whoever signs, signs one version; an amendment has to be signed again.
SIGN_OFFS = Table(
    "sign_offs",
    METADATA,
    Column("decision_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("user_id", String(32), ForeignKey("users.id"), primary_key=True),
    Column("signed_at", Moment, nullable=False),
    ForeignKeyConstraint(
        ["decision_id", "number"], ["decision_versions.decision_id", "decision_versions.number"], ondelete="CASCADE"
    ),
)

FEEDBACK = Table(
    "feedback",
    METADATA,
    _id(),
    Column("service", String(100), nullable=False),
    Column("card", String(100), nullable=False, index=True),
    Column("outcome", String(20), nullable=False),
    Column("accepted_suggestions", JSON, nullable=False),
    Column("override_reason", JSON),
    Column("outcome_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("received_from", String(300), nullable=False),
    CheckConstraint("outcome IN ('accepted', 'overridden')", name="outcome"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("at", Moment, nullable=False),
    Column("who", String(300), nullable=False),
    Column("what", String(100), nullable=False),
    Column("object", String(300), nullable=False, index=True),
    Column("digest", String(64)),  # commits to the content; salted, so that it tells nothing of erased content
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# The newest entry's number and hash, so that a log cut at its end is noticed.
AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
