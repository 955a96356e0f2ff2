"""Ballots cast and read back: each kept with its history, in one transaction with its entry in the log.

A ballot carries a key that its sender chose; sent again with the same key it is the same ballot, so that a connection
lost in between costs nothing and counts nothing twice.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from tumorboard.consensus.ballots import Ballot, Condition
from tumorboard.consensus.panel import standings
from tumorboard.consensus.protocol import Standing
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.store.audit import commitment, entries, now, record
from tumorboard.store.consensus_tables import BALLOTS, ROUNDS
from tumorboard.store.database import new_id

CAST = "ballot.cast"


@dataclass(frozen=True, slots=True)
class Round:
    """A round; ``asked`` are the ids of its questions. ``closes_at``: from then on nothing is taken."""

    id: str
    consensus_id: str
    number: int
    state: str
    asked: tuple[str, ...]
    opened_at: datetime.datetime
    closes_at: datetime.datetime | None
    closed_at: datetime.datetime | None
    published_at: datetime.datetime | None
    panellists: int | None
    standings: Mapping[str, Mapping[str, Standing]] | None

    def takes_ballots(self, at: datetime.datetime) -> bool:
        return self.state == "open" and (self.closes_at is None or at < self.closes_at)


class RoundClosed(TumorboardError):
    """A ballot came after the round was closed, and was not taken (exit 4)."""

    exit_code = 4

    def __init__(self, number: int) -> None:
        super().__init__(Problem(f"round {number}", "is closed; the ballot was not taken", "answer in the next round"))


class MayNotVote(TumorboardError):
    """A declared conflict keeps the panellist from voting on this question (exit 4)."""

    exit_code = 4

    def __init__(self, question: str) -> None:
        super().__init__(
            Problem(
                question, "a declared conflict keeps you from voting on it", "you may discuss it if the chair says so"
            )
        )


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A ballot that is on disk; ``revision`` counts its changes, ``again``: it was there before."""

    ballot: Ballot
    revision: int
    again: bool


def cast(
    connection: Connection, round_id: str, ballot: Ballot, key: str, *, by: str | None = None,
    at: datetime.datetime | None = None,
) -> Confirmed:  # fmt: skip
    """Keep a complete ballot. ``by`` acts in the log instead of the pseudonym where a meeting's list is brought in.

    Raises RoundClosed, MayNotVote, and InvalidInput for a question not asked, or a key that was another ballot's: one
    sent late must not undo a change made in between.
    """
    if not 16 <= len(key) <= 64:
        raise InvalidInput(Problem("key", f"has {len(key)} characters", "16 to 64"))
    known = connection.execute(select(BALLOTS).where(BALLOTS.c.key == key)).first()
    if known is not None:
        newest = latest(connection, round_id, ballot.question, ballot.pseudonym)
        if known.round_id == round_id and newest is not None and newest.ballot == ballot == _ballot(known):
            return Confirmed(ballot, known.revision, again=True)
        raise InvalidInput(Problem("key", "is that of an earlier or another ballot", "answer again on a fresh page"))
    held = round_of(connection, round_id)
    if not held.takes_ballots(at or now()):
        raise RoundClosed(held.number)
    if ballot.question not in held.asked:
        raise InvalidInput(Problem("question", f"{ballot.question!r} is not asked in round {held.number}"))
    if standings(connection, held.consensus_id).get(ballot.question, {}).get(ballot.pseudonym, "votes") != "votes":
        raise MayNotVote(ballot.question)
    newest = latest(connection, round_id, ballot.question, ballot.pseudonym)
    if newest is not None and newest.ballot == ballot:
        return Confirmed(ballot, newest.revision, again=True)
    revision = 1 if newest is None else newest.revision + 1
    _write(connection, round_id, ballot, key, revision, by or f"panel/{ballot.pseudonym}")
    return Confirmed(ballot, revision, again=False)


def _write(connection: Connection, round_id: str, ballot: Ballot, key: str, revision: int, by: str) -> None:
    values: dict[str, Any] = {
        "round_id": round_id,
        "question": ballot.question,
        "pseudonym": ballot.pseudonym,
        "revision": revision,
        "key": key,
        "answer": ballot.answer,
        "reason": ballot.reason,
        "condition_text": ballot.condition.text if ballot.condition else None,
        "condition_rule": ballot.condition.when if ballot.condition else None,
        "comment": ballot.comment,
        "meeting": ballot.meeting,
        "salt": new_id(),
    }
    connection.execute(insert(BALLOTS).values(**values))
    record(connection, by, CAST, object_of(values), digest_of(values))


