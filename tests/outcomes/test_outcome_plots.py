"""Plots of outcomes: well-formed SVG in both languages that needs no colour."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from made import trial

from tumorboard.cohort.outcomes import Balance, Curve, kaplan_meier
from tumorboard.errors import InvalidInput
from tumorboard.report.outcome_plots import Arm, kaplan_meier_plot, love_plot
from tumorboard.text import LANGUAGES, Language, Text

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = Text("months", "月")
LABELS = (Text("Age <b>", "年龄"), Text("Tumour size", "肿瘤大小"), Text("Albumin", "白蛋白"))


def leukaemia() -> list[Arm]:
    times, events, placebo = (np.array(column) for column in trial())
    names = (Text("Mercaptopurine", "巯嘌呤"), Text("Placebo", "安慰剂"))
    return [Arm(name, kaplan_meier(times[placebo == side], events[placebo == side])) for side, name in enumerate(names)]


def balanced() -> Balance:
    means = np.zeros((3, 2))
    return Balance(("age", "size", "albumin"), np.array([0.1, -0.5, 0.3]), np.array([0.02, 0.05, -0.12]), means, means)


def words(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_plots_say_what_they_show(language: Language) -> None:
    for svg in (kaplan_meier_plot(leukaemia(), MONTHS, language), love_plot(balanced(), LABELS, 0.1, language)):
        root = ElementTree.fromstring(svg)
        assert root.get("role") == "img" and root.find(f"{SVG}title") is not None
        assert len(root.findtext(f"{SVG}desc") or "") > 30
        painted = {node.get(name) for node in root.iter() for name in ("fill", "stroke")}
        assert painted == {None, "none", "currentColor"}


def test_numbers_at_risk_stand_under_the_curves() -> None:
    shown = words(kaplan_meier_plot(leukaemia(), MONTHS, "en"))
    start = shown.index("Number at risk")
    assert shown[start + 1 : start + 4] == ["Mercaptopurine", "21", "21"]  # at 0 and 5 weeks
    assert "Placebo: 21 patients, 21 events, median 8 (95 % CI 4 to 11)" in shown


def test_curves_differ_in_their_dashes() -> None:
    root = ElementTree.fromstring(kaplan_meier_plot(leukaemia(), MONTHS, "en"))
    dashes = [path.get("stroke-dasharray") for path in root.iter(f"{SVG}path") if path.get("stroke-width") == "1.6"]
    assert dashes == [None, "9 4"]


def test_censorings_are_ticked() -> None:
    root = ElementTree.fromstring(kaplan_meier_plot(leukaemia(), MONTHS, "en"))
    ticks = [path.get("d", "") for path in root.iter(f"{SVG}path") if path.get("stroke-width") == "1"]
    assert [tick.count("M") for tick in ticks] == [11]  # 12 censored, two of them at week 32; nobody on placebo


def test_small_numbers_are_hidden() -> None:
    svg = kaplan_meier_plot(leukaemia(), MONTHS, "en", threshold=5)
    shown = words(svg)
    assert "<5" in shown and not {"1", "2", "3", "4"} & set(shown)
    assert "Curves end where fewer than 5 are at risk; numbers below 5 are hidden." in shown


def test_number_of_events_does_not_give_away_the_few_others() -> None:
    arm = Arm(Text("A", "甲"), kaplan_meier(range(1, 31), [0, *[1] * 29]))
    assert "A: 30 patients, &gt;25 events" in kaplan_meier_plot([arm], MONTHS, "en", threshold=5)
    assert "A: 30 patients, 29 events" in kaplan_meier_plot([arm], MONTHS, "en")


def test_million_patients_are_drawn_as_what_can_be_seen() -> None:
    chance = np.random.default_rng(1)
    curve: Curve = kaplan_meier(chance.exponential(10, 300_000), chance.random(300_000) < 0.7)
    assert len(kaplan_meier_plot([Arm(Text("All", "全部"), curve)], MONTHS, "en")) < 100_000


def test_covariates_stand_largest_difference_first_and_escaped() -> None:
    svg = love_plot(balanced(), LABELS, 0.1, "en")
    shown = words(svg)
    places = [shown.index(label.en) for label in (LABELS[1], LABELS[2], LABELS[0])]
    assert places == sorted(places)
    assert "Above 0.1 before matching: 2 of 3; after: 1." in " ".join(shown)
    assert "<b>" not in svg


def test_wrong_numbers_of_arms_and_labels_are_refused() -> None:
    with pytest.raises(InvalidInput, match="arms: 0 curves"):
        kaplan_meier_plot([], MONTHS, "en")
    with pytest.raises(InvalidInput, match="arms: 8 curves"):
        kaplan_meier_plot(leukaemia() * 4, MONTHS, "en")
    with pytest.raises(InvalidInput, match="labels: 2 labels for 3 covariates"):
        love_plot(balanced(), LABELS[:2], 0.1, "en")


def test_curves_that_end_alike_have_their_names_one_below_the_other() -> None:
    arms = [Arm(Text(name, name), kaplan_meier([1, 2, 3], [1, 0, 0])) for name in "ABC"]
    root = ElementTree.fromstring(kaplan_meier_plot(arms, MONTHS, "en"))
    bold = [
        node for node in root.iter(f"{SVG}text") if node.get("font-weight") == "600" and node.text in ("A", "B", "C")
    ]
    named = [float(node.get("y", "")) for node in bold]
    assert len(named) == 3 and min(np.diff(sorted(named))) >= 13


def test_crowded_strokes_are_thinned_and_said_to_be() -> None:
    curve = kaplan_meier(range(1, 1001), [0, 1] * 500)
    svg = kaplan_meier_plot([Arm(Text("All", "全部"), curve)], MONTHS, "en")
    assert "Short strokes: censored; where they crowd, one stands for several." in words(svg)
    assert 100 < svg.count("v8") < 200
