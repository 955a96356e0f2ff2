"""The walk over a patient's time points: response of each, then the course summed up over all that is still possible.

What isn't recorded stays open: each time point holds every overall response its missing entries allow, and the summary
is taken over every completion. Two things can be open: whether there were new lesions (where nothing is recorded) and,
where no entry says anything of non-target lesions, whether there are any. A non-target state missing at one time point
of a patient who has such lesions is *not evaluated*, which RECIST itself decides.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Mapping, Sequence

from tumorboard.errors import InvalidInput, Problem
from tumorboard.response.criteria import Criteria, Options
from tumorboard.response.endpoints import Step, summarise
from tumorboard.response.lesions import Measured, measure
from tumorboard.response.model import (
    Assessment,
    Course,
    Dates,
    Nontarget,
    Outcome,
    Patient,
    Possible,
    Response,
    Timepoint,
)
from tumorboard.response.walk import RESPONSES, Walk, overall
from tumorboard.response.words import say
from tumorboard.text import Text


def assess_patient(
    patient: Patient, criteria: Mapping[str, Criteria], chosen: Mapping[str, str] | None = None
) -> tuple[Course, ...]:
    """One course for every set of criteria the patient was measured by; ``chosen`` sets options by name."""
    found = (criteria[name] for name in patient.criteria)
    return tuple(assess(patient.under(one.id), one, one.options(chosen), patient.dates) for one in found)


def assess(timepoints: Sequence[Timepoint], criteria: Criteria, options: Options, dates: Dates | None = None) -> Course:
    """The course of one patient under one set of criteria (RECIST 1.1: Eisenhauer 2009; mRECIST: Lencioni 2010).

    The baseline is the last time point on or before ``dates.start``, or the first one where no start is given.
    InvalidInput where time points are out of order or a lesion can't be right.
    """
    dates = dates or Dates()
    _in_order(timepoints, criteria)
    baseline, earlier, later = _split(timepoints, dates)
    measured = measure(baseline, later, criteria)
    first = measured[0] if baseline is not None else None
    clock = dates.start or (baseline.date if baseline else None)
    exists = _nontarget_exists(measured, listed=baseline is not None and baseline.lesions is not None)
    walk = Walk(criteria, options, first, exists)
    assessments = walk.over(later, measured[1:] if baseline is not None else measured)
    stable = Response.NON_CR_NON_PD if walk.no_targets else Response.SD
    outcomes = [summarise(steps, clock, stable, dates, options) for steps in _completions(assessments, exists)]
    missing, because = _baseline_notes(baseline, first, later, dates, criteria)
    missing += tuple(entry for a in assessments if not a.after_progression for entry in a.missing)
    return Course(
        criteria=criteria.id,
        baseline=baseline,
        baseline_sum=first.sum if first else None,
        earlier=earlier,
        assessments=assessments,
        dates=dates,
        best=Possible.of(outcome.best for outcome in outcomes),
        best_unconfirmed=Possible.of(outcome.best_unconfirmed for outcome in outcomes),
        responded=Possible.of(outcome.responded for outcome in outcomes),
        progressed=Possible.of(outcome.progressed for outcome in outcomes),
        pfs=Possible.of(outcome.pfs for outcome in outcomes),
        ttp=Possible.of(outcome.ttp for outcome in outcomes),
        dor=Possible.of(outcome.dor for outcome in outcomes),
        os=Possible.of(outcome.os for outcome in outcomes),
        because=(*because, *_summary(outcomes, clock, options, criteria)),
        missing=tuple(dict.fromkeys(missing)),
    )


def _in_order(timepoints: Sequence[Timepoint], criteria: Criteria) -> None:
    for timepoint in timepoints:
        if timepoint.criteria != criteria.id:
            raise InvalidInput(Problem(f"{timepoint.place}.criteria", f"{timepoint.criteria}, not {criteria.id}"))
    for before, after in itertools.pairwise(timepoints):
        if after.date <= before.date:
            what = "is given twice" if after.date == before.date else f"is before {before.date}, the entry above it"
            raise InvalidInput(
                Problem(f"{after.place}.date", f"{after.date} {what}", f"one {criteria.id} entry a day, oldest first")
            )


def _split(
    timepoints: Sequence[Timepoint], dates: Dates
) -> tuple[Timepoint | None, tuple[Timepoint, ...], tuple[Timepoint, ...]]:
    """(baseline, those before it, those after it)."""
    if dates.start_missing or not timepoints:
        return None, (), tuple(timepoints)
    if dates.start is None:
        return timepoints[0], (), tuple(timepoints[1:])
    count = sum(timepoint.date <= dates.start for timepoint in timepoints)
    if count == 0:
        return None, (), tuple(timepoints)
    return timepoints[count - 1], tuple(timepoints[: count - 1]), tuple(timepoints[count:])


def _nontarget_exists(measured: Sequence[Measured], listed: bool) -> bool | None:
    """Whether the patient has non-target lesions; None where no entry says anything of them.

    ``listed``: the baseline lists its lesions, which is complete, so without a word of non-target ones there are none.
    """
    states = {found.nontarget for found in measured} - {None}
    if not states:
        return False if listed else None
    return states != {Nontarget.NONE}


def _completions(assessments: Sequence[Assessment], exists: bool | None) -> Iterator[list[Step]]:
    """Every course the entries leave possible.

    With and without non-target lesions where nothing is said of them, and with the first unrecorded new lesion at each
    place it can be, or nowhere; what follows a progression doesn't count.
    """
    open_places = [index for index, a in enumerate(assessments) if not a.new_lesions.known and not a.after_progression]
    for some in (True, False) if exists is None else (exists,):
        for first in (None, *open_places):
            yield [
                (a.timepoint.date, overall(a.target, _state(a, some), _is_new(a, index == first)))
                for index, a in enumerate(assessments)
            ]


def _state(assessment: Assessment, some: bool) -> Nontarget:
    if assessment.nontarget.known:
        return assessment.nontarget.value
    return Nontarget.NE if some else Nontarget.NONE


def _is_new(assessment: Assessment, here: bool) -> bool:
    return assessment.new_lesions.value if assessment.new_lesions.known else here


def _baseline_notes(
    baseline: Timepoint | None, first: Measured | None, later: Sequence[Timepoint], dates: Dates, criteria: Criteria
) -> tuple[tuple[str, ...], tuple[Text, ...]]:
    """(missing entries, sentences) about where the course starts."""
    if dates.start_missing:
        return (dates.start_missing,), (say("start not recorded"),)
    if baseline is None or first is None:
        told = say("no baseline before start", day=dates.start) if dates.start else say("no baseline")
        return ("response: baseline",), (told,)
    notes = []
    if dates.start and (days := (dates.start - baseline.date).days) > criteria.baseline_within_days:
        notes.append(say("old baseline", day=baseline.date, days=days, most=criteria.baseline_within_days))
    if not later:
        notes.append(say("nothing measured"))
    return first.missing, tuple(notes)


def _summary(
    outcomes: Sequence[Outcome], clock: datetime.date | None, options: Options, criteria: Criteria
) -> Iterator[Text]:
    best = Possible.of(outcome.best for outcome in outcomes)
    listed = " | ".join(response for response in Response if response in best.values)
    yield say("best" if best.known else "best open", best=listed)
    if len(outcomes) > 1 and len(set(outcomes)) > 1:
        return
    only = outcomes[0]
    if only.best is not only.best_unconfirmed:
        yield say("unconfirmed", best=only.best_unconfirmed, days=options.confirmation_days)
    if only.responded:
        yield say("responded", day=only.responded)
    if only.best not in RESPONSES and clock is not None:
        yield say("sd minimum", days=options.sd_minimum_days, day=clock)
        yield criteria.readings["sd-clock"]
    if only.progressed:
        yield say("progressed", day=only.progressed)
