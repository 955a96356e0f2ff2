"""Case files as other people's exports: a CSV folder, FHIR bulk files, OMOP tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tumorboard.case.fhir import bundle_from_case
from tumorboard.case.model import CaseFile
from tumorboard.guidelines.knowledge import Knowledge

SINGLE, FLAGS = "primary", ("eligibility", "consent")


def cell(value: Any) -> str:
    """A value as a cell of a CSV: lists by semicolons, JSON where they hold entries or nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        plain = value and all(isinstance(one, str | int | float) for one in value)
        parts = [str(one) for one in value]
        if plain and not any(";" in part or part.startswith("[") for part in parts):
            return ";".join(parts)
        return json.dumps(value, ensure_ascii=False, default=float)
    return str(value)


def csv_folder(cases: Iterable[Mapping[str, Any]], folder: Path) -> Path:
    """One file a section, and for lists written out as empty the column ``complete`` of patients.csv."""
    files: dict[str, list[dict[str, str]]] = {"patients": []}
    for case in cases:
        own: dict[str, str] = {}
        complete: list[str] = []
        for key, value in case.items():
            if key == "schema":
                continue
            if key in FLAGS:
                rows: list[Mapping[str, Any]] = [{"name": name, "value": flag} for name, flag in value.items()]
            elif key == SINGLE:
                rows = [value]
            elif isinstance(value, list):
                rows = value
                complete += [key] if not value else []
            else:
                own[key] = cell(value)
                continue
            files.setdefault(key, []).extend(
                {"id": str(case["id"]), **{name: cell(inner) for name, inner in row.items()}} for row in rows
            )
        if complete:
            own["complete"] = ";".join(complete)
        files["patients"].append(own)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        write_csv(folder / f"{name}.csv", rows)
    return folder


def write_csv(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """The rows under every heading one of them has."""
    heading = list(dict.fromkeys(("id", *(name for row in rows for name in row))))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, heading)
        writer.writeheader()
        writer.writerows(rows)


def resources(bundle: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A bundle's resources as a server keeps them: ids of the server's own, the patient named by its id."""
    patient = bundle["entry"][0]["resource"]
    found = []
    for entry in bundle["entry"]:
        resource = dict(entry["resource"])
        if resource["resourceType"] != "Patient":
            resource["id"] = f"{patient['id']}-{resource['id']}"
            resource["subject"] = {"reference": f"Patient/{patient['id']}"}
        found.append(resource)
    return found


def bulk_folder(bundles: Iterable[Mapping[str, Any]], folder: Path, lines_a_file: int = 10**9) -> Path:
    """The resources of all bundles by type, one a line, patients interleaved."""
    folder.mkdir(parents=True, exist_ok=True)
    per_patient = [resources(bundle) for bundle in bundles]
    by_type: dict[str, list[str]] = {}
    for position in range(max(map(len, per_patient))):
        for own in per_patient:
            if position < len(own):
                line = json.dumps(own[position], ensure_ascii=False)
                by_type.setdefault(own[position]["resourceType"], []).append(line)
    for kind, lines in by_type.items():
        for number, start in enumerate(range(0, len(lines), lines_a_file)):
            text = "\n".join(lines[start : start + lines_a_file]) + "\n"
            (folder / f"{kind}.{number:03d}.ndjson").write_text(text, encoding="utf-8")
    return folder


def bundle_of(case: Mapping[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    file = CaseFile.model_validate(dict(case), context={"terms": knowledge.vocabulary.terms})
    return json.loads(json.dumps(bundle_from_case(file, knowledge.vocabulary, knowledge.folder)))  # type: ignore[no-any-return]


# --- OMOP: what its tables can say of a case, with the ids of knowledge/cohort/omop.yaml

SEX = {"male": "8507", "female": "8532"}
CONDITIONS = {"NSCLC": "4115276", "hypertension": "316866", "COPD": "255573"}
LABS = {"bilirubin": "3024128", "albumin": "3024561", "INR": "3022217", "AFP": "3009306"}
UNITS = {"mg/dL": "8840", "g/L": "8636", "ng/mL": "8842", None: "0"}
DRUGS = {"osimertinib": "35605522", "cisplatin": "1397599", "pemetrexed": "1304919", "docetaxel": "1315942"}


def omop_folder(cases: Sequence[Mapping[str, Any]], folder: Path, first_id: int = 2**53 + 1) -> Path:
    """The cases' sex, birth date, conditions, laboratory values, procedures and lines of therapy; ids beyond 2^53."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, list[dict[str, str]]] = {
        name: []
        for name in ("person", "condition_occurrence", "measurement", "drug_exposure", "episode", "episode_event")
    }

    def put(table: str, key: str, **cells: object) -> str:
        id_ = str(2**53 + 1 + 2 * len(tables[table]))
        tables[table].append({key: id_, **{name: "" if cell is None else str(cell) for name, cell in cells.items()}})
        return id_

    for number, case in enumerate(cases):
        person = first_id + number
        year, month, day = case["birth_date"].split("-")
        tables["person"].append(
            {
                "person_id": str(person), "gender_concept_id": SEX[case["sex"]], "year_of_birth": year,
                "month_of_birth": month, "day_of_birth": day,
            }
        )  # fmt: skip
        for one in case.get("conditions", ()):
            put(
                "condition_occurrence", "condition_occurrence_id", person_id=person,
                condition_concept_id=CONDITIONS[one["disease"]], condition_start_date=one["diagnosed"],
            )  # fmt: skip
        for one in case.get("labs", ()):
            put(
                "measurement", "measurement_id", person_id=person, measurement_concept_id=LABS[one["name"]],
                measurement_date=one["date"], value_as_number=one["value"], unit_concept_id=UNITS[one.get("unit")],
            )  # fmt: skip
        for one in case.get("treatments", ()):
            episode = put(
                "episode", "episode_id", person_id=person, episode_concept_id=32531, episode_number=one["line"],
                episode_start_date=one["start"], episode_end_date=one.get("end"),
            )  # fmt: skip
            for agent in one["agents"]:
                drug = put(
                    "drug_exposure", "drug_exposure_id", person_id=person, drug_concept_id=DRUGS[agent],
                    drug_exposure_start_date=one["start"], drug_exposure_end_date=one["start"],
                )  # fmt: skip
                put(
                    "episode_event", "", episode_id=episode, event_id=drug, episode_event_field_concept_id=1147094
                )  # fmt: skip
    for name, rows in tables.items():
        blank = ("person_id", "episode_id", "event_id", "episode_event_field_concept_id")
        heading = list(dict.fromkeys(column for row in rows for column in row if column)) or blank
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, heading, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    return folder
