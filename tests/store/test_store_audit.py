"""The audit log: it only grows, and whatever is done to it past the program is found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy.exc
from databases import Server
from filled import DAY, Filled, content, fill
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from tumorboard.errors import InvalidInput
from tumorboard.store.audit import AUDIT, Head, chained, entries, head, record
from tumorboard.store.boards import add_meeting
from tumorboard.store.cases import add_case, save_case
from tumorboard.store.database import Database, new_id
from tumorboard.store.decisions import amend, decision
from tumorboard.store.erase import erase_case
from tumorboard.store.schema import open_database
from tumorboard.store.verify import BrokenLog, read_heads, verify

Tamper = Callable[[Connection], None]


def unguarded(connection: Connection) -> None:
    """What somebody does who owns the database: takes its guards away."""
    if connection.dialect.name == "sqlite":
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        return
    for table in ("audit", "audit_head", "case_versions", "decision_versions", "sign_offs"):
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


def found_after(database: Database, change: Tamper, *kept: Head) -> int:
    """The entry that is named after a change past the program; the change is undone again."""
    with pytest.raises(BrokenLog) as found, database.writing() as connection:
        unguarded(connection)
        change(connection)
        verify(connection, kept)
    place = f"audit entry {found.value.number}: " if found.value.number else "the audit log: "
    assert str(found.value).startswith(place)
    return found.value.number


def running(*statements: str) -> Tamper:
    def change(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    return change


def rewritten(connection: Connection, first: int) -> None:
    """Every entry from ``first`` on with a hash that fits, and the head with it: nothing inside shows it."""
    previous = connection.execute(text("SELECT previous FROM audit WHERE number = :n"), {"n": first}).scalar_one()
    for entry in [one for one in entries(connection) if one.number >= first]:
        hash_ = chained(previous, entry.number, entry.at, entry.who, entry.what, entry.object, entry.digest)
        connection.execute(AUDIT.update().where(AUDIT.c.number == entry.number).values(previous=previous, hash=hash_))
        connection.execute(text("UPDATE audit_head SET number = :n, hash = :h"), {"n": entry.number, "h": hash_})
        previous = hash_


def test_whatever_is_done_leaves_an_entry_with_who_what_and_which_but_nothing_of_the_patient(
    database: Database, filled: Filled
) -> None:
    with database.reading() as connection:
        logged = list(entries(connection))
        assert verify(connection).entries == len(logged) == 8
    assert [entry.what for entry in logged] == [
        "user.added.chair",
        "board.added",
        "meeting.added",
        "case.added",
        "case.saved",
        "meeting.case_added",
        "decision.written",
        "decision.signed",
    ]
    assert logged[4].object == f"case/{filled.case.id}/2" and logged[4].who == filled.user.id
    for secret in ("lung-07", "ECOG", "supportive", "present", "李"):
        assert secret not in repr(logged)


def test_the_database_itself_refuses_to_change_or_remove_an_entry(database: Database, filled: Filled) -> None:
    statements = ["UPDATE audit SET who = 'x'", "DELETE FROM audit WHERE number = 8", "DELETE FROM audit_head"]
    if not database.is_sqlite:
        statements.append("TRUNCATE audit")
    for statement in statements:
        with pytest.raises(sqlalchemy.exc.DBAPIError, match="kept as they are"), database.writing() as connection:
            connection.execute(text(statement))


@pytest.mark.postgres
def test_a_server_that_does_not_own_the_tables_works_and_cannot_lift_their_guards(postgres: Server) -> None:
    with postgres.empty_database() as url:
        owner = open_database(url)
        role = f"server_{new_id()}"
        with owner.writing() as connection:
            running(
                f"CREATE ROLE {role} LOGIN",
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            )(connection)
        server = open_database(postgres.url(str(owner.url.database), role))
        filled = fill(server)
        for statement in ("ALTER TABLE audit DISABLE TRIGGER USER", "DROP TABLE audit", "TRUNCATE audit"):
            with pytest.raises(sqlalchemy.exc.DBAPIError, match=r"owner|permission"), server.writing() as connection:
                connection.execute(text(statement))
        assert erase_case(server, filled.case.id, by=filled.user.id)
        with server.reading() as connection:
            verify(connection)
        server.close()
        owner.close()


def test_an_entry_is_kept_only_with_what_it_tells_of(database: Database, filled: Filled) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        add_meeting(connection, filled.board.id, DAY, by=filled.user.id)
        raise ZeroDivisionError
    with database.reading() as connection:
        assert head(connection).number == verify(connection).entries == 8


LOG_CHANGES = [
    (["UPDATE audit SET who = 'somebody else' WHERE number = 3"], 3),
    (["UPDATE audit SET object = 'case/another' WHERE number = 4"], 4),
    (["UPDATE audit SET at = '2020-01-01 00:00:00' WHERE number = 1"], 1),
    (["UPDATE audit SET digest = NULL WHERE number = 5"], 5),
    (["DELETE FROM audit WHERE number = 1"], 1),
    (["DELETE FROM audit WHERE number = 4"], 4),
    (["DELETE FROM audit WHERE number = 8"], 8),
    (["DELETE FROM audit WHERE number > 2"], 3),
    (["DELETE FROM audit"], 1),
    # Two entries in each other's place.
    ([f"UPDATE audit SET number = {to} WHERE number = {n}" for n, to in ((3, 99), (4, 3), (99, 4))], 3),
    # One removed and the rest moved up.
    (["DELETE FROM audit WHERE number = 5"]
     + [f"UPDATE audit SET number = {n - 1} WHERE number = {n}" for n in (6, 7, 8)], 5),
    # The end cut, and the count with it, but not the hash.
    (["DELETE FROM audit WHERE number = 8", "UPDATE audit_head SET number = 7"], 8),
]  # fmt: skip


def test_the_first_entry_that_was_changed_removed_or_moved_is_named(database: Database, filled: Filled) -> None:
    for statements, number in LOG_CHANGES:
        assert found_after(database, running(*statements)) == number, statements


def test_a_log_rewritten_as_a_whole_is_found_by_a_head_kept_outside(database: Database, filled: Filled) -> None:
    with database.reading() as connection:
        kept = head(connection)

    def change(connection: Connection) -> None:
        connection.execute(text("UPDATE audit SET who = 'somebody else' WHERE number = 3"))
        rewritten(connection, 3)
        assert verify(connection).entries == 8

    assert found_after(database, change, kept) == 8


def test_a_log_cut_with_its_head_is_found_by_a_head_kept_outside(database: Database, filled: Filled) -> None:
    with database.reading() as connection:
        kept = head(connection)

    def change(connection: Connection) -> None:
        running("DELETE FROM sign_offs", "DELETE FROM audit WHERE number = 8")(connection)
        rewritten(connection, 7)
        assert verify(connection).entries == 7

    assert found_after(database, change, kept) == 8


CONTENT_CHANGES = [
    ("UPDATE case_versions SET text = 'ECOG: 0' WHERE number = 2", 5),
    ("UPDATE case_versions SET name = 'lung-08' WHERE number = 1", 4),
    ("DELETE FROM case_versions WHERE number = 1", 4),
    ("UPDATE decision_versions SET minutes = 'present: all'", 7),
    ("UPDATE decision_versions SET advice_sha256 = 'c'", 7),
    ("UPDATE decision_versions SET follow_up = NULL", 7),
    ("DELETE FROM sign_offs", 8),
    ("DELETE FROM cases", 4),
    ("UPDATE case_versions SET saved_by = 'somebody else' WHERE number = 1", 4),
    ("UPDATE users SET role = 'administrator'", 1),
    ("UPDATE decision_versions SET written_by = 'somebody else'", 7),
    ("UPDATE decisions SET case_id = (SELECT id FROM cases WHERE id <> decisions.case_id)", 7),
    (
        "INSERT INTO case_versions SELECT case_id, 3, name, text, salt, saved_at, saved_by FROM case_versions "
        "WHERE number = 2",
        0,
    ),
]


def test_content_changed_past_the_program_is_found(database: Database, filled: Filled) -> None:
    with database.writing() as connection:
        add_case(connection, filled.board.id, name="lung-08", text="x", by="x")
    for statement, number in CONTENT_CHANGES:
        assert found_after(database, running(statement)) == number, statement


def test_a_signature_that_nobody_gave_is_found(database: Database, filled: Filled) -> None:
    with database.writing() as connection:
        amend(connection, filled.decision.id, content("x"), based_on=1, by=filled.user.id)
    forged = "INSERT INTO sign_offs SELECT decision_id, 2, user_id, signed_at FROM sign_offs"
    assert found_after(database, running(forged)) == 0


def test_after_each_commit_the_head_stands_in_a_file_elsewhere(database_url: str, tmp_path: Path) -> None:
    anchor = tmp_path / "elsewhere"
    database = open_database(database_url, anchor)
    with database.writing() as connection:
        record(connection, "x", "tested", "test/1")
        record(connection, "x", "tested", "test/2")
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        record(connection, "x", "tested", "test/3")
        raise ZeroDivisionError
    with database.writing() as connection:
        record(connection, "x", "tested", "test/4")
    heads = read_heads(anchor)
    assert [one.number for one in heads] == [2, 3]
    with database.reading() as connection:
        assert verify(connection, heads).head == heads[-1]
    anchor.write_text("3\n")
    with pytest.raises(InvalidInput, match="NUMBER HASH"):
        read_heads(anchor)
    database.close()


def test_twenty_threads_write_one_chain(database: Database) -> None:
    def write(name: str) -> None:
        for number in range(10):
            with database.writing() as connection:
                record(connection, name, "tested", f"test/{number}")

    threads = [threading.Thread(target=write, args=(f"t{n}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert verify(connection).entries == 200
        for n in range(20):
            mine = [entry.object for entry in entries(connection) if entry.who == f"t{n}"]
            assert mine == [f"test/{number}" for number in range(10)]


_ACTIONS = st.lists(st.sampled_from(["add", "save", "amend", "erase", "record"]), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples // 10)
@given(actions=_ACTIONS)
def test_the_log_verifies_after_whatever_was_done(database: Database, filled: Filled, actions: list[str]) -> None:
    with database.writing() as connection:
        case = add_case(connection, filled.board.id, name="made-up", text="0", by="x").id
        before = head(connection)
        decided = decision(connection, filled.decision.id).number
    version = 1
    for number, action in enumerate(actions):
        if action == "erase":
            erase_case(database, case, by="x")
        with database.writing() as connection:
            if action in ("add", "erase"):
                case, version = add_case(connection, filled.board.id, name="made-up", text="0", by="x").id, 1
            elif action == "save":
                save_case(connection, case, based_on=version, name="made-up", text=f"{number}", by="x")
                version += 1
            elif action == "amend":
                amend(connection, filled.decision.id, content(f"{number}"), based_on=decided, by="x")
                decided += 1
            else:
                record(connection, "x", "tested", "test/1")
    with database.reading() as connection:
        verify(connection, [before])
