"""What a team keeps: ``user``, ``audit``, ``board``, ``backup``, ``restore`` and ``database``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tumorboard.cli.common import Format, OutOption, new_app, say, to_json, write, write_all
from tumorboard.errors import NotFound, Problem, WrongUsage

if TYPE_CHECKING:
    from tumorboard.store.database import Database
    from tumorboard.store.users import Role, User

users = new_app("Who may use the boards, and as what.")
audit = new_app("The log of who did what: verify it, give it out.")
boards = new_app("Boards and their cases: list, give out, erase.")
databases = new_app("The tables: bring them up to date, take them back.")

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        envvar="TUMORBOARD_DATABASE",
        show_envvar=True,
        help="sqlite:///FILE or postgresql://USER@HOST/NAME; otherwise a file in your data folder.",
    ),
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The login.")]
RoleArgument = Annotated[str, typer.Argument(metavar="ROLE", help="reader, member, chair or administrator.")]
CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="The id of the stored case.")]
FormatOption = Annotated[Format, typer.Option("--format", help="text or json.")]


@users.command()
def add(
    name: NameArgument,
    role: Annotated[str, typer.Option("--role", help="reader, member, chair or administrator.")],
    full_name: Annotated[str | None, typer.Option("--full-name", help="As it stands under a signature.")] = None,
    no_password: Annotated[bool, typer.Option("--no-password", help="Only the hospital's login lets them in.")] = False,
    database: DatabaseOption = None,
) -> None:
    """A new user. The password is asked for, or read from standard input."""
    with opened_database(database) as opened:
        from tumorboard.store.audit import COMMAND_LINE
        from tumorboard.store.users import add_user

        password = None if no_password else _password()
        with opened.writing() as connection:
            new = add_user(
                connection, name, full_name=full_name or name, role=_role(role), password=password, by=COMMAND_LINE
            )
    say(f"{new.name}: {new.role.value}")


@users.command(name="list")
def list_users(format: FormatOption = Format.text, database: DatabaseOption = None) -> None:
    """All users with their roles."""
    with opened_database(database) as opened:
        from tumorboard.store import users as stored

        with opened.reading() as connection:
            found = stored.users(connection)
    if format is Format.json:
        write(to_json([_user_record(user) for user in found]), None)
        return
    for user in found:
        write("  ".join((user.name, user.role.value, user.full_name, *_states(user))) + "\n", None)


@users.command()
def role(name: NameArgument, role: RoleArgument, database: DatabaseOption = None) -> None:
    """Give a user another role; it ends their sessions."""
    with opened_database(database) as opened:
        from tumorboard.store.audit import COMMAND_LINE
        from tumorboard.store.users import set_role, user_named

        with opened.writing() as connection:
            user = set_role(connection, user_named(connection, name).id, _role(role), by=COMMAND_LINE)
    say(f"{user.name}: {user.role.value}")


@users.command()
def disable(name: NameArgument, database: DatabaseOption = None) -> None:
    """Close an account and end its sessions; what the user did stays theirs."""
    with opened_database(database) as opened:
        from tumorboard.store import users as stored
        from tumorboard.store.audit import COMMAND_LINE

        with opened.writing() as connection:
            user = stored.disable(connection, stored.user_named(connection, name).id, by=COMMAND_LINE)
    say(f"{user.name} is disabled")


@users.command()
def enable(name: NameArgument, database: DatabaseOption = None) -> None:
    """Open an account again, also one that wrong passwords have locked."""
    with opened_database(database) as opened:
        from tumorboard.store import users as stored
        from tumorboard.store.audit import COMMAND_LINE

        with opened.writing() as connection:
            user = stored.enable(connection, stored.user_named(connection, name).id, by=COMMAND_LINE)
    say(f"{user.name} is enabled")


@users.command()
def password(name: NameArgument, database: DatabaseOption = None) -> None:
    """Set a password, asked for or read from standard input; it ends the user's sessions and unlocks the account."""
    with opened_database(database) as opened:
        from tumorboard.store.audit import COMMAND_LINE
        from tumorboard.store.users import set_password, user_named

        with opened.reading() as connection:
            user = user_named(connection, name)
        given = _password()
        with opened.writing() as connection:
            set_password(connection, user.id, given, by=COMMAND_LINE)
    say(f"{user.name} has a new password")


