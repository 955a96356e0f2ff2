"""Tables: found by their rules or by cells that stand under each other, and fenced off from the running text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tumorboard.reading.document import Box
from tumorboard.reading.glyphs import Glyphs, Run, lines_of

_SAME_EDGE = 6.0  # points by which the rules of one table may differ at their ends
_LEAST_ROWS = 3
_PART_GAP = 0.42  # in heights of a character
_ONE_ROW = 0.2  # of the height of a line
_PROSE = 0.4  # of the table's width: two runs this wide a line are two columns of prose


@dataclass(frozen=True, slots=True)
class Grid:
    """A table on a page: ``rows`` of cells, each a list of runs (lines of the cell) by its column."""

    left: float
    top: float
    right: float
    bottom: float
    rows: tuple[dict[int, list[Run]], ...]

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def ruled_tables(runs: list[Run], glyphs: Glyphs) -> tuple[list[Grid], list[Run]]:
    """The tables between horizontal rules, and the runs that stand outside them."""
    grids: list[Grid] = []
    rest = runs
    for stack in _stacks(glyphs.rules):
        for first, last in _tabular(stack, rest):
            inside = [run for run in rest if _within(run, stack[first], stack[last])]
            grid = grid_of(inside, [rule[1] for rule in stack[first : last + 1]], glyphs)
            if grid is not None:
                grids.append(grid)
                taken = set(map(id, inside))
                rest = [run for run in rest if id(run) not in taken]
    return grids, rest


def aligned_tables(runs: list[Run], glyphs: Glyphs) -> list[Grid | Run]:
    """A column's runs in their order, cells under cells gathered to tables where there are rows enough."""
    lines = lines_of(runs)
    found: list[Grid | Run] = []
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and (len(lines[end]) > 1 or _inside_a_column(lines, start, end)):
            end += 1
        while end > start and len(lines[end - 1]) == 1:
            end -= 1
        several = [line for line in lines[start:end] if len(line) > 1]
        inside = [run for line in lines[start:end] for run in line]
        grid = grid_of(inside, [], glyphs) if len(several) >= _LEAST_ROWS else None
        if grid is not None and not _holds_figures(grid, glyphs):
            grid = None
        if grid is not None:
            found.append(grid)
            start = end
        else:
            found += lines[start]
            start += 1
    return found


def _holds_figures(grid: Grid, glyphs: Glyphs) -> bool:
    """Whether most cells beside the first column hold a figure: a table without rules is one of results, not a list."""
    cells = [run.text(glyphs) for row in grid.rows for column, runs in row.items() if column for run in runs[:1]]
    return sum(any(map(str.isdecimal, cell)) for cell in cells) >= 0.5 * max(len(cells), 1)


def grid_of(runs: list[Run], rules: list[float], glyphs: Glyphs) -> Grid | None:
    """The cells of a table by the gaps all its rows leave free; ``None`` where there are no two columns."""
    lines = lines_of([part for run in runs for part in _parts(run, glyphs)])
    columns = _columns(lines)
    if len(columns) < 2 or len(lines) < 2:
        return None
    rows: list[dict[int, list[Run]]] = []
    for number, line in enumerate(lines):
        cells: dict[int, list[Run]] = {}
        for run in line:
            cells.setdefault(_column_of(run, columns), []).append(run)
        if number and (
            _continues(cells, rows[-1], lines[number - 1], line, rules)
            or _beside(line, lines[number - 1], {_column_of(run, columns) for run in lines[number - 1]} & cells.keys())
        ):
            for column, parts in cells.items():
                rows[-1].setdefault(column, []).extend(parts)
        else:
            rows.append(cells)
    edges = [run.left for run in runs], [run.right for run in runs]
    return Grid(min(edges[0]), min(r.top for r in runs), max(edges[1]), max(r.bottom for r in runs), tuple(rows))


def _parts(run: Run, glyphs: Glyphs) -> Iterator[Run]:
    """The pieces of a run between gaps wider than a space: cells of narrow columns stand that near."""
    part: list[int] = []
    right = run.right
    for number in run.glyphs:
        if glyphs.characters[number] == " ":
            part.append(number)
            continue
        left = glyphs.boxes[4 * number]
        if part and left - right > _PART_GAP * run.height:
            yield _run_of(part, run, glyphs)
            part = []
        part.append(number)
        right = glyphs.boxes[4 * number + 2]
    yield _run_of(part, run, glyphs)


def _run_of(numbers: list[int], run: Run, glyphs: Glyphs) -> Run:
    while glyphs.characters[numbers[-1]] == " ":
        numbers.pop()
    return Run(numbers, glyphs.boxes[4 * numbers[0]], run.top, glyphs.boxes[4 * numbers[-1] + 2], run.bottom)


