"""The fast reader: each node compiled once to a closure that gives the value alone.

It must agree with the explain reader on every case, which the generative tests hold it to. What makes it fast: nodes
are compiled once for all cases, logic stops at the first part that decides, and a fact, a set of rows or a part used
more than once is worked out once a case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tumorboard.case.rows import Row, Table
from tumorboard.logic import tree, values
from tumorboard.logic.biomarkers import MEASURED, concerned, shown
from tumorboard.logic.cells import anything, not_applicable, unlisted
from tumorboard.logic.compiling import Compiler, Run, cell_reader
from tumorboard.logic.facts import Facts
from tumorboard.logic.runs import days_of, longest_run
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Day, Number, Truth, Value

Choice = Callable[["FastReader"], list[Row]]


class FastFacts(Compiler):
    """All facts of a knowledge, compiled; a reader for each case."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.positions = {name: index for index, name in enumerate(facts.definitions)}
        nodes = [fact.node for fact in facts.definitions.values()]
        self._uses = Counter(id(part) for node in nodes for part in _outside_rows(node))
        self._slots: dict[Node, int] = {}
        self._choices: dict[tree.Rows, Choice] = {}
        self._compiled: dict[int, tuple[Node, Run]] = {}
        self.runs: list[Run] = []
        self.readings = [
            (reading.alteration, reading.measure, self.compile(reading.node)) for reading in facts.readings
        ]
        self.runs += [self.compile(node) for node in nodes]
        self.kept = len(self._slots)
        self._uses.clear()  # only parts of facts are kept a case; logic over them is little work

    def reader(self, tables: Mapping[str, Table]) -> FastReader:
        return FastReader(self, tables)

    def run_of(self, node: Node) -> Run:
        """The closure of ``node``, compiled when it is first asked for."""
        found = self._compiled.get(id(node))
        if found is None:
            # Kept with its node, so that no other can come to have its id.
            found = self._compiled[id(node)] = node, self.compile(node)
        return found[1]

    def compile(self, node: Node) -> Run:
        run = _COMPILE[type(node)](self, node)
        if isinstance(node, tree.Constant | tree.Parameter | tree.Fact) or self._uses[id(node)] < 2:
            return run
        return self.once(node, run)

    def once(self, node: Node, run: Run) -> Run:
        """``run`` with its value kept for the case."""
        slot = self._slots.setdefault(node, len(self._slots))

        def kept(reader: FastReader, row: Row | None) -> Any:
            value = reader.kept[slot]
            if value is None:
                value = reader.kept[slot] = run(reader, row)
            return value

        return kept

    # -- rows ----------------------------------------------------------------------------------------------------

    def rows(self, rows: tree.Rows) -> Choice:
        if rows not in self._choices:
            self._choices[rows] = self.choice(rows)
        return self._choices[rows]

    def choice(self, rows: tree.Rows) -> Choice:
        index, table = len(self._choices), rows.table
        conditions = [self.compile(condition) for condition in rows.conditions]

        def chosen(reader: FastReader) -> list[Row]:
            found = reader.chosen.get(index)
            if found is None:
                found = reader.chosen[index] = [
                    row for row in reader.tables[table].rows
                    if all(condition(reader, row) is TRUE for condition in conditions)
                ]  # fmt: skip
            return found

        return chosen

    def exists(self, node: tree.Exists) -> Run:
        rows, table = self.rows(node.rows), node.rows.table

        def exists(reader: FastReader, row: Row | None) -> Truth:
            return TRUE if rows(reader) else FALSE if reader.tables[table].complete else UNKNOWN

        return exists

    def count(self, node: tree.Count) -> Run:
        rows, table = self.rows(node.rows), node.rows.table

        def count(reader: FastReader, row: Row | None) -> Number:
            found = len(rows(reader))
            return Number(found, found if reader.tables[table].complete else None)

        return count

    def pick(self, node: tree.Pick) -> Run:
        rows, table, edge = self.rows(node.rows), node.rows.table, 0 if node.which == "first" else -1
        read, unknown, none = cell_reader(node.column, node.type), unlisted(table, node.type), not_applicable(node.type)

        def pick(reader: FastReader, row: Row | None) -> Any:
            found = rows(reader)
            if not found:
                return none if reader.tables[table].complete else unknown
            return _newest(found, edge, node.column, read)

        return pick

    def holds(self, node: tree.Holds) -> Run:
        rows, table, condition = self.rows(node.rows), node.rows.table, self.compile(node.condition)

        def holds(reader: FastReader, row: Row | None) -> Truth:
            value = FALSE
            for held in rows(reader):
                here: Truth = condition(reader, held)
                if here is TRUE:
                    return TRUE
                if here is UNKNOWN:
                    value = UNKNOWN
            return value if reader.tables[table].complete else UNKNOWN

        return holds

    def longest_run(self, node: tree.LongestRun) -> Run:
        rows, table, condition = self.rows(node.rows), node.rows.table, self.compile(node.condition)

        def run(reader: FastReader, row: Row | None) -> Number:
            found = rows(reader)
            verdicts = [condition(reader, held) for held in found]
            return longest_run(days_of(found), verdicts, reader.tables[table].complete)

        return run

    def newest(self, node: tree.Newest) -> Run:
        table, key, unknown, read = node.table, node.key, anything(node.type), cell_reader("value", node.type)

        def newest(reader: FastReader, row: Row | None) -> Any:
            found = [entry for entry in reader.tables[table].rows if entry.cells["name"] == key]
            return _newest(found, -1, "value", read) if found else unknown

        return newest

    def present(self, node: tree.Present) -> Run:
        target, absence_in = node.alteration, node.absence_in
        since = None if node.since is None else self.compile(node.since)
        classes = self.facts.vocabulary.alterations.above(target)

        def present(reader: FastReader, row: Row | None) -> Truth:
            rows = reader.biomarkers_about(target, classes)
            if not rows:
                return UNKNOWN
            entries = concerned(target, classes, rows, reader.classes.__getitem__)
            day: Day | None = None if since is None else since(reader, row)
            return shown(entries, day, absence_in, reader.result_of).value

        return present


