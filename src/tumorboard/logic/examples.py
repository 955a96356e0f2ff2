"""The examples beside each fact, run on every reader: small cases with the value the fact must have for them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from tumorboard.case.read import Case, case_from_data
from tumorboard.errors import Problem, TumorboardError
from tumorboard.logic.explain import Explainer
from tumorboard.logic.facts import FactDefinition, Facts
from tumorboard.logic.fast import FastFacts
from tumorboard.logic.steps import Step
from tumorboard.logic.values import Day, Label, Labels, Number, Truth, Value, is_not_applicable, truth
from tumorboard.logic.wording import notes_of
from tumorboard.vocabulary.library import Vocabulary

EXPECTED = ("value", "unknown", "possible", "not_applicable", "undecided")
_KEYS = {"case", "settings", *EXPECTED}


def check_examples(facts: Facts, vocabulary: Vocabulary, today: datetime.date) -> list[Problem]:
    """What fails of the examples of all facts; nothing where all hold. ``today``: the day where a case has none.

    An example gives a ``case`` (``settings`` where options are chosen) and what its fact must be: ``value``;
    ``unknown`` with the inputs it must ask for; ``possible`` with what is left; ``not_applicable: true``; or
    ``undecided: true``, where the source decides nothing and nothing is asked.
    """
    checker = _Checker(facts, vocabulary, today)
    return [problem for fact in facts.definitions.values() for problem in checker.problems_of(fact)]


class _Checker:
    def __init__(self, facts: Facts, vocabulary: Vocabulary, today: datetime.date) -> None:
        self.facts, self.vocabulary, self.today = facts, vocabulary, today
        self.fast = FastFacts(facts)

    def problems_of(self, fact: FactDefinition) -> Iterator[Problem]:
        for index, example in enumerate(fact.examples):
            place = f"{fact.id}, example {index + 1}"
            if unknown := sorted(set(example) - _KEYS):
                yield Problem(place, f"unknown key {unknown[0]!r}", f"use {' | '.join(sorted(_KEYS))}")
            elif "case" not in example or not set(example) & set(EXPECTED):
                yield Problem(place, "is not complete", f"give `case` and one of {' | '.join(EXPECTED)}")
            else:
                yield from self.differences(fact, example, place)

    def differences(self, fact: FactDefinition, example: Mapping[str, Any], place: str) -> Iterator[Problem]:
        try:
            chosen = {name: str(value) for name, value in (example.get("settings") or {}).items()}
            facts = self.facts.with_settings(chosen) if chosen else self.facts
            case = self.case(example["case"])
        except TumorboardError as error:
            yield from (Problem(f"{place}: {problem.place}", problem.what, problem.mend) for problem in error.problems)
            return
        step = Explainer(facts, case.tables).fact(fact.id)
        fast = (FastFacts(facts) if chosen else self.fast).reader(case.tables).fact(fact.id)
        if fast != step.value:
            yield Problem(place, f"the fast reader gives {fast}, explain {step.value}")
        yield from (Problem(place, what) for what in _wrong(step, example))

    def case(self, entries: Mapping[str, Any]) -> Case:
        data = {"schema": "tumorboard.case/1", "id": "example", **entries}
        return case_from_data(data, self.vocabulary, self.today)


def _wrong(step: Step, example: Mapping[str, Any]) -> Iterator[str]:
    value, asked = step.value, sorted({item.ask for item in step.missing})
    silent = any(note.kind == "undecided" for note in notes_of(step))
    if "value" in example and value != (wanted := expected_value(value, example["value"])):
        yield f"is {value}, not {wanted}" + (f"; missing: {', '.join(asked)}" if asked else "")
    if example.get("not_applicable") and not is_not_applicable(value):
        yield f"is {value}, not without meaning"
    if example.get("undecided") and (value.known or asked or not silent):
        yield f"is {value}, asking for {', '.join(asked) or 'nothing'}, not left open by the source"
    if "possible" in example and (value.known or value != (wanted := _possible(value, example["possible"]))):
        yield f"is {value}, not {wanted}"
    if "unknown" in example and (value.known or asked != sorted(example["unknown"])):
        yield f"is {value}, asking for {asked}, not unknown asking for {sorted(example['unknown'])}"


def expected_value(like: Value, wanted: Any) -> Value:
    """A known value written as YAML has it, of the kind of ``like``."""
    match like:
        case Truth():
            return truth(bool(wanted)) if isinstance(wanted, bool) else Label(frozenset((str(wanted),)))
        case Label():
            return Label(frozenset((str(wanted),)))
        case Labels():
            return Labels(frozenset(wanted), frozenset(wanted))
        case Day():
            ordinal = _ordinal(wanted)
            return Day(ordinal, ordinal)
        case Number():
            return Number(wanted, wanted)
    raise AssertionError(f"no example for {like!r}")


def _possible(like: Value, wanted: Any) -> Value:
    """What is left: ``[low, high]`` of numbers and days (null: open), the list of labels, or of members of a set."""
    na = "not applicable" in wanted
    left = [word for word in wanted if word != "not applicable"]
    match like:
        case Label():
            return Label(frozenset(left), na)
        case Labels(certain):
            return Labels(certain, frozenset(left))
        case Day():
            low, high = (None if bound is None else _ordinal(bound) for bound in left)
            return Day(low, high, na)
        case Number():
            low_number, high_number = left
            return Number(low_number, high_number, na)
    raise AssertionError(f"no range of {like!r}")


def _ordinal(day: str) -> int:
    return datetime.date.fromisoformat(day).toordinal()
