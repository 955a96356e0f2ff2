"""Pooled results next to those metafor prints for published examples, to four decimals."""

from __future__ import annotations

import pytest
from published_examples import BCG, CATHETERS, MILLER, VASOSPASM

from tumorboard.evidence.synthesis import (
    LogEffect,
    MetaResult,
    Method,
    freeman_tukey,
    meta_proportions,
    meta_ratio,
    risk_ratio,
)


def bcg_effects() -> list[LogEffect]:
    return [risk_ratio(a, a + b, c, c + d) for _, a, b, c, d in BCG]


def bcg(method: Method = "REML", knha: bool = False) -> MetaResult:
    effects = bcg_effects()
    names = [name for name, *_ in BCG]
    errors = [each.standard_error for each in effects]
    return meta_ratio([each.effect for each in effects], errors, names, method, knha, "RR")


def four(*values: float) -> object:
    return pytest.approx(values, abs=0.00005)


def test_log_risk_ratios_and_variances_of_the_thirteen_trials() -> None:
    effects = bcg_effects()
    expected = [-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694, -1.3713, -0.3394]
    expected += [0.4459, -0.0173]
    assert [each.effect for each in effects] == four(*expected)
    variances = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714]
    assert [each.standard_error**2 for each in effects] == four(*variances)


def test_reml() -> None:
    result = bcg()
    assert (result.tau2, result.estimate, result.se) == four(0.3132, -0.7145, 0.1798)
    assert result.ci == four(-1.0669, -0.3622)
    assert (result.q, result.q_df) == (pytest.approx(152.2330, abs=0.00005), 12)
    assert result.q_p < 0.0001
    assert result.i2 == pytest.approx(92.2214, abs=0.00005)
    assert (result.value, *result.interval) == pytest.approx((0.49, 0.34, 0.70), abs=0.005)
    assert result.prediction == pytest.approx((0.15, 1.55), abs=0.005)


def test_hartung_knapp() -> None:
    result = bcg(knha=True)
    assert (result.estimate, result.se, *result.ci) == four(-0.7145, 0.1808, -1.1084, -0.3206)
    assert (result.df, result.p) == (12, pytest.approx(0.0019, abs=0.00005))
    assert (*result.interval, *(result.prediction or ())) == pytest.approx((0.33, 0.73, 0.14, 1.76), abs=0.005)


def test_q_profile_interval_of_tau_squared() -> None:
    # metafor prints 0.1196953 and 1.111486: its search stops earlier.
    assert bcg().tau2_ci == pytest.approx((0.1197, 1.1115), abs=0.00005)


def test_other_estimators() -> None:
    assert bcg("DL").tau2 == pytest.approx(0.3088, abs=0.00005)
    common = bcg("common")
    assert (common.estimate, common.se, *common.ci) == four(-0.4303, 0.0405, -0.5097, -0.3509)
    assert common.pi is None


@pytest.mark.parametrize(
    ("columns", "expected", "proportion"),
    [
        ((2, 3), (-3.4964, 0.2570, 0.8124), (0.0294, 0.0180, 0.0478)),
        ((0, 1), (-4.8121, 0.3555, 0.8265), (0.0081, 0.0040, 0.0161)),
    ],
    ids=["standard catheters", "anti-infective catheters"],
)
def test_binomial_model_of_rare_events(
    columns: tuple[int, int], expected: tuple[float, ...], proportion: tuple[float, ...]
) -> None:
    events, totals = ([row[column] for row in CATHETERS] for column in columns)
    result = meta_proportions(events, totals)
    assert (result.estimate, result.se, result.tau2) == four(*expected)
    assert (result.value, *result.interval) == four(*proportion)


def test_binomial_model_with_prediction_interval_and_likelihood_ratio() -> None:
    result = meta_proportions([x for x, _ in VASOSPASM], [n for _, n in VASOSPASM])
    assert (result.value, *result.interval) == four(0.7984, 0.6924, 0.8746)
    assert result.prediction == four(0.4426, 0.9518)
    assert (result.q, result.q_df) == (pytest.approx(42.2324, abs=0.00005), 13)


def test_freeman_tukey_of_miller() -> None:
    result = freeman_tukey([x for x, _ in MILLER], [n for _, n in MILLER], method="common")
    # Miller and metafor differ in a factor of two in the definition.
    assert [2 * study.effect for study in result.studies] == four(1.1391, 1.2888, 1.5253, 0.9515)
    assert 2 * result.estimate == pytest.approx(1.3093, abs=0.00005)
    assert result.value == pytest.approx(0.3595, abs=0.00005)


def test_freeman_tukey_with_nobody_and_everybody() -> None:
    result = freeman_tukey([0, 4, 9, 16, 20], [10, 10, 15, 20, 20], method="common")
    assert (result.value, *result.interval) == four(0.6886, 0.5734, 0.7943)
