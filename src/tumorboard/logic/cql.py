"""ELM as CQL for people to read: the same expressions, so that one rule has one meaning in both.

Annotations of a definition stand in a comment before it, as the tags CQL's tools know (``@description: …``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tumorboard.logic.elm import ElmReader
from tumorboard.logic.elm_parts import Elm
from tumorboard.logic.tree import Node

# How tightly each operator binds, as CQL's grammar has it: sets least, and `is` and `not` more than a comparison.
_INFIX = {
    "Intersect": (1, "intersect"), "Except": (1, "except"), "Or": (2, "or"), "And": (3, "and"), "Equal": (4, "="),
    "Less": (5, "<"), "LessOrEqual": (5, "<="), "Greater": (5, ">"), "GreaterOrEqual": (5, ">="),
    "Add": (8, "+"), "Subtract": (8, "-"), "Multiply": (9, "*"),
}  # fmt: skip
_CALLS = ("Min", "Max", "Count", "ToDecimal")
_TESTS = {"IsNull": "null", "IsTrue": "true", "IsFalse": "false"}
_LOWEST, _NOT, _TEST, _SIGN, _HIGHEST = 0, 6, 7, 10, 11


def cql_of(node: Node, reader: ElmReader) -> str:
    """A rule as one expression of CQL. Raises NotExportable."""
    return expression(reader.truth(node))


def library(elm: Elm) -> str:
    """A library of our ELM (see :mod:`tumorboard.guidelines.exporting`) as text."""
    content = elm["library"]
    return "\n".join(_lines(content)) + "\n"


def _lines(content: Mapping[str, Any]) -> Iterator[str]:
    yield from _comment(content)
    identifier = content["identifier"]
    yield f"library {name(identifier['id'])} version {string(identifier['version'])}"
    yield ""
    for parameter in content["parameters"]["def"]:
        yield from _comment(parameter)
        default = "null" if parameter["default"]["type"] == "As" else expression(parameter["default"])
        yield f"parameter {name(parameter['name'])} {_type(parameter['parameterTypeSpecifier'])} default {default}"
    yield ""
    yield "context Unfiltered"
    for definition in content["statements"]["def"]:
        yield ""
        yield from _comment(definition)
        yield f"define {name(definition['name'])}:"
        yield f"  {_broken(definition['expression'])}"


def _comment(part: Mapping[str, Any]) -> Iterator[str]:
    tags = [tag for note in part.get("annotation", ()) for tag in note["t"]]
    if tags:
        said = [f"@{tag['name']}: {tag['value']}".replace("*/", "* /") for tag in tags]
        yield "/*"
        yield from said
        yield "*/"


def _broken(item: Elm) -> str:
    """A choice, a conjunction or a disjunction over several lines."""
    kind = item["type"]
    if kind == "If" and item["then"]["type"] == "Literal":
        return f"if {expression(item['condition'])} then {expression(item['then'])}\n  else {_broken(item['else'])}"
    if kind not in ("And", "Or"):
        return expression(item)
    level, word = _INFIX[kind]
    return f"\n    {word} ".join(expression(part, level) for part in _chain(item, kind))


def _chain(item: Elm, kind: str) -> Iterator[Elm]:
    left, right = item["operand"]
    yield from _chain(left, kind) if left["type"] == kind else (left,)
    yield right


def expression(item: Elm, level: int = _LOWEST) -> str:
    """The text of an expression, in brackets where it binds no more tightly than ``level``."""
    own, text = _written(item)
    return text if own > level or level == _LOWEST else f"({text})"


def _written(item: Elm) -> tuple[int, str]:
    kind = item["type"]
    if kind in _INFIX:
        level, word = _INFIX[kind]
        left, right = item["operand"]
        same = left["type"] == kind and kind in ("Or", "And", "Add", "Subtract", "Multiply")
        return level, f"{expression(left, level - 1 if same else level)} {word} {expression(right, level)}"
    if kind in _CALLS:
        return _HIGHEST, f"{kind}({expression(item['source'] if 'source' in item else item['operand'])})"
    if kind in _TESTS:
        return _TEST, f"{expression(item['operand'], _TEST)} is {_TESTS[kind]}"
    match kind:
        case "Literal":
            return _HIGHEST, _literal(item)
        case "Negate":
            return _SIGN, f"-{expression(item['operand'], _SIGN)}"
        case "As":
            return _HIGHEST, f"(null as {_type(item['asTypeSpecifier'])})"
        case "ParameterRef" | "ExpressionRef":
            return _HIGHEST, name(item["name"])
        case "List":
            return _HIGHEST, "{" + ", ".join(map(expression, item["element"])) + "}"
        case "Not":
            return _NOT, f"not {expression(item['operand'], _TEST)}"
        case "Exists":
            return _NOT, f"exists ({expression(item['operand'])})"
        case "If":
            condition, then, otherwise = (expression(item[part]) for part in ("condition", "then", "else"))
            return _LOWEST, f"if {condition} then {then} else {otherwise}"
        case "Round":
            return _HIGHEST, f"Round({expression(item['operand'])}, {item['precision']['value']})"
        case "DifferenceBetween":
            start, end = (expression(part, _SIGN) for part in item["operand"])
            return _LOWEST, f"difference in days between {start} and {end}"
    raise AssertionError(f"no CQL for {kind}")


def _literal(item: Elm) -> str:
    value: str = item["value"]
    return string(value) if item["valueType"].endswith("}String") else value


def _type(specifier: Elm) -> str:
    if specifier["type"] == "ListTypeSpecifier":
        return f"List<{_type(specifier['elementType'])}>"
    full: str = specifier["name"]
    return full.partition("}")[2]


def string(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def name(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
