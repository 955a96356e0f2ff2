"""The tables: made by migrations, the same as the code believes, taken back and made again on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from filled import fill
from sqlalchemy import text

from tumorboard.errors import InvalidInput, NotFound, WrongUsage
from tumorboard.store.database import Database
from tumorboard.store.schema import downgrade, open_database, status, upgrade
from tumorboard.store.tables import METADATA
from tumorboard.store.verify import verify


@pytest.fixture
def bare(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_migrations_make_exactly_the_tables_the_code_uses(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_going_down_and_up_again_leaves_nothing_behind_and_works_with_data(database: Database) -> None:
    fill(database)
    downgrade(database, "base")
    with database.reading() as connection:
        assert set(sa.inspect(connection).get_table_names()) == {"alembic_version"}
    assert status(database).revision is None
    upgrade(database)
    fill(database)
    with database.reading() as connection:
        verify(connection)


def test_what_the_first_tables_hold_survives_later_revisions_down_and_up(database: Database) -> None:
    fill(database)
    downgrade(database, "0001")
    upgrade(database)
    with database.reading() as connection:
        assert verify(connection).contents == 3


def test_a_database_of_an_older_program_is_not_touched_unasked(database_url: str) -> None:
    open_database(database_url).close()
    bare = Database(database_url)
    with bare.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    bare.close()
    with pytest.raises(WrongUsage, match="newer Tumorboard"):
        open_database(database_url)


def test_tables_of_something_else_are_left_alone(bare: Database) -> None:
    with bare.writing() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    with pytest.raises(InvalidInput, match="something else"):
        upgrade(bare)


def test_a_revision_that_is_not_there_is_named(database: Database) -> None:
    with pytest.raises(NotFound, match="0815"):
        downgrade(database, "0815")


def test_every_column_has_a_type_that_a_backup_carries_to_the_other_database() -> None:
    carried = (sa.String, sa.Text, sa.Integer, sa.Boolean, sa.Float, sa.Date, sa.DateTime, sa.JSON)
    for table in METADATA.tables.values():
        for column in table.columns:
            type_ = column.type.impl if isinstance(column.type, sa.TypeDecorator) else column.type
            assert isinstance(type_, carried), f"{table.name}.{column.name}"
            assert column.autoincrement is not True and column.identity is None, f"{table.name}.{column.name}"
