"""The longest run of consecutive rows for which a condition holds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, groupby

from tumorboard.case.rows import Row
from tumorboard.logic.values import FALSE, TRUE, Number, Truth

Group = Sequence[Truth]  # verdicts of the rows of one date, whose order is not known


def longest_run(when: Sequence[int], verdicts: Sequence[Truth], complete: bool) -> Number:
    """From the fewest to the most rows in a row that can meet the condition; ``when``: the day of each, ascending.

    An unknown verdict may be either, rows of one date may stand in any order, and a list that is not complete may lack
    rows, which can lengthen a run or break it.
    """
    pairs = zip(when, verdicts, strict=True)
    groups = [[verdict for _, verdict in tied] for _, tied in groupby(pairs, key=lambda pair: pair[0])]
    if not complete:
        return Number(int(TRUE in verdicts), None)
    return Number(_least(groups), _most(groups))


def days_of(rows: Sequence[Row]) -> list[int]:
    """Where each row stands in time."""
    return [when for row in rows if isinstance(when := row.cells["when"], int)]


def tied(rows: Sequence[Row], verdicts: Sequence[Truth]) -> list[Row]:
    """The rows that share their date with one of another verdict, so that their order matters."""
    found: dict[object, set[Truth]] = {}
    for row, verdict in zip(rows, verdicts, strict=True):
        found.setdefault(row.cells["when"], set()).add(verdict)
    return [row for row in rows if len(found[row.cells["when"]]) > 1]


def _most(groups: Sequence[Group]) -> int:
    """Rows of one date that may meet the condition stand together, next to the run before or after them."""
    best = run = 0
    for group in groups:
        meeting = sum(verdict != FALSE for verdict in group)
        best = max(best, run + meeting)
        run = meeting if FALSE in group else run + meeting
    return best


def _least(groups: Sequence[Group]) -> int:
    """The smallest length to which all runs can be kept."""
    return next(length for length in count() if _keeps(length, groups))


def _keeps(length: int, groups: Sequence[Group]) -> bool:
    run = 0
    for group in groups:
        meeting = sum(verdict == TRUE for verdict in group)
        others = len(group) - meeting
        if others:  # they stand between those that meet it: some still join the run before, the rest start the next
            run = max(0, meeting - (length - run) - (others - 1) * length)
        else:
            run += meeting
        if run > length:
            return False
    return True
