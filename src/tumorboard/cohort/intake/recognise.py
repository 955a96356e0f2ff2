"""Which form an export has, by what its folder holds."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from tumorboard.errors import NotFound, Problem

TABLE_SUFFIXES = (".csv", ".parquet")


class Form(StrEnum):
    """The forms that ``tumorboard cohort import`` takes."""

    case = "case"
    fhir_bulk = "fhir-bulk"
    csv = "csv"
    omop = "omop"


def recognised(source: Path) -> tuple[Form, str]:
    """The form of ``source`` and what it was told by. Raises NotFound where there is nothing."""
    if not source.exists():
        raise NotFound(Problem(str(source), "no such file or folder"))
    if source.is_file():
        return (Form.fhir_bulk, "its name") if source.suffix == ".ndjson" else (Form.case, "its name")
    files = files_of(source)
    if any(file.suffix == ".ndjson" for file in files):
        return Form.fhir_bulk, "its .ndjson files"
    for name, form in (("person", Form.omop), ("patients", Form.csv)):
        for file in files:
            if file.stem.lower() == name and file.suffix.lower() in TABLE_SUFFIXES:
                return form, file.name
    return Form.case, "no .ndjson file, no person table and no patients.csv in it"


def files_of(source: Path) -> list[Path]:
    """The files of a folder by name, hidden ones left out; of a file, itself. Raises NotFound."""
    if source.is_file():
        return [source]
    try:
        return sorted(file for file in source.iterdir() if file.is_file() and not file.name.startswith("."))
    except OSError as error:
        raise NotFound(Problem(str(source), error.strerror or str(error))) from error
