"""Single lesions: which may be targets, what they sum to, nodes, non-targets and new lesions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from response_samples import Entry, course, entry, overall, targets

from tumorboard.errors import InvalidInput
from tumorboard.response.model import Nontarget

LUNG = {"id": "T1", "site": "lung", "mm": 30, "target": True}
NODE = {"id": "N1", "site": "mediastinum", "mm": 20, "node": True, "target": True}
FLUID = {"id": "X1", "site": "pleura", "status": "present", "target": False}


def at(days: int, *lesions: Entry, **more: Any) -> Entry:
    return entry(days, **{"nontarget": None, "lesions": list(lesions), **more})


def refused(*entries: Entry) -> str:
    with pytest.raises(InvalidInput) as error:
        course(entries)
    return str(error.value)


@pytest.mark.parametrize(
    ("lesion", "slice_mm", "message"),
    [
        ({**LUNG, "mm": Decimal("9.9")}, None, "response[0].lesions[0].mm: a target of 9.9 mm"),
        ({**LUNG, "mm": 15}, 8, "at least 16 mm, twice the slice"),
        (
            {**NODE, "mm": Decimal("14.9")},
            None,
            "a target node measures at least 15 mm; from 10 mm on it is a non-target",
        ),
        ({**NODE, "mm": Decimal("9.9"), "target": False}, None, "below 10 mm a node is normal and no lesion"),
        ({**LUNG, "target": None}, None, "response[0].lesions[0].target: is missing"),
        ({**LUNG, "site": None}, None, "response[0].lesions[0].site: is missing"),
        ({**LUNG, "mm": None, "status": "too small"}, None, "a target is measured at baseline"),
    ],
)
def test_a_baseline_lesion_that_can_not_be_chosen_so_is_refused(
    lesion: Entry, slice_mm: int | None, message: str
) -> None:
    assert message in refused(at(0, lesion, slice_mm=slice_mm))


@pytest.mark.parametrize(
    ("lesion", "slice_mm"),
    [({**LUNG, "mm": 10}, None), ({**LUNG, "mm": 10}, 5), ({**LUNG, "mm": 16}, 8), ({**NODE, "mm": 15}, 8),
     ({**NODE, "mm": 10, "target": False}, None)],
)  # fmt: skip
def test_a_baseline_lesion_on_the_limit_is_taken(lesion: Entry, slice_mm: int | None) -> None:
    found = course([at(0, lesion, slice_mm=slice_mm)])
    assert found.baseline_sum == (lesion["mm"] * 10 if lesion["target"] else 0)


def test_at_most_five_targets_and_two_in_an_organ() -> None:
    many = [{**LUNG, "id": f"T{i}", "site": f"organ {i}"} for i in range(6)]
    assert "response[0].lesions: 6 targets; at most 5" in refused(at(0, *many))
    three = [{**LUNG, "id": f"T{i}"} for i in range(3)]
    assert "lesions[2].target: more than 2 targets in one organ (lung)" in refused(at(0, *three))
    nodes = [{**NODE, "id": f"N{i}", "site": f"station {i}"} for i in range(3)]
    assert "(lymph nodes)" in refused(at(0, *nodes))  # nodes of all regions are one organ


def test_too_small_counts_five_millimetres_and_absent_nothing() -> None:
    second = {"id": "T2", "site": "liver", "mm": 20, "target": True}
    found = course([
        at(0, LUNG, second),
        at(42, {"id": "T1", "status": "too small"}, {"id": "T2", "status": "absent"}),
        at(84, {"id": "T1", "mm": 3}, {"id": "T2", "mm": 0}),
    ])  # fmt: skip
    assert [assessment.sum for assessment in found.assessments] == [50, 30]  # a real measurement below 5 mm is kept
    assert found.baseline_sum == 500


@pytest.mark.parametrize(("mm", "response"), [("9.9", "CR"), ("10", "PR"), ("10.1", "PR")])
def test_nodes_are_complete_below_ten_millimetres(mm: str, response: str) -> None:
    found = course([at(0, LUNG, NODE), at(42, {"id": "T1", "status": "absent"}, {"id": "N1", "mm": Decimal(mm)})])
    assert overall(found) == [response]


@given(st.integers(50, 140))
def test_a_normal_node_that_grows_within_the_normal_is_no_progression(tenths: int) -> None:
    node = {"id": "N1", "mm": Decimal(tenths) / 10}
    found = course([at(0, NODE), at(42, {"id": "N1", "mm": 4}), at(84, node)])
    grown = tenths * 5 >= 40 * 6 and tenths - 40 >= 50
    assert targets(found)[1] == ("CR" if tenths < 100 else "PD" if grown else "PR")


def test_a_target_not_evaluated_makes_the_time_point_not_evaluable_and_is_named() -> None:
    second = {"id": "T2", "site": "liver", "mm": 20, "target": True}
    found = course([at(0, LUNG, second), at(42, {"id": "T1", "mm": 30}), at(84, {"id": "T1", "mm": 60})])
    assert overall(found) == ["NE", "PD"]  # 60 mm of one lesion alone is 20 % above the sum of both
    assert found.assessments[0].missing == ("response[1].lesions: T2",)
    assert found.assessments[0].nadir == 500


def test_non_target_lesions_decide_their_part() -> None:
    def state(*later: Entry) -> Nontarget:
        return (
            course([at(0, LUNG, FLUID, {**NODE, "mm": 12, "target": False}), at(42, *later)])
            .assessments[0]
            .nontarget.value
        )

    target = {"id": "T1", "mm": 30}
    gone, normal = {"id": "X1", "status": "absent"}, {"id": "N1", "mm": Decimal("9.9")}
    assert state(target, gone, normal) is Nontarget.CR
    assert state(target, gone, {"id": "N1", "mm": 10}) is Nontarget.NON_CR_NON_PD
    assert state(target, gone) is Nontarget.NE
    assert state(target, {"id": "X1", "status": "progressed"}) is Nontarget.PD


def test_a_complete_list_without_non_targets_leaves_nothing_open() -> None:
    found = course([at(0, LUNG), at(42, {"id": "T1", "status": "absent"})])
    assert overall(found) == ["CR"]
    assert found.best.value == "CR"


def test_a_new_lesion_is_progression() -> None:
    found = course(
        [at(0, LUNG), at(42, {"id": "T1", "mm": 10}, {"id": "B1", "site": "bone", "status": "new"}, new_lesions=None)]
    )
    assert overall(found) == ["PD"]


@pytest.mark.parametrize(
    ("later", "message"),
    [
        (at(42, {"id": "T9", "mm": 30}), "T9 is not a lesion of the baseline; mark it `status: new`"),
        (at(42, {**LUNG, "target": False}), "response[1].lesions[0]: T1 is of another kind than at the baseline"),
        (at(42, {"id": "T1", "status": "new"}), "T1 is a lesion of the baseline"),
        (at(42, {"id": "B1", "status": "new"}), "response[1].new_lesions: false, but B1 is new"),
        (at(42, {"id": "T1", "status": "present"}), "measure a target"),
        (at(42, {"id": "T1", "mm": 30}, target_sum_mm=31), "31 mm, but the targets sum to 30 mm"),
        (at(42, {"id": "T1", "status": "merged"}), "Lesions that split or merge are not worked out here"),
    ],
)
def test_what_contradicts_the_baseline_is_refused(later: Entry, message: str) -> None:
    assert message in refused(at(0, LUNG), later)


def test_the_entry_and_its_lesions_may_not_disagree_on_non_targets() -> None:
    message = refused(
        at(0, LUNG, FLUID), at(42, {"id": "T1", "mm": 30}, {"id": "X1", "status": "absent"}, nontarget="PD")
    )
    assert "response[1].nontarget: PD, but the lesions say CR" in message


def test_lesions_need_a_baseline_that_lists_them() -> None:
    assert "list the lesions at the baseline too" in refused(entry(0, 30), at(42, {"id": "T1", "mm": 30}))


def test_a_lesion_where_the_baseline_had_no_target_is_a_new_one() -> None:
    assert "a lesion first seen later is a new lesion" in refused(entry(0, 0), entry(42, 12))
