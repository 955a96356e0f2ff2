"""Tiers of alteration–drug pairs follow from what is known of them by the published rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from scoring import mechanism

from tumorboard.errors import InvalidKnowledge
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.mechanism.tiers import Tiered, load_tiers, tiers_for

NETWORK = mechanism().network
PAIRS = load_tiers(KnowledgeFolder(SHIPPED), NETWORK)


def tiers(alteration: str, *drugs: str) -> dict[str, str]:
    (found,) = [pair for pair in PAIRS if pair.alteration == alteration and pair.drugs == drugs]
    return {tier.scale: tier.tier for tier in found.tiers}


def test_every_pair_stands_on_both_scales_with_a_day_and_a_reference() -> None:
    assert len(PAIRS) >= 60
    for pair in PAIRS:
        assert [tier.scale for tier in pair.tiers] == ["escat", "amp"]
        assert pair.as_of and pair.references and pair.certainty
        assert all(tier.text.zh and tier.text.en for tier in pair.tiers)


@pytest.mark.parametrize(
    ("alteration", "drugs", "escat", "amp"),
    [
        ("EGFR sensitising mutation", ("osimertinib",), "I-A", "I-A"),
        ("MET exon 14 skipping", ("capmatinib",), "I-B", "I-A"),
        ("ALK fusion", ("alectinib",), "I-A", "I-A"),
        ("ERBB2 mutation", ("trastuzumab deruxtecan",), "I-B", "I-A"),
        ("MET expression", ("erlotinib", "tivantinib"), "X", "III"),
    ],
)
def test_known_positions(alteration: str, drugs: tuple[str, ...], escat: str, amp: str) -> None:
    """ESMO's lists (Mosele 2020, 2024) and the labels; the failed drug stands where the rules put it."""
    assert tiers(alteration, *drugs) == {"escat": escat, "amp": amp}


def test_a_drug_that_failed_is_never_above_the_last_tier() -> None:
    data = KnowledgeFolder(SHIPPED).read("network/tiers.yaml")
    failed = {(row["alteration"], tuple(row["drugs"])) for row in data["tier_facts"] if row["facts"]["negative"]}
    assert failed
    for pair in PAIRS:
        if (pair.alteration, pair.drugs) in failed:
            assert {tier.scale: tier.tier for tier in pair.tiers} == {"escat": "X", "amp": "III"}


def test_a_tumour_is_shown_the_pairs_of_its_alterations_and_classes() -> None:
    shown = tiers_for(PAIRS, NETWORK, ["EGFR p.L858R"], ["osimertinib"])
    assert {pair.alteration for pair in shown} == {"EGFR sensitising mutation"}
    assert all(isinstance(pair, Tiered) for pair in shown)


def test_a_narrower_class_stands_for_itself() -> None:
    """An uncommon EGFR mutation isn't shown the tier that trials in exon 19 deletion and L858R earned."""
    shown = tiers_for(PAIRS, NETWORK, ["EGFR p.S768I"], ["osimertinib"])
    assert {pair.alteration for pair in shown} == {"EGFR uncommon sensitising mutation"}


def test_a_pair_that_lacks_a_fact_is_refused(tmp_path: Path) -> None:
    (tmp_path / "knowledge.yaml").write_text("version: '1'\n", encoding="utf-8")
    (tmp_path / "network").mkdir()
    (tmp_path / "network" / "tiers.yaml").write_text(
        "tier_rules: {escat: {reference: a, rules: [{tier: X, when: {}, text: {en: a, zh: 甲}}]}}\n"
        "tier_facts: [{alteration: MET amplification, drugs: [capmatinib], tumour: NSCLC, facts: {design: case},\n"
        "              as_of: '2026', references: [a], certainty: verified}]\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidKnowledge, match="needs exactly these facts"):
        load_tiers(KnowledgeFolder(tmp_path), NETWORK)
