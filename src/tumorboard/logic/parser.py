"""From rule text in Python's expression syntax to a typed tree. The text is read with :mod:`ast` and never run.

Everything a rule may name is known when it is read, so an unknown name, a label outside its closed list, a wrong type
or unit is an error here, at load, with what would be right.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from tumorboard.case.columns import TABLES, ColumnOf
from tumorboard.logic import checks, tree
from tumorboard.logic.checks import RuleError as RuleError
from tumorboard.logic.checks import did_you_mean, one_of
from tumorboard.logic.tree import DATE, TRUTH, WHOLE, Node, Type
from tumorboard.logic.values import Comparison
from tumorboard.vocabulary.library import Vocabulary

KEYED = {"lab": "labs", "observed": "observations", "consented": "consents", "eligible": "eligibility",
         "performance": "performance"}  # fmt: skip
_OPERATORS: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], tree.Operation] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}


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


def parse_rule(text: str, scope: Scope, expected: Type | None = None) -> Node:
    """The tree of ``text``; ``expected`` is the type it must have. Raises RuleError."""
    try:
        # Parentheses let a rule run over several lines, as people write them in YAML blocks.
        body = ast.parse(f"(\n{text}\n)", mode="eval").body
        node = _Reader(text, scope).read(body, expected)
    except SyntaxError as error:
        raise RuleError(f"cannot be read: {error.msg}", "check brackets and quotes", error.offset or 0) from error
    except (RecursionError, MemoryError) as error:
        raise RuleError("is nested too deeply", "name a fact for a part of it") from error
    if expected is not None:
        checks.require(node, expected, 0)
    return node


@dataclass(frozen=True)
class _Reader:
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
                return tree.Constant(Decimal(digits), Type("decimal"))
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
            value = self.typed(left, Type("label"))
            options = tuple(self.word(option) for option in right.elts)
            if not options:
                raise self.error("an empty list holds nothing", 'write ["one", "another"]', right)
            self.check_words(value, options, right)
            return tree.Among(value, frozenset(options))
        values = self.typed(right, Type("labels"))
        wanted = self.word(left)
        self.check_words(values, (wanted,), left)
        return tree.Meets(values, wanted, frozenset((wanted,)))

    def arithmetic(self, op: tree.Operation, left_item: ast.expr, right_item: ast.expr, item: ast.expr) -> Node:
        left, right = self.read(left_item), self.read(right_item)
        return tree.Arithmetic(op, left, right, checks.arithmetic_type(op, left, right, item.col_offset))

    # -- calls ---------------------------------------------------------------------------------------------------

    def call(self, name: str, item: ast.Call, expected: Type | None) -> Node:
        readers: dict[str, Callable[[ast.Call, Type | None], Node]] = {
            "choose": self.choose, "band": self.band, "collect": self.collect, "undecided": self.undecided,
            "present": self.present, "absent": self.absent, "recorded": self.recorded, "some": self.some,
            "days": self.days, "bounded": self.bounded, "meets": self.group, "only": self.group,
            "how_many": self.group, "quantity": self.quantity, "larger": self.extreme, "smaller": self.extreme,
            "not_applicable": self.not_applicable,
        }  # fmt: skip
        if name in readers:
            return readers[name](item, expected)
        if name in KEYED:
            return self.newest(KEYED[name], item)
        raise self.error(f"unknown function {name!r}", did_you_mean(name, (*readers, *KEYED)), item)

    def arguments(self, item: ast.Call, count: int, shape: str) -> list[ast.expr]:
        if len(item.args) != count or item.keywords:
            raise self.error(f"`{ast.unparse(item)}` is not complete", f"write {shape}", item)
        return item.args

    def choose(self, item: ast.Call, expected: Type | None) -> Node:
        shape = "choose(when(condition, value), …, otherwise(value))"
        if len(item.args) < 2 or item.keywords:
            raise self.error(f"`{ast.unparse(item)}` is not complete", f"write {shape}", item)
        *branch_items, last = item.args
        branches = []
        for branch in branch_items:
            condition, value = self.part(branch, "when", 2, shape)
            branches.append((self.typed(condition, TRUTH), self.read(value, expected)))
        (value,) = self.part(last, "otherwise", 1, shape)
        otherwise = self.read(value, expected)
        type_ = checks.common_type([*(value for _, value in branches), otherwise], item.col_offset)
        return tree.Choose(tuple(branches), otherwise, type_)

    def band(self, item: ast.Call, expected: Type | None) -> Node:
        shape = "band(number, under(cut, value), upto(cut, value), …, above(value))"
        if len(item.args) < 3 or item.keywords:
            raise self.error(f"`{ast.unparse(item)}` is not complete", f"write {shape}", item)
        number = self.read(item.args[0])
        if not number.type.numeric:
            raise self.error(f"sorts a {number.type} into bands", shape, item)
        cuts: list[tuple[Literal["<", "<="], Node, Node]] = []
        for part in item.args[1:-1]:
            kind = part.func.id if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) else ""
            at_item, value_item = self.part(part, "under" if kind == "under" else "upto", 2, shape)
            at = self.read(at_item)
            if not isinstance(at, tree.Constant | tree.Parameter) or not at.type.numeric:
                raise self.error("a cut is a number or a parameter", shape, at_item)
            if at.type.unit != number.type.unit and not (at.type.unit is None and number.type.unit == "days"):
                mend = f'write quantity(2, "{number.type.unit}")' if number.type.unit else ""
                raise self.error(f"cuts {number.type} at {at.type.unit or 'no unit'}", mend, at_item)
            cuts.append(("<" if kind == "under" else "<=", at, self.read(value_item, expected)))
        (value,) = self.part(item.args[-1], "above", 1, shape)
        above = self.read(value, expected)
        checks.require_ascending(cuts, item.col_offset)
        return tree.Band(
            number, tuple(cuts), above, checks.common_type([*(v for _, _, v in cuts), above], item.col_offset)
        )

    def part(self, item: ast.expr, name: str, count: int, shape: str) -> list[ast.expr]:
        if isinstance(item, ast.Call) and isinstance(item.func, ast.Name) and item.func.id == name:
            return self.arguments(item, count, shape)
        raise self.error(f"`{ast.unparse(item)}` stands where `{name}(…)` belongs", f"write {shape}", item)

    def collect(self, item: ast.Call, expected: Type | None) -> Node:
        shape = 'collect(reason("name", condition), …)'
        if not item.args or item.keywords:
            raise self.error(f"`{ast.unparse(item)}` is not complete", f"write {shape}", item)
        reasons = []
        for part in item.args:
            name, condition = self.part(part, "reason", 2, shape)
            reasons.append((self.word(name), self.typed(condition, TRUTH)))
        return tree.Collect(tuple(reasons), Type("labels", domain=frozenset(name for name, _ in reasons)))

    def undecided(self, item: ast.Call, expected: Type | None) -> Node:
        (reason_item,) = self.arguments(item, 1, 'undecided("reason")')
        reason = self.word(reason_item)
        if reason not in self.scope.reasons:
            raise self.error(f"no text for the reason {reason!r}", "write it under `undecided:` of this entry", item)
        if expected is None:
            raise self.error("its type isn't clear here", "use it as a value of choose(…)", item)
        return tree.Undecided(reason, expected)

    def not_applicable(self, item: ast.Call, expected: Type | None) -> Node:
        self.arguments(item, 0, "not_applicable()")
        if expected is None:
            raise self.error("its type isn't clear here", "use it as a value of choose(…)", item)
        return tree.NotApplicable(replace(expected, domain=frozenset()) if expected.kind == "label" else expected)

    def extreme(self, item: ast.Call, expected: Type | None) -> Node:
        name: Literal["larger", "smaller"] = item.func.id  # type: ignore[attr-defined]
        left, right = self.arguments(item, 2, f"{name}(number, number)")
        return self.arithmetic(name, left, right, item)

    def present(self, item: ast.Call, expected: Type | None) -> Node:
        self.needs_rows(item)
        if len(item.args) != 1:
            raise self.error(f"`{ast.unparse(item)}` is not complete", 'write present("GENE alteration")', item)
        alterations = self.scope.vocabulary.alterations
        name = self.word(item.args[0])
        if not alterations.known(name):
            near = did_you_mean(name, alterations) or "use an id of vocabulary/alterations.yaml"
            raise self.error(f"unknown alteration {name!r}", near, item)
        since, absence_in = None, None
        for keyword in item.keywords:
            if keyword.arg == "since":
                since = self.typed(keyword.value, DATE)
            elif keyword.arg == "absence_in":
                absence_in = self.specimen(keyword.value)
            else:
                raise self.error(f"present(…) takes since and absence_in, not {keyword.arg}", "", item)
        return tree.Present(name, since, absence_in)

    def specimen(self, item: ast.expr) -> str:
        kind = self.word(item)
        kinds = {
            str(term.note["specimen_kind"]) for term in self.scope.vocabulary.terms.lists["specimen"].terms.values()
        }
        if kind not in kinds:
            raise self.error(f"unknown kind of specimen {kind!r}", one_of(kind, kinds), item)
        return kind

    def absent(self, item: ast.Call, expected: Type | None) -> Node:
        return tree.Not(self.present(item, expected))

    def recorded(self, item: ast.Call, expected: Type | None) -> Node:
        (inner,) = self.arguments(item, 1, "recorded(value)")
        return tree.Recorded(self.read(inner))

    def some(self, item: ast.Call, expected: Type | None) -> Node:
        (inner,) = self.arguments(item, 1, "some(list)")
        return tree.Some(self.typed(inner, Type("labels")))

    def days(self, item: ast.Call, expected: Type | None) -> Node:
        start, end = self.arguments(item, 2, "days(from, to)")
        return tree.Days(self.typed(start, DATE), self.typed(end, DATE))

    def bounded(self, item: ast.Call, expected: Type | None) -> Node:
        parts = self.arguments(item, 3, "bounded(day, earliest, latest)")
        return tree.Bounded(*(self.typed(part, DATE) for part in parts))

    def quantity(self, item: ast.Call, expected: Type | None) -> Node:
        number, unit = self.arguments(item, 2, 'quantity(2, "mg/dL")')
        constant = self.read(number)
        if not isinstance(constant, tree.Constant) or not constant.type.numeric:
            raise self.error("a quantity is a number with its unit", 'write quantity(2, "mg/dL")', item)
        return replace(constant, type=replace(constant.type, unit=self.word(unit)))

    def group(self, item: ast.Call, expected: Type | None) -> Node:
        """``meets``, ``only`` and ``how_many``: a list against a class of the vocabulary."""
        name = item.func.id  # type: ignore[attr-defined]
        values_item, group_item = self.arguments(item, 2, f'{name}(list, "class")')
        values, group = self.read(values_item), self.word(group_item)
        if values.type.kind != "labels" and (values.type.kind != "label" or name == "how_many"):
            wanted = "a list" if name == "how_many" else "a list or a label"
            raise self.error(f"{name}(…) reads {wanted}, not a {values.type}", "", item)
        members = self.members(values, group, item)
        if name == "meets":
            return tree.Meets(values, group, members)
        return tree.Only(values, group, members) if name == "only" else tree.HowMany(values, group, members)

    def members(self, values: Node, group: str, item: ast.expr) -> frozenset[str]:
        column = self.scope.columns[values.name] if isinstance(values, tree.Column) else checks.column_of(values)
        vocabulary = self.scope.vocabulary
        if column is not None and column.groups == "drugs":
            if not vocabulary.drugs.is_class(group):
                near = did_you_mean(group, vocabulary.drugs.classes) or "use an id of vocabulary/drug-classes.yaml"
                raise self.error(f"unknown class of drugs {group!r}", near, item)
            return frozenset(vocabulary.drugs.drugs_of_class(group))
        if column is not None and column.groups == "diseases":
            diseases = vocabulary.terms.diseases
            if group not in diseases.terms:
                near = did_you_mean(group, diseases.terms) or "use an id of vocabulary/diseases.yaml"
                raise self.error(f"unknown disease {group!r}", near, item)
            return diseases.members(group)
        raise self.error("meets, only and how_many read a column of drugs or diseases", "", item)

    def newest(self, table: str, item: ast.Call) -> Node:
        self.needs_rows(item)
        (key_item,) = self.arguments(item, 1, f'{ast.unparse(item.func)}("name")')
        key, terms = self.word(key_item), self.scope.vocabulary.terms
        if table == "labs":
            if key not in terms.analytes:
                raise self.error(f"unknown laboratory value {key!r}", did_you_mean(key, terms.analytes), item)
            return tree.Newest(table, key, Type("decimal", terms.analytes[key].unit))
        if table == "performance":
            terms_of = terms.lists["scale"]
        else:
            terms_of = terms.named[table]
        if key not in terms_of.terms:
            raise self.error(f"unknown {terms_of.heading} {key!r}", did_you_mean(key, terms_of.terms), item)
        return tree.Newest(table, key, checks.noted_type(terms_of.terms[key].note) if table != "performance" else WHOLE)

    # -- rows ----------------------------------------------------------------------------------------------------

    def needs_rows(self, item: ast.expr) -> None:
        if self.scope.only_required:
            raise self.error(
                f"rows can't be chosen by `{ast.unparse(item)}`, which may be unknown", "use `.any(…)`", item
            )
        if not self.scope.rows:
            mend = "only facts may: name a fact for it and use the fact here"
            raise self.error(f"`{ast.unparse(item)}` reads the record", mend, item)

    def rows(self, item: ast.expr) -> tree.Rows:
        self.needs_rows(item)
        match item:
            case ast.Name(id=name):
                if name not in TABLES:
                    raise self.error(f"unknown table {name!r}", did_you_mean(name, TABLES), item)
                return tree.Rows(name, ())
            case ast.Call(func=ast.Attribute(value=inner, attr="where"), args=[condition], keywords=[]):
                rows = self.rows(inner)
                found = self.within(rows, only_required=True).typed(condition, TRUTH)
                return replace(rows, conditions=(*rows.conditions, found))
        raise self.error(f"`{ast.unparse(item)}` is no table", "write table.where(condition)", item)

    def within(self, rows: tree.Rows, only_required: bool) -> _Reader:
        # A source that decides nothing can't choose rows either.
        reasons = frozenset[str]() if only_required else self.scope.reasons
        columns = TABLES[rows.table].columns
        return _Reader(self.text, replace(self.scope, columns=columns, only_required=only_required, reasons=reasons))

    def row_method(self, rows: tree.Rows, method: str, item: ast.Call) -> Node:
        columns = TABLES[rows.table].columns
        match method, item.args:
            case "exists", []:
                return tree.Exists(rows)
            case "count", []:
                return tree.Count(rows)
            case "any", [condition]:
                return tree.Holds(rows, self.within(rows, only_required=False).typed(condition, TRUTH))
            case ("first" | "last") as which, [ast.Name(id=name)] if name in columns:
                return tree.Pick(rows, which, name, self.column_type(columns[name]))
            case (("first" | "last"), [ast.Name(id=name)]):
                raise self.error(f"{rows.table} has no column {name!r}", did_you_mean(name, columns), item)
        raise self.error(
            f"`.{method}` is no way to read rows", "use .where(…), .exists(), .count(), .any(…), .first(column), .last(column)",
            item,
        )  # fmt: skip

    # -- small ---------------------------------------------------------------------------------------------------

    def word(self, item: ast.expr) -> str:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            return item.value
        raise self.error(f"`{ast.unparse(item)}` stands where a name in quotes belongs", "", item)

    def error(self, what: str, mend: str, item: ast.AST) -> RuleError:
        return RuleError(what, mend, getattr(item, "col_offset", 0))
