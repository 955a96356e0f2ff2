"""Conditions: the tumour with histology and stage, metastases, comorbidities."""

from __future__ import annotations

import re
from typing import Any

from tumorboard.case.fhir.reading import Reading
from tumorboard.case.fhir.shape import (
    Resource,
    codings,
    concept_name,
    concept_texts,
    entries_of,
    entry_of,
    extensions,
    profiles,
)


def read_conditions(reading: Reading) -> None:
    """Every Condition, then the stages that stand in Observations of their own."""
    tumours: list[tuple[Resource, dict[str, Any]]] = []
    for resource in reading.of_type("Condition"):
        verification = [coding.code for coding in codings(resource.get("verificationStatus"))]
        if reading.unread(resource, "verification", verification):
            continue
        if not codings(resource.get("code")) and not concept_texts(resource.get("code")):
            reading.tell(resource, "has no code that says which disease it is")
        elif (site := _site(reading, resource)) is not None:
            reading.add(resource, "metastases", {"site": site, "date": _onset(reading, resource)})
        elif (entry := _condition(reading, resource)) is not None:
            kept = reading.add(resource, "conditions", entry)
            if kept is not None and _is_tumour(reading, resource, kept):
                tumours.append((resource, kept))
    _read_stages(reading, tumours)


def _condition(reading: Reading, resource: Resource) -> dict[str, Any] | None:
    disease, histology = _disease(reading, resource), _histology(reading, resource)
    for rule in reading.codes.words["refined"]:
        if disease == rule["disease"] and histology in rule["histology"]:
            disease = rule["to"]
    entry = {"disease": disease, "histology": histology}
    if not _is_tumour(reading, resource, entry):
        clinical = [coding.code for coding in codings(resource.get("clinicalStatus"))]
        if reading.unread(resource, "clinical", clinical):
            return None
        if histology is not None:
            reading.tell(resource, f"the histology {histology} of something that is no listed tumour")
    return {**entry, "diagnosed": _onset(reading, resource), "stage": _own_stage(reading, resource)}


def _disease(reading: Reading, resource: Resource) -> str:
    concept, diseases = resource.get("code"), reading.terms.diseases
    coded = reading.codes.meanings("diseases", concept)
    said = [term.id for text in concept_texts(concept) if (term := diseases.find(reading.codes.bare(text)))]
    names = list(dict.fromkeys((*coded, *said)))
    # Of a disease and its group the disease is meant.
    nearest = [name for name in names if not any(other in diseases.members(name) for other in names if other != name)]
    if len(nearest) == 1:
        return nearest[0]
    if nearest:
        reading.tell(resource, f"its codes name different diseases ({', '.join(nearest)}), so its text stands")
    return reading.codes.bare(concept_name(concept))


def _is_tumour(reading: Reading, resource: Resource, entry: dict[str, Any]) -> bool:
    term = reading.terms.diseases.find(entry["disease"])
    return bool(term and term.note.get("tumour")) or reading.codes.words["profiles"]["primary cancer"] in profiles(
        resource
    )


def _histology(reading: Reading, resource: Resource) -> str | None:
    codes, terms = reading.codes, reading.terms.lists["histology"]
    url = codes.words["extensions"]["histology"]
    found = list(codes.meanings("histology_of_disease", resource.get("code")))
    for extension in extensions(resource, url):
        concept = extension.get("valueCodeableConcept")
        said = [term.id for text in concept_texts(concept) if (term := terms.find(codes.bare(text)))]
        own = list(dict.fromkeys((*codes.meanings("histology", concept), *said)))
        if not own:
            reading.tell(resource, f"the histology {concept_name(concept)!r} is not one a case knows")
        found += own
    distinct = list(dict.fromkeys(found))
    if len(distinct) > 1:
        reading.tell(resource, f"names different histologies ({', '.join(distinct)}), so none was read")
    return distinct[0] if len(distinct) == 1 else None


