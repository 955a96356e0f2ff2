"""Expressions of the rule language: names, literals, logic, comparisons, arithmetic. Calls are read in parser.py."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tumorboard.case.columns import DECIMAL, LABEL, LABELS, TRUTH, WHOLE, ColumnOf, Type
from tumorboard.logic import checks, tree
from tumorboard.logic.checks import RuleError, did_you_mean
from tumorboard.logic.tree import Node
from tumorboard.logic.values import Comparison
from tumorboard.vocabulary.library import Vocabulary

_OPERATORS: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], tree.Operation] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@dataclass(frozen=True)
class Scope:
    """What a rule may name. ``rows`` says whether it may read tables (facts may; logic over facts may not)."""

    facts: Mapping[str, Type]
    parameters: Mapping[str, Type]
    vocabulary: Vocabulary
    rows: bool
    reasons: frozenset[str] = frozenset()
    columns: Mapping[str, ColumnOf] = field(default_factory=dict)
    only_required: bool = False


@dataclass(frozen=True)
class Expressions(ABC):
    """Reads one rule's expressions into nodes; each refusal is a :class:`RuleError`."""

    text: str
    scope: Scope

    # -- expressions ---------------------------------------------------------------------------------------------

    def read(self, item: ast.expr, expected: Type | None = None) -> Node:
        match item:
            case ast.Constant():
                return self.constant(item)
            case ast.Name(id=name):
                return self.name(name, item)
            case ast.BoolOp(op=op, values=values):
                items = tuple(self.typed(value, TRUTH) for value in values)
                return tree.And(items) if isinstance(op, ast.And) else tree.Or(items)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return tree.Not(self.typed(operand, TRUTH))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
                return self.negative(self.constant(operand), item)
            case ast.Compare():
                return self.comparison(item)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return self.arithmetic(_ARITHMETIC[type(op)], left, right, item)
            case ast.Call(func=ast.Name(id=name)):
                return self.call(name, item, expected)
            case ast.Call(func=ast.Attribute(value=rows, attr=method), keywords=[]):
                return self.row_method(self.rows(rows), method, item)
        raise self.error(f"`{ast.unparse(item)}` is not part of the rule language", "", item)

    def typed(self, item: ast.expr, expected: Type) -> Node:
        node = self.read(item, expected)
        checks.require(node, expected, item.col_offset)
        return node

    def constant(self, item: ast.Constant) -> tree.Constant:
        match item.value:
            case bool():
                return tree.Constant(item.value, TRUTH)
            case int():
                return tree.Constant(item.value, WHOLE)
            case float():
                # The decimal is taken from the text: a float would already have lost its exact value.
                line = self.text.split("\n")[item.lineno - 2].encode()
                digits = line[item.col_offset : item.end_col_offset].decode()
                return tree.Constant(Decimal(digits), DECIMAL)
            case str():
                return tree.Constant(item.value, Type("label", domain=frozenset((item.value,))))
        raise self.error(f"{item.value!r} is no value of the rule language", "", item)

    def negative(self, constant: tree.Constant, item: ast.expr) -> Node:
        if isinstance(constant.value, bool | str):
            raise self.error(f"`{ast.unparse(item)}` counts with a {constant.type}", "", item)
        exact = constant.value
        return replace(constant, value=-exact if isinstance(exact, int) else exact.copy_negate())

    def name(self, name: str, item: ast.expr) -> Node:
        if name in ("true", "false"):
            return tree.Constant(name == "true", TRUTH)
        if name in self.scope.columns:
            column = self.scope.columns[name]
            if self.scope.only_required and not column.required:
                raise self.error(
                    f"the column {name} may be missing, so rows can't be chosen by it", "use `.any(…)` instead", item
                )
            return tree.Column(name, self.column_type(column))
        if name in self.scope.parameters:
            return tree.Parameter(name, self.scope.parameters[name])
        if name in self.scope.facts:
            if self.scope.only_required:
                raise self.error(
                    f"rows can't be chosen by the fact {name}, which may be unknown", "use `.any(…)`", item
                )
            return tree.Fact(name, self.scope.facts[name])
        known = (*self.scope.columns, *self.scope.parameters, *self.scope.facts)
        raise self.error(f"unknown name {name!r}", did_you_mean(name, known), item)

    def column_type(self, column: ColumnOf) -> Type:
        if column.terms is None:
            return column.type
        terms = self.scope.vocabulary.terms
        known = terms.lists[column.terms] if column.terms in terms.lists else terms.named[column.terms]
        return replace(column.type, domain=known.ids)

    def comparison(self, item: ast.Compare) -> Node:
        if len(item.ops) > 1:
            raise self.error("a chain of comparisons", "join two comparisons with `and`", item)
        operator, right_item = item.ops[0], item.comparators[0]
        if isinstance(operator, ast.In | ast.NotIn):
            node = self.membership(item.left, right_item)
            return tree.Not(node) if isinstance(operator, ast.NotIn) else node
        if type(operator) not in _OPERATORS:
            raise self.error(f"`{ast.unparse(item)}` is no comparison of the rule language", "", item)
        op, left, right = _OPERATORS[type(operator)], self.read(item.left), self.read(right_item)
        checks.require_comparable(op, left, right, item.col_offset)
        for own, other in ((left, right), (right, left)):
            if isinstance(own, tree.Constant) and isinstance(own.value, str):
                self.check_words(other, (own.value,), item)
        return tree.Compare(op, left, right)

    def check_words(self, node: Node, words: tuple[str, ...], item: ast.expr) -> None:
        column = self.scope.columns.get(node.name) if isinstance(node, tree.Column) else None
        checks.require_words(node, words, column, self.scope.vocabulary, item.col_offset)

    def membership(self, left: ast.expr, right: ast.expr) -> Node:
        if isinstance(right, ast.List | ast.Tuple | ast.Set):
            value = self.typed(left, LABEL)
            options = tuple(self.word(option) for option in right.elts)
            if not options:
                raise self.error("an empty list holds nothing", 'write ["one", "another"]', right)
            self.check_words(value, options, right)
            return tree.Among(value, frozenset(options))
        values = self.typed(right, LABELS)
        wanted = self.word(left)
        self.check_words(values, (wanted,), left)
        return tree.Meets(values, wanted, frozenset((wanted,)))

    def arithmetic(self, op: tree.Operation, left_item: ast.expr, right_item: ast.expr, item: ast.expr) -> Node:
        left, right = self.read(left_item), self.read(right_item)
        return tree.Arithmetic(op, left, right, checks.arithmetic_type(op, left, right, item.col_offset))

    @abstractmethod
    def call(self, name: str, item: ast.Call, expected: Type | None) -> Node: ...

    @abstractmethod
    def rows(self, item: ast.expr) -> tree.Rows: ...

    @abstractmethod
    def row_method(self, rows: tree.Rows, method: str, item: ast.Call) -> Node: ...

    # -- small ---------------------------------------------------------------------------------------------------

    def word(self, item: ast.expr) -> str:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            return item.value
        raise self.error(f"`{ast.unparse(item)}` stands where a name in quotes belongs", "", item)

    def error(self, what: str, mend: str, item: ast.AST) -> RuleError:
        return RuleError(what, mend, getattr(item, "col_offset", 0))
