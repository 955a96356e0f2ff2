"""Reading data files: YAML 1.2 and JSON with exact decimals, refusing what could be read two ways.

Differences from PyYAML's own loader, and why: ``off``, ``no`` and ``1:30`` are text (YAML 1.2), dates stay text until
a model reads them, numbers with a point are :class:`~decimal.Decimal` from their text (a cut-off of 2.30 is not
2.2999…), a key given twice is an error, NaN and infinity are errors, and aliases are refused because a few nested ones
expand to gigabytes.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import yaml

from tumorboard.errors import InvalidInput, NotFound, Problem

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 40

_BASE: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """The file's text. Raises NotFound, or InvalidInput where it is too large or not UTF-8."""
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise NotFound(Problem(str(path), "is a folder", "name a file"))
        if size > limit:
            raise InvalidInput(
                Problem(str(path), f"is {size // 2**20} MiB large", f"the limit is {limit // 2**20} MiB a file")
            )
        raw = path.read_bytes()
    except OSError as error:
        raise NotFound(Problem(str(path), error.strerror or str(error))) from error
    return decode(raw, str(path))


def decode(raw: bytes, name: str) -> str:
    """Bytes as UTF-8 text (a byte-order mark is dropped); InvalidInput naming the first wrong byte otherwise."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            Problem(name, f"is not UTF-8 text (byte {error.start})", "save it in the encoding UTF-8")
        ) from error
    if "\x00" in text:
        raise InvalidInput(Problem(name, "holds a NUL character", "is it a text file?"))
    return text


def parse(text: str, name: str) -> Any:
    """Plain data (dict, list, str, int, Decimal, bool, None) from YAML or JSON text; ``name`` is for messages."""
    if name.endswith((".json", ".jsonl")):
        return parse_json(text, name)
    if text.lstrip()[:1] in ("{", "["):
        try:
            json.loads(text, parse_float=str, parse_int=str)
        except (json.JSONDecodeError, RecursionError):
            return parse_yaml(text, name)  # YAML's flow style opens the same way
        return parse_json(text, name)
    return parse_yaml(text, name)


def parse_json(text: str, name: str) -> Any:
    def refuse(constant: str) -> NoReturn:
        raise InvalidInput(Problem(name, f"holds {constant}", "leave the entry out where the value isn't known"))

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise InvalidInput(Problem(name, f"the key {twice!r} is given twice in one entry", "keep one"))
        return found

    try:
        found = json.loads(
            text,
            parse_float=lambda digits: _decimal(digits, name),
            parse_int=lambda digits: _whole(digits, name),
            parse_constant=refuse,
            object_pairs_hook=unique,
        )
        if _HALF.search(text):  # two halves make a character; one alone can't be written anywhere
            json.dumps(found, ensure_ascii=False, default=str).encode()
        return found
    except UnicodeEncodeError as error:
        raise InvalidInput(
            Problem(name, "holds half a character (a surrogate alone)", "write the whole character")
        ) from error
    except json.JSONDecodeError as error:
        raise InvalidInput(Problem(f"{name}:{error.lineno}", f"is not JSON: {error.msg}")) from error
    except RecursionError as error:
        raise InvalidInput(Problem(name, "is nested too deeply")) from error


def parse_yaml(text: str, name: str) -> Any:
    loader = _BASE(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _construct(node, name, 0, set())
    except yaml.reader.ReaderError as error:
        raise InvalidInput(Problem(name, f"holds a character YAML does not allow ({error.character!r})")) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise InvalidInput(Problem(name + line, f"is not YAML: {error.problem or error.context}")) from error
    except RecursionError as error:
        raise InvalidInput(Problem(name, "is nested too deeply")) from error
    finally:
        loader.dispose()


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line (from 1) of the entry at ``path`` in YAML text, or of its nearest parent that is there.

    Only called to word an error, so the text is parsed once more rather than every load carrying positions.
    """
    loader = yaml.BaseLoader(text)
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    line = 1
    for step in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = (node.value[step], node.value[step])
        if found is None:
            return line
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def _construct(node: Any, name: str, depth: int, seen: set[int]) -> Any:
    place = f"{name}:{node.start_mark.line + 1}"
    if depth > MAX_DEPTH:
        raise InvalidInput(Problem(place, "is nested too deeply"))
    if id(node) in seen:  # the composer hands the same node out again for an alias
        raise InvalidInput(Problem(place, "is used again through a YAML alias", "write the entry out"))
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, place)
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, name, depth + 1, seen) for item in node.value]
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise InvalidInput(Problem(place, "a key must be plain text"))
        key = key_node.value
        if key in found:
            raise InvalidInput(
                Problem(f"{name}:{key_node.start_mark.line + 1}", f"the key {key!r} is given twice", "keep one")
            )
        found[key] = _construct(value_node, name, depth + 1, seen)
    return found


def _scalar(node: Any, place: str) -> Any:
    value: str = node.value
    if node.style:  # quoted or block text is text
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _NOT_A_NUMBER.fullmatch(value):
        raise InvalidInput(Problem(place, f"holds {value}", "leave the entry out where the value isn't known"))
    if _NUMBER.fullmatch(value):
        return _whole(value, place) if value.lstrip("+-").isdigit() else _decimal(value, place)
    return value


def _whole(digits: str, place: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise InvalidInput(Problem(place, f"a number of {len(digits)} digits", f"at most {MAX_DIGITS}"))
    return int(digits)


def _decimal(digits: str, place: str) -> Decimal:
    if len(digits) > MAX_DIGITS:
        raise InvalidInput(Problem(place, f"a number of {len(digits)} digits", f"at most {MAX_DIGITS}"))
    number = Decimal(digits)
    if abs(number.adjusted()) > MAX_DIGITS:  # written out it has more, or as many zeros before its first
        raise InvalidInput(Problem(place, f"{digits} is too large or too small", f"at most {MAX_DIGITS} digits"))
    return number
