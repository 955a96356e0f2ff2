"""Log-rank test of equal survival in two or more groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tumorboard.cohort.outcomes.arrays import Floats, Ints, events_of, kept, same_length, times_of
from tumorboard.cohort.outcomes.distributions import chi_square_upper
from tumorboard.errors import InvalidInput, Problem


@dataclass(frozen=True, slots=True, eq=False)
class LogRank:
    """``statistic`` is χ² with ``degrees`` of freedom, ``p`` its upper tail. One row a group, shape (k,), groups sorted
    by label: patients ``n``, events ``observed``, and ``expected`` if survival were equal."""

    labels: tuple[Any, ...]
    n: Ints
    observed: Ints
    expected: Floats
    statistic: float
    degrees: int
    p: float


def log_rank(times: ArrayLike, events: ArrayLike, groups: ArrayLike) -> LogRank:
    """The log-rank test over ``groups`` (n,), k ≥ 2 labels (text or whole numbers); ``times`` and ``events`` (n,) as
    for Kaplan–Meier.

    Formula: with n patients at risk and d events at a time, E_i = Σ d n_i/n and V_ij = Σ d (n − d)/(n − 1) · n_i/n ·
    (δ_ij − n_j/n); χ² = (O − E)ᵀ V⁻¹ (O − E) over all groups but one, with k − 1 degrees of freedom. Reference: Mantel
    1966, Cancer Chemother Rep 50:163; Peto & Peto 1972, J R Stat Soc A 135:185.

    Raises InvalidInput for unequal lengths, NaN or negative times, fewer than two groups, no event at all, a group of
    which nobody is under observation when the first event happens, and data whose every event leaves no choice.
    """
    read = times_of(times)
    ended = events_of(events, len(read))
    labels, group = _groups(groups, len(read))
    if not ended.any():
        raise InvalidInput(Problem("events", "there are none", "a comparison of survival needs at least one event"))
    k = len(labels)
    distinct, row = np.unique(read, return_inverse=True)
    leaving = np.bincount(row * k + group, minlength=len(distinct) * k).reshape(-1, k)
    at_risk = leaving[::-1].cumsum(axis=0)[::-1].astype(np.float64)
    died = np.bincount(row[ended], minlength=len(distinct))
    at_risk, died = at_risk[died > 0], died[died > 0].astype(np.float64)
    n = at_risk.sum(axis=1)
    share = at_risk / n[:, None]
    expected = died @ share
    for label, number in zip(labels, at_risk[0], strict=True):
        if number == 0:
            what = "nobody is under observation when the first event happens"
            raise InvalidInput(Problem(f"group {label}", what, "leave the group out"))
    observed = np.bincount(group[ended], minlength=k)
    chance = died * (n - died) / np.maximum(n - 1, 1)
    variance = np.diag(chance @ share) - share.T @ (share * chance[:, None])
    apart, inner = (observed - expected)[:-1], variance[:-1, :-1]
    if np.linalg.matrix_rank(inner, hermitian=True) < k - 1:
        raise InvalidInput(Problem("events", "each happens to all who could have it", "too few patients to compare"))
    statistic = float(apart @ np.linalg.solve(inner, apart))
    sizes = np.bincount(group, minlength=k)
    p = chi_square_upper(statistic, k - 1)
    return LogRank(labels, kept(sizes), kept(observed), kept(expected), statistic, k - 1, p)


def _groups(groups: ArrayLike, n: int) -> tuple[tuple[Any, ...], Ints]:
    read = np.asarray(groups)
    if read.ndim != 1 or read.dtype.kind not in "biuU":
        what = f"shape {read.shape} of {read.dtype}"
        raise InvalidInput(Problem("groups", what, "give one label a patient, as text or whole numbers"))
    same_length("groups", len(read), n)
    labels, group = np.unique(read, return_inverse=True)
    if len(labels) < 2:
        raise InvalidInput(Problem("groups", f"{len(labels)} group", "give at least two"))
    return tuple(labels.tolist()), group.astype(np.int64)
