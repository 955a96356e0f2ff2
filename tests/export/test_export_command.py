"""``tumorboard guideline export``: every form, to a file, a folder or the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Ran

NAME = "refractory-lung-cancer-2023"
Run = Callable[..., Ran]


def test_elm_goes_to_standard_output(tumorboard: Run) -> None:
    ran = tumorboard("guideline", "export", NAME, "--to", "elm")
    assert ran.code == 0
    assert ran.json["library"]["identifier"]["id"] == NAME


def test_cql_goes_to_a_file(tumorboard: Run, tmp_path: Path) -> None:
    file = tmp_path / "guideline.cql"
    assert tumorboard("guideline", "export", NAME, "--to", "cql", "-o", file).code == 0
    text = file.read_text("utf-8")
    assert f'library "{NAME}"' in text
    assert (
        '@rule: refractory_type == "refractory SCLC" and next_line == 2\n*/\ndefine "situation sclc-second-line":\n'
        '  if "in scope" is false then false\n'
        '  else not "refractory_type not applicable"\n'
        "    and \"refractory_type\" = 'refractory SCLC'\n"
        '    and "next_line" = 2.0\n'
    ) in text


def test_fhir_goes_to_a_folder_with_what_its_extensions_mean(tumorboard: Run, tmp_path: Path) -> None:
    ran = tumorboard("guideline", "export", NAME, "--to", "fhir", "-o", tmp_path)
    assert ran.code == 0
    files = {file.name: json.loads(file.read_text("utf-8")) for file in tmp_path.glob("*.json")}
    assert files[f"PlanDefinition-{NAME}.json"]["resourceType"] == "PlanDefinition"
    assert "StructureDefinition-tumorboard-strength.json" in files
    assert f"PlanDefinition-{NAME}.json" in ran.err


@pytest.mark.parametrize(("language", "words"), [("en", "Decision table"), ("zh", "决策表")])
def test_decision_tables_speak_both_languages(tumorboard: Run, language: str, words: str) -> None:
    assert words in tumorboard("guideline", "export", NAME, "--to", "dmn-html", "--lang", language).out


def test_a_cut_off_that_is_set_is_named(tumorboard: Run) -> None:
    ran = tumorboard("guideline", "export", NAME, "--to", "cql", "--set", "refractory_interval=180")
    assert "@option: refractory_interval = 180" in ran.out


def test_an_unknown_guideline_is_not_found(tumorboard: Run) -> None:
    ran = tumorboard("guideline", "export", "nothing", "--to", "elm")
    assert (ran.code, ran.out) == (3, "")
    assert f"no guideline 'nothing'; there are {NAME}" in ran.err.replace("intermediate-hcc-2021, ", "")


def test_an_unknown_form_is_wrong_usage(tumorboard: Run) -> None:
    assert tumorboard("guideline", "export", NAME, "--to", "xml").code == 2
