"""A tumour's genotype as people write it (``EGFR ex19del; MET amplification``), and the worlds it may mean.

Where the phase of two mutations of one gene isn't given, both worlds are kept: on one copy, or on two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tumorboard.errors import InvalidInput, Problem
from tumorboard.mechanism.model import ACTIVE, BASAL, WILD_TYPE, Alters, Mode, Reference
from tumorboard.mechanism.network import Network
from tumorboard.text import Text
from tumorboard.vocabulary.names import key

_SEPARATOR = re.compile(r"[;；,，、\n]+")
_UNMUTATED = re.compile(r"(?P<gene>\S+)[ -]*(?:wild[ -]?type|WT|野生型)", re.I)
_NARROWER = re.compile(r"(?P<gene>\S+) [^()]*\((?:p\.)?(?P<exact>[A-Z]\d+[^()\s]*)\)")
MAX_UNPHASED = 4  # mutations of one gene without a phase; more have too many worlds to mean anything


@dataclass(frozen=True, slots=True)
class Entry:
    """One alteration or state of the genotype; ``phase`` is that to the gene's other mutations."""

    id: str
    phase: str | None
    alters: Alters | None
    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """One altered kind of a protein in the tumour: how it is active, how strongly by itself, and its changes."""

    mode: Mode | None
    level: int
    haplotype: frozenset[str]


@dataclass(frozen=True)
class World:
    """One reading of the genotype: the altered copies of each node, lost inhibitors, and which phase it takes."""

    copies: tuple[tuple[str, tuple[Copy, ...]], ...]
    removed: frozenset[str]
    phase: tuple[tuple[str, tuple[frozenset[str], ...]], ...] = ()


@dataclass(frozen=True)
class Genotype:
    """What was said of the tumour. ``assumed`` names what was taken for granted; ``bystanders`` change nothing here."""

    entries: tuple[Entry, ...]
    worlds: tuple[World, ...]
    assumed: tuple[Text, ...] = ()

    @property
    def bystanders(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.alters is not None and entry.alters.change == "none")

    @property
    def unmodelled(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.alters is None)

    @property
    def outside(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.alters is not None and entry.alters.outside is not None)


