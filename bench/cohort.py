"""How fast a guideline runs over a cohort, beside a bare scan of the same columns in the same run.

Run with ``python bench/cohort.py [--most 10000000] [--spark] [--npm] [--write]``. Patients are synthetic: 100 000 are
made, and larger cohorts are these again under other ids, as making ten million takes hours. Everything runs on two
cores; wall times are of a busy machine, which the ratios travel better than.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tumorboard.case.columns import TABLES
from tumorboard.cli.batch import spread
from tumorboard.cohort.columns import leaves, patients_of
from tumorboard.cohort.engines import FOLLOW_UP, Local
from tumorboard.cohort.files import ROW_GROUP, opened, parts, patients, write_cohort
from tumorboard.cohort.patients import case_of
from tumorboard.cohort.run import run_cohort
from tumorboard.cohort.schema import cohort_schema
from tumorboard.cohort.synthesise import Synthesis
from tumorboard.cohort.verdicts import Answering
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic import tree
from tumorboard.logic.columns.arrays import Pools
from tumorboard.logic.columns.biomarkers import Markers
from tumorboard.logic.columns.reader import ColumnsReader
from tumorboard.logic.explain import Explainer

ROOT = Path(__file__).parent.parent
LUNG = "refractory-lung-cancer-2023"
BASE = 100_000
_COPIES = 2  # to a file, which is about as many patients as files of a cohort hold
_MADE = 1000


def made(folder: Path, knowledge: Knowledge) -> Path:
    """The patients all cohorts are copies of."""
    making = Synthesis(knowledge.folder, knowledge.vocabulary, 0)
    ranges = (range(start, start + _MADE) for start in range(0, BASE, _MADE))
    rows = spread(lambda numbers: [making.patient(number) for number in numbers], ranges)
    write_cohort((one for some in rows for one in some), folder)
    return folder


def copied(base: Path, folder: Path, count: int) -> Path:
    """A cohort of ``count`` patients, in files of the size that is documented."""
    folder.mkdir()
    (part,) = parts(base)
    table = pq.read_table(part)
    copies = []
    for number in range(max(1, count // BASE)):
        some = table.slice(0, min(count, BASE))
        ids = pc.binary_join_element_wise(pa.scalar(f"{number:05d}"), some.column("id").cast(pa.string()), "-")
        copies.append(some.set_column(0, cohort_schema().field("id"), ids).cast(cohort_schema()))
        if len(copies) == _COPIES or (number + 1) * BASE >= count:
            target = folder / f"part-{number // _COPIES:05d}.parquet"
            pq.write_table(pa.concat_tables(copies), target, compression="zstd", row_group_size=ROW_GROUP)
            copies.clear()
    return folder


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def scan(folder: Path, columns: list[str]) -> None:
    """Reads the columns and does nothing with them, on both cores."""

    def read(chunk: tuple[str, tuple[int, ...]]) -> int:
        path, groups = chunk
        with opened(Path(path)) as file:
            return sum(file.read_row_group(group, columns=columns, use_threads=False).num_rows for group in groups)

    chunks = []
    for part in parts(folder):
        with opened(part) as file:
            chunks += [(str(part), (group,)) for group in range(file.num_row_groups)]
    for _ in spread(read, chunks):
        pass


def growth(base: Path, knowledge: Knowledge, most: int, scratch: Path) -> list[str]:
    """The whole lung guideline, verdicts, options, missing inputs and all, from 10 000 patients up."""
    columns = [*leaves(Answering(knowledge, [LUNG]).columns()), *FOLLOW_UP]
    lines = [
        "| patients | bare scan (processor) | whole lung guideline (processor) | ratio (processor) | patients a second "
        "| memory of the largest process |",
        "|---|---|---|---|---|---|",
    ]
    count = 10_000
    while count <= most:
        folder = copied(base, scratch / f"c{count}", count)
        turns = 3 if count <= 1_000_000 else 1
        scans = [_measured(partial(scan, folder, columns)) for _ in range(turns)]
        ran = [_run_apart(folder, scratch / f"o{count}-{turn}") for turn in range(turns)]
        scanned, scanning = (statistics.median(each) for each in zip(*scans, strict=True))
        taken, taking = (statistics.median(each) for each in zip(*((one, cpu) for one, cpu, _ in ran), strict=True))
        memory = max(mib for *_, mib in ran)
        lines.append(
            f"| {count:,} | {scanned:.1f} s ({scanning:.1f} s) | {taken:.1f} s ({taking:.1f} s) "
            f"| {taken / scanned:.1f} ({taking / scanning:.1f}) | {count / taken:,.0f} | {memory} MiB |"
        )
        sys.stdout.write(lines[-1] + "\n")
        count *= 10
    return lines


def _measured(action: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of the processor in this process and those it started."""
    before = _processor()
    took = seconds(action)
    return took, _processor() - before


