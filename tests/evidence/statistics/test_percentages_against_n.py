"""GRIM: which whole numbers of patients a percentage can come of."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tumorboard.evidence.statistics import NotReadable, denominator_change, fitting_counts, grim, smallest_n
from tumorboard.evidence.statistics.printed import read_percentage


@given(n=st.integers(1, 400), places=st.integers(0, 2), tenths=st.integers(0, 10000))
def test_exactly_the_counts_that_print_so_fit(n: int, places: int, tenths: int) -> None:
    unit = Decimal(1).scaleb(-places)
    text = format((Decimal(tenths) / 100).quantize(unit), "f")
    with localcontext() as context:
        context.prec = 60
        brute = [
            k
            for k in range(n + 1)
            if Decimal(text) in {(Decimal(100 * k) / n).quantize(unit, way) for way in (ROUND_HALF_UP, ROUND_HALF_EVEN)}
        ]

    assert list(fitting_counts(read_percentage(text), n)) == brute


def test_the_only_fitting_count_is_named() -> None:
    check = grim("52.6%", 38)

    assert (check.verdict, check.by) == ("reproduces", ("20/38",))
    assert check.record()["recomputed"] == [{"test": "20/38", "value": pytest.approx(52.6316, abs=1e-4), "range": None}]


@pytest.mark.parametrize(("percentage", "n", "smaller"), [("83.8%", 38, "31/37"), ("52.5%", 41, "21/40")])
def test_no_count_of_all_patients_gives_the_disease_control_of_he_2017(percentage: str, n: int, smaller: str) -> None:
    check = grim(percentage, n)

    assert (check.verdict, check.by) == ("impossible", ())
    assert check.note is not None and smaller in check.note.en and smaller in check.note.zh


def test_a_percentage_that_was_cut_off_is_told_apart() -> None:
    check = grim("80.7%", 26)

    assert check.verdict == "not reproduced"
    assert check.note is not None and check.note.en == "Fits 21/26 if cut off, not if rounded."


def test_a_coarse_percentage_of_many_patients_says_that_it_says_nothing() -> None:
    check = grim("37%", 250)

    assert check.verdict == "reproduces"
    assert check.note is not None and "any percentage" in check.note.en


def test_full_width_digits_are_read() -> None:
    assert grim("５２．６％", "３８").by == ("20/38",)


@pytest.mark.parametrize(
    ("percentage", "n", "message"),
    [
        ("101%", 38, "percentage: '101%' is no share of patients; a percentage lies between 0 and 100"),
        ("50%", 0, "n: 0 is too small; give at least 1"),
        ("50%", "12.5", "n: '12.5' is no whole number; give a number of patients, such as 38"),
        ("50%", "-3", "n: -3 is too small; give at least 1"),
        ("<50%", 38, "percentage: '<50%' is a bound, not a percentage; give the percentage itself, such as 52.6%"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_mend(percentage: str, n: int | str, message: str) -> None:
    with pytest.raises(NotReadable) as error:
        grim(percentage, n)

    assert str(error.value) == message


def test_the_smallest_number_of_patients_that_fits_a_set() -> None:
    check = smallest_n(["28.6%", "92.9%"])

    assert check.by == ("n=14",)
    assert smallest_n(["28.6%", "92.9%"], 28).verdict == "reproduces"
    assert smallest_n(["28.6%", "92.9%"], 20).verdict == "impossible"


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=4))
def test_every_set_has_a_smallest_n_below_which_nothing_fits(tenths: list[int]) -> None:
    shares = [f"{t // 10}.{t % 10}%" for t in tenths]
    least = int(smallest_n(shares).by[0].removeprefix("n="))

    assert least <= 1000
    assert all(grim(share, least).verdict == "reproduces" for share in shares)
    below = range(max(1, least - 20), least)
    assert all(any(not fitting_counts(read_percentage(share), m) for share in shares) for m in below)


def test_a_silent_change_of_denominator_is_named() -> None:
    check = denominator_change(["52.6%", "83.8%"], 38)

    assert (check.verdict, check.by) == ("not reproduced", ("83.8%: n=37",))
    assert denominator_change(["52.6%", "84.2%"], 38).verdict == "reproduces"
    assert denominator_change(["19.53%"], 38).verdict == "impossible"
