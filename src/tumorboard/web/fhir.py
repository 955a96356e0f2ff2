"""Advice as FHIR R4: a Bundle in, a Bundle of GuidanceResponse and RequestGroup out.

Each option is an action of the RequestGroup, a proposal with no resource behind it: nothing in it can be ordered. What
FHIR has no element for stands in the extensions of :mod:`tumorboard.guidelines.plan_definition`.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from tumorboard.advice.advise import advise
from tumorboard.advice.given import case_given
from tumorboard.advice.model import Advice, OptionAnswer
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.plan_definition import URN, option_extensions
from tumorboard.logic.wording import Wording
from tumorboard.report.asks import Asks
from tumorboard.report.names import Names
from tumorboard.report.record import NOTICE
from tumorboard.text import Language
from tumorboard.web.api.routes import Answers_, Language_
from tumorboard.web.api.schemas import ERRORS, answers, ref
from tumorboard.web.exact_json import ExactRoute
from tumorboard.web.security import problem

Resource = dict[str, Any]
MEDIA_TYPE = "application/fhir+json"


class Resources(JSONResponse):
    media_type = MEDIA_TYPE


router = APIRouter(prefix="/fhir", tags=["FHIR"], responses=ERRORS, route_class=ExactRoute)


@router.get("/metadata", responses=answers(ref("Resource"), MEDIA_TYPE), response_class=Resources)
def metadata(answers: Answers_) -> JSONResponse:
    """What this server can do."""
    known = answers.knowledge
    statement = {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": known.date,
        "kind": "instance",
        "software": {"name": "Tumorboard", "version": known.version},
        "implementation": {"description": "Advice of oncology guidelines for a Bundle of one patient"},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "operation": [{"name": "advise", "definition": f"{URN}:operation:advise"}]}],
    }
    return Resources(statement)


@router.post("/$advise", responses=answers(ref("Resource"), MEDIA_TYPE), response_class=Resources)
def advise_bundle(bundle: dict[str, Any], answers: Answers_, language: Language_, request: Request) -> JSONResponse:
    """A Bundle (mCODE) of one patient in; GuidanceResponse and RequestGroup out."""
    if bundle.get("resourceType") != "Bundle":
        wrong = {"place": "resourceType", "what": "is not a Bundle", "mend": "send a Bundle of one patient"}
        return problem(422, "not a Bundle", [wrong])
    case = case_given(bundle, answers.knowledge, datetime.date.today())
    return Resources(_answer(advise(case, answers.knowledge), answers.knowledge, language))


def _answer(advice: Advice, knowledge: Knowledge, language: Language) -> Resource:
    group, guidance = (str(uuid.uuid4()) for _ in range(2))
    patient = {"reference": f"Patient/{advice.case_id}"}
    resources = {
        guidance: _guidance(advice, knowledge, language, guidance, group, patient),
        group: _request_group(advice, knowledge, language, group, patient),
    }
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": _now(),
        "entry": [{"fullUrl": f"urn:uuid:{id_}", "resource": each} for id_, each in resources.items()],
    }


def _guidance(
    advice: Advice, knowledge: Knowledge, language: Language, id_: str, group: str, patient: Resource
) -> Resource:
    """Whether the guidelines could be read for this patient, what is missing, and what covers nobody."""
    asks = Asks(Wording(knowledge.facts), language, advice.file)
    about = f"{knowledge.version}, {knowledge.date}, sha256 {knowledge.sha256}. {NOTICE[language]}"
    missing = [{"type": "Observation", "extension": [_says("ask", asks.line(q.input))]} for q in advice.questions]
    notes = [about, *(each.because[language] for each in advice.not_covered), *map(str, advice.not_understood)]
    found: Resource = {
        "resourceType": "GuidanceResponse",
        "id": id_,
        "moduleUri": f"{URN}:knowledge:{knowledge.version}",
        "status": "data-required" if advice.undecided else "success",
        "subject": patient,
        "occurrenceDateTime": _now(),
        "note": [{"text": text} for text in notes],
        "result": {"reference": f"urn:uuid:{group}"},
    }
    return {**found, "dataRequirement": missing} if missing else found


def _request_group(advice: Advice, knowledge: Knowledge, language: Language, id_: str, patient: Resource) -> Resource:
    names = Names(knowledge.vocabulary, language)
    return {
        "resourceType": "RequestGroup",
        "id": id_,
        "status": "draft",
        "intent": "proposal",
        "subject": patient,
        "authoredOn": _now(),
        "note": [{"text": NOTICE[language]}],
        **({"action": actions} if (actions := [_option(each, knowledge, names) for each in advice.options]) else {}),
    }


def _option(answer: OptionAnswer, knowledge: Knowledge, names: Names) -> Resource:
    """An option with its grade, status, reason and the findings behind it."""
    option, language = answer.option, names.language
    said = [answer.because[language], *(c.text[language] for c in answer.conditions)]
    said += [caution.text[language] for caution in answer.cautions]
    extensions = [
        *option_extensions(option, answer.guideline),
        _says("guideline", answer.guideline.id),
        _says("situation", answer.situation.id),
        _says("status", answer.status or "no consensus"),
    ]
    action: Resource = {
        "extension": extensions,
        "title": names.regimen(option.regimen),
        "description": option.strategy.name[language],
        "textEquivalent": "\n".join(text for text in said if text),
        "documentation": [_finding(name, knowledge, language) for name in option.evidence],
    }
    return {key: value for key, value in action.items() if value}


def _finding(name: str, knowledge: Knowledge, language: Language) -> Resource:
    finding = knowledge.findings.get(name)
    says = finding.claim[language] if finding.claim else finding.printed
    return {"type": "citation", "label": name, **({"display": says} if says else {})}


def _says(name: str, value: str) -> Resource:
    return {"url": f"{URN}:extension:{name}", "valueString": value}


def _now() -> str:
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
