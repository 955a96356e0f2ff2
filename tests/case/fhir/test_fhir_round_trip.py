"""A case written as FHIR and read back is the same case; what another system changed is not read from our extension."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from fhir_samples import CASES, CODES, FOLDER, TODAY, VOCABULARY, said
from hypothesis import HealthCheck, given, settings

from tumorboard.case.fhir import bundle_from_case, case_data_from_fhir, case_from_fhir, fhir_from_case, is_fhir
from tumorboard.case.model import CaseFile
from tumorboard.case.read import case_from_data
from tumorboard.data import parse_json

r4b = pytest.importorskip("fhir.resources.R4B.bundle", reason="the extra `fhir`")

LUNG: dict[str, Any] = {
    "schema": "tumorboard.case/1",
    "id": "lung-07",
    "sex": "female",
    "birth_date": "1961-04-02",
    "as_of": "2026-03-01",
    "height_cm": 160,
    "weight_kg": 55,
    "conditions": [
        {"disease": "NSCLC", "histology": "adenocarcinoma", "diagnosed": "2024-02-10", "stage": "IV"},
        {"disease": "SCLC", "histology": "small cell", "diagnosed": "2025-11-02", "transformed_from": "NSCLC"},
        {"disease": "interstitial lung disease"},
    ],
    "primary": {"location": "central", "cavitation": False},
    "metastases": [{"site": "brain", "symptomatic": False, "treated": True, "date": "2026-02-18"}],
    "medication": [{"name": "prednisone", "mg_day": 5}],
    "vitals": [{"name": "blood pressure", "systolic": 130, "diastolic": 80, "date": "2026-02-20"}],
    "adverse_events": [{"event": "pneumonitis", "grade": 3, "agent": "osimertinib", "date": "2025-09-01"}],
    "performance": [{"scale": "ECOG", "value": 1, "date": "2026-02-20"}],
    "biomarkers": [
        {
            "name": "EGFR",
            "change": "p.Leu858Arg",
            "result": "present",
            "assay": "NGS",
            "specimen": "tissue",
            "date": "2024-02-20",
        },
        {
            "name": "MET",
            "change": "amplification",
            "result": "present",
            "assay": "FISH",
            "measure": "ratio",
            "value": 3.1,
        },
        {
            "name": "ROS1",
            "change": "fusion",
            "partner": "CD74",
            "result": "absent",
            "assay": "NGS",
            "date": "2024-02-20",
        },
        {
            "name": "PD-L1",
            "change": "expression",
            "assay": "IHC",
            "clone": "22C3",
            "measure": "TPS",
            "value": 60,
            "unit": "%",
        },
        {"name": "ALK", "result": "not tested"},
    ],
    "treatments": [
        {
            "line": 1,
            "agents": ["osimertinib"],
            "start": "2024-03-01",
            "end": "2025-10-20",
            "progressed": "2025-10-20",
            "best_response": "PR",
            "stopped_for": "progression",
        },
        {"line": 2, "agents": ["carboplatin", "etoposide"], "start": "2025-11-10"},
    ],
    "procedures": [],
    "labs": [
        {"name": "bilirubin", "value": 1.1, "unit": "mg/dL", "date": "2026-02-20"},
        {"name": "INR", "value": 1.1, "date": "2026-02-20"},
    ],
    "findings": [{"name": "haemoptysis", "value": False, "date": "2026-02-20"}],
    "consent": {"organoid testing": True},
}


def model(data: dict[str, Any]) -> CaseFile:
    return CaseFile.model_validate(data, context={"terms": VOCABULARY.terms})


def dumped(file: CaseFile) -> dict[str, Any]:
    return file.model_dump(by_alias=True, exclude_none=True)


def bundle(data: dict[str, Any]) -> dict[str, Any]:
    return fhir_from_case(model(data), VOCABULARY, CODES)


def through_text(written: dict[str, Any]) -> Any:
    return parse_json(json.dumps(written, ensure_ascii=False, allow_nan=False), "bundle.json")


def resource(written: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(e["resource"] for e in written["entry"] if e["resource"]["id"] == name)
    return found


class TestTheSameCase:
    def test_comes_back_from_fhir(self) -> None:
        data, problems = case_data_from_fhir(through_text(bundle(LUNG)), VOCABULARY, CODES)
        assert dumped(model(data)) == dumped(model(LUNG))
        assert problems == ()

    def test_gives_the_same_tables(self) -> None:
        case = case_from_data(LUNG, VOCABULARY, TODAY)
        again = case_from_fhir(through_text(bundle_from_case(case.file, VOCABULARY, FOLDER)), VOCABULARY, FOLDER, TODAY)
        assert again.tables == case.tables
        assert again.as_of == case.as_of

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
    @given(CASES)
    def test_whatever_it_holds(self, case: dict[str, Any]) -> None:
        file = model(case)
        data, problems = case_data_from_fhir(through_text(fhir_from_case(file, VOCABULARY, CODES)), VOCABULARY, CODES)
        assert dumped(model(data)) == dumped(file)
        assert problems == ()

    def test_keeps_an_empty_list_apart_from_an_absent_one(self) -> None:
        data, _ = case_data_from_fhir(bundle({"id": "a", "procedures": []}), VOCABULARY, CODES)
        assert data["procedures"] == []
        assert "treatments" not in data

    def test_keeps_numbers_digit_for_digit(self) -> None:
        case = parse_json(
            '{"id": "a", "labs": [{"name": "AFP", "value": 420.1234567890123456789, "unit": "ng/mL"}]}', "a"
        )
        data, _ = case_data_from_fhir(through_text(bundle(case)), VOCABULARY, CODES)
        assert data["labs"] == case["labs"]


class TestWhatIsWritten:
    def test_is_fhir(self) -> None:
        assert is_fhir(bundle(LUNG))
        assert not is_fhir(LUNG)

    @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
    @given(CASES)
    def test_validates_as_r4(self, case: dict[str, Any]) -> None:
        r4b.Bundle.model_validate(bundle(case))

    def test_names_the_disease_histology_and_stage_in_mcode_s_place(self) -> None:
        written = resource(bundle(LUNG), "conditions-0")
        assert written["code"]["coding"] == [{"system": "http://snomed.info/sct", "code": "254637007"}]
        assert written["stage"] == [{"summary": {"text": "IV"}}]
        histology = written["extension"][0]
        assert histology["url"].endswith("mcode-histology-morphology-behavior")
        assert histology["valueCodeableConcept"]["coding"][0]["code"] == "1187332001"

    def test_says_absent_in_loinc_where_the_case_says_absent(self) -> None:
        written = resource(bundle(LUNG), "biomarkers-2")
        assert written["valueCodeableConcept"]["coding"] == [{"system": "http://loinc.org", "code": "LA9634-2"}]
        partner, kinase = (component["valueCodeableConcept"] for component in written["component"][:2])
        assert partner == {"text": "CD74"}
        assert kinase["coding"][0]["code"] == "HGNC:10261"

    def test_gives_a_test_not_done_no_value(self) -> None:
        written = resource(bundle(LUNG), "biomarkers-4")
        assert "valueCodeableConcept" not in written
        assert written["dataAbsentReason"]["coding"][0]["code"] == "not-performed"

    def test_gives_bilirubin_the_code_of_its_unit(self) -> None:
        case = {
            "id": "a",
            "labs": [
                {"name": "bilirubin", "value": 1, "unit": "mg/dL"},
                {"name": "TBIL", "value": 17, "unit": "µmol/L"},
            ],
        }
        codes = [resource(bundle(case), f"labs-{index}")["code"]["coding"][0]["code"] for index in (0, 1)]
        assert codes == ["1975-2", "14631-6"]

    def test_holds_no_name_of_a_person(self) -> None:
        name = resource(bundle(LUNG), "lung-07")["name"]
        assert [list(one) for one in name] == [["extension"]]


class TestAnotherSystemsChange:
    def changed(self, name: str, **change: Any) -> tuple[dict[str, Any], str]:
        written = copy.deepcopy(bundle(LUNG))
        resource(written, name).update(change)
        data, problems = case_data_from_fhir(written, VOCABULARY, CODES)
        return data, said(problems)

    def test_of_a_result_wins_over_the_entry(self) -> None:
        absent = {"coding": [{"system": "http://loinc.org", "code": "LA9634-2"}]}
        data, problems = self.changed("biomarkers-0", valueCodeableConcept=absent)
        egfr = [entry for entry in data["biomarkers"] if entry["name"] == "EGFR"]
        assert [(entry["change"], entry["result"]) for entry in egfr] == [("p.L858R", "absent")]
        assert "Observation/biomarkers-0: was changed after Tumorboard wrote it" in problems

    def test_of_a_number_wins_over_the_entry(self) -> None:
        data, _ = self.changed(
            "labs-0", valueQuantity={"value": 2.2, "system": "http://unitsofmeasure.org", "code": "mg/dL"}
        )
        bilirubin = [entry for entry in data["labs"] if entry["name"] == "bilirubin"]
        assert [float(entry["value"]) for entry in bilirubin] == [2.2]

    def test_to_entered_in_error_takes_the_entry_out(self) -> None:
        data, problems = self.changed("biomarkers-1", status="entered-in-error")
        assert "MET" not in [entry["name"] for entry in data["biomarkers"]]
        assert "is entered-in-error" in problems

    def test_of_ids_and_addresses_changes_nothing(self) -> None:
        written = copy.deepcopy(bundle(LUNG))
        for entry in written["entry"]:
            entry["resource"]["meta"] = {"versionId": "1", **entry["resource"].get("meta", {})}
            if entry["resource"]["resourceType"] != "Patient":
                entry["resource"]["id"] = f"server-{entry['resource']['id']}"
                entry["resource"]["subject"] = {"reference": "Patient/lung-07"}
        data, problems = case_data_from_fhir(written, VOCABULARY, CODES)
        assert dumped(model(data)) == dumped(model(LUNG))
        assert problems == ()

    def test_that_adds_a_name_and_a_performer_changes_nothing(self) -> None:
        written = bundle(LUNG)
        resource(written, "lung-07")["name"] = [{"text": "kept by the hospital"}]
        resource(written, "labs-0")["performer"] = [{"reference": "Organization/laboratory"}]
        data, problems = case_data_from_fhir(written, VOCABULARY, CODES)
        assert dumped(model(data)) == dumped(model(LUNG))
        assert problems == ()

    def test_of_the_sex_wins_over_the_entry(self) -> None:
        data, problems = self.changed("lung-07", gender="male")
        assert data["sex"] == "male"
        assert "Patient/lung-07: was changed" in problems

    def test_that_takes_a_resource_out_is_told(self) -> None:
        written = bundle(LUNG)
        written["entry"] = [entry for entry in written["entry"] if entry["resource"]["id"] != "labs-1"]
        _, problems = case_data_from_fhir(written, VOCABULARY, CODES)
        assert said(problems) == "labs[1]: was written to FHIR, but its resource is not here"

    def test_that_breaks_the_extension_is_told(self) -> None:
        written = bundle(LUNG)
        resource(written, "labs-0")["extension"][-1]["extension"][2]["valueString"] = '{"name": NaN'
        data, problems = case_data_from_fhir(written, VOCABULARY, CODES)
        assert {"name": "bilirubin", "unit": "mg/dL", "date": "2026-02-20"}.items() <= data["labs"][-1].items()
        assert "Observation/labs-0" in said(problems)

    def test_that_adds_a_result_is_read_beside_the_case(self) -> None:
        written = bundle(LUNG)
        added = {
            "resourceType": "Observation",
            "id": "new",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "1751-7"}]},
            "subject": written["entry"][1]["resource"]["subject"],
            "effectiveDateTime": "2026-02-25",
            "valueQuantity": {"value": 38, "system": "http://unitsofmeasure.org", "code": "g/L"},
        }
        written["entry"].append({"resource": added})
        data, _ = case_data_from_fhir(written, VOCABULARY, CODES)
        assert data["labs"][-1] == {"name": "albumin", "value": 38, "unit": "g/L", "date": "2026-02-25"}
        assert len(data["labs"]) == 3
