"""Cells of a cohort's nested tables as SQL values: in one row, and what several rows of one date say together."""

from __future__ import annotations

from tumorboard.case.columns import TABLES, Type
from tumorboard.logic.sql import parts
from tumorboard.logic.sql.dialect import Dialect
from tumorboard.logic.sql.parts import FALSE, NA, NO_NUMBER, TRUE, LabelSql, LabelsSql, NumberSql, Sql, TruthSql

# A named value is a word, a truth or a number; a cohort keeps them in columns of their own.
_OBSERVED = {"truth": "truth", "whole": "number", "decimal": "number", "label": "value"}
_SPLIT_TABLE = "observations"


def field(table: str, row: str, column: str, kind: Type, dialect: Dialect) -> str:
    split = table == _SPLIT_TABLE and column == "value"
    return f"{row}.{dialect.quoted(_OBSERVED[kind.kind] if split else column)}"


def absent(row: str, column: str, dialect: Dialect) -> str:
    """Whether the column has no meaning for the row."""
    return dialect.contains(f"{row}.na", dialect.text(column))


def recorded(table: str, row: str, column: str, kind: Type, dialect: Dialect) -> str:
    return f"({field(table, row, column, kind, dialect)} IS NOT NULL OR {absent(row, column, dialect)})"


def number_of(table: str, row: str, column: str, kind: Type, dialect: Dialect) -> str:
    """A number or day; of an undated row the day before all others."""
    raw = field(table, row, column, kind, dialect)
    if TABLES[table].columns[column].type.kind != "date" or is_rank(table, column):
        return dialect.as_number(raw)
    if column == "when":
        return dialect.as_number(f"COALESCE({dialect.day(raw)}, 0)")
    return dialect.as_number(dialect.day(raw))


def is_rank(table: str, column: str) -> bool:
    """Whether ``when`` is a row's rank, not its day."""
    return column == "when" and table in ("tumours", "courses")


def cell(table: str, row: str, column: str, kind: Type, dialect: Dialect) -> Sql:
    raw = field(table, row, column, kind, dialect)
    if column == "when":
        number = number_of(table, row, column, kind, dialect)
        return NumberSql(number, number, FALSE, TRUE)
    na = absent(row, column, dialect)
    if kind.kind == "truth":
        return TruthSql(f"CASE WHEN {na} THEN FALSE ELSE {raw} END")
    if kind.kind == "label":
        unknown = parts.anything(kind, dialect)
        assert isinstance(unknown, LabelSql)
        none = dialect.items([dialect.text(NA)])
        return LabelSql(
            f"CASE WHEN {na} THEN {none} WHEN {raw} IS NULL THEN {unknown.possible} ELSE {dialect.items([raw])} END"
        )
    if kind.kind == "labels":
        unknown = parts.anything(kind, dialect)
        assert isinstance(unknown, LabelsSql)
        none = dialect.no_texts()
        return LabelsSql(
            f"CASE WHEN {na} OR {raw} IS NULL THEN {none} ELSE {raw} END",
            f"CASE WHEN {na} THEN {none} WHEN {raw} IS NULL THEN {unknown.possible} ELSE {raw} END",
        )
    number = f"CASE WHEN NOT {na} THEN {number_of(table, row, column, kind, dialect)} END"
    return NumberSql(number, number, na, f"(NOT {na})")


def unlisted(table: str, kind: Type, dialect: Dialect) -> Sql:
    """As :func:`tumorboard.logic.cells.unlisted`."""
    found = parts.anything(kind, dialect)
    if not TABLES[table].complete:
        return found
    match found:
        case LabelSql(possible) if kind.domain is not None:
            return LabelSql(dialect.concatenated([possible, dialect.items([dialect.text(NA)])]))
        case NumberSql():
            return NumberSql(NO_NUMBER, NO_NUMBER, TRUE, TRUE)
    return found


def edge(rows: str, last: bool, dialect: Dialect) -> str:
    """The first or last row with those of its date; of no rows none."""
    when = dialect.quoted("when")
    # Rows stand by `when`, the undated first. The first of no rows is never asked for.
    at = dialect.last(rows) if last else f"{rows}[{0 if dialect.name == 'spark' else 1}]"
    tied = dialect.filter(rows, "r", dialect.same(f"r.{when}", f"{at}.{when}"))
    return f"CASE WHEN {dialect.length(rows)} > 0 THEN {tied} ELSE {rows} END"


def every(table: str, rows: str, column: str, kind: Type, dialect: Dialect) -> Sql:
    """Every value that rows hold; all of them are recorded, and there is at least one."""
    raw, na = field(table, "r", column, kind, dialect), absent("r", column, dialect)
    if kind.kind == "truth":
        true = dialect.any(rows, "r", f"{raw} IS TRUE")
        false = dialect.any(rows, "r", f"{raw} IS NOT TRUE")
        return TruthSql(f"CASE WHEN {true} AND {false} THEN NULL ELSE {true} END")
    if kind.kind == "label":
        word = f"CASE WHEN {na} THEN {dialect.text(NA)} ELSE {raw} END"
        return LabelSql(dialect.distinct(dialect.transform(rows, "r", word)))
    if kind.kind == "labels":
        words = f"CASE WHEN {na} THEN {dialect.no_texts()} ELSE {raw} END"
        possible = dialect.distinct(f"flatten({dialect.transform(rows, 'r', words)})")
        lacking = dialect.any(rows, "r", f"NOT {dialect.contains(words, 'w')}")
        return LabelsSql(dialect.filter(possible, "w", f"NOT {lacking}"), possible)
    held = dialect.filter(rows, "r", f"NOT {na}")
    numbers = dialect.transform(held, "r", number_of(table, "r", column, kind, dialect))
    return NumberSql(
        f"{dialect.least_item}({numbers})",
        f"{dialect.greatest_item}({numbers})",
        dialect.any(rows, "r", na),
        dialect.any(rows, "r", f"NOT {na}"),
    )
