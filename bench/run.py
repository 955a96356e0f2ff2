"""How fast the core answers, printed beside a baseline of this machine in the same minute.

Run with ``make bench``. ``--write`` keeps the result in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tumorboard.advice.advise import advise
from tumorboard.case.read import Case, read_case
from tumorboard.cli.setup import DEMO
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.record import advice_record

ROOT = Path(__file__).parent.parent
TODAY = datetime.date(2026, 3, 1)


@dataclass(frozen=True)
class Line:
    """One figure with its target, both in the same unit; ``ratio`` is against the baseline of this run."""

    what: str
    measured: float
    target: float | None
    unit: str
    ratio: float

    def row(self) -> str:
        target = "–" if self.target is None else f"≤ {self.target:g} {self.unit}"
        return f"| {self.what} | {self.measured:.3g} {self.unit} | {target} | {self.ratio:.3g} |"


def baseline() -> float:
    """Seconds for a fixed piece of plain Python (a million additions), the fastest of five: this machine's measure."""

    def once() -> float:
        start = time.perf_counter()
        total = 0
        for number in range(1_000_000):
            total += number
        return time.perf_counter() - start

    return min(once() for _ in range(5))


def timings(action: Callable[[], object], runs: int) -> list[float]:
    """Milliseconds of each run, after a warm-up."""
    for _ in range(20):
        action()
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        found.append((time.perf_counter() - start) * 1000)
    return sorted(found)


def advice_lines(cases: list[Case], knowledge: Knowledge, base: float) -> list[Line]:
    each = sorted(ms for case in cases for ms in timings(lambda c=case: advise(c, knowledge), 200))  # type: ignore[misc]
    whole = sorted(
        ms
        for case in cases
        for ms in timings(lambda c=case: advice_record(advise(c, knowledge), knowledge, "en"), 50)  # type: ignore[misc]
    )
    p50, p99 = statistics.median(each), each[int(len(each) * 0.99)]
    return [
        Line("advice for one loaded case, p50", p50, 3, "ms", p50 / 1000 / base),
        Line("advice for one loaded case, p99", p99, 10, "ms", p99 / 1000 / base),
        Line(
            "advice with every explanation as JSON, p50",
            statistics.median(whole),
            None,
            "ms",
            whole[len(whole) // 2] / 1000 / base,
        ),
    ]


def cold_start(case: Path, base: float) -> Line:
    """CPU seconds of ``tumorboard advise`` from a cold shell, median of seven."""
    seconds = []
    for _ in range(8):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-c", "from tumorboard.cli import main; main()", "advise", str(case)],
            stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    median = statistics.median(seconds[1:])
    return Line("`tumorboard advise demo.yaml` from a cold shell, CPU", median, 0.6, "s", median / base)


def loading(base: float) -> list[Line]:
    """Loading and checking all knowledge, with the parsed files cached by hash and without."""
    cached = statistics.median(timings(Knowledge.load, 15)) / 1000
    with tempfile.TemporaryDirectory() as empty:
        os.environ["XDG_CACHE_HOME"] = empty
        start = time.perf_counter()
        Knowledge.load()
        first = time.perf_counter() - start
    return [
        Line("loading and checking all knowledge", cached, 0.4, "s", cached / base),
        Line("the same the first time (nothing cached)", first, None, "s", first / base),
    ]


def report(lines: list[Line], base: float) -> str:
    head = (
        f"Measured on {datetime.date.today()}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}. Baseline: a million additions in plain Python took {base * 1000:.1f} ms; "
        "the last column is time over baseline, which travels better between machines than the time itself."
    )
    rows = "\n".join(line.row() for line in lines)
    return f"{head}\n\n| what | measured | target | ÷ baseline |\n|---|---|---|---|\n{rows}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the result in docs/benchmarks.md")
    chosen = parser.parse_args()
    base = baseline()
    knowledge = Knowledge.load()
    files = sorted(DEMO.glob("*.yaml"))
    cases = [read_case(file, knowledge.vocabulary, TODAY) for file in files]
    lines = [*advice_lines(cases, knowledge, base), cold_start(files[0], base), *loading(base)]
    text = report(lines, base)
    sys.stdout.write(text)
    if chosen.write:
        page = ROOT / "docs" / "benchmarks.md"
        _, heading, others = page.read_text(encoding="utf-8").partition("\n## ")  # kept by what measures them
        page.write_text(f"# Benchmarks\n\n`make bench`\n\n{text}{heading}{others}", encoding="utf-8")


if __name__ == "__main__":
    main()
