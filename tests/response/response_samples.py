"""Sequences written as a doctor writes them: sums in mm at regular days, assessed with the shipped criteria."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.response.assess import assess
from tumorboard.response.criteria import load_criteria
from tumorboard.response.model import Course, Dates, Response
from tumorboard.response.read import ResponseReader
from tumorboard.vocabulary.library import Vocabulary

RECIST, MRECIST = "RECIST 1.1", "mRECIST"
FIRST = datetime.date(2025, 1, 1)
EVERY = 42
Entry = dict[str, Any]


@cache
def reader() -> ResponseReader:
    folder = KnowledgeFolder(SHIPPED)
    return ResponseReader(load_criteria(folder), Vocabulary.load(folder))


def on(days: int) -> datetime.date:
    return FIRST + datetime.timedelta(days=days)


def entry(days: int, total: Any = None, **more: Any) -> Entry:
    """A time point ``days`` after the baseline day; non-target stable and no new lesion unless said otherwise."""
    given = {"date": str(on(days)), "criteria": RECIST, "nontarget": "non-CR/non-PD", "new_lesions": False, **more}
    if total is not None:
        given["target_sum_mm"] = total if isinstance(total, int) else Decimal(str(total))
    return {key: value for key, value in given.items() if value is not None}


def course(entries: Sequence[Entry], dates: Dates | None = None, criteria: str = RECIST, **chosen: str) -> Course:
    one = reader().criteria[criteria]
    return assess(reader().read_response(list(entries)), one, one.options(chosen), dates)


def of_sums(*sums: Any, criteria: str = RECIST, every: int = EVERY, more: Entry | None = None, **chosen: str) -> Course:
    """The course of these sums (the first is the baseline; "NE" is not evaluated)."""
    entries = [
        entry(every * place, None if total == "NE" else total, criteria=criteria, **(more or {}))
        for place, total in enumerate(sums)
    ]
    return course(entries, None, criteria, **chosen)


def overall(found: Course) -> list[str]:
    return ["|".join(r for r in Response if r in a.overall.values) for a in found.assessments]


def targets(found: Course) -> list[str]:
    return [str(assessment.target) for assessment in found.assessments]
