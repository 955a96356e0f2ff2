"""Malformed FHIR is refused by the path of its entry, odd content listed; nothing crashes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from fhir_samples import (
    CODES,
    FOLDER,
    PATIENT,
    TODAY,
    VOCABULARY,
    concept,
    condition,
    gene,
    kind,
    loinc,
    order,
    part,
    protein,
    quantity,
    said,
    variant,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tumorboard.case.fhir import Codes, case_data_from_fhir, fhir_from_case
from tumorboard.case.model import CaseFile
from tumorboard.case.read import case_from_data
from tumorboard.errors import InvalidInput, InvalidKnowledge

WHOLE = [
    {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1961-04-02"},
    condition(
        concept("http://snomed.info/sct", "254637007"), onsetDateTime="2024-01-01", stage=[{"summary": {"text": "IV"}}]
    ),
    variant(
        "LA9633-4", gene("EGFR", "HGNC:3236"), protein("p.Leu858Arg"), part("81258-6", valueQuantity=quantity(6, "%"))
    ),
    variant("LA9634-2", gene("EML4"), gene("ALK", "HGNC:427"), kind("SO:0001565")),
    loinc("1975-2", valueQuantity=quantity(1.1, "mg/dL"), effectiveDateTime="2025-01-01"),
    loinc("85354-9", component=[part("8480-6", valueQuantity=quantity(130, "mm[Hg]"))]),
    loinc("89247-1", valueInteger=1),
    loinc(
        "97509-4", valueCodeableConcept=concept("http://snomed.info/sct", "271299001"), effectiveDateTime="2025-06-01"
    ),
    order("gefitinib", "2025-01-01", status="stopped", statusReason=concept("http://snomed.info/sct", "407563006")),
    {"resourceType": "Procedure", "id": "s", "status": "completed", "code": {"text": "Lobectomy"}, "subject": PATIENT},
    {"resourceType": "AdverseEvent", "id": "a", "actuality": "actual", "event": {"text": "rash"}, "subject": PATIENT},
]
OURS = fhir_from_case(
    CaseFile.model_validate(
        {
            "id": "a",
            "sex": "male",
            "biomarkers": [{"name": "EGFR", "result": "present"}],
            "treatments": [{"line": 1, "agents": ["gefitinib"], "start": "2025-01-01"}],
        },
        context={"terms": VOCABULARY.terms},
    ),
    VOCABULARY,
    CODES,
)
NO_TYPE = "a FHIR resource is an object with `resourceType`"
TYPES = "use collection, searchset, transaction or batch"
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    10**5000,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "x" * 9000,
    "NaN",
    "2024-13-45",
    "\u0000",
    [],
    {},
    [[]],
    [None],
    {"coding": 1},
    {"coding": [None, {"code": 1, "system": []}]},
    [{"url": 3}],
    {"value": {"value": {}}},
    {"reference": 7},
    {"reference": "#"},
    "Patient/other/x",
    {"text": ["a"]},
]


def bundle(*resources: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def refused(data: Any) -> str:
    with pytest.raises(InvalidInput) as error:
        case_data_from_fhir(data, VOCABULARY, CODES)
    return str(error.value)


class TestAMalformedBundle:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (7, f"7 is no resource; {NO_TYPE}"),
            ({}, "resourceType: is missing; write for example Patient"),
            ({"resourceType": 3}, "resourceType: 3 is no type; write for example Patient"),
            ({"resourceType": "Bundle", "entry": {}}, "entry: a dict is no list; write a list of {fullUrl, resource}"),
            (
                bundle(*WHOLE[:2]) | {"entry": [{"resource": WHOLE[0]}, 5]},
                "entry[1]: 5 is no entry; write {fullUrl, resource}",
            ),
            (
                {"resourceType": "Bundle", "entry": [{}]},
                "entry[0].resource: is missing; put the resource under `resource`",
            ),
            (bundle(WHOLE[0], {"id": "x"}), "entry[1].resource.resourceType: is missing; write for example Patient"),
            (bundle(bundle(None)), f"entry[0].resource.entry[0].resource: None is no resource; {NO_TYPE}"),
            ({"resourceType": "Bundle", "type": "history"}, f"type: a Bundle of type history holds no record; {TYPES}"),
            ([WHOLE[0], []], f"[1]: a list is no resource; {NO_TYPE}"),
        ],
    )
    def test_is_refused_by_path(self, data: Any, message: str) -> None:
        assert refused(data) == message

    def test_of_two_patients_is_refused(self) -> None:
        other = {"resourceType": "Patient", "id": "q"}
        assert refused(bundle(WHOLE[0], other)) == (
            "Patient/q: belongs to Patient/q, others to Patient/p; give the resources of one patient"
        )

    def test_of_two_patients_is_read_for_the_one_asked_for(self) -> None:
        other = {"resourceType": "Patient", "id": "q", "gender": "male"}
        data, _ = case_data_from_fhir(bundle(*WHOLE, other), VOCABULARY, CODES, patient="q")
        assert (data["id"], data["sex"], data.get("biomarkers")) == ("q", "male", None)

    def test_nested_too_deeply_is_refused(self) -> None:
        deep: Any = "x"
        for _ in range(5000):
            deep = {"extension": [deep]}
        assert "is nested too deeply" in refused({"resourceType": "Patient", "id": "p", "extension": [deep]})

    def test_that_holds_itself_is_refused(self) -> None:
        loop: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
        loop["entry"] = [{"resource": loop}]
        assert "is nested too deeply" in refused(loop)


class TestABundle:
    def test_finds_a_patient_by_full_url(self) -> None:
        data = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "p", "gender": "male"}},
                {"resource": {**WHOLE[4], "subject": {"reference": "urn:uuid:1"}}},
            ],
        }
        assert case_data_from_fhir(data, VOCABULARY, CODES)[0]["sex"] == "male"

    def test_dates_the_case_by_its_timestamp(self) -> None:
        data = bundle(WHOLE[0]) | {"timestamp": "2026-03-01T08:00:00Z"}
        assert case_data_from_fhir(data, VOCABULARY, CODES)[0]["as_of"] == "2026-03-01"

    def test_given_twice_over_is_read_once(self) -> None:
        data, _ = case_data_from_fhir(bundle(*WHOLE, *WHOLE), VOCABULARY, CODES)
        assert len(data["labs"]) == 1

    def test_with_two_versions_of_a_result_keeps_both(self) -> None:
        second = {**WHOLE[4], "valueQuantity": quantity(2, "mg/dL")}
        data, _ = case_data_from_fhir(bundle(WHOLE[4], second), VOCABULARY, CODES)
        assert len(data["labs"]) == 2

    def test_names_a_resource_without_id_by_its_path(self) -> None:
        nameless = {key: value for key, value in WHOLE[8].items() if key != "id"} | {"status": "draft"}
        _, problems = case_data_from_fhir(bundle(WHOLE[0], nameless), VOCABULARY, CODES)
        assert said(problems) == "entry[1].resource: is draft and was not read"


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, one in inner for path in ((*at, key), *_paths(one, (*at, key)))]


def _put(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    whole = copy.deepcopy(data)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return whole


@pytest.mark.parametrize("data", [bundle(*WHOLE), OURS], ids=["mCODE", "our own"])
def test_an_odd_value_anywhere_never_crashes(data: Any) -> None:
    for index, path in enumerate(_paths(data)):
        for odd in ODD[index % 5 :: 5]:  # a fifth of them each, for time; the next test mixes them
            assert _odd_ending(_put(data, path, odd)) == "", f"{odd!r} at {path}"


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_several_odd_values_never_crash(draw: Any) -> None:
    data: Any = draw.draw(st.sampled_from([bundle(*WHOLE), OURS]))
    for _ in range(draw.draw(st.integers(2, 6))):
        if paths := _paths(data):
            data = _put(
                data, draw.draw(st.sampled_from(paths)), draw.draw(st.sampled_from(ODD) | st.text() | st.floats())
            )
    assert _odd_ending(data) == ""


def _odd_ending(data: Any) -> str:
    """What reading ``data`` ends in, other than a refusal or problems that say where and what; empty where it does."""
    try:
        found, problems = case_data_from_fhir(data, VOCABULARY, CODES)
        case_from_data(found, VOCABULARY, TODAY)
    except InvalidInput as error:
        return "" if error.problems and all(problem.what for problem in error.problems) else "a refusal without a word"
    return "" if all(problem.place and problem.what for problem in problems) else "a problem without its place"


class TestTheCodes:
    def test_of_an_unknown_system_are_refused(self) -> None:
        data = {**FOLDER.read("vocabulary/fhir.yaml"), "labs": {"what:1": "AFP"}}
        with pytest.raises(InvalidKnowledge, match="'what:1' is of no listed system"):
            Codes.from_data(data)

    def test_without_a_heading_are_refused(self) -> None:
        data = {key: value for key, value in FOLDER.read("vocabulary/fhir.yaml").items() if key != "labs"}
        with pytest.raises(InvalidKnowledge, match="lacks labs"):
            Codes.from_data(data)

    @pytest.mark.parametrize(
        ("heading", "known"),
        [
            ("diseases", VOCABULARY.terms.diseases.ids),
            ("histology", VOCABULARY.terms.lists["histology"].ids),
            ("sites", VOCABULARY.terms.named["sites"].ids),
            ("vitals", VOCABULARY.terms.named["vitals"].ids),
            ("labs", frozenset(VOCABULARY.terms.analytes)),
            ("results", VOCABULARY.terms.lists["result"].ids),
            ("methods", VOCABULARY.terms.lists["assay"].ids),
            ("specimens", VOCABULARY.terms.lists["specimen"].ids),
            ("stopped_for", VOCABULARY.terms.lists["stopped_for"].ids),
            ("intent", VOCABULARY.terms.lists["intent"].ids),
            ("procedures", VOCABULARY.terms.lists["procedure"].ids),
            ("procedure_words", VOCABULARY.terms.lists["procedure"].ids),
            ("drugs", frozenset(drug.inn for drug in VOCABULARY.drugs)),
            ("concomitant", frozenset(VOCABULARY.drugs.classes())),
        ],
    )
    def test_mean_what_the_vocabulary_has(self, heading: str, known: frozenset[str]) -> None:
        listed = FOLDER.read("vocabulary/fhir.yaml")[heading]
        used = listed if heading in ("procedure_words", "concomitant") else listed.values()
        assert set(used) <= known
