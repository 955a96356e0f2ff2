"""Cells of a CSV as the values of a case file: what a column holds is told by the case file's own model."""

from __future__ import annotations

import datetime
import re
import types
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from tumorboard.case.model import CaseFile, Entry
from tumorboard.cohort.intake.tables import shown
from tumorboard.data import MAX_DIGITS, parse_json
from tumorboard.errors import InvalidInput, Problem

Kind = Literal["text", "number", "truth", "day", "entries", "any"]
PATIENTS = "patients"
FLAGS = ("eligibility", "consent")  # names with true or false: the columns name and value
SINGLE = "primary"  # one entry a patient
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?")
_NO_NUMBERS = ("nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity")
_TRUTHS = {"true": True, "false": False}
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?)?", re.ASCII)
_BASES: Mapping[type, Kind] = {
    bool: "truth", int: "number", Decimal: "number", datetime.date: "day", str: "text",
}  # fmt: skip


@cache
def sections() -> Mapping[str, Mapping[str, tuple[Kind, bool]]]:
    """The columns of every section of a case file by name: what a cell holds, and whether it holds a list of them."""
    found: dict[str, Mapping[str, tuple[Kind, bool]]] = {}
    own: dict[str, tuple[Kind, bool]] = {"complete": ("text", True)}
    for name, field in CaseFile.model_fields.items():
        entry = _entry_in(field.annotation)
        if name in FLAGS:
            found[name] = {"name": ("text", False), "value": ("truth", False)}
        elif entry is not None:
            found[name] = {inner.alias or key: _kind(inner.annotation) for key, inner in entry.model_fields.items()}
        elif name != "schema_":
            own[name] = _kind(field.annotation)
    return {PATIENTS: own, **found}


def cell_value(text: str, kind: Kind, listed: bool, separator: str, date_format: str) -> Any:
    """What a cell that isn't empty says. Raises InvalidInput where it isn't of its column's kind."""
    if kind == "entries" or (listed and text.startswith("[")):
        value = parse_json(text, "")
        if not isinstance(value, list):
            raise InvalidInput(Problem("", f"{shown(text)} is no list", "write it as JSON"))
        return value
    if listed:
        parts = [part.strip() for part in text.split(separator)]
        return [_single(part, kind, date_format) for part in parts if part]
    return _single(text, kind, date_format)


def _single(text: str, kind: Kind, date_format: str) -> Any:
    match kind:
        case "number":
            return number_of(text)
        case "truth":
            if text.lower() not in _TRUTHS:
                raise InvalidInput(Problem("", f"{shown(text)} is neither true nor false", "map it in `values`"))
            return _TRUTHS[text.lower()]
        case "day":
            return day_of(text, date_format)
        case "any":
            if text.lower() in _TRUTHS:
                return _TRUTHS[text.lower()]
            return number_of(text) if _NUMBER.fullmatch(text) or text.lower() in _NO_NUMBERS else text
    return text


def number_of(text: str) -> int | Decimal:
    """A number as it is written. Raises InvalidInput for anything else, NaN and infinity among it."""
    if text.lower() in _NO_NUMBERS:
        raise InvalidInput(Problem("", f"{text} is no number", "leave the cell empty where the value isn't known"))
    if not _NUMBER.fullmatch(text) or len(text) > MAX_DIGITS:
        raise InvalidInput(Problem("", f"{shown(text)} is not a number", "write it as 1234.5, without units or signs"))
    return int(text) if text.lstrip("+-").isdigit() else Decimal(text)


def day_of(text: str, date_format: str = "%Y-%m-%d") -> str:
    """The day as YYYY-MM-DD; of an ISO day with a time, the day. Raises InvalidInput for anything else."""
    iso = _DAY.fullmatch(text) if date_format == "%Y-%m-%d" else None
    try:
        if iso is not None:
            return datetime.date.fromisoformat(iso[1]).isoformat()
        found = datetime.datetime.strptime(text, date_format).date()
    except ValueError as error:
        raise InvalidInput(Problem("", f"{shown(text)} is no day", "say the form of `dates` in the mapping")) from error
    return found.isoformat()


def _entry_in(annotation: Any) -> type[Entry] | None:
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _entry_in(inner)) is not None), None)


def _kind(annotation: Any) -> tuple[Kind, bool]:
    bases, listed = _bases(annotation)
    if any(issubclass(base, BaseModel | dict) for base in bases):
        return "entries", True
    kinds = {_BASES[base] for base in bases}
    return (kinds.pop() if len(kinds) == 1 else "any"), listed


def _bases(annotation: Any) -> tuple[set[type], bool]:
    origin = get_origin(annotation)
    if origin is Literal:
        return set(map(type, get_args(annotation))), False
    if origin is Annotated:
        return _bases(get_args(annotation)[0])
    if origin is Union or origin is types.UnionType:
        parts = [_bases(one) for one in get_args(annotation) if one is not type(None)]
        return set().union(*(bases for bases, _ in parts)), any(listed for _, listed in parts)
    if origin is list:
        return _bases(get_args(annotation)[0])[0], True
    return {origin or annotation}, False
