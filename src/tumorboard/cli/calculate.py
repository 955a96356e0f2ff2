"""``calculate``: one score by itself, from options, a case file, or a CSV of patients."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tumorboard.cli.batch import Answer, Outcome, PatientTable
from tumorboard.cli.common import (
    Format,
    KnowledgeOption,
    Lang,
    LangOption,
    OutOption,
    SetOption,
    load_case,
    load_knowledge,
    to_json,
    today,
    write,
    write_all,
)
from tumorboard.errors import Problem, TumorboardError, WrongUsage

if TYPE_CHECKING:
    from tumorboard.advice.calculate import Calculation, Calculator
    from tumorboard.guidelines.knowledge import Knowledge


def calculate(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A calculator; --list shows them.")] = None,
    case: Annotated[Path | None, typer.Option("--case", help="Take the inputs from a case file.")] = None,
    table: Annotated[Path | None, typer.Option("--csv", help="One patient a row; columns are the inputs.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the calculators and their inputs.")] = False,
    format: Annotated[Format, typer.Option("--format", help="Form of the answer.")] = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    set: SetOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """A score by itself: `tumorboard calculate child-pugh --bilirubin "34.2 umol/L" --albumin "3.5 g/dL" …`."""
    from tumorboard.advice.calculate import calculate as work_out
    from tumorboard.advice.calculate import calculator, case_from_options, input_key, load_calculators

    known = load_knowledge(knowledge, set)
    calculators = load_calculators(known.folder)
    if list_ or name is None:
        for each in calculators.values():
            inputs = " ".join(f"--{input_key(option)}" for option in each.inputs)
            write(f"{each.id}\t{each.name[lang.language]}\t{inputs}\n", None)
        return
    wanted = calculator(name, calculators)
    if table is not None:
        outcome = Outcome()
        write_all(outcome.texts(_table(table, wanted, known)), out)
        if outcome.failed:
            raise typer.Exit(4)
        return
    given = dict(_options(context.args))
    one = load_case(case, known) if case else case_from_options(given, wanted.inputs, wanted.id, known, today())
    found = work_out(wanted, one, known)
    if format in (Format.json, Format.jsonl):
        from tumorboard.report.calculation import calculation_record

        write(to_json(calculation_record(found, known, lang.language), 2 if format == Format.json else None), out)
        return
    write(_text(found, known, lang), out)


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """``--bilirubin "34.2 umol/L"`` and ``--bilirubin=34.2`` as pairs."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            raise WrongUsage(Problem("", f"{word!r} stands alone", "write --INPUT VALUE, quoted where it has a unit"))
        option, sign, value = word[2:].partition("=")
        if not sign:
            if not rest:
                raise WrongUsage(Problem(word, "has no value"))
            value = rest.pop(0)
        yield option, value


def _text(found: Calculation, known: Knowledge, lang: Lang) -> str:
    from tumorboard.report.calculation import calculation_lines

    return "\n".join(calculation_lines(found, known, lang.language)) + "\n"


def _table(path: Path, wanted: Calculator, known: Knowledge) -> Iterator[Answer]:
    """The CSV with two columns added: the value and, where it isn't known, what is possible or wrong."""
    from tumorboard.advice.calculate import calculate as work_out
    from tumorboard.report.calculation import calculation_record

    table = PatientTable(path, wanted.inputs)
    yield Answer(_csv_line([*table.heading, wanted.fact, "range"]))
    for row in table.rows():
        try:
            record: dict[str, Any] = calculation_record(
                work_out(wanted, row.case(wanted.inputs, known), known), known, "en"
            )
        except TumorboardError as error:
            told = tuple(f"error: {row.name}: {problem}" for problem in error.problems)
            yield Answer(_csv_line([*row.cells, "", str(error)]), told, failed=True)
            continue
        between = "" if record["range"] is None else " to ".join(map(str, record["range"]))
        yield Answer(_csv_line([*row.cells, "" if record["value"] is None else record["value"], between]))


def _csv_line(cells: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def add_to(app: typer.Typer) -> None:
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(calculate)
