"""The tables a case is laid out in: their columns, types, and which of them absence speaks in.

``required`` columns are never missing, so rows can be selected and ordered by them without doubt. ``when`` orders the
rows of a table: the ordinal of the entry's day, and for an undated entry a day before all others; for tumours and lines
of therapy, whose order the record tells beyond dates, their rank.
``complete`` tables hold everything there is once the case gives them at all: an empty list means none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["truth", "whole", "decimal", "label", "labels", "date"]


@dataclass(frozen=True, slots=True)
class Type:
    """Kind of a value, the unit of a number (``days``, ``mg/dL``, …) and the closed list of a label."""

    kind: Kind
    unit: str | None = None
    domain: frozenset[str] | None = None

    @property
    def numeric(self) -> bool:
        return self.kind in ("whole", "decimal")

    def __str__(self) -> str:
        return f"{self.kind} in {self.unit}" if self.unit else self.kind


TRUTH, WHOLE, DECIMAL, LABEL, LABELS, DATE = (
    Type("truth"), Type("whole"), Type("decimal"), Type("label"), Type("labels"), Type("date"),
)  # fmt: skip
CENTIMETRES = Type("decimal", "cm")


@dataclass(frozen=True, slots=True)
class ColumnOf:
    """``terms`` names the closed list a label comes from; ``groups`` what its classes are (drugs, diseases)."""

    type: Type
    required: bool = False
    terms: str | None = None
    groups: Literal["drugs", "diseases", "alterations"] | None = None


@dataclass(frozen=True, slots=True)
class TableOf:
    columns: dict[str, ColumnOf]
    complete: bool = False


_WHEN = {"when": ColumnOf(DATE, required=True)}


def _named(value: Type, **more: ColumnOf) -> TableOf:
    return TableOf({"name": ColumnOf(LABEL, True), "value": ColumnOf(value), **more, **_WHEN})


TABLES: dict[str, TableOf] = {
    # The tumours among the case's conditions; the others are comorbidities, of which the list is open.
    "tumours": TableOf(
        {
            "disease": ColumnOf(LABEL, True, groups="diseases"),
            "transformed": ColumnOf(TRUTH, True),
            "transformed_from": ColumnOf(LABEL, groups="diseases"),
            "histology": ColumnOf(LABEL, terms="histology"),
            "stage": ColumnOf(LABEL),
            "diagnosed": ColumnOf(DATE),
            **_WHEN,
        },
        complete=True,
    ),
    "comorbidities": TableOf(
        {
            "disease": ColumnOf(LABEL, True, groups="diseases"),
            "diagnosed": ColumnOf(DATE),
            **_WHEN,
        }
    ),
    # One row a line of therapy: the entries of one line, with its maintenance, put together (case/tables.py).
    "courses": TableOf(
        {
            "line": ColumnOf(WHOLE, True),
            "curative": ColumnOf(TRUTH, True),
            "completed": ColumnOf(TRUTH, True),
            "agents": ColumnOf(LABELS, True, groups="drugs"),
            "maintenance": ColumnOf(LABELS, True, groups="drugs"),
            "start": ColumnOf(DATE),
            "end": ColumnOf(DATE),
            "last_end": ColumnOf(DATE),
            "progressed": ColumnOf(DATE),
            "progression": ColumnOf(LABEL, terms="progression"),
            "best_response": ColumnOf(LABEL, terms="response"),
            "stopped_for": ColumnOf(LABEL, terms="stopped_for"),
            "next_start": ColumnOf(DATE),
            **_WHEN,
        },
        complete=True,
    ),
    # What measurements in sequence give for the newest line (response/measured.py); empty where there are none.
    "measured": TableOf({"best": ColumnOf(LABEL, terms="response"), **_WHEN}),
    "metastases": TableOf(
        {
            "site": ColumnOf(LABEL, True, terms="sites"),
            "symptomatic": ColumnOf(TRUTH),
            "treated": ColumnOf(TRUTH),
            **_WHEN,
        }
    ),
    "medication": TableOf(
        {
            "agents": ColumnOf(LABELS, True, groups="drugs"),
            "mg_day": ColumnOf(DECIMAL),
            **_WHEN,
        }
    ),
    "adverse_events": TableOf(
        {
            "event": ColumnOf(LABEL, True, groups="diseases"),
            "grade": ColumnOf(WHOLE),
            "agents": ColumnOf(LABELS, groups="drugs"),
            **_WHEN,
        }
    ),
    "procedures": TableOf(
        {
            "kind": ColumnOf(LABEL, True, terms="procedure"),
            "selective": ColumnOf(TRUTH),
            "viable_percent": ColumnOf(DECIMAL),
            "new_lesions": ColumnOf(TRUTH),
            "date": ColumnOf(DATE),
            **_WHEN,
        },
        complete=True,
    ),
    "biomarkers": TableOf(
        {
            "alteration": ColumnOf(LABEL, True, groups="alterations"),
            "assay": ColumnOf(LABEL, terms="assay"),
            "specimen": ColumnOf(LABEL, terms="specimen"),
            "measure": ColumnOf(LABEL, terms="measure"),
            "result": ColumnOf(LABEL, terms="result"),
            "value": ColumnOf(DECIMAL),
            "intensity": ColumnOf(WHOLE),
            "percent_cells": ColumnOf(DECIMAL),
            **_WHEN,
        }
    ),
    "performance": _named(WHOLE),
    "labs": _named(DECIMAL),
    "vitals": _named(DECIMAL, systolic=ColumnOf(DECIMAL), diastolic=ColumnOf(DECIMAL)),
    "observations": _named(LABEL, treated=ColumnOf(TRUTH)),
    "consents": _named(TRUTH),
    "eligibility": _named(TRUTH),
    "patient": TableOf(
        {
            "sex": ColumnOf(LABEL, terms="sex"),
            "age": ColumnOf(WHOLE),
            "height_cm": ColumnOf(DECIMAL),
            "weight_kg": ColumnOf(DECIMAL),
            "as_of": ColumnOf(DATE, True),
            "location": ColumnOf(LABEL, terms="location"),
            "cavitation": ColumnOf(TRUTH),
            "great_vessel_invasion": ColumnOf(TRUTH),
            **_WHEN,
        },
        complete=True,
    ),
    # `sized` and `largest_sized`: how many tumours have a size of their own, and the largest of these (0 where none
    # has): bounds where number or largest size isn't recorded. `shows_…`: recorded as seen; false doesn't mean absent.
    "imaging": TableOf(
        {
            "date": ColumnOf(DATE),
            "tumours": ColumnOf(WHOLE),
            "largest_cm": ColumnOf(CENTIMETRES),
            "sized": ColumnOf(WHOLE, True),
            "largest_sized": ColumnOf(CENTIMETRES, True),
            "shows_invasion": ColumnOf(TRUTH, True),
            "shows_spread": ColumnOf(TRUTH, True),
            "lobes": ColumnOf(LABEL, terms="lobes"),
            "vascular_invasion": ColumnOf(LABEL, terms="vascular_invasion"),
            "extrahepatic_spread": ColumnOf(TRUTH),
            "liver_occupied_percent": ColumnOf(DECIMAL),
            "pattern": ColumnOf(LABELS, terms="pattern"),
            **_WHEN,
        }
    ),
}
