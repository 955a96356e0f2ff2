"""Exports as they should not be: what is wrong is named by file and line, and the rest is done."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import Ran

from tumorboard.cli import cohort_import
from tumorboard.cohort.files import patients
from tumorboard.cohort.intake import bulk, lines, tables
from tumorboard.cohort.intake.refusals import Account
from tumorboard.errors import NotFound
from tumorboard.guidelines.knowledge import Knowledge

PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female"}
WEIGHT = {
    "resourceType": "Observation", "id": "w", "status": "final", "subject": {"reference": "Patient/p"},
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}, "effectiveDateTime": "2026-01-02",
    "valueQuantity": {"value": 60, "unit": "kg", "code": "kg"},
}  # fmt: skip
ORDER = {
    "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "authoredOn": "2026-01-02",
    "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": {"text": "osimertinib"},
}  # fmt: skip


class Import:
    """Files in a folder, imported by the command line."""

    def __init__(self, tumorboard: Callable[..., Ran], folder: Path) -> None:
        self._tumorboard, self.source, self.out = tumorboard, folder / "export", folder / "cohort"
        self.source.mkdir()

    def ndjson(self, name: str, *lines: Any) -> None:
        written = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        (self.source / f"{name}.ndjson").write_bytes(b"\n".join(written) + b"\n")

    def csv(self, name: str, text: str | bytes) -> None:
        (self.source / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())

    def run(self, *more: object) -> Ran:
        return self._tumorboard("cohort", "import", self.source, "-o", self.out, "--as-of", "2026-03-01", *more)

    def refused(self) -> list[dict[str, Any]]:
        """The refusals; there are some, and the exit code says so."""
        ran = self.run()
        assert ran.code == 4, ran.err
        return [json.loads(line) for line in (self.out / "refused.jsonl").read_text(encoding="utf-8").splitlines()]

    def rows(self) -> list[dict[str, Any]]:
        return list(patients(self.out))

    def not_understood(self) -> list[dict[str, Any]]:
        text = (self.out / "not-understood.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def export(
    tumorboard: Callable[..., Ran], tmp_path: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> Import:
    monkeypatch.setattr(cohort_import, "load_knowledge", lambda more: knowledge)  # loaded once for all of these
    return Import(tumorboard, tmp_path)


def only(refused: list[dict[str, Any]]) -> tuple[str, int, str]:
    (entry,) = refused
    (problem,) = entry["problems"]
    return problem["file"], problem["line"], entry["error"]


class TestBulkLines:
    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (json.dumps(WEIGHT).encode()[:-20], "is not JSON"),
            (json.dumps(WEIGHT).encode().replace(b"final", b"\xff\xfe"), "not UTF-8"),
            (b'{"resourceType": "Observation", "id": "a", "id": "b"}', "given twice"),
            (json.dumps(WEIGHT).encode().replace(b"60", b"NaN"), "NaN"),
            (json.dumps(WEIGHT).encode().replace(b"60", b"-Infinity"), "Infinity"),
            (b"7", "is no resource"),
            (json.dumps(WEIGHT).encode().replace(b'"final"', b'"\\ud800"'), "half a character"),
            (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
            (b'{"resourceType": "Observation", "x": ' + b'{"y":' * 70 + b"1" + b"}" * 71, "nested too deeply"),
            (json.dumps({**WEIGHT, "subject": None}).encode(), "is nobody's"),
            (json.dumps({**WEIGHT, "subject": {"reference": "Group/g"}}).encode(), "is nobody's"),
            (json.dumps({**WEIGHT, "subject": {"reference": "Patient/q"}}).encode(), "Patient/q, who is not"),
            (json.dumps({**WEIGHT, "patient": {"reference": "Patient/q"}}).encode(), "two patients"),
            (json.dumps({**PATIENT, "id": None}).encode(), "has no id"),
            (json.dumps(PATIENT).encode(), "stands twice"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_wrong_line_is_named_and_the_patient_taken(self, export: Import, line: bytes, said: str) -> None:
        export.ndjson("Patient", PATIENT)
        export.ndjson("Zobservation", {**WEIGHT, "id": "v", "code": {"text": "?"}}, line)
        file, number, error = only(export.refused())
        assert (file, number) == ("Zobservation.ndjson", 2)
        assert said in error
        assert [row["id"] for row in export.rows()] == ["p"]

    def test_a_patient_of_whom_a_line_is_lost_has_no_whole_lists(self, export: Import) -> None:
        export.ndjson("Patient", PATIENT, {**PATIENT, "id": "q"})
        other = {**ORDER, "subject": {"reference": "Patient/q"}}
        export.ndjson("MedicationRequest", ORDER, other, json.dumps(ORDER).encode()[:-1])
        assert "Patient/p is taken without it" in only(export.refused())[2]
        lists = {row["id"]: row["complete"] for row in export.rows()}
        assert "courses" not in lists["p"] and "courses" in lists["q"]

    def test_byte_order_mark_carriage_returns_and_blank_lines_are_nothing(self, export: Import) -> None:
        (export.source / "all.ndjson").write_bytes(
            b"\xef\xbb\xbf" + json.dumps(PATIENT).encode() + b"\r\n\r\n" + json.dumps(WEIGHT).encode()
        )
        assert export.run().code == 0
        assert export.rows()[0]["patient"][0]["weight_kg"] == 60

    def test_a_medication_in_a_file_of_its_own_reaches_its_order(self, export: Import) -> None:
        order = {key: value for key, value in ORDER.items() if key != "medicationCodeableConcept"}
        export.ndjson("Patient", PATIENT)
        export.ndjson("MedicationRequest", {**order, "medicationReference": {"reference": "Medication/x"}})
        export.ndjson("Medication", {"resourceType": "Medication", "id": "x", "code": {"text": "osimertinib"}})
        assert export.run().code == 0
        assert export.rows()[0]["courses"][0]["agents"] == ["osimertinib"]

    def test_a_medication_that_stands_twice_or_is_too_large_is_named(self, export: Import) -> None:
        one = {"resourceType": "Medication", "id": "x", "code": {"text": "osimertinib"}}
        export.ndjson("Patient", PATIENT)
        export.ndjson("Medication", one, one, {**one, "code": {"text": "gefitinib"}}, {**one, "note": "y" * 70000})
        told = [(entry["problems"][0]["line"], entry["error"]) for entry in export.refused()]
        assert sorted(line for line, _ in told) == [3, 4]

    def test_resources_without_a_place_in_a_case_are_counted(self, export: Import) -> None:
        export.ndjson("Patient", PATIENT)
        export.ndjson("Practitioner", *({"resourceType": "Practitioner", "id": str(n)} for n in range(5)))
        assert export.run().code == 0
        assert {"where": "Practitioner", "count": 5}.items() <= export.not_understood()[0].items()

    def test_a_line_without_end_is_named_and_needs_no_memory(self, export: Import) -> None:
        export.ndjson("Patient", PATIENT)
        with (export.source / "Observation.ndjson").open("wb") as file:
            for _ in range(100):
                file.write(b" " * 2**20)
            file.write(b"\n" + json.dumps(WEIGHT).encode())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        file_, number, error = only(export.refused())
        assert (file_, number) == ("Observation.ndjson", 1) and "too long" in error
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 80 * 1024
        assert export.rows()[0]["patient"][0]["weight_kg"] == 60

    def test_a_patient_of_many_gigabytes_is_refused_by_name(
        self, export: Import, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk, "MAX_BYTES", 2000)
        export.ndjson("Patient", PATIENT, {**PATIENT, "id": "q"})
        export.ndjson("Observation", *({**WEIGHT, "id": str(n)} for n in range(100)))
        (entry,) = export.refused()
        assert entry["case"] == "p" and "too large" in entry["error"]
        assert [row["id"] for row in export.rows()] == ["q"]

    def test_an_empty_folder_and_one_without_ndjson_are_not_found(self, export: Import) -> None:
        assert export.run().code == 3
        export.csv("patients", "id\na\n")
        assert export.run("--from", "fhir-bulk").code == 3


class TestTables:
    @pytest.mark.parametrize(
        ("row", "place", "said"),
        [
            ("a,AFP,NaN,ng/mL", "labs.csv:2.value", "NaN is no number"),
            ("a,AFP,１,ng/mL", "labs.csv:2.value", "is not a number"),
            ("a,AFP,inf,ng/mL", "labs.csv:2.value", "inf is no number"),
            ('a,AFP,"1,5",ng/mL', "labs.csv:2.value", "is not a number"),
            ("a,AFP,1e99,ng/mL", "labs[0]", "1E+99"),
            ("a,AFP,1,stones", "labs[0].unit", "stones"),
            ("a,,1,ng/mL", "labs[0].name", "is missing"),
            ("a,AFP,1", "labs.csv:2", "3 cells under 4 headings"),
        ],
    )
    def test_a_wrong_cell_refuses_its_patient_by_file_and_line(
        self, export: Import, row: str, place: str, said: str
    ) -> None:
        export.csv("patients", "id,sex\na,female\nb,male\n")
        export.csv("labs", f"id,name,value,unit\n{row}\nb,AFP,2,ng/mL\n")
        (entry,) = export.refused()
        assert entry["case"] == "a"
        problem = entry["problems"][0]
        assert (problem["file"], problem["line"]) == ("labs.csv", 2)
        assert problem["place"].startswith(place) and said in problem["what"]
        assert [row["id"] for row in export.rows()] == ["b"]

    def test_quoted_newlines_a_mark_and_carriage_returns_are_read(self, export: Import) -> None:
        export.csv("patients", b'\xef\xbb\xbfid,note\r\n"a","two\r\nlines, and ""quotes"""\r\n')
        assert export.run().code == 0
        assert [row["id"] for row in export.rows()] == ["a"]

    def test_a_quotation_mark_left_open_loses_only_what_it_swallowed(self, export: Import) -> None:
        export.csv("patients", "id,sex\na,female\nb,male\n")
        swallowed = "".join(f"a,AFP,{n},ng/mL\n" for n in range(12000))
        export.csv("labs", 'id,name,value,unit\nb,"AFP,2\n' + swallowed + "b,AFP,3,ng/mL\n")
        file, _, error = only(export.refused())
        assert file == "labs.csv" and "lines 2 to" in error and "quotation mark" in error
        assert export.rows()[1]["labs"][-1]["value"] == 3

    def test_a_file_that_ends_inside_a_quotation_is_named(self, export: Import) -> None:
        export.csv("patients", 'id,sex\na,female\n"b')
        assert "unexpected end of data" in only(export.refused())[2]
        assert [row["id"] for row in export.rows()] == ["a"]

    def test_bytes_that_are_no_text_refuse_the_patient_of_their_row(self, export: Import) -> None:
        export.csv("patients", b"id,sex\na,female\nb,male\n")
        export.csv("findings", "id,name,value\na,腹水,无\n".encode("gb18030"))
        (entry,) = export.refused()
        assert entry["case"] == "a" and "not utf-8 text" in entry["error"] and "encoding" in entry["error"]

    def test_a_row_of_nobody_a_row_without_id_and_a_patient_twice_are_named(self, export: Import) -> None:
        export.csv("patients", "id,sex\na,female\na,male\n")
        export.csv("labs", "id,name,value,unit\nz,AFP,1,ng/mL\n,AFP,1,ng/mL\n")
        told = {
            (entry["case"], entry["problems"][0]["file"], entry["problems"][0]["line"]) for entry in export.refused()
        }
        assert told == {("a", "patients.csv", 3), ("z", "labs.csv", 2), (None, "labs.csv", 3)}
        assert export.rows()[0]["patient"][0]["sex"] == "female"

    def test_a_column_of_no_section_and_a_file_of_none_are_counted(self, export: Import) -> None:
        export.csv("patients", "id,mood\na,good\nb,\nc,bad\n")
        export.csv("weather", "id\na\n")
        assert export.run().code == 0
        told = {entry["where"]: entry["count"] for entry in export.not_understood()}
        assert told["mood"] == 2 and told["weather.csv"] == 1

    @pytest.mark.parametrize(
        "text", ["", "name,value\n", "id;sex\na;female\n", "id,id\n", b"\xff\xfei\x00d\x00\n\x00", "id\rname\ra\rb"]
    )
    def test_a_file_that_is_no_table_is_named_and_the_others_are_read(self, export: Import, text: str | bytes) -> None:
        export.csv("patients", "id,sex\na,female\n")
        export.csv("labs", text)
        file, line, error = only(export.refused())
        assert (file, line) == ("labs.csv", 1) and "the file can't be read" in error
        assert len(export.rows()) == 1

    def test_lists_and_absent_cells_stay_apart(self, export: Import) -> None:
        export.csv("patients", "id\na\nb\n")
        export.csv("imaging", "id,date,pattern\na,2026-02-01,[]\nb,2026-02-01,\n")
        assert export.run().code == 0
        assert [row["imaging"][0]["pattern"] for row in export.rows()] == [[], None]


def test_a_full_disk_is_an_error_and_leaves_no_cohort(export: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    export.csv("patients", "id\na\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables.Sorter, "add", full)
    ran = export.run()
    assert ran.code == NotFound.exit_code and "No space left" in ran.err
    assert not list(export.out.glob("*"))


def test_a_run_that_stops_in_the_middle_leaves_no_half_cohort(export: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    export.csv("patients", "id\n" + "".join(f"p{number}\n" for number in range(30)))

    def stop(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Account, "_write_unknown", stop)
    ran = export.run()
    assert ran.code == NotFound.exit_code and "No space left" in ran.err
    assert not list(export.out.glob("part-*"))


def test_a_second_import_into_a_cohort_is_refused_before_anything_is_read(export: Import) -> None:
    export.csv("patients", "id\na\n")
    assert export.run().code == 0
    ran = export.run()
    assert ran.code == 4 and "holds a cohort already" in ran.err


def test_long_lines_are_cut_off_where_they_are_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"ab\n" + b"c" * 50 + b"\nd")
    assert list(lines.lines_of(tmp_path / "x", 10)) == [(1, b"ab\n"), (2, None), (3, b"d")]
