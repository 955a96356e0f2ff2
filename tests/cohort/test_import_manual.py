"""The examples of docs/cohort-import.md, as they stand there, are imported without a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Ran

from tumorboard.cohort.files import patients

MANUAL = Path(__file__).parent.parent.parent / "docs" / "cohort-import.md"
_BLOCK = re.compile(r"^```(?:csv|yaml) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def written(folder: Path, names: tuple[str, ...]) -> Path:
    """The named examples as files of a folder."""
    blocks = dict(_BLOCK.findall(MANUAL.read_text(encoding="utf-8")))
    folder.mkdir()
    for name in names:
        (folder / Path(name).name).write_text(blocks[name], encoding="utf-8")
    return folder


def test_the_folder_of_sections(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    names = ("patients.csv", "conditions.csv", "treatments.csv", "biomarkers.csv")
    ran = tumorboard("cohort", "import", written(tmp_path / "in", names), "-o", tmp_path / "out")
    assert ran.code == 0, ran.err
    first, second = patients(tmp_path / "out")
    assert first["biomarkers"][0]["alteration"] == "EGFR p.L858R"
    assert second["courses"][0]["agents"] == ["carboplatin", "etoposide"]


OMOP = ("person", "condition_occurrence", "drug_exposure", "measurement")


@pytest.mark.parametrize(
    ("form", "names", "expected"),
    [
        ("csv", ("病人.csv", "治疗.csv", "体能.csv"), ["001", "002"]),
        ("omop", tuple(f"omop/{name}.csv" for name in OMOP), ["9007199254740993"]),
    ],
)
def test_a_hospitals_export_by_its_mapping(
    tumorboard: Callable[..., Ran], tmp_path: Path, form: str, names: tuple[str, ...], expected: list[str]
) -> None:
    source = written(tmp_path / "in", names)
    mapping = "omop/mapping.yaml" if form == "omop" else "mapping.yaml"
    where = written(tmp_path / "mapping", (mapping,)) / "mapping.yaml"
    ran = tumorboard("cohort", "import", source, "-o", tmp_path / "out", "--from", form, "--mapping", where)
    assert ran.code == 0, ran.err
    rows = list(patients(tmp_path / "out"))
    assert [row["id"] for row in rows] == expected
    assert all("courses" in row["complete"] for row in rows)