def _beside(line: list[Run], above: list[Run], shared: set[int]) -> bool:
    """Whether two lines are one row: they overlap in height and fill different columns (a cell set in its middle)."""
    overlap = max(run.bottom for run in above) - min(run.top for run in line)
    return not shared and overlap > _ONE_ROW * min(line[0].height, above[0].height)


def _stacks(rules: list[Box]) -> list[list[Box]]:
    """Rules of the same extent under each other, each stack from the top."""
    stacks: list[list[Box]] = []
    for rule in sorted(_whole(rules), key=lambda rule: rule[1]):
        for stack in stacks:
            if abs(stack[0][0] - rule[0]) < _SAME_EDGE and abs(stack[0][2] - rule[2]) < _SAME_EDGE:
                if rule[1] - stack[-1][1] > 3:
                    stack.append(rule)
                break
        else:
            stacks.append([rule])
    return [stack for stack in stacks if len(stack) > 1]


def _whole(rules: list[Box]) -> list[Box]:
    """Pieces of one rule put together."""
    whole: list[Box] = []
    for left, top, right, bottom in sorted(rules, key=lambda rule: (round(rule[1]), rule[0])):
        last = whole[-1] if whole else None
        if last is not None and abs(last[1] - top) < 1.5 and left - last[2] < 4:
            whole[-1] = (min(last[0], left), last[1], max(last[2], right), last[3])
        else:
            whole.append((left, top, right, bottom))
    return [rule for rule in whole if rule[2] - rule[0] > 60]


def _tabular(stack: list[Box], runs: list[Run]) -> list[tuple[int, int]]:
    """From which rule to which the stack holds a table; running text between two rules ends one."""
    spans: list[tuple[int, int]] = []
    for number, (upper, lower) in enumerate(pairwise(stack)):
        inside = [run for run in runs if _within(run, upper, lower)]
        if inside and _cells(inside, stack[0][2] - stack[0][0]):
            if spans and spans[-1][1] == number:
                spans[-1] = (spans[-1][0], number + 1)
            else:
                spans.append((number, number + 1))
    return spans


def _cells(runs: list[Run], width: float) -> bool:
    lines = lines_of(runs)
    several = [line for line in lines if len(line) > 1]
    widths = [run.width for line in several for run in line]
    return 2 * len(several) >= len(lines) and bool(widths) and median(widths) < _PROSE * width


def _within(run: Run, upper: Box, lower: Box) -> bool:
    level = upper[1] - 1 <= run.middle <= lower[1] + 1
    return level and upper[0] - _SAME_EDGE <= run.left and run.right <= upper[2] + _SAME_EDGE


def _inside_a_column(lines: list[list[Run]], start: int, end: int) -> bool:
    """Whether a lone run continues a cell of the rows above it: it stands inside one of their columns."""
    several = [line for line in lines[start:end] if len(line) > 1]
    if len(lines[end]) != 1 or not several:
        return False
    run, columns = lines[end][0], _columns(several)
    close = run.top - lines[end - 1][0].bottom < run.height
    return (
        close and len(columns) > 1 and any(left - 2 <= run.left and run.right <= right + 2 for left, right in columns)
    )


def _columns(lines: list[list[Run]]) -> list[tuple[float, float]]:
    """The columns: what the lines with most cells occupy, where the gaps between are free in all of them."""
    most = max((len(line) for line in lines), default=0)
    if most < 2:
        return []
    fullest = [line for line in lines if len(line) > most / 2 and len(line) > 1]
    spans = sorted((run.left, run.right) for line in fullest for run in line)
    columns: list[tuple[float, float]] = []
    for left, right in spans:
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _column_of(run: Run, columns: list[tuple[float, float]]) -> int:
    """The column the run shares most with; the nearest where it shares nothing."""
    shared = [min(run.right, right) - max(run.left, left) for left, right in columns]
    return max(range(len(columns)), key=lambda number: (min(shared[number], run.width), -number))


def _continues(
    cells: dict[int, list[Run]], above: dict[int, list[Run]], line_above: list[Run], line: list[Run], rules: list[float]
) -> bool:
    """Whether a line goes on with the row above: it lacks the first column and no rule stands between."""
    bottom, top = max(run.bottom for run in line_above), min(run.top for run in line)
    ruled = any(bottom - 2 <= rule <= top + 2 for rule in rules)
    return not ruled and 0 not in cells and 0 in above and len(cells) < len(above) and top - bottom < line[0].height
