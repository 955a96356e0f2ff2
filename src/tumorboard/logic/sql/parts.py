"""Values of the rule language as SQL expressions.

A truth is a BOOLEAN whose NULL is *unknown*: AND, OR and NOT are then Kleene's tables in every engine. The others are
put together from several expressions, none of which is NULL unless said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tumorboard.case.columns import Type
from tumorboard.logic.sql.dialect import NUMBER, Dialect

NA = ""  # among the words of a label: not applicable; no word is empty


@dataclass(frozen=True, slots=True)
class TruthSql:
    value: str


@dataclass(frozen=True, slots=True)
class LabelSql:
    """The list of words that are possible; NULL: any text."""

    possible: str


@dataclass(frozen=True, slots=True)
class LabelsSql:
    """Words that belong to the set, and words that may (NULL: no bound)."""

    certain: str
    possible: str


@dataclass(frozen=True, slots=True)
class NumberSql:
    """A number or day from ``low`` to ``high`` (NULL: open)."""

    low: str
    high: str
    na: str
    some: str


Sql = TruthSql | LabelSql | LabelsSql | NumberSql
Masked = Sequence[tuple[str, Sql]]  # values, each with the condition (never NULL) under which it is possible
FALSE, TRUE = "FALSE", "TRUE"
NO_NUMBER = f"CAST(NULL AS {NUMBER})"


def anything(kind: Type, dialect: Dialect) -> Sql:
    words = None if kind.domain is None else dialect.texts_of(kind.domain)
    match kind.kind:
        case "truth":
            return TruthSql("CAST(NULL AS BOOLEAN)")
        case "label":
            return LabelSql(words or f"CAST(NULL AS {dialect.texts})")
        case "labels":
            return LabelsSql(dialect.no_texts(), words or f"CAST(NULL AS {dialect.texts})")
    return NumberSql(NO_NUMBER, NO_NUMBER, FALSE, TRUE)


def not_applicable(kind: Type, dialect: Dialect) -> Sql:
    match kind.kind:
        case "truth":
            return TruthSql(FALSE)
        case "label":
            return LabelSql(dialect.items([dialect.text(NA)]))
        case "labels":
            return LabelsSql(dialect.no_texts(), dialect.no_texts())
    return NumberSql(NO_NUMBER, NO_NUMBER, TRUE, FALSE)


def known(value: Sql, dialect: Dialect) -> str:
    """Whether one value is left; never NULL."""
    match value:
        case TruthSql(truth):
            return f"({truth} IS NOT NULL)"
        case LabelSql(possible):
            return f"COALESCE({dialect.length(possible)} = 1, FALSE)"
        case LabelsSql(certain, possible):
            return f"COALESCE({dialect.length(certain)} = {dialect.length(possible)}, FALSE)"
        case NumberSql(low, high, na, some):
            return f"(NOT {some} OR (NOT {na} AND COALESCE({low} = {high}, FALSE)))"


def union(values: Masked, dialect: Dialect) -> Sql:
    """What any of the values allows; at least one mask holds."""
    first = values[0][1]
    match first:
        case TruthSql():
            truths = [(mask, value.value) for mask, value in values if isinstance(value, TruthSql)]
            true = " OR ".join(f"({mask} AND {value} IS NOT FALSE)" for mask, value in truths)
            false = " OR ".join(f"({mask} AND {value} IS NOT TRUE)" for mask, value in truths)
            return TruthSql(f"CASE WHEN ({true}) AND ({false}) THEN NULL WHEN {true} THEN TRUE ELSE FALSE END")
        case LabelSql():
            labels = [(mask, value.possible) for mask, value in values if isinstance(value, LabelSql)]
            return LabelSql(_words(labels, dialect))
        case LabelsSql():
            return _sets([(mask, value) for mask, value in values if isinstance(value, LabelsSql)], dialect)
        case NumberSql():
            return _numbers([(mask, value) for mask, value in values if isinstance(value, NumberSql)])


def _words(values: Sequence[tuple[str, str]], dialect: Dialect) -> str:
    unbound = " OR ".join(f"({mask} AND {words} IS NULL)" for mask, words in values)
    none = dialect.no_texts()
    together = dialect.union([f"CASE WHEN {mask} THEN {words} ELSE {none} END" for mask, words in values])
    return f"CASE WHEN {unbound} THEN NULL ELSE {together} END"


def _sets(values: Sequence[tuple[str, LabelsSql]], dialect: Dialect) -> LabelsSql:
    none = dialect.no_texts()
    every = dialect.union([f"CASE WHEN {mask} THEN {value.certain} ELSE {none} END" for mask, value in values])
    in_all = " AND ".join(f"(NOT {mask} OR {dialect.contains(value.certain, 'w')})" for mask, value in values)
    possible = _words([(mask, value.possible) for mask, value in values], dialect)
    return LabelsSql(dialect.filter(every, "w", in_all), possible)


def _numbers(values: Sequence[tuple[str, NumberSql]]) -> NumberSql:
    here = [(f"({mask} AND {value.some})", value) for mask, value in values]
    open_low = " OR ".join(f"({mask} AND {value.low} IS NULL)" for mask, value in here)
    open_high = " OR ".join(f"({mask} AND {value.high} IS NULL)" for mask, value in here)
    lows = ", ".join(f"CASE WHEN {mask} THEN {value.low} END" for mask, value in here)
    highs = ", ".join(f"CASE WHEN {mask} THEN {value.high} END" for mask, value in here)
    return NumberSql(
        f"CASE WHEN {open_low} THEN NULL ELSE LEAST({lows}, {NO_NUMBER}) END",
        f"CASE WHEN {open_high} THEN NULL ELSE GREATEST({highs}, {NO_NUMBER}) END",
        f"({' OR '.join(f'({mask} AND {value.na})' for mask, value in values)})",
        f"({' OR '.join(mask for mask, _ in here)})",
    )
