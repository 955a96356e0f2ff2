"""Rows and tables: the plain form of a case that rules read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any


class NotApplicable(Enum):
    """The cell of a column that has no meaning for its row (the start of a next course that didn't follow)."""

    NA = "not applicable"


NA = NotApplicable.NA
Cell = bool | int | Decimal | str | frozenset[str] | NotApplicable | None
UNDATED = 0  # the ordinal that ranks an undated entry before every dated one


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells (``None`` or absent: not recorded) and where in the case file each comes from."""

    cells: Mapping[str, Cell]
    place: str
    places: Mapping[str, str] = field(default_factory=dict)

    def place_of(self, column: str) -> str:
        return self.places.get(column, f"{self.place}.{column}" if self.place else column)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind, ``when`` ascending; ``complete``: what isn't listed did not happen."""

    rows: tuple[Row, ...]
    complete: bool


def ranked(rows: list[Row], order: Callable[[Row], Any]) -> list[Row]:
    """Rows in ``order``, ``when`` set to their rank; rows of equal order share one."""
    found: list[Row] = []
    rank, last = 0, None
    for row in sorted(rows, key=order):
        rank += order(row) != last
        last = order(row)
        found.append(Row({**row.cells, "when": rank}, row.place, row.places))
    return found
