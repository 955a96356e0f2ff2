"""The lines of a file one at a time, none of them longer than a case may be."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from tumorboard.data import MAX_BYTES
from tumorboard.errors import NotFound, Problem

_SKIPPED = 2**20


def lines_of(path: Path, limit: int = MAX_BYTES) -> Iterator[tuple[int, bytes | None]]:
    """(number, bytes) of every line; None for one longer than ``limit``, of which no more than that is held.

    A byte-order mark before the first line is dropped. Raises NotFound where the file can't be read.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(limit + 1):
                number += 1
                if number == 1:
                    raw = raw.removeprefix(codecs.BOM_UTF8)
                if len(raw) <= limit:
                    yield number, raw
                    continue
                while raw and not raw.endswith(b"\n"):
                    raw = file.readline(_SKIPPED)
                yield number, None
    except OSError as error:
        raise NotFound(Problem(str(path), error.strerror or str(error))) from error
