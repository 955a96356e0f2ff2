"""One guideline, several engines: columns on this machine, SQL in DuckDB, columns and SQL on Spark, one answer."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from command import Ran

from tumorboard.advice.advise import advise
from tumorboard.case.read import case_from_data
from tumorboard.cohort.engines import Groups, Local
from tumorboard.cohort.files import patients as patients_in
from tumorboard.cohort.files import write_cohort
from tumorboard.cohort.patients import case_of, patient_of
from tumorboard.cohort.run import run_cohort
from tumorboard.cohort.sql import differences
from tumorboard.cohort.synthesise import Synthesis
from tumorboard.cohort.verdicts import Verdicts
from tumorboard.guidelines.knowledge import Knowledge

LONG = bool(os.environ.get("TUMORBOARD_LONG"))
PATIENTS = 100_000 if LONG else 1500
EVERY = 1 if LONG else 20  # of the patients, one is answered alone too
LUNG = "refractory-lung-cancer-2023"


def one_process(work: Callable[[Groups], Verdicts], groups: Iterable[Groups]) -> Iterator[Verdicts]:
    return map(work, groups)


@pytest.fixture(scope="module")
def cohort(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic patients, and among them the ones engines are known to trip over."""
    making = Synthesis(knowledge.folder, knowledge.vocabulary, 11)
    folder = tmp_path_factory.mktemp("engines") / "cohort"
    odd = ({**patient_of(case_from_data(case, knowledge.vocabulary, case["as_of"])), "id": case["id"]} for case in ODD)
    made = (making.patient(number) for number in range(PATIENTS))
    write_cohort((one for source in (odd, made) for one in source), folder)
    return folder


def _sclc(id_: str, **more: Any) -> dict[str, Any]:
    """A relapse of small-cell lung cancer, whose platinum-free interval decides, counted from a leap day."""
    return {
        "schema": "tumorboard.case/1",
        "id": id_,
        "as_of": datetime.date(2024, 3, 1),
        "age": 60,
        "conditions": [{"disease": "SCLC", "diagnosed": "2023-01-31"}],
        "treatments": [
            {"line": 1, "agents": ["etoposide", "carboplatin"], "start": "2023-08-31", "end": "2023-12-02",
             "progressed": "2024-02-29", "progression": "widespread"}
        ],
        **more,
    }  # fmt: skip


ODD: list[dict[str, Any]] = [
    _sclc("9007199254740993"),  # beyond what a double holds: its neighbour must stay another patient
    _sclc("9007199254740992"),
    _sclc("患者甲"),
    _sclc("trailing space "),
    _sclc("trailing space"),
    _sclc("quote ' and \\ backslash"),
    _sclc("leap day 89", as_of=datetime.date(2024, 2, 29)),
    _sclc("nothing given", treatments=[]),
    _sclc("nothing recorded", treatments=None),
    _sclc("two on one day", labs=[{"name": "INR", "value": Decimal("1.7"), "date": "2024-02-01"},
                                  {"name": "INR", "value": Decimal("2.3"), "date": "2024-02-01"}]),
    _sclc("undated", performance=[{"scale": "ECOG", "value": 1}, {"scale": "ECOG", "value": 2}]),
    _sclc("empty", biomarkers=[], procedures=[], conditions=[{"disease": "SCLC"}]),
]  # fmt: skip
ODD = [{key: value for key, value in case.items() if value is not None} for case in ODD]


def test_duckdb_and_columns_do_not_differ_for_any_patient(cohort: Path, knowledge: Knowledge) -> None:
    found, patients = differences(cohort, knowledge, list(knowledge.guidelines), "duckdb", None, one_process)
    assert found == []
    assert patients == PATIENTS + len(ODD)


@pytest.mark.spark
def test_spark_answers_by_columns_and_in_sql_as_this_machine_does(
    cohort: Path, knowledge: Knowledge, tmp_path: Path
) -> None:
    from tumorboard.cohort.spark import Spark

    here = run_cohort(cohort, tmp_path / "here", knowledge, (), Local(one_process), lambda done, all_: None)
    there = run_cohort(cohort, tmp_path / "there", knowledge, (), Spark(None, ()), lambda done, all_: None)
    assert there.record(knowledge) == here.record(knowledge) and not there.failed
    for part in sorted((tmp_path / "here").glob("*.parquet")):
        assert pq.read_table(part).to_pylist() == pq.read_table(tmp_path / "there" / part.name).to_pylist()
    guidelines = list(knowledge.guidelines) if LONG else [LUNG]
    assert differences(cohort, knowledge, guidelines, "spark", None, one_process)[0] == []


def test_patients_are_answered_as_one_case_and_those_that_engines_trip_over_first_of_all(
    cohort: Path, knowledge: Knowledge, tmp_path: Path
) -> None:
    run_cohort(cohort, tmp_path, knowledge, (LUNG,), Local(one_process), lambda done, all_: None)
    rows = {row["id"]: row for part in tmp_path.glob("verdicts-*") for row in pq.read_table(part).to_pylist()}
    wanted = {case["id"] for case in ODD}
    for number, one in enumerate(patients_in(cohort)):
        if one["id"] not in wanted and number % EVERY:
            continue
        for answer in advise(case_of(one), knowledge).situations:
            if answer.guideline.id == LUNG:
                told = rows[one["id"]][f"situation {LUNG}/{answer.situation.id}"]
                assert {"met": True, "not met": False, "unknown": None}[answer.verdict] is told, one["id"]


# -- faults ------------------------------------------------------------------------------------------------------------


def test_a_run_killed_on_the_way_goes_on_and_ends_as_one_that_was_not(
    knowledge: Knowledge, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    folder, out = tmp_path / "cohort", tmp_path / "out"
    tumorboard("cohort", "synthesise", "-n", "600", "--rows", "60", "-o", folder)
    command = [sys.executable, "-c", "from tumorboard.cli import main; main()", "cohort", "run", folder, "-o", out]
    for _ in range(8 if LONG else 2):
        running = subprocess.Popen(list(map(str, command)), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        done = len(list(out.glob("verdicts-*.parquet")))
        while running.poll() is None and len(list(out.glob("verdicts-*.parquet"))) <= done:
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
    again = tumorboard("cohort", "run", folder, "-o", out, "--format", "json")
    whole = tumorboard("cohort", "run", folder, "-o", tmp_path / "whole", "--format", "json")
    assert again.json == whole.json and again.json["patients"] == 600
    assert not list(out.glob("*.unfinished"))


def test_without_room_the_file_is_named_and_a_later_run_makes_it(
    knowledge: Knowledge, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    folder, out = tmp_path / "cohort", tmp_path / "out"
    tumorboard("cohort", "synthesise", "-n", "40", "--rows", "20", "-o", folder)
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000)); "
    code = limited + "from tumorboard.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", code, "cohort", "run", str(folder), "-o", str(out)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "verdicts-00000.parquet: can't be written" in ran.stderr and "Traceback" not in ran.stderr
    assert not list(out.glob("*.unfinished"))
    assert tumorboard("cohort", "run", folder, "-o", out, "--format", "json").json["patients"] == 40


def test_the_query_can_be_printed_for_either_engine(tumorboard: Callable[..., Ran]) -> None:
    for dialect in ("duckdb", "spark"):
        ran = tumorboard("cohort", "sql", "--guideline", LUNG, "--dialect", dialect, "--from", "my_patients")
        assert ran.code == 0 and "FROM my_patients" in ran.out and f"situation {LUNG}/" in ran.out
