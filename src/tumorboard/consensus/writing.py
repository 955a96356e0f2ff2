"""Data as YAML that our reader reads back the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml

from tumorboard.data import parse_yaml
from tumorboard.errors import InvalidInput

_WIDTH = 118


class _Dumper(yaml.SafeDumper):
    """Quotes what would be read as something else than text; no aliases, which the reader refuses."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, None if _is_plain(value) else '"')


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", format(value, "f"))


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Decimal, _decimal)


def _is_plain(value: str) -> bool:
    try:
        return bool(parse_yaml(value, "text") == value)
    except InvalidInput:
        return False


def to_yaml(data: Any, comment: str = "") -> str:
    """YAML text of plain data, ``comment`` at its head; what is read back is what was written."""
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    text = head + yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)
    assert parse_yaml(text, "written") == data
    return text
