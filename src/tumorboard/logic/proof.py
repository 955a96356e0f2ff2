"""The proof reader: facts and logic over facts as z3 terms over a symbolic case.

It mirrors the other readers, values that are only partly known included, so that a formula holds of a case exactly
where the fast reader says so; the tests hold it to that. Three things z3 is not asked to work out: ``log10``, ``sqrt``
and ``power`` are rising functions pinned down at points, and a product of two entries is taken apart by the smaller
count. What a proof rests on beyond the rules is told by :attr:`Lowering.abstracted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any

import z3

from tumorboard.case.columns import Type
from tumorboard.logic import functions, proof_values, tree, values
from tumorboard.logic.facts import Facts
from tumorboard.logic.proof_tables import SymRow, SymTables
from tumorboard.logic.proof_values import (
    ANY_NUMBER,
    NO_NUMBER,
    UNKNOWN,
    Bit,
    SymLabel,
    SymLabels,
    SymNumber,
    SymTruth,
    SymValue,
    Term,
    all_of,
    any_of,
    at_most,
    either,
    equal,
    exact,
    hull,
    implies,
    less,
    number_of,
    opposite,
    plus,
    truth_of,
)
from tumorboard.logic.tree import Node

_PLACES = 60
_FACTOR = 40  # a count is multiplied by taking it apart up to this
_DIGITS = tuple(Decimal(digit).scaleb(power) for power in range(-1, 4) for digit in (1, 2, 3, 5, 7))


class Lowering:
    """Terms for the facts and rules of one symbolic case."""

    def __init__(self, facts: Facts, tables: SymTables) -> None:
        self.facts, self.tables = facts, tables
        self.sides: list[Bit] = []  # what is true of the terms made, whatever the case
        self.pinned: list[Bit] = []  # holds where every function is read at a point it is exactly known at
        self.abstracted: set[str] = set()
        self._functions: dict[tuple[str, Decimal, int], tuple[Term, Term]] = {}
        self._products: list[tuple[Term, Term, Term]] = []
        self._facts: dict[str, SymValue] = {}
        self._rows: dict[tree.Rows, list[tuple[Bit, SymRow]]] = {}
        self._nodes: dict[int, tuple[Node, SymValue]] = {}

    def fact(self, name: str) -> SymValue:
        if name not in self._facts:
            self._facts[name] = self.value(self.facts.definitions[name].node)
        return self._facts[name]

    def truth(self, node: Node) -> SymTruth:
        value = self.value(node)
        assert isinstance(value, SymTruth)
        return value

    def value(self, node: Node, row: SymRow | None = None) -> SymValue:
        if row is not None:
            return _LOWER[type(node)](self, node, row)
        known = self._nodes.get(id(node))
        if known is None:
            known = self._nodes[id(node)] = node, _LOWER[type(node)](self, node, None)
        return known[1]

    def holds(self, node: Node) -> Bit:
        """Whether the rule is certainly true."""
        return definitely(self.truth(node))

    def fails(self, node: Node) -> Bit:
        """Whether the rule is certainly false."""
        return definitely(proof_values.negate(self.truth(node)))

    # -- names and literals --------------------------------------------------------------------------------------

    def constant(self, node: tree.Constant, row: SymRow | None) -> SymValue:
        return _constant(node.value)

    def parameter(self, node: tree.Parameter, row: SymRow | None) -> SymValue:
        return _constant(self.facts.settings[node.name])

    def fact_read(self, node: tree.Fact, row: SymRow | None) -> SymValue:
        return self.fact(node.name)

    def column(self, node: tree.Column, row: SymRow | None) -> SymValue:
        assert row is not None, "a column outside a row"
        return row.cells[node.name] if node.name in row.cells else self.anything(node.type)

    def not_applicable(self, node: tree.NotApplicable, row: SymRow | None) -> SymValue:
        return none_of(node.type)

    def undecided(self, node: tree.Undecided, row: SymRow | None) -> SymValue:
        return self.anything(node.type)

    def anything(self, kind: Type) -> SymValue:
        match kind.kind:
            case "truth":
                return UNKNOWN
            case "label":
                return SymLabel(dict.fromkeys(sorted(kind.domain or ("", "\0")), True))
            case "labels":
                return SymLabels({}, dict.fromkeys(sorted(kind.domain or ("", "\0")), True))
        return ANY_NUMBER

    # -- logic ---------------------------------------------------------------------------------------------------

    def and_(self, node: tree.And, row: SymRow | None) -> SymValue:
        return proof_values.both([self.bit(item, row) for item in node.items])

    def or_(self, node: tree.Or, row: SymRow | None) -> SymValue:
        return proof_values.one_of([self.bit(item, row) for item in node.items])

    def not_(self, node: tree.Not, row: SymRow | None) -> SymValue:
        return proof_values.negate(self.bit(node.item, row))

    def bit(self, node: Node, row: SymRow | None) -> SymTruth:
        value = self.value(node, row)
        assert isinstance(value, SymTruth)
        return value

    def compare(self, node: tree.Compare, row: SymRow | None) -> SymValue:
        left, right = self.value(node.left, row), self.value(node.right, row)
        if isinstance(left, SymNumber) and isinstance(right, SymNumber):
            return proof_values.in_order(node.op, left, right)
        if isinstance(left, SymLabel) and isinstance(right, SymLabel):
            constant = node.right
            if isinstance(constant, tree.Constant):
                same = proof_values.member(left, (str(constant.value),))
            else:
                same = proof_values.same_label(left, right)
        else:
            assert isinstance(left, SymTruth) and isinstance(right, SymTruth)
            same = proof_values.same_truth(left, right)
        return same if node.op == "==" else proof_values.negate(same)

    def among(self, node: tree.Among, row: SymRow | None) -> SymValue:
        inner = self.value(node.item, row)
        assert isinstance(inner, SymLabel)
        return proof_values.member(inner, node.options)

    def meets(self, node: tree.Meets, row: SymRow | None) -> SymValue:
        inner = self.value(node.item, row)
        if isinstance(inner, SymLabel):
            return proof_values.member(inner, node.members)
        assert isinstance(inner, SymLabels)
        return proof_values.contains(inner, node.members)

    def only(self, node: tree.Only, row: SymRow | None) -> SymValue:
        inner = self.value(node.item, row)
        if isinstance(inner, SymLabel):
            return proof_values.member(inner, node.members)
        assert isinstance(inner, SymLabels)
        return proof_values.within(inner, node.members)

    def how_many(self, node: tree.HowMany, row: SymRow | None) -> SymValue:
        inner = self.value(node.item, row)
        assert isinstance(inner, SymLabels)
        return proof_values.how_many(inner, node.members)

    def some(self, node: tree.Some, row: SymRow | None) -> SymValue:
        inner = self.value(node.item, row)
        assert isinstance(inner, SymLabels)
        return proof_values.nonempty(inner)

    def collect(self, node: tree.Collect, row: SymRow | None) -> SymValue:
        found = {name: self.bit(condition, row) for name, condition in node.reasons}
        possible = {name: value.true for name, value in found.items()}
        if all(value.settled for value in found.values()):
            return SymLabels(possible, possible)
        return SymLabels({name: definitely(value) for name, value in found.items()}, possible)

    def recorded(self, node: tree.Recorded, row: SymRow | None) -> SymValue:
        return truth_of(self.value(node.item, row).known)

    # -- numbers and days ----------------------------------------------------------------------------------------

    def number(self, node: Node, row: SymRow | None) -> SymNumber:
        value = self.value(node, row)
        assert isinstance(value, SymNumber)
        return value

    def arithmetic(self, node: tree.Arithmetic, row: SymRow | None) -> SymValue:
        return proof_values.calculate(node.op, self.number(node.left, row), self.number(node.right, row), self.times)

    def times(self, left: Term, right: Term) -> Term:
        """A product, with the count of the two taken apart."""
        count, other = (left, right) if z3.is_int(left) else (right, left)
        product: Term = z3.FreshReal("product")
        if not z3.is_int(count):
            self.abstracted.add("a product of two measurements: any number, exact where a case is tried")
            self._products.append((left, right, product))
            return product
        self.sides.append(
            implies(all_of((at_most(0, count), at_most(count, _FACTOR))), equal(product, self.taken(count, other)))
        )
        return product

    def taken(self, count: Term, other: Term) -> Term:
        result: Term = proof_values.exact_fraction(0)
        for number in range(1, _FACTOR + 1):
            result = either(count == number, other * number, result)
        return result

    def function(self, node: tree.Function, row: SymRow | None) -> SymValue:
        inner = self.number(node.item, row)
        if node.name == "magnitude":
            return inner
        of = rising(node)
        positive = less(0, inner.low)
        none = all_of((inner.to, at_most(inner.high, 0)))
        low = self.rising(node, of, inner.low)
        high = low if inner.point else self.rising(node, of, inner.high)
        from_: Bit = all_of((inner.from_, positive))
        if node.name != "log10":
            low, from_ = either(from_, low, Fraction(0)), True
        to = inner.to
        if inner.point and node.name == "log10":
            high, to = low, from_
        return SymNumber(low, high, from_, to, any_of((inner.na, none)), all_of((inner.some, opposite(none))))

    def rising(self, node: tree.Function, of: Callable[[Decimal], Decimal], term: Term) -> Term:
        """The function of a term: a number of its own that rises with it and is exact at some points."""
        if isinstance(term, int | Fraction):
            return Fraction(of(Decimal(Fraction(term).numerator) / Decimal(Fraction(term).denominator)))
        key = node.name, node.exponent, term.get_id()
        if key not in self._functions:
            self.abstracted.add(f"{node.name}: a rising function, exact at single points and where a case is tried")
            result = z3.FreshReal(node.name)
            self._functions[key] = term, result
            for point in _DIGITS:
                self.sides += _pin(term, result, point, of)
            self.pinned.append(any_of(equal(term, proof_values.exact(point)) for point in _DIGITS))
        return self._functions[key][1]

    def pin(self, model: z3.ModelRef) -> list[Bit]:
        """The functions and products of this lowering made exact at the arguments of ``model``."""
        found: list[Bit] = []
        for left, right, product in self._products:
            first, second = _at(model, left), _at(model, right)
            same = all_of((equal(left, first), equal(right, second)))
            found.append(implies(same, equal(product, first * second)))
        for (name, exponent, _), (term, result) in self._functions.items():
            at = _at(model, term)
            if at > 0:
                of = rising(tree.Function(name, tree.Constant(0, tree.TRUTH), exponent, tree.TRUTH))  # type: ignore[arg-type]
                for rounding in (ROUND_FLOOR, ROUND_CEILING):  # on both sides of a number no decimal is equal to
                    context = Context(prec=_PLACES, rounding=rounding)
                    found += _pin(term, result, context.divide(Decimal(at.numerator), Decimal(at.denominator)), of)
        return found

    def days(self, node: tree.Days, row: SymRow | None) -> SymValue:
        return proof_values.days_between(self.number(node.start, row), self.number(node.end, row))

    def bounded(self, node: tree.Bounded, row: SymRow | None) -> SymValue:
        return proof_values.bound(self.number(node.item, row), self.number(node.low, row), self.number(node.high, row))

    # -- choices -------------------------------------------------------------------------------------------------

    def choose(self, node: tree.Choose, row: SymRow | None) -> SymValue:
        reached: list[Bit] = []
        possible: list[tuple[Bit, SymValue]] = []
        for condition_node, value_node in node.branches:
            condition = self.bit(condition_node, row)
            here = all_of((*reached, condition.true))
            if here is not False:
                possible.append((here, self.value(value_node, row)))
            if condition.false is False:
                break
            reached.append(condition.false)
        else:
            possible.append((all_of(reached), self.value(node.otherwise, row)))
        return hull(possible)

    def band(self, node: tree.Band, row: SymRow | None) -> SymValue:
        number = self.number(node.item, row)
        rest = SymNumber(number.low, number.high, number.from_, number.to)
        reached: list[Bit] = []
        possible: list[tuple[Bit, SymValue]] = []
        for op, at_node, value_node in node.cuts:
            at = self.number(at_node, row)
            here = proof_values.in_order(op, rest, at)
            possible.append((all_of((number.some, *reached, here.true)), self.value(value_node, row)))
            reached.append(here.false)
            if not rest.point:
                rest = _cut(rest, op, at.low, node.item.type.kind == "whole")
        possible.append((all_of((number.some, *reached)), self.value(node.above, row)))
        if number.na is not False:
            possible.append((number.na, none_of(node.type)))
        return hull(possible)

    # -- rows ----------------------------------------------------------------------------------------------------

    def rows(self, rows: tree.Rows) -> list[tuple[Bit, SymRow]]:
        if rows not in self._rows:
            found = []
            for row in self.tables.rows[rows.table]:
                chosen = all_of((row.there, *(self.bit(condition, row).true for condition in rows.conditions)))
                if chosen is not False:
                    found.append((chosen, row))
            self._rows[rows] = found
        return self._rows[rows]

    def exists(self, node: tree.Exists, row: SymRow | None) -> SymValue:
        found = any_of(chosen for chosen, _ in self.rows(node.rows))
        if self.tables.complete[node.rows.table]:
            return truth_of(found)
        return SymTruth(True, opposite(found))

    def count(self, node: tree.Count, row: SymRow | None) -> SymValue:
        total = proof_values.counted(chosen for chosen, _ in self.rows(node.rows))
        complete = self.tables.complete[node.rows.table]
        return SymNumber(total, total, True, complete)

    def pick(self, node: tree.Pick, row: SymRow | None) -> SymValue:
        found = self.rows(node.rows)
        complete = self.tables.complete[node.rows.table]
        none = none_of(node.type) if complete else self.anything(node.type)
        return self.edge(found if node.which == "first" else list(reversed(found)), node.column, node.type, none)

    def edge(self, found: Iterable[tuple[Bit, SymRow]], column: str, kind: Type, none: SymValue) -> SymValue:
        """The cell of the first of the rows that is there."""
        before: list[Bit] = []
        choices: list[tuple[Bit, SymValue]] = []
        for chosen, row in found:
            value = row.cells[column] if column in row.cells else self.anything(kind)
            choices.append((all_of((*before, chosen)), value))
            if chosen is True:
                break
            before.append(opposite(chosen))
        else:
            choices.append((all_of(before), none))
        return hull(choices)

    def any_row(self, node: tree.Holds, row: SymRow | None) -> SymValue:
        parts = [(chosen, self.bit(node.condition, held)) for chosen, held in self.rows(node.rows)]
        can_fail = all_of(implies(chosen, part.false) for chosen, part in parts)
        if not self.tables.complete[node.rows.table]:
            return SymTruth(True, can_fail)
        can_hold = any_of(all_of((chosen, part.true)) for chosen, part in parts)
        return truth_of(can_hold) if all(part.settled for _, part in parts) else SymTruth(can_hold, can_fail)

    def longest_run(self, node: tree.LongestRun, row: SymRow | None) -> SymValue:
        """No two rows of a symbolic table share a date, so their order is known."""
        parts = [(chosen, self.bit(node.condition, held)) for chosen, held in self.rows(node.rows)]
        if not self.tables.complete[node.rows.table]:
            sure = any_of(all_of((chosen, definitely(part))) for chosen, part in parts)
            return SymNumber(either(sure, 1, 0), 0, True, False)
        high = _longest([(chosen, part.true) for chosen, part in parts])
        if all(part.settled for _, part in parts):
            return number_of(high)
        return SymNumber(_longest([(chosen, definitely(part)) for chosen, part in parts]), high)

    def newest(self, node: tree.Newest, row: SymRow | None) -> SymValue:
        found = [
            (all_of((each.there, each.cells["name"].possible.get(node.key, False))), each)  # type: ignore[union-attr]
            for each in self.tables.rows[node.table]
        ]
        found = [(chosen, each) for chosen, each in found if chosen is not False]
        return self.edge(reversed(found), "value", node.type, self.anything(node.type))

    def present(self, node: tree.Present, row: SymRow | None) -> SymValue:
        """As ``biomarkers.py``; no two entries of a symbolic case are of one test, so none clash."""
        since = None if node.since is None else self.number(node.since, row)
        above = self.facts.vocabulary.alterations.above
        classes = above(node.alteration)
        surely: list[Bit] = []
        maybe: list[Bit] = []
        denied: list[Bit] = []
        for each in self.tables.rows["biomarkers"]:
            own = next(iter(each.cells["alteration"].possible))  # type: ignore[union-attr]
            yes, no = self.result_of(own, each)
            counts, may_count = self.counts(each, since)
            if node.alteration in above(own):
                surely.append(all_of((each.there, yes, counts)))
                maybe.append(all_of((each.there, yes, may_count)))
            if own in classes:
                fitting: Bit = True
                if node.absence_in is not None:
                    specimen = each.cells["specimen"]
                    assert isinstance(specimen, SymLabel)
                    fitting = all_of((specimen.possible.get(node.absence_in, False), specimen.known))
                denied.append(all_of((each.there, no, counts, fitting)))
        found, open_ = any_of(surely), any_of(maybe)
        absent = all_of((opposite(open_), any_of(denied)))
        return SymTruth(opposite(absent), opposite(found))

    def result_of(self, alteration: str, row: SymRow) -> tuple[Bit, Bit]:
        """Whether the entry surely says present, and absent: in words, or by its measured value."""
        result = row.raw["result"]
        words = {label: all_of((result.recorded, result.term == index)) for index, label in enumerate(result.labels)}
        yes, no = [words["present"]], [words["absent"]]
        measure = row.raw.get("measure")
        for reading in self.facts.readings:
            if reading.alteration == alteration and measure is not None:
                measured = any_of(
                    row.raw[name].recorded for name in ("value", "intensity", "percent_cells") if name in row.raw
                )
                same = all_of((measure.recorded, measure.term == measure.labels.index(reading.measure), measured))
                read = self.bit(reading.node, row)
                yes.append(all_of((opposite(result.recorded), same, definitely(read))))
                no.append(all_of((opposite(result.recorded), same, definitely(proof_values.negate(read)))))
        return any_of(yes), any_of(no)

    def counts(self, row: SymRow, since: SymNumber | None) -> tuple[Bit, Bit]:
        """Whether the specimen surely counts, and whether it may."""
        if since is None:
            return True, True
        when = row.cells["when"]
        assert isinstance(when, SymNumber)
        surely = any_of((opposite(since.some), all_of((since.to, at_most(since.high, when.low)))))
        early = all_of((since.some, since.from_, less(when.low, since.low), opposite(since.na)))
        return surely, any_of((surely, opposite(early)))


def _at(model: z3.ModelRef, term: Term) -> Fraction:
    """The number a term is in a model."""
    return Fraction(model.eval(z3.ToReal(term) if z3.is_int(term) else term, model_completion=True).as_fraction())


def definitely(value: SymTruth) -> Bit:
    return value.true if value.settled else all_of((value.true, opposite(value.false)))


def none_of(kind: Type) -> SymValue:
    match kind.kind:
        case "truth":
            return SymTruth(False, True)
        case "label":
            return SymLabel({}, True)
        case "labels":
            return SymLabels({}, {})
    return NO_NUMBER


def _constant(value: bool | int | Decimal | str) -> SymValue:
    if isinstance(value, bool):
        return truth_of(value)
    return SymLabel({value: True}) if isinstance(value, str) else number_of(exact(value))


def rising(node: tree.Function) -> Callable[[Decimal], Decimal]:
    """The function as the other readers work it out."""

    def of(number: Decimal) -> Decimal:
        found = functions.function(node.name, values.number(number), node.exponent).low
        assert isinstance(found, Decimal)
        return found

    return of


def _pin(term: Term, result: Term, point: Decimal, of: Callable[[Decimal], Decimal]) -> list[Bit]:
    """What a point tells of a rising function: its values are rounded, so neighbours may share one."""
    at, value = exact(point), exact(of(point))
    return [implies(at_most(term, at), at_most(result, value)), implies(at_most(at, term), at_most(value, result))]


def _cut(rest: SymNumber, op: str, at: Term, whole: bool) -> SymNumber:
    """What is left of a range above a cut."""
    if whole:
        number = Fraction(at)
        at = number.__floor__() + 1 if op == "<=" else number.__ceil__()
    low = either(all_of((rest.from_, at_most(at, rest.low))), rest.low, at)
    return SymNumber(low, rest.high, True, rest.to)


def _longest(parts: list[tuple[Bit, Bit]]) -> Term:
    run: Term = 0
    best: Term = 0
    for chosen, meets in parts:
        run = either(chosen, either(meets, plus(run, 1), 0), run)
        best = either(less(best, run), run, best)
    return best


_LOWER: Mapping[type, Callable[[Lowering, Any, SymRow | None], SymValue]] = {
    tree.Constant: Lowering.constant, tree.Parameter: Lowering.parameter, tree.Fact: Lowering.fact_read,
    tree.Column: Lowering.column, tree.NotApplicable: Lowering.not_applicable, tree.Undecided: Lowering.undecided,
    tree.And: Lowering.and_, tree.Or: Lowering.or_, tree.Not: Lowering.not_, tree.Compare: Lowering.compare,
    tree.Among: Lowering.among, tree.Meets: Lowering.meets, tree.Only: Lowering.only,
    tree.HowMany: Lowering.how_many, tree.Some: Lowering.some, tree.Collect: Lowering.collect,
    tree.Recorded: Lowering.recorded, tree.Arithmetic: Lowering.arithmetic, tree.Function: Lowering.function,
    tree.Days: Lowering.days, tree.Bounded: Lowering.bounded, tree.Choose: Lowering.choose,
    tree.Band: Lowering.band, tree.Exists: Lowering.exists, tree.Count: Lowering.count, tree.Pick: Lowering.pick,
    tree.Holds: Lowering.any_row, tree.LongestRun: Lowering.longest_run, tree.Newest: Lowering.newest,
    tree.Present: Lowering.present,
}  # fmt: skip
