"""Plots: well-formed SVG that a screen reader, a printer and both languages can use."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest
from published_examples import BCG, VASOSPASM

from tumorboard.errors import InvalidInput
from tumorboard.evidence.synthesis import (
    MetaResult,
    freeman_tukey,
    kaplan_meier,
    meta_proportions,
    meta_ratio,
    risk_ratio,
)
from tumorboard.evidence.synthesis.axes import Axis, linear_marks
from tumorboard.evidence.synthesis.plots import Arm, forest, funnel, kaplan_meier_plot
from tumorboard.text import Language, Text

SVG = "{http://www.w3.org/2000/svg}"


def bcg() -> MetaResult:
    logs = [risk_ratio(a, a + b, c, c + d) for _, a, b, c, d in BCG]
    return meta_ratio([e for e, _ in logs], [s for _, s in logs], [name for name, *_ in BCG], measure="RR")


def vasospasm() -> MetaResult:
    return meta_proportions([x for x, _ in VASOSPASM], [n for _, n in VASOSPASM])


def arms() -> list[Arm]:
    first = kaplan_meier([2, 4, 4, 7, 9, 12], [1, 1, 0, 1, 0, 0])
    second = kaplan_meier([1, 2, 3, 5, 6, 11], [1, 1, 1, 1, 1, 0])
    return [Arm(Text("drug <A> & B", "甲药&乙药"), first), Arm(Text("chemotherapy", "化疗"), second)]


def survival(language: Language) -> str:
    return kaplan_meier_plot(arms(), Text("months", "月"), language)


PLOTS: dict[str, Callable[[Language], str]] = {
    "forest of ratios": lambda language: forest(bcg(), language),
    "forest of proportions": lambda language: forest(vasospasm(), language),
    "funnel of ratios": lambda language: funnel(bcg(), language),
    "funnel of proportions": lambda language: funnel(vasospasm(), language),
    "funnel of angles": lambda language: funnel(freeman_tukey(*zip(*VASOSPASM, strict=True)), language),
    "survival": survival,
}


def words(svg: str) -> str:
    return " ".join("".join(each.itertext()) for each in ElementTree.fromstring(svg).iter(f"{SVG}text"))


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_plot_is_an_image_with_title_and_description(plot: Callable[[Language], str], language: Language) -> None:
    root = ElementTree.fromstring(plot(language))
    named = [root.find(f"*[@id='{name}']") for name in (root.get("aria-labelledby") or "").split()]
    assert root.get("role") == "img"
    assert len(named) == 2
    assert all(each is not None and each.text for each in named)
    assert root.get("lang") == ("zh-CN" if language == "zh" else "en")


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
def test_every_plot_takes_the_colour_of_its_text_and_stays_on_its_sheet(plot: Callable[[Language], str]) -> None:
    svg = plot("en")
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg)) <= {"currentColor", "none"}
    root = ElementTree.fromstring(svg)
    wide, high = map(float, (root.get("viewBox") or "").split()[2:])
    for each in root.iter():
        for names, limit in ((("x", "x1", "x2", "cx"), wide), (("y", "y1", "y2", "cy"), high)):
            assert all(0 <= float(each.get(name, "0")) <= limit for name in names), each.attrib


def test_forest_shows_every_study_the_pooled_value_and_the_heterogeneity() -> None:
    shown = words(forest(bcg(), "en"))
    assert all(name in shown for name, *_ in BCG)
    assert "0.49 (0.33–0.73)" in shown
    assert "0.14–1.76" in shown
    assert "τ² 0.3132, I² 92.2 %, Q 152.23 (df 12), P <0.001" in shown


def test_forest_in_chinese() -> None:
    shown = words(forest(vasospasm(), "zh"))
    assert "合并值（GLMM）" in shown
    assert "79.8% (69.2%–87.5%)" in shown
    assert "预测区间" in shown
    assert "例数占比" in shown


def test_an_interval_wider_than_the_axis_ends_in_an_arrow() -> None:
    result = meta_ratio([-0.5, -0.4, -0.6], [0.1, 0.1, 2.5], ["a", "b", "wide"])
    plain = meta_ratio([-0.5, -0.4, -0.6], [0.1, 0.1, 0.1], ["a", "b", "c"])
    assert forest(result, "en").count("<path") > forest(plain, "en").count("<path")


def test_funnel_counts_the_studies_outside() -> None:
    assert "Outside: 7 of 13." in words(funnel(bcg(), "en")).replace("  ", " ")


def test_survival_plot_has_the_numbers_at_risk_under_the_marks() -> None:
    root = ElementTree.fromstring(survival("en"))
    marks = Axis(0, 12 * 1.02, 0, 1).marks(10)
    for arm in arms():
        expected = [str(arm.curve.number_at_risk(mark)) for mark in marks]
        rows: dict[str, list[str]] = {}
        for each in root.iter(f"{SVG}text"):
            rows.setdefault(each.get("y", ""), []).append("".join(each.itertext()))
        assert [arm.label.en, *expected] in rows.values()


def test_survival_plot_says_patients_events_and_median() -> None:
    svg = survival("zh")
    assert "甲药&amp;乙药：6例，3例事件，中位数7" in svg
    assert "化疗：6例，5例事件，中位数3" in svg


def test_curves_are_told_apart_without_colour() -> None:
    paths = re.findall(r'<path d="M[^"]*H[^"]*"[^>]*>', survival("en"))
    assert len({re.search(r'stroke-dasharray="[^"]+"', path) is not None for path in paths}) == 2


def test_no_curve_is_no_plot() -> None:
    with pytest.raises(InvalidInput, match="0 curves"):
        kaplan_meier_plot([], Text("months", "月"), "en")


@pytest.mark.parametrize(("low", "high", "marks"), [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 37, [0, 10, 20, 30])])
def test_marks_are_round(low: float, high: float, marks: list[float]) -> None:
    assert linear_marks(low, high, 5) == pytest.approx(marks)
