"""What the reader drafts from a passage: each case is a passage and the results it prints, in our own words."""

from __future__ import annotations

import hashlib
import time
from functools import cache
from typing import Any

import pytest

from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.reading.document import Document
from tumorboard.reading.draft import draft_record
from tumorboard.reading.read import Reading, ReadingKnowledge, read
from tumorboard.vocabulary.library import Vocabulary


@cache
def _knowledge() -> ReadingKnowledge:
    folder = KnowledgeFolder(SHIPPED)
    return ReadingKnowledge.load(folder, Vocabulary.load(folder))


def _read(text: str) -> Reading:
    return read(Document("passage", hashlib.sha256(text.encode()).hexdigest(), "text", text), _knowledge())


def _told(text: str) -> list[str]:
    """Each draft in one line: endpoint value unit | arm | comparator value | HR [interval] P."""
    return [_line(draft_record(draft)) for draft in _read(text).drafts]


def _line(draft: dict[str, Any]) -> str:
    value = draft["value"] if draft["value_qualifier"] != "not_reached" else "not reached"
    head = f"{draft['endpoint']} {value} {draft['unit']}" if value is not None else str(draft["endpoint"])
    parts = [head, str(draft["intervention"])]
    if draft["comparator"] or draft["comparator_value"] is not None:
        parts.append(f"{draft['comparator']} {draft['comparator_value']}")
    if draft["effect"]:
        parts.append(f"{draft['effect']['measure']} {draft['effect']['value']}")
    if draft["ci"]:
        parts.append(f"[{draft['ci']['low']}, {draft['ci']['high']}]")
    if draft["p"]:
        parts.append(f"P{draft['p']['op']}{draft['p']['value']}")
    return " | ".join(parts)


RESULTS = [
    pytest.param(
        "Median PFS was 4.4 months (95% CI, 4.2 to 5.6) with datopotamab deruxtecan and 3.7 months (95% CI, 2.9 to 4.2)"
        " with docetaxel (HR, 0.75 [95% CI, 0.62 to 0.91]; P = .004).",
        ["PFS 4.4 months | datopotamab deruxtecan | docetaxel 3.7 | HR 0.75 | [0.62, 0.91] | P=0.004"],
        id="each value before its arm, effect behind both",
    ),
    pytest.param(
        "Compared with docetaxel, sotorasib prolonged progression-free survival (median 5·6 months [95% CI 4·3–7·8] vs"
        " 4·5 months [3·0–5·7]; hazard ratio 0·66 [0·51–0·86]; p=0·0017).",
        ["PFS 5.6 months | sotorasib | docetaxel 4.5 | HR 0.66 | [0.51, 0.86] | P=0.0017"],
        id="the arm compared with is named first; raised points",
    ),
    pytest.param(
        "Patients were randomly assigned to atezolizumab plus bevacizumab or sorafenib. The hazard ratio for death"
        " with atezolizumab plus bevacizumab as compared with sorafenib was 0.58 (95% CI, 0.42 to 0.79; P<0.001).",
        ["OS | atezolizumab + bevacizumab | sorafenib None | HR 0.58 | [0.42, 0.79] | P<0.001"],
        id="a hazard ratio says itself what it is for",
    ),
    pytest.param(
        "Median time to progression increased from 3.4 months with TACE alone to 6.3 months with TACE plus apatinib"
        " (P = 0.002).",
        ["TTP 6.3 months | TACE + apatinib | TACE 3.4 | P=0.002"],
        id="from one to the other: the later value is the arm's",
    ),
    pytest.param(
        "With a median follow-up of 18.9 months, the 2-year PFS and OS rates were 41.3% and 68.2%, respectively.",
        ["PFS_rate_24mo 41.3 % | None", "OS_rate_24mo 68.2 % | None"],
        id="one time for two endpoints; follow-up is no result",
    ),
    pytest.param(
        "阿得贝利单抗联合化疗组与安慰剂联合化疗组的中位OS为15.3个月比12.8个月"
        "（HR 0.72，95%CI 0.58～0.90；单侧P=0.0017），"
        "2年OS率为31.3% vs 17.2%。",
        [
            "OS 15.3 months | adebrelimab + chemotherapy | placebo + chemotherapy 12.8"
            " | HR 0.72 | [0.58, 0.9] | P=0.0017",
            "OS_rate_24mo 31.3 % | adebrelimab + chemotherapy | placebo + chemotherapy 17.2",
        ],
        id="two arms, then pairs; arms carried to the next endpoint",
    ),
    pytest.param(
        "43例接受安罗替尼联合化疗（观察组），43例接受单纯化疗（对照组）。观察组ORR和DCR为34.9%和88.4%，对照组为18.6%和69.8%。",
        [
            "ORR 34.9 % | anlotinib + chemotherapy | chemotherapy 18.6",
            "DCR 88.4 % | anlotinib + chemotherapy | chemotherapy 69.8",
        ],
        id="lists of endpoints crossed with labelled arms",
    ),
    pytest.param(
        "仑伐替尼组（n=45）、索拉非尼组（n=53）和TACE组（n=73）的中位PFS分别为5.8、3.2和2.4个月（P<0.001）。",
        [
            "PFS 5.8 months | lenvatinib | TACE 2.4 | P<0.001",
            "PFS 3.2 months | sorafenib | TACE 2.4 | P<0.001",
        ],
        id="three arms, one unit: each against the last",
    ),
    pytest.param(
        "HAIC组1、2年生存率分别为83%和66%，TACE组分别为71%和28%。",
        ["OS_rate_12mo 83 % | HAIC | TACE 71", "OS_rate_24mo 66 % | HAIC | TACE 28"],
        id="rates at two times",
    ),
    pytest.param(
        "≥3级中性粒细胞减少发生率为68.2%，发热性中性粒细胞减少发生率为9.1%。",
        ["grade_3_or_higher_neutropenia 68.2 % | None", "febrile_neutropenia 9.1 % | None"],
        id="a grade stays with its event",
    ),
    pytest.param(
        "Discontinuation due to treatment-related adverse events occurred in 10% with amivantamab–lazertinib and"
        " 3% with osimertinib.",
        ["discontinued_for_treatment_related_adverse_events 10 % | amivantamab + lazertinib | osimertinib 3"],
        id="what adverse events led to",
    ),
    pytest.param(
        "MET扩增占5%～20%，T790M突变约占50%。",
        ["MET_amplification_frequency [5, 20] % | None", "EGFR_T790M_frequency 50 % | None"],
        id="how often changes of genes are found",
    ),
    pytest.param(
        "单因素分析显示门静脉癌栓（HR=2.13，P<0.001）和高NLR（HR=1.89，P=0.002）与OS相关。",
        ["OS | portal vein tumour thrombus | HR 2.13 | P<0.001", "OS | high NLR | HR 1.89 | P=0.002"],
        id="effects before their endpoint",
    ),
]


