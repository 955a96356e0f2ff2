"""``cohort``: many patients in tables of columns, and the guideline over all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tumorboard.cli.batch import spread
from tumorboard.cli.cohort_import import ROWS_A_FILE, RowsOption, import_, needs_pyarrow
from tumorboard.cli.common import (
    Format,
    KnowledgeOption,
    Lang,
    LangOption,
    OutOption,
    load_knowledge,
    new_app,
    rendered,
    say,
    to_json,
    write,
)
from tumorboard.errors import Problem, WrongUsage

app = new_app("Many patients: tables in Parquet, a guideline over all of them.")
CohortArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a cohort.")]
_BATCH = 1000  # synthetic patients a process makes at a time
app.command(name="import")(import_)


@app.command()
def synthesise(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="The new folder of the cohort.")],
    patients: Annotated[int, typer.Option("-n", "--patients", min=1, help="How many patients to make.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same patients.")] = 0,
    rows: RowsOption = ROWS_A_FILE,
    knowledge: KnowledgeOption = None,
) -> None:
    """Synthetic patients, seeded, with missing inputs and values on boundaries; each says that it is made up."""
    needs_pyarrow()
    from tumorboard.cohort.files import write_cohort
    from tumorboard.cohort.synthesise import Synthesis

    known = load_knowledge(knowledge)
    making = Synthesis(known.folder, known.vocabulary, seed)
    ranges = (range(start, min(start + _BATCH, patients)) for start in range(0, patients, _BATCH))

    def made(numbers: range) -> list[dict[str, Any]]:
        return [making.patient(number) for number in numbers]

    written = write_cohort((one for some in spread(made, ranges) for one in some), out, rows)
    say(f"{written.patients} patients in {written.files} files of {out}")


class EngineName(StrEnum):
    """Where a cohort is answered."""

    local = "local"
    spark = "spark"


class DialectName(StrEnum):
    duckdb = "duckdb"
    spark = "spark"


GuidelineOption = Annotated[
    list[str] | None, typer.Option("--guideline", metavar="NAME", help="Only this one; may be given several times.")
]
AddressOption = Annotated[
    str | None, typer.Option("--spark", metavar="ADDRESS", help="Of Spark: sc://host:15002 or a master; else local.")
]


@app.command()
def run(
    cohort: CohortArgument,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Where the verdicts go.")],
    guideline: GuidelineOption = None,
    engine: Annotated[EngineName, typer.Option("--engine", help="This machine's cores, or Spark.")] = EngineName.local,
    spark: AddressOption = None,
    format: Annotated[Format, typer.Option("--format", help="Form of the summary: text or json.")] = Format.text,
    knowledge: KnowledgeOption = None,
) -> None:
    """Every situation and option for every patient, file by file; a run that was cut off goes on where it was."""
    needs_pyarrow()
    from tumorboard.cohort.engines import Local
    from tumorboard.cohort.run import Engine, run_cohort

    if format not in (Format.text, Format.json):
        raise WrongUsage(Problem("", f"a summary as {format.value}", "use --format text or json"))
    known = load_knowledge(knowledge)
    chosen: Engine = Local(spread)
    if engine is EngineName.spark:
        from tumorboard.cohort.spark import Spark

        chosen = Spark(spark, knowledge or ())
    with progress() as said:
        summary = run_cohort(cohort, out, known, guideline or (), chosen, said)
    record = summary.record(known)
    write(to_json(record), out / "summary.json")
    if format is Format.json:
        write(to_json(record), None)
    else:
        write("\n".join(_lines(record, summary.skipped)) + "\n", None)
    for entry in record["failed"]:
        say(f"error: {entry['place']}: {entry['what']}")
    if record["failed"]:
        raise typer.Exit(4)


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """Says how many of a cohort's files are done: as a bar on a terminal, else as lines."""
    if not sys.stderr.isatty():
        yield lambda done, all_: say(f"file {done} of {all_} done")
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("files", total=None)
        yield lambda done, all_: bar.update(task, completed=done, total=all_)


