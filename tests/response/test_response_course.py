"""Best response, its confirmation, dates and times to events, and what stays open where something isn't recorded."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from response_samples import FIRST, Entry, course, entry, of_sums, on, overall, reader

from tumorboard.errors import InvalidInput, WrongUsage
from tumorboard.response.assess import assess
from tumorboard.response.endpoints import control_rate, response_rate, summarise
from tumorboard.response.model import Course, Dates, Interval, Response

SUM_OF = {"CR": 0, "PR": 70, "SD": 80, "PD": 150, "NE": None}


def of_responses(*responses: str, every: int = 42, dates: Dates | None = None, **chosen: str) -> Course:
    """A course whose time points have these overall responses."""
    entries = [entry(0, 100)]
    for place, response in enumerate(responses, 1):
        state = "CR" if response == "CR" else "non-CR/non-PD"
        entries.append(entry(every * place, SUM_OF[response], nontarget=state, new_lesions=response == "PD"))
    found = course(entries, dates, keep_response="off", **chosen)
    assert overall(found) == list(responses)
    return found


@pytest.mark.parametrize(
    ("responses", "every", "unconfirmed", "confirmed"),
    [
        ("CR CR", 42, "CR", "CR"),
        ("PR CR", 42, "CR", "PR"),
        ("PR PR", 42, "PR", "PR"),
        ("PR SD", 42, "PR", "SD"),
        ("PR PD", 42, "PR", "SD"),
        ("PR PD", 41, "PR", "PD"),
        ("CR PD", 42, "CR", "SD"),
        ("CR PD", 41, "CR", "PD"),
        ("PR NE PR", 42, "PR", "PR"),
        ("PR SD PR", 42, "PR", "SD"),
        ("PR NE", 42, "PR", "SD"),
        ("PR NE", 20, "PR", "NE"),
        ("PR PR", 28, "PR", "PR"),
        ("PR PR", 27, "PR", "SD"),  # the second, on day 54, is long enough for stable disease
        ("PR PR PR", 14, "PR", "PR"),  # days 14 and 42 are 28 apart
        ("PR CR CR", 42, "CR", "CR"),
        ("SD PD", 42, "SD", "SD"),
        ("SD PD", 41, "PD", "PD"),
        ("SD", 41, "NE", "NE"),
        ("SD SD", 21, "SD", "SD"),
        ("NE NE", 42, "NE", "NE"),
        ("NE PD", 42, "PD", "PD"),
        ("PD PR", 42, "PD", "PD"),  # nothing after progression counts
    ],
)
def test_best_overall_response(responses: str, every: int, unconfirmed: str, confirmed: str) -> None:
    assert of_responses(*responses.split(), every=every).best.value == unconfirmed
    found = of_responses(*responses.split(), every=every, confirmation_days="28")
    assert (found.best.value, found.best_unconfirmed.value) == (confirmed, unconfirmed)


def test_the_shortest_time_for_stable_disease_is_an_option_and_runs_from_the_start() -> None:
    assert of_responses("SD", every=50).best.value == "SD"
    assert of_responses("SD", every=50, sd_minimum_days="56").best.value == "NE"
    assert of_responses("SD", every=42, dates=Dates(start=on(1))).best.value == "NE"


def test_the_day_of_response_is_that_of_the_first_one_that_was_confirmed() -> None:
    responses = ("PR", "SD", "PR", "PR", "PD")
    assert of_responses(*responses).responded.value == on(42)
    found = of_responses(*responses, confirmation_days="28")
    assert (found.responded.value, found.progressed.value) == (on(126), on(210))
    assert found.dor.value == Interval(on(126), on(210), event=True)


def test_times_to_progression() -> None:
    found = of_responses("PR", "PD", dates=Dates(start=on(7)))
    assert found.pfs.value == found.ttp.value == Interval(on(7), on(84), event=True)
    assert found.pfs.value is not None and found.pfs.value.days == 77
    assert found.dor.value == Interval(on(42), on(84), event=True)
    assert found.os.value == Interval(on(7), on(84), event=False)


def test_death_ends_pfs_and_dor_with_and_ttp_without_an_event() -> None:
    found = of_responses("PR", "NE", dates=Dates(start=FIRST, death=on(100)))
    assert found.pfs.value == found.os.value == Interval(FIRST, on(100), event=True)
    assert found.ttp.value == Interval(FIRST, on(100), event=False)
    assert found.dor.value == Interval(on(42), on(100), event=True)


def test_without_an_event_times_end_at_the_last_time_point_that_could_be_judged() -> None:
    found = of_responses("PR", "SD", "NE", dates=Dates(start=FIRST, last_contact=on(200)))
    assert found.pfs.value == found.ttp.value == Interval(FIRST, on(84), event=False)
    assert found.dor.value == Interval(on(42), on(84), event=False)
    assert found.os.value == Interval(FIRST, on(200), event=False)
    assert of_responses("NE", dates=Dates(start=FIRST)).pfs.value == Interval(FIRST, FIRST, event=False)


def test_without_a_start_there_is_no_time_from_it() -> None:
    found = of_responses("PR", "PD")
    assert found.pfs.value is None and found.os.value is None
    assert found.dor.value == Interval(on(42), on(84), event=True)


# -- baseline -----------------------------------------------------------------------------------------------------


def test_the_baseline_is_the_last_measurement_on_or_before_the_start() -> None:
    entries = [entry(0, 40), entry(60, 100), entry(102, 70)]
    found = course(entries, Dates(start=on(60)))
    assert found.baseline is not None
    assert (found.baseline.date, len(found.earlier), overall(found)) == (on(60), 1, ["PR"])
    assert course(entries, Dates(start=on(59))).baseline_sum == 400


def test_without_a_measurement_before_the_start_nothing_can_be_compared() -> None:
    found = course([entry(42, 70), entry(84, 70), entry(126, 90)], Dates(start=FIRST))
    assert overall(found) == ["NE", "NE", "PD"]  # growth over the smallest sum seen is progression all the same
    assert found.baseline is None and "response: baseline" in found.missing


def test_a_start_not_recorded_leaves_the_baseline_open() -> None:
    found = course([entry(0, 100), entry(42, 70)], Dates(start_missing="treatments[1].start"))
    assert (found.baseline, found.missing) == (None, ("treatments[1].start",))
    assert found.best.value == "NE"


def test_an_old_baseline_is_remarked_on() -> None:
    told = [text.en for text in course([entry(0, 100), entry(71, 70)], Dates(start=on(29))).because]
    assert told[0] == "the baseline of 2025-01-01 is 29 days older than the start; at most 28 are usual"
    assert not any("older" in text.en for text in course([entry(0, 100), entry(71, 70)], Dates(start=on(28))).because)


# -- what isn't recorded ------------------------------------------------------------------------------------------


def test_new_lesions_not_recorded_leave_progression_possible() -> None:
    found = course([entry(0, 100), entry(42, 60, new_lesions=None), entry(84, 60)])
    assert overall(found) == ["PR|PD", "PR"]
    assert found.best.values == {Response.PR, Response.PD}
    assert found.progressed.values == {None, on(42)}
    assert found.missing == ("response[1].new_lesions",)
    assert overall(course([entry(0, 100), entry(42, 60, new_lesions=None)], new_lesions_not_recorded="none")) == ["PR"]


def test_new_lesions_not_recorded_change_nothing_where_all_else_is_progression() -> None:
    found = course([entry(0, 100), entry(42, 150, new_lesions=None)])
    assert overall(found) == ["PD"]
    assert found.best.value == "PD" and found.missing == ()


def test_non_targets_never_mentioned_leave_open_whether_targets_gone_is_complete() -> None:
    found = of_sums(100, 0, 0, more={"nontarget": None})
    assert overall(found) == ["CR|PR", "CR|PR"]
    assert found.best.values == {Response.CR, Response.PR}  # never one at one time point and the other at the next
    assert "response[1].nontarget" in found.missing
    assert overall(of_sums(100, 70, 80, more={"nontarget": None}, keep_response="off")) == ["PR", "SD"]


def test_non_targets_missing_once_are_not_evaluated() -> None:
    found = course([entry(0, 100), entry(42, 0, nontarget=None), entry(84, 0, nontarget="CR")])
    assert overall(found) == ["PR", "CR"]
    assert found.assessments[0].missing == ("response[1].nontarget",)


SAID = st.sampled_from([None, True, False])
STATES = st.sampled_from([None, "CR", "non-CR/non-PD", "PD"])
SUMS = st.sampled_from([None, 0, 60, 75, 100, 150])


@given(st.lists(st.tuples(SUMS, STATES, SAID), min_size=1, max_size=4), st.sampled_from(["off", "28"]), st.booleans())
def test_what_is_possible_is_what_some_completion_gives(
    points: list[tuple[int | None, str | None, bool | None]], confirm: str, started: bool
) -> None:
    """Brute force: fill every gap in every way; the open course holds the union of the filled ones' answers."""
    dates = Dates(start=on(1) if started else None)

    def assessed(filled: Sequence[tuple[int | None, str | None, bool | None]], baseline: str | None) -> Course:
        entries: list[Entry] = [entry(0, 100, nontarget=baseline)]
        entries += [entry(42 * i, s, nontarget=n, new_lesions=w) for i, (s, n, w) in enumerate(filled, 1)]
        return course(entries, dates, keep_response="off", confirmation_days=confirm)

    open_course = assessed(points, None)
    some = [True] if any(n for _, n, _ in points) else [True, False]
    best: set[Any] = set()
    dates_of: set[Any] = set()
    pfs: set[Any] = set()
    for exists in some:
        # Without non-target lesions targets alone decide, as non-targets in complete response would have them do.
        state = "NE" if exists else "CR"
        for new in itertools.product(*([w] if w is not None else [True, False] for _, _, w in points)):
            filled = [(s, n or state, w) for (s, n, _), w in zip(points, new, strict=True)]
            one = assessed(filled, "non-CR/non-PD")
            best.add(one.best.value)
            dates_of.add((one.responded.value, one.progressed.value))
            pfs.add(one.pfs.value)
    assert open_course.best.values == best
    assert open_course.responded.values == {first for first, _ in dates_of}
    assert open_course.progressed.values == {last for _, last in dates_of}
    assert open_course.pfs.values == pfs


