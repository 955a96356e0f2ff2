"""Simulated clones against what the theory of such processes says, and against trials."""

from __future__ import annotations

import numpy as np
import pytest
from scoring import mechanism

from tumorboard.errors import InvalidInput
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.mechanism.clones import Course, _pre_existing, load_rates, simulate, with_cells
from tumorboard.mechanism.genotype import parse_genotype

READER = mechanism()
RATES = load_rates(KnowledgeFolder(SHIPPED))


def run(genotype: str = "EGFR ex19del", drug: str = "gefitinib", tumours: int = 2000, **given: object) -> Course:
    read = parse_genotype(genotype, READER.network)
    return simulate(READER, read, [READER.network.agent(drug)], RATES, tumours=tumours, **given)  # type: ignore[arg-type]


def test_the_rates_are_those_of_the_paper() -> None:
    assert (RATES.mutation, RATES.birth, RATES.death) == (1e-9, 0.14, 0.13)


def test_the_chance_of_no_resistant_cell_is_that_of_a_poisson_number_of_lineages() -> None:
    """Bozic 2013: in M cells the number of surviving resistant lineages is Poisson with mean M u."""
    small = with_cells(RATES, 5e8)
    found = _pre_existing(np.random.default_rng(1), small, np.array([1e-9]), small.growth / small.birth, 40_000)
    assert np.mean(found == 0) == pytest.approx(np.exp(-5e8 * 1e-9), abs=0.01)


def test_the_middle_of_the_resistant_cells_follows_luria_and_delbruck() -> None:
    """With many lineages the median number grows as m ln m, m the expected number of lineages over survival."""
    rates = with_cells(RATES, 1e11)
    survives = rates.growth / rates.birth
    found = _pre_existing(np.random.default_rng(2), rates, np.array([1e-9]), survives, 20_000)
    m = 1e11 * 1e-9
    median = float(np.median(found)) * survives / m
    assert np.log(m) < median < np.log(m) + 3


def test_the_same_seed_gives_the_same_tumours() -> None:
    assert run(seed=7).quantile(0.5) == run(seed=7).quantile(0.5)
    assert run(seed=7).quantile(0.5) != run(seed=8).quantile(0.5)


def test_more_mutations_bring_progression_forward() -> None:
    times = [run(supply=supply).quantile(0.5) for supply in (1, 10, 100)]
    assert times == sorted(times, reverse=True)


def test_a_combination_that_closes_a_clone_takes_it_out() -> None:
    alone = run("EGFR ex19del", "gefitinib")
    both = simulate(
        READER, parse_genotype("EGFR ex19del", READER.network),
        [READER.network.agent("gefitinib"), READER.network.agent("savolitinib")], RATES, tumours=500,
    )  # fmt: skip
    assert "MET amplification" in alone.kinds
    assert "MET amplification" not in both.kinds


def test_t790m_is_no_clone_under_a_drug_that_closes_it() -> None:
    assert "EGFR p.T790M" in run(drug="gefitinib").kinds
    assert "EGFR p.T790M" not in run(drug="osimertinib").kinds
    assert "EGFR p.C797S" in run(drug="osimertinib").kinds


def test_the_shares_of_winning_clones_sum_to_one() -> None:
    course = run()
    assert sum(course.winners.values()) == pytest.approx(1.0)
    assert course.progressed == pytest.approx(1.0)


def test_the_shares_after_first_generation_drugs_are_in_the_range_of_the_biopsies() -> None:
    """T790M in 49 to 62 % (source 001), MET amplification in 5 to 22 % (source 000); nothing was fitted to them."""
    course = run(tumours=10_000)
    assert 0.49 <= course.winners["EGFR p.T790M"] <= 0.70
    assert 0.05 <= course.winners["MET amplification"] <= 0.22


def test_a_break_from_treatment_lets_sensitive_cells_grow() -> None:
    """The volume after breaks is never below that without, so the deepest response is shallower."""
    steady, broken = run(seed=3), run(seed=3, holiday=(28, 14))
    assert broken.volume[:20, 0].min() > steady.volume[:20, 0].min()


@pytest.mark.parametrize("genotype", ["EGFR ex19del; EGFR T790M", "KRAS G12D"])
def test_nothing_is_simulated_where_the_drug_does_not_work_at_first(genotype: str) -> None:
    with pytest.raises(InvalidInput, match="before any clone arises"):
        run(genotype)


def test_a_number_of_cells_that_is_no_tumour_is_refused() -> None:
    with pytest.raises(InvalidInput, match="between 1e6 and 1e13"):
        with_cells(RATES, 10)
