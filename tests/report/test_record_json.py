"""The record written as compact JSON is the record, whatever cases were written before it."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from tumorboard.advice.advise import advise
from tumorboard.advice.given import case_given
from tumorboard.cli.setup import DEMO
from tumorboard.data import parse, read_text
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.record import advice_json, advice_record, case_facts_json, case_facts_record
from tumorboard.text import LANGUAGES, Language

TODAY = datetime.date(2026, 3, 1)


def cases(knowledge: Knowledge) -> list[Any]:
    demos = [parse(read_text(file), file.name) for file in sorted(DEMO.iterdir())]
    guidelines = knowledge.guidelines.values()
    examples = [{"id": "example", **each["case"]} for guideline in guidelines for each in guideline.examples]
    return [*demos, *examples[::3]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_written_in_parts_it_is_the_record_written_at_once(knowledge: Knowledge, language: Language) -> None:
    plain = {"ensure_ascii": False, "separators": (",", ":")}
    for data in cases(knowledge):
        case = case_given(data, knowledge, TODAY)
        advice = advise(case, knowledge)
        at_once = json.dumps(advice_record(advice, knowledge, language), **plain)
        assert advice_json(advice, knowledge, language) == at_once
        assert case_facts_json(case, knowledge, language) == json.dumps(
            case_facts_record(case, knowledge, language), **plain
        )
