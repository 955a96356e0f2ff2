"""What is possible for each patient, put together from values that are possible for some of them."""

from __future__ import annotations

import numpy as np

from tumorboard.logic import values
from tumorboard.logic.columns import arrays
from tumorboard.logic.columns.arrays import OPEN_HIGH, OPEN_LOW, Array, Bools, Coded, Ints, Pools, Truths, Whole


class Union:
    """As :func:`tumorboard.logic.values.hull`, patient by patient."""

    def __init__(self, count: int, pools: Pools) -> None:
        self.count, self.pools = count, pools
        self._made: Array | None = None
        self._given = np.zeros(count, np.bool_)

    def add(self, where: Bools, array: Array) -> None:
        """``array`` is possible for the patients of the mask."""
        chosen = np.flatnonzero(where)
        if len(chosen):
            self._join(chosen, array.take(chosen), keep=True)

    def put(self, patients: Whole, array: Array) -> None:
        """``array`` (a value a listed patient) is what is possible for these, instead of what was given before."""
        if len(patients):
            self._join(patients, array, keep=False)

    def array(self) -> Array:
        assert self._made is not None or not self.count, "nothing is possible"
        return Truths(self._given, self._given) if self._made is None else self._made

    def _join(self, patients: Whole, array: Array, keep: bool) -> None:
        made = self._made
        if made is None:
            made = self._made = _empty(array, self.count)
        elif isinstance(made, Ints) != isinstance(array, Ints):
            assert not isinstance(made, Truths) and not isinstance(array, Truths)
            made, array = self.pools.coded(made), self.pools.coded(array)
            made = self._made = Coded(made.codes.copy(), made.pool)
        both = self._given[patients] if keep else None
        self._given[patients] = True
        if both is None or not both.any():
            _put(made, patients, array)
            return
        match made, array:
            case Truths(), Truths():
                made.can_be_true[patients] = (made.can_be_true[patients] & both) | array.can_be_true
                made.can_be_false[patients] = (made.can_be_false[patients] & both) | array.can_be_false
            case Ints(), Ints():
                made.low[patients] = np.where(both, np.minimum(made.low[patients], array.low), array.low)
                made.high[patients] = np.where(both, np.maximum(made.high[patients], array.high), array.high)
                made.na[patients] = (made.na[patients] & both) | array.na
                made.some[patients] = (made.some[patients] & both) | array.some
            case Coded(), Coded():
                codes, here = array.codes.copy(), patients[both]
                codes[both] = arrays.paired(
                    Coded(made.codes[here], made.pool), Coded(array.codes[both], array.pool),
                    lambda one, other: made.pool.code(values.hull((one, other))), np.int32,
                )  # fmt: skip
                made.codes[patients] = codes
            case _:
                raise AssertionError(f"no union of {type(made).__name__} and {type(array).__name__}")


def _put(made: Array, patients: Whole, array: Array) -> None:
    match made, array:
        case Truths(), Truths():
            made.can_be_true[patients], made.can_be_false[patients] = array.can_be_true, array.can_be_false
        case Ints(), Ints():
            made.low[patients], made.high[patients] = array.low, array.high
            made.na[patients], made.some[patients] = array.na, array.some
        case Coded(), Coded():
            made.codes[patients] = array.codes
        case _:
            raise AssertionError(f"no union of {type(made).__name__} and {type(array).__name__}")


def _empty(like: Array, count: int) -> Array:
    none = np.zeros(count, np.bool_)
    match like:
        case Truths():
            return Truths(none, none.copy())
        case Ints():
            return Ints(np.full(count, OPEN_HIGH), np.full(count, OPEN_LOW), none, none.copy(), like.day)
        case Coded():
            return Coded(np.zeros(count, np.int32), like.pool)
