"""Small numbers hidden so that nobody can work them out: judged by trying every table a reader could think of."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tumorboard.cohort.outcomes import SuppressedTable, cut, kaplan_meier, shown, suppress
from tumorboard.errors import InvalidInput


def possible(table: SuppressedTable, least: int, most: int) -> list[np.ndarray]:
    """Every table of counts up to ``most`` that agrees with what is shown, totals included."""
    ranges = [range(least, most + 1) if n is None else (n,) for row in table.cells for n in row]
    shape = len(table.cells), len(table.cells[0])
    found = []
    for values in product(*ranges):
        cells = np.array(values).reshape(shape)
        totals = [*cells.sum(axis=1), *cells.sum(axis=0), cells.sum()]
        printed = [*table.row_totals, *table.column_totals, table.total]
        if all((n >= least) if p is None else n == p for n, p in zip(totals, printed, strict=True)):
            found.append(np.array([*cells.ravel(), *totals]))
    return found


def flat(table: SuppressedTable) -> list[int | None]:
    return [*(n for row in table.cells for n in row), *table.row_totals, *table.column_totals, table.total]


@settings(max_examples=150)
@given(
    st.lists(st.integers(0, 6), min_size=4, max_size=4),
    st.integers(1, 5),
    st.booleans(),
    st.sampled_from([(2, 2), (1, 4), (4, 1)]),
)
def test_no_small_number_can_be_worked_out(
    values: list[int], threshold: int, hide_zeros: bool, shape: tuple[int, int]
) -> None:
    counts = np.array(values).reshape(shape)
    table = suppress(counts, threshold, hide_zeros=hide_zeros)
    least = 0 if hide_zeros else 1
    totals = [*counts.ravel(), *counts.sum(axis=1), *counts.sum(axis=0), counts.sum()]
    small = [least <= n < threshold for n in totals]
    answers = np.array(possible(table, least, 8))
    for place, (n, printed, is_small) in enumerate(zip(totals, flat(table), small, strict=True)):
        assert printed in (None, n)
        if is_small:
            assert printed is None
            assert len(set(answers[:, place])) > 1, "only one value is left for it"
    assert table.small == sum(small)
    assert table.small + table.complementary == flat(table).count(None)


def test_one_small_count_takes_three_others_with_it() -> None:
    table = suppress([[3, 20, 40], [30, 25, 35], [50, 60, 70]], 5)
    assert table.cells == ((None, None, 40), (None, None, 35), (50, 60, 70))
    assert (table.row_totals, table.column_totals, table.total) == ((63, 90, 180), (83, 105, 145), 333)
    assert (table.small, table.complementary) == (1, 3)


def test_counts_that_protect_each_other_take_no_more() -> None:
    table = suppress([[3, 4, 40], [2, 3, 35]], 5)
    assert (table.small, table.complementary) == (4, 0)


def test_two_single_patients_in_a_row_do_not_protect_each_other() -> None:
    """1 + 1 = 2 has one solution where a hidden count is at least 1."""
    table = suppress([1, 1, 9], 2)
    assert table.cells == ((None, None, None),)


def test_zeros_are_shown_unless_asked_otherwise() -> None:
    assert suppress([0, 20, 30], 5).cells == ((0, 20, 30),)
    assert suppress([0, 20, 30], 5, hide_zeros=True).cells == ((None, None, 30),)


def test_nothing_small_nothing_hidden() -> None:
    table = suppress([[10, 20], [30, 40]], 5)
    assert table.cells == ((10, 20), (30, 40)) and table.complementary == 0


def test_small_total_is_hidden_too() -> None:
    table = suppress([[1, 2], [30, 40]], 5)
    assert table.row_totals[0] is None and table.cells[0] == (None, None)


@pytest.mark.parametrize(
    ("counts", "threshold", "said"),
    [
        ([[1, -1]], 5, "not all whole numbers from 0"),
        ([[1.5]], 5, "not all whole numbers from 0"),
        ([], 5, "counts: has shape"),
        ([1], 0, "threshold: 0 hides nothing"),
    ],
)
def test_what_is_no_table_is_refused(counts: list[float], threshold: int, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        suppress(counts, threshold)


def test_single_counts() -> None:
    assert [shown(n, 5) for n in (0, 1, 4, 5)] == ["0", "<5", "<5", "5"]
    assert shown(1, None) == "1"


def test_curve_ends_where_few_are_at_risk() -> None:
    curve = cut(kaplan_meier(range(1, 11), [1] * 10), 4)
    assert curve.at_risk.tolist() == [10, 9, 8, 7, 6, 5, 4]
    with pytest.raises(InvalidInput, match="fewer than 5 patients"):
        cut(kaplan_meier([1, 2], [1, 1]), 5)
