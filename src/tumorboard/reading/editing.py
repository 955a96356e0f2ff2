"""A text while it is normalised: each change is a named edit and goes through one map back to the source."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tumorboard.reading.document import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """One normalisation: characters ``start`` to ``end`` of the source now read ``new``.

    Edits stand in the order they were made; a later one may cover or touch up an earlier one. ``kind`` names why.
    """

    kind: str
    start: int
    end: int
    new: str


class Editing:
    """A text while it is normalised, with its map to the source; each pass replaces some spots from left to right."""

    def __init__(self, source: str) -> None:
        self.text = source
        self.starts = array("I", range(len(source)))
        self.ends = array("I", range(1, len(source) + 1))
        self.edits: list[Edit] = []

    def replace(self, kind: str, spots: Iterable[tuple[int, int, str]]) -> None:
        """Put ``new`` in the place of each (start, end, new), which come in order and do not overlap.

        Of equal length, each new character stands for the one it replaces; otherwise each stands for the whole spot.
        """
        parts: list[str] = []
        starts, ends = array("I"), array("I")
        done = 0
        for start, end, new in spots:
            if self.text[start:end] == new:
                continue
            parts += self.text[done:start], new
            starts += self.starts[done:start]
            ends += self.ends[done:start]
            if len(new) == end - start:
                starts += self.starts[start:end]
                ends += self.ends[start:end]
            else:
                starts.extend([self.starts[start]] * len(new))
                ends.extend([self.ends[end - 1]] * len(new))
            self.edits.append(Edit(kind, self.starts[start], self.ends[end - 1], new))
            done = end
        if done:
            self.text = "".join((*parts, self.text[done:]))
            self.starts = starts + self.starts[done:]
            self.ends = ends + self.ends[done:]

    def substitute(self, kind: str, pattern: re.Pattern[str], new: str) -> None:
        self.replace(kind, ((found.start(), found.end(), new) for found in pattern.finditer(self.text)))

    def translate(self, kind: str, pattern: re.Pattern[str], table: Mapping[int, str]) -> None:
        """Each run that ``pattern`` finds, its characters exchanged by ``table``."""
        self.replace(
            kind, ((found.start(), found.end(), found[0].translate(table)) for found in pattern.finditer(self.text))
        )

    def here(self, spans: Iterable[Span]) -> list[Span]:
        """Spans of the source as spans of the text as it now is; what is gone gives an empty span."""
        return [(bisect_left(self.starts, start), bisect_left(self.starts, end)) for start, end in spans]
