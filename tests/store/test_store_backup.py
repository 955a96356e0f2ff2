"""Backup and restore: one file for both databases, checked before anything is touched."""

from __future__ import annotations

import json
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import Server
from filled import Filled, fill
from sqlalchemy import select, text

from tumorboard.errors import InvalidInput, NotFound, WrongUsage
from tumorboard.store.audit import entries, head
from tumorboard.store.backup import back_up, read_manifest, restore
from tumorboard.store.cases import add_case, latest_version, save_case
from tumorboard.store.database import Database
from tumorboard.store.feedback import add_feedback
from tumorboard.store.schema import downgrade, open_database, status
from tumorboard.store.sessions import session, start_session
from tumorboard.store.tables import METADATA, SESSIONS
from tumorboard.store.verify import BrokenLog, verify


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'elsewhere' / 'tumorboard.db'}")
    yield opened
    opened.close()


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables but the sessions, and but the log's own end."""
    with database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
            if table is not SESSIONS and not table.name.startswith("audit")
        }


def test_a_restored_database_holds_the_same_rows_and_says_that_it_was_restored(
    database: Database, filled: Filled, elsewhere: Database, tmp_path: Path
) -> None:
    with database.writing() as connection:
        reason = {"reason": {"code": "x", "display": "另有原因"}, "userComment": "made up"}
        for given in (None, reason):
            add_feedback(
                connection,
                service="advice",
                card="c1",
                outcome="overridden",
                outcome_at=filled.decision.written_at,
                accepted_suggestions=("s1", "s2"),
                override_reason=given,
                received_from="client:test",
            )
        before = head(connection)
    manifest = back_up(database, tmp_path / "backup.zip")
    assert manifest == read_manifest(tmp_path / "backup.zip") and manifest.head == before
    restore(elsewhere, tmp_path / "backup.zip")
    assert contents(elsewhere) == contents(database)
    with elsewhere.reading() as connection:
        assert verify(connection, [before]).entries == before.number + 1
        assert list(entries(connection))[-1].what == "database.restored"


@pytest.mark.postgres
def test_a_backup_moves_a_team_from_sqlite_to_postgresql_and_back(
    elsewhere: Database, postgres: Server, tmp_path: Path
) -> None:
    fill(elsewhere)
    back_up(elsewhere, tmp_path / "there.zip")
    with postgres.empty_database() as url:
        server = Database(url)
        restore(server, tmp_path / "there.zip")
        assert contents(server) == contents(elsewhere)
        back_up(server, tmp_path / "back.zip")
        restore(elsewhere, tmp_path / "back.zip", replace=True)
        assert contents(server) == contents(elsewhere)
        server.close()


def test_a_backup_is_of_one_moment_while_others_save(
    database: Database, filled: Filled, elsewhere: Database, tmp_path: Path
) -> None:
    done = threading.Event()

    def save() -> None:
        while not done.is_set():
            with database.writing() as connection:
                newest = latest_version(connection, filled.case.id).number
                text = f"version {newest + 1}"
                save_case(connection, filled.case.id, based_on=newest, name="lung-07", text=text, by="x")

    saver = threading.Thread(target=save)
    saver.start()
    try:
        for number in range(3):
            back_up(database, tmp_path / f"{number}.zip")
    finally:
        done.set()
        saver.join()
    for number in range(3):
        manifest = restore(elsewhere, tmp_path / f"{number}.zip", replace=True)
        with elsewhere.reading() as connection:
            assert verify(connection, [manifest.head]).entries == manifest.head.number + 1


def test_only_its_owner_reads_a_backup_and_no_session_is_in_it(
    database: Database, filled: Filled, elsewhere: Database, tmp_path: Path
) -> None:
    with database.writing() as connection:
        token = start_session(connection, filled.user.id)
    back_up(database, tmp_path / "backup.zip")
    assert stat.S_IMODE((tmp_path / "backup.zip").stat().st_mode) == 0o600
    restore(elsewhere, tmp_path / "backup.zip")
    assert session(database, token) is not None and session(elsewhere, token) is None


def test_what_a_database_holds_is_replaced_only_when_told(database: Database, filled: Filled, tmp_path: Path) -> None:
    back_up(database, tmp_path / "backup.zip")
    with database.writing() as connection:
        later = add_case(connection, filled.board.id, name="lung-08", text="x", by="x")
    with pytest.raises(WrongUsage, match="--replace"):
        restore(database, tmp_path / "backup.zip")
    with database.reading() as connection:
        latest_version(connection, later.id)
    restore(database, tmp_path / "backup.zip", replace=True)
    with database.reading() as connection, pytest.raises(NotFound):
        latest_version(connection, later.id)


