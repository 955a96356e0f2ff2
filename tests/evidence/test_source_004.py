"""The findings of source 004 (TACE in intermediate HCC): complete, as printed, with what is wrong beside them."""

from __future__ import annotations

import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

import pytest
from places import SOURCES

from tumorboard.evidence import Finding, Findings, verify
from tumorboard.folder import SHIPPED, KnowledgeFolder

SOURCE = "004_f08e5dc3bf0d0779"
KUDO = "Kudo 2019 (lenvatinib vs TACE)"
SHIMOSE_2020 = "Shimose 2020 (TACE-refractory)"
SHIMOSE_2021 = "Shimose 2021 (alternating)"
TACTICS = "TACTICS"
HE = "He 2017 (mFOLFOX-HAIC vs TACE)"
TSAI = "Tsai 2020 (HAIC vs TAE)"
PHASE_III = "FOLFOX-HAIC vs TACE phase III (ESMO 2020)"
APPLE = "APPLE consensus 2020"
STUDIES = (KUDO, SHIMOSE_2020, SHIMOSE_2021, TACTICS, HE, TSAI, PHASE_III)
KINDS = {
    "regimen": 43,
    "efficacy": 33,
    "appraisal": 26,
    "conclusion": 25,
    "enrolment": 19,
    "background": 18,
    "study_design": 16,
    "method": 15,
    "definition": 13,
    "eligibility": 10,
    "safety": 10,
    "population_characteristic": 6,
    "prognosis": 4,
    "threshold": 2,
}
LATER = ("U-haic-folfox-os", "U-tactics-os", "U-tactics-pfs-definition", "U-leap-012-pfs", "U-leap-012-os")


@pytest.fixture(scope="module")
def shipped() -> Findings:
    return Findings.from_folder(KnowledgeFolder(SHIPPED))


@pytest.fixture(scope="module")
def found(shipped: Findings) -> tuple[Finding, ...]:
    return shipped.of_source(SOURCE)


@pytest.fixture(scope="module")
def text() -> str:
    return (SOURCES / f"{SOURCE}.txt").read_bytes().decode()


def pick(found: tuple[Finding, ...], study: str, endpoint: str, printed: str | None = None) -> Finding:
    """The one finding of a study and endpoint, told from others of that endpoint by its printed figure."""
    matches = [
        finding
        for finding in found
        if (finding.study, finding.endpoint) == (study, endpoint) and printed in (None, finding.printed)
    ]
    assert len(matches) == 1, [finding.id for finding in matches]
    return matches[0]


def remark_kinds(finding: Finding) -> set[str]:
    return {remark.kind for remark in finding.remarks}


def reached_by_some_count(percent: str, whole: int) -> bool:
    """Whether a whole number of ``whole`` patients gives the percentage to its printed places."""
    wanted = Decimal(percent)
    return any(
        (Decimal(100 * count) / whole).quantize(wanted, rounding=ROUND_HALF_UP) == wanted for count in range(whole + 1)
    )


def test_each_kind_of_finding_has_its_number(found: tuple[Finding, ...]) -> None:
    assert Counter(finding.kind for finding in found) == KINDS


def test_ids_run_without_gap_in_reading_order(found: tuple[Finding, ...]) -> None:
    starts = [finding.place.start for finding in found if finding.place]

    assert [finding.id for finding in found] == [f"S004-{number:03d}" for number in range(1, len(found) + 1)]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("study", "endpoint", "printed", "other", "p"),
    [
        (KUDO, "DCR", "100%", "53.3%", None),
        (KUDO, "PFS", "16.0", "3.0", None),
        (KUDO, "OS", "37.9", "21.3", None),
        (SHIMOSE_2020, "PFS", "3.2", "2.4", ("<", "0.001")),
        (SHIMOSE_2021, "OS_rate_12mo", "83%", "71%", None),
        (SHIMOSE_2021, "OS_rate_24mo", "66%", "28%", None),
        (TACTICS, "PFS", "25.2", "13.5", ("=", "0.006")),
        (TACTICS, "OS_rate_12mo", "96.2%", "77.2%", None),
        (TACTICS, "OS_rate_24mo", "82.7%", "64.6%", None),
        (HE, "PR", "52.6%", "9.8%", ("<", "0.001")),
        (HE, "DCR", "83.8%", "52.5%", ("=", "0.004")),
        (HE, "TTP", "5.9", "3.6", ("=", "0.015")),
        (HE, "resection", "10", "3", ("=", "0.033")),
        (HE, "grade_3_4_adverse_events", "13", "27", ("=", "0.007")),
        (HE, "serious_adverse_events", "6", "15", ("=", "0.044")),
        (TSAI, "OS_rate_12mo", "42%", "28%", None),
        (TSAI, "OS_rate_24mo", "31%", "24%", None),
        (PHASE_III, "OS", "23.1", "16.1", ("<", "0.001")),
        (PHASE_III, "PFS", "9.6", "5.4", ("<", "0.001")),
        (PHASE_III, "adverse_events", "19%", "30%", ("=", "0.03")),
    ],
)
def test_a_comparison_is_one_finding_with_both_arms(
    found: tuple[Finding, ...], study: str, endpoint: str, printed: str, other: str, p: tuple[str, str] | None
) -> None:
    finding = next(
        finding
        for finding in found
        if (finding.study, finding.endpoint, finding.printed) == (study, endpoint, printed)
        and finding.kind in ("efficacy", "safety")
        and finding.comparator_printed == other
    )

    assert str(finding.value) == printed.rstrip("%")
    assert str(finding.comparator_value) == other.rstrip("%")
    assert (finding.p and (finding.p.op, str(finding.p.value))) == p


