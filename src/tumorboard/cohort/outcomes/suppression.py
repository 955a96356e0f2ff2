"""Small numbers hidden before a table or curve leaves the hospital, with enough others that none can be worked out.

A table of counts with its totals is a flow: each count goes from its row to its column, each total closes the circle.
Somebody who reads the table knows what is shown, and that what is hidden is at least 1 (a 0 is shown unless asked
otherwise). A hidden count has a second possible value exactly if one unit can flow round a circle of hidden counts
through it; where it can't, the cheapest circle is found and what is shown on it hidden too. Reference: Cox 1980, J Am
Stat Assoc 75:377 (complementary suppression); Gusfield 1988, SIAM J Comput 17:552 (the circles).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from tumorboard.cohort.outcomes.arrays import Ints, Truths
from tumorboard.cohort.outcomes.kaplan_meier import Curve
from tumorboard.errors import InvalidInput, Problem

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SuppressedTable:
    """Counts with None where hidden: ``cells`` by row and column, and the totals of rows, of columns and of all.

    ``small`` counts the hidden numbers that were below ``threshold``, ``complementary`` those hidden to protect them.
    """

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None
    threshold: int
    small: int
    complementary: int


def suppress(counts: ArrayLike, threshold: int, *, hide_zeros: bool = False) -> SuppressedTable:
    """``counts`` (rows, columns) of patients, or (columns,) for one row, without numbers below ``threshold`` (≥ 1, from
    the rules of who publishes).

    Totals are published with the table, so they count as cells: a small one is hidden, and one is hidden to protect
    another only where no cell can. Zeros are shown, or hidden as any small number with ``hide_zeros``. Of the counts
    that could protect a small one those with the fewest patients are hidden. Raises InvalidInput for counts that are
    not whole numbers from 0, an empty table, or a threshold below 1.
    """
    table = _with_totals(_counts(counts))
    least_threshold(threshold)
    least = 0 if hide_zeros else 1
    small = (table < threshold) & (table >= least)
    hidden = small.copy()
    for cell in sorted(_cells(small), key=lambda place: int(table[place])):
        for extra in _protection(table, hidden, cell, least):
            hidden[extra] = True
    shown_cells = [[None if hidden[i, j] else int(n) for j, n in enumerate(row)] for i, row in enumerate(table)]
    *inner, foot = shown_cells
    return SuppressedTable(
        tuple(tuple(row[:-1]) for row in inner),
        tuple(row[-1] for row in inner),
        tuple(foot[:-1]),
        foot[-1],
        threshold,
        int(small.sum()),
        int(hidden.sum() - small.sum()),
    )


def shown(count: int, threshold: int | None) -> str:
    """A count that stands by itself: ``<5`` where it is 1 to 4 and the threshold is 5; None hides nothing."""
    return f"<{threshold}" if threshold is not None and 0 < count < threshold else str(count)


def cut(curve: Curve, threshold: int) -> Curve:
    """``curve`` up to the last time at which at least ``threshold`` patients were at risk: beyond it each step is one
    of few people. Raises InvalidInput where fewer entered."""
    least_threshold(threshold)
    if curve.n < threshold:
        raise InvalidInput(Problem("curve", f"fewer than {threshold} patients", "join groups, or leave this one out"))
    rows = int(np.count_nonzero(curve.at_risk >= threshold))
    return replace(
        curve,
        times=curve.times[:rows],
        survival=curve.survival[:rows],
        standard_error=curve.standard_error[:rows],
        low=curve.low[:rows],
        high=curve.high[:rows],
        at_risk=curve.at_risk[:rows],
        events=curve.events[:rows],
        censored=curve.censored[:rows],
    )


def least_threshold(threshold: int) -> None:
    if threshold < 1:
        raise InvalidInput(Problem("threshold", f"{threshold} hides nothing", "give at least 1"))


def _counts(counts: ArrayLike) -> Ints:
    read = np.atleast_2d(np.asarray(counts))
    if read.ndim != 2 or not read.size:
        raise InvalidInput(Problem("counts", f"has shape {read.shape}", "give rows and columns"))
    if read.dtype.kind not in "iu" or (read < 0).any():
        raise InvalidInput(Problem("counts", "are not all whole numbers from 0", "give numbers of patients"))
    return read.astype(np.int64)


def _with_totals(counts: Ints) -> Ints:
    wide = np.column_stack((counts, counts.sum(axis=1)))
    return np.vstack((wide, wide.sum(axis=0)))


def _cells(mask: Truths) -> Iterator[Cell]:
    return ((int(i), int(j)) for i, j in zip(*np.nonzero(mask), strict=True))


def _protection(table: Ints, hidden: Truths, cell: Cell, least: int) -> list[Cell]:
    """The cells to hide so that ``cell`` could be one more or one less, of the fewest patients; none if it could be."""
    start, end = _ends(table, cell)
    ways = [_cheapest(table, hidden, cell, end, start, least)]
    if table[cell] > least:
        ways.append(_cheapest(table, hidden, cell, start, end, least))
    # There is always a way: the totals of its row and column and of all are as large as the cell itself.
    _, path = min(way for way in ways if way is not None)
    return [each for each in path if not hidden[each]]


def _ends(table: Ints, cell: Cell) -> Cell:
    """From which node to which a cell flows: rows are 0 …, columns follow; a cell of the last row or column flows the
    other way round for each of the two."""
    rows, columns = table.shape
    i, j = cell
    backwards = (i == rows - 1) != (j == columns - 1)
    return (rows + j, i) if backwards else (i, rows + j)


def _cheapest(
    table: Ints, hidden: Truths, without: Cell, start: int, end: int, least: int
) -> tuple[int, list[Cell]] | None:
    """The way from ``start`` to ``end`` along which one unit could flow (Dijkstra), not through ``without``."""
    rows, columns = table.shape
    dear = int(table[-1, -1]) + 1  # a total is hidden only where no cells will do
    queue: list[tuple[int, int, list[Cell]]] = [(0, start, [])]
    done: set[int] = set()
    while queue:
        cost, node, path = heapq.heappop(queue)
        if node == end:
            return cost, path
        if node in done:
            continue
        done.add(node)
        places = [(node, j) for j in range(columns)] if node < rows else [(i, node - rows) for i in range(rows)]
        for place in places:
            if place == without or (table[place] < least and not hidden[place]):
                continue
            tail, head = _ends(table, place)
            if node == head and table[place] <= least:
                continue  # it can't be one less
            total = place[0] == rows - 1 or place[1] == columns - 1
            price = 0 if hidden[place] else int(table[place]) + 1 + (dear if total else 0)
            heapq.heappush(queue, (cost + price, tail if node == head else head, [*path, place]))
    return None
