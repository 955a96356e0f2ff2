"""Protocols, questions and ballots the tests of consensus share; every panellist is made up."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tumorboard.consensus.ballots import Ballot, Condition
from tumorboard.consensus.earlier import questions_of
from tumorboard.consensus.kept import consensus, start
from tumorboard.consensus.panel import add_panellist
from tumorboard.consensus.protocol import Protocol, preset
from tumorboard.consensus.questions import QuestionSet, questions_from
from tumorboard.consensus.rounds import open_round
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.database import Database

PAPER = "refractory-lung-cancer-2023"


def paper(knowledge: Knowledge) -> Protocol:
    return preset(knowledge.folder, PAPER)


def small_data() -> dict[str, Any]:
    """Two strategies for one situation, both languages reviewed."""
    return {
        "schema": "tumorboard.consensus/1",
        "id": "panel-of-tests",
        "name": {"en": "Consensus of a made-up panel", "zh": "虚构专家组共识"},
        "published": "2026",
        "protocol": PAPER,
        "scope": {"when": 'disease == "SCLC"', "name": {"en": "small cell lung cancer", "zh": "小细胞肺癌"}},
        "situations": [
            {
                "id": "second-line",
                "name": {"en": "SCLC, second line or later", "zh": "小细胞肺癌二线及以后"},
                "when": 'disease == "SCLC" and next_line >= 2',
            }
        ],
        "questions": [
            {
                "id": "chemotherapy",
                "situation": "second-line",
                "strategy": {"en": "chemotherapy", "zh": "化疗"},
                "kind": "chemotherapy",
                "translation": {"reviewed_by": "a second translator", "on": "2026-01-15"},
                "evidence_to_decision": {"benefits": {"en": "moderate", "zh": "中等"}},
                "regimens": [
                    {
                        "id": "topotecan",
                        "regimen": ["topotecan"],
                        "level": "I",
                        "rationale": {"en": "two randomised phase III trials", "zh": "两项Ⅲ期随机试验"},
                        "evidence": ["S002-024"],
                    },
                    {
                        "id": "bendamustine",
                        "regimen": ["bendamustine"],
                        "level": "V",
                        "rationale": {"en": "one single-arm trial", "zh": "一项单臂试验"},
                        "evidence": ["S002-028"],
                    },
                ],
            },
            {
                "id": "immunotherapy",
                "situation": "second-line",
                "strategy": {"en": "immunotherapy with antiangiogenic drug", "zh": "免疫联合抗血管生成药物"},
                "kind": "immunotherapy + antiangiogenic",
                "translation": {"reviewed_by": "a second translator", "on": "2026-01-15"},
                "regimens": [
                    {
                        "id": "penpulimab-anlotinib",
                        "regimen": ["penpulimab", "anlotinib"],
                        "level": "III",
                        "rationale": {"en": "one phase II trial", "zh": "一项Ⅱ期试验"},
                        "evidence": ["S002-039"],
                    }
                ],
            },
        ],
        "not_covered": [
            {
                "when": 'disease == "SCLC" and next_line == 1',
                "because": {"en": "the panel speaks of later lines only", "zh": "本共识仅涉及后线治疗"},
            }
        ],
        "examples": [
            {
                "id": "relapsed",
                "case": {
                    "conditions": [{"disease": "SCLC"}],
                    "treatments": [
                        {
                            "line": 1,
                            "agents": ["carboplatin", "etoposide"],
                            "end": "2025-04-01",
                            "progressed": "2025-06-01",
                        }
                    ],
                },
                "met": ["second-line"],
                "unknown": [],
            }
        ],
    }


def small(knowledge: Knowledge, change: Mapping[str, Any] | None = None) -> QuestionSet:
    return questions_from({**deepcopy(small_data()), **(change or {})}, "questions.yaml", paper(knowledge), knowledge)


def whole_paper(knowledge: Knowledge) -> QuestionSet:
    """Every strategy the paper voted on, asked again."""
    protocol = paper(knowledge)
    data = questions_of(knowledge, PAPER, "refractory-lung-cancer-2026", 2026, protocol)
    return questions_from(data, "questions.yaml", protocol, knowledge)


def ballots(question: str, **answers: int) -> list[Ballot]:
    """So many ballots of each answer (``recommend=4``, ``do_not_recommend=1``, ``abstain=1``), in that order."""
    found: list[Ballot] = []
    for name, count in answers.items():
        answer = None if name == "abstain" else name.replace("_", " ")
        for _ in range(count):
            held = Condition("in fit patients", None) if answer == "conditional" else None
            reason = None if answer in (None, "recommend") else f"reason of {answer}"
            found.append(Ballot(question, f"p{len(found)}", answer, reason, held))
    return found


def panel_of(database: Database, knowledge: Knowledge, size: int, questions: QuestionSet | None = None) -> str:
    """A consensus with its first round open and so many panellists; its name."""
    questions = questions or small(knowledge)
    with database.writing() as connection:
        start(connection, questions, preset(knowledge.folder, questions.protocol), by="tests")
        held = consensus(connection, questions.id, knowledge)
        for number in range(size):
            language = "zh" if number % 2 else "en"
            add_panellist(connection, held, f"Panellist {number}", f"p{number}@example.org", language, by="tests")
        open_round(connection, held, by="tests")
    return questions.id
