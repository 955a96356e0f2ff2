"""Grades and texts of targeted-resistance: all by the rule, failed drugs never an option, dates and both languages."""

from __future__ import annotations

from collections.abc import Callable

from board import Board, after_osimertinib, marker

from tumorboard.guidelines.knowledge import Knowledge

GUIDELINE = "targeted-resistance"
FAILED = {"onartuzumab", "tivantinib", "mobocertinib", "patritumab deruxtecan"}
UNGRADED = {
    "r-t790m-third-generation", "r-after-platinum-sacituzumab-tirumotecan", "r-after-platinum-datopotamab-deruxtecan",
    "r-her2-ihc3-trastuzumab-deruxtecan", "r-ros1-naive-entrectinib", "r-ros1-cns-entrectinib",
    "r-ros1-l2086f-cabozantinib", "r-met14-glumetinib", "r-met14-vebreltinib",
}  # fmt: skip
RANDOMISED = {
    "r-met-savolitinib-osimertinib": "I", "r-met-tepotinib-gefitinib": "II",
    "r-after-tki-amivantamab-chemotherapy": "I", "r-after-tki-amivantamab-lazertinib-chemotherapy": "I",
    "r-after-tki-sacituzumab-tirumotecan": "I", "r-after-tki-ivonescimab-chemotherapy": "I",
    "r-exon20-amivantamab-chemotherapy": "I",
}  # fmt: skip


def test_levels_follow_from_the_design_and_only_randomised_trials_are_above_v(knowledge: Knowledge) -> None:
    levels = {option.id: option.level for _, option in knowledge.guideline(GUIDELINE).options()}
    assert {name for name, level in levels.items() if level is None} == UNGRADED
    assert {name: level for name, level in levels.items() if level not in (None, "V")} == RANDOMISED


def test_the_rule_never_says_strong_nor_not_recommended(knowledge: Knowledge) -> None:
    for _, option in knowledge.guideline(GUIDELINE).options():
        assert option.strength in ("moderate", "weak", None), option.id
        assert (option.grade is None) == (option.level is None), option.id
        assert option.grade is None or option.grade.rule == "by-design", option.id


def test_what_has_no_grade_says_why(knowledge: Knowledge) -> None:
    for _, option in knowledge.guideline(GUIDELINE).options():
        if option.grade is None:
            said = [remark.text.en for remark in option.remarks if remark.text is not None]
            assert any(text.startswith("Not graded") for text in said), option.id


def test_every_option_names_findings_that_are_fit_to_be_cited(knowledge: Knowledge) -> None:
    for _, option in knowledge.guideline(GUIDELINE).options():
        assert option.evidence, option.id
    guideline = knowledge.guideline(GUIDELINE)
    named = {name for _, option in guideline.options() for name in option.evidence}
    named |= {remark.finding for _, option in guideline.options() for remark in option.remarks if remark.finding}
    named |= {remark.finding for each in guideline.situations for remark in each.remarks if remark.finding}
    assert [name for name in named if knowledge.findings.get(name).certainty == "own knowledge, low"] == []


def test_drugs_that_failed_are_remarks_and_never_options(knowledge: Knowledge, board: Callable[..., Board]) -> None:
    for _, option in knowledge.guideline(GUIDELINE).options():
        assert not FAILED & {name for slot in option.regimen for name in slot.alternatives}, option.id
    found = board(after_osimertinib(marker("MET", "amplification", date="2025-11-02")))
    told = {s["id"]: " ".join(map(str, s["remarks"])) for s in found.record["situations"]}
    assert "gratifying" in told["egfr-met-amplification"]
    assert "stopped for futility in 2014" in told["egfr-met-amplification"]
    assert "Tivantinib failed too" in told["egfr-met-amplification"]
    assert "patritumab deruxtecan was withdrawn" in told["egfr-after-tki"]


def test_approvals_carry_their_date_and_jurisdiction(board: Callable[..., Board]) -> None:
    found = board(after_osimertinib(marker("MET", "amplification", date="2025-11-02")))
    options = {option["id"]: " ".join(map(str, option["remarks"])) for option in found.record["options"]}
    assert "NMPA approved savolitinib + osimertinib in June 2025" in options["r-met-savolitinib-osimertinib"]
    assert "FDA approved amivantamab" in options["r-after-tki-amivantamab-chemotherapy"]
    assert "2024-09-19" in options["r-after-tki-amivantamab-chemotherapy"]


def test_both_sides_are_argued_where_the_evidence_has_two(board: Callable[..., Board]) -> None:
    found = board(after_osimertinib(marker("MET", "amplification", date="2025-11-02")))
    option = found.option("egfr-met-amplification", "osimertinib", "savolitinib")
    told = {side: {p["id"] for a in option["arguments"][side] for p in a["findings"]} for side in ("for", "against")}
    assert {"U-sachi", "U-savannah-high"} <= told["for"]
    assert told["against"] == {"U-savannah-not-high", "U-saffron-design"}
    assert (option["basis"], option["graded_by"], option["agreement"]) == ("by-design", "by-design", None)
    assert any("osimertinib was given before" in caution["text"] for caution in option["cautions"])
