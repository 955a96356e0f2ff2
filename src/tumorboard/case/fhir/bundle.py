"""FHIR R4 → the plain data of a case file, with everything that was not understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tumorboard.case.fhir.codes import Codes
from tumorboard.case.fhir.disease import read_conditions
from tumorboard.case.fhir.measurements import read_observations
from tumorboard.case.fhir.reading import Reading
from tumorboard.case.fhir.resources import find_resources
from tumorboard.case.fhir.restore import restore
from tumorboard.case.fhir.shape import Resource, day_of, entries_of, references, shown, text_of
from tumorboard.case.fhir.treatment import read_adverse_events, read_treatments
from tumorboard.errors import Problem
from tumorboard.vocabulary.library import Vocabulary

READ = (
    "Patient", "Condition", "Observation", "MedicationRequest", "MedicationAdministration", "MedicationStatement",
    "Procedure", "AdverseEvent",
)  # fmt: skip


def is_fhir(data: object) -> bool:
    """Whether the data are FHIR: a resource, or a list of resources."""
    first = data[0] if isinstance(data, list) and data else data
    return isinstance(first, Mapping) and isinstance(first.get("resourceType"), str)


def case_data_from_fhir(
    bundle: Mapping[str, Any] | list[Any], vocabulary: Vocabulary, codes: Codes, patient: str | None = None
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The case file's data (``tumorboard.case/1``) and what was not understood, each with ``ResourceType/id``.

    ``bundle`` is a Bundle, one resource or a list of resources, of one patient; ``patient`` picks one of several by id.
    Raises InvalidInput naming the path of an entry that is no resource or belongs to a second patient.
    """
    found = find_resources(bundle, patient)
    reading = Reading(found, vocabulary, codes)
    reading.problems.extend(found.problems)
    restore(reading)
    reading.data = {"schema": "tumorboard.case/1", "id": _id(reading, bundle), **reading.data}
    if "as_of" not in reading.data and found.as_of and (day := day_of(found.as_of)):
        reading.data["as_of"] = day
    for resource in reading.of_type("Patient"):
        _read_patient(reading, resource)
    read_conditions(reading)
    read_observations(reading)
    read_treatments(reading)
    read_adverse_events(reading)
    for resource in reading.resources:
        if resource.get("resourceType") not in READ and id(resource) not in reading.used:
            reading.tell(resource, "resources of this type have no place in a case; not read")
    return reading.data, tuple(reading.problems)


def _id(reading: Reading, bundle: object) -> str:
    """The Patient's id, else whom the resources are of, else the Bundle's own id."""
    for resource in reading.of_type("Patient"):
        if name := text_of(resource.get("id")):
            return name
    for resource in reading.resources:
        for url in (*references(resource.get("subject")), *references(resource.get("patient"))):
            return url.rpartition("/")[2] or url
    named = text_of(bundle.get("id")) if isinstance(bundle, Mapping) else ""
    return named or "fhir"


def _read_patient(reading: Reading, resource: Resource) -> None:
    gender = resource.get("gender")
    if isinstance(gender, str) and reading.terms.lists["sex"].find(gender):
        reading.set(resource, "sex", gender)
    elif gender is not None:
        reading.tell(resource, f"the gender {shown(gender)} is not known", "use female, male, other or unknown")
    birth = resource.get("birthDate")
    if birth is not None and (day := day_of(birth)) is not None:
        reading.set(resource, "birth_date", day)
    elif birth is not None or entries_of(resource.get("_birthDate")):
        reading.tell(
            resource, f"the birth date {shown(birth)} is no day", "a case needs year, month and day, or an age"
        )
