"""Doses per m² of the trials of HAIC: each trial's own, worked out for a patient, and never an order."""

from __future__ import annotations

import datetime
import json
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tumorboard.advice.calculate import load_calculators
from tumorboard.advice.dosing import Dosing, Regimen, doses, load_regimens, regimen
from tumorboard.case.read import case_from_data
from tumorboard.cli import main
from tumorboard.cli.setup import DEMO
from tumorboard.errors import InvalidKnowledge, NotFound
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.values import Number
from tumorboard.report.dosing import NOT_AN_ORDER, dosing_lines, dosing_record
from tumorboard.text import LANGUAGES

HE, PHASE_3, TSAI = "folfox-haic-he-2017", "folfox-haic-phase-3-2020", "pmf-haic-tsai-2020"
TODAY = datetime.date(2026, 3, 1)
SQUARE_METRES_1_6 = {"height_cm": 160, "weight_kg": Decimal("57.6")}


@pytest.fixture(scope="module")
def regimens(knowledge: Knowledge) -> dict[str, Regimen]:
    return load_regimens(knowledge.folder, knowledge.vocabulary, knowledge.findings)


def dosing(known: Knowledge, wanted: Regimen, **patient: Any) -> Dosing:
    data = {"id": "test", "as_of": TODAY.isoformat(), "conditions": [{"disease": "HCC"}], **patient}
    return doses(wanted, case_from_data(data, known.vocabulary, TODAY), known)


def amounts(found: Dosing) -> list[tuple[str, Number]]:
    return [(dose.item.drug, dose.dose) for dose in found.doses]


def exactly(milligrams: int) -> Number:
    return Number(Decimal(milligrams), Decimal(milligrams))


def test_a_body_surface_of_1_6_makes_85_mg_per_m2_to_136_mg(knowledge: Knowledge, regimens: dict[str, Regimen]) -> None:
    assert amounts(dosing(knowledge, regimens[HE], **SQUARE_METRES_1_6)) == [
        ("oxaliplatin", exactly(136)),
        ("leucovorin", exactly(640)),
        ("fluorouracil", exactly(640)),
        ("fluorouracil", exactly(3840)),
    ]


def test_the_phase_three_trial_and_tsai_have_their_own_doses(
    knowledge: Knowledge, regimens: dict[str, Regimen]
) -> None:
    phase_3 = amounts(dosing(knowledge, regimens[PHASE_3], **SQUARE_METRES_1_6))
    assert phase_3[0] == ("oxaliplatin", exactly(208))
    assert amounts(dosing(knowledge, regimens[TSAI], **SQUARE_METRES_1_6)) == [
        ("cisplatin", exactly(16)),
        ("mitomycin", Number(Decimal("3.2"), Decimal("3.2"))),
        ("fluorouracil", exactly(160)),
        ("leucovorin", exactly(24)),
    ]


def test_no_finding_of_one_trial_stands_in_another(knowledge: Knowledge, regimens: dict[str, Regimen]) -> None:
    assert list(regimens) == [HE, PHASE_3, TSAI]
    for each in regimens.values():
        cited = [*each.schedule_findings, *(item.finding for item in each.items)]
        assert {knowledge.findings.get(id_).study for id_ in cited} == {each.study}
    assert len({each.study for each in regimens.values()}) == 3


def test_every_dose_is_the_printed_one(knowledge: Knowledge, regimens: dict[str, Regimen]) -> None:
    for each in regimens.values():
        for item in each.items:
            finding = knowledge.findings.get(item.finding)
            assert finding.quote is not None and finding.printed is not None
            assert finding.printed in finding.quote
            assert Decimal(finding.printed.replace(" ", "")) == item.per_m2


@pytest.mark.parametrize(
    ("patient", "missing"),
    [({"height_cm": 160}, ("weight_kg",)), ({"weight_kg": 60}, ("height_cm",)), ({}, ("height_cm", "weight_kg"))],
)
def test_without_height_or_weight_every_dose_is_unknown(
    knowledge: Knowledge, regimens: dict[str, Regimen], patient: dict[str, int], missing: tuple[str, ...]
) -> None:
    found = dosing(knowledge, regimens[HE], **patient)
    record = dosing_record(found, knowledge, "en")
    assert found.missing == missing
    assert record["status"] == "unknown"
    assert [item["trial_dose_for_this_patient"] for item in record["items"]] == [None] * 4
    assert "the trial's dose for this patient: unknown" in "\n".join(dosing_lines(found, knowledge, "en"))


