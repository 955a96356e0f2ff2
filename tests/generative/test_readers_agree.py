"""Random rules on random cases: the readers agree, knowledge only shrinks what is possible, and questions settle."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from trees import BUILDERS, DAYS, FACTS, NAMED, cells, nodes, rows, rules_of_facts, tables, tables_read

from tumorboard.case.columns import TABLES
from tumorboard.case.rows import NA, Row, Table
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.logic import tree
from tumorboard.logic.explain import Explainer
from tumorboard.logic.facts import FactDefinition, Facts, load_facts
from tumorboard.logic.fast import FastFacts
from tumorboard.logic.inputs import Input, section
from tumorboard.logic.steps import Step
from tumorboard.logic.tree import Node
from tumorboard.logic.values import Day, Label, Labels, Number, Truth, Value
from tumorboard.logic.wording import Wording, notes_of
from tumorboard.text import Text
from tumorboard.vocabulary.library import Vocabulary

FOLDER = KnowledgeFolder(SHIPPED)
SHIPPED_FACTS = load_facts(FOLDER, Vocabulary.load(FOLDER))
_TEXT = Text("for this test", "测试用")
# How many examples run is the profile's to say (tests/conftest.py); trees are large, so slow draws are no mistake.
SLOW = settings(suppress_health_check=list(HealthCheck))
Tables = Mapping[str, Table]


def facts_from(rules: Mapping[str, Node]) -> Facts:
    silence = {"silence": Text("the source is silent", "来源未作规定")}
    definitions = {
        name: FactDefinition(name, _TEXT, _TEXT, "", FACTS.get(name, node.type), {}, silence, "", node, (), "")
        for name, node in rules.items()
    }
    shared: dict[Node, Node] = {}
    definitions = {name: replace(fact, node=tree.shared(fact.node, shared)) for name, fact in definitions.items()}
    return replace(SHIPPED_FACTS, definitions=definitions)


@st.composite
def cases(draw: Any) -> tuple[Facts, Tables]:
    """Facts with one more, ``asked``, that may be of any kind, and the tables of a case."""
    rules = {**draw(rules_of_facts()), "asked": draw(nodes())}
    return facts_from(rules), draw(tables(frozenset().union(*map(tables_read, rules.values()))))


def test_every_node_type_has_a_strategy() -> None:
    assert set(typing.get_args(tree.Node)) == set(BUILDERS)


# -- explain and fast ------------------------------------------------------------------------------------------------


@SLOW
@given(cases())
def test_the_readers_agree_on_every_fact(case: tuple[Facts, Tables]) -> None:
    facts, held = case
    explain, fast = Explainer(facts, held), FastFacts(facts).reader(held)
    for name in facts.definitions:
        assert fast.fact(name) == explain.fact(name).value, name


@SLOW
@given(cases(), nodes("truth", depth=2))
def test_the_readers_agree_on_logic_over_facts(case: tuple[Facts, Tables], asked: Node) -> None:
    facts, held = case
    assume(not any(_needs_its_words(node) for node in _all_of(asked)))
    assert FastFacts(facts).reader(held).value(asked) == Explainer(facts, held).step(asked).value


def _needs_its_words(node: Node) -> bool:
    """Whether a node names a text that only a fact's definition holds."""
    return isinstance(node, tree.Undecided) or (isinstance(node, tree.NotApplicable) and node.reason is not None)


def _all_of(node: Node) -> list[Node]:
    return [node, *(below for child in tree.children(node) for below in _all_of(child))]


# -- knowing more ----------------------------------------------------------------------------------------------------


def within(new: Value, old: Value) -> bool:
    """Whether everything ``new`` leaves possible was possible before."""
    match new, old:
        case Truth(), Truth():
            return new.can_be_true <= old.can_be_true and new.can_be_false <= old.can_be_false
        case Label(), Label():
            listed = old.possible is None or (new.possible is not None and new.possible <= old.possible)
            return listed and new.na <= old.na
        case Labels(), Labels():
            listed = old.possible is None or (new.possible is not None and new.possible <= old.possible)
            return listed and old.certain <= new.certain
        case (Number(), Number()) | (Day(), Day()):
            if not new.some:
                return old.na
            low = old.low is None or (new.low is not None and new.low >= old.low)
            high = old.high is None or (new.high is not None and new.high <= old.high)
            return old.some and low and high and new.na <= old.na
    return False