@app.command()
def sql(
    guideline: GuidelineOption = None,
    dialect: Annotated[DialectName, typer.Option("--dialect", help="Of the query.")] = DialectName.duckdb,
    source: Annotated[str, typer.Option("--from", metavar="TABLE", help="What the query reads.")] = "cohort",
    cohort: Annotated[
        Path | None, typer.Option("--cohort", metavar="DIR", help="The cohort whose alterations the query must know.")
    ] = None,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """The situations of a guideline as one query over a cohort's tables, to be run where they lie."""
    needs_pyarrow()
    from tumorboard.cohort.sql import alterations_of, query, situation_rules
    from tumorboard.logic.sql.dialect import DIALECTS

    known = load_knowledge(knowledge)
    alterations = known.vocabulary.alterations if cohort is None else alterations_of(cohort)
    rules = situation_rules(known, guideline or list(known.guidelines))
    write(query(rules, known, DIALECTS[dialect], source, list(alterations)) + "\n", out)


@app.command()
def verify(
    cohort: CohortArgument,
    guideline: GuidelineOption = None,
    engine: Annotated[DialectName, typer.Option("--engine", help="That asks the query.")] = DialectName.duckdb,
    spark: AddressOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Every situation asked once by columns and once in SQL: the two must not differ for any patient."""
    needs_pyarrow()
    from tumorboard.cohort.sql import differences

    known = load_knowledge(knowledge)
    chosen = guideline or list(known.guidelines)
    found, patients = differences(cohort, known, chosen, engine, spark, spread)
    write(
        f"{patients} patients, {len(chosen)} guidelines, by columns and in SQL on {engine}: {len(found)} differences\n",
        None,
    )
    for difference in found[:20]:
        say(f"error: {difference}")
    if found:
        raise typer.Exit(4)


@app.command()
def explain(
    cohort: CohortArgument,
    id: Annotated[str, typer.Argument(metavar="ID", help="The patient.")],
    format: Annotated[Format, typer.Option("--format", help="Form of the answer: text or json.")] = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """The advice on one patient of the cohort with its reasons: what `run` gave, explained."""
    needs_pyarrow()
    from functools import partial

    from tumorboard.advice.advise import advise
    from tumorboard.cohort.files import patient
    from tumorboard.cohort.patients import case_of
    from tumorboard.report.record import advice_record
    from tumorboard.report.terminal import print_advice

    if format not in (Format.text, Format.json):
        raise WrongUsage(Problem("", f"an explanation as {format.value}", "use --format text or json"))
    known = load_knowledge(knowledge)
    case = case_of(patient(cohort, id))
    advice = advise(case, known)
    if format is Format.json:
        write(to_json(advice_record(advice, known, lang.language)), out)
    else:
        write(rendered(partial(print_advice, advice, case, known, lang.language), out), out)


@app.command()
def outcomes(
    cohort: CohortArgument,
    arm: Annotated[
        list[str], typer.Option("--arm", metavar="DRUG[,DRUG]", help="What was given next; two or more times.")
    ],
    adjust: Annotated[list[str] | None, typer.Option("--adjust", metavar="FACT", help="A fact to adjust for.")] = None,
    match: Annotated[int, typer.Option("--match", min=0, help="Match the first two arms one to this many.")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Of the matching.")] = 0,
    format: Annotated[Format, typer.Option("--format", help="Form of the answer: text, json or html.")] = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """How long patients lived by what was given next: curves, adjusted and matched; observed, not randomised."""
    needs_pyarrow()
    from tumorboard.cohort.files import patients
    from tumorboard.cohort.study import load_rules, study
    from tumorboard.report.outcomes import outcomes_html, outcomes_lines, outcomes_record

    if format not in (Format.text, Format.json, Format.html):
        raise WrongUsage(Problem("", f"outcomes as {format.value}", "use --format text, json or html"))
    known = load_knowledge(knowledge)
    arms = [[name.strip() for name in each.split(",")] for each in arm]
    found = study(patients(cohort), arms, adjust or (), known, load_rules(known.folder), matched=match, seed=seed)
    if format is Format.json:
        write(to_json(outcomes_record(found, known)), out)
    elif format is Format.html:
        write(outcomes_html(found, known, lang.language), out)
    else:
        write("\n".join(outcomes_lines(found, known, lang.language)) + "\n", out)


def _lines(record: dict[str, Any], skipped: int) -> Iterator[str]:
    yield f"{record['patients']} patients; {skipped} files were done before"
    for name, counts in record["counts"].items():
        told = ", ".join(f"{word} {count}" for word, count in counts.items())
        yield f"  {name}: {told}"
    yield "Missing, by how many patients it concerns (in brackets: settled by it alone)"
    for entry in record["missing"][:20]:
        yield f"  {entry['ask']}: {entry['patients']} ({entry['settles_alone']})"
    yield from _concordance(record["concordance"])
    about = record["knowledge"]
    yield f"Knowledge {about['version']} of {about['date']}."


def _concordance(entries: list[dict[str, Any]]) -> Iterator[str]:
    """How what was given next stands with the guidelines, by hospital."""
    if not entries:
        return
    yield "Given next, by hospital: how its regimen stands among the options of the patient"
    hospitals = dict.fromkeys(entry["hospital"] for entry in entries)
    for hospital in hospitals:
        counts: dict[str, int] = {}
        for entry in entries:
            if entry["hospital"] == hospital:
                counts[entry["standing"]] = counts.get(entry["standing"], 0) + entry["patients"]
        total = sum(counts.values())
        shown = ", ".join(f"{standing} {count} ({count / total:.0%})" for standing, count in counts.items())
        yield f"  {hospital or '?'} ({total}): {shown}"


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="cohort")
