"""What clinicians did with cards, as CDS Hooks sends it."""

from __future__ import annotations

import datetime

import pytest

from tumorboard.errors import InvalidInput
from tumorboard.store.audit import entries
from tumorboard.store.database import Database
from tumorboard.store.feedback import Outcome, add_feedback, feedback, feedback_counts

AT = datetime.datetime(2026, 3, 1, 9, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))


def give(database: Database, service: str, outcome: Outcome, comment: str | None = None) -> str:
    with database.writing() as connection:
        return add_feedback(
            connection,
            service=service,
            card="9368d37b",
            outcome=outcome,
            outcome_at=AT,
            accepted_suggestions=("s1",) if outcome == "accepted" else (),
            override_reason=None if comment is None else {"userComment": comment},
            received_from="client:https://ehr.example",
        ).id


def test_feedback_comes_back_as_it_was_sent_newest_first(database: Database) -> None:
    first = give(database, "patient-view", "accepted")
    second = give(database, "patient-view", "overridden", "患者拒绝")
    give(database, "order-select", "accepted")
    with database.reading() as connection:
        later, earlier = feedback(connection, service="patient-view")
        assert (later.id, earlier.id) == (second, first)
        assert later.override_reason == {"userComment": "患者拒绝"} and earlier.override_reason is None
        assert earlier.accepted_suggestions == ("s1",)
        assert earlier.outcome_at == AT
        assert feedback_counts(connection) == {
            "patient-view": {"accepted": 1, "overridden": 1},
            "order-select": {"accepted": 1, "overridden": 0},
        }


def test_the_log_says_that_feedback_came_and_from_whom_but_not_what_it_says(database: Database) -> None:
    id_ = give(database, "patient-view", "overridden", "a patient's words")
    with database.reading() as connection:
        (entry,) = entries(connection)
    assert (entry.who, entry.what, entry.object) == (
        "client:https://ehr.example",
        "feedback.received",
        f"feedback/{id_}",
    )


def test_what_is_no_name_or_too_long_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInput, match="service"):
        give(database, "a\nb", "accepted")
    with pytest.raises(InvalidInput, match="at most 100000"):
        give(database, "patient-view", "overridden", "x" * 100_001)
