"""``consensus``: the questions and protocol of a panel, its rounds, and the guideline that comes of them."""

from __future__ import annotations

import os
import re
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tumorboard.cli.common import (
    EXAMPLE_DAY,
    KnowledgeOption,
    load_knowledge,
    new_app,
    say,
    to_json,
    today,
    write,
)
from tumorboard.cli.consensus_rounds import add_rounds
from tumorboard.data import parse, read_text
from tumorboard.errors import InvalidInput, NotFound, Problem, WrongUsage

if TYPE_CHECKING:
    from tumorboard.consensus.protocol import Protocol
    from tumorboard.consensus.questions import QuestionSet
    from tumorboard.consensus.result import Result
    from tumorboard.guidelines.knowledge import Knowledge

app = new_app("Consensus rounds: from questions and votes to graded recommendations that can be run.")
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the panel's files.")]
PASSPHRASE = "TUMORBOARD_KEY_PASSPHRASE"  # the environment variable; a passphrase is never an argument
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")


@app.command()
def protocols(knowledge: KnowledgeOption = None) -> None:
    """The protocols there are: how a panel votes and what its votes decide."""
    from tumorboard.consensus.methods import definition
    from tumorboard.consensus.protocol import presets

    for protocol in presets(load_knowledge(knowledge).folder).values():
        write(f"{protocol.id}: {protocol.name.en} ({protocol.reference.en})\n", None)
        for each in protocol.classes:
            write(f"  {definition(each, protocol).en}\n", None)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its id: small letters, digits and hyphens.")],
    earlier: Annotated[
        str, typer.Option("--from", metavar="GUIDELINE", help="Ask again what this guideline recommended.")
    ],
    protocol: Annotated[
        str, typer.Option("--protocol", metavar="NAME", help="One of `consensus protocols`.")
    ] = "refractory-lung-cancer-2023",
    folder: Annotated[Path | None, typer.Option("-o", "--out", metavar="DIR", help="Where its files go.")] = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Start the files of a panel, to be edited before `consensus start`: questions.yaml, protocol.yaml, panel.csv."""
    from tumorboard.consensus.earlier import questions_of
    from tumorboard.consensus.protocol import preset
    from tumorboard.consensus.writing import to_yaml

    if not _ID.fullmatch(name):
        raise WrongUsage(Problem("", f"{name!r} as an id", "use small letters, digits and hyphens"))
    out = folder or Path(name)
    if out.exists() and any(out.iterdir()):
        raise WrongUsage(Problem(str(out), "is not empty", "choose another folder"))
    known = load_knowledge(knowledge)
    chosen = preset(known.folder, protocol)
    questions = questions_of(known, earlier, name, today().year, chosen)
    out.mkdir(parents=True, exist_ok=True)
    write(to_yaml(questions, f"Questions of {name}. `tumorboard consensus check {out}` checks them."), out / QUESTIONS)
    write(to_yaml(dict(chosen.data), "The protocol; it is frozen by `tumorboard consensus start`."), out / PROTOCOL)
    write("name,address,language\n", out / "panel.csv")
    say(f"next: review every question and its translation, then `tumorboard consensus check {out}`")


QUESTIONS, PROTOCOL = "questions.yaml", "protocol.yaml"


def read_folder(folder: Path, known: Knowledge) -> tuple[QuestionSet, Protocol]:
    """The questions in a folder and their protocol: ``protocol.yaml`` beside them, or the preset they name."""
    from tumorboard.consensus.protocol import preset, protocol_from
    from tumorboard.consensus.questions import questions_from

    data = parse(read_text(folder / QUESTIONS), QUESTIONS)
    own = folder / PROTOCOL
    if own.exists():
        protocol = protocol_from(parse(read_text(own), PROTOCOL), PROTOCOL)
    else:
        protocol = preset(known.folder, str(data.get("protocol") if isinstance(data, dict) else None))
    return questions_from(data, QUESTIONS, protocol, known), protocol


@app.command()
def check(folder: FolderArgument, knowledge: KnowledgeOption = None) -> None:
    """Check questions and protocol: every rule, drug and finding, both languages; what still waits for a review."""
    questions, protocol = read_folder(folder, load_knowledge(knowledge))
    write(f"{questions.id}: {len(questions.questions)} questions, protocol {protocol.id} {protocol.sha256}\n", None)
    if waiting := questions.unreviewed():
        write(f"  translation not reviewed: {', '.join(waiting)}\n", None)


@app.command()
def grade(
    folder: FolderArgument,
    shares: Annotated[
        Path,
        typer.Option("--shares", metavar="FILE.csv", help="question,share or question,for,of: votes counted before."),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="The new folder of the guideline.")],
    knowledge: KnowledgeOption = None,
) -> None:
    """A guideline from votes counted elsewhere, by share or by number."""
    from tumorboard.consensus.result import result_of_shares

    known = load_knowledge(knowledge)
    questions, protocol = read_folder(folder, known)
    given = read_shares(read_text(shares), shares.name, questions)
    write_package(result_of_shares(questions, protocol, given), known, out, knowledge or [], None)


def read_shares(text: str, name: str, questions: QuestionSet) -> dict[str, Fraction]:
    """Agreement in percent by question, exact where numbers of votes are given. Raises InvalidInput with the line."""
    from tumorboard.consensus.panel import read_rows
    from tumorboard.consensus.protocol import percentage

    known = {question.id for question in questions.questions}
    found: dict[str, Fraction] = {}
    for line, row in enumerate(read_rows(text, name, ("question",), ("share", "for", "of")), start=2):
        place = f"{name}:{line}"
        if row["question"] not in known or row["question"] in found:
            raise InvalidInput(Problem(place, f"{row['question']!r} is no question, or stands twice"))
        try:
            share = percentage(row["share"]) if row.get("share") else Fraction(100 * int(row["for"]), int(row["of"]))
        except (ValueError, KeyError, ZeroDivisionError) as error:
            raise InvalidInput(Problem(place, "has no share", "give share, or for and of")) from error
        if not 0 <= share <= 100:
            raise InvalidInput(Problem(place, f"a share of {float(share):g} %", "0 to 100"))
        found[row["question"]] = share
    return found


def write_package(result: Result, known: Knowledge, out: Path, more: list[Path], added: dict[str, Any] | None) -> None:
    """The guideline, its record and its reports in a new folder, whole or not at all."""
    import importlib.util

    from tumorboard.consensus.methods import appendix
    from tumorboard.consensus.package import checked, guideline_content, write_guideline
    from tumorboard.report.consensus import consensus_html
    from tumorboard.text import LANGUAGES

    if out.exists():
        raise WrongUsage(Problem(str(out), "is there already", "choose another folder"))
    prove = importlib.util.find_spec("z3") is not None
    passed = checked(guideline_content(result), more, EXAMPLE_DAY, prove, added)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as unfinished:
        made = Path(unfinished) / "package"
        write_guideline(passed.content, made)
        write(to_json(whole_record(result, known)), made / "result.json")
        filled = appendix(result, known.folder)
        for language in LANGUAGES:
            write(consensus_html(result, filled, known, language), made / f"report.{language}.html")
        made.rename(out)
    told = "proved" if passed.proved else "not proved (pip install 'tumorboard[proof]')"
    write(f"{out}: {len(result.outcomes)} questions; {passed.examples} examples hold; {told}\n", None)
    if filled.absent:
        say(f"not stated in the methods appendix: {', '.join(filled.absent)}")
    say(f"next: tumorboard advise CASE --knowledge {out}")


def whole_record(result: Result, known: Knowledge) -> dict[str, Any]:
    """The result with its methods appendix, as JSON-ready data."""
    from tumorboard.consensus.methods import appendix, appendix_record
    from tumorboard.consensus.result import result_record

    about = {"version": known.version, "date": known.date, "sha256": known.sha256}
    return {**result_record(result, about), "methods": appendix_record(appendix(result, known.folder))}


# -- signatures ----------------------------------------------------------------------------------------------------


@app.command()
def key(file: Annotated[Path, typer.Argument(metavar="FILE", help="The new private key of the chair.")]) -> None:
    """Make the chair's key (Ed25519) and print its public part; a passphrase is read from TUMORBOARD_KEY_PASSPHRASE."""
    from tumorboard.consensus.signing import new_key

    write(new_key(file, os.environ.get(PASSPHRASE)) + "\n", None)
    if not os.environ.get(PASSPHRASE):
        say(f"the key has no passphrase; set {PASSPHRASE} to give one")


