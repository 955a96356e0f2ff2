"""Whether a tumour's outputs stay active under its drugs, by which routes, and what the answer rests on.

Resistant where an output that decides stays active; partial where only a lesser one does, or where the answer rests on
a weak effect; sensitive otherwise. A cell that isn't known is taken at both its ends: where the verdicts part, the
answer is *not known* and names the cell. Likewise for mutations of unknown phase. What lies outside the network is said
to, with the reason, and never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tumorboard.errors import Problem, WrongUsage
from tumorboard.mechanism import words
from tumorboard.mechanism.answer import Answer, Used, Verdict, WorldAnswer
from tumorboard.mechanism.genotype import Genotype, World, parse_genotype
from tumorboard.mechanism.model import ACTIVE, BASAL, CAP, OFF, WILD_TYPE
from tumorboard.mechanism.network import Agent, Network
from tumorboard.mechanism.signal import Caps, Wiring
from tumorboard.mechanism.telling import Teller
from tumorboard.text import Text

Ends = tuple[int, int]  # the highest and the lowest level the drugs may leave a copy at


class Mechanism:
    """The network with its wiring compiled once, ready for many questions."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.wiring = Wiring(network)
        self.teller = Teller(network)
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
            because=self.teller.because(verdict, worlds, agents),
            feedback=self.teller.feedback(worlds),
            notes=self.teller.notes(genotype, agents),
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
