"""One database, SQLite or PostgreSQL, and its transactions: many readers of a fixed moment, one writer at a time."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from tumorboard.errors import NotFound, Problem, WrongUsage
from tumorboard.evidence.store import data_home

_WAIT_SECONDS = 30  # how long a writer queues behind others before it gives up
_WRITERS = 0x7475_6D6F_7262  # the key of PostgreSQL's advisory lock: "tumorb"


def new_id() -> str:
    """A random id (128 bits): it tells nothing and can't be guessed, so that it may stand in a URL."""
    return secrets.token_hex(16)


def default_url(environment: Mapping[str, str]) -> str:
    """``$TUMORBOARD_DATABASE``, else a SQLite file in the user's data folder, beside the source texts."""
    if given := environment.get("TUMORBOARD_DATABASE"):
        return given
    return f"sqlite:///{data_home(environment) / 'tumorboard.db'}"


class Database:
    """``url`` is ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``.

    Writers queue: a transaction of ``writing()`` holds the only write lock from its start, so that what it reads stays
    true until it commits. ``reading()`` sees one moment of the whole database and can't change anything.
    Raises WrongUsage for another kind of database, and NotFound where it can't be reached. No message of the database
    carries the values of a statement, as these may be a patient's.
    """

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.file: Path | None = Path(str(self.url.database))
            _make_private(self.file)
            arguments: dict[str, Any] = {"timeout": _WAIT_SECONDS}
        else:
            self.file = None
            arguments = {"connect_timeout": 10, "application_name": "tumorboard"}
        self.engine: Engine = create_engine(self.url, hide_parameters=True, connect_args=arguments, pool_pre_ping=True)
        self._writer = self.engine.execution_options(writing=True)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def __repr__(self) -> str:
        return f"Database({self.name})"

    @property
    def name(self) -> str:
        """The address without the password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One moment of the whole database; a change in it is refused by the database."""
        engine = self.engine if self.is_sqlite else self._reader
        with self._connected(engine) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is the only writer: committed and on disk when the block ends, undone where it raises."""
        with self._connected(self._writer) as connection, connection.begin():
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        try:
            connection = engine.connect()
        except OperationalError as error:
            what = f"can't be opened: {str(error.orig).strip().splitlines()[0]}"
            raise NotFound(Problem(self.name, what, "is the server running and the address right?")) from error
        with connection:
            yield connection


def _checked(url: str) -> URL:
    mend = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise WrongUsage(Problem("the database", "its address can't be read", mend)) from error
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise WrongUsage(Problem("the database", f"{parsed.drivername} is not supported", mend))
    if not parsed.database or parsed.database == ":memory:":
        raise WrongUsage(Problem("the database", "names no file", mend))
    return parsed


def _make_private(file: Path) -> None:
    """The file, for its owner only; SQLite gives its companions (-wal, -shm) the same mode."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise NotFound(Problem(str(file), f"can't be opened: {error.strerror}")) from error


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not at the driver's guess
    for pragma in (
        "journal_mode = WAL",  # readers go on while one writes
        "synchronous = FULL",  # a commit is on disk before it is confirmed
        "foreign_keys = ON",
        "secure_delete = ON",  # what is erased is overwritten
        f"busy_timeout = {_WAIT_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A write transaction takes its lock at once: one that reads first and locks later would fail instead of queue."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writing else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
