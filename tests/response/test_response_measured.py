"""What measurements tell of the best response on the newest line reaches the rules."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tumorboard.case.read import case_from_data
from tumorboard.errors import InvalidInput
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.explain import Explainer
from tumorboard.logic.values import Value, label
from tumorboard.response.criteria import load_criteria
from tumorboard.response.measured import with_measured

LINE = {"line": 1, "agents": ["lenvatinib"], "start": "2025-01-01", "best_response": "PD"}


def best(knowledge: Knowledge, *sums: tuple[str, int], **more: Any) -> Value:
    response = [
        {"date": day, "criteria": "RECIST 1.1", "target_sum_mm": mm, "nontarget": "non-CR/non-PD", "new_lesions": False}
        for day, mm in sums
    ]
    data = {"id": "x", "as_of": "2026-03-01", "treatments": [LINE], "response": response, **more}
    case = case_from_data(data, knowledge.vocabulary, datetime.date(2026, 3, 1))
    case = with_measured(case, load_criteria(knowledge.folder), knowledge.vocabulary)
    return Explainer(knowledge.facts, case.tables).fact("best_overall_response").value


def test_measurements_that_settle_it_go_before_what_is_recorded(knowledge: Knowledge) -> None:
    assert best(knowledge, ("2024-12-20", 100), ("2025-03-01", 50), ("2025-06-01", 60)) == label("PR")


def test_without_measurements_the_recorded_response_holds(knowledge: Knowledge) -> None:
    assert best(knowledge) == label("PD")


def test_measurements_that_leave_it_open_do_not_decide(knowledge: Knowledge) -> None:
    open_ended = [{"date": "2024-12-20", "criteria": "RECIST 1.1", "target_sum_mm": 100},
                  {"date": "2025-03-01", "criteria": "RECIST 1.1", "target_sum_mm": 50}]  # fmt: skip
    assert best(knowledge, response=open_ended) == label("PD")


def test_a_wrong_measurement_is_named_by_its_place(knowledge: Knowledge) -> None:
    with pytest.raises(InvalidInput, match=r"response\[1\]"):
        best(knowledge, ("2024-12-20", 100), ("2024-12-20", 50))
