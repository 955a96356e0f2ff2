"""Arms of a cohort compared: who takes part, who is left out and why, and what is never shown."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter

from tumorboard.case.read import case_from_data
from tumorboard.cohort.patients import patient_of
from tumorboard.cohort.study import load_rules, study
from tumorboard.errors import InvalidInput, NotFound, UnknownName
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.outcomes import outcomes_html, outcomes_lines, outcomes_record
from tumorboard.text import LANGUAGES

DAY = datetime.date(2026, 3, 1)


@pytest.fixture(scope="module")
def patients(knowledge: Knowledge) -> list[dict[str, Any]]:
    rng = np.random.default_rng(4)
    made = []
    for number in range(160):
        ecog, age = int(rng.integers(0, 3)), int(rng.integers(40, 85))
        first = rng.random() < (0.65 if ecog == 0 else 0.35)
        days = int(rng.exponential(500 if first else 380)) + 5
        data = {
            "schema": "tumorboard.case/1", "id": f"made-{number:03d}", "as_of": "2026-03-01", "age": age,
            "conditions": [{"disease": "HCC"}],
            "performance": [{"scale": "ECOG", "value": ecog, "date": "2026-02-20"}] if number % 10 else [],
        }  # fmt: skip
        patient = patient_of(case_from_data(data, knowledge.vocabulary, DAY))
        after = {
            "hospital": "north", "start": DAY, "last_seen": DAY + datetime.timedelta(days=min(days, 900)),
            "died": days <= 900, "given": ["lenvatinib" if first else "sorafenib"],
        }  # fmt: skip
        made.append({**patient, "follow_up": None if number == 0 else after})
    made[1]["follow_up"]["died"] = None
    made[2]["follow_up"]["given"] = ["lenvatinib", "pembrolizumab"]
    return made


def test_curves_and_model_are_those_of_lifelines(patients: list[dict[str, Any]], knowledge: Knowledge) -> None:
    rules = load_rules(knowledge.folder)
    found = study(patients, [["lenvatinib"], ["sorafenib"]], ["ecog"], knowledge, rules)
    rows = []
    for patient in patients:
        after, performance = patient["follow_up"], patient["performance"]
        if after and after["died"] is not None and len(after["given"]) == 1 and performance:
            months = (after["last_seen"] - after["start"]).days / rules.days_a_month
            rows.append((months, after["died"], after["given"] == ["sorafenib"], performance[0]["value"]))
    import pandas as pd

    table = pd.DataFrame(rows, columns=["months", "died", "second", "ecog"]).astype(float)
    assert found.patients == len(table)
    fitted = CoxPHFitter().fit(table, "months", "died")
    assert float(found.whole.model.coefficients[0]) == pytest.approx(fitted.params_["second"], abs=1e-4)
    for number, curve in enumerate(found.whole.curves):
        arm = table[table["second"] == number]
        median = KaplanMeierFitter().fit(arm["months"], arm["died"]).median_survival_time_
        assert curve.median == pytest.approx(median)


def test_who_takes_no_part_is_counted_by_why(patients: list[dict[str, Any]], knowledge: Knowledge) -> None:
    found = study(patients, [["lenvatinib"], ["sorafenib"]], ["ecog"], knowledge, load_rules(knowledge.folder))
    # 15 of the 16 without a performance status have a follow-up; patient 1's death isn't known.
    assert dict(found.left_out) == {"ecog": 15, "follow-up": 1}
    record = outcomes_record(found, knowledge)
    assert record["left_out"] == {"ecog": 15, "follow-up": "<5"}, "few patients are not shown as a number"
    text = "\n".join(outcomes_lines(found, knowledge, "en"))
    assert "follow-up <5" in text and "not randomised" in text


def test_matching_brings_balance(patients: list[dict[str, Any]], knowledge: Knowledge) -> None:
    rules = load_rules(knowledge.folder)
    found = study(patients, [["lenvatinib"], ["sorafenib"]], ["ecog"], knowledge, rules, matched=1, seed=1)
    assert found.matched is not None and found.balance is not None
    assert abs(found.balance.after[0]) < abs(found.balance.before[0])
    assert found.matched.curves[0].n == found.matched.curves[1].n
    again = study(patients, [["lenvatinib"], ["sorafenib"]], ["ecog"], knowledge, rules, matched=1, seed=1)
    assert outcomes_record(again, knowledge) == outcomes_record(found, knowledge)


@pytest.mark.parametrize(
    ("arms", "covariates", "matched", "error", "told"),
    [
        ([["lenvatinib"]], [], 0, InvalidInput, "two or more"),
        ([["lenvatinib"], ["E7080"]], [], 0, InvalidInput, "two or more"),
        ([["lenvatinib"], ["lenvatinb"]], [], 0, UnknownName, "lenvatinib"),
        ([["lenvatinib"], ["sorafenib"]], ["ecogg"], 0, NotFound, "no fact 'ecogg'"),
        ([["lenvatinib"], ["sorafenib"]], [], 1, InvalidInput, "--match"),
        ([["lenvatinib"], ["regorafenib"]], [], 0, InvalidInput, "fewer than 5 patients"),
    ],
)
def test_a_question_that_can_not_be_answered_says_why(
    patients: list[dict[str, Any]],
    knowledge: Knowledge,
    arms: list[list[str]],
    covariates: list[str],
    matched: int,
    error: type[Exception],
    told: str,
) -> None:
    with pytest.raises(error, match=told):
        study(patients, arms, covariates, knowledge, load_rules(knowledge.folder), matched=matched)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_the_plots_and_loads_nothing(
    patients: list[dict[str, Any]], knowledge: Knowledge, language: Any
) -> None:
    rules = load_rules(knowledge.folder)
    found = study(patients, [["lenvatinib"], ["sorafenib"]], ["ecog"], knowledge, rules, matched=1)
    page = outcomes_html(found, knowledge, language)
    assert page.count("<svg") == 3
    assert "default-src 'none'" in page
    assert ("not randomised" if language == "en" else "非随机对照") in page
