"""What is said to be possible is exactly what the completions give, where each input is used once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tumorboard.case.columns import TABLES, TRUTH, WHOLE, Type
from tumorboard.case.rows import Row, Table
from tumorboard.logic import tree
from tumorboard.logic.explain import Explainer
from tumorboard.logic.facts import Facts
from tumorboard.logic.fast import FastFacts
from tumorboard.logic.steps import AND, NOT, OR
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Label, Number, Truth, Value, compare, either, truth

COLOURS = ("blue", "green", "red")
COLOUR = Type("label", domain=frozenset(COLOURS))
COLUMNS = ("cavitation", "great_vessel_invasion", "a", "b", "c")
NO_FACTS = Facts({}, {}, {}, (), None)  # type: ignore[arg-type]
Cells = Mapping[str, Any]


def evaluate(node: Node, row: Cells) -> Value:
    """The node for one patient whose row is ``row``, by both readers."""
    held = {name: Table((), False) for name in TABLES}
    held["patient"] = Table((Row({"when": 0, **row}, "patient"),), True)
    found = Explainer(NO_FACTS, held).step(node).value
    assert FastFacts(NO_FACTS).reader(held).value(node) == found
    return found


def patient(column: str, kind: Type) -> Node:
    return tree.Pick(tree.Rows("patient", ()), "last", column, kind)


def possible(truth_: Truth) -> set[bool]:
    return {answer for answer, can in ((True, truth_.can_be_true), (False, truth_.can_be_false)) if can}


# -- truth tables ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "right"), [*itertools.product((TRUE, UNKNOWN, FALSE), repeat=2)])
def test_kleenes_tables_hold_what_every_completion_gives(left: Truth, right: Truth) -> None:
    pairs = list(itertools.product(possible(left), possible(right)))
    assert possible(AND[left, right]) == {a and b for a, b in pairs}
    assert possible(OR[left, right]) == {a or b for a, b in pairs}
    assert possible(NOT[left]) == {not a for a in possible(left)}
    assert possible(compare("==", left, right)) == {a == b for a, b in pairs}


@st.composite
def read_once(draw: Callable[[Any], Any], columns: Iterator[str], depth: int) -> Node:
    """Logic in which every input stands once."""
    kind = draw(st.sampled_from(("leaf", "not", "and", "or", "choose"))) if depth > 0 else "leaf"
    parts = [draw(read_once(columns, depth - 1)) for _ in range({"leaf": 0, "not": 1, "choose": 3}.get(kind, 2))]
    match kind:
        case "leaf":
            return patient(next(columns), TRUTH)
        case "not":
            return tree.Not(parts[0])
        case "and":
            return tree.And(tuple(parts))
        case "or":
            return tree.Or(tuple(parts))
    return tree.Choose(((parts[0], parts[1]),), parts[2], TRUTH)


@given(st.data())
def test_logic_that_reads_each_input_once_is_exact(data: st.DataObject) -> None:
    names = (f"input_{index}" for index in itertools.count())
    node = data.draw(read_once(names, 2))
    used = sorted({part.column for part in _all_of(node) if isinstance(part, tree.Pick)})
    row = {name: data.draw(st.sampled_from((True, False, None))) for name in used}
    unknown = [name for name in used if row[name] is None]
    found = set()
    for filling in itertools.product((True, False), repeat=len(unknown)):
        answer = evaluate(node, {**row, **dict(zip(unknown, filling, strict=True))})
        assert isinstance(answer, Truth)
        found |= possible(answer)
    answer = evaluate(node, row)
    assert isinstance(answer, Truth)
    assert possible(answer) == found


def _all_of(node: Node) -> list[Node]:
    return [node, *(below for child in tree.children(node) for below in _all_of(child))]


# -- one unknown input -----------------------------------------------------------------------------------------------


@st.composite
def ranges(draw: Callable[[Any], Any]) -> tuple[Node, range]:
    """A whole number somewhere in a range, and that range: two bands of an unknown truth are as far as it goes."""
    low = draw(st.integers(0, 6))
    high = draw(st.integers(low, 8))
    unknown = patient("cavitation", TRUTH)
    node = tree.Choose(((unknown, tree.Constant(low, WHOLE)),), tree.Constant(high, WHOLE), WHOLE)
    return node, range(low, high + 1)


@given(ranges(), st.lists(st.integers(0, 8), unique=True, min_size=1, max_size=4), st.data())
def test_a_band_gives_the_labels_of_the_numbers_in_the_range(
    drawn: tuple[Node, range], ats: list[int], data: st.DataObject
) -> None:
    number, numbers = drawn
    signs = [data.draw(st.sampled_from(("<", "<="))) for _ in ats]
    names = [f"band {index}" for index in range(len(ats) + 1)]
    kind = Type("label", domain=frozenset(names))
    cuts = tuple(
        (sign, tree.Constant(at, WHOLE), tree.Constant(name, kind))
        for sign, at, name in zip(signs, sorted(ats), names, strict=False)
    )
    above = tree.Constant(names[-1], kind)
    answer = evaluate(tree.Band(number, cuts, above, kind), {})
    each = {next(iter(_label(tree.Band(tree.Constant(n, WHOLE), cuts, above, kind)))) for n in numbers}
    assert isinstance(answer, Label)
    assert answer.possible == each


def _label(node: Node) -> frozenset[str]:
    found = evaluate(node, {})
    assert isinstance(found, Label) and found.possible is not None and found.known
    return found.possible


@given(ranges(), st.integers(-1, 9), st.sampled_from(("==", "!=", "<", "<=", ">", ">=")))
def test_a_comparison_with_a_number_is_exact(drawn: tuple[Node, range], at: int, op: Any) -> None:
    number, numbers = drawn
    answer = evaluate(tree.Compare(op, number, tree.Constant(at, WHOLE)), {})
    each = [compare(op, Number(n, n), Number(at, at)) for n in numbers]
    assert answer == either(TRUE in each, FALSE in each)


@given(st.sets(st.sampled_from(COLOURS), min_size=1), st.sets(st.sampled_from(COLOURS), min_size=1))
def test_membership_of_a_label_is_exact(left: set[str], options: set[str]) -> None:
    item: Node = tree.Constant(min(left), COLOUR)
    for other in sorted(left - {min(left)}):
        item = tree.Choose(((patient("cavitation", TRUTH), tree.Constant(other, COLOUR)),), item, COLOUR)
    each = [truth(word in options) for word in left]
    assert evaluate(tree.Among(item, frozenset(options)), {}) == either(TRUE in each, FALSE in each)


@given(
    st.lists(st.tuples(st.sampled_from(COLOURS), st.sampled_from((True, False, None))), unique_by=lambda pair: pair[0]),
    st.frozensets(st.sampled_from(COLOURS), min_size=1),
)
def test_what_a_list_may_hold_is_exact(reasons: list[tuple[str, bool | None]], members: frozenset[str]) -> None:
    if not reasons:
        return
    row = dict(reasons)
    collected = tree.Collect(tuple((name, patient(name, TRUTH)) for name, _ in reasons), Type("labels"))
    unknown = [name for name, holds in reasons if holds is None]
    questions: dict[str, tuple[Node, Callable[[set[str]], Any]]] = {
        "meets": (tree.Meets(collected, "a class", members), lambda held: bool(held & members)),
        "only": (tree.Only(collected, "a class", members), lambda held: bool(held) and held <= members),
        "some": (tree.Some(collected), bool),
        "how many": (tree.HowMany(collected, "a class", members), lambda held: len(held & members)),
    }
    for name, (node, ask) in questions.items():
        given_ = {word for word, holds in reasons if holds}
        each = [
            ask(given_ | set(more))
            for size in range(len(unknown) + 1)
            for more in itertools.combinations(unknown, size)
        ]
        answer = evaluate(node, row)
        if isinstance(answer, Number):
            assert (answer.low, answer.high) == (min(each), max(each)), name
        else:
            assert answer == either(True in each, False in each), name
