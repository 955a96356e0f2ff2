"""Any table of the pages as a file: CSV for a spreadsheet, JSON for a program."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from tumorboard.errors import NotFound, Problem

# A spreadsheet takes a cell that begins so for a formula; an apostrophe before it keeps it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def exported(rows: Iterable[Mapping[str, Any]], form: str, name: str) -> Response:
    """The rows as ``csv`` or ``json``. Raises NotFound for another form."""
    kept = list(rows)
    match form:
        case "csv":
            body, kind = "\ufeff" + _csv(kept), "text/csv; charset=utf-8"
        case "json":
            body, kind = json.dumps(kept, ensure_ascii=False, indent=2) + "\n", "application/json"
        case _:
            raise NotFound(Problem("", f"no export as {form!r}", "csv or json"))
    return Response(body, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'})


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return buffer.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    text = str(value)
    risky = isinstance(value, str) and text.startswith(_FORMULA)
    return f"'{text}" if risky else text
