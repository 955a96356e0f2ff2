"""A guideline as a FHIR R4 PlanDefinition: one action a situation, its options as nested actions.

A situation applies where its definition in the contained library is true, an option where none of its stated
exclusions holds. What FHIR has no element for stands in extensions, each with a StructureDefinition of its own:
see :data:`EXTENSIONS`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tumorboard.guidelines import exporting
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Caution, Guideline, Option, Situation
from tumorboard.logic import cql
from tumorboard.text import Text

Resource = dict[str, Any]
URN = "urn:tumorboard"
_LIBRARY = "logic"
_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension of an option's action: its id, the type of its value, and what it says."""

    id: str
    value: str
    about: str

    @property
    def url(self) -> str:
        return f"{URN}:extension:{self.id}"


EXTENSIONS = {
    extension.id: extension
    for extension in (
        Extension("basis", "code", "What the grade rests on: panel (voted on by the source's experts), by-design "
                  "(given by a named rule from the study's design) or ungraded."),
        Extension("strength", "string", "Strength of the recommendation, as printed: strong, moderate, weak, or not "
                  "recommended (no consensus). Absent where the source grades nothing."),
        Extension("level", "string", "Level of evidence as the source's grading has it, I to V."),
        Extension("agreement", "decimal", "Share of the experts in favour of the strategy, in percent."),
        Extension("graded-by", "string", "The rule that gave level and strength where nobody voted."),
        Extension("regimen", "string", "One place of the regimen, an INN or a class; alternatives are joined "
                  "with ' | '."),
        Extension("evidence", "string", "Id of a finding of the product's evidence the option rests on; a related "
                  "artifact of the same label says what it says."),
    )
}  # fmt: skip


def plan_definition(guideline: Guideline, knowledge: Knowledge) -> Resource:
    """The PlanDefinition with its logic contained. Raises NotExportable."""
    source, scope = knowledge.findings.source(guideline.source), guideline.scope_name
    cautions = exporting.cautions_of(guideline, knowledge)
    return {
        "resourceType": "PlanDefinition",
        "id": guideline.id[:64],
        "contained": [_library(guideline, knowledge)],
        "url": f"{URN}:guideline:{guideline.id}",
        "version": knowledge.version,
        "name": "".join(part.capitalize() for part in guideline.id.split("-")),
        **_text("title", guideline.name),
        "type": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/plan-definition-type", "code": "clinical-protocol"}
            ]
        },
        "status": "active",
        "date": knowledge.date,
        "description": f"For {scope.en} / {scope.zh}. Knowledge sha256 {knowledge.sha256}.",
        "relatedArtifact": [
            {"type": "derived-from", "label": source.id, **_text("display", source.title)}
        ],
        "library": [f"#{_LIBRARY}"],
        "action": [_situation(situation, guideline, knowledge, cautions) for situation in guideline.situations],
    }  # fmt: skip


def _situation(
    situation: Situation, guideline: Guideline, knowledge: Knowledge, cautions: dict[Caution, tuple[Option, ...]]
) -> Resource:
    action: Resource = {
        "id": situation.id,
        **_text("title", situation.name),
        "condition": [_applicable(cql.name(exporting.situation_name(situation)), situation.when.text)],
    }
    if situation.options:
        options = [_option(option, guideline, knowledge, cautions) for option in situation.options]
        action |= {"groupingBehavior": "logical-group", "selectionBehavior": "any", "action": options}
    return action


def _option(
    option: Option, guideline: Guideline, knowledge: Knowledge, cautions: dict[Caution, tuple[Option, ...]]
) -> Resource:
    said = [*(condition.text for condition in option.conditions)]
    said += [caution.text for caution in option.cautions if caution.when is None]
    said += [caution.text for caution, options in cautions.items() if option in options]
    action: Resource = {
        "id": option.id,
        "extension": list(option_extensions(option, guideline)),
        **_text("title", option.strategy.name),
        "description": " + ".join(map(str, option.regimen)),
        "documentation": [_finding(name, knowledge) for name in option.evidence],
    }
    if said:
        action["textEquivalent"] = "\n".join(f"{text.en} / {text.zh}" for text in said)
    if option.exclusions:
        excluded = "; ".join(exclusion.because.en for exclusion in option.exclusions)
        # Unknown leaves the option possible, so it is shown: only what is ruled out is not.
        ruled_out = f"({cql.name(exporting.ruled_out_name(option))}) is not true"
        action["condition"] = [_applicable(ruled_out, f"not where {excluded}")]
    return {key: value for key, value in action.items() if value}


