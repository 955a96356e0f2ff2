"""Levels in the network: a three-level monotone fixpoint, and the routes that hold an output up.

A node's level is the highest of what drives it, a row's the lowest of its drivers, a drug caps the copies it closes.
All of that is monotone, so starting from *off* and applying the rows until nothing rises (Kleene's iteration) gives the
one least solution, and more alterations or fewer drugs never lower a level.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tumorboard.mechanism.genotype import World
from tumorboard.mechanism.model import ACTIVE, BASAL, OFF, Edge, Mode
from tumorboard.mechanism.network import Network

Slot = tuple[str, Mode | None]
# Target, its node, drivers, inhibitors that must be lost, partners that must be there, the most it lifts to, the row.
Row = tuple[int, str, tuple[int, ...], tuple[int, ...], tuple[int, ...], int, Edge | None]


@dataclass(frozen=True, slots=True)
class Caps:
    """How high drugs let each copy rise: ``wild`` for the unmutated protein of a node, ``altered`` by node and copy."""

    wild: Mapping[str, int]
    altered: Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """A place of the network reaches a level once all of ``body`` do; ``node`` is whose place it is."""

    place: int
    level: int
    body: tuple[tuple[int, int], ...]
    node: str


class Wiring:
    """The network compiled: one place for each node and for each way of being active that a row asks for."""

    def __init__(self, network: Network) -> None:
        self.network = network
        modes: dict[Slot, None] = {}
        for edge in network.edges:
            for source in edge.by:
                if source.mode is not None:
                    modes[source.node, source.mode] = None
            if edge.mode is not None:
                modes[edge.to, edge.mode] = None
        slots: list[Slot] = [*((node, None) for node in network.nodes), *modes]
        self.slots = slots
        self.index: dict[Slot, int] = {slot: number for number, slot in enumerate(slots)}
        rows: list[Row] = [
            (
                self.index[edge.to, edge.mode],
                edge.to,
                tuple(self.index[source.node, source.mode] for source in edge.by),
                tuple(self.index[lost, None] for lost in edge.without),
                tuple(self.index[partner, None] for partner in edge.needs),
                BASAL if edge.weak else ACTIVE,
                edge,
            )
            for edge in network.edges
        ]
        rows += [(self.index[node, None], "", (self.index[node, mode],), (), (), ACTIVE, None) for node, mode in modes]
        self.rows = self._ordered(rows)
        self._rest = [network.nodes[node].rest if mode is None else OFF for node, mode in slots]

    def levels(self, world: World, caps: Caps) -> list[int]:
        """The level of every slot: the least fixpoint."""
        found, wild = self._own(world, caps), caps.wild
        rising = True
        while rising:
            rising = False
            for to, node, by, without, needs, most, _ in self.rows:
                if needs and any(found[place] == OFF for place in needs):
                    continue
                level = found[by[0]] if len(by) == 1 else min(found[place] for place in by)
                if without:
                    if level == OFF or any(found[place] > OFF for place in without):
                        continue
                    level = ACTIVE
                if level > most:
                    level = most
                if level > found[to]:
                    level = min(level, wild.get(node, ACTIVE))
                    if level > found[to]:
                        found[to] = level
                        rising = True
        return found

    def rules(self, world: World, caps: Caps) -> list[Rule]:
        """The network of this world under these drugs in Boolean rules: place and level, and the places and levels that
        together bring it there. Their least model is :meth:`levels`."""
        found: list[Rule] = []
        own = self._own(world, caps)
        for place, (node, _) in enumerate(self.slots):
            found += [Rule(place, level, (), node) for level in range(BASAL, own[place] + 1)]
        for to, node, by, without, needs, most, _ in self.rows:
            highest = min(most, caps.wild.get(node, ACTIVE))
            partners = tuple((place, BASAL) for place in needs)
            target = self.slots[to][0]
            if without:
                if all(self.slots[place][0] in world.removed for place in without):
                    body = (*((place, BASAL) for place in by), *partners)
                    found += [Rule(to, level, body, target) for level in range(BASAL, highest + 1)]
                continue
            for level in range(BASAL, highest + 1):
                found.append(Rule(to, level, (*((place, level) for place in by), *partners), target))
        return found

    def _own(self, world: World, caps: Caps) -> list[int]:
        """The level each place has by itself: at rest, or by an altered copy that drugs leave."""
        found = list(self._rest)
        for node, cap in caps.wild.items():
            place = self.index[node, None]
            found[place] = min(found[place], cap)
        for node in world.removed:
            found[self.index[node, None]] = OFF
        for node, copies in world.copies:
            for number, copy in enumerate(copies):
                place = self.index.get((node, copy.mode), self.index[node, None])
                found[place] = max(found[place], min(copy.level, caps.altered.get((node, number), ACTIVE)))
        return found

    def driving(self, levels: Sequence[int], least: int = ACTIVE) -> list[Edge]:
        """The rows that pass ``least`` on at these levels."""
        found = []
        for to, _, by, without, needs, most, edge in self.rows:
            if edge is None or levels[to] < least or most < least or any(levels[place] == OFF for place in needs):
                continue
            level = min(levels[place] for place in by)
            if without:
                if level > OFF and all(levels[place] == OFF for place in without):
                    found.append(edge)
            elif level >= least:
                found.append(edge)
        return found

    @cached_property
    def _ligands(self) -> frozenset[str]:
        return frozenset(node.id for node in self.network.nodes.values() if node.kind == "ligand")

    def routes(self, world: World, caps: Caps, levels: Sequence[int], outputs: Sequence[str]) -> list[tuple[str, ...]]:
        """The shortest ways from what is active by itself to each active output, receptors first; ligands are left out
        at the head of a route, a lost inhibitor stands there."""
        edges = self.driving(levels)
        onward: dict[Slot, list[tuple[Slot, Edge]]] = {}
        for edge in edges:
            for source in edge.by:
                if edge.without and levels[self.index[source.node, source.mode]] < ACTIVE:
                    continue
                onward.setdefault((source.node, source.mode), []).append(((edge.to, edge.mode), edge))
        for node, mode in self.slots:
            if mode is not None and levels[self.index[node, mode]] == ACTIVE:
                onward.setdefault((node, mode), []).append(((node, None), None))  # type: ignore[arg-type]
        heads: list[tuple[tuple[str, ...], Slot]] = []
        for node, copies in world.copies:
            for number, copy in enumerate(copies):
                if min(copy.level, caps.altered.get((node, number), ACTIVE)) < ACTIVE:
                    continue
                slot: Slot = (node, copy.mode) if (node, copy.mode) in self.index else (node, None)
                if node in self._ligands:
                    heads += [((to[0],), to) for to, _ in onward.get((node, None), ())]
                else:
                    heads.append(((node,), slot))
        for edge in edges:
            heads += [((lost, edge.to), (edge.to, edge.mode)) for lost in edge.without]
        found: dict[tuple[str, ...], None] = {}
        for path, start in dict.fromkeys(heads):
            for output in outputs:
                if levels[self.index[output, None]] == ACTIVE:
                    for way in self._shortest(path, start, output, onward):
                        if not any(output in way[:-1] for output in outputs):  # already told as that output's own
                            found[way] = None
        return sorted(found, key=lambda way: (outputs.index(way[-1]), len(way)))

    @staticmethod
    def _shortest(
        head: tuple[str, ...], start: Slot, output: str, onward: Mapping[Slot, list[tuple[Slot, Edge]]]
    ) -> list[tuple[str, ...]]:
        if head[-1] == output:
            return [head]
        best: list[tuple[str, ...]] = []
        depth = {start: len(head)}
        queue: deque[tuple[Slot, tuple[str, ...]]] = deque([(start, head)])
        while queue:
            slot, path = queue.popleft()
            if best and len(path) >= len(best[0]):
                break
            for to, _ in onward.get(slot, ()):
                way = path if to[0] == path[-1] else (*path, to[0])
                if to == slot or depth.get(to, len(way)) < len(way) or (to in depth and way == path):
                    continue
                depth[to] = len(way)
                if to[0] == output:
                    best.append(way)
                elif to[0] not in path or to[0] == path[-1]:
                    queue.append((to, way))
        shortest = min(map(len, best), default=0)
        return list(dict.fromkeys(way for way in best if len(way) == shortest))

    @staticmethod
    def _ordered(rows: list[Row]) -> list[Row]:
        """Upstream rows first, so that one pass settles almost everything."""
        into: dict[int, set[int]] = {}
        for to, _, by, *_rest in rows:
            into.setdefault(to, set()).update(by)
        rank: dict[int, int] = {}

        def ranked(place: int, above: frozenset[int]) -> int:
            if place in above:
                return 0
            if place not in rank:
                rank[place] = 1 + max((ranked(by, above | {place}) for by in into.get(place, ())), default=0)
            return rank[place]

        return sorted(rows, key=lambda row: ranked(row[0], frozenset()))
