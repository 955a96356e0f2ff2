"""The gold set is well formed: every annotation stands on its passage and uses the names of the vocabulary."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tumorboard.data import parse_yaml
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.vocabulary.library import Vocabulary

FILES = sorted((Path(__file__).parent / "gold").glob("*.yaml"))
REGISTERS = {
    "trial", "abstract", "review", "retrospective", "single-arm", "meta-analysis", "consensus", "table", "safety",
    "subgroup", "design", "biomarker",
}  # fmt: skip
RESULT_KEYS = {
    "id", "kind", "endpoint", "value", "unit", "printed", "value_qualifier", "statistic", "intervention", "comparator",
    "comparator_value", "comparator_printed", "effect", "ci", "value_ci", "comparator_ci", "p", "n", "study",
    "population", "line", "citations", "strategy", "strength", "level", "agreement", "quote", "start", "end",
    "also_right", "optional", "note", "tags",
}  # fmt: skip
KINDS = {"efficacy", "safety", "prognosis", "frequency", "accuracy", "recommendation"}
POPULATION = {"disease", "histology", "stage", "biomarker", "prior_therapy", "other"}
UNITS = {
    "%", "months", "weeks", "days", "years", "patients", "percentage points", "ratio", "score", "U/L", "ug/L",
    "per 100 patient-years",
}  # fmt: skip
QUALIFIERS = {"gt", "lt", "approx", "range", "not_reached"}
MEASURES = {"HR", "OR", "RR", "SMD"}
SCHEME = re.compile(r"(HAIC|TACE|TAE|TACE or HAIC) \([^()]+\)")
DOSE = re.compile(r"(?P<name>.+) \d[\d.]* (mg|mg/kg|mg/m2)")

Passage = dict[str, Any]
Fault = tuple[str, str]


def prints(quote: str, number: Any) -> bool:
    """Whether ``quote`` prints that number: in either width, with or without leading zero, spaced as PDFs space it."""
    half = re.sub(r"(?<=\d),(?=\d{3})", "", unicodedata.normalize("NFKC", quote).replace("·", "."))
    found = re.findall(r"\d+(?:\.\d+)?|\.\d+", half) + re.findall(r"\d+(?:\.\d+)?|\.\d+", re.sub(r"\s", "", half))
    return abs(float(number)) in map(float, found)


def figures(result: dict[str, Any]) -> Iterator[Any]:
    value = result.get("value")
    if re.search(r"\d", result["printed"]):
        yield from value if isinstance(value, list) else [value]
    if "comparator_printed" not in result:
        yield result.get("comparator_value")
    yield result.get("effect", {}).get("value")
    yield result.get("p", {}).get("value")
    yield result.get("agreement")
    for interval in ("ci", "value_ci", "comparator_ci"):
        yield result.get(interval, {}).get("low")
        yield result.get(interval, {}).get("high")


def faults_of_place(passage: Passage) -> Iterator[Fault]:
    for result in passage["results"]:
        if passage["text"][result["start"] : result["end"]] != result["quote"]:
            yield result["id"], "the quote does not stand at its offsets"
        for number in figures(result):
            if number is not None and not prints(result["quote"], number):
                yield result["id"], f"{number} is not printed in the quote {result['quote']!r}"
    for number, distractor in enumerate(passage.get("not_results", [])):
        if passage["text"][distractor["start"] : distractor["end"]] != distractor["quote"]:
            yield f"{passage['id']} not_results[{number}]", "the quote does not stand at its offsets"


def faults_of_form(passage: Passage) -> Iterator[Fault]:
    if passage["register"] not in REGISTERS or passage["id"][:2] != passage["language"]:
        yield passage["id"], "unknown register or language"
    for result in passage["results"]:
        for wrong in (
            *(result.keys() - RESULT_KEYS),
            *(result.get("population", {}).keys() - POPULATION),
            *({result["kind"]} - KINDS),
            *({result.get("unit", "%")} - UNITS),
            *({result.get("value_qualifier", "gt")} - QUALIFIERS),
            *({result.get("effect", {}).get("measure", "HR")} - MEASURES),
        ):
            yield result["id"], f"unknown: {wrong}"
        if ("value" in result) != ("unit" in result) and result.get("value_qualifier") != "not_reached":
            yield result["id"], "a value needs a unit, and a unit a value"
        interval, effect = result.get("ci", {}), result.get("effect", {"value": result.get("value")})["value"]
        low, high = interval.get("low"), interval.get("high")
        if low is not None and high is not None and not low <= effect <= high:
            yield result["id"], f"{effect} lies outside {low} to {high}"


def faults_of_names(
    passage: Passage, vocabulary: Vocabulary, own_arms: set[str], endpoints: set[str]
) -> Iterator[Fault]:
    known = {*vocabulary.studies.arms, *own_arms}
    for field in ("procedure", "named_treatment"):
        known |= vocabulary.terms.lists[field].ids
    for result in passage["results"]:
        if result["endpoint"] not in endpoints:
            yield result["id"], f"unknown endpoint {result['endpoint']}"
        for arm in (result.get("intervention"), result.get("comparator")):
            for part in re.split(r" \+ | \| ", arm) if arm else ():
                if not _known_part(part, vocabulary, known):
                    yield result["id"], f"unknown treatment or group {part!r}"


def _known_part(part: str, vocabulary: Vocabulary, known: set[str]) -> bool:
    dosed = DOSE.fullmatch(part)
    name = dosed["name"] if dosed else part
    drug = vocabulary.drugs.get(name)
    if drug is not None:
        return drug.inn == name
    return name in known or vocabulary.drugs.is_class(name) or bool(SCHEME.fullmatch(name))


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.stem)
def gold(request: pytest.FixtureRequest) -> Any:
    return parse_yaml(request.param.read_text(encoding="utf-8"), request.param.name)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(KnowledgeFolder(SHIPPED))


def test_every_quote_stands_on_its_passage_and_prints_its_figures(gold: Any) -> None:
    assert [fault for passage in gold["passages"] for fault in faults_of_place(passage)] == []


def test_every_annotation_has_the_fields_of_a_draft_and_figures_that_can_be(gold: Any) -> None:
    assert [fault for passage in gold["passages"] for fault in faults_of_form(passage)] == []


def test_every_name_is_one_of_the_vocabulary_or_declared_in_the_file(gold: Any, vocabulary: Vocabulary) -> None:
    arms, endpoints = set(gold["groups"]), {*gold["endpoints"], *vocabulary.studies.endpoints}
    faults = [fault for passage in gold["passages"] for fault in faults_of_names(passage, vocabulary, arms, endpoints)]
    assert faults == []


def test_every_id_is_there_once(gold: Any) -> None:
    ids = [passage["id"] for passage in gold["passages"]]
    ids += [result["id"] for passage in gold["passages"] for result in passage["results"]]
    assert [name for name, times in Counter(ids).items() if times > 1] == []


def test_no_result_is_written_twice(gold: Any) -> None:
    said = Counter(
        str({key: result.get(key) for key in ("start", "end", "endpoint", "value", "intervention", "comparator")})
        for passage in gold["passages"]
        for result in ({**result, "start": (passage["id"], result["start"])} for result in passage["results"])
    )
    assert [result for result, times in said.items() if times > 1] == []


def test_both_languages_are_there(gold: Any) -> None:
    assert {passage["language"] for passage in gold["passages"]} == {"en", "zh"}
