"""How well a drug is matched to an alteration by published scales (ESCAT, AMP/ASCO/CAP), side by side.

A tier is never written down: ``knowledge/network/tiers.yaml`` holds what is known of each pair and the rules of each
scale, and the first rule that agrees gives the tier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.errors import InvalidKnowledge, Problem
from tumorboard.folder import KnowledgeFolder
from tumorboard.mechanism.answer import Answer
from tumorboard.mechanism.network import Network
from tumorboard.mechanism.rescue import Rescue
from tumorboard.text import Text, text_from

_PLACE = "network/tiers.yaml"
_FACTS = {"design", "benefit", "approved", "approved_elsewhere", "guideline", "negative"}


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of one scale and what it means there."""

    scale: str
    tier: str
    text: Text
    reference: str


@dataclass(frozen=True, slots=True)
class Tiered:
    """An alteration and the drugs matched to it, with its tier on each scale; known as of a day."""

    alteration: str
    drugs: tuple[str, ...]
    tumour: str
    tiers: tuple[Tier, ...]
    approved: Mapping[str, str]  # authority and date
    as_of: str
    references: tuple[str, ...]
    certainty: str
    note: Text | None


def load_tiers(folder: KnowledgeFolder, network: Network) -> tuple[Tiered, ...]:
    """All pairs with their tiers. Raises InvalidKnowledge where a name is unknown or a scale gives a pair no tier."""
    data: Any = folder.read(_PLACE)
    scales = [(name, scale) for name, scale in data["tier_rules"].items()]
    found = []
    for number, row in enumerate(data["tier_facts"]):
        place = f"{_PLACE}: tier_facts[{number}]"
        if set(row["facts"]) != _FACTS:
            raise InvalidKnowledge(Problem(place, "needs exactly these facts", ", ".join(sorted(_FACTS))))
        drugs = network.vocabulary.drugs
        for name in row["drugs"]:
            if drugs.find_class(name) != name and drugs.find(name, place).inn != name:
                raise InvalidKnowledge(
                    Problem(place, f"{name!r} is no INN and no class", f"write {drugs.find(name).inn}")
                )
        if network.vocabulary.alterations.parse(row["alteration"], place).id != row["alteration"]:
            raise InvalidKnowledge(Problem(place, f"{row['alteration']!r} is not the alteration's own id"))
        found.append(
            Tiered(
                alteration=row["alteration"],
                drugs=tuple(row["drugs"]),
                tumour=row["tumour"],
                tiers=tuple(_tier(name, scale, row["facts"], place) for name, scale in scales),
                approved=row.get("dates") or {},
                as_of=row["as_of"],
                references=tuple(row["references"]),
                certainty=row["certainty"],
                note=text_from(row["note"]) if "note" in row else None,
            )
        )
    return tuple(found)


def tiers_for(
    tiers: Iterable[Tiered], network: Network, alterations: Iterable[str], drugs: Iterable[str]
) -> tuple[Tiered, ...]:
    """The pairs whose alteration the tumour carries, or a class of it, and whose drugs are all among ``drugs``; for the
    same drugs the narrower of two classes stands alone."""
    carried = frozenset().union(*(network.above(id_) for id_ in alterations))
    given = set(drugs)
    for inn in list(given):
        drug = network.vocabulary.drugs.get(inn)
        given.update(drug.classes if drug else ())
    fitting = [pair for pair in tiers if pair.alteration in carried and given.issuperset(pair.drugs)]
    return tuple(
        pair
        for pair in fitting
        if not any(
            other is not pair and other.drugs == pair.drugs and pair.alteration in network.above(other.alteration)
            for other in fitting
        )
    )


def tiers_of(
    answer: Answer, rescues: Iterable[Rescue], tiers: Iterable[Tiered], network: Network
) -> tuple[Tiered, ...]:
    """The pairs that an answer is about: what the tumour carries, with the drugs asked for and those of the rescues."""
    if not answer.worlds:
        return ()
    drugs = [agent.id for agent in answer.agents] + [inn for rescue in rescues for inn in rescue.drugs]
    carried = [entry.id for entry in answer.genotype.entries if entry.id not in network.state_texts]
    return tiers_for(tiers, network, carried, drugs)


def _tier(name: str, scale: Mapping[str, Any], facts: Mapping[str, Any], place: str) -> Tier:
    for rule in scale["rules"]:
        if all(_agrees(wanted, facts[key]) for key, wanted in rule["when"].items()):
            return Tier(name, rule["tier"], text_from(rule["text"]), scale["reference"])
    raise InvalidKnowledge(
        Problem(place, f"no rule of {name} gives it a tier", "end the rules with one for all the rest")
    )


def _agrees(wanted: Any, known: Any) -> bool:
    allowed = wanted if isinstance(wanted, list) else [wanted]
    return any(one in allowed for one in (known if isinstance(known, list) else [known]))
