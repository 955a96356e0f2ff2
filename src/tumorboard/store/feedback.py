"""What clinicians did with the cards of CDS Hooks: accepted, or overridden with a reason."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, null, select

from tumorboard.store.audit import now, record
from tumorboard.store.checked import kept, line
from tumorboard.store.database import new_id
from tumorboard.store.tables import FEEDBACK

LONGEST = 100_000  # characters of one card's feedback
Outcome = Literal["accepted", "overridden"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """One card's outcome as the client sent it (CDS Hooks 2.0.1, Feedback).

    ``override_reason`` is ``{"reason": {code, system, display}, "userComment"}``. The comment is free text and may
    speak of a patient: it is kept, and shown nowhere but to who may read the boards.
    """

    id: str
    service: str
    card: str
    outcome: Outcome
    accepted_suggestions: tuple[str, ...]
    override_reason: Mapping[str, Any] | None
    outcome_at: datetime.datetime
    received_at: datetime.datetime
    received_from: str


def add_feedback(
    connection: Connection,
    *,
    service: str,
    card: str,
    outcome: Outcome,
    outcome_at: datetime.datetime,
    accepted_suggestions: tuple[str, ...] = (),
    override_reason: Mapping[str, Any] | None = None,
    received_from: str,
) -> Feedback:
    """Keep one entry. ``received_from`` is the client (its JWT's issuer). InvalidInput: it can't be kept."""
    kept(json.dumps([accepted_suggestions, override_reason], ensure_ascii=False), "feedback", LONGEST)
    given = Feedback(
        new_id(),
        line(service, "service", 100),
        line(card, "card", 100),
        outcome,
        accepted_suggestions,
        override_reason,
        outcome_at,
        now(),
        line(received_from, "client", 300),
    )
    connection.execute(
        insert(FEEDBACK).values(
            id=given.id,
            service=given.service,
            card=given.card,
            outcome=outcome,
            accepted_suggestions=list(accepted_suggestions),
            override_reason=null() if override_reason is None else dict(override_reason),
            outcome_at=outcome_at,
            received_at=given.received_at,
            received_from=given.received_from,
        )
    )
    record(connection, given.received_from, "feedback.received", f"feedback/{given.id}")
    return given


def feedback(connection: Connection, *, service: str | None = None) -> list[Feedback]:
    """All feedback, or that on one service, the newest first."""
    query = select(FEEDBACK).order_by(FEEDBACK.c.received_at.desc(), FEEDBACK.c.id)
    if service is not None:
        query = query.where(FEEDBACK.c.service == service)
    rows = [dict(row._mapping) for row in connection.execute(query)]
    return [Feedback(**{**row, "accepted_suggestions": tuple(row["accepted_suggestions"])}) for row in rows]


def feedback_counts(connection: Connection) -> dict[str, dict[str, int]]:
    """How often each service's cards were accepted and overridden."""
    told = (FEEDBACK.c.service, FEEDBACK.c.outcome)
    query = select(*told, func.count()).group_by(*told)
    counts: dict[str, dict[str, int]] = {}
    for service, outcome, count in connection.execute(query):
        counts.setdefault(service, {"accepted": 0, "overridden": 0})[outcome] = count
    return counts
