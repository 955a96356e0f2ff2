"""Who is in which situation of source 004: the strata of stage B, unsuitable for TACE, refractory, huge tumours."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from board import Board
from liver_cases import B1, B2, B3, B4, TWICE_INSUFFICIENT, CaseData, hcc

from tumorboard.advice.examples import check_guidelines
from tumorboard.guidelines.knowledge import Knowledge

Boards = Callable[..., Board]
STRATA = {"hcc-b1", "hcc-b2", "hcc-b3", "hcc-b4"}
HUGE = {"hcc-huge-7cm", "hcc-huge-he-2017", "hcc-huge-tsai-2020"}


def test_the_examples_of_the_guideline_hold(knowledge: Knowledge) -> None:
    assert list(check_guidelines(knowledge, datetime.date(2026, 3, 1), "intermediate-hcc-2021")) == []


@pytest.mark.parametrize(("case", "stratum"), [(B1, "hcc-b1"), (B2, "hcc-b2"), (B3, "hcc-b3"), (B4, "hcc-b4")])
def test_each_patient_of_stage_b_is_in_one_stratum_and_tace_is_the_standard(
    board: Boards, case: CaseData, stratum: str
) -> None:
    found = board(case)
    assert found.met & STRATA == {stratum}
    assert found.option("hcc-intermediate", "TACE")["status"] == "applies"


def test_lenvatinib_first_is_for_child_pugh_a_beyond_up_to_seven_only(board: Boards) -> None:
    assert board(B2).option("hcc-b2", "lenvatinib")["status"] == "applies"
    for case in (B1, B3, B4):
        assert ["lenvatinib"] not in [option["regimen"] for option in board(case).record["options"]]


@pytest.mark.parametrize("case", [B3, B4])
def test_systemic_therapy_alone_in_b3_and_b4_is_said_to_be_outside_this_paper(board: Boards, case: CaseData) -> None:
    assert "systemic therapy alone in B3 and B4" in board(case).not_covered
    refractory = board({**case, "procedures": TWICE_INSUFFICIENT})
    assert refractory.option("hcc-tace-refractory", "lenvatinib")["status"] == "excluded"


def test_lenvatinib_first_says_where_it_would_not_be_the_first(board: Boards) -> None:
    before = {"procedures": [{"kind": "TACE", "date": "2025-06-01", "viable_percent": 10, "new_lesions": False}]}
    assert board(B2).option("hcc-b2", "lenvatinib")["conditions"][0].endswith("(met)")
    assert board({**B2, **before}).option("hcc-b2", "lenvatinib")["conditions"][0].endswith("(not met)")


def test_unsuitable_for_tace_names_its_reason_and_warns_beside_tace(board: Boards) -> None:
    infiltrative = board(hcc(4, "2.0", image={"pattern": ["infiltrative"]}))
    assert {"hcc-tace-unsuitable", "hcc-tace-unsuitable-response"} <= infiltrative.met
    assert "hcc-tace-unsuitable-failure" not in infiltrative.met
    assert "growth pattern" in infiltrative.cautions("hcc-intermediate", "TACE")
    beyond = board(B2)
    assert {"hcc-tace-unsuitable", "hcc-tace-unsuitable-failure"} <= beyond.met
    assert beyond.option("hcc-tace-unsuitable", "lenvatinib", "TACE")["status"] == "applies"
    assert not board(B1).met & {"hcc-tace-unsuitable"}


def test_the_unsuitable_statement_covers_every_stage_b_and_no_other_stage(board: Boards) -> None:
    for case in (B2, B3, B4):
        assert "hcc-tace-unsuitable" in board(case).met
    stage_a = board(hcc(1, "6.1"))
    assert stage_a.value("tace_unsuitable") is True
    assert "hcc-tace-unsuitable" not in stage_a.met


def test_refractory_to_tace_gives_lenvatinib_and_after_lenvatinib_alternating(board: Boards) -> None:
    refractory = board({**B1, "procedures": TWICE_INSUFFICIENT})
    assert refractory.option("hcc-tace-refractory", "lenvatinib")["status"] == "applies"
    given = [{"line": 1, "agents": ["lenvatinib"], "start": "2025-09-01", "best_response": "PR"}]
    after = board({**B1, "treatments": given})
    assert after.option("hcc-after-lenvatinib", "HAIC | TACE", "lenvatinib")["level"] == "IV"


@pytest.mark.parametrize(
    ("tumours", "largest", "situations"),
    [
        (1, "6.9", set()),
        (1, "7.0", {"hcc-huge-7cm"}),
        (1, "7.9", {"hcc-huge-7cm"}),
        (1, "8.0", {"hcc-huge-7cm", "hcc-huge-tsai-2020"}),
        (1, "10.0", {"hcc-huge-7cm", "hcc-huge-tsai-2020"}),
        (1, "10.1", HUGE),
        (3, "10.1", HUGE),
    ],
)
def test_infusion_is_for_the_size_each_study_enrolled_also_in_stage_a(
    board: Boards, tumours: int, largest: str, situations: set[str]
) -> None:
    assert board(hcc(tumours, largest)).met & HUGE == situations


@pytest.mark.parametrize("image", [{"vascular_invasion": "lobar"}, {"extrahepatic_spread": True}])
def test_no_infusion_study_enrolled_invasion_or_spread(board: Boards, image: dict[str, Any]) -> None:
    found = board(hcc(1, "10.1", image=image))
    assert not found.met & HUGE
    assert "stage C by BCLC" in found.not_covered


def test_whether_the_tumour_can_be_resected_is_asked_and_rules_infusion_out(board: Boards) -> None:
    regimen = ("fluorouracil", "HAIC", "leucovorin", "oxaliplatin")
    assert board(hcc(1, "7.0")).option("hcc-huge-7cm", *regimen)["status"] == "applies"
    can = board(hcc(1, "7.0", eligibility={"resection": True}))
    assert can.option("hcc-huge-7cm", *regimen)["status"] == "excluded"
    open_ = board(hcc(1, "7.0", eligibility={}))
    assert open_.option("hcc-huge-7cm", *regimen)["status"] == "possible"
    assert "eligibility: resection" in open_.asked


def test_early_and_end_stage_are_not_covered_and_lung_cancer_is_outside(board: Boards) -> None:
    assert "early stage" in board(hcc(1, "3.0")).not_covered
    assert "stage D" in board(hcc(4, "3.0", ecog=3)).not_covered
    assert "hepatocellular carcinoma" in board({"conditions": [{"disease": "NSCLC"}]}).not_covered


def test_a_missing_item_of_liver_function_leaves_the_stratum_open_and_is_asked(board: Boards) -> None:
    case = {**B2, "labs": B2["labs"][:1]}
    found = board(case)
    assert found.verdict("hcc-b2") == "unknown"
    assert {"labs: albumin", "labs: INR"} <= set(found.asked)
