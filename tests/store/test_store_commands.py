"""The commands of a team, called as administrators call them."""

from __future__ import annotations

import io
import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Ran
from filled import Filled, fill

from tumorboard.store.database import Database
from tumorboard.store.schema import open_database
from tumorboard.store.users import authenticate

PASSWORD = "correct horse battery"
Command = Callable[..., Ran]


@pytest.fixture
def run(tumorboard: Command, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("TUMORBOARD_DATABASE", database_url)
    return tumorboard


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda words: monkeypatch.setattr(sys, "stdin", io.StringIO(words))


def test_a_user_is_added_with_a_password_from_standard_input(
    run: Command, typed: Callable[[str], None], database_url: str
) -> None:
    typed(PASSWORD + "\n")
    ran = run("user", "add", "Li", "--role", "chair", "--full-name", "李医生")
    assert (ran.code, ran.out, ran.err) == (0, "", "li: chair\n")
    database = open_database(database_url)
    assert authenticate(database, "li", PASSWORD).full_name == "李医生"
    database.close()
    (user,) = run("user", "list", "--format", "json").json
    assert {key: value for key, value in user.items() if key != "id"} == {
        "name": "li", "full_name": "李医生", "role": "chair", "disabled": False, "linked": False, "password": True,
    }  # fmt: skip


def test_users_get_roles_links_and_passwords_and_are_disabled(run: Command, typed: Callable[[str], None]) -> None:
    assert run("user", "add", "ben", "--role", "reader", "--no-password").code == 0
    assert run("user", "role", "ben", "member").err == "ben: member\n"
    assert run("user", "link", "ben", "https://login.example", "s-1").code == 0
    assert run("user", "list").out == "ben  member  ben  linked  no password\n"
    typed(PASSWORD + "\n")
    assert run("user", "password", "ben").code == 0
    assert run("user", "disable", "ben").code == 0
    assert run("user", "list").out == "ben  member  ben  disabled  linked\n"
    assert run("user", "enable", "ben").code == 0


def test_wrong_words_are_answered_with_what_would_be_right(run: Command, typed: Callable[[str], None]) -> None:
    ran = run("user", "add", "ben", "--role", "surgeon", "--no-password")
    assert ran.code == 2 and "use reader, member, chair, administrator" in ran.err
    assert run("user", "role", "nobody", "chair").code == 3
    typed("short\n")
    ran = run("user", "add", "ben", "--role", "reader")
    assert ran.code == 4 and "12 to 1000 characters" in ran.err and "short\n" not in ran.err
    assert run("board", "cases", "nowhere").code == 3
    assert run("board", "erase", "nothing", "--yes").code == 3
    assert run("audit", "verify", "--database", "mysql://x/y").code == 2


def test_the_head_that_verify_prints_shows_later_that_the_log_was_cut(
    run: Command, tmp_path: Path, database_url: str
) -> None:
    run("board", "add", "Thoracic")
    (tmp_path / "head").write_text(run("audit", "verify").out)
    assert run("board", "add", "Liver").code == 0
    ran = run("audit", "verify", "--kept", tmp_path / "head")
    assert ran.code == 0 and "2 entries follow each other" in ran.err
    (tmp_path / "head").write_text("3 " + "0" * 64 + "\n")
    ran = run("audit", "verify", "--kept", tmp_path / "head")
    assert ran.code == 4 and "audit entry 3: is absent: a head of 3 entries was kept" in ran.err
    exported = run("audit", "export").lines
    assert [entry["what"] for entry in exported] == ["board.added", "board.added"]


def test_an_anchor_file_is_written_by_every_command_and_read_by_verify(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchor = tmp_path / "anchor"
    monkeypatch.setenv("TUMORBOARD_ANCHOR", str(anchor))
    assert "no head is kept there yet" in run("audit", "verify").err
    run("board", "add", "Thoracic")
    run("board", "add", "Liver")
    assert [line.split()[0] for line in anchor.read_text().splitlines()] == ["1", "2"]
    assert "2 kept heads are among them" in run("audit", "verify").err
    anchor.write_text(anchor.read_text().replace("2 ", "3 "))
    assert run("audit", "verify").code == 4


def test_a_backup_is_made_and_restored_in_one_command_each(run: Command, tmp_path: Path, filled_at: Filled) -> None:
    head = run("audit", "verify").out
    ran = run("backup", tmp_path / "b.zip")
    assert (ran.code, ran.out) == (0, head)
    ran = run("restore", tmp_path / "b.zip")
    assert ran.code == 2 and "--replace" in ran.err
    assert run("restore", tmp_path / "b.zip", "--replace").code == 0
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert run("restore", tmp_path / "b.zip", "--database", other).code == 0
    assert filled_at.case.id in run("board", "cases", filled_at.board.id, "--database", other).out
    assert run("board", "list", "--database", other).out == f"{filled_at.board.id}  Thoracic  1\n"


def test_a_case_is_given_out_and_erased(
    run: Command, typed: Callable[[str], None], tmp_path: Path, filled_at: Filled
) -> None:
    out = tmp_path / "case.json"
    assert run("board", "export", filled_at.case.id, "-o", out).code == 0
    assert len(json.loads(out.read_text())["versions"]) == 2
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    typed("n\n")
    ran = run("board", "erase", filled_at.case.id)
    assert ran.code == 2 and "nothing was erased" in ran.err
    ran = run("board", "erase", filled_at.case.id, "--yes")
    assert ran.code == 0 and "backups made before still hold it" in ran.err
    ran = run("board", "export", filled_at.case.id)
    assert ran.code == 3 and "was erased on" in ran.err and "lung-07" not in ran.err
    assert run("audit", "verify").code == 0


def test_tables_are_taken_back_and_brought_up_to_date(run: Command, typed: Callable[[str], None]) -> None:
    ran = run("database", "status")
    assert ran.code == 0 and "revision none" in ran.out
    assert run("database", "upgrade").code == 0
    typed("n\n")
    assert run("database", "downgrade", "base").code == 2
    assert run("database", "downgrade", "0001", "--yes").code == 0
    ran = run("board", "list")
    assert ran.code == 2 and "tumorboard database upgrade" in ran.err
    assert run("database", "upgrade").code == 0
    assert run("board", "list").code == 0


@pytest.fixture
def filled_at(database_url: str) -> Filled:
    database: Database = open_database(database_url)
    found = fill(database)
    database.close()
    return found
