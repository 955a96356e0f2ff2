"""Resources of other systems: disease, measurements, medicines and lines of therapy."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fhir_samples import (
    LOINC,
    MCODE,
    PATIENT,
    SCT,
    TODAY,
    VOCABULARY,
    concept,
    condition,
    loinc,
    order,
    part,
    quantity,
    read,
    said,
)

from tumorboard.case.read import case_from_data

NSCLC = concept(SCT, "254637007")
WORSE = concept(SCT, "271299001")


def icd(code: str) -> dict[str, Any]:
    return concept("http://hl7.org/fhir/sid/icd-10-cm", code)


def histology(code: str, system: str = SCT) -> dict[str, Any]:
    url = f"{MCODE}histology-morphology-behavior"
    return {"extension": [{"url": url, "valueCodeableConcept": concept(system, code)}]}


def status(value: dict[str, Any], day: str) -> dict[str, Any]:
    return loinc("97509-4", valueCodeableConcept=value, effectiveDateTime=day)


class TestAPatient:
    def test_gives_id_sex_and_birth_date(self) -> None:
        data, problems = read({"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1961-04-02"})
        assert data == {"schema": "tumorboard.case/1", "id": "p", "sex": "female", "birth_date": "1961-04-02"}
        assert problems == ()

    def test_born_in_a_year_only_has_no_birth_date(self) -> None:
        data, problems = read({"resourceType": "Patient", "id": "p", "birthDate": "1961"})
        assert "birth_date" not in data
        assert (
            said(problems) == "Patient/p: the birth date '1961' is no day; a case needs year, month and day, or an age"
        )


class TestACondition:
    @pytest.mark.parametrize(
        ("code", "more", "disease"),
        [
            (NSCLC, {}, "NSCLC"),
            (concept(SCT, "254632001"), {}, "SCLC"),
            (icd("C22.0"), {}, "HCC"),
            (icd("C34.12"), {}, "lung cancer"),
            (icd("C34.12"), histology("1187332001"), "NSCLC"),
            (icd("C34.12"), histology("8041/3", "http://terminology.hl7.org/CodeSystem/icd-o-3"), "SCLC"),
            ({"text": "肝细胞癌"}, {}, "HCC"),
            (concept("urn:x", "1", "Small cell lung cancer (disorder)"), {}, "SCLC"),
            (concept("urn:x", "1", "Gout (disorder)"), {}, "Gout"),
        ],
    )
    def test_is_named_by_its_code_or_text(self, code: dict[str, Any], more: dict[str, Any], disease: str) -> None:
        assert read(condition(code, **more))[0]["conditions"][0]["disease"] == disease

    def test_with_a_disease_and_its_group_is_the_disease(self) -> None:
        both = {"coding": [*icd("C34.9")["coding"], *NSCLC["coding"]]}
        assert read(condition(both))[0]["conditions"] == [{"disease": "NSCLC"}]

    def test_with_two_diseases_keeps_its_text_and_is_listed(self) -> None:
        both = {"coding": [*icd("C22.0")["coding"], *NSCLC["coding"]], "text": "tumour of two minds"}
        data, problems = read(condition(both))
        assert data["conditions"] == [{"disease": "tumour of two minds"}]
        assert "different diseases (HCC, NSCLC)" in said(problems)

    def test_tells_its_stage_out_of_words(self) -> None:
        stage = [{"summary": {"text": "American Joint Committee on Cancer stage IIIC (qualifier value)"}}]
        assert read(condition(NSCLC, stage=stage))[0]["conditions"][0]["stage"] == "IIIC"

    def test_takes_the_stage_of_a_staging_observation(self) -> None:
        group = loinc("21908-9", valueCodeableConcept={"text": "Stage IVA"}, focus=[{"reference": "Condition/c"}])
        assert read(condition(NSCLC), group)[0]["conditions"][0]["stage"] == "IVA"

    def test_keeps_its_own_stage_and_lists_another(self) -> None:
        group = loinc("21908-9", valueCodeableConcept={"text": "Stage IIB"})
        data, problems = read(condition(NSCLC, stage=[{"summary": {"text": "IIIC"}}]), group)
        assert data["conditions"][0]["stage"] == "IIIC"
        assert "gives the stage IIB, Condition/c IIIC" in said(problems)

    def test_refuted_is_not_read(self) -> None:
        data, problems = read(condition(NSCLC, verificationStatus=concept("urn:x", "refuted")))
        assert "conditions" not in data
        assert said(problems) == "Condition/c: is refuted and was not read"

    def test_comorbid_and_resolved_is_not_read_but_a_tumour_in_remission_is(self) -> None:
        resolved = concept("urn:x", "resolved")
        assert "conditions" not in read(condition(icd("I50.32"), clinicalStatus=resolved))[0]
        assert read(condition(NSCLC, clinicalStatus=concept("urn:x", "remission")))[0]["conditions"]

    @pytest.mark.parametrize(
        "code", [concept(SCT, "94225005"), icd("C79.31"), {"text": "Secondary malignant neoplasm of brain (disorder)"}]
    )
    def test_secondary_is_a_metastasis(self, code: dict[str, Any]) -> None:
        data, _ = read(condition(code, onsetDateTime="2019-05-01"))
        assert data["metastases"] == [{"site": "brain", "date": "2019-05-01"}]
        assert "conditions" not in data

    def test_dated_to_a_month_stays_undated_and_is_listed(self) -> None:
        data, problems = read(condition(NSCLC, onsetDateTime="2019-05"))
        assert data["conditions"] == [{"disease": "NSCLC"}]
        assert said(problems) == (
            "Condition/c: the date '2019-05' is no day, so the entry is undated; a case needs year, month and day"
        )


class TestAMeasurement:
    @pytest.mark.parametrize(
        ("code", "value", "entry"),
        [
            ("1975-2", quantity(1.1, "mg/dL"), {"name": "bilirubin", "value": Decimal("1.1"), "unit": "mg/dL"}),
            ("777-3", quantity(180, "10*3/uL"), {"name": "platelets", "value": 180, "unit": "10^9/L"}),
            ("6301-6", {"value": 1.2}, {"name": "INR", "value": Decimal("1.2")}),
            ("6301-6", quantity(1.2, "{INR}"), {"name": "INR", "value": Decimal("1.2")}),
            ("1834-1", quantity(420, "ug/L"), {"name": "AFP", "value": 420, "unit": "ng/mL"}),
            ("10230-1", quantity(55, "%"), {"name": "LVEF", "value": 55, "unit": "%"}),
        ],
    )
    def test_of_the_laboratory_is_in_our_units(self, code: str, value: dict[str, Any], entry: dict[str, Any]) -> None:
        assert read(loinc(code, valueQuantity=value))[0]["labs"] == [entry]

    @pytest.mark.parametrize(
        ("value", "why"),
        [
            (quantity(1.1, "furlong"), "unknown unit"),
            (quantity(4000, "mg/dL"), "implausible"),
            ({**quantity(5, "mg/dL"), "comparator": "<"}, "only known to be < 5"),
            (quantity("1.1", "mg/dL"), "has no number"),
            (quantity(float("nan"), "mg/dL"), "has no number"),
            (None, "has no number"),
        ],
    )
    def test_that_can_t_be_right_is_listed(self, value: Any, why: str) -> None:
        data, problems = read(loinc("1975-2", valueQuantity=value))
        assert "labs" not in data
        assert why in said(problems)

    def test_of_performance_is_a_whole_number(self) -> None:
        data, _ = read(loinc("89247-1", valueInteger=1), loinc("89243-0", valueInteger=90, id="k"))
        assert data["performance"] == [{"scale": "ECOG", "value": 1}, {"scale": "Karnofsky", "value": 90}]

    def test_of_blood_pressure_has_two_sides(self) -> None:
        sides = [
            part("8480-6", valueQuantity=quantity(130, "mm[Hg]")),
            part("8462-4", valueQuantity=quantity(80, "mm[Hg]")),
        ]
        assert read(loinc("85354-9", component=sides))[0]["vitals"] == [
            {"name": "blood pressure", "systolic": 130, "diastolic": 80}
        ]

    def test_of_the_body_is_the_newest_in_cm_and_kg(self) -> None:
        data, _ = read(
            loinc("8302-2", valueQuantity=quantity(65, "[in_i]")),
            loinc("29463-7", valueQuantity=quantity(70, "kg"), effectiveDateTime="2024-01-01"),
            loinc("29463-7", valueQuantity=quantity(66, "kg"), effectiveDateTime="2025-01-01", id="later"),
        )
        assert (data["height_cm"], data["weight_kg"]) == (Decimal("165.1"), 66)

    def test_of_an_impossible_body_is_listed(self) -> None:
        data, problems = read(loinc("8302-2", valueQuantity=quantity(3, "cm")))
        assert "height_cm" not in data
        assert "below 30" in said(problems)


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


def test_a_resource_without_a_place_is_listed_by_type_and_id() -> None:
    _, problems = read({"resourceType": "FamilyMemberHistory", "id": "aunt"})
    assert said(problems) == "FamilyMemberHistory/aunt: resources of this type have no place in a case; not read"


def test_results_held_inside_a_report_are_read() -> None:
    held = {**loinc("1751-7", valueQuantity=quantity(38, "g/L")), "id": "alb"}
    report = {"resourceType": "DiagnosticReport", "id": "r", "contained": [held], "code": concept(LOINC, "51969-4")}
    assert read(report)[0]["labs"] == [{"name": "albumin", "value": 38, "unit": "g/L"}]
