"""Propensity scores, matching and balance: statsmodels and plain loops as oracles, refusals, and time."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from made import seeds
from numpy.typing import NDArray

from tumorboard.cohort.outcomes import balance, caliper_width, match, propensity
from tumorboard.errors import InvalidInput

NAMES = ("age", "tumours", "albumin")


def assigned(seed: int, n: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Patients whose treatment depends on what they are; about a quarter treated."""
    chance = np.random.default_rng(seed)
    x = np.column_stack((chance.normal(60, 10, n), chance.poisson(2, n), chance.normal(38, 4, n)))
    odds = -1.2 + 0.04 * (x[:, 0] - 60) + 0.2 * (x[:, 1] - 2) - 0.05 * (x[:, 2] - 38)
    return chance.random(n) < 1 / (1 + np.exp(-odds)), x


@settings(max_examples=40)
@given(seeds)
def test_propensity_is_that_of_statsmodels(seed: int) -> None:
    treated, x = assigned(seed, 200)
    model = propensity(treated, x, NAMES)
    theirs = sm.Logit(treated, sm.add_constant(x)).fit(disp=0)
    assert model.names == ("intercept", *NAMES)
    assert model.coefficients == pytest.approx(theirs.params, rel=1e-5, abs=1e-6)
    assert model.standard_errors == pytest.approx(theirs.bse, rel=1e-5)
    assert model.scores == pytest.approx(theirs.predict(), abs=1e-8)
    assert model.log_likelihood == pytest.approx(theirs.llf)
    assert model.logits == pytest.approx(np.log(model.scores / (1 - model.scores)), abs=1e-8)


def test_one_binary_covariate_by_hand() -> None:
    """Of 10 with it 8 are treated, of 10 without 3: the odds ratio is (8/2)/(3/7), its SE √(1/8 + 1/2 + 1/3 + 1/7)."""
    treated = [1] * 8 + [0] * 2 + [1] * 3 + [0] * 7
    model = propensity(treated, [[1]] * 10 + [[0]] * 10, ["cirrhosis"])
    assert model.coefficients[1] == pytest.approx(math.log(8 / 2 / (3 / 7)))
    assert model.standard_errors[1] == pytest.approx(math.sqrt(1 / 8 + 1 / 2 + 1 / 3 + 1 / 7))


@pytest.mark.parametrize("apart", [[1, 2, 3, 11, 12, 13], [1, 2, 3, 3, 12, 13], [0, 0, 0, 0, 0, 1]])
def test_separation_is_refused_by_name(apart: list[float]) -> None:
    chance = np.random.default_rng(0)
    x = np.column_stack((chance.normal(size=60), np.repeat(apart, 10)))
    treated = np.repeat([0, 0, 0, 1, 1, 1], 10)
    if apart[-1] == 1:
        treated[:5] = 1
    with pytest.raises(InvalidInput, match=r"^stage: tells .*separation"):
        propensity(treated, x, ["age", "stage"])


def test_strong_covariates_are_not_taken_for_separation() -> None:
    chance = np.random.default_rng(1)
    x = chance.normal(size=(20_000, 1))
    treated = chance.random(20_000) < 1 / (1 + np.exp(-8 * x[:, 0]))
    assert propensity(treated, x, ["x"]).coefficients[1] == pytest.approx(8, abs=0.5)


@pytest.mark.parametrize(
    ("treated", "x", "said"),
    [
        ([1, 1, 1], [[1], [2], [3]], "treated: 3 treated of 3 patients"),
        ([0, 0, 0], [[1], [2], [3]], "treated: 0 treated of 3 patients"),
        ([1, 0, 2], [[1], [2], [3]], r"treated\[2\]: 2 is neither 1 nor 0"),
        ([1, 0, 1], [[1], [math.nan], [3]], r"age\[1\]: nan"),
        ([1, 0, 1], [[2], [2], [2]], "age: is the same for everybody"),
    ],
)
def test_what_no_model_can_be_made_of_is_refused(treated: list[int], x: list[list[float]], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        propensity(treated, x, ["age"])


def plain_matching(
    logits: list[float], treated: list[int], k: int, caliper: float, order: list[int], whole: bool
) -> dict[int, list[int]]:
    """The same by looking through all controls each time; logits must differ."""
    left = {row for row, chosen in enumerate(treated) if not chosen}
    sets: dict[int, list[int]] = {row: [] for row in order}

    def near(row: int) -> list[int]:
        within = [c for c in left if abs(logits[c] - logits[row]) <= caliper]
        return sorted(within, key=lambda c: (abs(logits[c] - logits[row]), logits[c]))

    for turn in range(1 if whole else k):
        for row in order:
            if whole:
                sets[row] = near(row)[:k] if len(near(row)) >= k else []
            elif len(sets[row]) == turn:
                sets[row] += near(row)[:1]
            left -= set(sets[row])
    return {row: controls for row, controls in sets.items() if controls}


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(-400, 400), st.booleans()), min_size=2, max_size=40, unique_by=lambda row: row[0]),
    st.integers(1, 4),
    st.integers(0, 200),
    seeds,
    st.booleans(),
)
def test_sets_are_those_of_a_plain_search(
    rows: list[tuple[int, bool]], k: int, caliper: int, seed: int, whole: bool
) -> None:
    logits, treated = [float(row[0]) for row in rows], [int(row[1]) for row in rows]
    if len(set(treated)) < 2:
        return
    found = match(logits, treated, k=k, caliper=caliper, seed=seed, whole_sets=whole)
    order = np.random.default_rng(seed).permutation(np.flatnonzero(treated)).tolist()
    expected = plain_matching(logits, treated, k, caliper, order, whole)
    sets = {
        int(row): [int(c) for c in controls if c >= 0]
        for row, controls in zip(found.treated, found.controls, strict=True)
    }
    assert sets == expected
    assert found.unmatched == sum(treated) - len(expected)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=40), st.integers(1, 3), seeds)
