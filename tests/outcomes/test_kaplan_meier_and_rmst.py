"""Kaplan–Meier and restricted means: textbook examples, and the same figures as lifelines."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times, restricted_mean_survival_time
from made import TREATED, few_patients, made_patients, seeds, trial

from tumorboard.cohort.outcomes import kaplan_meier, restricted_mean, rmst_difference
from tumorboard.errors import InvalidInput

MANY = 2000


def leukaemia(placebo: int) -> tuple[list[float], list[bool]]:
    times, events, group = trial()
    rows = [row for row, side in enumerate(group) if side == placebo]
    return [times[row] for row in rows], [events[row] for row in rows]


def test_leukaemia_curve_is_that_of_the_textbook() -> None:
    curve = kaplan_meier(*leukaemia(0))
    assert curve.n == len(TREATED) == 21
    printed = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert {time: round(curve.at(time), 4) for time in printed} == printed
    assert [curve.number_at_risk(time) for time in (0, 6, 7, 10, 13, 23, 35, 36)] == [21, 21, 17, 15, 12, 6, 1, 0]
    assert curve.median == 23


def test_greenwood_by_hand() -> None:
    """At week 6, 3 of 21 relapse: S = 18/21, SE = S √(3/(21 · 18)) = 0.0764; the log-log interval is 0.620 to 0.952."""
    curve = kaplan_meier(*leukaemia(0))
    assert curve.standard_error[0] == pytest.approx(18 / 21 * math.sqrt(3 / (21 * 18)))
    reach = 1.959964 * math.sqrt(3 / (21 * 18)) / abs(math.log(18 / 21))
    assert curve.low[0] == pytest.approx((18 / 21) ** math.exp(reach), abs=1e-6)
    assert (round(float(curve.low[0]), 3), round(float(curve.high[0]), 3)) == (0.620, 0.952)


def test_placebo_median_is_8_weeks_with_the_interval_of_r() -> None:
    """R: survfit(..., conf.type = "log-log") gives 8, 4 to 11."""
    curve = kaplan_meier(*leukaemia(1))
    assert (curve.median, curve.median_interval) == (8, (4, 11))


def test_where_all_have_died_there_is_no_interval_to_state() -> None:
    curve = kaplan_meier([1, 2], [1, 1])
    assert curve.survival.tolist() == [0.5, 0.0]
    assert np.isnan([curve.low[1], curve.high[1], curve.standard_error[1]]).all()
    assert curve.median_interval[1] is None


def test_before_the_first_event_all_live_for_certain() -> None:
    curve = kaplan_meier([1, 2, 3, 4], [0, 1, 0, 0])
    assert (curve.survival[0], curve.low[0], curve.high[0], curve.standard_error[0]) == (1, 1, 1, 0)
    assert curve.median is None


@given(few_patients)
def test_every_figure_is_that_of_lifelines(patients: list[tuple[int, bool]]) -> None:
    times, events = zip(*patients, strict=True)
    curve = kaplan_meier(times, events)
    fitted = KaplanMeierFitter().fit(times, events)
    theirs = fitted.survival_function_.loc[curve.times].iloc[:, 0]
    assert curve.survival == pytest.approx(theirs.to_numpy(), abs=1e-9)
    assert curve.at_risk.tolist() == fitted.event_table.at_risk.loc[curve.times].tolist()
    assert curve.events.tolist() == fitted.event_table.observed.loc[curve.times].tolist()
    inside = (curve.survival > 0) & (curve.survival < 1)
    limits = fitted.confidence_interval_.loc[curve.times[inside]].to_numpy()
    assert np.column_stack((curve.low, curve.high))[inside] == pytest.approx(limits, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_median_and_its_interval_are_those_of_lifelines(seed: int) -> None:
    made = made_patients(seed, 200)
    curve = kaplan_meier(made.times, made.events)
    fitted = KaplanMeierFitter().fit(made.times, made.events)
    limits = median_survival_times(fitted.confidence_interval_).to_numpy().ravel()
    assert curve.median == fitted.median_survival_time_
    # Theirs names the columns by upper and lower limit of survival; the lower one passes one half first.
    assert sorted(curve.median_interval) == sorted(limits)


@given(few_patients)
def test_patients_add_up(patients: list[tuple[int, bool]]) -> None:
    times, events = zip(*patients, strict=True)
    curve = kaplan_meier(times, events)
    assert curve.events.sum() + curve.censored.sum() == len(patients)
    assert (np.diff(curve.survival) <= 0).all()
    for time in range(32):
        assert curve.number_at_risk(time) == sum(each >= time for each in times)


def test_restricted_mean_by_hand() -> None:
    """Deaths at 1 and 3 of four, censored at 2 and 4. S = 3/4 from 1, 3/8 from 3. Up to 4: 1 + 2 · 3/4 + 3/8 = 2.875;
    Var = (1.5 + 0.375)² · 1/(4·3) + 0.375² · 1/(2·1) = 0.36328."""
    mean = restricted_mean(kaplan_meier([1, 2, 3, 4], [1, 0, 1, 0]), 4)
    assert mean.value == pytest.approx(2.875)
    assert mean.standard_error == pytest.approx(math.sqrt(1.875**2 / 12 + 0.375**2 / 2))
    assert mean.high - mean.value == pytest.approx(1.959964 * mean.standard_error, rel=1e-6)


@given(seeds)
def test_restricted_mean_is_that_of_lifelines(seed: int) -> None:
    made = made_patients(seed, 80)
    horizon = float(made.times.max()) * 0.7
    theirs = restricted_mean_survival_time(KaplanMeierFitter().fit(made.times, made.events), t=horizon)
    assert restricted_mean(kaplan_meier(made.times, made.events), horizon).value == pytest.approx(theirs, rel=1e-9)


def test_standard_error_is_the_spread_of_repeated_cohorts() -> None:
    """No library here states Var μ of Kaplan–Meier by this formula: so cohorts are drawn anew, and the means spread."""
    chance = np.random.default_rng(4)
    died, lost = chance.exponential(10, (MANY, 150)), chance.uniform(5, 30, (MANY, 150))
    means = [restricted_mean(kaplan_meier(np.minimum(d, c), d <= c), 5) for d, c in zip(died, lost, strict=True)]
    spread = np.std([mean.value for mean in means])
    assert np.mean([mean.standard_error for mean in means]) == pytest.approx(spread, rel=0.05)
    truth = 10 * (1 - math.exp(-0.5))
    assert np.mean([mean.low <= truth <= mean.high for mean in means]) == pytest.approx(0.95, abs=0.015)


def test_difference_is_first_minus_second() -> None:
    one, two = kaplan_meier(*leukaemia(0)), kaplan_meier(*leukaemia(1))
    difference = rmst_difference(one, two, 20)
    assert difference.value == pytest.approx(difference.first.value - difference.second.value)
    assert difference.low > 0
    assert difference.p is not None and difference.p < 0.001
    assert rmst_difference(two, one, 20).value == -difference.value


def test_without_deaths_there_is_no_error_and_no_p() -> None:
    curve = kaplan_meier([5, 6], [0, 0])
    assert rmst_difference(curve, curve, 5).p is None


def test_horizon_beyond_the_last_observation_is_refused_unless_all_have_died() -> None:
    with pytest.raises(InvalidInput, match="9 lies beyond the last observation, 4; give at most 4"):
        restricted_mean(kaplan_meier([1, 4], [1, 0]), 9)
    assert restricted_mean(kaplan_meier([1, 3], [1, 1]), 9).value == 2
    with pytest.raises(InvalidInput, match="horizon: 0 is no horizon"):
        restricted_mean(kaplan_meier([1, 4], [1, 0]), 0)


@pytest.mark.parametrize(
    ("times", "events", "said"),
    [
        ([], [], "times: there are no patients"),
        ([1, math.nan], [1, 0], r"times\[1\]: nan is no time"),
        ([-1, 2], [1, 0], r"times\[0\]: -1 is no time"),
        ([math.inf], [1], r"times\[0\]: inf is no time"),
        ([1, 2], [1], "events: 1 values for 2 patients"),
        ([1, 2], [1, 2], r"events\[1\]: 2 is neither 1 nor 0"),
        ([1, 2], [1, math.nan], r"events\[1\]: nan is neither"),
        (["soon"], [1], "times: not an array of numbers"),
        ([[1], [2]], [1, 0], r"times: has shape \(2, 1\)"),
        ([-1.0] * 9, [1] * 9, "4 more values are wrong in the same way"),
    ],
)
def test_what_cannot_be_is_named(times: list[float], events: list[float], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        kaplan_meier(times, events)


def test_level_lies_between_0_and_100() -> None:
    with pytest.raises(InvalidInput, match="level: 100 percent"):
        kaplan_meier([1], [1], level=100)


def test_results_stay_as_they_are() -> None:
    curve = kaplan_meier([1], [1])
    with pytest.raises(ValueError, match="read-only"):
        curve.survival[0] = 1