def parse_genotype(text: str, network: Network, ligands: Sequence[str] = ()) -> Genotype:
    """The genotype in ``text``, alterations and states between semicolons or commas, with further ``ligands`` present.

    Raises UnknownName with the nearest names, or InvalidInput where a phase contradicts another.
    """
    parts = [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
    if not parts:
        raise InvalidInput(
            Problem("genotype", "names no alteration", 'write for example "EGFR ex19del; MET amplification"')
        )
    return genotype_of(
        [_entry(part, f"genotype[{number}]", network) for number, part in enumerate(parts)], network, ligands
    )


def genotype_of(entries: Iterable[Entry], network: Network, ligands: Sequence[str] = ()) -> Genotype:
    """The genotype of entries that are read already. Raises as :func:`parse_genotype`."""
    kept = _without_repeats(entries)
    copies: dict[str, list[Copy]] = {}
    removed: set[str] = set()
    by_node: dict[str, list[Entry]] = {}
    for entry in kept:
        alters = entry.alters
        if alters is None or alters.node is None or alters.change in (None, "none"):
            continue
        if alters.change == "removes":
            removed.add(alters.node)
        elif alters.mode == "mutated" or alters.change == "modifies":
            by_node.setdefault(alters.node, []).append(entry)
        else:
            level = ACTIVE if alters.change == "activates" else BASAL
            copies.setdefault(alters.node, []).append(Copy(alters.mode, level, frozenset({entry.id})))
    for number, name in enumerate(ligands):
        ligand = network.node(name, f"ligand[{number}]")
        if ligand.kind != "ligand":
            known = ", ".join(node.id for node in network.nodes.values() if node.kind == "ligand")
            raise InvalidInput(
                Problem(f"ligand[{number}]", f"{name} is no ligand of the network", f"there are {known}")
            )
        copies.setdefault(ligand.id, []).append(Copy(None, ACTIVE, frozenset({f"{ligand.id} {WILD_TYPE}"})))
    assumed: list[Text] = []
    worlds = [World(_frozen(copies), frozenset(removed))]
    for node, own in by_node.items():
        worlds = [
            World(
                _frozen(
                    {**{name: list(found) for name, found in world.copies}, node: [*copies.get(node, ()), *altered]}
                ),
                world.removed,
                (*world.phase, (node, phase)) if phase else world.phase,
            )
            for world in worlds
            for altered, phase in _arranged(node, own, copies.get(node, ()), network, assumed)
        ]
    return Genotype(tuple(kept), tuple(worlds), tuple(dict.fromkeys(assumed)))


def _entry(text: str, place: str, network: Network) -> Entry:
    state = network.state_names.get(key(text))
    if state is not None:
        return Entry(state, None, network.alters[state], text)
    unmutated = _UNMUTATED.fullmatch(text)
    if unmutated is not None:
        node = network.node(unmutated["gene"], place).id
        nothing = Alters(f"{node} {WILD_TYPE}", node, "none", None, None, None, Reference("", ""))
        return Entry(nothing.id, None, nothing, text)
    narrower = _NARROWER.fullmatch(
        text
    )  # "EGFR exon 20 insertion (D770_N771insG)": what the brackets say is the exact one
    if narrower is not None:
        text = f"{narrower['gene']} {narrower['exact']}"
    found = network.vocabulary.alterations.parse(text, place)
    return Entry(found.id, found.phase, network.alters_of(found.id), text)


def _without_repeats(entries: Iterable[Entry]) -> list[Entry]:
    kept: dict[str, Entry] = {}
    for entry in entries:
        known = kept.get(entry.id)
        if known is not None and known.phase and entry.phase and known.phase != entry.phase:
            raise InvalidInput(
                Problem(
                    "genotype", f"{entry.id} is said to be in cis and in trans", "give one phase, or none if untested"
                )
            )
        if known is None or not known.phase:
            kept[entry.id] = entry
    return list(kept.values())


def _arranged(
    node: str, own: Sequence[Entry], others: Sequence[Copy], network: Network, assumed: list[Text]
) -> Iterator[tuple[list[Copy], tuple[frozenset[str], ...]]]:
    """The ways the mutations of one gene may lie on its copies: the altered copies, and the phase where it is open."""
    drivers = {entry.id: entry for entry in own if entry.alters and entry.alters.change != "modifies"}
    modifiers = [entry for entry in own if entry.alters and entry.alters.change == "modifies"]
    base = frozenset(drivers)
    level = max(
        (ACTIVE if e.alters and e.alters.change == "activates" else BASAL for e in drivers.values()), default=ACTIVE
    )
    if modifiers and not drivers:
        amplified = [copy for copy in others if copy.mode == "amplified"]
        if amplified:  # the mutation sits on the copies that are many
            base = frozenset().union(*(copy.haplotype for copy in amplified))
        else:
            presupposed = next((e.alters.presupposes for e in modifiers if e.alters and e.alters.presupposes), None)
            base = frozenset({presupposed} if presupposed else ())
            if presupposed:
                assumed.append(_ASSUMED_DRIVER.format(driver=network.alteration_name(presupposed), node=node))
    trans = [entry for entry in modifiers if entry.phase == "trans"]
    cis = [entry for entry in modifiers if entry.phase == "cis"]
    open_ = [entry for entry in modifiers if entry.phase is None]
    if not network.nodes[node].several or len(modifiers) == 1 or (len(open_) == 1 and (trans or cis)):
        if open_ and len(modifiers) > 1 and not network.nodes[node].several:
            assumed.append(_ASSUMED_ONE_COPY.format(node=node))
        cis, open_ = [*cis, *open_], []
    if len(open_) > MAX_UNPHASED:
        raise InvalidInput(
            Problem(
                "genotype",
                f"{len(open_)} mutations of {node} without a phase",
                f"give the phase, at most {MAX_UNPHASED} may lack it",
            )
        )
    own_copies = [frozenset({entry.id}) for entry in trans]
    for blocks in _partitions(tuple(entry.id for entry in open_)):
        first = frozenset(entry.id for entry in cis)
        groups = [first | blocks[0], *blocks[1:], *own_copies] if blocks else [first, *own_copies]
        groups = [group for group in groups if group] or [frozenset()]
        phase = tuple(groups) if open_ else ()
        yield [Copy("mutated", level, base | group) for group in groups], phase


@lru_cache(maxsize=64)
def _partitions(items: tuple[str, ...]) -> tuple[tuple[frozenset[str], ...], ...]:
    """Every way to lay the items on copies, all on one first. One empty way for no items."""
    if not items:
        return ((),)
    first, rest = items[0], items[1:]
    found: list[tuple[frozenset[str], ...]] = []
    for blocks in _partitions(rest):
        for number in range(len(blocks)):
            found.append((*blocks[:number], blocks[number] | {first}, *blocks[number + 1 :]))
        found.append((frozenset({first}), *blocks))
    return tuple(sorted(found, key=len))


def _frozen(copies: dict[str, list[Copy]]) -> tuple[tuple[str, tuple[Copy, ...]], ...]:
    return tuple((node, tuple(found)) for node, found in copies.items())


_ASSUMED_DRIVER = Text("{node}: the driver was not given; taken as {driver}", "{node}：未给出驱动变异，按{driver}计算")
_ASSUMED_ONE_COPY = Text(
    "{node}: a rearranged gene is there once, so its mutations are taken to lie on one copy",
    "{node}：重排基因通常只有一份拷贝，故视各突变位于同一拷贝",
)
