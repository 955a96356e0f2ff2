"""A document as it was read: its characters, where on a page each stands, and its tables."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tumorboard.errors import Problem

Kind = Literal["pdf", "image", "html", "text"]
Span = tuple[int, int]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom in points from the page's upper left corner."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: characters ``start`` to ``end`` of the document's text; ``width`` and ``height`` in points.

    ``boxes`` holds four figures (see :data:`Box`) for every one of these characters; ``None`` where the document has
    no geometry (HTML, plain text). ``recognised`` says that the characters come from recognition of a picture.
    """

    number: int
    start: int
    end: int
    width: float
    height: float
    boxes: array[float] | None = None
    recognised: bool = False

    def box(self, position: int) -> Box | None:
        """Where character ``position`` of the document stands on this page."""
        if self.boxes is None:
            return None
        left, top, right, bottom = self.boxes[4 * (position - self.start) : 4 * (position - self.start) + 4]
        return left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its place, counted from 0, and the span of its characters in the document's text."""

    row: int
    column: int
    start: int
    end: int
    row_span: int = 1
    column_span: int = 1
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose geometry survived; ``start`` to ``end`` is a fence: its characters are no running text."""

    start: int
    end: int
    page: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says.

    ``text`` holds the source's characters: of a text or HTML file all, as stored; of a PDF those the pages give, in
    reading order; of a picture those recognised. ``sha256`` is that of ``text`` in UTF-8, the hash by which findings
    name a source; ``file_sha256`` that of the file. ``markup`` are spans of ``text`` that stand for other characters,
    or for none (tags, references, scripts), in order; ``raised`` are spans set as superscript; ``fences`` are the
    tables. ``problems`` says what could not be read; ``left_out`` counts what was recognised and is not running text
    (running headers and footers, footnotes).
    """

    name: str
    sha256: str
    kind: Kind
    text: str
    pages: tuple[Page, ...] = ()
    tables: tuple[Table, ...] = ()
    problems: tuple[Problem, ...] = ()
    file_sha256: str = ""
    encoding: str = ""
    markup: tuple[tuple[int, int, str], ...] = ()
    raised: tuple[Span, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()

    @property
    def fences(self) -> tuple[Span, ...]:
        return tuple((table.start, table.end) for table in self.tables)

    def page_at(self, position: int) -> Page | None:
        """The page on which character ``position`` stands."""
        return next((page for page in self.pages if page.start <= position < page.end), None)

    def boxes(self, start: int, end: int) -> Iterator[tuple[int, Box]]:
        """Page number and box of each character from ``start`` to ``end`` that stands on a page."""
        for page in self.pages:
            for position in range(max(start, page.start), min(end, page.end)):
                box = page.box(position)
                if box is not None and box[2] > box[0]:
                    yield page.number, box
