"""A person's decisions become findings that the knowledge accepts, and corrections become cases for the tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import Ran
from reading_samples import TEXT, document, drafts

from tumorboard.data import parse_yaml
from tumorboard.errors import InvalidInput
from tumorboard.evidence import verify
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.reading.accepting import accepted, corrected, corrections_yaml, evidence_yaml
from tumorboard.reading.entries import NUMBERS
from tumorboard.reading.reviewing import reviewed
from tumorboard.report.review import review_html


def saved_review(knowledge: Knowledge, *decisions: dict[str, Any]) -> dict[str, Any]:
    """What the page saves: the data it was given, with the decisions."""
    made = document()
    page = review_html(made, reviewed(drafts(made), made, knowledge.findings.sources), {}, {}, knowledge, "en")
    data = page.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    found: dict[str, Any] = json.loads(data)
    found["decisions"] = list(decisions)
    del found["form"]
    return found


def test_accepted_findings_load_beside_ours_and_are_verified_in_the_text(
    knowledge: Knowledge, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    review = tmp_path / "made-up.review.json"
    decisions = [
        {"draft": 0, "verdict": "accept"},
        {"draft": 1, "verdict": "reject"},
        {"draft": 2, "verdict": "accept"},
    ]
    review.write_text(json.dumps(saved_review(knowledge, *decisions), ensure_ascii=False), encoding="utf-8")
    out = tmp_path / "added"
    ran = tumorboard("read", "--accept", review, "-o", out)
    assert ran.code == 0, ran.err
    assert tumorboard("knowledge", "check", "--knowledge", out).code == 0
    findings = Knowledge.load(out).findings
    (source,) = [one for one in findings.sources.values() if one.id.startswith("made_up_")]
    rate, vote = findings.of_source(source.id)
    assert not verify(findings, findings.sources, {source.id: TEXT})
    assert (rate.endpoint, str(rate.value), rate.intervention, rate.denominator) == ("ORR", "52.6", "甲药", 38)
    assert (vote.kind, str(vote.value), vote.level, vote.direction) == ("consensus_vote", "92", "II", "recommends")


def test_a_text_added_as_a_source_is_recognised_by_its_hash(
    knowledge: Knowledge, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    review, out, text = tmp_path / "review.json", tmp_path / "added", tmp_path / "made-up.txt"
    review.write_text(json.dumps(saved_review(knowledge, {"draft": 0, "verdict": "accept"})), encoding="utf-8")
    text.write_text(TEXT, encoding="utf-8")
    assert tumorboard("read", "--accept", review, "-o", out).code == 0
    assert tumorboard("sources", "add", text, "--knowledge", out).code == 0


def test_a_correction_changes_the_field_and_the_claim_and_is_kept(knowledge: Knowledge) -> None:
    fields = {"comparator": "乙药单药", "comparator_value": "31.4", "n": "", "population.line": "1"}
    found = accepted(saved_review(knowledge, {"draft": 0, "verdict": "correct", "fields": fields}), "review.json")
    (entry,) = found.entries
    assert entry["comparator"] == "乙药单药"
    assert "n" not in entry
    assert entry["population"] == {"disease": "NSCLC", "line": "1"}
    assert entry["claim"]["en"] == "ORR 52.6% with 甲药 vs 乙药单药 31.4; P=0.04"
    (case,) = parse_yaml(corrections_yaml(found.corrections), "corrections")["corrections"]
    assert (case["read"]["comparator"], case["right"]["comparator"]) == ("乙药", "乙药单药")


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        ({"draft": 7, "verdict": "accept"}, r"decisions\[0\]: no draft 7; there are 3, counted from 0"),
        ({"draft": 0, "verdict": "yes"}, "verdict 'yes'; one of accept, correct, reject"),
        ({"draft": 0, "verdict": "correct", "fields": {"value": "half"}}, "value 'half' is no number; write 52.6"),
        ({"draft": 0, "verdict": "correct", "fields": {"quote": "x"}}, "no field 'quote' can be corrected"),
        ({"draft": 0, "verdict": "correct", "fields": {"printed": "99%"}}, "'99%' does not stand in the quote"),
        ({"draft": 1, "verdict": "correct", "fields": {"ci.low": "0.9"}}, "0.9 lies above high 0.66"),
        ({"draft": 1, "verdict": "correct", "fields": {"value": "9.2-8"}}, "runs backwards"),
    ],
)
def test_a_decision_that_can_not_be_right_is_refused(
    knowledge: Knowledge, decision: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        accepted(saved_review(knowledge, decision), "review.json")


def test_another_file_is_no_review() -> None:
    with pytest.raises(InvalidInput, match=r"is no review; it starts with schema tumorboard.review/1"):
        accepted({"schema": "tumorboard.evidence/1"}, "review.json")


def test_figures_stand_in_the_file_as_they_are_printed(knowledge: Knowledge) -> None:
    review = saved_review(knowledge, {"draft": 1, "verdict": "correct", "fields": {"value": "9.0-9.20"}})
    text = evidence_yaml(accepted(review, "review.json").entries)
    assert "value: [9.0, 9.20]\n" in text
    assert "      low: 0.32\n" in text
    assert 'unit: "months"\n' in text


def test_a_long_quote_is_cut_around_its_figures(knowledge: Knowledge) -> None:
    made = document("很" * 100 + "。" + "长" * 70 + "客观缓解率为52.6%" + "长" * 100 + "。")
    long = drafts(document())[0]
    start, end = 101, 101 + 70 + 100 + 11
    draft = replace(long, start=start, end=end, quote=made.text[start:end], comparator_printed=None, source=made.name)
    (shown,) = reviewed((draft,), made, knowledge.findings.sources)
    assert len(shown.entry["quote"]) == 80
    assert "52.6%" in shown.entry["quote"]
    assert made.text[shown.entry["start"] : shown.entry["end"]] == shown.entry["quote"]
    assert not shown.problems


def test_the_statistics_of_a_draft_are_checked(knowledge: Knowledge) -> None:
    made = document()
    rate, median, vote = reviewed(drafts(made), made, knowledge.findings.sources)
    assert {(check.kind, check.verdict) for check in rate.checks} >= {("grim", "reproduces")}
    assert {(check.kind, check.verdict) for check in median.checks} >= {("ratio", "reproduces")}
    assert not vote.problems


def test_every_correctable_figure_is_a_number_in_the_file(knowledge: Knowledge) -> None:
    entry = corrected(drafts_entry(knowledge), {"effect.measure": "HR", "effect.value": "0.50"})
    written = parse_yaml(evidence_yaml([entry]), "x")["findings"][0]
    for path in NUMBERS:
        outer, _, inner = path.partition(".")
        value = written.get(outer)
        value = value.get(inner) if inner and value else value
        assert not isinstance(value, str)


def drafts_entry(knowledge: Knowledge) -> dict[str, Any]:
    made = document()
    return reviewed(drafts(made), made, knowledge.findings.sources)[1].entry
