"""Users, their roles and passwords. A password is kept as Argon2id; too many wrong ones lock the account."""

from __future__ import annotations

import datetime
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, func, insert, select, update

from tumorboard.errors import InvalidInput, NotFound, Problem, TumorboardError
from tumorboard.store.audit import now, record
from tumorboard.store.checked import line
from tumorboard.store.database import Database, new_id
from tumorboard.store.sessions import end_sessions_of
from tumorboard.store.tables import USERS

SHORTEST_PASSWORD = 12  # characters; longest: what Argon2 hashes without effort for the server
LONGEST_PASSWORD = 1000
FAILURES_TO_LOCK = 5
ROLE_ENTRIES = ("user.added.", "user.role.")  # entries of the log that end with the role given
NOBODY = "nobody"  # tried to sign in under a name that is no user's
LOCKED_FOR = datetime.timedelta(minutes=15)


class Role(StrEnum):
    """What a user may do; each role may do what those before it may."""

    reader = "reader"
    member = "member"
    chair = "chair"
    administrator = "administrator"

    def covers(self, needed: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class User:
    """``name`` is the login, case folded. ``issuer`` and ``subject`` are those of the hospital's OIDC login."""

    id: str
    name: str
    full_name: str
    role: Role
    issuer: str | None
    subject: str | None
    created_at: datetime.datetime
    disabled_at: datetime.datetime | None
    locked_until: datetime.datetime | None
    has_password: bool


class LoginRefused(TumorboardError):
    """Name and password don't open an account; the message doesn't tell which of the two, or whether it is locked."""

    def __init__(self) -> None:
        super().__init__(
            Problem("login", "the name or the password is not right, or the account is locked", "try again later")
        )


def add_user(
    connection: Connection, name: str, *, full_name: str, role: Role, password: str | None = None, by: str
) -> User:
    """A new user; without a password only the OIDC login lets them in. Raises InvalidInput where the name is taken."""
    folded = line(_folded(name), "name", 100)
    if connection.execute(select(USERS.c.id).where(USERS.c.name == folded)).first():
        raise InvalidInput(Problem("name", f"{folded} is a user already"))
    id_ = new_id()
    connection.execute(
        insert(USERS).values(
            id=id_,
            name=folded,
            full_name=line(full_name, "full name"),
            role=role.value,
            password_hash=None if password is None else _hashed(password),
            failures=0,
            created_at=now(),
        )
    )
    record(connection, by, f"user.added.{role.value}", f"user/{id_}")
    return user(connection, id_)


def users(connection: Connection) -> list[User]:
    """All users by name, the disabled ones too."""
    return [_user(row) for row in connection.execute(select(USERS).order_by(USERS.c.name))]


def user(connection: Connection, id_: str) -> User:
    """Raises NotFound."""
    row = connection.execute(select(USERS).where(USERS.c.id == id_)).first()
    if row is None:
        raise NotFound(Problem(f"user {id_}", "is not there"))
    return _user(row)


def user_named(connection: Connection, name: str) -> User:
    """Raises NotFound."""
    row = connection.execute(select(USERS).where(USERS.c.name == _folded(name))).first()
    if row is None:
        raise NotFound(Problem(f"user {name!r}", "is not there", "`tumorboard user list` lists them"))
    return _user(row)


def user_linked(connection: Connection, issuer: str, subject: str) -> User | None:
    """The user of an OIDC login, unless disabled or not linked to any."""
    linked = (USERS.c.issuer == issuer) & (USERS.c.subject == subject) & USERS.c.disabled_at.is_(None)
    row = connection.execute(select(USERS).where(linked)).first()
    return None if row is None else _user(row)


def authenticate(database: Database, name: str, password: str, *, at: datetime.datetime | None = None) -> User:
    """The user whom name and password open the door to. Raises LoginRefused, after the same work in every case.

    The hash is computed outside a transaction, so that a login keeps nobody waiting.
    """
    at = at or now()
    with database.reading() as connection:
        row = connection.execute(select(USERS).where(USERS.c.name == _folded(name))).first()
    fits = _fits(None if row is None else row.password_hash, password)
    with database.writing() as connection:
        if row is None:
            record(connection, NOBODY, "login.failed", "user/unknown")
            opened = None
        else:
            opened = _opened(connection, row.id, row.password_hash, fits, at)
        if row and opened and _hasher().check_needs_rehash(row.password_hash):
            _set(connection, row.id, password_hash=_hasher().hash(_composed(password)))
    if opened is None:
        raise LoginRefused
    return opened


def set_password(connection: Connection, user_id: str, password: str | None, *, by: str) -> None:
    """A new password, or none (OIDC only). It unlocks the account and ends the user's sessions."""
    user(connection, user_id)
    hashed = None if password is None else _hashed(password)
    _set(connection, user_id, password_hash=hashed, failures=0, locked_until=None)
    end_sessions_of(connection, user_id)
    record(connection, by, "user.password", f"user/{user_id}")


def set_role(connection: Connection, user_id: str, role: Role, *, by: str) -> User:
    """Raises InvalidInput where it would leave nobody to administer. Ends the user's sessions."""
    if role is not Role.administrator:
        _not_the_last_administrator(connection, user_id)
    _set(connection, user_id, role=role.value)
    end_sessions_of(connection, user_id)
    record(connection, by, f"user.role.{role.value}", f"user/{user_id}")
    return user(connection, user_id)


def disable(connection: Connection, user_id: str, *, by: str) -> User:
    """The account opens no longer; what the user did stays theirs. Raises InvalidInput for the last administrator."""
    _not_the_last_administrator(connection, user_id)
    _set(connection, user_id, disabled_at=now())
    end_sessions_of(connection, user_id)
    record(connection, by, "user.disabled", f"user/{user_id}")
    return user(connection, user_id)


def enable(connection: Connection, user_id: str, *, by: str) -> User:
    """The account opens again, unlocked."""
    user(connection, user_id)
    _set(connection, user_id, disabled_at=None, failures=0, locked_until=None)
    record(connection, by, "user.enabled", f"user/{user_id}")
    return user(connection, user_id)


def link(connection: Connection, user_id: str, issuer: str, subject: str, *, by: str) -> User:
    """Let the OIDC login ``subject`` of ``issuer`` open this account. Raises InvalidInput where it opens another."""
    user(connection, user_id)
    place = "subject"
    issuer, subject = line(issuer, "issuer", 300), line(subject, place, 300)
    linked = (USERS.c.issuer == issuer) & (USERS.c.subject == subject) & (USERS.c.id != user_id)
    if connection.execute(select(USERS.c.id).where(linked)).first():
        raise InvalidInput(Problem(place, "is linked to another user", "unlink it there first"))
    _set(connection, user_id, issuer=issuer, subject=subject)
    record(connection, by, "user.linked", f"user/{user_id}")
    return user(connection, user_id)


def unlink(connection: Connection, user_id: str, *, by: str) -> User:
    user(connection, user_id)
    _set(connection, user_id, issuer=None, subject=None)
    end_sessions_of(connection, user_id)
    record(connection, by, "user.unlinked", f"user/{user_id}")
    return user(connection, user_id)


def _opened(
    connection: Connection, user_id: str, checked_hash: str | None, fits: bool, at: datetime.datetime
) -> User | None:
    """What the account says to a password that does or doesn't fit, counted inside one write transaction."""
    row = connection.execute(select(USERS).where(USERS.c.id == user_id)).one()
    if row.disabled_at is not None or (row.locked_until is not None and at < row.locked_until):
        record(connection, user_id, "login.refused", f"user/{user_id}")
        return None
    if fits and row.password_hash == checked_hash:  # not changed while the hash was computed
        _set(connection, user_id, failures=0, locked_until=None)
        record(connection, user_id, "login", f"user/{user_id}")
        return _user(row)
    failures = row.failures + 1
    locks = failures >= FAILURES_TO_LOCK
    _set(connection, user_id, failures=0 if locks else failures, locked_until=at + LOCKED_FOR if locks else None)
    record(connection, user_id, "login.locked" if locks else "login.failed", f"user/{user_id}")
    return None


def _not_the_last_administrator(connection: Connection, user_id: str) -> None:
    administers = (USERS.c.role == Role.administrator.value) & USERS.c.disabled_at.is_(None)
    others = select(func.count()).select_from(USERS).where(administers, USERS.c.id != user_id)
    found = user(connection, user_id)
    if found.role is Role.administrator and found.disabled_at is None and not connection.execute(others).scalar_one():
        raise InvalidInput(Problem(f"user {found.name}", "is the last administrator", "make somebody else one first"))


def _set(connection: Connection, user_id: str, **values: Any) -> None:
    connection.execute(update(USERS).where(USERS.c.id == user_id).values(**values))


def _user(row: Any) -> User:
    return User(
        row.id, row.name, row.full_name, Role(row.role), row.issuer, row.subject, row.created_at, row.disabled_at,
        row.locked_until, row.password_hash is not None,
    )  # fmt: skip


def _folded(name: str) -> str:
    """A login however it is typed: capitals, full-width letters, composed or not."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(
            Problem("password", "is too short or too long", f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
        )
    return _hasher().hash(_composed(password))


def _composed(password: str) -> str:
    """Keyboards send an accented letter as one character or as two."""
    return unicodedata.normalize("NFC", password)


def _fits(password_hash: str | None, password: str) -> bool:
    """Whether the password gives the hash; without one, the same work is done and the answer is no."""
    if len(password) > LONGEST_PASSWORD:
        password = ""
    try:
        return _hasher().verify(password_hash or _nobodys_hash(), _composed(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # Argon2id with the parameters of RFC 9106, low memory


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(new_id())