def option_extensions(option: Option, guideline: Guideline) -> Iterator[Resource]:
    def said(name: str, value: object) -> Resource:
        extension = EXTENSIONS[name]
        return {"url": extension.url, f"value{extension.value.capitalize()}": value}

    yield said("basis", guideline.basis_of(option))
    if option.strength is not None:
        yield said("strength", option.strength)
    if option.level is not None:
        yield said("level", option.level)
    if option.strategy.agreement is not None:
        yield said("agreement", _number(option.strategy.agreement))
    if option.grade is not None:
        yield said("graded-by", option.grade.rule)
    for slot in option.regimen:
        yield said("regimen", str(slot))
    for finding in option.evidence:
        yield said("evidence", finding)


def _number(value: Any) -> int | float:
    return int(value) if value == int(value) else float(value)


def _finding(name: str, knowledge: Knowledge) -> Resource:
    claim = knowledge.findings.get(name).claim
    return {"type": "justification", "label": name, **({} if claim is None else _text("display", claim))}


def _applicable(expression: str, about: str) -> Resource:
    return {
        "kind": "applicability",
        "expression": {"description": about, "language": "text/cql", "expression": expression},
    }


def _text(element: str, text: Text) -> Resource:
    """An element in English with its Chinese as FHIR's own translation extension."""
    translation = {"url": _TRANSLATION, "extension": [
        {"url": "lang", "valueCode": "zh-CN"}, {"url": "content", "valueString": text.zh},
    ]}  # fmt: skip
    return {element: text.en, f"_{element}": {"extension": [translation]}}


def _library(guideline: Guideline, knowledge: Knowledge) -> Resource:
    elm = exporting.elm_library(guideline, knowledge)
    forms = (("text/cql", cql.library(elm)), ("application/elm+json", json.dumps(elm, ensure_ascii=False)))
    return {
        "resourceType": "Library",
        "id": _LIBRARY,
        "url": f"{URN}:library:{guideline.id}",
        "version": knowledge.version,
        "name": "".join(part.capitalize() for part in guideline.id.split("-")),
        "status": "active",
        "type": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "logic-library"}]
        },
        "content": [
            {"contentType": kind, "data": base64.b64encode(text.encode()).decode()} for kind, text in forms
        ],
    }  # fmt: skip


def extension_definitions(knowledge: Knowledge) -> tuple[Resource, ...]:
    """A StructureDefinition for each extension, which says what it means."""
    return tuple(_definition(extension, knowledge) for extension in EXTENSIONS.values())


def _definition(extension: Extension, knowledge: Knowledge) -> Resource:
    return {
        "resourceType": "StructureDefinition",
        "id": f"tumorboard-{extension.id}",
        "url": extension.url,
        "version": knowledge.version,
        "name": "Option" + "".join(part.capitalize() for part in extension.id.split("-")),
        "status": "active",
        "date": knowledge.date,
        "description": extension.about,
        "fhirVersion": "4.0.1",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": "PlanDefinition.action"}],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {
            "element": [
                {"id": "Extension", "path": "Extension", "definition": extension.about},
                {"id": "Extension.extension", "path": "Extension.extension", "max": "0"},
                {"id": "Extension.url", "path": "Extension.url", "fixedUri": extension.url},
                {
                    "id": "Extension.value[x]",
                    "path": "Extension.value[x]",
                    "min": 1,
                    "type": [{"code": extension.value}],
                },
            ]
        },
    }
