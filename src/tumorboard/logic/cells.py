"""Values from cells and constants, and the small operations every reader shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from tumorboard.case.columns import TABLES, Type
from tumorboard.case.rows import Cell, NotApplicable
from tumorboard.logic import tree, values
from tumorboard.logic.functions import divide
from tumorboard.logic.values import FALSE, UNKNOWN, Day, Label, Labels, Number, Truth, Value


def constant(value: bool | int | Decimal | str) -> Value:
    """A literal or the setting of a parameter as a value."""
    if isinstance(value, bool):
        return values.truth(value)
    return values.label(value) if isinstance(value, str) else values.number(value)


def from_cell(raw: Cell, kind: Type) -> Value:
    match raw:
        case NotApplicable():
            return not_applicable(kind)
        case bool():
            return values.truth(raw)
        case str():
            return values.label(raw)
        case frozenset():
            return values.labels(raw)
        case int() if kind.kind == "date":
            return values.day(raw)
        case int() | Decimal():
            return values.number(raw)
    raise AssertionError(f"no value for the cell {raw!r}")


def anything(kind: Type) -> Value:
    """The value nothing is known of."""
    match kind.kind:
        case "truth":
            return UNKNOWN
        case "label":
            return Label(kind.domain)
        case "labels":
            return Labels(frozenset(), kind.domain)
        case "date":
            return values.ANY_DAY
    return values.ANY_NUMBER


def unlisted(table: str, kind: Type) -> Value:
    """A column of a row that isn't there, of a list that isn't given; given as empty, it would not be applicable."""
    value = anything(kind)
    if TABLES[table].complete and isinstance(value, Label | Number | Day):
        return replace(value, na=True)
    return value


def not_applicable(kind: Type) -> Value:
    match kind.kind:
        case "truth":
            return FALSE
        case "label":
            return values.NO_LABEL
        case "labels":
            return values.labels(())
        case "date":
            return values.NO_DAY
    return values.NO_NUMBER


_OPERATIONS: dict[tree.Operation, Callable[[Number, Number], Number]] = {
    "+": values.add, "-": values.subtract, "*": values.multiply, "/": divide,
    "larger": values.larger, "smaller": values.smaller,
}  # fmt: skip


def calculate(op: tree.Operation, left: Value, right: Value) -> Number:
    assert isinstance(left, Number) and isinstance(right, Number)
    return _OPERATIONS[op](left, right)


def bound(item: Value, low: Value, high: Value) -> Day:
    """``item`` kept within its bounds where it isn't recorded; a recorded day stays as it is.

    A bound that may not apply is none, and bounds that leave no room between them say nothing.
    """
    assert isinstance(item, Day)
    if item.known or not item.some:
        return item
    lowest, highest = _within(item, low, high)
    if lowest is not None and highest is not None and lowest > highest:
        return item
    return Day(lowest, highest, item.na)


def no_room(item: Value, low: Value, high: Value) -> bool:
    """Whether a day that isn't recorded is shut out by its bounds, which then contradict each other."""
    assert isinstance(item, Day)
    lowest, highest = _within(item, low, high)
    return not item.known and lowest is not None and highest is not None and lowest > highest


def _within(item: Day, low: Value, high: Value) -> tuple[int | None, int | None]:
    assert isinstance(low, Day) and isinstance(high, Day)
    lows = [day for day in (item.low, low.low if low.some and not low.na else None) if day is not None]
    highs = [day for day in (item.high, high.high if high.some and not high.na else None) if day is not None]
    return max(lows, default=None), min(highs, default=None)


def meets(value: Value, members: frozenset[str]) -> Truth:
    if isinstance(value, Label):
        return values.member(value, members)
    assert isinstance(value, Labels)
    return values.contains(value, members)


def only(value: Value, members: frozenset[str]) -> Truth:
    if isinstance(value, Label):
        return values.member(value, members)
    assert isinstance(value, Labels)
    return values.within(value, members)
