"""Figures of panels against scipy and against published examples."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tumorboard.consensus.ballots import Ballot
from tumorboard.consensus.protocol import preset
from tumorboard.consensus.statistics import Change, change, kendalls_w, quantile, spread, symmetric_limit
from tumorboard.consensus.tally import Electorate, tally
from tumorboard.folder import SHIPPED, KnowledgeFolder

_FOLDER = KnowledgeFolder(SHIPPED)
RAND, PAPER = preset(_FOLDER, "rand-ucla"), preset(_FOLDER, "refractory-lung-cancer-2023")
RATINGS = st.lists(st.integers(1, 9), min_size=1, max_size=30)


def test_the_limit_of_disagreement_around_seven_and_a_half_is_6_10() -> None:
    rule = RAND.disagreement
    assert rule is not None
    assert symmetric_limit(Fraction(15, 2), rule) == Fraction("6.10")


def test_a_published_panel_of_fifteen_comes_out_as_printed() -> None:
    """BMJ Open 2012;2:e001431, table 1: ratings 4, 5, 6 once, 7 and 8 five times, 9 twice. (Its 2.5 in the formula is a
    misprint of 2.35: only with that is the printed 6.1 right.)"""
    rule = RAND.disagreement
    assert rule is not None
    found = spread([4, 5, 6] + [7] * 5 + [8] * 5 + [9] * 2, rule)
    assert (found.low, found.high, found.width, found.middle) == (7, 8, 1, Fraction(15, 2))
    assert found.limit == Fraction("6.1")
    assert not found.disagreement


@pytest.mark.parametrize(
    ("ratings", "disagreement"),
    [
        ([1, 1, 1, 1, 5, 9, 9, 9, 9], True),  # two camps
        ([1, 2, 3, 5, 5, 5, 7, 8, 9], True),  # three in each outer third: the rule for panels of nine says so too
        ([1, 2, 5, 5, 5, 5, 7, 8, 9], False),
        ([7, 7, 8, 8, 8, 9, 9, 9, 9], False),
        ([1, 1, 1, 5, 5, 5, 9, 9, 9], True),
        ([5] * 9, False),
    ],
)
def test_nine_panellists_disagree_where_they_form_camps(ratings: list[int], disagreement: bool) -> None:
    rule = RAND.disagreement
    assert rule is not None
    assert spread(ratings, rule).disagreement is disagreement


@given(RATINGS)
def test_disagreement_is_the_same_seen_from_the_other_end_of_the_scale(ratings: list[int]) -> None:
    rule = RAND.disagreement
    assert rule is not None
    assert spread(ratings, rule).disagreement == spread([10 - each for each in ratings], rule).disagreement


@given(RATINGS, st.integers(0, 100))
def test_quantiles_are_those_of_numpy(ratings: list[int], percent: int) -> None:
    assert float(quantile(ratings, Fraction(percent, 100))) == pytest.approx(np.percentile(ratings, percent))


@given(
    st.integers(2, 8).flatmap(
        lambda items: st.lists(st.lists(st.integers(1, 5), min_size=items, max_size=items), min_size=2, max_size=12)
    )
)
def test_kendalls_w_is_friedmans_test_of_scipy(ratings: list[list[int]]) -> None:
    found = kendalls_w(ratings)
    if all(len(set(row)) == 1 for row in ratings):
        assert found is None
        return
    assert found is not None
    assert 0 <= found.w <= 1 + 1e-12
    if len(ratings[0]) < 3:  # scipy asks for three
        return
    statistic, p = stats.friedmanchisquare(*np.array(ratings).T)
    assert found.chi_square == pytest.approx(statistic, abs=1e-9)
    assert found.p == pytest.approx(p, abs=1e-9)


def test_raters_who_order_alike_have_w_one() -> None:
    found = kendalls_w([[1, 2, 3], [2, 5, 9], [1, 4, 5]])
    assert found is not None
    assert found.w == 1


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_of_a_share_is_wilsons_as_in_scipy(votes: tuple[int, int]) -> None:
    agreeing, of = votes
    ballots = [Ballot("q", f"p{i}", "recommend" if i < agreeing else "do not recommend") for i in range(of)]
    found = tally("q", ballots, PAPER, Electorate(of))
    expected = stats.binomtest(agreeing, of).proportion_ci(0.95, method="wilson")
    assert found.interval == pytest.approx((100 * expected.low, 100 * expected.high), abs=1e-9)


@given(
    st.dictionaries(st.integers(0, 9), st.sampled_from("abc")),
    st.dictionaries(st.integers(0, 9), st.sampled_from("abc")),
)
def test_change_counts_only_those_who_answered_twice(before: dict[int, str], after: dict[int, str]) -> None:
    moved = change({str(k): v for k, v in before.items()}, {str(k): v for k, v in after.items()})
    assert moved.both == len(before.keys() & after.keys())
    assert 0 <= moved.changed <= moved.both
    assert (moved.share is None) == (moved.both == 0)


def test_nobody_changed_where_all_answers_stayed() -> None:
    assert change({"a": "x"}, {"a": "x"}) == Change(1, 0)