# -- rates, options, order ----------------------------------------------------------------------------------------


def test_rates_say_what_they_are_of_and_keep_the_unknown_apart() -> None:
    known = [of_responses("CR"), of_responses("PR"), of_responses("SD"), of_responses("PD"), of_responses("NE")]
    rate = response_rate(known)
    assert (rate.low, rate.high, rate.of) == (2, 2, 5)
    assert rate.share == 40
    assert control_rate(known).share == 60
    unclear = course([entry(0, 100), entry(42, 60, new_lesions=None)])
    rate = response_rate([*known, unclear])
    assert (rate.low, rate.high, rate.of) == (2, 3, 6)
    assert rate.share is None


def test_an_unknown_option_or_value_is_refused() -> None:
    criteria = next(iter(reader().criteria.values()))
    with pytest.raises(WrongUsage, match="no option 'confirm'; use keep_response"):
        criteria.options({"confirm": "28"})
    with pytest.raises(WrongUsage, match=r"option confirmation_days can't be '30'; use off \| 28"):
        criteria.options({"confirmation_days": "30"})


def test_time_points_out_of_order_are_refused_by_the_walk_too() -> None:
    one = next(iter(reader().criteria.values()))
    timepoints = reader().read_response([entry(0, 100), entry(42, 70)])
    with pytest.raises(InvalidInput, match=r"response\[0\].date: 2025-01-01 is before 2025-02-12"):
        assess(timepoints[::-1], one, one.options())


@given(st.lists(st.sampled_from(list(Response)), max_size=6), st.integers(1, 60))
def test_confirmation_never_makes_a_response_better(responses: list[Response], every: int) -> None:
    criteria = next(iter(reader().criteria.values()))
    steps = [(FIRST + datetime.timedelta(days=every * (i + 1)), r) for i, r in enumerate(responses)]
    order = list(Response)
    found = summarise(steps, FIRST, Response.SD, Dates(), criteria.options({"confirmation_days": "28"}))
    assert order.index(found.best) >= order.index(found.best_unconfirmed)
