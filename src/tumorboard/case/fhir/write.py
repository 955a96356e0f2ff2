"""A case as a FHIR R4 collection Bundle: mCODE where mCODE has a place, and our extension for the exact entry."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from tumorboard.case.fhir.codes import Codes
from tumorboard.case.fhir.extension import HEAD, LISTS, SCALARS, pack
from tumorboard.case.fhir.write_biomarker import biomarker
from tumorboard.case.fhir.write_parts import Entry, Out, Written, dated, observation, period, profiled, quantity
from tumorboard.case.model import CaseFile
from tumorboard.vocabulary.library import Vocabulary

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_CASE_ID = "urn:tumorboard:case-id"


def fhir_from_case(file: CaseFile, vocabulary: Vocabulary, codes: Codes) -> dict[str, Any]:
    """The case as a Bundle of plain data, numbers as int or float. Reading it back gives the same case file.

    The coded content is for other systems; each resource also carries its entry whole in the extension
    ``urn:tumorboard:case-entry``. Raises InvalidInput only where an unknown key holds what JSON can't.
    """
    data = {"schema": file.schema_, **file.model_dump(by_alias=True, exclude_none=True, exclude_unset=True)}
    out = Out(vocabulary, codes)
    head = {key: value for key, value in data.items() if key not in (*LISTS, *SCALARS)}
    head["entries"] = {key: len(data[key]) for key in LISTS if key in data}
    patient_id = file.id if _ID.fullmatch(file.id) else "patient"
    base = uuid.uuid5(uuid.NAMESPACE_URL, f"{_CASE_ID}:{file.id}")
    patient_url = f"urn:uuid:{uuid.uuid5(base, 'patient')}"
    patient = {**patient_of(head, codes), "id": patient_id}
    patient["extension"] = [pack(HEAD, 0, head)]
    entries = [{"fullUrl": patient_url, "resource": patient}]
    for key in (*SCALARS, *LISTS):
        values = data.get(key, [])
        for index, value in enumerate(
            values if key in LISTS else [value for value in [data.get(key)] if value is not None]
        ):
            for part, resource in enumerate(resources_of(out, key, value)):
                name = f"{key.replace('_', '-')}-{index}" + (f"-{part}" if part else "")
                extension = [*resource.pop("extension", []), pack(key, index, value)]
                whole = {**resource, "id": name, "extension": extension, "subject": {"reference": patient_url}}
                entries.append({"fullUrl": f"urn:uuid:{uuid.uuid5(base, name)}", "resource": whole})
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    if file.as_of:
        bundle["timestamp"] = f"{file.as_of}T00:00:00Z"
    return bundle


def patient_of(head: Mapping[str, Any], codes: Codes) -> Written:
    """The Patient; mCODE wants a name, which a case doesn't hold and which is said to be withheld."""
    withheld = {"url": codes.words["extensions"]["absent"], "valueCode": "masked"}
    found = profiled(codes, "patient", {
        "resourceType": "Patient",
        "identifier": [{"system": _CASE_ID, "value": str(head["id"])}],
        "name": [{"extension": [withheld]}],
        "gender": head.get("sex") or "unknown",
    })  # fmt: skip
    return {**found, "birthDate": str(head["birth_date"])} if head.get("birth_date") else found


def resources_of(out: Out, key: str, entry: Any) -> list[Written]:
    """The resources that tell of one entry, without id, subject and our extension."""
    if key in SCALARS:
        unit = next(iter(out.codes.words["body_units"][key]))
        code = out.codes.concept(out.codes.of("observations", key)[:1])
        return [observation(out, {"code": code, **quantity(out, entry, unit, ucum=unit)}, "vital-signs")]
    if key in ("imaging", "response"):
        return _named(out, {"name": key, **entry})
    return _WRITERS[key](out, entry)


def _condition(out: Out, entry: Entry) -> list[Written]:
    codes = out.codes
    term = out.terms.diseases.find(entry["disease"])
    tumour = bool((term and term.note.get("tumour")) or entry.get("transformed_from"))
    written = _condition_of(out, codes.of("diseases", term.id)[:1] if term else [], entry["disease"])
    if histology := entry.get("histology"):
        concept = codes.concept(codes.of("histology", histology)[:1], histology)
        written["extension"] = [{"url": codes.words["extensions"]["histology"], "valueCodeableConcept": concept}]
    if stage := entry.get("stage"):
        written["stage"] = [{"summary": {"text": stage}}]
    written |= dated(entry.get("diagnosed") or entry.get("date"), "onsetDateTime")
    return [profiled(codes, "primary cancer", written) if tumour else written]


def _condition_of(out: Out, listed: list[str], text: str) -> Written:
    codes = out.codes
    return {
        "resourceType": "Condition",
        "clinicalStatus": codes.concept(["clinical:active"]),
        "verificationStatus": codes.concept(["verification:confirmed"]),
        "category": [codes.concept(["condition-category:problem-list-item"])],
        "code": codes.concept(listed, text),
    }


def _metastasis(out: Out, entry: Entry) -> list[Written]:
    term = out.terms.named["sites"].find(entry["site"])
    before = out.codes.words["metastasis_words"][0].capitalize()
    written = _condition_of(out, out.codes.of("sites", term.id)[:1] if term else [], f"{before} {entry['site']}")
    return [profiled(out.codes, "secondary cancer", {**written, **dated(entry.get("date"), "onsetDateTime")})]


