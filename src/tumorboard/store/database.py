"""One database, SQLite or PostgreSQL, and its transactions: many readers of a fixed moment, one writer at a time."""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import URL, Engine, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from tumorboard.errors import NotFound, Problem, TumorboardError, WrongUsage
from tumorboard.evidence.store import data_home

_WAIT_SECONDS = 30.0  # how long a writer queues behind others before it gives up
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's word for it
_THREADS = 40  # connections at most, as many as a web server has threads
HEAD = "audit_head"  # where a connection carries the head of the log that its transaction wrote
_WRITERS = 0x7475_6D6F_7262  # the key of PostgreSQL's advisory lock: "tumorb"


def new_id() -> str:
    """A random id (128 bits): it tells nothing and can't be guessed, so that it may stand in a URL."""
    return secrets.token_hex(16)


def default_url(environment: Mapping[str, str]) -> str:
    """``$TUMORBOARD_DATABASE``, else a SQLite file in the user's data folder, beside the source texts."""
    if given := environment.get("TUMORBOARD_DATABASE"):
        return given
    return f"sqlite:///{data_home(environment) / 'tumorboard.db'}"


class Busy(TumorboardError):
    """Others have been writing all the time; nothing was changed, and the same can be tried again."""

    def __init__(self) -> None:
        super().__init__(Problem("the database", "others are writing to it", "try again in a moment"))


class Database:
    """``url`` is ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``.

    Writers queue: a transaction of ``writing()`` holds the only write lock from its start, so that what it reads stays
    true until it commits. ``reading()`` sees one moment of the whole database and can't change anything.
    ``anchor``: a file that gets a line with the head of the audit log after each commit (``audit.Head``).
    Raises WrongUsage for another kind of database, and NotFound where it can't be reached. No message of the database
    carries the values of a statement, as these may be a patient's.
    """

    def __init__(self, url: str, anchor: Path | None = None) -> None:
        self.url = _checked(url)
        self.anchor = anchor
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _make_private(Path(str(self.url.database)))
            arguments: dict[str, Any] = {"timeout": _WAIT_SECONDS}
        else:
            wait = f"-c lock_timeout={_WAIT_SECONDS * 1000:.0f}"
            arguments = {"connect_timeout": 10, "application_name": "tumorboard", "options": wait}
        self.engine: Engine = create_engine(
            self.url,
            hide_parameters=True,
            connect_args=arguments,
            pool_size=5,
            max_overflow=_THREADS - 5,
            pool_pre_ping=not self.is_sqlite,
        )
        self._writer = self.engine.execution_options(writing=True)
        self._reader = self.engine
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "handle_error", _without_values)
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # SQLite lets those who wait try again now and then, at random; the threads of one process queue here instead.
        self._queue = threading.Lock()

    def __repr__(self) -> str:
        return f"Database({self.name})"

    @property
    def name(self) -> str:
        """The address without the password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One moment of the whole database; a change in it is refused by the database."""
        with self._connected(self._reader) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is the only writer: committed and on disk when the block ends, undone where it raises.

        Raises Busy where others hold it for half a minute. Work that takes long is done before, not inside.
        """
        if not self._queue.acquire(timeout=_WAIT_SECONDS):
            raise Busy
        try:
            with self._connected(self._writer) as connection:
                connection.info.pop(HEAD, None)
                with self._begun(connection):
                    yield connection
                if self.anchor and (head := connection.info.pop(HEAD, None)):
                    _append(self.anchor, f"{head}\n")
        finally:
            self._queue.release()

    def close(self) -> None:
        self.engine.dispose()

    def shed_erased(self) -> bool:
        """Take what was deleted out of the database's own files: SQLite's journal, PostgreSQL's old row versions.

        False where a reader was in the way for half a minute (SQLite); the journal then goes with the last connection.
        """
        if self.is_sqlite:
            with closing(self.engine.raw_connection()) as raw:  # outside a transaction
                cursor = raw.cursor()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                (busy, _, _) = cursor.fetchone() or (1, 0, 0)
                return not busy
        with self._connected(self.engine.execution_options(isolation_level="AUTOCOMMIT")) as connection:
            connection.execute(text("VACUUM"))
        return True

    @contextmanager
    def _begun(self, connection: Connection) -> Iterator[None]:
        try:
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
                yield
        except OperationalError as error:
            if _waited_in_vain(error):
                raise Busy from error
            raise

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        try:
            connection = engine.connect()
        except DatabaseError as error:
            what = f"can't be opened: {str(error.orig).strip().splitlines()[0]}"
            mend = "is it a database of Tumorboard?" if self.is_sqlite else "is the server running, the address right?"
            raise NotFound(Problem(self.name, what, mend)) from error
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


def _waited_in_vain(error: OperationalError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL tells the whole row that did not fit, which may be a patient's; what remains is what was wrong."""
    said = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if said:
        context.original_exception.args = (said,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(context.original_exception).__name__}) {said}",)


def _append(anchor: Path, line: str) -> None:
    """What was done is committed already, so that a full or absent disk is told and undoes nothing."""
    try:
        with anchor.open("a", encoding="ascii") as file:
            file.write(line)
    except OSError as error:
        logging.getLogger(__name__).error("%s: the head of the audit log can't be written: %s", anchor, error.strerror)


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not at the driver's guess
    for pragma in (
        "journal_mode = WAL",  # readers go on while one writes
        "synchronous = FULL",  # a commit is on disk before it is confirmed
        "foreign_keys = ON",
        "secure_delete = ON",  # what is erased is overwritten
        f"busy_timeout = {_WAIT_SECONDS * 1000:.0f}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A write transaction takes its lock at once: one that reads first and locks later would fail instead of queue."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writing else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
