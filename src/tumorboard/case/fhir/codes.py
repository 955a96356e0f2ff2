"""The codes of other systems and what they mean in the vocabulary: ``knowledge/vocabulary/fhir.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tumorboard.case.fhir.shape import Coding, codings
from tumorboard.errors import InvalidKnowledge, Problem

_MAPS = (
    "diseases", "histology", "histology_of_disease", "sites", "stage_observations", "observations", "vitals",
    "disease_status", "labs", "results", "changes", "methods", "specimens", "drugs", "stopped_for", "intent",
    "procedures",
)  # fmt: skip
_WORDS = (
    "profiles", "extensions", "unread", "stopped", "refined", "metastasis_words", "dropped_words", "stage_pattern",
    "blood_pressure", "body_units", "lab_code_units", "units", "not_tested", "components", "describing", "germline",
    "copies_measure", "frequency", "written_as_marker", "markers", "package_words", "stopped_words", "concomitant",
    "lines", "procedure_words",
)  # fmt: skip


class Codes:
    """Codes by the list they belong to, read both ways; ``words`` holds the file's other headings as they stand."""

    def __init__(self, data: Mapping[str, Any], place: str) -> None:
        self._short = {url: short for short, urls in data["systems"].items() for url in urls}
        self._urls = {short: urls[0] for short, urls in data["systems"].items()}
        self._by_prefix = frozenset(data["by_prefix"])
        self._maps: dict[str, Mapping[str, str]] = {name: data[name] for name in _MAPS}
        self.words: Mapping[str, Any] = {name: data[name] for name in _WORDS}
        for heading, listed in self._maps.items():
            for code in listed:
                if code.partition(":")[0] not in self._urls:
                    raise InvalidKnowledge(Problem(f"{place}: {heading}", f"{code!r} is of no listed system"))

    @classmethod
    def from_data(cls, data: object, place: str = "vocabulary/fhir.yaml") -> Codes:
        """From the parsed fhir.yaml. Raises InvalidKnowledge where a heading is absent or a code's system unknown."""
        if not isinstance(data, Mapping):
            raise InvalidKnowledge(Problem(place, "holds no headings"))
        if absent := [name for name in ("systems", "by_prefix", *_MAPS, *_WORDS) if name not in data]:
            raise InvalidKnowledge(Problem(place, f"lacks {', '.join(absent)}"))
        return cls(data, place)

    def short(self, coding: Coding) -> str:
        """``loinc:69548-6``; the whole system where it is none of the listed."""
        return f"{self._short.get(coding.system, coding.system)}:{coding.code}"

    def shorts(self, concept: object) -> list[str]:
        return [self.short(coding) for coding in codings(concept)]

    def has(self, concept: object, code: str) -> bool:
        return code in self.shorts(concept)

    def meanings(self, heading: str, concept: object) -> list[str]:
        """Every distinct meaning the list has for the concept's codings, in their order."""
        listed = self._maps[heading]
        found = [listed[code] for short in self.shorts(concept) if (code := self._listed(listed, short)) is not None]
        return list(dict.fromkeys(found))

    def one(self, heading: str, concept: object) -> str | None:
        """The single meaning; None where there is none, or two that differ."""
        found = self.meanings(heading, concept)
        return found[0] if len(found) == 1 else None

    def of(self, heading: str, meaning: str) -> list[str]:
        """The codes with that meaning, the one to write first."""
        return [code for code, own in self._maps[heading].items() if own == meaning]

    def coding(self, code: str, display: str = "") -> dict[str, str]:
        """A listed code as a FHIR Coding."""
        short, _, bare = code.partition(":")
        found = {"system": self._urls[short], "code": bare}
        return {**found, "display": display} if display else found

    def concept(self, codes: Iterable[str], text: str = "") -> dict[str, Any]:
        """A CodeableConcept of listed codes and a text; one of them must be given."""
        listed = [self.coding(code) for code in codes]
        found: dict[str, Any] = {"coding": listed} if listed else {}
        return {**found, "text": text} if text else found

    def url(self, system: str) -> str:
        url: str = self._urls[system]
        return url

    def bare(self, text: str) -> str:
        """A display text without what terminologies put behind it: ``Adenocarcinoma (morphologic abnormality)``."""
        dropped: list[str] = self.words["dropped_words"]
        for word in dropped:
            text = text.removesuffix(word).strip()
        return text

    def _listed(self, listed: Mapping[str, str], short: str) -> str | None:
        if short in listed:
            return short
        system, _, code = short.partition(":")
        if system in self._by_prefix:
            prefixes = (f"{system}:{code[:length]}".rstrip(".") for length in range(len(code) - 1, 2, -1))
            return next((prefix for prefix in prefixes if prefix in listed), None)
        return None