def test_figures_by_recist_and_by_mrecist_stay_apart(found: tuple[Finding, ...]) -> None:
    rates = {
        (finding.endpoint, finding.method): (finding.printed, finding.comparator_printed)
        for finding in found
        if finding.study == PHASE_III and finding.endpoint in ("ORR", "DCR")
    }

    assert rates == {
        ("ORR", "RECIST"): ("45.9%", "17.9%"),
        ("DCR", "RECIST"): ("88.7%", "60.9%"),
        ("ORR", "mRECIST"): ("48.4%", "32.7%"),
        ("DCR", "mRECIST"): ("88.7%", "65.4%"),
    }


def test_every_response_rate_names_its_criterion(found: tuple[Finding, ...]) -> None:
    rates = [finding for finding in found if finding.endpoint in ("ORR", "DCR", "PR") and finding.unit == "%"]

    assert len(rates) == 10
    for finding in rates:
        assert finding.method in ("RECIST", "mRECIST"), finding.id
        assert finding.method in (finding.endpoint_as_printed or ""), finding.id


@pytest.mark.parametrize(
    ("study", "doses"),
    [
        (
            HE,
            {
                "oxaliplatin_dose": 85,
                "leucovorin_dose": 400,
                "fluorouracil_bolus_dose": 400,
                "fluorouracil_infusion_dose": 2400,
            },
        ),
        (
            PHASE_III,
            {
                "oxaliplatin_dose": 130,
                "leucovorin_dose": 400,
                "fluorouracil_bolus_dose": 400,
                "fluorouracil_infusion_dose": 2400,
            },
        ),
        (TSAI, {"cisplatin_dose": 10, "mitomycin_dose": 2, "fluorouracil_dose": 100, "leucovorin_dose": 15}),
    ],
)
def test_a_dose_belongs_to_its_own_trial(found: tuple[Finding, ...], study: str, doses: dict[str, int]) -> None:
    given = {finding.endpoint: finding.value for finding in found if finding.study == study and finding.unit == "mg/m2"}

    assert given == doses


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_carries_what_the_authors_say_of_it(found: tuple[Finding, ...], study: str) -> None:
    said = [finding for finding in found if finding.kind == "appraisal" and finding.study == study]

    assert said
    assert all(finding.value is None and finding.printed is None for finding in said)


def test_no_appraisal_is_without_a_study(found: tuple[Finding, ...]) -> None:
    assert {finding.study for finding in found if finding.kind == "appraisal"} == set(STUDIES)


@pytest.mark.parametrize(
    ("study", "points"),
    [
        (KUDO, {"design", "evidence_level", "sample_size", "bias", "plausibility"}),
        (SHIMOSE_2020, {"design"}),
        (SHIMOSE_2021, {"design"}),
        (TACTICS, {"sample_size", "countries", "OS_benefit"}),
        (HE, {"sample_size", "centres", "evidence_level"}),
        (TSAI, {"sample_size", "centres"}),
        (PHASE_III, {"centres", "TACE_method", "sample_size", "investigators", "quality_control"}),
    ],
)
def test_the_criticism_is_bound_to_the_study(found: tuple[Finding, ...], study: str, points: set[str]) -> None:
    against = {
        finding.endpoint
        for finding in found
        if (finding.kind, finding.study, finding.direction) == ("appraisal", study, "weakens")
    }

    assert points <= against


def test_the_three_reasons_of_tace_unsuitable_are_there(found: tuple[Finding, ...]) -> None:
    reasons = {
        finding.endpoint
        for finding in found
        if finding.study == APPLE and finding.kind in ("definition", "threshold") and finding.value != 3
    }

    assert reasons == {
        "TACE_unsuitable_unlikely_to_respond",
        "TACE_unsuitable_likely_to_fail",
        "TACE_unsuitable_up_to_seven",
        "TACE_unsuitable_liver_function",
    }


