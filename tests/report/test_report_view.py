"""The view all reports share: what stands in it, in which order, in which words."""

from __future__ import annotations

import pytest
from report_samples import CASES, EGFR, EMPTY, HCC, NEG, SCLC, advice_of, every_case, knowledge

from tumorboard.guidelines.model import Slot
from tumorboard.report.build import report_view
from tumorboard.report.names import Names
from tumorboard.report.views import OptionView, Report
from tumorboard.text import Language

STRENGTHS = ("strong", "moderate", "weak", "no grade", "not recommended")


def view(data: dict[str, object], language: Language = "en") -> Report:
    return report_view(*advice_of(data), knowledge(), language)


def options(report: Report) -> list[OptionView]:
    return [option for group in (*report.groups, *report.no_consensus) for option in group.options]


@pytest.mark.parametrize("data", every_case().values(), ids=every_case().keys())
def test_every_option_of_the_advice_stands_in_the_report_once_in_order_of_strength(data: dict[str, object]) -> None:
    advice, case = advice_of(data)
    report = report_view(advice, case, knowledge(), "en")
    shown = options(report)
    assert sorted((o.id, o.situation) for o in shown) == sorted(
        (a.option.id, a.situation.name.en) for a in advice.options
    )
    assert [option.number for option in shown] == list(range(1, len(shown) + 1))
    for group in report.groups:
        places = [STRENGTHS.index(option.strength) for option in group.options]
        assert places == sorted(places)
        assert {option.status for option in group.options} == {group.status}


@pytest.mark.parametrize("data", every_case().values(), ids=every_case().keys())
def test_the_two_languages_differ_in_words_only(data: dict[str, object]) -> None:
    english, chinese = view(data, "en"), view(data, "zh")

    def shape(report: Report) -> object:
        return (
            [(o.id, o.status, o.strength, o.level, o.letter, len(o.evidence), len(o.later)) for o in options(report)],
            [(s.id, s.verdict, s.letter, len(s.later)) for s in report.situations],
            [len(question.decides) for question in report.questions],
            [item.known for item in report.header],
            len(report.sources),
        )

    assert shape(english) == shape(chinese)


def test_what_is_voted_on_without_agreement_stands_apart_and_is_no_recommendation() -> None:
    report = view(EGFR)
    assert [option.id for group in report.no_consensus for option in group.options] == ["tki-adc"]
    assert all(option.id != "tki-adc" for group in report.groups for option in group.options)
    assert report.no_consensus[0].options[0].strength_word == "no consensus"


def test_an_excluded_option_gives_its_reason_and_a_possible_one_what_would_settle_it() -> None:
    found = {option.id: option for option in options(view(EGFR))}
    assert found["minipdx-testing"].status == "excluded"
    assert "not consented" in found["minipdx-testing"].because
    assert found["bronchoscopic-intervention"].status == "possible"
    assert found["bronchoscopic-intervention"].missing == ("distal lung function",)


def test_later_evidence_is_dated_newest_first_and_said_once_where_it_belongs_to_the_situation() -> None:
    report = view(EGFR)
    situation = report.of_verdict("met")[0]
    dates = [later.date for later in situation.later]
    assert dates == sorted(dates, reverse=True)
    assert all(date[:4].isdigit() for date in dates)
    option = next(option for option in options(report) if option.letter == situation.letter)
    assert option.later_of_situation
    assert not {later.finding for later in option.later} & {later.finding for later in situation.later}


def test_the_header_names_what_a_board_asks_first() -> None:
    header = {item.label: item.value for item in view(SCLC).header}
    assert header == {
        "Disease": "SCLC (small cell)",
        "Stage": "extensive",
        "ECOG": "1",
        "Drivers": "not known",
        "Line": "2 (now being decided)",
        "Refractory type": "refractory SCLC",
    }


def test_outside_every_guideline_nothing_is_asked_of_the_header() -> None:
    report = view({**HCC, "conditions": [{"disease": "breast cancer"}]})
    assert [item.label for item in report.header] == ["Disease", "Stage", "ECOG"]
    assert not report.staging
    assert report.not_covered and not report.groups


def test_an_empty_case_says_of_everything_that_it_is_open() -> None:
    assert not any(item.known for item in view(EMPTY).header)


def test_missing_entries_are_named_not_given_as_paths() -> None:
    asks = [question.ask for question in view(SCLC, "zh").questions]
    assert "转移灶（脑）：是否已治疗" in asks
    assert "第1线（卡铂 + 依托泊苷 + 阿替利珠单抗）：停药原因" in asks
    for data in CASES.values():
        for question in view(data, "zh").questions:
            assert "[" not in question.ask and "_" not in question.ask


@pytest.mark.parametrize(
    ("slots", "english", "chinese"),
    [
        ([("etoposide",), ("carboplatin", "cisplatin")], "etoposide + carboplatin | cisplatin", "依托泊苷 + 卡铂/顺铂"),
        ([("PD-1 inhibitor",), ("anlotinib",)], "PD-1 inhibitor + anlotinib", "PD-1抑制剂 + 安罗替尼"),
        ([("bronchoscopic intervention",)], "bronchoscopic intervention", "经支气管镜介入治疗"),
    ],
)
def test_regimens_are_in_words_of_the_language(slots: list[tuple[str, ...]], english: str, chinese: str) -> None:
    regimen = tuple(Slot(names) for names in slots)
    vocabulary = knowledge().vocabulary
    assert Names(vocabulary, "en").regimen(regimen) == english
    assert Names(vocabulary, "zh").regimen(regimen) == chinese


def test_an_arm_with_a_word_without_chinese_stays_english_as_a_whole_and_is_marked() -> None:
    names = Names(knowledge().vocabulary, "zh")
    translated, kept = names.arm("placebo + cisplatin/pemetrexed"), names.arm("placebo (+ something else)")
    assert translated is not None and (translated.text, translated.language) == ("安慰剂 + 顺铂/培美曲塞", None)
    assert kept is not None and (kept.text, kept.language) == ("placebo (+ something else)", "en")


def test_findings_carry_value_comparison_quote_and_place() -> None:
    findings = {finding.id: finding for option in options(view(EGFR)) for finding in option.evidence}
    impress = findings["S002-096"]
    assert (str(impress.value), str(impress.comparator_value)) == ("13.4 months", "19.5 months")
    assert (impress.effect, impress.interval, impress.p) == ("HR 1.44", "95 % CI 1.07 to 1.94", "P = 0.016")
    assert impress.quote is not None and impress.printed_at is not None and "characters" in impress.printed_at
    cell = findings["S002-T019"]
    assert cell.heading == "The cell of the table" and "table 4" in str(cell.printed_at) and cell.claim is None


def test_the_cautions_of_a_patient_stand_at_the_options_they_concern() -> None:
    cautions = {option.id: [caution.text for caution in option.cautions] for option in options(view(NEG))}
    assert any("Interstitial lung disease" in text for text in cautions["beyond-pembrolizumab-chemotherapy"])
    assert any("hypertension" in text for text in cautions["switch-anlotinib-docetaxel"])
    assert not any("Interstitial lung disease" in text for text in cautions["switch-docetaxel"])
