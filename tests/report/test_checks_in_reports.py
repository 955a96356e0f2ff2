"""Beside each finding: whether its printed numbers follow from each other, and a plot of what is comparable."""

from __future__ import annotations

import dataclasses
import io
import sys
import time
from decimal import Decimal

import pytest
from report_samples import EGFR, EMPTY, HCC, SCLC, advice_of, case_of, knowledge
from rich.console import Console

from tumorboard.advice.model import Advice
from tumorboard.case.read import Case
from tumorboard.evidence.findings import Finding
from tumorboard.report.build import report_view
from tumorboard.report.course import course_of
from tumorboard.report.evidence_view import check_view, checks_of, finding_view
from tumorboard.report.forest import comparable
from tumorboard.report.history import history
from tumorboard.report.html import advice_html
from tumorboard.report.markdown import advice_markdown
from tumorboard.report.names import Names
from tumorboard.report.record import advice_record
from tumorboard.report.terminal import print_advice
from tumorboard.report.timeline import side_notes, timeline_svg
from tumorboard.report.views import CheckView
from tumorboard.text import LANGUAGES, Language

MISPRINT, OFF_CENTRE, UNCARRIED = "S004-136", "S004-179", "S004-178"


def names_in(language: Language) -> Names:
    return Names(knowledge().vocabulary, language)


def shown(finding: Finding, language: Language) -> tuple[CheckView, ...]:
    return finding_view(finding, knowledge().findings, names_in(language), None, False).checks


def terminal(language: Language) -> str:
    out = io.StringIO()
    print_advice(*advice_of(HCC), knowledge(), language, Console(file=out, width=120, color_system=None))
    return out.getvalue()


# -- words -----------------------------------------------------------------------------------------------------------


def test_each_number_has_its_verdict_with_the_way_and_the_note() -> None:
    first, _, counts, claim = shown(knowledge().findings.get(MISPRINT), "en")
    assert first == CheckView(
        "impossible", "83.8% / n=38: impossible as printed", "Would fit with fewer patients counted: 31/37."
    )
    assert counts.text == "83.8%/38 vs 52.5%/41, P=0.004: reproduces by Fisher exact, N−1, mid-P (doubled)"
    assert claim == CheckView("reproduces", "the claim from P 0.004: reproduces", None)


def test_in_chinese_verdict_way_and_note_are_chinese() -> None:
    first, _, counts, _ = shown(knowledge().findings.get(MISPRINT), "zh")
    assert first == CheckView("impossible", "83.8% / n=38：按所印数值不能成立", "若分母较小则可成立：31/37。")
    assert counts.text == "83.8%/38 vs 52.5%/41, P=0.004：可重现（Fisher精确检验、N−1 χ²检验、mid-P（双倍））"