def _medication(out: Out, entry: Entry) -> list[Written]:
    written = {
        "resourceType": "MedicationStatement",
        "status": "completed" if entry.get("end") else "active",
        "medicationCodeableConcept": {"text": entry["name"]},
    }
    given = period(entry.get("start"), entry.get("end"))
    return [{**written, **({"effectivePeriod": given} if given else dated(entry.get("date"), "effectiveDateTime"))}]


def _vital(out: Out, entry: Entry) -> list[Written]:
    codes, term = out.codes, out.terms.named["vitals"].find(entry["name"])
    sides = {side: code for side, code in codes.words["blood_pressure"].items() if side in entry}
    listed = codes.of("observations", "blood pressure") if sides else codes.of("vitals", term.id)[:1] if term else []
    written: Written = {"code": codes.concept(listed, entry["name"]), **dated(entry.get("date"))}
    if sides:
        written["component"] = [
            {"code": codes.concept([code]), **quantity(out, entry[side], "mmHg")} for side, code in sides.items()
        ]
    elif "value" in entry:
        written |= quantity(out, entry["value"], entry.get("unit"))
    return [observation(out, written, "vital-signs")]


def _adverse_event(out: Out, entry: Entry) -> list[Written]:
    written = {"resourceType": "AdverseEvent", "actuality": "actual", "event": {"text": entry["event"]}}
    return [{**written, **dated(entry.get("date"), "date")}]


def _performance(out: Out, entry: Entry) -> list[Written]:
    code = out.codes.concept(out.codes.of("observations", entry["scale"])[:1], entry["scale"])
    written = {"code": code, "valueInteger": int(entry["value"]), **dated(entry.get("date"))}
    return [profiled(out.codes, entry["scale"], observation(out, written, "survey"))]


def _treatment(out: Out, entry: Entry) -> list[Written]:
    """One order an agent, and the disease status that ended the line."""
    codes, reason = out.codes, entry.get("stopped_for")
    over = bool(reason or entry.get("end") or entry.get("progressed"))
    common: Written = {
        "status": "stopped" if reason not in (None, "completed") else "completed" if over else "active",
        "intent": "order",
    }
    if listed := codes.of("intent", str(entry.get("intent"))):
        extension = {"url": codes.words["extensions"]["intent"], "valueCodeableConcept": codes.concept(listed[:1])}
        common["extension"] = [extension]
    if reason:
        common["statusReason"] = codes.concept(codes.of("stopped_for", reason)[:1], reason)
    if given := period(entry.get("start"), entry.get("end")):
        common["dosageInstruction"] = [{"timing": {"repeat": {"boundsPeriod": given}}}]
    common |= dated(entry.get("start"), "authoredOn")
    written = []
    for agent in entry["agents"]:
        drug = out.vocabulary.drugs.get(agent)
        concept = codes.concept(codes.of("drugs", drug.inn)[:1] if drug else [], agent)
        order = {"resourceType": "MedicationRequest", **common, "medicationCodeableConcept": concept}
        written.append(profiled(codes, "cancer medication", order))
    if entry.get("progressed"):
        status = codes.concept(codes.of("disease_status", "worsened")[:1])
        code = codes.concept(codes.of("observations", "disease status")[:1])
        worse = observation(out, {"code": code, "valueCodeableConcept": status, **dated(entry["progressed"])})
        written.append(profiled(codes, "disease status", worse))
    return written


def _procedure(out: Out, entry: Entry) -> list[Written]:
    term = out.terms.lists["procedure"].find(entry["kind"])
    listed = out.codes.of("procedures", term.id)[:1] if term else []
    written = {"resourceType": "Procedure", "status": "completed", "code": out.codes.concept(listed, entry["kind"])}
    written |= dated(entry.get("date"), "performedDateTime")
    named = term.id if term else ""
    return [profiled(out.codes, named, written) if named in out.codes.words["profiles"] else written]


def _lab(out: Out, entry: Entry) -> list[Written]:
    term = out.terms.analyte_names.find(entry["name"])
    only = out.codes.words["lab_code_units"]
    unit = out.unit(entry.get("unit"))
    listed = [code for code in out.codes.of("labs", term.id) if unit in only.get(code, [unit])] if term else []
    code = out.codes.concept(listed[:1], entry["name"])
    written = {"code": code, **quantity(out, entry["value"], entry.get("unit")), **dated(entry.get("date"))}
    return [observation(out, written, "laboratory")]


def _named(out: Out, entry: Entry) -> list[Written]:
    """What FHIR profiles have no code for: an Observation named by a text."""
    value = entry.get("value")
    written: Written = {"code": {"text": entry["name"]}, **dated(entry.get("date"))}
    if isinstance(value, bool):
        written["valueBoolean"] = value
    elif isinstance(value, str) and value.strip():
        written["valueString"] = value
    elif value is not None and not isinstance(value, str):
        written |= quantity(out, value, None)
    return [observation(out, written)]


_WRITERS: Mapping[str, Callable[[Out, Entry], list[Written]]] = {
    "conditions": _condition, "metastases": _metastasis, "medication": _medication, "vitals": _vital,
    "adverse_events": _adverse_event, "performance": _performance, "biomarkers": biomarker,
    "treatments": _treatment, "procedures": _procedure, "labs": _lab, "findings": _named,
}  # fmt: skip
