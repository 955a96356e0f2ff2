"""Votes, grades and levels as a panel prints them, in prose and in tables."""

from __future__ import annotations

import hashlib
from functools import cache

import pytest

from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.reading.document import Cell, Document, Table
from tumorboard.reading.read import ReadingKnowledge, read
from tumorboard.vocabulary.library import Vocabulary


@cache
def _knowledge() -> ReadingKnowledge:
    folder = KnowledgeFolder(SHIPPED)
    return ReadingKnowledge.load(folder, Vocabulary.load(folder))


def _read(text: str, tables: tuple[Table, ...] = ()) -> list[tuple[str | None, str | None, str | None, str | None]]:
    document = Document("passage", hashlib.sha256(text.encode()).hexdigest(), "text", text, tables=tables)
    drafts = [draft for draft in read(document, _knowledge()).drafts if draft.strategy]
    return [(d.intervention, d.strength, d.level, str(d.agreement) if d.agreement else None) for d in drafts]


CASES = [
    pytest.param(
        "共有28位专家参与投票，其中26位（92.9%）同意将HAIC作为首选。",
        [("HAIC", None, None, "92.9")],
        id="a count and its share",
    ),
    pytest.param(
        "The panel agreed (29 of 30 members, 97%) that TACE is a valid option. Three abstained.",
        [("TACE", None, None, "97")],
        id="a share behind the panel",
    ),
    pytest.param(
        "Tarlatamab in second line: strong recommendation, moderate certainty, 26 of 27 votes (96%).",
        [("tarlatamab", "strong", "moderate", "96")],
        id="grades between a statement and its vote",
    ),
    pytest.param(
        "Strong recommendation, moderate-quality evidence: we recommend TACE over supportive care.",
        [("TACE", "strong", "moderate", None)],
        id="the grade before its statement",
    ),
    pytest.param(
        "推荐TACE联合仑伐替尼用于高负荷中期肝癌。证据级别：A。推荐强度：强推荐。同意率：95.7%。",
        [("TACE + lenvatinib", "strong", "A", "95.7")],
        id="grades in sentences of their own",
    ),
    pytest.param(
        "阿美替尼：Ⅰ级推荐（1A类证据）。", [("aumolertinib", "I", "1A", None)], id="half of the grade in brackets"
    ),
    pytest.param(
        "Superselective technique is advised for TACE (GRADE 1C; 100%).", [("TACE", "1", "C", "100")], id="GRADE"
    ),
    pytest.param(
        "绝大多数专家（95.2%）推荐T790M阳性患者可选择奥希替尼（Ⅰ类证据，强推荐）。",
        [("osimertinib", "strong", "I", "95.2")],
        id="vote, level and strength behind the strategy",
    ),
    pytest.param(
        "专家未达成共识而暂不推荐（41%）PD-1抑制剂单药治疗。",
        [("PD-1 inhibitor", "not recommended", None, "41")],
        id="no consensus",
    ),
    pytest.param(
        "推荐意见3：放化疗后推荐度伐利尤单抗巩固治疗（证据等级：高；推荐强度：强；共识度：100%）。",
        [("durvalumab", "strong", "high", "100")],
        id="labelled in brackets",
    ),
    pytest.param(
        "一线治疗：洛拉替尼、阿来替尼（Ⅰ级推荐，1A类证据），布格替尼（Ⅱ级推荐，2A类证据）。",
        [("lorlatinib | alectinib", "I", "1A", None), ("brigatinib", "II", "2A", None)],
        id="CSCO grades; alternatives in one place",
    ),
    pytest.param(
        "Alectinib or lorlatinib is recommended first [I, A; MCBS 4]. Crizotinib can be considered [I, B].",
        [("alectinib | lorlatinib", "A", "I", None), ("crizotinib", "B", "I", None)],
        id="ESMO brackets",
    ),
    pytest.param(
        "Dacomitinib may be offered (Evidence quality: Moderate; Strength of recommendation: Weak).",
        [("dacomitinib", "weak", "moderate", None)],
        id="ASCO brackets",
    ),
    pytest.param(
        "HAIC is suggested over TACE for large tumours (conditional recommendation, low-quality evidence;"
        " agreement 77%).",
        [("HAIC", "conditional", "low", "77")],
        id="GRADE words and a vote",
    ),
    pytest.param(
        "93% of the panel recommended lenvatinib plus TACE (evidence level II, strong recommendation).",
        [("lenvatinib + TACE", "strong", "II", "93")],
        id="vote first, in English",
    ),
]


@pytest.mark.parametrize(("passage", "expected"), CASES)
def test_a_recommendation_is_read_with_its_grade(passage: str, expected: list[tuple[str | None, ...]]) -> None:
    assert _read(passage) == expected


def test_a_table_whose_geometry_survived_gives_a_recommendation_a_row() -> None:
    rows = [
        ["Option", "Level", "Strength", "Agreement (%)"],
        ["Lenvatinib", "II", "Moderate", "79"],
        ["TACE", "I", "Strong", "97"],
    ]
    text, cells = "", []
    for row, words in enumerate(rows):
        for column, word in enumerate(words):
            cells.append(Cell(row, column, len(text), len(text) + len(word)))
            text += word + "\n"
    table = Table(0, len(text), 1, tuple(cells))
    assert _read(text, (table,)) == [("lenvatinib", "moderate", "II", "79"), ("TACE", "strong", "I", "97")]


def test_a_grading_table_is_no_recommendation() -> None:
    text = "Table 1. Grades\nStrength | Level | Agreement\nStrong | I | 80-100%\nWeak | III | 60-79%\n"
    assert _read(text) == []
