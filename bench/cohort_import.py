"""How fast exports become a cohort, and in how much memory: FHIR bulk files, CSV folders and OMOP tables.

Run with ``python bench/cohort_import.py [N …]``; each N is a number of patients (1,000 and 5,000 by default). The
exports are made of a few hundred synthetic patients, copied under new ids in no order. Time is that of the whole
command on all cores, memory the most that one of its processes held.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from tumorboard.case.fhir import bundle_from_case
from tumorboard.case.model import CaseFile
from tumorboard.cohort.synthesise import Synthesis
from tumorboard.guidelines.knowledge import Knowledge

MADE = 300  # patients that are copied
ID = "@id@"
DRUGS = enumerate((1397599, 1304919))
# The command, and what it took with the processes it started.
_RUN = """
import resource
from tumorboard.cli import main
try:
    main()
finally:
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(sum(one.ru_utime + one.ru_stime for one in used), max(one.ru_maxrss for one in used))
"""
OMOP = {
    "person.csv": ["person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth", f"{ID},8507,1950,2,3"],
    "condition_occurrence.csv": [
        "condition_occurrence_id,person_id,condition_concept_id,condition_start_date",
        *(f"{ID},{ID},{concept},2024-01-0{day}" for concept in (4115276, 316866) for day in (1, 2, 3)),
    ],
    "measurement.csv": [
        "measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number,unit_concept_id",
        *(f"{ID},{ID},3024128,2025-0{month}-01,1.{month},8840" for month in range(1, 9)),
        *(f"{ID},{ID},3024561,2025-0{month}-01,4{month},8636" for month in range(1, 9)),
    ],
    "drug_exposure.csv": [
        "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date",
        *(f"{ID}{n},{ID},{drug},2024-02-{1 + 3 * n:02},2024-02-{1 + 3 * n:02}" for n, drug in DRUGS),
    ],
}  # fmt: skip


def main(sizes: list[int]) -> None:
    knowledge = Knowledge.load()
    with tempfile.TemporaryDirectory() as temporary:
        for size in sizes:
            for form, parts in (("csv", csv_parts(knowledge)), ("fhir-bulk", bulk_parts(knowledge)), ("omop", [OMOP])):
                folder = Path(temporary) / f"{form}-{size}"
                written = write(parts, folder, size, form == "omop")
                say(form, size, written, *imported(folder, Path(temporary) / "cohort"))


def csv_parts(knowledge: Knowledge) -> list[dict[str, list[str]]]:
    """The lines of each synthetic patient by file, the first of a file its heading."""
    rows: list[dict[str, list[dict[str, Any]]]] = []
    for case in cases(knowledge):
        own: dict[str, list[dict[str, Any]]] = {"patients": [{"sex": case["sex"], "age": case["age"]}]}
        for section, entries in case.items():
            if isinstance(entries, list):
                own[section] = entries
        rows.append(own)
    headings = {
        name: list(dict.fromkeys(column for own in rows for row in own.get(name, ()) for column in row))
        for name in dict.fromkeys(name for own in rows for name in own)
    }
    return [
        {
            f"{name}.csv": [
                ",".join(("id", *columns)),
                *(",".join((ID, *(cell(row.get(column)) for column in columns))) for row in own.get(name, ())),
            ]
            for name, columns in headings.items()
        }
        for own in rows
    ]


def bulk_parts(knowledge: Knowledge) -> list[dict[str, list[str]]]:
    """The lines of each synthetic patient by file; of those without a heading the first is empty."""
    found = []
    for case in cases(knowledge):
        file = CaseFile.model_validate(case, context={"terms": knowledge.vocabulary.terms})
        bundle = bundle_from_case(file, knowledge.vocabulary, knowledge.folder)
        own: dict[str, list[str]] = {}
        for entry in bundle["entry"]:
            held = entry["resource"]
            if held["resourceType"] == "Patient":
                held = {**held, "id": ID}
            else:
                held = {**held, "id": f"{ID}-{held['id']}", "subject": {"reference": f"Patient/{ID}"}}
            text = json.dumps(held, ensure_ascii=False).replace(case["id"], ID)
            own.setdefault(f"{held['resourceType']}.ndjson", [""]).append(text)
        found.append(own)
    return found


def cases(knowledge: Knowledge) -> Iterator[Mapping[str, Any]]:
    making = Synthesis(knowledge.folder, knowledge.vocabulary, 0)
    return map(making.case, range(MADE))


def cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(str, value))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def write(parts: list[dict[str, list[str]]], folder: Path, patients: int, whole_ids: bool) -> int:
    """Copies of the parts under new ids; the bytes written."""
    folder.mkdir()
    files: dict[str, TextIO] = {}
    try:
        for number in range(patients):
            digest = hashlib.sha256(str(number).encode()).hexdigest()
            id_ = str(2**53 + int(digest[:12], 16)) if whole_ids else digest[:20]
            for name, (heading, *lines) in parts[number % len(parts)].items():
                if name not in files:
                    files[name] = (folder / name).open("w", encoding="utf-8")
                    files[name].write(f"{heading}\n" if heading else "")
                files[name].writelines(f"{line}\n".replace(ID, id_) for line in lines)
    finally:
        for file in files.values():
            file.close()
    return sum(file.stat().st_size for file in folder.iterdir())


def imported(folder: Path, out: Path) -> tuple[float, float, int]:
    """Seconds and CPU seconds of the command, and the KiB that its largest process held."""
    shutil.rmtree(out, ignore_errors=True)
    arguments = ["cohort", "import", folder, "-o", out, "--as-of", "2026-03-01"]
    start = time.perf_counter()
    ran = subprocess.run([sys.executable, "-c", _RUN, *map(str, arguments)], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if ran.returncode:
        raise SystemExit(ran.stderr)
    cpu, memory = ran.stdout.split()[-2:]
    return seconds, float(cpu), int(memory)


def say(form: str, patients: int, written: int, seconds: float, cpu: float, memory: int) -> None:
    sys.stdout.write(
        f"{form}: {patients} patients, {written / 2**20:.0f} MiB: {seconds:.0f} s, {patients / seconds:.0f} a second "
        f"on {os.cpu_count()} cores, {cpu * 1000 / patients:.2f} ms of CPU each; a process held {memory // 1024} MiB\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000, 5_000])
