"""What only the mechanism suggests stands outside the options, and only where a drug's route stays open."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from board import board_on

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.mechanism.load import load_network
from tumorboard.mechanism.verdict import Mechanism
from tumorboard.report.record import advice_record
from tumorboard.text import LANGUAGES

EGFR = {"name": "EGFR", "change": "exon 19 deletion", "result": "present", "assay": "NGS", "date": "2024-02-20"}
MET = {"name": "MET", "change": "amplification", "result": "present", "assay": "FISH", "date": "2026-02-02"}
PTEN = {"name": "PTEN", "change": "loss", "result": "present", "assay": "NGS", "date": "2026-02-02"}


def case(
    *biomarkers: dict[str, Any], agent: str = "osimertinib", progressed: str | None = "2026-01-20"
) -> dict[str, Any]:
    line = {"line": 1, "agents": [agent], "start": "2024-03-01", "end": progressed, "progressed": progressed}
    return {
        "schema": "tumorboard.case/1", "id": "made-up", "age": 61, "as_of": "2026-03-01",
        "conditions": [{"disease": "NSCLC"}], "biomarkers": list(biomarkers),
        "treatments": [{key: value for key, value in line.items() if value is not None}],
    }  # fmt: skip


def test_each_would_close_what_the_drug_left_open(knowledge: Knowledge) -> None:
    advice = board_on(knowledge, case(EGFR, PTEN)).advice
    assert advice.hypotheses
    reader = Mechanism(load_network(knowledge.folder, knowledge.vocabulary))
    for one in advice.hypotheses:
        assert one.support == "mechanism only"
        assert "osimertinib" in one.regimen
        assert reader.ask("EGFR ex19del; PTEN loss", one.regimen).verdict == "sensitive"
        assert "PTEN" in one.because.en and "PTEN" in one.because.zh


def test_what_findings_back_is_an_option_and_no_hypothesis(knowledge: Knowledge) -> None:
    board = board_on(knowledge, case(EGFR, MET))
    options = [option["regimen"] for option in board.record["options"]]
    hypotheses = [list(one.regimen) for one in board.advice.hypotheses]
    assert ["osimertinib", "savolitinib"] in options
    assert ["osimertinib", "savolitinib"] not in hypotheses
    assert not any(regimen in options for regimen in hypotheses)


@pytest.mark.parametrize(
    "given",
    [
        case(EGFR, PTEN, progressed=None),
        case(PTEN),
        case(),
        case({**EGFR, "result": "not tested"}),
        case(EGFR, agent="carboplatin"),
    ],
    ids=["not progressed", "no driver", "no alteration", "not tested", "no targeted drug"],
)
def test_otherwise_there_are_none(knowledge: Knowledge, given: dict[str, Any]) -> None:
    assert board_on(knowledge, given).advice.hypotheses == ()


def test_the_document_keeps_them_apart_from_the_options(knowledge: Knowledge) -> None:
    advice = board_on(knowledge, case(EGFR, PTEN)).advice
    for language in LANGUAGES:
        record = advice_record(advice, knowledge, language)
        assert {one["support"] for one in record["hypotheses"]} == {"mechanism only"}
        regimens = [option["regimen"] for option in record["options"]]
        assert all(one["regimen"] not in regimens for one in record["hypotheses"])
    assert record["as_of"] == datetime.date(2026, 3, 1).isoformat()
