"""The SQL reader: one method a node type, giving its value as SQL.

Outside rows every part of a value becomes a named column of a stage, so that it is written and worked out once; in a
row of a table the parts are expressions of the row's variable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from tumorboard.case.columns import TABLES, Type
from tumorboard.logic import tree, values
from tumorboard.logic.facts import Facts
from tumorboard.logic.sql import biomarkers, cells, parts, runs
from tumorboard.logic.sql.dialect import Dialect
from tumorboard.logic.sql.parts import FALSE, NO_NUMBER, TRUE, LabelSql, LabelsSql, NumberSql, Sql, TruthSql
from tumorboard.logic.tree import Node

Table = str | None  # the table whose row is looked at, or none
_NAME = re.compile(r"\bn\d+\b")
_SIGNS = {"<": "<", "<=": "<="}


class Emitter:
    """Rules over facts as columns of one query. ``alterations`` are those the cohort's biomarkers name."""

    def __init__(self, facts: Facts, dialect: Dialect, alterations: Collection[str]) -> None:
        self.facts, self.dialect, self.alterations = facts, dialect, alterations
        self._known: dict[Node, Sql] = {}
        self._rows: dict[tree.Rows, str] = {}
        self._columns: dict[str, tuple[int, str]] = {}  # by name: the stage it is worked out in, and how
        self._names: dict[str, str] = {}

    # -- the query -----------------------------------------------------------------------------------------------

    def query(self, rules: Mapping[str, Node], source: str) -> str:
        """A query for ``id`` and the truth of each rule by its name, over the rows of ``source``."""
        found = {name: self.truth(rule) for name, rule in rules.items()}
        stages = max((stage for stage, _ in self._columns.values()), default=0)
        inner = f"SELECT * FROM {source}"
        for stage in range(1, stages + 1):
            own = [f"{text} AS {name}" for name, (at, text) in self._columns.items() if at == stage]
            inner = f"SELECT *, {', '.join(own)} FROM (\n{inner}\n) AS s{stage}"
        wanted = ["id", *(f"{value} AS {self.dialect.quoted(name)}" for name, value in found.items())]
        return f"SELECT {', '.join(wanted)} FROM (\n{inner}\n) AS verdicts"

    def named(self, text: str) -> str:
        """The column that holds an expression over the tables and columns named before."""
        if _NAME.fullmatch(text) or text in (TRUE, FALSE, NO_NUMBER):
            return text
        if text not in self._names:
            name = self._names[text] = f"n{len(self._names)}"
            stages = [self._columns[each][0] for each in _NAME.findall(text)]
            self._columns[name] = 1 + max(stages, default=0), text
        return self._names[text]

    # -- values --------------------------------------------------------------------------------------------------

    def value(self, node: Node, table: Table = None) -> Sql:
        """The value of a node; in a row of ``table`` over its variable ``r``."""
        if table is not None:
            return _VISIT[type(node)](self, node, table)
        if node not in self._known:
            self._known[node] = self._bound(_VISIT[type(node)](self, node, None))
        return self._known[node]

    def _bound(self, value: Sql) -> Sql:
        match value:
            case TruthSql(truth):
                return TruthSql(self.named(truth))
            case LabelSql(possible):
                return LabelSql(self.named(possible))
            case LabelsSql(certain, possible):
                return LabelsSql(self.named(certain), self.named(possible))
            case NumberSql(low, high, na, some):
                return NumberSql(*map(self.named, (low, high, na, some)))

    def truth(self, node: Node, table: Table = None) -> str:
        found = self.value(node, table)
        assert isinstance(found, TruthSql)
        return found.value

    def number(self, node: Node, table: Table) -> NumberSql:
        found = self.value(node, table)
        assert isinstance(found, NumberSql)
        return found

    def known(self, node: Node, table: Table) -> str:
        return parts.known(self.value(node, table), self.dialect)

    # -- names and literals --------------------------------------------------------------------------------------

    def literal(self, value: bool | int | Decimal | str) -> Sql:
        if isinstance(value, bool):
            return TruthSql(TRUE if value else FALSE)
        if isinstance(value, str):
            return LabelSql(self.dialect.texts_of((value,)))
        number = self.dialect.number(value)
        return NumberSql(number, number, FALSE, TRUE)

    def constant(self, node: tree.Constant, table: Table) -> Sql:
        return self.literal(node.value)

    def parameter(self, node: tree.Parameter, table: Table) -> Sql:
        return self.literal(self.facts.settings[node.name])

    def fact(self, node: tree.Fact, table: Table) -> Sql:
        return self.value(self.facts.definitions[node.name].node)

    def column(self, node: tree.Column, table: Table) -> Sql:
        assert table is not None, "a column outside a row"
        return cells.cell(table, "r", node.name, node.type, self.dialect)

    def not_applicable(self, node: tree.NotApplicable, table: Table) -> Sql:
        return parts.not_applicable(node.type, self.dialect)

    def undecided(self, node: tree.Undecided, table: Table) -> Sql:
        return parts.anything(node.type, self.dialect)

    # -- logic ---------------------------------------------------------------------------------------------------

    def and_(self, node: tree.And, table: Table) -> Sql:
        return TruthSql("(" + " AND ".join(self.truth(item, table) for item in node.items) + ")")

    def or_(self, node: tree.Or, table: Table) -> Sql:
        return TruthSql("(" + " OR ".join(self.truth(item, table) for item in node.items) + ")")

    def not_(self, node: tree.Not, table: Table) -> Sql:
        return TruthSql(f"(NOT {self.truth(node.item, table)})")

    def compare(self, node: tree.Compare, table: Table) -> Sql:
        if node.op == "!=":
            return TruthSql(f"(NOT {self.compared('==', node, table)})")
        return TruthSql(self.compared(node.op, node, table))

    def compared(self, op: values.Comparison, node: tree.Compare, table: Table) -> str:
        left, right = self.value(node.left, table), self.value(node.right, table)
        match left, right:
            case TruthSql(one), TruthSql(other):
                return f"({one} = {other})"
            case LabelSql(one), LabelSql(other):
                return self._same_label(one, other)
            case NumberSql(), NumberSql():
                return self._in_order(op, left, right)
        raise AssertionError(f"no comparison of {type(left).__name__} with {type(right).__name__}")

    def _same_label(self, one: str, other: str) -> str:
        d = self.dialect
        none = " OR ".join(
            f"COALESCE({d.length(words)} = 1 AND {d.contains(words, d.text(parts.NA))}, FALSE)"
            for words in (one, other)
        )
        shared = d.length(d.filter(d.intersect(one, other), "w", f"w <> {d.text(parts.NA)}"))
        both_known = f"{d.length(one)} = 1 AND {d.length(other)} = 1"
        return (
            f"CASE WHEN {none} THEN FALSE WHEN {one} IS NULL OR {other} IS NULL THEN NULL "
            f"WHEN {shared} = 0 THEN FALSE WHEN {both_known} THEN TRUE ELSE NULL END"
        )

    def _in_order(self, op: values.Comparison, left: NumberSql, right: NumberSql) -> str:
        if op in (">", ">="):
            left, right, op = right, left, "<" if op == ">" else "<="
        neither = f"NOT ({left.some} AND {right.some})"
        if op == "==":
            apart = f"COALESCE({left.high} < {right.low}, FALSE) OR COALESCE({right.high} < {left.low}, FALSE)"
            both = f"{parts.known(left, self.dialect)} AND {parts.known(right, self.dialect)}"
            return f"CASE WHEN {neither} OR {apart} THEN FALSE WHEN {both} THEN TRUE ELSE NULL END"
        sign = _SIGNS[op]
        cannot = f"NOT COALESCE({left.low} {sign} {right.high}, TRUE)"
        must = f"NOT {left.na} AND NOT {right.na} AND COALESCE({left.high} {sign} {right.low}, FALSE)"
        return f"CASE WHEN {neither} OR {cannot} THEN FALSE WHEN {must} THEN TRUE ELSE NULL END"

    def among(self, node: tree.Among, table: Table) -> Sql:
        return TruthSql(self._member(self.value(node.item, table), node.options))

    def _member(self, item: Sql, options: frozenset[str]) -> str:
        assert isinstance(item, LabelSql)
        d = self.dialect
        inside = d.length(d.intersect(item.possible, d.texts_of(options)))
        return (
            f"CASE WHEN {item.possible} IS NULL THEN NULL WHEN {inside} = 0 THEN FALSE "
            f"WHEN {inside} = {d.length(item.possible)} THEN TRUE ELSE NULL END"
        )

    def meets(self, node: tree.Meets, table: Table) -> Sql:
        item = self.value(node.item, table)
        if not isinstance(item, LabelsSql):
            return TruthSql(self._member(item, node.members))
        certain, possible = self._shared(item, node.members)
        return TruthSql(
            f"CASE WHEN {certain} > 0 THEN TRUE WHEN {item.possible} IS NULL OR {possible} > 0 THEN NULL ELSE FALSE END"
        )

    def only(self, node: tree.Only, table: Table) -> Sql:
        item = self.value(node.item, table)
        if not isinstance(item, LabelsSql):
            return TruthSql(self._member(item, node.members))
        d = self.dialect
        certain, possible = self._shared(item, node.members)
        return TruthSql(
            f"CASE WHEN {certain} < {d.length(item.certain)} THEN FALSE "
            f"WHEN {item.possible} IS NOT NULL AND {possible} = 0 THEN FALSE "
            f"WHEN {certain} > 0 AND {item.possible} IS NOT NULL AND {possible} = {d.length(item.possible)} THEN TRUE "
            "ELSE NULL END"
        )

    def how_many(self, node: tree.HowMany, table: Table) -> Sql:
        item = self.value(node.item, table)
        assert isinstance(item, LabelsSql)
        certain, possible = self._shared(item, node.members)
        d = self.dialect
        high = f"CASE WHEN {item.possible} IS NULL THEN NULL ELSE {d.as_number(possible)} END"
        return NumberSql(d.as_number(certain), high, FALSE, TRUE)

    def some(self, node: tree.Some, table: Table) -> Sql:
        item = self.value(node.item, table)
        assert isinstance(item, LabelsSql)
        d = self.dialect
        empty = f"COALESCE({d.length(item.possible)} = 0, FALSE)"
        return TruthSql(f"CASE WHEN {d.length(item.certain)} > 0 THEN TRUE WHEN {empty} THEN FALSE ELSE NULL END")

    def _shared(self, item: LabelsSql, members: frozenset[str]) -> tuple[str, str]:
        d = self.dialect
        wanted = d.texts_of(members)
        return d.length(d.intersect(item.certain, wanted)), d.length(d.intersect(item.possible, wanted))

    def collect(self, node: tree.Collect, table: Table) -> Sql:
        d = self.dialect
        found = [(d.text(name), self.truth(condition, table)) for name, condition in node.reasons]
        none = d.no_texts()

        def together(where: str) -> str:
            return d.concatenated(
                [f"CASE WHEN {truth} {where} THEN {d.items([name])} ELSE {none} END" for name, truth in found]
            )

        return LabelsSql(together("IS TRUE"), together("IS NOT FALSE"))

    def recorded(self, node: tree.Recorded, table: Table) -> Sql:
        return TruthSql(self.known(node.item, table))

    # -- numbers and days ----------------------------------------------------------------------------------------

    def arithmetic(self, node: tree.Arithmetic, table: Table) -> Sql:
        left, right = self.number(node.left, table), self.number(node.right, table)
        d = self.dialect
        match node.op:
            case "+":
                low, high = d.sum(left.low, "+", right.low), d.sum(left.high, "+", right.high)
            case "-":
                low, high = d.sum(left.low, "-", right.high), d.sum(left.high, "-", right.low)
            case "larger":
                low, high = f"GREATEST({left.low}, {right.low})", _unless_open("GREATEST", left.high, right.high)
            case "smaller":
                low, high = _unless_open("LEAST", left.low, right.low), f"LEAST({left.high}, {right.high})"
            case "/":
                low, high = d.quotient(left.low, right.low), d.quotient(left.high, right.low)
            case "*":
                corners = [d.product(one, other) for one in (left.low, left.high) for other in (right.low, right.high)]
                low, high = _unless_open("LEAST", *corners), _unless_open("GREATEST", *corners)
        return self._made((left, right), low, high)

    def _made(self, of: tuple[NumberSql, ...], low: str, high: str) -> NumberSql:
        """A number made from others; not applicable where one of them is."""
        some = "(" + " AND ".join(each.some for each in of) + ")"
        na = f"(NOT {some} OR {' OR '.join(each.na for each in of)})"
        return NumberSql(f"CASE WHEN {some} THEN {low} END", f"CASE WHEN {some} THEN {high} END", na, some)

    def function(self, node: tree.Function, table: Table) -> Sql:
        item = self.number(node.item, table)
        if node.name == "magnitude":
            return item
        d = self.dialect

        def of(bound: str) -> str:
            return d.real("power", bound, str(node.exponent)) if node.name == "power" else d.real(node.name, bound)

        lowest = NO_NUMBER if node.name == "log10" else d.number(0)
        some = f"({item.some} AND COALESCE({item.high} > 0, TRUE))"
        low = (
            f"CASE WHEN NOT {some} THEN NULL WHEN COALESCE({item.low} <= 0, TRUE) THEN {lowest} ELSE {of(item.low)} END"
        )
        high = f"CASE WHEN {some} AND {item.high} IS NOT NULL THEN {of(item.high)} END"
        return NumberSql(low, high, f"(NOT {some} OR {item.na})", some)

    def days(self, node: tree.Days, table: Table) -> Sql:
        start, end = self.number(node.start, table), self.number(node.end, table)
        d = self.dialect
        return self._made((start, end), d.sum(end.low, "-", start.high), d.sum(end.high, "-", start.low))

    def bounded(self, node: tree.Bounded, table: Table) -> Sql:
        item, low, high = (self.number(part, table) for part in (node.item, node.low, node.high))
        lowest = f"GREATEST({item.low}, CASE WHEN {low.some} AND NOT {low.na} THEN {low.low} END)"
        highest = f"LEAST({item.high}, CASE WHEN {high.some} AND NOT {high.na} THEN {high.high} END)"
        no_room = f"COALESCE({lowest} > {highest}, FALSE)"
        kept = f"({parts.known(item, self.dialect)} OR {no_room})"
        return NumberSql(
            f"CASE WHEN {kept} THEN {item.low} ELSE {lowest} END",
            f"CASE WHEN {kept} THEN {item.high} ELSE {highest} END",
            item.na,
            item.some,
        )

    # -- choices -------------------------------------------------------------------------------------------------

    def choose(self, node: tree.Choose, table: Table) -> Sql:
        left: list[str] = []
        possible: list[tuple[str, Sql]] = []
        for condition_node, value in node.branches:
            condition = self.truth(condition_node, table)
            mask = " AND ".join([*left, f"{condition} IS NOT FALSE"])
            possible.append((self._mask(mask, table), self.value(value, table)))
            left.append(f"{condition} IS NOT TRUE")
        possible.append((self._mask(" AND ".join(left), table), self.value(node.otherwise, table)))
        return parts.union(possible, self.dialect)

    def _mask(self, condition: str, table: Table) -> str:
        return self.named(f"({condition})") if table is None else f"({condition})"

    def band(self, node: tree.Band, table: Table) -> Sql:
        item = self.number(node.item, table)
        whole = node.item.type.kind == "whole"
        low, left = item.low, [item.some]
        possible: list[tuple[str, Sql]] = []
        for op, at_node, value in node.cuts:
            at = self.exact(at_node)
            cut = self.dialect.number(at)
            mask = " AND ".join([*left, f"COALESCE({low} {op} {cut}, TRUE)"])
            possible.append((self._mask(mask, table), self.value(value, table)))
            left.append(f"NOT COALESCE({item.high} {op} {cut}, FALSE)")
            least = values.cut(values.ANY_NUMBER, ">=" if op == "<" else ">", at, whole).low
            low = f"GREATEST({item.low}, {self.dialect.number(least)})"
        possible.append((self._mask(" AND ".join(left), table), self.value(node.above, table)))
        none = self._mask(f"{item.na} OR NOT {item.some}", table)
        possible.append((none, parts.not_applicable(node.type, self.dialect)))
        return parts.union(possible, self.dialect)

    def exact(self, node: Node) -> values.Exact:
        assert isinstance(node, tree.Constant | tree.Parameter)
        at = self.facts.settings[node.name] if isinstance(node, tree.Parameter) else node.value
        assert not isinstance(at, str)
        return at

    # -- rows ----------------------------------------------------------------------------------------------------

    def rows(self, rows: tree.Rows) -> str:
        """The column that holds the rows all conditions hold for."""
        if rows not in self._rows:
            conditions = [f"{self.truth(condition, rows.table)} IS TRUE" for condition in rows.conditions]
            chosen = self.dialect.filter(rows.table, "r", " AND ".join(conditions)) if conditions else None
            self._rows[rows] = rows.table if chosen is None else self.named(chosen)
        return self._rows[rows]

    def complete(self, table: str) -> str:
        return self.named(self.dialect.contains("complete", self.dialect.text(table)))

    def exists(self, node: tree.Exists, table: Table) -> Sql:
        return TruthSql(
            f"CASE WHEN {self.dialect.length(self.rows(node.rows))} > 0 THEN TRUE "
            f"WHEN {self.complete(node.rows.table)} THEN FALSE ELSE NULL END"
        )

    def count(self, node: tree.Count, table: Table) -> Sql:
        count = self.dialect.as_number(self.dialect.length(self.rows(node.rows)))
        return NumberSql(count, f"CASE WHEN {self.complete(node.rows.table)} THEN {count} END", FALSE, TRUE)

    def pick(self, node: tree.Pick, table: Table) -> Sql:
        rows, of = self.rows(node.rows), node.rows.table
        given = self.complete(of)
        none = f"{self.dialect.length(rows)} = 0"
        return parts.union(
            [
                (self._mask(f"{none} AND {given}", None), parts.not_applicable(node.type, self.dialect)),
                (self._mask(f"{none} AND NOT {given}", None), cells.unlisted(of, node.type, self.dialect)),
                *self._edge(rows, of, node.column, node.type, node.which == "last"),
            ],
            self.dialect,
        )

    def newest(self, node: tree.Newest, table: Table) -> Sql:
        name = TABLES[node.table].columns["name"].type
        named = tree.Compare("==", tree.Column("name", name), tree.Constant(node.key, name))
        rows = self.rows(tree.Rows(node.table, (named,)))
        none = self._mask(f"{self.dialect.length(rows)} = 0", None)
        return parts.union(
            [
                (none, parts.anything(node.type, self.dialect)),
                *self._edge(rows, node.table, "value", node.type, True),
            ],
            self.dialect,
        )

    def _edge(self, rows: str, table: str, column: str, kind: Type, last: bool) -> list[tuple[str, Sql]]:
        """What the first or last row says, and where it says nothing; of rows of one date every value they hold."""
        d = self.dialect
        tied = self.named(cells.edge(rows, last, d))
        held = self.named(d.filter(tied, "r", cells.recorded(table, "r", column, kind, d)))
        some = self._mask(f"{d.length(held)} > 0", None)
        silent = self._mask(f"{d.length(rows)} > 0 AND {d.length(held)} = 0", None)
        return [
            (silent, parts.anything(kind, d)),
            (some, self._bound(cells.every(table, held, column, kind, d))),
        ]

    def holds(self, node: tree.Holds, table: Table) -> Sql:
        rows, condition = self.rows(node.rows), self.truth(node.condition, node.rows.table)
        d = self.dialect
        true, unknown = d.any(rows, "r", f"{condition} IS TRUE"), d.any(rows, "r", f"{condition} IS NULL")
        given = self.complete(node.rows.table)
        return TruthSql(f"CASE WHEN {true} THEN TRUE WHEN {unknown} OR NOT {given} THEN NULL ELSE FALSE END")

    def longest_run(self, node: tree.LongestRun, table: Table) -> Sql:
        rows, condition = self.rows(node.rows), self.truth(node.condition, node.rows.table)
        return runs.longest(node.rows.table, rows, condition, self.complete(node.rows.table), self)

    def present(self, node: tree.Present, table: Table) -> Sql:
        since = None if node.since is None else self.number(node.since, table)
        return TruthSql(biomarkers.present(node, since, table, self))


