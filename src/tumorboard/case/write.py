"""A case file written back out, as plain data or YAML, with what was written and nothing else."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import yaml

from tumorboard.case.model import CaseFile


def case_data(file: CaseFile) -> dict[str, Any]:
    """The case file as JSON-ready data; decimals become numbers, dates text, and what isn't recorded is left out."""
    data: dict[str, Any] = _plain(file.model_dump(by_alias=True, exclude_none=True, exclude_unset=True))
    return {"schema": file.schema_, **data}


def case_yaml(file: CaseFile) -> str:
    return data_yaml(case_data(file))


def data_yaml(data: dict[str, Any]) -> str:
    """Data of a case file, not yet checked, as its text."""
    return yaml.safe_dump(_plain(data), allow_unicode=True, sort_keys=False, width=120)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime.date():
            return value.isoformat()
    return value
