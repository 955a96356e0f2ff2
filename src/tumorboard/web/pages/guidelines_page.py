"""The guideline browser: situations, options and grades as printed, examples run, decision tables, the proof."""

from __future__ import annotations

import datetime
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tumorboard.advice.examples import check_guidelines
from tumorboard.case.write import data_yaml
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Guideline, Option
from tumorboard.guidelines.record import option_record
from tumorboard.report.decision_tables import TABLE_WORDS, table_of
from tumorboard.report.names import Names
from tumorboard.text import Language
from tumorboard.web.pages.page import knowledge_of, language_of, render
from tumorboard.web.pages.tables import exported
from tumorboard.web.proofs import proved

router = APIRouter()


@dataclass(frozen=True, slots=True)
class OptionLine:
    regimen: str
    strategy: str
    strength: str
    strength_word: str
    level: str | None
    agreement: str | None
    evidence: tuple[str, ...]
    conditions: tuple[str, ...]
    exclusions: tuple[str, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SituationLines:
    id: str
    name: str
    table: int | None
    rule: str
    options: tuple[OptionLine, ...]


@dataclass(frozen=True, slots=True)
class ExampleView:
    """A case the guideline carries: the situations it must be in, and whether it is."""

    id: str
    met: tuple[str, ...]
    unknown: tuple[str, ...]
    holds: bool
    text: str


@router.get("/guidelines")
def guidelines_page(request: Request) -> HTMLResponse:
    known = knowledge_of(request)
    return render(request, "guidelines.html", language_of(request), guidelines=tuple(known.guidelines.values()))


@router.get("/guidelines/{name}")
def guideline_page(request: Request, name: str, export: str = "") -> Response:
    """Raises NotFound naming the guidelines there are."""
    known, language = knowledge_of(request), language_of(request)
    guideline = known.guideline(name)
    if export:
        rows = [{"situation": situation.id, **option_record(option)} for situation, option in guideline.options()]
        return exported(rows, export, guideline.id)
    return render(
        request, "guideline.html", language, guideline=guideline, source=known.findings.source(guideline.source),
        situations=tuple(_situations(guideline, known, language)), examples=tuple(_examples(guideline, known)),
        can_prove=importlib.util.find_spec("z3") is not None,
    )  # fmt: skip


@router.get("/guidelines/{name}/table")
def decision_table_page(request: Request, name: str) -> HTMLResponse:
    known, language = knowledge_of(request), language_of(request)
    guideline = known.guideline(name)
    return render(
        request, "guideline_table.html", language, guideline=guideline, table=table_of(guideline, known, language),
        words={key: text[language] for key, text in TABLE_WORDS.items()},
    )  # fmt: skip


@router.post("/guidelines/{name}/proof")
async def proof_page(request: Request, name: str, export: str = "") -> Response:
    """What was proved of the guideline. Raises NotFound without the extra."""
    known, language = knowledge_of(request), language_of(request)
    proof = await proved(known.guideline(name), known)
    from tumorboard.report.proof import proof_record, proof_text  # needs the extra too

    if export:
        return exported([proof_record(proof, language)], export, f"{name}-proof")
    text = proof_text(proof, language)
    return render(request, "guideline_proof.html", language, guideline=proof.guideline, text=text)


def _situations(guideline: Guideline, knowledge: Knowledge, language: Language) -> Iterator[SituationLines]:
    names = Names(knowledge.vocabulary, language)
    for situation in guideline.situations:
        options = tuple(_option(option, guideline, names, knowledge) for option in situation.options)
        yield SituationLines(situation.id, situation.name[language], situation.table, situation.when.text, options)


def _option(option: Option, guideline: Guideline, names: Names, knowledge: Knowledge) -> OptionLine:
    strength = option.strength or "no grade"
    named = guideline.grading.strengths.get(strength) if guideline.grading and option.recommended else None
    share, language = option.strategy.agreement, names.language
    return OptionLine(
        regimen=names.regimen(option.regimen),
        strategy=option.strategy.name[language],
        strength=strength,
        strength_word=named[language] if named else names.word(strength),
        level=option.level,
        agreement=names.word("percent", share=format(share, "f")) if share is not None else None,
        evidence=tuple(dict.fromkeys(filter(None, (option.cell, option.strategy.vote, *option.evidence)))),
        conditions=tuple(condition.text[language] for condition in option.conditions),
        exclusions=tuple(exclusion.because[language] for exclusion in option.exclusions),
        cautions=tuple(
            dict.fromkeys(
                caution.text[language]
                for caution in (*option.cautions, *knowledge.cautions.get((guideline.id, option.id), ()))
            )
        ),
    )


def _examples(guideline: Guideline, knowledge: Knowledge) -> Iterator[ExampleView]:
    failing = {problem.place for problem in check_guidelines(knowledge, datetime.date.today(), guideline.id)}
    for index, example in enumerate(guideline.examples):
        name = str(example.get("id", index))
        yield ExampleView(
            name,
            tuple(example.get("met") or ()),
            tuple(example.get("unknown") or ()),
            f"{guideline.id}: examples: {name}" not in failing,
            data_yaml({"schema": "tumorboard.case/1", "id": name, **example["case"]}),
        )
