"""Rows of OMOP tables that the mapping names as entries of a case: what is fixed, and what the row adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tumorboard.cohort.intake.cells import number_of, sections
from tumorboard.cohort.intake.omop_codes import NOTHING, Concepts
from tumorboard.cohort.intake.omop_resources import Row, cell, day

_DATES: Mapping[str, str] = {
    "condition_occurrence": "condition_start_date", "drug_exposure": "drug_exposure_start_date",
    "measurement": "measurement_date", "procedure_occurrence": "procedure_date", "observation": "observation_date",
}  # fmt: skip


def entry_of(concepts: Concepts, table: str, row: Row, said: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The section and the entry of a row. Raises InvalidInput naming the column of a wrong cell."""
    section = str(said["section"])
    columns = sections()[section]
    found = {key: value for key, value in said.items() if key not in ("section", "values")}
    for key in ("diagnosed", "date", "start"):
        if key in columns:
            found.setdefault(key, day(row, _DATES[table]))
            break
    answer = _answer(concepts, row, said.get("values", {}))
    if answer is not None:
        found.setdefault("result" if "result" in columns else "value", answer)
    elif "value" in columns and "value" not in found and row.get("value_as_number", "").strip():
        found["value"] = cell(row, "value_as_number", number_of)
        unit = concepts.unit(row)
        if "unit" in columns and unit:
            found.setdefault("unit", concepts.codes.words["units"].get(unit, unit))
    return section, {key: value for key, value in found.items() if value is not None}


def _answer(concepts: Concepts, row: Row, values: Mapping[str, Any]) -> Any:
    """What a coded or written answer says, by the mapping first; None where the row has none that is known."""
    coded = row.get("value_as_concept_id", "").strip()
    for key in (coded, row.get("value_source_value", "").strip(), row.get("value_as_string", "").strip()):
        if key and key != NOTHING and key in values:
            return values[key]
    return concepts.result(coded)