@pytest.mark.parametrize(("passage", "expected"), RESULTS)
def test_a_passage_gives_the_results_it_prints(passage: str, expected: list[str]) -> None:
    assert _told(passage) == expected


NO_RESULTS = [
    pytest.param("The trial was designed to detect a hazard ratio of 0.65 for PFS with 80% power.", id="hypothesis"),
    pytest.param("若ORR低于50%则认为联合方案无进一步研究价值，把握度80%。", id="threshold of a design"),
    pytest.param("难治性指对标准治疗反应低（ORR<30%）。", id="threshold in a definition"),
    pytest.param("中位随访时间为25.6个月，中位年龄58岁。", id="follow-up and age"),
    pytest.param("主要终点为OS，次要终点为PFS、ORR、DCR及安全性。", id="endpoints merely named"),
    pytest.param("Consensus was reached when at least 80% of the voting members agreed.", id="rule of a vote"),
]


@pytest.mark.parametrize("passage", NO_RESULTS)
def test_a_plan_a_threshold_or_a_baseline_is_no_result(passage: str) -> None:
    assert _told(passage) == []


def test_an_arm_the_study_did_not_name_stays_unknown() -> None:
    (draft,) = _read("观察组有效率为63.3%，对照组为36.7%。").drafts
    assert (draft.intervention, draft.comparator, draft.endpoint) == (None, None, "ORR")


def test_a_difference_is_told_from_a_level() -> None:
    difference, level = _read("联合组中位颅内PFS较单药组延长5.2个月（21.6个月对16.4个月，P=0.018）。").drafts
    assert (difference.statistic, str(difference.value)) == ("difference", "5.2")
    assert (level.statistic, str(level.value), str(level.comparator_value)) == (None, "21.6", "16.4")


def test_what_is_left_out_is_counted_by_its_reason() -> None:
    assert _read("中位随访时间为25.6个月。").left_out == {"a quantity that is no endpoint": 1}


def test_a_study_is_told_of_until_the_next_is_named() -> None:
    text = "REFLECT研究中仑伐替尼组ORR为24.1%。CARES-310研究中卡瑞利珠单抗联合阿帕替尼组ORR为25.4%。"
    assert [(draft.study, draft.intervention) for draft in _read(text).drafts] == [
        ("REFLECT", "lenvatinib"),
        ("CARES-310", "camrelizumab + apatinib"),
    ]


def test_every_quote_is_the_slice_of_the_source_it_names() -> None:
    for case in RESULTS:
        text = str(case.values[0])
        for draft in _read(text).drafts:
            assert text[draft.start : draft.end] == draft.quote


def test_therapy_given_before_is_no_arm() -> None:
    (draft,) = _read("奥希替尼治疗失败后的患者接受赛沃替尼治疗，ORR为49%。").drafts
    assert draft.intervention == "savolitinib"


@pytest.mark.parametrize("piece", ["1.", "(", "95% CI ", "A联合", "3级", "and ", "，", "PD-1", "[I, A", "HR for a "])
def test_a_hostile_repeat_is_read_in_linear_time(piece: str) -> None:
    def seconds(times: int) -> float:
        began = time.process_time()
        _read(piece * times + "。")
        return time.process_time() - began

    seconds(10)
    assert seconds(4000) < 20 * max(seconds(400), 0.02)
