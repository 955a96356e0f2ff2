"""Markdown: the same content as the page, and text people wrote stays text."""

from __future__ import annotations

from typing import Any

import pytest
from report_samples import BAD, EGFR, HOSTILE, SCLC, advice_of, every_case, knowledge

from tumorboard.report.build import report_view
from tumorboard.report.markdown import advice_markdown
from tumorboard.text import LANGUAGES, Language

CASES = every_case()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_every_option_question_and_finding_of_the_view_is_there(data: dict[str, Any], language: Language) -> None:
    advice, case = advice_of(data)
    report = report_view(advice, case, knowledge(), language)
    text = advice_markdown(advice, case, knowledge(), language)
    for group in (*report.groups, *report.no_consensus):
        for option in group.options:
            assert f"#### {option.number}. " in text
            assert all(finding.id in text for finding in option.evidence)
    decided = [question for question in report.questions if question.decides]
    assert all(f"| {question.number} | " in text for question in decided)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_opens_no_tag_link_table_or_emphasis(language: Language) -> None:
    text = advice_markdown(*advice_of(HOSTILE), knowledge(), language)
    assert BAD not in text
    assert "<script" not in text.replace("\\<script", "")
    assert "](javascript" not in text.replace("\\](javascript", "")
    assert "\\*\\*\\`\\_\\|" in text


def test_tables_have_as_many_cells_in_every_row_as_in_their_head() -> None:
    cells: int | None = None
    for line in advice_markdown(*advice_of(SCLC), knowledge(), "en").splitlines():
        if not line.startswith("|"):
            cells = None
            continue
        found = line.replace("\\|", "").count("|")
        assert cells in (None, found), line
        cells = found


def test_a_quote_keeps_its_language_and_its_place() -> None:
    text = advice_markdown(*advice_of(EGFR), knowledge(), "en")
    assert '<q lang="zh-CN">培美曲塞/顺铂（Ⅰ）</q>' in text
    assert "characters 10076 to 10086" in text
