"""Sums in sequence → response of each time point (shared definitions, section 4)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from response_samples import MRECIST, course, entry, of_sums, overall, targets

PRINTED = [
    ([100, 70, 70], ["PR", "PR"]),
    ([100, 50, 59, 60], ["PR", "PR", "PD"]),
    ([100, 20, 24, 24.9, 25], ["PR", "PR", "PR", "PD"]),
    ([20, 23, 24, 25], ["SD", "SD", "PD"]),
    (["14.0", "9.8"], ["PR"]),
    (["27.0", "27.0", "32.4"], ["SD", "PD"]),
    ([90, 50, "NE", 60], ["PR", "NE", "PD"]),
]


@pytest.mark.parametrize(("sums", "responses"), PRINTED)
@pytest.mark.parametrize("keep", ["on", "off"])
def test_printed_sequences(sums: list[object], responses: list[str], keep: str) -> None:
    found = of_sums(*sums, keep_response=keep)
    assert overall(found) == responses
    assert targets(found) == responses


def test_progression_needs_both_the_share_and_the_millimetres() -> None:
    assert overall(of_sums(20, 24.9)) == ["SD"]  # +24.5 % but +4.9 mm
    assert overall(of_sums(20, 25)) == ["PD"]
    assert overall(of_sums(100, 119.9)) == ["SD"]  # +19.9 mm but 19.9 %
    assert overall(of_sums(100, 120)) == ["PD"]


def test_progression_is_counted_from_the_smallest_sum_not_from_the_baseline() -> None:
    found = of_sums(100, 60, 80)
    assert overall(found) == ["PR", "PD"]
    last = found.assessments[-1]
    assert (last.from_baseline, last.from_nadir, last.nadir) == (Fraction(-20), Fraction(100, 3), 600)


def test_after_a_partial_response_a_time_point_stays_so_until_progression_by_option() -> None:
    assert overall(of_sums(100, 62, 71)) == ["PR", "PR"]
    assert overall(of_sums(100, 62, 71, keep_response="off")) == ["PR", "SD"]
    assert overall(of_sums(100, 62, "NE", 71)) == ["PR", "NE", "PR"]
    assert overall(of_sums(100, 60, 80, 71)) == ["PR", "PD", "SD"]  # progression ends it
    assert "stands until progression" in found_because(of_sums(100, 62, 71))


def test_any_lesion_after_all_had_gone_is_progression() -> None:
    assert targets(of_sums(30, 0, 5)) == ["CR", "PD"]
    assert targets(of_sums(30, 0, 0)) == ["CR", "CR"]


def test_a_sum_that_stays_zero_is_no_progression_under_mrecist_without_the_5_mm_rule() -> None:
    # 20 % of nothing is nothing: an increase of zero must not reach it.
    assert targets(of_sums(30, 0, 0, criteria=MRECIST)) == ["CR", "CR"]


def test_mrecist_needs_the_absolute_increase_only_by_option() -> None:
    assert overall(of_sums(20, 24, criteria=MRECIST)) == ["PD"]
    assert overall(of_sums(20, 24, criteria=MRECIST, mrecist_absolute_increase="on")) == ["SD"]
    assert overall(of_sums(20, 24, mrecist_absolute_increase="off")) == ["SD"]  # RECIST 1.1 always needs it


@pytest.mark.parametrize(
    ("total", "nontarget", "new", "response"),
    [
        (0, "CR", False, "CR"),
        (0, "non-CR/non-PD", False, "PR"),
        (0, "NE", False, "PR"),
        (70, "CR", False, "PR"),
        (70, "NE", False, "PR"),
        (100, "non-CR/non-PD", False, "SD"),
        (100, "CR", False, "SD"),
        (70, "PD", False, "PD"),
        (0, "CR", True, "PD"),
        (120, "CR", False, "PD"),
        (None, "CR", False, "NE"),
        (None, "PD", False, "PD"),
        (None, "NE", True, "PD"),
    ],
)
def test_overall_response_from_targets_non_targets_and_new_lesions(
    total: int | None, nontarget: str, new: bool, response: str
) -> None:
    found = course([entry(0, 100), entry(42, total, nontarget=nontarget, new_lesions=new)])
    assert overall(found) == [response]


@pytest.mark.parametrize(
    ("nontarget", "response"), [("CR", "CR"), ("non-CR/non-PD", "non-CR/non-PD"), ("PD", "PD"), ("NE", "NE")]
)
def test_without_target_lesions_the_non_targets_decide(nontarget: str, response: str) -> None:
    found = course([entry(0, 0), entry(42, 0, nontarget=nontarget)])
    assert overall(found) == [response]
    assert found.assessments[0].target is None


def test_every_time_point_says_its_values_and_the_thresholds() -> None:
    found = of_sums(50, 50, 60)
    told = found.assessments[-1].because
    growth = told[0]
    assert growth.en == ("sum 60 mm, +20.0 % (+10 mm) from the smallest sum 50 mm; progression from +20 % and +5 mm")
    assert growth.zh == "总和60 mm，较最小总和50 mm变化+20.0 %（+10 mm）；进展界值≥20 %且≥5 mm"


def test_a_change_just_short_of_a_threshold_never_reads_as_reaching_it() -> None:
    found = of_sums(1000, 300.1, 360.1)  # +19.993 %
    assert overall(found)[-1] == "PR"
    assert "+19.9 %" in found.assessments[-1].because[0].en


def found_because(found: object) -> str:
    assert hasattr(found, "assessments")
    return " ".join(text.en for text in found.assessments[-1].because)


def test_disease_seen_again_after_a_complete_response_is_remarked_on() -> None:
    found = course([entry(0, 30), entry(42, 0, nontarget="CR"), entry(84, 0)])
    assert overall(found) == ["CR", "PR"]
    assert "after CR" in found_because(found)
