"""Cox's proportional hazards by Newton's method, ties after Efron, a few passes over the patients a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tumorboard.cohort.outcomes.arrays import Floats, Ints, Truths, columns_of, events_of, kept, times_of, varying
from tumorboard.cohort.outcomes.distributions import chi_square_upper, normal_quantile, normal_two_sided
from tumorboard.cohort.outcomes.newton import Slope, maximise
from tumorboard.errors import InvalidInput, Problem

_ENDLESS = "its hazard ratio has no finite estimate (every event has the largest or smallest value of those at risk)"


@dataclass(frozen=True, slots=True, eq=False)
class CoxModel:
    """Log hazard ratios for one unit of each covariate: arrays of shape (p,), ``covariance`` (p, p).

    ``log_likelihood`` is the partial one, ``null_log_likelihood`` that without covariates.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    null_log_likelihood: float
    n: int
    events: int
    iterations: int
    level: float

    @property
    def standard_errors(self) -> Floats:
        errors: Floats = np.sqrt(np.diag(self.covariance))
        return errors

    @property
    def hazard_ratios(self) -> Floats:
        ratios: Floats = np.exp(self.coefficients)
        return ratios

    @property
    def intervals(self) -> Floats:
        """Wald limits of the hazard ratios, (p, 2): exp(β ± z SE)."""
        reach = normal_quantile(self.level) * self.standard_errors
        limits: Floats = np.exp(np.column_stack((self.coefficients - reach, self.coefficients + reach)))
        return limits

    @property
    def p_values(self) -> tuple[float, ...]:
        """Two-sided Wald P of each coefficient."""
        return tuple(normal_two_sided(float(z)) for z in self.coefficients / self.standard_errors)

    @property
    def likelihood_ratio(self) -> tuple[float, float]:
        """χ² of all covariates together, with p degrees of freedom, and its P."""
        statistic = 2 * (self.log_likelihood - self.null_log_likelihood)
        return statistic, chi_square_upper(statistic, len(self.names))


def cox(
    times: ArrayLike, events: ArrayLike, covariates: ArrayLike, names: Sequence[str], level: float = 95.0
) -> CoxModel:
    """Cox regression of ``times`` and ``events`` (n,), as for Kaplan–Meier, on ``covariates`` (n, p) called ``names``.

    Formula: ℓ(β) = Σ_t [Σ_{i dies} βᵀx_i − Σ_{j < d} ln(S₀ − (j/d) D₀)], S₀ = Σ exp(βᵀx) over those at risk at t and D₀
    over the d who die then; the covariance is the inverse of the observed information. Reference: Cox 1972, J R Stat
    Soc B 34:187; Efron 1977, J Am Stat Assoc 72:557.

    Raises InvalidInput for unequal lengths, NaN, negative times, no event, a covariate that never varies or follows
    from others, and a hazard ratio that would be infinite (monotone likelihood).
    """
    normal_quantile(level)
    read = times_of(times)
    ended = events_of(events, len(read))
    columns = columns_of(covariates, names, len(read))
    if not ended.any():
        raise InvalidInput(Problem("events", "there are none", "Cox regression needs at least one event"))
    order = np.argsort(read, kind="stable")
    scaled, _, spreads = varying(columns[order], names)
    likelihood = _Likelihood.of(read[order], ended[order], scaled)
    found = maximise(likelihood.slope, scaled, np.zeros(len(names)), names, _ENDLESS)
    return CoxModel(
        tuple(names),
        kept(found.place / spreads),
        kept(found.covariance / np.outer(spreads, spreads)),
        found.value,
        found.start_value,
        len(read),
        int(ended.sum()),
        found.iterations,
        level,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Likelihood:
    """The partial likelihood of n patients sorted by time, E of them with an event.

    ``x`` (p, n); of each event (E,): ``row`` its patient, ``first`` the first patient still at risk, ``tie`` the number
    of its time among the times with events, ``share`` Efron's j/d. ``tied`` is false where all shares are 0.
    """

    x: Floats
    row: Ints
    first: Ints
    tie: Ints
    share: Floats
    tied: bool

    @classmethod
    def of(cls, times: Floats, events: Truths, x: Floats) -> _Likelihood:
        row = np.flatnonzero(events)
        first = np.searchsorted(times, times[row], side="left")
        starts, tie, deaths = np.unique(first, return_inverse=True, return_counts=True)
        before = np.cumsum(deaths) - deaths
        share = (np.arange(len(row)) - before[tie]) / deaths[tie]
        return cls(x, row, first, tie, share, len(starts) < len(row))

    def slope(self, beta: Floats) -> Slope:
        """The sums over those at risk are running sums from the latest time. That of w x xᵀ is not needed: summed over
        events it is Σ_i w_i x_i x_iᵀ times the hazard patient i has passed, one matrix product."""
        linear = beta @ self.x
        linear -= linear.max()
        # A trial step too long underflows to 0 at risk; the value is then not finite and the step is halved.
        with np.errstate(all="ignore"):
            weight = np.exp(linear)
            inverse = 1 / self._at_event(weight)
            value = float(linear[self.row].sum() + np.log(inverse).sum())
            passed = np.cumsum(np.bincount(self.first, weights=inverse, minlength=len(weight)))
            if self.tied:
                passed[self.row] -= np.bincount(self.tie, weights=self.share * inverse)[self.tie]
            passed *= weight
            gradient = self.x[:, self.row].sum(axis=1) - self.x @ passed
            means = np.empty((len(self.x), len(self.row)))
            for mean, column in zip(means, self.x, strict=True):
                np.multiply(self._at_event(weight * column), inverse, out=mean)
            information = (self.x * passed) @ self.x.T - means @ means.T
        return Slope(value, gradient, information)

    def _at_event(self, amount: Floats) -> Floats:
        """For each event the sum of ``amount`` (n,) over those at risk, less Efron's share of those who die then."""
        sums: Floats = np.cumsum(amount[::-1])[::-1][self.first]
        if self.tied:
            sums -= self.share * np.bincount(self.tie, weights=amount[self.row])[self.tie]
        return sums
