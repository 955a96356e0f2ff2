"""Cells of tables: what one cell of figures says, and what a row says beside its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tumorboard.evidence.findings import Effect, Interval, PValue
from tumorboard.reading.lexer import number
from tumorboard.reading.results import Named
from tumorboard.reading.table_rows import Piece

NUMBER = r"\d+(?:\.\d+)?"
_FIRST = re.compile(
    rf"\s*(?P<sign>[<>≤≥]?) ?(?P<value>{NUMBER}) ?%?(?: ?[(\[] ?(?P<in>{NUMBER}) ?%?(?: ?(?:-|~|to"
    rf"|,) ?(?P<high>{NUMBER}|NE|NR|NA)%?)?[^)\]]*[)\]])?"
)
_P_CELL = re.compile(rf"\s*(?:[Pp] ?)?(?P<op>[<>=]?) ?(?P<value>0?\.\d+|{NUMBER})")
P_HEADING = re.compile(r"^[Pp](?: ?值|[- ]?value)?$")
_EFFECT_IN_CELL = re.compile(r" ?(HR|OR|RR|风险比) ?[=:]? ?(?=\d)")
MEASURES = {"风险比": "HR", "危险比": "HR", "hazard ratio": "HR"}


@dataclass(slots=True)
class Column:
    """What a column holds: ``arm``, ``endpoint``, ``P``, ``effect``, ``n`` or a part of a recommendation."""

    role: str
    arm: str | None = None
    named: Named | None = None
    unit: str | None = None
    measure: str = "HR"
    grade: str | None = None


def read_cell(text: str, counted: bool) -> tuple[Decimal | None, Interval | None, str] | None:
    """Value, interval and the figure as printed; of a count with its percentage, the percentage."""
    if re.match(r"\s*(?:NR|NE|not reached|未达到)", text):
        return None, None, text.strip()
    found = _FIRST.match(text)
    if found is None:
        return None
    if found["in"] and not found["high"] and (counted or "%" in text):
        return number(found["in"]), None, found["in"]
    high = found["high"]
    ci = (
        Interval(Decimal(95), number(found["in"]), number(high)) if found["in"] and high and high[0].isdigit() else None
    )
    return number(found["value"]), ci, found["value"]


def read_p(text: str) -> PValue | None:
    found = _P_CELL.match(text)
    return PValue(found["op"] or "=", number(found["value"])) if found else None


def p_row(body: Sequence[tuple[Piece, ...]]) -> tuple[Piece, ...]:
    """The cells of a row of P values under a table of arms."""
    return next((row[1:] for row in body if P_HEADING.match(row[0].text.strip())), ())


def row_statistics(
    columns: Sequence[Column], cells: Sequence[Piece]
) -> tuple[Effect | None, Interval | None, PValue | None]:
    effect = ci = p = None
    for column, cell in zip(columns, cells, strict=False):
        if column.role == "effect" and (read := read_cell(cell.text, False)) and read[0] is not None:
            effect, ci = Effect(column.measure, read[0]), read[1]
        elif column.role == "P":
            p = read_p(cell.text)
        elif column.role == "" and (found := _EFFECT_IN_CELL.match(cell.text)):
            read = read_cell(cell.text[found.end() :], False)
            if read and read[0] is not None:
                effect, ci = Effect(MEASURES.get(found[1], found[1]), read[0]), read[1]
    return effect, ci, p


def after_words(row: tuple[Piece, ...], end: int, delimited: bool) -> tuple[Piece, ...]:
    """The cells of figures of a row: those after the cell that names the regimen."""
    reach = 0
    for index, piece in enumerate(row):
        reach += len(piece.text) + 1
        if reach > end:
            return row[index + 1 :]
    return row[1:]
