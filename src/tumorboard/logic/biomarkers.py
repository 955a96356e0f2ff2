"""What the biomarker entries say of one alteration or class of alterations.

A class absent makes its members absent and a member present makes its class present; a member absent says nothing of
the class and a class present nothing of its members. What was once present stays present; *not tested* and
*indeterminate* never override a result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from tumorboard.case.rows import Row
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Day, Truth

MEASURED = ("value", "intensity", "percent_cells")
# How an unknown alteration stands now; of several entries the one that tells most is named.
_STATES = ("not recorded", "not tested", "indeterminate")


@dataclass(frozen=True, slots=True)
class Entry:
    """A biomarker entry as seen from the alteration asked for: it names that or one of its class (``below``), or a
    class it lies in or itself (``above``). ``classes`` are those of the entry's own alteration, itself included."""

    row: Row
    below: bool
    above: bool
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """The verdict on an alteration, the rows behind it, and for an unknown the state of testing.

    ``since_matters``: the day from which specimens count isn't known well enough. ``conflict``: rows that say
    otherwise (a later *absent* beside a *present*, or two results of one test).
    """

    value: Truth
    rows: tuple[Row, ...]
    state: str
    since_matters: bool = False
    conflict: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class _Result:
    """A result that may count: surely, or only if its specimen is young enough or of the kind asked for."""

    entry: Entry
    sure: bool
    doubt: Literal["since", "specimen"] = "since"

    @property
    def row(self) -> Row:
        return self.entry.row


def concerned(
    target: str, above_target: frozenset[str], rows: Iterable[Row], above: Callable[[str], frozenset[str]]
) -> list[Entry]:
    """The entries that can say something of ``target``; ``above``: the classes of an alteration, itself included."""
    found = []
    for row in rows:
        own = str(row.cells["alteration"])
        classes = above(own)
        entry = Entry(row, target in classes, own in above_target, classes)
        if entry.below or entry.above:
            found.append(entry)
    return found


def shown(
    entries: Iterable[Entry],
    since: Day | None,
    absence_in: str | None,
    result_of: Callable[[Row], Truth | None],
) -> Shown:
    """What ``entries`` say; ``result_of`` gives a row's result, ``None`` where it has none.

    ``since``: only specimens of that day or later count (not applicable or ``None``: all). ``absence_in``: the kind of
    specimen in which alone an absence counts.
    """
    present: list[_Result] = []
    denied: list[_Result] = []
    silent: list[Row] = []
    state, in_vain, earlier = "not recorded", "", False
    for entry in entries:
        row, result = entry.row, result_of(entry.row)
        if result is None or not result.known:
            if entry.above:
                state = max(state, _state(row), key=_STATES.index)
                silent.append(row)
            continue
        tells = entry.below if result == TRUE else entry.above
        counts = _counts(row, since)
        if counts == FALSE:
            earlier = earlier or tells
        elif result == TRUE:
            present += [_Result(entry, counts == TRUE)] if tells else []
        elif absence_in is None or row.cells.get("specimen") == absence_in:
            denied.append(_Result(entry, counts == TRUE))
        elif row.cells.get("specimen") is None:
            in_vain = f"absent, but not known to be from {absence_in}" if tells else in_vain
            denied.append(_Result(entry, False, "specimen"))
        elif tells:
            in_vain = in_vain or f"absent in {row.cells['specimen']} only"
    if state == "not recorded" and earlier:
        state = "not tested since the last progression"
    verdict = _verdict(present, denied, in_vain or state)
    return verdict if verdict.rows else replace(verdict, rows=tuple(silent))


def _state(row: Row) -> str:
    """How an entry without a result stands; a measured value nobody has given a meaning is indeterminate."""
    result = row.cells.get("result")
    if result is not None:
        return str(result)
    return "not recorded" if all(row.cells.get(name) is None for name in MEASURED) else "indeterminate"


def _counts(row: Row, since: Day | None) -> Truth:
    """Whether the specimen was taken on or after ``since``; where there may be no such day, all may count."""
    if since is None or not since.some:
        return TRUE
    when = _when(row)
    if since.high is not None and when >= since.high:
        return TRUE
    if since.low is not None and when < since.low and not since.na:
        return FALSE
    return UNKNOWN


def _verdict(present: list[_Result], denied: list[_Result], state: str) -> Shown:
    """``denied`` holds absences of the alteration, of its classes, and of its members; the last say nothing of it, but
    contradict the presence of the same member."""
    clash: list[Row] = []
    for yes in present:
        for no in denied:
            if _same_test(yes.row, no.row):
                clash += (row for row in (yes.row, no.row) if row not in clash)
    absent = [result for result in denied if result.entry.above]
    doubtful = [result for result in (*present, *absent) if not result.sure]
    since_matters = any(result.doubt == "since" for result in doubtful)
    sure = [result for result in present if result.sure and result.row not in clash]
    if sure:
        against = tuple(no.row for no in denied if any(_contradicts(no, yes) for yes in sure))
        return Shown(TRUE, tuple(yes.row for yes in sure), "present", conflict=against)
    if clash:
        return Shown(UNKNOWN, tuple(clash), "contradictory", since_matters, tuple(clash))
    if not present and any(no.sure for no in absent):
        return Shown(FALSE, tuple(no.row for no in absent if no.sure), "absent")
    return Shown(UNKNOWN, tuple(result.row for result in (*present, *absent)), state, since_matters)


def _contradicts(no: _Result, yes: _Result) -> bool:
    """Whether an absence found on the same day or later speaks against a presence: of the same, or of a class of it."""
    return str(no.row.cells["alteration"]) in yes.entry.classes and _when(no.row) >= _when(yes.row)


def _when(row: Row) -> int:
    when = row.cells["when"]
    assert isinstance(when, int), f"{row.place} has no place in time"
    return when


def _same_test(first: Row, second: Row) -> bool:
    """Whether two rows are one measurement: of one alteration, on one day, by one assay, in one kind of specimen."""
    names = ("alteration", "when", "assay", "specimen", "measure")
    return all(first.cells.get(name) == second.cells.get(name) for name in names)
