"""The one extension of our own: a case-file entry, whole, on the FHIR resource that tells of it (docs/fhir.md)."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tumorboard.case.fhir.shape import Resource, entries_of, extensions
from tumorboard.data import parse_json
from tumorboard.errors import InvalidInput, Problem

URL = "urn:tumorboard:case-entry"
HEAD = "case"  # the key of what belongs to the case itself; it stands on the Patient
SCALARS = ("height_cm", "weight_kg")  # keys of the case itself that FHIR has Observations for
LISTS = (
    "conditions", "metastases", "medication", "vitals", "adverse_events", "performance", "biomarkers", "treatments",
    "procedures", "labs", "imaging", "response", "findings",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """Entry ``index`` of the case's list ``key``, as its JSON text and parsed."""

    key: str
    index: int
    text: str
    value: Any


def pack(key: str, index: int, value: object) -> dict[str, Any]:
    """The extension that carries an entry."""
    return {
        "url": URL,
        "extension": [
            {"url": "key", "valueString": key},
            {"url": "index", "valueInteger": index},
            {"url": "entry", "valueString": exact_json(value)},
        ],
    }


def unpack(resource: Resource) -> CaseEntry | None:
    """The entry a resource carries, None without one. Raises InvalidInput where the extension isn't as we write it."""
    found = extensions(resource, URL)
    if not found:
        return None
    parts = {one.get("url"): one for one in entries_of(found[0].get("extension")) if isinstance(one.get("url"), str)}
    key, index, text = (
        parts.get(name, {}).get(kind)
        for name, kind in (("key", "valueString"), ("index", "valueInteger"), ("entry", "valueString"))
    )
    right = isinstance(key, str) and isinstance(text, str) and isinstance(index, int) and not isinstance(index, bool)
    if len(found) > 1 or not right or key not in (HEAD, *SCALARS, *LISTS):
        raise InvalidInput(Problem(URL, "is not as this extension is written", "see docs/fhir.md"))
    assert isinstance(key, str) and isinstance(text, str) and isinstance(index, int)
    value = parse_json(text, URL)
    if not isinstance(value, int | Decimal if key in SCALARS else dict):
        raise InvalidInput(Problem(URL, f"holds no entry for {key}", "see docs/fhir.md"))
    return CaseEntry(key, index, text, value)


def exact_json(value: object) -> str:
    """JSON with numbers digit for digit and dates as text. Raises InvalidInput for a value JSON has no form for."""
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | Decimal | float):
        number = Decimal(str(value))
        if number.is_finite():
            return min(str(value), f"{number:E}".replace("E+", "E"), key=len)
    if isinstance(value, datetime.date):
        return json.dumps(value.isoformat())
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{json.dumps(str(k), ensure_ascii=False)}: {exact_json(v)}" for k, v in value.items())
            + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(exact_json, value)) + "]"
    raise InvalidInput(Problem("", f"{value!r} can't be written as JSON"))
