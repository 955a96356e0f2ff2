"""A case is the same patient of a cohort whichever export it came through."""

from __future__ import annotations

import datetime
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cohort_exports import bulk_folder, bundle_of, csv_folder, resources, write_csv
from command import Ran
from fhir_samples import CASES, CODES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tumorboard.case.fhir import case_data_from_fhir
from tumorboard.cohort.files import patients
from tumorboard.cohort.intake.mapping import ImportMapping
from tumorboard.cohort.intake.open import opened_export
from tumorboard.cohort.intake.recognise import Form
from tumorboard.cohort.intake.refusals import Account
from tumorboard.cohort.intake.sorting import Sorter
from tumorboard.cohort.intake.taking import Taken, Taker
from tumorboard.cohort.synthesise import Synthesis
from tumorboard.errors import TumorboardError
from tumorboard.guidelines.knowledge import Knowledge

KNOWLEDGE = Knowledge.load()
TODAY = datetime.date(2026, 3, 1)
MORE = 10 if os.environ.get("TUMORBOARD_LONG") else 1
TAKER = Taker(KNOWLEDGE, TODAY)
MADE = Synthesis(KNOWLEDGE.folder, KNOWLEDGE.vocabulary, 11)
Cases = list[dict[str, Any]]


@dataclass(frozen=True)
class Imported:
    rows: dict[str, dict[str, Any]]
    refused: set[str | None]
    told: list[dict[str, Any]]
    not_understood: list[dict[str, Any]] = field(default_factory=list)


def one_process(work: Callable[[Any], Any], chunks: Iterable[Any]) -> Any:
    return map(work, chunks)


def imported(
    form: Form, folder: Path, mapping: ImportMapping | None = None, as_of: datetime.date | None = TODAY
) -> Imported:
    """What an export gives, without the command line around it."""
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary)
        with Account(out, lambda text: None) as account:
            groups, read = opened_export(
                form, folder, out, mapping or ImportMapping(), as_of, KNOWLEDGE, account, one_process
            )
            taken = TAKER.taken(read, groups)
            account.refuse(*(refusal for one in taken for refusal in one.refusals))
            for one in taken:
                account.not_understood(one.unknown)
        told, unknown = (
            [json.loads(line) for line in (out / name).read_text(encoding="utf-8").splitlines()]
            for name in ("refused.jsonl", "not-understood.jsonl")
        )
    rows = {one.patient["id"]: one.patient for one in taken if one.patient}
    return Imported(rows, {entry["case"] for entry in told}, told, unknown)


def directly(cases: Iterable[dict[str, Any]]) -> Imported:
    """What the case files themselves give."""
    found: list[Taken] = []
    for case in cases:
        try:
            found.append(TAKER.of_case(case["id"], TAKER.case(case)))
        except TumorboardError as error:
            found.append(TAKER.of_case(case["id"], error))
    rows = {one.patient["id"]: one.patient for one in found if one.patient}
    return Imported(rows, {refusal.case for one in found for refusal in one.refusals}, [])


def numbered(drawn: Cases) -> Cases:
    """Case files with an id of their own each."""
    return [{**case, "id": f"{case['id'].strip()}-{number}"} for number, case in enumerate(drawn)]


def with_known_keys(cases: Cases) -> Cases:
    return [{key: value for key, value in case.items() if key != "other"} for case in cases]


@given(st.lists(CASES, min_size=1, max_size=4).map(numbered).map(with_known_keys))
@settings(max_examples=60 * MORE, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_case_file_comes_through_csv_as_it_comes_directly(cases: Cases) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        through = imported(Form.csv, csv_folder(cases, Path(temporary)))
    straight = directly(cases)
    assert through.rows == straight.rows
    assert through.refused == straight.refused


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8, unique=True))
@settings(max_examples=25 * MORE)
def test_synthetic_patients_come_through_csv_and_bulk_files_as_directly(numbers: list[int]) -> None:
    cases = [MADE.case(number) for number in numbers]
    straight = directly(cases)
    assert not straight.refused
    with tempfile.TemporaryDirectory() as temporary:
        csv = imported(Form.csv, csv_folder(cases, Path(temporary) / "csv"))
        bulk = imported(
            Form.fhir_bulk, bulk_folder([bundle_of(case, KNOWLEDGE) for case in cases], Path(temporary) / "bulk", 7)
        )
    assert csv.rows == straight.rows and not csv.told
    assert bulk.rows == straight.rows and not bulk.told


