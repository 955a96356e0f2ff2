"""Data the tests of outcomes share: textbook trials, and made-up patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

# Remission in weeks of 42 children with acute leukaemia, 6-mercaptopurine against placebo (Freireich and others 1963,
# Blood 21:699), as printed in Kleinbaum & Klein, Survival Analysis, table 2.1; a plus is a censoring.
_TREATED = "6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+"
_PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
TREATED, PLACEBO = _TREATED.split(), _PLACEBO.split()


def trial() -> tuple[list[float], list[bool], list[int]]:
    """The leukaemia trial: times in weeks, events, and 1 for placebo."""
    written = [*TREATED, *PLACEBO]
    placebo = [0] * len(TREATED) + [1] * len(PLACEBO)
    return [float(time.rstrip("+")) for time in written], [not time.endswith("+") for time in written], placebo


@dataclass(frozen=True)
class Made:
    times: NDArray[np.float64]
    events: NDArray[np.bool_]
    x: NDArray[np.float64]
    names: tuple[str, ...]


def made_patients(seed: int, n: int, p: int = 3, ties: bool = True) -> Made:
    """Exponential survival that depends on ``p`` covariates, a third or so censored; whole months where ``ties``."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(n, p))
    x[:, 0] = x[:, 0] > 0.3
    died = chance.exponential(12, size=n) * np.exp(-x @ np.linspace(0.8, -0.4, p))
    lost = chance.uniform(2, 40, size=n)
    times = np.minimum(died, lost)
    return Made(np.ceil(times) if ties else times, died <= lost, x, tuple(f"x{column}" for column in range(p)))


seeds = st.integers(0, 10**6)
few_patients = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=60)
