"""The recalling reader tells what the explain reader finds, in whatever order cases come."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from test_readers_agree import SLOW, Tables, facts_from
from trees import nodes, rules_of_facts, tables, tables_read

from tumorboard.case.read import case_from_data
from tumorboard.cohort.synthesise import Synthesis
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic import recalling
from tumorboard.logic.explain import Explainer
from tumorboard.logic.facts import Facts
from tumorboard.logic.recalling import Recall, Told
from tumorboard.logic.steps import Step
from tumorboard.logic.tree import Node
from tumorboard.logic.wording import Wording


def in_words(step: Step, wording: Wording) -> Told:
    return Told(step.value, step.missing, wording.because(step), wording.assumptions(step))


def told_plainly(facts: Facts, held: Tables, rules: list[Node]) -> list[Told]:
    explain, wording = Explainer(facts, held), Wording(facts)
    steps = [*(explain.fact(name) for name in facts.definitions), *map(explain.step, rules)]
    return [in_words(step, wording) for step in steps]


def told_again(recall: Recall, held: Tables, rules: list[Node]) -> list[Told]:
    reader = recall.reader(held)
    return [reader.told(each) for each in (*recall.facts.definitions, *rules)]


@st.composite
def facts_and_cases(draw: Any) -> tuple[Facts, list[Tables]]:
    rules = {**draw(rules_of_facts()), "asked": draw(nodes())}
    read = frozenset().union(*map(tables_read, rules.values()))
    return facts_from(rules), draw(st.lists(tables(read), min_size=2, max_size=4))


@settings(SLOW, max_examples=settings.default.max_examples // 4)
@given(facts_and_cases())
def test_of_random_facts_it_tells_what_the_explain_reader_finds(asked: tuple[Facts, list[Tables]]) -> None:
    facts, cases = asked
    try:
        plainly = [told_plainly(facts, held, []) for held in cases]
    except ValueError:  # a day that no calendar has, which no case file holds either
        reject()
    recall = Recall(facts)
    for _ in range(2):
        assert [told_again(recall, held, []) for held in cases] == plainly


@pytest.fixture(scope="module")
def rules(knowledge: Knowledge) -> list[Node]:
    guidelines = knowledge.guidelines.values()
    return [rule.node for each in guidelines for rule in (each.scope, *(one.when for one in each.situations))]


def synthetic(knowledge: Knowledge, count: int) -> list[Tables]:
    made = Synthesis(knowledge.folder, knowledge.vocabulary, seed=3)
    return [case_from_data(made.case(n), knowledge.vocabulary, made.as_of).tables for n in range(count)]


@pytest.mark.parametrize("most", [40_000, 300])
def test_of_the_shipped_knowledge_too_and_where_it_had_to_forget(
    knowledge: Knowledge, rules: list[Node], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalling, "_MOST", most)
    monkeypatch.setattr(recalling, "_MOST_ENDS", most // 100)
    recall = Recall(knowledge.facts)
    for held in synthetic(knowledge, 40):
        assert told_again(recall, held, rules) == told_plainly(knowledge.facts, held, rules)


def test_of_several_threads_at_once_each_is_told_of_its_own_case(knowledge: Knowledge, rules: list[Node]) -> None:
    cases, recall = synthetic(knowledge, 12), Recall(knowledge.facts)
    plainly = [told_plainly(knowledge.facts, held, rules) for held in cases]
    with ThreadPoolExecutor(4) as threads:
        for _ in range(2):
            assert list(threads.map(lambda held: told_again(recall, held, rules), cases)) == plainly


def test_a_number_is_told_with_the_digits_of_its_own_case(knowledge: Knowledge) -> None:
    recall = Recall(knowledge.facts)
    for value in ("1.10", "1.1", "1.100", "2"):
        albumin = {"name": "albumin", "value": Decimal(value), "unit": "g/dL", "date": "2026-02-20"}
        held = case_from_data(
            {"id": "x", "labs": [albumin, {"name": "bilirubin", "value": Decimal(value), "unit": "mg/dL"}]},
            knowledge.vocabulary, datetime.date(2026, 3, 1),
        ).tables  # fmt: skip
        assert repr(told_again(recall, held, [])) == repr(told_plainly(knowledge.facts, held, []))
