"""The text of a document from the runs of its pages: headers left out, tables fenced, footnotes at the end."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tumorboard.reading.columns import in_reading_order
from tumorboard.reading.document import Box, Cell, Page, Span, Table
from tumorboard.reading.fencing import Grid, aligned_tables, ruled_tables
from tumorboard.reading.glyphs import Glyphs, Run, lines_of, runs_of

_MARGIN = 0.12  # of the page's height: where running headers and footers stand
_MARGIN_LINES = 3  # at most at either edge
_REPEATED = 3  # pages on which a line stands to be a running header
_SMALL = 0.87  # of the body's size: footnotes are set smaller
_NOTES = 0.5  # of the page's height, below which footnotes stand
_INDENT = 1.4  # in heights: how far the first line of a paragraph is set in, or its last ends before the edge
_RAISED = 0.8  # of the line's height: smaller figures above the middle are superscript


@dataclass(slots=True)
class Sheet:
    """One page: its number in the file, its characters and their runs."""

    number: int
    glyphs: Glyphs
    runs: list[Run]
    recognised: bool = False

    @classmethod
    def of(cls, number: int, glyphs: Glyphs, recognised: bool = False) -> Sheet:
        return cls(number, glyphs, runs_of(glyphs), recognised)


@dataclass(slots=True)
class Composition:
    """The text as it grows, with a box for every character."""

    characters: list[str] = field(default_factory=list)
    boxes: array[float] = field(default_factory=lambda: array("f"))
    pages: list[Page] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    raised: list[Span] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def text(self) -> str:
        return "".join(self.characters)

    def put(self, text: str, box: Box) -> None:
        """Characters that the file does not draw: line ends, spaces between pieces, tabs between cells."""
        self.characters += text
        for _ in text:
            self.boxes.extend(box)

    def run(self, run: Run, glyphs: Glyphs) -> None:
        start = len(self.characters)
        for number in run.glyphs:
            self.characters.append(glyphs.characters[number])
            self.boxes += glyphs.boxes[4 * number : 4 * number + 4]
        self.raised += _raised(run, glyphs, start)

    def finish_page(self, sheet: Sheet, start: int) -> None:
        end = len(self.characters)
        if end > start:
            boxes, glyphs = self.boxes[4 * start : 4 * end], sheet.glyphs
            self.pages.append(
                Page(sheet.number, start, end, glyphs.width, glyphs.height, boxes, recognised=sheet.recognised)
            )


def compose(sheets: Sequence[Sheet]) -> Composition:
    """All pages in reading order. The footnotes of all pages follow their running text, so that none splits a sentence
    that goes on; a page with footnotes therefore has two entries in ``pages``."""
    made = Composition()
    repeated = _repeated(sheets)
    body = _body_size(sheets)
    notes: list[tuple[Sheet, list[list[Run]]]] = []
    for sheet in sheets:
        kept, margins = [], set(map(id, _margins(sheet)))
        for run in sheet.runs:
            if id(run) in margins and _signature(run, sheet) in repeated:
                made.left_out["running headers and footers"] += 1
            else:
                kept.append(run)
        grids, rest = ruled_tables(kept, sheet.glyphs)
        start = len(made.characters)
        footnotes = []
        for block in _blocks(rest, grids, sheet.glyphs):
            running, below = _without_footnotes(block, sheet, body)
            _block(made, running, sheet)
            if below:
                footnotes.append(below)
        made.finish_page(sheet, start)
        if footnotes:
            notes.append((sheet, footnotes))
    for sheet, blocks in notes:
        start = len(made.characters)
        for runs in blocks:
            made.left_out["footnote lines after the running text"] += len(runs)
            _block(made, runs, sheet)
        made.finish_page(sheet, start)
    return made


def _blocks(runs: list[Run], grids: list[Grid], glyphs: Glyphs) -> Iterator[list[Run | Grid]]:
    """Blocks in reading order, a ruled table at the height at which it stands."""
    waiting = sorted(grids, key=lambda grid: grid.top)
    standing = [Run([], grid.left, grid.top, grid.right, grid.bottom) for grid in waiting]
    by_place = {id(run): grid for run, grid in zip(standing, waiting, strict=True)}
    for block in in_reading_order([*runs, *standing]):
        pieces: list[Run | Grid] = []
        plain: list[Run] = []
        for run in block:
            if id(run) in by_place:
                pieces += aligned_tables(plain, glyphs)
                pieces.append(by_place[id(run)])
                plain = []
            else:
                plain.append(run)
        yield [*pieces, *aligned_tables(plain, glyphs)]


def _block(made: Composition, pieces: Sequence[Run | Grid], sheet: Sheet) -> None:
    runs = [piece for piece in pieces if isinstance(piece, Run)]
    right = sorted(run.right for run in runs)[int(0.9 * (len(runs) - 1))] if runs else 0.0
    left = sorted(run.left for run in runs)[int(0.1 * (len(runs) - 1))] if runs else 0.0
    before: Run | Grid | None = None
    for piece in pieces:
        if before is None:
            if made.characters and made.characters[-1] != "\n":
                made.put("\n", _corner(piece))
        else:
            made.put(_between(before, piece, left, right, sheet.glyphs), _corner(piece))
        if isinstance(piece, Grid):
            _table(made, piece, sheet)
        else:
            made.run(piece, sheet.glyphs)
        before = piece
    if isinstance(before, Grid) or (before is not None and _ends_short(before, right, (right - left) / 4)):
        made.put("\n\n", _corner(before))
    elif before is not None:
        made.put("\n", _corner(before))


def _between(before: Run | Grid, after: Run | Grid, left: float, right: float, glyphs: Glyphs) -> str:
    """What stands between two pieces of a column: a space on one line, else the end of a line or of a paragraph."""
    if isinstance(before, Grid) or isinstance(after, Grid):
        return "\n\n"
    if before.beside(after.top, after.bottom):
        return " "
    height = max(before.height, after.height)
    apart = after.top - before.bottom > 0.9 * height
    other_size = not 0.85 < after.height / max(before.height, 0.1) < 1.18
    set_in = _INDENT * after.height < after.left - left < 4 * after.height and before.left - left < 0.5 * height
    return "\n\n" if apart or other_size or set_in or _ends_short(before, right, _first_word(after, glyphs)) else "\n"


def _ends_short(run: Run, right: float, next_word: float) -> bool:
    """Whether a line ends before the edge although the next word, so wide, would have had room."""
    return right - run.right > _INDENT * run.height + next_word


def _first_word(run: Run, glyphs: Glyphs) -> float:
    """The width of the word a line begins with, where its script keeps words whole."""
    width = 0.0
    for number in run.glyphs:
        if not glyphs.characters[number].isascii() or glyphs.characters[number].isspace():
            break
        width = glyphs.boxes[4 * number + 2] - run.left
    return width


def _table(made: Composition, grid: Grid, sheet: Sheet) -> None:
    start = len(made.characters)
    cells: list[Cell] = []
    columns = 1 + max(column for row in grid.rows for column in row)
    for number, row in enumerate(grid.rows):
        if number:
            made.put("\n", (grid.left, grid.top, grid.left, grid.top))
        for column in range(columns):
            if column:
                made.put("\t", (grid.left, grid.top, grid.left, grid.top))
            runs = row.get(column, [])
            at = len(made.characters)
            for order, run in enumerate(runs):
                if order:
                    made.put(" ", _corner(run))
                made.run(run, sheet.glyphs)
            if runs:
                cells.append(Cell(number, column, at, len(made.characters), heading=number == 0))
    made.tables.append(Table(start, len(made.characters), sheet.number, tuple(cells)))


def _corner(piece: Run | Grid) -> Box:
    return piece.left, piece.top, piece.left, piece.bottom


def _raised(run: Run, glyphs: Glyphs, start: int) -> Iterator[Span]:
    """Where the run is set as superscript: small figures whose middle stands above that of the line."""
    heights = sorted(glyphs.boxes[4 * n + 3] - glyphs.boxes[4 * n + 1] for n in run.glyphs)
    tall = heights[3 * len(heights) // 4]
    if heights[0] >= _RAISED * tall:
        return
    tops = [
        glyphs.boxes[4 * n + 3]
        for n in run.glyphs
        if glyphs.boxes[4 * n + 3] - glyphs.boxes[4 * n + 1] >= _RAISED * tall
    ]
    base = sorted(tops)[len(tops) // 2]
    first: int | None = None
    for offset, number in enumerate([*run.glyphs, None]):
        small = False
        if number is not None:
            _, top, _, bottom = glyphs.box(number)
            small = bottom - top < _RAISED * tall and base - bottom > 0.12 * tall
        if small and first is None:
            first = offset
        elif not small and first is not None:
            yield start + first, start + offset
            first = None


# -- what is no running text -------------------------------------------------------------------------------------------


def _margins(sheet: Sheet) -> list[Run]:
    """The lines at the upper and lower edge of a page that a gap divides from its body."""
    lines, height = lines_of(sheet.runs), sheet.glyphs.height
    found: list[Run] = []
    for order, edge in ((lines, 0.0), (lines[::-1], height)):
        outer: list[Run] = []
        for line, next_ in pairwise(order[: _MARGIN_LINES + 1]):
            if abs(line[0].middle - edge) > _MARGIN * height:
                break
            outer += line
            upper, lower = (line, next_) if edge == 0 else (next_, line)
            if min(run.top for run in lower) - max(run.bottom for run in upper) > 0.7 * line[0].height:
                found += outer
    return found


def _signature(run: Run, sheet: Sheet) -> tuple[str, int]:
    """A line of the margin without what changes from page to page, and about how high it stands."""
    text = re.sub(r"[\d\s]+", "#", run.text(sheet.glyphs)).strip("#")
    return text, round(run.middle / 12)


def _repeated(sheets: Sequence[Sheet]) -> frozenset[tuple[str, int]]:
    """Signatures that stand on enough pages; on short documents, on two."""
    counts: Counter[tuple[str, int]] = Counter()
    for sheet in sheets:
        counts.update({_signature(run, sheet) for run in _margins(sheet)})
    least = _REPEATED if len(sheets) > 5 else 2
    return frozenset(signature for signature, count in counts.items() if count >= least)


def _body_size(sheets: Iterable[Sheet]) -> float:
    """The size of most characters."""
    sizes: Counter[float] = Counter()
    for sheet in sheets:
        for run in sheet.runs:
            sizes[run.size(sheet.glyphs)] += len(run.glyphs)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _without_footnotes(pieces: list[Run | Grid], sheet: Sheet, body: float) -> tuple[list[Run | Grid], list[Run]]:
    """The running text of a block, and the smaller lines at its foot that stand apart from it."""
    first = len(pieces)
    while first:
        piece = pieces[first - 1]
        if isinstance(piece, Grid) or piece.size(sheet.glyphs) > _SMALL * body:
            break
        if piece.middle < _NOTES * sheet.glyphs.height:
            break
        first -= 1
    below = [piece for piece in pieces[first:] if isinstance(piece, Run)]
    above = pieces[first - 1] if first else None
    if not below or above is None:
        return pieces, []
    gap = below[0].top - above.bottom
    ruled = any(above.bottom - 2 < rule[1] < below[0].top + 2 for rule in sheet.glyphs.rules)
    return (pieces[:first], below) if ruled or gap > 0.6 * body else (pieces, [])
