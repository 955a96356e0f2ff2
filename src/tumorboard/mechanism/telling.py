"""Why an answer is what it is, in words: the routes that stay, the cells that decide, the phases, the notes."""

from __future__ import annotations

from collections.abc import Sequence

from tumorboard.mechanism import words
from tumorboard.mechanism.answer import Used, Verdict, WorldAnswer
from tumorboard.mechanism.genotype import Genotype, World
from tumorboard.mechanism.model import Feedback
from tumorboard.mechanism.network import Agent, Network
from tumorboard.text import Text


class Teller:
    """Tells answers of one network."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def because(self, verdict: Verdict, worlds: Sequence[WorldAnswer], agents: Sequence[Agent]) -> Text:
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

    def feedback(self, worlds: Sequence[WorldAnswer]) -> tuple[Feedback, ...]:
        closed = {used.node for world in worlds for used in world.used if used.effects & {"full", "weak"}}
        kept: dict[str, Feedback] = {}
        for feedback in self.network.feedback:
            if feedback.closing in closed:
                kept.setdefault(feedback.text.en, feedback)
        return tuple(kept.values())

    def notes(self, genotype: Genotype, agents: Sequence[Agent]) -> tuple[Text, ...]:
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
