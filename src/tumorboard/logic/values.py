"""Values of the rule language: each is the set of what is still possible.

A truth that may be either, a label out of several, a number or a day in a range. *Known* means one is left. Beside
its ordinary values a label, number or day can be *not applicable* (a platinum-free interval before any platinum);
``na`` says that this is possible, and a value with nothing else left is known to be not applicable.

Numbers are whole numbers and exact decimals; a bound of ``None`` is open. Days are ordinals of
:meth:`datetime.date.toordinal`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from typing import Literal

Exact = int | Decimal
_EXACT = Context(prec=400, traps=[Inexact])  # numbers of a case have at most 40 digits, so nothing is ever rounded
Comparison = Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Truth:
    """Which of true and false are still possible (at least one is)."""

    can_be_true: bool
    can_be_false: bool

    def __hash__(self) -> int:  # looked up in Kleene's tables many times a case
        return 2 * self.can_be_true + self.can_be_false

    @property
    def known(self) -> bool:
        return self.can_be_true != self.can_be_false


TRUE = Truth(True, False)
FALSE = Truth(False, True)
UNKNOWN = Truth(True, True)


def truth(value: bool) -> Truth:
    return TRUE if value else FALSE


def either(can_be_true: bool, can_be_false: bool) -> Truth:
    """One of the three truths there are; no reader makes others, so they may be told apart with ``is``."""
    if can_be_true:
        return UNKNOWN if can_be_false else TRUE
    assert can_be_false, "a truth that can be neither"
    return FALSE


@dataclass(frozen=True, slots=True)
class Label:
    """One of ``possible`` (``None``: any text at all), or not applicable where ``na``."""

    possible: frozenset[str] | None
    na: bool = False

    @property
    def known(self) -> bool:
        return self.possible is not None and len(self.possible) + self.na == 1


@dataclass(frozen=True, slots=True)
class Labels:
    """A set of labels: all of ``certain`` belong to it, nothing outside ``possible`` does (``None``: no bound)."""

    certain: frozenset[str]
    possible: frozenset[str] | None

    @property
    def known(self) -> bool:
        return self.certain == self.possible


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``low`` to ``high``, both possible; ``some`` is false where only *not applicable* is left."""

    low: Exact | None
    high: Exact | None
    na: bool = False
    some: bool = True

    @property
    def known(self) -> bool:
        if not self.some:
            return True
        return not self.na and self.low is not None and self.low == self.high


@dataclass(frozen=True, slots=True)
class Day:
    """A day from ``low`` to ``high`` as ordinals, like :class:`Number`."""

    low: int | None
    high: int | None
    na: bool = False
    some: bool = True

    @property
    def known(self) -> bool:
        if not self.some:
            return True
        return not self.na and self.low is not None and self.low == self.high


Value = Truth | Label | Labels | Number | Day

ANY_LABEL = Label(None)
ANY_NUMBER = Number(None, None)
ANY_DAY = Day(None, None)
ANY_LABELS = Labels(frozenset(), None)
NO_LABEL = Label(frozenset(), na=True)
NO_NUMBER = Number(None, None, na=True, some=False)
NO_DAY = Day(None, None, na=True, some=False)


def is_not_applicable(value: Value) -> bool:
    """Whether nothing but *not applicable* is left."""
    if isinstance(value, Label):
        return value.na and value.possible == frozenset()
    if isinstance(value, Number | Day):
        return not value.some
    return False


def number(value: Exact) -> Number:
    return Number(value, value)


def label(value: str) -> Label:
    return Label(frozenset((value,)))


def labels(values: Iterable[str]) -> Labels:
    found = frozenset(values)
    return Labels(found, found)


def day(ordinal: int) -> Day:
    return Day(ordinal, ordinal)


def negate(value: Truth) -> Truth:
    return either(value.can_be_false, value.can_be_true)


