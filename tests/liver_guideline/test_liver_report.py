"""A liver case in the reports: burden, function and stage side by side, the dispute of each option, the cautions."""

from __future__ import annotations

import datetime
from io import StringIO
from pathlib import Path

import pytest
from board import AS_OF
from liver_cases import B2, B3, CaseData, hcc
from rich.console import Console

import tumorboard
from tumorboard.advice.advise import advise
from tumorboard.advice.model import Advice
from tumorboard.case.read import Case, case_from_data
from tumorboard.data import parse, read_text
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.build import report_view
from tumorboard.report.html import advice_html
from tumorboard.report.markdown import advice_markdown
from tumorboard.report.terminal import print_advice
from tumorboard.report.views import Report
from tumorboard.text import Language

DEMO = Path(tumorboard.__path__[0]) / "demo"


def told(knowledge: Knowledge, data: CaseData) -> tuple[Advice, Case]:
    today = datetime.date.fromisoformat(AS_OF)
    case = case_from_data({"id": "liver", "as_of": AS_OF, **data}, knowledge.vocabulary, today)
    return advise(case, knowledge), case


def view(knowledge: Knowledge, data: CaseData, language: Language = "en") -> Report:
    return report_view(*told(knowledge, data), knowledge, language)


def terminal(knowledge: Knowledge, data: CaseData, language: Language) -> str:
    out = StringIO()
    print_advice(*told(knowledge, data), knowledge, language, Console(file=out, width=100))
    return out.getvalue()


def test_the_head_sets_the_systems_side_by_side(knowledge: Knowledge) -> None:
    head = {item.label: item.value for item in view(knowledge, B3).staging}
    assert "BCLC stage: B · CNLC stage: IIa" in head["Stage"]
    assert "(Bolondi): B3" in head["Subclass of BCLC B"] and "(Kinki): B2" in head["Subclass of BCLC B"]
    assert "Child-Pugh class: B · Child-Pugh score: 7" in head["Liver function"]
    assert "number of liver tumours: 3 · largest liver tumour: 5.1 cm" in head["Burden"]
    assert "up-to-seven criteria: out" in head["Criteria of burden"]
    assert head["Systems disagree"] == "Bolondi and Kinki"


@pytest.mark.parametrize(
    ("case", "disagree"),
    [
        (B2, "none"),
        (hcc(4, "3.0", ecog=1), "BCLC and CNLC"),
        (hcc(1, "11.0"), "BCLC and up-to-seven"),
    ],
)
def test_where_systems_disagree_is_said(knowledge: Knowledge, case: CaseData, disagree: str) -> None:
    assert {item.label: item.value for item in view(knowledge, case).staging}["Systems disagree"] == disagree


def test_a_lung_case_has_no_such_head(knowledge: Knowledge) -> None:
    assert view(knowledge, {"conditions": [{"disease": "NSCLC"}]}).staging == ()


def test_every_form_shows_both_sides_the_rule_and_the_conclusion(knowledge: Knowledge) -> None:
    forms = {
        "terminal": terminal(knowledge, B2, "en"),
        "markdown": advice_markdown(*told(knowledge, B2), knowledge, "en"),
        "html": advice_html(*told(knowledge, B2), knowledge, "en"),
    }
    for form, text in forms.items():
        plain = " ".join(text.split()).replace("\\", "")
        for said in ("For · Kudo 2019", "Against · Kudo 2019", "What the paper concludes", "by-design, not by a panel"):
            shown = said.split(" · ")[-1] if form == "html" else said
            assert shown in plain, (form, said)
        assert "S004-037" in plain, form


def test_the_page_shows_what_is_wrong_with_a_figure_beside_the_argument(knowledge: Knowledge) -> None:
    page = advice_html(*told(knowledge, hcc(1, "10.1")), knowledge, "en")
    assert "No whole number of 38 gives 83.8%" in page


def test_general_and_trial_cautions_warn_and_never_exclude(knowledge: Knowledge) -> None:
    findings = [*B2["findings"], {"name": "varices", "value": "large", "treated": False}]
    case = {**B2, "findings": findings, "conditions": [{"disease": "HCC"}, {"disease": "renal failure"}]}
    options = {option.id: option for group in view(knowledge, case).groups for option in group.options}
    tace = [caution.text for caution in options["hcc-tace"].cautions]
    assert any("varices" in text for text in tace) and any("Renal failure" in text for text in tace)
    assert any("Untreated varices" in caution.text for caution in options["hcc-lenvatinib-first"].cautions)
    assert options["hcc-tace"].status == options["hcc-lenvatinib-first"].status == "applies"


@pytest.mark.parametrize("name", ["09-*.yaml", "10-*.yaml"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_demo_patients_say_they_are_synthetic_and_have_options(
    knowledge: Knowledge, name: str, language: Language
) -> None:
    (file,) = DEMO.glob(name)
    text = read_text(file)
    assert "Synthetic patient" in text or "虚构" in text
    report = view(knowledge, parse(text, file.name), language)
    assert report.groups[0].status == "applies"
    assert report.staging and all(item.known for item in report.staging)
