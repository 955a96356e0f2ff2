"""Values of the rule language as z3 terms: for each, what is still possible (see values.py, which they mirror).

A proof speaks of all cases at once, so every part of a value is a term over the entries of a case. What is known
without them is an ordinary Python value and is worked out here, which keeps the terms small: of most values nothing
but one number or one truth depends on the case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

import z3

Bit = Any  # a Python bool or a z3 Boolean
Term = Any  # a Python int or Fraction, or a z3 number


# -- truths and numbers, worked out where they can be ----------------------------------------------------------------


def all_of(bits: Iterable[Bit]) -> Bit:
    left: list[Bit] = []
    for bit in bits:
        if bit is False:
            return False
        if bit is not True:
            left.append(bit)
    return True if not left else left[0] if len(left) == 1 else z3.And(left)


def any_of(bits: Iterable[Bit]) -> Bit:
    left: list[Bit] = []
    for bit in bits:
        if bit is True:
            return True
        if bit is not False:
            left.append(bit)
    return False if not left else left[0] if len(left) == 1 else z3.Or(left)


def opposite(bit: Bit) -> Bit:
    if isinstance(bit, bool):
        return not bit
    return bit.arg(0) if z3.is_not(bit) else z3.Not(bit)


def implies(left: Bit, right: Bit) -> Bit:
    return any_of((opposite(left), right))


def same_bit(left: Bit, right: Bit) -> Bit:
    return any_of((all_of((left, right)), all_of((opposite(left), opposite(right)))))


def either(bit: Bit, yes: Term, no: Term) -> Term:
    """``yes`` where the bit holds, else ``no``."""
    if isinstance(bit, bool):
        return yes if bit else no
    if yes is no or (isinstance(yes, int | Fraction) and isinstance(no, int | Fraction) and yes == no):
        return yes
    return z3.If(bit, *_alike(yes, no))


def _alike(left: Term, right: Term) -> tuple[Any, Any]:
    """Both as z3 numbers of one sort."""
    first, second = as_term(left), as_term(right)
    if first.sort() != second.sort():
        first, second = (z3.ToReal(each) if z3.is_int(each) else each for each in (first, second))
    return first, second


def as_term(number: Term) -> Any:
    if isinstance(number, int):
        return z3.IntVal(number)
    return z3.RealVal(str(number)) if isinstance(number, Fraction) else number


def exact(number: int | Decimal | Fraction) -> Term:
    """A number of the knowledge as a Python value without rounding."""
    if isinstance(number, int):
        return number
    found = Fraction(number)
    return int(found) if found.denominator == 1 else found


def _plain(*numbers: Term) -> bool:
    return all(isinstance(number, int | Fraction) for number in numbers)


def less(left: Term, right: Term) -> Bit:
    if _plain(left, right):
        return left < right
    first, second = _alike(left, right)
    return first < second


def at_most(left: Term, right: Term) -> Bit:
    if left is right:
        return True
    if _plain(left, right):
        return left <= right
    first, second = _alike(left, right)
    return first <= second


def equal(left: Term, right: Term) -> Bit:
    if left is right:
        return True
    if _plain(left, right):
        return left == right
    first, second = _alike(left, right)
    return first == second


def plus(left: Term, right: Term) -> Term:
    if _plain(left, right):
        return left + right
    first, second = _alike(left, right)
    return first + second


def minus(left: Term, right: Term) -> Term:
    if _plain(left, right):
        return left - right
    first, second = _alike(left, right)
    return first - second


def _least(left: Term, right: Term) -> Term:
    return left if left is right else either(less(left, right), left, right)


def _most(left: Term, right: Term) -> Term:
    return left if left is right else either(less(left, right), right, left)


# -- values ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SymTruth:
    """Whether true and false are possible."""

    true: Bit
    false: Bit

    @property
    def known(self) -> Bit:
        return True if self.settled else opposite(all_of((self.true, self.false)))

    @property
    def settled(self) -> bool:
        """Whether it is known in every case, by its form alone."""
        return _opposed(self.true, self.false)


def _opposed(left: Bit, right: Bit) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool) and left != right
    return bool(z3.is_not(right) and right.arg(0).eq(left)) or bool(z3.is_not(left) and left.arg(0).eq(right))


def truth_of(bit: Bit) -> SymTruth:
    return SymTruth(bit, opposite(bit))


UNKNOWN = SymTruth(True, True)


@dataclass(frozen=True, slots=True)
class SymLabel:
    """For each label whether it is possible, and whether *not applicable* is."""

    possible: Mapping[str, Bit]
    na: Bit = False

    @property
    def known(self) -> Bit:
        return _at_most_one((*self.possible.values(), self.na))


@dataclass(frozen=True, slots=True)
class SymLabels:
    """For each label whether it surely belongs to the set, and whether it may."""

    certain: Mapping[str, Bit]
    possible: Mapping[str, Bit]

    @property
    def known(self) -> Bit:
        if self.certain is self.possible:
            return True
        names = self.possible
        return all_of(implies(names[name], self.certain.get(name, False)) for name in names)


@dataclass(frozen=True, slots=True)
class SymNumber:
    """A number or day from ``low`` to ``high``; ``from_`` and ``to``: whether these bounds are there at all."""

    low: Term
    high: Term
    from_: Bit = True
    to: Bit = True
    na: Bit = False
    some: Bit = True

    @property
    def known(self) -> Bit:
        here = all_of((opposite(self.na), self.from_, self.to, equal(self.low, self.high)))
        return any_of((opposite(self.some), here))

    @property
    def point(self) -> bool:
        """Whether its ends are one and the same term, so that it is one number wherever it is recorded."""
        return self.low is self.high and self.from_ is self.to


SymValue = SymTruth | SymLabel | SymLabels | SymNumber
NO_NUMBER = SymNumber(0, 0, False, False, True, False)
ANY_NUMBER = SymNumber(0, 0, False, False)


def number_of(term: Term, recorded: Bit = True) -> SymNumber:
    return SymNumber(term, term, recorded, recorded)


def _at_most_one(bits: Sequence[Bit]) -> Bit:
    """Of bits of which at least one holds: whether it is the only one."""
    certain = sum(1 for bit in bits if bit is True)
    left = [bit for bit in bits if not isinstance(bit, bool)]
    if certain > 1:
        return False
    if certain == 1:
        return all_of(opposite(bit) for bit in left)
    return True if len(left) < 2 else z3.AtMost(*left, 1)


# -- operations, in the order of values.py ---------------------------------------------------------------------------


def negate(value: SymTruth) -> SymTruth:
    return SymTruth(value.false, value.true)


def both(items: Sequence[SymTruth]) -> SymTruth:
    true = all_of(item.true for item in items)
    if all(item.settled for item in items):
        return truth_of(true)
    return SymTruth(true, any_of(item.false for item in items))


def one_of(items: Sequence[SymTruth]) -> SymTruth:
    true = any_of(item.true for item in items)
    if all(item.settled for item in items):
        return truth_of(true)
    return SymTruth(true, all_of(item.false for item in items))


def same_truth(left: SymTruth, right: SymTruth) -> SymTruth:
    same = any_of((all_of((left.true, right.true)), all_of((left.false, right.false))))
    if left.settled and right.settled:
        return truth_of(same)
    return SymTruth(same, any_of((all_of((left.true, right.false)), all_of((left.false, right.true)))))


def same_label(left: SymLabel, right: SymLabel) -> SymTruth:
    names = [name for name in left.possible if name in right.possible]
    shared = any_of(all_of((left.possible[name], right.possible[name])) for name in names)
    return SymTruth(shared, any_of((opposite(shared), opposite(all_of((left.known, right.known))))))


def member(value: SymLabel, options: Iterable[str]) -> SymTruth:
    wanted = frozenset(options)
    inside = any_of(bit for name, bit in value.possible.items() if name in wanted)
    outside = any_of((value.na, *(bit for name, bit in value.possible.items() if name not in wanted)))
    return SymTruth(inside, outside)


def in_order(op: str, left: SymNumber, right: SymNumber) -> SymTruth:
    if op == "!=":
        return negate(in_order("==", left, right))
    if op in (">", ">="):
        left, right, op = right, left, "<" if op == ">" else "<="
    some = all_of((left.some, right.some))
    if op == "==":
        apart = any_of((
            all_of((left.to, right.from_, less(left.high, right.low))),
            all_of((right.to, left.from_, less(right.high, left.low))),
        ))  # fmt: skip
        can, must = opposite(apart), all_of((opposite(apart), left.known, right.known))
    else:
        holds = less if op == "<" else at_most
        can = any_of((opposite(left.from_), opposite(right.to), holds(left.low, right.high)))
        must = all_of((opposite(left.na), opposite(right.na), left.to, right.from_, holds(left.high, right.low)))
        if left.point and right.point and left.from_ is True and right.from_ is True:
            if left.some is True and right.some is True and left.na is False and right.na is False:
                return truth_of(holds(left.low, right.low))
            # A number that may not be applicable, and is known either way.
            if _opposed_na(left) and _opposed_na(right):
                return truth_of(all_of((some, holds(left.low, right.low))))
    return SymTruth(all_of((some, can)), opposite(all_of((some, must))))


def _opposed_na(value: SymNumber) -> bool:
    return _opposed(value.na, value.some)


def joined(left: SymNumber, right: SymNumber, low: Term, high: Term, from_: Bit, to: Bit) -> SymNumber:
    return SymNumber(low, high, from_, to, any_of((left.na, right.na)), all_of((left.some, right.some)))


def calculate(op: str, left: SymNumber, right: SymNumber, times: Callable[[Term, Term], Term]) -> SymNumber:
    """``left op right``; ``times`` multiplies two terms neither of which may be a plain number."""
    from_, to = all_of((left.from_, right.from_)), all_of((left.to, right.to))
    points = left.point and right.point
    from_, to = (from_, from_) if points else (from_, to)
    match op:
        case "+":
            low = plus(left.low, right.low)
            return joined(left, right, low, low if points else plus(left.high, right.high), from_, to)
        case "-":
            low = minus(left.low, right.high)
            if points:
                return joined(left, right, low, low, from_, from_)
            high = minus(left.high, right.low)
            return joined(left, right, low, high, all_of((left.from_, right.to)), all_of((left.to, right.from_)))
        case "larger" | "smaller":
            return _larger(left, right) if op == "larger" else _smaller(left, right)
        case "/":
            by = Fraction(right.low)
            low, high = (_scaled(term, 1 / by) for term in (left.low, left.high))
            return joined(left, right, low, low if points else high, left.from_, left.to)
        case "*":
            bounded = all_of((from_, to))
            if points:
                low = _product(left.low, right.low, times)
                return joined(left, right, low, low, bounded, bounded)
            corners = [_product(a, b, times) for a in (left.low, left.high) for b in (right.low, right.high)]
            return joined(left, right, reduce(_least, corners), reduce(_most, corners), bounded, bounded)
    raise AssertionError(f"no operation {op}")


def _scaled(term: Term, by: Fraction) -> Term:
    if _plain(term):
        return exact_fraction(term * by)
    return (z3.ToReal(term) if z3.is_int(term) else term) * z3.RealVal(str(by))


def exact_fraction(value: Any) -> Term:
    found = Fraction(value)
    return int(found) if found.denominator == 1 else found


def _product(left: Term, right: Term, times: Callable[[Term, Term], Term]) -> Term:
    if _plain(left, right):
        return exact_fraction(left * right)
    if _plain(left) or _plain(right):
        number, term = (left, right) if _plain(left) else (right, left)
        if isinstance(number, int):
            return term * number
        return _scaled(term, Fraction(number))
    return times(left, right)


def _larger(left: SymNumber, right: SymNumber) -> SymNumber:
    low = either(left.from_, either(right.from_, _most(left.low, right.low), left.low), right.low)
    to = all_of((left.to, right.to))
    high = low if left.point and right.point and left.from_ is True and right.from_ is True else None
    if high is None:
        high = _most(left.high, right.high)
    return joined(left, right, low, high, any_of((left.from_, right.from_)), to)


def _smaller(left: SymNumber, right: SymNumber) -> SymNumber:
    high = either(left.to, either(right.to, _least(left.high, right.high), left.high), right.high)
    low = high if left.point and right.point and left.from_ is True and right.from_ is True else None
    if low is None:
        low = _least(left.low, right.low)
    return joined(left, right, low, high, all_of((left.from_, right.from_)), any_of((left.to, right.to)))


def days_between(start: SymNumber, end: SymNumber) -> SymNumber:
    return calculate("-", end, start, lambda left, right: left)


def bound(item: SymNumber, low: SymNumber, high: SymNumber) -> SymNumber:
    """As :func:`tumorboard.logic.cells.bound`."""
    keep = any_of((item.known, opposite(item.some)))
    if keep is True:
        return item
    below = all_of((low.from_, low.some, opposite(low.na)))
    above = all_of((high.to, high.some, opposite(high.na)))
    lowest = either(item.from_, either(below, _most(item.low, low.low), item.low), low.low)
    highest = either(item.to, either(above, _least(item.high, high.high), item.high), high.high)
    from_, to = any_of((item.from_, below)), any_of((item.to, above))
    keep = any_of((keep, all_of((from_, to, less(highest, lowest)))))
    return SymNumber(
        either(keep, item.low, lowest), either(keep, item.high, highest),
        choose_bit(keep, item.from_, from_), choose_bit(keep, item.to, to), item.na, item.some,
    )  # fmt: skip


def choose_bit(bit: Bit, yes: Bit, no: Bit) -> Bit:
    if yes is no:
        return yes
    return any_of((all_of((bit, yes)), all_of((opposite(bit), no))))


def contains(value: SymLabels, wanted: Iterable[str]) -> SymTruth:
    names = [name for name in frozenset(wanted) if name in value.possible]
    names.sort()
    possible = any_of(value.possible[name] for name in names)
    if value.certain is value.possible:
        return truth_of(possible)
    return SymTruth(possible, opposite(any_of(value.certain.get(name, False) for name in names)))


def within(value: SymLabels, allowed: Iterable[str]) -> SymTruth:
    inside = frozenset(allowed)
    outside_certain = any_of(bit for name, bit in value.certain.items() if name not in inside)
    inside_possible = any_of(bit for name, bit in value.possible.items() if name in inside)
    can = all_of((opposite(outside_certain), inside_possible))
    if value.certain is value.possible:
        return truth_of(can)
    sure = all_of((
        any_of(value.certain.values()), opposite(any_of(b for n, b in value.possible.items() if n not in inside)),
    ))  # fmt: skip
    return SymTruth(can, opposite(all_of((can, sure))))


def how_many(value: SymLabels, wanted: Iterable[str]) -> SymNumber:
    names = frozenset(wanted)
    low = counted(bit for name, bit in value.certain.items() if name in names)
    if value.certain is value.possible:
        return number_of(low)
    return SymNumber(low, counted(bit for name, bit in value.possible.items() if name in names))


def counted(bits: Iterable[Bit]) -> Term:
    total: Term = 0
    for bit in bits:
        total = plus(total, either(bit, 1, 0))
    return total


def nonempty(value: SymLabels) -> SymTruth:
    possible = any_of(value.possible.values())
    if value.certain is value.possible:
        return truth_of(possible)
    return SymTruth(possible, opposite(any_of(value.certain.values())))


def hull(choices: Sequence[tuple[Bit, SymValue]]) -> SymValue:
    """The smallest value that allows everything one of the values allows whose bit holds; at least one bit does."""
    left = [(bit, value) for bit, value in choices if bit is not False]
    assert left, "a choice of nothing"
    if len(left) == 1:
        return left[0][1]
    first = left[0][1]
    if isinstance(first, SymTruth):
        true = any_of(all_of((bit, value.true)) for bit, value in left if isinstance(value, SymTruth))
        if exclusive([bit for bit, _ in left]) and all(v.settled for _, v in left if isinstance(v, SymTruth)):
            return truth_of(true)
        return SymTruth(true, any_of(all_of((bit, v.false)) for bit, v in left if isinstance(v, SymTruth)))
    if isinstance(first, SymLabel):
        found = [(bit, value) for bit, value in left if isinstance(value, SymLabel)]
        names = dict.fromkeys(name for _, value in found for name in value.possible)
        possible = {name: any_of(all_of((bit, v.possible.get(name, False))) for bit, v in found) for name in names}
        return SymLabel(possible, any_of(all_of((bit, value.na)) for bit, value in found))
    if isinstance(first, SymLabels):
        sets = [(bit, value) for bit, value in left if isinstance(value, SymLabels)]
        names = dict.fromkeys(name for _, value in sets for name in value.possible)
        may = {name: any_of(all_of((bit, v.possible.get(name, False))) for bit, v in sets) for name in names}
        if exclusive([bit for bit, _ in left]) and all(value.certain is value.possible for _, value in sets):
            return SymLabels(may, may)
        sure = {name: all_of(implies(bit, v.certain.get(name, False)) for bit, v in sets) for name in names}
        return SymLabels(sure, may)
    return _range([(bit, value) for bit, value in left if isinstance(value, SymNumber)])


def exclusive(bits: Sequence[Bit]) -> bool:
    """Whether at most one of the bits can hold, by their form: each says the opposite of those before it."""
    seen: list[Bit] = []
    for bit in bits:
        parts = [bit] if isinstance(bit, bool) or not z3.is_and(bit) else list(bit.children())
        for earlier in seen:
            others = [earlier] if isinstance(earlier, bool) or not z3.is_and(earlier) else list(earlier.children())
            if not any(_opposed(part, other) for part in parts for other in others):
                return False
        seen.append(bit)
    return True


def _range(choices: Sequence[tuple[Bit, SymNumber]]) -> SymNumber:
    some = any_of(all_of((bit, value.some)) for bit, value in choices)
    na = any_of(all_of((bit, value.na)) for bit, value in choices)
    from_ = all_of(implies(all_of((bit, value.some)), value.from_) for bit, value in choices)
    to = all_of(implies(all_of((bit, value.some)), value.to) for bit, value in choices)
    if exclusive([bit for bit, _ in choices]):
        low = _picked([(bit, value.low) for bit, value in choices])
        if all(value.point for _, value in choices):
            return SymNumber(low, low, from_, from_, na, some)
        return SymNumber(low, _picked([(bit, value.high) for bit, value in choices]), from_, to, na, some)
    low = _edge([(all_of((bit, value.some)), value.low) for bit, value in choices], _least)
    return SymNumber(low, _edge([(all_of((b, v.some)), v.high) for b, v in choices], _most), from_, to, na, some)


def _picked(choices: Sequence[tuple[Bit, Term]]) -> Term:
    result = choices[-1][1]
    for bit, term in reversed(choices[:-1]):
        result = either(bit, term, result)
    return result


def _edge(choices: Sequence[tuple[Bit, Term]], better: Callable[[Term, Term], Term]) -> Term:
    result, has = choices[0][1], choices[0][0]
    for bit, term in choices[1:]:
        result = either(bit, either(has, better(result, term), term), result)
        has = any_of((has, bit))
    return result
