"""Nearest-neighbour matching within a caliper on the logit of the propensity score, 1:k, without replacement."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tumorboard.cohort.outcomes.arrays import Floats, Ints, Truths, finite_of, kept, numbers_of, truths_of
from tumorboard.cohort.outcomes.propensity import both_groups
from tumorboard.errors import InvalidInput, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Sets of one treated patient and up to k others, by their places in the arrays given.

    ``treated`` (m,) ascending; ``controls`` (m, k), nearest first, −1 where a set has fewer; ``set_of`` (n,) is the
    number of a patient's set, or −1; ``weights`` (n,) are 1 for the treated, 1/(controls of its set) for a control, 0
    for the unmatched: what makes the controls stand for the treated. ``caliper`` is the largest distance allowed, in
    units of the logit; ``unmatched`` counts the treated without a set.
    """

    treated: Ints
    controls: Ints
    set_of: Ints
    weights: Floats
    caliper: float
    unmatched: int

    @property
    def patients(self) -> Ints:
        """The places of all matched patients, ascending."""
        return np.flatnonzero(self.set_of >= 0)


def caliper_width(logits: ArrayLike, treated: ArrayLike, share: float) -> float:
    """A caliper in units of the logit: ``share`` of its pooled SD, √((s₁² + s₀²)/2).

    Reference: Austin 2011, Pharm Stat 10:150, which finds a share of 0.2 best. Raises InvalidInput for a share that is
    not positive, NaN, unequal lengths, or a group of fewer than two patients.
    """
    read, chosen = _read(logits, treated)
    if not 0 < share < math.inf:
        raise InvalidInput(Problem("share", f"{share} of a standard deviation", "give a number above 0"))
    if min(chosen.sum(), (~chosen).sum()) < 2:
        raise InvalidInput(Problem("treated", "a group has one patient", "a standard deviation needs at least two"))
    return share * math.sqrt((read[chosen].var(ddof=1) + read[~chosen].var(ddof=1)) / 2)


def match(
    logits: ArrayLike, treated: ArrayLike, *, k: int, caliper: float, seed: int, whole_sets: bool = False
) -> Matching:
    """Greedy 1:k matching of ``treated`` (n,), 1 or 0, on ``logits`` (n,), without replacement.

    The treated choose in an order drawn from ``seed``, each the nearest control left within ``caliper`` (≥ 0, units of
    the logit); of two as near the one with the lower logit, and of equal ones chance decides. They choose in k rounds,
    so that nobody gets a second control before all had the chance of a first. With ``whole_sets`` a treated patient
    takes k controls at once or none. The same input and seed give the same sets.

    Reference: Rosenbaum & Rubin 1985, Am Stat 39:33; Austin 2014, Stat Med 33:1057. Raises InvalidInput for NaN,
    unequal lengths, a group without patients, k < 1 or a caliper below 0.
    """
    read, chosen = _read(logits, treated)
    if k < 1:
        raise InvalidInput(Problem("k", f"{k} controls for each", "give at least 1"))
    if not caliper >= 0:
        raise InvalidInput(Problem("caliper", f"{caliper} is no distance", "give a number from 0"))
    chance = np.random.default_rng(seed)
    takers = chance.permutation(np.flatnonzero(chosen))
    controls = chance.permutation(np.flatnonzero(~chosen))
    controls = controls[np.argsort(read[controls], kind="stable")]
    pool = _Pool(read[controls], caliper)
    wanted = read[takers]
    starts = np.searchsorted(pool.values_array, wanted, side="left").tolist()
    taken = np.full((len(takers), k), -1, dtype=np.int64)
    targets = wanted.tolist()
    if whole_sets:
        for number, (target, start) in enumerate(zip(targets, starts, strict=True)):
            if len(places := pool.nearest(target, start, k)) == k:
                pool.remove(places)
                taken[number] = places
    else:
        waiting = list(range(len(targets)))
        for turn in range(k):
            served = []
            for number in waiting:
                if places := pool.nearest(targets[number], starts[number], 1):
                    pool.remove(places)
                    taken[number, turn] = places[0]
                    served.append(number)
            waiting = served  # who finds none now finds none later: the pool only shrinks
    return _sets(takers, np.where(taken >= 0, controls[taken], -1), len(read), caliper)


class _Pool:
    """Controls left, sorted by logit. ``_left`` and ``_right`` lead from a place to the nearest one left at or beyond
    it (union-find with path halving), so that a search takes a few steps however many have been taken."""

    def __init__(self, values: Floats, caliper: float) -> None:
        self.values_array = values
        self._values: list[float] = values.tolist()
        self._caliper = caliper
        # Place p is stored at p + 1, so that 0 means none to the left.
        self._left = list(range(len(values) + 2))
        self._right = list(range(len(values) + 2))

    def nearest(self, target: float, start: int, number: int) -> list[int]:
        """At most ``number`` places left within the caliper of ``target``, nearest first; ``start`` is where it would
        stand."""
        values, end = self._values, len(self._values)
        found: list[int] = []
        low, high = _root(self._left, start), _root(self._right, start + 1)
        while len(found) < number:
            below = target - values[low - 1] if low else math.inf
            above = values[high - 1] - target if high <= end else math.inf
            if min(below, above) > self._caliper or (not low and high > end):
                break
            if below <= above:
                found.append(low - 1)
                low = _root(self._left, low - 1)
            else:
                found.append(high - 1)
                high = _root(self._right, high + 1)
        return found

    def remove(self, places: list[int]) -> None:
        for place in places:
            self._left[place + 1] = place
            self._right[place + 1] = place + 2


def _root(links: list[int], place: int) -> int:
    while (link := links[place]) != place:
        links[place] = links[link]
        place = links[place]
    return place


def _sets(takers: Ints, controls: Ints, n: int, caliper: float) -> Matching:
    matched = controls[:, 0] >= 0
    order = np.argsort(takers[matched])
    treated, controls = takers[matched][order], controls[matched][order]
    set_of, weights = np.full(n, -1, dtype=np.int64), np.zeros(n)
    numbers = np.arange(len(treated))
    there = controls >= 0
    set_of[treated], weights[treated] = numbers, 1.0
    each = np.broadcast_to(numbers[:, None], controls.shape)
    sizes = np.broadcast_to(there.sum(axis=1)[:, None], controls.shape)
    set_of[controls[there]], weights[controls[there]] = each[there], 1 / sizes[there]
    unmatched = len(takers) - len(treated)
    return Matching(kept(treated), kept(controls), kept(set_of), kept(weights), caliper, unmatched)


def _read(logits: ArrayLike, treated: ArrayLike) -> tuple[Floats, Truths]:
    n = len(numbers_of(logits, "logits"))
    read = finite_of(logits, "logits", n)
    chosen = truths_of(treated, "treated", n, "give 1 for the treated, 0 for the others")
    both_groups(int(chosen.sum()), n)
    return read, chosen
