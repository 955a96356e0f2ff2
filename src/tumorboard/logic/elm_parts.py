"""Expressions of ELM, the form CQL is exchanged in, as its JSON; what is settled beforehand is folded.

A truth is a Boolean that may be null (unknown); CQL's ``and``, ``or`` and ``not`` are Kleene's. Not so in CQL, and thus
never relied on here: ``exists`` of null and ``in`` null are false, and a null condition of ``if`` counts as false.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Literal

from tumorboard.errors import InvalidKnowledge, Problem

Elm = dict[str, Any]
ElmType = Literal["Boolean", "Decimal", "String", "Date", "Strings"]
_SYSTEM = "{urn:hl7-org:elm-types:r1}"
_PLACES, _DIGITS = 8, 28  # what a Decimal of CQL can hold


class NotExportable(InvalidKnowledge):
    """A rule that says more than CQL can hold exactly."""


def refuse(what: str) -> NotExportable:
    return NotExportable(Problem("", f"{what}, so the rule can't be exported", "name a fact for it and use the fact"))


def specifier(type_: ElmType) -> Elm:
    if type_ == "Strings":
        return {"type": "ListTypeSpecifier", "elementType": specifier("String")}
    return {"type": "NamedTypeSpecifier", "name": _SYSTEM + type_}


def _literal(type_: str, value: str) -> Elm:
    return {"type": "Literal", "valueType": _SYSTEM + type_, "value": value}


TRUE, FALSE = _literal("Boolean", "true"), _literal("Boolean", "false")


def null(type_: ElmType) -> Elm:
    return {"type": "As", "operand": {"type": "Null"}, "asTypeSpecifier": specifier(type_)}


NO_TRUTH = null("Boolean")


def truth(value: bool) -> Elm:
    return TRUE if value else FALSE


def decimal(value: int | Decimal) -> Elm:
    exact = Decimal(value)
    text = format(exact, "f")
    text = text if "." in text else f"{text}.0"
    if len(text.partition(".")[2]) > _PLACES or len(text.replace("-", "")) > _DIGITS + 1:
        raise refuse(f"CQL has no room for {text}")
    number = _literal("Decimal", text.removeprefix("-"))
    return {"type": "Negate", "operand": number} if exact < 0 else number


def string(value: str) -> Elm:
    return _literal("String", value)


def strings(values: Iterable[str]) -> Elm:
    return {"type": "List", "typeSpecifier": specifier("Strings"), "element": [string(each) for each in sorted(values)]}


def parameter(name: str) -> Elm:
    return {"type": "ParameterRef", "name": name}


def definition(name: str) -> Elm:
    return {"type": "ExpressionRef", "name": name}


# -- logic -----------------------------------------------------------------------------------------------------------


def all_of(items: Iterable[Elm]) -> Elm:
    return _joined("And", items, neutral=TRUE, decisive=FALSE)


def any_of(items: Iterable[Elm]) -> Elm:
    return _joined("Or", items, neutral=FALSE, decisive=TRUE)


def _joined(name: str, items: Iterable[Elm], neutral: Elm, decisive: Elm) -> Elm:
    kept = [item for item in items if item != neutral]
    if decisive in kept:
        return decisive
    if not kept:
        return neutral
    result = kept[0]
    for item in kept[1:]:
        result = binary(name, result, item)
    return result


def not_(item: Elm) -> Elm:
    if item in (TRUE, FALSE):
        return truth(item == FALSE)
    return item["operand"] if item["type"] == "Not" else {"type": "Not", "operand": item}


def choice(condition: Elm, then: Elm, otherwise: Elm) -> Elm:
    """Three-valued: where the condition is unknown, what both branches share."""
    if condition in (TRUE, FALSE) or then == otherwise:
        return then if condition == TRUE or then == otherwise else otherwise
    return any_of((
        all_of((condition, then)), all_of((not_(condition), otherwise)), all_of((then, otherwise)),
    ))  # fmt: skip


# -- two-valued: never null ------------------------------------------------------------------------------------------


def is_null(item: Elm) -> Elm:
    if item["type"] in ("Literal", "List", "IsNull", "IsTrue", "IsFalse", "Exists"):
        return FALSE
    return TRUE if _is_no_value(item) else {"type": "IsNull", "operand": item}


def is_true(item: Elm) -> Elm:
    if item in (TRUE, FALSE) or _is_no_value(item):
        return truth(item == TRUE)
    return {"type": "IsTrue", "operand": item}


def is_false(item: Elm) -> Elm:
    if item in (TRUE, FALSE) or _is_no_value(item):
        return truth(item == FALSE)
    return {"type": "IsFalse", "operand": item}


def when(condition: Elm, then: Elm, otherwise: Elm) -> Elm:
    """``if``: the condition must be one that is never null."""
    if condition in (TRUE, FALSE) or then == otherwise:
        return then if condition == TRUE or then == otherwise else otherwise
    return {"type": "If", "condition": condition, "then": then, "else": otherwise}


def _is_no_value(item: Elm) -> bool:
    return item["type"] == "As" and bool(item["operand"] == {"type": "Null"})


# -- numbers and days; null where an operand is ----------------------------------------------------------------------


def binary(name: str, left: Elm, right: Elm) -> Elm:
    return {"type": name, "operand": [left, right]}


def plus(left: Elm, right: Elm) -> Elm:
    return _exact(binary("Add", left, right))


def minus(left: Elm, right: Elm) -> Elm:
    return _exact(binary("Subtract", left, right))


def times(left: Elm, right: Elm) -> Elm:
    return _exact(binary("Multiply", left, right))


def _exact(item: Elm) -> Elm:
    """The result as CQL defines it, on engines, too, that calculate with binary fractions."""
    return {"type": "Round", "operand": item, "precision": _literal("Integer", str(_PLACES))}


def days_from(start: Elm, end: Elm) -> Elm:
    return {
        "type": "ToDecimal",
        "operand": {"type": "DifferenceBetween", "precision": "Day", "operand": [start, end]},
    }


def count(item: Elm) -> Elm:
    return {"type": "ToDecimal", "operand": {"type": "Count", "source": item}}


def extreme(name: Literal["Min", "Max"], items: Iterable[Elm], type_: ElmType) -> Elm:
    """The least or greatest of those that are not null."""
    kept = [item for item in items if not _is_no_value(item)]
    if not kept:
        return null(type_)
    if all(item == kept[0] for item in kept):
        return kept[0]
    return {"type": name, "source": {"type": "List", "typeSpecifier": _list_of(type_), "element": kept}}


def strict_extreme(name: Literal["Min", "Max"], items: Iterable[Elm], type_: ElmType) -> Elm:
    """The least or greatest, and null where one of them is."""
    kept = list(items)
    if all(item == kept[0] for item in kept):
        return kept[0]
    return when(any_of(map(is_null, kept)), null(type_), extreme(name, kept, type_))


def _list_of(type_: ElmType) -> Elm:
    return {"type": "ListTypeSpecifier", "elementType": specifier(type_)}