class FastReader:
    """The values of facts, and of logic over them, for one case."""

    __slots__ = ("chosen", "classes", "fast", "kept", "known", "tables")

    def __init__(self, fast: FastFacts, tables: Mapping[str, Table]) -> None:
        self.fast, self.tables = fast, tables
        self.known: list[Value | None] = [None] * len(fast.positions)
        self.kept: list[Any] = [None] * fast.kept
        self.chosen: dict[int, list[Row]] = {}
        self.classes: dict[str, frozenset[str]] = {}

    def fact(self, name: str) -> Value:
        index = self.fast.positions[name]
        value = self.known[index]
        return self.computed(index) if value is None else value

    def value(self, node: Node) -> Value:
        """The value of logic over facts."""
        value: Value = self.fast.run_of(node)(self, None)
        return value

    def computed(self, index: int) -> Value:
        value: Value = self.fast.runs[index](self, None)
        self.known[index] = value
        return value

    def biomarkers_about(self, target: str, classes: frozenset[str]) -> list[Row]:
        """The entries that may say something of ``target``, in the table's order."""
        if not self.classes and self.tables["biomarkers"].rows:
            above = self.fast.facts.vocabulary.alterations.above
            for row in self.tables["biomarkers"].rows:
                own = str(row.cells["alteration"])
                if own not in self.classes:
                    self.classes[own] = above(own)
        told = {own for own, its in self.classes.items() if own in classes or target in its}
        return [row for row in self.tables["biomarkers"].rows if row.cells["alteration"] in told] if told else []

    def result_of(self, row: Row) -> Truth | None:
        """As :meth:`tumorboard.logic.explain.Explainer.result_of`."""
        result = row.cells.get("result")
        if result == "present":
            return TRUE
        if result == "absent":
            return FALSE
        if result is not None or all(row.cells.get(name) is None for name in MEASURED):
            return None
        own, measure = row.cells["alteration"], row.cells.get("measure") or ""
        for alteration, its_measure, run in self.fast.readings:
            if alteration == own and its_measure == measure:
                found: Truth = run(self, row)
                return found
        return None


def _newest(found: list[Row], edge: int, column: str, read: Callable[[Row], Any]) -> Any:
    """The value of the first or last row; of rows of one date every value they hold."""
    when = found[edge].cells["when"]
    tied = [row for row in found if row.cells["when"] == when]
    if len(tied) == 1:
        return read(tied[0])
    recorded = [row for row in tied if row.cells.get(column) is not None]
    return values.hull([read(row) for row in recorded or tied])


def _outside_rows(node: Node) -> Iterator[Node]:
    """``node`` and what is below it, apart from what reads a row."""
    yield node
    match node:
        case tree.Exists() | tree.Count() | tree.Pick() | tree.Holds() | tree.LongestRun():
            return
    for child in tree.children(node):
        yield from _outside_rows(child)


_COMPILE: dict[type, Callable[[FastFacts, Any], Run]] = {
    tree.Constant: FastFacts.constant, tree.Parameter: FastFacts.parameter, tree.Fact: FastFacts.fact_read,
    tree.Column: FastFacts.column, tree.NotApplicable: FastFacts.not_applicable, tree.Undecided: FastFacts.undecided,
    tree.And: FastFacts.and_, tree.Or: FastFacts.or_, tree.Not: FastFacts.not_, tree.Compare: FastFacts.compare,
    tree.Among: FastFacts.among, tree.Meets: FastFacts.meets, tree.Only: FastFacts.only,
    tree.HowMany: FastFacts.how_many, tree.Some: FastFacts.some, tree.Collect: FastFacts.collect,
    tree.Recorded: FastFacts.recorded, tree.Arithmetic: FastFacts.arithmetic, tree.Function: FastFacts.function,
    tree.Days: FastFacts.days, tree.Bounded: FastFacts.bounded, tree.Choose: FastFacts.choose,
    tree.Band: FastFacts.band, tree.Exists: FastFacts.exists, tree.Count: FastFacts.count, tree.Pick: FastFacts.pick,
    tree.Holds: FastFacts.holds, tree.LongestRun: FastFacts.longest_run, tree.Newest: FastFacts.newest,
    tree.Present: FastFacts.present,
}  # fmt: skip
