"""The command line as people and scripts meet it: what it prints where, and its exit codes."""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml
from command import Ran

from tumorboard.advice.advise import advise
from tumorboard.case.read import read_case
from tumorboard.cli.setup import DEMO
from tumorboard.folder import SHIPPED
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.record import advice_record

RELAPSE = DEMO / "01-sclc-early-relapse.yaml"
MISSING = DEMO / "06-egfr-missing-tests.yaml"


# -- advise ------------------------------------------------------------------------------------------------------------


def test_advise_prints_the_fixed_json_form(tumorboard: Callable[..., Ran]) -> None:
    advice = tumorboard("advise", RELAPSE, "--format", "json").json
    assert advice["schema"] == "tumorboard.advice/1"
    assert advice["case"] == "demo-01-sclc-early-relapse"
    assert {"version", "sha256"} <= set(advice["knowledge"])
    assert advice["facts"]["platinum_free_interval"]["value"] == 60
    lung = [s for s in advice["situations"] if s["guideline"] == "refractory-lung-cancer-2023"]
    assert len(lung) == 13
    assert advice["options"][0]["strength"] == "strong"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_form_carries_the_knowledge_version_once(
    form: str, language: str, tumorboard: Callable[..., Ran]
) -> None:
    ran = tumorboard("advise", RELAPSE, "--format", form, "--lang", language)
    known = Knowledge.load()
    assert ran.code == 0
    assert ran.out.count(known.version) == 1
    assert known.date in ran.out


