"""Guidelines as one query over a cohort's Parquet files, run on DuckDB or Spark: the oracle of the columns reader."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from tumorboard.cohort.engines import Local, Spread
from tumorboard.cohort.files import parts
from tumorboard.cohort.spark import session as start
from tumorboard.cohort.verdicts import Answering, situation_column
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic import tree
from tumorboard.logic.sql.dialect import DIALECTS, Dialect
from tumorboard.logic.sql.emitter import Emitter
from tumorboard.logic.tree import Node

DUCKDB, SPARK = DIALECTS["duckdb"], DIALECTS["spark"]


def situation_rules(knowledge: Knowledge, guidelines: Sequence[str]) -> Mapping[str, Node]:
    """The rule of each situation, false outside its guideline's scope, by the name its verdict has in a result."""
    found: dict[str, Node] = {}
    for guideline in map(knowledge.guideline, guidelines):
        scope = guideline.scope.node
        outside = tree.Choose(((scope, tree.Constant(True, tree.TRUTH)),), tree.Constant(False, tree.TRUTH), tree.TRUTH)
        for situation in guideline.situations:
            # Where the scope isn't known the situation's own rule decides, as it does for one case.
            inside = tree.Not(tree.And((tree.Recorded(scope), tree.Not(outside))))
            found[situation_column(guideline.id, situation.id)] = tree.And((inside, situation.when.node))
    return found


def query(
    rules: Mapping[str, Node], knowledge: Knowledge, dialect: Dialect, source: str, alterations: Collection[str]
) -> str:
    """The query for the truth of each rule, a patient of ``source`` each."""
    return Emitter(knowledge.facts, dialect, alterations).query(rules, source)


def alterations_of(folder: Path) -> list[str]:
    """The alterations the biomarkers of a cohort name; a class takes in every one that lies in it."""
    import duckdb

    with duckdb.connect() as connection:
        return _alterations(lambda text: connection.sql(text).to_arrow_table(), DUCKDB, _read(parts(folder)))


def duckdb_verdicts(files: Sequence[Path], rules: Mapping[str, Node], knowledge: Knowledge) -> Any:
    """An Arrow table of ``id`` and the truth of each rule, sorted by id."""
    import duckdb

    with duckdb.connect() as connection:

        def ask(text: str) -> Any:
            return connection.sql(text).to_arrow_table()

        source = _read(files)
        return ask(query(rules, knowledge, DUCKDB, source, _alterations(ask, DUCKDB, source))).sort_by("id")


def spark_verdicts(session: Any, files: Sequence[Path], rules: Mapping[str, Node], knowledge: Knowledge) -> Any:
    """As :func:`duckdb_verdicts`, on a Spark session."""
    session.read.parquet(*(str(part.resolve()) for part in files)).createOrReplaceTempView(_VIEW)

    def ask(text: str) -> Any:
        return session.sql(text).toArrow()

    return ask(query(rules, knowledge, SPARK, _VIEW, _alterations(ask, SPARK, _VIEW))).sort_by("id")


def differences(
    folder: Path, knowledge: Knowledge, guidelines: Sequence[str], engine: str, address: str | None, spread: Spread
) -> tuple[list[str], int]:
    """Where the columns reader and SQL differ, each said, and how many patients were compared.

    Raises NotFound where there is no cohort, no such guideline or no such engine.
    """
    rules, answering = situation_rules(knowledge, guidelines), Answering(knowledge, guidelines)
    found: list[str] = []
    count = 0
    session = start(address) if engine == SPARK.name else None
    for part in parts(folder):
        by_columns = pa.concat_tables([some.table for some in Local(spread).answers(part, answering)]).sort_by("id")
        in_sql = (
            duckdb_verdicts([part], rules, knowledge)
            if session is None
            else spark_verdicts(session, [part], rules, knowledge)
        )
        count += by_columns.num_rows
        ids = by_columns.column("id").to_pylist()
        if ids != in_sql.column("id").to_pylist():
            found.append(f"{part.name}: SQL answers other patients than columns")
            continue
        for name in rules:
            one, other = by_columns.column(name).to_pylist(), in_sql.column(name).to_pylist()
            found += [
                f"{part.name}, {id_}, {name}: {by} by columns, {asked} in SQL"
                for id_, by, asked in zip(ids, one, other, strict=True)
                if by is not asked
            ]
    return found, count


def _read(files: Sequence[Path]) -> str:
    return f"read_parquet({DUCKDB.items([DUCKDB.text(str(part)) for part in files])})"


def _alterations(ask: Callable[[str], Any], dialect: Dialect, source: str) -> list[str]:
    entries = f"SELECT {dialect.each('biomarkers')} AS b FROM {source}"
    return sorted(ask(f"SELECT DISTINCT b.alteration FROM ({entries}) AS entries").column(0).to_pylist())


_VIEW = "tumorboard_cohort"
