"""From rule text in Python's expression syntax to a typed tree. The text is read with :mod:`ast` and never run.

Everything a rule may name is known when it is read, so an unknown name, a label outside its closed list, a wrong type
or unit is an error here, at load, with what would be right.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from tumorboard.case.columns import DATE, DECIMAL, LABELS, TABLES, TRUTH, WHOLE, Type
from tumorboard.logic import checks, tree
from tumorboard.logic.checks import RuleError as RuleError
from tumorboard.logic.checks import did_you_mean, one_of
from tumorboard.logic.expressions import Expressions
from tumorboard.logic.expressions import Scope as Scope
from tumorboard.logic.functions import FunctionName
from tumorboard.logic.tree import Node

KEYED = {"lab": "labs", "observed": "observations", "consented": "consents", "eligible": "eligibility",
         "performance": "performance"}  # fmt: skip


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


class _Reader(Expressions):
    # -- calls ---------------------------------------------------------------------------------------------------

    def call(self, name: str, item: ast.Call, expected: Type | None) -> Node:
        readers: dict[str, Callable[[ast.Call, Type | None], Node]] = {
            "choose": self.choose, "band": self.band, "collect": self.collect, "undecided": self.undecided,
            "present": self.present, "absent": self.absent, "recorded": self.recorded, "some": self.some,
            "days": self.days, "bounded": self.bounded, "meets": self.group, "only": self.group,
            "how_many": self.group, "quantity": self.quantity, "larger": self.extreme, "smaller": self.extreme,
            "not_applicable": self.not_applicable, "log10": self.function, "sqrt": self.function,
            "power": self.function, "magnitude": self.function,
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
        reason = self.reason(reason_item)
        if expected is None:
            raise self.error("its type isn't clear here", "use it as a value of choose(…)", item)
        return tree.Undecided(reason, expected)

    def not_applicable(self, item: ast.Call, expected: Type | None) -> Node:
        reason = None
        if item.args:
            (reason_item,) = self.arguments(item, 1, 'not_applicable("reason")')
            reason = self.reason(reason_item)
        if expected is None:
            raise self.error("its type isn't clear here", "use it as a value of choose(…)", item)
        kind = replace(expected, domain=frozenset()) if expected.kind == "label" else expected
        return tree.NotApplicable(kind, reason)

    def reason(self, item: ast.expr) -> str:
        reason = self.word(item)
        if reason not in self.scope.reasons:
            raise self.error(f"no text for the reason {reason!r}", "write it under `undecided:` of this entry", item)
        return reason

    def function(self, item: ast.Call, expected: Type | None) -> Node:
        """``log10``, ``sqrt`` and ``power`` of a number without unit, and ``magnitude``, which takes the unit off."""
        name: FunctionName = item.func.id  # type: ignore[attr-defined]
        if name == "power":
            number_item, exponent_item = self.arguments(item, 2, "power(number, 0.5)")
            exponent = self.exponent(exponent_item)
        else:
            (number_item,) = self.arguments(item, 1, f"{name}(number)")
            exponent = Decimal(1)
        number = self.read(number_item)
        if not number.type.numeric:
            raise self.error(f"counts with a {number.type}", f"write {name}(number)", item)
        if name == "magnitude":
            return tree.Function(name, number, exponent, replace(number.type, unit=None))
        if number.type.unit:
            raise self.error(f"takes the {name} of {number.type.unit}", f"write {name}(magnitude(…))", item)
        return tree.Function(name, number, exponent, DECIMAL)

    def exponent(self, item: ast.expr) -> Decimal:
        found = self.read(item)
        if isinstance(found, tree.Constant) and found.type.numeric and found.type.unit is None:
            exponent = Decimal(found.value)
            if exponent > 0:
                return exponent
        raise self.error(f"`{ast.unparse(item)}` is no exponent", "write a number above 0: power(number, 0.5)", item)

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
        return tree.Some(self.typed(inner, LABELS))

    def days(self, item: ast.Call, expected: Type | None) -> Node:
        start, end = self.arguments(item, 2, "days(from, to)")
        return tree.Days(self.typed(start, DATE), self.typed(end, DATE))

    def bounded(self, item: ast.Call, expected: Type | None) -> Node:
        parts = self.arguments(item, 3, "bounded(day, earliest, latest)")
        day, earliest, latest = (self.typed(part, DATE) for part in parts)
        return tree.Bounded(day, earliest, latest)

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
                near = did_you_mean(group, vocabulary.drugs.classes()) or "use an id of vocabulary/drug-classes.yaml"
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
        terms_of = terms.lists["scale"] if table == "performance" else terms.named[table]
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
            case "longest_run", [condition]:
                inside = self.within(rows, only_required=False)
                return tree.LongestRun(rows, inside.typed(condition, TRUTH))
            case ("first" | "last") as which, [ast.Name(id=name)] if name in columns:
                return tree.Pick(rows, which, name, self.column_type(columns[name]))
            case (("first" | "last"), [ast.Name(id=name)]):
                raise self.error(f"{rows.table} has no column {name!r}", did_you_mean(name, columns), item)
        ways = "use .where(…), .exists(), .count(), .any(…), .longest_run(…), .first(column), .last(column)"
        raise self.error(f"`{ast.unparse(item)}` is no way to read rows", ways, item)
