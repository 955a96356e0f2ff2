"""Findings as a CSV table, one a row, and such a table read back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from tumorboard.data import parse_json
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.evidence.exchange.entries import Imported, entry_of, exact_json, read_entries
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.sources import Source

_POPULATION = ("disease", "histology", "stage", "biomarker", "line", "prior_therapy", "n", "other")
COLUMNS = (
    *("id", "kind", "source", "also", "study", "design", *(f"population.{name}" for name in _POPULATION)),
    *("intervention", "comparator", "endpoint", "endpoint_as_printed", "statistic", "method"),
    *("value", "value_to", "value_qualifier", "unit", "denominator", "comparator_value", "comparator_denominator"),
    *("printed", "comparator_printed", "effect.measure", "effect.value", "ci.level", "ci.low", "ci.high"),
    *("p.op", "p.value", "n", "level", "direction", "claim.en", "claim.zh", "date", "certainty", "restates"),
    *("in_scope", "quote", "start", "end", "sha256", "context", "section", "table", "citations", "citation_link"),
    "remarks",
)
_NUMBERS = frozenset(
    {"population.n", "value", "value_to", "denominator", "comparator_value", "comparator_denominator", "effect.value"}
    | {"ci.level", "ci.low", "ci.high", "p.value", "n", "start", "end", "table"}
)
_LISTS = {"also": str, "citations": int, "context": int}
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?")
_BETWEEN = "; "


def to_csv(findings: Iterable[Finding]) -> str:
    """The findings as a table with a header; an empty cell is *not there*, a range has its upper end in ``value_to``.

    Carries all of a finding; the sources are named by their ids only.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(entry_of(finding)) for finding in findings)
    return out.getvalue()


def from_csv(text: str, name: str, sources: Mapping[str, Source]) -> Imported:
    """The findings of such a table. Columns may stand in any order and be left out, but none may be unknown.

    Raises InvalidInput where it is no such table; what is wrong with single rows stands in ``problems``.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if unknown := [column for column in header if column not in COLUMNS]:
            raise InvalidInput(Problem(f"{name}:1", f"unknown column {unknown[0]!r}", f"of {', '.join(COLUMNS)}"))
        if missing := [column for column in ("id", "kind", "source") if column not in header]:
            raise InvalidInput(Problem(f"{name}:1", f"the column {missing[0]!r} is absent"))
        rows = list(_numbered(reader))
    except csv.Error as error:
        raise InvalidInput(Problem(f"{name}:{reader.line_num}", f"is not CSV: {error}")) from error
    good: list[tuple[str, object]] = []
    problems: list[Problem] = []
    for line, cells in rows:
        place = f"{name}:{line}"
        try:
            good.append((place, _entry(header, cells, place)))
        except TumorboardError as error:
            problems += error.problems
    read = read_entries(good, sources)
    return Imported(read.findings, (*problems, *read.problems), len(rows))


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, with the line each begins in."""
    line = reader.line_num + 1
    for cells in reader:
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


def _row(entry: Mapping[str, Any]) -> dict[str, str]:
    row: dict[str, str] = {}
    for name, value in entry.items():
        if name == "value" and isinstance(value, list):
            row |= {"value": _cell(value[0]), "value_to": _cell(value[1])}
        elif name == "remarks":
            row[name] = exact_json(value, indent=None)
        elif isinstance(value, dict):
            row |= {f"{name}.{key}": _cell(part) for key, part in value.items()}
        else:
            row[name] = _BETWEEN.join(map(_cell, value)) if isinstance(value, list) else _cell(value)
    return row


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _entry(header: list[str], cells: list[str], place: str) -> dict[str, Any]:
    if len(cells) != len(header):
        raise InvalidInput(Problem(place, f"has {len(cells)} cells", f"{len(header)}, as the header"))
    entry: dict[str, Any] = {}
    for column, cell in zip(header, cells, strict=True):
        if cell:
            part, _, key = column.partition(".")
            value = _value(column, cell, place)
            if key:
                entry.setdefault(part, {})[key] = value
            else:
                entry[column] = value
    if "value_to" in entry:
        entry["value"] = [entry.get("value"), entry.pop("value_to")]
    return entry


def _value(column: str, cell: str, place: str) -> Any:
    if column == "remarks":
        return parse_json(cell, f"{place}: remarks")
    if column == "in_scope":
        return {"true": True, "false": False}.get(cell, cell)
    if column in _LISTS:
        return [_number(column, part, place) if _LISTS[column] is int else part for part in cell.split(_BETWEEN)]
    return _number(column, cell, place) if column in _NUMBERS else cell


def _number(column: str, cell: str, place: str) -> int | Decimal:
    match = _NUMBER.fullmatch(cell.strip())
    if match is None:
        raise InvalidInput(Problem(place, f"{column} must be a number, not {cell!r}", "digits with a point: 35.2"))
    return Decimal(match[0]) if match[1] else int(match[0])
