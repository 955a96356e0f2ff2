"""Reading: case files, files of several patients, CSV; every slip named by its place."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from response_samples import RECIST, entry, on, overall, reader

from tumorboard.errors import InvalidInput
from tumorboard.response.assess import assess_patient
from tumorboard.response.model import Nontarget
from tumorboard.response.record import patient_record

TODAY = datetime.date(2026, 3, 1)


def refused(*entries: Any) -> str:
    with pytest.raises(InvalidInput) as error:
        reader().read_response(list(entries))
    return str(error.value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"date": "2025-13-01"}, "response[1].date: '2025-13-01' is not a date; write YYYY-MM-DD"),
        ({"date": None}, "response[1].date: is missing"),
        ({"date": "2024-12-31"}, "response[1].date: 2024-12-31 is before 2025-01-01, the entry above it"),
        ({"date": "2025-01-01"}, "response[1].date: 2025-01-01 is a second measurement of that day"),
        ({"criteria": "WHO"}, "response[1].criteria: 'WHO' is not a criteria; use RECIST 1.1 | mRECIST"),
        ({"target_sum_mm": -1}, "response[1].target_sum_mm: -1 mm is below 0"),
        ({"target_sum_mm": Decimal("60.25")}, "60.25 mm is finer than a tenth of a millimetre"),
        ({"target_sum_mm": Decimal("4.9")}, "4.9 mm is below 5 mm, what a lesion too small to measure counts; write 5"),
        ({"target_sum_mm": 6200}, "response[1].target_sum_mm: 6200 mm is implausible; at most 2000 mm"),
        ({"target_sum_mm": "much"}, "response[1].target_sum_mm: 'much' is not a length in mm"),
        ({"nontarget": "worse"}, "response[1].nontarget: 'worse' is not a nontarget; use CR | non-CR/non-PD"),
        ({"new_lesions": "no"}, "response[1].new_lesions: 'no' is neither true nor false"),
        ({"new_lesion": True}, "response[1].new_lesion: is no key of this entry; did you mean new_lesions?"),
        ({"lesions": [{"id": "T1"}]}, "response[1].lesions[0].mm: is missing; or say `status`: too small"),
        ({"lesions": [{"id": "T1", "mm": 3, "status": "absent"}]}, "lesions[0].mm: 3 mm, but the status is absent"),
        ({"lesions": [{"id": "T1", "mm": 12}, {"id": "T1", "mm": 12}]}, "lesions[1].id: T1 is given twice"),
    ],
)  # fmt: skip
def test_a_slip_is_named_by_its_place(changed: dict[str, Any], message: str) -> None:
    assert message in refused(entry(0, 100), {**entry(42, 60), **changed})


def test_every_slip_is_named_at_once() -> None:
    told = refused({**entry(0, 3)}, {**entry(42, 60), "nontarget": "worse"})
    assert "response[0].target_sum_mm" in told and "response[1].nontarget" in told


def test_five_millimetres_and_nothing_are_sums() -> None:
    found = reader().read_response([entry(0, 100), entry(42, 5), entry(84, 0), entry(126, Decimal("62.0"))])
    assert [timepoint.target for timepoint in found] == [1000, 50, 0, 620]


def test_two_sets_of_criteria_may_stand_on_one_day_and_each_has_its_own_order() -> None:
    both = [entry(0, 100), entry(42, 60), entry(0, 80, criteria="mRECIST"), entry(42, 30, criteria="mRECIST")]
    found = reader().read_response(both)
    assert [timepoint.criteria for timepoint in found] == [RECIST, RECIST, "mRECIST", "mRECIST"]


def test_names_are_read_in_both_languages() -> None:
    found = reader().read_response([entry(0, 100, nontarget="非CR/非PD"), entry(42, 60, nontarget="明确进展")])
    assert [timepoint.nontarget for timepoint in found] == [Nontarget.NON_CR_NON_PD, Nontarget.PD]


CASE = """
schema: tumorboard.case/1
id: lung-07
as_of: 2025-12-31
treatments:
  - {line: 1, agents: [gefitinib], start: 2024-03-01, end: 2025-01-20, progressed: 2025-01-20}
  - {line: 2, agents: [osimertinib], start: 2025-02-01}
response:
  - {date: 2024-02-20, criteria: RECIST 1.1, target_sum_mm: 80}
  - {date: 2025-01-20, criteria: RECIST 1.1, target_sum_mm: 62.5, nontarget: non-CR/non-PD, new_lesions: true}
  - {date: 2025-04-01, criteria: RECIST 1.1, target_sum_mm: 40, nontarget: non-CR/non-PD, new_lesions: false}
  - {date: 2026-01-15, criteria: RECIST 1.1, target_sum_mm: 90, nontarget: PD, new_lesions: true}
