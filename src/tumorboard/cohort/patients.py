"""Cases as rows of a cohort and back: exactly, or not at all."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tumorboard.case.columns import TABLES
from tumorboard.case.model import CaseFile
from tumorboard.case.read import Case
from tumorboard.case.rows import NA, UNDATED, Cell, Row, Table
from tumorboard.cohort.schema import OBSERVED, RANKED, SCALE
from tumorboard.errors import InvalidInput, Problem

_LARGEST = 10 ** (30 - SCALE)


def patient_of(case: Case) -> dict[str, Any]:
    """One row of a cohort. Raises InvalidInput for a number with more decimals than the form keeps."""
    return {
        "id": case.id,
        "as_of": case.as_of,
        "complete": [name for name, table in case.tables.items() if table.complete],
        "follow_up": None,
        **{name: [_written(name, row) for row in case.tables[name].rows] for name in TABLES},
    }


def case_of(patient: Mapping[str, Any]) -> Case:
    """The case of a cohort's row: the tables rules read, under a file that holds its name alone."""
    complete = set(patient["complete"])
    tables = {name: Table(tuple(_read(name, row) for row in patient[name]), name in complete) for name in TABLES}
    file = CaseFile.model_construct(id=patient["id"], as_of=patient["as_of"])
    return Case(file, patient["as_of"], tables, (), ())


def _written(table: str, row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: _cell(row.cells.get(name), table, name, row)
        for name in TABLES[table].columns
        if not (table == OBSERVED and name == "value")
    }
    if table == OBSERVED:
        value = row.cells.get("value")
        found["truth"] = value if isinstance(value, bool) else None
        found["number"] = (
            _decimal(value, row, "value") if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
        )
        found["value"] = value if isinstance(value, str) else None
    found["na"] = [name for name in TABLES[table].columns if row.cells.get(name) is NA]
    found["place"] = row.place
    found["places"] = list(row.places.items())
    return found


def _cell(cell: Cell, table: str, name: str, row: Row) -> Any:
    if cell is None or cell is NA:
        return None
    if isinstance(cell, frozenset):
        return sorted(cell)
    kind = TABLES[table].columns[name].type.kind
    if kind == "date" and not (name == "when" and table in RANKED):
        assert isinstance(cell, int)
        return None if cell == UNDATED else datetime.date.fromordinal(cell)
    if kind == "decimal":
        assert isinstance(cell, int | Decimal)
        return _decimal(cell, row, name)
    return cell


def _decimal(value: int | Decimal, row: Row, name: str) -> Decimal:
    number = Decimal(value)
    exponent = number.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -SCALE or abs(number) >= _LARGEST:
        raise InvalidInput(
            Problem(row.place_of(name), f"{number} can't be kept", f"at most {SCALE} decimals, below 1e{30 - SCALE}")
        )
    return number


def _read(table: str, row: Mapping[str, Any]) -> Row:
    cells: dict[str, Cell] = {}
    absent = set(row["na"] or ())
    for name, column in TABLES[table].columns.items():
        value = row[name]
        if name in absent:
            cells[name] = NA
        elif name == "when" and value is None:
            cells[name] = UNDATED
        elif value is None:
            cells[name] = None
        elif column.type.kind == "labels":
            cells[name] = frozenset(value)
        elif isinstance(value, datetime.date):
            cells[name] = value.toordinal()
        elif isinstance(value, Decimal):
            cells[name] = number_of(value)
        else:
            cells[name] = value
    if table == OBSERVED and cells["value"] is None:
        number = row["number"]
        cells["value"] = row["truth"] if number is None else _whole_or_decimal(number)
    return Row(cells, row["place"], dict(row["places"] or ()))


def number_of(value: Decimal) -> Decimal:
    """The number without the zeros the column's scale has added; as people write it, without an exponent."""
    bare = value.normalize()
    return bare if bare.as_tuple().exponent <= 0 else bare.quantize(Decimal(1))  # type: ignore[operator]


def _whole_or_decimal(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else number_of(value)
