"""A ratio, its interval and its P against each other."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pytest
from scipy import stats

from tumorboard.evidence.statistics import NotReadable, ratio

Z = stats.norm.ppf(0.975)


def test_impress_progression_free_survival_reproduces_inside_rounding() -> None:
    check = ratio("0.86", ("0.65", "1.13"), "0.273")
    wald = {item.test: item for item in check.recomputed}["Wald P"]

    assert check.verdict == "reproduces"
    assert wald.value == pytest.approx(0.285, abs=5e-4)
    assert wald.low is not None and wald.high is not None and wald.low < 0.273 < wald.high


def test_impress_overall_survival_reproduces() -> None:
    check = ratio("1.44", ("1.07", "1.94"), "0.016")

    assert check.verdict == "reproduces"
    assert check.by == ("centre of the interval", "Wald P", "1 and the interval")


def test_the_hazard_ratio_of_tsai_2020_is_off_centre() -> None:
    check = ratio("0.461", ("0.218", "0.852"), "0.027")

    assert check.verdict == "not reproduced"
    assert "centre of the interval" not in check.by
    assert check.recomputed[0].value == pytest.approx(sqrt(0.218 * 0.852))
    assert check.note is not None and "off the centre" in check.note.en and "对数中心" in check.note.zh


def test_a_p_from_another_test_is_a_warning_only() -> None:
    check = ratio("0.66", ("0.51", "0.84"), "0.0002")

    assert (check.verdict, check.tier) == ("not reproduced", "warning")
    assert check.note is not None and "stratified log-rank" in check.note.en


def test_a_one_sided_p_is_mentioned() -> None:
    check = ratio("0.60", ("0.44", "0.82"), "0.0006")

    assert check.note is not None and "one-sided" in check.note.en


@pytest.mark.parametrize(("ci", "p"), [(("0.70", "1.20"), "<0.05"), (("0.85", "0.99"), "0.07")])
def test_1_inside_the_interval_against_p(ci: tuple[str, str], p: str) -> None:
    check = ratio("0.917", ci, p)

    assert "1 and the interval" not in check.by
    assert check.note is not None and "disagree about 1" in check.note.en


def test_without_p_the_centre_alone_is_judged() -> None:
    assert ratio("0.49", ("0.39", "0.62")).by == ("centre of the interval",)


def test_a_ratio_outside_its_interval_is_impossible() -> None:
    assert ratio("0.90", ("0.45", "0.82")).verdict == "impossible"


def test_an_interval_that_rounding_closed_is_not_checkable() -> None:
    assert ratio("1.000", ("1.000", "1.000"), "0.005").verdict == "not checkable"


def test_a_lower_bound_printed_as_zero_leaves_p_open_above() -> None:
    check = ratio("0.05", ("0.00", "0.60"), "0.03")

    assert check.recomputed[1].record()["range"] == [pytest.approx(0.0, abs=0.1), 1.0]


@pytest.mark.parametrize(
    ("value", "ci", "p", "message"),
    [
        ("0.5", ("0.8", "0.3"), None, "CI: 0.8 to 0.3 is reversed; give the lower bound first"),
        ("0.5", ("0.3", "0.8"), "1.3", "P: '1.3' is no P value; P lies between 0 and 1"),
        ("-0.5", ("0.3", "0.8"), None, "ratio: -0.5 (0.3 to 0.8) is not positive; a ratio lies above 0"),
        ("0.5", ("0.3",), None, "CI: 1 bounds are given; give the lower and the upper bound"),
        ("<0.5", ("0.3", "0.8"), None, "value: '<0.5' is a bound, not a value; give the value itself"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_mend(
    value: str, ci: tuple[str, ...], p: str | None, message: str
) -> None:
    with pytest.raises(NotReadable) as error:
        ratio(value, ci, p)

    assert str(error.value) == message


def corners(value: float, low: float, high: float, half: float) -> tuple[float, float]:
    """The P range over the roundings, by a grid; independent of the code under test."""
    values, lows, highs = (np.linspace(at - half, at + half, steps) for at, steps in ((value, 41), (low, 3), (high, 3)))
    v, lower, upper = np.meshgrid(values, lows, highs)
    found = 2 * stats.norm.sf(np.abs(np.log(v)) / (np.log(upper / lower) / (2 * Z)))
    return float(found.min()), float(found.max())


def test_honest_ratios_raise_no_alarm_and_planted_p_values_outside_the_range_are_all_found() -> None:
    random = np.random.default_rng(20240601)
    alarms = found = planted = 0
    for _ in range(1000):
        error, centre = random.uniform(0.08, 0.35), random.normal(-0.3, 0.3)
        low, high = exp(centre - Z * error), exp(centre + Z * error)
        value, ci = f"{exp(centre):.2f}", (f"{low:.2f}", f"{high:.2f}")
        p = f"{2 * stats.norm.sf(abs(centre) / error):.3f}"
        alarms += ratio(value, ci, p).verdict != "reproduces"
        wrong = f"0.{random.integers(0, 1000):03d}"
        least, most = corners(float(value), float(ci[0]), float(ci[1]), 0.005)
        if float(wrong) + 0.0006 < least or float(wrong) - 0.0006 > most:
            planted += 1
            found += ratio(value, ci, wrong).verdict == "not reproduced"

    assert alarms == 0
    assert planted > 300
    assert found == planted
