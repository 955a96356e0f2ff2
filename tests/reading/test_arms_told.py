"""How a text tells whose a figure is: labels, letters, abbreviations, pronouns, doses and groups of patients."""

from __future__ import annotations

import hashlib
from functools import cache

import pytest

from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft
from tumorboard.reading.read import ReadingKnowledge, read
from tumorboard.vocabulary.library import Vocabulary


@cache
def _knowledge() -> ReadingKnowledge:
    folder = KnowledgeFolder(SHIPPED)
    return ReadingKnowledge.load(folder, Vocabulary.load(folder))


def _drafts(text: str) -> tuple[Draft, ...]:
    return read(Document("passage", hashlib.sha256(text.encode()).hexdigest(), "text", text), _knowledge()).drafts


def _told(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(str(d.value), d.intervention, str(d.comparator_value), d.comparator) for d in _drafts(text)]


ARMS = [
    pytest.param(
        "对照组口服埃克替尼，观察组在此基础上加用贝伐珠单抗。观察组客观缓解率为79.1%，高于对照组的58.1%。",
        [("79.1", "icotinib + bevacizumab", "58.1", "icotinib")],
        id="labels explained in a sentence before; one arm built on the other",
    ),
    pytest.param(
        "A组（n=60）给予多西他赛，B组（n=62）给予多西他赛联合安罗替尼。A组、B组ORR分别为10.0%和22.6%。",
        [("10.0", "docetaxel", "22.6", "docetaxel + anlotinib")],
        id="letters",
    ),
    pytest.param(
        "Of 211 patients 118 received pyrotinib plus capecitabine (PyC) and 93 trastuzumab emtansine (T-DM1). ORR in"
        " the PyC cohort was 57.6%, in the T-DM1 cohort 38.7%.",
        [("57.6", "pyrotinib + capecitabine", "38.7", "trastuzumab emtansine")],
        id="an abbreviation of the paper's own",
    ),
    pytest.param(
        "Patients were assigned to apatinib plus TACE (n = 193) or TACE by itself (n = 193). ORR was 64.8% with the"
        " combination and 48.2% without apatinib.",
        [("64.8", "apatinib + TACE", "48.2", "TACE")],
        id="the arm that lacks a drug",
    ),
    pytest.param(
        "维迪西妥单抗组120例，化疗组118例。3级以上不良反应，前者19.3%，后者39.1%。",
        [("19.3", "disitamab vedotin", "39.1", "chemotherapy")],
        id="the former and the latter",
    ),
    pytest.param(
        "其中TACE组72例，TACE-HAIC组65例，TACE-HAIC联合瑞戈非尼组60例。三组ORR依次为34.7%、50.8%、66.7%。",
        [
            ("50.8", "TACE + HAIC", "34.7", "TACE"),
            ("66.7", "TACE + HAIC + regorafenib", "34.7", "TACE"),
        ],
        id="three arms in the order named; what all hold is the control",
    ),
    pytest.param(
        "舒沃替尼治疗28例。其中200 mg组12例、300 mg组16例，两剂量组确认ORR分别为66.7%和81.3%。",
        [("66.7", "sunvozertinib 200 mg", "None", None), ("81.3", "sunvozertinib 300 mg", "None", None)],
        id="doses of one drug",
    ),
    pytest.param(
        "高NLR组（n=85）中位OS为11.8个月，低NLR组（n=112）为20.9个月。",
        [("11.8", "high NLR", "20.9", "low NLR")],
        id="groups told apart by a marker",
    ),
    pytest.param(
        "Of 60 patients given anlotinib, those with liver metastases had an ORR of 20%.",
        [("20", "anlotinib", "None", None)],
        id="a group that is not compared says who was treated",
    ),
    pytest.param(
        "联合组给予阿帕替尼联合替吉奥，单药组给予替吉奥。联合组有效率31.3%、疾病控制率75.0%，单药组依次为15.6%、50.0%。",
        [("31.3", "apatinib + S-1", "15.6", "S-1"), ("75.0", "apatinib + S-1", "50.0", "S-1")],
        id="the other arm's figures in the same order",
    ),
]


@pytest.mark.parametrize(("passage", "expected"), ARMS)
def test_a_figure_goes_to_the_arm_it_is_told_of(
    passage: str, expected: list[tuple[str, str | None, str | None, str | None]]
) -> None:
    assert _told(passage) == expected


def test_an_unknown_partner_of_a_drug_is_part_of_the_arm() -> None:
    (draft,) = _drafts("Patients received osimertinib plus ABC-1234. The ORR was 44%.")
    assert draft.intervention == "osimertinib + ABC-1234"


def test_each_interval_and_p_value_of_a_list_goes_to_its_figure() -> None:
    drafts = _drafts(
        "试验组（n=52）接受HAIC联合仑伐替尼，对照组（n=52）接受仑伐替尼。"
        "试验组ORR和DCR（63.5%、90.4%）均高于对照组（30.8%、75.0%），P值分别为0.001和0.037。"
    )
    assert [(d.endpoint, str(d.p.value) if d.p else None) for d in drafts] == [("ORR", "0.001"), ("DCR", "0.037")]


def test_the_criterion_and_the_patients_stay_with_a_result() -> None:
    (draft,) = _drafts("晚期肝细胞癌患者接受仑伐替尼治疗。按mRECIST标准，AFP≥400 ng/mL者ORR为30.0%。")
    assert (draft.method, draft.population.disease, draft.population.stage, draft.population.other) == (
        "mRECIST",
        "HCC",
        "advanced",
        "AFP >=400 ng/mL",
    )


def test_two_figures_for_one_thing_are_ambiguous_and_each_names_the_other() -> None:
    one, two = _drafts("Patients received lurbinectedin. The ORR was 35.2%. In the text the ORR was 53.2%.")
    assert (one.status, two.status) == ("ambiguous", "ambiguous")
    assert one.other == ("ORR 53.2% (53.2%)",) and two.other == ("ORR 35.2% (35.2%)",)


def test_a_figure_outside_its_own_interval_is_ambiguous() -> None:
    (draft,) = _drafts("Patients received lurbinectedin. The ORR was 35.2% (95% CI, 36.2 to 45.2).")
    assert draft.status == "ambiguous"


def test_a_long_document_names_few_contradictions_of_each_figure() -> None:
    figures = " ".join(f"The ORR was {number / 10}%." for number in range(100, 700))
    drafts = _drafts(f"Patients received lurbinectedin. {figures}")
    assert len(drafts) == 600
    assert max(len(draft.other) for draft in drafts) < 10
    assert {draft.status for draft in drafts} == {"ambiguous"}
