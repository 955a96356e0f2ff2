"""The longest run of rows for which a condition holds, as SQL: a fold over the dates; see ``logic/runs.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tumorboard.case.columns import DATE
from tumorboard.logic.sql import cells
from tumorboard.logic.sql.dialect import Dialect
from tumorboard.logic.sql.parts import FALSE, TRUE, NumberSql

if TYPE_CHECKING:
    from tumorboard.logic.sql.emitter import Emitter

_ZERO = "CAST(0 AS BIGINT)"


def longest(table: str, rows: str, condition: str, complete: str, emitter: Emitter) -> NumberSql:
    """From the fewest to the most rows in a row; each date has rows that may, and rows that must, meet it."""
    d = emitter.dialect
    when = cells.number_of(table, "r", "when", DATE, d)
    dates = emitter.named(d.sorted(d.distinct(d.transform(rows, "r", when))))

    def count(where: str) -> str:
        return f"CAST({d.length(d.filter(rows, 'r', f'{when} = t AND {where}'))} AS BIGINT)"

    may, must = f"{condition} IS NOT FALSE", f"{condition} IS TRUE"
    fields = {"can": may, "cannot": f"NOT ({may})", "must": must, "not_surely": f"NOT ({must})"}
    group = d.struct({name: count(where) for name, where in fields.items()})
    groups = emitter.named(d.transform(dates, "t", group))
    least, most = _least(groups, rows, d), _most(groups, d)
    some = f"CASE WHEN {d.any(rows, 'r', f'{condition} IS TRUE')} THEN 1 ELSE 0 END"
    low = f"CASE WHEN {complete} THEN {d.as_number(least)} ELSE {d.as_number(some)} END"
    return NumberSql(low, f"CASE WHEN {complete} THEN {d.as_number(most)} END", FALSE, TRUE)


def _most(groups: str, d: Dialect) -> str:
    """Rows of one date that may meet the condition stand together, next to the run before or after them."""
    items = d.transform(groups, "g", d.struct({"best": "g.can", "run": "g.cannot"}))
    return d.fold(
        {"best": _ZERO, "run": _ZERO}, items, "x",
        {"best": "GREATEST(s.best, s.run + x.best)", "run": "CASE WHEN x.run > 0 THEN x.best ELSE s.run + x.best END"},
        "best",
    )  # fmt: skip


def _least(groups: str, rows: str, d: Dialect) -> str:
    """The smallest length to which all runs can be kept."""
    items = d.transform(groups, "g", d.struct({"run": "g.must", "kept": "g.not_surely"}))
    # Rows that need not meet it stand between those that do: some still join the run before, the rest start the next.
    rest = "GREATEST(0, x.run - (most - s.run) - (x.kept - 1) * most)"
    run = f"CASE WHEN x.kept > 0 THEN {rest} ELSE s.run + x.run END"
    kept = d.fold(
        {"run": _ZERO, "kept": "CAST(1 AS BIGINT)"}, items, "x",
        {"run": run, "kept": f"CASE WHEN s.kept = 1 AND {run} <= most THEN CAST(1 AS BIGINT) ELSE {_ZERO} END"},
        "kept",
    )  # fmt: skip
    lengths = d.filter(d.transform(d.up_to(d.length(rows)), "i", "CAST(i AS BIGINT)"), "most", f"{kept} = 1")
    return f"{d.least_item}({lengths})"
