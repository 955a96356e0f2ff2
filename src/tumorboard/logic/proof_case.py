"""From a model of z3 back to a case file, in the form people write."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import z3

from tumorboard.logic.facts import Facts
from tumorboard.logic.proof_tables import HUNDREDTHS, Raw, SymRow, SymTables

Entry = dict[str, Any]
_CURATIVE = "adjuvant"


class CaseWriter:
    """Writes the case a model describes: what the rules don't read is left out."""

    def __init__(self, facts: Facts, tables: SymTables, model: z3.ModelRef) -> None:
        self.facts, self.tables, self.model = facts, tables, model

    def case(self, id_: str) -> Entry:
        data: Entry = {"schema": "tumorboard.case/1", "id": id_, "as_of": self.tables.as_of.isoformat()}
        written: dict[str, Any] = {
            "conditions": self.conditions(),
            "performance": self.entries("performance", "scale"),
            "biomarkers": self.biomarkers(),
            "treatments": self.treatments(),
            "labs": [self.with_unit(entry) for entry in self.entries("labs", "name")],
            "findings": self.entries("observations", "name"),
            "vitals": self.entries("vitals", "name"),
            "consent": self.flags("consents"),
            "eligibility": self.flags("eligibility"),
        }
        for table in ("metastases", "procedures", "imaging"):
            written[table] = [self.held(row) for row in self.rows(table)]
        written["medication"] = [self.drugged(row, "name") for row in self.rows("medication")]
        written["adverse_events"] = [self.drugged(row, "agent") for row in self.rows("adverse_events")]
        for row in self.tables.rows["comorbidities"]:
            if self.true(row.there):
                written["conditions"].append(self.held(row))
        if self.tables.rows["patient"]:
            patient = self.held(self.tables.rows["patient"][0])
            inside = {name: patient.pop(name) for name in _PRIMARY if name in patient}
            data |= patient
            if inside:
                data["primary"] = inside
        always = ("conditions", "treatments", "procedures")
        for name, entries in written.items():
            if entries or (name in always and self.tables.rows[_TABLE[name]]):
                data[name] = entries
        return data

    # -- reading the model -------------------------------------------------------------------------------------------

    def true(self, bit: Any) -> bool:
        return bit if isinstance(bit, bool) else z3.is_true(self.model.eval(bit, model_completion=True))

    def number(self, term: Any) -> int:
        return term if isinstance(term, int) else int(self.model.eval(term, model_completion=True).as_long())

    def read(self, raw: Raw) -> Any:
        """What the variable holds, or ``None`` where the cell is not recorded."""
        if not self.true(raw.recorded):
            return None
        match raw.kind:
            case "truth":
                return self.true(raw.term)
            case "whole":
                return self.number(raw.term)
            case "decimal":
                return plain(Decimal(self.number(raw.term)) / HUNDREDTHS)
            case "date":
                return datetime.date.fromordinal(self.number(raw.term)).isoformat()
            case "label":
                return raw.labels[self.number(raw.term)]
            case "labels":
                return [label for label, bit in raw.term.items() if self.true(bit)]
        raise AssertionError(f"no cell of kind {raw.kind}")

    def held(self, row: SymRow) -> Entry:
        """The entry behind a row, with what is recorded of it."""
        found = {name: self.read(raw) for name, raw in row.raw.items() if name != "when"}
        return {name: value for name, value in found.items() if value is not None}

    def rows(self, table: str) -> list[SymRow]:
        return [row for row in self.tables.rows[table] if self.true(row.there)]

    # -- sections ----------------------------------------------------------------------------------------------------

    def conditions(self) -> list[Entry]:
        found: list[Entry] = []
        for row in self.rows("tumours"):
            entry = self.held(row)
            if found:
                entry["transformed_from"] = found[0]["disease"]
            found.append(entry)
        return found

    def treatments(self) -> list[Entry]:
        found: list[Entry] = []
        for index, row in enumerate(self.tables.rows["courses"]):
            if not self.true(row.there):
                continue
            held = self.held(row)
            entry: Entry = {"line": index + 1}
            if held["curative"]:
                entry["intent"] = _CURATIVE
            entry["agents"] = held["agents"]
            for name in ("start", "end", "best_response"):
                if name in held:
                    entry[name] = held[name]
            found.append(entry)
            last = entry
            if held["maintenance"]:
                last = {"line": index + 1, "intent": "maintenance", "agents": held["maintenance"]}
                start = held.get("end", held.get("start"))
                last |= {"start": start} if start else {}
                last |= {"end": held["maintenance_end"]} if "maintenance_end" in held else {}
                found.append(last)
            for name in ("progressed", "progression", "stopped_for"):
                if name in held:
                    last[name] = held[name]
        return found

    def biomarkers(self) -> list[Entry]:
        found = []
        for row in self.rows("biomarkers"):
            alteration = next(iter(row.cells["alteration"].possible))  # type: ignore[union-attr]
            held = self.held(row)
            if "specimen" in held:
                held["specimen"] = self.specimen(held["specimen"])
            if not {"value", "intensity", "percent_cells"} & set(held):
                held.pop("measure", None)
            found.append({"name": alteration, **held, "date": self.read(row.raw["when"])})
        return found

    def specimen(self, kind: str) -> str:
        terms = self.facts.vocabulary.terms.lists["specimen"].terms
        return next(name for name, term in terms.items() if term.note["specimen_kind"] == kind)

    def entries(self, table: str, named: str) -> list[Entry]:
        return [{named: name_of(row), **self.held(row)} for row in self.rows(table)]

    def with_unit(self, entry: Entry) -> Entry:
        unit = self.facts.vocabulary.terms.analytes[entry["name"]].unit
        return {**entry, "unit": unit} if unit else entry

    def flags(self, table: str) -> Mapping[str, bool]:
        return {name_of(row): bool(self.held(row)["value"]) for row in self.rows(table)}

    def drugged(self, row: SymRow, key: str) -> Entry:
        """An entry that names one drug."""
        held = self.held(row)
        names = held.pop("agents", None)
        return {key: names[0], **held} if names else held


_PRIMARY = ("location", "cavitation", "great_vessel_invasion")
_TABLE = {"conditions": "tumours", "treatments": "courses", "procedures": "procedures"}


def name_of(row: SymRow) -> str:
    return next(iter(row.cells["name"].possible))  # type: ignore[union-attr]


def plain(number: Decimal) -> int | float:
    """A decimal as JSON writes it."""
    return int(number) if number == number.to_integral_value() else float(number)
