"""Every shipped guideline is proved: nothing but what it accepts is found, in ten seconds at most."""

from __future__ import annotations

import time

import pytest

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.proving import Prover, prove
from tumorboard.report.proof import proof_record, proof_text, read_again

pytest.importorskip("z3")
KNOWLEDGE = Knowledge.load()


@pytest.mark.parametrize("name", sorted(KNOWLEDGE.guidelines))
def test_only_accepted_findings_and_in_ten_seconds(name: str) -> None:
    start = time.process_time()
    proof = prove(KNOWLEDGE, KNOWLEDGE.guideline(name))
    read_again(proof, KNOWLEDGE)
    assert time.process_time() - start < 10
    assert [finding for finding in proof.findings if finding.accepted is None] == []
    assert proof.open == () and proof.unused == ()
    record = proof_record(proof)
    assert record["not_accepted"] == 0 and record["constraints"] and record["bound"]["rows"]["courses"] == 3
    for language in ("en", "zh"):
        assert name in proof_text(proof, language)


def test_the_scope_of_each_proof_is_at_least_every_refractory_type_and_bclc_b() -> None:
    scopes = {name: Prover(KNOWLEDGE, KNOWLEDGE.guideline(name)).scope.text for name in KNOWLEDGE.guidelines}
    assert scopes["refractory-lung-cancer-2023"] == "refractory"
    assert scopes["intermediate-hcc-2021"] == 'disease == "HCC" and bclc_stage == "B"'
    assert scopes["targeted-resistance"] == KNOWLEDGE.guideline("targeted-resistance").scope.text
