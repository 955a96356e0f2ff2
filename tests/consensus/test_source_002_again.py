"""The consensus of 2023 made once more: its printed shares and levels give the 34 graded cells and three rejections."""

from __future__ import annotations

import datetime
import re
from fractions import Fraction
from pathlib import Path

import pytest
from panels import PAPER, ballots, paper, whole_paper
from places import SOURCES

from tumorboard.consensus.package import checked, guideline_content, write_guideline
from tumorboard.consensus.result import Result, RoundVotes, result_of_rounds, result_of_shares
from tumorboard.consensus.tally import Electorate, cut_within_rounding
from tumorboard.guidelines.knowledge import Knowledge

TODAY = datetime.date(2026, 3, 1)
ROMAN = str.maketrans({"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V"})
# Printed with the word for 80 % and more (绝大多数), though the share is below it: the words part from the figures.
WORDED_HIGHER = {"tki-chemotherapy": 76, "tki-immunotherapy-antiangiogenic-chemotherapy": 77}


@pytest.fixture(scope="module")
def again(knowledge: Knowledge) -> Result:
    """The shares as the findings of the votes quote them."""
    shares = {}
    for strategy in knowledge.guideline(PAPER).strategies.values():
        assert strategy.vote is not None
        quoted = re.search(r"(\d+)\s*%", knowledge.findings.get(strategy.vote).quote)
        assert quoted, strategy.vote
        shares[strategy.id] = Fraction(quoted.group(1))
    return result_of_shares(whole_paper(knowledge), paper(knowledge), shares)


def test_34_graded_cells_and_three_rejections_come_out_as_printed(again: Result, knowledge: Knowledge) -> None:
    printed = {option.id: option.strength for _, option in knowledge.guideline(PAPER).options()}
    graded = {g.regimen.id: g.decided.strength for o in again.outcomes for g in o.options if g.decided}
    assert graded == printed
    assert sum(strength != "not recommended" for strength in graded.values()) == 34
    assert sorted(name for name, strength in graded.items() if strength == "not recommended") == [
        "sclc3-dual-immunotherapy",
        "sclc3-immunotherapy-alone",
        "tki-adc",
    ]


def test_each_level_is_the_one_printed_in_the_cell(again: Result, knowledge: Knowledge) -> None:
    cells = {option.id: option.cell for _, option in knowledge.guideline(PAPER).options() if option.cell}
    levels = {g.regimen.id: g.regimen.level for o in again.outcomes for g in o.options}
    for option, cell in cells.items():
        quoted = re.findall(r"（([Ⅰ-Ⅴ])）", knowledge.findings.get(cell).quote)
        assert [level.translate(ROMAN) for level in quoted] == [levels[option]], option
    assert len(cells) == 34


def test_no_printed_grade_differs_from_the_printed_rule(again: Result, knowledge: Knowledge) -> None:
    assert knowledge.guideline(PAPER).differences() == ()


def test_the_package_passes_lint_examples_and_proof_and_prints_the_same_guideline(
    again: Result, knowledge: Knowledge, tmp_path: Path
) -> None:
    passed = checked(guideline_content(again), (), TODAY, prove=True)
    assert passed.proved
    assert passed.examples == len(knowledge.guideline(PAPER).examples)
    write_guideline(passed.content, tmp_path)
    made = Knowledge.load(tmp_path).guideline("refractory-lung-cancer-2026")
    old = knowledge.guideline(PAPER)
    assert [(s.id, s.when.text) for s in made.situations] == [(s.id, s.when.text) for s in old.situations]
    assert {o.id: (o.strength, o.level, o.strategy.agreement, o.regimen) for _, o in made.options()} == {
        o.id: (o.strength, o.level, o.strategy.agreement, o.regimen) for _, o in old.options()
    }


def test_a_panel_of_a_hundred_voting_so_gives_the_same_grades(again: Result, knowledge: Knowledge) -> None:
    """Two rounds, every answer kept."""
    questions, protocol = whole_paper(knowledge), paper(knowledge)
    cast = {}
    for outcome in again.outcomes:
        assert outcome.tally.share is not None
        agreeing = int(outcome.tally.share)
        cast[outcome.question.id] = ballots(
            outcome.question.id, recommend=agreeing, do_not_recommend=(100 - agreeing) // 2,
            conditional=100 - agreeing - (100 - agreeing) // 2,
        )  # fmt: skip
    rounds = [RoundVotes(n, cast, {name: Electorate(100) for name in cast}) for n in (1, 2)]
    voted = result_of_rounds(questions, protocol, rounds, 100)
    for mine, printed in zip(voted.outcomes, again.outcomes, strict=True):
        assert [g.decided for g in mine.options] == [g.decided for g in printed.options]
        assert mine.wording == printed.wording
        assert mine.change is not None
        assert mine.change.changed == 0


def test_a_printed_share_on_a_cut_may_have_been_rounded_over_it(again: Result) -> None:
    """What 80 % and 60 % were before rounding can't be known, and decides the grade: said here, not mended."""
    found = {o.question.id: cut_within_rounding(o.tally, again.protocol) for o in again.outcomes}
    assert {name: cut for name, cut in found.items() if cut is not None} == {
        "beyond-immunotherapy-antiangiogenic": 80,
        "tki-immunotherapy-antiangiogenic": 60,
    }


@pytest.mark.sources
def test_the_sentences_have_the_papers_words_but_where_the_paper_parts_from_its_own_figures(again: Result) -> None:
    text = re.sub(r"\s", "", (SOURCES / "002_5cbf5f071b6601f8.txt").read_text(encoding="utf-8"))
    found = [(int(share), word) for word, share in re.findall(r"(绝大多数|多数)专家（(\d+)%）推荐", text)]
    assert text.count("绝大多数专家表4") == text.count("（77%）推荐") == 1  # table 4 stands between word and share
    printed = sorted([*found, (77, "绝大多数")])
    rejected = sorted(int(share) for share in re.findall(r"专家未达成一致结论而暂不推荐（(\d+)%）", text))
    ours, none = [], []
    for outcome in again.outcomes:
        share = int(outcome.tally.share or 0)
        if "未达成一致" in outcome.wording.zh:
            none.append(share)
        else:
            word = "绝大多数" if outcome.question.id in WORDED_HIGHER else outcome.wording.zh.partition("专家")[0]
            ours.append((share, word))
    assert sorted(ours) == printed
    assert sorted(none) == rejected
    assert all(again.outcome(name).wording.zh.startswith("多数专家") for name in WORDED_HIGHER)
