"""The timeline of a topic: dated findings in order, and what overturned what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tumorboard.cli.app import app_for
from tumorboard.evidence.search import EvidenceIndex, NameReader
from tumorboard.evidence.timeline import date_of, step_record, timeline
from tumorboard.guidelines.knowledge import Knowledge


@pytest.fixture(scope="module")
def index(knowledge: Knowledge) -> EvidenceIndex:
    names = NameReader(knowledge.vocabulary, knowledge.folder)
    return EvidenceIndex.open(knowledge.findings, names, knowledge.sha256, {}, None)


def test_the_topic_of_the_manual(knowledge: Knowledge, index: EvidenceIndex) -> None:
    steps = timeline(knowledge.findings, index, "EGFR exon 20 insertion")
    when = {step.finding.id: step.when for step in steps}
    assert (when["S002-073"], when["U-papillon"], when["U-wukong1b"]) == ("2023", "2024-03", "2025-07-02")
    dated = [step.when for step in steps if step.when]
    assert dated == sorted(dated)
    assert [step.when for step in steps][len(dated) :] == [None] * (len(steps) - len(dated)), "undated ones at the end"


def test_any_name_of_the_topic_gives_the_same(knowledge: Knowledge, index: EvidenceIndex) -> None:
    ids = [{step.finding.id for step in timeline(knowledge.findings, index, name)} for name in ("T-DXd", "DS-8201")]
    assert ids[0] == ids[1] != set()


def test_what_overturned_what(knowledge: Knowledge, index: EvidenceIndex) -> None:
    steps = {step.finding.id: step for step in timeline(knowledge.findings, index, "ramucirumab pembrolizumab")}
    old, new = steps["S002-127"], steps["U-pragmatica-lung"]
    assert old.overturned and "U-pragmatica-lung" in [link.other for link in old.changed_by]
    assert not new.overturned and ("S002-127", True) in [(link.other, link.overturns) for link in new.changes]
    assert steps["S002-127"].when < steps["U-pragmatica-lung"].when  # type: ignore[operator]


def test_what_overturns_a_finding_is_shown_though_it_names_another_topic(
    knowledge: Knowledge, index: EvidenceIndex
) -> None:
    steps = {step.finding.id: step for step in timeline(knowledge.findings, index, "toripalimab")}
    assert steps["S002-101"].on_topic
    assert not steps["U-keynote-789"].on_topic


def test_a_remark_that_only_qualifies_overturns_nothing(knowledge: Knowledge, index: EvidenceIndex) -> None:
    steps = {step.finding.id: step for step in timeline(knowledge.findings, index, "pyrotinib")}
    assert [link.overturns for link in steps["S002-077"].changed_by] == [False, False]
    assert not steps["S002-077"].overturned


def test_a_date_says_whose_it_is(knowledge: Knowledge) -> None:
    findings = knowledge.findings
    by = {
        id_: date_of(findings.get(id_), findings.sources) for id_ in ("U-papillon", "S001-046", "S002-073", "S001-058")
    }
    assert by["U-papillon"] == ("2024-03", "finding")
    assert by["S001-046"] == ("2006", "study")
    assert by["S002-073"] == ("2023", "source")
    assert by["S001-058"] == (None, "nothing")


def test_the_record_is_json(knowledge: Knowledge, index: EvidenceIndex) -> None:
    records: list[dict[str, Any]] = [step_record(step) for step in timeline(knowledge.findings, index, "toripalimab")]
    (old,) = [record for record in json.loads(json.dumps(records)) if record["finding"]["id"] == "S002-101"]
    assert old["overturned"] is True
    assert old["changed_by"][0]["finding"] == "U-keynote-789"


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "× overturned by U-keynote-789:"), ("zh", "× 被推翻：U-keynote-789:")]
)
def test_the_command_shows_what_overturned_what(tmp_path: Path, lang: str, words: str) -> None:
    command = ["evidence", "timeline", "toripalimab", "--lang", lang]
    result = CliRunner().invoke(
        app_for("evidence"), command, env={"XDG_CACHE_HOME": str(tmp_path), "TUMORBOARD_HOME": str(tmp_path)}
    )
    assert words in result.stdout


def test_no_guideline_cites_what_is_known_with_low_certainty(knowledge: Knowledge) -> None:
    low = {finding.id for finding in knowledge.findings if finding.certainty == "own knowledge, low"}
    assert "U-ensartinib-orr" in low
    folders = ("guidelines", "cautions", "facts")
    cited = {text for folder in folders for _, content in knowledge.folder.under(folder) for text in _texts(content)}
    assert "S002-084" in cited, "the walk reaches what is cited"
    assert not low & cited


def _texts(content: object) -> set[str]:
    if isinstance(content, str):
        return {content}
    if isinstance(content, dict):
        return {text for value in content.values() for text in _texts(value)}
    return {text for value in content for text in _texts(value)} if isinstance(content, list) else set()
