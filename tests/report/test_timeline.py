"""The timeline: what is drawn, what is told in words because it has no place in time."""

from __future__ import annotations

import datetime
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import EGFR, EMPTY, HOSTILE, MANY, case_of, every_case, knowledge

from tumorboard.report.course import course_of
from tumorboard.report.svg import width, wrapped
from tumorboard.report.timeline import timeline_svg
from tumorboard.text import LANGUAGES, Language

SVG = "{http://www.w3.org/2000/svg}"
CASES = {name: data for name, data in every_case().items() if name not in ("empty",)}


def drawn(data: dict[str, Any], language: Language = "en") -> ET.Element:
    return ET.fromstring(timeline_svg(case_of(data), knowledge(), language))


def words(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("data", [*CASES.values(), HOSTILE], ids=[*CASES, "hostile"])
def test_the_drawing_is_well_formed_titled_and_inside_its_frame(data: dict[str, Any], language: Language) -> None:
    markup = timeline_svg(case_of(data), knowledge(), language)
    if not markup.startswith("<svg"):
        assert course_of(case_of(data), knowledge(), language).empty
        return
    root = ET.fromstring(markup)
    assert root.get("role") == "img"
    named = [root.find(f"{SVG}{tag}") for tag in ("title", "desc")]
    assert root.get("aria-labelledby") == " ".join(str(tag.get("id")) for tag in named if tag is not None)
    _, _, wide, high = map(float, str(root.get("viewBox")).split())
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(str(text.get("x"))) <= wide
        assert 0 <= float(str(text.get("y"))) <= high
    for bar in root.iter(f"{SVG}rect"):
        assert float(str(bar.get("width"))) > 0
        assert -8 <= float(str(bar.get("x"))) <= wide


def test_nothing_dated_is_said_in_words() -> None:
    assert timeline_svg(case_of(EMPTY), knowledge(), "zh").startswith("<p>无带日期")


def test_each_line_of_therapy_is_a_bar_with_agents_response_and_progression() -> None:
    course = course_of(case_of(EGFR), knowledge(), "en")
    assert [(bar.line, bar.agents, bar.progressed) for bar in course.bars] == [
        ("Line 1", "gefitinib", datetime.date(2024, 1, 5)),
        ("Line 2", "osimertinib", datetime.date(2025, 12, 10)),
    ]
    root = drawn(EGFR)
    assert any(text.startswith("gefitinib · best response PR") for text in words(root))
    progressions = [path for path in root.iter(f"{SVG}path") if path.get("class") == "tl-progress"]
    assert len(progressions) == 2 + 1, "one a progression and one in the legend"


def test_results_are_told_apart_by_shape_and_named_in_the_legend() -> None:
    shapes = {element.get("class") for element in drawn(EGFR).iter(f"{SVG}circle")}
    assert {"tl-full", "tl-hollow", "tl-dashed"} <= shapes
    legend = words(drawn(EGFR))
    assert {"present", "absent", "not tested", "measured", "progression"} <= set(legend)


def test_entries_without_a_date_are_listed_not_dropped() -> None:
    course = course_of(case_of(EGFR), knowledge(), "en")
    assert course.undated == ("hypertension", "RET fusion: not tested")
    assert any("RET fusion: not tested" in text for text in words(drawn(EGFR)))


def test_eight_lines_and_many_results_keep_one_row_for_what_was_negative_on_the_same_days() -> None:
    course = course_of(case_of(MANY), knowledge(), "en")
    assert len(course.bars) == 9 and sum(bar.maintenance for bar in course.bars) == 1
    absent = [result for result in course.results if result.mark == "absent"]
    assert len(absent) == 1 and len(absent[0].days) == 3 and "ALK fusion" in absent[0].name
    assert [event.text for event in course.events if event.kind == "diagnosis"] == [
        "NSCLC diagnosed", "transformed to SCLC",
    ]  # fmt: skip


def test_an_end_that_is_not_recorded_is_said_and_reaches_to_the_next_line() -> None:
    bar = course_of(case_of(MANY), knowledge(), "en").bars[7]
    assert (bar.agents, bar.end_known, bar.until) == ("gemcitabine", False, datetime.date(2024, 5, 20))
    assert "end not recorded" in bar.notes


def test_what_lies_after_the_board_is_left_out_and_counted() -> None:
    later = {**EGFR, "as_of": "2024-06-01"}
    course = course_of(case_of(later), knowledge(), "en")
    assert course.after_board == 4  # four results and a biopsy, of which one line of therapy is still running
    assert all(bar.start <= datetime.date(2024, 6, 1) for bar in course.bars)


@settings(max_examples=60, deadline=None)
@given(content=st.text(alphabet=st.sampled_from("ab 治疗，-(x)é"), max_size=80), room=st.integers(20, 300))
def test_wrapped_lines_fit_and_keep_every_character(content: str, room: int) -> None:
    lines = wrapped(content, 10, room)
    assert all(width(line, 10) <= room or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split()) == "".join(content.split())
