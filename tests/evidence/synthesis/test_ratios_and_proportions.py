"""What pooling does in general: against statsmodels, under changes of its input, and what it refuses."""

from __future__ import annotations

import builtins
import math
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_examples import BCG, CATHETERS

from tumorboard.errors import InvalidInput
from tumorboard.evidence.synthesis import (
    StatisticsAbsent,
    freeman_tukey,
    from_ci,
    meta_proportions,
    meta_ratio,
    risk_ratio,
    wilson,
)

effects = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.05, 1)), min_size=2, max_size=8)


def test_moment_estimator_is_that_of_statsmodels() -> None:
    numpy = pytest.importorskip("numpy")
    meta_analysis = pytest.importorskip("statsmodels.stats.meta_analysis")
    logs = [risk_ratio(a, a + b, c, c + d) for _, a, b, c, d in BCG]
    ours = meta_ratio([e for e, _ in logs], [s for _, s in logs], ["x"] * 13, "DL", knha=False)
    columns = numpy.array(logs)
    theirs = meta_analysis.combine_effects(columns[:, 0], columns[:, 1] ** 2, method_re="chi2")
    assert ours.tau2 == pytest.approx(theirs.tau2)
    assert (ours.estimate, ours.se) == pytest.approx((theirs.mean_effect_re, theirs.sd_eff_w_re))
    knapp = meta_ratio([e for e, _ in logs], [s for _, s in logs], ["x"] * 13, "DL", knha=True)
    assert knapp.se == pytest.approx(theirs.sd_eff_w_re_hksj)


def test_ratio_and_interval_give_log_and_standard_error() -> None:
    log, error = from_ci(0.58, 0.45, 0.75)
    assert log == pytest.approx(math.log(0.58))
    assert error == pytest.approx(0.13031, abs=0.00001)
    assert from_ci(0.58, 0.45, 0.75, level=90).standard_error > error


@pytest.mark.parametrize("interval", [(0.5, 0.6, 0.7), (0.5, 0.0, 0.7), (1.0, 1.0, 1.0), (0.5, 0.7, 0.3)])
def test_ratio_outside_its_interval_is_refused(interval: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidInput, match="no ratio within its interval"):
        from_ci(*interval)


def test_zero_cells_get_one_half() -> None:
    log, error = risk_ratio(0, 10, 5, 10)
    assert log == pytest.approx(math.log((0.5 / 11) / (5.5 / 11)))
    assert error == pytest.approx(math.sqrt(1 / 0.5 - 1 / 11 + 1 / 5.5 - 1 / 11))


@pytest.mark.parametrize(
    ("counts", "what"), [((0, 5, 0, 5), "nobody"), ((6, 5, 1, 5), "6 of 5"), ((0, 0, 1, 5), "0 of 0")]
)
def test_counts_that_say_nothing_or_cannot_be_are_refused(counts: tuple[int, int, int, int], what: str) -> None:
    with pytest.raises(InvalidInput, match=what):
        risk_ratio(*counts)


@settings(max_examples=25, deadline=None)
@given(effects, st.floats(-1, 1))
def test_moving_every_effect_moves_the_estimate_and_nothing_else(values: list[tuple[float, float]], by: float) -> None:
    logs, errors = [e for e, _ in values], [s for _, s in values]
    here = meta_ratio(logs, errors, ["x"] * len(logs), knha=False)
    there = meta_ratio([log + by for log in logs], errors, ["x"] * len(logs), knha=False)
    assert there.tau2 == pytest.approx(here.tau2, abs=1e-6)
    assert there.estimate == pytest.approx(here.estimate + by, abs=1e-6)
    assert there.q == pytest.approx(here.q, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(effects, st.booleans())
def test_intervals_lie_inside_each_other(values: list[tuple[float, float]], knha: bool) -> None:
    result = meta_ratio([e for e, _ in values], [s for _, s in values], ["x"] * len(values), knha=knha)
    assert result.pi is not None
    assert result.pi[0] <= result.ci[0] <= result.estimate <= result.ci[1] <= result.pi[1]
    assert min(e for e, _ in values) - 1e-9 <= result.estimate <= max(e for e, _ in values) + 1e-9
    assert sum(study.weight for study in result.studies) == pytest.approx(100)
    assert 0 <= result.i2 <= 100


def test_studies_that_agree_too_well_narrow_hartung_knapp_and_it_says_so() -> None:
    result = meta_ratio([-0.5, -0.5001, -0.4999, -0.5, -0.5], [0.3] * 5, list("abcde"))
    assert result.tau2 == 0
    assert any("narrower" in note.en for note in result.notes)


def test_one_study_cannot_be_pooled() -> None:
    with pytest.raises(InvalidInput, match="at least two"):
        meta_ratio([0.1], [0.1], ["one"])


def test_a_wrong_standard_error_is_named_by_its_place() -> None:
    with pytest.raises(InvalidInput, match=r"standard_errors\[1\]: 0.0"):
        meta_ratio([0.1, 0.2], [0.1, 0.0], ["a", "b"])


def test_alike_proportions_have_no_variance_between_studies() -> None:
    result = meta_proportions([20, 40, 60], [100, 200, 300])
    assert result.tau2 == 0
    assert result.value == pytest.approx(0.2)
    assert result.se == pytest.approx(1 / math.sqrt(600 * 0.2 * 0.8), rel=1e-4)


def test_more_nodes_change_little() -> None:
    events, totals = [row[2] for row in CATHETERS], [row[3] for row in CATHETERS]
    few, many = meta_proportions(events, totals), meta_proportions(events, totals, points=31)
    assert few.value == pytest.approx(many.value, abs=0.00001)
    assert few.tau2 == pytest.approx(many.tau2, abs=0.001)


def test_events_and_their_absence_are_mirror_images() -> None:
    events, totals = [3, 8, 1, 9], [20, 30, 25, 20]
    here = meta_proportions(events, totals)
    there = meta_proportions([n - x for x, n in zip(events, totals, strict=True)], totals)
    assert there.value == pytest.approx(1 - here.value, abs=1e-6)
    assert there.tau2 == pytest.approx(here.tau2, abs=1e-5)


@pytest.mark.parametrize(
    ("events", "what"), [([0, 0], "nobody"), ([5, 9], "everybody"), ([6, 1], r"events\[0\]: 6 of 5")]
)
def test_proportions_without_a_pooled_logit_are_refused(events: list[int], what: str) -> None:
    with pytest.raises(InvalidInput, match=what):
        meta_proportions(events, [5, 9])


def test_freeman_tukey_says_that_it_only_compares() -> None:
    assert any("only to compare" in note.en for note in freeman_tukey([3, 5], [10, 12]).notes)


def test_wilson_interval_of_a_textbook_example() -> None:
    # Newcombe 1998, Stat Med 17:857, table I: 81 of 263, 15 of 148, 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=0.00005)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=0.00005)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=0.00005)


def test_without_scipy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **named: Any) -> Any:
        if name.split(".")[0] == "scipy":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", absent)
    for loaded in [name for name in sys.modules if name.split(".")[0] == "scipy"]:
        monkeypatch.delitem(sys.modules, loaded)
    with pytest.raises(StatisticsAbsent, match=r"pip install 'tumorboard\[stats\]'"):
        meta_ratio([0.1, 0.2], [0.1, 0.1], ["a", "b"])


def test_scipy_is_not_loaded_before_something_is_pooled() -> None:
    code = "import sys, tumorboard.evidence.synthesis.plots; sys.exit('scipy' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
