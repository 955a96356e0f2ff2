"""``guideline prove``: overlaps, gaps, dead situations, impossible grades and cut-offs, each with a case."""

from __future__ import annotations

import importlib.util
from typing import Annotated

import typer

from tumorboard.cli.common import (
    Format,
    KnowledgeOption,
    Lang,
    LangOption,
    OutOption,
    load_knowledge,
    to_json,
    write,
)
from tumorboard.errors import InvalidKnowledge, NotFound, Problem, WrongUsage


def prove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The guideline's id.")],
    format: Annotated[Format, typer.Option("--format", help="Form of the answer: text or json.")] = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Prove a guideline: who falls under two gradings or under none, and what can never hold. Exit 4: not accepted."""
    if format not in (Format.text, Format.json):
        raise WrongUsage(Problem("", f"a proof as {format.value}", "use --format text or json"))
    if importlib.util.find_spec("z3") is None:
        raise NotFound(Problem("", "proofs need z3", "pip install 'tumorboard[proof]'"))
    from tumorboard.guidelines.proving import prove as proved
    from tumorboard.report.proof import proof_record, proof_text, read_again

    known = load_knowledge(knowledge)
    proof = proved(known, known.guideline(name))
    read_again(proof, known)
    if format is Format.json:
        write(to_json(proof_record(proof, lang.language)), out)
    else:
        write(proof_text(proof, lang.language), out)
    if proof.not_accepted:
        what = f"{proof.not_accepted} of the proof's findings {'is' if proof.not_accepted == 1 else 'are'} not accepted"
        raise InvalidKnowledge(
            Problem(name, what, "mend the rules, or list each under `accepted:` of the guideline with its reason")
        )


def add_to_guideline(app: typer.Typer) -> None:
    app.command()(prove)
