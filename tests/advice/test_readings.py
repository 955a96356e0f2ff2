"""The readings taken where the consensus leaves room (8.1 to 8.17), and what EGFR-TKI resistance and HER2 mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from board import (
    Board,
    CaseData,
    after_gefitinib,
    after_osimertinib,
    day,
    driver_negative,
    line,
    low_response,
    marker,
    negative_markers,
    nsclc,
    refractory_sclc,
    sclc,
    transformed,
)

Advise = Callable[..., Board]
AFTER_TKI = "tki-progression-second-line"
EXON20, HER2 = "egfr-exon20-second-line", "her2-mutation-second-line"
SCLC2, SCLC3 = "sclc-second-line", "sclc-third-line"
POSITIVE3, NEGATIVE3 = "driver-positive-third-line", "driver-negative-third-line"
SWITCH, BEYOND = "driver-negative-switch", "driver-negative-beyond"
CHANGED = "transformation-second-line"
POSITIVE, NEGATIVE = "refractory driver-positive NSCLC", "refractory driver-negative NSCLC"
EXON20_INSERTION = marker("EGFR", "exon 20 insertion")
HER2_MUTATION = marker("ERBB2", "p.Y772_A775dup")


def treated(*treatments: CaseData, markers: tuple[CaseData, ...] = (), **more: Any) -> CaseData:
    return nsclc(*treatments, biomarkers=list(markers), **more)


# -- 8.1 low response is a molecular group ---------------------------------------------------------------------------


@pytest.mark.parametrize(("alteration", "situation"), [(EXON20_INSERTION, EXON20), (HER2_MUTATION, HER2)])
def test_8_1_a_low_response_group_is_refractory_even_after_a_partial_response_and_limited_progression(
    alteration: CaseData, situation: str, board: Advise
) -> None:
    advice = board(low_response(alteration))
    assert advice.value("refractory_type") == POSITIVE
    assert advice.verdict(situation) == "met"


def test_8_1_the_earlier_line_must_have_ended(board: Advise) -> None:
    running = line(1, "carboplatin", "pemetrexed", start="2025-12-01", best_response="PR")
    advice = board(treated(running, markers=(EXON20_INSERTION,)))
    assert advice.verdict(EXON20) == "not met"
    assert advice.value("refractory_type") == "not refractory"


def test_8_1_a_line_given_up_for_intolerance_has_ended(board: Advise) -> None:
    stopped = line(1, "carboplatin", "pemetrexed", start="2025-10-01", end="2025-12-01", stopped_for="toxicity")
    assert board(treated(stopped, markers=(HER2_MUTATION,))).verdict(HER2) == "met"


def test_8_1_a_her2_variant_of_unknown_meaning_is_no_her2_mutation(board: Advise) -> None:
    advice = board(low_response(marker("ERBB2", "p.Arg100Lys")))
    assert advice.fact("her2_mutation")["status"] == "unknown"
    assert advice.verdict(HER2) == "unknown"


def test_8_1_FQEA_is_met_with_the_remark_that_classical_tkis_work(board: Advise) -> None:
    advice = board(low_response(marker("EGFR", "A763_Y764insFQEA")))
    assert advice.verdict(EXON20) == "met"
    remarks = "\n".join(advice.option(EXON20, "sunvozertinib")["remarks"])
    assert "FQEA" in remarks
    assert "EGFR-TKI" in remarks
    other = board(low_response(marker("EGFR", "D770_N771insSVD")))
    assert "FQEA" not in "\n".join(other.option(EXON20, "sunvozertinib")["remarks"])


# -- 8.2 refractory small cell lung cancer ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "kind"), [(0, "refractory SCLC"), (89, "refractory SCLC"), (90, "not refractory")]
)
def test_8_2_relapse_under_90_days_after_first_line_is_refractory_and_90_is_not(
    interval: int, kind: str, board: Advise
) -> None:
    advice = board(refractory_sclc(interval))
    assert advice.value("platinum_free_interval") == interval
    assert advice.value("refractory_type") == kind
    assert advice.verdict(SCLC2) == ("met" if kind == "refractory SCLC" else "not met")


@pytest.mark.parametrize(("cut", "interval"), [("60", 60), ("75", 75), ("180", 180)])
def test_the_cut_of_90_days_is_an_option(cut: str, interval: int, board: Advise) -> None:
    settings = {"refractory_interval": cut}
    assert board(refractory_sclc(interval - 1), settings).value("refractory_type") == "refractory SCLC"
    assert board(refractory_sclc(interval), settings).value("refractory_type") == "not refractory"


def test_8_2_third_line_is_judged_by_the_interval_after_first_line(board: Advise) -> None:
    slow = line(2, "topotecan", start="2025-08-01", end="2025-09-01", after=150)
    advice = board(refractory_sclc(60, slow))
    assert (advice.value("next_line"), advice.value("platinum_free_interval")) == (3, 60)
    assert advice.verdict(SCLC3) == "met"
    fast = line(2, "carboplatin", "etoposide", start="2025-09-01", end="2025-12-01", after=10)
    assert board(refractory_sclc(120, fast)).value("refractory_type") == "not refractory"


def test_8_2_maintenance_neither_zeroes_nor_restarts_the_interval_and_opens_no_line(board: Advise) -> None:
    first = line(1, "carboplatin", "etoposide", "atezolizumab", start="2025-01-01", end="2025-04-01")
    keep = line(1, "atezolizumab", intent="maintenance", start="2025-04-20", end="2025-06-29", progressed="2025-06-29")
    advice = board(sclc(first, keep))
    assert advice.value("platinum_free_interval") == 89
    assert advice.value("next_line") == 2
    assert advice.verdict(SCLC2) == "met"
    late = {**keep, "end": "2025-06-30", "progressed": "2025-06-30"}
    assert board(sclc(first, late)).value("refractory_type") == "not refractory"


def test_8_2_the_end_of_all_first_line_therapy_is_an_option(board: Advise) -> None:
    first = line(1, "carboplatin", "etoposide", "atezolizumab", start="2025-01-01", end="2025-04-01")
    keep = line(1, "atezolizumab", intent="maintenance", start="2025-04-20", end="2025-09-01", progressed="2025-09-10")
    assert board(sclc(first, keep)).value("platinum_free_interval") == 162
    literal = board(sclc(first, keep), {"first_line_end": "end of all first-line therapy"})
    assert literal.value("platinum_free_interval") == 9
    assert literal.value("refractory_type") == "refractory SCLC"


@pytest.mark.parametrize(
    "first",
    [
        line(1, "carboplatin", "etoposide", start="2025-01-01", end="2025-04-01", progressed="2025-03-15"),
        line(1, "carboplatin", "etoposide", start="2025-01-01", progressed="2025-06-15", stopped_for="progression"),
        line(1, "carboplatin", "etoposide", start="2025-01-01", end="2025-06-15", stopped_for="progression"),
    ],
    ids=["before the end", "stopped for it, no end", "stopped for it, no date of progression"],
)
def test_8_2_progression_on_platinum_is_an_interval_of_zero(first: CaseData, board: Advise) -> None:
    advice = board(sclc(first))
    assert advice.value("platinum_free_interval") == 0
    assert advice.verdict(SCLC2) == "met"


def test_progression_during_first_line_counts_and_is_flagged(board: Advise) -> None:
    first = line(1, "carboplatin", "etoposide", start="2025-01-01", end="2025-04-01", progressed="2025-03-15")
    advice = board(sclc(first))
    situation = next(s for s in advice.record["situations"] if s["id"] == SCLC2)
    said = " ".join((situation["because"], *situation["remarks"], advice.fact("refractory_type")["because"]))
    assert "during" in said or "on platinum" in said


def test_8_2_an_interval_that_may_be_either_side_of_the_cut_is_unknown_and_asked(board: Advise) -> None:
    first = line(1, "carboplatin", "etoposide", start="2025-01-01", progressed="2025-06-15")
    advice = board(sclc(first))
    assert advice.verdict(SCLC2) == "unknown"
    assert "treatments[0].end" in advice.asked
    assert {option["status"] for option in advice.record["options"]} <= {"possible", None}


@pytest.mark.parametrize(("interval", "next_line", "kind"), [(80, 2, "refractory SCLC"), (200, 1, "not refractory")])
def test_definitive_treatment_of_limited_disease_counts_where_it_relapsed_soon(
    interval: int, next_line: int, kind: str, board: Advise
) -> None:
    definitive = line(
        1, "cisplatin", "etoposide", intent="definitive", start="2025-01-01", end="2025-04-01", after=interval
    )
    advice = board(sclc(definitive))
    assert (advice.value("next_line"), advice.value("refractory_type")) == (next_line, kind)


# -- 8.3 which line this is ------------------------------------------------------------------------------------------


def test_8_3_second_line_rows_are_for_the_second_line_as_printed(board: Advise) -> None:
    second = line(2, "docetaxel", start="2025-07-01", end="2025-12-01", progressed="2025-12-01", progression="limited")
    third = {**low_response(EXON20_INSERTION), "treatments": [*low_response()["treatments"], second]}
    advice = board(third)
    assert advice.value("next_line") == 3
    assert advice.verdict(EXON20) == "not met"
    assert advice.verdict(POSITIVE3) == "met"
    assert advice.option(POSITIVE3, "anlotinib")["status"] == "applies"


def test_8_3_gefitinib_then_osimertinib_still_belongs_to_the_row_after_tki(board: Advise) -> None:
    then = line(
        2, "osimertinib", start="2025-06-10", end="2026-01-10", progressed="2026-01-10", progression="widespread"
    )
    case = after_gefitinib()
    advice = board({**case, "treatments": [*case["treatments"], then]})
    assert advice.value("next_line") == 3
    assert advice.verdict(AFTER_TKI) == "met"
    assert advice.verdict(POSITIVE3) == "not met"


def test_8_3_chemotherapy_after_the_tki_makes_it_the_third_line_row(board: Advise) -> None:
    then = line(
        2, "cisplatin", "pemetrexed", start="2025-11-01", end="2026-01-10", progressed="2026-01-10",
        progression="widespread",
    )  # fmt: skip
    case = after_osimertinib()
    advice = board({**case, "treatments": [*case["treatments"], then]})
    assert advice.verdict(AFTER_TKI) == "not met"
    assert advice.verdict(POSITIVE3) == "met"


@pytest.mark.parametrize(("days_after", "next_line"), [(183, 2), (184, 1)])
@pytest.mark.parametrize("intent", ["adjuvant", "neoadjuvant", "definitive", "consolidation"])
def test_8_3_curative_treatment_opens_a_line_only_where_the_tumour_came_back_within_6_months(
    intent: str, days_after: int, next_line: int, board: Advise
) -> None:
    first = line(1, "cisplatin", "vinorelbine", intent=intent, start="2025-01-01", end="2025-04-01", after=days_after)
    assert board(nsclc(first)).value("next_line") == next_line


def test_8_3_the_window_after_curative_treatment_is_an_option(board: Advise) -> None:
    first = line(1, "cisplatin", "vinorelbine", intent="adjuvant", start="2025-01-01", end="2025-04-01", after=300)
    assert board(nsclc(first), {"curative_relapse": "365"}).value("next_line") == 2


@pytest.mark.parametrize(("days_after", "verdict"), [(183, "met"), (184, "not met")])
def test_8_3_adjuvant_osimertinib_belongs_to_the_row_after_tki_only_where_it_opens_a_line(
    days_after: int, verdict: str, board: Advise
) -> None:
    first = line(
        1, "osimertinib", intent="adjuvant", start="2024-03-01", end="2025-03-01", after=days_after,
        progression="widespread",
    )  # fmt: skip
    advice = board(treated(first, markers=(marker("EGFR", "L858R"),)))
    assert advice.value("next_line") == (2 if verdict == "met" else 1)
    assert advice.verdict(AFTER_TKI) == verdict


def test_8_3_relapse_soon_after_chemoradiation_and_durvalumab_is_second_line_after_immunotherapy(
    board: Advise,
) -> None:
    chemoradiation = line(1, "cisplatin", "etoposide", intent="definitive", start="2025-01-01", end="2025-02-20")
    durvalumab = line(
        1, "durvalumab", intent="consolidation", start="2025-03-10", end="2025-09-01", after=60,
        progression="widespread",
    )  # fmt: skip
    advice = board(nsclc(chemoradiation, durvalumab, biomarkers=negative_markers()))
    assert advice.value("next_line") == 2
    assert {SWITCH, BEYOND} <= advice.met


def test_8_3_local_treatment_opens_no_line(board: Advise) -> None:
    advice = board(nsclc(procedures=[{"kind": "radiotherapy", "date": "2025-05-01"}]))
    assert advice.value("next_line") == 1


# -- 8.4 after an EGFR-TKI -------------------------------------------------------------------------------------------

T790M_SINCE = {"date": "2025-06-10"}


@pytest.mark.parametrize(
    ("t790m", "verdict"),
    [
        (marker("EGFR", "T790M", "absent", specimen="tissue", **T790M_SINCE), "met"),
        (marker("EGFR", "T790M", "absent", specimen="plasma", **T790M_SINCE), "unknown"),
        (marker("EGFR", "T790M", "present", specimen="plasma", **T790M_SINCE), "not met"),
        (marker("EGFR", "T790M", "present", specimen="tissue", **T790M_SINCE), "not met"),
        (marker("EGFR", "T790M", "not tested"), "unknown"),
        (marker("EGFR", "T790M", "indeterminate", specimen="tissue", **T790M_SINCE), "unknown"),
        (marker("EGFR", "T790M", "absent", specimen="tissue", date="2025-05-31"), "unknown"),
        (marker("EGFR", "T790M", "absent", specimen="tissue", date="2025-06-01"), "met"),
        (marker("EGFR", "T790M", "absent", specimen="tissue"), "unknown"),
    ],
    ids=["absent in tissue", "absent in plasma only", "present in plasma", "present in tissue", "not tested",
         "indeterminate", "absent the day before progression", "absent on the day of progression", "absent, undated"],
)  # fmt: skip
def test_8_4_after_a_first_generation_tki_the_row_turns_on_T790M(t790m: CaseData, verdict: str, board: Advise) -> None:
    advice = board(after_gefitinib(t790m))
    assert advice.verdict(AFTER_TKI) == verdict
    assert ("biomarkers: EGFR p.T790M" in advice.asked) == (verdict == "unknown")


def test_8_4_T790M_not_recorded_after_a_second_generation_tki_is_asked_as_deciding(board: Advise) -> None:
    first = line(1, "afatinib", start="2024-03-01", end="2025-06-01", progressed="2025-06-01", progression="widespread")
    advice = board(treated(first, markers=(marker("EGFR", "L858R"),)))
    assert advice.verdict(AFTER_TKI) == "unknown"
    assert "tki-pemetrexed-cisplatin" in advice.asked["biomarkers: EGFR p.T790M"]["would_decide"]
    assert advice.option(AFTER_TKI, "cisplatin", "pemetrexed")["status"] == "possible"


def test_8_4_absence_in_plasma_is_asked_with_its_state(board: Advise) -> None:
    advice = board(after_gefitinib(marker("EGFR", "T790M", "absent", specimen="plasma", **T790M_SINCE)))
    assert "plasma only" in advice.asked["biomarkers: EGFR p.T790M"]["state"]


@pytest.mark.parametrize("tki", ["osimertinib", "almonertinib", "furmonertinib"])
def test_8_4_after_a_third_generation_tki_no_targeted_option_is_left(tki: str, board: Advise) -> None:
    first = line(1, tki, start="2024-03-01", end="2025-06-01", progressed="2025-06-01", progression="widespread")
    advice = board(treated(first, markers=(marker("EGFR", "L858R"),)))
    assert advice.verdict(AFTER_TKI) == "met"
    assert advice.value("later_targeted_option") is False


def test_8_4_MET_amplification_does_not_close_the_row_and_is_remarked(board: Advise) -> None:
    met = marker("MET", "amplification", None, assay="FISH", measure="ratio", value=3, date="2025-11-02")
    advice = board(after_osimertinib(met))
    assert advice.verdict(AFTER_TKI) == "met"
    remarks = next(s for s in advice.record["situations"] if s["id"] == AFTER_TKI)["remarks"]
    assert any("MET" in remark for remark in remarks)


def test_8_4_MET_amplification_and_histology_not_looked_at_since_progression_are_asked(board: Advise) -> None:
    advice = board(after_osimertinib(marker("MET", "amplification", "absent", date="2024-02-20")))
    assert advice.asked["biomarkers: MET amplification"]["state"] == "not tested since the last progression"
    assert any("histology" in ask or "diagnosed" in ask for ask in advice.asked)
    looked = {"disease": "NSCLC", "histology": "adenocarcinoma", "diagnosed": "2025-11-02"}
    advice = board({**after_osimertinib(marker("MET", "amplification", "absent", date="2025-11-02")),
                    "conditions": [looked]})  # fmt: skip
    assert "biomarkers: MET amplification" not in advice.asked
    assert not any("histology" in ask or "diagnosed" in ask for ask in advice.asked)


def test_8_4_the_row_after_tki_needs_a_sensitising_mutation(board: Advise) -> None:
    first = after_osimertinib()["treatments"][0]
    assert board(treated(first, markers=(marker("EGFR", None, "absent"),))).verdict(AFTER_TKI) == "not met"
    unknown = board(treated(first))
    assert unknown.verdict(AFTER_TKI) == "unknown"
    assert "biomarkers: EGFR sensitising mutation" in unknown.asked


@pytest.mark.parametrize(("gene", "drug"), [("ALK", "crizotinib"), ("ALK", "alectinib"), ("ROS1", "crizotinib")])
def test_8_4_after_an_ALK_or_ROS1_inhibitor_second_line_is_not_covered(gene: str, drug: str, board: Advise) -> None:
    first = line(1, drug, start="2024-03-01", end="2025-06-01", progressed="2025-06-01", progression="widespread")
    absent = [marker("EGFR", None, "absent"), marker("ERBB2", "mutation", "absent")]
    advice = board(treated(first, markers=(marker(gene, "fusion"), *absent)))
    assert advice.met & {AFTER_TKI, POSITIVE3, SWITCH, BEYOND, EXON20, HER2} == set()
    assert "ALK or ROS1" in advice.not_covered


# -- 8.5 transformation ----------------------------------------------------------------------------------------------


def test_8_5_a_tumour_that_became_SCLC_takes_the_transformation_row_and_that_row_only(board: Advise) -> None:
    advice = board(transformed())
    assert advice.value("disease") == "SCLC"
    assert advice.value("refractory_type") == POSITIVE
    assert advice.fact("platinum_free_interval")["status"] == "not applicable"
    assert advice.met - {"organoid-testing", "minipdx-testing", "central-airway-stenosis"} == {CHANGED}


def test_8_5_the_transformation_row_is_for_any_line(board: Advise) -> None:
    tki = line(1, "osimertinib", start="2024-03-01", end="2025-01-20", progressed="2025-01-20")
    chemo = line(2, "carboplatin", "pemetrexed", start="2025-02-01", end="2025-10-01", progressed="2025-10-01")
    advice = board(transformed(tki, chemo))
    assert advice.value("next_line") == 3
    assert advice.met - {"organoid-testing", "minipdx-testing", "central-airway-stenosis"} == {CHANGED}


def test_8_5_with_etoposide_platinum_already_given_nothing_further_is_covered(board: Advise) -> None:
    tki = line(1, "osimertinib", start="2024-03-01", end="2025-01-20", progressed="2025-01-20")
    given = line(2, "etoposide", "cisplatin", start="2025-11-10", end="2026-01-20", progressed="2026-02-10")
    advice = board(transformed(tki, given))
    assert advice.verdict(CHANGED) == "not met"
    assert advice.met & {SCLC2, SCLC3, AFTER_TKI, POSITIVE3} == set()
    assert "etoposide" in advice.not_covered


def test_8_5_the_tki_line_is_no_first_line_standard_therapy_of_SCLC(board: Advise) -> None:
    tki = line(1, "osimertinib", start="2024-03-01", end="2025-01-20", progressed="2025-01-20")
    assert board(transformed(tki)).value("refractory_type") != "refractory SCLC"


def test_8_5_other_transformations_are_unknown(board: Advise) -> None:
    squamous = {"disease": "NSCLC", "histology": "squamous cell"}
    advice = board(transformed(into=squamous))
    assert advice.fact("refractory_type")["status"] == "unknown"
    assert advice.verdict(CHANGED) == "unknown"


# -- 8.6 and widespread progression ----------------------------------------------------------------------------------


@pytest.mark.parametrize("progression", ["brain only", "limited"])
def test_8_6_progression_in_the_brain_only_or_in_few_places_is_not_widespread(progression: str, board: Advise) -> None:
    case = after_osimertinib()
    case["treatments"][0]["progression"] = progression
    advice = board(case)
    assert advice.value("widespread_progression") is False
    assert advice.verdict(AFTER_TKI) == "not met"
    assert board(driver_negative(progression=progression)).met & {SWITCH, BEYOND} == set()


def test_8_6_how_it_progressed_not_recorded_is_unknown_and_asked(board: Advise) -> None:
    case = after_osimertinib()
    del case["treatments"][0]["progression"]
    advice = board(case)
    assert advice.verdict(AFTER_TKI) == "unknown"
    assert "treatments[0].progression" in advice.asked


# -- 8.7 drivers -----------------------------------------------------------------------------------------------------

DRIVERS = [
    marker("EGFR", "L858R"), marker("ALK", "fusion"), marker("ROS1", "fusion"), marker("RET", "fusion"),
    marker("NTRK1", "fusion"), marker("NTRK3", "fusion"), marker("MET", "exon 14 skipping"), marker("BRAF", "V600E"),
    marker("ERBB2", "S310F"),
]  # fmt: skip


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda entry: f"{entry['name']} {entry['change']}")
def test_8_7_each_driver_of_the_list_makes_the_tumour_driver_positive(driver: CaseData, board: Advise) -> None:
    others = [entry for entry in negative_markers() if entry["name"] != driver["name"]]
    advice = board(driver_negative(biomarkers=[*others, driver]))
    assert advice.value("driver_status") == "positive"
    assert advice.met & {SWITCH, BEYOND} == set()


@pytest.mark.parametrize(
    "other",
    [marker("MET", "amplification"), marker("KRAS", "G12D"), marker("ERBB2", "amplification"),
     marker("ERBB2", "p.Arg100Lys"), marker("BRAF", "G469A"), marker("STK11", "mutation")],
    ids=lambda entry: f"{entry['name']} {entry['change']}",
)  # fmt: skip
def test_8_7_the_list_is_closed(other: CaseData, board: Advise) -> None:
    advice = board(driver_negative(biomarkers=negative_markers(other)))
    assert advice.value("driver_status") == "negative"
    assert {SWITCH, BEYOND} <= advice.met


@pytest.mark.parametrize("gene", ["EGFR", "ALK", "ROS1"])
@pytest.mark.parametrize("result", ["not tested", "indeterminate", None])
def test_8_7_any_of_the_three_untested_is_unknown_and_never_negative(
    gene: str, result: str | None, board: Advise
) -> None:
    markers = [entry for entry in negative_markers() if entry["name"] != gene]
    if result is not None:
        markers.append(marker(gene, None, result))
    advice = board(driver_negative(biomarkers=markers))
    assert advice.fact("driver_status")["status"] == "unknown"
    assert advice.verdict(SWITCH) == "unknown"
    assert any(ask.startswith(f"biomarkers: {gene}") for ask in advice.asked)


def test_8_7_the_other_drivers_untested_are_asked(board: Advise) -> None:
    advice = board(driver_negative())
    assert {SWITCH, BEYOND} <= advice.met
    wanted = {"ERBB2 mutation", "RET fusion", "NTRK fusion", "MET exon 14 skipping", "BRAF p.V600E"}
    assert wanted <= {ask.removeprefix("biomarkers: ") for ask in advice.asked}


def test_8_7_KRAS_G12C_excludes_nothing_and_raises_a_remark(board: Advise) -> None:
    advice = board(driver_negative(biomarkers=negative_markers(marker("KRAS", "G12C"))))
    assert {SWITCH, BEYOND} <= advice.met
    remarks = next(s for s in advice.record["situations"] if s["id"] == SWITCH)["remarks"]
    assert any("KRAS G12C" in remark and "20" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("agents", "standard"),
    [(("carboplatin", "paclitaxel"), True), (("pembrolizumab",), True), (("nivolumab", "ipilimumab"), True),
     (("docetaxel",), False), (("bevacizumab",), False), (("anlotinib",), False)],
)  # fmt: skip
def test_8_7_standard_therapy_is_a_checkpoint_inhibitor_or_a_platinum_doublet(
    agents: tuple[str, ...], standard: bool, board: Advise
) -> None:
    first = line(1, *agents, start="2024-03-01", end="2025-06-01", progressed="2025-06-01", progression="widespread")
    advice = board(nsclc(first, biomarkers=negative_markers()))
    assert advice.value("refractory_type") == (NEGATIVE if standard else "not refractory")


def test_8_7_the_rows_after_immunotherapy_need_it_in_an_earlier_line(board: Advise) -> None:
    first = line(
        1, "carboplatin", "paclitaxel", start="2024-03-01", end="2025-06-01", progressed="2025-06-01",
        progression="widespread",
    )  # fmt: skip
    advice = board(nsclc(first, biomarkers=negative_markers()))
    assert advice.value("refractory_type") == NEGATIVE
    assert advice.met & {SWITCH, BEYOND} == set()
    assert "immune checkpoint inhibitor" in advice.not_covered


def test_8_7_immunotherapy_given_as_maintenance_counts(board: Advise) -> None:
    first = line(1, "carboplatin", "pemetrexed", start="2024-03-01", end="2024-08-01")
    keep = line(
        1, "pembrolizumab", intent="maintenance", start="2024-08-20", end="2025-06-01", progressed="2025-06-01",
        progression="widespread",
    )  # fmt: skip
    assert {SWITCH, BEYOND} <= board(nsclc(first, keep, biomarkers=negative_markers())).met


# -- 8.8 results over time -------------------------------------------------------------------------------------------


def test_8_8_a_driver_once_present_stays_present_and_a_later_absent_is_a_conflict(board: Advise) -> None:
    later = marker("EGFR", "L858R", "absent", specimen="plasma", date="2025-11-01")
    advice = board(after_osimertinib(later))
    assert advice.value("egfr_sensitising") is True
    assert advice.verdict(AFTER_TKI) == "met"
    fact = advice.fact("egfr_sensitising")
    assert "biomarkers[1]" in " ".join((fact["because"], *fact["assumptions"]))


@pytest.mark.parametrize("result", ["not tested", "indeterminate"])
def test_8_8_not_tested_and_indeterminate_never_override_a_result(result: str, board: Advise) -> None:
    later = [marker(gene, None, result, date="2026-01-01") for gene in ("EGFR", "ALK", "ROS1")]
    assert board(driver_negative(biomarkers=negative_markers(*later))).value("driver_status") == "negative"
    again = marker("EGFR", "L858R", result, date="2026-01-01")
    assert board(after_osimertinib(again)).value("egfr_sensitising") is True


@pytest.mark.parametrize(
    ("tested", "value"),
    [("2025-10-19", None), ("2025-10-20", False), ("2025-11-02", False), (None, None)],
    ids=["the day before", "the day itself", "later", "undated"],
)
def test_8_8_only_specimens_since_the_last_progression_count_for_MET_amplification(
    tested: str | None, value: bool | None, board: Advise
) -> None:
    dated = {"date": tested} if tested else {}
    assert board(after_osimertinib(marker("MET", "amplification", "absent", **dated))).value(
        "met_amplification"
    ) is value  # fmt: skip


def test_8_8_two_results_of_one_test_on_one_day_are_unknown_and_both_are_shown(board: Advise) -> None:
    same = {"assay": "NGS", "specimen": "tissue", "date": "2025-06-10"}
    advice = board(after_gefitinib(marker("EGFR", "T790M", "absent", **same), marker("EGFR", "T790M", **same)))
    fact = advice.fact("t790m")
    assert fact["status"] == "unknown"
    assert {"biomarkers[1]", "biomarkers[2]"} <= set(" ".join((fact["because"], *fact["assumptions"])).replace(
        ",", " ").replace(")", " ").replace("(", " ").split())  # fmt: skip
    assert advice.verdict(AFTER_TKI) == "unknown"


def test_8_8_contradictory_results_of_a_driver_on_one_day_are_unknown_for_its_class_too(board: Advise) -> None:
    same = {"assay": "NGS", "specimen": "tissue", "date": "2024-02-20"}
    case = after_osimertinib()
    advice = board({**case, "biomarkers": [marker("EGFR", "L858R", **same), marker("EGFR", "L858R", "absent", **same)]})
    assert advice.fact("egfr_sensitising")["status"] == "unknown"
    assert advice.verdict(AFTER_TKI) == "unknown"


# -- 8.9 conditions said in prose ------------------------------------------------------------------------------------


def test_8_9_pembrolizumab_with_paclitaxel_shows_its_condition_and_is_not_excluded(board: Advise) -> None:
    advice = board(refractory_sclc(60)).option(SCLC2, "paclitaxel", "pembrolizumab")
    assert advice["status"] == "applies"
    assert "(met)" in advice["conditions"][0]
    first = line(1, "carboplatin", "etoposide", "atezolizumab", start="2025-01-01", end="2025-04-01", after=60)
    after = board(sclc(first)).option(SCLC2, "paclitaxel", "pembrolizumab")
    assert after["status"] == "applies"
    assert "first line" in after["conditions"][0]


def test_8_9_with_PD_L1_positive_its_condition_is_not_said_to_be_unmet(board: Advise) -> None:
    first = line(1, "carboplatin", "etoposide", "atezolizumab", start="2025-01-01", end="2025-04-01", after=60)
    positive = marker("PD-L1", "expression", None, assay="IHC", clone="22C3", measure="TPS", value=60, unit="%")
    option = board(sclc(first, biomarkers=[positive])).option(SCLC2, "paclitaxel", "pembrolizumab")
    assert "(not met)" not in option["conditions"][0]


def test_8_9_with_first_line_immunotherapy_and_PD_L1_not_recorded_its_condition_is_open(board: Advise) -> None:
    first = line(1, "carboplatin", "etoposide", "atezolizumab", start="2025-01-01", end="2025-04-01", after=60)
    option = board(sclc(first)).option(SCLC2, "paclitaxel", "pembrolizumab")
    assert "(not met)" not in option["conditions"][0]


@pytest.mark.parametrize(("tolerates", "word"), [(True, "(met)"), (False, "(not met)"), (None, "(not recorded)")])
def test_8_9_antiangiogenic_with_chemotherapy_shows_whether_chemotherapy_is_tolerated(
    tolerates: bool | None, word: str, board: Advise
) -> None:
    findings = [] if tolerates is None else [{"name": "tolerates chemotherapy", "value": tolerates}]
    option = board(refractory_sclc(60, findings=findings)).option(SCLC2, "anlotinib", "docetaxel | irinotecan")
    assert option["status"] == "applies"
    assert word in option["conditions"][0]


def test_8_9_anlotinib_shows_that_two_earlier_chemotherapies_are_meant_and_applies_all_the_same(
    board: Advise,
) -> None:
    second = line(2, "anlotinib", "penpulimab", start="2025-07-01", end="2025-09-01", progressed="2025-09-01")
    one = board(refractory_sclc(60, second)).option(SCLC3, "anlotinib")
    assert one["status"] == "applies"
    assert "(not met)" in one["conditions"][0]
    second = line(2, "topotecan", start="2025-07-01", end="2025-09-01", progressed="2025-09-01")
    two = board(refractory_sclc(60, second)).option(SCLC3, "anlotinib")
    assert "(met)" in two["conditions"][0]


# -- 8.10 bronchoscopic intervention ---------------------------------------------------------------------------------

BRONCHOSCOPY = ("central-airway-stenosis", "bronchoscopic intervention")


def airway(**values: object) -> CaseData:
    named = {name.replace("_", " "): value for name, value in values.items()}
    return refractory_sclc(60, findings=[{"name": name, "value": value} for name, value in named.items()])


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ({"distal_lung_function": "preserved", "surgery": "not possible"}, "applies"),
        ({"distal_lung_function": "recoverable", "surgery": "refused"}, "applies"),
        ({"distal_lung_function": "lost", "surgery": "refused"}, "excluded"),
        ({"distal_lung_function": "lost"}, "excluded"),
        ({"surgery": "not possible"}, "possible"),
        ({"distal_lung_function": "recoverable"}, "applies"),
        ({"distal_lung_function": "recoverable", "surgery": "possible"}, "excluded"),
    ],
    ids=str,
)
def test_8_10_bronchoscopy_turns_on_distal_function_and_surgery(
    findings: dict[str, str], status: str, board: Advise
) -> None:
    advice = board(airway(central_airway_stenosis=True, **findings))
    assert advice.option(*BRONCHOSCOPY)["status"] == status


def test_8_10_surgery_and_distal_function_not_recorded_are_asked(board: Advise) -> None:
    advice = board(airway(central_airway_stenosis=True))
    assert "bronchoscopic-intervention" in advice.asked["findings: distal lung function"]["would_decide"]
    assert "findings: surgery" in advice.asked


def test_8_10_without_a_stenosis_there_is_no_such_option(board: Advise) -> None:
    advice = board(airway(central_airway_stenosis=False))
    assert advice.verdict("central-airway-stenosis") == "not met"
    assert advice.regimens("central-airway-stenosis") == []


def test_8_10_bronchoscopy_is_for_refractory_disease(board: Advise) -> None:
    case = {**airway(central_airway_stenosis=True), "treatments": refractory_sclc(120)["treatments"]}
    assert board(case).verdict("central-airway-stenosis") == "not met"


# -- 8.11 consent ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("situation", "regimen", "consent"),
    [
        ("organoid-testing", "organoid drug sensitivity testing", "organoid testing"),
        ("minipdx-testing", "MiniPDX testing", "MiniPDX testing"),
    ],
)
@pytest.mark.parametrize(("given", "status"), [(True, "applies"), (False, "excluded"), (None, "possible")])
def test_8_11_drug_testing_needs_the_patients_consent(
    situation: str, regimen: str, consent: str, given: bool | None, status: str, board: Advise
) -> None:
    advice = board(refractory_sclc(60, consent={} if given is None else {consent: given}))
    assert advice.verdict(situation) == "met"
    assert advice.option(situation, regimen)["status"] == status
    assert (f"consent: {consent}" in advice.asked) == (given is None)


def test_8_11_drug_testing_is_for_refractory_disease(board: Advise) -> None:
    advice = board(refractory_sclc(120, consent={"organoid testing": True, "MiniPDX testing": True}))
    assert advice.verdict("organoid-testing") == advice.verdict("minipdx-testing") == "not met"


# -- 8.12 what was given before --------------------------------------------------------------------------------------


def test_8_12_the_regimen_on_which_the_tumour_progressed_is_listed_as_excluded(board: Advise) -> None:
    second = line(2, "anlotinib", start="2025-07-01", end="2025-09-01", progressed="2025-09-01")
    option = board(refractory_sclc(60, second)).option(SCLC3, "anlotinib")
    assert option["status"] == "excluded"
    assert "already given, progressed" in option["because"]


def test_8_12_the_same_regimen_without_progression_is_not_excluded(board: Advise) -> None:
    second = line(2, "anlotinib", start="2025-07-01", end="2025-09-01", stopped_for="toxicity")
    assert board(refractory_sclc(60, second)).option(SCLC3, "anlotinib")["status"] == "applies"


def test_8_12_the_same_regimen_with_progression_on_it_not_recorded_is_possible_and_asked(board: Advise) -> None:
    second = line(2, "anlotinib", start="2025-07-01", end="2025-09-01")
    advice = board(refractory_sclc(60, second))
    assert advice.option(SCLC3, "anlotinib")["status"] == "possible"
    assert any(ask.startswith("treatments[1]") for ask in advice.asked)


def test_8_12_a_component_given_as_maintenance_is_a_warning_too(board: Advise) -> None:
    first = line(1, "carboplatin", "etoposide", start="2025-01-01", end="2025-04-01")
    keep = line(1, "anlotinib", intent="maintenance", start="2025-04-20", end="2025-06-20", progressed="2025-06-20")
    advice = board(sclc(first, keep))
    assert advice.verdict(SCLC2) == "met"
    assert "anlotinib was given before" in advice.cautions(SCLC2, "anlotinib", "penpulimab")


def test_8_12_a_component_given_before_is_a_warning(board: Advise) -> None:
    second = line(2, "anlotinib", "penpulimab", start="2025-07-01", end="2025-09-01", progressed="2025-09-01")
    advice = board(refractory_sclc(60, second))
    assert advice.option(SCLC3, "anlotinib")["status"] == "applies"
    assert "anlotinib was given before" in advice.cautions(SCLC3, "anlotinib")
    assert "given before" not in advice.cautions(SCLC3, "apatinib")


def test_8_12_a_checkpoint_inhibitor_in_a_row_that_continues_it_is_neither_excluded_nor_warned_of(
    board: Advise,
) -> None:
    advice = board(driver_negative())
    for regimen in (("pembrolizumab", "ramucirumab"), ("chemotherapy", "pembrolizumab")):
        assert advice.option(BEYOND, *regimen)["status"] == "applies"
        assert "given before" not in advice.cautions(BEYOND, *regimen)


def test_8_12_a_class_is_never_the_same_regimen(board: Advise) -> None:
    first = line(
        1, "pembrolizumab", "carboplatin", "pemetrexed", start="2024-03-01", end="2025-06-01", progressed="2025-06-01",
        progression="widespread",
    )  # fmt: skip
    advice = board(nsclc(first, biomarkers=negative_markers()))
    assert advice.option(BEYOND, "chemotherapy", "pembrolizumab")["status"] == "applies"


def test_8_12_either_platinum_with_etoposide_is_the_same_regimen(board: Advise) -> None:
    tki = line(1, "osimertinib", start="2024-03-01", end="2025-01-20", progressed="2025-01-20")
    for platinum in ("carboplatin", "cisplatin"):
        given = line(2, "etoposide", platinum, start="2025-11-10", end="2026-01-20", progressed="2026-02-10")
        options = board(transformed(tki, given)).record["options"]
        applying = [o for o in options if o["status"] == "applies" and "etoposide" in o["regimen"]]
        assert applying == []


# -- 8.13 no consensus -----------------------------------------------------------------------------------------------


def test_8_13_no_consensus_is_said_with_its_share_and_never_applies(board: Advise) -> None:
    option = board(after_osimertinib()).option(AFTER_TKI, "antibody-drug conjugate")
    assert option["status"] is None
    assert "no consensus (54 % in favour), not recommended for now" in option["because"]


# -- 8.14, 8.15 what is known, and when ------------------------------------------------------------------------------


def test_8_14_what_every_completion_shares_is_known(board: Advise) -> None:
    """Progression during or soon after platinum: refractory whatever day the platinum ended."""
    first = line(1, "carboplatin", "etoposide", start="2025-01-01", progressed="2025-03-15")
    advice = board(sclc(first))
    assert advice.fact("platinum_free_interval")["possible"] == [0, 73]
    assert advice.value("refractory_type") == "refractory SCLC"


def test_8_15_entries_after_the_day_of_the_board_do_not_exist(board: Advise) -> None:
    future = marker("ALK", "fusion", "present", date="2026-03-02")
    assert board(driver_negative(biomarkers=negative_markers(future))).value("driver_status") == "negative"
    today = {**future, "date": "2026-03-01"}
    assert board(driver_negative(biomarkers=negative_markers(today))).value("driver_status") == "positive"
    later_line = line(2, "topotecan", start="2026-03-02")
    assert board(refractory_sclc(60, later_line)).value("next_line") == 2


def test_8_15_a_date_after_the_board_inside_an_entry_counts_as_not_recorded(board: Advise) -> None:
    running = line(
        1, "osimertinib", start="2025-01-01", end="2026-04-01", progressed="2026-04-01", progression="widespread",
        stopped_for="progression",
    )  # fmt: skip
    advice = board(treated(running, markers=(marker("EGFR", "L858R"),)))
    assert advice.value("next_line") == 1
    assert advice.verdict(AFTER_TKI) == "not met"


def test_8_15_of_several_measurements_the_newest_holds_and_undated_ones_rank_oldest(board: Advise) -> None:
    values = [{"scale": "ECOG", "value": 2, "date": "2025-01-01"}, {"scale": "ECOG", "value": 3},
              {"scale": "ECOG", "value": 1, "date": "2026-02-01"},
              {"scale": "ECOG", "value": 0, "date": "2026-03-02"}]  # fmt: skip
    assert board(refractory_sclc(60, performance=values)).value("ecog") == 1
    assert board(refractory_sclc(60, performance=values[1:2])).value("ecog") == 3


def test_two_values_on_the_newest_date_are_unknown_and_both_are_shown(board: Advise) -> None:
    values = [{"scale": "ECOG", "value": 1, "date": "2026-02-01"}, {"scale": "ECOG", "value": 3, "date": "2026-02-01"}]
    fact = board(refractory_sclc(60, performance=values)).fact("ecog")
    assert (fact["status"], fact["possible"]) == ("unknown", [1, 3])
    assert "performance[0]" in fact["because"] + str(fact["missing"])
    assert "performance[1]" in fact["because"] + str(fact["missing"])


def test_a_missing_list_of_treatments_is_unknown_and_an_empty_one_is_none_so_far(board: Advise) -> None:
    missing = board({"conditions": [{"disease": "SCLC"}]})
    assert missing.fact("next_line")["status"] == "unknown"
    assert missing.verdict(SCLC2) == "unknown"
    empty = board(sclc())
    assert empty.value("next_line") == 1
    assert empty.verdict(SCLC2) == "not met"


def test_outside_lung_cancer_no_row_is_met_and_the_guideline_says_so(board: Advise) -> None:
    advice = board({"conditions": [{"disease": "HCC"}], "treatments": []})
    lung = [s for s in advice.record["situations"] if s["guideline"] == "refractory-lung-cancer-2023"]
    assert {entry["verdict"] for entry in lung} == {"not met"}
    assert "outside this guideline" in advice.not_covered


def test_8_15_a_transformation_found_after_the_day_of_the_board_does_not_exist(board: Advise) -> None:
    later = {"disease": "SCLC", "histology": "small cell", "diagnosed": "2026-03-02"}
    advice = board(transformed(into=later))
    assert advice.value("disease") == "NSCLC"
    assert advice.verdict(AFTER_TKI) == "met"


# -- 8.17 alterations and their classes ------------------------------------------------------------------------------


def test_8_17_a_class_absent_makes_its_members_absent(board: Advise) -> None:
    advice = board(low_response(marker("EGFR", None, "absent"), marker("ERBB2", "mutation", "absent")))
    assert advice.value("egfr_exon20_insertion") is False
    assert advice.value("egfr_sensitising") is False
    assert advice.value("her2_mutation") is False


def test_8_17_a_member_present_makes_the_class_present(board: Advise) -> None:
    advice = board(low_response(marker("EGFR", "H773_V774insAH")))
    assert advice.value("egfr_exon20_insertion") is True
    assert advice.value("driver_status") == "positive"


def test_8_17_a_member_absent_says_nothing_about_the_class(board: Advise) -> None:
    advice = board(
        low_response(marker("EGFR", "L858R", "absent"), marker("EGFR", "exon 19 deletion", "absent"),
                     *negative_markers()[1:])
    )  # fmt: skip
    assert advice.fact("egfr_mutation")["status"] == "unknown"
    assert advice.fact("driver_status")["status"] == "unknown"


def test_8_17_a_member_present_leaves_the_other_classes_not_recorded(board: Advise) -> None:
    advice = board(low_response(marker("EGFR", "L858R")))
    assert advice.fact("egfr_exon20_insertion")["status"] == "unknown"
    assert advice.fact("t790m")["status"] == "unknown"


MET = {"name": "MET", "change": "amplification", "date": "2025-12-01"}
HER2_AMPLIFICATION = {"name": "ERBB2", "change": "amplification"}


@pytest.mark.parametrize(
    ("entry", "fact", "value"),
    [
        ({**MET, "assay": "FISH", "measure": "ratio", "value": 2}, "met_amplification", True),
        ({**MET, "assay": "FISH", "measure": "ratio", "value": 1.99}, "met_amplification", False),
        ({**MET, "assay": "NGS", "measure": "copy number", "value": 5}, "met_amplification", True),
        ({**MET, "assay": "NGS", "measure": "copy number", "value": 4.99}, "met_amplification", False),
        ({**HER2_AMPLIFICATION, "assay": "FISH", "measure": "ratio", "value": 2.0}, "her2_amplification", False),
        ({**HER2_AMPLIFICATION, "assay": "FISH", "measure": "ratio", "value": 2.01}, "her2_amplification", True),
    ],
    ids=str,
)
def test_8_17_a_value_without_a_result_is_read_by_its_cut_off(
    entry: CaseData, fact: str, value: bool, board: Advise
) -> None:
    assert board(after_osimertinib(entry)).value(fact) is value


def test_8_17_other_cut_offs_are_options(board: Advise) -> None:
    her2 = {**HER2_AMPLIFICATION, "assay": "FISH", "measure": "ratio", "value": 2.0}
    met = {**MET, "assay": "NGS", "measure": "copy number", "value": 9}
    advice = board(after_osimertinib(her2, met), {"her2_fish_boundary": "2 or above", "met_copies": "10"})
    assert advice.value("her2_amplification") is True
    assert advice.value("met_amplification") is False


# -- section 6: HER2 by assay ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("score", "value"), [(0, False), (1, False), (2, True), (3, True)])
def test_HER2_two_plus_and_three_plus_are_overexpression(score: int, value: bool, board: Advise) -> None:
    entry = {"name": "ERBB2", "change": "expression", "assay": "IHC", "measure": "score", "value": score}
    advice = board(low_response(entry))
    assert advice.value("her2_overexpression") is value
    assert advice.fact("her2_amplification")["status"] == "unknown"
    assert advice.fact("her2_mutation")["status"] == "unknown"


@pytest.mark.parametrize(
    ("change", "insertion"),
    [("p.Y772_A775dup", True), ("p.A775_G776insYVMA", True), ("p.G776delinsVC", True), ("p.G778_P780dup", True),
     ("p.P780_Y781insGSP", True), ("L755S", False), ("G776C", False), ("S310F", False), ("V659E", False),
     ("G660D", False)],
)  # fmt: skip
def test_HER2_activating_mutations_in_any_spelling_are_HER2_mutations(
    change: str, insertion: bool, board: Advise
) -> None:
    advice = board(low_response(marker("HER2", change)))
    assert advice.value("her2_mutation") is True
    rows = advice.advice.explainer.tables["biomarkers"].rows
    alterations = advice.advice.explainer.facts.vocabulary.alterations
    assert alterations.covers("ERBB2 exon 20 insertion", str(rows[0].cells["alteration"])) is insertion


# -- section 6: EGFR-TKI resistance (Jackman) ------------------------------------------------------------------------

NO_EGFR = (marker("EGFR", None, "absent"),)


def resistance(board: Advise, *treatments: CaseData, markers: tuple[CaseData, ...] = NO_EGFR) -> dict[str, Any]:
    return board(treated(*treatments, markers=markers)).fact("egfr_tki_resistance")


@pytest.mark.parametrize(("after", "value"), [(0, "acquired"), (30, "acquired"), (31, None)])
def test_resistance_needs_progression_at_most_30_days_after_the_tki(
    after: int, value: str | None, board: Advise
) -> None:
    tki = line(1, "gefitinib", start="2024-01-01", end="2024-12-01", after=after, best_response="PR")
    fact = resistance(board, tki)
    assert (fact["value"], fact["status"]) == (value, "known" if value else "unknown")


@pytest.mark.parametrize(
    ("best", "length", "value"),
    [("CR", 60, "acquired"), ("PR", 60, "acquired"), ("SD", 183, "acquired"), ("SD", 182, "primary"),
     ("PD", 200, "primary")],
)  # fmt: skip
def test_resistance_is_acquired_after_benefit_and_primary_without(
    best: str, length: int, value: str, board: Advise
) -> None:
    end = day("2024-01-01", length)
    tki = line(1, "gefitinib", start="2024-01-01", end=end, progressed=end, best_response=best)
    assert resistance(board, tki)["value"] == value


def test_resistance_with_a_sensitising_mutation_is_acquired_whatever_the_response(board: Advise) -> None:
    tki = line(1, "erlotinib", start="2024-01-01", end="2024-02-01", progressed="2024-02-01", best_response="PD")
    assert resistance(board, tki, markers=(marker("EGFR", "L858R"),))["value"] == "acquired"


def test_resistance_without_EGFR_status_and_benefit_is_one_of_two(board: Advise) -> None:
    tki = line(1, "erlotinib", start="2024-01-01", end="2024-02-01", progressed="2024-02-01", best_response="PD")
    fact = resistance(board, tki, markers=())
    assert (fact["status"], fact["possible"]) == ("unknown", ["acquired", "primary"])


def test_resistance_of_a_combination_is_not_decided(board: Advise) -> None:
    tki = line(1, "gefitinib", "pemetrexed", start="2024-01-01", end="2024-12-01", progressed="2024-12-01",
               best_response="PR")  # fmt: skip
    assert resistance(board, tki)["status"] == "unknown"


def test_resistance_is_judged_on_the_last_line_with_a_tki_whatever_came_after(board: Advise) -> None:
    first = line(1, "gefitinib", start="2023-01-01", end="2023-02-01", progressed="2023-02-01", best_response="PD")
    second = line(2, "osimertinib", start="2023-03-01", end="2024-03-01", progressed="2024-03-01", best_response="PR")
    third = line(3, "docetaxel", start="2024-04-01", end="2024-08-01", progressed="2024-08-01", best_response="PD")
    assert resistance(board, first)["value"] == "primary"
    assert resistance(board, first, second)["value"] == "acquired"
    assert resistance(board, first, second, third)["value"] == "acquired"


def test_resistance_with_another_line_between_is_not_decided(board: Advise) -> None:
    tki = line(1, "gefitinib", start="2024-01-01", end="2024-12-01", progressed="2024-12-20", best_response="PR")
    chemo = line(2, "carboplatin", "pemetrexed", start="2024-12-10", end="2025-04-01")
    assert resistance(board, tki, chemo)["status"] == "unknown"


def test_no_tki_or_no_progression_is_no_resistance(board: Advise) -> None:
    assert resistance(board)["value"] == "none"
    assert resistance(board, line(1, "carboplatin", "pemetrexed", end="2025-01-01"))["value"] == "none"
    assert resistance(board, line(1, "gefitinib", start="2025-01-01", best_response="PR"))["value"] == "none"
    stopped = line(1, "gefitinib", start="2025-01-01", end="2025-03-01", stopped_for="toxicity")
    assert resistance(board, stopped)["value"] == "none"


# -- section 6: refractory types, and facts the interface names ------------------------------------------------------


def test_the_best_response_is_that_of_the_newest_line(board: Advise) -> None:
    first = line(1, "osimertinib", start="2024-03-01", end="2025-01-20", progressed="2025-01-20", best_response="PR")
    second = line(2, "carboplatin", "pemetrexed", start="2025-02-01", best_response="SD")
    assert board(treated(first, second)).value("best_overall_response") == "SD"


def test_a_driver_positive_tumour_after_targeted_therapy_with_an_option_left_is_not_refractory(board: Advise) -> None:
    present = marker("EGFR", "T790M", date="2025-06-10")
    absent = (marker("EGFR", "exon 20 insertion", "absent"), marker("ERBB2", "mutation", "absent"))
    advice = board(after_gefitinib(present, *absent))
    assert advice.value("refractory_type") == "not refractory"
    assert advice.met == {"egfr-tki-acquired-resistance", "egfr-t790m"}, "none of the refractory guideline's"
    assert advice.not_covered != ""
