"""Every shipped guideline gives the same verdicts on another engine: our ELM, and our CQL through the translator."""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest
from engine import Engine, NotCompiled
from patients import Assignment, boundaries, draw, flat, reader_of, unknown, words_asked

from tumorboard.case.read import case_from_data
from tumorboard.cli.common import EXAMPLE_DAY
from tumorboard.guidelines import exporting
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Guideline, Option
from tumorboard.logic.elm import ElmReader
from tumorboard.logic.fast import FastFacts, FastReader
from tumorboard.logic.tree import Node, facts_read
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Truth

pytestmark = pytest.mark.npm
PATIENTS = 20_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 600
GUIDELINES = ("refractory-lung-cancer-2023", "targeted-resistance", "intermediate-hcc-2021")
_SHOWN = {TRUE: True, FALSE: False, UNKNOWN: None}


def rules_of(guideline: Guideline, knowledge: Knowledge) -> list[Node]:
    rules = [guideline.scope, *(each.when for each in (*guideline.situations, *guideline.not_covered))]
    for _, option in guideline.options():
        rules += [exclusion.when for exclusion in option.exclusions]
        rules += [condition.when for condition in option.conditions if condition.when is not None]
    rules += [caution.when for caution in exporting.cautions_of(guideline, knowledge) if caution.when is not None]
    return [rule.node for rule in rules]


def assignments(guideline: Guideline, knowledge: Knowledge, count: int) -> list[Assignment]:
    """Patients of whom much, little or nothing is known; many meet a situation but for one fact."""
    reader, random, rules = ElmReader(knowledge.facts), Random(guideline.id), rules_of(guideline, knowledge)
    names = sorted(frozenset[str]().union(*map(facts_read, rules)))
    at, words = boundaries(rules), words_asked(rules)
    types = {name: knowledge.facts.definitions[name].type for name in names}
    found: list[Assignment] = [{name: draw(random, name, types[name], reader, [], set(), 1.0) for name in names}]
    while len(found) < count:
        doubt = random.choice((0.0, 0.0, 0.1, 0.3, 0.8))
        found.append({
            name: draw(random, name, types[name], reader, at.get(name, []), words.get(name, set()), doubt)
            for name in names
        })  # fmt: skip
    return found


def ours(guideline: Guideline, knowledge: Knowledge, reader: FastReader) -> dict[str, bool | None]:
    """Every definition of the library by the fast reader, put together as advice does."""

    def shown(node: Node) -> bool | None:
        value = reader.value(node)
        assert isinstance(value, Truth)
        return _SHOWN[value]

    found = {exporting.SCOPE: shown(guideline.scope.node)}
    for situation in guideline.situations:
        inside = found[exporting.SCOPE] is not False
        found[exporting.situation_name(situation)] = shown(situation.when.node) if inside else False
    for _, option in guideline.options():
        if option.exclusions:
            found[exporting.ruled_out_name(option)] = _ruled_out(option, shown)
        for index, condition in enumerate(option.conditions):
            if condition.when is not None:
                found[exporting.condition_name(option, index)] = shown(condition.when.node)
    for number, caution in enumerate(exporting.cautions_of(guideline, knowledge), 1):
        assert caution.when is not None
        found[exporting.caution_name(number)] = shown(caution.when.node)
    for number, entry in enumerate(guideline.not_covered, 1):
        found[f"not covered {number}"] = shown(entry.when.node)
    return found


def _ruled_out(option: Option, shown: Any) -> bool | None:
    answers = [(shown(exclusion.when.node), exclusion.if_unknown) for exclusion in option.exclusions]
    if any(answer for answer, _ in answers):
        return True
    return None if (None, "possible") in answers else False


def test_these_are_all_guidelines(knowledge: Knowledge) -> None:
    assert set(GUIDELINES) == set(knowledge.guidelines)


@pytest.mark.parametrize("name", GUIDELINES)
def test_verdicts_are_the_same(name: str, knowledge: Knowledge, cql_engine: Engine) -> None:
    guideline, fast = knowledge.guidelines[name], FastFacts(knowledge.facts)
    given = assignments(guideline, knowledge, PATIENTS)
    patients = [flat(each, ElmReader(knowledge.facts)) for each in given]
    for patient in patients[::2]:  # what isn't known may be left out as well
        for fact in [fact for fact, value in patient.items() if value is None]:
            del patient[fact]
    expected = [ours(guideline, knowledge, reader_of(fast, each)) for each in given]
    for situation in guideline.situations:
        told = {each[exporting.situation_name(situation)] for each in expected}
        assert told == {True, False, None}, f"{situation.id} is never drawn as one of the three"
    by_elm = cql_engine.run_elm(exporting.elm_library(guideline, knowledge), patients)
    by_cql = cql_engine.run_cql(exporting.cql_library(guideline, knowledge), patients)
    for patient, wanted, one, other in zip(patients, expected, by_elm, by_cql, strict=True):
        assert one == wanted, patient
        assert other == wanted, patient


@pytest.mark.parametrize("name", GUIDELINES)
def test_example_cases_get_the_same_verdicts(name: str, knowledge: Knowledge, cql_engine: Engine) -> None:
    """Of real cases a fact may be known in part (a line from 2 on), which the flat patient can't say: then the answer
    may be unknown where ours isn't, and is never another."""
    guideline, fast, reader = knowledge.guidelines[name], FastFacts(knowledge.facts), ElmReader(knowledge.facts)
    names = sorted(frozenset[str]().union(*map(facts_read, rules_of(guideline, knowledge))))
    types = {fact: knowledge.facts.definitions[fact].type for fact in names}
    patients, expected, exact = [], [], []
    for example in guideline.examples:
        case = case_from_data({"id": "example", **example["case"]}, knowledge.vocabulary, EXAMPLE_DAY)
        held = fast.reader(case.tables)
        given = {fact: held.fact(fact) for fact in names}
        for fact, value in given.items():
            assert reader.may_be_absent(fact) or not getattr(value, "na", False), f"{fact} can be not applicable"
        patients.append(flat(given, reader))
        expected.append(ours(guideline, knowledge, held))
        told = (value.known or value == unknown(fact, types[fact], reader) for fact, value in given.items())
        exact.append(all(told))
    answers = cql_engine.run_elm(exporting.elm_library(guideline, knowledge), patients)
    assert len(answers) > 2
    same = sum(answer == wanted for answer, wanted in zip(answers, expected, strict=True))
    assert same >= 0.9 * len(answers)
    for answer, wanted, whole in zip(answers, expected, exact, strict=True):
        for definition, value in answer.items():
            assert value == wanted[definition] or (value is None and not whole), definition


def test_what_does_not_compile_is_no_answer(cql_engine: Engine) -> None:
    with pytest.raises(NotCompiled, match="Could not resolve identifier nope"):
        cql_engine.run_cql('library "x" version \'1\'\ncontext Unfiltered\ndefine "y": "nope"\n', [{}])
