"""``case check``, ``case schema`` and ``case convert``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tumorboard.cli.batch import load_cases
from tumorboard.cli.common import (
    KnowledgeOption,
    OutOption,
    load_case,
    load_knowledge,
    new_app,
    say,
    to_json,
    write,
)
from tumorboard.errors import TumorboardError

app = new_app("Case files: check, describe and convert them.")


class Form(StrEnum):
    yaml = "yaml"
    json = "json"
    fhir = "fhir"


@app.command()
def check(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="A case file, FHIR bundle, .jsonl file or folder.")],
    knowledge: KnowledgeOption = None,
) -> None:
    """Whether a case can be read, and what of it no rule understands."""
    known = load_knowledge(knowledge)
    failed = False
    for name, one in load_cases(case, known):
        if isinstance(one, TumorboardError):
            failed = True
            for problem in one.problems:
                say(f"error: {name}: {problem}")
            continue
        write(f"{name}: {one.id} can be read\n", None)
        for problem in (*one.notices, *one.not_understood):
            write(f"  {problem}\n", None)
    if failed:
        raise typer.Exit(4)


@app.command()
def schema(out: OutOption = None) -> None:
    """The JSON Schema of the case file."""
    from tumorboard.case.schema import case_schema
    from tumorboard.guidelines.knowledge import Knowledge

    write(to_json(case_schema(Knowledge.load().vocabulary.terms)), out)


@app.command()
def convert(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="A case file or FHIR bundle.")],
    to: Annotated[Form, typer.Option("--to", help="The form to write.")] = Form.yaml,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """The same case as YAML, JSON or a FHIR R4 bundle."""
    from tumorboard.case.write import case_data, case_yaml

    known = load_knowledge(knowledge)
    one = load_case(case, known)
    for problem in one.not_understood:
        say(f"not understood: {problem}")
    if to == Form.fhir:
        from tumorboard.case.fhir import bundle_from_case

        write(to_json(bundle_from_case(one.file, known.vocabulary, known.folder)), out)
    elif to == Form.json:
        write(to_json(case_data(one.file)), out)
    else:
        write(case_yaml(one.file), out)


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="case")
