"""The network as one whole: looking up what an alteration does, which drugs a name means, and drug × allele cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from tumorboard.errors import UnknownName
from tumorboard.mechanism.model import (
    WILD_TYPE,
    Alters,
    Cell,
    Edge,
    Effect,
    Feedback,
    Limit,
    NetworkDrug,
    Node,
    Support,
)
from tumorboard.text import Text
from tumorboard.vocabulary.library import Vocabulary
from tumorboard.vocabulary.names import key, nearest


@dataclass(frozen=True, slots=True)
class Agent:
    """A drug, or a mechanism (``MET inhibitor``) that stands for its ``members``, the drugs whose first class it is.

    ``outside`` says why the network can't judge it; without it and without members what it does is not known.
    """

    id: str
    name: Text
    members: tuple[str, ...]
    acts_on: frozenset[str]
    classes: frozenset[str]
    outside: Text | None = None


@dataclass(frozen=True)
class Network:
    """All rows of ``knowledge/network/``; see :mod:`tumorboard.mechanism.model` for each kind.

    ``decides``, ``lesser`` and ``shown`` are the nodes a verdict turns on (resistant where one of the first stays
    active, partial where only one of the second does) and those an answer names. ``toxicity`` gives each class of
    toxicity its Chinese name.
    """

    vocabulary: Vocabulary
    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]
    feedback: tuple[Feedback, ...]
    alters: Mapping[str, Alters]
    state_names: Mapping[str, str]
    state_texts: Mapping[str, Text]
    cells: tuple[Cell, ...]
    drugs: Mapping[str, NetworkDrug]
    outside_drugs: Mapping[str, Text]
    limits: tuple[Limit, ...]
    decides: tuple[str, ...]
    lesser: tuple[str, ...]
    shown: tuple[str, ...]
    class_agrees: Decimal
    support: tuple[Support, ...]
    toxicity: Mapping[str, str]
    _above: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _alleles: dict[str, frozenset[frozenset[str]]] = field(default_factory=dict, repr=False, compare=False)
    _found: dict[tuple[str, str, frozenset[str]], Cell | None] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _cells_of(self) -> Mapping[tuple[str, str], tuple[Cell, ...]]:
        found: dict[tuple[str, str], list[Cell]] = {}
        for cell in self.cells:
            if len(cell.drugs) == 1:
                found.setdefault((cell.node, cell.drugs[0]), []).append(cell)
        return {place: tuple(cells) for place, cells in found.items()}

    @cached_property
    def together(self) -> tuple[Cell, ...]:
        """The cells of combinations that do more than their parts."""
        return tuple(cell for cell in self.cells if len(cell.drugs) > 1)

    @cached_property
    def node_names(self) -> Mapping[str, str]:
        """Every spelling of a node, by its key."""
        found: dict[str, str] = {}
        for node in self.nodes.values():
            for name in (node.id, node.name.zh, *node.names, *node.genes):
                found.setdefault(key(name), node.id)
        return found

    @cached_property
    def node_of_gene(self) -> Mapping[str, str]:
        return {gene: node.id for node in self.nodes.values() for gene in node.genes}

    def node(self, name: str, place: str) -> Node:
        """The node of that name, gene symbols among them. Raises UnknownName with the nearest names."""
        found = self.node_names.get(key(name))
        if found is None:
            found = self.node_of_gene.get(self.vocabulary.alterations.gene(name, place))
        if found is None:
            raise UnknownName(place, "node", name, nearest(name, self.nodes))
        return self.nodes[found]

    def above(self, id_: str) -> frozenset[str]:
        """The alteration and all classes over it; a state or wild-type copy is only itself."""
        if id_ not in self._above:
            own = id_ in self.state_texts or id_.endswith(f" {WILD_TYPE}")
            self._above[id_] = frozenset({id_}) if own else self.vocabulary.alterations.above(id_)
        return self._above[id_]

    def alters_of(self, id_: str) -> Alters | None:
        """What the alteration does: its own row, or that of the narrowest class over it."""
        return max(
            (self.alters[above] for above in self.above(id_) if above in self.alters),
            key=lambda alters: (alters.id == id_, len(self.above(alters.id))),
            default=None,
        )

    def alteration_name(self, id_: str) -> Text:
        if id_ in self.state_texts:
            return self.state_texts[id_]
        node, _, rest = id_.rpartition(f" {WILD_TYPE}")
        if node and not rest:
            return Text(f"unmutated {node}", f"野生型{node}")
        return self.vocabulary.alterations.name(id_)

    # -- drugs -----------------------------------------------------------------------------------------------------

    def agent(self, name: str, place: str = "") -> Agent:
        """The drug or mechanism of that name. Raises UnknownName with the nearest names of both."""
        drugs = self.vocabulary.drugs
        drug = drugs.get(name)
        if drug is not None:
            known = self.drugs.get(drug.inn)
            outside = None if known else self._outside(drug.classes)
            acts_on = frozenset(known.acts_on) if known else frozenset()
            return Agent(drug.inn, drug.name, (drug.inn,) if known else (), acts_on, drug.classes, outside)
        class_ = drugs.find_class(name)
        if class_ is None:
            raise self._unknown(name, place)
        members = tuple(
            known.inn
            for known in self.drugs.values()
            if known.decoy is None and known.acts_on and class_ in drugs.ancestors(drugs.find(known.inn).own_classes[0])
        )
        acts_on = frozenset(node for inn in members for node in self.drugs[inn].acts_on)
        classes = drugs.ancestors(class_)
        return Agent(
            class_, drugs.class_name(class_), members, acts_on, classes, None if members else self._outside(classes)
        )

    def _unknown(self, name: str, place: str) -> UnknownName:
        drugs = self.vocabulary.drugs
        spellings = {spelling: drug.inn for drug in drugs for spelling in drug.spellings}
        spellings |= {class_: class_ for class_ in drugs.classes()}
        like = tuple(dict.fromkeys(spellings[found] for found in nearest(name, spellings)))
        return UnknownName(place, "drug", name, like)

    def _outside(self, classes: frozenset[str]) -> Text | None:
        return next((reason for class_, reason in self.outside_drugs.items() if class_ in classes), None)

    def alleles_of(self, node: str) -> frozenset[frozenset[str]]:
        """The alleles of a node that any drug has a cell for."""
        if node not in self._alleles:
            self._alleles[node] = frozenset(frozenset(cell.allele) for cell in self.cells if cell.node == node)
        return self._alleles[node]

    def cells_of(self, node: str, inn: str) -> tuple[Cell, ...]:
        """All that is recorded of a drug on a node."""
        return self._cells_of.get((node, inn), ())

    def cell(self, inn: str, node: str, haplotype: frozenset[str]) -> Cell | None:
        """The narrowest cell for one copy: every change that alters binding named, nothing named that it lacks.

        None where the table holds none, which means *not known*.
        """
        place = (inn, node, haplotype)
        if place not in self._found:
            self._found[place] = self._narrowest(self._cells_of.get((node, inn), ()), haplotype)
        return self._found[place]

    def cell_together(self, inns: frozenset[str], node: str, haplotype: frozenset[str]) -> Cell | None:
        """As :meth:`cell`, for the combinations among these drugs."""
        if not self.together:
            return None
        able = tuple(cell for cell in self.together if cell.node == node and inns.issuperset(cell.drugs))
        return self._narrowest(able, haplotype) if able else None

    def effects(self, agent: Agent, node: str, haplotype: frozenset[str]) -> tuple[frozenset[Effect], tuple[Cell, ...]]:
        """What the agent may do to such a copy, and the cells that say so.

        A mechanism does what the share ``class_agrees`` of its drugs does; more than one effect: they differ.
        """
        if node not in agent.acts_on:
            return frozenset({"none"}), ()
        acting = [inn for inn in agent.members if node in self.drugs[inn].acts_on]
        found = [cell for inn in acting if (cell := self.cell(inn, node, haplotype)) is not None]
        known = Counter(cell.effect for cell in found if cell.effect != "unknown")
        known["none"] += len(agent.members) - len(acting)
        known += Counter()  # drops what is zero
        if not known:
            return frozenset({"unknown"}), tuple(found)
        common, times = known.most_common(1)[0]
        agreed = times >= self.class_agrees * known.total()
        return frozenset({common} if agreed else known), tuple(found)

    def _narrowest(self, cells: tuple[Cell, ...], haplotype: frozenset[str]) -> Cell | None:
        fitting = [cell for cell in cells if self._fits(cell, haplotype)]
        return max(
            fitting, key=lambda cell: (len(cell.allele), sum(len(self.above(id_)) for id_ in cell.allele)), default=None
        )

    def _fits(self, cell: Cell, haplotype: frozenset[str]) -> bool:
        if not all(any(named in self.above(member) for member in haplotype) for named in cell.allele):
            return False
        return all(
            any(named in self.above(member) for named in cell.allele)
            for member in haplotype
            if (alters := self.alters_of(member)) is not None and alters.change == "modifies"
        )
