"""A case as a row of a cohort and back loses nothing that a rule reads."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tumorboard
from tumorboard.advice.advise import advise
from tumorboard.case.columns import TABLES
from tumorboard.case.read import Case, case_from_data
from tumorboard.cli.common import load_case
from tumorboard.cohort.patients import case_of, patient_of
from tumorboard.cohort.schema import cohort_schema
from tumorboard.cohort.synthesise import Synthesis
from tumorboard.errors import InvalidInput
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.record import advice_record

DEMO = sorted(
    file for file in (Path(tumorboard.__file__).parent / "demo").iterdir() if file.suffix in (".yaml", ".json")
)
KNOWLEDGE = Knowledge.load()
MADE = Synthesis(KNOWLEDGE.folder, KNOWLEDGE.vocabulary, 5)
# What the file alone tells, beyond the tables that rules read.
OF_THE_FILE = ("hypotheses", "not_understood", "notices")


def through_parquet(case: Case) -> Case:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([patient_of(case)], schema=cohort_schema()), file)
    file.seek(0)
    (row,) = pq.read_table(file).to_pylist()
    return case_of(row)


def assert_same(case: Case, back: Case) -> None:
    assert back.id == case.id and back.as_of == case.as_of
    for name, table in case.tables.items():
        other = back.tables[name]
        assert other.complete == table.complete, name
        for row, again in zip(table.rows, other.rows, strict=True):
            assert again.place == row.place and dict(again.places) == dict(row.places)
            for column in TABLES[name].columns:
                assert again.cells.get(column) == row.cells.get(column), (name, column)


@pytest.mark.parametrize("file", DEMO, ids=lambda file: file.stem)
def test_a_demo_patient_comes_back_with_the_same_advice(file: Path) -> None:
    case = load_case(file, KNOWLEDGE)
    back = through_parquet(case)
    assert_same(case, back)
    records = [advice_record(advise(one, KNOWLEDGE), KNOWLEDGE, "zh") for one in (case, back)]
    for record in records:
        for key in OF_THE_FILE:
            record.pop(key)
        for question in record["questions"]:
            question.pop("text")  # names an entry by what the file says of it
    assert records[0] == records[1]


@given(st.integers(0, 10**6))
@settings(max_examples=60)
def test_a_synthetic_patient_comes_back(number: int) -> None:
    case = case_from_data(MADE.case(number), KNOWLEDGE.vocabulary, MADE.as_of)
    assert_same(case, through_parquet(case))


@pytest.mark.parametrize(("value", "kept"), [("0.00000001", True), ("0.000000001", False), ("9999.12345678", True)])
def test_a_number_that_would_be_rounded_is_refused_by_its_place(value: str, kept: bool) -> None:
    lab = {"name": "AFP", "value": Decimal(value), "unit": "ng/mL", "date": "2026-02-01"}
    data = {"schema": "tumorboard.case/1", "id": "x", "as_of": "2026-03-01", "labs": [lab]}
    case = case_from_data(data, KNOWLEDGE.vocabulary, datetime.date(2026, 3, 1))
    if kept:
        assert_same(case, through_parquet(case))
    else:
        with pytest.raises(InvalidInput, match=r"labs\[0\]\.value.*can't be kept"):
            patient_of(case)


def test_a_synthetic_patient_is_the_same_each_time_and_says_what_it_is() -> None:
    again = Synthesis(KNOWLEDGE.folder, KNOWLEDGE.vocabulary, 5)
    assert [MADE.case(number) for number in range(30)] == [again.case(number) for number in range(30)]
    assert MADE.case(1) != Synthesis(KNOWLEDGE.folder, KNOWLEDGE.vocabulary, 6).case(1)
    assert "not a real person" in MADE.case(1)["note"]


def test_synthetic_patients_reach_most_situations_in_each_truth_value() -> None:
    """A cohort that never meets a situation tests nothing; those it can't reach yet are counted, not hidden."""
    seen: dict[str, set[str]] = {}
    for number in range(400):
        for answer in advise(case_of(MADE.patient(number)), KNOWLEDGE).situations:
            seen.setdefault(answer.situation.id, set()).add(answer.verdict)
    met = [name for name, verdicts in seen.items() if "met" in verdicts]
    unknown = [name for name, verdicts in seen.items() if "unknown" in verdicts]
    assert len(met) >= 20
    assert len(unknown) >= 20
