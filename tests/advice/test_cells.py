"""Tables 3 to 6 of the consensus, typed again from its text: every printed cell is reached, and says what is printed.

The lists here were made from the source text alone, so that the shipped guideline is compared with the print and not
with itself.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pytest
from board import (
    Board,
    CaseData,
    after_osimertinib,
    driver_negative,
    line,
    low_response,
    marker,
    refractory_sclc,
    transformed,
)

from tumorboard.guidelines.knowledge import Knowledge

GUIDELINE = "refractory-lung-cancer-2023"
CONSENTED = {"organoid testing": True, "MiniPDX testing": True}
STENOSIS = [
    {"name": "central airway stenosis", "value": True},
    {"name": "distal lung function", "value": "recoverable"},
    {"name": "surgery", "value": "not possible"},
]
THIRD_LINE_SCLC = line(2, "topotecan", start="2025-07-01", end="2025-09-01", progressed="2025-09-01")
SECOND_LINE_CHEMOTHERAPY = line(
    2,
    "cisplatin",
    "pemetrexed",
    start="2025-11-01",
    end="2026-01-10",
    progressed="2026-01-10",
    progression="widespread",
)
SECOND_LINE_DOCETAXEL = line(
    2, "docetaxel", start="2025-07-01", end="2025-12-01", progressed="2025-12-01", progression="widespread"
)

# A patient of each printed stratum.
PATIENTS: dict[str, CaseData] = {
    "难治性SCLC（二线）": refractory_sclc(60),
    "难治性SCLC（≥三线）": refractory_sclc(60, THIRD_LINE_SCLC),
    "EGFR20外显子插入突变（二线）": low_response(marker("EGFR", "exon 20 insertion")),
    "HER-2基因突变（二线）": low_response(marker("ERBB2", "p.Y772_A775dup")),
    "组织学转化（二线）": transformed(),
    "广泛进展缺乏后线靶向治疗方案（二线）": after_osimertinib(),
    "难治性驱动基因阳性NSCLC（≥三线）": {
        **after_osimertinib(),
        "treatments": [*after_osimertinib()["treatments"], SECOND_LINE_CHEMOTHERAPY],
    },
    "免疫治疗广泛进展后的难治性驱动基因阴性NSCLC（二线换药治疗）": driver_negative(),
    "免疫治疗广泛进展后的难治性驱动基因阴性NSCLC（二线免疫跨线治疗）": driver_negative(),
    "难治性驱动基因阴性NSCLC（≥三线）": driver_negative(SECOND_LINE_DOCETAXEL),
    "难治性肺癌精准诊疗新技术方案": refractory_sclc(60, consent=CONSENTED, findings=STENOSIS),
}
TECHNIQUES = "难治性肺癌精准诊疗新技术方案"


class Cell(NamedTuple):
    stratum: str
    strategy: str
    regimen: tuple[str, ...]
    strength: str
    level: str | None
    agreement: int


SCLC2, SCLC3, EXON20, HER2, CHANGED, AFTER_TKI, POSITIVE3, SWITCH, BEYOND, NEGATIVE3, _ = PATIENTS
CHEMO, ANTI, ANTI_CHEMO = "化疗", "抗血管生成药物", "抗血管生成药物联合化疗"
IO_ANTI, IO_CHEMO, IO_ANTI_CHEMO = "免疫联合抗血管生成药物", "免疫联合化疗", "免疫联合抗血管生成药物联合化疗"
TARGETED, BISPECIFIC, ADC = "靶向药物", "双抗药物", "ADC药物"
ANY_OF_FOUR = "durvalumab | pembrolizumab | sintilimab | tislelizumab"

PRINTED = [
    # table 3
    Cell(SCLC2, CHEMO, ("topotecan",), "strong", "I", 92),
    Cell(SCLC2, CHEMO, ("amrubicin",), "strong", "I", 92),
    Cell(SCLC2, CHEMO, ("lurbinectedin",), "moderate", "III", 92),
    Cell(SCLC2, CHEMO, ("bendamustine",), "moderate", "V", 92),
    Cell(SCLC2, ANTI_CHEMO, ("anlotinib", "docetaxel | irinotecan"), "weak", "V", 68),
    Cell(SCLC2, IO_ANTI, ("anlotinib", "penpulimab"), "weak", "III", 62),
    Cell(SCLC2, IO_ANTI, ("surufatinib", "toripalimab"), "weak", "III", 62),
    Cell(SCLC2, IO_ANTI, ("apatinib", "camrelizumab"), "weak", "III", 62),
    Cell(SCLC2, IO_ANTI, ("anlotinib", "sintilimab"), "weak", "V", 62),
    Cell(SCLC2, IO_CHEMO, ("paclitaxel", "pembrolizumab"), "weak", "V", 62),
    Cell(SCLC3, ANTI, ("anlotinib",), "strong", "I", 96),
    Cell(SCLC3, ANTI, ("apatinib",), "moderate", "V", 96),
    # table 4
    Cell(EXON20, TARGETED, ("sunvozertinib",), "moderate", "V", 96),
    Cell(EXON20, BISPECIFIC, ("amivantamab",), "moderate", "III", 84),
    Cell(HER2, TARGETED, ("pyrotinib",), "moderate", "V", 86),
    Cell(HER2, ADC, ("trastuzumab deruxtecan",), "moderate", "III", 96),
    Cell(HER2, ADC, ("trastuzumab emtansine",), "moderate", "III", 96),
    Cell(CHANGED, CHEMO, ("carboplatin | cisplatin", "etoposide"), "moderate", "IV", 97),
    Cell(AFTER_TKI, CHEMO, ("cisplatin", "pemetrexed"), "moderate", "I", 76),
    Cell(AFTER_TKI, IO_ANTI_CHEMO, ("bevacizumab", "cisplatin", "pemetrexed", "sintilimab"), "moderate", "I", 77),
    Cell(AFTER_TKI, IO_CHEMO, ("carboplatin", "pemetrexed", "toripalimab"), "weak", "V", 66),
    Cell(AFTER_TKI, IO_ANTI, ("anlotinib", "PD-1 inhibitor"), "weak", "IV", 60),
    Cell(POSITIVE3, ANTI, ("anlotinib",), "moderate", "I", 72),
    # table 5
    Cell(SWITCH, CHEMO, ("docetaxel",), "strong", "II", 98),
    Cell(SWITCH, ANTI_CHEMO, ("anlotinib", "docetaxel"), "strong", "II", 92),
    Cell(SWITCH, ANTI_CHEMO, ("docetaxel", "nintedanib"), "moderate", "III", 92),
    Cell(SWITCH, ANTI_CHEMO, ("docetaxel", "ramucirumab"), "moderate", "IV", 92),
    Cell(BEYOND, IO_ANTI, ("pembrolizumab", "ramucirumab"), "strong", "II", 80),
    Cell(BEYOND, IO_ANTI, ("anlotinib", ANY_OF_FOUR), "moderate", "V", 80),
    Cell(BEYOND, IO_CHEMO, ("chemotherapy", "pembrolizumab"), "strong", "II", 88),
    Cell(NEGATIVE3, ANTI, ("anlotinib",), "strong", "I", 90),
    # table 6
    Cell(TECHNIQUES, "经支气管镜介入治疗", ("bronchoscopic intervention",), "strong", "II", 90),
    Cell(
        TECHNIQUES, "类器官药物敏感性检测与高通量药物筛选", ("organoid drug sensitivity testing",), "moderate", "II", 64
    ),
    Cell(TECHNIQUES, "MiniPDX检测", ("MiniPDX testing",), "moderate", "II", 66),
]
# Strategies the panel reached no consensus on: stratum, words of the strategy, agreement.
NO_CONSENSUS = [(SCLC3, "双免疫治疗", 46), (SCLC3, "免疫单药治疗", 46), (AFTER_TKI, "ADC治疗", 54)]


def plain(text: str) -> str:
    """A printed name without the spaces and hyphens of the print."""
    return text.replace(" ", "").replace("\u2011", "-")


def options_in(board: Board, stratum: str) -> list[dict[str, object]]:
    """The options in situations of the printed stratum (for table 6, of any of its techniques)."""
    names = {entry["id"]: plain(entry["name"]["zh"]) for entry in board.record["situations"]}
    named = {name for name, zh in names.items() if zh == plain(stratum)}
    if stratum == TECHNIQUES:
        named = {"organoid-testing", "minipdx-testing", "central-airway-stenosis"}
    return [option for option in board.record["options"] if option["situation"] in named]


def test_there_are_34_graded_cells() -> None:
    assert len(set(PRINTED)) == 34


@pytest.mark.parametrize("cell", PRINTED, ids=lambda cell: f"{cell.stratum[:14]}:{'+'.join(cell.regimen)}")
def test_each_printed_cell_is_advised_as_printed(cell: Cell, board: Callable[..., Board]) -> None:
    found = [
        option
        for option in options_in(board(PATIENTS[cell.stratum]), cell.stratum)
        if option["regimen"] == list(cell.regimen)
    ]
    assert len(found) == 1
    option = found[0]
    assert option["name"]["zh"] == cell.strategy  # type: ignore[index]
    assert (option["strength"], option["level"], option["agreement"]) == cell[3:]
    assert (option["guideline"], option["basis"]) == (GUIDELINE, "panel")
    assert option["status"] == "applies"


@pytest.mark.parametrize("stratum", PATIENTS)
def test_a_stratum_holds_its_cells_and_strategies_without_consensus_and_nothing_else(
    stratum: str, board: Callable[..., Board]
) -> None:
    options = options_in(board(PATIENTS[stratum]), stratum)
    printed = [list(cell.regimen) for cell in PRINTED if cell.stratum == stratum]
    graded = [option["regimen"] for option in options if option["strength"] != "not recommended"]
    assert sorted(map(str, graded)) == sorted(map(str, printed))
    without = [(stratum, option["name"]["zh"]) for option in options if option["strength"] == "not recommended"]  # type: ignore[index]
    assert sorted(without) == sorted((row, words) for row, words, _ in NO_CONSENSUS if row == stratum)


@pytest.mark.parametrize(("stratum", "words", "agreement"), NO_CONSENSUS, ids=lambda value: str(value)[:12])
def test_a_strategy_without_consensus_is_shown_with_its_share_and_never_applies(
    stratum: str, words: str, agreement: int, board: Callable[..., Board]
) -> None:
    found = [o for o in options_in(board(PATIENTS[stratum]), stratum) if o["name"]["zh"] == words]  # type: ignore[index]
    assert len(found) == 1
    option = found[0]
    assert (option["strength"], option["agreement"], option["status"]) == ("not recommended", agreement, None)
    assert f"no consensus ({agreement} % in favour), not recommended for now" in str(option["because"])


def test_the_guideline_names_no_cell_beyond_the_printed_ones(knowledge: Knowledge) -> None:
    options = [option for _, option in knowledge.guidelines[GUIDELINE].options()]
    assert len([option for option in options if option.recommended]) == 34
    assert len([option for option in options if not option.recommended]) == 3


def test_every_printed_strength_is_what_the_printed_rule_gives(knowledge: Knowledge) -> None:
    assert knowledge.guidelines[GUIDELINE].differences() == ()
    grading = knowledge.guidelines[GUIDELINE].grading
    assert grading is not None
    assert [cell for cell in PRINTED if grading.strength(cell.level, Decimal(cell.agreement)) != cell.strength] == []


BANDS: list[tuple[Decimal | Fraction, str, str]] = [
    (Decimal(100), "strong", "moderate"),
    (Decimal(80), "strong", "moderate"),
    (Decimal("79.9"), "moderate", "weak"),
    (Fraction(799999, 10000), "moderate", "weak"),
    (Decimal(79), "moderate", "weak"),
    (Fraction(100 * 39, 49), "moderate", "weak"),  # 79.59 %: not rounded up to 80
    (Decimal(60), "moderate", "weak"),
    (Fraction(60), "moderate", "weak"),
    (Decimal("59.99"), "not recommended", "not recommended"),
    (Fraction(100 * 28, 47), "not recommended", "not recommended"),  # 59.57 %: not rounded up to 60
    (Decimal(0), "not recommended", "not recommended"),
]


@pytest.mark.parametrize(("share", "high", "low"), BANDS, ids=lambda value: str(value))
def test_the_grading_rule_at_its_boundaries_uses_the_unrounded_share(
    share: Decimal | Fraction, high: str, low: str, knowledge: Knowledge
) -> None:
    grading = knowledge.guidelines[GUIDELINE].grading
    assert grading is not None
    assert [grading.strength(level, share) for level in ("I", "II")] == [high] * 2
    assert [grading.strength(level, share) for level in ("III", "IV", "V")] == [low] * 3


def test_options_of_stronger_grade_stand_first(board: Callable[..., Board]) -> None:
    strengths = [option["strength"] for option in board(PATIENTS[SCLC2]).record["options"]]
    order = ["strong", "moderate", "weak", "not recommended"]
    assert strengths == sorted(strengths, key=order.index)
