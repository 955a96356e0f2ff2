"""A case laid out as tables, once: dates after ``as_of`` taken out and names normalised."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from tumorboard.case.columns import TABLES
from tumorboard.case.courses import courses
from tumorboard.case.entries import Entries
from tumorboard.case.model import COMPLETE, CaseFile
from tumorboard.case.rows import UNDATED, Cell, Row, Table, ranked
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.vocabulary.library import Vocabulary
from tumorboard.vocabulary.terms import Term


class _Tables(Entries):
    """Every table but that of lines of therapy (case/courses.py)."""

    def conditions(self) -> tuple[list[Row], list[Row]]:
        """Tumours, oldest first with a transformed tumour after all others, and comorbidities."""
        tumours: list[Row] = []
        comorbidities: list[Row] = []
        for index, entry, when in self.current(self.file.conditions, "date", "diagnosed"):
            place = f"conditions[{index}]"
            term = self.named(self.terms.diseases, entry.disease, f"{place}.disease")
            histology = entry.histology
            if term is not None and "reads_as" in term.note:
                histology = histology or term.note["histology"]
                term = self.terms.diseases.terms[term.note["reads_as"]]
            origin = self.terms.diseases.find(entry.transformed_from) if entry.transformed_from else None
            cells: dict[str, Cell] = {
                "disease": term.id if term else entry.disease,
                "transformed": entry.transformed_from is not None,
                "transformed_from": origin.id if origin else entry.transformed_from,
                "histology": histology,
                "stage": entry.stage,
                "diagnosed": None if when == UNDATED else when,
                "when": when,
            }
            is_tumour = bool(term and term.note.get("tumour")) or entry.transformed_from is not None
            (tumours if is_tumour else comorbidities).append(Row(cells, place))
        return ranked(tumours, lambda row: (row.cells["transformed"], row.cells["when"])), comorbidities

    def medication(self) -> list[Row]:
        rows = []
        for index, entry, when in self.current(self.file.medication, "date", "start"):
            place = f"medication[{index}]"
            if entry.end and entry.end <= self.as_of:
                continue  # no longer taken on the day of the board
            agents = self.agent(entry.name, f"{place}.name")
            rows.append(Row({"agents": agents, "mg_day": entry.mg_day, "when": when}, place))
        return rows

    def adverse_events(self) -> list[Row]:
        rows = []
        for index, entry, when in self.current(self.file.adverse_events, "date"):
            place = f"adverse_events[{index}]"
            term = self.terms.diseases.find(entry.event)
            if term is None:
                self.not_understood.append(Problem(f"{place}.event", f"{entry.event!r} is not an event any rule names"))
            agents = None if entry.agent is None else self.agent(entry.agent, f"{place}.agent")
            cells: dict[str, Cell] = {
                "event": term.id if term else entry.event, "grade": entry.grade, "agents": agents, "when": when,
            }  # fmt: skip
            rows.append(Row(cells, place, {"agents": f"{place}.agent"}))
        return rows

    def metastases(self) -> list[Row]:
        rows = []
        for index, entry, when in self.current(self.file.metastases, "date"):
            term = self.named(self.terms.named["sites"], entry.site, f"metastases[{index}].site")
            cells: dict[str, Cell] = {
                "site": term.id if term else entry.site,
                "symptomatic": entry.symptomatic,
                "treated": entry.treated,
                "when": when,
            }
            rows.append(Row(cells, f"metastases[{index}]"))
        return rows

    def procedures(self) -> list[Row]:
        rows = []
        for index, entry, when in self.current(self.file.procedures, "date"):
            term = self.named(self.terms.lists["procedure"], entry.kind, f"procedures[{index}].kind")
            cells: dict[str, Cell] = {
                "kind": term.id if term else entry.kind,
                "selective": entry.selective,
                "viable_percent": entry.viable_percent,
                "new_lesions": entry.new_lesions,
                "date": None if when == UNDATED else when,
                "when": when,
            }
            rows.append(Row(cells, f"procedures[{index}]"))
        return rows

    def biomarkers(self) -> list[Row]:
        rows = []
        for index, entry, when in self.current(self.file.biomarkers, "date"):
            place = f"biomarkers[{index}]"
            assay = self.named(self.terms.lists["assay"], entry.assay, f"{place}.assay") if entry.assay else None
            specimen = (
                self.named(self.terms.lists["specimen"], entry.specimen, f"{place}.specimen")
                if entry.specimen
                else None
            )
            change = entry.change
            if change and entry.phase:
                change = f"{change}/{entry.phase}"
            try:
                found = self.vocabulary.alterations.read(
                    entry.name, change, entry.partner, assay.id if assay else None, place
                )
                if entry.unit:
                    self.terms.units.read(entry.unit, f"{place}.unit")
            except TumorboardError as error:
                self.wrong(*error.problems)
                continue
            cells: dict[str, Cell] = {
                "alteration": found.id,
                "assay": assay.id if assay else None,
                "specimen": str(specimen.note["specimen_kind"]) if specimen else None,
                "measure": entry.measure,
                "result": entry.result,
                "value": entry.value,
                "intensity": entry.intensity,
                "percent_cells": entry.percent_cells,
                "when": when,
            }
            rows.append(Row(cells, place))
        return rows

    def labs(self) -> list[Row]:
        rows = []
        for index, entry, when in self.current(self.file.labs, "date"):
            place = f"labs[{index}]"
            try:
                unit = self.terms.units.read(entry.unit, f"{place}.unit") if entry.unit else None
                term = self.named(self.terms.analyte_names, entry.name, f"{place}.name")
                if term is None:
                    continue
                value = self.terms.analytes[term.id].in_own_unit(entry.value, unit, place)
            except TumorboardError as error:
                self.wrong(*error.problems)
                continue
            rows.append(Row({"name": term.id, "value": value, "when": when}, place))
        return rows

    def performance(self) -> list[Row]:
        rows = []
        for index, entry, when in self.current(self.file.performance, "date"):
            place = f"performance[{index}]"
            low, high = self.terms.lists["scale"].terms[entry.scale].note["range"]
            if not low <= entry.value <= high:
                self.wrong(Problem(f"{place}.value", f"{entry.scale} {entry.value}", f"it runs from {low} to {high}"))
            rows.append(Row({"name": entry.scale, "value": entry.value, "when": when}, place))
        return rows

    def vitals(self) -> list[Row]:
        rows = []
        for index, entry, when in self.current(self.file.vitals, "date"):
            term = self.named(self.terms.named["vitals"], entry.name, f"vitals[{index}].name")
            cells: dict[str, Cell] = {
                "name": term.id if term else entry.name,
                "value": entry.value,
                "systolic": entry.systolic,
                "diastolic": entry.diastolic,
                "when": when,
            }
            rows.append(Row(cells, f"vitals[{index}]"))
        return rows

    def observations(self) -> list[Row]:
        rows = []
        for index, entry, when in self.current(self.file.findings, "date"):
            place = f"findings[{index}]"
            term = self.named(self.terms.named["observations"], entry.name, f"{place}.name")
            if term is None:
                continue
            try:
                value = None if entry.value is None else _observed(term, entry.value, f"{place}.value")
            except InvalidInput as error:
                self.wrong(*error.problems)
                continue
            rows.append(Row({"name": term.id, "value": value, "treated": entry.treated, "when": when}, place))
        return rows

    def flags(self, heading: str, given: Mapping[str, bool | None] | None, key: str) -> list[Row]:
        """``consent`` and ``eligibility``: names with true or false."""
        rows = []
        for name, value in (given or {}).items():
            term = self.named(self.terms.named[heading], name, f"{key}.{name}")
            if term is not None and value is not None:
                place = f"{key}.{name}"
                rows.append(Row({"name": term.id, "value": value, "when": UNDATED}, place, {"value": place}))
        return rows

    def patient(self) -> list[Row]:
        file, primary = self.file, self.file.primary
        age: int | None = file.age
        if age is None and file.birth_date:
            born = file.birth_date
            age = self.as_of.year - born.year - ((self.as_of.month, self.as_of.day) < (born.month, born.day))
        cells: dict[str, Cell] = {
            "sex": file.sex,
            "age": age,
            "height_cm": file.height_cm,
            "weight_kg": file.weight_kg,
            "as_of": self.as_of.toordinal(),
            "location": primary.location if primary else None,
            "cavitation": primary.cavitation if primary else None,
            "great_vessel_invasion": primary.great_vessel_invasion if primary else None,
            "when": UNDATED,
        }
        places = {name: f"primary.{name}" for name in ("location", "cavitation", "great_vessel_invasion")}
        return [Row(cells, "", places)]

    def imaging(self) -> list[Row]:
        rows = []
        for index, entry, when in self.current(self.file.imaging, "date"):
            place, sizes, largest = f"imaging[{index}]", entry.sizes_cm or [], entry.largest_cm
            if largest is None and sizes and len(sizes) == entry.tumours:
                largest = max(sizes)
            invasion, spread = entry.vascular_invasion, entry.extrahepatic_spread
            cells: dict[str, Cell] = {
                "date": None if when == UNDATED else when,
                "tumours": entry.tumours,
                "largest_cm": None if largest == 0 else largest,
                "sized": len(sizes) or int(bool(largest)),
                "largest_sized": max((*sizes, largest or 0)),
                "shows_invasion": invasion not in (None, "none"),
                "shows_spread": bool(entry.spread_sites) if spread is None else spread,
                "lobes": entry.lobes,
                "vascular_invasion": invasion,
                "extrahepatic_spread": spread,
                "liver_occupied_percent": entry.liver_occupied_percent,
                "pattern": None if entry.pattern is None else frozenset(entry.pattern),
                "when": when,
            }
            places = {
                "sized": f"{place}.sizes_cm",
                "largest_sized": f"{place}.sizes_cm",
                "shows_invasion": f"{place}.vascular_invasion",
                "shows_spread": f"{place}.{'spread_sites' if spread is None else 'extrahepatic_spread'}",
            }
            if entry.largest_cm is None and largest is not None:
                places["largest_cm"] = f"{place}.sizes_cm"
            rows.append(Row(cells, place, places))
        return rows


def _observed(term: Term, value: object, place: str) -> Cell:
    """The value of an observation as its vocabulary entry types it."""
    kind = term.note["type"]
    if kind == "truth":
        if isinstance(value, bool):
            return value
        raise InvalidInput(Problem(place, f"{value!r} for {term.id}", "use true or false"))
    if kind == "whole":
        low, high = term.note["range"]
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise InvalidInput(Problem(place, f"{value!r} for {term.id}", f"use a whole number from {low} to {high}"))
    values: Mapping[str, str] = term.note["values"]
    for own, chinese in values.items():
        if isinstance(value, str) and value.strip().casefold() in (own, chinese):
            return own
    raise InvalidInput(Problem(place, f"{value!r} for {term.id}", f"use {' | '.join(values)}"))


def build_tables(
    file: CaseFile, vocabulary: Vocabulary, as_of: datetime.date
) -> tuple[Mapping[str, Table], tuple[Problem, ...]]:
    """The tables of ``case/columns.py`` and what was not understood. Raises InvalidInput with every slip at once."""
    builder = _Tables(file, vocabulary, as_of)
    tumours, comorbidities = builder.conditions()
    built = {
        "tumours": (tumours, file.conditions),
        "comorbidities": (comorbidities, file.conditions),
        "courses": (courses(builder), file.treatments),
        "measured": ([], None),
        "metastases": (builder.metastases(), file.metastases),
        "medication": (builder.medication(), file.medication),
        "adverse_events": (builder.adverse_events(), file.adverse_events),
        "procedures": (builder.procedures(), file.procedures),
        "biomarkers": (builder.biomarkers(), file.biomarkers),
        "performance": (builder.performance(), file.performance),
        "labs": (builder.labs(), file.labs),
        "vitals": (builder.vitals(), file.vitals),
        "observations": (builder.observations(), file.findings),
        "consents": (builder.flags("consents", file.consent, "consent"), file.consent),
        "eligibility": (builder.flags("eligibility", file.eligibility, "eligibility"), file.eligibility),
        "patient": (builder.patient(), True),
        "imaging": (builder.imaging(), file.imaging),
    }
    if builder.problems:
        raise InvalidInput(*builder.problems)
    lacking = {COMPLETE[section] for section in file.incomplete or ()}
    tables = {
        name: Table(tuple(rows), TABLES[name].complete and given is not None and name not in lacking)
        for name, (rows, given) in built.items()
    }
    return tables, tuple(builder.not_understood)
