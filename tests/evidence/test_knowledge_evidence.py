"""The evidence the product ships: complete, within the limits on quotes, and true to the five source texts."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from places import SOURCES

from tumorboard.evidence import Findings, add_source, stored_texts, verify
from tumorboard.folder import SHIPPED, KnowledgeFolder

CONSENSUS = "002_5cbf5f071b6601f8"
LONGEST_COMMON = 20
LATER = [
    "U-dellphi-304-cfi90", "U-optitrop-lung04-pfs", "U-pragmatica-lung", "U-jung-whole-trial", "U-keynote-789",
    "U-act1", "U-act1-refractory", "U-trigo-resistant", "U-pyrotinib-n60", "U-pyrotinib-n78",
    "U-destiny-lung02", "U-destiny-lung05", "U-tdxd-fda-her2-mutant", "U-zongertinib", "U-sevabertinib",
    "U-papillon", "U-mobocertinib-withdrawn", "U-wukong1b", "U-firmonertinib", "U-sachi", "U-mariposa-2",
    "U-harmoni-a", "U-orient31-os", "U-dato-dxd-egfr", "U-optitrop-lung03", "U-her3-dxd-withdrawn",
    "U-dellphi-304-os", "U-imforte",
]  # fmt: skip
CJK = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def shipped() -> Findings:
    return Findings.from_folder(KnowledgeFolder(SHIPPED))


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {file.stem: file.read_bytes().decode() for file in sorted(SOURCES.glob("*.txt"))}


def test_the_226_findings_of_the_lung_sources_are_there(shipped: Findings) -> None:
    counts = Counter(finding.source[:3] for finding in shipped if finding.place and finding.kind != "cell")

    assert {short: counts[short] for short in ("000", "001", "002", "003")} == {
        "000": 16,
        "001": 59,
        "002": 150,
        "003": 1,
    }


def test_no_quote_is_longer_than_80_characters(shipped: Findings) -> None:
    assert [finding.id for finding in shipped if finding.quote and len(finding.quote) > 80] == []


def test_the_34_graded_cells_name_their_table(shipped: Findings) -> None:
    tables = Counter(finding.table for finding in shipped if finding.kind == "cell")

    assert tables == {3: 12, 4: 11, 5: 8, 6: 3}


def test_the_26_votes_of_the_consensus_are_there(shipped: Findings) -> None:
    votes = [finding for finding in shipped if finding.kind == "consensus_vote"]

    assert len(votes) == 26
    assert all(f"{vote.value}%" == vote.printed for vote in votes)
    assert shipped.get("S002-023").value == 92


def test_claims_and_remarks_are_written_in_both_languages(shipped: Findings) -> None:
    for finding in shipped:
        texts_of = [finding.claim, *(remark.text for remark in finding.remarks)]
        for text in filter(None, texts_of):
            assert not CJK.search(text.en), (finding.id, text.en)
            assert CJK.search(text.zh), (finding.id, text.zh)


@pytest.mark.parametrize(
    ("finding", "kind", "later"),
    [
        ("S002-133", "claim_not_supported_by_p", "U-jung-whole-trial"),
        ("S002-107", "overtaken", "U-optitrop-lung04-pfs"),
        ("S002-127", "overtaken", "U-pragmatica-lung"),
        ("S002-026", "population_mismatch", "U-act1-refractory"),
        ("S002-027", "population_mismatch", "U-trigo-resistant"),
        ("S002-077", "note", "U-pyrotinib-n78"),
        ("S002-087", "claim_biomarker_mismatch", "U-tdxd-fda-her2-mutant"),
        ("S002-101", "overtaken", "U-keynote-789"),
    ],
)
def test_what_is_known_of_a_finding_stands_beside_it(shipped: Findings, finding: str, kind: str, later: str) -> None:
    remarks = shipped.get(finding).remarks

    assert any(remark.kind == kind and later in remark.see for remark in remarks)


@pytest.mark.parametrize(
    "name",
    LATER,
)
def test_the_later_evidence_is_there_with_its_certainty(shipped: Findings, name: str) -> None:
    assert shipped.get(name).certainty is not None


def test_own_knowledge_never_passes_as_verified(shipped: Findings) -> None:
    for finding in shipped:
        unread = finding.source == "update:own-knowledge"
        assert unread == bool(finding.certainty and finding.certainty.startswith("own knowledge")), finding.id


@pytest.mark.sources
def test_every_finding_stands_in_its_source_text(shipped: Findings, texts: dict[str, str]) -> None:
    documents = {source.id for source in shipped.sources.values() if source.is_document}

    assert set(texts) == documents
    assert verify(shipped, shipped.sources, texts) == []
    checked = [finding for finding in shipped if finding.source in texts and finding.kind != "cell"]
    assert len([finding for finding in checked if finding.source[:3] in ("000", "001", "002", "003")]) == 226


@pytest.mark.sources
def test_every_document_can_be_added_by_its_user(shipped: Findings, texts: dict[str, str], tmp_path: Path) -> None:
    added = {add_source(SOURCES / f"{name}.txt", shipped, tmp_path).id for name in texts}

    assert added == set(texts)
    assert stored_texts(shipped, tmp_path) == texts


@pytest.mark.sources
def test_a_claim_is_in_our_own_words(shipped: Findings, texts: dict[str, str]) -> None:
    """No Chinese claim or remark shares 20 characters on end with a source, white space aside."""
    bare = {name: re.sub(r"\s+", "", text) for name, text in texts.items()}
    copied = []
    for finding in shipped:
        for text in filter(None, [finding.claim, *(remark.text for remark in finding.remarks)]):
            words = re.sub(r"\s+", "", text.zh)
            runs = {words[i : i + LONGEST_COMMON] for i in range(len(words) - LONGEST_COMMON + 1)}
            copied += [(finding.id, run) for run in runs for source in bare.values() if run in source]
    assert copied == []
