"""What a patient may ask for: everything stored about them, and its removal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from filled import Filled, content
from sqlalchemy import select, text

from tumorboard.errors import NotFound
from tumorboard.store.audit import entries
from tumorboard.store.boards import agenda
from tumorboard.store.cases import add_case, latest_version, save_case, versions
from tumorboard.store.database import Database
from tumorboard.store.decisions import amend, decide, decision
from tumorboard.store.erase import case_record, erase_case
from tumorboard.store.tables import METADATA
from tumorboard.store.verify import verify


def test_the_export_holds_every_version_decision_signature_and_what_the_log_says(
    database: Database, filled: Filled
) -> None:
    with database.writing() as connection:
        amend(connection, filled.decision.id, content("chemotherapy"), based_on=1, by=filled.user.id)
        document = case_record(connection, filled.case.id, by=filled.user.id)
    assert json.loads(json.dumps(document)) == document
    assert [one["text"] for one in document["versions"]] == ["ECOG: 1  # synthetic", "ECOG: 2  # synthetic"]
    (decided,) = document["decisions"]
    assert [one["content"]["decision"] for one in decided["versions"]] == ["best supportive care", "chemotherapy"]
    assert [len(one["signed"]) for one in decided["versions"]] == [1, 0]
    assert document["board"]["name"] == "Thoracic" and document["meetings"][0]["day"] == "2026-03-01"
    assert document["people"] == {filled.user.id: "李医生"}
    assert [entry["what"] for entry in document["audit"]] == [
        "case.added",
        "case.saved",
        "decision.written",
        "decision.signed",
        "decision.amended",
        "case.exported",
    ]


def test_an_erased_case_is_gone_everywhere_and_the_log_still_verifies(
    database: Database, filled: Filled, tmp_path: Path
) -> None:
    secret = "Zebra-4711"
    with database.writing() as connection:
        case = add_case(connection, filled.board.id, name=secret, text=secret * 5000, by=filled.user.id)
        save_case(connection, case.id, based_on=1, name=secret, text=secret * 2, by=filled.user.id)
        decided = decide(connection, case.id, content(secret), meeting_id=filled.meeting.id, by=filled.user.id)
    assert _found(database, secret, tmp_path)
    assert erase_case(database, case.id, by=filled.user.id)
    assert not _found(database, secret, tmp_path)
    with database.reading() as connection:
        verify(connection)
        with pytest.raises(NotFound, match="was erased on 20"):
            latest_version(connection, case.id)
        with pytest.raises(NotFound):
            decision(connection, decided.id)
        told = [entry.what for entry in entries(connection, object_=f"case/{case.id}")]
        assert told == ["case.added", "case.saved", "case.erased"]


def test_erasing_one_case_leaves_the_others_as_they_are(database: Database, filled: Filled) -> None:
    with database.writing() as connection:
        other = add_case(connection, filled.board.id, name="lung-08", text="x", by="x")
    erase_case(database, other.id, by="x")
    with database.reading() as connection:
        assert len(versions(connection, filled.case.id)) == 2
        assert decision(connection, filled.decision.id) == filled.decision
        assert agenda(connection, filled.meeting.id) == [filled.case.id]
    with pytest.raises(NotFound, match="was erased"):
        erase_case(database, other.id, by="x")


def test_what_is_put_back_past_the_program_after_erasing_is_found(database: Database, filled: Filled) -> None:
    with database.reading() as connection:
        rows = [dict(row._mapping) for row in connection.execute(select(METADATA.tables["case_versions"]))]
        case = dict(connection.execute(select(METADATA.tables["cases"])).one()._mapping)
    erase_case(database, filled.case.id, by="x")
    with database.writing() as connection:
        connection.execute(METADATA.tables["cases"].insert(), case)
        connection.execute(METADATA.tables["case_versions"].insert(), rows)
    with database.reading() as connection, pytest.raises(Exception, match="has no entry for case/"):
        verify(connection)


def _found(database: Database, secret: str, folder: Path) -> bool:
    """Whether the words stand in any row, or for SQLite in any byte of its files."""
    with database.reading() as connection:
        for table in METADATA.sorted_tables:
            if any(secret in repr(row) for row in connection.execute(text(f"SELECT * FROM {table.name}"))):
                return True
    files = folder.glob("tumorboard.db*") if database.is_sqlite else ()
    return any(secret.encode() in file.read_bytes() for file in files)
