"""Findings as FHIR R5: an Evidence each, a Citation for each source, in one Bundle; and such a Bundle read back.

The Evidence says in FHIR's own elements what FHIR has elements for; the whole finding travels in one extension, so
that the way back loses nothing. Reading back holds the two against each other.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from tumorboard.data import parse_json
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.evidence.exchange.entries import Imported, entry_of, exact_json, read_entries
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.sources import Source

EXTENSION = "urn:tumorboard:finding"
IDENTIFIER = "urn:tumorboard:finding-id"
_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_ROLES = "http://terminology.hl7.org/CodeSystem/variable-role"
_DOI = "https://doi.org"
_SPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562's namespace for URLs


def to_fhir(findings: Iterable[Finding], sources: Mapping[str, Source]) -> str:
    """A Bundle (collection) in JSON: the Citations of the sources named, then the Evidence of each finding."""
    chosen = list(findings)
    used = {finding.source: sources[finding.source] for finding in chosen}
    resources = [_citation(source) for source in used.values()] + [evidence(finding) for finding in chosen]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": _url(resource["resourceType"], resource["identifier"][0]["value"]), "resource": resource}
            for resource in resources
        ],
    }
    return exact_json(bundle) + "\n"


def from_fhir(text: str, name: str, sources: Mapping[str, Source]) -> Imported:
    """The findings of a Bundle that :func:`to_fhir` wrote.

    An Evidence without our extension, or one whose elements no longer say what the extension says, is told and left
    out. Raises InvalidInput where the text is no Bundle.
    """
    data = parse_json(text, name)
    if not isinstance(data, dict) or data.get("resourceType") != "Bundle" or not isinstance(data.get("entry"), list):
        raise InvalidInput(Problem(name, "is no FHIR Bundle", '"resourceType": "Bundle" with a list "entry"'))
    carried: list[tuple[str, object]] = []
    given: dict[str, Mapping[str, Any]] = {}
    problems: list[Problem] = []
    rows = 0
    for number, part in enumerate(data["entry"]):
        resource = part.get("resource") if isinstance(part, dict) else None
        if not isinstance(resource, dict) or resource.get("resourceType") != "Evidence":
            continue
        rows += 1
        place = f"{name}: entry[{number}].resource"
        try:
            carried.append((place, _carried(resource, place)))
            given[place] = resource
        except TumorboardError as error:
            problems += error.problems
    found: list[Finding] = []
    for place, entry in carried:
        read = read_entries([(place, entry)], sources)
        problems += read.problems
        for finding in read.findings:
            if changed := _changed(given[place], evidence(finding)):
                mend = "change the finding, not its copy in FHIR"
                problems.append(Problem(f"{place}.{changed}", "is not what the finding in the extension says", mend))
            elif any(other.id == finding.id for other in found):
                problems.append(Problem(place, f"the id {finding.id} is given twice"))
            else:
                found.append(finding)
    return Imported(tuple(found), tuple(problems), rows)


def evidence(finding: Finding) -> dict[str, Any]:
    """The Evidence resource of a finding."""
    resource: dict[str, Any] = {
        "resourceType": "Evidence",
        "id": _id(finding.id),
        "extension": [{"url": EXTENSION, "valueString": exact_json(entry_of(finding), indent=None)}],
        "identifier": [{"system": IDENTIFIER, "value": finding.id}],
        "status": "active",
        "citeAsReference": {"reference": _url("Citation", finding.source)},
    }
    if finding.date:
        resource["date"] = finding.date
    if finding.claim:
        resource["description"] = finding.claim.en
        resource["_description"] = {"extension": [_translation(finding.claim.zh)]}
    if finding.remarks:
        resource["note"] = [{"text": f"{remark.kind}: {remark.text.en}"} for remark in finding.remarks]
    resource["variableDefinition"] = _variables(finding)
    if finding.design:
        resource["studyDesign"] = [{"text": finding.design}]
    if statistics := _statistics(finding):
        resource["statistic"] = statistics
    certainty = {"level of evidence": finding.level, "certainty": finding.certainty}
    if any(certainty.values()):
        resource["certainty"] = [
            {"type": {"text": name}, "rating": {"text": value}} for name, value in certainty.items() if value
        ]
    return resource


def _variables(finding: Finding) -> list[dict[str, Any]]:
    people = finding.population
    stated = {
        "disease": people.disease, "histology": people.histology, "stage": people.stage,
        "biomarker": people.biomarker, "line": people.line, "prior therapy": people.prior_therapy, "": people.other,
    }  # fmt: skip
    words = "; ".join(f"{name}: {value}" if name else value for name, value in stated.items() if value)
    roles = {
        "population": words or "not stated",
        "exposure": finding.intervention,
        "referenceExposure": finding.comparator,
        "measuredVariable": finding.endpoint,
    }
    return [
        {"description": text, "variableRole": {"coding": [{"system": _ROLES, "code": role}]}}
        for role, text in roles.items()
        if text
    ]


def _statistics(finding: Finding) -> list[dict[str, Any]]:
    """The value in each group, then the effect; the interval belongs to the effect where there is one."""
    kind = {"text": finding.statistic or "value"}
    unit = {"unit": finding.unit} if finding.unit else {}
    found: list[dict[str, Any]] = []
    low, high = finding.value if isinstance(finding.value, tuple) else (finding.value, None)
    if high is not None:
        estimate = {"type": {"text": "range"}, "range": {"low": {"value": low} | unit, "high": {"value": high} | unit}}
        found.append({"statisticType": kind, "attributeEstimate": [estimate]})
    elif low is not None:
        found.append({"statisticType": kind, "quantity": {"value": low} | unit} | _sample(finding.denominator))
    if finding.comparator_value is not None:
        quantity = {"value": finding.comparator_value} | unit
        found.append(
            {"description": "comparator", "statisticType": kind, "quantity": quantity}
            | _sample(finding.comparator_denominator)
        )
    if finding.effect:
        found.append({"statisticType": {"text": finding.effect.measure}, "quantity": {"value": finding.effect.value}})
    if not found and (finding.ci or finding.p):
        found.append({"statisticType": kind})
    if found and (estimates := _estimates(finding)):
        target = found[-1] if finding.effect else found[0]
        target["attributeEstimate"] = [*target.get("attributeEstimate", ()), *estimates]
    return found


def _sample(size: int | None) -> dict[str, Any]:
    return {} if size is None else {"sampleSize": {"numberOfParticipants": size}}


def _estimates(finding: Finding) -> list[dict[str, Any]]:
    estimates: list[dict[str, Any]] = []
    if finding.ci:
        limits = {"low": {"value": finding.ci.low}, "high": {"value": finding.ci.high}}
        estimates.append({"type": {"text": "confidence interval"}, "level": finding.ci.level / 100, "range": limits})
    if finding.p:
        comparator = {} if finding.p.op == "=" else {"comparator": finding.p.op}
        estimates.append({"type": {"text": "P value"}, "quantity": {"value": finding.p.value} | comparator})
    return estimates


def _citation(source: Source) -> dict[str, Any]:
    artifact: dict[str, Any] = {
        "title": [{"text": source.title.en, "_text": {"extension": [_translation(source.title.zh)]}}]
    }
    if source.doi:
        artifact["identifier"] = [{"system": _DOI, "value": source.doi}]
    if source.journal or source.year:
        form: dict[str, Any] = {"publishedIn": {"title": source.journal}} if source.journal else {}
        artifact["publicationForm"] = [form | ({"articleDate": str(source.year)} if source.year else {})]
    return {
        "resourceType": "Citation",
        "id": _id(source.id),
        "identifier": [{"system": IDENTIFIER, "value": source.id}],
        "status": "active",
        "title": source.title.en,
        "citedArtifact": artifact,
    }


def _carried(resource: Mapping[str, Any], place: str) -> object:
    extensions = resource.get("extension")
    for extension in extensions if isinstance(extensions, list) else ():
        if isinstance(extension, dict) and extension.get("url") == EXTENSION:
            text = extension.get("valueString")
            if isinstance(text, str):
                return parse_json(text, f"{place}.extension")
    raise InvalidInput(Problem(place, f"carries no finding of ours (extension {EXTENSION})", "its id stands there"))


def _changed(given: Mapping[str, Any], written: Mapping[str, Any]) -> str | None:
    """The first element in which two resources differ, the extension aside: its text may be written otherwise."""
    plain = parse_json(exact_json(written), "")
    for name in map(str, dict.fromkeys((*plain, *given))):
        if name != "extension" and given.get(name) != plain.get(name):
            return name
    return None


def _translation(text: str) -> dict[str, Any]:
    parts = [{"url": "lang", "valueCode": "zh"}, {"url": "content", "valueString": text}]
    return {"url": _TRANSLATION, "extension": parts}


def _url(kind: str, id_: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE, f'{kind}/{id_}')}"


def _id(name: str) -> str:
    """The id as FHIR allows it: letters, digits, hyphen and point, at most 64."""
    plain = re.sub(r"[^A-Za-z0-9.-]", "-", name)
    return plain if len(plain) <= 64 else uuid.uuid5(_SPACE, name).hex
