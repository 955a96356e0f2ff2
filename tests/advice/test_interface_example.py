"""The example case of the interface, whole: it loads, and the board gets sensible advice in the fixed form."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from board import Board

from tumorboard.advice.advise import advise
from tumorboard.case.read import read_case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.record import advice_record

LUNG_07 = """\
schema: tumorboard.case/1
id: lung-07
sex: female
birth_date: 1961-04-02
as_of: 2026-03-01
height_cm: 160
weight_kg: 55
conditions:
  - {disease: NSCLC, histology: adenocarcinoma, diagnosed: 2024-02-10, stage: IV}
  - {disease: SCLC, histology: small cell, diagnosed: 2025-11-02, transformed_from: NSCLC}
  - {disease: interstitial lung disease}
primary: {location: central, cavitation: false, great_vessel_invasion: false}
metastases: [{site: brain, symptomatic: false, treated: true, date: 2026-02-18}]
medication: [{name: prednisone, mg_day: 5}]
vitals: [{name: blood pressure, systolic: 130, diastolic: 80, date: 2026-02-20}]
adverse_events: [{event: pneumonitis, grade: 3, agent: osimertinib, date: 2025-09-01}]
performance: [{scale: ECOG, value: 1, date: 2026-02-20}]
biomarkers:
  - {name: EGFR, change: p.Leu858Arg, result: present, assay: NGS, specimen: tissue, date: 2024-02-20}
  - {name: MET, change: amplification, result: present, assay: FISH, measure: ratio, value: 3.1, date: 2025-11-02}
  - {name: ROS1, change: fusion, partner: CD74, result: absent, assay: NGS, date: 2024-02-20}
  - {name: ERBB2, change: expression, assay: IHC, measure: score, value: 2, date: 2025-11-02}
  - {name: MET, change: expression, assay: IHC, intensity: 3, percent_cells: 90, date: 2025-11-02}
  - {name: MET, change: amplification, assay: NGS, measure: copy number, value: 12, date: 2025-11-02}
  - {name: PD-L1, change: expression, assay: IHC, clone: 22C3, measure: TPS, value: 60, unit: "%", date: 2024-02-20}
  - {name: ALK, result: not tested}
treatments:
  - line: 1
    intent: palliative
    agents: [osimertinib]
    start: 2024-03-01
    end: 2025-10-20
    best_response: PR
    progressed: 2025-10-20
    progression: widespread
    stopped_for: progression
procedures:
  - {kind: TACE, date: 2025-01-10, selective: true, viable_percent: 60, new_lesions: false}
labs:
  - {name: bilirubin, value: 1.1, unit: mg/dL, date: 2026-02-20}
  - {name: albumin, value: 38, unit: g/L, date: 2026-02-20}
  - {name: INR, value: 1.1, date: 2026-02-20}
  - {name: AFP, value: 420, unit: ng/mL, date: 2026-02-20}
imaging:
  - {date: 2026-02-18, tumours: 3, largest_cm: 4.2, sizes_cm: [4.2, 2.0, 1.1], lobes: bilobar,
     vascular_invasion: none, vascular_detail: [], extrahepatic_spread: false, spread_sites: [],
     liver_occupied_percent: 20, pattern: []}
response:
  - {date: 2026-02-18, criteria: RECIST 1.1, target_sum_mm: 62, nontarget: non-CR/non-PD, new_lesions: false}
findings:
  - {name: ascites, value: none, date: 2026-02-20}
  - {name: encephalopathy, value: 0, date: 2026-02-20}
  - {name: central airway stenosis, value: true}
  - {name: distal lung function, value: recoverable}
  - {name: surgery, value: not possible}
  - {name: varices, value: large, treated: false}
  - {name: haemoptysis, value: false}
eligibility: {resection: false, ablation: false, transplant: false}
consent: {organoid testing: true, MiniPDX testing: true}
"""


@pytest.fixture(scope="module")
def advised(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Board:
    path: Path = tmp_path_factory.mktemp("interface") / "lung-07.yaml"
    path.write_text(LUNG_07, encoding="utf-8")
    advice = advise(read_case(path, knowledge.vocabulary, date(2026, 3, 1)), knowledge)
    return Board(advice, advice_record(advice, knowledge, "en"))


def test_every_entry_of_the_example_is_understood(advised: Board) -> None:
    assert advised.record["not_understood"] == []
    assert advised.record["notices"] == []


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("disease", "SCLC"), ("histology", "small cell"), ("ecog", 1), ("next_line", 2), ("driver_status", "positive"),
        ("drivers", ["EGFR mutation"]), ("platinum_free_interval", None),
        ("refractory_type", "refractory driver-positive NSCLC"), ("egfr_tki_resistance", "acquired"),
        ("her2_overexpression", True), ("her2_amplification", None), ("her2_mutation", None),
        ("met_amplification", True), ("best_overall_response", "PR"),
    ],
)  # fmt: skip
def test_each_lung_fact_of_the_interface_is_there_with_its_value(fact: str, value: object, advised: Board) -> None:
    facts = advised.record["facts"]
    assert fact in facts
    assert facts[fact]["value"] == value
    assert set(facts[fact]) >= {"value", "unit", "status", "possible", "missing", "because"}


def test_transformed_small_cell_cancer_is_advised_etoposide_with_platinum(advised: Board) -> None:
    assert advised.met == {
        "transformation-second-line", "organoid-testing", "minipdx-testing", "central-airway-stenosis",
    }  # fmt: skip
    option = advised.option("transformation-second-line", "carboplatin | cisplatin", "etoposide")
    assert (option["strength"], option["level"], option["agreement"]) == ("moderate", "IV", 97)
    assert option["status"] == "applies"


def test_the_techniques_apply_as_consent_and_findings_say(advised: Board) -> None:
    assert {option["status"] for option in advised.record["options"]} == {"applies"}
    assert ["bronchoscopic intervention"] in [option["regimen"] for option in advised.record["options"]]


def test_the_document_has_the_fixed_form_and_is_plain_JSON(advised: Board) -> None:
    record = json.loads(json.dumps(advised.record, ensure_ascii=False))
    assert (record["schema"], record["case"], record["as_of"]) == ("tumorboard.advice/1", "lung-07", "2026-03-01")
    assert set(record) >= {"knowledge", "facts", "situations", "options", "hypotheses", "not_covered", "questions"}
    assert set(record["knowledge"]) >= {"version", "sha256"}
    for entry in record["situations"]:
        assert set(entry) >= {"guideline", "id", "name", "verdict", "missing", "because"}
    for entry in record["options"]:
        assert set(entry) >= {
            "guideline", "situation", "name", "kind", "regimen", "basis", "strength", "level", "agreement", "status",
            "conditions", "cautions", "remarks", "evidence", "because",
        }  # fmt: skip
        assert entry["regimen"] == sorted(entry["regimen"], key=str.casefold)
        for caution in entry["cautions"]:
            assert set(caution) >= {"text", "kind", "source", "effect"}
    for entry in record["questions"]:
        assert set(entry) >= {"ask", "state", "would_decide", "text"}


def test_all_rows_of_tables_3_to_5_and_each_technique_of_table_6_are_listed(advised: Board) -> None:
    lung = [s for s in advised.record["situations"] if s["guideline"] == "refractory-lung-cancer-2023"]
    assert len(lung) == 13
    assert len({entry["id"] for entry in lung}) == 13


def test_a_case_without_anything_decided_says_so(board: Callable[..., Board]) -> None:
    assert board({}).advice.undecided
    assert not board({"conditions": [{"disease": "breast cancer"}], "treatments": []}).advice.undecided
