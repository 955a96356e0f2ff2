"""Which columns of which tables a rule reads, so that nothing else is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tumorboard.logic import tree
from tumorboard.logic.biomarkers import MEASURED
from tumorboard.logic.facts import Facts
from tumorboard.logic.tree import Node

_BIOMARKERS = ("alteration", "result", "assay", "specimen", "measure", *MEASURED)


def columns_read(rules: Iterable[Node], facts: Facts) -> Mapping[str, frozenset[str]]:
    """The columns by table, those of every fact behind the rules included."""
    found: dict[str, set[str]] = {}
    done: set[str] = set()
    for rule in rules:
        for table, column in _read(rule, None, facts, done):
            found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def _read(node: Node, table: str | None, facts: Facts, done: set[str]) -> Iterator[tuple[str, str]]:
    inside = table
    match node:
        case tree.Fact(name):
            if name not in done:
                done.add(name)
                yield from _read(facts.definitions[name].node, None, facts, done)
            return
        case tree.Column(name):
            assert table is not None, "a column outside a row"
            yield table, name
        case tree.Exists(rows) | tree.Count(rows) | tree.Holds(rows) | tree.LongestRun(rows):
            inside = rows.table
            yield rows.table, "when"
        case tree.Pick(rows, _, column):
            inside = rows.table
            yield from ((rows.table, "when"), (rows.table, column))
        case tree.Newest(of):
            yield from ((of, "when"), (of, "name"), (of, "value"))
        case tree.Present():
            yield from (("biomarkers", column) for column in ("when", *_BIOMARKERS))
            for reading in facts.readings:
                yield from _read(reading.node, "biomarkers", facts, done)
    for child in tree.children(node):
        yield from _read(child, inside, facts, done)
