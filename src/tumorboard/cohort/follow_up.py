"""What is known of a patient beside the case: hospital, what was given next, how long seen, whether died.

Rules never read it; concordance and outcomes do. For case files it comes from a table (``id, hospital, start,
last_seen, died``); what was given next is the first treatment of the file that starts after the board.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tumorboard.case.read import Case
from tumorboard.data import read_text
from tumorboard.errors import InvalidInput, Problem
from tumorboard.vocabulary.library import Vocabulary

COLUMNS = ("id", "hospital", "start", "last_seen", "died")
_DIED = {"true": True, "false": False, "": None}


def read_follow_up(path: Path) -> dict[str, dict[str, Any]]:
    """The follow-up of each patient in a CSV. Raises InvalidInput naming line and column, NotFound without the file."""
    rows = csv.reader(read_text(path).splitlines())
    heading = tuple(name.strip() for name in next(rows, []))
    if heading != COLUMNS:
        raise InvalidInput(
            Problem(f"{path.name}:1", f"the columns are {', '.join(heading)}", f"write {','.join(COLUMNS)}")
        )
    found: dict[str, dict[str, Any]] = {}
    for number, cells in enumerate(rows, 2):
        place = f"{path.name}:{number}"
        if not any(cells):
            continue
        if len(cells) != len(COLUMNS):
            raise InvalidInput(Problem(place, f"{len(cells)} cells under {len(COLUMNS)} headings"))
        row = dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True))
        if not row["id"] or row["id"] in found:
            raise InvalidInput(Problem(f"{place}.id", f"{row['id']!r} is empty or stands twice", "one row a patient"))
        found[row["id"]] = _read(row, place)
    return found


def given_after(case: Case, vocabulary: Vocabulary) -> list[str] | None:
    """The agents of the first treatment that starts after the day of the board; None where none is recorded."""
    later = [
        (entry.start, number, entry)
        for number, entry in enumerate(case.file.treatments or ())
        if entry.start is not None and entry.start > case.as_of
    ]
    if not later:
        return None
    _, number, entry = min(later, key=lambda found: found[:2])
    return sorted(vocabulary.drugs.find(name, f"treatments[{number}].agents").inn for name in entry.agents)


def with_follow_up(
    patient: Mapping[str, Any], case: Case, vocabulary: Vocabulary, known: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The row of a cohort with what is known of the patient afterwards; null where nothing is."""
    told, given = known.get(case.id), given_after(case, vocabulary)
    if told is None and given is None:
        return dict(patient)
    blank: dict[str, Any] = dict.fromkeys(COLUMNS[1:])
    return {**patient, "follow_up": {**blank, **(told or {}), "given": given}}


def _read(row: Mapping[str, str], place: str) -> dict[str, Any]:
    if row["died"].lower() not in _DIED:
        raise InvalidInput(Problem(f"{place}.died", f"{row['died']!r}", "write true, false or nothing"))
    start, seen = _day(row["start"], f"{place}.start"), _day(row["last_seen"], f"{place}.last_seen")
    if start is not None and seen is not None and seen < start:
        raise InvalidInput(Problem(f"{place}.last_seen", f"{seen} is before the start, {start}"))
    return {"hospital": row["hospital"] or None, "start": start, "last_seen": seen, "died": _DIED[row["died"].lower()]}


def _day(text: str, place: str) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(Problem(place, f"{text!r} is no day", "write it as 2026-03-01")) from error
