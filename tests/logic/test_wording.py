"""Sentences are for clinicians: no machine words, in either language, for any fact of any sample."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest

from tumorboard.case.columns import TABLES
from tumorboard.case.read import case_from_data
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.logic.explain import Explainer
from tumorboard.logic.facts import load_facts
from tumorboard.logic.inputs import Input
from tumorboard.logic.wording import Wording
from tumorboard.logic.words import COLUMN, ROW
from tumorboard.vocabulary.library import Vocabulary

FOLDER = KnowledgeFolder(SHIPPED)
FACTS = load_facts(FOLDER, Vocabulary.load(FOLDER))
WORDING = Wording(FACTS)
SAMPLES: dict[str, dict[str, Any]] = {
    "nothing recorded": {},
    "nothing done": {"conditions": [{"disease": "NSCLC"}], "treatments": [], "procedures": []},
    "after an EGFR-TKI": {
        "conditions": [{"disease": "NSCLC", "histology": "adenocarcinoma"}],
        "treatments": [
            {"line": 1, "agents": ["gefitinib"], "start": "2024-01-01", "progressed": "2025-01-01"},
            {"line": 2, "agents": ["osimertinib"], "start": "2025-01-10"},
        ],
        "biomarkers": [
            {"name": "EGFR", "change": "L858R", "result": "present", "date": "2024-01-01"},
            {"name": "EGFR", "change": "L858R", "result": "absent", "date": "2025-01-01"},
            {"name": "MET", "change": "amplification", "assay": "FISH", "measure": "ratio", "value": 3},
        ],
    },
    "small cell": {
        "conditions": [{"disease": "SCLC"}],
        "treatments": [
            {"line": 1, "agents": ["carboplatin", "etoposide"], "start": "2025-01-01", "stopped_for": "progression"},
            {"line": 1, "intent": "maintenance", "agents": ["atezolizumab"]},
        ],
        "performance": [{"scale": "ECOG", "value": 1}, {"scale": "ECOG", "value": 2}],
        "findings": [{"name": "surgery", "value": "refused"}],
        "labs": [{"name": "LVEF", "value": 45, "unit": "%"}],
    },
}  # fmt: skip


def said(sample: str, fact: str) -> tuple[str, str]:
    data = {"schema": "tumorboard.case/1", "id": sample, **SAMPLES[sample]}
    case = case_from_data(data, FACTS.vocabulary, datetime.date(2026, 3, 1))
    step = Explainer(FACTS, case.tables).fact(fact)
    texts = [WORDING.because(step), *WORDING.assumptions(step)]
    return "; ".join(text.en for text in texts), "；".join(text.zh for text in texts)


@pytest.mark.parametrize("fact", list(FACTS.definitions))
@pytest.mark.parametrize("sample", list(SAMPLES))
def test_no_machine_words_stand_in_a_sentence(sample: str, fact: str) -> None:
    english, chinese = said(sample, fact)
    for text in (english, chinese):
        plain = re.sub(r"[(（][^()（）]*[)）]", "", text)  # places in the case file stand in brackets
        plain = re.sub(r"\w+\[\d+\][.\w]*", "", plain)
        assert not re.search(r"[a-z]_[a-z]|[{}]|None|frozenset|this value|该值", plain), text
    assert english and chinese


@pytest.mark.parametrize(
    ("sample", "fact", "english", "chinese"),
    [
        (
            "after an EGFR-TKI", "egfr_tki_given",
            "line of therapy (EGFR-TKI): line 1 (gefitinib), line 2 (osimertinib) (treatments[0], treatments[1])",
            "治疗线（EGFR酪氨酸激酶抑制剂）：第1线治疗（吉非替尼）、第2线治疗（奥希替尼）"
            "（treatments[0], treatments[1]）",
        ),
        (
            "after an EGFR-TKI", "egfr_sensitising",
            "EGFR sensitising mutation: present (2024-01-01; biomarkers[0]); "
            "EGFR sensitising mutation: biomarkers[1] says otherwise",
            "EGFR 敏感突变：阳性（2024-01-01；biomarkers[0]）；EGFR 敏感突变：biomarkers[1] 的结果与此不一致",
        ),
        (
            "small cell", "ecog",
            "ECOG performance status: 1 to 2 (performance[0].value, performance[1].value); "
            "performance[0].value, performance[1].value differ on the same date",
            "ECOG体能状态：1至2（performance[0].value, performance[1].value）；"
            "performance[0].value, performance[1].value 同日记录不一致",
        ),
        (
            "small cell", "surgery_option",
            "surgery: refused (findings[0].value)", "外科手术：拒绝（findings[0].value）",
        ),
        (
            "small cell", "low_ejection_fraction",
            "LVEF: 45 %, below 50 % (labs[0].value)", "左室射血分数：45 %，低于50 %（labs[0].value）",
        ),
        (
            "nothing recorded", "next_line",
            "completed palliative lines: 0 or more; curative-intent treatment counts as a line: not known",
            "已完成的姑息治疗线数：0或以上；根治性治疗计为一线：未知",
        ),
    ],
)  # fmt: skip
def test_a_reason_names_value_threshold_and_place(sample: str, fact: str, english: str, chinese: str) -> None:
    own = said(sample, fact)
    assert own[0].startswith(english)
    assert own[1].startswith(chinese)


def test_every_table_and_column_has_a_name_in_both_languages() -> None:
    assert set(ROW) == set(TABLES)
    assert set(COLUMN) == {name for table in TABLES.values() for name in table.columns}


@pytest.mark.parametrize(
    ("ask", "english", "chinese"),
    [
        ("treatments", "treatments", "治疗记录"),
        ("treatments[0].progressed", "treatments[0].progressed", "treatments[0].progressed"),
        ("biomarkers: ALK fusion", "ALK fusion", "ALK 融合"),
        ("labs: albumin", "albumin", "白蛋白"),
        ("consent: organoid testing", "consent to organoid testing", "类器官药物敏感性检测知情同意"),
        ("conditions: autoimmune disease", "diagnoses: autoimmune disease", "诊断：自身免疫性疾病"),
        ("vitals: blood pressure systolic", "blood pressure, systolic", "血压，收缩压"),
    ],
)
def test_an_input_is_asked_for_in_words(ask: str, english: str, chinese: str) -> None:
    asked = WORDING.asked(Input(ask))
    assert (asked.en, asked.zh) == (english, chinese)
