"""A knowledge folder: its files parsed once, known by one hash.

Parsing a megabyte of YAML takes longer than a doctor should wait, so what was parsed is kept as JSON in the user's
cache, under the SHA-256 of every file's path and bytes: a changed file is another hash, and is read afresh.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tumorboard.data import decode, line_of, parse_yaml
from tumorboard.errors import InvalidKnowledge, NotFound, Problem

SHIPPED = Path(__file__).parent / "knowledge"
_CACHE_FORMAT = 1
_DECIMAL = "\x01"  # stands before a decimal's text in the cache until the quotes around it are taken off


class KnowledgeFolder:
    """The YAML files under ``root`` by their path relative to it, parsed; ``sha256`` covers paths and bytes.

    Further folders add files beside those of ``root`` (a hospital's own guideline); none may take another's place.
    """

    def __init__(self, root: Path, *more: Path) -> None:
        self.root = root
        self._raw: dict[str, bytes] = {}
        for folder in (root, *more):
            if not folder.is_dir():
                raise NotFound(Problem(str(folder), "no such knowledge folder"))
            for path in sorted(folder.rglob("*.yaml")):
                name = path.relative_to(folder).as_posix()
                if name in self._raw:
                    raise InvalidKnowledge(
                        Problem(str(path), "has the name of a file that is there already", "rename it")
                    )
                self._raw[name] = path.read_bytes()
        digest = hashlib.sha256()
        for name, raw in self._raw.items():
            digest.update(f"{name}\0{len(raw)}\0".encode())
            digest.update(raw)
        self.sha256 = digest.hexdigest()
        self._parsed = self._from_cache() or self._parse()

    def __contains__(self, name: str) -> bool:
        return name in self._parsed

    def read(self, name: str) -> Any:
        """The parsed file; NotFound where the folder lacks it."""
        if name not in self._parsed:
            raise NotFound(Problem(str(self.root / name), "no such knowledge file"))
        return self._parsed[name]

    def under(self, folder: str) -> Iterator[tuple[str, Any]]:
        """Every file below ``folder`` with its parsed content, in order of path."""
        for name, content in self._parsed.items():
            if name.startswith(f"{folder}/"):
                yield name, content

    def error(self, name: str, path: tuple[str | int, ...], what: str, mend: str = "") -> InvalidKnowledge:
        """An error at the entry ``path`` of file ``name``, worded with its line."""
        raw = self._raw.get(name)
        line = line_of(decode(raw, name), path) if raw is not None else 0
        return InvalidKnowledge(Problem(f"{self.root.name}/{name}:{line}", what, mend))

    def was_checked(self, what: str) -> bool:
        """Whether ``what`` of exactly these files passed all its checks before (see :meth:`is_checked`)."""
        try:
            return self._mark(what).exists()
        except (OSError, RuntimeError):
            return False

    def is_checked(self, what: str) -> None:
        """Remember that ``what`` of these files passed all its checks; the next start need not repeat them."""
        try:
            self._mark(what).touch()
        except (OSError, RuntimeError):  # without a writable cache the checks are repeated
            return

    def _mark(self, what: str) -> Path:
        return self._cached.with_suffix(f".{what}-checked")

    def _parse(self) -> Mapping[str, Any]:
        parsed = {name: parse_yaml(decode(raw, name), f"{self.root.name}/{name}") for name, raw in self._raw.items()}
        self._to_cache(parsed)
        return parsed

    @property
    def _cached(self) -> Path:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(home) / "tumorboard" / f"{self.sha256}-{_CACHE_FORMAT}.json"

    def _from_cache(self) -> Mapping[str, Any] | None:
        try:
            text = self._cached.read_text(encoding="ascii")
        except (OSError, RuntimeError):  # RuntimeError: a user without a home folder
            return None
        try:
            found = json.loads(text, parse_float=Decimal)
        except json.JSONDecodeError:  # a cache cut short is no cache
            return None
        return found if isinstance(found, dict) else None

    def _to_cache(self, parsed: Mapping[str, Any]) -> None:
        text = json.dumps(parsed, default=lambda value: f"{_DECIMAL}{value}")
        text = re.sub(r'"\\u0001([^"]*)"', r"\1", text)
        try:
            target = self._cached
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=target.parent, delete=False) as file:
                file.write(text)
            Path(file.name).replace(target)
        except (OSError, RuntimeError):  # without a writable cache the next start parses again: slower, not different
            return
