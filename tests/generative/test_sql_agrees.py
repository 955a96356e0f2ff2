"""Random rules on random patients, asked in SQL: DuckDB and Spark give what the explain reader gives."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_columns_agree import patient
from test_readers_agree import facts_from
from trees import ALTERATIONS, FACTS, nodes, rules_of_facts, tables, tables_read

from tumorboard.cohort.patients import case_of
from tumorboard.cohort.schema import cohort_schema
from tumorboard.logic import tree
from tumorboard.logic.explain import Explainer
from tumorboard.logic.facts import Facts
from tumorboard.logic.sql.dialect import DIALECTS
from tumorboard.logic.sql.emitter import Emitter
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE

LONG = bool(os.environ.get("TUMORBOARD_LONG"))
RULES_A_QUERY = 6
SLOW = settings(suppress_health_check=list(HealthCheck))
Asked = tuple[Facts, Mapping[str, Node], list[dict[str, Any]]]


@st.composite
def asked(draw: Any) -> Asked:
    """Facts, a few rules over them, and a few patients."""
    rules = {**draw(rules_of_facts()), **{f"asked {number}": draw(nodes("truth")) for number in range(3)}}
    read = frozenset().union(*map(tables_read, rules.values()))
    facts = facts_from(rules)
    patients = [patient(number, draw(tables(read))) for number in range(draw(st.integers(1, 5)))]
    own = {name: facts.definitions[name].node for name in rules if name not in FACTS or FACTS[name] == tree.TRUTH}
    return facts, own, patients


@SLOW
@given(asked())
def test_duckdb_gives_what_the_explain_reader_gives(asked: Asked) -> None:
    facts, rules, patients = asked
    cohort = pa.Table.from_pylist(patients, schema=cohort_schema())
    text = Emitter(facts, DIALECTS["duckdb"], ALTERATIONS).query(rules, "cohort")
    with duckdb.connect() as connection:
        connection.register("cohort", cohort)
        found = connection.sql(text).to_arrow_table().to_pylist()
    assert_same(found, facts, rules, patients)


@pytest.mark.spark
def test_spark_gives_what_the_explain_reader_gives() -> None:
    """Spark takes seconds to plan a query, so many rules and patients share one."""
    from tumorboard.cohort.spark import session

    for rules, patients in _drawn(20 if LONG else 1):
        facts = facts_from(rules)
        spark = session(None)
        spark.createDataFrame(pa.Table.from_pylist(patients, schema=cohort_schema())).createOrReplaceTempView("drawn")
        text = Emitter(facts, DIALECTS["spark"], ALTERATIONS).query(rules, "drawn")
        assert_same(spark.sql(text).toArrow().to_pylist(), facts, rules, patients)


def _drawn(queries: int) -> Iterator[tuple[Mapping[str, Node], list[dict[str, Any]]]]:
    """Rules and patients for each query."""
    drawn: list[tuple[Node, list[dict[str, Any]]]] = []

    @settings(SLOW, max_examples=RULES_A_QUERY * queries, phases=[Phase.generate])
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        node = data.draw(nodes("truth", depth=2, facts=()))
        few = [data.draw(tables(tables_read(node))) for _ in range(3)]
        drawn.append((node, [patient(3 * len(drawn) + number, held) for number, held in enumerate(few)]))

    draw()
    for start in range(0, len(drawn), RULES_A_QUERY):
        some = drawn[start : start + RULES_A_QUERY]
        yield {f"rule {number}": node for number, (node, _) in enumerate(some)}, [p for _, few in some for p in few]


def assert_same(
    found: list[dict[str, Any]], facts: Facts, rules: Mapping[str, Node], patients: list[dict[str, Any]]
) -> None:
    by_id = {row["id"]: row for row in found}
    assert len(by_id) == len(patients)
    for one in patients:
        explain = Explainer(facts, case_of(one).tables)
        for name in rules:
            value = explain.fact(name).value
            expected = True if value == TRUE else False if value == FALSE else None
            assert by_id[one["id"]][name] is expected, (name, one["id"])
