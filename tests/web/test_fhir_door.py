"""FHIR in, FHIR out: what is answered is valid, carries every option with its grade, and is documented."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from fastapi.testclient import TestClient
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from places import ROOT

from tumorboard.advice.advise import advise
from tumorboard.advice.given import case_given
from tumorboard.advice.model import Advice
from tumorboard.case.fhir import bundle_from_case
from tumorboard.cli.setup import DEMO
from tumorboard.data import parse, read_text
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.text import LANGUAGES
from tumorboard.web.app import create_app
from tumorboard.web.settings import Settings

TODAY = datetime.date(2026, 3, 1)
FHIR = {"Content-Type": "application/fhir+json"}
DOCUMENTED = (ROOT / "docs" / "fhir.md").read_text(encoding="utf-8")


@cache
def known() -> Knowledge:
    return Knowledge.load()


def cases() -> dict[str, Any]:
    found = {file.name: parse(read_text(file), file.name) for file in sorted(DEMO.iterdir())}
    for guideline in known().guidelines.values():
        for number, example in enumerate(guideline.examples[::8]):
            found[f"{guideline.id}-{number}"] = {"id": f"example-{number}", **example["case"]}
    return found


CASES = cases()


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings()), base_url="http://127.0.0.1") as client:
        yield client


def sent(name: str) -> tuple[dict[str, Any], Advice]:
    """A case as a Bundle, and the advice for what comes back out of it."""
    data = CASES[name]
    case = case_given(data, known(), TODAY)
    bundle = data if "resourceType" in data else bundle_from_case(case.file, known().vocabulary, known().folder)
    bundle = json.loads(json.dumps(bundle, default=float))
    return bundle, advise(case_given(bundle, known(), datetime.date.today()), known())


def answered(client: TestClient, bundle: dict[str, Any], language: str = "en") -> dict[str, Any]:
    answer = client.post(f"/fhir/$advise?lang={language}", content=json.dumps(bundle), headers=FHIR)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/fhir+json"), answer.text
    found: dict[str, Any] = answer.json()
    return found


def by_type(bundle: dict[str, Any]) -> dict[str, Any]:
    return {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}


def extension(action: dict[str, Any], name: str) -> Any:
    values = [each for each in action["extension"] if each["url"] == f"urn:tumorboard:extension:{name}"]
    return next((value for each in values for key, value in each.items() if key != "url"), None)


@pytest.mark.parametrize("name", CASES)
def test_what_is_answered_is_valid_against_r4(client: TestClient, name: str) -> None:
    bundle, _ = sent(name)
    for language in LANGUAGES:
        found = answered(client, bundle, language)
        assert json.loads(Bundle.model_validate_json(json.dumps(found)).model_dump_json()) == found


@pytest.mark.parametrize("name", CASES)
def test_each_option_is_an_action_with_its_grade_status_and_findings(client: TestClient, name: str) -> None:
    bundle, advice = sent(name)
    resources = by_type(answered(client, bundle))
    actions = resources["RequestGroup"].get("action", [])
    assert len(actions) == len(advice.options)
    for action, answer in zip(actions, advice.options, strict=True):
        told = [extension(action, each) for each in ("guideline", "situation", "status", "strength", "level")]
        option = answer.option
        wanted = [answer.guideline.id, answer.situation.id, answer.status or "no consensus", option.strength]
        assert told == [*wanted, option.level]
        assert [each["label"] for each in action.get("documentation", [])] == list(option.evidence)
        assert "resource" not in action, "an option is not an order"
    asked = resources["GuidanceResponse"].get("dataRequirement", [])
    assert len(asked) == len(advice.questions)
    assert resources["GuidanceResponse"]["status"] == ("data-required" if advice.undecided else "success")


def test_every_extension_that_is_sent_is_documented(client: TestClient) -> None:
    def urls(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["url"]} if str(part.get("url", "")).startswith("urn:tumorboard:") else set()
            return own.union(*map(urls, part.values()))
        return set().union(*map(urls, part)) if isinstance(part, list) else set()

    found = set().union(*(urls(answered(client, sent(name)[0])) for name in CASES))
    assert found and all(f"`{url}`" in DOCUMENTED for url in found), found


def test_a_bundle_gives_the_advice_its_case_file_gives(client: TestClient) -> None:
    data = CASES["03-egfr-exon20.yaml"]
    as_file = json.dumps(data, default=float)
    bundle = json.dumps(sent("03-egfr-exon20.yaml")[0])
    answers = [client.post("/api/v1/advice", content=body, headers={"Content-Type": "application/json"}).json()
               for body in (as_file, bundle)]  # fmt: skip
    assert answers[0]["options"] == answers[1]["options"]


def test_the_server_says_what_it_can_do(client: TestClient) -> None:
    answer = client.get("/fhir/metadata")
    assert answer.headers["Content-Type"] == "application/fhir+json"
    statement = CapabilityStatement.model_validate_json(answer.text)
    assert statement.fhirVersion == "4.0.1"
    assert [each.name for each in statement.rest[0].operation] == ["advise"]


@pytest.mark.parametrize(
    "bundle",
    [
        {"resourceType": "Patient", "id": "a"},
        {"resourceType": "Bundle", "type": "collection", "entry": "none"},
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient", "id": n}}
                                                                   for n in ("a", "b")]},
    ],
)  # fmt: skip
def test_what_is_no_bundle_of_one_patient_is_refused_and_told(client: TestClient, bundle: dict[str, Any]) -> None:
    answer = client.post("/fhir/$advise", content=json.dumps(bundle), headers=FHIR)
    assert answer.status_code == 422 and answer.json()["problems"]
