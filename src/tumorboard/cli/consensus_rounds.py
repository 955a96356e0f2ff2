"""``consensus`` with a database: rounds held, ballots brought in, results written."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tumorboard.cli.common import (
    Format,
    KnowledgeOption,
    Lang,
    LangOption,
    OutOption,
    load_knowledge,
    say,
    to_json,
    write,
)
from tumorboard.cli.store import DatabaseOption, opened_database
from tumorboard.data import parse, read_text
from tumorboard.errors import InvalidInput, Problem, WrongUsage

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tumorboard.consensus.kept import Consensus
    from tumorboard.guidelines.knowledge import Knowledge

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The consensus.")]


@contextmanager
def _writing(database: str | None) -> Iterator[Connection]:
    with opened_database(database) as opened, opened.writing() as connection:
        yield connection


@contextmanager
def _acting(
    name: str, database: str | None, knowledge: list[Path] | None
) -> Iterator[tuple[Any, Consensus, Knowledge]]:
    """A transaction with the consensus in it."""
    known = load_knowledge(knowledge)
    with _writing(database) as connection:
        from tumorboard.consensus.kept import consensus

        yield connection, consensus(connection, name, known), known


def _by() -> str:
    from tumorboard.store.audit import COMMAND_LINE

    return COMMAND_LINE


def start(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="questions.yaml, protocol.yaml and panel.csv.")],
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Start a consensus: its protocol is frozen now, and its fingerprint logged."""
    from tumorboard.cli.consensus import read_folder

    known = load_knowledge(knowledge)
    questions, protocol = read_folder(folder, known)
    with _writing(database) as connection:
        from tumorboard.consensus.kept import consensus
        from tumorboard.consensus.kept import start as started
        from tumorboard.consensus.panel import add_panellist, read_panel

        id_ = started(connection, questions, protocol, by=_by())
        held = consensus(connection, id_, known)
        rows = read_panel(read_text(folder / "panel.csv"), "panel.csv") if (folder / "panel.csv").exists() else []
        for row in rows:
            add_panellist(connection, held, row["name"], row["address"], row["language"], by=_by())
    write(f"{questions.id}: protocol {protocol.id} {protocol.sha256}; {len(rows)} panellists\n", None)


def list_(database: DatabaseOption = None) -> None:
    """The consensuses there are."""
    with opened_database(database) as opened, opened.reading() as connection:
        from tumorboard.consensus.kept import listed

        for each in listed(connection):
            write(f"{each.name}: {each.state}\n", None)


def panel(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(metavar="PANEL.csv", help="name,address,language")],
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Add panellists from a list, all or none."""
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.panel import add_panellist, read_panel

        rows = read_panel(read_text(file), file.name)
        for row in rows:
            add_panellist(connection, held, row["name"], row["address"], row["language"], by=_by())
    write(f"{len(rows)} panellists added\n", None)


def invite(
    name: NameArgument,
    base: Annotated[str, typer.Option("--base", metavar="URL", help="Where `tumorboard serve` is reached.")],
    address: Annotated[
        list[str] | None, typer.Option("--address", help="Only this panellist; may be given several times.")
    ] = None,
    out: OutOption = None,
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """New personal links, as CSV name,address,language,link. Each works once; earlier links and sessions end."""
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.panel import invite as invited
        from tumorboard.consensus.panel import panellist_at, panellists

        chosen = [panellist_at(connection, held.id, each) for each in address or ()] or panellists(connection, held.id)
        # After `#` the secret is never sent to a server by itself: it stands in no log.
        door = f"{base.rstrip('/')}/consensus/enter"
        links = [(p, f"{door}?lang={p.language}#{invited(connection, p, by=_by())}") for p in chosen]
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(("name", "address", "language", "link"))
    writer.writerows((p.name, p.address, p.language, link) for p, link in links)
    write(rows.getvalue(), out)


def conflict(
    name: NameArgument,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The panellist.")],
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="The question.")],
    statement: Annotated[str, typer.Option("--statement", help="What the conflict is.")],
    standing: Annotated[
        str | None, typer.Option("--standing", help="votes | discusses | recused; by default as the protocol says.")
    ] = None,
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Record a conflict of interest a panellist declared for one question."""
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.panel import declare, panellist_at

        declare(connection, held, panellist_at(connection, held.id, address), question, statement, standing, by=_by())


def conflicts(name: NameArgument, database: DatabaseOption = None, knowledge: KnowledgeOption = None) -> None:
    """Every declared conflict, for the disclosure the panel writes."""
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.panel import declared

        for who, question, statement, standing in declared(connection, held.id):
            write(f"{who}: {question}: {statement} ({standing})\n", None)


