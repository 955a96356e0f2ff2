"""Opening a database: which ones, how private, and what its messages never say."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import sqlalchemy.exc
from sqlalchemy import insert, text

from tumorboard.errors import NotFound, TumorboardError, WrongUsage
from tumorboard.store.database import Database, default_url
from tumorboard.store.schema import open_database
from tumorboard.store.tables import CASE_VERSIONS


def test_without_a_setting_the_database_lies_beside_the_sources_of_the_user(tmp_path: Path) -> None:
    assert default_url({"TUMORBOARD_HOME": "/data/tb"}) == "sqlite:////data/tb/tumorboard.db"
    assert default_url({"TUMORBOARD_DATABASE": "postgresql://h/n", "TUMORBOARD_HOME": "/x"}) == "postgresql://h/n"


def test_only_its_owner_reads_the_file_and_its_journal(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'new' / 'boards.db'}")
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE t (id INTEGER)"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new").iterdir()}
    assert modes == {"boards.db": 0o600, "boards.db-wal": 0o600, "boards.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    database.close()


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "no address"])
def test_another_kind_of_database_is_refused_with_what_would_be_right(url: str) -> None:
    with pytest.raises(WrongUsage, match="sqlite:///FILE or postgresql://"):
        Database(url)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("not a database\n" * 100)
    with pytest.raises(NotFound, match="not a database"):
        open_database(f"sqlite:///{file}")
    assert file.read_text() == "not a database\n" * 100


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with pytest.raises(NotFound) as refused:
        open_database("postgresql://board:secret@127.0.0.1:1/boards")
    assert "127.0.0.1" in str(refused.value) and "secret" not in str(refused.value)
    assert "secret" not in repr(Database("postgresql://board:secret@127.0.0.1:1/boards"))


def test_a_change_while_reading_is_refused_by_the_database(database: Database) -> None:
    with pytest.raises(sqlalchemy.exc.DBAPIError), database.reading() as connection:
        connection.execute(text("DELETE FROM users"))
    with database.writing() as connection:
        connection.execute(text("DELETE FROM users"))


def test_a_reader_sees_one_moment_of_the_whole_database(database: Database) -> None:
    count = text("SELECT count(*) FROM boards")
    with database.reading() as reading:
        assert reading.execute(count).scalar_one() == 0
        with database.writing() as writing:
            writing.execute(text("INSERT INTO boards VALUES ('b', 'Thoracic', '2026-03-01 00:00:00', 'x')"))
        assert reading.execute(count).scalar_one() == 0
    with database.reading() as reading:
        assert reading.execute(count).scalar_one() == 1


def test_what_raises_in_a_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(TumorboardError), database.writing() as connection:
        connection.execute(text("INSERT INTO boards VALUES ('b', 'Thoracic', '2026-03-01 00:00:00', 'x')"))
        raise WrongUsage
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM boards")).scalar_one() == 0


def test_an_error_of_the_database_does_not_carry_the_values_of_the_statement(database: Database) -> None:
    with pytest.raises(sqlalchemy.exc.DBAPIError) as error, database.writing() as connection:
        connection.execute(insert(CASE_VERSIONS).values(case_id="none", number=1, name="lung-07", text="a patient"))
    assert "a patient" not in str(error.value) and "lung-07" not in str(error.value)