@pytest.mark.parametrize(
    ("study", "endpoint", "printed", "kind", "said"),
    [
        (HE, "DCR", "83.8%", "arithmetic_impossible", "31/37 and 21/40"),
        (HE, "embolic", None, "misprint", "polyvinyl alcohol"),
        (TACTICS, "OS_maturity", "73.6%", "arithmetic_impossible", "156, 80 or 76"),
        (SHIMOSE_2021, "OS", "未达到", "misprint", "not reached versus 16.3"),
        (TSAI, "group_size", "26", "misprint", "TAE is called TACE"),
        (TSAI, "deaths_from_complications", "无", "misprint", "TAE is called TACE"),
        (TSAI, "deaths_from_complications", "12%", "misprint", "TAE is called TACE"),
        (TSAI, "publication_year", "2020", "misprint", "Taiwan"),
        (TSAI, "OS", "0.461", "ci_implausible", "0.431"),
        (PHASE_III, "methods_as_earlier", None, "cross_statement_mismatch", "130 vs 85"),
        (PHASE_III, "oxaliplatin_dose", "130", "cross_statement_mismatch", "85"),
        (PHASE_III, "adverse_events", "19%", "misprint", "serious adverse events"),
    ],
)
def test_an_error_of_the_text_is_a_remark(
    found: tuple[Finding, ...], study: str, endpoint: str, printed: str | None, kind: str, said: str
) -> None:
    finding = pick(found, study, endpoint, printed)

    assert any(remark.kind == kind and said in remark.text.en for remark in finding.remarks)


def test_better_survival_of_haic_over_tae_is_not_carried_by_its_p_value(found: tuple[Finding, ...]) -> None:
    doubted = [finding for finding in found if "claim_not_supported_by_p" in remark_kinds(finding)]

    assert [(finding.study, finding.kind) for finding in doubted] == [(TSAI, "efficacy"), (TSAI, "conclusion")]
    assert doubted[0].p is not None
    assert doubted[0].p.value > Decimal("0.05")


def test_a_share_no_count_of_patients_gives_is_marked_and_no_other_is(found: tuple[Finding, ...]) -> None:
    checked = 0
    for finding in found:
        sides = (
            (finding.value, finding.denominator),
            (finding.comparator_value, finding.comparator_denominator),
        )
        if finding.unit != "%" or finding.denominator is None:
            continue
        reached = [
            reached_by_some_count(str(share), whole)
            for share, whole in sides
            if isinstance(share, Decimal) and whole is not None
        ]
        checked += len(reached)
        marked = "arithmetic_impossible" in remark_kinds(finding)
        assert not any(reached) if marked else all(reached), finding.id
    assert checked == 21


def test_the_share_at_the_tactics_cut_off_fits_no_group(found: tuple[Finding, ...]) -> None:
    printed = str(pick(found, TACTICS, "OS_maturity").value)

    assert not any(reached_by_some_count(printed, whole) for whole in (156, 80, 76))


@pytest.mark.parametrize("study", [SHIMOSE_2020, SHIMOSE_2021, TACTICS, HE, TSAI, PHASE_III])
def test_the_groups_add_up_to_the_patients_enrolled(found: tuple[Finding, ...], study: str) -> None:
    sizes = [finding for finding in found if finding.study == study and finding.endpoint == "group_size"]
    arms = [arm for finding in sizes for arm in (finding.value, finding.comparator_value) if isinstance(arm, Decimal)]

    assert sum(arms) == pick(found, study, "enrolled").value


@pytest.mark.parametrize("name", LATER)
def test_later_evidence_is_verified_and_seen_from_the_source(
    shipped: Findings, found: tuple[Finding, ...], name: str
) -> None:
    seen_from = [finding.id for finding in found for remark in finding.remarks if name in remark.see]

    assert shipped.get(name).certainty == "verified"
    assert seen_from


def test_the_final_survival_of_tactics_overtakes_the_early_look(shipped: Findings, found: tuple[Finding, ...]) -> None:
    later = shipped.get("U-tactics-os")

    assert later.direction == "no_difference"
    for endpoint in ("OS_rate_12mo", "OS_rate_24mo"):
        assert "overtaken" in remark_kinds(pick(found, TACTICS, endpoint))


def test_the_exhibition_notice_gave_no_finding(found: tuple[Finding, ...]) -> None:
    assert all(finding.in_scope for finding in found)


@pytest.mark.sources
def test_every_finding_stands_in_the_text(shipped: Findings, found: tuple[Finding, ...], text: str) -> None:
    assert verify(found, shipped.sources, {SOURCE: text}) == []
    assert max(finding.place.end for finding in found if finding.place) < text.index("[参考文献]")


@pytest.mark.sources
def test_every_figure_of_the_body_lies_in_a_quote(found: tuple[Finding, ...], text: str) -> None:
    """Citations, headings and the footer of the first page aside, only names that hold a digit are left."""
    covered = {at for finding in found if finding.place for at in range(finding.place.start, finding.place.end)}
    aside = re.compile(r"\^\[[\d,-]+\]|^\d (?=\D)[^\n]*影响$|^3 TACE[^\n]*方向$|DOI:.*?\.com(?=\n)", re.S | re.M)
    start, end = text.index("1 系统治疗对 TACE"), text.index("[参考文献]")
    skipped = {at for match in aside.finditer(text, start, end) for at in range(*match.span())}

    left = [
        text[match.start() : match.start() + 6]
        for match in re.compile(r"\d+(?:\.\d+)?").finditer(text, start, end)
        if not set(range(*match.span())) <= covered | skipped
    ]

    # Subtypes named in passing, "grade 3, 4" before its own figures, and the drug's name in the reason for leucovorin.
    assert left == ["1 亚型之外", "2 期肝癌患", "2期患者仑伐", "3、4 级不", "4 级不良事", "5-FU 在"]