def test_sets_with_equal_logits_are_sound(rows: list[tuple[int, bool]], k: int, seed: int) -> None:
    logits, treated = np.array([float(row[0]) for row in rows]), np.array([row[1] for row in rows])
    if len(set(treated.tolist())) < 2:
        return
    found, again = (match(logits, treated, k=k, caliper=1, seed=seed) for _ in range(2))
    assert (found.controls == again.controls).all()
    used = found.controls[found.controls >= 0]
    assert len(set(used.tolist())) == len(used) and not treated[used].any() and treated[found.treated].all()
    for number, (row, controls) in enumerate(zip(found.treated, found.controls, strict=True)):
        there = controls[controls >= 0]
        assert (np.abs(logits[there] - logits[row]) <= 1).all()
        assert (found.set_of[[row, *there]] == number).all()
        assert found.weights[there].sum() == pytest.approx(1) and found.weights[row] == 1
    unmatched = found.set_of < 0
    assert (found.weights[unmatched] == 0).all()
    assert sorted(found.patients) == sorted([*found.treated, *used])


def test_seed_decides_who_chooses_first() -> None:
    logits, treated = [0.0, 0.2, 0.1], [1, 1, 0]
    first = {int(match(logits, treated, k=1, caliper=1, seed=seed).treated[0]) for seed in range(20)}
    assert first == {0, 1}


def test_caliper_is_a_share_of_the_pooled_spread() -> None:
    assert caliper_width([0, 2, 1, 5], [1, 1, 0, 0], 0.2) == pytest.approx(0.2 * math.sqrt((2 + 8) / 2))


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"k": 0, "caliper": 1.0}, "k: 0 controls for each"),
        ({"k": 1, "caliper": -1.0}, "caliper: -1.0 is no distance"),
        ({"k": 1, "caliper": math.nan}, "caliper: nan is no distance"),
    ],
)
def test_wrong_matching_is_refused(given_: dict[str, float], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        match([0, 1], [0, 1], seed=0, **given_)  # type: ignore[arg-type]


def test_wrong_logits_and_spreads_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"logits\[1\]: inf is no finite number"):
        match([0, math.inf], [0, 1], k=1, caliper=1, seed=0)
    with pytest.raises(InvalidInput, match="treated: 1 values for 2 patients"):
        match([0, 1], [0], k=1, caliper=1, seed=0)
    with pytest.raises(InvalidInput, match="a group has one patient"):
        caliper_width([0, 1, 2], [1, 0, 0], 0.2)
    with pytest.raises(InvalidInput, match="share: 0 of a standard deviation"):
        caliper_width([0, 1], [1, 0], 0)


def test_differences_by_hand() -> None:
    """Ages 60, 70 against 50, 60, 70: (65 − 60)/√((50 + 100)/2); of a binary covariate 1/2 against 1/3:
    (1/6)/√((1/4 + 2/9)/2). Without the third control the ages are 65 against 55, over the same spread."""
    x = [[60, 1], [70, 0], [50, 0], [60, 1], [70, 0]]
    found = balance([1, 1, 0, 0, 0], x, ["age", "male"], [1, 1, 1, 1, 0])
    assert found.before == pytest.approx([5 / math.sqrt(75), (1 / 6) / math.sqrt((1 / 4 + 2 / 9) / 2)])
    assert found.after == pytest.approx([10 / math.sqrt(75), 0])
    assert found.means_after == pytest.approx(np.array([[65, 55], [0.5, 0.5]]))
    assert found.unbalanced(0.1) == ("age",)


def test_matching_balances() -> None:
    treated, x = assigned(5, 4000)
    scores = propensity(treated, x, NAMES)
    found = match(scores.logits, treated, k=2, caliper=caliper_width(scores.logits, treated, 0.2), seed=1)
    differences = balance(treated, x, NAMES, found.weights)
    assert np.abs(differences.before).max() > 0.3
    assert differences.unbalanced(0.1) == ()


@pytest.mark.parametrize(
    ("x", "weights", "said"),
    [
        ([[1], [1], [0], [0]], [1, 1, 1, 1], "age: has one value in each group, and not the same one"),
        ([[1.1], [1.1], [0.3], [0.3]], [1, 1, 1, 1], "age: has one value in each group"),
        ([[1], [2], [3], [4]], [1, 1, 0, 0], "weights: nobody is left in a group"),
        ([[1], [2], [3], [4]], [1, 1, -1, 2], "weights: some are negative"),
        ([[1], [2], [3], [4]], [1, 1, 1], "weights: 3 values for 4 patients"),
    ],
)
def test_what_has_no_difference_is_refused(x: list[list[float]], weights: list[float], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        balance([1, 1, 0, 0], x, ["age"], weights)


def test_covariate_the_same_for_everybody_is_in_balance() -> None:
    assert balance([1, 1, 0, 0], [[0.1]] * 4, ["age"], [1] * 4).before[0] == 0


def test_hundred_thousand_patients_are_matched_in_less_than_five_seconds() -> None:
    treated, x = assigned(9, 100_000)
    start = time.process_time()
    scores = propensity(treated, x, NAMES)
    found = match(scores.logits, treated, k=2, caliper=caliper_width(scores.logits, treated, 0.2), seed=1)
    assert time.process_time() - start < 5
    assert len(found.treated) > 20_000
