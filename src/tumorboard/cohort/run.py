"""A guideline over a whole cohort: every situation and option for every patient, file by file.

Results are files beside each other, one for each file of the cohort, written whole or not at all; a run that was killed
goes on with the files that have none.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from tumorboard.cohort.concordance import STANDINGS
from tumorboard.cohort.files import opened, parts
from tumorboard.cohort.verdicts import AFTER, Answering, Verdicts
from tumorboard.errors import InvalidInput
from tumorboard.guidelines.knowledge import Knowledge


class Engine(Protocol):
    """Where the patients of a file are answered."""

    def answers(self, part: Path, answering: Answering) -> Iterator[Verdicts]:
        """The verdicts on a file's patients, in their order, some at a time.

        Raises InvalidInput naming file and row group where one can't be read.
        """
        ...


@dataclass
class Summary:
    """A run as a whole. ``failed`` are files that have no answer, each with what is wrong."""

    patients: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    missing: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)
    concordance: Counter[tuple[str | None, int | None, str | None]] = field(default_factory=Counter)
    skipped: int = 0

    def record(self, knowledge: Knowledge) -> dict[str, Any]:
        """The summary as JSON."""
        return {
            "schema": "tumorboard.cohort-run/1",
            "patients": self.patients,
            "counts": {name: dict(sorted(counts.items())) for name, counts in self.counts.items()},
            "missing": [
                {"ask": ask, "patients": count, "settles_alone": self.alone[ask]}
                for ask, count in sorted(self.missing.items(), key=lambda entry: (-entry[1], entry[0]))
            ],
            "concordance": [
                {"hospital": hospital, "line": line, "standing": stands, "patients": count}
                for (hospital, line, stands), count in sorted(self.concordance.items(), key=_in_order)
                if stands is not None
            ],
            "failed": [{"place": place, "what": what} for place, what in self.failed],
            "knowledge": {"version": knowledge.version, "date": knowledge.date, "sha256": knowledge.sha256},
        }


def _in_order(entry: tuple[tuple[str | None, int | None, str | None], int]) -> tuple[str, int, int]:
    (hospital, line, stands), _ = entry
    return hospital or "", line or 0, STANDINGS.index(stands) if stands else 0


def run_cohort(
    folder: Path,
    out: Path,
    knowledge: Knowledge,
    guidelines: Sequence[str],
    engine: Engine,
    said: Callable[[int, int], None],
) -> Summary:
    """The verdicts of ``guidelines`` on every patient of the cohort in ``folder``, into ``out``.

    ``said`` is told of files done and in all. A file that can't be read is in the summary's ``failed``; the rest is
    done. Raises NotFound where there is no cohort or no such guideline.
    """
    chosen = [knowledge.guideline(name).id for name in guidelines] or list(knowledge.guidelines)
    files, summary, answering = parts(folder), Summary(), Answering(knowledge, chosen)
    out.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(files):
        target = out / part.name.replace("part-", "verdicts-")
        mark = _mark(part, knowledge, chosen)
        if _done(target, mark):
            summary.skipped += 1
        else:
            try:
                opened(part).close()
                _answer_part(part, target, mark, answering, engine)
            except InvalidInput as error:
                summary.failed += [(problem.place, problem.what) for problem in error.problems]
                said(number + 1, len(files))
                continue
            except OSError as error:  # no room left, say: the next run makes this file again
                summary.failed.append((target.name, f"can't be written: {error.strerror or error}"))
                said(number + 1, len(files))
                continue
        _add(summary, target)
        said(number + 1, len(files))
    return summary


# -- one file ----------------------------------------------------------------------------------------------------------


def _answer_part(part: Path, target: Path, mark: dict[str, str], answering: Answering, engine: Engine) -> None:
    """Some patients at a time, so that memory stays flat; the file gets its name when it is whole."""
    missing: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    unfinished = target.with_suffix(".unfinished")
    try:
        with pq.ParquetWriter(unfinished, answering.schema(), compression="zstd") as writer:
            for some in engine.answers(part, answering):
                writer.write_table(some.table)
                missing += some.missing
                alone += some.alone
            notes = {"missing": missing, "alone": alone}
            writer.add_key_value_metadata({**mark, "notes": json.dumps(notes, ensure_ascii=False)})
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _mark(part: Path, knowledge: Knowledge, guidelines: Sequence[str]) -> dict[str, str]:
    """What a result was made from: it is made again when any of that changes."""
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"cohort": digest, "knowledge": knowledge.sha256, "guidelines": ",".join(guidelines)}


def _done(target: Path, mark: dict[str, str]) -> bool:
    if not target.exists():
        return False
    try:
        metadata = pq.read_metadata(target).metadata or {}
    except (OSError, pa.ArrowException):
        return False  # not one of ours, or cut off: made again
    return all(metadata.get(key.encode()) == value.encode() for key, value in mark.items())


def _add(summary: Summary, target: Path) -> None:
    """One result into the summary, a column at a time."""
    with pq.ParquetFile(target) as file:
        notes = json.loads(file.metadata.metadata[b"notes"])
        summary.patients += file.metadata.num_rows
        summary.missing.update(notes["missing"])
        summary.alone.update(notes["alone"])
        given = file.read(columns=list(AFTER)).group_by(list(AFTER)).aggregate([([], "count_all")]).to_pylist()
        for entry in given:
            summary.concordance[entry["hospital"], entry["line"], entry["given"]] += entry["count_all"]
        for name in file.schema_arrow.names:
            if name == "id" or name in AFTER:
                continue
            counts = summary.counts.setdefault(name, Counter())
            for entry in file.read(columns=[name]).column(name).value_counts().to_pylist():
                value = entry["values"]
                if name.startswith("situation "):
                    counts[{True: "true", False: "false", None: "unknown"}[value]] += entry["counts"]
                elif value is not None:
                    counts[value] += entry["counts"]
