"""How fast 100 000 patients go through all liver facts with the fast reader, extrapolated from a few thousand.

Run with ``python bench/liver.py [N]``. It counts CPU time, as the machine may be busy. Cases are synthetic, seeded, a
tenth of their inputs missing. Reading a case (checks and tables) is timed beside it, and the whole command over a CSV.
"""

from __future__ import annotations

import datetime
import random
import resource
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from tumorboard.case.read import case_from_data
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.logic.facts import load_facts
from tumorboard.logic.fast import FastFacts
from tumorboard.vocabulary.library import Vocabulary

PATIENTS, TARGET, CORES = 100_000, 30, 2
TODAY = datetime.date(2026, 3, 1)


def baseline() -> float:
    """CPU seconds for a million additions in plain Python, the fastest of five: this machine's measure."""

    def once() -> float:
        start, total = time.process_time(), 0
        for number in range(1_000_000):
            total += number
        return time.process_time() - start

    return min(once() for _ in range(5))


def patient(draw: random.Random, index: int) -> dict[str, Any]:
    def given(entry: dict[str, Any]) -> list[dict[str, Any]]:
        return [entry] if draw.random() > 0.1 else []

    def tenths(low: int, high: int) -> Decimal:
        return Decimal(draw.randint(low, high)) / 10

    image = {
        "date": "2026-02-01", "tumours": draw.randint(1, 6), "largest_cm": tenths(8, 120),
        "lobes": draw.choice(("unilobar", "bilobar")), "vascular_invasion": draw.choice(("none", "none", "lobar")),
        "extrahepatic_spread": draw.random() < 0.1, "pattern": [],
    }  # fmt: skip
    return {
        "schema": "tumorboard.case/1", "id": f"liver-{index}", "conditions": [{"disease": "HCC"}],
        "height_cm": draw.randint(150, 190), "weight_kg": draw.randint(45, 100),
        "performance": given({"scale": "ECOG", "value": draw.choice((0, 0, 1, 2, 3))}),
        "labs": [
            *given({"name": "bilirubin", "value": tenths(60, 900), "unit": "umol/L"}),
            *given({"name": "albumin", "value": tenths(220, 480), "unit": "g/L"}),
            *given({"name": "INR", "value": tenths(9, 28)}),
            *given({"name": "AFP", "value": draw.randint(1, 2000), "unit": "ng/mL"}),
        ],
        "findings": [
            *given({"name": "ascites", "value": draw.choice(("none", "slight", "moderate"))}),
            *given({"name": "encephalopathy", "value": draw.choice((0, 0, 1, 3))}),
        ],
        "procedures": [
            {"kind": "TACE", "date": f"2025-0{month}-01", "viable_percent": draw.randint(0, 100), "new_lesions": False}
            for month in range(1, 1 + draw.randint(0, 3))
        ],
        "imaging": [image],
    }  # fmt: skip


def table(count: int, draw: random.Random) -> str:
    """As many patients as a CSV with the inputs of the calculators, a tenth of the cells empty."""

    def cell(value: object) -> str:
        return str(value) if draw.random() > 0.1 else ""

    lines = [
        "id,bilirubin,albumin,INR,AFP,ascites,encephalopathy,tumours,largest_cm,vascular_invasion,extrahepatic_spread,"
        "ECOG,height_cm,weight_kg"
    ]
    for index in range(count):
        cells = (
            f"{draw.randint(60, 900) / 10} umol/L", f"{draw.randint(220, 480) / 10} g/L", draw.randint(9, 28) / 10,
            f"{draw.randint(1, 2000)} ng/mL", draw.choice(("none", "slight", "moderate")), draw.choice((0, 0, 1, 3)),
            draw.randint(1, 6), draw.randint(8, 120) / 10, draw.choice(("none", "none", "lobar")),
            draw.choice(("true", "false")), draw.choice((0, 0, 1, 2, 3)), draw.randint(150, 190), draw.randint(45, 100),
        )  # fmt: skip
        lines.append(",".join([str(index), *map(cell, cells)]))
    return "\n".join(lines) + "\n"


def assessed(count: int, draw: random.Random) -> tuple[float, float]:
    """Wall seconds and CPU seconds of ``tumorboard assess CSV --quick --group liver``, a process a core."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "patients.csv").write_text(table(count, draw))
        words = ["assess", f"{folder}/patients.csv", "--quick", "--group", "liver", "-o", f"{folder}/facts.jsonl"]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-c", "from tumorboard.cli import main; main()", *words], check=True)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    folder, draw = KnowledgeFolder(SHIPPED), random.Random(2026)
    facts = load_facts(folder, Vocabulary.load(folder))
    data = [patient(draw, index) for index in range(count)]
    start = time.process_time()
    cases = [case_from_data(each, facts.vocabulary, TODAY) for each in data]
    reading = time.process_time() - start
    names = [name for name, fact in facts.definitions.items() if fact.group == "liver"]
    fast = FastFacts(facts)
    start = time.process_time()
    for case in cases:
        reader = fast.reader(case.tables)
        for name in names:
            reader.fact(name)
    spent, base = time.process_time() - start, baseline()
    whole, read = (seconds / count * PATIENTS for seconds in (spent, reading))
    sys.stdout.write(
        f"{len(names)} liver facts, {count} patients: {spent / count * 1e6:.0f} µs a patient, "
        f"{spent / count / base * 1e6:.0f} millionths of the baseline ({base * 1000:.0f} ms)\n"
        f"{PATIENTS} patients, extrapolated: {whole:.1f} s on one core, {whole / CORES:.1f} s on {CORES}; "
        f"target {TARGET} s: {whole / CORES / TARGET:.2f} of it (reading the cases: {read:.0f} s more on one core)\n"
    )
    rows = 5 * count
    wall, cpu = assessed(rows, draw)
    sys.stdout.write(
        f"a CSV of {rows} rows through `tumorboard assess --quick --group liver`, start included: {wall:.1f} s "
        f"({cpu:.1f} s of CPU); {PATIENTS} rows, extrapolated: {wall / rows * PATIENTS:.0f} s; target {TARGET} s\n"
    )


if __name__ == "__main__":
    main()