def object_of(row: Mapping[str, Any]) -> str:
    """How the log names a ballot."""
    return f"ballot/{row['round_id']}/{row['question']}/{row['pseudonym']}/{row['revision']}"


def digest_of(row: Mapping[str, Any]) -> str:
    """What the log vouches for: the whole content of a ballot."""
    parts = ("key", "answer", "reason", "condition_text", "condition_rule", "comment")
    said = [f"{name}={row[name]}" for name in parts if row[name] is not None]
    return commitment(row["salt"], *said, f"meeting={bool(row['meeting'])}")


def round_of(connection: Connection, round_id: str) -> Round:
    row = connection.execute(select(ROUNDS).where(ROUNDS.c.id == round_id)).one()
    return _round(row)


def rounds(connection: Connection, consensus_id: str) -> list[Round]:
    query = select(ROUNDS).where(ROUNDS.c.consensus_id == consensus_id).order_by(ROUNDS.c.number)
    return [_round(row) for row in connection.execute(query)]


def latest(connection: Connection, round_id: str, question: str, pseudonym: str) -> Confirmed | None:
    """The newest revision of one ballot."""
    found = history(connection, round_id, question, pseudonym)
    return found[-1] if found else None


def history(connection: Connection, round_id: str, question: str, pseudonym: str) -> list[Confirmed]:
    """Every revision of one ballot, the first one first."""
    query = select(BALLOTS).where(
        BALLOTS.c.round_id == round_id, BALLOTS.c.question == question, BALLOTS.c.pseudonym == pseudonym
    )
    rows = connection.execute(query.order_by(BALLOTS.c.revision))
    return [Confirmed(_ballot(row), row.revision, again=False) for row in rows]


def current_of(connection: Connection, round_id: str, pseudonym: str) -> dict[str, Ballot]:
    """One pseudonym's newest ballots by question."""
    query = select(BALLOTS).where(BALLOTS.c.round_id == round_id, BALLOTS.c.pseudonym == pseudonym)
    return {row.question: _ballot(row) for row in connection.execute(query.order_by(BALLOTS.c.revision))}


def current(connection: Connection, round_id: str) -> dict[str, list[Ballot]]:
    """All newest ballots of a round by question, in an order that tells nothing of who or when."""
    query = select(BALLOTS).where(BALLOTS.c.round_id == round_id).order_by(BALLOTS.c.revision)
    newest = {(row.question, row.pseudonym): _ballot(row) for row in connection.execute(query)}
    found: dict[str, list[Ballot]] = {}
    for (question, _), ballot in sorted(newest.items()):
        found.setdefault(question, []).append(ballot)
    return found


class ChangedBallots(InvalidInput):
    """A ballot isn't what was cast: changed, removed, or written past the log (exit 4)."""


def verify_ballots(connection: Connection) -> int:
    """Compare every ballot with what the log vouches for; how many there are. Raises ChangedBallots naming them.

    That the log itself is whole is for ``store.verify.verify`` to say.
    """
    vouched = {entry.object: entry.digest for entry in entries(connection) if entry.what == CAST}
    wrong: list[Problem] = []
    count = 0
    for row in connection.execute(select(BALLOTS).execution_options(yield_per=1000)):
        count += 1
        content = dict(row._mapping)
        name = object_of(content)
        digest = vouched.pop(name, None)
        if digest is None:
            wrong.append(Problem(name, "was written past the log"))
        elif digest != digest_of(content):
            wrong.append(Problem(name, "was changed after it was cast"))
    wrong += [Problem(name, "was cast and is absent") for name in vouched]
    if wrong:
        raise ChangedBallots(*wrong)
    return count


def _ballot(row: Any) -> Ballot:
    held = None if row.condition_text is None else Condition(row.condition_text, row.condition_rule)
    return Ballot(row.question, row.pseudonym, row.answer, row.reason, held, row.comment, row.meeting)


def _round(row: Any) -> Round:
    return Round(
        row.id, row.consensus_id, row.number, row.state, tuple(row.asked), row.opened_at, row.closes_at, row.closed_at,
        row.published_at, row.panellists, row.standings,
    )  # fmt: skip
