"""Random rules on random patients, many at a time: the columns reader gives what the explain reader gives."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_readers_agree import facts_from
from trees import nodes, rules_of_facts, tables, tables_read

from tumorboard.case.columns import TABLES
from tumorboard.case.model import CaseFile
from tumorboard.case.read import Case
from tumorboard.case.rows import Table
from tumorboard.cohort.columns import patients_of
from tumorboard.cohort.patients import case_of, patient_of
from tumorboard.cohort.schema import cohort_schema
from tumorboard.logic.columns.arrays import Pools
from tumorboard.logic.columns.biomarkers import Markers
from tumorboard.logic.columns.missing import Missing
from tumorboard.logic.columns.reader import ColumnsReader
from tumorboard.logic.explain import Explainer
from tumorboard.logic.facts import Facts

SLOW = settings(suppress_health_check=list(HealthCheck))
DAY = datetime.date(2026, 3, 1)
_INDEX = re.compile(r"\[\d+\]")


def patient(number: int, held: Mapping[str, Table]) -> dict[str, Any]:
    file = CaseFile.model_construct(id=f"random-{number}", as_of=DAY)
    return patient_of(Case(file, DAY, held, (), ()))


@st.composite
def cohorts(draw: Any) -> tuple[Facts, list[dict[str, Any]]]:
    """Facts with one more, ``asked``, and a few patients."""
    rules = {**draw(rules_of_facts()), "asked": draw(nodes())}
    read = frozenset().union(*map(tables_read, rules.values()))
    return facts_from(rules), [patient(number, draw(tables(read))) for number in range(draw(st.integers(1, 5)))]


@SLOW
@given(cohorts())
def test_every_value_is_that_of_the_explain_reader(cohort: tuple[Facts, list[dict[str, Any]]]) -> None:
    facts, patients = cohort
    reader = reader_of(facts, patients)
    for name in facts.definitions:
        found = reader.fact(name)
        for number, one in enumerate(patients):
            assert found.value(number) == Explainer(facts, case_of(one).tables).fact(name).value, (name, number)


@SLOW
@given(cohorts())
def test_what_is_missing_is_what_the_explain_reader_asks_for(cohort: tuple[Facts, list[dict[str, Any]]]) -> None:
    facts, patients = cohort
    missing = Missing(reader_of(facts, patients))
    for name, fact in facts.definitions.items():
        found = missing.of(fact.node)
        for number, one in enumerate(patients):
            asks = Explainer(facts, case_of(one).tables).fact(name).missing
            assert missing.pool.values[found[number]] == {_INDEX.sub("", item.ask) for item in asks}, (name, number)


def reader_of(facts: Facts, patients: list[dict[str, Any]]) -> ColumnsReader:
    # As a slice of a longer batch, so that nothing counts from its beginning.
    (batch,) = pa.Table.from_pylist([*patients[:1], *patients], schema=cohort_schema()).combine_chunks().to_batches()
    pools = Pools.new()
    return ColumnsReader(facts, patients_of(batch.slice(1), TABLES, pools), pools, Markers(facts))
