"""Every example resource of mCODE 4.0.0 and genomics-reporting 3.0.0, from their npm packages (CC0)."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tumorboard.case.fhir import Codes, case_data_from_fhir, fhir_from_case
from tumorboard.case.model import CaseFile
from tumorboard.case.read import case_from_data
from tumorboard.data import parse_json
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.vocabulary.library import Vocabulary

pytestmark = pytest.mark.npm

PACKAGES = ("hl7.fhir.us.mcode@4.0.0", "hl7.fhir.uv.genomics-reporting@3.0.0")
FOLDER = KnowledgeFolder(SHIPPED)
VOCABULARY = Vocabulary.load(FOLDER)
CODES = Codes.from_data(FOLDER.read("vocabulary/fhir.yaml"))
TODAY = datetime.date(2026, 3, 1)
# The answer "Absent" of a genetic variant assessment.
ABSENT = {"coding": [{"system": "http://loinc.org", "code": "LA9634-2"}]}
Named = dict[str, Any]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Named]:
    """Every JSON file of both packages by its path."""
    folder = tmp_path_factory.mktemp("npm")
    subprocess.run(["npm", "pack", "--silent", *PACKAGES], cwd=folder, check=True, timeout=300, capture_output=True)
    return {
        f"{archive.name}/{member.name}": parse_json(file.read().decode("utf-8"), member.name)
        for archive in sorted(folder.glob("*.tgz"))
        for member, file in _files(archive)
    }


def _files(archive: Path) -> Any:
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            wanted = re.fullmatch(r"package/(example/)?[^/]+\.json", member.name)
            if wanted and (file := tar.extractfile(member)):
                yield member, file


@pytest.fixture(scope="session")
def examples(packages: dict[str, Named]) -> list[Named]:
    return [content for name, content in packages.items() if "/example/" in name]


@pytest.fixture(scope="session")
def mcode(packages: dict[str, Named]) -> list[Named]:
    return [content for name, content in packages.items() if "/example/" in name and "mcode" in name]


def read(data: Any, patient: str | None = None) -> tuple[Named, str]:
    found, problems = case_data_from_fhir(data, VOCABULARY, CODES, patient)
    case_from_data(found, VOCABULARY, TODAY)
    return found, "\n".join(map(str, problems))


def name(resource: Named) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def test_there_are_383(examples: list[Named]) -> None:
    assert len(examples) == 383


def test_each_is_read_into_something_or_listed_by_its_id(examples: list[Named]) -> None:
    for resource in examples:
        data, listed = read(resource)
        if resource["resourceType"] not in ("Bundle", "Patient") and not set(data) - {"schema", "id", "as_of"}:
            assert listed.startswith(name(resource))


def test_each_resource_of_a_bundle_is_read_into_something_or_listed(examples: list[Named]) -> None:
    """Told by what changes when the resource is left out; a Patient may have nothing but an id."""
    for bundle in (one for one in examples if one["resourceType"] == "Bundle" and len(one["entry"]) < 30):
        whole = case_data_from_fhir(bundle, VOCABULARY, CODES)
        for index, entry in enumerate(bundle["entry"]):
            if entry["resource"]["resourceType"] == "Patient":
                continue
            entries = bundle["entry"][:index] + bundle["entry"][index + 1 :]
            assert case_data_from_fhir({**bundle, "entry": entries}, VOCABULARY, CODES) != whole


def test_all_of_one_patient_make_a_case_that_is_accepted(examples: list[Named]) -> None:
    alone = [one for one in examples if one["resourceType"] != "Bundle"]
    patients = sorted({one["id"] for one in alone if one["resourceType"] == "Patient"})
    assert len(patients) == 15
    for patient in patients:
        data, _ = read(alone, patient)
        assert data["id"] == patient


def test_mcode_s_patient_with_nsclc_is_a_case(mcode: list[Named]) -> None:
    patient = "Patient/cancer-patient-john-anyperson"
    his = [one for one in mcode if name(one) == patient or one.get("subject", {}).get("reference") == patient]
    data, listed = read(his)
    tumour = next(one for one in data["conditions"] if one["disease"] == "NSCLC")
    assert tumour == {"disease": "NSCLC", "histology": "adenocarcinoma", "diagnosed": "2019-04-01", "stage": "IIIC"}
    lines = [(one["line"], one["agents"], one["start"], one.get("stopped_for")) for one in data["treatments"]]
    assert lines == [(1, ["cisplatin"], "2019-04-01", "toxicity"), (2, ["gefitinib"], "2019-04-30", None)]
    assert data["metastases"] == [{"site": "brain", "date": "2019-05-01"}]
    assert {"name": "STK11", "change": "p.G242E", "result": "present", "assay": "NGS", "date": "2019-04-01"} in data[
        "biomarkers"
    ]
    # EGFR antigen in tissue is no EGFR mutation.
    assert [one["change"] for one in data["biomarkers"] if one["name"] == "EGFR"] == ["expression"]
    assert "Observation/genomic-region-studied-stk11" in listed
    assert "Observation/genomic-variant-fusion" in listed


def test_his_case_written_as_fhir_comes_back(mcode: list[Named]) -> None:
    data, _ = read(mcode, "cancer-patient-john-anyperson")
    file = CaseFile.model_validate(data, context={"terms": VOCABULARY.terms})
    again, problems = case_data_from_fhir(fhir_from_case(file, VOCABULARY, CODES), VOCABULARY, CODES)
    assert CaseFile.model_validate(again, context={"terms": VOCABULARY.terms}) == file
    assert problems == ()


def test_a_gene_absent_is_never_present(examples: list[Named]) -> None:
    variants = [
        one
        for one in _observations(examples)
        if any(coding.get("code") == "69548-6" for coding in one.get("code", {}).get("coding", []))
    ]
    assert len(variants) > 60
    assert any(one.get("valueCodeableConcept", {}).get("coding", [{}])[0].get("code") == "LA9634-2" for one in variants)
    for one in variants:
        data, _ = read({**one, "valueCodeableConcept": ABSENT})
        assert {entry.get("result") for entry in data.get("biomarkers", ())} <= {"absent"}


def test_pertinent_negatives_are_absent_each_by_itself(mcode: list[Named]) -> None:
    (one,) = (found for found in mcode if found["id"].startswith("gx-genomic-variant-pertinent-negative"))
    data, listed = read(one)
    assert [(entry["name"], entry["result"]) for entry in data["biomarkers"]] == [("BRAF", "absent")]
    # The example gives NRAS the HGNC id of KIT and KIT that of NRAS.
    assert "the code of a gene says KIT and its name NRAS" in listed


def _observations(value: Any) -> list[Named]:
    if isinstance(value, list):
        return [found for inner in value for found in _observations(inner)]
    if not isinstance(value, dict):
        return []
    own = [value] if value.get("resourceType") == "Observation" else []
    return own + [found for inner in value.values() for found in _observations(inner)]


CASE: Named = {
    "id": "lung-07",
    "birth_date": "1961-04-02",
    "conditions": [{"disease": "NSCLC", "histology": "adenocarcinoma", "stage": "IV"}],
    "metastases": [{"site": "bone"}],
    "performance": [{"scale": "ECOG", "value": 1}, {"scale": "Karnofsky", "value": 80}],
    "biomarkers": [
        {"name": "EGFR", "change": "T790M", "result": "absent"},
        {"name": "PD-L1", "change": "expression", "measure": "TPS", "value": 60, "unit": "%"},
        {"name": "ALK", "result": "not tested"},
    ],
    "treatments": [{"line": 1, "agents": ["gefitinib"], "progressed": "2025-01-01"}],
    "procedures": [{"kind": "surgery"}, {"kind": "radiotherapy"}],
}


def test_what_we_write_has_every_element_its_mcode_profile_requires(packages: dict[str, Named]) -> None:
    definitions = {one["url"]: one for one in packages.values() if one.get("resourceType") == "StructureDefinition"}
    file = CaseFile.model_validate(CASE, context={"terms": VOCABULARY.terms})
    claimed = set()
    for entry in json.loads(json.dumps(fhir_from_case(file, VOCABULARY, CODES)))["entry"]:
        for profile in entry["resource"].get("meta", {}).get("profile", []):
            claimed.add(profile)
            for element in definitions[profile]["snapshot"]["element"]:
                path = element["path"].split(".")
                if len(path) == 2 and element["min"] > 0:
                    stem = path[1].removesuffix("[x]")
                    assert any(key.startswith(stem) for key in entry["resource"]), (profile, path)
    assert claimed == set(CODES.words["profiles"].values()) - {CODES.words["profiles"]["cancer medication given"]}
