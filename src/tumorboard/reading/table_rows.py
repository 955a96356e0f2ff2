"""Tables as rows of cells: those whose geometry a document kept, and those printed as lines of plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tumorboard.reading.document import Document, Span

# The same characters as the layer's, one for one, so that places stay those of the source.
_SAME = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord("·"): ".",
    ord("．"): ".",
    ord("～"): "~",
    ord("–"): "-",
    ord("—"): "-",
    ord("－"): "-",
    ord("\u2011"): "-",
    ord("−"): "-",
    ord("\u3000"): "\t",
    ord("\xa0"): " ",
    ord("【"): "[",
    ord("】"): "]",
    ord("［"): "[",
    ord("］"): "]",
    ord("‐"): "-",
    ord("Ⅰ"): "Ⅰ",
}
_CAPTION = re.compile(r"^[ \t]*(?:(?:附?表|Table|TABLE) ?\d{1,2}|Table:)[^\n]{0,160}$", re.MULTILINE)
_PIPED = re.compile(r"^[^\n|]{0,80}\|[^\n|]{0,80}\|[^\n]{0,160}(?<![.。])$", re.MULTILINE)
_FIGURE = re.compile(r"[<>≤≥]?\d+(?:\.\d+)?")
_DELIMITED = re.compile(r"[ ]?\|[ ]?|\t+| {2,}")
_CELL = re.compile(
    r"(?:[<>≤≥] ?)?(?:\d[\d.,]*|(?<!\d)\.\d+)%?(?: ?[-~/] ?\d[\d.]*%?)?(?: ?[(\[][^()\[\]]{1,40}[)\]]"
    r")?%?|(?<![\w-])-(?![\w-])"
    r"|(?:NE|NR|NA)(?![A-Za-z])|未达到|not reached"
)
_LONGEST_ROW = 240


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one cell, in characters the rules know, and its place in the source."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as rows of cells; ``caption`` is what is printed over it."""

    caption: str
    rows: tuple[tuple[Piece, ...], ...]
    delimited: bool
    start: int
    end: int


def same_characters(text: str) -> str:
    return text.translate(_SAME)


def text_tables(text: str) -> list[Span]:
    """Where plain text prints a table: a numbered caption and the lines of figures under it."""
    found: list[Span] = []
    for caption in _CAPTION.finditer(text):
        end, figures = caption.end(), 0
        position = end + 1
        while position < len(text):
            stop = text.find("\n", position)
            stop = len(text) if stop < 0 else stop
            line = text[position:stop]
            if (
                not line.strip()
                or len(line) > _LONGEST_ROW
                or line.rstrip().endswith(("。", "."))
                or _CAPTION.match(line)
            ):
                break
            if _FIGURE.search(line):
                figures += 1
            end, position = stop, stop + 1
        if figures >= 2:
            found.append((caption.start(), end))
    return sorted([*found, *_piped_tables(text, found)])


def _piped_tables(text: str, found: Sequence[Span]) -> Iterator[Span]:
    """Rows of cells between upright bars need no caption."""
    rows = [row for row in _PIPED.finditer(text) if not any(start <= row.start() < end for start, end in found)]
    first = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or rows[place].start() != rows[place - 1].end() + 1:
            if place - first >= 3:
                yield rows[first].start(), rows[place - 1].end()
            first = place


def grids(document: Document) -> Iterator[Grid]:
    """Every table of the document."""
    taken: list[Span] = []
    for table in document.tables:
        rows: dict[int, dict[int, Piece]] = {}
        for cell in table.cells:
            text = same_characters(document.text[cell.start : cell.end]).replace("\n", " ").strip()
            rows.setdefault(cell.row, {})[cell.column] = Piece(text, cell.start, cell.end)
        width = max((cell.column for cell in table.cells), default=-1) + 1
        caption = same_characters(document.text[max(0, table.start - 120) : table.start]).strip().rsplit("\n", 1)[-1]
        grid = tuple(
            tuple(row.get(column, Piece("", table.start, table.start)) for column in range(width))
            for _, row in sorted(rows.items())
        )
        taken.append((table.start, table.end))
        yield Grid(caption, grid, True, table.start, table.end)
    for start, end in text_tables(document.text):
        if not any(start < other_end and other_start < end for other_start, other_end in taken):
            yield _text_grid(document.text, start, end)


def _text_grid(text: str, start: int, end: int) -> Grid:
    lines = list(_lines(text, start, end))
    captioned = "|" not in lines[0].text or _CAPTION.match(lines[0].text)
    caption, body = (lines[0], lines[1:]) if captioned else (Piece("", start, start), lines)
    body = [line for line in body if re.search(r"[^\s|:-]", line.text)]
    delimited = sum(bool(_DELIMITED.search(line.text.strip())) for line in body) * 2 > len(body)
    framed = delimited and all(line.text.lstrip().startswith("|") for line in body)
    rows = tuple(tuple(_cells(line, delimited, framed)) for line in body)
    return Grid(caption.text, rows, delimited, start, end)


def _lines(text: str, start: int, end: int) -> Iterator[Piece]:
    position = start
    for line in text[start:end].split("\n"):
        yield Piece(same_characters(line), position, position + len(line))
        position += len(line) + 1


def _cells(line: Piece, delimited: bool, framed: bool = False) -> Iterator[Piece]:
    if delimited:
        position = 0
        for found in [*_DELIMITED.finditer(line.text), None]:
            stop = found.start() if found else len(line.text)
            piece = line.text[position:stop]
            lead = len(piece) - len(piece.lstrip())
            if piece.strip() or position or ("|" in line.text and not framed):
                yield Piece(piece.strip(), line.start + position + lead, line.start + position + len(piece.rstrip()))
            position = found.end() if found else stop
        return
    yield from trailing_cells(line)


def trailing_cells(line: Piece) -> Iterator[Piece]:
    """A row without rules between its cells: words first, then its figures one by one."""
    figures = list(_CELL.finditer(line.text))
    first = len(figures)
    reach = len(line.text.rstrip())
    while first and not line.text[figures[first - 1].end() : reach].strip():
        first -= 1
        reach = figures[first].start()
    yield Piece(line.text[:reach].strip(), line.start, line.start + len(line.text[:reach].rstrip()))
    for found in figures[first:]:
        yield Piece(found[0], line.start + found.start(), line.start + found.end())