@pytest.mark.parametrize("name", [HE, PHASE_3, TSAI])
def test_the_text_never_orders(knowledge: Knowledge, regimens: dict[str, Regimen], name: str) -> None:
    found = dosing(knowledge, regimens[name], **SQUARE_METRES_1_6)
    for language in LANGUAGES:
        lines = list(dosing_lines(found, knowledge, language))
        assert lines[0].endswith(NOT_AN_ORDER[language]) and lines[-2].strip() == NOT_AN_ORDER[language]
        own = re.sub("“[^”]*”", "", "\n".join(lines)).replace(NOT_AN_ORDER[language], "")
        assert not re.search(
            r"\b(order|give|administer|prescribe|should|must|recommend\w*)\b|医嘱|给予|给药|应|建议|推荐", own
        )
        assert dosing_record(found, knowledge, language)["notice"] == NOT_AN_ORDER[language]


def test_each_dose_shows_its_quote_verbatim_and_its_place(knowledge: Knowledge, regimens: dict[str, Regimen]) -> None:
    lines = list(dosing_lines(dosing(knowledge, regimens[HE], **SQUARE_METRES_1_6), knowledge, "zh"))
    dose = lines.index("  奥沙利铂，动脉内：试验剂量85 mg/m²；按该试验折算至本患者的剂量：136 mg")
    assert "“奥沙利铂,85 mg/m² 动脉内注入”" in lines[dose + 1]
    assert "字符5121～5140；S004-119" in lines[dose + 1]


def test_another_formula_gives_another_dose_and_is_named(knowledge: Knowledge, regimens: dict[str, Regimen]) -> None:
    other = knowledge.with_settings({"body_surface_formula": "DuBois"})
    found = dosing(other, regimens[HE], **SQUARE_METRES_1_6)
    assert amounts(found)[0][1] != exactly(136)
    assert "(DuBois)" in "\n".join(dosing_lines(found, other, "en"))


def test_a_case_without_the_disease_of_the_trial_is_told_so(knowledge: Knowledge, regimens: dict[str, Regimen]) -> None:
    said = "does not record the disease of the trial"
    lung = dosing(knowledge, regimens[HE], conditions=[{"disease": "NSCLC"}], **SQUARE_METRES_1_6)
    liver = dosing(knowledge, regimens[HE], **SQUARE_METRES_1_6)
    assert said in "\n".join(dosing_lines(lung, knowledge, "en"))
    assert said not in "\n".join(dosing_lines(liver, knowledge, "en"))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"per_m2": 130}, "S004-119 prints 85"),
        ({"per_m2": 130, "finding": "S004-197"}, "S004-197 is not a printed part of the regimen of He 2017"),
        ({"drug": "cisplatin"}, "not a dose of cisplatin"),
        ({"drug": "奥沙利铂"}, "write oxaliplatin"),
        ({"finding": "S004-999"}, "no finding 'S004-999'"),
        ({"per_m2": "85"}, "per_m2 is no number"),
    ],
)
def test_a_dose_that_is_not_the_trials_does_not_load(
    knowledge: Knowledge, tmp_path: Path, changed: dict[str, Any], message: str
) -> None:
    file = "calculators/regimens-liver.yaml"
    content = yaml.safe_load((SHIPPED / file).read_text(encoding="utf-8"))
    content["regimens"][0]["items"][0] |= changed
    (tmp_path / "calculators").mkdir()
    (tmp_path / file).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(InvalidKnowledge, match=message):
        load_regimens(KnowledgeFolder(tmp_path), knowledge.vocabulary, knowledge.findings)


def test_calculators_still_load_beside_the_regimens(knowledge: Knowledge) -> None:
    assert "child-pugh" in load_calculators(knowledge.folder)


def test_an_unknown_regimen_names_those_like_it(regimens: dict[str, Regimen]) -> None:
    with pytest.raises(NotFound, match=HE):
        regimen("folfox-haic-he-2018", regimens)


def test_the_command_shows_one_trial_or_all_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = str(next(DEMO.glob("09-*.yaml")))

    def run(*words: str) -> Any:
        monkeypatch.setattr(sys, "argv", ["tumorboard", "dose", case, "--format", "json", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code
        return json.loads(capsys.readouterr().out)

    assert [each["regimen"] for each in run()] == [HE, PHASE_3, TSAI]
    assert [each["regimen"] for each in run("--regimen", PHASE_3, "--lang", "zh")] == [PHASE_3]
