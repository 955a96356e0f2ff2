"""Each fault planted in a small guideline is found, with a case that advise confirms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.proof.conftest import Made
from tumorboard.advice.advise import advise
from tumorboard.case.read import case_from_data
from tumorboard.cli.app import app_for
from tumorboard.errors import InvalidKnowledge
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.proving import Proof, prove
from tumorboard.logic.explain import Explainer
from tumorboard.logic.values import Number
from tumorboard.report.proof import proof_record, proof_text, read_again


def proof_of(knowledge: Knowledge) -> Proof:
    proof = prove(knowledge, knowledge.guideline("made"))
    read_again(proof, knowledge)
    return proof


def verdicts(knowledge: Knowledge, data: dict[str, Any], proof: Proof) -> dict[str, str]:
    case = case_from_data(data, knowledge.vocabulary, proof.record.bounds.as_of)
    assert not case.not_understood
    answers = advise(case, knowledge).situations
    return {each.situation.id: each.verdict for each in answers if each.guideline.id == "made"}


def test_a_sound_guideline_has_no_findings(made: Made) -> None:
    proof = proof_of(made())
    assert proof.findings == ()
    assert proof.not_accepted == 0


def test_an_overlap_with_another_strength_is_found(made: Made) -> None:
    knowledge = made(unfit="ecog >= 1 or not recorded(ecog)")
    proof = proof_of(knowledge)
    (overlap,) = proof.overlaps
    assert overlap.situations == ("fit", "unfit")
    assert overlap.on == ("kind: targeted therapy",)
    assert verdicts(knowledge, overlap.case, proof) == {"fit": "met", "unfit": "met"}
    assert overlap.case["performance"] == [{"scale": "ECOG", "value": 1}]


def test_a_gap_is_found(made: Made) -> None:
    knowledge = made(unfit="ecog > 2 or not recorded(ecog)")
    proof = proof_of(knowledge)
    (gap,) = proof.gaps
    assert verdicts(knowledge, gap.case, proof) == {"fit": "not met", "unfit": "not met"}
    assert gap.case["performance"] == [{"scale": "ECOG", "value": 2}]


def test_a_dead_situation_is_found(made: Made) -> None:
    proof = proof_of(made(fit="ecog > 4 or (ecog < 1 and ecog > 0)", unfit="ecog <= 4 or not recorded(ecog)"))
    assert [dead.situation for dead in proof.dead] == ["fit"]
    assert proof.gaps == () and proof.overlaps == ()


def test_a_situation_dead_only_by_an_integrity_constraint_is_found(made: Made) -> None:
    proof = proof_of(made(fit="child_pugh_score > 15", unfit="true"))
    assert [dead.situation for dead in proof.dead] == ["fit"]


def test_a_grade_the_rule_cannot_give_is_found(made: Made) -> None:
    proof = proof_of(made(level="V"))
    (grade,) = proof.grades
    assert (grade.option, grade.grade) == ("fit-option", "strong at level V: no share of votes gives it")


def test_a_score_that_leaves_numbers_out_is_found(made: Made) -> None:
    band = 'band(ecog, upto(0, "good"), upto(1, not_applicable()), upto(2, "fair"), above("poor"))'
    knowledge = made(fitness=band, fit='made_fitness == "good"', unfit='made_fitness != "good"')
    proof = proof_of(knowledge)
    (cut,) = proof.cuts
    assert (cut.fact, cut.kind, cut.at) == ("made_fitness", "gap", "0 to 1")
    assert cut.case is not None
    case = case_from_data(cut.case, knowledge.vocabulary, proof.record.bounds.as_of)
    assert Explainer(knowledge.facts, case.tables).fact("ecog").value in (Number(0, 0), Number(1, 1))


def test_a_cut_off_no_whole_number_reaches_is_found(made: Made) -> None:
    band = 'band(ecog, upto(0, "good"), under(1, "fair"), above("poor"))'
    proof = proof_of(made(fitness=band, fit='made_fitness == "good"', unfit='made_fitness != "good"'))
    assert [(cut.fact, cut.kind, cut.at) for cut in proof.cuts] == [("made_fitness", "overlap", "0 to 1")]


def test_cut_offs_out_of_order_under_one_choice_of_an_option_are_found(made: Made) -> None:
    band = 'band(ecog, upto(1, "good"), upto(met_copies, "fair"), above("poor"))'
    assert not proof_of(made(fitness=band, fit='made_fitness == "good"', unfit='made_fitness != "good"')).cuts
    band = 'band(ecog, upto(met_copies, "good"), upto(6, "fair"), above("poor"))'
    proof = proof_of(made(fitness=band, fit='made_fitness == "good"', unfit='made_fitness != "good"'))
    assert [(cut.kind, dict(cut.settings)) for cut in proof.cuts] == [("overlap", {"met_copies": "10"})]


ACCEPTED = """accepted:
  overlaps: [{situations: [fit, unfit], because: {en: on purpose, zh: 有意为之}}]
  gaps: [{when: ecog == 2, because: {en: nobody knows, zh: 尚无证据}}]
"""


def test_what_is_accepted_is_counted_shown_and_told_to_users(made: Made) -> None:
    knowledge = made(unfit="ecog == 1 or ecog > 2 or not recorded(ecog)", accepted=ACCEPTED)
    proof = proof_of(knowledge)
    assert proof.not_accepted == 0 and len(proof.findings) == 2
    record = proof_record(proof)
    assert [entry["accepted"] for entry in (*record["overlaps"], *record["gaps"])] == ["on purpose", "nobody knows"]
    assert "accepted: on purpose" in proof_text(proof, "en") and "已接受：尚无证据" in proof_text(proof, "zh")
    case = case_from_data(record["gaps"][0]["case"], knowledge.vocabulary, proof.record.bounds.as_of)
    told = [entry.because.en for entry in advise(case, knowledge).not_covered if entry.guideline.id == "made"]
    assert told == ["nobody knows"]


def test_what_is_accepted_in_vain_is_told(made: Made) -> None:
    proof = proof_of(made(accepted=ACCEPTED))
    assert proof.unused == ("overlap of fit and unfit", "gap where ecog == 2")


@pytest.mark.parametrize(
    ("accepted", "message"),
    [
        ("accepted: {overlaps: [{situations: [fit, fat], because: {en: a, zh: b}}]}", "are not two situations"),
        ("accepted: {dead: [{name: fit}]}", "accepted without a reason; write `because: {en: …, zh: …}`"),
        ("accepted: {dead: [{name: fat, because: {en: a, zh: b}}]}", "'fat' is not there; name it by its id"),
        ("accepted: {holes: []}", "unknown key 'holes'"),
    ],
)
def test_an_acceptance_that_cannot_be_right_is_refused(made: Made, accepted: str, message: str) -> None:
    with pytest.raises(InvalidKnowledge, match=r"made\.yaml:") as caught:
        made(accepted=accepted + "\n")
    assert message in str(caught.value)


def test_the_command_exits_with_4_for_what_is_not_accepted(made: Made, tmp_path: Path) -> None:
    made(unfit="ecog > 2 or not recorded(ecog)")
    run = CliRunner().invoke(
        app_for("guideline"), ["guideline", "prove", "made", "--format", "json", "--knowledge", str(tmp_path)]
    )
    assert isinstance(run.exception, InvalidKnowledge) and run.exception.exit_code == 4
    assert "1 of the proof's findings is not accepted" in str(run.exception)
    document = json.loads(run.stdout)
    assert {"situations", "overlaps", "gaps", "dead"} <= set(document)
    assert document["gaps"][0]["accepted"] is None
