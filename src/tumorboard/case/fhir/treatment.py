"""Medication resources → lines of therapy and concomitant medication; disease status → progression; procedures.

FHIR and mCODE have no lines of therapy, so they are told from dates by one plain rule (fhir.yaml, ``lines``), and every
line so made is listed as such.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from tumorboard.case.fhir.medicines import (
    Given,
    drug_of,
    given,
    medication_concept,
    names_treatment,
    period,
    treats_cancer,
)
from tumorboard.case.fhir.reading import Reading
from tumorboard.case.fhir.shape import (
    Resource,
    concept_name,
    concept_texts,
    day_of,
    entries_of,
    entry_of,
    profiles,
    text_of,
)


@dataclass(slots=True)
class _Line:
    given: list[Given] = field(default_factory=list)

    @property
    def start(self) -> str:
        return min((one.start for one in self.given if one.start), default="")

    def last(self, inn: str) -> str:
        return max((max(one.start, one.end) for one in self.given if one.drug.inn == inn), default="")


def read_treatments(reading: Reading) -> None:
    """All medication resources, then the disease status of the lines they make, then procedures."""
    cancer: list[Given] = []
    for resource in reading.of_type("MedicationRequest", "MedicationAdministration", "MedicationStatement"):
        kind = text_of(resource.get("resourceType"))
        if reading.unread(resource, kind, [resource.get("status")]):
            continue
        if kind == "MedicationRequest" and reading.unread(resource, "request intent", [resource.get("intent")]):
            continue
        if resource.get("doNotPerform") is True:
            reading.tell(resource, "says not to give the drug and was not read")
        elif (found := _read(reading, resource)) is not None:
            cancer.append(found)
    lines = _lines(reading, cancer)
    written = reading.data.get("treatments")
    if lines and written:
        lines = _beside(reading, lines, written)
    number = max((entry.get("line") or 0 for entry in written or ()), default=0)
    for index, line in enumerate(lines, number + 1):
        reading.add(line.given[0].resource, "treatments", _treatment(reading, line, index))
        because = "FHIR tells no lines of therapy; drugs started close together were put into one"
        reading.tell(line.given[0].resource, f"line {index} was made of {', '.join(sorted(_inns(line)))}", because)
    _read_status(reading)
    _read_procedures(reading)


def _read(reading: Reading, resource: Resource) -> Given | None:
    concept = medication_concept(reading, resource)
    before = len(reading.problems)
    drug = drug_of(reading, resource, concept)
    name = concept_name(concept)
    if drug is None and treats_cancer(reading, resource, None):
        reading.tell(
            resource,
            f"treatment with {name!r}, which the vocabulary doesn't have: its line of therapy lacks in the case",
        )
        reading.lacks("treatments")
        return None
    if drug is not None and treats_cancer(reading, resource, drug):
        return given(reading, resource, drug)
    if len(reading.problems) > before:  # which of two drugs it is can't be told; either may treat the cancer
        reading.lacks("treatments")
        return None
    if name == "no code":
        reading.tell(resource, "names no drug")
        return None
    if drug is None:
        # In a case it would be an error; a patient with one such drug among others must not be refused for it.
        reading.tell(resource, f"{name!r} is not in the vocabulary; not read")
        if names_treatment(reading, concept):
            reading.lacks("treatments")
        return None
    start, end = period(reading, resource)
    entry = {"name": drug.inn, "start": start or None, "end": end or None}
    if {name: value for name, value in entry.items() if value} not in reading.data.get("medication", ()):
        reading.add(resource, "medication", entry)
    return None


def _inns(line: _Line) -> set[str]:
    return {one.drug.inn for one in line.given}


def _days(first: str, second: str) -> int:
    return (datetime.date.fromisoformat(second) - datetime.date.fromisoformat(first)).days


def _lines(reading: Reading, cancer: list[Given]) -> list[_Line]:
    rule = reading.codes.words["lines"]
    lines: list[_Line] = []
    for one in sorted((one for one in cancer if one.start), key=lambda item: item.start):
        again = next((line for line in reversed(lines) if one.drug.inn in _inns(line)), None)
        if again is not None and _days(again.last(one.drug.inn), one.start) <= rule["pause_days"]:
            again.given.append(one)
        elif lines and _days(lines[-1].start, one.start) <= rule["together_days"]:
            lines[-1].given.append(one)
        else:
            lines.append(_Line([one]))
    undated = _Line()
    for one in (one for one in cancer if not one.start):
        home = next((line for line in lines if one.drug.inn in _inns(line)), undated)
        home.given.append(one)
        reading.tell(one.resource, f"{one.drug.inn} has no start", "an undated line of therapy ranks first")
    return [undated, *lines] if undated.given else lines


def _beside(reading: Reading, lines: list[_Line], written: list[dict[str, Any]]) -> list[_Line]:
    """Of lines made here those after every line of therapy the case already has; the others have no sure place."""
    last = max((str(entry.get("start") or "") for entry in written), default="")
    for line in lines:
        if line.start <= last:
            reading.lacks("treatments")
            for one in line.given:
                reading.tell(
                    one.resource,
                    f"{one.drug.inn} has no sure place among the lines of therapy the case holds; not read",
                )
    return [line for line in lines if line.start > last]


def _treatment(reading: Reading, line: _Line, number: int) -> dict[str, Any]:
    drugs = sorted(_inns(line))
    entry: dict[str, Any] = {"line": number, "agents": drugs, "start": line.start or None}
    intents = {one.intent for one in line.given if one.intent}
    if len(intents) == 1:
        entry["intent"] = intents.pop()
    elif intents:
        reading.tell(
            line.given[0].resource, f"line {number} has several intents ({', '.join(sorted(intents))}); none was read"
        )
    ends = [max((one.end for one in line.given if one.drug.inn == inn), default="") for inn in drugs]
    if all(ends):
        entry["end"] = max(ends)
    over = {one.drug.inn for one in line.given if one.stopped}
    reasons = {one.reason for one in line.given if one.reason}
    if reasons and (over != set(drugs) or len(reasons) > 1):
        said = "; ".join(f"{one.drug.inn}: {one.reason}" for one in line.given if one.reason)
        reading.tell(
            line.given[0].resource, f"line {number} was stopped in part or for several reasons ({said}); none was read"
        )
    elif reasons:
        entry["stopped_for"] = reasons.pop()
    return entry


def _read_status(reading: Reading) -> None:
    """A worsened disease is the progression of the line of therapy then current; of several days the first."""
    worse: list[tuple[str, Resource]] = []
    for resource in reading.of_type("Observation"):
        if reading.codes.one("observations", resource.get("code")) != "disease status":
            continue
        if reading.unread(resource, "Observation", [resource.get("status")]):
            continue
        status = reading.codes.one("disease_status", resource.get("valueCodeableConcept"))
        if status == "worsened":
            start = entry_of(resource.get("effectivePeriod")).get("start")
            worse.append((reading.day(resource, resource.get("effectiveDateTime"), start) or "", resource))
        else:
            reading.tell(resource, f"the disease status {status or 'without a known value'} has no place in a case")
    for day, resource in sorted(worse, key=lambda item: item[0]):
        before = [one for one in reading.data.get("treatments", ()) if one.get("start") and one["start"] <= day]
        if not before:
            reading.tell(resource, "the disease worsened, but no line of therapy had started; not read")
            continue
        current = max(before, key=lambda one: str(one["start"]))
        if current.setdefault("progressed", day) != day:
            reading.tell(
                resource, f"the disease worsened on {day}; the line progressed on {current['progressed']} already"
            )


def _read_procedures(reading: Reading) -> None:
    for resource in reading.of_type("Procedure"):
        if reading.unread(resource, "Procedure", [resource.get("status")]):
            continue
        kind = _kind(reading, resource)
        if kind is None:
            reading.tell(resource, f"the procedure {concept_name(resource.get('code'))!r} has no place in a case")
            continue
        done = entry_of(resource.get("performedPeriod"))
        day = reading.day(resource, resource.get("performedDateTime"), done.get("end"), done.get("start"))
        reading.add(resource, "procedures", {"kind": kind, "date": day})


def _kind(reading: Reading, resource: Resource) -> str | None:
    words, concept = reading.codes.words, resource.get("code")
    coded = reading.codes.one("procedures", concept)
    named = [kind for kind in ("surgery", "radiotherapy") if words["profiles"][kind] in profiles(resource)]
    texts = [reading.codes.bare(text) for text in concept_texts(concept)]
    said = [term.id for text in texts if (term := reading.terms.lists["procedure"].find(text))]
    said += [
        kind for kind, listed in words["procedure_words"].items() if any(w in t.lower() for t in texts for w in listed)
    ]
    return next(iter((*((coded,) if coded else ()), *said, *named)), None)


def read_adverse_events(reading: Reading) -> None:
    """AdverseEvent resources; mCODE has none, R4 has no CTCAE grade."""
    for resource in reading.of_type("AdverseEvent"):
        name = concept_name(resource.get("event"))
        if name == "no code" or resource.get("actuality") == "potential":
            reading.tell(resource, "names no event that happened")
            continue
        term = next(
            (found for text in concept_texts(resource.get("event")) if (found := reading.terms.diseases.find(text))),
            None,
        )
        agents = []
        for suspect in entries_of(resource.get("suspectEntity")):
            for medication in reading.resolve(suspect.get("instance")):
                drug = drug_of(reading, resource, medication.get("code") or medication_concept(reading, medication))
                agents += [drug.inn] if drug else []
        entry = {"event": term.id if term else name, "agent": agents[0] if len(set(agents)) == 1 else None}
        reading.add(resource, "adverse_events", {**entry, "date": day_of(resource.get("date"))})
        reading.tell(resource, "an AdverseEvent of FHIR R4 has no grade; the event stands without one")
