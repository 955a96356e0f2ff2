"""Every score against an independent reading of its definition, densely around each boundary, and over whole ranges."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from liver_oracle import (
    ORACLE,
    Patient,
    albumin_points,
    bilirubin_points,
    case_of,
    inr_points,
    only,
    possible,
    shipped,
    values_of,
)

from tumorboard.logic.explain import Explainer
from tumorboard.logic.wording import Wording

D = Decimal
STEP = D("0.01")


def around(*boundaries: str) -> list[Decimal]:
    return [D(at) + STEP * step for at in boundaries for step in (-10, -1, 0, 1, 10)]


def lab(name: str, value: Decimal, unit: str | None) -> dict[str, object]:
    return {"labs": [{"name": name, "value": value, **({"unit": unit} if unit else {})}]}


# -- Child-Pugh ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("umol", around("34", "34.2", "50", "51.3"))
def test_bilirubin_is_graded_by_its_cut_offs_in_mg_dl(umol: Decimal) -> None:
    assert only(lab("bilirubin", umol, "µmol/L"), "child_pugh_bilirubin") == bilirubin_points(umol)
    disagree = (34 <= umol < D("34.2")) or (50 < umol <= D("51.3"))
    assert only(lab("bilirubin", umol, "µmol/L"), "child_pugh_si_tables_disagree") is disagree
    table = 1 if umol < 34 else 2 if umol <= 50 else 3
    assert disagree == (table != bilirubin_points(umol))
    assert only(lab("bilirubin", umol, "umol/L"), "child_pugh_bilirubin",
                {"child_pugh_bilirubin_cuts": "SI table 34 and 50"}) == table  # fmt: skip


@pytest.mark.parametrize("milligrams", around("2", "3"))
def test_bilirubin_in_mg_dl_is_converted_exactly(milligrams: Decimal) -> None:
    assert only(lab("bilirubin", milligrams, "mg/dL"), "child_pugh_bilirubin") == (
        1 if milligrams < 2 else 2 if milligrams <= 3 else 3
    )
    assert values_of(lab("bilirubin", milligrams, "mg/dL"), "bilirubin") == values_of(
        lab("bilirubin", milligrams * D("17.1"), "umol/L"), "bilirubin"
    )


@pytest.mark.parametrize("milligrams", around("4", "10"))
def test_bilirubin_in_cholestatic_disease(milligrams: Decimal) -> None:
    points = 1 if milligrams < 4 else 2 if milligrams <= 10 else 3
    data = lab("bilirubin", milligrams, "mg/dL")
    assert only(data, "child_pugh_bilirubin", {"child_pugh_cholestatic": "on"}) == points


@pytest.mark.parametrize("grams", around("28", "30", "35"))
def test_albumin(grams: Decimal) -> None:
    for data in (lab("albumin", grams, "g/L"), lab("albumin", grams / 10, "g/dL")):
        assert only(data, "child_pugh_albumin") == albumin_points(grams)
        stricter = 1 if grams > 35 else 3 if grams < 30 else 2
        assert only(data, "child_pugh_albumin", {"child_pugh_albumin_lower": "30"}) == stricter


@pytest.mark.parametrize("inr", around("1.7", "2.2", "2.3"))
def test_inr(inr: Decimal) -> None:
    assert only(lab("INR", inr, None), "child_pugh_coagulation") == inr_points(inr)
    stricter = 1 if inr < D("1.7") else 3 if inr > D("2.2") else 2
    assert only(lab("INR", inr, None), "child_pugh_coagulation", {"child_pugh_inr_upper": "2.2"}) == stricter


@pytest.mark.parametrize("seconds", around("4", "6"))
def test_prothrombin_stands_in_for_inr_only_where_that_is_missing(seconds: Decimal) -> None:
    data = lab("prothrombin prolongation", seconds, "s")
    assert only(data, "child_pugh_coagulation") == (1 if seconds < 4 else 3 if seconds > 6 else 2)
    both = {"labs": [*data["labs"], {"name": "INR", "value": 1}]}  # type: ignore[misc]
    assert only(both, "child_pugh_coagulation") == 1


def child_pugh_grid() -> Iterator[Patient]:
    for bilirubin, albumin, inr, ascites, grade in itertools.product(
        ("10", "34.2", "51.31"), ("36", "28", "27.99"), ("1", "1.7", "2.31"), ("none", "slight", "moderate"), range(5)
    ):
        yield Patient(D(bilirubin), D(albumin), D(inr), ascites, grade)


def test_child_pugh_has_one_class_for_every_combination_and_uses_all_scores() -> None:
    found = set()
    for patient in child_pugh_grid():
        score, letter = only(patient.data(), "child_pugh_score"), only(patient.data(), "child_pugh_class")
        assert (score, letter) == (ORACLE["child_pugh_score"](patient), ORACLE["child_pugh_class"](patient))
        found.add((score, letter))
    letters = "AABBBCCCCCC"
    assert found == {(score, letters[score - 5]) for score in range(5, 16)}


# -- ALBI ------------------------------------------------------------------------------------------------------------


def albi_at_most(tenths_umol: int, tenths_grams: int, cut: int) -> bool:
    """ALBI ≤ −cut/1000 in whole numbers: 1320·log10(bilirubin) ≤ 170·albumin − 2·cut, powers of ten on both sides."""
    exponent = 17 * tenths_grams - 2 * cut + 1320
    left, right = tenths_umol**1320, 10 ** abs(exponent)
    return left <= right if exponent >= 0 else left * right <= 1


def albi_cases() -> Iterator[tuple[int, int]]:
    """Bilirubin and albumin in tenths, on both sides of every boundary."""
    for cut in (2600, 2270, 1390):
        for tenths_grams in range(120, 700, 23):
            edge = round(10 * 10 ** ((17 * tenths_grams - 2 * cut) / 1320))
            for tenths_umol in range(edge - 2, edge + 3):
                if 5 <= tenths_umol <= 12000:
                    yield tenths_umol, tenths_grams
    yield from ((10000, 500), (10000, 499), (10000, 501), (9999, 500), (10001, 500))  # log10(1000) is 3: exactly −2.27
    yield 100, 383  # −2.5955


def test_albi_grades_are_exact_on_both_sides_of_every_boundary() -> None:
    for umol, grams in albi_cases():
        data = {"labs": [
            {"name": "bilirubin", "value": D(umol) / 10, "unit": "umol/L"},
            {"name": "albumin", "value": D(grams) / 10, "unit": "g/L"},
        ]}  # fmt: skip
        first, half, second = (albi_at_most(umol, grams, cut) for cut in (2600, 2270, 1390))
        grade, modified = (only(data, name) for name in ("albi_grade", "malbi_grade"))
        assert grade == (1 if first else 2 if second else 3), data
        assert modified == ("1" if first else "2a" if half else "2b" if second else "3"), data
        (score,) = values_of(data, "albi_score")
        assert float(score.low) == pytest.approx(0.66 * math.log10(umol / 10) - 0.0085 * grams, abs=1e-12)  # type: ignore[union-attr, arg-type]


def test_the_boundary_of_modified_albi_is_an_option() -> None:
    data = Patient(bilirubin=D(1000), albumin=D(50)).data()
    assert only(data, "malbi_grade") == "2a"
    assert only(data, "malbi_grade", {"malbi_boundary": "2b"}) == "2b"


# -- burden and stage ------------------------------------------------------------------------------------------------

SIZES = sorted({D(at) + D("0.01") * step for at in range(1, 13) for step in (-1, 0, 1)})


def test_number_and_size_give_one_answer_over_the_whole_range() -> None:
    """Up-to-seven, Milan and six-and-twelve walk a grid around every whole centimetre: no gap and no overlap."""
    names = ("milan", "up_to_seven", "six_and_twelve")
    for count, size in itertools.product((1, 2, 3, 4, 6, 7, 11, 12), SIZES):
        patient = Patient(count=count, size=size)
        found = values_of(patient.data(), *names)
        assert [possible(value) for value in found] == [{ORACLE[name](patient)} for name in names], patient


STAGES = ("bclc_stage", "bclc_b_subclass", "kinki_subclass", "cnlc_stage")
CHILD_PUGH = {
    5: {}, 7: {"ascites": "moderate"}, 8: {"ascites": "moderate", "encephalopathy": 1},
    9: {"ascites": "moderate", "encephalopathy": 3}, 10: {"ascites": "moderate", "encephalopathy": 3, "albumin": D(30)},
}  # fmt: skip


@pytest.mark.parametrize("score", CHILD_PUGH)
def test_stages_over_the_whole_range(score: int) -> None:
    for count, size, ecog in itertools.product((1, 2, 3, 4), map(D, ("2", "2.01", "3", "3.01", "5", "5.01")), range(5)):
        for more in ({}, {"transplant": True}, {"invasion": "lobar"}, {"spread": True}):
            patient = Patient(count=count, size=size, ecog=ecog)
            patient = replace(patient, **CHILD_PUGH[score], **more)  # type: ignore[arg-type]
            assert ORACLE["child_pugh_score"](patient) == score
            found = values_of(patient.data(), *STAGES)
            assert [possible(value) for value in found] == [{ORACLE[name](patient)} for name in STAGES], patient


# number, largest cm, Child-Pugh, ECOG → BCLC, Bolondi, Kinki, CNLC, six-and-twelve; as printed in the definitions
PRINTED = [
    (2, "5.0", 5, 0, "B", "B1", "B1", "IIa", 2), (2, "5.1", 5, 0, "B", "B2", "B2", "IIa", 2),
    (3, "4.1", 7, 0, "B", "B3", "B2", "IIa", 2), (4, "3.0", 7, 0, "B", "B1", "B1", "IIb", 2),
    (4, "3.0", 8, 0, "B", "B4", "B3a", "IIb", 2), (1, "6.1", 5, 0, "A", None, None, "Ib", 2),
    (4, "3.0", 5, 1, "C", None, None, "IIb", 2), (4, "6.0", 10, 0, "D", None, None, "IV", 2),
]  # fmt: skip


@pytest.mark.parametrize("row", PRINTED, ids=lambda row: " ".join(map(str, row[:4])))
def test_the_printed_examples(row: tuple[int, str, int, int, str, str | None, str | None, str, int]) -> None:
    count, size, score, ecog, *expected = row
    patient = replace(Patient(count=count, size=D(size), ecog=ecog), **CHILD_PUGH[score])  # type: ignore[arg-type]
    found = values_of(patient.data(), *STAGES, "six_and_twelve")
    assert [possible(value) for value in found] == [{"not applicable" if one is None else one} for one in expected]


def test_ecog_one_names_what_bolondi_would_call_it() -> None:
    facts = shipped()
    patient = replace(Patient(count=4, size=D(3), ecog=1), **CHILD_PUGH[8])  # type: ignore[arg-type]
    said = Wording(facts).because(Explainer(facts, case_of(patient.data()).tables).fact("bclc_b_subclass"))
    assert "Bolondi calls this B4" in said.en
    assert "B4" in said.zh
    single = replace(patient, count=1, size=D(2))
    said = Wording(facts).because(Explainer(facts, case_of(single.data()).tables).fact("bclc_b_subclass"))
    assert "B4" not in said.en


# -- prognosis and dosing --------------------------------------------------------------------------------------------


@given(
    st.sampled_from(around("36")), st.sampled_from(around("17")), st.sampled_from(around("400")),
    st.sampled_from(around("7")),
)  # fmt: skip
@settings(max_examples=40)
def test_hap(albumin: Decimal, bilirubin: Decimal, afp: Decimal, size: Decimal) -> None:
    data = {**Patient(albumin=albumin, bilirubin=bilirubin, size=size).data()}
    data["labs"] = [*data["labs"], {"name": "AFP", "value": afp, "unit": "ng/mL"}]
    score = (albumin < 36) + (bilirubin > 17) + (afp > 400) + (size > 7)
    assert only(data, "hap_score") == score
    assert only(data, "hap_class") == "ABCDD"[score]


@given(st.decimals(40, 220, places=1), st.decimals(10, 200, places=1))
@settings(max_examples=40)
def test_body_surface_area(height: Decimal, weight: Decimal) -> None:
    formulas = {
        "Mosteller": math.sqrt(float(height) * float(weight) / 3600),
        "DuBois": 0.007184 * float(weight) ** 0.425 * float(height) ** 0.725,
        "Haycock": 0.024265 * float(weight) ** 0.5378 * float(height) ** 0.3964,
    }
    for name, expected in formulas.items():
        (area,) = values_of(
            {"height_cm": height, "weight_kg": weight}, "body_surface_area", settings={"body_surface_formula": name}
        )
        assert float(area.low) == pytest.approx(expected, rel=1e-12)  # type: ignore[union-attr, arg-type]
