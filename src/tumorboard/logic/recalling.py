"""The recalling reader: what a record tells of facts and rules, not worked out again where an earlier case was alike.

What the explain reader finds follows from its answers to a few questions: what the tables hold (asked by the nodes that
read rows) and what other facts are. They are asked in an order that depends on the earlier answers alone. So for each
fact the questions of earlier cases are kept as a tree whose branches are the answers: a case whose answers lead to an
end has the words of that end. Anything else is left to the explain reader, and becomes a new branch. Case after case,
most of what does not hold for a patient is told in words that are there already.

Steps are kept without what words do not tell (:func:`_seen`): two answers are one where nothing that is told differs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tumorboard.case.rows import Row, Table
from tumorboard.logic import tree
from tumorboard.logic.explain import Explainer
from tumorboard.logic.facts import Facts
from tumorboard.logic.inputs import Input
from tumorboard.logic.naming import ROW_TOLD
from tumorboard.logic.steps import Step
from tumorboard.logic.tree import Node
from tumorboard.logic.values import Number, Value
from tumorboard.logic.wording import TEST_TOLD, Wording, notes_of, places_of
from tumorboard.text import Text

_MOST = 40_000  # steps and ends kept, of some 2 kB each; then all are forgotten
_MOST_ENDS = 300  # of one fact: where nearly every patient has a reason of their own, few of them come again
_READING = (tree.Exists, tree.Count, tree.Pick, tree.Holds, tree.LongestRun, tree.Newest, tree.Present)
_Key = tuple[int, int]  # a node and the words its fact gives for what its source leaves open, by identity
_NONE: Mapping[str, Text] = {}
_Question = str | tuple[Node, _Key]  # a fact, or a node that reads rows


@dataclass(frozen=True, slots=True)
class Told:
    """What a record tells of a fact or rule; ``written`` is for who writes it down, once for all cases."""

    value: Value
    missing: tuple[Input, ...]
    because: Text
    assumptions: tuple[Text, ...]
    written: dict[str, str] = field(default_factory=dict, compare=False)


@dataclass(slots=True)
class _Branch:
    """What is asked next and where each answer leads; at an end what is told, and the step as others see it."""

    asks: _Question | None = None
    answers: dict[int, _Branch] = field(default_factory=dict)  # by the identity of the step
    end: tuple[Step, Told] | None = None
    ends: int = 0  # of a root: below it


class _Kept:
    """What earlier cases left; steps in it stay, so that their identity stays theirs."""

    def __init__(self) -> None:
        self.roots: dict[str | _Key, _Branch] = {}
        self.steps: dict[Any, Step] = {}
        self.read: dict[tuple[_Key, bytes], Step] = {}
        self.nodes: dict[int, Node] = {}
        self.ends = 0

    @property
    def full(self) -> bool:
        return max(len(self.steps) + self.ends, len(self.read)) > _MOST

    def root(self, name: str | _Key) -> _Branch:
        root = self.roots.setdefault(name, _Branch())
        if root.ends > _MOST_ENDS:
            self.ends -= root.ends
            root = self.roots[name] = _Branch()
        return root

    def one(self, step: Step) -> Step:
        """The step that stands for all that tell the same, to the digits of each number: 1.10 is not 1.1 in words."""
        digits = repr((step.value, [row.cells for row in step.rows])) if _is_measured(step) else ""
        rows = tuple(tuple(row.cells.items()) for row in step.rows)
        return self.steps.setdefault((id(step.node), *step[1:6], rows, digits), step)


class Recall:
    """The readers of one knowledge; threads may share it."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self._kept = facts, _Kept()
        self._alone: dict[int, tuple[Node, str | None]] = {}

    def reader(self, tables: Mapping[str, Table]) -> RecallingReader:
        if self._kept.full:
            self._kept = _Kept()  # who reads now goes on with the old
        return RecallingReader(self, tables, self._kept)

    def table_of(self, node: Any) -> str | None:
        """The table that alone decides what the node finds, where no fact comes into it."""
        found = self._alone.get(id(node))
        if found is None:
            if isinstance(node, tree.Present):
                table = None if node.since else "biomarkers"
            else:
                table = node.table if isinstance(node, tree.Newest) else node.rows.table
                table = None if tree.facts_read(node) else table
            found = self._alone[id(node)] = node, table
        return found[1]