def test_a_folder_gives_one_object_a_line_and_the_others_are_done_where_one_fails(
    tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    shutil.copy(RELAPSE, tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_text("id: b\nlabs: [{name: bilirubin, value: -1, unit: mg/dL}]\n")
    shutil.copy(MISSING, tmp_path / "c.yaml")
    ran = tumorboard("advise", tmp_path, "--format", "jsonl")
    assert ran.code == 4
    assert [line["case"] for line in ran.lines] == [
        "demo-01-sclc-early-relapse",
        "b.yaml",
        "demo-06-egfr-missing-tests",
    ]
    assert "labs[0].value" in ran.lines[1]["error"]
    assert "labs[0].value" in ran.err


def test_a_jsonl_file_is_read_a_case_a_line(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    cases = [yaml.safe_load(path.read_text()) for path in (RELAPSE, MISSING)]
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(json.dumps(case, default=str) for case in cases) + "\n{broken\n")
    ran = tumorboard("assess", file, "--format", "jsonl")
    assert ran.code == 4
    assert [line["case"] for line in ran.lines] == [*(case["id"] for case in cases), "cases.jsonl:3"]


def test_with_strict_a_case_too_incomplete_to_decide_exits_with_5(tumorboard: Callable[..., Ran]) -> None:
    assert tumorboard("advise", MISSING, "--strict").code == 5
    assert tumorboard("advise", MISSING).code == 0
    assert tumorboard("advise", RELAPSE, "--strict").code == 0


def test_another_choice_of_an_option_changes_the_answer_and_is_told(tumorboard: Callable[..., Ran]) -> None:
    advice = tumorboard("advise", RELAPSE, "--format", "json", "--set", "refractory_interval=60").json
    assert advice["facts"]["refractory_type"]["value"] == "not refractory"
    assert advice["options_chosen"]["refractory_interval"] == 60
    wrong = tumorboard("advise", RELAPSE, "--set", "refractory_interval=61")
    assert wrong.code == 2
    assert "90 | 60 | 75 | 180" in wrong.err


# -- errors ------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there_exits_with_3(tumorboard: Callable[..., Ran]) -> None:
    ran = tumorboard("advise", "/nowhere/case.yaml")
    assert ran.code == 3
    assert "/nowhere/case.yaml" in ran.err


def test_wrong_usage_exits_with_2(tumorboard: Callable[..., Ran]) -> None:
    assert tumorboard("advise").code == 2
    assert tumorboard("advise", RELAPSE, "--format", "pdf").code == 2


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"id: x\nlabs: [{name: albumin, value: 38, unit: g/dL}]", "labs[0].value"),
        (b"id: x\ntreatments: [{line: 1, agents: [osimertinb]}]", "osimertinib"),
        (b"id: x\nlabs: [{name: INR, value: .nan}]", "holds .nan"),
        (b"id: \xff\xfe", "UTF-8"),
        (b"a: &x [1]\nb: *x", "alias"),
        (b"id: x\nid: y", "given twice"),
        (b"- 1", "is not a case file"),
        (b"{" * 5000, "is not"),
    ],
)
def test_bad_input_exits_with_4_without_a_traceback_and_leaves_the_output_file_alone(
    raw: bytes, said: str, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    case, out = tmp_path / "case.yaml", tmp_path / "out.html"
    case.write_bytes(raw)
    out.write_text("as it was")
    ran = tumorboard("advise", case, "--format", "html", "-o", out)
    assert ran.code == 4
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert out.read_text() == "as it was"


# -- the same case in every form -------------------------------------------------------------------------------------


@pytest.mark.parametrize("demo", sorted(DEMO.glob("*.yaml")), ids=lambda path: path.stem[:2])
def test_the_same_case_as_yaml_json_and_fhir_gives_the_same_advice(
    demo: Path, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    answers = [tumorboard("advise", demo, "--format", "json").json]
    for form, ending in (("json", "json"), ("yaml", "yaml"), ("fhir", "json")):
        file = tmp_path / f"{form}.{ending}"
        assert tumorboard("case", "convert", demo, "--to", form, "-o", file).code == 0
        answers.append(tumorboard("advise", file, "--format", "json").json)
    assert all(answer == answers[0] for answer in answers)


def test_every_demo_case_fits_the_schema(tumorboard: Callable[..., Ran]) -> None:
    schema = tumorboard("case", "schema").json
    jsonschema.Draft202012Validator.check_schema(schema)
    for file in DEMO.glob("*.yaml"):
        data = json.loads(json.dumps(yaml.safe_load(file.read_text()), default=str))
        jsonschema.validate(data, schema)


def test_the_mcode_bundle_gives_advice_with_its_gaps_named(tumorboard: Callable[..., Ran]) -> None:
    advice = tumorboard("advise", DEMO / "08-mcode-bundle.json", "--format", "json").json
    assert advice["facts"]["disease"]["value"] == "NSCLC"
    assert "treatments[0].progression" in [question["ask"] for question in advice["questions"]]
    assert advice["not_understood"]


# -- the other commands -----------------------------------------------------------------------------------------------


def test_explain_shows_the_derivation_of_a_fact_a_situation_and_an_option(tumorboard: Callable[..., Ran]) -> None:
    assert "60 days" in tumorboard("explain", RELAPSE, "platinum_free_interval").out
    assert "refractory" in tumorboard("explain", RELAPSE, "sclc-second-line").out
    assert "MiniPDX" in tumorboard("explain", RELAPSE, "minipdx-testing").out
    unknown = tumorboard("explain", RELAPSE, "platinum_free")
    assert unknown.code == 3
    assert "platinum_free_interval" in unknown.err


def test_compare_tells_what_changed_between_two_versions_of_a_case(
    tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    later = tmp_path / "later.yaml"
    later.write_text(RELAPSE.read_text().replace("progressed: 2025-12-05", "progressed: 2026-01-05"))
    changes = tumorboard("compare", RELAPSE, later, "--format", "json").json["changes"]
    assert ("situation", "sclc-second-line", "met", "not met") in {
        (change["kind"], change["id"], change["old"], change["new"]) for change in changes
    }
    assert tumorboard("compare", RELAPSE, RELAPSE).out == "nothing changed\n"


def test_compare_tells_what_changed_between_two_versions_of_the_knowledge(
    tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py"))
    file = new / "guidelines" / "refractory-lung-cancer-2023.yaml"
    file.write_text(file.read_text().replace("agreement: 54,", "agreement: 64,"))
    ran = tumorboard("compare", old, new)
    assert ran.code == 0
    assert "tki-adc" in ran.out
    assert "64 %" in ran.out


def test_a_new_guideline_passes_lint_and_test_and_advises_the_same_day(
    tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    assert tumorboard("guideline", "new", "our-lung", "-o", folder).code == 0
    assert tumorboard("guideline", "lint", folder).code == 0
    assert tumorboard("guideline", "test", folder).code == 0
    advice = tumorboard("advise", RELAPSE, "--knowledge", folder, "--format", "json").json
    assert ("our-lung", "applies") in {(option["guideline"], option["status"]) for option in advice["options"]}
    bases = [option["basis"] for option in advice["options"]]
    assert bases == sorted(bases, key=["panel", "by-design", "ungraded"].index)


def test_a_wrong_rule_of_a_guideline_is_named_with_file_and_line(
    tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    tumorboard("guideline", "new", "our-lung", "-o", tmp_path)
    file = tmp_path / "guidelines" / "our-lung.yaml"
    file.write_text(file.read_text().replace("next_line == 2", "nextline == 2"))
    ran = tumorboard("guideline", "lint", tmp_path)
    assert ran.code == 4
    assert "guidelines/our-lung.yaml:" in ran.err
    assert "did you mean next_line" in ran.err


def test_knowledge_check_holds_and_counts(tumorboard: Callable[..., Ran]) -> None:
    ran = tumorboard("knowledge", "check")
    assert ran.code == 0, ran.err
    assert "0 of 5 source texts" in ran.out


def test_knowledge_show_finds_drugs_alterations_facts_findings_and_options(tumorboard: Callable[..., Ran]) -> None:
    assert tumorboard("knowledge", "show", "泰瑞沙").json["inn"] == "osimertinib"
    assert tumorboard("knowledge", "show", "HER2 A775_G776insYVMA").json["id"] == "ERBB2 p.Y772_A775dup"
    assert tumorboard("knowledge", "show", "next_line").json["type"] == "whole"
    assert tumorboard("knowledge", "show", "S002-034").json["endpoint"] == "ORR"
    assert tumorboard("knowledge", "show", "sclc2-topotecan").json["strength"] == "strong"
    assert tumorboard("knowledge", "show", "nothing such").code == 3


def test_evidence_list_gives_one_finding_a_line_in_the_fixed_form(tumorboard: Callable[..., Ran]) -> None:
    lines = tumorboard("evidence", "list", "--source", "002_5cbf5f071b6601f8", "--format", "jsonl").lines
    assert len(lines) == 150
    first = next(line for line in lines if line["id"] == "S002-034")
    assert first["printed"] == "58.3%"
    assert first["end"] - first["start"] == len(first["quote"])


def test_the_statistics_commands_print_the_check(tumorboard: Callable[..., Ran]) -> None:
    check = tumorboard("stats", "p-from-counts", "20/38", "4/41", "--printed", "<0.001", "--format", "json").json
    assert check["verdict"] == "reproduces"
    assert "Fisher exact" in check["by"]
    assert tumorboard("stats", "grim", "83.8%", "--n", "38", "--format", "json").json["verdict"] == "impossible"
    assert tumorboard("stats", "grim", "120%", "--n", "38").code == 4


def test_a_file_of_findings_is_checked_and_a_bad_row_loses_no_other(
    tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    file = tmp_path / "findings.json"
    assert tumorboard("evidence", "export", "--format", "json", "--source", "003", "-o", file).code == 0
    assert tumorboard("evidence", "check", file, "--format", "jsonl").code == 0
    file = tmp_path / "findings.csv"
    assert tumorboard("evidence", "export", "--format", "csv", "--source", "004", "-o", file).code == 0
    good = tumorboard("evidence", "check", file, "--format", "jsonl")
    assert good.code == 0
    assert "impossible" in {line["verdict"] for line in good.lines}
    file.write_text(file.read_text(encoding="utf-8-sig").replace("83.8", "183.8", 1), encoding="utf-8")
    bad = tumorboard("evidence", "check", file, "--format", "jsonl")
    assert bad.code == 4
    assert "of 240 findings read" in bad.err
    assert len(bad.lines) > 40


def test_calculate_takes_quantities_with_their_unit(tumorboard: Callable[..., Ran]) -> None:
    words = ("calculate", "child-pugh", "--bilirubin", "34.2 umol/L", "--albumin", "3.5 g/dL", "--inr", "1.1",
             "--ascites", "none", "--encephalopathy", "0")  # fmt: skip
    found = tumorboard(*words, "--format", "json").json
    assert (found["value"], found["class"], found["status"]) == (7, "B", "known")
    assert [item["points"] for item in found["items"]] == [2, 2, 1, 1, 1]
    short = tumorboard(*words[:-2], "--format", "json").json
    assert (short["value"], short["range"]) == (None, [7, 9])
    assert short["class"] == "B"
    assert tumorboard("calculate", "child-pugh", "--albumin", "38 g/dL").code == 4
    assert tumorboard("calculate", "child-pugh", "--weight", "38").code == 2


def test_a_csv_of_patients_goes_through_all_facts_and_a_bad_row_loses_no_other(
    tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    table = tmp_path / "patients.csv"
    table.write_text(
        "id,bilirubin,albumin,INR,ascites,encephalopathy\n"
        "a,1.1 mg/dL,38 g/L,1.1,none,0\n"
        "b,-1 mg/dL,38 g/L,1.1,none,0\n"
        "c,2.5 mg/dL,30 g/L,1.1,,0\n"
    )
    ran = tumorboard("assess", table, "--quick", "--group", "liver")
    assert ran.code == 4
    first, second, third = ran.lines
    assert (first["values"]["child_pugh_score"], first["values"]["child_pugh_class"]) == (5, "A")
    assert "bilirubin" in second["error"]
    assert third["values"]["child_pugh_score"] == {"possible": [7, 9]}
    assert third["values"]["child_pugh_class"] == "B"
    assert "platinum_free_interval" not in first["values"]
    scores = tumorboard("calculate", "child-pugh", "--csv", table).out.splitlines()
    assert scores[1].endswith("none,0,5,")
    assert scores[3].endswith(",7 to 9")


def test_quick_values_are_those_of_the_full_assessment(tumorboard: Callable[..., Ran]) -> None:
    full = tumorboard("assess", RELAPSE, "--format", "json").json["facts"]
    quick = tumorboard("assess", RELAPSE, "--quick").lines[0]["values"]
    for name, value in quick.items():
        wanted = {"possible": full[name]["possible"]} if full[name]["status"] == "unknown" else full[name]["value"]
        assert value == wanted, name


def test_responses_are_told_and_drawn(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text(
        "id: r\nas_of: 2026-03-01\ntreatments: [{line: 1, agents: [lenvatinib], start: 2025-01-01}]\nresponse:\n"
        "  - {date: 2024-12-20, criteria: mRECIST, target_sum_mm: 100, nontarget: non-CR/non-PD, new_lesions: false}\n"
        "  - {date: 2025-03-01, criteria: mRECIST, target_sum_mm: 70, nontarget: non-CR/non-PD, new_lesions: false}\n"
    )
    (patient,) = tumorboard("response", case, "--format", "json").json
    assert patient["courses"][0]["best_response"]["value"] == "PR"
    for plot in ("waterfall", "spider", "swimmer"):
        assert tumorboard("response", case, "--plot", plot).out.startswith("<svg")
    assert tumorboard("response", RELAPSE).code == 3


def test_what_a_plot_leaves_out_is_named(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    row = {"date": "2024-12-20", "target_sum_mm": 100, "nontarget": "non-CR/non-PD", "new_lesions": False}
    course = [{"line": 1, "agents": ["lenvatinib"], "start": "2025-01-01"}]
    good = {"id": "good", "as_of": "2026-03-01", "treatments": course, "response": [{**row, "criteria": "mRECIST"}]}
    bad = {"id": "bad", "as_of": "2026-03-01", "age": -1}
    cases.write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\n", encoding="utf-8")
    ran = tumorboard("response", cases, "--plot", "swimmer")
    assert ran.code == 4 and ran.out.startswith("<svg") and "cases.jsonl:2" in ran.err
    both = tmp_path / "both.yaml"
    point = "{date: 2024-12-20, target_sum_mm: 100, nontarget: non-CR/non-PD, new_lesions: false, criteria: %s}"
    patients = [("none", []), ("a", [point % "mRECIST"]), ("b", [point % "RECIST 1.1"])]
    both.write_text("".join(f"- {{id: {id_}, response: [{', '.join(r)}]}}\n" for id_, r in patients))
    ran = tumorboard("response", both, "--plot", "waterfall")
    assert (ran.code, ran.err.strip()) == (0, "not drawn: b by RECIST 1.1; the plot is for mRECIST")


def test_doctor_and_demo_run(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    assert "knowledge" in tumorboard("doctor").out
    ran = tumorboard("demo", "-o", tmp_path / "demo", "--lang", "zh")
    assert ran.code == 0
    assert len(list((tmp_path / "demo").glob("*.html"))) == 2 * len([*DEMO.glob("*.yaml"), *DEMO.glob("*.json")])


@pytest.mark.parametrize("file", sorted(DEMO.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_record_of_advice_is_json_as_it_stands(file: Path, knowledge: Knowledge) -> None:
    advice = advise(read_case(file, knowledge.vocabulary, datetime.date(2026, 3, 1)), knowledge)
    record = advice_record(advice, knowledge, "zh")
    assert json.loads(json.dumps(record, allow_nan=False)) == record
