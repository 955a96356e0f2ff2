"""The export reader: logic over facts as ELM over a flat patient, one parameter a fact.

The flat patient. A fact that isn't known is null. A truth is a Boolean, a label a String, a set of labels a list of
Strings, a number a Decimal (in the fact's unit), a day a Date. A fact that can be *not applicable* has a second
parameter, a Boolean that is false where it isn't given: true says that the fact has no meaning for the patient; null
for such a fact means that this, too, isn't known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tumorboard.case.columns import Kind, Type
from tumorboard.logic import elm_parts as elm
from tumorboard.logic import tree
from tumorboard.logic.elm_parts import FALSE, Elm, ElmType
from tumorboard.logic.elm_values import (
    ChosenLabel,
    ChosenList,
    Collected,
    Label,
    Labels,
    OneLabel,
    OneList,
    Span,
    above_cut,
    choose_span,
    compare,
)
from tumorboard.logic.facts import Facts
from tumorboard.logic.tree import Node

Value = Elm | Span | Label | Labels
ELM_TYPES: Mapping[Kind, ElmType] = {
    "truth": "Boolean", "label": "String", "labels": "Strings", "whole": "Decimal", "decimal": "Decimal",
    "date": "Date",
}  # fmt: skip
# What reads the record; situations, options and cautions, which alone are exported, never do.
ROWS: frozenset[type] = frozenset((
    tree.Column, tree.Exists, tree.Count, tree.Pick, tree.Holds, tree.LongestRun, tree.Newest, tree.Present,
))  # fmt: skip


def absence(name: str) -> str:
    """The parameter that says whether the fact ``name`` is not applicable."""
    return f"{name} not applicable"


class ElmReader:
    """Logic over ``facts`` as ELM; parameters of the knowledge stand in it with their values."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._may_be_absent: dict[str, bool] = {}

    def parameters(self, name: str) -> tuple[Elm, ...]:
        """The definitions of a fact's parameters; null, and applicable, where they aren't given."""
        own = ELM_TYPES[self.facts.definitions[name].type.kind]
        found = [_parameter(name, own, elm.null(own))]
        if self.may_be_absent(name):
            found.append(_parameter(absence(name), "Boolean", FALSE))
        return tuple(found)

    def truth(self, node: Node) -> Elm:
        """The expression of a rule: a Boolean, null where the rule is unknown. Raises NotExportable."""
        value = self.value(node)
        assert isinstance(value, dict), f"no truth: {node!r}"
        return value

    def value(self, node: Node) -> Value:
        assert type(node) not in ROWS, f"reads the record: {node!r}"
        return VISIT[type(node)](self, node)

    def may_be_absent(self, name: str) -> bool:
        """Whether the fact can be not applicable."""
        if name not in self._may_be_absent:
            self._may_be_absent[name] = self._absent(self.facts.definitions[name].node)
        return self._may_be_absent[name]

    def _absent(self, node: Node) -> bool:
        if node.type.kind in ("truth", "labels"):
            return False
        match node:
            case tree.Constant() | tree.Parameter() | tree.Undecided() | tree.Count() | tree.HowMany():
                return False
            case tree.LongestRun() | tree.Newest():
                return False
            case tree.Fact(name):
                return self.may_be_absent(name)
            case tree.Arithmetic(_, left, right) | tree.Days(left, right):
                return self._absent(left) or self._absent(right)
            case tree.Function("magnitude", item) | tree.Bounded(item):
                return self._absent(item)
            case tree.Choose(branches, otherwise):
                return any(self._absent(value) for value in (otherwise, *(value for _, value in branches)))
            case tree.Band(item, cuts, above):
                return any(self._absent(value) for value in (item, above, *(value for _, _, value in cuts)))
        return True

    # -- names and literals --------------------------------------------------------------------------------------

    def constant(self, node: tree.Constant) -> Value:
        return self.literal(node.value)

    def parameter(self, node: tree.Parameter) -> Value:
        return self.literal(self.facts.settings[node.name])

    def literal(self, value: bool | int | Decimal | str) -> Value:
        if isinstance(value, bool):
            return elm.truth(value)
        if isinstance(value, str):
            return OneLabel(elm.string(value), FALSE, frozenset((value,)), FALSE)
        number = elm.decimal(value)
        return Span(number, number, FALSE)

    def fact(self, node: tree.Fact) -> Value:
        value = elm.parameter(node.name)
        if not self.may_be_absent(node.name):
            return _leaf(value, FALSE, node.type)
        flag = elm.parameter(absence(node.name))
        # What isn't known of such a fact includes whether it is applicable.
        doubt = elm.when(elm.is_null(value), elm.NO_TRUTH, FALSE)
        return _leaf(value, elm.any_of((flag, doubt)), node.type, flag)

    def undecided(self, node: tree.Undecided) -> Value:
        return _leaf(elm.null(ELM_TYPES[node.type.kind]), FALSE, node.type)

    def not_applicable(self, node: tree.NotApplicable) -> Value:
        match node.type.kind:
            case "truth":
                return FALSE
            case "labels":
                return Collected(())
            case "label":
                return _leaf(elm.null("String"), elm.TRUE, Type("label", domain=frozenset()))
        return _leaf(elm.null(ELM_TYPES[node.type.kind]), elm.TRUE, node.type)

    # -- logic ---------------------------------------------------------------------------------------------------

    def and_(self, node: tree.And) -> Value:
        return elm.all_of(map(self.truth, node.items))

    def or_(self, node: tree.Or) -> Value:
        return elm.any_of(map(self.truth, node.items))

    def not_(self, node: tree.Not) -> Value:
        return elm.not_(self.truth(node.item))

    def compare(self, node: tree.Compare) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, Span) and isinstance(right, Span):
            return compare(node.op, left, right)
        if isinstance(left, Label) and isinstance(right, Label):
            same = left.same(right)
        else:
            assert isinstance(left, dict) and isinstance(right, dict)
            same = elm.binary("Equal", left, right)
        return elm.not_(same) if node.op == "!=" else same

    def among(self, node: tree.Among) -> Value:
        return self.label(node.item).member(node.options)

    def meets(self, node: tree.Meets) -> Value:
        if node.item.type.kind == "label":
            return self.label(node.item).member(node.members)
        return self.labels(node.item).meets(node.members)

    def only(self, node: tree.Only) -> Value:
        if node.item.type.kind == "label":
            return self.label(node.item).member(node.members)
        return self.labels(node.item).only(node.members)

    def how_many(self, node: tree.HowMany) -> Value:
        return self.labels(node.item).how_many(node.members)

    def some(self, node: tree.Some) -> Value:
        return self.labels(node.item).nonempty()

    def collect(self, node: tree.Collect) -> Value:
        return Collected(tuple((name, self.truth(condition)) for name, condition in node.reasons))

    def recorded(self, node: tree.Recorded) -> Value:
        value = self.value(node.item)
        return elm.not_(elm.is_null(value)) if isinstance(value, dict) else value.known

    # -- numbers and days ----------------------------------------------------------------------------------------

    def arithmetic(self, node: tree.Arithmetic) -> Value:
        left, right = self.span(node.left), self.span(node.right)
        absent = elm.any_of((left.absent, right.absent))
        match node.op:
            case "+":
                return Span(elm.plus(left.low, right.low), elm.plus(left.high, right.high), absent)
            case "-":
                return Span(elm.minus(left.low, right.high), elm.minus(left.high, right.low), absent)
            case "larger":
                low = elm.extreme("Max", (left.low, right.low), "Decimal")
                return Span(low, elm.strict_extreme("Max", (left.high, right.high), "Decimal"), absent)
            case "smaller":
                high = elm.extreme("Min", (left.high, right.high), "Decimal")
                return Span(elm.strict_extreme("Min", (left.low, right.low), "Decimal"), high, absent)
            case "*" if "whole" in (node.left.type.kind, node.right.type.kind):
                corners = [elm.times(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
                low, high = (elm.strict_extreme(name, corners, "Decimal") for name in ("Min", "Max"))
                return Span(low, high, absent)
        raise elm.refuse(f"`{node.op}` of decimals gives more digits than CQL keeps")

    def function(self, node: tree.Function) -> Value:
        if node.name == "magnitude":
            return self.span(node.item)
        raise elm.refuse(f"{node.name} gives more digits than CQL keeps")

    def days(self, node: tree.Days) -> Value:
        start, end = self.span(node.start), self.span(node.end)
        absent = elm.any_of((start.absent, end.absent))
        return Span(elm.days_from(start.high, end.low), elm.days_from(start.low, end.high), absent)

    def bounded(self, node: tree.Bounded) -> Value:
        item, low, high = self.span(node.item), self.span(node.low), self.span(node.high)
        none = elm.null("Date")
        earliest = elm.when(elm.is_false(low.absent), low.low, none)
        latest = elm.when(elm.is_false(high.absent), high.high, none)
        lowest = elm.extreme("Max", (item.low, earliest), "Date")
        highest = elm.extreme("Min", (item.high, latest), "Date")
        kept = elm.any_of((item.known, elm.is_true(elm.binary("Greater", lowest, highest))))
        return Span(elm.when(kept, item.low, lowest), elm.when(kept, item.high, highest), item.absent, "Date")

    # -- choices -------------------------------------------------------------------------------------------------

    def choose(self, node: tree.Choose) -> Value:
        result = self.value(node.otherwise)
        for condition, value in reversed(node.branches):
            result = _chosen(self.truth(condition), self.value(value), result)
        return result

    def band(self, node: tree.Band) -> Value:
        item, whole = self.span(node.item), node.item.type.kind == "whole"
        rest = Span(item.low, item.high, FALSE)
        taken: list[tuple[Elm, Value]] = []
        for op, at_node, value in node.cuts:
            at = self.facts.settings[at_node.name] if isinstance(at_node, tree.Parameter) else at_node.value  # type: ignore[union-attr]
            assert isinstance(at, int | Decimal)
            number = elm.decimal(at)
            taken.append((compare(op, rest, Span(number, number, FALSE)), self.value(value)))
            rest = above_cut(rest, at, op == "<=", whole)
        result = self.value(node.above)
        for condition, of_band in reversed(taken):
            result = _chosen(condition, of_band, result)
        return _chosen(item.absent, self.not_applicable(tree.NotApplicable(node.type)), result)

    # -- small ---------------------------------------------------------------------------------------------------

    def span(self, node: Node) -> Span:
        value = self.value(node)
        assert isinstance(value, Span), f"no number or day: {node!r}"
        return value

    def label(self, node: Node) -> Label:
        value = self.value(node)
        assert isinstance(value, Label), f"no label: {node!r}"
        return value

    def labels(self, node: Node) -> Labels:
        value = self.value(node)
        assert isinstance(value, Labels), f"no list: {node!r}"
        return value


def _parameter(name: str, type_: ElmType, default: Elm) -> Elm:
    specifier = elm.specifier(type_)
    return {"name": name, "accessLevel": "Public", "default": default, "parameterTypeSpecifier": specifier}


def _leaf(value: Elm, absent: Elm, type_: Type, flag: Elm | None = None) -> Value:
    match type_.kind:
        case "truth":
            return value
        case "label":
            return OneLabel(value, absent, type_.domain, absent if flag is None else flag)
        case "labels":
            return OneList(value, type_.domain)
    return Span(value, value, absent, ELM_TYPES[type_.kind], flag)


def _chosen(condition: Elm, then: Value, otherwise: Value) -> Value:
    if isinstance(then, Span) and isinstance(otherwise, Span):
        return choose_span(condition, then, otherwise)
    if isinstance(then, Label) and isinstance(otherwise, Label):
        return ChosenLabel(condition, then, otherwise)
    if isinstance(then, Labels) and isinstance(otherwise, Labels):
        return ChosenList(condition, then, otherwise)
    assert isinstance(then, dict) and isinstance(otherwise, dict), "branches of different kinds"
    return elm.choice(condition, then, otherwise)


VISIT: dict[type, Callable[[ElmReader, Any], Value]] = {
    tree.Constant: ElmReader.constant, tree.Parameter: ElmReader.parameter, tree.Fact: ElmReader.fact,
    tree.And: ElmReader.and_, tree.Or: ElmReader.or_, tree.Not: ElmReader.not_, tree.Compare: ElmReader.compare,
    tree.Among: ElmReader.among, tree.Meets: ElmReader.meets, tree.Only: ElmReader.only,
    tree.HowMany: ElmReader.how_many, tree.Some: ElmReader.some, tree.Collect: ElmReader.collect,
    tree.Recorded: ElmReader.recorded, tree.Arithmetic: ElmReader.arithmetic, tree.Function: ElmReader.function,
    tree.Days: ElmReader.days, tree.Bounded: ElmReader.bounded, tree.Choose: ElmReader.choose,
    tree.Band: ElmReader.band, tree.NotApplicable: ElmReader.not_applicable, tree.Undecided: ElmReader.undecided,
}  # fmt: skip