def _processor() -> float:
    return sum(os.times()[:4])


def _run_apart(folder: Path, out: Path) -> tuple[float, float, int]:
    """Seconds of a run, of the clock and of the processor, and the memory of its largest process in MiB; in a process
    of its own so that no other counts."""
    command = [sys.executable, __file__, "--run", str(folder), str(out)]
    took, processor, memory = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(took), float(processor), int(memory)


def run(folder: Path, out: Path) -> None:
    """What :func:`_run_apart` starts."""
    knowledge = Knowledge.load()
    took, processor = _measured(lambda: run_cohort(folder, out, knowledge, [LUNG], Local(spread), _silent))
    # Of this process not by getrusage, which counts what the process that started it held.
    (own,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    memory = max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    sys.stdout.write(f"{took} {processor} {memory // 1024}\n")


def rules_alone(base: Path, knowledge: Knowledge) -> str:
    """What 100 rules over the same facts cost beside 15."""
    guideline = knowledge.guideline(LUNG)
    names = sorted(frozenset().union(*(tree.facts_read(each.when.node) for each in guideline.situations)))
    truths = [name for name in names if knowledge.facts.definitions[name].type == tree.TRUTH]
    draw = random.Random(0)
    rules: list[tree.Node] = []
    for _ in range(100):
        chosen = [tree.Fact(name, tree.TRUTH) for name in draw.sample(truths, 4)]
        rules.append(tree.And((chosen[0], tree.Or((chosen[1], tree.Not(chosen[2]))), chosen[3])))
    batch, tables = some_patients(base, knowledge)

    def whole(number: int) -> float:
        pools = Pools.new()
        start = time.process_time()
        reader = ColumnsReader(knowledge.facts, patients_of(batch, tables, pools), pools, Markers(knowledge.facts))
        for name in truths:
            reader.planes.of(tree.Fact(name, tree.TRUTH))
        for rule in rules[:number]:
            reader.planes.of(rule)
        return time.process_time() - start

    whole(100)
    pairs = [(whole(15), whole(100)) for _ in range(15)]
    few, many = map(min, zip(*pairs, strict=True))  # the least, as other work on the machine only ever adds
    return f"| 100 rules over the facts of 15, time over theirs | {many / few:.3f} | ≤ 1.10 |"


def one_patient(base: Path, knowledge: Knowledge) -> list[str]:
    """All verdicts of the lung guideline for one patient, by the fast reader and by the explain reader."""
    rules = [situation.when.node for situation in knowledge.guideline(LUNG).situations]
    cases = [case_of(one) for one, _ in zip(patients(base), range(400), strict=False)]
    fast = knowledge.fast

    def verdicts() -> None:
        for case in cases:
            reader = fast.reader(case.tables)
            for rule in rules:
                reader.value(rule)

    def explained() -> None:
        for case in cases:
            explainer = Explainer(knowledge.facts, case.tables)
            for rule in rules:
                explainer.step(rule)

    verdicts()
    quick, slow = (min(cpu(each) for _ in range(5)) / len(cases) * 1000 for each in (verdicts, explained))
    return [
        f"| one patient, all verdicts of the lung guideline | {quick:.3f} ms | ≤ 0.1 ms |",
        f"| one patient, the same with every explanation | {slow:.2f} ms | ≤ 1 ms |",
    ]


def cpu(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def beside_javascript(base: Path, knowledge: Knowledge, scratch: Path) -> str:
    """The guideline's rules over facts that are there already: the reference engine's time over the planes'."""
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "export")]  # the engine and patients of the export tests
    from engine import engine
    from patients import flat
    from test_guidelines_elsewhere import assignments

    from tumorboard.guidelines.exporting import elm_library
    from tumorboard.logic.elm import ElmReader

    guideline = knowledge.guideline(LUNG)
    drawn = [flat(each, ElmReader(knowledge.facts)) for each in assignments(guideline, knowledge, 2000)]
    library = elm_library(guideline, knowledge)
    scratch.mkdir()
    with engine(scratch) as other:
        other.run_elm(library, drawn[:200])
        there = seconds(lambda: other.run_elm(library, drawn)) / len(drawn)
    batch, tables = some_patients(base, knowledge)
    rules = [situation.when.node for situation in guideline.situations]
    facts = frozenset().union(*map(tree.facts_read, rules))

    def here() -> float:
        pools = Pools.new()
        reader = ColumnsReader(knowledge.facts, patients_of(batch, tables, pools), pools, Markers(knowledge.facts))
        for name in facts:
            reader.fact(name)
        return seconds(lambda: [reader.planes.of(rule) for rule in rules]) / batch.num_rows

    ours = min(here() for _ in range(7))
    each = f"{there * 1e3:.2f} ms against {ours * 1e9:.0f} ns a patient"
    return f"| cql-execution over the columns reader, rules over given facts ({each}) | {there / ours:,.0f} | ≥ 1,000 |"


