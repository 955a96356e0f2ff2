"""The Parquet form of a cohort: one row a patient, its case tables as nested lists.

The columns are those of :data:`tumorboard.case.columns.TABLES` after ``as_of`` was applied, so that a cohort holds
exactly what rules read. Days are dates; an undated entry has a null ``when``. A table that is there for certain
(``[]``: none) is told from one that isn't listed by ``complete``. Numbers keep their digits up to :data:`SCALE`
decimals; others are refused, never rounded.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from tumorboard.case.columns import TABLES, ColumnOf, Kind

VERSION = "tumorboard.cohort/1"
SCALE = 8
RANKED = ("tumours", "courses")  # their `when` is a rank, not a day (case/columns.py)
# An observation's value is a word, a truth or a number, by its name: the latter two have columns of their own.
OBSERVED = "observations"
_DECIMAL = pa.decimal128(30, SCALE)
_ARROW: Mapping[Kind, pa.DataType] = {
    "truth": pa.bool_(),
    "whole": pa.int64(),
    "decimal": _DECIMAL,
    "label": pa.string(),
    "labels": pa.list_(pa.string()),
    "date": pa.date32(),
}
# What is known of a patient beside the case: for outcomes and concordance, never read by a rule.
FOLLOW_UP = pa.struct(
    [
        ("hospital", pa.string()),
        ("start", pa.date32()),
        ("last_seen", pa.date32()),
        ("died", pa.bool_()),
        ("given", pa.list_(pa.string())),  # the agents of the treatment that was given next
    ]
)


def column_type(table: str, name: str, column: ColumnOf) -> pa.DataType:
    """The Arrow type of a column of a case table."""
    return pa.int32() if name == "when" and table in RANKED else _ARROW[column.type.kind]


def row_type(table: str) -> pa.StructType:
    """The struct of one row: its columns, then where in the case file it comes from and which cells have no meaning."""
    fields = [(name, column_type(table, name, column)) for name, column in TABLES[table].columns.items()]
    if table == OBSERVED:
        fields += [("truth", pa.bool_()), ("number", _DECIMAL)]
    fields += [("na", pa.list_(pa.string())), ("place", pa.string()), ("places", pa.map_(pa.string(), pa.string()))]
    return pa.struct(fields)


def cohort_schema() -> pa.Schema:
    """The schema every file of a cohort has."""
    fields = [
        pa.field("id", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        pa.field("complete", pa.list_(pa.string()), nullable=False),
        pa.field("follow_up", FOLLOW_UP),
        *(pa.field(table, pa.list_(row_type(table)), nullable=False) for table in TABLES),
    ]
    return pa.schema(fields, metadata={"schema": VERSION})
