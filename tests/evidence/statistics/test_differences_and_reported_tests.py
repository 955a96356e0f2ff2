"""Differences printed with ±, and test statistics against their P."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tumorboard.evidence.statistics import NotReadable, chi2_to_p, difference, t_to_p

FVC = ("1.60±1.13", "−2.01±1.17", ("0.41", "6.80"))


def test_the_spread_of_the_lung_function_digest_is_a_standard_error() -> None:
    check = difference(*FVC, "0.0273", n=(63, 59))
    computed = {item.test: item.value for item in check.recomputed}

    assert (check.verdict, check.by) == ("reproduces", ("SE",))
    assert computed["SE: lower"] == pytest.approx(0.39, abs=0.01)
    assert computed["SD: lower"] == pytest.approx(3.20, abs=0.01)


def test_the_same_without_the_numbers_of_patients() -> None:
    assert difference(*FVC, "0.0273").by == ("SE",)


def test_a_standard_deviation_is_recognised() -> None:
    # √(10²/50 + 12²/50) = 2.21; 5 ± 1.984·2.21
    check = difference("25.0±10.0", "20.0±12.0", ("0.6", "9.4"), "0.026", n=(50, 50))

    assert check.by == ("SD",)


def test_a_deviation_without_n_is_not_checkable() -> None:
    assert difference("25.0±10.0", "20.0±12.0", ("0.6", "9.4")).verdict == "not checkable"


def test_the_difference_may_be_taken_the_other_way_round() -> None:
    assert difference("−2.01±1.17", "1.60±1.13", ("0.41", "6.80")).by == ("SE",)


def test_neither_reading_gives_another_interval() -> None:
    assert difference("1.60±1.13", "−2.01±1.17", ("2.00", "5.00"), n=(63, 59)).verdict == "not reproduced"


def test_without_interval_and_p_there_is_nothing_to_check() -> None:
    assert difference("2.5±1.4", "1.8±1.2").verdict == "not checkable"


@pytest.mark.parametrize(
    ("first", "ci", "message"),
    [
        ("1.60", None, "first group: '1.60' has no ±; write the mean and its ±, such as 1.60±1.13"),
        ("1.60±-1", None, "first group, ±: '-1' is negative; give it without its sign"),
        ("1.60±1", ("3", "1"), "CI: 3 to 1 is reversed; give the lower bound first"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_mend(first: str, ci: tuple[str, str] | None, message: str) -> None:
    with pytest.raises(NotReadable) as error:
        difference(first, "-2.01±1.17", ci)

    assert str(error.value) == message


def test_honest_means_raise_no_alarm() -> None:
    random = np.random.default_rng(7)
    for _ in range(300):
        n, m = (int(random.integers(10, 90)) for _ in range(2))
        one, two = random.normal(10, 4, n), random.normal(11, 4, m)
        honest = stats.ttest_ind(one, two)
        interval = honest.confidence_interval()
        texts = [f"{arm.mean():.1f}±{arm.std(ddof=1):.1f}" for arm in (one, two)]
        ci = (f"{interval.low:.1f}", f"{interval.high:.1f}")

        assert "SD" in difference(*texts, ci, f"{honest.pvalue:.3f}", n=(n, m)).by


def test_chi_square_and_t_give_p() -> None:
    assert chi2_to_p("8.07", 1, "0.0045").verdict == "reproduces"
    assert chi2_to_p("8.07", 1, "0.0054").verdict == "not reproduced"
    assert chi2_to_p("12.3", "3", "0.006").verdict == "reproduces"
    assert t_to_p("2.22", 120, "0.028").verdict == "reproduces"
    assert t_to_p("-2.22", 120, "0.028").verdict == "reproduces"


def test_every_rounding_of_the_statistic_counts() -> None:
    least, most = stats.chi2.sf(3.75, 1), stats.chi2.sf(3.65, 1)

    assert chi2_to_p("3.7", 1, f"{least:.4f}").verdict == "reproduces"
    assert chi2_to_p("3.7", 1, f"{most:.4f}").verdict == "reproduces"
    assert chi2_to_p("3.7", 1, f"{most + 0.0005:.4f}").verdict == "not reproduced"


def test_a_one_sided_t_is_mentioned() -> None:
    check = t_to_p("2.22", 120, "0.014")

    assert check.verdict == "not reproduced"
    assert check.note is not None and "one-sided" in check.note.en


def test_a_chi_square_is_not_negative_and_has_degrees_of_freedom() -> None:
    with pytest.raises(NotReadable, match="a χ² statistic is at least 0"):
        chi2_to_p("-1", 1, "0.3")
    with pytest.raises(NotReadable, match="degrees of freedom: 0 is too small; give at least 1"):
        t_to_p("2.0", 0, "0.05")
