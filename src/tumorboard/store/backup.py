"""A whole database in one file, and back: made while others work, checked by hashes, the same for both databases.

The file is a ZIP of one JSON line a row (``tables/NAME.jsonl``) and ``manifest.json`` with the revision of the tables,
the head of the audit log, and the SHA-256 and count of each table's rows. Sessions are left out: all sign in again.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import itertools
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import JSON, Connection, Date, DateTime, MetaData, Table, insert, select, update
from sqlalchemy.exc import DatabaseError

from tumorboard.errors import InvalidInput, NotFound, Problem, WrongUsage
from tumorboard.store.audit import COMMAND_LINE, Head, head, now, record
from tumorboard.store.consensus_tables import PANEL_SESSIONS
from tumorboard.store.database import Database
from tumorboard.store.schema import VERSION_TABLE, downgrade_in, revision_of, status, upgrade_in
from tumorboard.store.tables import AUDIT_HEAD, SESSIONS
from tumorboard.store.verify import verify

SCHEMA = "tumorboard.backup/1"
_LEFT_OUT = {SESSIONS.name, PANEL_SESSIONS.name, VERSION_TABLE}
_ROWS = 500  # inserted at once


@dataclass(frozen=True, slots=True)
class Rows:
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: from when, tables of which revision, how far the audit log had come, rows of each table."""

    made_at: datetime.datetime
    revision: str
    head: Head
    tables: dict[str, Rows]


def back_up(database: Database, file: Path) -> Manifest:
    """Write one moment of the database to ``file``, readable by its owner only; whole or not at all.

    Raises NotFound where it can't be written, WrongUsage where the tables aren't those of this program.
    """
    if not status(database).is_current:
        raise WrongUsage(Problem(database.name, "has other tables", "run `tumorboard database upgrade` first"))
    try:
        with tempfile.NamedTemporaryFile("w+b", dir=file.parent, prefix=f".{file.name}.", delete=False) as unfinished:
            try:
                manifest = _write(database, unfinished)
                unfinished.flush()
                os.fsync(unfinished.fileno())
                Path(unfinished.name).replace(file)
            finally:
                Path(unfinished.name).unlink(missing_ok=True)
    except OSError as error:
        raise NotFound(Problem(str(file), f"can't be written: {error.strerror}")) from error
    return manifest


def restore(database: Database, file: Path, *, replace: bool = False, even_if_broken: bool = False) -> Manifest:
    """Fill the database from a backup, in one transaction, bring its tables to this program's form, and verify its log.

    Raises InvalidInput where the file is no whole backup, WrongUsage where the database holds something and ``replace``
    isn't set, BrokenLog where the log in it is broken and ``even_if_broken`` isn't set; nothing is changed then.
    """
    with _opened(file) as archive:
        manifest = _manifest(archive, file)
        for name, expected in manifest.tables.items():
            _check(archive, name, expected, file)
        with database.writing() as connection:
            if revision_of(connection) is not None:
                if not replace and head(connection).number:
                    raise WrongUsage(
                        Problem(database.name, "holds something already", "name an empty one, or add --replace")
                    )
                downgrade_in(connection, "base")
            upgrade_in(connection, manifest.revision)
            _fill(connection, archive, manifest)
            upgrade_in(connection)
            if not even_if_broken:
                verify(connection, [manifest.head])
            record(connection, COMMAND_LINE, "database.restored", f"backup/{manifest.head.number}")
    return manifest


def read_manifest(file: Path) -> Manifest:
    """What a backup says of itself, its hashes checked. Raises NotFound and InvalidInput."""
    with _opened(file) as archive:
        manifest = _manifest(archive, file)
        for name, expected in manifest.tables.items():
            _check(archive, name, expected, file)
    return manifest


