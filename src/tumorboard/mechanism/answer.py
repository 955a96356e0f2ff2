"""What an answer about resistance holds: the verdict, its worlds, and the cells of the table it used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tumorboard.mechanism.genotype import Genotype, World
from tumorboard.mechanism.model import LEVELS, Cell, Effect, Feedback
from tumorboard.mechanism.network import Agent
from tumorboard.mechanism.signal import Caps
from tumorboard.text import Text

Verdict = Literal["sensitive", "resistant", "partial", "outside the network", "not known"]


@dataclass(frozen=True, slots=True)
class Used:
    """What one agent may do to one copy, and the cells of the table that say so."""

    agent: Agent
    node: str
    haplotype: frozenset[str]
    effects: frozenset[Effect]
    cells: tuple[Cell, ...]

    @property
    def known(self) -> bool:
        return len(self.effects) == 1 and "unknown" not in self.effects


@dataclass(frozen=True)
class WorldAnswer:
    """The answer in one reading of the genotype.

    ``levels`` and ``routes`` are those with unknown effects taken as none; where the answer rests on a weak effect, the
    routes are those it leaves in part (``standing`` are the caps they stand under). ``untreated`` are the routes
    without any drug.
    """

    world: World
    verdict: Verdict
    levels: Mapping[str, int]
    possible: Mapping[str, tuple[int, int]]
    routes: tuple[tuple[str, ...], ...]
    untreated: tuple[tuple[str, ...], ...]
    used: tuple[Used, ...]
    caps: Caps
    standing: Caps
    rests_on_weak: bool

    @property
    def unknown(self) -> tuple[Used, ...]:
        return tuple(used for used in self.used if not used.known)


@dataclass(frozen=True)
class Answer:
    """The verdict on a genotype under drugs, and all it rests on.

    ``levels`` holds None where the worlds differ; where something named lies outside the network there are no worlds.
    """

    genotype: Genotype
    agents: tuple[Agent, ...]
    knockdown: tuple[str, ...]
    verdict: Verdict
    levels: Mapping[str, int | None]
    routes: tuple[tuple[str, ...], ...]
    worlds: tuple[WorldAnswer, ...]
    because: Text
    feedback: tuple[Feedback, ...]
    notes: tuple[Text, ...]


def level_name(level: int | None) -> str | None:
    """``off``, ``basal`` or ``active``; None where the worlds differ or nothing can be said."""
    return None if level is None else LEVELS[level]