@app.command()
def sign(
    file: Annotated[Path, typer.Argument(metavar="RESULT.json", help="A result.")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="The chair's private key.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The signed result.")],
) -> None:
    """Sign a result."""
    from tumorboard.consensus.signing import read_key, signed

    record = parse(read_text(file), "result.json")
    if not isinstance(record, dict) or record.get("schema") != "tumorboard.consensus-result/1":
        raise InvalidInput(Problem(str(file), "is not a result", "`tumorboard consensus package` writes one"))
    document = signed(record, read_key(key, os.environ.get(PASSPHRASE)))
    write(to_json(document), out)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A signed result.")],
    public: Annotated[
        str | None, typer.Option("--public", metavar="KEY", help="The public key it must have, in base64.")
    ] = None,
) -> None:
    """Check the signature of a result. Exit 4: it doesn't fit."""
    from tumorboard.consensus.signing import verify as verified

    if not file.exists():
        raise NotFound(Problem(str(file), "no such file"))
    write(f"signed by {verified(parse(read_text(file), 'signed.json'), public)}\n", None)
    if public is None:
        say("whose key this is the file can't tell: compare it with the key the chair gave you, or use --public")


def add_to(parent: typer.Typer) -> None:
    add_rounds(app)
    parent.add_typer(app, name="consensus")