def _write(database: Database, out: IO[bytes]) -> Manifest:
    with (
        database.reading() as connection,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        revision = revision_of(connection)
        assert revision is not None
        tables = {}
        for table in _tables(connection):
            with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as entry:
                tables[table.name] = _write_rows(connection, table, entry)
        manifest = Manifest(now(), revision, head(connection), tables)
        document = {"schema": SCHEMA, **asdict(manifest), "made_at": manifest.made_at.isoformat()}
        archive.writestr("manifest.json", json.dumps(document, indent=2))
    return manifest


def _write_rows(connection: Connection, table: Table, entry: IO[bytes]) -> Rows:
    digest, count = hashlib.sha256(), 0
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_ROWS)
    for row in connection.execute(query):
        values = {name: _plain(value) for name, value in row._mapping.items()}
        line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        digest.update(line)
        entry.write(line)
        count += 1
    return Rows(count, digest.hexdigest())


def _fill(connection: Connection, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    there = {table.name: table for table in _tables(connection)}
    if unknown := manifest.tables.keys() - there.keys():
        raise InvalidInput(Problem("manifest.json", f"names tables that are not known: {', '.join(sorted(unknown))}"))
    try:
        for name, table in there.items():
            if name not in manifest.tables:
                raise InvalidInput(Problem("manifest.json", f"doesn't name the table {name}"))
            for rows in _batches(_read_rows(archive, table)):
                # The only row that the tables are made with.
                statement = update(table).values(rows[0]) if name == AUDIT_HEAD.name else insert(table)
                connection.execute(statement, None if name == AUDIT_HEAD.name else rows)
    except DatabaseError as error:
        raise InvalidInput(Problem("the backup", "has rows that don't fit together")) from error


def _read_rows(archive: zipfile.ZipFile, table: Table) -> Iterator[dict[str, Any]]:
    readers = {column.name: _reader(column.type) for column in table.columns}
    with archive.open(f"tables/{table.name}.jsonl") as entry:
        for line in io.TextIOWrapper(entry, encoding="utf-8", newline="\n"):
            values = json.loads(line)
            yield {name: None if value is None else readers[name](value) for name, value in values.items()}


def _reader(type_: object) -> Callable[[Any], Any]:
    """From JSON to what a column takes; a moment always carries its time zone."""
    if isinstance(type_, DateTime):
        return datetime.datetime.fromisoformat
    if isinstance(type_, Date):
        return datetime.date.fromisoformat
    return lambda value: value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        aware = value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)
        return aware.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, datetime.date) else value


def _tables(connection: Connection) -> list[Table]:
    """The tables as they stand in the database, each after those it refers to: those of every package, any revision."""
    found = MetaData()
    found.reflect(connection)
    for table in found.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return [table for table in found.sorted_tables if table.name not in _LEFT_OUT]


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(itertools.islice(rows, _ROWS)):
        yield batch


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except OSError as error:
        raise NotFound(Problem(str(file), f"can't be read: {error.strerror}")) from error
    except zipfile.BadZipFile as error:
        raise InvalidInput(Problem(str(file), "is not a backup, or not a whole one")) from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        document = json.loads(archive.read("manifest.json"))
        if document["schema"] != SCHEMA:
            raise InvalidInput(Problem(str(file), f"is a {document['schema']}", f"this program reads {SCHEMA}"))
        return Manifest(
            datetime.datetime.fromisoformat(document["made_at"]),
            str(document["revision"]),
            Head(int(document["head"]["number"]), str(document["head"]["hash"])),
            {str(name): Rows(int(rows["rows"]), str(rows["sha256"])) for name, rows in document["tables"].items()},
        )
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise InvalidInput(Problem(f"{file}: manifest.json", "can't be read", "the backup is not whole")) from error


def _check(archive: zipfile.ZipFile, name: str, expected: Rows, file: Path) -> None:
    digest, count = hashlib.sha256(), 0
    try:
        with archive.open(f"tables/{name}.jsonl") as entry:
            for line in entry:
                digest.update(line)
                count += 1
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InvalidInput(Problem(f"{file}: {name}", "can't be read", "the backup is not whole")) from error
    if Rows(count, digest.hexdigest()) != expected:
        raise InvalidInput(Problem(f"{file}: {name}", "was changed: its hash is another than the manifest's"))
