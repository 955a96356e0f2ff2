"""Rows of OMOP tables as FHIR resources, so that one reader knows what codes, units and dates mean in a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tumorboard.cohort.intake.cells import day_of, number_of
from tumorboard.cohort.intake.omop_codes import NOTHING, Concepts, Meaning
from tumorboard.errors import InvalidInput, Problem, TumorboardError

Row = Mapping[str, str]
_ICDO = "icdo:"


class Resources:
    """Makes the resources of one export's rows. Every method raises InvalidInput naming the column of a wrong cell."""

    def __init__(self, concepts: Concepts) -> None:
        self._concepts = concepts

    def patient(self, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = {"resourceType": "Patient", "id": row["person_id"].strip()}
        gender = row.get("gender_concept_id", "").strip()
        if gender and gender != NOTHING:
            found["gender"] = self._concepts.sex(gender) or f"concept {gender}"
        parts = [row.get(f"{part}_of_birth", "").strip() for part in ("year", "month", "day")]
        if row.get("birth_datetime", "").strip():
            found["birthDate"] = day(row, "birth_datetime")
        elif parts[0]:
            written = [part.zfill(width) for part, width in zip(parts, (4, 2, 2), strict=True) if part]
            found["birthDate"] = "-".join(written)
        return found

    def condition(self, row: Row, meaning: Meaning) -> dict[str, Any]:
        histology = [code for code in meaning.codes if code.startswith(_ICDO)]
        codes = [code for code in meaning.codes if not code.startswith(_ICDO)]
        found: dict[str, Any] = {
            "resourceType": "Condition",
            "code": self._concept(codes, "" if histology else meaning.name),
            "onsetDateTime": day(row, "condition_start_date"),
        }
        if histology:
            url = self._concepts.codes.words["extensions"]["histology"]
            found["extension"] = [{"url": url, "valueCodeableConcept": self._concept(histology, "")}]
        return _identified(found, row, "condition_occurrence_id")

    def drug(self, row: Row, meaning: Meaning) -> dict[str, Any]:
        period = {"start": day(row, "drug_exposure_start_date"), "end": day(row, "drug_exposure_end_date")}
        found = {
            "resourceType": "MedicationStatement",
            "status": "active",
            "medicationCodeableConcept": self._concept(meaning.codes, meaning.name),
            "effectivePeriod": {name: value for name, value in period.items() if value},
        }
        return _identified(found, row, "drug_exposure_id")

    def observation(self, row: Row, meaning: Meaning, table: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "resourceType": "Observation",
            "code": self._concept(meaning.codes, meaning.name),
            "effectiveDateTime": day(row, f"{table}_date"),
            **self._value(row),
        }
        return _identified(found, row, f"{table}_id")

    def procedure(self, row: Row, meaning: Meaning) -> dict[str, Any]:
        found = {
            "resourceType": "Procedure",
            "status": "completed",
            "code": self._concept(meaning.codes, meaning.name),
            "performedDateTime": day(row, "procedure_date"),
        }
        return _identified(found, row, "procedure_occurrence_id")

    def pressure(self, sides: Mapping[str, Row]) -> dict[str, Any]:
        """Both pressures of one time as one Observation; ``sides`` by their codes."""
        codes = self._concepts.codes
        component = [{"code": codes.concept([code]), **self._value(row)} for code, row in sides.items()]
        first = next(iter(sides.values()))
        found = {
            "resourceType": "Observation",
            "code": codes.concept(codes.of("observations", "blood pressure")[:1]),
            "effectiveDateTime": day(first, "measurement_date"),
            "component": component,
        }
        return _identified(found, first, "measurement_id")

    def comparator(self, row: Row) -> str:
        """The operator of a value that is no plain number; empty for one that is."""
        operator = row.get("operator_concept_id", "").strip()
        if not operator or operator in map(str, self._concepts.words["equal"]):
            return ""
        return self._concepts.name(operator) or f"operator {operator}"

    def _value(self, row: Row) -> dict[str, Any]:
        number, concept = row.get("value_as_number", "").strip(), row.get("value_as_concept_id", "").strip()
        if number:
            quantity: dict[str, Any] = {
                "value": cell(row, "value_as_number", number_of),
                "code": self._concepts.unit(row),
            }
            if operator := self.comparator(row):
                quantity["comparator"] = operator
            return {"valueQuantity": quantity}
        if concept and concept != NOTHING:
            code = self._concepts.code(concept)
            return {"valueCodeableConcept": self._concept([code] if code else [], self._concepts.name(concept))}
        text = row.get("value_as_string", "").strip()
        return {"valueString": text} if text else {}

    def _concept(self, listed: Any, name: str) -> dict[str, Any]:
        return self._concepts.codes.concept(listed, name)


def day(row: Row, column: str) -> str | None:
    """The day in a cell, None where it is empty."""
    return cell(row, column, day_of) if row.get(column, "").strip() else None


def cell(row: Row, column: str, read: Any) -> Any:
    """A cell read by ``read``. Raises InvalidInput naming the column."""
    try:
        return read(row[column].strip())
    except TumorboardError as error:
        problem = error.problems[0]
        raise InvalidInput(Problem(column, problem.what, problem.mend)) from error


def _identified(resource: dict[str, Any], row: Row, column: str) -> dict[str, Any]:
    found = {name: value for name, value in resource.items() if value is not None}
    return {**found, "id": id_} if (id_ := row.get(column, "").strip()) else found
