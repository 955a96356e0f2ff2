"""Consensus rounds: protocol, questions, panellists, pseudonyms, conflicts, rounds and ballots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
UNCHANGED = "consensus_ballots"


def upgrade() -> None:
    op.create_table(
        "consensus",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("protocol_sha256", sa.String(length=64), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("questions_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'voting', 'concluded')", name=op.f("ck_consensus_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus")),
        sa.UniqueConstraint("name", name=op.f("uq_consensus_name")),
    )
    op.create_table(
        "consensus_notes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("consensus_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('deviation', 'revision')", name=op.f("ck_consensus_notes_kind")),
        _of("consensus_notes", "consensus_id", "consensus.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus_notes")),
    )
    op.create_index(op.f("ix_consensus_notes_consensus_id"), "consensus_notes", ["consensus_id"], unique=False)
    op.create_table(
        "consensus_panellists",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("consensus_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("link_sha256", sa.String(length=64), nullable=True),
        _of("consensus_panellists", "consensus_id", "consensus.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus_panellists")),
        sa.UniqueConstraint("consensus_id", "address", name=op.f("uq_consensus_panellists_consensus_id")),
        sa.UniqueConstraint("link_sha256", name=op.f("uq_consensus_panellists_link_sha256")),
    )
    op.create_index(
        op.f("ix_consensus_panellists_consensus_id"), "consensus_panellists", ["consensus_id"], unique=False
    )
    op.create_table(
        "consensus_pseudonyms",
        sa.Column("panellist_id", sa.String(length=32), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        _of("consensus_pseudonyms", "panellist_id", "consensus_panellists.id"),
        sa.PrimaryKeyConstraint("panellist_id", name=op.f("pk_consensus_pseudonyms")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_consensus_pseudonyms_pseudonym")),
    )
    op.create_table(
        "consensus_sessions",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("panellist_id", sa.String(length=32), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        _of("consensus_sessions", "panellist_id", "consensus_panellists.id"),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_consensus_sessions")),
    )
    op.create_index(op.f("ix_consensus_sessions_panellist_id"), "consensus_sessions", ["panellist_id"], unique=False)
    op.create_table(
        "consensus_conflicts",
        sa.Column("panellist_id", sa.String(length=32), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "standing IN ('votes', 'discusses', 'recused')", name=op.f("ck_consensus_conflicts_standing")
        ),
        _of("consensus_conflicts", "panellist_id", "consensus_panellists.id"),
        sa.PrimaryKeyConstraint("panellist_id", "question", name=op.f("pk_consensus_conflicts")),
    )
    op.create_table(
        "consensus_rounds",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("consensus_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("questions_sha256", sa.String(length=64), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("panellists", sa.Integer(), nullable=True),
        sa.Column("standings", sa.JSON(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed', 'published')", name=op.f("ck_consensus_rounds_state")),
        _of("consensus_rounds", "consensus_id", "consensus.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus_rounds")),
        sa.UniqueConstraint("consensus_id", "number", name=op.f("uq_consensus_rounds_consensus_id")),
    )
    op.create_index(op.f("ix_consensus_rounds_consensus_id"), "consensus_rounds", ["consensus_id"], unique=False)
    op.create_table(
        "consensus_ballots",
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("condition_text", sa.Text(), nullable=True),
        sa.Column("condition_rule", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("meeting", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        _of("consensus_ballots", "round_id", "consensus_rounds.id"),
        sa.PrimaryKeyConstraint("round_id", "question", "pseudonym", "revision", name=op.f("pk_consensus_ballots")),
        sa.UniqueConstraint("key", name=op.f("uq_consensus_ballots_key")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {UNCHANGED}_refuses_update BEFORE UPDATE ON {UNCHANGED} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {UNCHANGED} are kept as they are'); END"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {UNCHANGED}_refuses_change BEFORE UPDATE ON {UNCHANGED} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in (
        "consensus_ballots", "consensus_rounds", "consensus_conflicts", "consensus_sessions", "consensus_pseudonyms",
        "consensus_panellists", "consensus_notes", "consensus",
    ):  # fmt: skip
        op.drop_table(table)


def _of(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")
