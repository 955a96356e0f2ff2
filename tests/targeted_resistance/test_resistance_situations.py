"""Who is in which situation of targeted-resistance: kinds of resistance, mechanisms, drivers, lines and alleles."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from board import Board, CaseData, after_gefitinib, after_osimertinib, line, low_response, marker, nsclc, transformed

from tumorboard.advice.examples import check_guidelines
from tumorboard.guidelines.knowledge import Knowledge

Boards = Callable[..., Board]
GUIDELINE = "targeted-resistance"
SINCE = "2025-11-02"  # after the progression on osimertinib
MET = marker("MET", "amplification", date=SINCE)
CRIZOTINIB = line(1, "crizotinib", start="2024-01-01", end="2025-06-01", progressed="2025-06-01",
                  progression="widespread")  # fmt: skip


def ours(found: Board, verdict: str) -> set[str]:
    return {s["id"] for s in found.record["situations"] if (s["guideline"], s["verdict"]) == (GUIDELINE, verdict)}


def options(found: Board, status: str = "applies") -> set[str]:
    return {o["id"] for o in found.record["options"] if o["id"].startswith("r-") and o["status"] == status}


def ros1(*treatments: CaseData, markers: tuple[CaseData, ...] = ()) -> CaseData:
    return nsclc(*treatments, biomarkers=[marker("ROS1", "fusion"), *markers])


def test_the_examples_of_the_guideline_hold(knowledge: Knowledge) -> None:
    assert list(check_guidelines(knowledge, datetime.date(2026, 3, 1), GUIDELINE)) == []


def test_every_situation_is_met_in_an_example(knowledge: Knowledge) -> None:
    guideline = knowledge.guideline(GUIDELINE)
    met = {name for example in guideline.examples for name in example["met"]}
    assert met == {situation.id for situation in guideline.situations}


def test_met_amplification_counts_only_since_the_last_progression(board: Boards) -> None:
    assert "egfr-met-amplification" in ours(board(after_osimertinib(MET)), "met")
    before = board(after_osimertinib({**MET, "date": "2025-10-19"}))
    assert "egfr-met-amplification" in ours(before, "unknown")
    assert "biomarkers: MET amplification" in before.asked
    assert "r-met-savolitinib-osimertinib" in options(before, "possible")


def test_met_options_go_by_the_generation_their_trial_enrolled(board: Boards) -> None:
    late = options(board(after_osimertinib(MET)))
    early = options(board(after_gefitinib(marker("MET", "amplification", date="2025-06-02"))))
    assert {"r-met-savolitinib-osimertinib", "r-met-tepotinib-osimertinib"} <= late
    assert {"r-met-savolitinib-osimertinib", "r-met-tepotinib-gefitinib"} <= early
    assert "r-met-tepotinib-gefitinib" not in late
    assert "r-met-tepotinib-osimertinib" not in early


def test_met_amplification_stands_above_the_row_of_the_consensus_and_does_not_close_it(board: Boards) -> None:
    found = board(after_osimertinib(MET))
    assert {"tki-progression-second-line", "egfr-met-amplification", "egfr-after-tki"} <= found.met
    (after,) = (s for s in found.record["situations"] if s["id"] == "egfr-after-tki")
    assert any("stand above these" in remark for remark in after["remarks"])


@pytest.mark.parametrize(
    ("result", "specimen", "met", "unknown"),
    [
        ("present", "plasma", {"egfr-t790m"}, set()),
        ("absent", "tissue", {"egfr-after-tki"}, set()),
        ("absent", "plasma", set(), {"egfr-t790m", "egfr-after-tki"}),
        ("not tested", "tissue", set(), {"egfr-t790m", "egfr-after-tki"}),
    ],
)
def test_after_gefitinib_t790m_decides(
    board: Boards, result: str, specimen: str, met: set[str], unknown: set[str]
) -> None:
    found = board(after_gefitinib(marker("EGFR", "T790M", result, specimen=specimen, date="2025-06-02")))
    concerned = {"egfr-t790m", "egfr-after-tki"}
    assert ours(found, "met") & concerned == met
    assert ours(found, "unknown") & concerned == unknown


def test_after_platinum_the_second_line_trials_no_longer_fit(board: Boards) -> None:
    given = line(2, "carboplatin", "pemetrexed", start="2025-11-01", end="2026-02-01", progressed="2026-02-01")
    found = board({**after_osimertinib(), "treatments": [*after_osimertinib()["treatments"], given]})
    assert "egfr-after-tki" not in ours(found, "met") | ours(found, "unknown")
    assert options(found) == {"r-after-platinum-sacituzumab-tirumotecan", "r-after-platinum-datopotamab-deruxtecan"}


def test_primary_and_acquired_resistance_each_show_their_mechanisms(board: Boards) -> None:
    acquired = board(after_osimertinib())
    assert "egfr-tki-acquired-resistance" in acquired.met
    gefitinib = line(1, "gefitinib", start="2025-01-01", end="2025-03-01", progressed="2025-03-01", best_response="PD")
    primary = board(nsclc(gefitinib, biomarkers=[marker("EGFR", None, "absent")]))
    assert "egfr-tki-primary-resistance" in primary.met
    early = board(after_gefitinib())
    told = {s["id"]: " ".join(map(str, s["remarks"])) for s in early.record["situations"]}
    assert "61 %" in told["egfr-tki-acquired-resistance"] and "Japanese" in told["egfr-tki-acquired-resistance"]
    late = {s["id"]: " ".join(map(str, s["remarks"])) for s in acquired.record["situations"]}
    assert "62%" in late["egfr-tki-acquired-resistance"] and "Japanese" not in late["egfr-tki-acquired-resistance"]


def test_her2_protein_amplification_and_mutation_are_kept_apart(board: Boards) -> None:
    other = [marker(gene, None, "absent") for gene in ("EGFR", "ALK", "ROS1")]
    protein = {"name": "HER2", "change": "expression", "assay": "IHC", "measure": "score", "value": 3}
    amplified = marker("HER2", "amplification")
    assert "her2-mutant-pretreated" in ours(board(low_response(*other, protein)), "unknown")
    assert "her2-ihc-3" in ours(board(low_response(*other, protein)), "met")
    assert "her2-ihc-3" not in ours(board(low_response(*other, {**protein, "value": 2})), "met")
    both = board(low_response(*other, amplified))
    assert {"her2-mutant-pretreated", "her2-ihc-3"} <= ours(both, "unknown")
    assert options(board(low_response(marker("HER2", "p.Y772_A775dup")))) == {
        "r-her2-zongertinib", "r-her2-sevabertinib", "r-her2-trastuzumab-deruxtecan", "r-her2-pyrotinib",
    }  # fmt: skip


def test_a_tumour_with_another_driver_is_not_advised_for_this_one(board: Boards) -> None:
    found = board(nsclc(biomarkers=[marker("ROS1", "fusion"), marker("EGFR", "L858R")]))
    assert "ros1-tki-naive" not in ours(found, "met") | ours(found, "unknown")
    assert "another driver is recorded beside the ROS1 fusion" in found.not_covered
    untested = board(after_osimertinib())
    assert not any(name.startswith(("ros1", "met-exon14", "exon20")) for name in ours(untested, "unknown"))


def test_ros1_goes_by_line_allele_and_site_of_progression(board: Boards) -> None:
    none = marker("ROS1", "resistance mutation", "absent", date="2025-06-10")
    g2032r = marker("ROS1", "G2032R", date="2025-06-10")
    lorlatinib = line(2, "lorlatinib", start="2025-07-01", end="2026-02-01", progressed="2026-02-01")
    assert "ros1-tki-naive" in ours(board(ros1()), "met")
    assert {name for name in ours(board(ros1(CRIZOTINIB, markers=(none,))), "met") if name.startswith("ros1")} == {
        "ros1-after-one-tki"
    }
    allele = board(ros1(CRIZOTINIB, markers=(g2032r,)))
    assert {"ros1-after-one-tki", "ros1-g2032r"} <= ours(allele, "met")
    lorlatinib_option = next(o for o in allele.record["options"] if o["id"] == "r-ros1-second-lorlatinib")
    assert lorlatinib_option["conditions"][1].endswith("(not met)")
    assert "ros1-after-two-tkis" in ours(board(ros1(CRIZOTINIB, lorlatinib)), "met")
    brain = board(ros1({**CRIZOTINIB, "progression": "brain only"}, markers=(none,)))
    assert "ros1-cns-progression" in ours(brain, "met")


def test_an_allele_found_before_the_last_progression_is_asked_for_again(board: Boards) -> None:
    old = marker("ROS1", "G2032R", date="2025-05-01")
    found = board(ros1(CRIZOTINIB, markers=(old,)))
    assert "ros1-g2032r" in ours(found, "unknown")
    assert "biomarkers: ROS1 p.G2032R" in found.asked


@pytest.mark.parametrize("missing", ["treatments", "biomarkers"])
def test_what_is_not_recorded_is_asked_and_never_taken_for_no(board: Boards, missing: str) -> None:
    case = {key: value for key, value in after_osimertinib(MET).items() if key != missing}
    found = board(case)
    assert {"egfr-met-amplification", "egfr-after-tki"} <= ours(found, "unknown")


def test_a_transformed_tumour_is_outside(board: Boards) -> None:
    found = board(transformed())
    assert ours(found, "met") | ours(found, "unknown") == set()
    assert "NSCLC without histological transformation" in found.not_covered