class RecallingReader(Explainer):
    """Tells facts and rules for one case."""

    def __init__(self, recall: Recall, tables: Mapping[str, Table], kept: _Kept) -> None:
        super().__init__(recall.facts, tables)
        self._recall, self._kept, self._wording = recall, kept, Wording(recall.facts)
        self._ends: dict[str | _Key, tuple[Step, Told]] = {}
        self._steps: dict[_Key, Step] = {}
        self._marks: dict[str, bytes] = {}
        self._asked: dict[_Question, Step] | None = None  # by what is being explained now
        self._undecided = _NONE

    def told(self, rule: str | Node) -> Told:
        """What is told of a fact, by its name, or of a rule over facts."""
        return self._fact_end(rule)[1] if isinstance(rule, str) else self._rule_end(rule)[1]

    # -- the explain reader's own questions, answered from what is kept ------------------------------------------------

    def fact(self, name: str) -> Step:
        step = self._fact_end(name)[0]
        if self._asked is not None:
            self._asked.setdefault(name, step)
        return step

    def step(self, node: Node, row: Row | None = None) -> Step:
        if row is not None:
            return super().step(node, row)
        if isinstance(node, _READING):
            key = id(node), id(self._undecided)
            step = self._read(node, key)
            if self._asked is not None:
                self._asked.setdefault((node, key), step)
            return step
        return super().step(node) if self._asked is not None else self._rule_end(node)[0]

    def _fact_end(self, name: str) -> tuple[Step, Told]:
        found = self._ends.get(name)
        if found is None:
            definition = self.facts.definitions[name]
            outer, self._undecided = self._undecided, definition.undecided
            found = self._ends[name] = self._recalled(name, definition.node)
            self._undecided = outer
        return found

    def _rule_end(self, node: Node) -> tuple[Step, Told]:
        key = id(node), id(self._undecided)
        found = self._ends.get(key)
        if found is None:
            self._kept.nodes.setdefault(id(node), node)
            found = self._ends[key] = self._recalled(key, node)
        return found

    def _recalled(self, name: str | _Key, node: Node) -> tuple[Step, Told]:
        """The end this case's answers lead to, or a new one."""
        branch = root = self._kept.root(name)
        ends, steps = self._ends, self._steps  # looked into here first, as most questions have been asked
        while (asks := branch.asks) is not None:
            if isinstance(asks, str):
                answer = (ends.get(asks) or self._fact_end(asks))[0]
            else:
                answer = steps.get(asks[1]) or self._read(*asks)
            if (following := branch.answers.get(id(answer))) is None:
                break
            branch = following
        return branch.end or self._grown(root, node)

    def _grown(self, root: _Branch, node: Node) -> tuple[Step, Told]:
        """What the explain reader finds, kept under the questions it asked on the way."""
        outer, self._asked = self._asked, {}
        step = self.step(node)
        asked, self._asked = self._asked, outer
        branch = root
        for asks, answer in asked.items():
            branch.asks = asks  # as any other thread has it, whose answers were the same so far
            branch = branch.answers.setdefault(id(answer), _Branch())
        because, assumptions = self._wording.because(step), self._wording.assumptions(step)
        seen = self._kept.one(_seen(step, ()))
        branch.end = seen, Told(step.value, step.missing, because, assumptions)
        self._kept.ends += 1
        root.ends += 1
        return branch.end

    def _read(self, node: Node, key: _Key) -> Step:
        """What a node finds in the tables."""
        step = self._steps.get(key)
        if step is None:
            outer, self._asked = self._asked, None  # what it asks is not asked by what asks it
            table, kept = self._recall.table_of(node), self._kept
            mark = None if table is None else (key, self._mark(table))
            step = None if mark is None else kept.read.get(mark)
            if step is None:
                found = super().step(node)
                step = kept.one(_seen(found, tuple(_cut(node, row) for row in found.rows)))
                if mark is not None:
                    kept.read[mark] = step
            self._steps[key] = step
            self._asked = outer
        return step

    def _mark(self, name: str) -> bytes:
        """The same for tables that hold the same, to the digits of each number."""
        found = self._marks.get(name)
        if found is None:
            table = self.tables[name]
            held = repr((table.complete, [(row.place, row.places, row.cells) for row in table.rows]))
            found = self._marks[name] = hashlib.sha256(held.encode()).digest()
        return found


def _is_measured(step: Step) -> bool:
    numbers = (cell for row in step.rows for cell in row.cells.values())
    return isinstance(step.value, Number) or any(isinstance(cell, Decimal) for cell in numbers)


def _seen(step: Step, rows: tuple[Row, ...]) -> Step:
    """A step with what words tell of it: no parts, but the notes behind it and the entries it rests on."""
    places = step.places if step.places or step.missing else places_of(step)
    return Step(step.node, step.value, (), step.missing, notes_of(step), places, rows)


def _cut(node: Node, row: Row) -> Row:
    """A row with the cells words tell of."""
    told = TEST_TOLD if isinstance(node, tree.Present) else ROW_TOLD
    return Row({name: row.cells[name] for name in told if name in row.cells}, "")
