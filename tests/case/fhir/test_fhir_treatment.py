"""Medicines of other systems become lines of therapy by one rule that is told; procedures are named."""

from __future__ import annotations

from typing import Any

import pytest
from fhir_samples import MCODE, PATIENT, SCT, TODAY, VOCABULARY, concept, condition, loinc, order, read, said

from tumorboard.case.read import case_from_data

NSCLC = concept(SCT, "254637007")
WORSE = concept(SCT, "271299001")


def status(value: dict[str, Any], day: str) -> dict[str, Any]:
    return loinc("97509-4", valueCodeableConcept=value, effectiveDateTime=day)


class TestLinesOfTherapy:
    def test_are_made_of_what_started_together(self) -> None:
        data, problems = read(
            order("carboplatin", "2025-01-01"), order("pemetrexed", "2025-01-03"), order("osimertinib", "2025-06-01")
        )
        assert [(one["line"], one["agents"], one["start"]) for one in data["treatments"]] == [
            (1, ["carboplatin", "pemetrexed"], "2025-01-01"),
            (2, ["osimertinib"], "2025-06-01"),
        ]
        assert "line 1 was made of carboplatin, pemetrexed; FHIR tells no lines of therapy" in said(problems)

    def test_take_a_drug_given_again_without_a_pause_into_its_own_line(self) -> None:
        cycles = [order("cisplatin", day) for day in ("2025-01-01", "2025-01-22", "2025-03-05")]
        data, _ = read(*cycles, order("gefitinib", "2025-02-20"))
        assert [one["agents"] for one in data["treatments"]] == [["cisplatin"], ["gefitinib"]]

    def test_take_a_drug_given_again_after_long_as_a_new_one(self) -> None:
        data, _ = read(
            order("gefitinib", "2024-01-01"), order("docetaxel", "2024-06-01"), order("gefitinib", "2025-01-01")
        )
        assert [one["agents"] for one in data["treatments"]] == [["gefitinib"], ["docetaxel"], ["gefitinib"]]

    def test_start_with_the_period_of_use_before_the_day_of_writing(self) -> None:
        timing = [{"timing": {"repeat": {"boundsPeriod": {"start": "2025-02-01"}}}}]
        assert (
            read(order("gefitinib", "2025-01-01", dosageInstruction=timing))[0]["treatments"][0]["start"]
            == "2025-02-01"
        )

    def test_undated_rank_first(self) -> None:
        data, problems = read(order("gefitinib"), order("osimertinib", "2025-01-01"))
        assert data["treatments"][0] == {"line": 1, "agents": ["gefitinib"]}
        assert "gefitinib has no start" in said(problems)

    def test_end_where_every_drug_of_theirs_ended(self) -> None:
        given = {"resourceType": "MedicationStatement", "id": "m", "status": "completed", "subject": PATIENT}
        ended = {
            **given,
            "medicationCodeableConcept": {"text": "gefitinib"},
            "effectivePeriod": {"start": "2025-01-01", "end": "2025-05-01"},
        }
        assert read(ended)[0]["treatments"][0]["end"] == "2025-05-01"
        assert "end" not in read(ended, order("cisplatin", "2025-01-02"))[0]["treatments"][0]

    def test_are_stopped_for_a_reason_that_counts_for_all_their_drugs(self) -> None:
        stopped = {"status": "stopped", "statusReason": concept(SCT, "407563006")}
        assert read(order("gefitinib", "2025-01-01", **stopped))[0]["treatments"][0]["stopped_for"] == "toxicity"
        data, problems = read(order("cisplatin", "2025-01-01", **stopped), order("pemetrexed", "2025-01-01"))
        assert "stopped_for" not in data["treatments"][0]
        assert "stopped in part" in said(problems)

    def test_progress_when_the_disease_worsens(self) -> None:
        lines = order("gefitinib", "2024-01-01"), order("osimertinib", "2025-01-01")
        data, _ = read(*lines, status(WORSE, "2024-12-01"))
        assert [one.get("progressed") for one in data["treatments"]] == ["2024-12-01", None]

    def test_are_not_touched_by_other_states(self) -> None:
        data, problems = read(order("gefitinib", "2024-01-01"), status(concept(SCT, "268910001"), "2024-12-01"))
        assert "progressed" not in data["treatments"][0]
        assert "the disease status improved has no place" in said(problems)

    def test_leave_out_what_was_never_given(self) -> None:
        for more in ({"status": "draft"}, {"intent": "plan"}, {"doNotPerform": True}):
            assert "treatments" not in read(order("gefitinib", "2025-01-01", **more))[0]

    def test_say_when_a_drug_is_unknown(self) -> None:
        meta = {"meta": {"profile": [f"{MCODE}cancer-related-medication-request"]}}
        data, problems = read(order("newdrugimab", "2025-01-01", **meta))
        assert "treatments" not in data
        assert "treatment with 'newdrugimab', which the vocabulary doesn't have" in said(problems)

    def test_are_not_all_of_them_where_one_could_not_be_read(self) -> None:
        meta = {"meta": {"profile": [f"{MCODE}cancer-related-medication-request"]}}
        for unread in (
            order("newdrugimab", "2025-06-01", **meta),
            order("paclitaxel magnetic particles", "2025-06-01"),
        ):
            data, _ = read(condition(NSCLC), order("gefitinib", "2025-01-01"), unread)
            assert data["incomplete"] == ["treatments"]
            assert not case_from_data(data, VOCABULARY, TODAY).tables["courses"].complete
        data, _ = read(condition(NSCLC), order("gefitinib", "2025-01-01"), order("a vitamin", "2025-06-01"))
        assert "incomplete" not in data

    def test_make_a_case_that_is_accepted(self) -> None:
        data, _ = read(condition(NSCLC), order("cisplatin", "2025-01-01"), order("gefitinib", "2025-03-01"))
        case = case_from_data(data, VOCABULARY, TODAY)
        assert [sorted(row.cells["agents"]) for row in case.tables["courses"].rows] == [["cisplatin"], ["gefitinib"]]  # type: ignore[arg-type]


