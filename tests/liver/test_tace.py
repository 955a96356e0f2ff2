"""TACE: sequences of treatments, what came after them, and why it is unsuitable."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from liver_oracle import Patient, case_of, only, possible, values_of

from tumorboard.case.rows import Row
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.runs import longest_run
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Truth
from tumorboard.report.record import case_facts_record

NOTHING_SEEN = {"date": "2026-01-01", "vascular_invasion": "none", "extrahepatic_spread": False}
Session = tuple[int | None, bool | None]  # viable percent, new lesions


def course(*sessions: Session, imaging: Sequence[dict[str, Any]] = (NOTHING_SEEN,)) -> dict[str, Any]:
    procedures = []
    for month, (viable, new) in enumerate(sessions, 1):
        entry = {"kind": "TACE", "date": f"2025-{month:02}-01", "viable_percent": viable, "new_lesions": new}
        procedures.append({name: value for name, value in entry.items() if value is not None})
    return {"procedures": procedures, "imaging": list(imaging)}


def percentages(*viable: int) -> dict[str, Any]:
    return course(*((each, False) for each in viable))


@pytest.mark.parametrize(
    ("viable", "refractory"),
    [
        ((60, 51), True), ((60, 50), False), ((50, 51), False), ((60, 20, 70), False), ((20, 60, 70), True),
        ((60, 70, 20), True), ((100,), False), ((), False),
    ],
)  # fmt: skip
def test_two_insufficient_responses_must_follow_each_other(viable: tuple[int, ...], refractory: bool) -> None:
    assert only(percentages(*viable), "tace_refractory") is refractory


def test_the_order_of_entries_in_the_file_changes_nothing() -> None:
    data = percentages(60, 20, 70, 40)
    for order in itertools.permutations(data["procedures"]):
        assert only({**data, "procedures": list(order)}, "tace_refractory") is False


def test_other_procedures_between_do_not_break_the_row() -> None:
    data = percentages(60, 70)
    ablation = {"kind": "ablation", "date": "2025-01-15", "viable_percent": 0}
    assert only({**data, "procedures": [*data["procedures"], ablation]}, "tace_refractory") is True


def test_without_tace_there_is_no_failure_and_unknown_stays_unknown() -> None:
    assert only({"procedures": []}, "tace_refractory") is False
    assert possible(values_of({}, "tace_refractory")[0]) == {True, False}


def refractory(sessions: Sequence[Session]) -> bool:
    def row(verdicts: list[bool]) -> bool:
        return any(first and second for first, second in itertools.pairwise(verdicts))

    return row([(viable or 0) > 50 for viable, _ in sessions]) or row([bool(new) for _, new in sessions])


def test_what_is_not_recorded_of_a_session_leaves_what_its_completions_leave() -> None:
    draw = random.Random(2014)
    for _ in range(150):
        sessions = [
            (draw.choice((20, 50, 51, None)), draw.choice((True, False, False, None)))
            for _ in range(draw.randint(0, 4))
        ]
        each = [
            itertools.product((50, 51) if viable is None else (viable,), (True, False) if new is None else (new,))
            for viable, new in sessions
        ]
        expected = {refractory(filled) for filled in itertools.product(*each)}
        (value,) = values_of(course(*sessions), "tace_refractory")
        assert possible(value) == expected, sessions


SEEN: list[dict[str, Any]] = [
    {"vascular_invasion": "lobar"},
    {"extrahepatic_spread": True},
    {"extrahepatic_spread": None, "spread_sites": ["lung"]},
]


@pytest.mark.parametrize("seen", SEEN)
def test_invasion_or_spread_counts_where_it_is_first_seen_after_a_tace(seen: dict[str, Any]) -> None:
    def image(day: str, **more: Any) -> dict[str, Any]:
        return {**NOTHING_SEEN, **more, "date": day}

    def answer(*imaging: dict[str, Any]) -> bool:
        found = only(course((20, False), imaging=imaging), "tace_refractory")
        assert isinstance(found, bool)
        return found

    assert answer(image("2024-12-01"), image("2025-02-01", **seen)) is True
    assert answer(image("2024-12-01", **seen), image("2025-02-01", **seen)) is False
    assert answer(image("2025-01-01", **seen), image("2025-02-01", **seen)) is False
    assert answer(image("2025-02-01", **seen), image("2025-06-01")) is True
    assert answer(image("2025-02-01")) is False


# -- the longest run -------------------------------------------------------------------------------------------------


def longest(verdicts: Sequence[bool]) -> int:
    return max((sum(1 for _ in run) for held, run in itertools.groupby(verdicts) if held), default=0)


def test_the_longest_run_is_exact_for_every_order_and_completion() -> None:
    draw = random.Random(7)
    for _ in range(400):
        verdicts: list[Truth] = [draw.choice((TRUE, TRUE, FALSE, UNKNOWN)) for _ in range(draw.randint(0, 6))]
        days = sorted(draw.choice(range(4)) for _ in verdicts)
        groups = [[v for v, d in zip(verdicts, days, strict=True) if d == day] for day in sorted(set(days))]
        found = set()
        for orders in itertools.product(*(set(itertools.permutations(group)) for group in groups)):
            row = [verdict for group in orders for verdict in group]
            filled = ((True, False) if verdict is UNKNOWN else (verdict is TRUE,) for verdict in row)
            found |= {longest(each) for each in itertools.product(*filled)}
        rows = [Row({"when": day}, "") for day in days]
        value = longest_run(rows, verdicts, complete=True)
        assert (value.low, value.high) == (min(found), max(found)), (verdicts, days)


# -- unsuitable ------------------------------------------------------------------------------------------------------


def at_risk(malbi_2b: bool, beyond: bool, bilobar: bool, rule: str) -> bool:
    return malbi_2b or (beyond and bilobar) if rule == "or" else malbi_2b and beyond and bilobar


@pytest.mark.parametrize("rule", ["or", "and"])
@pytest.mark.parametrize(("malbi_2b", "beyond", "bilobar", "pattern"), list(itertools.product((True, False), repeat=4)))
def test_reasons_why_tace_is_unsuitable(malbi_2b: bool, beyond: bool, bilobar: bool, pattern: bool, rule: str) -> None:
    data = Patient(albumin=Decimal(30 if malbi_2b else 40), size=Decimal("5.1" if beyond else "5")).data()
    data["imaging"][0] |= {"lobes": "bilobar" if bilobar else "unilobar", "pattern": ["massive"] if pattern else []}
    reasons = {
        *(["unlikely to respond"] if pattern else []), *(["likely to fail"] if beyond else []),
        *(["liver function at risk"] if at_risk(malbi_2b, beyond, bilobar, rule) else []),
    }  # fmt: skip
    listed, unsuitable = values_of(
        data, "tace_unsuitable_reasons", "tace_unsuitable", settings={"tace_malbi_rule": rule}
    )
    assert possible(listed) == reasons
    assert possible(unsuitable) == {bool(reasons)}


def test_the_json_form_carries_the_reasons(knowledge: Knowledge) -> None:
    data = Patient(size=Decimal("5.1")).data()
    data["imaging"][0] |= {"lobes": "bilobar", "pattern": []}
    facts = case_facts_record(case_of(data), knowledge, "en")["facts"]
    assert facts["tace_unsuitable"]["value"] is True
    assert facts["tace_unsuitable"]["reasons"] == ["likely to fail", "liver function at risk"]
    assert "reasons" not in facts["tace_refractory"]