def some_patients(base: Path, knowledge: Knowledge) -> tuple[pa.RecordBatch, list[str]]:
    """The first 50 000 patients with the columns the lung guideline reads, and the tables those are of."""
    (part,) = parts(base)
    with opened(part) as file:
        columns = leaves(Answering(knowledge, [LUNG]).columns())
        batch = file.read_row_groups(range(5), columns=columns).combine_chunks().to_batches()[0]
    return batch, [name for name in batch.schema.names if name in TABLES]


def on_spark(base: Path, knowledge: Knowledge, scratch: Path) -> str:
    """Spark's time over this machine's, both warm, for the 100 000 patients again as a million."""
    from tumorboard.cohort.spark import Spark

    folder = copied(base, scratch / "spark", 10 * BASE)
    spark = Spark(None, ())
    run_cohort(base, scratch / "warm", knowledge, [LUNG], spark, _silent)
    there = seconds(lambda: run_cohort(folder, scratch / "there", knowledge, [LUNG], spark, _silent))
    here = seconds(lambda: run_cohort(folder, scratch / "here", knowledge, [LUNG], Local(spread), _silent))
    return f"| Spark local[2], time over the local engine's, a million patients | {there / here:.1f} | ≤ 5 |"


def _silent(done: int, all_: int) -> None:
    """Nobody is told of progress."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=100_000, help="patients of the largest cohort")
    parser.add_argument("--spark", action="store_true", help="also on Spark; needs Java")
    parser.add_argument("--npm", action="store_true", help="also beside cql-execution; needs npm")
    parser.add_argument("--write", action="store_true", help="keep the result in docs/benchmarks.md")
    parser.add_argument("--run", nargs=2, type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        run(*chosen.run)
        return
    knowledge = Knowledge.load()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as temporary:
        scratch = Path(temporary)
        base = made(scratch / "base", knowledge)
        lines = growth(base, knowledge, chosen.most, scratch)
        figures = ["| what | measured | target |", "|---|---|---|", *one_patient(base, knowledge)]
        figures.append(rules_alone(base, knowledge))
        if chosen.npm:
            figures.append(beside_javascript(base, knowledge, scratch / "npm"))
        if chosen.spark:
            figures.append(on_spark(base, knowledge, scratch))
    text = "\n".join([*lines, "", *figures]) + "\n"
    sys.stdout.write(text)
    if chosen.write:
        page = ROOT / "docs" / "benchmarks.md"
        before = page.read_text(encoding="utf-8").partition("\n## Cohorts")[0]
        intro = (
            "`python bench/cohort.py --most 10000000 --spark --npm --write`, on two cores, shared with other "
            "work, so that the processor's time (in brackets) tells more than the clock."
        )
        page.write_text(f"{before}\n## Cohorts\n\n{intro}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
