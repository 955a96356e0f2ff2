"""Rescue sets: minimal by brute force, and sensitive when judged again."""

from __future__ import annotations

from itertools import combinations

import pytest
from places import ROOT
from scoring import mechanism

from tumorboard.mechanism.rescue import MAX_TARGETS, _closers, _minimal_cuts, rescues
from tumorboard.mechanism.signal import Caps

READER = mechanism()
CASES = [
    ("EGFR ex19del; MET amplification", ["gefitinib"], []),
    ("EGFR L858R; EGFR T790M", ["gefitinib"], []),
    ("EGFR ex19del", ["erlotinib"], ["HGF"]),
    ("ROS1 fusion; ROS1 G2032R", ["crizotinib"], []),
    ("EGFR ex19del; PTEN loss; NF1 loss", ["erlotinib"], []),
    ("ALK fusion; MET amplification; KRAS G12C", ["alectinib"], []),
]


@pytest.mark.parametrize(("genotype", "drugs", "ligands"), CASES)
def test_the_sets_are_exactly_the_minimal_ones(genotype: str, drugs: list[str], ligands: list[str]) -> None:
    answer = READER.ask(genotype, drugs, ligands)
    (world,) = answer.worlds
    candidates = sorted(_closers(READER, world, answer))
    found = set(_minimal_cuts(READER, world, candidates))

    def closes(cut: tuple[str, ...]) -> bool:
        wild = {**world.caps.wild, **dict.fromkeys(cut, 0)}
        altered = dict(world.caps.altered)
        for node, copies in world.world.copies:
            if node in cut:
                altered |= {(node, number): 0 for number in range(len(copies))}
        levels = READER.wiring.levels(world.world, Caps(wild, altered))
        deciding = (*READER.network.decides, *READER.network.lesser)
        return all(levels[READER.wiring.index[node, None]] < 2 for node in deciding)

    closing = [cut for size in range(1, MAX_TARGETS + 1) for cut in combinations(candidates, size) if closes(cut)]
    minimal = {cut for cut in closing if not any(set(other) < set(cut) for other in closing)}
    assert found == minimal


@pytest.mark.parametrize(("genotype", "drugs", "ligands"), CASES)
def test_each_rescue_makes_the_tumour_sensitive(genotype: str, drugs: list[str], ligands: list[str]) -> None:
    found = rescues(READER, READER.ask(genotype, drugs, ligands))
    assert found
    for rescue in found:
        assert READER.ask(genotype, [*drugs, *rescue.drugs], ligands).verdict == "sensitive"


def test_a_combination_with_findings_names_them_and_comes_first() -> None:
    found = rescues(READER, READER.ask("EGFR ex19del; MET amplification", ["osimertinib"]))
    assert found[0].findings
    assert any(rescue.drugs == ("savolitinib",) and "U-sachi" in rescue.findings for rescue in found)
    unsupported = [rescue for rescue in found if not rescue.findings]
    assert found.index(unsupported[0]) > 0 if unsupported else True


@pytest.mark.parametrize(("genotype", "drug"), [("NRG1 fusion", "afatinib"), ("EGFR S768I", "osimertinib")])
def test_a_route_that_a_weak_effect_leaves_in_part_is_rescued_too(genotype: str, drug: str) -> None:
    answer = READER.ask(genotype, [drug])
    assert answer.verdict == "partial"
    assert drug in answer.because.en and "weakens" in answer.because.en
    found = rescues(READER, answer)
    assert found
    assert all(READER.ask(genotype, [drug, *one.drugs]).verdict == "sensitive" for one in found)


def test_support_names_only_findings_that_exist() -> None:
    from tumorboard.evidence import Findings
    from tumorboard.folder import SHIPPED, KnowledgeFolder

    known = Findings.from_folder(KnowledgeFolder(SHIPPED))
    assert READER.network.support
    for row in READER.network.support:
        for id_ in row.findings:
            assert known.get(id_).id == id_


def test_a_sensitive_tumour_needs_none() -> None:
    assert rescues(READER, READER.ask("EGFR ex19del", ["osimertinib"])) == ()


def test_no_laboratory_compound_stands_before_a_medicine_without_findings() -> None:
    found = [
        rescue
        for rescue in rescues(READER, READER.ask("EGFR ex19del; MET amplification", ["gefitinib"]))
        if not rescue.findings
    ]
    assert [rescue.laboratory for rescue in found] == sorted(rescue.laboratory for rescue in found)


def test_the_extra_is_named_in_the_readme() -> None:
    assert "mechanism" in (ROOT / "README.md").read_text(encoding="utf-8")