@users.command()
def link(
    name: NameArgument,
    issuer: Annotated[str, typer.Argument(metavar="ISSUER", help="Who vouches: the iss of its tokens.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The user there: the sub of its tokens.")],
    database: DatabaseOption = None,
) -> None:
    """Let a user of the hospital's login (OIDC) into this account."""
    with opened_database(database) as opened:
        from tumorboard.store import users as stored
        from tumorboard.store.audit import COMMAND_LINE

        with opened.writing() as connection:
            user = stored.user_named(connection, name)
            stored.link(connection, user.id, issuer, subject, by=COMMAND_LINE)
    say(f"{user.name} is linked")


@audit.command()
def verify(
    kept: Annotated[
        list[Path] | None,
        typer.Option("--kept", metavar="FILE", help="Heads that were kept elsewhere; may be given several times."),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Check the log, what it vouches for, and heads kept earlier; prints the head to keep for the next time."""
    with opened_database(database) as opened:
        from tumorboard.consensus.voting import verify_ballots
        from tumorboard.store.verify import read_heads
        from tumorboard.store.verify import verify as verified

        files = list(kept or ())
        if opened.anchor and opened.anchor.exists():
            files.append(opened.anchor)
        elif opened.anchor:
            say(f"{opened.anchor}: no head is kept there yet")
        heads = [head for file in files for head in read_heads(file)]
        with opened.reading() as connection:
            found = verified(connection, heads)
            ballots = verify_ballots(connection)
    say(
        f"{found.entries} entries follow each other, {len(heads)} kept heads are among them; "
        f"{found.contents} contents and {ballots} ballots are what was saved"
    )
    write(f"{found.head}\n", None)


@audit.command()
def export(out: OutOption = None, database: DatabaseOption = None) -> None:
    """The log, one entry a line of JSON."""
    with opened_database(database) as opened:
        from dataclasses import asdict

        from tumorboard.store.audit import entries

        with opened.reading() as connection:
            records = ({**asdict(entry), "at": entry.at.isoformat()} for entry in entries(connection))
            write_all((json.dumps(one, ensure_ascii=False) + "\n" for one in records), out)


@boards.command(name="add")
def add_board(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the board is called.")],
    database: DatabaseOption = None,
) -> None:
    """A new board; its id is printed."""
    with opened_database(database) as opened:
        from tumorboard.store import boards as stored
        from tumorboard.store.audit import COMMAND_LINE

        with opened.writing() as connection:
            board = stored.add_board(connection, name, by=COMMAND_LINE)
    write(board.id + "\n", None)


@boards.command(name="list")
def list_boards(database: DatabaseOption = None) -> None:
    """All boards: id, name, and how many cases each has."""
    with opened_database(database) as opened:
        from tumorboard.store import boards as stored
        from tumorboard.store.cases import cases

        with opened.reading() as connection:
            for board in stored.boards(connection):
                write(f"{board.id}  {board.name}  {len(cases(connection, board.id))}\n", None)


@boards.command(name="cases")
def list_cases(
    board: Annotated[str, typer.Argument(metavar="BOARD", help="The id of the board.")],
    database: DatabaseOption = None,
) -> None:
    """The cases of a board, the last saved first: id, the id in the case file, version, when."""
    with opened_database(database) as opened:
        from tumorboard.store import boards as stored
        from tumorboard.store.cases import cases

        with opened.reading() as connection:
            stored.board(connection, board)
            for case in cases(connection, board):
                saved = case.saved_at.isoformat(timespec="minutes")
                write(f"{case.id}  {case.name}  {case.version}  {saved}\n", None)


@boards.command(name="export")
def export_case(case: CaseArgument, out: OutOption = None, database: DatabaseOption = None) -> None:
    """Everything stored on a case as one JSON document: versions, decisions, signatures, what the log says."""
    with opened_database(database) as opened:
        from tumorboard.store.audit import COMMAND_LINE
        from tumorboard.store.erase import case_record

        with opened.writing() as connection:
            document = case_record(connection, case, by=COMMAND_LINE)
    write(to_json(document), out)
    if out is not None:
        out.chmod(0o600)


@boards.command(name="erase")
def erase(
    case: CaseArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Remove a case with all its versions and decisions for good; the log keeps that it happened."""
    with opened_database(database) as opened:
        from tumorboard.store.audit import COMMAND_LINE
        from tumorboard.store.erase import erase_case

        if not yes and not typer.confirm(f"Erase case {case} with all versions and decisions?", err=True):
            raise WrongUsage(Problem("", "nothing was erased"))
        shed = erase_case(opened, case, by=COMMAND_LINE)
    say(f"case {case} is erased; backups made before still hold it")
    if not shed:
        say("its bytes leave the database's journal when all programs that use the database have ended")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")], database: DatabaseOption = None
) -> None:
    """The whole database in one file, made while others work; it fits SQLite and PostgreSQL."""
    with opened_database(database) as opened:
        from tumorboard.store.backup import back_up

        manifest = back_up(opened, file)
    say(f"{file}: {sum(one.rows for one in manifest.tables.values())} rows of {len(manifest.tables)} tables")
    write(f"{manifest.head}\n", None)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    replace: Annotated[bool, typer.Option("--replace", help="Remove what the database holds.")] = False,
    even_if_broken: Annotated[
        bool, typer.Option("--even-if-broken", help="Also where the audit log in it does not verify.")
    ] = False,
    database: DatabaseOption = None,
) -> None:
    """Fill a database from a backup, whole or not at all, and verify its audit log."""
    with opened_database(database, ready=False) as opened:
        from tumorboard.store import backup as stored

        manifest = stored.restore(opened, file, replace=replace, even_if_broken=even_if_broken)
    say(f"restored what was there at {manifest.made_at.isoformat(timespec='seconds')}")


