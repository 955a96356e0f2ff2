"""Values of the rule language as ELM: for each, the expressions that say which values are still possible.

They follow :mod:`tumorboard.logic.values` one by one, so that what is unknown on the way to an answer comes out as the
other readers have it. In the common case, one fact compared with a constant, all but one expression fold away.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal

from tumorboard.logic import elm_parts as elm
from tumorboard.logic.elm_parts import FALSE, NO_TRUTH, TRUE, Elm, ElmType
from tumorboard.logic.values import Comparison

_SIGNS = {"==": "Equal", "<": "Less", "<=": "LessOrEqual"}


@dataclass(frozen=True, slots=True)
class Span:
    """A number or day from ``low`` to ``high`` (null: no bound); ``absent``: whether it is not applicable.

    ``flag`` is shorter and does for answers that are unknown wherever the number is.
    """

    low: Elm
    high: Elm
    absent: Elm
    type: ElmType = "Decimal"
    flag: Elm | None = None

    @property
    def single(self) -> bool:
        """Whether one nullable expression says it all."""
        return self.low == self.high

    @property
    def known(self) -> Elm:
        settled = (
            elm.not_(elm.is_null(self.low)) if self.single else elm.is_true(elm.binary("Equal", self.low, self.high))
        )
        return elm.any_of((elm.is_true(self.absent), elm.all_of((elm.is_false(self.absent), settled))))


def compare(op: Comparison, left: Span, right: Span) -> Elm:
    if op == "!=":
        return elm.not_(compare("==", left, right))
    if op in (">", ">="):
        if left.single and right.single:  # as people write it
            name = "Greater" if op == ">" else "GreaterOrEqual"
            return _applicable(left, right, elm.binary(name, left.low, right.low))
        return compare("<" if op == ">" else "<=", right, left)
    if left.single and right.single:
        return _applicable(left, right, elm.binary(_SIGNS[op], left.low, right.low))
    if op == "==":
        apart = elm.any_of((
            elm.is_true(elm.binary("Less", left.high, right.low)),
            elm.is_true(elm.binary("Less", right.high, left.low)),
        ))  # fmt: skip
        same = elm.all_of(
            elm.is_true(elm.binary("Equal", one, other))
            for one, other in ((left.low, left.high), (right.low, right.high), (left.low, right.low))
        )
        return _applicable(left, right, elm.when(apart, FALSE, elm.when(same, TRUE, NO_TRUTH)))
    must = elm.is_true(elm.binary(_SIGNS[op], left.high, right.low))
    cannot = elm.is_false(elm.binary(_SIGNS[op], left.low, right.high))
    return _applicable(left, right, elm.when(must, TRUE, elm.when(cannot, FALSE, NO_TRUTH)))


def _applicable(left: Span, right: Span, answer: Elm) -> Elm:
    """``answer`` where both are applicable, else false."""
    short = left.single and right.single
    absent = (side.flag if short and side.flag is not None else side.absent for side in (left, right))
    return elm.all_of((*map(elm.not_, absent), answer))


def choose_span(condition: Elm, then: Span, otherwise: Span) -> Span:
    if condition in (TRUE, FALSE) or then == otherwise:
        return then if condition == TRUE or then == otherwise else otherwise
    low, high = (_either_bound(condition, then, otherwise, lower=lower) for lower in (True, False))
    return Span(low, high, elm.choice(condition, then.absent, otherwise.absent), then.type)


def _either_bound(condition: Elm, then: Span, otherwise: Span, lower: bool) -> Elm:
    one, other = (then.low, otherwise.low) if lower else (then.high, otherwise.high)
    both = elm.strict_extreme("Min" if lower else "Max", (one, other), then.type)
    # A branch that isn't applicable has no bounds; of two such the bounds are never read.
    first = elm.any_of((elm.is_true(condition), elm.is_true(otherwise.absent)))
    second = elm.any_of((elm.is_false(condition), elm.is_true(then.absent)))
    only_first = elm.all_of((elm.not_(elm.is_false(condition)), first))
    only_second = elm.all_of((elm.not_(elm.is_true(condition)), second))
    return elm.when(only_first, one, elm.when(only_second, other, both))


def above_cut(rest: Span, at: int | Decimal, taken: bool, whole: bool) -> Span:
    """The part of ``rest`` above a cut; ``taken``: the cut itself belongs to the band below."""
    lowest = (math.floor(at) + 1 if taken else math.ceil(at)) if whole else at
    return Span(elm.extreme("Max", (rest.low, elm.decimal(lowest)), rest.type), rest.high, rest.absent, rest.type)


# -- labels ----------------------------------------------------------------------------------------------------------


class Label(ABC):
    """A label: whether it is one of several, whether it is known, and whether it is the same as another."""

    @abstractmethod
    def member(self, options: frozenset[str]) -> Elm: ...

    @property
    @abstractmethod
    def absent(self) -> Elm: ...

    @property
    @abstractmethod
    def known(self) -> Elm: ...

    @abstractmethod
    def same(self, other: Label) -> Elm: ...


@dataclass(frozen=True, slots=True)
class OneLabel(Label):
    """A word that may be null; ``domain`` is the closed list it comes from, ``flag`` as of a :class:`Span`."""

    value: Elm
    missing: Elm
    domain: frozenset[str] | None
    flag: Elm

    @property
    def absent(self) -> Elm:
        return self.missing

    def member(self, options: frozenset[str]) -> Elm:
        wanted = options if self.domain is None else options & self.domain
        if self.missing == TRUE or not wanted:
            return FALSE
        if self.domain is not None and self.domain <= options:
            return elm.not_(self.missing)
        answer = elm.any_of(elm.binary("Equal", self.value, elm.string(word)) for word in sorted(wanted))
        return elm.all_of((elm.not_(self.flag), answer))

    @property
    def known(self) -> Elm:
        settled = TRUE if self.domain is not None and len(self.domain) == 1 else elm.not_(elm.is_null(self.value))
        return elm.any_of((elm.is_true(self.missing), elm.all_of((elm.is_false(self.missing), settled))))

    def same(self, other: Label) -> Elm:
        if not isinstance(other, OneLabel):
            return other.same(self)
        for one, two in ((self, other), (other, self)):
            if two.missing == TRUE:
                return FALSE
            if two.domain is not None and len(two.domain) == 1:
                return elm.all_of((elm.not_(two.missing), one.member(two.domain)))
        answers = [elm.binary("Equal", self.value, other.value)]
        for one, two in ((self, other), (other, self)):
            if two.domain is not None:
                answers.append(one.member(two.domain))
        return elm.all_of((elm.not_(self.flag), elm.not_(other.flag), *answers))


@dataclass(frozen=True, slots=True)
class ChosenLabel(Label):
    condition: Elm
    then: Label
    otherwise: Label

    @property
    def absent(self) -> Elm:
        return elm.choice(self.condition, self.then.absent, self.otherwise.absent)

    def member(self, options: frozenset[str]) -> Elm:
        return elm.choice(self.condition, self.then.member(options), self.otherwise.member(options))

    @property
    def known(self) -> Elm:
        words = _words(self)
        if words is None:
            raise elm.refuse("a choice between labels without a closed list is asked whether it is recorded")
        one = (elm.is_true(self.member(frozenset((word,)))) for word in sorted(words))
        return elm.any_of((*one, elm.is_true(self.absent)))

    def same(self, other: Label) -> Elm:
        return elm.choice(self.condition, self.then.same(other), self.otherwise.same(other))


def _words(label: Label) -> frozenset[str] | None:
    if isinstance(label, OneLabel):
        return label.domain
    assert isinstance(label, ChosenLabel)
    then, otherwise = _words(label.then), _words(label.otherwise)
    return None if then is None or otherwise is None else then | otherwise


# -- sets of labels --------------------------------------------------------------------------------------------------


class Labels(ABC):
    """A set of labels; ``words`` are all it can hold (``None``: any)."""

    @property
    @abstractmethod
    def words(self) -> frozenset[str] | None: ...

    @abstractmethod
    def holds(self, word: str) -> Elm: ...

    def meets(self, wanted: frozenset[str]) -> Elm:
        return elm.any_of(self.holds(word) for word in sorted(wanted))

    def beyond(self, allowed: frozenset[str]) -> Elm:
        """Whether it holds anything else."""
        return elm.any_of(self.holds(word) for word in sorted(self.closed() - allowed))

    def nonempty(self) -> Elm:
        return self.beyond(frozenset())

    def only(self, allowed: frozenset[str]) -> Elm:
        return elm.all_of((self.meets(allowed), elm.not_(self.beyond(allowed))))

    def how_many(self, wanted: frozenset[str]) -> Span:
        held = [self.holds(word) for word in sorted(wanted & self.closed())]
        one, none = elm.decimal(1), elm.decimal(0)
        low, high = none, none
        for each in held:
            low = elm.plus(low, elm.when(elm.is_true(each), one, none))
            high = elm.plus(high, elm.when(elm.is_false(each), none, one))
        return Span(low, high, FALSE)

    @property
    def known(self) -> Elm:
        return elm.all_of(elm.not_(elm.is_null(self.holds(word))) for word in sorted(self.closed()))

    def closed(self) -> frozenset[str]:
        words = self.words
        if words is None:
            raise elm.refuse("a choice between lists that may hold any word")
        return words


@dataclass(frozen=True)
class OneList(Labels):
    """A list that may be null."""

    value: Elm
    domain: frozenset[str] | None

    @property
    def words(self) -> frozenset[str] | None:
        return self.domain

    def holds(self, word: str) -> Elm:
        return self.meets(frozenset((word,)))

    def meets(self, wanted: frozenset[str]) -> Elm:
        if self.domain is not None and not wanted & self.domain:
            return FALSE
        return self.where_given(elm.binary("Intersect", self.value, elm.strings(wanted)))

    def beyond(self, allowed: frozenset[str]) -> Elm:
        if self.domain is not None and self.domain <= allowed:
            return FALSE
        return self.where_given(elm.binary("Except", self.value, elm.strings(allowed)) if allowed else self.value)

    def where_given(self, part: Elm) -> Elm:
        return elm.when(elm.is_null(self.value), NO_TRUTH, {"type": "Exists", "operand": part})

    def how_many(self, wanted: frozenset[str]) -> Span:
        counted = elm.count(elm.binary("Intersect", self.value, elm.strings(wanted)))
        most = elm.null("Decimal") if self.domain is None else elm.decimal(len(self.domain & wanted))
        low, high = (elm.when(elm.is_null(self.value), bound, counted) for bound in (elm.decimal(0), most))
        return Span(low, high, FALSE)

    @property
    def known(self) -> Elm:
        return elm.not_(elm.is_null(self.value))


@dataclass(frozen=True)
class Collected(Labels):
    """Words, each with whether it belongs to the list."""

    reasons: tuple[tuple[str, Elm], ...]

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word for word, _ in self.reasons)

    def holds(self, word: str) -> Elm:
        return elm.any_of(condition for name, condition in self.reasons if name == word)


@dataclass(frozen=True)
class ChosenList(Labels):
    condition: Elm
    then: Labels
    otherwise: Labels

    @property
    def words(self) -> frozenset[str] | None:
        then, otherwise = self.then.words, self.otherwise.words
        return None if then is None or otherwise is None else then | otherwise

    def holds(self, word: str) -> Elm:
        return elm.choice(self.condition, self.then.holds(word), self.otherwise.holds(word))
