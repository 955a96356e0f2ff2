"""A calculation as the fixed JSON form and as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tumorboard.advice.calculate import Calculation, Fell
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.explain import Step
from tumorboard.logic.values import is_not_applicable
from tumorboard.logic.wording import Wording
from tumorboard.report.record import plain_value, possible
from tumorboard.text import Language, Text

_WORDS = {
    "points": Text("points", "分"),
    "nearest": Text("nearest boundary at a distance of {distance}", "距最近界值{distance}"),
    "option": Text("with {option} = {choice}: {value}", "若{option}={choice}：{value}"),
    "use": Text("For: {use}", "用途：{use}"),
    "means": Text("Meaning: {means}", "含义：{means}"),
    "reference": Text("Reference: {reference}", "文献：{reference}"),
    "missing": Text("missing: {missing}", "缺：{missing}"),
}


def calculation_record(found: Calculation, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    definitions = knowledge.facts.definitions
    kind = definitions[found.calculator.fact].type
    value = found.result.value
    known = value.known and not is_not_applicable(value)
    return {
        "name": found.calculator.id,
        "value": plain_value(value, kind) if known else None,
        "unit": kind.unit,
        "class": _shown(found.class_, found.calculator.class_, knowledge) if found.class_ else None,
        "status": "known" if known else "not applicable" if is_not_applicable(value) else "unknown",
        "range": None if value.known else possible(value, kind),
        "missing": [item.ask for item in found.result.missing],
        "items": [_item(item, knowledge) for item in found.items if item.name in found.calculator.items],
        "nearest_boundary": [
            {"item": item.name, "distance": float(item.distance)} for item in found.items if item.distance is not None
        ],
        "options": {name: str(knowledge.facts.settings[name]) for name in sorted(knowledge.facts.settings)},
        "variants": [
            {"option": variant.option, "choice": variant.choice, "value": _shown(variant.step, None, knowledge)}
            for variant in found.variants
        ],
        "use": found.calculator.use[language],
        "means": found.calculator.means[language],
        "reference": found.calculator.reference,
        "knowledge": {"version": knowledge.version, "date": knowledge.date},
    }


def _item(item: Fell, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "item": item.name,
        "value": _shown(item.value, None, knowledge),
        "points": _shown(item.points, item.name, knowledge),
        "interval": item.interval or None,
    }


def _shown(step: Step, fact: str | None, knowledge: Knowledge) -> Any:
    kind = knowledge.facts.definitions[fact].type if fact else step.node.type
    if is_not_applicable(step.value):
        return None
    return plain_value(step.value, kind) if step.value.known else possible(step.value, kind)


def calculation_lines(found: Calculation, knowledge: Knowledge, language: Language) -> Iterator[str]:
    """The result first, then the points, what is missing, the nearest boundary, variants, use and reference."""
    wording, definitions = Wording(knowledge.facts), knowledge.facts.definitions
    chosen = found.calculator

    def told(step: Step, fact: str) -> str:
        return wording.value(step.value, definitions[fact].type, fact)[language]

    class_ = f" ({told(found.class_, chosen.class_)})" if found.class_ and chosen.class_ else ""
    yield f"{chosen.name[language]}: {told(found.result, chosen.fact)}{class_}"
    for item in found.items:
        fact = definitions[item.name]
        if item.name in chosen.items:
            value = wording.value(item.value.value, item.value.node.type)[language]
            interval = f" [{item.interval}]" if item.interval else ""
            yield f"  {fact.name[language]}: {told(item.points, item.name)} ({value}{interval})"
    if found.result.missing:
        yield "  " + _WORDS["missing"].format(missing=", ".join(i.ask for i in found.result.missing))[language]
    near = [item for item in found.items if item.distance is not None]
    if near:
        closest = min(near, key=lambda item: item.distance or Decimal(0))
        distance = f"{float(closest.distance or 0):.4g}"
        name = definitions[closest.name].name[language]
        yield f"  {name}: {_WORDS['nearest'].format(distance=distance)[language]}"
    for variant in found.variants:
        option = knowledge.facts.parameters[variant.option].name
        value = told(variant.step, chosen.class_ or chosen.fact)
        yield "  " + _WORDS["option"].format(option=option, choice=variant.choice, value=value)[language]
    yield "  " + _WORDS["means"].format(means=chosen.means)[language]
    yield "  " + _WORDS["use"].format(use=chosen.use)[language]
    yield "  " + _WORDS["reference"].format(reference=chosen.reference)[language]
    yield f"  {knowledge.version}, {knowledge.date}"
