"""Liver entries that can't be right are refused where they are read, with their place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from liver_oracle import case_of, possible, values_of

from tumorboard.errors import InvalidInput
from tumorboard.logic.values import Number


def lab(name: str, value: str, unit: str) -> dict[str, Any]:
    return {"labs": [{"name": name, "value": Decimal(value), "unit": unit}]}


def image(**more: Any) -> dict[str, Any]:
    """A second image, after one that is right."""
    second = {name: Decimal(value) if isinstance(value, str) else value for name, value in more.items()}
    return {"imaging": [{"tumours": 1, "largest_cm": 2}, second]}


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no bilirubin at all": (lab("bilirubin", "0", "mg/dL"), "labs[0].value", "implausible"),
    "negative bilirubin": (lab("bilirubin", "-1", "umol/L"), "labs[0].value", "below 0"),
    "albumin 38 g/dL": (lab("albumin", "38", "g/dL"), "labs[0].value", "10 to 70 g/L; is the unit right?"),
    "albumin 3.8 g/L": (lab("albumin", "3.8", "g/L"), "labs[0].value", "10 to 70 g/L; is the unit right?"),
    "bilirubin in g/L": (lab("bilirubin", "10", "g/L"), "labs[0].unit", "use umol/L | mg/dL"),
    "a diameter without a tumour": (image(tumours=0, largest_cm="2"), "imaging[1].largest_cm", "without a tumour"),
    "a listed size without a tumour": (image(tumours=0, sizes_cm=[2]), "imaging[1].sizes_cm", "1 sizes of 0 tumours"),
    "a tumour of 0 cm": (image(tumours=1, largest_cm="0"), "imaging[1].largest_cm", "0 cm"),
    "a listed size of 0 cm": (image(tumours=2, sizes_cm=[2, 0]), "imaging[1].sizes_cm[1]", "0 cm"),
    "a listed size above the largest": (
        image(tumours=2, largest_cm="2", sizes_cm=[1, 3]), "imaging[1].largest_cm", "smaller than a listed size, 3"
    ),
    "more sizes than tumours": (image(tumours=2, sizes_cm=[1, 1, 1]), "imaging[1].sizes_cm", "3 sizes of 2 tumours"),
}  # fmt: skip


@pytest.mark.parametrize("slip", WRONG)
def test_a_slip_is_named_by_its_place(slip: str) -> None:
    data, place, words = WRONG[slip]
    with pytest.raises(InvalidInput) as caught:
        case_of(data)
    (problem,) = caught.value.problems
    assert problem.place == place
    assert words in str(problem)


def test_no_tumour_may_be_written_with_a_size_of_nothing() -> None:
    assert [possible(value) for value in values_of({"imaging": [{"tumours": 0, "largest_cm": 0}]}, "up_to_seven")] == [
        {"not applicable"}
    ]


def test_the_largest_size_is_taken_from_the_list_where_all_are_listed() -> None:
    sizes = [Decimal("2.0"), Decimal("4.2")]
    assert values_of({"imaging": [{"tumours": 2, "sizes_cm": sizes}]}, "largest_tumour") == [Number(sizes[1], sizes[1])]
    assert values_of({"imaging": [{"tumours": 3, "sizes_cm": sizes}]}, "largest_tumour") == [Number(sizes[1], None)]
    assert values_of({"imaging": [{"sizes_cm": sizes}]}, "tumour_count") == [Number(2, None)]
