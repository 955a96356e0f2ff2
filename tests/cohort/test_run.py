"""A guideline over a cohort: the same verdicts as for one case, resumable, and never stopped by one bad file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tumorboard.advice.advise import advise
from tumorboard.cohort.concordance import STANDINGS, is_regimen, standing
from tumorboard.cohort.engines import Groups, Local
from tumorboard.cohort.files import patient, write_cohort
from tumorboard.cohort.patients import case_of
from tumorboard.cohort.run import Summary, run_cohort
from tumorboard.cohort.synthesise import Synthesis
from tumorboard.cohort.verdicts import Verdicts
from tumorboard.errors import InvalidInput, NotFound
from tumorboard.guidelines.knowledge import Knowledge

GUIDELINE = "refractory-lung-cancer-2023"
PATIENTS = 60


def one_process(work: Callable[[Groups], Verdicts], groups: Iterable[Groups]) -> Iterator[Verdicts]:
    return map(work, groups)


@pytest.fixture(scope="module")
def patients(knowledge: Knowledge) -> list[dict[str, Any]]:
    making = Synthesis(knowledge.folder, knowledge.vocabulary, 3)
    return [making.patient(number) for number in range(PATIENTS)]


@pytest.fixture
def cohort(patients: list[dict[str, Any]], tmp_path: Path) -> Path:
    folder = tmp_path / "cohort"
    assert write_cohort(reversed(patients), folder, rows_a_file=25).files == 3
    return folder


def run(cohort: Path, out: Path, knowledge: Knowledge, *guidelines: str) -> Summary:
    return run_cohort(cohort, out, knowledge, guidelines or (GUIDELINE,), Local(one_process), lambda done, all_: None)


def test_patients_are_sorted_and_an_id_stands_once(patients: list[dict[str, Any]], tmp_path: Path) -> None:
    changed = {**patients[4], "as_of": patients[4]["as_of"].replace(year=2020)}
    written = write_cohort([*reversed(patients), changed], tmp_path / "c", rows_a_file=25)
    assert (written.patients, written.twice) == (PATIENTS, (patients[4]["id"],))
    ids = [id_ for part in sorted((tmp_path / "c").glob("*.parquet")) for id_ in pq.read_table(part)["id"].to_pylist()]
    assert ids == sorted(ids) and len(set(ids)) == PATIENTS
    assert patient(tmp_path / "c", patients[4]["id"])["as_of"] == patients[4]["as_of"], "the first given stays"


def test_a_cohort_is_not_written_into_another(cohort: Path, patients: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidInput, match="holds a cohort already"):
        write_cohort(patients, cohort)


def test_every_verdict_is_that_of_the_one_case(cohort: Path, tmp_path: Path, knowledge: Knowledge) -> None:
    summary = run(cohort, tmp_path / "out", knowledge)
    assert summary.patients == PATIENTS and not summary.failed
    rows = [row for part in sorted((tmp_path / "out").glob("verdicts-*")) for row in pq.read_table(part).to_pylist()]
    for row in rows:
        advice = advise(case_of(patient(cohort, row["id"])), knowledge)
        for answer in advice.situations:
            if answer.guideline.id == GUIDELINE:
                value = row[f"situation {GUIDELINE}/{answer.situation.id}"]
                assert {"met": True, "not met": False, "unknown": None}[answer.verdict] is value
        listed = {
            answer.option.id: answer.status or "no consensus"
            for answer in advice.options
            if answer.guideline.id == GUIDELINE
        }
        told = {
            name.partition("/")[2]: cell
            for name, cell in row.items()
            if name.startswith("option ") and cell is not None
        }
        assert told == listed


def test_counts_add_up(cohort: Path, tmp_path: Path, knowledge: Knowledge) -> None:
    record = run(cohort, tmp_path / "out", knowledge).record(knowledge)
    for name, counts in record["counts"].items():
        if name.startswith("situation "):
            assert sum(counts.values()) == PATIENTS


def test_missing_inputs_are_those_of_each_case(
    cohort: Path, patients: list[dict[str, Any]], tmp_path: Path, knowledge: Knowledge
) -> None:
    record = run(cohort, tmp_path / "out", knowledge, *knowledge.guidelines).record(knowledge)
    missing: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for one in patients:
        open_ = [
            # Which entry of a list lacks it differs between patients; that it is lacking is one thing to find out.
            {re.sub(r"\[\d+\]", "", item.ask) for item in answer.step.missing}
            for answer in advise(case_of(one), knowledge).situations
            if answer.verdict == "unknown"
        ]
        missing.update(set().union(*open_))
        alone.update(set().union(*(asks for asks in open_ if len(asks) == 1)))
    told = {entry["ask"]: (entry["patients"], entry["settles_alone"]) for entry in record["missing"]}
    assert told == {ask: (count, alone[ask]) for ask, count in missing.items()}
    assert len(told) > 10


def test_what_was_given_stands_as_its_option_does(
    cohort: Path, patients: list[dict[str, Any]], tmp_path: Path, knowledge: Knowledge
) -> None:
    record = run(cohort, tmp_path / "out", knowledge, *knowledge.guidelines).record(knowledge)
    assert sum(entry["patients"] for entry in record["concordance"]) == PATIENTS
    told = {entry["standing"] for entry in record["concordance"]}
    assert "applies" in told and "other" in told and told <= set(STANDINGS)
    for one in patients:
        advice = advise(case_of(one), knowledge)
        given = one["follow_up"]["given"]
        fitting = {
            answer.status or "no consensus"
            for answer in advice.options
            if is_regimen(answer.option, given, knowledge.vocabulary.drugs)
        }
        assert standing(advice, given, knowledge.guidelines, knowledge.vocabulary.drugs) in (fitting or {"other"})


def test_a_regimen_is_filled_one_to_one(knowledge: Knowledge) -> None:
    options = [option for guideline in knowledge.guidelines.values() for _, option in guideline.options()]
    drugs = knowledge.vocabulary.drugs
    wanted = {("pemetrexed",), ("carboplatin", "cisplatin")}
    platinum = next(one for one in options if {slot.alternatives for slot in one.regimen} == wanted)
    assert is_regimen(platinum, ["cisplatin", "pemetrexed"], drugs)
    assert is_regimen(platinum, ["carboplatin", "pemetrexed"], drugs)
    assert not is_regimen(platinum, ["carboplatin", "cisplatin"], drugs)
    assert not is_regimen(platinum, ["cisplatin", "pemetrexed", "bevacizumab"], drugs)
    assert not is_regimen(platinum, ["pemetrexed"], drugs)


def test_a_run_that_was_cut_off_goes_on(cohort: Path, tmp_path: Path, knowledge: Knowledge) -> None:
    out = tmp_path / "out"
    whole = run(cohort, out, knowledge).record(knowledge)
    (out / "verdicts-00001.parquet").rename(out / "verdicts-00001.unfinished")
    cut = (out / "verdicts-00002.parquet").read_bytes()
    (out / "verdicts-00002.parquet").write_bytes(cut[: len(cut) // 2])
    again = run(cohort, out, knowledge)
    assert again.skipped == 1
    assert again.record(knowledge) == whole


def test_results_of_another_guideline_or_cohort_are_made_again(
    cohort: Path, tmp_path: Path, knowledge: Knowledge
) -> None:
    out = tmp_path / "out"
    run(cohort, out, knowledge)
    assert run(cohort, out, knowledge).skipped == 3
    assert run(cohort, out, knowledge, "intermediate-hcc-2021").skipped == 0


@pytest.mark.parametrize("fault", ["truncated", "other schema", "no Parquet"])
def test_a_bad_file_is_named_and_the_rest_is_done(
    cohort: Path, tmp_path: Path, knowledge: Knowledge, fault: str
) -> None:
    part = cohort / "part-00001.parquet"
    if fault == "truncated":
        part.write_bytes(part.read_bytes()[:2000])
    elif fault == "other schema":
        pq.write_table(pa.table({"id": ["a"]}), part)
    else:
        part.write_text("id,age\n", encoding="utf-8")
    summary = run(cohort, tmp_path / "out", knowledge)
    assert [place for place, _ in summary.failed] == ["part-00001.parquet"]
    assert summary.patients == PATIENTS - 25


def test_a_damaged_row_group_is_named(cohort: Path, tmp_path: Path, knowledge: Knowledge) -> None:
    part = cohort / "part-00000.parquet"
    raw = bytearray(part.read_bytes())
    raw[200:1500] = bytes(1300)
    part.write_bytes(raw)
    summary = run(cohort, tmp_path / "out", knowledge)
    assert [place for place, _ in summary.failed] == ["part-00000.parquet, row group 0"]


def test_an_unknown_patient_or_folder_is_not_found(cohort: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no patient 'nobody'"):
        patient(cohort, "nobody")
    with pytest.raises(NotFound, match="holds no cohort"):
        patient(tmp_path / "nowhere", "x")
