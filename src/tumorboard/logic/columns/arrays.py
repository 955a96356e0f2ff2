"""Values of many patients (or rows): truths as two planes, whole numbers and days as bounds, all others as codes.

A code stands for one value of :mod:`tumorboard.logic.values` in a :class:`Pool` that all arrays of a run share, so
equal codes are equal values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Comparison, Day, Label, Labels, Number, Truth, Value

Bools = NDArray[np.bool_]
Codes = NDArray[np.int32]
Whole = NDArray[np.int64]
Item = TypeVar("Item", bound=Hashable)
OPEN_LOW, OPEN_HIGH = -(2**62), 2**62  # bounds that are open; a case's whole numbers and days lie far within


class Pool(Generic[Item]):
    """Values by number; a value has one number, for the life of the pool."""

    def __init__(self) -> None:
        self.values: list[Item] = []
        self._codes: dict[Item, int] = {}

    def code(self, value: Item) -> int:
        found = self._codes.get(value)
        if found is None:
            found = self._codes[value] = len(self.values)
            self.values.append(value)
        return found

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Truths:
    """Which of true and false are possible, a patient each."""

    can_be_true: Bools
    can_be_false: Bools

    @property
    def true(self) -> Bools:
        return self.can_be_true & ~self.can_be_false

    @property
    def false(self) -> Bools:
        return ~self.can_be_true

    @property
    def known(self) -> Bools:
        return self.can_be_true ^ self.can_be_false

    def take(self, rows: Whole) -> Truths:
        return Truths(self.can_be_true[rows], self.can_be_false[rows])

    def value(self, index: int) -> Truth:
        both = bool(self.can_be_true[index]), bool(self.can_be_false[index])
        return {(True, False): TRUE, (False, True): FALSE, (True, True): UNKNOWN}[both]


@dataclass(frozen=True, slots=True)
class Ints:
    """Whole numbers or days from ``low`` to ``high``. Where ``some`` is false no number is left, and the bounds are
    those of the empty range (``OPEN_HIGH`` to ``OPEN_LOW``), which a union takes no notice of."""

    low: Whole
    high: Whole
    na: Bools
    some: Bools
    day: bool  # values are days, not numbers

    @property
    def known(self) -> Bools:
        return np.where(self.some, ~self.na & (self.low == self.high), True)

    def take(self, rows: Whole) -> Ints:
        return Ints(self.low[rows], self.high[rows], self.na[rows], self.some[rows], self.day)

    def value(self, index: int) -> Number | Day:
        kind = Day if self.day else Number
        if not self.some[index]:
            return kind(None, None, True, False)
        low, high = int(self.low[index]), int(self.high[index])
        return kind(None if low <= OPEN_LOW else low, None if high >= OPEN_HIGH else high, bool(self.na[index]), True)


@dataclass(frozen=True, slots=True)
class Coded:
    """Labels, sets of labels and exact decimals, as numbers of their pool."""

    codes: Codes
    pool: Pool[Any]

    def take(self, rows: Whole) -> Coded:
        return Coded(self.codes[rows], self.pool)

    def value(self, index: int) -> Value:
        found: Value = self.pool.values[self.codes[index]]
        return found

    @property
    def known(self) -> Bools:
        return looked_up(self.codes, self.pool, lambda value: value.known, np.bool_)


Array = Truths | Ints | Coded


@dataclass(frozen=True, slots=True)
class Pools:
    """The values of one run, by kind, so that tables of looked-up results stay short."""

    label: Pool[Value]
    labels: Pool[Value]
    number: Pool[Value]
    day: Pool[Value]
    asks: Pool[frozenset[str]]  # what is missing; 0: nothing

    @classmethod
    def new(cls) -> Pools:
        asks: Pool[frozenset[str]] = Pool()
        asks.code(frozenset())
        return cls(Pool(), Pool(), Pool(), Pool(), asks)

    def of(self, value: Value) -> Pool[Value]:
        match value:
            case Label():
                return self.label
            case Labels():
                return self.labels
            case Number():
                return self.number
            case Day():
                return self.day
        raise AssertionError(f"no pool for {value!r}")

    def coded(self, array: Ints | Coded) -> Coded:
        """The same values as codes."""
        if isinstance(array, Coded):
            return array
        pool = self.day if array.day else self.number
        _, low = np.unique(array.low, return_inverse=True)
        highs, high = np.unique(array.high, return_inverse=True)
        key = ((low * len(highs) + high) * 2 + array.na) * 2 + array.some
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        codes = np.array([pool.code(array.value(int(index))) for index in first], np.int32)
        return Coded(codes[inverse], pool)


def constant(value: Value, count: int, pools: Pools) -> Array:
    """One value, ``count`` times."""
    if isinstance(value, Truth):
        return Truths(_same(value.can_be_true, count), _same(value.can_be_false, count))
    if isinstance(value, Number | Day) and not isinstance(value.low, Decimal) and not isinstance(value.high, Decimal):
        low, high = (value.low, value.high) if value.some else (OPEN_HIGH, OPEN_LOW)
        return Ints(
            _whole(OPEN_LOW if low is None else low, count),
            _whole(OPEN_HIGH if high is None else high, count),
            _same(value.na, count),
            _same(value.some, count),
            isinstance(value, Day),
        )
    pool = pools.of(value)
    return Coded(np.broadcast_to(np.int32(pool.code(value)), count), pool)


def _same(value: bool, count: int) -> Bools:
    return np.broadcast_to(np.bool_(value), count)


def _whole(value: int, count: int) -> Whole:
    assert OPEN_LOW <= value <= OPEN_HIGH, f"{value} is beyond what columns hold"
    return np.broadcast_to(np.int64(value), count)


# -- once a distinct value ---------------------------------------------------------------------------------------------


def looked_up(codes: Codes, pool: Pool[Any], of: Callable[[Any], Any], kind: Any) -> NDArray[Any]:
    """``of`` every value, worked out once a distinct value."""
    table = np.zeros(len(pool), kind)
    for code in _distinct(codes, len(pool)):
        table[code] = of(pool.values[code])
    found: NDArray[Any] = table[codes]
    return found


def paired(left: Coded, right: Coded, of: Callable[[Any, Any], Any], kind: Any) -> NDArray[Any]:
    """``of`` every pair of values, worked out once a distinct pair."""
    width = len(right.pool)
    key = left.codes.astype(np.int64) * width + right.codes
    if len(left.pool) * width <= 4 * len(key):
        distinct = _distinct(key, len(left.pool) * width)
        table = np.zeros(len(left.pool) * width, kind)
        for pair in distinct:
            table[pair] = of(left.pool.values[pair // width], right.pool.values[pair % width])
        found: NDArray[Any] = table[key]
        return found
    pairs, inverse = np.unique(key, return_inverse=True)
    results = np.array([of(left.pool.values[pair // width], right.pool.values[pair % width]) for pair in pairs], kind)
    return np.asarray(results[inverse])


def _distinct(codes: NDArray[Any], count: int) -> Whole:
    seen = np.zeros(count, np.bool_)
    seen[codes] = True
    return np.flatnonzero(seen)


def truth_bits(value: Truth) -> int:
    return value.can_be_true + 2 * value.can_be_false


def from_bits(bits: NDArray[Any]) -> Truths:
    return Truths((bits & 1) != 0, (bits & 2) != 0)


# -- whole numbers and days --------------------------------------------------------------------------------------------


def compared(op: Comparison, left: Ints, right: Ints) -> Truths:
    """As :func:`tumorboard.logic.values.compare` of numbers and days, ``!=`` left to the caller."""
    if op in (">", ">="):
        left, right, op = right, left, "<" if op == ">" else "<="
    comparable = left.some & right.some
    if op == "==":
        apart = (left.high < right.low) | (right.high < left.low)
        both_known = left.known & right.known
        return Truths(comparable & ~apart, ~comparable | apart | ~both_known)
    if op == "<":
        can, must = left.low < right.high, left.high < right.low
    else:
        can, must = left.low <= right.high, left.high <= right.low
    return Truths(comparable & can, ~comparable | left.na | right.na | ~must)


def added(left: Ints, right: Ints) -> Ints:
    return _made(left, right, _plus(left.low, right.low, OPEN_LOW), _plus(left.high, right.high, OPEN_HIGH), False)


def subtracted(left: Ints, right: Ints) -> Ints:
    return _made(left, right, _plus(left.low, -right.high, OPEN_LOW), _plus(left.high, -right.low, OPEN_HIGH), False)


def days_between(start: Ints, end: Ints) -> Ints:
    return subtracted(end, start)


def larger(left: Ints, right: Ints) -> Ints:
    return _made(left, right, np.maximum(left.low, right.low), np.maximum(left.high, right.high), False)


def smaller(left: Ints, right: Ints) -> Ints:
    return _made(left, right, np.minimum(left.low, right.low), np.minimum(left.high, right.high), False)


def _plus(left: Whole, right: Whole, beyond: int) -> Whole:
    open_ = (np.abs(left) >= OPEN_HIGH) | (np.abs(right) >= OPEN_HIGH)
    return np.where(open_, beyond, left + np.where(open_, 0, right))


def _made(left: Ints, right: Ints, low: Whole, high: Whole, day: bool) -> Ints:
    some = left.some & right.some
    return Ints(
        np.where(some, low, OPEN_HIGH),
        np.where(some, high, OPEN_LOW),
        np.where(some, left.na | right.na, True),
        some,
        day,
    )


def bounded(item: Ints, low: Ints, high: Ints) -> Ints:
    """As :func:`tumorboard.logic.cells.bound`."""
    lowest = np.maximum(item.low, np.where(low.some & ~low.na, low.low, OPEN_LOW))
    highest = np.minimum(item.high, np.where(high.some & ~high.na, high.high, OPEN_HIGH))
    kept = item.known | ~item.some | (lowest > highest)
    return Ints(np.where(kept, item.low, lowest), np.where(kept, item.high, highest), item.na, item.some, True)
