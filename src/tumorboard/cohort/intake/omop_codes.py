"""What OMOP concepts mean: by our knowledge, the export's own ``concept`` table, and the user's mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.case.fhir import Codes
from tumorboard.cohort.intake.mapping import ImportMapping
from tumorboard.cohort.intake.omop_mapped import checked_entry
from tumorboard.cohort.intake.tables import Table
from tumorboard.errors import InvalidInput, Problem

NOTHING = "0"  # OMOP's "no matching concept"
PLACE = "cohort/omop.yaml"
# The table, its columns of the concept, of the source's concept and of the source's own code.
EVENTS: Mapping[str, tuple[str, str, str]] = {
    table: (f"{name}_concept_id", f"{name}_source_concept_id", f"{name}_source_value")
    for table, name in (
        ("condition_occurrence", "condition"),
        ("drug_exposure", "drug"),
        ("measurement", "measurement"),
        ("procedure_occurrence", "procedure"),
        ("observation", "observation"),
    )
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A concept as FHIR codes and a name, or as an entry of a case that the mapping gives; ``ignored``: neither."""

    codes: tuple[str, ...] = ()
    name: str = ""
    entry: Mapping[str, Any] | None = None
    ignored: bool = False


class Concepts:
    """Looks up what the concept of a row means. ``words`` is the ``omop`` part of ``cohort/omop.yaml``."""

    def __init__(self, words: Mapping[str, Any], codes: Codes, mapping: ImportMapping) -> None:
        self.words, self.codes = words, codes
        for table in (*mapping.concepts, *mapping.ignored):
            if table not in EVENTS:
                raise InvalidInput(Problem(f"concepts.{table}", "is no table of events", f"use {', '.join(EVENTS)}"))
        self._mapped = {
            table: {key: _mapped(table, key, said) for key, said in listed.items()}
            for table, listed in mapping.concepts.items()
        }
        self._ignored = mapping.ignored
        self._named: dict[str, tuple[str, str, str]] = {}
        self._used: set[str] = set()

    def note(self, id_: str) -> None:
        """Remember that rows use a concept, so that only those in use are kept of a ``concept`` table."""
        self._used.add(id_)

    def read(self, table: Table) -> None:
        """Take vocabulary, code and name of the concepts in use from the export's ``concept`` table."""
        columns = ("concept_id", "vocabulary_id", "concept_code", "concept_name")
        at = [table.heading.index(name) for name in columns]
        for row in table.rows():
            if row.problem is None and row.cells[at[0]] in self._used:
                id_, vocabulary, code, name = (row.cells[index].strip() for index in at)
                self._named[id_] = (vocabulary, code, name)

    def of(self, table: str, row: Mapping[str, str]) -> Meaning | None:
        """The meaning of a row of events; None where nothing gives one."""
        standard, source, own = (row.get(name, "").strip() for name in EVENTS[table])
        mapped: Mapping[str, Meaning] = self._mapped.get(table, {})
        ignored = self._ignored.get(table, ())
        for key in (*(id_ for id_ in (standard, source) if id_ != NOTHING), own):
            if key and key in mapped:
                return mapped[key]
            if key and ignored != "rest" and key in ignored:
                return Meaning(ignored=True)
        for key in (standard, source):
            if (found := self._known(table, key)) is not None:
                return found
        return Meaning(ignored=True) if ignored == "rest" else None

    def name(self, id_: str) -> str:
        """The concept's name where the export has it."""
        return self._named.get(id_, ("", "", ""))[2]

    def code(self, id_: str) -> str | None:
        """The concept as a code of fhir.yaml."""
        if (listed := self._at("concepts", id_)) is not None:
            return str(listed)
        vocabulary, code, _ = self._named.get(id_, ("", "", ""))
        system = self.words["vocabularies"].get(vocabulary)
        return f"{system}:{code}" if system else None

    def unit(self, row: Mapping[str, str]) -> str:
        """The unit as UCUM or as the source wrote it; empty where the row has none."""
        id_ = row.get("unit_concept_id", "").strip()
        listed = self._at("units", id_)
        if listed is not None:
            return str(listed)
        code = self.code(id_)
        return code.partition(":")[2] if code and code.startswith("ucum:") else row.get("unit_source_value", "").strip()

    def result(self, id_: str) -> str | None:
        listed = self._at("results", id_)
        return None if listed is None else str(listed)

    def sex(self, id_: str) -> str | None:
        listed = self._at("sex", id_)
        return None if listed is None else str(listed)

    def _at(self, heading: str, id_: str) -> Any:
        return self.words[heading].get(id_)

    def _known(self, table: str, id_: str) -> Meaning | None:
        if not id_ or id_ == NOTHING:
            return None
        if table == "drug_exposure" and (drug := self._at("drugs", id_)) is not None:
            return Meaning(name=str(drug))
        code = self.code(id_)
        if code is None:
            return None
        codes = self._both(code) if code.startswith("icdo:") and "-" in code else (code,)
        return Meaning(codes, self.name(id_)) if codes else None

    def _both(self, code: str) -> tuple[str, ...]:
        """Histology and organ of an ICD-O-3 condition; nothing where it is no primary tumour of a listed organ."""
        histology, _, topography = code.partition("-")
        organ = next((own for start, own in self.words["topographies"].items() if topography.startswith(start)), None)
        return (organ, histology) if organ and histology.endswith(self.words["primary"]) else ()


def _mapped(table: str, key: str, said: str | Mapping[str, Any]) -> Meaning:
    entry = checked_entry(table, said, f"concepts.{table}.{key}")
    return Meaning(name=str(said)) if entry is None else Meaning(entry=entry)