def compare(op: Comparison, left: Value, right: Value) -> Truth:
    """Kleene comparison. *Not applicable* equals nothing and lies neither above nor below: false, and ``!=`` true."""
    if op == "!=":
        return negate(compare("==", left, right))
    if isinstance(left, Label) and isinstance(right, Label):
        return _same_label(left, right)
    if isinstance(left, Truth) and isinstance(right, Truth):
        same = (left.can_be_true and right.can_be_true) or (left.can_be_false and right.can_be_false)
        differ = (left.can_be_true and right.can_be_false) or (left.can_be_false and right.can_be_true)
        return either(same, differ)
    if isinstance(left, Number | Day) and isinstance(right, Number | Day):
        return _in_order(op, left, right)
    raise AssertionError(f"no comparison of {type(left).__name__} with {type(right).__name__}")


def _same_label(left: Label, right: Label) -> Truth:
    if left.possible is None or right.possible is None:
        empty = frozenset() in (left.possible, right.possible)
        return FALSE if empty else UNKNOWN
    shared = left.possible & right.possible
    if not shared:
        return FALSE
    return either(True, not (left.known and right.known))


def _in_order(op: Comparison, left: Number | Day, right: Number | Day) -> Truth:
    if not (left.some and right.some):
        return FALSE
    if op in (">", ">="):
        left, right, op = right, left, "<" if op == ">" else "<="
    lowest_left, highest_left, lowest_right, highest_right = left.low, left.high, right.low, right.high
    if op == "==":
        apart = (
            (highest_left is not None and lowest_right is not None and highest_left < lowest_right)
            or (highest_right is not None and lowest_left is not None and highest_right < lowest_left)
        )  # fmt: skip
        both_known = left.known and right.known
        return FALSE if apart else either(True, not both_known)
    strict = op == "<"
    can = (
        lowest_left is None
        or highest_right is None
        or (lowest_left < highest_right if strict else lowest_left <= highest_right)
    )
    must = (
        highest_left is not None
        and lowest_right is not None
        and (highest_left < lowest_right if strict else highest_left <= lowest_right)
    )
    return either(can, left.na or right.na or not must)


def add(left: Number, right: Number) -> Number:
    return _arithmetic(left, right, _plus(left.low, right.low), _plus(left.high, right.high))


def subtract(left: Number, right: Number) -> Number:
    return _arithmetic(left, right, _minus(left.low, right.high), _minus(left.high, right.low))


