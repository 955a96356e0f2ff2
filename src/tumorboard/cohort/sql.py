"""Guidelines as one query over a cohort's Parquet files, run on DuckDB or Spark: the oracle of the columns reader."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from tumorboard.cohort.verdicts import situation_column
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic import tree
from tumorboard.logic.sql.dialect import DIALECTS, Dialect
from tumorboard.logic.sql.emitter import Emitter
from tumorboard.logic.tree import Node

ALTERATIONS = {
    "duckdb": "SELECT DISTINCT b.alteration FROM (SELECT unnest(biomarkers) AS b FROM {source}) AS entries",
    "spark": "SELECT DISTINCT b.alteration FROM (SELECT explode(biomarkers) AS b FROM {source}) AS entries",
}


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


def duckdb_verdicts(parts: Sequence[Path], rules: Mapping[str, Node], knowledge: Knowledge, cores: int = 2) -> Any:
    """An Arrow table of ``id`` and the truth of each rule, by id. Raises NotFound without duckdb."""
    import duckdb

    dialect = DIALECTS["duckdb"]
    source = f"read_parquet({dialect.items([dialect.text(str(part)) for part in parts])})"
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {cores}")
        alterations = connection.execute(ALTERATIONS["duckdb"].format(source=source)).fetchall()
        text = query(rules, knowledge, dialect, source, [name for (name,) in alterations])
        return connection.sql(text).to_arrow_table().sort_by("id")


def spark_verdicts(session: Any, parts: Sequence[Path], rules: Mapping[str, Node], knowledge: Knowledge) -> Any:
    """As :func:`duckdb_verdicts`, on a Spark session."""
    session.read.parquet(*(str(part.resolve()) for part in parts)).createOrReplaceTempView(_VIEW)
    alterations = session.sql(ALTERATIONS["spark"].format(source=_VIEW)).toArrow().column(0).to_pylist()
    return session.sql(query(rules, knowledge, DIALECTS["spark"], _VIEW, alterations)).toArrow().sort_by("id")


_VIEW = "tumorboard_cohort"
