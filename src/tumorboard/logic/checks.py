"""The checks of the parser: types, units and closed lists, each refusal with what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from tumorboard.case.columns import DECIMAL, TABLES, TRUTH, WHOLE, ColumnOf, Type
from tumorboard.logic import tree
from tumorboard.logic.tree import DAYS, Node
from tumorboard.logic.values import Comparison
from tumorboard.vocabulary.library import Vocabulary

_FEW = 12  # a list longer than this is not printed as a mend; the nearest of it are


class RuleError(Exception):
    """A rule that can't be read: ``what`` is wrong at ``column`` of its text, ``mend`` what would be right."""

    def __init__(self, what: str, mend: str = "", column: int = 0) -> None:
        super().__init__(f"{what}; {mend}" if mend else what)
        self.what, self.mend, self.column = what, mend, column


def require(node: Node, expected: Type, column: int) -> None:
    """That ``node`` has the type expected where it stands; a whole number may stand for a decimal."""
    found = node.type
    if found.kind == expected.kind or (found.numeric and expected.kind == "decimal"):
        if found.unit != expected.unit:
            raise RuleError(f"is in {found.unit or 'no unit'}, not in {expected.unit or 'no unit'}", "", column)
        if expected.domain is not None and found.domain is not None and not found.domain <= expected.domain:
            extra = ", ".join(sorted(found.domain - expected.domain))
            raise RuleError(f"can be {extra}", f"add it to the values: {', '.join(sorted(expected.domain))}", column)
        return
    raise RuleError(f"is a {found}, but a {expected} belongs here", "", column)


def require_comparable(op: Comparison, left: Node, right: Node, column: int) -> None:
    """Two numbers of one unit, two days, or two labels or truths where no order is asked for."""
    if left.type.numeric and right.type.numeric:
        if left.type.unit != right.type.unit and not bare_days(left, right):
            raise RuleError(
                f"compares {left.type.unit or 'no unit'} with {right.type.unit or 'no unit'}",
                f'write the number with its unit: quantity(2, "{left.type.unit or right.type.unit}")', column,
            )  # fmt: skip
        return
    if left.type.kind != right.type.kind or left.type.kind == "labels":
        raise RuleError(f"compares a {left.type} with a {right.type}", "", column)
    if op not in ("==", "!=") and left.type.kind != "date":
        raise RuleError(f"a {left.type} has no order", "use == or !=", column)


def require_words(node: Node, words: Iterable[str], column: ColumnOf | None, vocabulary: Vocabulary, at: int) -> None:
    """That a label, or a member of a list, can be each of ``words``; ``column`` is the one it is read from in a row."""
    allowed = node.type.domain or _named_by(column or column_of(node), vocabulary)
    if node.type.kind not in ("label", "labels") or allowed is None:
        return
    if extra := sorted(word for word in words if word not in allowed):
        verb = "never holds" if node.type.kind == "labels" else "can never be"
        raise RuleError(f"{verb} {', '.join(map(repr, extra))}", one_of(extra[0], allowed), at)


def column_of(node: Node) -> ColumnOf | None:
    """The column of a table that a node outside a row reads."""
    return TABLES[node.rows.table].columns[node.column] if isinstance(node, tree.Pick) else None


def words_of(node: Node, vocabulary: Vocabulary) -> frozenset[str] | None:
    """What a label can be, as far as the vocabulary knows: its closed list, or the names its column is read under."""
    return node.type.domain or _named_by(column_of(node), vocabulary)


def _named_by(column: ColumnOf | None, vocabulary: Vocabulary) -> frozenset[str] | None:
    match column.groups if column else None:
        case "drugs":
            return frozenset(drug.inn for drug in vocabulary.drugs)
        case "diseases":
            return vocabulary.terms.diseases.ids
        case "alterations":
            return frozenset(vocabulary.alterations)
    return None


def bare_days(left: Node, right: Node) -> bool:
    """A bare number beside days is days (`platinum_free_interval < 90`); any other unit is written out."""
    return {left.type.unit, right.type.unit} == {None, "days"} and any(
        isinstance(side, tree.Constant) and side.type.unit is None for side in (left, right)
    )


def arithmetic_type(op: tree.Operation, left: Node, right: Node, column: int) -> Type:
    if not (left.type.numeric and right.type.numeric):
        raise RuleError(f"counts with a {left.type} and a {right.type}", "", column)
    if op == "/":
        if not (isinstance(right, tree.Constant) and right.type.unit is None and right.value > 0):  # type: ignore[operator]
            raise RuleError("divides by what may be nothing", "divide by a number above 0, without a unit", column)
        return Type("decimal", left.type.unit)
    if op == "*":
        if left.type.unit and right.type.unit:
            raise RuleError(f"multiplies {left.type.unit} by {right.type.unit}", "", column)
    elif left.type.unit != right.type.unit and not bare_days(left, right):
        raise RuleError(f"adds {left.type.unit or 'no unit'} and {right.type.unit or 'no unit'}", "", column)
    whole = left.type.kind == right.type.kind == "whole"
    return Type("whole" if whole else "decimal", left.type.unit or right.type.unit)


def common_type(nodes: Sequence[Node], column: int) -> Type:
    """The one type of several values; labels give the list of all they can be."""
    types = [node.type for node in nodes if not isinstance(node, tree.Undecided | tree.NotApplicable)]
    types = types or [node.type for node in nodes]
    first = types[0]
    if all(found.kind == first.kind for found in types) and not first.numeric:
        domains = [found.domain for found in types]
        known = [domain for domain in domains if domain is not None]
        joined = frozenset().union(*known) if len(known) == len(domains) else None
        return Type(first.kind, domain=joined) if first.kind in ("label", "labels") else first
    if all(found.numeric for found in types):
        units = {found.unit for found in types}
        if units == {None, "days"}:
            units = {"days"}
        if len(units) == 1:
            whole = all(found.kind == "whole" for found in types)
            return Type("whole" if whole else "decimal", units.pop())
    raise RuleError(f"its values are not of one type: {', '.join(sorted({str(t) for t in types}))}", "", column)


def require_ascending(cuts: Sequence[tuple[Literal["<", "<="], Node, Node]], column: int) -> None:
    """Cuts that are numbers go up; those that are parameters depend on what is chosen."""
    fixed = [(at.value, op) for op, at, _ in cuts if isinstance(at, tree.Constant)]
    for (below, op), (above, above_op) in pairwise(fixed):
        assert not isinstance(below, str) and not isinstance(above, str)
        if not (below < above or (below == above and op == "<" and above_op == "<=")):
            raise RuleError(f"the cut {above} comes after {below}", "write the cuts lowest first", column)


def noted_type(note: Mapping[str, object]) -> Type:
    """The type of a named entry, as the vocabulary's file says it."""
    kind = note["type"]
    if kind == "label":
        values = note["values"]
        assert isinstance(values, Mapping)
        return Type("label", domain=frozenset(values))
    return {"truth": TRUTH, "whole": WHOLE, "decimal": DECIMAL, "days": DAYS}[str(kind)]


def one_of(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    return f"use {' | '.join(names)}" if len(names) <= _FEW else did_you_mean(name, names)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 3, 0.6)
    return f"did you mean {' or '.join(near)}?" if near else ""
