"""P values recomputed from two-by-two counts, as source 004 prints them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tumorboard.evidence.statistics import NotReadable, p_from_counts, p_values
from tumorboard.evidence.statistics.counts import MOST_TABLES, Arm

ELEVEN = [
    ("He 2017, disease control", "31/37", "21/40", "0.004", "Fisher exact", 0.0039),
    ("He 2017, resections", "10/38", "3/41", "0.033", "Fisher exact", 0.0329),
    ("He 2017, grade 3-4 events", "13/38", "27/41", "0.007", "Fisher exact", 0.0069),
    ("He 2017, serious events", "6/38", "15/41", "0.044", "Fisher exact", 0.0442),
    ("He 2017, stopped early", "2/38", "10/41", "0.026", "Fisher exact", 0.0265),
    ("He 2017, partial response", "20/38", "4/41", "<0.001", "Fisher exact", 0.0000),
    ("phase III, RECIST response", "73/159", "28/156", "<0.001", "Fisher exact", 0.0000),
    ("phase III, RECIST control", "141/159", "95/156", "<0.001", "Fisher exact", 0.0000),
    ("phase III, mRECIST response", "77/159", "51/156", "0.004", "χ²", 0.0045),
    ("phase III, mRECIST control", "141/159", "102/156", "<0.001", "Fisher exact", 0.0000),
    ("phase III, adverse events", "19%/159", "30%/156", "0.03", "χ²", 0.0288),
]


@pytest.mark.parametrize(("what", "first", "second", "printed", "by", "value"), ELEVEN)
def test_the_eleven_p_values_of_source_004(
    what: str, first: str, second: str, printed: str, by: str, value: float
) -> None:
    check = p_from_counts(first, second, printed)
    recomputed = {item.test: item.value for item in check.recomputed}

    assert check.verdict == "reproduces", what
    assert by in check.by
    assert recomputed[by] == pytest.approx(value, abs=6e-5)


def test_only_the_uncorrected_test_gives_the_mrecist_response() -> None:
    assert p_from_counts("77/159", "51/156", "0.004").by == ("χ²",)


def test_percentages_that_fit_no_count_are_taken_of_the_nearest_smaller_denominator() -> None:
    check = p_from_counts("83.8%/38", "52.5%/41", "0.004")

    assert check.verdict == "reproduces"
    assert "Fisher exact" in check.by
    assert check.note is not None and "31/37" in check.note.en and "21/40" in check.note.en


def test_a_wrong_p_is_not_reproduced_and_nobody_is_accused() -> None:
    check = p_from_counts("10/38", "3/41", "0.33")

    assert (check.verdict, check.by) == ("not reproduced", ())
    assert [item.test for item in check.recomputed] == [
        "Fisher exact", "χ²", "Yates", "N−1", "mid-P", "mid-P (doubled)",
    ]  # fmt: skip


def test_a_cut_off_p_and_a_one_sided_p_are_mentioned() -> None:
    cut = p_from_counts("10/38", "3/41", "0.0328")
    one_sided = p_from_counts("13/38", "27/41", "0.0046")

    assert cut.verdict == one_sided.verdict == "not reproduced"
    assert cut.note is not None and cut.note.en == "Fits Fisher exact if cut off, not if rounded."
    assert one_sided.note is not None and "one-sided" in one_sided.note.en


def test_the_record_has_the_form_of_the_interface() -> None:
    record = p_from_counts("20/38", "4/41", "<0.001").of("S004-001").record()

    assert list(record)[:6] == ["finding", "kind", "printed", "recomputed", "verdict", "by"]
    assert record["finding"] == "S004-001"
    assert record["printed"] == "20/38 vs 4/41, P<0.001"
    assert set(record["recomputed"][0]) == {"test", "value", "range"}


def test_full_width_forms_are_read() -> None:
    assert p_from_counts("２０／３８", "４／４１", "P＜0.05").verdict == "reproduces"


@pytest.mark.parametrize(
    ("first", "printed", "message"),
    [
        ("20", "0.01", "first group: '20' lacks its denominator; write events and patients, such as 20/38"),
        ("20/", "0.01", "first group: '20/' lacks its denominator; write events and patients, such as 20/38"),
        ("20/0", "0.01", "first group, denominator: 0 is too small; give at least 1"),
        ("40/38", "0.01", "first group: 40 events among 38 patients; events cannot outnumber the patients"),
        (
            "101%/38",
            "0.01",
            "first group, percentage: '101%' is no share of patients; a percentage lies between 0 and 100",
        ),
        ("x/38", "0.01", "first group, events: 'x' is no printed number; write digits, such as 52.6%, 0.03 or <0.001"),
        ("20/38", "1.01", "printed P: '1.01' is no P value; P lies between 0 and 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_mend(first: str, printed: str, message: str) -> None:
    with pytest.raises(NotReadable) as error:
        p_from_counts(first, "4/41", printed)

    assert str(error.value) == message


def test_a_percentage_no_denominator_near_can_give_is_not_checkable() -> None:
    assert p_from_counts("19.53%/38", "4/41", "0.01").verdict == "not checkable"


def test_a_table_without_events_has_exact_tests_only() -> None:
    assert p_values(0, 10, 0, 12) == {"Fisher exact": 1.0, "mid-P": 0.5, "mid-P (doubled)": 1.0}


tables = st.integers(1, 120).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(tables, tables)
def test_the_tests_agree_with_scipy(first: tuple[int, int], second: tuple[int, int]) -> None:
    (a, n1), (c, n2) = first, second
    table = [[a, n1 - a], [c, n2 - c]]
    found = p_values(a, n1, c, n2)

    assert found["Fisher exact"] == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)
    own = stats.hypergeom.pmf(a, n1 + n2, a + c, n1)
    assert found["mid-P"] == pytest.approx(stats.fisher_exact(table).pvalue - own / 2, rel=1e-6, abs=1e-12)
    if 0 < a + c < n1 + n2:
        plain = stats.chi2_contingency(table, correction=False)
        assert found["χ²"] == pytest.approx(plain.pvalue, rel=1e-6)
        assert found["Yates"] == pytest.approx(stats.chi2_contingency(table, correction=True).pvalue, rel=1e-6)
        smaller = stats.chi2.sf(plain.statistic * (n1 + n2 - 1) / (n1 + n2), 1)
        assert found["N−1"] == pytest.approx(smaller, rel=1e-6)


def test_thousands_of_patients_overflow_nothing() -> None:
    found = p_values(4100, 9000, 3900, 9000)

    assert found["Fisher exact"] == pytest.approx(stats.fisher_exact([[4100, 4900], [3900, 5100]]).pvalue, rel=1e-6)
    assert all(0 <= value <= 1 and math.isfinite(value) for value in found.values())


def test_coarse_percentages_of_many_patients_count_as_a_range() -> None:
    assert len(Arm.read("45%/9000").events) ** 2 > MOST_TABLES
    # 4050/9000 against 3960/9000 gives χ² 0.176; the percentages allow much around it, though not 0.9 and 1e-9.
    assert p_from_counts("45%/9000", "44%/9000", "0.18").verdict == "reproduces"
    assert p_from_counts("45%/9000", "45%/9000", "0.97").verdict == "reproduces"
    assert p_from_counts("45%/9000", "43%/9000", "0.9").verdict == "not reproduced"
