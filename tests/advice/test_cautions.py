"""What a board is warned of beside an option in lung cancer (section 9): shown when recorded, asked when not.

A caution warns and never moves a status; only stated exclusions, the same regimen and refused consent exclude.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from board import (
    Board,
    CaseData,
    after_osimertinib,
    driver_negative,
    line,
    low_response,
    marker,
    negative_markers,
    nsclc,
    refractory_sclc,
    sclc,
)

Advise = Callable[..., Board]
AFTER_TKI, SWITCH, BEYOND = "tki-progression-second-line", "driver-negative-switch", "driver-negative-beyond"
SCLC2, HER2, EXON20 = "sclc-second-line", "her2-mutation-second-line", "egfr-exon20-second-line"
HER2_CASE = low_response(marker("ERBB2", "p.Y772_A775dup"))
DATED = {"date": "2026-02-20"}


def squamous(**more: Any) -> CaseData:
    return {**driver_negative(), "conditions": [{"disease": "NSCLC", "histology": "squamous cell"}], **more}


class Warned(NamedTuple):
    """``recorded`` makes the caution with ``word`` appear beside ``option``; unrecorded, ``ask`` is asked."""

    base: CaseData
    option: tuple[str, ...]
    recorded: CaseData
    word: str
    ask: str | None


ANTIANGIOGENIC = (SWITCH, "docetaxel", "ramucirumab")
CHECKPOINT = (BEYOND, "pembrolizumab", "ramucirumab")
DERUXTECAN = (HER2, "trastuzumab deruxtecan")


def anti(recorded: CaseData, word: str, ask: str | None) -> Warned:
    return Warned(driver_negative(), ANTIANGIOGENIC, recorded, word, ask)


def checkpoint(recorded: CaseData, word: str, ask: str | None) -> Warned:
    return Warned(driver_negative(), CHECKPOINT, recorded, word, ask)


def ill(disease: str) -> CaseData:
    return {"conditions": [{"disease": "NSCLC", "histology": "adenocarcinoma"}, {"disease": disease}]}


def taking(name: str, **more: Any) -> CaseData:
    return {"medication": [{"name": name, **more}]}


def event(**more: Any) -> CaseData:
    return {"adverse_events": [{"date": "2025-05-01", **more}]}


SQUAMOUS_BASE = squamous()
SQUAMOUS = {"conditions": SQUAMOUS_BASE["conditions"]}
PRESSURE = {"name": "blood pressure", **DATED}

WARNED: dict[str, Warned] = {
    "haemoptysis": anti({"findings": [{"name": "haemoptysis", "value": True}]}, "Haemoptysis", "findings: haemoptysis"),
    "central squamous": Warned(
        SQUAMOUS_BASE, ANTIANGIOGENIC, {"primary": {"location": "central"}}, "Central squamous", "primary.location"
    ),
    "cavitation": anti({"primary": {"cavitation": True}}, "cavitating", "primary.cavitation"),
    "great vessel": anti({"primary": {"great_vessel_invasion": True}}, "vessels", "primary.great_vessel_invasion"),
    "brain": anti({"metastases": [{"site": "brain", "treated": False}]}, "Untreated brain", "metastases: brain"),
    "anticoagulation": anti(taking("rivaroxaban"), "Anticoagulation", "medication: anticoagulant"),
    "recent surgery": anti({"procedures": [{"kind": "surgery", "date": "2026-02-01"}]}, "Surgery", "procedures"),
    "embolism": anti(ill("pulmonary embolism"), "Thromboembolism", "conditions: thromboembolism"),
    "systolic": anti({"vitals": [{**PRESSURE, "systolic": 160, "diastolic": 90}]}, "hypertension", "vitals"),
    "diastolic": anti({"vitals": [{**PRESSURE, "systolic": 150, "diastolic": 100}]}, "hypertension", "vitals"),
    "proteinuria": anti(
        {"labs": [{"name": "urine protein", "value": 2, "unit": "g/24h"}]}, "Proteinuria", "labs: urine protein"
    ),
    "severe immune event": checkpoint(
        event(event="pneumonitis", grade=3, agent="pembrolizumab"), "grade 3", "adverse_events"
    ),
    "autoimmune": checkpoint(ill("rheumatoid arthritis"), "Autoimmune", "conditions: autoimmune disease"),
    "transplant": checkpoint(ill("organ transplant"), "transplant", "conditions: organ transplant"),
    "interstitial": checkpoint(ill("interstitial lung disease"), "Interstitial", "conditions: interstitial"),
    "pneumonitis as an event": checkpoint(event(event="pneumonitis", grade=1), "Interstitial", "adverse_events"),
    "steroids": checkpoint(taking("prednisone", mg_day=11), "10 mg prednisone", "medication"),
    "deruxtecan and lung": Warned(
        HER2_CASE, DERUXTECAN, ill("idiopathic pulmonary fibrosis"), "interstitial lung disease", "conditions"
    ),
    "deruxtecan and heart": Warned(
        HER2_CASE, DERUXTECAN, {"labs": [{"name": "LVEF", "value": 49, "unit": "%"}]}, "Ejection fraction", "labs: LVEF"
    ),
    "pemetrexed": Warned(
        {**after_osimertinib(), "conditions": [{"disease": "NSCLC"}]}, (AFTER_TKI, "cisplatin", "pemetrexed"),
        SQUAMOUS, "pemetrexed", "conditions[0].histology",
    ),
    "nintedanib": Warned(
        {**driver_negative(), "conditions": [{"disease": "NSCLC"}]}, (SWITCH, "docetaxel", "nintedanib"),
        SQUAMOUS, "adenocarcinoma", "conditions[0].histology",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNED)
def test_a_caution_appears_when_its_input_is_recorded_and_moves_no_status(name: str, board: Advise) -> None:
    base, option, recorded, word, _ = WARNED[name]
    before, after = board(base), board({**base, **recorded})
    assert word not in before.cautions(*option)
    assert word in after.cautions(*option)
    assert before.option(*option)["status"] == after.option(*option)["status"] == "applies"


@pytest.mark.parametrize("name", WARNED)
def test_a_caution_whose_input_is_not_recorded_is_asked(name: str, board: Advise) -> None:
    base, option, _, _, ask = WARNED[name]
    advice = board(base)
    asked = [question for key, question in advice.asked.items() if ask and key.startswith(ask)]
    assert asked, f"{ask} is not among {sorted(advice.asked)}"
    own_id = advice.option(*option)["id"]
    assert any(own_id in question["would_warn"] for question in asked)


CLEARED: dict[str, Warned] = {
    "haemoptysis": anti(
        {"findings": [{"name": "haemoptysis", "value": False}]}, "Haemoptysis", "findings: haemoptysis"
    ),
    "treated brain metastasis": anti({"metastases": [{"site": "brain", "treated": True}]}, "Untreated brain", None),
    "surgery 29 days ago": anti({"procedures": [{"kind": "surgery", "date": "2026-01-31"}]}, "Surgery", "procedures"),
    "no surgery": anti({"procedures": []}, "Surgery", "procedures"),
    "pressure": anti({"vitals": [{**PRESSURE, "systolic": 159, "diastolic": 99}]}, "hypertension", "vitals"),
    "protein": anti(
        {"labs": [{"name": "urine protein", "value": 1999, "unit": "mg/24h", **DATED}]}, "Proteinuria", "labs: urine"
    ),
    "stopped anticoagulant": anti(taking("rivaroxaban", end="2026-02-28"), "Anticoagulation", None),
    "peripheral squamous": Warned(
        SQUAMOUS_BASE, ANTIANGIOGENIC,
        {"primary": {"location": "peripheral", "cavitation": False, "great_vessel_invasion": False}},
        "Central squamous", "primary",
    ),
    "central adenocarcinoma": anti(
        {"primary": {"location": "central", "cavitation": False, "great_vessel_invasion": False}}, "Central", "primary"
    ),
    "prednisone 10": checkpoint(taking("prednisone", mg_day=10), "10 mg prednisone", None),
    "grade 2": checkpoint(event(event="rash", grade=2, agent="pembrolizumab"), "grade 3", None),
    "not an immune event": checkpoint(event(event="diarrhoea", grade=3, agent="docetaxel"), "grade 3", None),
    "heart": Warned(
        HER2_CASE, DERUXTECAN, {"labs": [{"name": "LVEF", "value": 50, "unit": "%"}]}, "Ejection fraction", "labs: LVEF"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CLEARED)
def test_what_is_recorded_as_harmless_is_not_warned_of(name: str, board: Advise) -> None:
    base, option, recorded, word, ask = CLEARED[name]
    advice = board({**base, **recorded})
    assert word not in advice.cautions(*option)
    if ask is not None:  # what settles the caution is asked no more
        assert not any(key.startswith(ask) for key in advice.asked)


def test_a_brain_metastasis_with_treatment_not_recorded_is_asked(board: Advise) -> None:
    advice = board(driver_negative(metastases=[{"site": "brain"}]))
    assert "metastases[0].treated" in advice.asked


def test_immunotherapy_stopped_for_toxicity_is_warned_of(board: Advise) -> None:
    case = driver_negative()
    case["treatments"][0]["stopped_for"] = "toxicity"
    assert "stopped for toxicity" in board(case).cautions(*CHECKPOINT)


def test_immunotherapy_given_as_maintenance_and_stopped_for_toxicity_is_warned_of(board: Advise) -> None:
    first = line(1, "carboplatin", "pemetrexed", start="2024-03-01", end="2024-08-01")
    keep = line(
        1, "pembrolizumab", intent="maintenance", start="2024-08-20", end="2025-06-01", stopped_for="toxicity",
        progressed="2025-07-01", progression="widespread",
    )  # fmt: skip
    assert "stopped for toxicity" in board(nsclc(first, keep, biomarkers=negative_markers())).cautions(*CHECKPOINT)


@pytest.mark.parametrize(
    "regimen",
    [("anlotinib", "PD-1 inhibitor"), ("carboplatin", "pemetrexed", "toripalimab"),
     ("bevacizumab", "cisplatin", "pemetrexed", "sintilimab")],
)  # fmt: skip
def test_immunotherapy_after_an_EGFR_TKI_is_warned_of_for_pneumonitis(regimen: tuple[str, ...], board: Advise) -> None:
    assert "EGFR-TKI" in board(after_osimertinib()).cautions(AFTER_TKI, *regimen)


def test_an_EGFR_TKI_after_immunotherapy_is_warned_of_for_pneumonitis(board: Advise) -> None:
    first = line(1, "pembrolizumab", "carboplatin", "pemetrexed", start="2024-03-01", end="2025-06-01",
                 progressed="2025-06-01", progression="limited")  # fmt: skip
    advice = board(nsclc(first, biomarkers=[marker("EGFR", "exon 20 insertion")]))
    assert "neumonitis" in advice.cautions(EXON20, "sunvozertinib")


def test_continuing_gefitinib_beside_chemotherapy_is_a_stated_harm_and_only_warns(board: Advise) -> None:
    option = board(after_osimertinib()).option(AFTER_TKI, "cisplatin", "pemetrexed")
    stated = [caution for caution in option["cautions"] if caution["kind"] == "stated"]
    assert len(stated) == 1
    assert "1.44" in stated[0]["text"]
    assert "1.07–1.94" in stated[0]["text"]
    assert (stated[0]["effect"], option["status"]) == ("warn", "applies")


@pytest.mark.parametrize(
    ("case", "option"),
    [
        (refractory_sclc(60), (SCLC2, "anlotinib", "docetaxel | irinotecan")),
        (refractory_sclc(60), (SCLC2, "apatinib", "camrelizumab")),
        (refractory_sclc(60), (SCLC2, "surufatinib", "toripalimab")),
        (after_osimertinib(), (AFTER_TKI, "bevacizumab", "cisplatin", "pemetrexed", "sintilimab")),
        (driver_negative(), (SWITCH, "docetaxel", "ramucirumab")),
        (driver_negative(), (SWITCH, "docetaxel", "nintedanib")),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_every_antiangiogenic_drug_carries_the_cautions_of_its_kind(
    case: CaseData, option: tuple[str, ...], board: Advise
) -> None:
    bleeding = {**case, "findings": [{"name": "haemoptysis", "value": True}]}
    assert "Haemoptysis" in board(bleeding).cautions(*option)


@pytest.mark.parametrize("option", [(SCLC2, "topotecan"), (SCLC2, "paclitaxel", "pembrolizumab")])
def test_a_caution_stands_only_beside_the_drugs_it_is_for(option: tuple[str, ...], board: Advise) -> None:
    advice = board(refractory_sclc(60, findings=[{"name": "haemoptysis", "value": True}]))
    assert "Haemoptysis" not in advice.cautions(*option)


EVERY_DANGER: CaseData = {
    "primary": {"location": "central", "cavitation": True, "great_vessel_invasion": True},
    "metastases": [{"site": "brain", "treated": False}],
    "medication": [{"name": "rivaroxaban"}, {"name": "prednisone", "mg_day": 40}],
    "vitals": [{**PRESSURE, "systolic": 190, "diastolic": 120}],
    "adverse_events": [{"event": "pneumonitis", "grade": 4, "agent": "nivolumab"}],
    "procedures": [{"kind": "surgery", "date": "2026-02-25"}],
    "labs": [{"name": "urine protein", "value": 9, "unit": "g/24h"}, {"name": "LVEF", "value": 20, "unit": "%"}],
    "findings": [{"name": "haemoptysis", "value": True}],
}
ILLNESSES = [
    {"disease": name}
    for name in ("interstitial lung disease", "rheumatoid arthritis", "organ transplant", "pulmonary embolism")
]


@pytest.mark.parametrize(
    "case",
    [refractory_sclc(60), after_osimertinib(), HER2_CASE, driver_negative(), squamous()],
    ids=["SCLC", "after TKI", "HER2", "driver-negative", "squamous"],
)
def test_no_caution_at_all_ever_changes_a_verdict_or_a_status(case: CaseData, board: Advise) -> None:
    before = board(case)
    after = board({**case, **EVERY_DANGER, "conditions": [*case["conditions"], *ILLNESSES]})
    same = [option for option in before.record["options"] if option["situation"] != "central-airway-stenosis"]
    assert {option["id"]: option["status"] for option in same}.items() <= {
        option["id"]: option["status"] for option in after.record["options"]
    }.items()
    assert [entry["verdict"] for entry in before.record["situations"]] == [
        entry["verdict"] for entry in after.record["situations"]
    ]


def test_cautions_say_their_kind_and_those_not_stated_only_warn(board: Advise) -> None:
    advice = board(sclc(*refractory_sclc(60)["treatments"], **EVERY_DANGER))
    cautions = [caution for option in advice.record["options"] for caution in option["cautions"]]
    assert cautions
    assert {caution["kind"] for caution in cautions} <= {"stated", "label", "trial exclusion", "general"}
    assert all(caution["effect"] == "warn" for caution in cautions if caution["kind"] != "stated")
    assert all(caution["source"] for caution in cautions if caution["kind"] in ("stated", "label"))
