"""Drugs in medication resources: from a code or a package's text to the vocabulary's drug; when and why given."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tumorboard.case.fhir.reading import Reading
from tumorboard.case.fhir.shape import (
    Resource,
    codings,
    concept_name,
    concept_texts,
    day_of,
    entries_of,
    entry_of,
    profiles,
    text_of,
)
from tumorboard.vocabulary.drugs import Drug

_WORD = re.compile(r"[^\s,;()\[\]]+")
_BIOLOGIC_SUFFIX = re.compile(r"-[a-z]{4}$")  # the FDA's four letters behind a biologic's name say nothing of the drug
_NUMBER = re.compile(r"[\d.,%/-]+")


@dataclass(frozen=True, slots=True)
class Given:
    """One resource that says a drug was ordered or given: days as YYYY-MM-DD, empty where none is known."""

    resource: Resource
    drug: Drug
    start: str
    end: str
    intent: str | None
    stopped: bool
    reason: str | None


def drug_of(reading: Reading, resource: Resource, concept: object) -> Drug | None:
    """The drug a CodeableConcept names; listed and None where it is unknown or its code and text disagree."""
    drugs = reading.vocabulary.drugs
    found = {drugs.find(name).inn for name in reading.codes.meanings("drugs", concept)}
    found |= {drug.inn for text in concept_texts(concept) if (drug := drug_in(reading, text)) is not None}
    if len(found) == 1:
        return drugs.find(found.pop())
    if found:
        reading.tell(resource, f"its code and text name different drugs: {', '.join(sorted(found))}; not read")
    return None


def drug_in(reading: Reading, text: str) -> Drug | None:
    """The drug in a package's text, where every other word is a strength or a form: "gefitinib 250 MG Oral Tablet"."""
    drugs, filler = reading.vocabulary.drugs, frozenset(reading.codes.words["package_words"])
    if (whole := drugs.get(text)) is not None:
        return whole
    words = [_BIOLOGIC_SUFFIX.sub("", word) for word in _WORD.findall(text)]

    def is_filler(word: str) -> bool:
        return all(part in filler or _NUMBER.fullmatch(part) or not part for part in word.lower().split("/"))

    kept = [index for index, word in enumerate(words) if not is_filler(word)]
    if not kept:
        return None
    return drugs.get(" ".join(words[kept[0] : kept[-1] + 1]))


def names_treatment(reading: Reading, concept: object) -> bool:
    """Whether a word of a drug's text that is not read as a whole is one of systemic therapy."""
    drugs = reading.vocabulary.drugs
    named = (drugs.get(word) for text in concept_texts(concept) for word in _WORD.findall(text))
    concomitant = set(reading.codes.words["concomitant"])
    return any(drug is not None and not drug.classes & concomitant for drug in named)


def medication_concept(reading: Reading, resource: Resource) -> object:
    """The drug's concept, in the resource itself, in one it holds, or in the Medication it points to."""
    concept = resource.get("medicationCodeableConcept")
    if concept is not None:
        return concept
    reference = resource.get("medicationReference")
    if found := reading.resolve(reference, resource):
        reading.use(found[0])
        return found[0].get("code")
    return {"text": entry_of(reference).get("display")}


def treats_cancer(reading: Reading, resource: Resource, drug: Drug | None) -> bool:
    """Whether it is systemic therapy: by its class, or for a drug unknown here by the profile it claims."""
    words = reading.codes.words
    if drug is not None:
        return not drug.classes & set(words["concomitant"])
    return bool(
        profiles(resource) & {words["profiles"]["cancer medication"], words["profiles"]["cancer medication given"]}
    )


def given(reading: Reading, resource: Resource, drug: Drug) -> Given:
    """When and why the drug was given, as far as the resource tells."""
    words, codes = reading.codes.words, reading.codes
    start, end = period(reading, resource)
    intents = [
        intent
        for extension in entries_of(resource.get("extension"))
        if extension.get("url") == words["extensions"]["intent"]
        for intent in codes.meanings("intent", extension.get("valueCodeableConcept"))
    ]
    stopped = text_of(resource.get("status")) in words["stopped"]
    return Given(
        resource, drug, start, end, intents[0] if len(set(intents)) == 1 else None, stopped, _reason(reading, resource)
    )


def period(reading: Reading, resource: Resource) -> tuple[str, str]:
    """First and last day, of an order those of its use, else the day it was written.

    Single planned days (``timing.event``) don't count: they tell one cycle, not the treatment.
    """
    bounds = [
        entry_of(entry_of(entry_of(one.get("timing")).get("repeat")).get("boundsPeriod"))
        for one in entries_of(resource.get("dosageInstruction"))
    ]
    effective = entry_of(resource.get("effectivePeriod"))
    starts = [value for one in bounds if (value := one.get("start")) is not None]
    if starts and all(day_of(value) for value in starts):
        starts = [min(starts)]
    start = reading.day(
        resource, *starts, effective.get("start"), resource.get("effectiveDateTime"), resource.get("authoredOn")
    )
    # The end of an order's period is a plan until the order is over.
    over = text_of(resource.get("status")) in reading.codes.words["stopped"]
    ends = [
        day for value in (effective.get("end"), *(one.get("end") for one in bounds if over)) if (day := day_of(value))
    ]
    return start or "", max(ends, default="")


def _reason(reading: Reading, resource: Resource) -> str | None:
    found: list[str] = []
    terms = reading.terms.lists["stopped_for"]
    for concept in entries_of(resource.get("statusReason")):
        texts = [reading.codes.bare(text) for text in concept_texts(concept)]
        said = [term.id for text in texts if (term := terms.find(text))]
        said += [
            reason for reason, words in reading.codes.words["stopped_words"].items()
            if any(text.lower() == word for text in texts for word in words)
        ]  # fmt: skip
        own = reading.codes.meanings("stopped_for", concept) or said
        if not own:
            reading.tell(resource, f"stopped for {concept_name(concept)!r}, which a case has no word for")
        elif not codings(concept) or own:
            found += own
    return found[0] if len(set(found)) == 1 else None