@given(st.lists(CASES, min_size=1, max_size=3).map(numbered).map(with_known_keys))
@settings(max_examples=30 * MORE, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_bundles_come_through_bulk_files_as_bundles_do(cases: Cases) -> None:
    """With our extension and without it, as another system would write them."""
    for keep in (True, False):
        bundles = []
        for number, case in enumerate(cases):
            bundle = bundle_of(case, KNOWLEDGE)
            bundle["entry"][0]["resource"]["id"] = f"p{number}"
            for entry in bundle["entry"]:
                if not keep:
                    entry["resource"].pop("extension", None)
            bundles.append(bundle)
        straight: dict[str, dict[str, Any]] = {}
        for bundle in bundles:
            own = {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [{"resource": one} for one in by_type(bundle)],
            }
            try:
                taken = TAKER.of_case("", TAKER.case(case_data_from_fhir(own, KNOWLEDGE.vocabulary, CODES)[0]))
            except TumorboardError:
                continue
            if taken.patient:
                straight[taken.patient["id"]] = taken.patient
        with tempfile.TemporaryDirectory() as temporary:
            assert imported(Form.fhir_bulk, bulk_folder(bundles, Path(temporary), 3)).rows == straight


def by_type(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """A bundle's resources in the order their files are read."""
    return sorted(resources(bundle), key=lambda resource: resource["resourceType"])


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 50)), max_size=200), st.integers(1, 3000))
def test_records_come_back_by_key_in_the_order_they_were_given(items: list[tuple[str, int]], budget: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        sorter = Sorter(Path(temporary), budget)
        for number, (key, size) in enumerate(items):
            sorter.add(key, ("file", number, b"x" * size), size)
        groups = list(sorter.groups(10**6))
    expected: dict[str, list[int]] = {}
    for number, (key, _) in enumerate(items):
        expected.setdefault(key, []).append(number)
    assert {group.key: [record[1] for record in group.records] for group in groups} == expected
    assert [group.key for group in groups] == sorted(expected)


class TestMapping:
    """A hospital's own export, read by a mapping."""

    MAPPING = """
schema: tumorboard.import/1
as_of: 2026-03-01
encoding: gb18030
list_separator: 、
complete: {treatments: whole, procedures: open}
files:
  病人.csv: {section: patients, columns: {病案号: id, 性别: sex, 床号: null}, values: {sex: {"1": male, "2": female}}}
  诊断.csv: {section: conditions, columns: {病案号: id, 诊断: disease, 日期: diagnosed}, dates: YYYY/MM/DD}
  化验.csv: {section: labs, columns: {病案号: id, 项目: name, 结果: value, 单位: unit}, values: {name: {TB: bilirubin}}}
  体能.csv: {section: performance, columns: {病案号: id, 评分: value}, fixed: {scale: ECOG}}
  治疗.csv: {section: treatments, columns: {病案号: id, 线数: line, 药物: agents, 开始: start}}
"""

    def export(self, folder: Path) -> None:
        files = {
            "病人.csv": "病案号,性别,床号\n001,1,7\n002,2,8\n",
            "诊断.csv": "病案号,诊断,日期\n001,小细胞肺癌,2025/01/31\n",
            "化验.csv": "病案号,项目,结果,单位\n001,TB,1.1,mg/dL\n",
            "体能.csv": "病案号,评分\n001,1\n",
            "治疗.csv": "病案号,线数,药物,开始\n001,1,顺铂、依托泊苷,2025-02-01\n",
        }
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="gb18030")
        (folder.parent / "mapping.yaml").write_text(self.MAPPING, encoding="utf-8")

    def test_headings_codes_dates_and_encoding_are_read_by_it(
        self, tumorboard: Callable[..., Ran], tmp_path: Path
    ) -> None:
        self.export(tmp_path / "hospital")
        ran = tumorboard(
            "cohort", "import", tmp_path / "hospital", "-o", tmp_path / "cohort", "--from", "csv",
            "--mapping", tmp_path / "mapping.yaml",
        )  # fmt: skip
        assert ran.code == 0, ran.err
        first, second = patients(tmp_path / "cohort")
        assert (first["id"], second["id"]) == ("001", "002")
        assert first["tumours"][0]["disease"] == "SCLC"
        assert first["tumours"][0]["diagnosed"] == datetime.date(2025, 1, 31)
        assert first["labs"][0]["name"] == "bilirubin" and first["labs"][0]["value"] == Decimal("18.81")
        assert first["performance"][0]["value"] == 1
        assert first["courses"][0]["agents"] == ["cisplatin", "etoposide"]
        assert [one["patient"][0]["sex"] for one in (first, second)] == ["male", "female"]

    def test_it_says_which_lists_are_whole(self, tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
        self.export(tmp_path / "hospital")
        tumorboard(
            "cohort", "import", tmp_path / "hospital", "-o", tmp_path / "cohort", "--from", "csv",
            "--mapping", tmp_path / "mapping.yaml",
        )  # fmt: skip
        first, second = patients(tmp_path / "cohort")
        assert "courses" in second["complete"]  # whole: no row, so none
        assert "tumours" in first["complete"] and "tumours" not in second["complete"]  # rows: the default
        assert "procedures" not in first["complete"] + second["complete"]  # open

    def test_a_list_cant_be_whole_without_its_file(self, tmp_path: Path) -> None:
        write_csv(tmp_path / "patients.csv", [{"id": "a"}])
        mapping = ImportMapping(complete={"treatments": "whole"})
        with pytest.raises(TumorboardError, match=r"complete\.treatments.*no file of them"):
            imported(Form.csv, tmp_path, mapping)
