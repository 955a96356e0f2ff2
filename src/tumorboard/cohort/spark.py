"""The columns reader on Apache Spark: the same kernel in ``mapInArrow``, on this machine or over Spark Connect.

The workers need this package in the version of the driver; they load the knowledge themselves, once a process, and
refuse to work with another than the driver's.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tumorboard.cohort.schema import cohort_schema
from tumorboard.cohort.verdicts import Answering, Verdicts
from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.guidelines.knowledge import Knowledge

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PATIENTS = 50_000
_NOTES = "notes"  # on the first patient of a batch: how many each missing input concerns
_LOCAL = "local[2]"


class Spark:
    """An engine that hands each file of a cohort to Spark. Raises NotFound without pyspark or Java, or where nothing
    answers at the address."""

    def __init__(self, address: str | None, more_knowledge: Sequence[Path]) -> None:
        self.session = session(address)
        self._more = tuple(str(folder.resolve()) for folder in more_knowledge)

    def answers(self, part: Path, answering: Answering) -> Iterator[Verdicts]:
        from pyspark.errors import PySparkException

        guidelines = tuple(guideline.id for guideline in answering.guidelines)
        work = partial(_work, self._more, guidelines, answering.knowledge.sha256)
        try:
            patients = self.session.read.schema(read_schema(answering)).parquet(str(part.resolve()))
            found = patients.mapInArrow(work, _written_schema(answering)).toArrow()
        except PySparkException as error:
            raise InvalidInput(Problem(part.name, f"Spark gave up: {str(error).splitlines()[0]}")) from error
        # Spark reads the splits of a file in an order of its own.
        found = found.sort_by("id")
        notes = [json.loads(note) for note in found.column(_NOTES).drop_null().to_pylist()]
        missing, alone = (sum((Counter(note[key]) for note in notes), Counter()) for key in ("missing", "alone"))
        yield Verdicts(found.drop_columns([_NOTES]).cast(answering.schema()), missing, alone)


def session(address: str | None) -> SparkSession:
    """A session at a Spark Connect address (``sc://…``) or master, or one of this machine."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise NotFound(Problem("", "--engine spark needs pyspark", "pip install 'tumorboard[spark]'")) from error
    builder = SparkSession.builder.appName("tumorboard")
    if address is not None and address.startswith("sc://"):
        builder = builder.remote(address)
    else:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers of this machine run this very Python
        builder = builder.master(address or _LOCAL).config("spark.ui.enabled", "false")
        builder = builder.config("spark.ui.showConsoleProgress", "false")
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.log.level", "ERROR")
    settings = {
        "spark.sql.ansi.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(_PATIENTS),
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        where = address or "this machine"
        raise NotFound(
            Problem(where, f"no Spark: {str(error).splitlines()[0]}", "is there Java 17 or 21, is the address right?")
        ) from error


def read_schema(answering: Answering) -> Any:
    """The part of the cohort's schema that is read, so that Spark reads no other columns."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(pruned(answering))


def pruned(answering: Answering) -> pa.Schema:
    """The cohort's schema with those columns of the case tables alone that rules read."""
    wanted = answering.columns()
    fields = []
    for entry in cohort_schema():
        if entry.name in ("id", "complete", "follow_up"):
            fields.append(entry)
        elif entry.name in wanted:
            row = entry.type.value_type
            inner = [row.field(name) for name in row.names if name in wanted[entry.name] | _ALWAYS]
            fields.append(pa.field(entry.name, pa.list_(pa.struct(inner))))
    return pa.schema(fields)


_ALWAYS = {"na", "when", "truth", "number"}


def _written_schema(answering: Answering) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(_plain(answering.schema()))


def _plain(schema: pa.Schema) -> pa.Schema:
    """The schema with words written out, as Spark knows no dictionaries, and the notes beside them."""
    fields = [
        pa.field(entry.name, entry.type.value_type if pa.types.is_dictionary(entry.type) else entry.type)
        for entry in schema
    ]
    return pa.schema([*fields, pa.field(_NOTES, pa.string())])


def _work(
    more: tuple[str, ...], guidelines: tuple[str, ...], sha256: str, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Answers a partition on a worker."""
    answering = _ready(more, guidelines, sha256)
    for batch in batches:
        if batch.num_rows:
            found = answering.answer(batch)
            notes = [json.dumps({"missing": found.missing, "alone": found.alone}), *[None] * (batch.num_rows - 1)]
            table = found.table.append_column(_NOTES, pa.array(notes, pa.string()))
            yield from table.cast(_plain(answering.schema())).combine_chunks().to_batches()


@cache
def _ready(more: tuple[str, ...], guidelines: tuple[str, ...], sha256: str) -> Answering:
    knowledge = Knowledge.load(*map(Path, more))
    if knowledge.sha256 != sha256:
        raise RuntimeError("this worker has another knowledge than the driver: install the same tumorboard on both")
    return Answering(knowledge, guidelines)
