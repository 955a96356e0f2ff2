"""A consensus in the database: started with its protocol frozen, revised between rounds, its notes."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from tumorboard.consensus.protocol import Protocol, fingerprint, protocol_from
from tumorboard.consensus.questions import QuestionSet, questions_from
from tumorboard.consensus.writing import to_yaml
from tumorboard.data import parse_yaml
from tumorboard.errors import InvalidInput, NotFound, Problem, WrongUsage
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.audit import now, record
from tumorboard.store.checked import kept, line
from tumorboard.store.consensus_tables import CONSENSUS, CONSENSUS_NOTES, ROUNDS
from tumorboard.store.database import new_id


@dataclass(frozen=True)
class Consensus:
    """A consensus as it stands. ``protocol`` is what was frozen when it was started."""

    id: str
    name: str
    state: str
    protocol: Protocol
    questions: QuestionSet
    created_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A consensus in a list: without its questions."""

    id: str
    name: str
    state: str
    created_at: datetime.datetime


def start(connection: Connection, questions: QuestionSet, protocol: Protocol, *, by: str) -> str:
    """A new consensus; its protocol is frozen now, its fingerprint goes into the log. Returns its id.

    Raises InvalidInput where one of this name is there.
    """
    if connection.execute(select(CONSENSUS.c.id).where(CONSENSUS.c.name == questions.id)).first():
        raise InvalidInput(Problem("id", f"a consensus {questions.id!r} is there already", "choose another id"))
    id_ = new_id()
    connection.execute(
        insert(CONSENSUS).values(
            id=id_,
            name=questions.id,
            state="draft",
            protocol=to_yaml(protocol.data),
            protocol_sha256=protocol.sha256,
            questions=to_yaml(questions.data),
            questions_sha256=questions.sha256,
            created_at=now(),
            created_by=by,
        )
    )
    record(connection, by, "consensus.started", f"consensus/{id_}", fingerprint([protocol.sha256, questions.sha256]))
    return id_


def listed(connection: Connection) -> list[Listed]:
    query = select(CONSENSUS.c.id, CONSENSUS.c.name, CONSENSUS.c.state, CONSENSUS.c.created_at)
    return [Listed(**row._mapping) for row in connection.execute(query.order_by(CONSENSUS.c.created_at))]


_READ: dict[tuple[str, str, str], tuple[Protocol, QuestionSet]] = {}
_MOST_READ = 32


def consensus(connection: Connection, name: str, knowledge: Knowledge) -> Consensus:
    """The consensus of this name or id. Raises NotFound, and InvalidInput where its protocol isn't what was frozen."""
    row = connection.execute(select(CONSENSUS).where((CONSENSUS.c.name == name) | (CONSENSUS.c.id == name))).first()
    if row is None:
        raise NotFound(Problem("", f"no consensus {name!r}", "`tumorboard consensus list` lists them"))
    key = (fingerprint(row.protocol), fingerprint(row.questions), knowledge.sha256)
    if key not in _READ:
        protocol = protocol_from(parse_yaml(row.protocol, "protocol"), "protocol")
        questions = questions_from(parse_yaml(row.questions, "questions"), "questions", protocol, knowledge)
        if len(_READ) >= _MOST_READ:
            _READ.clear()
        _READ[key] = protocol, questions
    protocol, questions = _READ[key]
    if protocol.sha256 != row.protocol_sha256 or questions.sha256 != row.questions_sha256:
        raise InvalidInput(
            Problem(row.name, "its protocol or questions were changed in the database", "restore a backup")
        )
    return Consensus(row.id, row.name, row.state, protocol, questions, row.created_at)


def revise(connection: Connection, held: Consensus, questions: QuestionSet, reason: str, *, by: str) -> None:
    """Other questions from the next round on, with the reason. Raises WrongUsage while a round is open."""
    if questions.id != held.name:
        raise InvalidInput(Problem("id", f"is {questions.id!r}", f"keep {held.name!r}"))
    if held.state == "concluded":
        raise WrongUsage(Problem(held.name, "is concluded", "start another consensus"))
    if is_open(connection, held.id):
        raise WrongUsage(Problem(held.name, "has an open round", "close it first; nobody's question changes in it"))
    connection.execute(
        update(CONSENSUS)
        .where(CONSENSUS.c.id == held.id)
        .values(questions=to_yaml(questions.data), questions_sha256=questions.sha256)
    )
    _note(connection, held, "revision", reason)
    record(connection, by, "consensus.revised", f"consensus/{held.id}", questions.sha256)


def add_deviation(connection: Connection, held: Consensus, text: str, *, by: str) -> None:
    """Where the protocol was departed from, and why: it stands in the methods appendix."""
    _note(connection, held, "deviation", text)
    record(connection, by, "consensus.deviation", f"consensus/{held.id}", fingerprint(text))


def notes(connection: Connection, held: Consensus, kind: str) -> tuple[str, ...]:
    query = select(CONSENSUS_NOTES.c.text).where(
        CONSENSUS_NOTES.c.consensus_id == held.id, CONSENSUS_NOTES.c.kind == kind
    )
    return tuple(connection.execute(query.order_by(CONSENSUS_NOTES.c.at)).scalars())


def set_state(connection: Connection, held: Consensus, state: str) -> None:
    connection.execute(update(CONSENSUS).where(CONSENSUS.c.id == held.id).values(state=state))


def is_open(connection: Connection, consensus_id: str) -> bool:
    query = select(ROUNDS.c.id).where(ROUNDS.c.consensus_id == consensus_id, ROUNDS.c.state == "open")
    return connection.execute(query).first() is not None


def _note(connection: Connection, held: Consensus, kind: str, text: str) -> None:
    said = line(kept(text, kind, 4000).replace("\n", " "), kind, 4000)
    connection.execute(
        insert(CONSENSUS_NOTES).values(id=new_id(), consensus_id=held.id, kind=kind, text=said, at=now())
    )
