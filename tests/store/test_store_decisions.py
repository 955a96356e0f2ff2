"""Decisions: written, amended, signed, followed up; nothing that was decided is ever changed."""

from __future__ import annotations

import datetime

import pytest
import sqlalchemy.exc
from filled import DAY, Filled, content
from sqlalchemy import text

from tumorboard.errors import InvalidInput, NotFound
from tumorboard.store.cases import add_case
from tumorboard.store.database import Database
from tumorboard.store.decisions import (
    AmendedMeanwhile,
    Content,
    amend,
    decide,
    decision,
    decisions,
    due,
    history,
    sign_off,
)


def test_a_decision_says_who_signed_it_when_and_on_which_advice(database: Database, filled: Filled) -> None:
    with database.reading() as connection:
        found = decision(connection, filled.decision.id)
    assert [one.user_id for one in found.signed] == [filled.user.id]
    assert found.signed[0].signed_at >= found.written_at
    assert found.content == content()
    assert (found.meeting_id, found.case_id, found.number) == (filled.meeting.id, filled.case.id, 1)


def test_an_amendment_is_a_further_version_that_has_to_be_signed_again(database: Database, filled: Filled) -> None:
    with database.writing() as connection:
        amended = amend(connection, filled.decision.id, content("chemotherapy", None), based_on=1, by=filled.user.id)
        assert (amended.number, amended.signed) == (2, ())
        first, second = history(connection, filled.decision.id)
        assert first == filled.decision and second == amended
        assert decisions(connection, filled.case.id) == [amended]
        with pytest.raises(InvalidInput, match="amended to version 2"):
            sign_off(connection, filled.decision.id, 1, by=filled.user.id)


def test_two_amendments_of_one_version_are_a_conflict_that_holds_both(database: Database, filled: Filled) -> None:
    with database.writing() as connection:
        theirs = amend(connection, filled.decision.id, content("a"), based_on=1, by=filled.user.id)
        with pytest.raises(AmendedMeanwhile) as conflict:
            amend(connection, filled.decision.id, content("b"), based_on=1, by=filled.user.id)
    assert (conflict.value.yours, conflict.value.theirs) == (content("b"), theirs)


def test_the_database_itself_refuses_to_change_what_was_decided_or_signed(database: Database, filled: Filled) -> None:
    for statement in ("UPDATE decision_versions SET decision = 'x'", "UPDATE sign_offs SET number = 1"):
        with pytest.raises(sqlalchemy.exc.DBAPIError, match="kept as they are"), database.writing() as connection:
            connection.execute(text(statement))


def test_signing_twice_changes_nothing_and_only_users_sign(database: Database, filled: Filled) -> None:
    with database.writing() as connection:
        assert sign_off(connection, filled.decision.id, 1, by=filled.user.id) == filled.decision
        with pytest.raises(NotFound, match="user nobody"):
            sign_off(connection, filled.decision.id, 1, by="nobody")


def test_a_decision_rests_on_a_version_of_its_case_that_is_there(database: Database, filled: Filled) -> None:
    later = Content(9, "x", "", None, "1", "a" * 64, "b" * 64)
    with database.writing() as connection:
        with pytest.raises(NotFound, match="no version 9"):
            decide(connection, filled.case.id, later, by=filled.user.id)
        with pytest.raises(InvalidInput, match="decision: is empty"):
            decide(connection, filled.case.id, content(" "), by=filled.user.id)


def test_follow_ups_are_due_by_their_newest_date_earliest_first(database: Database, filled: Filled) -> None:
    day = datetime.timedelta(days=1)
    with database.writing() as connection:
        other = add_case(connection, filled.board.id, name="lung-08", text="1", by="b")
        earlier = decide(connection, filled.case.id, content("x", DAY - day), by=filled.user.id)
        assert [one.id for one in due(connection, DAY)] == [earlier.id, filled.decision.id]
        assert [one.id for one in due(connection, DAY - day)] == [earlier.id]
        amend(connection, earlier.id, content("x", None), based_on=1, by=filled.user.id)
        assert [one.id for one in due(connection, DAY)] == [filled.decision.id]
        assert decisions(connection, other.id) == []