def test_what_cannot_be_recomputed_is_not_checkable_and_does_not_count_against_the_finding() -> None:
    p, claim = shown(knowledge().findings.get(UNCARRIED), "en")
    assert (p.verdict, p.holds) == ("not checkable", True)
    assert (claim.verdict, claim.holds) == ("not reproduced", False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_of_every_shipped_finding_has_its_words(language: Language) -> None:
    views = [check_view(check, names_in(language)) for found in knowledge().findings for check in checks_of(found)]
    assert {view.verdict for view in views} == {"reproduces", "not reproduced", "impossible", "not checkable"}
    assert not [view for view in views if view.note == ""]


def test_what_holds_under_a_model_only_is_left_out() -> None:
    assert {check.tier for found in knowledge().findings for check in checks_of(found)} <= {"hard", "warning"}


def test_findings_of_one_id_but_other_numbers_do_not_share_their_checks() -> None:
    printed = knowledge().findings.get(MISPRINT)
    mended = dataclasses.replace(printed, denominator=37)
    assert next(check.verdict for check in checks_of(printed)) == "impossible"
    assert next(check.verdict for check in checks_of(mended)) == "reproduces"


# -- reports ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_markdown_show_the_verdicts_with_their_notes(language: Language) -> None:
    word = {"en": "not reproduced", "zh": "未能重现"}[language]
    note = {"en": "a stratified log-rank test may differ", "zh": "分层log-rank检验可有差异"}[language]
    head = {"en": "Check of the printed numbers", "zh": "数值核对"}[language]
    for page in (
        advice_html(*advice_of(HCC), knowledge(), language),
        advice_markdown(*advice_of(HCC), knowledge(), language),
    ):
        assert head in page and word in page and note in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_names_only_what_does_not_hold(language: Language) -> None:
    page = terminal(language)
    lines = [line for line in page.splitlines() if {"en": "!\u00a0Check: ", "zh": "!\u00a0核对："}[language] in line]
    assert any(OFF_CENTRE in line for line in lines) and any(MISPRINT in line for line in lines)
    assert not [line for line in lines if {"en": "not checkable", "zh": "无法核对"}[language] in line]
    assert {"en": ": reproduces", "zh": "：可重现"}[language] not in page


def test_the_checks_of_a_report_take_no_time_worth_naming() -> None:
    checks_of.cache_clear()
    start = time.process_time()
    for finding in knowledge().findings:
        checks_of(finding)
    assert time.process_time() - start < 0.5


# -- forest plots ----------------------------------------------------------------------------------------------------


def made(study: str, ratio: str, low: str, high: str, **other: object) -> Finding:
    """A finding of a study that does not exist, in the form of a shipped one."""
    model = knowledge().findings.get("U-mariposa-2")
    assert model.effect and model.ci
    return dataclasses.replace(
        model, id=f"made-{study}", study=study, effect=dataclasses.replace(model.effect, value=Decimal(ratio)),
        ci=dataclasses.replace(model.ci, low=Decimal(low), high=Decimal(high)), **other,  # type: ignore[arg-type]
    )  # fmt: skip


def with_evidence(*ids: str) -> tuple[Advice, Case]:
    """A case whose first option rests on these findings."""
    advice, case = advice_of(EGFR)
    first, *rest = advice.options
    changed = dataclasses.replace(first, option=dataclasses.replace(first.option, evidence=ids))
    return dataclasses.replace(advice, options=(changed, *rest)), case


def test_only_what_may_be_pooled_stands_together() -> None:
    one, two = made("ONE", "0.5", "0.3", "0.8"), made("TWO", "0.6", "0.4", "0.9")
    again, survival = dataclasses.replace(one, id="made-again"), made("THREE", "0.7", "0.5", "0.98", endpoint="OS")
    assert comparable((one, survival, again, two)) == ((one, two),)
    assert comparable((one, again)) == comparable((one, survival)) == comparable((one,)) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_comparable_findings_of_an_option_are_drawn_once(language: Language) -> None:
    pytest.importorskip("scipy")
    page = advice_html(*with_evidence("U-mariposa-2", "U-harmoni-a"), knowledge(), language)
    assert page.count("<figure>") == 1
    assert {"en": "Forest plot: HR, 2 studies", "zh": "森林图：HR，2项研究"}[language] in page
    assert 'id="forest-1-1-title"' in page


@pytest.mark.parametrize("data", [EGFR, HCC, SCLC], ids=["egfr", "hcc", "sclc"])
def test_nothing_is_drawn_where_nothing_is_comparable(data: dict[str, object]) -> None:
    assert "<figure>" not in advice_html(*advice_of(data), knowledge(), "en")


def test_without_scipy_there_is_a_report_without_the_plot(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "scipy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "scipy", None)
    page = advice_html(*with_evidence("U-mariposa-2", "U-harmoni-a"), knowledge(), "en")
    assert "<figure>" not in page and "MARIPOSA-2" in page


# -- what a guideline for others says, and conditions that are no tumour ----------------------------------------------


def test_situations_of_a_guideline_for_others_are_listed_only_in_the_record() -> None:
    advice, case = advice_of(SCLC)
    outside = {a.situation.id for a in advice.situations if a.decided_by is a.guideline.scope.node}
    report = report_view(advice, case, knowledge(), "en")
    assert outside and outside.isdisjoint(situation.id for situation in report.situations)
    assert len(report.not_covered) >= len({a.guideline.id for a in advice.situations if a.situation.id in outside})
    recorded = advice_record(advice, knowledge(), "en")["situations"]
    assert outside <= {entry["id"] for entry in recorded}


def test_a_comorbidity_does_not_stretch_the_axis_but_is_told_with_its_date() -> None:
    old = {"disease": "hypertension", "diagnosed": "1987-03-01"}
    data = {**EGFR, "conditions": [EGFR["conditions"][0], old]}
    for language in LANGUAGES:
        course = course_of(case_of(data), knowledge(), language)
        assert course.first.isoformat() == "2022-09-20"
        told = {"en": "hypertension (1987-03-01)", "zh": "高血压（1987-03-01）"}[language]
        assert [told in note for note in side_notes(course, names_in(language))].count(True) == 1
        assert told in timeline_svg(case_of(data), knowledge(), language)
        assert not [row for row in history(course, names_in(language)) if "1987" in row[0]]


def test_a_case_of_comorbidities_alone_has_no_drawing_but_tells_them() -> None:
    data = {**EMPTY, "conditions": [{"disease": "hypertension", "diagnosed": "2001-02-03"}]}
    assert "hypertension (2001-02-03)" in timeline_svg(case_of(data), knowledge(), "en")