@st.composite
def completed(draw: Any, held: Tables) -> dict[str, Table]:
    """The same case with some of what is missing filled in.

    Cells get a value; a list not given is given; an open list may hold one more entry, older than the others. Entries
    of biomarkers stay as they are: there a newer result may by definition go before an older one.
    """
    found = {}
    for name, table in held.items():
        form = TABLES[name]
        if name == "biomarkers":
            found[name] = table
            continue
        filled = [draw(_filled(name, row)) for row in table.rows]
        complete = table.complete
        if form.complete and not complete and draw(st.booleans()):
            filled = [draw(rows(name, f"{name}[{index}]")) for index in range(draw(st.integers(0, 2)))]
            complete = True
        elif not form.complete and draw(st.booleans()):
            older = draw(rows(name, f"{name}[{len(filled)}]"))
            # Only courses, a closed list, ever hold "not applicable": an entry still to come never does.
            cells_held = {key: None if cell is NA else cell for key, cell in older.cells.items()}
            filled = [Row({**cells_held, "when": -1}, older.place), *filled]
        filled.sort(key=lambda row: row.cells["when"])
        found[name] = Table(tuple(filled), complete)
    return found


@st.composite
def _filled(draw: Any, table: str, row: Row) -> Row:
    held = dict(row.cells)
    for name, column in TABLES[table].columns.items():
        if held.get(name) is None and draw(st.booleans()):
            kind = NAMED.get(table, column.type.kind) if name == "value" else column.type.kind
            held[name] = draw(cells(kind))
    return Row(held, row.place, row.places)


def rests_on_silence(step: Step) -> bool:
    """Whether something was assumed on the way that more entries may contradict."""
    return any(note.kind == "assumption" and "is complete" not in note.text.en for note in notes_of(step))


@SLOW
@given(st.data(), cases())
def test_knowing_more_only_shrinks_what_is_possible(data: st.DataObject, case: tuple[Facts, Tables]) -> None:
    facts, held = case
    before = Explainer(facts, held).fact("asked")
    assume(not rests_on_silence(before))
    after = Explainer(facts, data.draw(completed(held))).fact("asked")
    assert within(after.value, before.value), f"{before.value} became {after.value}"


# -- questions -------------------------------------------------------------------------------------------------------


def undecided(step: Step) -> bool:
    return any(note.kind == "undecided" for note in notes_of(step))


def answered(held: Tables, missing: tuple[Input, ...], facts: Facts) -> dict[str, Table]:
    """The case with every input answered, in the plainest way."""
    found = dict(held)
    for item in missing:
        head, _, name = item.ask.partition(": ")
        if "[" in head:
            table = head.partition("[")[0]
            place, _, column = item.ask.rpartition(".")
            found[table] = Table(
                tuple(_with(row, table, column) if row.place == place else row for row in found[table].rows),
                found[table].complete,
            )
        elif head == "biomarkers" and facts.vocabulary.alterations.known(name):
            result = {"alteration": name, "result": "absent", "specimen": None, "assay": "again", "when": max(DAYS) + 1}
            kept = () if item.state == "contradictory" else found[head].rows
            both = (
                Row({**result, "specimen": kind}, f"biomarkers[again {name} {kind}]") for kind in ("tissue", "liquid")
            )
            found[head] = Table((*kept, *both), False)
        elif name and (table := next((t for t in NAMED if section(t) == head), "")):
            entry = Row({"name": name, "value": _value(NAMED[table]), "when": max(DAYS) + 1}, f"{table}[new {name}]")
            kept_rows = tuple(row for row in found[table].rows if row.cells["name"] != name)
            found[table] = Table((*kept_rows, entry), False)
        else:
            for table in TABLES:
                if head == section(table) or head.startswith(f"{section(table)} "):
                    found[table] = Table(found[table].rows, True)
    return found


def _with(row: Row, table: str, column: str) -> Row:
    kind = (
        NAMED.get(table, TABLES[table].columns[column].type.kind)
        if column == "value"
        else TABLES[table].columns[column].type.kind
    )
    return Row({**row.cells, column: _value(kind)}, row.place, row.places)


def _value(kind: str) -> Any:
    return {"truth": True, "whole": 1, "decimal": 2, "label": "A", "labels": frozenset(("gefitinib",)), "date": 5}[kind]


@SLOW
@given(cases())
def test_answering_every_question_settles_the_answer(case: tuple[Facts, Tables]) -> None:
    facts, held = case
    step = Explainer(facts, held).fact("asked")
    if step.value.known:
        assert step.missing == ()
        return
    assert step.missing or undecided(step)
    assume(not any(item.state == "order not known" for item in step.missing))  # no cell of a row answers that
    after = Explainer(facts, answered(held, step.missing, facts)).fact("asked")
    assert after.value.known or undecided(after), f"still {after.value}, asking {after.missing}"


@SLOW
@given(cases())
def test_every_answer_can_be_put_into_words(case: tuple[Facts, Tables]) -> None:
    facts, held = case
    step, wording = Explainer(facts, held).fact("asked"), Wording(facts)
    said = wording.because(step)
    assert "{" not in said.en + said.zh
    assert "this value" not in said.en
    assert wording.value(step.value, step.node.type).en
