"""The state of the tables: made, brought to the newest form, and taken back, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect

import tumorboard.store.consensus_tables  # noqa: F401 - its tables are part of METADATA
from tumorboard.errors import InvalidInput, NotFound, Problem, WrongUsage
from tumorboard.store.database import Database

VERSION_TABLE = "alembic_version"  # where Alembic keeps the revision


@dataclass(frozen=True, slots=True)
class Status:
    """``revision`` is None while there are no tables; ``ahead``: a newer Tumorboard made them than this one."""

    revision: str | None
    newest: str
    ahead: bool

    @property
    def is_current(self) -> bool:
        return self.revision == self.newest


def open_database(url: str, anchor: Path | None = None) -> Database:
    """The database, its tables ready. An empty one gets them; an older one is not touched without being asked.

    Raises WrongUsage where the tables are older or newer than this program, NotFound where it can't be reached.
    """
    database = Database(url, anchor)
    try:
        found = status(database)
        if found.revision is None:
            upgrade(database)
        elif found.ahead:
            raise WrongUsage(
                Problem(database.name, "was made by a newer Tumorboard", "install that one, or restore a backup")
            )
        elif not found.is_current:
            raise WrongUsage(
                Problem(
                    database.name,
                    f"has the tables of revision {found.revision}, this program those of {found.newest}",
                    "make a backup, then run `tumorboard database upgrade`",
                )
            )
    except BaseException:
        database.close()
        raise
    return database


def status(database: Database) -> Status:
    with database.reading() as connection:
        revision = revision_of(connection)
    scripts = ScriptDirectory.from_config(_config())
    known = {script.revision for script in scripts.walk_revisions()}
    newest = scripts.get_current_head()
    assert newest is not None
    return Status(revision, newest, revision is not None and revision not in known)


def revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the tables to a revision. Raises NotFound for one there isn't, InvalidInput where foreign tables stand."""
    with database.writing() as connection:
        upgrade_in(connection, revision)


def upgrade_in(connection: Connection, revision: str = "head") -> None:
    """The same in the caller's transaction."""
    if revision_of(connection) is None and set(inspect(connection).get_table_names()) - {VERSION_TABLE}:
        raise InvalidInput(Problem("the database", "holds tables of something else", "name an empty database"))
    _run(command.upgrade, connection, revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the tables back to a revision; ``base`` removes them all with what they hold."""
    with database.writing() as connection:
        downgrade_in(connection, revision)


def downgrade_in(connection: Connection, revision: str) -> None:
    _run(command.downgrade, connection, revision)


def _run(step: object, connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    assert callable(step)
    try:
        step(config, revision)
    except CommandError as error:
        raise NotFound(Problem(f"revision {revision}", "is not one that can be gone to from here")) from error


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "tumorboard.store:migrations")
    config.set_main_option("path_separator", "os")
    return config
