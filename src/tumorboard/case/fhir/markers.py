"""Tumour marker tests with a code of their own, and what variants share with them: result, assay, specimen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tumorboard.case.fhir.reading import Reading
from tumorboard.case.fhir.shape import Resource, concept_name, concept_texts, entry_of, number_of, plain, text_of


def marker_of(reading: Reading, resource: Resource) -> Mapping[str, Any] | None:
    """What the vocabulary says of the test with this Observation's code."""
    shorts = reading.codes.shorts(resource.get("code"))
    return next((marker for marker in reading.codes.words["markers"] if marker["code"] in shorts), None)


def read_marker(reading: Reading, resource: Resource, marker: Mapping[str, Any]) -> None:
    """A test with a code of its own (PD-L1 by clone 22C3): its answer or its number."""
    result = result_of(reading, resource, marker.get("values") or {})
    quantity = entry_of(resource.get("valueQuantity"))
    number, unit = number_of(quantity.get("value")), text_of(quantity.get("code")) or text_of(quantity.get("unit"))
    entry = {"assay": assay_of(reading, resource), **marker["entry"], "specimen": specimen_of(reading, resource)}
    rule = marker.get("quantity")
    if result is not None:
        entry["result"] = result
    elif number is None or rule is None or quantity.get("comparator"):
        reading.tell(resource, f"{concept_name(resource.get('code'))}: its value could not be read")
        return
    elif unit and unit not in (rule.get("accepted") or [rule["unit"]]):
        reading.tell(resource, f"{marker['entry']['name']} in {unit} could not be read")
        return
    else:
        entry |= {"measure": rule["measure"], "value": plain(number), "unit": rule["unit"]}
    reading.add(resource, "biomarkers", {**entry, "date": reading.day(resource, resource.get("effectiveDateTime"))})


def result_of(reading: Reading, resource: Resource, values: Mapping[str, str]) -> str | None:
    codes, concept = reading.codes, resource.get("valueCodeableConcept")
    if any(codes.has(resource.get("dataAbsentReason"), code) for code in codes.words["not_tested"]):
        return "not tested"
    own = [values[short] for short in codes.shorts(concept) if short in values]
    terms = reading.terms.lists["result"]
    texts = [*concept_texts(concept), text_of(resource.get("valueString"))]
    said = [term.id for text in texts if text and (term := terms.find(codes.bare(text)))]
    found = set(own) or {*codes.meanings("results", concept), *said}
    # Two answers that differ are no answer: an absent variant must never pass for a present one.
    return found.pop() if len(found) == 1 else None


def assay_of(reading: Reading, resource: Resource) -> str | None:
    concept = resource.get("method")
    found = reading.codes.one("methods", concept)
    said = (term.id for text in concept_texts(concept) if (term := reading.terms.lists["assay"].find(text)))
    return found or next(said, None)


def specimen_of(reading: Reading, resource: Resource) -> str | None:
    for specimen in reading.resolve(resource.get("specimen"), resource):
        concept = specimen.get("type")
        found = reading.codes.one("specimens", concept)
        said = (
            term.id
            for text in concept_texts(concept)
            if (term := reading.terms.lists["specimen"].find(reading.codes.bare(text)))
        )
        if (kind := found or next(said, None)) is not None:
            reading.use(specimen)
            return kind
    return None