def test_a_backup_of_earlier_tables_is_brought_up_to_date(
    database: Database, filled: Filled, elsewhere: Database, tmp_path: Path
) -> None:
    back_up(database, tmp_path / "now.zip")
    downgrade(database, "0001")
    with pytest.raises(WrongUsage, match="database upgrade"):
        back_up(database, tmp_path / "backup.zip")
    kept = {table.name for table in METADATA.sorted_tables if not table.name.startswith("consensus")}

    def as_of_first(name: str, data: bytes) -> bytes | None:
        if name != "manifest.json":
            return data if Path(name).stem in kept else None
        manifest = json.loads(data)
        rows = {table: one for table, one in manifest["tables"].items() if table in kept}
        return json.dumps({**manifest, "revision": "0001", "tables": rows}).encode()

    _rewrite(tmp_path / "now.zip", tmp_path / "first.zip", as_of_first)
    restore(elsewhere, tmp_path / "first.zip")
    assert status(elsewhere).is_current
    with elsewhere.reading() as connection:
        assert latest_version(connection, filled.case.id).number == 2


def _another_row(name: str, data: bytes) -> bytes | None:
    return data.replace(b"ECOG: 2", b"ECOG: 0") if name.endswith("case_versions.jsonl") else data


def _without_a_table(name: str, data: bytes) -> bytes | None:
    return None if name.endswith("decisions.jsonl") else data


def _without_manifest(name: str, data: bytes) -> bytes | None:
    return None if name == "manifest.json" else data


def _another_form(name: str, data: bytes) -> bytes | None:
    return data.replace(b"tumorboard.backup/1", b"tumorboard.backup/9") if name == "manifest.json" else data


def _unnamed_table(name: str, data: bytes) -> bytes | None:
    if name != "manifest.json":
        return data
    manifest = json.loads(data)
    del manifest["tables"]["users"]
    return json.dumps(manifest).encode()


def _nonsense(name: str, data: bytes) -> bytes | None:
    return b'["schema"]' if name == "manifest.json" else data


@pytest.mark.parametrize(
    "change", [_another_row, _without_a_table, _without_manifest, _another_form, _unnamed_table, _nonsense]
)
def test_a_changed_backup_is_refused_and_nothing_is_touched(
    elsewhere: Database, tmp_path: Path, change: Callable[[str, bytes], bytes | None]
) -> None:
    fill(elsewhere)
    back_up(elsewhere, tmp_path / "backup.zip")
    _rewrite(tmp_path / "backup.zip", tmp_path / "changed.zip", change)
    before = contents(elsewhere)
    with pytest.raises(InvalidInput):
        restore(elsewhere, tmp_path / "changed.zip", replace=True)
    assert contents(elsewhere) == before


def test_a_backup_cut_off_anywhere_is_refused(elsewhere: Database, tmp_path: Path) -> None:
    fill(elsewhere)
    back_up(elsewhere, tmp_path / "backup.zip")
    whole = (tmp_path / "backup.zip").read_bytes()
    for size in (0, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.zip").write_bytes(whole[:size])
        with pytest.raises(InvalidInput):
            restore(elsewhere, tmp_path / "cut.zip", replace=True)
    with pytest.raises(NotFound):
        restore(elsewhere, tmp_path / "none.zip")
    with pytest.raises(NotFound):
        back_up(elsewhere, tmp_path / "no folder" / "backup.zip")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["backup.zip", "cut.zip", "elsewhere"]


def test_a_backup_whose_log_is_broken_is_restored_only_when_told(elsewhere: Database, tmp_path: Path) -> None:
    fill(elsewhere)
    with elsewhere.writing() as connection:
        connection.execute(text("DROP TRIGGER case_versions_refuses_update"))
        connection.execute(text("UPDATE case_versions SET text = 'x' WHERE number = 2"))
    back_up(elsewhere, tmp_path / "backup.zip")
    with pytest.raises(BrokenLog, match="audit entry 5"):
        restore(elsewhere, tmp_path / "backup.zip", replace=True)
    with elsewhere.reading() as connection:
        assert head(connection).number == 8
    restore(elsewhere, tmp_path / "backup.zip", replace=True, even_if_broken=True)
    with elsewhere.reading() as connection:
        assert head(connection).number == 9


def _rewrite(old: Path, new: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    with zipfile.ZipFile(old) as before, zipfile.ZipFile(new, "w") as after:
        for name in before.namelist():
            data = change(name, before.read(name))
            if data is not None:
                after.writestr(name, data)
