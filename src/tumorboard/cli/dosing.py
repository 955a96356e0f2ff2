"""``dose``: the doses per m² of a trial for one patient, shown as the trial's, never as an order."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    write,
)
from tumorboard.errors import Problem, WrongUsage


def dose(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="A case file with height and weight.")],
    regimen: Annotated[str | None, typer.Option("--regimen", metavar="ID", help="Only this trial's regimen.")] = None,
    format: Annotated[Format, typer.Option("--format", help="Form of the answer: text or json.")] = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    set: SetOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """The trial's dose for this patient, each trial by itself, with its place in the source; not an order."""
    from tumorboard.advice.dosing import doses, load_regimens
    from tumorboard.advice.dosing import regimen as of_name
    from tumorboard.report.dosing import dosing_lines, dosing_record

    if format not in (Format.text, Format.json):
        raise WrongUsage(Problem("", f"doses as {format.value}", "use --format text or json"))
    known = load_knowledge(knowledge, set)
    regimens = load_regimens(known.folder, known.vocabulary, known.findings)
    wanted = regimens.values() if regimen is None else (of_name(regimen, regimens),)
    one = load_case(case, known)
    found = [doses(each, one, known) for each in wanted]
    if format == Format.json:
        write(to_json([dosing_record(each, known, lang.language) for each in found]), out)
        return
    blocks = ("\n".join(dosing_lines(each, known, lang.language)) for each in found)
    write("\n\n".join(blocks) + "\n", out)


def add_to(app: typer.Typer) -> None:
    app.command()(dose)