def open_(
    name: NameArgument,
    closes: Annotated[
        str | None, typer.Option("--closes", metavar="TIME", help="2026-01-31T18:00+08:00: nothing is taken from then.")
    ] = None,
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Open the next round."""
    at = None if closes is None else _moment(closes)
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.rounds import open_round

        opened = open_round(connection, held, by=_by(), closes_at=at)
    write(f"round {opened.number} is open on {len(opened.asked)} questions\n", None)


def progress(name: NameArgument, database: DatabaseOption = None, knowledge: KnowledgeOption = None) -> None:
    """Who has answered how many questions of the open round; never how."""
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.rounds import progress as progressed
        from tumorboard.consensus.voting import rounds

        found = rounds(connection, held.id)
        if not found:
            raise WrongUsage(Problem(name, "has no round yet", f"`tumorboard consensus open {name}`"))
        for each in progressed(connection, held, found[-1]):
            state = "done" if each.done else f"{each.answered} of {each.of}"
            write(f"{each.panellist.name} <{each.panellist.address}>: {state}\n", None)


def remind(
    name: NameArgument,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="A text for each panellist goes here.")],
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Texts for those who aren't done, to be sent by whatever sends your letters."""
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.rounds import reminders

        texts = list(reminders(connection, held))
    out.mkdir(parents=True, exist_ok=True)
    for number, (panellist, text) in enumerate(texts, start=1):
        write(f"To: {panellist.address}\n\n{text}", out / f"{number:03}.txt")
    write(f"{len(texts)} reminders in {out}\n", None)


def meeting(
    name: NameArgument,
    file: Annotated[
        Path, typer.Argument(metavar="VOTES.csv", help="address,question,answer[,reason,condition,when,comment]")
    ],
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Bring in the votes of a meeting, all or none; each is flagged, and twice is the same as once."""
    with _acting(name, database, knowledge) as (connection, held, known):
        from tumorboard.consensus.meeting import import_meeting

        new = import_meeting(connection, held, known, read_text(file), file.name, by=_by())
    write(f"{new} new answers\n", None)


def close(name: NameArgument, database: DatabaseOption = None, knowledge: KnowledgeOption = None) -> None:
    """Close the open round; no ballot is taken from now on."""
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.rounds import close_round

        write(f"round {close_round(connection, held, by=_by()).number} is closed\n", None)


def publish(name: NameArgument, database: DatabaseOption = None, knowledge: KnowledgeOption = None) -> None:
    """Show the panel the distribution of the closed round."""
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.rounds import publish_round

        write(f"round {publish_round(connection, held, by=_by()).number} is published\n", None)


def revise(
    name: NameArgument,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder with the other questions.yaml.")],
    because: Annotated[str, typer.Option("--because", help="Why; it stands in the methods appendix.")],
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Other questions from the next round on."""
    with _acting(name, database, knowledge) as (connection, held, known):
        from tumorboard.consensus.kept import revise as revised
        from tumorboard.consensus.questions import questions_from

        data = parse(read_text(folder / "questions.yaml"), "questions.yaml")
        revised(connection, held, questions_from(data, "questions.yaml", held.protocol, known), because, by=_by())


def deviation(
    name: NameArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What was done otherwise, and why.")],
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Record where the protocol was departed from; it stands in the methods appendix."""
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.kept import add_deviation

        add_deviation(connection, held, text, by=_by())


def conclude(name: NameArgument, database: DatabaseOption = None, knowledge: KnowledgeOption = None) -> None:
    """End the rounds; the result may be seen by anybody."""
    with _acting(name, database, knowledge) as (connection, held, _):
        from tumorboard.consensus.rounds import conclude as concluded

        concluded(connection, held, by=_by())


def result(
    name: NameArgument,
    format: Annotated[Format, typer.Option("--format", help="Form of the result: text, json or html.")] = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """The result of the closed rounds; there is none while a first round is open."""
    from tumorboard.cli.consensus import whole_record
    from tumorboard.consensus.methods import appendix
    from tumorboard.report.consensus import consensus_html

    if format not in (Format.text, Format.json, Format.html):
        raise WrongUsage(Problem("", f"a result as {format.value}", "use --format text, json or html"))
    with _acting(name, database, knowledge) as (connection, held, known):
        from tumorboard.consensus.rounds import result as results

        found = results(connection, held)
    if format is Format.json:
        write(to_json(whole_record(found, known)), out)
    elif format is Format.html:
        write(consensus_html(found, appendix(found, known.folder), known, lang.language), out)
    else:
        write("".join(f"{outcome.wording[lang.language]}\n" for outcome in found.outcomes), out)


def package(
    name: NameArgument,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="The new folder of the guideline.")],
    accepted: Annotated[
        Path | None, typer.Option("--accepted", metavar="FILE", help="Reasons for findings of the proof: `accepted:`.")
    ] = None,
    database: DatabaseOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """The result as a guideline that runs: loaded, its examples run, and proved before it is written."""
    from tumorboard.cli.consensus import write_package

    added = None if accepted is None else parse(read_text(accepted), accepted.name)
    if added is not None and not isinstance(added, dict):
        raise InvalidInput(Problem(str(accepted), "is not a mapping", "write `accepted:` or `not_covered:`"))
    with _acting(name, database, knowledge) as (connection, held, known):
        from tumorboard.consensus.rounds import result as results

        if held.state != "concluded":
            raise WrongUsage(Problem(name, f"is in state {held.state}", f"`tumorboard consensus conclude {name}`"))
        found = results(connection, held)
    write_package(found, known, out, knowledge or [], added)


def ballots(database: DatabaseOption = None) -> None:
    """Compare every ballot with the log. Exit 4: one was changed, removed or written past it."""
    with opened_database(database) as opened, opened.reading() as connection:
        from tumorboard.consensus.voting import verify_ballots

        write(f"{verify_ballots(connection)} ballots are as they were cast\n", None)
    say("that the log itself is whole: tumorboard audit verify")


def _moment(text: str) -> datetime.datetime:
    try:
        at = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(Problem("--closes", f"{text!r} is no time", "write 2026-01-31T18:00+08:00")) from error
    if at.tzinfo is None:
        raise InvalidInput(Problem("--closes", "has no time zone", "write 2026-01-31T18:00+08:00"))
    return at


_COMMANDS = (
    start, panel, invite, conflict, conflicts, progress, remind, meeting, close, publish, revise, deviation, conclude,
    result, package, ballots,
)  # fmt: skip


def add_rounds(app: typer.Typer) -> None:
    app.command("list")(list_)
    app.command("open")(open_)
    for command in _COMMANDS:
        app.command()(command)
