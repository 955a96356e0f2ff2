"""From votes to a class, by the exact share; and the sentence that says so, which can't part from its figure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import PAPER as PAPER_ID
from panels import ballots

from tumorboard.consensus.ballots import Ballot
from tumorboard.consensus.protocol import Protocol, preset
from tumorboard.consensus.tally import (
    Electorate,
    Tally,
    concordance,
    decide,
    shown_counts,
    tally,
    tally_of_share,
    without_conflicts,
)
from tumorboard.consensus.wording import fitting, shown_share, wording
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.text import Text

_FOLDER = KnowledgeFolder(SHIPPED)
PAPER, RAND, COS, WHO = (preset(_FOLDER, name) for name in (PAPER_ID, "rand-ucla", "core-outcome-set", "two-thirds"))
LEVELS = st.sampled_from(sorted(PAPER.levels))
VOTES = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def _strength(agreeing: int, of: int, level: str | None) -> str | None:
    counted = tally("q", ballots("q", recommend=agreeing, do_not_recommend=of - agreeing), PAPER, Electorate(of))
    decided = decide(counted, level, PAPER)
    return None if decided is None else decided.strength


@given(VOTES, LEVELS)
def test_the_class_is_that_of_the_printed_table_for_the_exact_fraction(votes: tuple[int, int], level: str) -> None:
    agreeing, of = votes
    high = level in ("I", "II")
    if 100 * agreeing >= 80 * of:
        expected = "strong" if high else "moderate"
    elif 100 * agreeing >= 60 * of:
        expected = "moderate" if high else "weak"
    else:
        expected = "not recommended"
    assert _strength(agreeing, of, level) == expected


@pytest.mark.parametrize(("agreeing", "of"), [(79, 100), (399, 500), (7999, 10_000), (159, 200), (4, 5), (80, 100)])
def test_between_79_and_80_percent_the_exact_fraction_decides(agreeing: int, of: int) -> None:
    counted = tally_of_share("q", Fraction(100 * agreeing, of), PAPER)
    decided = decide(counted, "I", PAPER)
    assert decided is not None
    assert decided.strength == ("strong" if Fraction(agreeing, of) >= Fraction(4, 5) else "moderate")


@given(VOTES, LEVELS)
def test_one_more_recommending_never_lowers_the_class(votes: tuple[int, int], level: str) -> None:
    order = ["not recommended", "weak", "moderate", "strong"]
    agreeing, of = votes
    here, more = _strength(agreeing, of, level), _strength(min(agreeing + 1, of), of, level)
    assert here is not None
    assert more is not None
    assert order.index(more) >= order.index(here)


@given(VOTES)
def test_without_a_level_only_what_every_level_gives_is_decided(votes: tuple[int, int]) -> None:
    agreeing, of = votes
    expected = "not recommended" if 100 * agreeing < 60 * of else None
    assert _strength(agreeing, of, None) == expected


@given(VOTES, st.sampled_from([PAPER, COS, WHO]))
def test_a_printed_share_lies_where_the_exact_one_does(votes: tuple[int, int], protocol: Protocol) -> None:
    share = Fraction(100 * votes[0], votes[1])
    shown = Fraction(shown_share(share, protocol.cuts))
    assert all((shown >= cut) == (share >= cut) for cut in protocol.cuts)
    assert abs(shown - share) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("share", "shown"),
    [("79.6", "79.6"), ("79.97", "79.97"), ("78.6", "79"), ("80", "80"), ("80.4", "80"), ("59.5", "59.5"), ("0", "0")],
)
def test_a_share_gets_the_decimals_it_takes_to_stay_below_a_cut(share: str, shown: str) -> None:
    assert shown_share(Fraction(share), PAPER.cuts) == Decimal(shown)


@given(VOTES)
def test_the_word_for_a_share_and_the_share_agree(votes: tuple[int, int]) -> None:
    agreeing, of = votes
    counted = tally("q", ballots("q", recommend=agreeing, do_not_recommend=of - agreeing), PAPER, Electorate(of))
    said = wording(counted, decide(counted, "I", PAPER), Text("chemotherapy", "化疗"), PAPER)
    printed = Decimal(said.zh.partition("（")[2].partition("%")[0])
    assert ("绝大多数" in said.zh) == (printed >= 80)
    assert ("未达成一致" in said.zh) == (printed < 60)
    assert f"({printed} %)" in said.en


def test_conditional_answers_are_no_agreement() -> None:
    counted = tally("q", ballots("q", recommend=7, conditional=2, do_not_recommend=1), PAPER, Electorate(10))
    assert counted.share == 70


def test_abstentions_are_left_out_of_the_denominator_where_the_protocol_says_so() -> None:
    counted = tally("q", ballots("q", recommend=8, do_not_recommend=2, abstain=5), PAPER, Electorate(15))
    assert (counted.share, counted.votes, counted.abstained) == (80, 10, 5)


def test_too_few_votes_decide_nothing_and_say_so() -> None:
    counted = tally("q", ballots("q", recommend=6), PAPER, Electorate(10))
    assert not counted.enough
    assert decide(counted, "I", PAPER) is None
    assert wording(counted, None, Text("x", "甲"), PAPER).en.startswith("Too few votes")


def test_two_thirds_of_the_eligible_are_enough() -> None:
    assert tally("q", ballots("q", recommend=6), PAPER, Electorate(10, discusses=1)).enough


def test_who_may_not_vote_leaves_the_denominator() -> None:
    assert Electorate(50, discusses=3, recused=2).eligible == 45


def test_without_conflicted_votes_the_count_is_made_anew() -> None:
    cast = ballots("q", recommend=8, do_not_recommend=2)
    flagged = [Ballot(b.question, b.pseudonym, b.answer, b.reason, conflicted=i < 2) for i, b in enumerate(cast)]
    apart = without_conflicts("q", flagged, PAPER, Electorate(10))
    assert (apart.agreeing, apart.votes) == (6, 8)


@pytest.mark.parametrize(
    ("ratings", "class_"),
    [
        ([7, 7, 8, 8, 8, 9, 9, 9, 9], "appropriate"),
        ([1, 1, 2, 2, 2, 3, 3, 3, 3], "inappropriate"),
        ([4, 5, 5, 5, 5, 5, 6, 6, 6], "uncertain"),
        ([1, 1, 1, 1, 9, 9, 9, 9, 9], "uncertain"),  # disagreement
        ([6, 6, 7, 7], "appropriate"),  # a median between two bands counts with the higher
        ([3, 3, 4, 4], "uncertain"),
    ],
)
def test_ratings_are_classed_by_median_and_disagreement(ratings: list[int], class_: str) -> None:
    counted = tally("q", [Ballot("q", f"p{i}", str(r)) for i, r in enumerate(ratings)], RAND, Electorate(len(ratings)))
    decided = decide(counted, None, RAND)
    assert decided is not None
    assert decided.id == class_


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_core_outcomes_go_in_by_both_shares(ratings: list[int]) -> None:
    counted = tally("q", [Ballot("q", f"p{i}", str(r)) for i, r in enumerate(ratings)], COS, Electorate(len(ratings)))
    decided = decide(counted, None, COS)
    high, low = (sum(a <= r <= b for r in ratings) / len(ratings) for a, b in ((7, 9), (1, 3)))
    expected = "in" if high >= 0.7 and low < 0.15 else "out" if low >= 0.7 and high < 0.15 else "no consensus"
    assert decided is not None
    assert decided.id == expected


@given(st.lists(st.sampled_from([a.id for a in WHO.answers]), min_size=1, max_size=60))
def test_two_thirds_decide_the_direction_and_two_thirds_the_strength(answers: list[str]) -> None:
    counted = tally("q", [Ballot("q", f"p{i}", a) for i, a in enumerate(answers)], WHO, Electorate(len(answers)))
    decided = decide(counted, None, WHO)
    assert decided is not None
    strong, weak = answers.count("strong for"), answers.count("conditional for")
    if 3 * strong >= 2 * len(answers):
        assert decided.id == "strong for"
    elif 3 * (strong + weak) >= 2 * len(answers):
        assert decided.id == "conditional for"
    else:
        assert decided.strength == "not recommended"
    assert fitting(counted, decided, WHO).class_ == decided.id


# -- what may be published -----------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 12), min_size=5, max_size=5).filter(any))
def test_no_small_number_can_be_worked_out_from_what_is_shown(numbers: list[int]) -> None:
    """Within a group whose sum is known at least two numbers are hidden, or none."""
    answers = [answer.id for answer in WHO.answers]
    cast = [Ballot("q", f"{a}{i}", a) for a, n in zip(answers, numbers, strict=True) for i in range(n)]
    counted = tally("q", cast, WHO, Electorate(len(cast)))
    shown = shown_counts(counted, WHO)
    for group in (WHO.agreement, tuple(a for a in answers if a not in WHO.agreement)):
        hidden = [a for a in group if shown[a] is None]
        assert len(hidden) != 1
        assert all(shown[a] is None for a in group if 0 < counted.counts[a] < WHO.smallest)
    assert all(shown[a] in (None, counted.counts[a]) for a in answers)


def test_kendalls_w_is_of_those_who_answered_everything() -> None:
    cast = {"a": ballots("a", recommend=2, do_not_recommend=1), "b": ballots("b", do_not_recommend=2)}
    found = concordance(cast, PAPER)
    assert found is not None
    assert (found.raters, found.items) == (2, 2)


def test_a_share_known_without_its_votes_has_no_interval() -> None:
    counted = tally_of_share("q", Fraction(92), PAPER)
    assert isinstance(counted, Tally)
    assert counted.interval is None
    assert counted.votes is None
