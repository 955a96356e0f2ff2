"""A course as JSON-ready data. Changes are given in per cent to one decimal, cut off, and as exact fractions."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from tumorboard.response.endpoints import Rate, control_rate, response_rate
from tumorboard.response.model import Assessment, Course, Interval, Patient, Possible, Response, Timepoint
from tumorboard.text import Language

Value = TypeVar("Value")


def patient_record(patient: Patient, courses: Iterable[Course], language: Language) -> dict[str, Any]:
    return {"patient": patient.id, "courses": [course_record(course, language) for course in courses]}


def course_record(course: Course, language: Language) -> dict[str, Any]:
    """Possible values: ``value`` where known, else null with all of them in ``possible``."""
    return {
        "criteria": course.criteria,
        "baseline": course.baseline and {"date": str(course.baseline.date), "sum_mm": _mm(course.baseline_sum)},
        "earlier": [str(timepoint.date) for timepoint in course.earlier],
        "timepoints": [_assessment(assessment, language) for assessment in course.assessments],
        "best_response": _possible(course.best, str),
        "best_response_unconfirmed": _possible(course.best_unconfirmed, str),
        "best_change_percent": _percent(course.best_change),
        "response_date": _possible(course.responded, _day),
        "progression_date": _possible(course.progressed, _day),
        "pfs": _timed(course.pfs, course.dates.start is not None),
        "ttp": _timed(course.ttp, course.dates.start is not None),
        "dor": _timed(course.dor, True),
        "os": _timed(course.os, course.dates.start is not None),
        "because": [text[language] for text in course.because],
        "missing": list(course.missing),
    }


def rates_record(courses: Sequence[Course]) -> dict[str, Any]:
    """Response and control rate of ``courses``, with what N is."""
    return {"orr": _rate(response_rate(courses)), "dcr": _rate(control_rate(courses))}


def _assessment(assessment: Assessment, language: Language) -> dict[str, Any]:
    timepoint: Timepoint = assessment.timepoint
    return {
        "date": str(timepoint.date),
        "sum_mm": _mm(assessment.sum),
        "nadir_mm": _mm(assessment.nadir),
        "from_baseline_percent": _percent(assessment.from_baseline),
        "from_nadir_percent": _percent(assessment.from_nadir),
        "target": assessment.target,
        "nontarget": _possible(assessment.nontarget, str),
        "new_lesions": _possible(assessment.new_lesions, bool),
        "overall": _possible(assessment.overall, str),
        "after_progression": assessment.after_progression,
        "because": [text[language] for text in assessment.because],
        "missing": list(assessment.missing),
    }


def _possible(found: Possible[Value], shown: Callable[[Value], Any]) -> dict[str, Any]:
    if found.known:
        return {"status": "known", "value": shown(found.value)}
    values = sorted(found.values, key=_rank)
    return {"status": "unknown", "value": None, "possible": [shown(value) for value in values]}


def _rank(value: object) -> tuple[int, str]:
    """Responses from best to worst, anything else by its text."""
    return (list(Response).index(value) if isinstance(value, Response) else 0, str(value))


def _timed(found: Possible[Interval | None], start_known: bool) -> dict[str, Any]:
    """A time to an event: unknown without a start, not applicable where there is nothing to time."""
    if not start_known:
        return {"status": "unknown", "value": None, "possible": None}
    if found.values == {None}:
        return {"status": "not applicable", "value": None}
    return _possible(found, _interval)


def _interval(interval: Interval | None) -> dict[str, Any] | None:
    if interval is None:
        return None
    return {
        "days": interval.days,
        "event": interval.event,
        "start": str(interval.start),
        "end": str(interval.end),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {"of": rate.of, "low": rate.low, "high": rate.high, "percent": _percent(rate.share)}


def _day(day: datetime.date | None) -> str | None:
    return None if day is None else str(day)


def _mm(tenths: int | None) -> float | None:
    return None if tenths is None else tenths / 10


def _percent(change: Fraction | None) -> dict[str, Any] | None:
    if change is None:
        return None
    cut = int(change * 10)  # towards zero: 19.97 never reads as the 20 it doesn't reach
    return {"value": cut / 10, "exact": f"{change.numerator}/{change.denominator}"}
