"""Many cases in one command: the same answers as one by one, in order, and a bad one loses no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command import Ran

from tumorboard.cli import batch

HEADING = "id,bilirubin,albumin,INR,ascites,encephalopathy,tumours,largest_cm"


def row(number: int) -> str:
    albumin = "" if number % 7 == 0 else f"{25 + number % 20} g/L"
    bilirubin = "-1 umol/L" if number % 50 == 3 else f"{10 + number % 60} umol/L"
    return f"{number},{bilirubin},{albumin},1.{number % 9},none,0,{1 + number % 5},{1 + number % 11}"


@pytest.fixture
def long_table(tmp_path: Path) -> Path:
    table = tmp_path / "patients.csv"
    table.write_text("\n".join([HEADING, *map(row, range(3 * batch.CHUNK + 7))]) + "\n")
    return table


def test_several_processes_answer_as_one_does(
    long_table: Path, tumorboard: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_cores", lambda: 2)
    several = tumorboard("assess", long_table, "--quick", "--group", "liver")
    monkeypatch.setattr(batch, "_cores", lambda: 1)
    one = tumorboard("assess", long_table, "--quick", "--group", "liver")
    assert several == one
    assert one.code == 4
    lines = one.lines
    assert [line["case"] for line in lines] == [str(number) for number in range(3 * batch.CHUNK + 7)]
    assert [line["case"] for line in lines if "error" in line] == ["3", "53", "103", "153", "203", "253", "303"]


def test_a_file_written_by_several_processes_is_what_would_be_printed(
    long_table: Path, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    printed = tumorboard("assess", long_table, "--quick")
    tumorboard("assess", long_table, "--quick", "-o", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == printed.out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.jsonl", "patients.csv"]


@pytest.mark.parametrize(
    ("text", "place", "mend"),
    [
        (b"", "patients.csv", "is an empty table"),
        (b"id,bilirubin,colour\n1,20 umol/L,red\n", "patients.csv:1", "no input 'colour'; use id, "),
        (b"id,bilirubin,bilirubin\n1,20 umol/L,30 umol/L\n", "patients.csv:1", "names a column twice"),
        (b"id,bilirubin\n1,20 \xb5mol/L\n", "patients.csv:2", "is not UTF-8 text"),
        (b'id,bilirubin\n1,"20 umol/L\n', "patients.csv:2", "is not CSV"),
    ],
)
def test_a_table_that_is_none_is_refused_whole(
    text: bytes, place: str, mend: str, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    table, out = tmp_path / "patients.csv", tmp_path / "out.jsonl"
    table.write_bytes(text)
    out.write_text("as it was")
    ran = tumorboard("assess", table, "--quick", "-o", out)
    assert (ran.code, out.read_text()) == (4, "as it was")
    assert f"error: {place}: " in ran.err or f"error: {place} " in ran.err
    assert mend in ran.err


def test_a_row_with_a_cell_too_many_is_named_by_its_line(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    table = tmp_path / "patients.csv"
    table.write_text("id,bilirubin,albumin\na,20 umol/L,38 g/L\nb,20,5 umol/L,38 g/L\nc,20 umol/L,38 g/L\n")
    ran = tumorboard("assess", table, "--quick")
    assert ran.code == 4
    assert "patients.csv:3: 4 cells under 3 headings" in ran.err
    assert [line["case"] for line in ran.lines] == ["a", "patients.csv:3", "c"]
    scores = tumorboard("calculate", "albi", "--csv", table)
    assert scores.code == 4
    assert len(scores.out.splitlines()) == 4
    assert "patients.csv:3: 4 cells under 3 headings" in scores.err


def test_a_column_is_named_as_its_heading(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    table = tmp_path / "patients.csv"
    table.write_text("id,AFP\na,12\n")
    assert "error: a: AFP: AFP without a unit" in tumorboard("assess", table, "--quick").err
