"""The calculators, with the result as one types. The inputs are posted, as they may be a patient's."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tumorboard.advice.calculate import (
    Calculation,
    Calculator,
    calculate,
    calculator,
    case_from_options,
    input_key,
    load_calculators,
)
from tumorboard.case.model import CaseFile, Imaging
from tumorboard.errors import InvalidInput, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.explain import Step
from tumorboard.logic.values import is_not_applicable
from tumorboard.logic.wording import Wording
from tumorboard.logic.words import COLUMN, NO, YES
from tumorboard.report.asks import Asks
from tumorboard.report.calculation import calculation_record
from tumorboard.text import Language, Text
from tumorboard.web.pages.case_form import choices_of, takes_truth
from tumorboard.web.pages.forms import Fields
from tumorboard.web.pages.page import knowledge_of, language_of, render
from tumorboard.web.pages.tables import exported

router = APIRouter()
_CHOSEN = {"on": YES, "off": NO}


@dataclass(frozen=True, slots=True)
class InputField:
    """One input: ``units`` where it is a laboratory value, ``choices`` where it is one of a few."""

    key: str
    label: str
    value: str
    units: tuple[str, ...] = ()
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ItemView:
    name: str
    value: str
    points: str
    interval: str


@dataclass(frozen=True, slots=True)
class Result:
    """A calculation in one language."""

    value: str
    class_: str | None
    items: tuple[ItemView, ...]
    missing: tuple[str, ...]
    nearest: tuple[str, str] | None
    variants: tuple[tuple[str, str, str], ...]


@router.get("/calculators")
def calculators_page(request: Request) -> HTMLResponse:
    return render(request, "calculators.html", language_of(request), calculators=_all(request))


@router.get("/calculators/{name}")
def calculator_page(request: Request, name: str) -> HTMLResponse:
    """Raises NotFound where there is no such calculator."""
    return _page(request, name, {}, language_of(request), "calculator.html")


@router.post("/calculators/{name}")
def calculator_answered(request: Request, name: str, fields: Fields) -> Response:
    language = language_of(request, fields)
    if kind := fields.get("export"):
        known = knowledge_of(request)
        found, _ = _calculated(calculator(name, _all(request)), fields, known)
        rows = [] if found is None else calculation_record(found, known, language)["items"]
        return exported(rows, kind, name)
    return _page(request, name, fields, language, "calculator.html")


@router.post("/calculators/{name}/answer")
def answer(request: Request, name: str, fields: Fields) -> HTMLResponse:
    return _page(request, name, fields, language_of(request, fields), "calculation.html")


def _page(request: Request, name: str, fields: Mapping[str, str], language: Language, template: str) -> HTMLResponse:
    known = knowledge_of(request)
    wanted = calculator(name, _all(request))
    found, problems = _calculated(wanted, fields, known)
    return render(
        request, template, language,
        calculator=wanted,
        calculators=_all(request),
        inputs=tuple(_inputs(wanted, fields, known, language)),
        result=None if found is None else _result(found, known, language),
        problems=problems,
    )  # fmt: skip


def _all(request: Request) -> dict[str, Calculator]:
    return load_calculators(knowledge_of(request).folder)


def _calculated(
    wanted: Calculator, fields: Mapping[str, str], knowledge: Knowledge
) -> tuple[Calculation | None, tuple[Problem, ...]]:
    given = {}
    for name in wanted.inputs:
        key = input_key(name)
        if value := fields.get(key, "").strip():
            given[name] = f"{value} {fields.get(f'{key}.unit', '')}".strip()
    try:
        case = case_from_options(given, wanted.inputs, wanted.id, knowledge, datetime.date.today(), prefix="")
    except InvalidInput as error:
        return None, error.problems
    return calculate(wanted, case, knowledge), ()


def _inputs(
    wanted: Calculator, fields: Mapping[str, str], knowledge: Knowledge, language: Language
) -> Iterator[InputField]:
    terms = knowledge.vocabulary.terms
    truths = (("true", YES[language]), ("false", NO[language]))
    for name, section in wanted.inputs.items():
        key = input_key(name)
        value = fields.get(key, "")
        match section:
            case "labs":
                analyte = terms.analytes[name]
                units = (analyte.unit, *analyte.factors) if analyte.unit else ()
                yield InputField(key, analyte.name[language], value, units, fields.get(f"{key}.unit", ""))
            case "findings":
                note = terms.named["observations"].terms[name]
                yield InputField(key, note.name[language], value, choices=_choices(note.note, language))
            case "eligibility":
                yield InputField(key, terms.named["eligibility"].terms[name].name[language], value, choices=truths)
            case "imaging" | "patient":
                model = Imaging if section == "imaging" else CaseFile
                choices = truths if takes_truth(model, name) else choices_of(model, name, knowledge, language)
                label = COLUMN.get(name, Text(name, name))[language]
                yield InputField(key, label, value, choices=choices)
            case _:
                yield InputField(key, name, value)


def _choices(note: Mapping[str, Any], language: Language) -> tuple[tuple[str, str], ...]:
    """What a named finding may be: its labels, yes or no, or the whole numbers of its range."""
    match note.get("type"):
        case "label":
            return tuple((str(id_), zh if language == "zh" else str(id_)) for id_, zh in note["values"].items())
        case "truth":
            return (("true", YES[language]), ("false", NO[language]))
        case "whole":
            low, high = note["range"]
            return tuple((str(number), str(number)) for number in range(int(low), int(high) + 1))
    return ()


def _result(found: Calculation, knowledge: Knowledge, language: Language) -> Result:
    wording, definitions, wanted = Wording(knowledge.facts), knowledge.facts.definitions, found.calculator
    asks = Asks(wording, language)

    def told(step: Step, fact: str) -> str:
        return wording.value(step.value, definitions[fact].type, fact)[language]

    near = [item for item in found.items if item.distance is not None]
    closest = min(near, key=lambda item: item.distance or Decimal(0), default=None)
    return Result(
        value=told(found.result, wanted.fact),
        class_=told(found.class_, wanted.class_) if found.class_ and wanted.class_ else None,
        items=tuple(
            ItemView(
                definitions[item.name].name[language],
                wording.value(item.value.value, item.value.node.type)[language],
                told(item.points, item.name),
                _interval(item.interval, language),
            )
            for item in found.items
            if item.name in wanted.items
        ),
        missing=() if is_not_applicable(found.result.value) else tuple(asks.line(one) for one in found.result.missing),
        nearest=(definitions[closest.name].name[language], f"{float(closest.distance or 0):.4g}") if closest else None,
        variants=tuple(
            (
                knowledge.facts.parameters[one.option].name[language],
                _CHOSEN.get(one.choice, Text(one.choice, one.choice))[language],
                told(one.step, wanted.class_ or wanted.fact),
            )
            for one in found.variants
        ),
    )


def _interval(written: str, language: Language) -> str:
    """``>= 28 and <= 35`` as people write it."""
    signs = {">=": "≥", "<=": "≤", " and ": "，" if language == "zh" else ", "}
    for sign, shown in signs.items():
        written = written.replace(sign, shown)
    return written
