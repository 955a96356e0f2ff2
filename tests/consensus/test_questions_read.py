"""Questions that could not run afterwards are refused, at the entry that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from panels import paper, small, small_data, whole_paper

from tumorboard.consensus.protocol import preset
from tumorboard.consensus.questions import questions_from
from tumorboard.consensus.writing import to_yaml
from tumorboard.data import parse_yaml
from tumorboard.errors import InvalidInput
from tumorboard.guidelines.knowledge import Knowledge

Change = Callable[[dict[str, Any]], object]


def test_a_small_set_of_questions_reads(knowledge: Knowledge) -> None:
    questions = small(knowledge)
    assert [q.id for q in questions.questions] == ["chemotherapy", "immunotherapy"]
    assert questions.unreviewed() == ()


def test_questions_from_an_earlier_guideline_wait_for_their_translation_to_be_reviewed(knowledge: Knowledge) -> None:
    questions = whole_paper(knowledge)
    assert len(questions.unreviewed()) == len(questions.questions) == 26
    assert all(r.rationale for q in questions.questions for r in q.regimens if r.level)


def test_what_is_written_as_yaml_reads_back_the_same(knowledge: Knowledge) -> None:
    data = small_data() | {"published": "1e3", "methods": {"I1": {"en": "off", "zh": "2026-01-01"}}}
    assert parse_yaml(to_yaml(data), "x") == data


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        (lambda d: d["situations"][0].update(when="next_lin >= 2"), "situations[0].when", "next_line"),
        (lambda d: d["situations"][0].update(when="next_line"), "situations[0].when", "rule"),
        (lambda d: d["questions"][0].update(situation="third-line"), "questions[0].situation", "second-line"),
        (lambda d: d["questions"][0].update(strategy={"en": "chemotherapy"}), "questions[0].strategy", "zh text"),
        (lambda d: d["questions"][1].update(id="chemotherapy"), "questions", "two are called"),
        (lambda d: d["questions"][1].update(regimens=[]), "questions[1].regimens", "at least one regimen"),
        (lambda d: d["questions"][1].update(agreement=80), "questions[1].agreement", "is no key"),
        (
            lambda d: d["questions"][1].update(translation={"reviewed_by": "x", "on": "soon"}),
            "translation.on",
            "no date",
        ),
        (
            lambda d: d["questions"][1].update(evidence_to_decision={"cost": {}}),
            "evidence_to_decision.cost",
            "resources",
        ),
        (lambda d: d["questions"][1]["regimens"][0].update(level="VI"), "questions[1].regimens[0].level", "I, II"),
        (lambda d: d["questions"][1]["regimens"][0].pop("rationale"), "questions[1].regimens[0].rationale", "why"),
        (lambda d: d["questions"][1]["regimens"][0].update(strength="strong"), "regimens[0].strength", "is no key"),
        (lambda d: d["questions"][1]["regimens"][0].update(evidence=["S002-999"]), "regimens[0].evidence", "S002-999"),
        (
            lambda d: d["questions"][1]["regimens"][0].update(regimen=["nonsensinib"]),
            "regimens[0].regimen",
            "nonsensinib",
        ),
        (lambda d: d.update(schema="tumorboard.case/1"), "schema", "tumorboard.consensus/1"),
        (lambda d: d.update(threshold=80), "threshold", "is no key"),
        (lambda d: d.update(id="A panel"), "id", "hyphens"),
    ],
)
def test_an_error_names_the_entry(knowledge: Knowledge, change: Change, place: str, said: str) -> None:
    data = small_data()
    change(data)
    with pytest.raises(InvalidInput) as raised:
        questions_from(data, "questions.yaml", paper(knowledge), knowledge)
    assert place in str(raised.value)
    assert said in str(raised.value)


def test_items_have_no_regimens_and_need_no_situation(knowledge: Knowledge) -> None:
    protocol = preset(knowledge.folder, "core-outcome-set")
    data = {
        "schema": "tumorboard.consensus/1", "id": "outcomes", "published": "2026", "protocol": protocol.id,
        "name": {"en": "Core outcomes", "zh": "核心结局"},
        "questions": [{"id": "survival", "strategy": {"en": "overall survival", "zh": "总生存"}}],
    }  # fmt: skip
    assert questions_from(data, "q.yaml", protocol, knowledge).questions[0].regimens == ()
