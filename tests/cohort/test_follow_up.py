"""What is known afterwards is read strictly, and never reaches a rule."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from tumorboard.advice.advise import advise
from tumorboard.case.read import case_from_data
from tumorboard.cohort.follow_up import given_after, read_follow_up, with_follow_up
from tumorboard.cohort.patients import case_of, patient_of
from tumorboard.errors import InvalidInput
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.record import advice_record

HEAD = "id,hospital,start,last_seen,died\n"


def table(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "after.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_table_is_read_with_what_is_not_known_left_open(tmp_path: Path) -> None:
    found = read_follow_up(table(tmp_path, HEAD + "a,north,2026-01-02,2026-05-06,true\nb,,,,\n"))
    assert found["a"] == {
        "hospital": "north", "start": datetime.date(2026, 1, 2), "last_seen": datetime.date(2026, 5, 6), "died": True,
    }  # fmt: skip
    assert set(found["b"].values()) == {None}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,died\n", "after.csv:1"),
        (HEAD + "a,north,2026-13-02,,\n", "after.csv:2.start"),
        (HEAD + "a,north,2026-03-02,2026-03-01,\n", "is before the start"),
        (HEAD + "a,north,,,yes\n", "after.csv:2.died"),
        (HEAD + "a,,,,\na,,,,\n", "after.csv:3.id"),
        (HEAD + "a,,\n", "3 cells under 5 headings"),
    ],
)
def test_a_slip_is_named_by_line_and_column(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        read_follow_up(table(tmp_path, text))


def test_what_was_given_next_is_the_first_treatment_after_the_board(knowledge: Knowledge) -> None:
    lines = [
        {"line": 1, "agents": ["易瑞沙"], "start": "2025-01-01", "end": "2026-01-01", "progressed": "2026-01-01"},
        {"line": 3, "agents": ["docetaxel"], "start": "2026-09-01"},
        {"line": 2, "agents": ["AZD9291", "赛沃替尼"], "start": "2026-03-05"},
    ]
    data = {"schema": "tumorboard.case/1", "id": "x", "as_of": "2026-03-01", "treatments": lines}
    case = case_from_data(data, knowledge.vocabulary, datetime.date(2026, 3, 1))
    assert given_after(case, knowledge.vocabulary) == ["osimertinib", "savolitinib"]
    patient = with_follow_up(patient_of(case), case, knowledge.vocabulary, {})
    assert patient["follow_up"]["given"] == ["osimertinib", "savolitinib"]
    plain, told = (
        advice_record(advise(case_of(one), knowledge), knowledge, "en") for one in (patient_of(case), patient)
    )
    assert plain == told
