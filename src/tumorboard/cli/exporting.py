"""``guideline export``: a guideline for other people's engines, and as decision tables to print."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tumorboard.cli.common import KnowledgeOption, Lang, LangOption, SetOption, load_knowledge, say, to_json, write

if TYPE_CHECKING:
    from tumorboard.guidelines.knowledge import Knowledge
    from tumorboard.guidelines.model import Guideline

Files = dict[str, str]


class Form(StrEnum):
    elm = "elm"
    cql = "cql"
    fhir = "fhir"
    dmn_html = "dmn-html"


def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The id of a guideline.")],
    to: Annotated[Form, typer.Option("--to", help="ELM as JSON, CQL, FHIR R4, or decision tables as a page.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="FILE|DIR", help="Write to this file, or by its own name into this folder."
        ),
    ] = None,
    lang: LangOption = Lang.en,
    chosen: SetOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """A guideline for another engine: its situations, options and cautions as logic over facts."""
    known = load_knowledge(knowledge, chosen)
    main, *beside = _files(known.guideline(name), known, to, lang).items()
    if out is None or not out.is_dir():
        write(main[1], out)
        return
    for file, text in (main, *beside):
        write(text, out / file)
        say(f"wrote {out / file}")


def _files(guideline: Guideline, knowledge: Knowledge, to: Form, lang: Lang) -> Files:
    """The export's files by name, the guideline itself first; the others go into a folder only."""
    match to:
        case Form.elm:
            from tumorboard.guidelines.exporting import elm_library

            return {f"{guideline.id}.json": to_json(elm_library(guideline, knowledge))}
        case Form.cql:
            from tumorboard.guidelines.exporting import cql_library

            return {f"{guideline.id}.cql": cql_library(guideline, knowledge)}
        case Form.fhir:
            from tumorboard.guidelines.plan_definition import extension_definitions, plan_definition

            plan = {f"PlanDefinition-{guideline.id}.json": to_json(plan_definition(guideline, knowledge))}
            definitions = extension_definitions(knowledge)
            return plan | {f"StructureDefinition-{each['id']}.json": to_json(each) for each in definitions}
        case Form.dmn_html:
            from tumorboard.report.decision_tables import decision_tables

            return {f"{guideline.id}.html": decision_tables(guideline, knowledge, lang.language)}


def add_to_guideline(app: typer.Typer) -> None:
    app.command()(export)
