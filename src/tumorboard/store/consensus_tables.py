"""The tables of consensus rounds. Who a panellist is and what a pseudonym answered are never in one table."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from tumorboard.store.tables import METADATA, Moment


def _id() -> Column[str]:
    return Column("id", String(32), primary_key=True)


def _of(name: str, target: str, *, key: bool = False) -> Column[str]:
    whole = ForeignKey(target, ondelete="CASCADE")
    return Column(name, String(32), whole, nullable=False, primary_key=key, index=not key)


CONSENSUS = Table(
    "consensus",
    METADATA,
    _id(),
    Column("name", String(100), nullable=False, unique=True),  # the id in the file of questions
    Column("state", String(20), nullable=False),
    Column("protocol", Text, nullable=False),  # YAML, as frozen
    Column("protocol_sha256", String(64), nullable=False),
    Column("questions", Text, nullable=False),  # YAML, as they stand now
    Column("questions_sha256", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(100), nullable=False),
    CheckConstraint("state IN ('draft', 'voting', 'concluded')", name="state"),
)

# What was departed from or changed between the rounds, and why.
CONSENSUS_NOTES = Table(
    "consensus_notes",
    METADATA,
    _id(),
    _of("consensus_id", "consensus.id"),
    Column("kind", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    CheckConstraint("kind IN ('deviation', 'revision')", name="kind"),
)

# Identities: the only table that says who somebody is.
PANELLISTS = Table(
    "consensus_panellists",
    METADATA,
    _id(),
    _of("consensus_id", "consensus.id"),
    Column("name", String(200), nullable=False),
    Column("address", String(200), nullable=False),
    Column("language", String(2), nullable=False),
    Column("link_sha256", String(64), unique=True),  # of the secret in a personal link not used yet
    UniqueConstraint("consensus_id", "address"),
)

PSEUDONYMS = Table(
    "consensus_pseudonyms",
    METADATA,
    _of("panellist_id", "consensus_panellists.id", key=True),
    Column("pseudonym", String(32), nullable=False, unique=True),
)

PANEL_SESSIONS = Table(
    "consensus_sessions",
    METADATA,
    Column("token_sha256", String(64), primary_key=True),
    _of("panellist_id", "consensus_panellists.id"),
    Column("ends_at", Moment, nullable=False),
)

CONFLICTS = Table(
    "consensus_conflicts",
    METADATA,
    _of("panellist_id", "consensus_panellists.id", key=True),
    Column("question", String(100), primary_key=True),
    Column("statement", Text, nullable=False),
    Column("standing", String(20), nullable=False),
    Column("declared_at", Moment, nullable=False),
    CheckConstraint("standing IN ('votes', 'discusses', 'recused')", name="standing"),
)

ROUNDS = Table(
    "consensus_rounds",
    METADATA,
    _id(),
    _of("consensus_id", "consensus.id"),
    Column("number", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("asked", JSON, nullable=False),  # ids of its questions
    Column("questions_sha256", String(64), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closes_at", Moment),
    Column("closed_at", Moment),
    Column("published_at", Moment),
    Column("panellists", Integer),  # how many there were when it closed
    Column("standings", JSON),  # question -> pseudonym -> standing, when it closed
    UniqueConstraint("consensus_id", "number"),
    CheckConstraint("state IN ('open', 'closed', 'published')", name="state"),
)

# Every ballot as it was cast; a changed answer is a further revision.
BALLOTS = Table(
    "consensus_ballots",
    METADATA,
    _of("round_id", "consensus_rounds.id", key=True),
    Column("question", String(100), primary_key=True),
    Column("pseudonym", String(32), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("key", String(64), nullable=False, unique=True),  # what makes sending it twice the same as once
    Column("answer", String(100)),
    Column("reason", Text),
    Column("condition_text", Text),
    Column("condition_rule", Text),
    Column("comment", Text),
    Column("meeting", Boolean, nullable=False),
    Column("salt", String(32), nullable=False),
)
