"""Balance of covariates between two groups before and after matching: standardised mean differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tumorboard.cohort.outcomes.arrays import Floats, Truths, columns_of, finite_of, kept, numbers_of, truths_of
from tumorboard.cohort.outcomes.propensity import both_groups
from tumorboard.errors import InvalidInput, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """Standardised mean differences, treated minus others, in standard deviations; one row a covariate, shape (p,).

    ``means_before`` and ``means_after`` (p, 2) are the means of the treated and of the others, in the covariate's unit.
    """

    names: tuple[str, ...]
    before: Floats
    after: Floats
    means_before: Floats
    means_after: Floats

    def unbalanced(self, threshold: float) -> tuple[str, ...]:
        """Covariates that after matching still differ by more than ``threshold`` standard deviations."""
        return tuple(name for name, size in zip(self.names, np.abs(self.after), strict=True) if size > threshold)


def balance(treated: ArrayLike, covariates: ArrayLike, names: Sequence[str], weights: ArrayLike) -> Balance:
    """How ``covariates`` (n, p) differ between ``treated`` (n,) 1 and 0, before and after weighting by ``weights``
    (n,), those of a Matching: 0 for who is left out.

    Formula: (x̄₁ − x̄₀)/√((s₁² + s₀²)/2), s² of a covariate of zeros and ones being x̄(1 − x̄); the SDs are those before
    matching both times, so that a change of spread is not taken for balance. Reference: Austin 2009, Stat Med 28:3083;
    Stuart 2010, Stat Sci 25:1. Raises InvalidInput for NaN, unequal lengths, negative weights, a group that is empty
    before or after, and a covariate that is constant in both groups but not the same.
    """
    n = len(numbers_of(treated, "treated"))
    chosen = truths_of(treated, "treated", n, "give 1 for the treated, 0 for the others")
    columns = columns_of(covariates, names, n)
    both_groups(int(chosen.sum()), n)
    weighing = finite_of(weights, "weights", n)
    if (weighing < 0).any():
        raise InvalidInput(Problem("weights", "some are negative", "give 0 for who is left out"))
    if not (weighing[chosen].sum() > 0 and weighing[~chosen].sum() > 0):
        raise InvalidInput(Problem("weights", "nobody is left in a group", "widen the caliper"))
    before, after = _means(columns, chosen, np.ones(n)), _means(columns, chosen, weighing)
    spread = _spread(columns, chosen)
    differences = [means[:, 0] - means[:, 1] for means in (before, after)]
    apart = (spread == 0) & (differences[0] != 0)
    if apart.any():
        where = [name for name, is_apart in zip(names, apart, strict=True) if is_apart]
        raise InvalidInput(*(Problem(name, "has one value in each group, and not the same one") for name in where))
    # A covariate that is the same for everybody differs by nothing.
    standard = [difference / np.where(spread > 0, spread, 1.0) for difference in differences]
    return Balance(tuple(names), kept(standard[0]), kept(standard[1]), kept(before), kept(after))


def _means(columns: Floats, chosen: Truths, weights: Floats) -> Floats:
    sides = [np.average(columns[side], axis=0, weights=weights[side]) for side in (chosen, ~chosen)]
    return np.column_stack(sides)


def _spread(columns: Floats, chosen: Truths) -> Floats:
    binary = ((columns == 0) | (columns == 1)).all(axis=0)
    variances = []
    for side in (columns[chosen], columns[~chosen]):
        share = side.mean(axis=0)
        # One patient has no spread of its own.
        around = side.var(axis=0, ddof=1) if len(side) > 1 else np.zeros(side.shape[1])
        # Of equal values the computed variance is rounding, not spread.
        around = np.where(side.min(axis=0) == side.max(axis=0), 0.0, around)
        variances.append(np.where(binary, share * (1 - share), around))
    pooled: Floats = np.sqrt((variances[0] + variances[1]) / 2)
    return pooled
