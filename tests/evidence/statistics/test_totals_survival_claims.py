"""Numbers that must add up or stand in order, and claims their own P does not carry."""

from __future__ import annotations

import pytest

from tumorboard.evidence.statistics import (
    NotReadable,
    claim_against_p,
    medians_against_ratio,
    part_of_whole,
    response_order,
    sum_of_arms,
    survival_order,
)


@pytest.mark.parametrize(
    ("total", "arms", "verdict"),
    [(79, [38, 41], "reproduces"), ("171", ["45", "53", "73"], "reproduces"), (80, [38, 41], "not reproduced"),
     (78, [38, 41], "impossible")],
)  # fmt: skip
def test_arms_add_up_to_the_total(total: int | str, arms: list[int | str], verdict: str) -> None:
    assert sum_of_arms(total, arms).verdict == verdict


def test_one_responder_of_eight_cannot_hold_seven_of_seven() -> None:
    check = part_of_whole("7/7", "1/8")

    assert check.verdict == "impossible"
    assert part_of_whole("7/7", "7/8").verdict == "reproduces"
    assert part_of_whole("1/7", "1/8").verdict == "reproduces"
    assert part_of_whole("0/7", "4/8").verdict == "impossible"


def test_responses_add_up_and_stay_within_disease_control() -> None:
    check = response_order(orr="45.9%", dcr="88.7%", cr="5.0%", pr="40.9%", sd="42.8%")

    assert check.verdict == "reproduces"
    assert check.by[:3] == ("ORR = CR + PR", "DCR = ORR + SD", "DCR = CR + PR + SD")


@pytest.mark.parametrize(
    "rates",
    [{"orr": "50%", "dcr": "40%"}, {"orr": "30%", "cr": "5%", "pr": "20%"}, {"orr": "30%", "pr": "35%"}],
)
def test_responses_that_contradict_each_other_are_impossible(rates: dict[str, str]) -> None:
    assert response_order(**rates).verdict == "impossible"  # type: ignore[arg-type]


def test_rounding_of_each_part_is_allowed_for_but_not_of_counts() -> None:
    assert response_order(orr="45.9%", cr="5.0%", pr="40.8%").verdict == "reproduces"
    assert response_order(orr="120", cr="20", pr="99", counts=True).verdict == "impossible"
    assert response_order(orr="120", cr="20", pr="100", counts=True).verdict == "reproduces"


def test_one_rate_alone_is_not_checkable() -> None:
    assert response_order(orr="50%").verdict == "not checkable"


def test_progression_free_survival_does_not_outlast_survival() -> None:
    assert survival_order("9.6", "23.1").verdict == "reproduces"
    assert survival_order("12", "11.6").verdict == "reproduces"
    assert survival_order("12.0", "11.6").verdict == "impossible"


def test_medians_and_ratio_point_the_same_way_softly() -> None:
    same, against = medians_against_ratio("13.4", "19.5", "1.44"), medians_against_ratio("13.4", "19.5", "0.70")

    assert (same.verdict, same.tier) == ("reproduces", "soft")
    assert (against.verdict, against.tier) == ("not reproduced", "soft")
    assert same.recomputed[0].value == pytest.approx(1.455, abs=1e-3)


@pytest.mark.parametrize(
    ("claim", "p", "verdict"),
    [
        ("worse", "0.259", "not reproduced"),
        ("higher", "0.34", "not reproduced"),
        ("higher", "＜0.05", "reproduces"),
        ("no_difference", "0.795", "reproduces"),
        ("no_difference", "0.01", "not reproduced"),
        ("longer", "0.049", "reproduces"),
        ("longer", "0.051", "not reproduced"),
        ("longer", "0.05", "not checkable"),
        ("longer", ">0.05", "not reproduced"),
        ("longer", "<0.1", "not checkable"),
    ],
)
def test_a_claim_and_the_p_it_rests_on(claim: str, p: str, verdict: str) -> None:
    assert claim_against_p(claim, p).verdict == verdict


def test_a_word_that_claims_nothing_is_refused() -> None:
    with pytest.raises(NotReadable, match="'recommends' claims nothing known; one of adverse, better"):
        claim_against_p("recommends", "0.03")


def test_medians_are_not_negative() -> None:
    with pytest.raises(NotReadable, match="PFS: '-1' is negative; a time is at least 0"):
        survival_order("-1", "2")
