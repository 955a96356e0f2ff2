"""Propensity scores: the chance of a treatment given covariates, by logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tumorboard.cohort.outcomes.arrays import Floats, columns_of, kept, numbers_of, truths_of, varying
from tumorboard.cohort.outcomes.newton import Slope, maximise
from tumorboard.errors import InvalidInput, Problem

_ENDLESS = "tells the treated from the others without error (separation), so that scores are 0 or 1"


@dataclass(frozen=True, slots=True, eq=False)
class Propensity:
    """A logistic model of treatment. ``names``, ``coefficients`` and ``standard_errors`` (p + 1,) start with the
    intercept; log odds ratios for one unit of each covariate. ``logits`` and ``scores`` (n,) are those of the patients,
    ln(e/(1 − e)) and e."""

    names: tuple[str, ...]
    coefficients: Floats
    standard_errors: Floats
    logits: Floats
    scores: Floats
    log_likelihood: float
    iterations: int


def propensity(treated: ArrayLike, covariates: ArrayLike, names: Sequence[str]) -> Propensity:
    """Logistic regression of ``treated`` (n,), 1 or 0, on ``covariates`` (n, p) called ``names``.

    Formula: ln(e/(1 − e)) = α + βᵀx, fitted by iteratively reweighted least squares, which is Newton's method.
    Reference: Rosenbaum & Rubin 1983, Biometrika 70:41; McCullagh & Nelder 1989, ch. 4. Raises InvalidInput for unequal
    lengths, NaN, a group without patients, a covariate that never varies or follows from others, and separation.
    """
    n = len(numbers_of(treated, "treated"))
    chosen = truths_of(treated, "treated", n, "give 1 for the treated, 0 for the others")
    columns = columns_of(covariates, names, n)
    both_groups(int(chosen.sum()), n)
    scaled, means, spreads = varying(columns, names)
    x = np.vstack((np.ones(n), scaled))
    outcome = chosen.astype(np.float64)

    def slope(beta: Floats) -> Slope:
        linear = beta @ x
        chance = _logistic(linear)
        value = float(outcome @ linear - np.logaddexp(0.0, linear).sum())
        return Slope(value, x @ (outcome - chance), (x * (chance * (1 - chance))) @ x.T)

    share = outcome.mean()
    start = np.zeros(len(x))
    start[0] = np.log(share / (1 - share))
    found = maximise(slope, x, start, ("", *names), _ENDLESS)
    # Back from standardised covariates to their own units.
    back = np.diag(np.concatenate(([1.0], 1 / spreads)))
    back[0, 1:] = -means / spreads
    logits = found.place @ x
    return Propensity(
        ("intercept", *names),
        kept(back @ found.place),
        kept(np.sqrt(np.diag(back @ found.covariance @ back.T))),
        kept(logits),
        kept(_logistic(logits)),
        found.value,
        found.iterations,
    )


def both_groups(treated: int, n: int) -> None:
    """Raises InvalidInput unless there are treated and others."""
    if treated in (0, n):
        what = f"{treated} treated of {n} patients"
        raise InvalidInput(Problem("treated", what, "both groups need at least one patient"))


def _logistic(linear: Floats) -> Floats:
    chance: Floats = 0.5 * (1 + np.tanh(0.5 * linear))  # never overflows
    return chance
