"""Log-rank and Cox: published results, lifelines and statsmodels as oracles, refusals, and time."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines.statistics import multivariate_logrank_test
from made import made_patients, seeds, trial
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg

from tumorboard.cohort.outcomes import cox, log_rank
from tumorboard.cohort.outcomes.distributions import chi_square_upper
from tumorboard.errors import InvalidInput


@given(st.floats(0, 400), st.integers(1, 30))
def test_chi_square_is_that_of_scipy(statistic: float, degrees: int) -> None:
    assert chi_square_upper(statistic, degrees) == pytest.approx(
        stats.chi2.sf(statistic, degrees), rel=1e-9, abs=1e-300
    )


def test_leukaemia_log_rank_is_that_of_the_textbook() -> None:
    """Kleinbaum & Klein, table 2.4: O − E is 10.26 for placebo, expected 10.74; χ² is 16.79."""
    times, events, placebo = trial()
    test = log_rank(times, events, placebo)
    assert (test.labels, test.n.tolist(), test.observed.tolist()) == ((0, 1), [21, 21], [9, 21])
    assert test.expected == pytest.approx([19.25, 10.75], abs=0.01)
    assert (round(test.statistic, 2), test.degrees) == (16.79, 1)
    assert test.p == pytest.approx(4.17e-5, rel=0.01)


@given(seeds, st.integers(2, 5))
def test_log_rank_is_that_of_lifelines(seed: int, k: int) -> None:
    made = made_patients(seed, 90)
    group = np.random.default_rng(seed).integers(0, k, 90)
    test = log_rank(made.times, made.events, [f"group {number}" for number in group])
    theirs = multivariate_logrank_test(made.times, group, made.events)
    assert test.statistic == pytest.approx(theirs.test_statistic, rel=1e-8)
    assert test.p == pytest.approx(theirs.p_value, rel=1e-8)
    assert test.expected.sum() == pytest.approx(test.observed.sum())


@pytest.mark.parametrize(
    ("times", "events", "groups", "said"),
    [
        ([1, 2], [0, 0], [0, 1], "events: there are none"),
        ([1, 2], [1, 0], ["a", "a"], "groups: 1 group"),
        ([1, 2], [1, 0], [0.5, 1], "groups: shape .* of float64"),
        ([1, 2], [1, 0], [0], "groups: 1 values for 2 patients"),
        ([1, 2, 3], [0, 1, 1], ["early", "late", "late"], "group early: nobody is under observation"),
        ([1, 1], [1, 1], ["a", "b"], "each happens to all who could have it"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(
    times: list[float], events: list[int], groups: list[object], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        log_rank(times, events, groups)


def test_leukaemia_hazard_ratio_is_the_published_one() -> None:
    """R: coxph(Surv(weeks, relapse) ~ placebo, ties = "efron"): 1.5721, SE 0.4124, ℓ −93.18 → −85.01, HR 4.82."""
    times, events, placebo = trial()
    model = cox(times, events, [[x] for x in placebo], ["placebo"])
    assert model.coefficients[0] == pytest.approx(1.5721, abs=5e-5)
    assert model.standard_errors[0] == pytest.approx(0.4124, abs=5e-5)
    assert (round(model.null_log_likelihood, 2), round(model.log_likelihood, 2)) == (-93.18, -85.01)
    assert (round(float(model.hazard_ratios[0]), 2), (model.n, model.events)) == (4.82, (42, 30))
    assert model.intervals[0] == pytest.approx([2.147, 10.81], abs=5e-3)
    assert model.likelihood_ratio[0] == pytest.approx(16.35, abs=0.01)


def test_efron_by_hand() -> None:
    """Two of four die together, then one of two: ℓ(0) = −ln 4 − ln(4 − ½ · 2) − ln 2."""
    model = cox([1, 1, 2, 2], [1, 1, 0, 1], [[1], [0], [0], [1]], ["x"])
    assert model.null_log_likelihood == pytest.approx(-math.log(4) - math.log(3) - math.log(2))


@settings(max_examples=60)
@given(seeds, st.integers(1, 4), st.booleans())
def test_cox_is_that_of_statsmodels(seed: int, p: int, ties: bool) -> None:
    made = made_patients(seed, 120, p, ties)
    model = cox(made.times, made.events, made.x, made.names)
    theirs = PHReg(made.times, made.x, made.events, ties="efron").fit()
    assert model.coefficients == pytest.approx(theirs.params, rel=1e-4, abs=1e-5)
    assert model.standard_errors == pytest.approx(theirs.bse, rel=1e-4)
    assert model.log_likelihood == pytest.approx(theirs.llf, rel=1e-8)
    assert model.p_values == pytest.approx(theirs.pvalues, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_cox_is_that_of_lifelines(seed: int) -> None:
    pandas = pytest.importorskip("pandas")
    from lifelines import CoxPHFitter

    made = made_patients(seed, 300)
    table = pandas.DataFrame(made.x, columns=list(made.names)).assign(time=made.times, event=made.events)
    theirs = CoxPHFitter().fit(table, "time", "event", fit_options={"precision": 1e-12, "r_precision": 1e-14})
    model = cox(made.times, made.events, made.x, made.names)
    assert model.coefficients == pytest.approx(theirs.params_.to_numpy(), abs=1e-6)
    assert model.standard_errors == pytest.approx(theirs.standard_errors_.to_numpy(), abs=1e-6)
    limits = np.exp(theirs.confidence_intervals_.to_numpy())
    assert model.intervals == pytest.approx(limits, rel=1e-5)


@given(seeds, st.floats(0.001, 1000), st.floats(-1e4, 1e4))
def test_units_of_a_covariate_change_its_coefficient_and_nothing_else(seed: int, unit: float, shift: float) -> None:
    made = made_patients(seed, 100)
    other = made.x.copy()
    other[:, 1] = other[:, 1] * unit + shift
    one, two = cox(made.times, made.events, made.x, made.names), cox(made.times, made.events, other, made.names)
    assert two.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-6)
    assert two.coefficients[1] * unit == pytest.approx(one.coefficients[1], rel=1e-4, abs=1e-6)


@given(seeds)
def test_order_of_patients_does_not_matter(seed: int) -> None:
    made = made_patients(seed, 60)
    mixed = np.random.default_rng(seed).permutation(60)
    one = cox(made.times, made.events, made.x, made.names)
    two = cox(made.times[mixed], made.events[mixed], made.x[mixed], made.names)
    assert two.coefficients == pytest.approx(one.coefficients, abs=1e-8)


@pytest.mark.parametrize("outlier", [80.0, 1e4])
def test_outlying_covariate_neither_upsets_the_search_nor_looks_like_separation(outlier: float) -> None:
    made = made_patients(3, 100)
    x = made.x.copy()
    x[0, 1] = outlier
    assert cox(made.times, made.events, x, made.names).coefficients == pytest.approx(
        PHReg(made.times, x, made.events, ties="efron").fit().params, abs=1e-4
    )


def test_infinite_hazard_ratio_is_refused_by_name() -> None:
    made = made_patients(1, 200)
    x = np.column_stack((made.x, made.events))  # all who die have it, and nobody else
    with pytest.raises(InvalidInput, match="relapse: its hazard ratio has no finite estimate"):
        cox(made.times, made.events, x, [*made.names, "relapse"])


def test_covariate_constant_among_those_at_risk_is_refused() -> None:
    with pytest.raises(InvalidInput, match="x: its hazard ratio"):
        cox([1, 2, 3, 4], [0, 1, 1, 1], [[1], [0], [0], [0]], ["x"])


@pytest.mark.parametrize(
    ("x", "names", "said"),
    [
        ([[1, 2]] * 4, ["a", "b"], "a: is the same for everybody"),
        ([[1, 2], [2, 4], [3, 6], [1, 2]], ["a", "b"], r"a, b: follow from one another \(collinear\)"),
        ([[1], [math.nan], [3], [4]], ["age"], r"age\[1\]: nan is no finite number"),
        ([[1], [2], [3]], ["age"], "covariates: 3 values for 4 patients"),
        ([[1], [2], [3], [4]], ["age", "sex"], r"covariates: shape \(4, 1\) for 2 names"),
        ([[1, 2]] * 4, ["age", "age"], "names: twice: age"),
        ([1, 2, 3, 4], ["age"], "covariates: shape"),
    ],
)
def test_wrong_covariates_are_refused_by_name(x: list[object], names: list[str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        cox([1, 2, 3, 4], [1, 0, 1, 1], x, names)


def test_no_event_and_a_wrong_level_are_refused() -> None:
    with pytest.raises(InvalidInput, match="Cox regression needs at least one event"):
        cox([1, 2], [0, 0], [[1], [2]], ["x"])
    with pytest.raises(InvalidInput, match="level"):
        cox([1, 2], [1, 1], [[1], [2]], ["x"], level=0)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 2), st.integers(0, 1)), min_size=2, max_size=9)
)
def test_few_patients_give_a_model_or_a_reason_never_nonsense(rows: list[tuple[int, bool, int, int]]) -> None:
    times, events, *columns = zip(*rows, strict=True)
    try:
        model = cox(times, events, np.column_stack(columns), ["a", "b"])
    except InvalidInput as refused:
        assume(refused.problems)
        return
    assert np.isfinite(model.coefficients).all() and (np.abs(model.coefficients) < 15).all()
    assert (model.standard_errors > 0).all()
    assert model.log_likelihood >= model.null_log_likelihood - 1e-9


def test_hundred_thousand_patients_take_less_than_two_seconds() -> None:
    made = made_patients(0, 100_000, 5, ties=False)
    start = time.process_time()
    model = cox(made.times, made.events, made.x, made.names)
    assert time.process_time() - start < 2
    assert model.coefficients == pytest.approx(np.linspace(0.8, -0.4, 5), abs=0.03)
