"""Kaplan–Meier next to lifelines, and survival data rebuilt from a digitised curve."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tumorboard.errors import InvalidInput
from tumorboard.evidence.synthesis import Curve, guyot, kaplan_meier

RISK_TIMES = (0, 6, 12, 18, 24, 30)
patients = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=40)


def made_arm(seed: int, rate: float, n: int = 150) -> tuple[list[float], list[bool]]:
    """Exponential survival at ``rate`` a month, censored between 6 and 40 months."""
    chance = random.Random(seed)
    durations, events = [], []
    for _ in range(n):
        died, censored = chance.expovariate(rate), chance.uniform(6, 40)
        durations.append(round(min(died, censored), 2))
        events.append(died <= censored)
    return durations, events


def digitised(curve: Curve) -> tuple[list[float], list[float]]:
    """What a person clicks: a point each quarter of a month, read to three digits."""
    times = [quarter / 4 for quarter in range(int(curve.times[-1] * 4) + 2)]
    return times, [round(curve.at(time), 3) for time in times]


def rebuilt_from(durations: Sequence[float], events: Sequence[bool], total: bool = False) -> tuple[Curve, Curve]:
    curve = kaplan_meier(durations, events)
    at_risk = [curve.number_at_risk(time) for time in RISK_TIMES]
    data = guyot(*digitised(curve), RISK_TIMES, at_risk, sum(events) if total else None)
    return curve, kaplan_meier(data.durations, data.events)


@pytest.mark.parametrize("seed", range(3))
def test_curve_interval_and_median_are_those_of_lifelines(seed: int) -> None:
    lifelines = pytest.importorskip("lifelines")
    durations, events = made_arm(seed, 0.06)
    curve = kaplan_meier(durations, events)
    fitted = lifelines.KaplanMeierFitter().fit(durations, events)
    assert curve.median == fitted.median_survival_time_
    table = fitted.event_table
    for time, alive, low, high, n in zip(
        curve.times, curve.survival, curve.low, curve.high, curve.at_risk, strict=True
    ):
        assert alive == pytest.approx(fitted.predict(time), abs=1e-9)
        assert n == table.at_risk[time]
        if 0 < alive < 1:
            theirs = fitted.confidence_interval_.loc[time]
            assert (low, high) == pytest.approx(tuple(theirs), abs=1e-9)


def test_a_small_curve_by_hand() -> None:
    curve = kaplan_meier([1, 2, 2, 3, 4], [True, True, False, False, True])
    assert curve.times == (1, 2, 3, 4)
    assert curve.survival == pytest.approx((4 / 5, 4 / 5 * 3 / 4, 3 / 5, 0))
    assert (curve.at_risk, curve.events, curve.censored) == ((5, 4, 2, 1), (1, 1, 0, 1), (0, 1, 1, 0))
    assert curve.median == 4
    assert [curve.number_at_risk(time) for time in (0, 1, 2, 2.5, 9)] == [5, 5, 4, 2, 0]


@settings(max_examples=40, deadline=None)
@given(patients)
def test_a_curve_falls_within_its_limits_and_loses_nobody(rows: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier([time for time, _ in rows], [event for _, event in rows])
    assert sum(curve.events) + sum(curve.censored) == curve.n == len(rows)
    assert list(curve.survival) == sorted(curve.survival, reverse=True)
    for low, alive, high in zip(curve.low, curve.survival, curve.high, strict=True):
        assert 0 <= low <= alive <= high <= 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("total", [False, True], ids=["events not printed", "events printed"])
def test_rebuilt_data_give_the_curve_its_numbers_at_risk_and_its_events_back(seed: int, total: bool) -> None:
    durations, events = made_arm(seed, 0.06)
    curve, rebuilt = rebuilt_from(durations, events, total)
    assert rebuilt.n == curve.n
    assert [rebuilt.number_at_risk(t) for t in RISK_TIMES] == [curve.number_at_risk(t) for t in RISK_TIMES]
    assert abs(sum(rebuilt.events) - sum(events)) <= 4
    times = digitised(curve)[0]
    assert max(abs(rebuilt.at(time) - curve.at(time)) for time in times if time <= 30) < 0.015
    assert curve.median and rebuilt.median == pytest.approx(curve.median, abs=0.5)


@pytest.mark.parametrize("seed", range(3))
def test_hazard_ratio_of_rebuilt_arms_is_that_of_the_patients(seed: int) -> None:
    lifelines = pytest.importorskip("lifelines")
    pandas = pytest.importorskip("pandas")

    def hazard_ratio(arms: list[tuple[Sequence[float], Sequence[bool]]]) -> float:
        rows = [(time, event, group) for group, arm in enumerate(arms) for time, event in zip(*arm, strict=True)]
        frame = pandas.DataFrame(rows, columns=["time", "event", "group"])
        return float(lifelines.CoxPHFitter().fit(frame, "time", "event").hazard_ratios_["group"])

    arms = [made_arm(seed, 0.08), made_arm(seed + 100, 0.05)]
    again = []
    for durations, events in arms:
        curve = kaplan_meier(durations, events)
        at_risk = [curve.number_at_risk(time) for time in RISK_TIMES]
        data = guyot(*digitised(curve), RISK_TIMES, at_risk, sum(events))
        again.append((data.durations, data.events))
    assert hazard_ratio(again) == pytest.approx(hazard_ratio(list(arms)), rel=0.03)


@settings(max_examples=30, deadline=None)
@given(patients, st.booleans())
def test_rebuilding_never_makes_or_loses_patients(rows: list[tuple[int, bool]], total: bool) -> None:
    curve = kaplan_meier([time for time, _ in rows], [event for _, event in rows])
    at_risk = [curve.number_at_risk(time) for time in RISK_TIMES]
    wanted = sum(curve.events) if total else None
    data = guyot(curve.times, curve.survival, RISK_TIMES, at_risk, wanted)
    assert len(data.durations) == len(data.events) == len(rows)
    assert list(data.durations) == sorted(data.durations)


def test_without_censoring_every_event_comes_back() -> None:
    durations = [1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 9.0, 11.0]
    curve = kaplan_meier(durations, [True] * 8)
    data = guyot(curve.times, curve.survival, (0, 4, 8), (8, 4, 3))
    assert data.durations == tuple(durations)
    assert all(data.events)


def test_a_drop_read_as_two_points_counts_once() -> None:
    data = guyot((0, 2, 2, 5), (1, 1, 0.5, 0.5), (0,), (10,))
    assert (data.total_events, data.durations) == (5, (2.0,) * 5 + (5.0,) * 5)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (((0, 1), (100, 90), (0,), (10,)), "shares, not percentages"),
        (((0, 1, 2), (1, 0.8, 0.9), (0,), (10,)), r"survival\[2\]: rises"),
        (((0, 2, 1), (1, 0.9, 0.8), (0,), (10,)), r"times\[2\]: falls"),
        (((0, 1), (1, 0.9), (0, 6), (10, 12)), r"at_risk\[1\]: rises"),
        (((0, 1), (1, 0.9), (3,), (10,)), "the first at time 0"),
        (((0, 1), (1, 0.9), (0,), (10,), 11), "11 events among 10"),
        (((0, 1), (1,), (0,), (10,)), "2 times and 1 values"),
    ],
)
def test_a_curve_that_cannot_be_is_refused_with_its_place(arguments: tuple[object, ...], what: str) -> None:
    with pytest.raises(InvalidInput, match=what):
        guyot(*arguments)  # type: ignore[arg-type]


def test_a_negative_duration_is_named_by_its_place() -> None:
    with pytest.raises(InvalidInput, match=r"durations\[1\]"):
        kaplan_meier([1, -2], [True, False])
