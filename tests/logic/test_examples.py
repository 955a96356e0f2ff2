"""The examples beside each fact hold on every reader, and a wrong one is noticed."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.logic.examples import check_examples
from tumorboard.logic.facts import Facts, load_facts
from tumorboard.vocabulary.library import Vocabulary

TODAY = datetime.date(2026, 3, 1)
INTERFACE = (
    "disease", "histology", "ecog", "next_line", "driver_status", "drivers", "platinum_free_interval",
    "refractory_type", "best_overall_response", "egfr_tki_resistance",
    "her2_overexpression", "her2_amplification", "her2_mutation", "met_amplification",
)  # fmt: skip


@pytest.fixture(scope="module")
def facts() -> Facts:
    folder = KnowledgeFolder(SHIPPED)
    return load_facts(folder, Vocabulary.load(folder))


def test_every_example_of_every_fact_holds(facts: Facts) -> None:
    assert check_examples(facts, facts.vocabulary, TODAY) == []


@pytest.mark.parametrize("name", INTERFACE)
def test_each_fact_of_the_interface_has_two_examples(facts: Facts, name: str) -> None:
    assert len(facts.definitions[name].examples) >= 2


@pytest.mark.parametrize(
    ("fact", "example", "message"),
    [
        (
            "next_line",
            {"case": {"treatments": []}, "value": 2},
            "next_line, example 1: is Number(low=1, high=1, na=False, some=True), "
            "not Number(low=2, high=2, na=False, some=True)",
        ),
        (
            "disease",
            {"case": {}, "unknown": ["treatments"]},
            "disease, example 1: is Label(possible=None, na=True), asking for ['conditions'], "
            "not unknown asking for ['treatments']",
        ),
        (
            "disease",
            {"case": {"conditions": [{"disease": "NSCLC"}]}, "not_applicable": True},
            "disease, example 1: is Label(possible=frozenset({'NSCLC'}), na=False), not without meaning",
        ),
        (
            "disease",
            {"case": {}, "undecided": True},
            "disease, example 1: is Label(possible=None, na=True), asking for conditions, not left open by the source",
        ),
        (
            "disease",
            {"case": {"treatments": [{"line": 1, "agents": ["gefitinob"]}]}, "value": "NSCLC"},
            "disease, example 1: treatments[0].agents[0]: unknown drug 'gefitinob'; "
            "did you mean gefitinib or epitinib or erdafitinib?",
        ),
        ("disease", {"case": {}}, "disease, example 1: is not complete; give `case` and one of value | unknown | "
         "possible | not_applicable | undecided"),
        ("disease", {"case": {}, "valeu": 1}, "disease, example 1: unknown key 'valeu'; use case | not_applicable | "
         "possible | settings | undecided | unknown | value"),
    ],
)  # fmt: skip
def test_an_example_that_does_not_hold_is_a_problem(facts: Facts, fact: str, example: Any, message: str) -> None:
    definition = replace(facts.definitions[fact], examples=(example,))
    others = {name: replace(other, examples=()) for name, other in facts.definitions.items()}
    wrong = replace(facts, definitions={**others, fact: definition})
    assert [str(problem) for problem in check_examples(wrong, facts.vocabulary, TODAY)] == [message]
