"""Case files that can't be right: each slip is named by its place, with what would be right; odd names are kept."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from board import AS_OF, CaseData, board_on, line, marker, nsclc, refractory_sclc

from tumorboard.case.read import Case, case_from_data, read_case
from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.guidelines.knowledge import Knowledge

TODAY = datetime.date.fromisoformat(AS_OF)
GEFITINIB = line(1, "gefitinib", start="2024-01-01")


def case(knowledge: Knowledge, data: Any) -> Case:
    return case_from_data({"id": "x", **data} if isinstance(data, dict) else data, knowledge.vocabulary, TODAY)


def problems(knowledge: Knowledge, data: Any) -> list[Problem]:
    with pytest.raises(InvalidInput) as raised:
        case(knowledge, data)
    return list(raised.value.problems)


def lab(**more: Any) -> CaseData:
    """A second laboratory entry, after one that is right."""
    return {"labs": [{"name": "INR", "value": 1}, more]}


def lines(*treatments: CaseData) -> CaseData:
    return {"treatments": list(treatments)}


# What is wrong: the data, the exact place, and words the message must hold (what is wrong or what would be right).
WRONG: dict[str, tuple[Any, str, str]] = {
    "a number as text": (lab(name="AFP", value="420", unit="ng/mL"), "labs[1].value", "not a number"),
    "a negative lab": (lab(name="AFP", value=-1, unit="ng/mL"), "labs[1].value", "below 0"),
    "NaN": (lab(name="AFP", value=float("nan"), unit="ng/mL"), "labs[1].value", "not a number"),
    "infinity": (lab(name="AFP", value=float("inf"), unit="ng/mL"), "labs[1].value", "not a number"),
    "decimal infinity": (lab(name="AFP", value=Decimal("Infinity"), unit="ng/mL"), "labs[1].value", "not a number"),
    "true as a number": (lab(name="AFP", value=True, unit="ng/mL"), "labs[1].value", "not a number"),
    "albumin 38 g/dL": (lab(name="albumin", value=38, unit="g/dL"), "labs[1].value", "g/L"),
    "albumin 3.8 g/L": (lab(name="albumin", value=Decimal("3.8"), unit="g/L"), "labs[1].value", "is the unit right?"),
    "bilirubin without unit": (lab(name="bilirubin", value=1), "labs[1].unit", "umol/L | mg/dL"),
    "an unknown unit": (lab(name="AFP", value=1, unit="ng/mmL"), "labs[1].unit", "did you mean ng/mL"),
    "a unit of something else": (lab(name="albumin", value=38, unit="s"), "labs[1].unit", "use g/L | g/dL"),
    "an unknown unit of an unknown lab": (lab(name="wibble", value=1, unit="parsec"), "labs[1].unit", "unknown unit"),
    "an unknown unit of a biomarker": (
        {"biomarkers": [marker("PD-L1", "expression", None, measure="TPS", value=60, unit="parts")]},
        "biomarkers[0].unit", "unknown unit",
    ),
    "a lab without a value": (lab(name="INR"), "labs[1].value", "missing"),
    "labs not a list": ({"labs": {"INR": 1}}, "labs", "not a list"),
    "a lab not an entry": ({"labs": [1.5]}, "labs[0]", "not an entry"),
    "an unknown sex": ({"sex": "lady"}, "sex", "female | male | other | unknown"),
    "a date of no calendar": ({"birth_date": "1961-02-30"}, "birth_date", "YYYY-MM-DD"),
    "a date in another order": ({"as_of": "01/03/2026"}, "as_of", "YYYY-MM-DD"),
    "a year as a date": ({"birth_date": 1961}, "birth_date", "YYYY-MM-DD"),
    "another schema": ({"schema": "tumorboard.case/2"}, "schema", "tumorboard.case/1"),
    "an age of 200": ({"age": 200}, "age", "above 130"),
    "half an ECOG": ({"performance": [{"scale": "ECOG", "value": Decimal("1.5")}]}, "performance[0].value", "whole"),
    "ECOG 6": ({"performance": [{"scale": "ECOG", "value": 6}]}, "performance[0].value", "0 to 5"),
    "end before start": (lines({**GEFITINIB, "end": "2023-12-31"}), "treatments[0].end", "before the start"),
    "progressed before start": (
        lines({**GEFITINIB, "progressed": "2023-12-31"}), "treatments[0].progressed", "before the start"
    ),
    "line 2 before line 1": (
        lines(GEFITINIB, line(2, "osimertinib", start="2023-12-31")), "treatments[1].start", "before line 1"
    ),
    "line 2 before line 1, listed first": (
        lines(line(2, "osimertinib", start="2023-12-31"), GEFITINIB), "treatments[0].start", "before line 1"
    ),
    "a line twice": (
        lines(GEFITINIB, line(1, "osimertinib", start="2024-06-01")), "treatments[1].line", "intent: maintenance"
    ),
    "maintenance of no line": (
        lines(line(1, "durvalumab", intent="maintenance")), "treatments[0].line", "no entry of its own"
    ),
    "a line without a number": (lines({"agents": ["gefitinib"]}), "treatments[0].line", "1, 2, 3"),
    "line 0": (lines(line(0, "gefitinib")), "treatments[0].line", "below 1"),
    "no agents": (lines({"line": 1, "agents": []}), "treatments[0].agents", "at least 1"),
    "agents as text": (lines({"line": 1, "agents": "gefitinib"}), "treatments[0].agents", "not a list"),
    "an unknown drug": (lines(line(1, "carboplatin", "osimertinb")), "treatments[0].agents[1]", "osimertinib"),
    "an unknown response": (
        lines({**GEFITINIB, "best_response": "good"}), "treatments[0].best_response", "CR | PR | SD"
    ),
    "an unknown intent": (lines({**GEFITINIB, "intent": "hope"}), "treatments[0].intent", "palliative | adjuvant"),
    "an unknown way of progression": (
        lines({**GEFITINIB, "progression": "fast"}), "treatments[0].progression", "widespread | limited | brain only"
    ),
    "an unknown gene": ({"biomarkers": [{"name": "EGRF", "result": "absent"}]}, "biomarkers[0].name", "EGFR"),
    "an unknown alteration": (
        {"biomarkers": [{"name": "EGFR", "change": "exon 99 wibble", "result": "present"}]}, "biomarkers[0].change",
        "did you mean",
    ),
    "an unknown result": (
        {"biomarkers": [{"name": "EGFR", "result": "maybe"}]}, "biomarkers[0].result",
        "present | absent | indeterminate | not tested",
    ),
    "cells above 100 %": (
        {"biomarkers": [marker("MET", "expression", None, intensity=3, percent_cells=101)]},
        "biomarkers[0].percent_cells", "above 100",
    ),
    "haemoptysis yes": ({"findings": [{"name": "haemoptysis", "value": "yes"}]}, "findings[0].value", "true or false"),
    "an unknown distal function": (
        {"findings": [{"name": "distal lung function", "value": "gone"}]}, "findings[0].value",
        "preserved | recoverable | lost",
    ),
    "encephalopathy 5": ({"findings": [{"name": "encephalopathy", "value": 5}]}, "findings[0].value", "0 to 4"),
    "consent as text": ({"consent": {"organoid testing": "yes"}}, "consent.organoid testing", "true nor false"),
    "grade 7": ({"adverse_events": [{"event": "rash", "grade": 7}]}, "adverse_events[0].grade", "above 5"),
    "an unknown drug behind an event": (
        {"adverse_events": [{"event": "rash", "agent": "osimertinb"}]}, "adverse_events[0].agent", "osimertinib"
    ),
    "born after the board": ({"as_of": "2026-03-01", "birth_date": "2026-03-02"}, "birth_date", "after as_of"),
    "diagnosed before birth": (
        {"birth_date": "1961-04-02", "conditions": [{"disease": "NSCLC", "diagnosed": "1961-04-01"}]},
        "conditions[0].diagnosed", "before the birth date",
    ),
    "a height in metres": ({"height_cm": Decimal("1.60")}, "height_cm", "below 30"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_slip_is_named_by_its_exact_place_with_what_would_be_right(name: str, knowledge: Knowledge) -> None:
    data, place, words = WRONG[name]
    (problem,) = problems(knowledge, data)
    assert problem.place == place
    assert words in f"{problem.what}; {problem.mend}"


def test_every_slip_of_a_file_is_named_at_once(knowledge: Knowledge) -> None:
    data = {"sex": "?", "age": -1, "labs": [{"name": "INR", "value": "x"}], "treatments": [{"line": "one"}]}
    places = {problem.place for problem in problems(knowledge, data)}
    assert {"sex", "age", "labs[0].value", "treatments[0].line", "treatments[0].agents"} <= places


@pytest.mark.parametrize("data", [None, [], "text", 3, True], ids=repr)
def test_what_is_no_case_file_is_said_to_be_none(data: Any, knowledge: Knowledge) -> None:
    (problem,) = problems(knowledge, data)
    assert "schema: tumorboard.case/1" in problem.mend


def test_an_unknown_drug_is_told_the_nearest_names(knowledge: Knowledge) -> None:
    (problem,) = problems(knowledge, lines(line(1, "gefitinb")))
    assert problem.mend.startswith("did you mean gefitinib")


def test_an_unknown_drug_among_the_medication_is_an_error_too(knowledge: Knowledge) -> None:
    (problem,) = problems(knowledge, {"medication": [{"name": "prednisonne"}]})
    assert problem.place == "medication[0].name"
    assert "prednisone" in problem.mend


@pytest.mark.parametrize(
    ("value", "unit"), [(Decimal("1.1"), "mg/dL"), (Decimal("18.8"), "µmol/L"), (Decimal("18.8"), "umol/L")]
)
def test_units_are_read_in_their_spellings(value: Decimal, unit: str, knowledge: Knowledge) -> None:
    read = case(knowledge, {"labs": [{"name": "bilirubin", "value": value, "unit": unit}]})
    (row,) = read.tables["labs"].rows
    assert abs(Decimal(str(row.cells["value"])) - Decimal("18.8")) < Decimal("0.02")


# -- kept, listed, and without effect --------------------------------------------------------------------------------

ODD: CaseData = {
    "labs": [{"name": "wibble", "value": 3}],
    "findings": [{"name": "zork", "value": "much"}],
    "adverse_events": [{"event": "wobble", "grade": 1}],
    "metastases": [{"site": "left big toe"}],
    "procedures": [{"kind": "dance", "date": "2026-02-27"}],
    "vitals": [{"name": "aura", "value": 3}],
    "consent": {"tap dancing": True},
    "eligibility": {"moon flight": True},
}
ODD_PLACES = [
    "labs[0].name", "findings[0].name", "adverse_events[0].event", "metastases[0].site", "procedures[0].kind",
    "vitals[0].name", "consent.tap dancing", "eligibility.moon flight",
]  # fmt: skip


def test_other_unknown_names_are_kept_and_listed_as_not_understood(knowledge: Knowledge) -> None:
    read = case(knowledge, {**nsclc(), **ODD})
    assert sorted(problem.place for problem in read.not_understood) == sorted(ODD_PLACES)
    assert read.file.labs is not None
    assert read.file.labs[0].name == "wibble"


def test_unknown_names_change_nothing(knowledge: Knowledge) -> None:
    plain = board_on(knowledge, {**refractory_sclc(60), "procedures": []})
    odd = board_on(knowledge, {**refractory_sclc(60), **ODD})
    for key in ("facts", "situations", "options", "questions", "not_covered"):
        assert plain.record[key] == odd.record[key], key
    assert len(odd.record["not_understood"]) == len(ODD_PLACES)


def test_unknown_keys_are_listed_with_the_key_they_may_mean(knowledge: Knowledge) -> None:
    data = {"labz": [], "treatments": [{**GEFITINIB, "progresed": "2024-10-01"}], "primary": {"cavity": True}}
    listed = {problem.place: problem for problem in case(knowledge, data).not_understood}
    assert set(listed) == {"labz", "treatments[0].progresed", "primary.cavity"}
    assert "labs" in listed["labz"].mend
    assert "progressed" in listed["treatments[0].progresed"].mend


def test_an_unknown_comorbidity_is_kept_and_an_OncoTree_code_is_read(knowledge: Knowledge) -> None:
    read = case(knowledge, {"conditions": [{"disease": "LUAD"}, {"disease": "gout"}]})
    (tumour,) = read.tables["tumours"].rows
    assert (tumour.cells["disease"], tumour.cells["histology"]) == ("NSCLC", "adenocarcinoma")
    assert [problem.place for problem in read.not_understood] == ["conditions[1].disease"]


def test_a_day_of_the_board_that_is_not_given_is_today_and_said_so(knowledge: Knowledge) -> None:
    read = case(knowledge, {})
    assert read.as_of == TODAY
    assert any(notice.place == "as_of" and AS_OF in str(notice) for notice in read.notices)


# -- files -----------------------------------------------------------------------------------------------------------


def write(folder: Path, content: str | bytes, name: str = "case.yaml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(knowledge: Knowledge, path: Path) -> str:
    with pytest.raises(InvalidInput) as raised:
        read_case(path, knowledge.vocabulary, TODAY)
    return str(raised.value)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path, knowledge: Knowledge) -> None:
    assert "not UTF-8" in refused(knowledge, write(tmp_path, "id: x\nnote: 肺癌".encode("gb18030")))
    assert "UTF-8" in refused(knowledge, write(tmp_path, "id: x".encode("utf-16")))


def test_a_byte_order_mark_is_no_slip(tmp_path: Path, knowledge: Knowledge) -> None:
    assert read_case(write(tmp_path, b"\xef\xbb\xbfid: x\n"), knowledge.vocabulary, TODAY).id == "x"


def test_an_alias_bomb_is_refused_at_its_line(tmp_path: Path, knowledge: Knowledge) -> None:
    bomb = ["id: x", "a0: &a0 [lol, lol]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))]
    assert "alias" in refused(knowledge, write(tmp_path, "\n".join(bomb)))


@pytest.mark.parametrize(("opened", "closed", "name"), [("[", "]", "case.json"), ("[", "]", "case.yaml")])
def test_deep_nesting_is_refused(opened: str, closed: str, name: str, tmp_path: Path, knowledge: Knowledge) -> None:
    text = '{"id": "x", "deep": ' + opened * 5000 + closed * 5000 + "}"
    assert "nest" in refused(knowledge, write(tmp_path, text, name))


def test_a_file_of_17_MB_is_refused_with_the_limit(tmp_path: Path, knowledge: Knowledge) -> None:
    text = "id: x\n" + "# padding\n" * (17 * 2**20 // 10 + 1)
    assert "16 MiB" in refused(knowledge, write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "name"),
    [("id: x\nsex: male\nsex: female\n", "case.yaml"), ('{"id": "x", "sex": "male", "sex": "female"}', "case.json")],
)
def test_a_key_given_twice_is_refused(text: str, name: str, tmp_path: Path, knowledge: Knowledge) -> None:
    assert "'sex' is given twice" in refused(knowledge, write(tmp_path, text, name))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("id: x\nlabs:\n  - {name: INR, value: .nan}\n", "case.yaml"),
        ("id: x\nlabs:\n  - {name: INR, value: -.inf}\n", "case.yaml"),
        ('{"id": "x", "labs": [{"name": "INR", "value": NaN}]}', "case.json"),
        ('{"id": "x", "labs": [{"name": "INR", "value": -Infinity}]}', "case.json"),
    ],
)
def test_NaN_and_infinity_in_a_file_are_refused(text: str, name: str, tmp_path: Path, knowledge: Knowledge) -> None:
    assert "leave the entry out" in refused(knowledge, write(tmp_path, text, name))


def test_a_number_of_a_thousand_digits_is_refused(tmp_path: Path, knowledge: Knowledge) -> None:
    assert "1000 digits" in refused(knowledge, write(tmp_path, "id: x\nage: " + "9" * 1000))


def test_broken_YAML_and_JSON_are_refused_with_their_line(tmp_path: Path, knowledge: Knowledge) -> None:
    assert "case.yaml:2" in refused(knowledge, write(tmp_path, "id: x\n  sex: : male\n"))
    assert "case.json:2" in refused(knowledge, write(tmp_path, '{"id": "x",\n sex: 1}', "case.json"))


def test_a_NUL_character_is_refused(tmp_path: Path, knowledge: Knowledge) -> None:
    assert "NUL" in refused(knowledge, write(tmp_path, b"id: x\x00\n"))


def test_a_file_that_is_not_there_or_is_a_folder_is_not_found(tmp_path: Path, knowledge: Knowledge) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(NotFound):
            read_case(path, knowledge.vocabulary, TODAY)


def test_JSON_and_YAML_of_one_case_give_the_same_tables(tmp_path: Path, knowledge: Knowledge) -> None:
    data = {
        **refractory_sclc(60),
        "id": "both",
        "as_of": AS_OF,
        "labs": [{"name": "bilirubin", "value": 1.1, "unit": "mg/dL", "date": "2026-02-20"}],
        "biomarkers": [{"name": "MET", "change": "扩增", "assay": "FISH", "measure": "ratio", "value": 2.3}],
        "findings": [{"name": "haemoptysis", "value": False}],
    }
    as_yaml = write(tmp_path, yaml.safe_dump(data, allow_unicode=True))
    as_json = write(tmp_path, json.dumps(data, ensure_ascii=False), "case.json")
    first, second = (read_case(path, knowledge.vocabulary, TODAY) for path in (as_yaml, as_json))
    assert first.tables == second.tables
    assert first.file == second.file


# -- lists that are not whole ------------------------------------------------------------------------------------------


def test_a_list_that_is_said_to_be_incomplete_tells_nothing_by_its_silence(knowledge: Knowledge) -> None:
    given = {"conditions": [{"disease": "NSCLC"}], "procedures": [], **lines(GEFITINIB)}
    for name, table in (("conditions", "tumours"), ("treatments", "courses"), ("procedures", "procedures")):
        found = case(knowledge, {**given, "incomplete": [name]}).tables
        assert {each for each in ("tumours", "courses", "procedures") if not found[each].complete} == {table}


def test_only_lists_that_count_as_complete_can_be_incomplete(knowledge: Knowledge) -> None:
    (problem,) = problems(knowledge, {"incomplete": ["labs"]})
    assert problem.place == "incomplete[0]" and "treatments" in f"{problem.what} {problem.mend}"
