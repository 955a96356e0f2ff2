"""``guideline new``, ``guideline lint`` and ``guideline test``: a hospital's own guideline beside ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tumorboard.cli.common import EXAMPLE_DAY, KnowledgeOption, load_knowledge, new_app, say, today, write
from tumorboard.cli.exporting import add_to_guideline as add_export
from tumorboard.cli.proving import add_to_guideline as add_prove
from tumorboard.errors import InvalidKnowledge, NotFound, Problem, WrongUsage

app = new_app("Guidelines: start one of your own, check it, run its examples.")

FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="A folder with your own guidelines; without it, ours are read.")
]


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its id: small letters, digits and hyphens.")],
    folder: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="The folder to start it in.")] = Path(
        "knowledge"
    ),
) -> None:
    """Start a guideline of your own from a template that passes `lint` and `test`."""
    from tumorboard.guidelines.template import template

    if not name.replace("-", "").isalnum() or name != name.lower():
        raise WrongUsage(Problem("", f"{name!r} as an id", "use small letters, digits and hyphens"))
    file = folder / "guidelines" / f"{name}.yaml"
    if file.exists():
        raise WrongUsage(Problem(str(file), "is there already", "choose another name"))
    file.parent.mkdir(parents=True, exist_ok=True)
    write(template(name, today().year), file)
    write(f"{file}\n", None)
    say(f"next: tumorboard guideline test {folder}; then: tumorboard advise CASE --knowledge {folder}")


@app.command()
def lint(folder: FolderArgument = None, knowledge: KnowledgeOption = None) -> None:
    """Load guidelines and check every name, rule and grade; differences between printed strength and rule are shown."""
    known = load_knowledge([*(knowledge or ()), *([_existing(folder)] if folder else ())])
    for guideline in known.guidelines.values():
        options = guideline.options()
        write(f"{guideline.id}: {len(guideline.situations)} situations, {len(options)} options\n", None)
        for difference in guideline.differences():
            write(f"  {difference}\n", None)
        for situation, option in options:
            if not option.evidence:
                write(f"  {situation.id}: {option.id}: names no finding\n", None)


@app.command()
def test(folder: FolderArgument = None, knowledge: KnowledgeOption = None) -> None:
    """Run the examples of every guideline and fact."""
    from tumorboard.advice.examples import check_guidelines
    from tumorboard.logic.examples import check_examples

    known = load_knowledge([*(knowledge or ()), *([_existing(folder)] if folder else ())])
    problems = [*check_examples(known.facts, known.vocabulary, EXAMPLE_DAY), *check_guidelines(known, EXAMPLE_DAY)]
    if problems:
        raise InvalidKnowledge(*problems)
    facts = sum(len(fact.examples) for fact in known.facts.definitions.values())
    cases = sum(len(guideline.examples) for guideline in known.guidelines.values())
    write(f"{facts} examples of facts and {cases} of guidelines hold\n", None)


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise NotFound(Problem(str(folder), "is no folder"))
    return folder


def add_to(parent: typer.Typer) -> None:
    add_export(app)
    add_prove(app)
    parent.add_typer(app, name="guideline")
