"""The rows of one person of an OMOP export as the data of a case file.

What an entry of the mapping names becomes that entry; everything else goes through the FHIR reader, so that a code, a
unit or a date means the same whichever way it came. Lines of therapy come from ``episode`` where the person has one,
else from that reader's rule.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.case.fhir import case_data_from_fhir
from tumorboard.case.fhir.medicines import drug_of, treats_cancer
from tumorboard.case.fhir.reading import Reading
from tumorboard.case.fhir.resources import Found
from tumorboard.case.fhir.shape import label
from tumorboard.case.model import COMPLETE, Section
from tumorboard.cohort.intake.mapping import ImportMapping
from tumorboard.cohort.intake.omop_codes import EVENTS, Concepts, Meaning
from tumorboard.cohort.intake.omop_entries import entry_of
from tumorboard.cohort.intake.omop_resources import Resources, Row, day
from tumorboard.cohort.intake.refusals import Where
from tumorboard.cohort.intake.sorting import Group, Record
from tumorboard.cohort.intake.tables import shown
from tumorboard.cohort.intake.taking import CaseData
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.vocabulary.library import Vocabulary

SECTION_OF: Mapping[str, Section] = {
    "condition_occurrence": "conditions", "drug_exposure": "treatments", "procedure_occurrence": "procedures",
}  # fmt: skip
_DIGITS = 4  # of the number of a line
_DEFAULT = "open"  # a database of care holds what was done there, seldom all that was done


class OmopReader:
    """What reading persons needs, the same for all of them."""

    def __init__(
        self, concepts: Concepts, mapping: ImportMapping, vocabulary: Vocabulary, as_of: datetime.date
    ) -> None:
        self.concepts, self.mapping, self.vocabulary, self.as_of = concepts, mapping, vocabulary, as_of
        self.resources = Resources(concepts)


@dataclass(frozen=True, slots=True)
class _Drug:
    inn: str
    cancer: bool
    resource: dict[str, Any]


class Person:
    """One person's case in the making."""

    def __init__(self, reader: OmopReader, group: Group) -> None:
        self._reader, self._key = reader, group.key
        self._resources: list[dict[str, Any]] = []
        self._conditions: dict[tuple[tuple[str, ...], str], dict[str, Any]] = {}
        self._drugs: dict[str, _Drug] = {}
        self._pressures: dict[tuple[str, str], dict[str, Row]] = {}
        self._episodes: dict[str, tuple[Row, Where]] = {}
        self._linked: dict[str, list[str]] = {}
        self._entries: list[tuple[str, dict[str, Any], Where]] = []
        self._lacking: set[Section] = set()
        self._told: list[Problem] = []
        self._places: dict[str, Where] = {}
        self._first: Where = None
        self._problems: list[tuple[Problem, Where]] = [
            (Problem(f"{file}:{line}", held.what, held.mend), (file, line))
            for file, line, held in group.records
            if isinstance(held, Problem)
        ]
        self._drug_reading = Reading(Found(), reader.vocabulary, reader.concepts.codes)

    def add(self, table: str, record: Record, row: Row) -> None:
        """Take in one row; a wrong cell is kept as a problem with its file and line."""
        where = (record[0], record[1])
        try:
            if table == "person":
                self._first = where
                self._keep(self._reader.resources.patient(row), where)
            elif table == "episode":
                self._episode(row, where)
            elif table == "episode_event":
                self._link(row)
            else:
                self._event(table, row, where)
        except TumorboardError as error:
            self._problems += [
                (Problem(f"{where[0]}:{where[1]}.{one.place}", one.what, one.mend), where) for one in error.problems
            ]

    def found(self) -> CaseData:
        """The case file as data, once every row was added."""
        if self._problems:
            return CaseData({}, problems=tuple(self._problems))
        for sides in self._pressures.values():
            self._resources.append(self._reader.resources.pressure(sides))
        self._resources += self._conditions.values()
        lines = self._treatments()
        bundle = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": one} for one in self._resources],
        }
        data, told = case_data_from_fhir(bundle, self._reader.vocabulary, self._reader.concepts.codes)
        self._note_what_lacks(data)
        data["incomplete"] = self._incomplete(data)
        self._keep_ends(data.get("treatments", ()))
        if lines:
            data["treatments"] = lines
        for section, entry, where in self._entries:
            listed = data.setdefault(section, [])
            self._places[f"{section}[{len(listed)}]"] = where
            listed.append(entry)
        data = {"schema": "tumorboard.case/1", **data, "id": self._key, "as_of": self._reader.as_of.isoformat()}
        return CaseData(data, (*self._told, *told), self._where, tuple(self._problems))

    def _keep(self, resource: dict[str, Any], where: Where) -> None:
        self._places.setdefault(label(resource), where)
        self._resources.append(resource)

    def _event(self, table: str, row: Row, where: Where) -> None:
        concepts, made = self._reader.concepts, self._reader.resources
        meaning = concepts.of(table, row)
        if meaning is None:
            self._unmapped(table, row)
        elif meaning.ignored:
            return
        elif meaning.entry is not None:
            self._entry(table, row, meaning.entry, where)
        elif table == "condition_occurrence":
            self._condition(made.condition(row, meaning), meaning, where)
        elif table == "drug_exposure":
            self._drug(row, meaning, where)
        elif table == "procedure_occurrence":
            self._keep(made.procedure(row, meaning), where)
        elif side := self._side(meaning):
            made.pressure({side: row})  # names a wrong cell now, by its row
            self._pressure(side, row)
        else:
            self._keep(made.observation(row, meaning, table), where)

    def _unmapped(self, table: str, row: Row) -> None:
        concept, _, own = (row.get(name, "").strip() for name in EVENTS[table])
        name = self._reader.concepts.name(concept)
        said = f"concept {concept or 'none'}{f' ({name})' if name else ''}, source value {shown(own)}"
        self._told.append(Problem(table, f"{said}: has no meaning here", f"map it in concepts.{table}, or ignore it"))
        if table in SECTION_OF:
            self._lacking.add(SECTION_OF[table])

    def _entry(self, table: str, row: Row, said: Mapping[str, Any], where: Where) -> None:
        if operator := self._reader.resources.comparator(row):
            self._told.append(Problem(table, f"a value that is only known by {operator}; not read"))
            return
        section, entry = entry_of(self._reader.concepts, table, row, said)
        self._entries.append((section, entry, where))

    def _condition(self, resource: dict[str, Any], meaning: Meaning, where: Where) -> None:
        """A condition is recorded at every visit: rows of one meaning are one condition, diagnosed at the first."""
        key = (meaning.codes, meaning.name)
        before = self._conditions.get(key)
        self._places.setdefault(label(resource), where)
        if before is None or resource.get("onsetDateTime", "9") < before.get("onsetDateTime", "9"):
            self._conditions[key] = resource

    def _drug(self, row: Row, meaning: Meaning, where: Where) -> None:
        resource = self._reader.resources.drug(row, meaning)
        drug = drug_of(self._drug_reading, resource, resource["medicationCodeableConcept"])
        if drug is None:
            self._unmapped("drug_exposure", row)
            return
        self._places.setdefault(label(resource), where)
        id_ = row.get("drug_exposure_id", "").strip() or f"row {len(self._drugs)}"
        cancer = treats_cancer(self._drug_reading, resource, drug)
        self._drugs[id_] = _Drug(drug.inn, cancer, resource)

    def _side(self, meaning: Meaning) -> str | None:
        listed = self._reader.concepts.words["pressure"].values()
        return next((code for code in meaning.codes if code in listed), None)

    def _pressure(self, side: str, row: Row) -> None:
        at = (row.get("measurement_date", "").strip(), row.get("measurement_datetime", "").strip())
        sides = self._pressures.setdefault(at, {})
        if side in sides:  # twice at one time: an entry of its own
            self._pressures[(*at[:1], f"{at[1]} {len(self._pressures)}")] = {side: row}
        else:
            sides[side] = row

    def _episode(self, row: Row, where: Where) -> None:
        if row.get("episode_concept_id", "").strip() == str(self._reader.concepts.words["episode"]["treatment"]):
            self._episodes[row.get("episode_id", "").strip()] = (row, where)

    def _link(self, row: Row) -> None:
        field = str(self._reader.concepts.words["episode"]["drug_event"])
        if row.get("episode_event_field_concept_id", "").strip() == field:
            self._linked.setdefault(row["episode_id"].strip(), []).append(row.get("event_id", "").strip())

    def _treatments(self) -> list[dict[str, Any]]:
        """Lines of therapy from episodes; without any, the drugs go to the reader, which makes lines by its rule."""
        if not self._episodes:
            self._resources += (drug.resource for drug in self._drugs.values())
            return []
        lines = [line for id_, held in self._episodes.items() if (line := self._line(id_, *held))]
        linked = {event for id_ in self._episodes for event in self._linked.get(id_, ())}
        for id_, drug in self._drugs.items():
            if not drug.cancer:
                self._resources.append(drug.resource)
            elif id_ not in linked:
                self._told.append(Problem("drug_exposure", f"{drug.inn} is in no episode, so its line isn't known"))
                self._lacking.add("treatments")
        return sorted(lines, key=lambda line: int(line["line"]))

    def _line(self, id_: str, row: Row, where: Where) -> dict[str, Any] | None:
        number = row.get("episode_number", "").strip()
        drugs = [self._drugs.get(event) for event in self._linked.get(id_, ())]
        agents = sorted({drug.inn for drug in drugs if drug is not None and drug.cancer})
        if not (number.isdecimal() and len(number) <= _DIGITS) or not agents:
            lacks = "episode_number" if agents else "drugs that are known here"
            self._told.append(Problem("episode", f"a treatment without {lacks}; not read"))
            self._lacking.add("treatments")
            return None
        if None in drugs:
            self._told.append(
                Problem("episode", "a treatment with a drug that is not known here; it lacks in the line")
            )
            self._lacking.add("treatments")
        entry = {"line": int(number), "agents": agents}
        for key, column in (("start", "episode_start_date"), ("end", "episode_end_date")):
            try:
                value = day(row, column)
            except InvalidInput as error:
                self._problems += [(problem, where) for problem in error.problems]
                continue
            if value is not None:
                entry[key] = value
        return entry

    def _note_what_lacks(self, data: Mapping[str, Any]) -> None:
        """Resources the reader has no place for are missing from their list."""
        kinds = [resource["resourceType"] for resource in self._resources]
        read = {
            "conditions": len(data.get("conditions", ())) + len(data.get("metastases", ())),
            "procedures": len(data.get("procedures", ())),
        }
        if read["conditions"] < kinds.count("Condition"):
            self._lacking.add("conditions")
        if read["procedures"] < kinds.count("Procedure"):
            self._lacking.add("procedures")

    def _keep_ends(self, treatments: Any) -> None:
        """Of lines made of exposures, an end stays where the pause since then says that treatment was over."""
        pause = datetime.timedelta(days=int(self._reader.concepts.codes.words["lines"]["pause_days"]))
        for line in treatments:
            if "end" in line and datetime.date.fromisoformat(line["end"]) + pause >= self._reader.as_of:
                del line["end"]

    def _incomplete(self, data: dict[str, Any]) -> list[str]:
        found = set(data.get("incomplete", ())) | self._lacking
        for section in COMPLETE:
            mode = self._reader.mapping.complete.get(section, _DEFAULT)
            if mode == "whole":
                data.setdefault(section, [])
            if mode == "open":
                found.add(section)
        return sorted(found)

    def _where(self, place: str) -> Where:
        return self._places.get(place, self._places.get(place.partition(".")[0], self._first))