"""


def case_file(folder: Path, text: str) -> Path:
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_case_is_judged_on_its_newest_line_up_to_the_day_of_the_board(tmp_path: Path) -> None:
    (patient,) = reader().read_file(case_file(tmp_path, CASE), TODAY)
    (found,) = assess_patient(patient, reader().criteria)
    assert patient.dates.start == datetime.date(2025, 2, 1)
    assert found.baseline is not None and found.baseline.date == datetime.date(2025, 1, 20)
    assert (found.baseline_sum, overall(found), found.best.value) == (625, ["PR"], "PR")


def test_a_newest_line_without_a_start_is_asked_for(tmp_path: Path) -> None:
    (patient,) = reader().read_file(case_file(tmp_path, CASE.replace(", start: 2025-02-01", "")), TODAY)
    (found,) = assess_patient(patient, reader().criteria)
    assert found.missing[0] == "treatments[1].start"


def test_lesions_of_a_case_file_are_read(tmp_path: Path) -> None:
    lesion = "lesions: [{id: T1, site: lung, mm: 30.5, target: true}]"
    text = CASE.split("response:")[0].replace("2025-02-01", "2025-01-20") + (
        f"response:\n  - {{date: 2025-01-20, criteria: RECIST 1.1, {lesion}}}\n"
        "  - {date: 2025-04-01, criteria: RECIST 1.1, new_lesions: false, lesions: [{id: T1, status: 消失}]}\n"
    )
    (patient,) = reader().read_file(case_file(tmp_path, text), TODAY)
    (found,) = assess_patient(patient, reader().criteria)
    assert (found.baseline_sum, overall(found)) == (305, ["CR"])


PATIENTS = """
- id: A
  start: 2025-01-01
  last_contact: 2025-12-01
  response:
    - {date: 2025-01-01, criteria: RECIST 1.1, target_sum_mm: 100, new_lesions: false}
    - {date: 2025-03-01, criteria: RECIST 1.1, target_sum_mm: 60, new_lesions: false}
- id: B
  response: []
"""


def test_a_file_of_several_patients(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text(PATIENTS, encoding="utf-8")
    first, second = reader().read_file(path, TODAY)
    assert (first.id, first.dates.last_contact, second.timepoints) == ("A", datetime.date(2025, 12, 1), ())
    path.write_text(PATIENTS.replace("2025-03-01", "2024-03-01").replace("id: B", "id: A"), encoding="utf-8")
    with pytest.raises(InvalidInput) as error:
        reader().read_file(path, TODAY)
    assert "[0].response[1].date: 2024-03-01 is before 2025-01-01" in str(error.value)


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ("death: 2025-02-01", "[0].response[1].date: 2025-03-01 is after the death, 2025-02-01"),
        ("last_contact: 2024-02-01", "[0].last_contact: 2024-02-01 is before the start, 2025-01-01"),
        ("death: 2025-06-01, last_contact: 2025-07-01", "[0].last_contact: 2025-07-01 is after the death, 2025-06-01"),
    ],
)
def test_dates_that_can_not_follow_each_other_are_refused(dates: str, message: str) -> None:
    given = dict(pair.split(": ") for pair in dates.split(", "))
    patient = {
        "id": "A",
        "start": "2025-01-01",
        **given,
        "response": [entry(0, 100), {**entry(42, 60), "date": "2025-03-01"}],
    }
    with pytest.raises(InvalidInput) as error:
        reader().read_patients([patient])
    assert message in str(error.value)


def test_a_time_point_on_the_day_of_death_is_taken() -> None:
    patient = {"id": "A", "start": "2025-01-01", "death": "2025-02-12", "response": [entry(0, 100), entry(42, 60)]}
    (read,) = reader().read_patients([patient])
    assert read.dates.death == read.timepoints[-1].date == on(42)


CSV = """patient,date,criteria,target_sum_mm,nontarget,new_lesions,start
A,2025-01-01,RECIST 1.1,100,,否,2025-01-01
B,2025-01-01,mRECIST,40.5,,no,
A,2025-02-12,RECIST 1.1,60,non-CR/non-PD,false,
"""


def test_csv_has_one_row_a_time_point() -> None:
    first, second = reader().read_csv(CSV, "trial.csv")
    assert (first.id, [timepoint.target for timepoint in first.timepoints]) == ("A", [1000, 600])
    assert (first.dates.start, second.timepoints[0].target) == (on(0), 405)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2025-02-12", "2024-02-12", "trial.csv:4.date: 2024-02-12 is before 2025-01-01"),
        ("40.5", "4.5", "trial.csv:3.target_sum_mm: 4.5 mm is below 5 mm"),
        ("false", "maybe", "trial.csv:4.new_lesions: 'maybe' is neither true nor false"),
        ("target_sum_mm", "sum", "trial.csv:1: columns that are unknown or given twice: sum"),
        ("false,\n", "false,2025-01-02\n", "trial.csv:4.start: 2025-01-02, but 2025-01-01 at trial.csv:2"),
        ("\nB,", "\n,", "trial.csv:3.patient: is missing"),
        ("no,\n", "no,,,\n", "trial.csv:3: has more cells than the heading"),
    ],
)
def test_csv_slips_are_named_by_line(old: str, new: str, message: str) -> None:
    assert old in CSV
    with pytest.raises(InvalidInput) as error:
        reader().read_csv(CSV.replace(old, new), "trial.csv")
    assert message in str(error.value)


def test_the_record_tells_known_from_unknown() -> None:
    patients = reader().read_patients(
        [{"id": "A", "response": [entry(0, 100), entry(42, 60, new_lesions=None), entry(84, 71)]}]
    )
    record = patient_record(patients[0], assess_patient(patients[0], reader().criteria), "en")
    (found,) = record["courses"]
    assert found["best_response"] == {"status": "unknown", "value": None, "possible": ["PR", "PD"]}
    assert found["timepoints"][1]["from_baseline_percent"] == {"value": -29.0, "exact": "-29/1"}
    assert found["pfs"]["status"] == "unknown"
    assert found["missing"] == ["[0].response[1].new_lesions"]