class TestADrug:
    @pytest.mark.parametrize(
        ("text", "inn"),
        [
            ("cisplatin 1 MG/ML Injectable Solution", "cisplatin"),
            ("10 ML doxorubicin hydrochloride 2 MG/ML Injection", "doxorubicin"),
            ("gefitinib 250 MG Oral Tablet", "gefitinib"),
            ("PACLitaxel", "paclitaxel"),
            ("甲磺酸奥希替尼片", "osimertinib"),
        ],
    )
    def test_is_found_in_a_package_s_text(self, text: str, inn: str) -> None:
        assert read(order(text, "2025-01-01"))[0]["treatments"][0]["agents"] == [inn]

    def test_with_a_word_that_may_make_it_another_is_not_guessed(self) -> None:
        data, problems = read(order("paclitaxel magnetic particles", "2025-01-01"))
        assert "treatments" not in data
        assert "not in the vocabulary" in said(problems)

    def test_whose_code_and_text_disagree_is_listed(self) -> None:
        both = {
            "medicationCodeableConcept": concept("http://www.nlm.nih.gov/research/umls/rxnorm", "349472", "erlotinib")
        }
        data, problems = read(order("x", "2025-01-01", **both))
        assert not {"treatments", "medication"} & set(data)
        assert "different drugs: erlotinib, gefitinib" in said(problems)

    def test_in_a_medication_of_its_own_is_found(self) -> None:
        medication = {"resourceType": "Medication", "id": "m", "code": {"text": "osimertinib"}}
        ordered = order("x", "2025-01-01", medicationReference={"reference": "Medication/m"})
        del ordered["medicationCodeableConcept"]
        assert read(ordered, medication)[0]["treatments"][0]["agents"] == ["osimertinib"]

    def test_that_the_vocabulary_lacks_is_listed_and_refuses_nobody(self) -> None:
        data, problems = read(order("levothyroxine 50 MCG Oral Tablet"), order("prednisone", "2026-01-02"))
        assert [entry["name"] for entry in data["medication"]] == ["prednisone"]
        assert "'levothyroxine 50 MCG Oral Tablet' is not in the vocabulary" in said(problems)

    def test_that_is_no_treatment_of_the_tumour_is_medication(self) -> None:
        assert read(order("prednisone", "2025-01-01"))[0]["medication"] == [
            {"name": "prednisone", "start": "2025-01-01"}
        ]


class TestAProcedure:
    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            (concept(SCT, "1217123003"), "radiotherapy"),
            (concept(SCT, "359615001", "Partial lobectomy of lung (procedure)"), "surgery"),
            ({"text": "Transarterial chemoembolization of liver"}, "TACE"),
            ({"text": "Biopsy of breast using ultrasonographic guidance (procedure)"}, "biopsy"),
        ],
    )
    def test_is_named_by_its_code_or_text(self, code: dict[str, Any], kind: str) -> None:
        done = {
            "resourceType": "Procedure",
            "id": "p",
            "status": "completed",
            "code": code,
            "performedDateTime": "2025-01-01",
        }
        assert read(done)[0]["procedures"] == [{"kind": kind, "date": "2025-01-01"}]

    def test_that_a_case_has_no_word_for_leaves_the_list_open(self) -> None:
        done = {"resourceType": "Procedure", "id": "p", "status": "completed", "code": {"text": "Mammography"}}
        data, problems = read(done)
        assert "procedures" not in data
        assert "'Mammography' has no place" in said(problems)
