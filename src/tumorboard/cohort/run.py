"""A guideline over a whole cohort: every situation and option for every patient, file by file.

Results are files beside each other, one for each file of the cohort, written whole or not at all; a run that was killed
goes on with the files that have none. Each patient is answered by the same readers that answer one case.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tumorboard.advice.advise import advise
from tumorboard.advice.model import Advice
from tumorboard.cohort.concordance import STANDINGS, standing
from tumorboard.cohort.files import opened, parts, row_group
from tumorboard.cohort.patients import case_of
from tumorboard.errors import InvalidInput, TumorboardError
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.values import Number

_GIVEN = ("hospital", "line", "given")
_INDEX = re.compile(r"\[\d+\]")
_STATES = {"met": True, "not met": False, "unknown": None}
Work = Callable[[list[dict[str, Any]]], "Verdicts"]
Spread = Callable[[Work, Iterable[list[dict[str, Any]]]], Iterator["Verdicts"]]


@dataclass
class Verdicts:
    """The answers on some patients: columns by name, and how many patients each missing input concerns.

    ``alone``: patients for whom it is the only thing missing in some situation, so that it settles that by itself.
    """

    ids: list[str] = field(default_factory=list)
    columns: dict[str, list[bool | str | None]] = field(default_factory=dict)
    given: list[tuple[str | None, int | None, str | None]] = field(default_factory=list)  # hospital, line, standing
    missing: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Summary:
    """A run as a whole. ``failed`` are patients or files that have no answer, each with what is wrong."""

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
                for ask, count in self.missing.most_common()
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
    spread: Spread,
    said: Callable[[int, int], None],
) -> Summary:
    """The verdicts of ``guidelines`` on every patient of the cohort in ``folder``, into ``out``.

    ``spread`` hands row groups to workers and gives their answers in order; ``said`` is told of files done and in all.
    A file that can't be read, or a patient, is in the summary's ``failed``; the rest is done. Raises NotFound where
    there is no cohort or no such guideline.
    """
    chosen = [knowledge.guideline(name).id for name in guidelines] or list(knowledge.guidelines)
    out.mkdir(parents=True, exist_ok=True)
    files, summary = parts(folder), Summary()
    for number, part in enumerate(files):
        target = out / part.name.replace("part-", "verdicts-")
        mark = _mark(part, knowledge, chosen)
        if _done(target, mark):
            summary.skipped += 1
        else:
            try:
                _answer_part(part, target, mark, knowledge, chosen, spread)
            except InvalidInput as error:
                summary.failed += [(problem.place, problem.what) for problem in error.problems]
                said(number + 1, len(files))
                continue
        _add(summary, target)
        said(number + 1, len(files))
    return summary


def answer(patients: list[dict[str, Any]], knowledge: Knowledge, guidelines: Sequence[str]) -> Verdicts:
    """The verdicts on these patients."""
    found = Verdicts()
    names = columns(knowledge, guidelines)
    found.columns = {name: [] for name in names}
    for patient in patients:
        try:
            advice = advise(case_of(patient), knowledge)
        except TumorboardError as error:
            found.failed.append((patient["id"], str(error)))
            continue
        found.ids.append(patient["id"])
        cells = _cells(advice, guidelines)
        for name in names:
            found.columns[name].append(cells.get(name))
        found.given.append(_given(patient, advice, knowledge, guidelines))
        _note_missing(advice, guidelines, found)
    return found


def columns(knowledge: Knowledge, guidelines: Sequence[str]) -> list[str]:
    """The columns of a result: each situation, then each option, by guideline."""
    names = [_situation(id_, situation.id) for id_ in guidelines for situation in knowledge.guideline(id_).situations]
    names += [_option(id_, option.id) for id_ in guidelines for _, option in knowledge.guideline(id_).options()]
    return list(dict.fromkeys(names))


def _situation(guideline: str, id_: str) -> str:
    return f"situation {guideline}/{id_}"


def _option(guideline: str, id_: str) -> str:
    return f"option {guideline}/{id_}"


def _cells(advice: Advice, guidelines: Sequence[str]) -> dict[str, bool | str | None]:
    cells: dict[str, bool | str | None] = {}
    for situation in advice.situations:
        if situation.guideline.id in guidelines:
            cells[_situation(situation.guideline.id, situation.situation.id)] = _STATES[situation.verdict]
    for option in advice.options:
        if option.guideline.id in guidelines:
            cells[_option(option.guideline.id, option.option.id)] = option.status or "no consensus"
    return cells


def _given(
    patient: dict[str, Any], advice: Advice, knowledge: Knowledge, guidelines: Sequence[str]
) -> tuple[str | None, int | None, str | None]:
    """The hospital, the line that was decided, and how what was given next stands with the guidelines."""
    after = patient["follow_up"] or {}
    line = advice.explainer.fact("next_line").value
    known = line.low if isinstance(line, Number) and line.known else None
    given = after.get("given")
    stands = None if given is None else standing(advice, given, guidelines, knowledge.vocabulary.drugs)
    return after.get("hospital"), None if known is None else int(known), stands


def _note_missing(advice: Advice, guidelines: Sequence[str], found: Verdicts) -> None:
    asked: set[str] = set()
    alone: set[str] = set()
    for situation in advice.situations:
        if situation.verdict != "unknown" or situation.guideline.id not in guidelines:
            continue
        # Which entry of a list lacks it differs between patients: `treatments.progression` is one thing to find out.
        asks = {_INDEX.sub("", item.ask) for item in situation.step.missing}
        asked |= asks
        if len(asks) == 1:
            alone |= asks
    found.missing.update(asked)
    found.alone.update(alone)


# -- one file ----------------------------------------------------------------------------------------------------------


def _answer_part(
    part: Path, target: Path, mark: dict[str, str], knowledge: Knowledge, guidelines: Sequence[str], spread: Spread
) -> None:
    """Row group by row group, so that memory stays flat; the file gets its name when it is whole."""
    file = opened(part)
    groups = (row_group(file, part, number) for number in range(file.num_row_groups))
    total = Verdicts()
    unfinished = target.with_suffix(".unfinished")
    schema = _schema(knowledge, guidelines)
    with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
        for some in spread(lambda patients: answer(patients, knowledge, guidelines), groups):
            writer.write_table(_table(some, schema))
            total.missing += some.missing
            total.alone += some.alone
            total.failed += some.failed
        notes = {"missing": total.missing, "alone": total.alone, "failed": total.failed}
        writer.add_key_value_metadata({**mark, "notes": json.dumps(notes, ensure_ascii=False)})
    unfinished.replace(target)


def _schema(knowledge: Knowledge, guidelines: Sequence[str]) -> pa.Schema:
    kinds = {"situation": pa.bool_(), "option": pa.string()}
    fields = [(name, kinds[name.partition(" ")[0]]) for name in columns(knowledge, guidelines)]
    after = [("hospital", pa.string()), ("line", pa.int32()), ("given", pa.string())]
    return pa.schema([("id", pa.string()), *fields, *after])


def _table(some: Verdicts, schema: pa.Schema) -> pa.Table:
    hospitals, lines, standings = zip(*some.given, strict=True) if some.given else ((), (), ())
    cells = {"id": some.ids, **some.columns, "hospital": hospitals, "line": lines, "given": standings}
    return pa.table({name: pa.array(cells[name], schema.field(name).type) for name in schema.names}, schema)


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
        summary.failed += [(place, what) for place, what in notes["failed"]]
        given = file.read(columns=list(_GIVEN))
        summary.concordance.update(zip(*(given.column(name).to_pylist() for name in _GIVEN), strict=True))
        for name in file.schema_arrow.names:
            if name == "id" or name in _GIVEN:
                continue
            counts = summary.counts.setdefault(name, Counter())
            for entry in file.read(columns=[name]).column(name).value_counts().to_pylist():
                value = entry["values"]
                if name.startswith("situation "):
                    counts[{True: "true", False: "false", None: "unknown"}[value]] += entry["counts"]
                elif value is not None:
                    counts[value] += entry["counts"]
