"""A finding as an entry of an evidence file, and what reading entries of another's file gives."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tumorboard.errors import Problem
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.reading import read_finding
from tumorboard.evidence.sources import Source

_EXACT = "\x01"  # stands before a decimal's text until the quotes around it are taken off


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file gave: its findings, what was wrong with the ``bad`` others, and how many entries it has."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    rows: int

    @property
    def bad(self) -> int:
        return self.rows - len(self.findings)


def entry_of(finding: Finding) -> dict[str, Any]:
    """The finding as its evidence file writes it: only the keys it has; ``read_finding`` reads exactly it back."""
    entry: dict[str, Any] = {}
    for field in dataclasses.fields(finding):
        value = getattr(finding, field.name)
        if field.name == "place":
            if value:
                entry |= _filled(dataclasses.asdict(value))
        elif field.name == "in_scope":
            entry |= {} if value else {"in_scope": False}
        elif field.name == "remarks":
            remarks = [_filled({"kind": r.kind, "text": r.text.as_dict(), "see": list(r.see)}) for r in value]
            entry |= {"remarks": remarks} if remarks else {}
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            part = _filled(dataclasses.asdict(value))
            entry |= {field.name: part} if part else {}
        else:
            entry |= _filled({field.name: value})
    return entry


def source_entry(source: Source) -> dict[str, Any]:
    """The source as ``sources.yaml`` writes it."""
    return _filled(dataclasses.asdict(source))


def read_entries(entries: Iterable[tuple[str, object]], sources: Mapping[str, Source]) -> Imported:
    """The findings of entries given with their places; an entry that is wrong is told and left out."""
    found: dict[str, Finding] = {}
    problems: list[Problem] = []
    rows = 0
    for number, (place, entry) in enumerate(entries):
        rows += 1
        finding, wrong = read_finding(entry, place, number, sources)
        if not wrong and finding.id in found:
            wrong = [Problem(place, f"the id {finding.id} is given twice", "give each finding an id of its own")]
        if wrong:
            problems += wrong
        else:
            found[finding.id] = finding
    return Imported(tuple(found.values()), tuple(problems), rows)


def exact_json(value: object, indent: int | None = 2) -> str:
    """JSON whose numbers have the digits of the decimals: 75.0 stays 75.0."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=lambda number: f"{_EXACT}{_digits(number)}")
    return re.sub(r'"\\u0001([^"]*)"', r"\1", text)


def _digits(number: object) -> str:
    if not isinstance(number, Decimal):
        raise TypeError(f"{number!r} has no form in JSON")
    return format(number, "f")


def _filled(part: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not there; tuples as lists."""
    listed = {name: list(value) if isinstance(value, tuple) else value for name, value in part.items()}
    return {name: value for name, value in listed.items() if value is not None and value != []}