def _site(reading: Reading, resource: Resource) -> str | None:
    """The site of a secondary cancer Condition; None for any other."""
    codes, concept, sites = reading.codes, resource.get("code"), reading.terms.named["sites"]
    found = codes.meanings("sites", concept)
    secondary = codes.words["profiles"]["secondary cancer"] in profiles(resource)
    for text in concept_texts(concept):
        bare = codes.bare(text)
        start = next((word for word in codes.words["metastasis_words"] if bare.lower().startswith(word)), "")
        if start or secondary:
            site = bare[len(start) :].strip() or bare
            term = sites.find(site)
            found.append(term.id if term else site)
    if not found and secondary:
        found.append(concept_name(concept))
    known = [site for site in found if sites.find(site)]
    return next(iter((*known, *found)), None)


def _onset(reading: Reading, resource: Resource) -> str | None:
    period = entry_of(resource.get("onsetPeriod"))
    url = reading.codes.words["extensions"]["asserted"]
    asserted = [one.get("valueDateTime") for one in extensions(resource, url)]
    return reading.day(
        resource, resource.get("onsetDateTime"), period.get("start"), resource.get("recordedDate"), *asserted
    )


def stage_text(reading: Reading, concept: object) -> str | None:
    """``IIIC`` out of "American Joint Committee on Cancer stage IIIC"; another text as it stands."""
    texts = [reading.codes.bare(text) for text in concept_texts(concept)]
    pattern = re.compile(reading.codes.words["stage_pattern"])
    found = next((match["stage"] for text in texts if (match := pattern.search(text))), None)
    return found or next(iter(texts), None)


def _own_stage(reading: Reading, resource: Resource) -> str | None:
    stages = [stage_text(reading, one.get("summary")) for one in entries_of(resource.get("stage"))]
    distinct = list(dict.fromkeys(stage for stage in stages if stage))
    if len(distinct) > 1:
        reading.tell(resource, f"gives several stages ({', '.join(distinct)}), so none was read")
    return distinct[0] if len(distinct) == 1 else None


def _read_stages(reading: Reading, tumours: list[tuple[Resource, dict[str, Any]]]) -> None:
    """Stage Observations: for the tumour they point to, or the only one. The Condition's own stage goes first."""
    found: dict[int, list[tuple[str, str, Resource]]] = {}
    for resource in reading.of_type("Observation"):
        if not reading.codes.meanings("stage_observations", resource.get("code")):
            continue
        if reading.unread(resource, "Observation", [resource.get("status")]):
            continue
        stage = stage_text(reading, resource.get("valueCodeableConcept"))
        focus = reading.resolve(resource.get("focus"))
        of = [index for index, (condition, _) in enumerate(tumours) if condition in focus]
        if not of and not entries_of(resource.get("focus")) and len(tumours) == 1:
            of = [0]
        if stage is None or not of:
            reading.tell(resource, f"the stage {stage or 'without a value'} belongs to no tumour of this case")
            continue
        day = reading.day(resource, resource.get("effectiveDateTime")) or ""
        found.setdefault(of[0], []).append((day, stage, resource))
    for index, stages in found.items():
        _stage(reading, tumours[index], stages)


def _stage(reading: Reading, tumour: tuple[Resource, dict[str, Any]], stages: list[tuple[str, str, Resource]]) -> None:
    condition, entry = tumour
    newest = max(day for day, _, _ in stages)
    latest = {stage for day, stage, _ in stages if day == newest}
    if "stage" not in entry and len(latest) == 1:
        entry["stage"] = latest.pop()
    for _, stage, resource in stages:
        if "stage" not in entry:
            reading.tell(resource, f"gives the stage {stage}, another one of that day differs, so none was read")
        elif stage != entry["stage"]:
            reading.tell(
                resource, f"gives the stage {stage}, {reading.label(condition)} {entry['stage']}, which was read"
            )