def _unless_open(call: str, *bounds: str) -> str:
    """The least or greatest of bounds, open where one of them is."""
    open_ = " OR ".join(f"{bound} IS NULL" for bound in bounds)
    return f"CASE WHEN {open_} THEN NULL ELSE {call}({', '.join(bounds)}) END"


_VISIT: dict[type, Callable[[Emitter, Any, Table], Sql]] = {
    tree.Constant: Emitter.constant, tree.Parameter: Emitter.parameter, tree.Fact: Emitter.fact,
    tree.Column: Emitter.column, tree.NotApplicable: Emitter.not_applicable, tree.Undecided: Emitter.undecided,
    tree.And: Emitter.and_, tree.Or: Emitter.or_, tree.Not: Emitter.not_, tree.Compare: Emitter.compare,
    tree.Among: Emitter.among, tree.Meets: Emitter.meets, tree.Only: Emitter.only, tree.HowMany: Emitter.how_many,
    tree.Some: Emitter.some, tree.Collect: Emitter.collect, tree.Recorded: Emitter.recorded,
    tree.Arithmetic: Emitter.arithmetic, tree.Function: Emitter.function, tree.Days: Emitter.days,
    tree.Bounded: Emitter.bounded, tree.Choose: Emitter.choose, tree.Band: Emitter.band, tree.Exists: Emitter.exists,
    tree.Count: Emitter.count, tree.Pick: Emitter.pick, tree.Holds: Emitter.holds,
    tree.LongestRun: Emitter.longest_run, tree.Newest: Emitter.newest, tree.Present: Emitter.present,
}  # fmt: skip
