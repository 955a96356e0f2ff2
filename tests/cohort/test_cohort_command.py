"""``tumorboard cohort`` as a data team calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from command import Ran

CASE = {"schema": "tumorboard.case/1", "as_of": "2026-03-01", "age": 60, "conditions": [{"disease": "SCLC"}]}


def test_import_names_what_it_refused_and_takes_the_rest(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    lines = [{**CASE, "id": "b"}, {**CASE, "id": "a"}, {**CASE, "id": "c", "age": -3}, {**CASE, "id": "a"}]
    source = tmp_path / "cases.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    ran = tumorboard("cohort", "import", source, "-o", tmp_path / "cohort")
    assert ran.code == 4
    refused = [
        json.loads(line) for line in (tmp_path / "cohort" / "refused.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [entry["case"] for entry in refused] == ["cases.jsonl:3", "a"]
    assert "age" in refused[0]["error"] and "twice" in refused[1]["error"]
    assert "2 patients" in ran.err


def test_made_patients_are_run_and_explained(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    cohort, out = tmp_path / "cohort", tmp_path / "out"
    assert tumorboard("cohort", "synthesise", "-n", "40", "--rows", "20", "-o", cohort).code == 0
    ran = tumorboard("cohort", "run", cohort, "-o", out, "--format", "json")
    assert ran.code == 0
    assert ran.json["patients"] == 40
    assert json.loads((out / "summary.json").read_text(encoding="utf-8")) == ran.json
    explained = tumorboard("cohort", "explain", cohort, "synthetic-0-00000003", "--format", "json").json
    assert explained["case"] == "synthetic-0-00000003"
    assert {one["verdict"] for one in explained["situations"]} <= {"met", "not met", "unknown"}


def test_an_unknown_guideline_or_patient_is_not_found(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    cohort = tmp_path / "cohort"
    tumorboard("cohort", "synthesise", "-n", "3", "-o", cohort)
    assert tumorboard("cohort", "run", cohort, "-o", tmp_path / "out", "--guideline", "none").code == 3
    assert tumorboard("cohort", "explain", cohort, "nobody").code == 3
    assert tumorboard("cohort", "run", tmp_path / "nowhere", "-o", tmp_path / "out").code == 3