def multiply(left: Number, right: Number) -> Number:
    if left.low is None or left.high is None or right.low is None or right.high is None:
        return _arithmetic(left, right, None, None)
    corners = [_times(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
    return _arithmetic(left, right, min(corners), max(corners))


def larger(left: Number, right: Number) -> Number:
    """The larger of two numbers."""
    lows = [low for low in (left.low, right.low) if low is not None]
    high = None if left.high is None or right.high is None else max(left.high, right.high)
    return _arithmetic(left, right, max(lows, default=None), high)


def smaller(left: Number, right: Number) -> Number:
    """The smaller of two numbers."""
    highs = [high for high in (left.high, right.high) if high is not None]
    low = None if left.low is None or right.low is None else min(left.low, right.low)
    return _arithmetic(left, right, low, min(highs, default=None))


def days_between(start: Day, end: Day) -> Number:
    """Whole days from ``start`` to ``end`` (negative where ``end`` is earlier)."""
    if not (start.some and end.some):
        return NO_NUMBER
    low = None if end.low is None or start.high is None else end.low - start.high
    high = None if end.high is None or start.low is None else end.high - start.low
    return Number(low, high, start.na or end.na)


def _plus(left: Exact | None, right: Exact | None) -> Exact | None:
    if left is None or right is None:
        return None
    return left + right if isinstance(left, int) and isinstance(right, int) else _EXACT.add(left, right)


def _minus(left: Exact | None, right: Exact | None) -> Exact | None:
    return None if right is None else _plus(left, -right if isinstance(right, int) else right.copy_negate())


def _times(left: Exact, right: Exact) -> Exact:
    return left * right if isinstance(left, int) and isinstance(right, int) else _EXACT.multiply(left, right)


def _arithmetic(left: Number, right: Number, low: Exact | None, high: Exact | None) -> Number:
    if not (left.some and right.some):
        return NO_NUMBER
    return Number(low, high, left.na or right.na)


def member(value: Label, options: frozenset[str]) -> Truth:
    """Whether the label is one of ``options``; *not applicable* is none of them."""
    if value.possible is None:
        return UNKNOWN
    inside = value.possible & options
    return either(bool(inside), value.na or len(inside) < len(value.possible))


def contains(values: Labels, wanted: frozenset[str]) -> Truth:
    """Whether the set holds at least one of ``wanted``."""
    if values.certain & wanted:
        return TRUE
    return UNKNOWN if values.possible is None or values.possible & wanted else FALSE


def within(values: Labels, allowed: frozenset[str]) -> Truth:
    """Whether the set is not empty and holds nothing outside ``allowed``."""
    if values.certain - allowed or (values.possible is not None and not values.possible & allowed):
        return FALSE
    certain = bool(values.certain) and values.possible is not None and values.possible <= allowed
    return either(True, not certain)


def how_many(values: Labels, wanted: frozenset[str]) -> Number:
    high = None if values.possible is None else len(values.possible & wanted)
    return Number(len(values.certain & wanted), high)


def nonempty(values: Labels) -> Truth:
    if values.certain:
        return TRUE
    return FALSE if values.possible == frozenset() else UNKNOWN


def hull(values: Iterable[Value]) -> Value:
    """The smallest value of the same kind that allows everything any of ``values`` (at least one) allows."""
    first, *rest = values
    result = first
    for value in rest:
        result = _hull(result, value)
    return result


def _hull(left: Value, right: Value) -> Value:
    if left == right:
        return left
    if isinstance(left, Truth) and isinstance(right, Truth):
        return UNKNOWN
    if isinstance(left, Label) and isinstance(right, Label):
        both = None if left.possible is None or right.possible is None else left.possible | right.possible
        return Label(both, left.na or right.na)
    if isinstance(left, Labels) and isinstance(right, Labels):
        most = None if left.possible is None or right.possible is None else left.possible | right.possible
        return Labels(left.certain & right.certain, most)
    if isinstance(left, Number) and isinstance(right, Number):
        return Number(*_range(left, right))
    if isinstance(left, Day) and isinstance(right, Day):
        low, high, na, some = _range(left, right)
        return Day(None if low is None else int(low), None if high is None else int(high), na, some)
    raise AssertionError(f"no hull of {type(left).__name__} and {type(right).__name__}")


def _range(left: Number | Day, right: Number | Day) -> tuple[Exact | None, Exact | None, bool, bool]:
    na = left.na or right.na
    if not left.some or not right.some:
        kept = right if not left.some else left
        return kept.low, kept.high, na, kept.some
    low = None if left.low is None or right.low is None else min(left.low, right.low)
    high = None if left.high is None or right.high is None else max(left.high, right.high)
    return low, high, na, True


def applicable(value: Number) -> Number:
    """The number itself where it may also be not applicable."""
    return Number(value.low, value.high) if value.na else value


def cut(value: Number, op: Comparison, at: Exact, whole: bool) -> Number:
    """The part of ``value`` for which ``value op at`` can hold, used by ``band``; there is one.

    The bounds of a ``whole`` number stay whole numbers: above 2 means 3 or more.
    """
    assert op in (">", ">="), "bands are cut from below"
    if whole:
        at = math.floor(at) + 1 if op == ">" else math.ceil(at)
    low = at if value.low is None or value.low < at else value.low
    return Number(low, value.high, value.na, value.some)
