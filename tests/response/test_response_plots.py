"""Plots: well-formed, described in words, one mark a patient, in both languages, in the colour of the text around."""

from __future__ import annotations

import datetime
import re
from xml.etree import ElementTree

import pytest
from response_samples import RECIST, course, entry, of_sums, reader

from tumorboard.case.read import Case, case_from_data
from tumorboard.response.plots import Plotted, spider, swimmer, waterfall
from tumorboard.text import LANGUAGES, Language

SVG = "{http://www.w3.org/2000/svg}"
CRITERIA = reader().criteria[RECIST]
PATIENTS = [
    Plotted("shrunk", of_sums(100, 60, 50, 90)),
    Plotted("grown <&>", of_sums(50, 80)),
    Plotted("stable", of_sums(100, 95)),
    Plotted("never measured", of_sums(100, "NE")),
    Plotted("open", course([entry(0, 100), entry(42, 75, new_lesions=None)])),
]


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def titles(svg: str, inside: str) -> list[str]:
    return [
        title.text or "" for drawn in parsed(svg).iter(SVG + inside) if (title := drawn.find(SVG + "title")) is not None
    ]


def words(svg: str) -> str:
    return " ".join(found.text or "" for found in parsed(svg).iter(SVG + "text"))


def case() -> Case:
    data = {
        "id": "K-1", "as_of": "2026-03-01",
        "treatments": [
            {"line": 1, "agents": ["gefitinib"], "start": "2024-03-01", "end": "2025-01-20", "progressed": "2025-01-25",
             "best_response": "PR"},
            {"line": 2, "agents": ["osimertinib"], "start": "2025-02-01"},
            {"line": 3, "agents": ["docetaxel"]},
        ],
    }  # fmt: skip
    return case_from_data(data, reader().vocabulary, datetime.date(2026, 3, 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_plot_is_described_in_words_and_takes_the_colour_around_it(language: Language) -> None:
    drawn = (
        waterfall(PATIENTS, CRITERIA, language),
        spider(PATIENTS, CRITERIA, language),
        swimmer([case()], reader().vocabulary.drugs, language),
    )
    for svg in drawn:
        root = parsed(svg)
        ids = {found.get("id") for found in root}
        assert root.get("role") == "img"
        assert set((root.get("aria-labelledby") or "").split()) <= ids
        assert root.get("lang") == ("zh-CN" if language == "zh" else "en")
        assert "currentColor" in svg and not re.search(r"#[0-9a-fA-F]{3,6}\"|rgb", svg)


def test_the_waterfall_runs_from_the_greatest_growth_to_the_greatest_shrinkage() -> None:
    svg = waterfall(PATIENTS, CRITERIA, "en")
    assert titles(svg, "rect") == [
        "grown <&>: +60.0 %, best response PD",
        "stable: −5.0 %, best response SD",
        "open: −25.0 %, best response not known",
        "shrunk: −50.0 %, best response PR",
    ]
    assert "No sum to draw: never measured" in words(svg)


def test_bars_stand_as_high_as_the_change_growth_above_zero_and_shrinkage_below() -> None:
    svg = waterfall(PATIENTS, CRITERIA, "en")
    bars = [bar for bar in parsed(svg).iter(SVG + "rect") if bar.find(SVG + "title") is not None]
    tops, heights = ([float(bar.get(key) or 0) for bar in bars] for key in ("y", "height"))
    assert heights[3] / heights[0] == pytest.approx(50 / 60, rel=0.01)
    assert tops[0] + heights[0] == pytest.approx(tops[3], abs=0.2)


def test_the_cuts_of_the_criteria_are_on_the_axis() -> None:
    for plot in (waterfall, spider):
        assert {"+20", "−30"} <= set(words(plot(PATIENTS, CRITERIA, "en")).split())


def test_the_spider_follows_each_patient_to_progression() -> None:
    svg = spider(PATIENTS, CRITERIA, "en")
    assert len(titles(svg, "g")) == 4
    described = parsed(svg).find(SVG + "desc")
    assert described is not None and described.text is not None
    assert described.text.endswith("Best response: PR 1, SD 1, PD 1, NE 1, not known 1.")


def test_the_swimmer_has_a_bar_a_line_and_names_what_has_no_start() -> None:
    svg = swimmer([case()], reader().vocabulary.drugs, "zh")
    assert titles(svg, "rect") == ["1线：吉非替尼", "2线：奥希替尼"]
    assert "未记录开始日期：K-1：3线：多西他赛" in words(svg)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_to_draw_is_a_plot_all_the_same(language: Language) -> None:
    for svg in (waterfall([], CRITERIA, language), spider([], CRITERIA, language)):
        assert parsed(svg).tag == SVG + "svg"
    assert parsed(swimmer([], reader().vocabulary.drugs, language)).tag == SVG + "svg"
