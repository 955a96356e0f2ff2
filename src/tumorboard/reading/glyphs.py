"""The characters of a page with their boxes, and the runs of characters that stand beside each other."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from tumorboard.reading.document import Box

_WORD_GAP = 0.6  # in heights of a character: pieces of one line that were drawn apart
_CELL_GAP = 1.1  # in heights of a character: beyond it something else begins
_SAME_LINE = 0.5  # share of the lower height by which two pieces must overlap to stand on one line


@dataclass(slots=True)
class Glyphs:
    """The characters of one page in the order the file draws them; ``boxes`` holds four figures for each."""

    width: float
    height: float
    characters: list[str] = field(default_factory=list)
    boxes: array[float] = field(default_factory=lambda: array("f"))
    rules: list[Box] = field(default_factory=list)

    def box(self, number: int) -> Box:
        left, top, right, bottom = self.boxes[4 * number : 4 * number + 4]
        return left, top, right, bottom

    def add(self, character: str, box: Box) -> None:
        self.characters.append(character)
        self.boxes.extend(box)


@dataclass(slots=True)
class Run:
    """Characters that stand beside each other on one line: their numbers on the page, and the box around them."""

    glyphs: list[int]
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def text(self, glyphs: Glyphs) -> str:
        return "".join(glyphs.characters[number] for number in self.glyphs)

    def size(self, glyphs: Glyphs) -> float:
        """The height most of its characters have: that of its font."""
        heights = [glyphs.boxes[4 * number + 3] - glyphs.boxes[4 * number + 1] for number in self.glyphs]
        return round(median(heights) * 2) / 2

    def beside(self, top: float, bottom: float) -> bool:
        """Whether the run stands on the line from ``top`` to ``bottom``."""
        shared = min(self.bottom, bottom) - max(self.top, top)
        return shared >= _SAME_LINE * min(self.height, bottom - top)

    def take(self, other: Run) -> None:
        self.glyphs += other.glyphs
        self.left, self.top = min(self.left, other.left), min(self.top, other.top)
        self.right, self.bottom = max(self.right, other.right), max(self.bottom, other.bottom)


def runs_of(glyphs: Glyphs) -> list[Run]:
    """The runs of a page from top to bottom, blank ends cut off."""
    drawn = [run for run in (_cut(run, glyphs) for run in _drawn_together(glyphs)) if run is not None]
    return _rejoined(drawn)


def lines_of(runs: list[Run]) -> list[list[Run]]:
    """The runs that stand on one line each, from left to right; the lines from top to bottom."""
    lines: list[list[Run]] = []
    spans: list[tuple[float, float]] = []
    for run in sorted(runs, key=lambda run: (run.middle, run.left)):
        if lines and run.beside(*spans[-1]):
            lines[-1].append(run)
            top, bottom = spans[-1]
            if run.height > bottom - top:
                spans[-1] = run.top, run.bottom
        else:
            lines.append([run])
            spans.append((run.top, run.bottom))
    return [sorted(line, key=lambda run: run.left) for line in lines]


def _drawn_together(glyphs: Glyphs) -> Iterator[Run]:
    boxes = glyphs.boxes
    current: list[int] = []
    left = top = right = bottom = 0.0
    for number, character in enumerate(glyphs.characters):
        own_left, own_top, own_right, own_bottom = boxes[4 * number : 4 * number + 4]
        if character == " " and own_right <= own_left:  # put in by pdfium; it has no place of its own
            if current:
                current.append(number)
            continue
        if current and number and boxes[4 * number : 4 * number + 4] == boxes[4 * number - 4 : 4 * number]:
            current.append(number)  # the next letter of a ligature has the box of the whole
            continue
        if current:
            own, whole = own_bottom - own_top, bottom - top
            low, tall = (own, whole) if own < whole else (whole, own)
            shared = (own_bottom if own_bottom < bottom else bottom) - (own_top if own_top > top else top)
            if shared >= _SAME_LINE * low and -0.4 * tall <= own_left - right <= _CELL_GAP * tall:
                current.append(number)
                right = own_right if own_right > right else right
                top, bottom = (own_top if own_top < top else top), (own_bottom if own_bottom > bottom else bottom)
                continue
            yield Run(current, left, top, right, bottom)
        current, left, top, right, bottom = [number], own_left, own_top, own_right, own_bottom
    if current:
        yield Run(current, left, top, right, bottom)


def _cut(run: Run, glyphs: Glyphs) -> Run | None:
    """The run without blanks at its ends; ``None`` where nothing else is in it."""
    first, last = 0, len(run.glyphs)
    while first < last and glyphs.characters[run.glyphs[first]].isspace():
        first += 1
    while last > first and glyphs.characters[run.glyphs[last - 1]].isspace():
        last -= 1
    if first == last:
        return None
    run.glyphs = run.glyphs[first:last]
    run.left = min(glyphs.boxes[4 * number] for number in run.glyphs if glyphs.characters[number] != " ")
    run.right = max(glyphs.boxes[4 * number + 2] for number in run.glyphs)
    return run


def _rejoined(runs: list[Run]) -> list[Run]:
    """Pieces of one line that were drawn apart, put together again."""
    joined: list[Run] = []
    for line in lines_of(runs):
        for run in line:
            before = joined[-1] if joined else None
            height = min(run.height, before.height) if before else 0.0
            near = before is not None and before.beside(run.top, run.bottom)
            if before is not None and near and -0.4 * height <= run.left - before.right <= _WORD_GAP * height:
                before.take(run)
            else:
                joined.append(run)
    return joined
