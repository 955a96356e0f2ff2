"""How resistance arises under treatment: a multitype branching process of clones, 10 000 tumours at a time.

A tumour grows from one cell; each division may give a resistant cell. When treatment starts, the clones that are there
(*pre-existing*) have the sizes of a Luria-Delbrück process with death; under treatment sensitive cells shrink and
further clones arise (*acquired*). What a clone does under the drugs is the network's verdict on its genotype: resistant
clones grow on, partial ones more slowly. Progression is the growth of the whole tumour above its smallest volume that
RECIST asks for. Rates are data: ``knowledge/network/clones.yaml``.

Bozic and others, eLife 2013;2:e00747. It shows what such a process does; it predicts nothing for one person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tumorboard.errors import InvalidInput, Problem
from tumorboard.folder import KnowledgeFolder
from tumorboard.mechanism.answer import Verdict
from tumorboard.mechanism.genotype import Genotype, genotype_of, parse_genotype
from tumorboard.mechanism.network import Agent
from tumorboard.mechanism.verdict import Mechanism

Floats = NDArray[np.float64]
_LINEAGES = 64  # of one kind, the oldest and largest; the others are added by their mean
_NEVER = 1e-7  # expected new lineages a step below which none is drawn
_DAYS_A_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class Event:
    """Something a dividing cell may become: ``ways`` base changes lead to it; only in tumours with ``in_``.

    ``under_drug``: a cell that has it does not live while its driver is active, so it arises only under treatment.
    """

    alteration: str
    ways: float
    in_: str | None
    under_drug: bool
    reference: str


@dataclass(frozen=True, slots=True)
class Arm:
    """A published trial arm: its median in months, and whether the process was fitted to it."""

    arm: str
    genotype: str
    drug: str
    n: int
    months: float
    fitted: bool
    reference: str


@dataclass(frozen=True)
class Rates:
    """The process: rates a cell and day, cells at the start, spread between patients (of logarithms), days, step."""

    birth: float
    death: float
    mutation: float
    death_under_drug: float
    partial_share: float
    cells: float
    spread: float
    progression_volume: float
    days: int
    step: int
    events: tuple[Event, ...]
    arms: tuple[Arm, ...]
    fitted_supply: float
    reference: str

    @property
    def growth(self) -> float:
        return self.birth - self.death


@dataclass(frozen=True)
class Course:
    """What happens in the simulated tumours. Times in months; NaN where a tumour has not progressed at the end.

    ``winners`` gives the share of progressed tumours whose largest clone it is, ``acquired`` the share of those in
    which that clone arose under treatment. ``volume`` has the median and the 10th and 90th percentile of the volume
    relative to the start, one row a time of ``months``.
    """

    kinds: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    skipped: tuple[tuple[str, Verdict], ...]
    progression: Floats
    winners: Mapping[str, float]
    acquired: Mapping[str, float]
    months: Floats
    volume: Floats

    @property
    def progressed(self) -> float:
        return float(np.mean(~np.isnan(self.progression)))

    def quantile(self, share: float) -> float | None:
        """The time by which this share of tumours has progressed; None where fewer have at the end."""
        times = np.where(np.isnan(self.progression), np.inf, self.progression)
        found = float(np.quantile(times, share, method="lower"))
        return None if np.isinf(found) else found


def load_rates(folder: KnowledgeFolder) -> Rates:
    """The process in ``network/clones.yaml``."""
    data: Any = folder.read("network/clones.yaml")["clones"]
    return Rates(
        birth=float(data["birth"]),
        death=float(data["death"]),
        mutation=float(data["mutation"]),
        death_under_drug=float(data["death_under_drug"]),
        partial_share=float(data["partial_growth_share"]),
        cells=float(data["cells"]),
        spread=float(data["spread"]),
        progression_volume=float(data["progression_volume"]),
        days=int(data["days"]),
        step=int(data["step"]),
        events=tuple(
            Event(row["alteration"], float(row["ways"]), row.get("in"), row.get("under_drug", False), row["reference"])
            for row in data["events"]
        ),
        arms=tuple(
            Arm(
                row["arm"], row["genotype"], row["drug"], int(row["n"]), float(row["months"]),
                row.get("fitted", False), row["reference"],
            )
            for row in data["arms"]
        ),
        fitted_supply=float(data["fitted_supply"]),
        reference=data["reference"],
    )  # fmt: skip


def simulate(
    mechanism: Mechanism,
    genotype: Genotype,
    agents: Sequence[Agent],
    rates: Rates,
    *,
    tumours: int = 10_000,
    seed: int = 0,
    holiday: tuple[int, int] | None = None,
    supply: float = 1.0,
) -> Course:
    """``tumours`` tumours under the drugs, the same for the same ``seed``.

    ``holiday`` is (days on, days off) in turn. ``supply`` multiplies the mutation rate. Raises InvalidInput where the
    network does not call the tumour sensitive to the drugs (there is then nothing to resist), or for numbers that can't
    be.
    """
    if tumours < 1 or supply <= 0 or (holiday is not None and min(holiday) < 1):
        raise InvalidInput(Problem("", "numbers of tumours, days and supply are positive"))
    start = mechanism.judge(genotype, agents).verdict
    if start not in ("sensitive", "partial"):
        raise InvalidInput(
            Problem(
                "", f"the tumour is {start} before any clone arises", "clones are shown where the drugs work at first"
            )
        )
    kinds, verdicts, skipped = _kinds(mechanism, genotype, agents, rates)
    if not kinds:
        raise InvalidInput(
            Problem("", "no event of clones.yaml makes this tumour resistant", "add one, or ask `mechanism`")
        )
    return _run(rates, kinds, verdicts, skipped, tumours, seed, holiday, supply)


def _kinds(
    mechanism: Mechanism, genotype: Genotype, agents: Sequence[Agent], rates: Rates
) -> tuple[list[Event], list[Verdict], list[tuple[str, Verdict]]]:
    network = mechanism.network
    carried = {id_ for entry in genotype.entries for id_ in network.above(entry.id)}
    kinds: list[Event] = []
    verdicts: list[Verdict] = []
    skipped: list[tuple[str, Verdict]] = []
    for event in rates.events:
        if event.alteration in carried or (event.in_ is not None and event.in_ not in carried):
            continue
        extra = parse_genotype(event.alteration, network).entries
        verdict = mechanism.judge(genotype_of([*genotype.entries, *extra], network), agents).verdict
        if verdict in ("resistant", "partial"):
            kinds.append(event)
            verdicts.append(verdict)
        elif verdict != "sensitive":
            skipped.append((event.alteration, verdict))
    return kinds, verdicts, skipped


def _run(
    rates: Rates,
    kinds: Sequence[Event],
    verdicts: Sequence[Verdict],
    skipped: Sequence[tuple[str, Verdict]],
    tumours: int,
    seed: int,
    holiday: tuple[int, int] | None,
    supply: float,
) -> Course:
    rng = np.random.default_rng(seed)
    shape = (tumours, len(kinds))
    # Patients and clones differ: how fast each clone grows, and how fast the sensitive cells shrink.
    pace = np.exp(rng.normal(0.0, rates.spread, shape))
    kill = np.exp(rng.normal(0.0, rates.spread, (tumours, 1)))
    mutation = rates.mutation * supply * np.array([event.ways for event in kinds])
    survives = rates.growth / rates.birth
    before = _pre_existing(rng, rates, mutation, survives, tumours)
    before[:, [event.under_drug for event in kinds]] = 0.0
    after = np.zeros(shape)
    sensitive = np.full((tumours, 1), rates.cells)
    share = np.array([1.0 if verdict == "resistant" else rates.partial_share for verdict in verdicts])
    on = (rates.birth - rates.death_under_drug) * kill
    free = rates.growth * pace
    steps = rates.days // rates.step
    nadir = np.full(tumours, np.inf)
    progression = np.full(tumours, np.nan)
    winner = np.full(tumours, -1)
    late = np.zeros(tumours, dtype=bool)
    volume = np.empty((steps + 1, 3))
    last = sensitive[:, 0] + before.sum(axis=1)
    for number in range(steps + 1):
        total = sensitive[:, 0] + before.sum(axis=1) + after.sum(axis=1)
        nadir = np.minimum(nadir, total)
        limit = rates.progression_volume * nadir
        new = np.isnan(progression) & (total >= limit)
        if new.any():
            # Between two steps the volume is taken to grow evenly in its logarithm.
            part = np.clip(np.log(limit[new] / last[new]) / np.log(total[new] / last[new]), 0.0, 1.0)
            progression[new] = (number - 1 + part) * rates.step
            winner[new] = (before + after)[new].argmax(axis=1)
            chosen = np.arange(int(new.sum())), winner[new]
            late[new] = after[new][chosen] > before[new][chosen]
        volume[number] = np.quantile(total / rates.cells, (0.5, 0.1, 0.9))
        last = total
        treated = holiday is None or (number * rates.step) % sum(holiday) < holiday[0]
        mean = sensitive * rates.birth * mutation * survives * rates.step
        sensitive = sensitive * np.exp((on if treated else rates.growth) * rates.step)
        growth = np.exp(free * (share if treated else 1.0) * rates.step)
        before = before * growth
        after = after * growth
        if mean.max() > _NEVER:
            arising = rng.poisson(mean)
            some = arising > 0
            after[some] += rng.gamma(arising[some]) / survives
        if not np.isnan(progression).any():
            steps = number
            break
    done = winner >= 0
    names = [event.alteration for event in kinds]
    return Course(
        kinds=tuple(names),
        verdicts=tuple(verdicts),
        skipped=tuple(skipped),
        progression=progression / _DAYS_A_MONTH,
        winners={
            name: float(np.mean(winner[done] == place)) if done.any() else 0.0 for place, name in enumerate(names)
        },
        acquired={
            name: float(np.mean(late[done & (winner == place)])) if (done & (winner == place)).any() else 0.0
            for place, name in enumerate(names)
        },
        months=np.arange(steps + 1) * rates.step / _DAYS_A_MONTH,
        volume=volume[: steps + 1],
    )


def _pre_existing(rng: np.random.Generator, rates: Rates, mutation: Floats, survives: float, tumours: int) -> Floats:
    """Cells of each kind when treatment starts.

    While the tumour grows to M cells, surviving lineages start as a Poisson process in its size x, at the rate
    ``mutation``; a lineage that starts at size x has grown M/x-fold since, around an exponential of mean 1/survival.
    """
    size = rates.cells
    starts = np.cumsum(rng.exponential(1.0, (tumours, len(mutation), _LINEAGES)), axis=2) / mutation[:, None]
    grown = rng.exponential(1.0 / survives, starts.shape) * size / np.maximum(starts, 1.0)
    found: Floats = np.where(starts < size, grown, 0.0).sum(axis=2)
    oldest_left_out = starts[:, :, -1]
    rest = mutation * size / survives * np.log(np.maximum(size / oldest_left_out, 1.0))
    return np.minimum(found + rest, size)


def with_cells(rates: Rates, cells: float) -> Rates:
    """The same process from another number of cells. Raises InvalidInput where it is no tumour."""
    if not 1e6 <= cells <= 1e13:
        raise InvalidInput(Problem("--cells", f"{cells:g} cells", "between 1e6 and 1e13"))
    return replace(rates, cells=cells)
