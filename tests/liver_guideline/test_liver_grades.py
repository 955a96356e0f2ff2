"""Grades of a source nobody voted on: the rule is data, every option obeys it, and it knows its limits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from board import Board, refractory_sclc
from liver_cases import B2, hcc

from tumorboard.errors import InvalidKnowledge
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.guidelines.design_rules import load_design_rules
from tumorboard.guidelines.knowledge import Knowledge

GUIDELINE = "intermediate-hcc-2021"


def test_level_and_strength_follow_from_the_design_of_the_study(knowledge: Knowledge) -> None:
    grades = {option.id: (option.level, option.strength) for _, option in knowledge.guideline(GUIDELINE).options()}
    assert grades == {
        "hcc-tace": ("V", "weak"),  # consensus statements
        "hcc-tace-sorafenib": ("II", "weak"),  # randomised, PFS significant, OS not analysed
        "hcc-combinations": (None, None),  # an outlook
        "hcc-lenvatinib-first": ("IV", "weak"),  # retrospective
        "hcc-lenvatinib-tace": ("V", "weak"),
        "hcc-lenvatinib-refractory": ("IV", "weak"),
        "hcc-alternating": ("IV", "weak"),
        "hcc-haic-folfox": ("II", "moderate"),  # phase III whose size the source criticises, OS significant
        "hcc-haic-mfolfox": ("III", "weak"),  # prospective, not randomised
        "hcc-haic-cisplatin": ("IV", "weak"),
    }


def test_the_rule_reaches_level_one_only_without_doubts_and_never_says_strong(knowledge: Knowledge) -> None:
    rule = load_design_rules(KnowledgeFolder(SHIPPED))["by-design"]
    find = knowledge.findings.get
    trial, os = find("S004-189"), find("S004-216")
    assert rule.grade(trial, [], [os]).level == "I"
    assert rule.grade(trial, [find("S004-223")], [os]).level == "II"
    assert {entry.strength for entry in rule.strengths} == {"moderate", "weak"}
    assert rule.grade(trial, [], []).strength == "weak", "no endpoint named is none significant"
    with pytest.raises(ValueError, match="no criticism of size or bias"):
        rule.grade(trial, [find("S004-224")], [os])
    with pytest.raises(ValueError, match="not of FOLFOX"):
        rule.grade(trial, [], [find("S004-096")])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("level: II\n        strength: moderate", "level: I\n        strength: moderate", "gives level II, moderate"),
        ("level: II\n        strength: weak", "level: II\n        strength: moderate", "gives level II, weak"),
        ("graded_by: by-design", "graded_by: by-taste", "no grading rule 'by-taste'"),
        ("        grade: {study: S004-041}\n", "", "a grade without what by-design gave it for"),
        ("{findings: [S004-082]}", "{findings: [S004-999]}", "no finding 'S004-999'"),
    ],
)
def test_loading_refuses_a_grade_the_rule_does_not_give(tmp_path: Path, old: str, new: str, message: str) -> None:
    root = tmp_path / "knowledge"
    shutil.copytree(SHIPPED, root)
    file = root / "guidelines" / f"{GUIDELINE}.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidKnowledge) as error:
        Knowledge.load(root=root)
    assert message in str(error.value)
    assert f"{GUIDELINE}.yaml:" in str(error.value)


def test_the_advice_names_the_rule_for_ungraded_sources_only(board: Callable[..., Board]) -> None:
    found = board(B2)
    option = found.option("hcc-b2", "lenvatinib")
    assert (option["basis"], option["graded_by"], option["agreement"]) == ("by-design", "by-design", None)
    assert "retrospective cohort" in option["grade"]
    outlook = found.option("hcc-intermediate", "HAIC | TACE", "immune checkpoint inhibitor | targeted therapy")
    assert (outlook["basis"], outlook["graded_by"], outlook["strength"]) == ("ungraded", None, None)
    assert any("LEAP-012" in remark or "lenvatinib + pembrolizumab" in remark for remark in outlook["remarks"])
    panel = board(refractory_sclc()).record["options"]
    assert panel and all(each["graded_by"] is None and each["basis"] == "panel" for each in panel)


def test_every_option_argues_both_sides_and_says_what_the_paper_concludes(knowledge: Knowledge) -> None:
    for _, option in knowledge.guideline(GUIDELINE).options():
        assert {argument.side for argument in option.arguments} == {"for", "against"}, option.id
        assert option.conclusion, option.id
        assert {name for argument in option.arguments for name in argument.findings} <= set(option.evidence)


def test_arguments_carry_size_effect_weakness_and_what_is_wrong_with_the_figures(board: Callable[..., Board]) -> None:
    option = board(hcc(1, "7.0")).record["options"][0]
    sides = option["arguments"]
    told = {point["id"]: point for side in sides.values() for each in side for point in each["findings"]}
    assert told["S004-192"]["n"] == 315
    assert "23.1 vs 16.1" in told["S004-216"]["claim"]
    assert "not standardised" in told["S004-222"]["claim"]
    assert any("oxaliplatin 130 vs 85" in remark for remark in told["S004-191"]["remarks"])
    assert [point["id"] for point in option["conclusion"]][:2] == ["S004-238", "S004-239"]
