"""Newton's method with step halving, for the two likelihoods of this package; both are concave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tumorboard.cohort.outcomes.arrays import Floats
from tumorboard.errors import InvalidInput, Problem

_ITERATIONS, _HALVINGS = 50, 30
# Twice what the log-likelihood can still gain; the step then taken makes it far smaller. Lower, rounding would be felt.
_DECREMENT = 1e-8
# Near a maximum the last steps are tiny. Where the likelihood rises for ever, each moves the linear predictors of those
# who cause it apart by about 1, as the slope and the curvature of an exponential tail are the same.
_STILL_MOVING = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Slope:
    """A log-likelihood at one place with its gradient (p,) and information, minus its second derivative (p, p)."""

    value: float
    gradient: Floats
    information: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the log-likelihood is largest, what it is there and was at the start, and how many steps it took."""

    place: Floats
    covariance: Floats
    value: float
    start_value: float
    iterations: int


def maximise(slope: Callable[[Floats], Slope], x: Floats, start: Floats, names: Sequence[str], endless: str) -> Maximum:
    """The maximum from ``start`` (p,) of a likelihood of the linear predictor ``start @ x``, ``x`` (p, n).

    ``names`` (p,; empty for an intercept) and ``endless`` say what is wrong where there is none: the likelihood rises
    for ever as a coefficient grows (separation, monotone likelihood). Raises InvalidInput with them.
    """
    place, here = start, slope(start)
    first = here
    for iteration in range(1, _ITERATIONS + 1):
        step = _solved(here, names, endless)
        decrement = float(here.gradient @ step)
        place, here = _upward(slope, place, here, step)
        if decrement < _DECREMENT:
            if np.ptp(step @ x) > _STILL_MOVING:
                raise InvalidInput(_named(np.abs(step), names, endless))
            covariance: Floats = np.asarray(np.linalg.inv(here.information), dtype=np.float64)
            return Maximum(place, covariance, here.value, first.value, iteration)
    raise InvalidInput(Problem(", ".join(filter(None, names)), f"no maximum within {_ITERATIONS} steps: {endless}"))


def _upward(slope: Callable[[Floats], Slope], place: Floats, here: Slope, step: Floats) -> tuple[Floats, Slope]:
    slack = 1e-10 * (1 + abs(here.value))  # rounding of a sum over all patients
    for halving in range(_HALVINGS):
        candidate = place + step * 0.5**halving
        there = slope(candidate)
        if np.isfinite(there.value) and there.value >= here.value - slack:
            return candidate, there
    return place, here  # already at the top, as far as rounding lets it be told


def _solved(here: Slope, names: Sequence[str], endless: str) -> Floats:
    try:
        step: Floats = np.asarray(np.linalg.solve(here.information, here.gradient), dtype=np.float64)
    except np.linalg.LinAlgError as error:
        raise InvalidInput(_flattest(here.information, names, endless)) from error
    if not np.isfinite(step).all():
        raise InvalidInput(_flattest(here.information, names, endless))
    return step


def _flattest(information: Floats, names: Sequence[str], endless: str) -> Problem:
    _, vectors = np.linalg.eigh(information)
    return _named(np.abs(vectors[:, 0]), names, endless)


def _named(parts: Floats, names: Sequence[str], endless: str) -> Problem:
    among = [name for name, part in zip(names, parts, strict=True) if name and part > 0.3 * parts.max()]
    return Problem(", ".join(among), endless, "leave it out or join its categories")
