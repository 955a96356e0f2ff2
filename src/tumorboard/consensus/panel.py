"""The panel: who is on it, the personal links, and the conflicts each declares for a question."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, delete, insert, select, update

from tumorboard.consensus.kept import Consensus
from tumorboard.consensus.protocol import STANDINGS, Standing, fingerprint
from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.store.audit import now, record
from tumorboard.store.checked import kept, line
from tumorboard.store.consensus_tables import CONFLICTS, PANEL_SESSIONS, PANELLISTS, PSEUDONYMS
from tumorboard.store.database import Database, new_id
from tumorboard.text import LANGUAGES, Language

SESSION_LASTS = datetime.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Panellist:
    """``invited``: a personal link waits to be used."""

    id: str
    consensus_id: str
    name: str
    address: str
    language: Language
    invited: bool


@dataclass(frozen=True, slots=True)
class DeclaredConflict:
    question: str
    statement: str
    standing: Standing


def add_panellist(
    connection: Connection, held: Consensus, name: str, address: str, language: str, *, by: str
) -> Panellist:
    """A new panellist with a new pseudonym. Raises InvalidInput where the address is on the panel."""
    address = line(address, "address").casefold()
    if language not in LANGUAGES:
        raise InvalidInput(Problem("language", f"{language!r}", f"use {' or '.join(LANGUAGES)}"))
    if _by_address(connection, held.id, address) is not None:
        raise InvalidInput(Problem("address", f"{address} is on the panel already"))
    id_ = new_id()
    connection.execute(
        insert(PANELLISTS).values(
            id=id_, consensus_id=held.id, name=line(name, "name"), address=address, language=language
        )
    )
    connection.execute(insert(PSEUDONYMS).values(panellist_id=id_, pseudonym=new_id()))
    record(connection, by, "panellist.added", f"consensus/{held.id}/panellist/{id_}")
    return panellist(connection, id_)


def read_panel(text: str, name: str) -> list[Mapping[str, str]]:
    """Rows ``name,address,language`` of a CSV file. Raises InvalidInput naming the line."""
    return read_rows(text, name, ("name", "address", "language"))


def read_rows(text: str, name: str, columns: tuple[str, ...], more: tuple[str, ...] = ()) -> list[Mapping[str, str]]:
    """The rows of a CSV file with its head; columns in ``more`` may be absent."""
    rows = csv.DictReader(io.StringIO(text), strict=True)
    found: list[Mapping[str, str]] = []
    try:
        head = [column.strip() for column in rows.fieldnames or ()]
        if lacking := [column for column in columns if column not in head]:
            raise InvalidInput(
                Problem(f"{name}:1", f"has no column {lacking[0]!r}", f"its first line is {','.join(columns)}")
            )
        if extra := [column for column in head if column not in (*columns, *more)]:
            raise InvalidInput(
                Problem(f"{name}:1", f"unknown column {extra[0]!r}", f"use {', '.join((*columns, *more))}")
            )
        rows.fieldnames = head
        for row in rows:
            if None in row or None in row.values():
                raise InvalidInput(Problem(f"{name}:{rows.line_num}", f"has not {len(head)} fields"))
            found.append({key: value.strip() for key, value in row.items()})
    except csv.Error as error:
        raise InvalidInput(Problem(f"{name}:{rows.line_num}", f"is not CSV: {error}")) from error
    return found


def panellists(connection: Connection, consensus_id: str) -> list[Panellist]:
    query = select(PANELLISTS).where(PANELLISTS.c.consensus_id == consensus_id).order_by(PANELLISTS.c.name)
    return [_panellist(row) for row in connection.execute(query)]


def panellist(connection: Connection, id_: str) -> Panellist:
    """Raises NotFound."""
    row = connection.execute(select(PANELLISTS).where(PANELLISTS.c.id == id_)).first()
    if row is None:
        raise NotFound(Problem(f"panellist {id_}", "is not there"))
    return _panellist(row)


def panellist_at(connection: Connection, consensus_id: str, address: str) -> Panellist:
    """Raises NotFound."""
    found = _by_address(connection, consensus_id, address.strip().casefold())
    if found is None:
        raise NotFound(Problem(f"panellist {address!r}", "is not on the panel"))
    return found


def pseudonym_of(connection: Connection, panellist_id: str) -> str:
    query = select(PSEUDONYMS.c.pseudonym).where(PSEUDONYMS.c.panellist_id == panellist_id)
    return cast(str, connection.execute(query).scalar_one())


def invite(connection: Connection, one: Panellist, *, by: str) -> str:
    """The secret of a new personal link, given once; an earlier link, and sessions from it, end."""
    secret = secrets.token_urlsafe(24)
    connection.execute(update(PANELLISTS).where(PANELLISTS.c.id == one.id).values(link_sha256=_hashed(secret)))
    connection.execute(delete(PANEL_SESSIONS).where(PANEL_SESSIONS.c.panellist_id == one.id))
    record(connection, by, "panellist.invited", f"consensus/{one.consensus_id}/panellist/{one.id}")
    return secret


def enter(connection: Connection, secret: str, *, at: datetime.datetime | None = None) -> tuple[Panellist, str]:
    """Use a personal link: the panellist and the token of a session. The secret works this once.

    Raises NotFound where it was used, replaced, or never was.
    """
    at = at or now()
    row = connection.execute(select(PANELLISTS).where(PANELLISTS.c.link_sha256 == _hashed(secret.strip()))).first()
    if row is None:
        raise NotFound(Problem("link", "was used already, or isn't one", "ask the chair for a new one"))
    connection.execute(update(PANELLISTS).where(PANELLISTS.c.id == row.id).values(link_sha256=None))
    connection.execute(delete(PANEL_SESSIONS).where(PANEL_SESSIONS.c.ends_at <= at))
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(PANEL_SESSIONS).values(token_sha256=_hashed(token), panellist_id=row.id, ends_at=at + SESSION_LASTS)
    )
    record(connection, f"panellist/{row.id}", "panellist.entered", f"consensus/{row.consensus_id}/panellist/{row.id}")
    return panellist(connection, row.id), token


def session_of(database: Database, token: str, *, at: datetime.datetime | None = None) -> Panellist | None:
    """Whose session it is; None where it ended or never was."""
    query = (
        select(PANELLISTS)
        .join(PANEL_SESSIONS, PANEL_SESSIONS.c.panellist_id == PANELLISTS.c.id)
        .where(PANEL_SESSIONS.c.token_sha256 == _hashed(token), PANEL_SESSIONS.c.ends_at > (at or now()))
    )
    with database.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else _panellist(row)


def leave(connection: Connection, token: str) -> None:
    connection.execute(delete(PANEL_SESSIONS).where(PANEL_SESSIONS.c.token_sha256 == _hashed(token)))


def declare(
    connection: Connection, held: Consensus, one: Panellist, question: str, statement: str,
    standing: str | None = None, *, by: str,
) -> None:  # fmt: skip
    """A conflict of one panellist for one question; ``standing`` is what the protocol says unless the chair decides.

    Raises InvalidInput for a question there isn't, or an empty statement.
    """
    held.questions.question(question)
    chosen = standing or held.protocol.conflicts
    if chosen not in STANDINGS:
        raise InvalidInput(Problem("standing", f"{chosen!r}", f"use {' | '.join(STANDINGS)}"))
    said = line(kept(statement, "statement", 2000).replace("\n", " "), "statement", 2000)
    mine = (CONFLICTS.c.panellist_id == one.id) & (CONFLICTS.c.question == question)
    connection.execute(delete(CONFLICTS).where(mine))
    connection.execute(
        insert(CONFLICTS).values(
            panellist_id=one.id, question=question, statement=said, standing=chosen, declared_at=now()
        )
    )
    place = f"consensus/{held.id}/panellist/{one.id}/conflict/{question}"
    record(connection, by, f"conflict.{chosen}", place, fingerprint(said))


def conflicts_of(connection: Connection, one: Panellist) -> dict[str, DeclaredConflict]:
    rows = connection.execute(select(CONFLICTS).where(CONFLICTS.c.panellist_id == one.id))
    return {row.question: DeclaredConflict(row.question, row.statement, row.standing) for row in rows}


def standings(connection: Connection, consensus_id: str) -> dict[str, dict[str, Standing]]:
    """Of every declared conflict: question, pseudonym, standing."""
    query = (
        select(CONFLICTS.c.question, PSEUDONYMS.c.pseudonym, CONFLICTS.c.standing)
        .join(PANELLISTS, PANELLISTS.c.id == CONFLICTS.c.panellist_id)
        .join(PSEUDONYMS, PSEUDONYMS.c.panellist_id == PANELLISTS.c.id)
        .where(PANELLISTS.c.consensus_id == consensus_id)
        .order_by(CONFLICTS.c.question, PSEUDONYMS.c.pseudonym)
    )
    found: dict[str, dict[str, Standing]] = {}
    for row in connection.execute(query):
        found.setdefault(row.question, {})[row.pseudonym] = row.standing
    return found


def declared(connection: Connection, consensus_id: str) -> list[tuple[str, str, str, str]]:
    """Every declared conflict for disclosure: panellist's name, question, statement, standing."""
    query = (
        select(PANELLISTS.c.name, CONFLICTS.c.question, CONFLICTS.c.statement, CONFLICTS.c.standing)
        .join(CONFLICTS, CONFLICTS.c.panellist_id == PANELLISTS.c.id)
        .where(PANELLISTS.c.consensus_id == consensus_id)
        .order_by(PANELLISTS.c.name, CONFLICTS.c.question)
    )
    return [(row.name, row.question, row.statement, row.standing) for row in connection.execute(query)]


def _by_address(connection: Connection, consensus_id: str, address: str) -> Panellist | None:
    mine = (PANELLISTS.c.consensus_id == consensus_id) & (PANELLISTS.c.address == address)
    row = connection.execute(select(PANELLISTS).where(mine)).first()
    return None if row is None else _panellist(row)


def _panellist(row: object) -> Panellist:
    mapping = row._mapping  # type: ignore[attr-defined]
    return Panellist(
        mapping["id"], mapping["consensus_id"], mapping["name"], mapping["address"], mapping["language"],
        mapping["link_sha256"] is not None,
    )  # fmt: skip


def _hashed(secret: str) -> str:
    """Fast is enough: a random secret this long can't be guessed from its hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
