"""``cohort import``: case files and other people's exports as a cohort."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tumorboard.cli.batch import answers, spread
from tumorboard.cli.common import KnowledgeOption, load_knowledge, say, today
from tumorboard.errors import NotFound, Problem, TumorboardError, WrongUsage

if TYPE_CHECKING:
    from tumorboard.case.read import Case
    from tumorboard.cohort.files import Written
    from tumorboard.cohort.intake.mapping import ImportMapping
    from tumorboard.cohort.intake.recognise import Form
    from tumorboard.cohort.intake.refusals import Account
    from tumorboard.cohort.intake.taking import Taken, Taker
    from tumorboard.guidelines.knowledge import Knowledge

RowsOption = Annotated[int, typer.Option("--rows", min=1, help="Patients a file.")]
ROWS_A_FILE = 250_000
_FORMS = ("case", "fhir-bulk", "csv", "omop")


def import_(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="A folder of case files, a .jsonl file, or a folder of FHIR bulk NDJSON, CSV sections or OMOP tables.",
        ),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="The new folder of the cohort.")],
    rows: RowsOption = ROWS_A_FILE,
    form: Annotated[
        str | None,
        typer.Option("--from", metavar="|".join(_FORMS), help="Form of SOURCE; told by what it holds if not given."),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE.yaml", help="Their headings and codes in our words (csv and omop)."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="The day of the board for patients whose record gives none."),
    ] = None,
    follow_up: Annotated[
        Path | None,
        typer.Option(
            "--follow-up", metavar="FILE.csv", help="A table of id,hospital,start,last_seen,died, for outcomes."
        ),
    ] = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Case files, FHIR, CSV or OMOP as a cohort. What can't be taken is named in refused.jsonl; the rest is done."""
    needs_pyarrow()
    from tumorboard.cohort.follow_up import read_follow_up
    from tumorboard.cohort.intake.importing import new_cohort
    from tumorboard.cohort.intake.mapping import read_mapping
    from tumorboard.cohort.intake.refusals import Account
    from tumorboard.cohort.intake.taking import Taker

    chosen = _form(form, source)
    mapped = read_mapping(mapping, chosen)
    known = load_knowledge(knowledge)
    afterwards = {} if follow_up is None else read_follow_up(follow_up)
    day = _day(as_of) or mapped.as_of
    taker = Taker(known, day or today(), afterwards)
    with new_cohort(out) as temporary, Account(out, say) as account:
        if chosen == "case":
            written = _cases(source, out, rows, known, taker, account)
        else:
            written = _export(chosen, source, temporary, out, rows, mapped, day, taker, account)
    say(f"{written.patients} patients in {written.files} files; {account.refused} refused ({out / 'refused.jsonl'})")
    if account.kinds:
        say(f"{account.kinds} kinds of things were not understood ({out / 'not-understood.jsonl'})")
    if account.refused:
        raise typer.Exit(4)


def _form(given: str | None, source: Path) -> Form:
    from tumorboard.cohort.intake.recognise import Form, recognised

    found, by = recognised(source)
    if given is None:
        say(f"{source.name} is read as {found.value}, told by {by}; --from says otherwise")
        return found
    if given not in _FORMS:
        raise WrongUsage(Problem("--from", f"{given!r} is no form", f"use {', '.join(_FORMS)}"))
    return Form(given)


def _day(text: str | None) -> datetime.date | None:
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(Problem("--as-of", f"{text!r} is no day", "write it as 2026-03-01")) from error


def _cases(source: Path, out: Path, rows: int, known: Knowledge, taker: Taker, account: Account) -> Written:
    from tumorboard.cohort.intake.importing import write_taken

    def taken(name: str, one: Case | TumorboardError) -> Taken:
        return taker.of_case(name, one)

    return write_taken(answers(source, known, taken), out, rows, account)


def _export(
    form: Form, source: Path, temporary: Path, out: Path, rows: int, mapped: ImportMapping, day: datetime.date | None,
    taker: Taker, account: Account,
) -> Written:  # fmt: skip
    from tumorboard.cohort.intake.importing import import_groups
    from tumorboard.cohort.intake.open import opened_export

    groups, read = opened_export(form, source, temporary, mapped, day, taker.knowledge, account, spread)
    return import_groups(groups, read, taker, out, rows, account, spread)


def needs_pyarrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        raise NotFound(Problem("", "cohorts need pyarrow", "pip install 'tumorboard[cohort]'")) from error