@databases.command()
def upgrade(database: DatabaseOption = None) -> None:
    """Bring the tables to the form this program uses, whole or not at all."""
    with opened_database(database, ready=False) as opened:
        from tumorboard.store import schema

        schema.upgrade(opened)
        say(f"{opened.name}: revision {schema.status(opened).revision}")


@databases.command()
def downgrade(
    revision: Annotated[str, typer.Argument(metavar="REVISION", help="As `status` prints it; base: no tables at all.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Take the tables back to an earlier form; what only the later form can hold is lost."""
    with opened_database(database, ready=False) as opened:
        from tumorboard.store import schema

        if not yes and not typer.confirm("What only the later tables can hold is lost. Go on?", err=True):
            raise WrongUsage(Problem("", "nothing was changed"))
        schema.downgrade(opened, revision)
        say(f"{opened.name}: revision {schema.status(opened).revision or 'none'}")


@databases.command()
def status(database: DatabaseOption = None) -> None:
    """Where the database is, and which form its tables have."""
    with opened_database(database, ready=False) as opened:
        from tumorboard.store import schema

        found = schema.status(opened)
        write(f"{opened.name}\nrevision {found.revision or 'none'}, this program's is {found.newest}\n", None)


@contextmanager
def opened_database(url: str | None, *, ready: bool = True) -> Iterator[Database]:
    """The database that is named, else the default; with ``ready`` its tables are there and up to date."""
    try:
        from tumorboard.store.database import Database, default_url
        from tumorboard.store.schema import open_database
    except ModuleNotFoundError as error:
        raise NotFound(Problem("", f"boards need {error.name}", "pip install 'tumorboard[team]'")) from error
    address = url or default_url(os.environ)
    anchor = os.environ.get("TUMORBOARD_ANCHOR")
    kept = Path(anchor) if anchor else None
    opened = open_database(address, kept) if ready else Database(address, kept)
    try:
        yield opened
    finally:
        opened.close()


def _role(word: str) -> Role:
    from tumorboard.store.users import Role

    try:
        return Role(word)
    except ValueError:
        raise WrongUsage(Problem("", f"{word!r} is not a role", f"use {', '.join(Role)}")) from None


def _password() -> str:
    """Typed twice without being shown, or the first line of standard input; never part of the command."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _states(user: User) -> list[str]:
    told = {"disabled": user.disabled_at is not None, "linked": user.subject is not None}
    told["no password"] = not user.has_password
    return [state for state, holds in told.items() if holds]


def _user_record(user: User) -> dict[str, object]:
    return {
        "id": user.id, "name": user.name, "full_name": user.full_name, "role": user.role.value,
        "disabled": user.disabled_at is not None, "linked": user.subject is not None, "password": user.has_password,
    }  # fmt: skip


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(users, name="user")
    parent.add_typer(audit, name="audit")
    parent.add_typer(boards, name="board")
    parent.add_typer(databases, name="database")
    parent.command()(backup)
    parent.command()(restore)
