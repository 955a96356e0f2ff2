"""Cases the report tests share: a rich one of each kind, an empty one, one full of hostile text."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path
from typing import Any

import tumorboard
from tumorboard.advice.advise import advise
from tumorboard.advice.model import Advice
from tumorboard.case.read import Case, case_from_data
from tumorboard.data import parse, read_text
from tumorboard.guidelines.knowledge import Knowledge

SCLC: dict[str, Any] = {
    "id": "sclc-89",
    "sex": "male",
    "age": 63,
    "as_of": "2025-07-10",
    "conditions": [{"disease": "SCLC", "histology": "small cell", "diagnosed": "2024-12-12", "stage": "extensive"}],
    "performance": [{"scale": "ECOG", "value": 1, "date": "2025-07-05"}],
    "metastases": [{"site": "brain", "date": "2025-07-01"}, {"site": "liver"}],
    "labs": [
        {"name": "albumin", "value": 36, "unit": "g/L", "date": "2025-07-05"},
        {"name": "ProGRP", "value": 310, "unit": "ng/mL"},
    ],
    "treatments": [
        {
            "line": 1,
            "agents": ["carboplatin", "etoposide", "atezolizumab"],
            "start": "2025-01-01",
            "end": "2025-04-01",
            "progressed": "2025-06-29",
            "best_response": "PR",
            "progression": "widespread",
        }
    ],
    "procedures": [{"kind": "radiotherapy", "date": "2025-05-02"}, {"kind": "biopsy", "date": "2024-12-10"}],
    "smoking": "40 pack years",
}
EGFR: dict[str, Any] = {
    "id": "lung-07",
    "sex": "female",
    "birth_date": "1961-04-02",
    "as_of": "2026-03-01",
    "conditions": [
        {"disease": "NSCLC", "histology": "adenocarcinoma", "diagnosed": "2022-09-20", "stage": "IV"},
        {"disease": "hypertension"},
    ],
    "performance": [{"scale": "ECOG", "value": 1, "date": "2026-02-20"}],
    "metastases": [{"site": "brain", "symptomatic": False, "treated": False, "date": "2026-02-18"}, {"site": "bone"}],
    "biomarkers": [
        {
            "name": "EGFR",
            "change": "19del",
            "result": "present",
            "assay": "NGS",
            "specimen": "tissue",
            "date": "2022-09-28",
        },
        {
            "name": "EGFR",
            "change": "T790M",
            "result": "present",
            "assay": "PCR",
            "specimen": "plasma",
            "date": "2024-01-10",
        },
        {
            "name": "MET",
            "change": "amplification",
            "result": "present",
            "assay": "NGS",
            "measure": "copy number",
            "value": 12,
            "date": "2025-12-20",
            "specimen": "tissue",
        },
        {
            "name": "EGFR",
            "change": "C797S",
            "result": "absent",
            "assay": "NGS",
            "specimen": "tissue",
            "date": "2025-12-20",
        },
        {"name": "KRAS", "change": "G12C", "result": "absent", "assay": "NGS", "date": "2022-09-28"},
        {"name": "ROS1", "change": "fusion", "result": "absent", "assay": "NGS", "date": "2022-09-28"},
        {"name": "ALK", "change": "fusion", "result": "absent", "assay": "NGS", "date": "2022-09-28"},
        {"name": "RET", "change": "fusion", "result": "not tested"},
        {"name": "ERBB2", "change": "mutation", "result": "not tested", "date": "2025-12-20"},
        {
            "name": "PD-L1",
            "change": "expression",
            "assay": "IHC",
            "clone": "22C3",
            "measure": "TPS",
            "value": 30,
            "unit": "%",
            "date": "2022-09-28",
        },
    ],
    "treatments": [
        {
            "line": 1,
            "agents": ["gefitinib"],
            "start": "2022-10-08",
            "end": "2024-01-05",
            "progressed": "2024-01-05",
            "best_response": "PR",
            "progression": "limited",
            "stopped_for": "progression",
        },
        {
            "line": 2,
            "agents": ["osimertinib"],
            "start": "2024-01-20",
            "end": "2025-12-10",
            "progressed": "2025-12-10",
            "best_response": "PR",
            "progression": "widespread",
            "stopped_for": "progression",
        },
    ],
    "procedures": [{"kind": "radiotherapy", "date": "2024-02-11"}, {"kind": "biopsy", "date": "2025-12-18"}],
    "consent": {"organoid testing": True, "MiniPDX testing": False},
    "findings": [
        {"name": "central airway stenosis", "value": True, "date": "2026-02-20"},
        {"name": "surgery", "value": "not possible"},
        {"name": "haemoptysis", "value": False},
    ],
}
NEG: dict[str, Any] = {
    "id": "lung-12",
    "sex": "male",
    "birth_date": "1958-01-12",
    "as_of": "2026-03-01",
    "conditions": [
        {"disease": "NSCLC", "histology": "squamous cell", "diagnosed": "2024-10-02", "stage": "IVA"},
        {"disease": "interstitial lung disease", "diagnosed": "2025-08-03"},
        {"disease": "hypertension"},
    ],
    "primary": {"location": "central", "cavitation": True},
    "performance": [{"scale": "ECOG", "value": 1, "date": "2026-02-20"}],
    "vitals": [{"name": "blood pressure", "systolic": 172, "diastolic": 104, "date": "2026-02-25"}],
    "medication": [{"name": "prednisone", "mg_day": 15}],
    "biomarkers": [
        *(
            {"name": n, "change": c, "result": "absent", "assay": "NGS", "specimen": "tissue", "date": "2024-10-12"}
            for n, c in [
                ("EGFR", "mutation"),
                ("ALK", "fusion"),
                ("ROS1", "fusion"),
                ("RET", "fusion"),
                ("NTRK", "fusion"),
                ("MET", "exon 14 skipping"),
                ("BRAF", "V600E"),
            ]
        ),
        {
            "name": "KRAS",
            "change": "G12C",
            "result": "present",
            "assay": "NGS",
            "specimen": "tissue",
            "date": "2024-10-12",
        },
        {
            "name": "PD-L1",
            "change": "expression",
            "assay": "IHC",
            "clone": "22C3",
            "measure": "TPS",
            "value": 60,
            "unit": "%",
            "date": "2024-10-12",
        },
        {"name": "ERBB2", "change": "mutation", "result": "not tested"},
    ],
    "treatments": [
        {
            "line": 1,
            "agents": ["carboplatin", "paclitaxel", "pembrolizumab"],
            "start": "2024-10-28",
            "end": "2025-02-20",
            "best_response": "PR",
        },
        {
            "line": 1,
            "intent": "maintenance",
            "agents": ["pembrolizumab"],
            "start": "2025-03-10",
            "end": "2026-01-30",
            "progressed": "2026-01-30",
            "progression": "widespread",
            "stopped_for": "progression",
        },
    ],
    "adverse_events": [{"event": "pneumonitis", "grade": 2, "agent": "pembrolizumab", "date": "2025-08-03"}],
    "consent": {"organoid testing": False},
}
HCC: dict[str, Any] = {
    "id": "liver-01",
    "as_of": "2026-03-01",
    "conditions": [{"disease": "HCC", "stage": "BCLC B", "diagnosed": "2025-01-02"}],
    "procedures": [{"kind": "TACE", "date": "2025-01-10", "selective": True, "viable_percent": 60}],
    "performance": [{"scale": "ECOG", "value": 0, "date": "2026-02-20"}],
}
EMPTY: dict[str, Any] = {"id": "empty", "as_of": "2026-03-01"}
BAD = "<script>alert(1)</script>&\"'](javascript:x) [bold red]X[/] **`_|"
MANY: dict[str, Any] = {
    "id": "many-lines",
    "as_of": "2026-03-01",
    "conditions": [
        {"disease": "NSCLC", "histology": "adenocarcinoma", "diagnosed": "2016-01-20", "stage": "IV"},
        {"disease": "SCLC", "histology": "small cell", "diagnosed": "2024-05-02", "transformed_from": "NSCLC"},
    ],
    "biomarkers": [
        {"name": "EGFR", "change": "L858R", "result": "present", "date": "2016-02-01"},
        *(
            {"name": g, "change": c, "result": r, "date": d}
            for g, c, r, d in [
                ("EGFR", "T790M", "present", "2017-06-01"),
                ("EGFR", "C797S", "present", "2019-03-01"),
                ("MET", "amplification", "indeterminate", "2019-03-01"),
                ("TP53", "mutation", "present", "2024-05-02"),
            ]
        ),
        *(
            {"name": g, "change": c, "result": "absent", "date": d}
            for d in ("2016-02-01", "2019-03-01", "2024-05-02")
            for g, c in [
                ("ALK", "fusion"),
                ("ROS1", "fusion"),
                ("RET", "fusion"),
                ("NTRK", "fusion"),
                ("BRAF", "V600E"),
                ("KRAS", "G12C"),
                ("MET", "exon 14 skipping"),
                ("ERBB2", "mutation"),
                ("ERBB2", "amplification"),
                ("EGFR", "exon 20 insertion"),
            ]
        ),
        *(
            {"name": g, "change": c, "result": "not tested"}
            for g, c in [("PIK3CA", "mutation"), ("RB1", "loss"), ("NRG1", "fusion")]
        ),
    ],
    "treatments": [
        {
            "line": 1,
            "agents": ["gefitinib"],
            "start": "2016-02-10",
            "end": "2017-05-20",
            "progressed": "2017-05-20",
            "best_response": "PR",
        },
        {
            "line": 2,
            "agents": ["osimertinib"],
            "start": "2017-06-10",
            "end": "2019-02-20",
            "progressed": "2019-02-20",
            "best_response": "PR",
        },
        {
            "line": 3,
            "agents": ["carboplatin", "pemetrexed", "bevacizumab", "sintilimab"],
            "start": "2019-03-10",
            "end": "2019-07-20",
            "best_response": "PR",
        },
        {
            "line": 3,
            "intent": "maintenance",
            "agents": ["pemetrexed", "bevacizumab"],
            "start": "2019-07-21",
            "end": "2020-09-20",
            "progressed": "2020-09-20",
        },
        {
            "line": 4,
            "agents": ["docetaxel", "ramucirumab"],
            "start": "2020-10-10",
            "end": "2021-03-20",
            "progressed": "2021-03-20",
            "best_response": "SD",
        },
        {"line": 5, "agents": ["anlotinib"], "start": "2021-04-10", "progressed": "2022-01-20", "best_response": "SD"},
        {
            "line": 6,
            "agents": ["amivantamab"],
            "start": "2022-02-10",
            "end": "2023-03-20",
            "progressed": "2023-03-20",
            "best_response": "PR",
        },
        {"line": 7, "agents": ["gemcitabine"], "start": "2023-04-10"},
        {"line": 8, "agents": ["etoposide", "cisplatin"], "start": "2024-05-20"},
    ],
}

HOSTILE: dict[str, Any] = {
    **SCLC,
    "id": BAD,
    BAD: BAD,
    "conditions": [{"disease": "SCLC", "stage": BAD}, {"disease": BAD, "diagnosed": "2025-01-02"}],
    "procedures": [{"kind": BAD, "date": "2025-05-02"}, {"kind": BAD}],
    "labs": [{"name": BAD, "value": 1}],
    "findings": [{"name": BAD, "value": BAD}],
    "metastases": [{"site": BAD}],
    "adverse_events": [{"event": BAD, "date": "2025-05-02"}],
    "vitals": [{"name": BAD}],
}
CASES = {"sclc": SCLC, "egfr": EGFR, "neg": NEG, "hcc": HCC, "empty": EMPTY, "many": MANY}
DEMO = Path(tumorboard.__path__[0]) / "demo"
_ADVICE: dict[int, tuple[dict[str, Any], Advice, Case]] = {}
TODAY = datetime.date(2026, 3, 1)


@cache
def knowledge() -> Knowledge:
    return Knowledge.load()


def case_of(data: dict[str, Any]) -> Case:
    return case_from_data(data, knowledge().vocabulary, TODAY)


def advice_of(data: dict[str, Any]) -> tuple[Advice, Case]:
    """Worked out once a case: nothing in it changes."""
    found = _ADVICE.get(id(data))
    if found is None or found[0] is not data:
        case = case_of(data)
        found = _ADVICE[id(data)] = (data, advise(case, knowledge()), case)
    return found[1], found[2]


@cache
def every_case() -> dict[str, dict[str, Any]]:
    """The cases above, every demo patient and every example of every guideline."""
    found = dict(CASES)
    for file in sorted(DEMO.glob("*.yaml")):
        found[f"demo-{file.stem}"] = parse(read_text(file), file.name)
    for guideline in knowledge().guidelines.values():
        for example in guideline.examples:
            found[str(example["id"])] = {"id": str(example["id"]), "as_of": "2026-03-01", **example["case"]}
    return found
