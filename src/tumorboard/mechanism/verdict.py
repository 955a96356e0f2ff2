"""Whether a tumour's outputs stay active under its drugs, by which routes, and what the answer rests on.

Resistant where an output that decides stays active; partial where only a lesser one does, or where the answer rests on
a weak effect; sensitive otherwise. A cell that isn't known is taken at both its ends: where the verdicts part, the
answer is *not known* and names the cell. Likewise for mutations of unknown phase. What lies outside the network is said
to, with the reason, and never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tumorboard.errors import Problem, WrongUsage
from tumorboard.mechanism import words
from tumorboard.mechanism.genotype import Genotype, World, parse_genotype
from tumorboard.mechanism.model import ACTIVE, BASAL, CAP, LEVELS, OFF, WILD_TYPE, Cell, Effect, Feedback
from tumorboard.mechanism.network import Agent, Network
from tumorboard.mechanism.signal import Caps, Wiring
from tumorboard.text import Text

Verdict = Literal["sensitive", "resistant", "partial", "outside the network", "not known"]
Ends = tuple[int, int]  # the highest and the lowest level the drugs may leave a copy at


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


class Mechanism:
    """The network with its wiring compiled once, ready for many questions."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.wiring = Wiring(network)
        self._untreated: dict[World, tuple[tuple[str, ...], ...]] = {}

    def ask(
        self, genotype: str, drugs: Sequence[str], ligands: Sequence[str] = (), knockdown: Sequence[str] = ()
    ) -> Answer:
        """The answer for a genotype and drugs as people write them.

        Raises UnknownName with the nearest names, InvalidInput for a contradictory phase, WrongUsage without a drug.
        """
        read = parse_genotype(genotype, self.network, ligands)
        agents = [self.network.agent(name, f"drug[{number}]") for number, name in enumerate(drugs)]
        silenced = [self.network.node(name, f"knockdown[{number}]").id for number, name in enumerate(knockdown)]
        return self.judge(read, agents, silenced)

    def judge(self, genotype: Genotype, agents: Sequence[Agent], knockdown: Sequence[str] = ()) -> Answer:
        """The answer for what is read already. Raises WrongUsage where neither a drug nor a knock-down is given."""
        if not agents and not knockdown:
            raise WrongUsage(Problem("", "no drug to judge", "name one with --drug"))
        agents = tuple({agent.id: agent for agent in agents}.values())
        worlds = tuple(self._in_world(world, agents, tuple(knockdown)) for world in genotype.worlds)
        verdicts = {world.verdict for world in worlds}
        verdict: Verdict = verdicts.pop() if len(verdicts) == 1 else "not known"
        levels = {
            node: next(iter(found))
            if len(found := {level for world in worlds for level in world.possible[node]}) == 1
            else None
            for node in self.network.shown
        }
        answer = Answer(
            genotype=genotype,
            agents=agents,
            knockdown=tuple(knockdown),
            verdict=verdict,
            levels=levels,
            routes=tuple(dict.fromkeys(route for world in worlds for route in world.routes)),
            worlds=worlds,
            because=self._because(verdict, worlds, agents),
            feedback=self._feedback(worlds),
            notes=self._notes(genotype, agents),
        )
        return self._bounded(answer)

    # -- one world -------------------------------------------------------------------------------------------------

    def _in_world(self, world: World, agents: Sequence[Agent], knockdown: tuple[str, ...]) -> WorldAnswer:
        used, wild, altered = self._effects(world, agents, knockdown)
        high = _caps(wild, altered, 0)
        top = self.wiring.levels(world, high)
        worst = self._verdict(top)
        low = bottom = None
        if any(not each.known for each in used):
            low = _caps(wild, altered, 1)
            bottom = self.wiring.levels(world, low)
        best = worst if bottom is None else self._verdict(bottom)
        weak = False
        standing, on = high, top
        if worst == "sensitive" and _has_weak(wild, altered, 0):
            lifted = self.wiring.levels(world, _lifted(high))
            weak = self._verdict(lifted) != "sensitive"
            if weak:
                worst, standing, on = "partial", _lifted(high), lifted
        if best == "sensitive" and low is not None and _has_weak(wild, altered, 1):
            best = "partial" if self._verdict(self.wiring.levels(world, _lifted(low))) != "sensitive" else best
        elif bottom is None:
            best = worst
        verdict: Verdict = worst if worst == best else "not known"
        untreated = self._driven(world)
        if not untreated:
            verdict = "outside the network"
        index = self.wiring.index
        lesser = bottom if bottom is not None else top
        return WorldAnswer(
            world=world,
            verdict=verdict,
            levels={node: top[index[node, None]] for node in self.network.nodes},
            possible={node: (top[index[node, None]], lesser[index[node, None]]) for node in self.network.shown},
            routes=tuple(self.wiring.routes(world, standing, on, self._decisive)),
            untreated=untreated,
            used=tuple(used),
            caps=high,
            standing=standing,
            rests_on_weak=weak,
        )

    @property
    def _decisive(self) -> tuple[str, ...]:
        return (*self.network.decides, *self.network.lesser)

    def _verdict(self, levels: Sequence[int]) -> Verdict:
        index = self.wiring.index
        if any(levels[index[node, None]] == ACTIVE for node in self.network.decides):
            return "resistant"
        return "partial" if any(levels[index[node, None]] == ACTIVE for node in self.network.lesser) else "sensitive"

    def _driven(self, world: World) -> tuple[tuple[str, ...], ...]:
        """The routes that are active without any drug."""
        if world not in self._untreated:
            none = Caps({}, {})
            levels = self.wiring.levels(world, none)
            if len(self._untreated) > 4096:
                self._untreated.clear()
            self._untreated[world] = tuple(self.wiring.routes(world, none, levels, self._decisive))
        return self._untreated[world]

    def _effects(
        self, world: World, agents: Sequence[Agent], knockdown: Sequence[str]
    ) -> tuple[list[Used], dict[str, Ends], dict[tuple[str, int], Ends]]:
        used: list[Used] = []
        wild: dict[str, Ends] = dict.fromkeys(knockdown, (OFF, OFF))
        altered: dict[tuple[str, int], Ends] = {}
        touched = dict.fromkeys(node for agent in agents for node in sorted(agent.acts_on))
        copies = dict(world.copies)
        driven = {edge.to for edge in self.network.edges}
        for node in dict.fromkeys((*touched, *knockdown)):
            silenced = node in knockdown
            for number, copy in enumerate(copies.get(node, ())):
                ends, found = self.on_copy(agents, node, copy.haplotype, mutated=copy.mode == "mutated")
                altered[node, number] = (OFF, OFF) if silenced else ends
                used += found
            if not silenced:
                ends, found = self.on_copy(agents, node, frozenset({f"{node} {WILD_TYPE}"}), mutated=False)
                # A copy that nothing drives matters for no verdict; where its cell is absent nobody need hear of it.
                if all(each.known for each in found) or (node in driven and self._could_signal(world, node)):
                    wild[node] = ends
                    used += found
        return used, wild, altered

    def _could_signal(self, world: World, node: str) -> bool:
        levels = self.wiring.levels(world, Caps({}, {}))
        index = self.wiring.index
        bound = index.get((node, "bound"), index[node, None])
        return levels[bound] == ACTIVE

    def on_copy(
        self, agents: Sequence[Agent], node: str, haplotype: frozenset[str], mutated: bool
    ) -> tuple[Ends, list[Used]]:
        """How high and how low the agents may leave such a copy, and the cells that say so."""
        together = self.network.cell_together(frozenset(agent.id for agent in agents), node, haplotype)
        partners = () if together is None or together.effect == "unknown" else together.drugs
        highest, lowest = ACTIVE, ACTIVE
        found = []
        for agent in agents:
            if node not in agent.acts_on or agent.id in partners:
                continue
            effects, cells = self.network.effects(agent, node, haplotype)
            if "unknown" in effects and not mutated and not cells:  # the protein itself is unchanged
                effects, cells = self.network.effects(agent, node, frozenset({f"{node} {WILD_TYPE}"}))
            found.append(Used(agent, node, haplotype, effects, cells))
            highest = min(highest, max(CAP.get(effect, ACTIVE) for effect in effects))
            lowest = min(lowest, OFF if "unknown" in effects else min(CAP[effect] for effect in effects))
        if together is not None and partners:
            cap = CAP[together.effect]
            highest, lowest = min(highest, cap), min(lowest, cap)
            pair = [agent for agent in agents if agent.id in partners]
            one = replace(pair[0], name=_plus(pair))
            found.append(Used(one, node, haplotype, frozenset({together.effect}), (together,)))
        return (highest, lowest), found

    # -- the answer as a whole -------------------------------------------------------------------------------------

    def _bounded(self, answer: Answer) -> Answer:
        """The answer where something in the question lies outside the network, or isn't known."""
        outside: list[Text] = []
        network = self.network
        for entry in answer.genotype.outside:
            reason = entry.alters.outside if entry.alters else None
            text = words.ALTERATION_OUTSIDE.format(alteration=network.alteration_name(entry.id), reason=reason)
            if entry.id in network.state_texts or answer.verdict != "resistant":
                outside.append(text)
        unknown: list[Text] = []
        if answer.verdict != "sensitive":
            outside += [
                words.DRUG_OUTSIDE.format(drug=agent.name, reason=agent.outside)
                for agent in answer.agents
                if agent.outside
            ]
            unknown += [
                words.DRUG_UNKNOWN.format(drug=agent.name)
                for agent in answer.agents
                if not agent.members and agent.outside is None
            ]
        if answer.verdict in ("sensitive", "partial", "outside the network"):
            for entry in answer.genotype.unmodelled:
                text = words.UNMODELLED.format(alteration=network.alteration_name(entry.id))
                gene = entry.id.partition(" ")[0]
                (unknown if gene in network.node_of_gene else outside).append(text)
        if outside:
            # What the network would say inside its bounds is left out: it would read as an answer.
            return replace(
                answer,
                verdict="outside the network",
                levels=dict.fromkeys(answer.levels),
                routes=(),
                worlds=(),
                because=words.joined(outside),
                feedback=(),
            )
        if unknown:
            return replace(answer, verdict="not known", because=words.joined(unknown))
        return answer

    def _because(self, verdict: Verdict, worlds: Sequence[WorldAnswer], agents: Sequence[Agent]) -> Text:
        if len({world.verdict for world in worlds}) > 1:
            return words.PHASES_DIFFER.format(
                worlds=words.joined(
                    [words.WORLD.format(phase=self.phase(w.world), verdict=words.VERDICT[w.verdict]) for w in worlds]
                )
            )
        world = worlds[0]
        if verdict == "outside the network":
            return words.NO_DRIVER
        if verdict == "not known":
            return words.joined([self._unknown(used) for used in world.unknown])
        if verdict == "resistant":
            return words.joined([self._stays(world), *self.cells_told(world)])
        told = self.cells_told(world)
        if verdict == "partial" and world.rests_on_weak:
            return words.WEAK.format(cells=words.joined(told))
        if verdict == "partial":
            return words.joined([words.LESSER.format(routes=self._stays(world)), *told])
        drugs = words.listed([agent.name for agent in agents]) if agents else words.one("knock-down")
        outputs = list(dict.fromkeys(route[-1] for route in world.untreated))
        return words.joined(
            [words.CLOSED.format(outputs=words.listed([words.one(o) for o in outputs]), drugs=drugs), *told]
        )

    def _stays(self, world: WorldAnswer) -> Text:
        outputs = list(dict.fromkeys(route[-1] for route in world.routes))
        told = []
        for output in outputs:
            routes = [words.one(words.ARROW.join(route)) for route in world.routes if route[-1] == output]
            name = self.network.nodes[output].name
            told.append(words.STAYS.format(outputs=name, routes=words.listed(routes[:3])))
        return words.joined(told)

    def cells_told(self, world: WorldAnswer) -> list[Text]:
        """What each drug does to each copy that matters, one line a cell."""
        return [
            Text("{drug} on {allele}: {effect}", "{drug}对{allele}：{effect}").format(
                drug=used.agent.name,
                allele=self.allele(used.node, used.haplotype),
                effect=words.EFFECT[next(iter(used.effects))],
            )
            for used in self.telling(world)
            if used.known
        ]

    @staticmethod
    def telling(world: WorldAnswer) -> list[Used]:
        """The effects that matter in a world: on altered copies, and on an unmutated protein that signals."""
        altered = {copy.haplotype for _, copies in world.world.copies for copy in copies}
        with_copies = {node for node, _ in world.world.copies}
        on_routes = {node for route in (*world.untreated, *world.routes) for node in route}
        return [
            used
            for used in world.used
            if used.haplotype in altered or (used.node in on_routes and used.node not in with_copies)
        ]

    def _unknown(self, used: Used) -> Text:
        template = words.CELL_UNKNOWN if "unknown" in used.effects else words.MEMBERS_DIFFER
        return template.format(drug=used.agent.name, allele=self.allele(used.node, used.haplotype))

    def allele(self, node: str, haplotype: frozenset[str]) -> Text:
        """A copy in words: ``EGFR p.L858R with EGFR p.T790M``."""
        names = [self.network.alteration_name(id_) for id_ in sorted(haplotype)]
        return (
            Text(" with ".join(name.en for name in names), "合并".join(name.zh for name in names))
            if names
            else words.one(node)
        )

    def phase(self, world: World) -> Text:
        """Which phase a world takes, in words; empty where nothing is open."""
        told = []
        for _, groups in world.phase:
            names = words.listed([self.network.alteration_name(id_) for group in groups for id_ in sorted(group)])
            template = (
                words.ONE_COPY if len(groups) == 1 else words.OWN_COPIES if max(map(len, groups)) == 1 else words.COPIES
            )
            told.append(template.format(changes=names))
        return words.joined(told)

    def _feedback(self, worlds: Sequence[WorldAnswer]) -> tuple[Feedback, ...]:
        closed = {used.node for world in worlds for used in world.used if used.effects & {"full", "weak"}}
        kept: dict[str, Feedback] = {}
        for feedback in self.network.feedback:
            if feedback.closing in closed:
                kept.setdefault(feedback.text.en, feedback)
        return tuple(kept.values())

    def _notes(self, genotype: Genotype, agents: Sequence[Agent]) -> tuple[Text, ...]:
        notes = list(genotype.assumed)
        for entry in genotype.bystanders:
            note = entry.alters.reference.note if entry.alters else None
            shown = Text(": {note}", "：{note}").format(note=note) if note else Text("", "")
            notes.append(words.BYSTANDER.format(alteration=self.network.alteration_name(entry.id), note=shown))
        for limit in self.network.limits:
            acting = [agent for agent in agents if agent.classes.intersection(limit.drug_classes)]
            if acting and (not limit.alone or len(agents) == 1):
                notes.append(words.LIMIT.format(text=limit.text))
        for agent in agents:
            decoy = self.network.drugs[agent.id].decoy if agent.id in self.network.drugs else None
            if decoy is not None:
                notes.append(Text("{drug}: {text}", "{drug}：{text}").format(drug=agent.name, text=decoy))
        return tuple(notes)


def _plus(agents: Sequence[Agent]) -> Text:
    return Text(" + ".join(agent.name.en for agent in agents), "＋".join(agent.name.zh for agent in agents))


def _caps(wild: Mapping[str, Ends], altered: Mapping[tuple[str, int], Ends], end: int) -> Caps:
    return Caps({node: ends[end] for node, ends in wild.items()}, {copy: ends[end] for copy, ends in altered.items()})


def _has_weak(wild: Mapping[str, Ends], altered: Mapping[tuple[str, int], Ends], end: int) -> bool:
    return any(ends[end] == BASAL for ends in (*wild.values(), *altered.values()))


def _lifted(caps: Caps) -> Caps:
    """The same with weak effects taken as none."""
    return Caps(
        {node: ACTIVE if cap == BASAL else cap for node, cap in caps.wild.items()},
        {copy: ACTIVE if cap == BASAL else cap for copy, cap in caps.altered.items()},
    )


def level_name(level: int | None) -> str | None:
    """``off``, ``basal`` or ``active``; None where the worlds differ or nothing can be said."""
    return None if level is None else LEVELS[level]
