"""What the biomarker entries say of one alteration or class of alterations.

A class absent makes its members absent and a member present makes its class present; a member absent says nothing of
the class and a class present nothing of its members. What was once present stays present; *not tested* and
*indeterminate* never override a result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tumorboard.case.tables import Row
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Day, Truth
from tumorboard.vocabulary.alterations import Alterations


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


def shown(
    target: str,
    rows: Sequence[Row],
    since: Day | None,
    absence_in: str | None,
    alterations: Alterations,
    result_of: Callable[[Row], Truth | None],
) -> Shown:
    """What ``rows`` say of ``target``; ``result_of`` gives a row's result, ``None`` where it has none.

    ``since``: only specimens of that day or later count (not applicable or ``None``: all). ``absence_in``: the kind of
    specimen in which alone an absence counts.
    """
    present: list[tuple[Row, bool]] = []  # with whether the row surely counts
    absent: list[tuple[Row, bool]] = []
    state = "not recorded"
    earlier = False
    for row in rows:
        own = str(row.cells["alteration"])
        below, above = alterations.covers(target, own), alterations.covers(own, target)
        if not (below or above):
            continue
        result = result_of(row)
        if result is None or not result.known:
            if above:
                state = str(row.cells.get("result") or "indeterminate")
            continue
        counts = _counts(row, since)
        if result == TRUE and below:
            if counts == FALSE:
                earlier = True
            else:
                present.append((row, counts == TRUE))
        elif result == FALSE and above:
            if counts == FALSE:
                earlier = True
                continue
            specimen = row.cells.get("specimen")
            if absence_in is not None and specimen != absence_in:
                state = f"absent, but not known to be from {absence_in}" if specimen is None else f"absent in {specimen} only"
                if specimen is not None:
                    continue
                absent.append((row, False))
                continue
            absent.append((row, counts == TRUE))
    return _verdict(present, absent, state, earlier)


def _counts(row: Row, since: Day | None) -> Truth:
    """Whether the specimen was taken on or after ``since``."""
    if since is None or not since.some:
        return TRUE
    when = int(row.cells["when"] or 0)  # type: ignore[arg-type]
    if since.high is not None and when >= since.high and not since.na:
        return TRUE
    if since.low is not None and when < since.low and not since.na:
        return FALSE
    return UNKNOWN


def _verdict(present: list[tuple[Row, bool]], absent: list[tuple[Row, bool]], state: str, earlier: bool) -> Shown:
    clashing = [
        (yes, no) for yes, _ in present for no, _ in absent
        if _same_test(yes, no) and yes.cells["alteration"] == no.cells["alteration"]
    ]  # fmt: skip
    clash = [row for pair in clashing for row in pair]
    sure_present = [row for row, sure in present if sure and row not in clash]
    sure_absent = [row for row, sure in absent if sure and row not in clash]
    maybe_present = [row for row, sure in present if not sure or row in clash]
    if sure_present:
        later = tuple(row for row, _ in absent)
        return Shown(TRUE, tuple(sure_present), "present", conflict=later)
    if clash:
        return Shown(UNKNOWN, tuple(clash), "contradictory", conflict=tuple(clash))
    since_matters = any(not sure for _, sure in present) or any(
        not sure and row.cells.get("specimen") is not None for row, sure in absent
    )
    if sure_absent and not maybe_present:
        return Shown(FALSE, tuple(sure_absent), "absent")
    if state == "not recorded" and earlier:
        state = "not tested since the last progression"
    rows = tuple(row for row, _ in (*present, *absent))
    return Shown(UNKNOWN, rows, state, since_matters)


def _same_test(first: Row, second: Row) -> bool:
    return all(first.cells.get(name) == second.cells.get(name) for name in ("when", "assay", "specimen"))
