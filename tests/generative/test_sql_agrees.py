"""Random rules on random patients, asked in SQL: DuckDB and Spark give what the explain reader gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
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
