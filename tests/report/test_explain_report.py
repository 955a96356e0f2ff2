"""Derivations in words: every step, met or not or unknown, with its value and its place."""

from __future__ import annotations

import re
from typing import Any

import pytest
from report_samples import EGFR, EMPTY, NEG, SCLC, advice_of, every_case, knowledge
from rich.console import Console

from tumorboard.logic.tree import Fact
from tumorboard.logic.wording import Wording
from tumorboard.report.explain import Explanation, as_tree, explain, explain_option, explain_text, explain_tree
from tumorboard.report.names import has_chinese
from tumorboard.text import LANGUAGES, Language

CASES = every_case()


def told_fact(data: dict[str, Any], name: str, language: Language = "en") -> str:
    advice, _ = advice_of(data)
    fact = Fact(name, knowledge().facts.definitions[name].type)
    return explain_text(advice.explainer.step(fact), Wording(knowledge().facts), language)


def test_a_fact_is_derived_down_to_the_entries_of_the_record_with_value_and_threshold() -> None:
    text = told_fact(SCLC, "refractory_type")
    assert text.startswith("refractory type: refractory SCLC")
    assert "✓ met · platinum-free interval: 89 days, below 90 days" in text
    assert "treatments[0].progressed" in text
    assert "interval that makes small cell lung cancer refractory: 90 days" in text


def test_a_fact_that_comes_up_twice_is_derived_once() -> None:
    text = told_fact(SCLC, "refractory_type")
    assert "shown above" in text
    assert text.count("treatments[0].end") == 1


def test_what_is_not_known_names_what_would_settle_it() -> None:
    text = told_fact(NEG, "her2_mutation", "zh")
    assert "? 未知" in text and "尚需：HER2 突变（未检测）" in text


def test_assumptions_stand_where_they_are_made() -> None:
    assert "assumed: the list of treatments is complete" in told_fact(SCLC, "targeted_therapy_given")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_every_fact_and_situation_of_every_example_can_be_explained(data: dict[str, Any], language: Language) -> None:
    advice, _ = advice_of(data)
    wording = Wording(knowledge().facts)
    steps = [*advice.facts.values(), *(answer.step for answer in advice.situations)]
    for step in steps:
        for line in explain(step, wording, language).lines():
            assert line.strip()
            assert "{" not in line
            # A place repeats the key as the file writes it.
            assert language == "zh" or not has_chinese(re.sub(r"consent\.[^\s),]+", "", line))


def test_an_option_tells_its_situation_its_conditions_and_what_would_exclude_it() -> None:
    advice, _ = advice_of(EGFR)
    answer = next(answer for answer in advice.options if answer.option.id == "bronchoscopic-intervention")
    told = explain_option(answer, advice.explainer, Wording(knowledge().facts), "en")
    heads = [item.text for item in told.below]
    assert told.text == "bronchoscopic intervention"
    assert heads[0].startswith("Status: possible.")
    assert heads[1] == "Situation: refractory lung cancer with malignant central airway stenosis"
    assert heads[2].startswith("ruled out if: lung function beyond the stenosis is lost")
    assert told.below[2].below[0].verdict == "unknown"


def test_the_tree_of_the_terminal_says_the_same_as_the_text() -> None:
    advice, _ = advice_of(EMPTY)
    step, wording = advice.situations[0].step, Wording(knowledge().facts)
    console = Console(width=4000)
    with console.capture() as shown:
        console.print(explain_tree(step, wording, "en"), markup=False)
    lines = [line.strip("│├└─ \xa0") for line in shown.get().splitlines()]
    assert lines == [line.strip() for line in explain_text(step, wording, "en").splitlines()]


def test_markup_in_a_sentence_is_shown_as_written() -> None:
    console = Console(width=100)
    with console.capture() as shown:
        console.print(as_tree(Explanation("[red]x[/red]", "yes", "met")))
    assert shown.get().strip() == "✓ met · [red]x[/red]"
