"""Resources of other systems: patient, disease and measurements."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fhir_samples import (
    LOINC,
    MCODE,
    SCT,
    concept,
    condition,
    loinc,
    part,
    quantity,
    read,
    said,
)

NSCLC = concept(SCT, "254637007")


def icd(code: str) -> dict[str, Any]:
    return concept("http://hl7.org/fhir/sid/icd-10-cm", code)


def histology(code: str, system: str = SCT) -> dict[str, Any]:
    url = f"{MCODE}histology-morphology-behavior"
    return {"extension": [{"url": url, "valueCodeableConcept": concept(system, code)}]}


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


def test_a_resource_without_a_place_is_listed_by_type_and_id() -> None:
    _, problems = read({"resourceType": "FamilyMemberHistory", "id": "aunt"})
    assert said(problems) == "FamilyMemberHistory/aunt: resources of this type have no place in a case; not read"


def test_results_held_inside_a_report_are_read() -> None:
    held = {**loinc("1751-7", valueQuantity=quantity(38, "g/L")), "id": "alb"}
    report = {"resourceType": "DiagnosticReport", "id": "r", "contained": [held], "code": concept(LOINC, "51969-4")}
    assert read(report)[0]["labs"] == [{"name": "albumin", "value": 38, "unit": "g/L"}]
