"""Reading FHIR JSON of any shape: what isn't as R4 says is left out here and listed by the caller, never a crash."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tumorboard.errors import InvalidInput, Problem

MAX_DEPTH = 64  # FHIR resources in use stay below 15
MAX_DIGITS = 20
MAX_SHOWN = 40
MAX_TEXT = 480  # a case file's texts hold at most 500 characters
_DATE = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})(?:T.*)?")
_PARTIAL = re.compile(r"\d{4}(?:-\d{2})?")

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Coding:
    system: str
    code: str
    display: str


def refuse_deep(data: object) -> None:
    """Raises InvalidInput where ``data`` is nested deeper than any resource in use, or holds itself."""
    level: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list | tuple)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise InvalidInput(Problem(_deepest(data), "is nested too deeply", f"FHIR resources stay below {MAX_DEPTH} levels"))


def _deepest(data: Any) -> str:
    """The path to the first value that is nested too deeply; only followed for the message."""
    level: list[tuple[str, Any]] = [("", data)]
    for _ in range(MAX_DEPTH):
        below: list[tuple[str, Any]] = []
        for place, value in level:
            if isinstance(value, dict):
                below += [(f"{place}.{name}".lstrip("."), inner) for name, inner in value.items()]
            elif isinstance(value, list | tuple):
                below += [(f"{place}[{index}]", inner) for index, inner in enumerate(value)]
        level = [item for item in below if isinstance(item[1], dict | list | tuple)] or level
    return level[0][0][:80]


def entry_of(value: object) -> Mapping[str, Any]:
    """The value as a mapping; an empty one where it is something else."""
    return value if isinstance(value, Mapping) else {}


def entries_of(value: object) -> list[Mapping[str, Any]]:
    """The mappings in a list, or of a single mapping: people write one where FHIR wants a list."""
    if isinstance(value, Mapping):
        return [value]
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Text as it can stand in a case: without line breaks, not longer than allowed; empty for anything else."""
    return " ".join(value.split())[:MAX_TEXT].strip() if isinstance(value, str) else ""


def codings(concept: object) -> list[Coding]:
    """The codings of a CodeableConcept (a bare Coding is read as one)."""
    found = entry_of(concept)
    listed = entries_of(found.get("coding")) or ([found] if "code" in found or "display" in found else [])
    return [Coding(text_of(one.get("system")), text_of(one.get("code")), text_of(one.get("display"))) for one in listed]


def concept_texts(concept: object) -> list[str]:
    """What a CodeableConcept says in words, its own text first."""
    words = [text_of(entry_of(concept).get("text")), *(coding.display for coding in codings(concept))]
    return list(dict.fromkeys(word for word in words if word))


def concept_name(concept: object) -> str:
    """A CodeableConcept for a message: its words, else its code."""
    return next(
        iter((*concept_texts(concept), *(coding.code for coding in codings(concept) if coding.code))), "no code"
    )


def number_of(value: object) -> Decimal | None:
    """A finite number, or None: NaN, infinity, text and truth are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(value) if isinstance(value, int) else Decimal(str(value))
    return number if number.is_finite() else None


def plain(number: Decimal) -> int | Decimal:
    """A number as the case file writes it: whole where it is whole, else without closing zeros."""
    short = number.normalize()
    return int(short) if short == short.to_integral_value() and abs(short.adjusted()) < MAX_DIGITS else short


def day_of(value: object) -> str | None:
    """The day of a date, dateTime or instant as YYYY-MM-DD; None where no whole day is given."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        return datetime.date.fromisoformat(found["day"]).isoformat()
    except ValueError:
        return None


def is_partial(value: object) -> bool:
    return isinstance(value, str) and bool(_PARTIAL.fullmatch(value))


def shown(value: object) -> str:
    """A value as a message shows it, whatever it is and however long."""
    if isinstance(value, str):
        return repr(value if len(value) <= MAX_SHOWN else value[: MAX_SHOWN - 1] + "…")
    if value is None or isinstance(value, bool | float):
        return repr(value)
    number = number_of(value)
    if number is not None and abs(number.adjusted()) < MAX_SHOWN:
        return str(number)
    return "a long number" if number is not None else f"a {type(value).__name__}"


def references(value: object) -> Iterator[str]:
    for one in entries_of(value):
        if reference := text_of(one.get("reference")):
            yield reference


def extensions(resource: Resource, url: str) -> list[Mapping[str, Any]]:
    return [one for one in entries_of(resource.get("extension")) if one.get("url") == url]


def profiles(resource: Resource) -> frozenset[str]:
    """The profiles a resource names, without their version."""
    named: Any = entry_of(resource.get("meta")).get("profile")
    listed: Iterable[object] = named if isinstance(named, list) else ()
    return frozenset(one.partition("|")[0] for one in listed if isinstance(one, str))


def label(resource: Resource) -> str:
    """``Observation/x``: how messages name a resource."""
    return f"{text_of(resource.get('resourceType'))}/{text_of(resource.get('id')) or 'without id'}"
