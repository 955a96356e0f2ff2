"""Whatever is broken in an export, the import ends with what it could take and an account of the rest."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest
from cohort_exports import bulk_folder, bundle_of, csv_folder, omop_folder
from test_cohort_import import KNOWLEDGE, MADE, imported

from tumorboard.cohort.intake.recognise import Form
from tumorboard.errors import TumorboardError

ROUNDS = 200 if os.environ.get("TUMORBOARD_LONG") else 8
OMOP = {
    "sex": "female", "birth_date": "1960-01-02", "conditions": [{"disease": "NSCLC", "diagnosed": "2024-01-01"}],
    "labs": [{"name": "AFP", "value": 5, "unit": "ng/mL", "date": "2025-01-01"}],
    "treatments": [{"line": 1, "agents": ["cisplatin"], "start": "2025-01-01"}],
}  # fmt: skip
PIECES = [
    b'"', b"\n", b"\r", b",", b";", b"\x00", b"\xff", b"{", b"[", b"null", b"true", b"[]", b"{}", b"-1", b"1e400",
    b"NaN", b"\\ud800", b"9" * 50, b'"x"', b"2026-13-45", b'"Patient/"',
]  # fmt: skip
_VALUE = re.compile(rb'"[^"\\]*"(?=[,}\]])|\d+(?=[,}\]])|\[[^\[\]]*\]|\{[^{}]*\}')


def export(form: Form, folder: Path) -> Path:
    cases = [MADE.case(number) for number in range(3)]
    match form:
        case Form.csv:
            return csv_folder(cases, folder)
        case Form.omop:
            return omop_folder([OMOP, OMOP], folder)
    return bulk_folder([bundle_of(case, KNOWLEDGE) for case in cases], folder)


def damaged(raw: bytes, draw: random.Random) -> bytes:
    """The bytes with a few values replaced, or a few bytes anywhere."""
    for _ in range(draw.randint(1, 3)):
        values = [found.span() for found in _VALUE.finditer(raw)]
        if values and draw.random() < 0.7:
            start, end = draw.choice(values)
        else:
            start = draw.randrange(len(raw) + 1)
            end = start + draw.randint(0, 4)
        raw = raw[:start] + draw.choice(PIECES) + raw[end:]
    return raw


@pytest.mark.parametrize("form", [Form.csv, Form.fhir_bulk, Form.omop])
def test_a_damaged_export_is_taken_in_part_or_refused_but_never_crashes(form: Form, tmp_path: Path) -> None:
    whole = export(form, tmp_path / "whole")
    for number in range(ROUNDS):
        draw = random.Random(f"{form}-{number}")
        folder = tmp_path / str(number)
        folder.mkdir()
        for file in whole.iterdir():
            raw = file.read_bytes()
            (folder / file.name).write_bytes(damaged(raw, draw) if draw.random() < 0.5 else raw)
        try:
            found = imported(form, folder)
        except TumorboardError:
            continue  # nothing in it could be read
        assert all(entry["error"] and entry["problems"] for entry in found.told)
