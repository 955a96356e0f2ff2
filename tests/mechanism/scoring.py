"""The set of published statements, and how the network's answers and a look-up by gene score on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from tumorboard.errors import TumorboardError
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.mechanism.answer import Answer
from tumorboard.mechanism.load import load_network
from tumorboard.mechanism.verdict import Mechanism
from tumorboard.vocabulary.library import Vocabulary

FILE = Path(__file__).parent / "statements.yaml"
_VERDICTS = {"outside": "outside the network"}
ABSTAINS = ("outside the network", "not known")


@dataclass(frozen=True)
class Statement:
    """What a paper says of a genotype under drugs: the verdict, and nodes its route runs through in this order."""

    genotype: str
    drugs: tuple[str, ...]
    ligands: tuple[str, ...]
    knockdown: tuple[str, ...]
    verdict: str
    route: tuple[str, ...]
    kind: str
    reference: str

    def __str__(self) -> str:
        extra = [f"ligand {name}" for name in self.ligands] + [f"without {name}" for name in self.knockdown]
        return f"{self.genotype} + {' + '.join(self.drugs)}{' (' + ', '.join(extra) + ')' if extra else ''}"


@cache
def statements() -> tuple[Statement, ...]:
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))["statements"]
    return tuple(
        Statement(
            row["genotype"],
            tuple(row["drugs"]),
            tuple(row.get("ligands") or ()),
            tuple(row.get("knockdown") or ()),
            _VERDICTS.get(row["outcome"], row["outcome"]),
            tuple(row.get("route") or ()),
            row["kind"],
            row["reference"],
        )
        for row in rows
    )


@cache
def mechanism() -> Mechanism:
    folder = KnowledgeFolder(SHIPPED)
    return Mechanism(load_network(folder, Vocabulary.load(folder)))


def answer(statement: Statement, reader: Mechanism | None = None) -> Answer:
    return (reader or mechanism()).ask(statement.genotype, statement.drugs, statement.ligands, statement.knockdown)


def runs_through(route: Iterable[str], wanted: tuple[str, ...]) -> bool:
    """Whether the route visits the wanted nodes in this order."""
    nodes = iter(route)
    return all(node in nodes for node in wanted)


def shows_route(found: Answer, statement: Statement) -> bool:
    return any(runs_through(route, statement.route) for route in found.routes)


def by_gene(statement: Statement) -> str:
    """What a look-up by driver gene alone says: sensitive where a drug's target is among the altered genes."""
    reader = mechanism()
    vocabulary = reader.network.vocabulary
    genes = set()
    for part in statement.genotype.split(";"):
        try:
            genes.add(vocabulary.alterations.parse(part.strip()).id.partition(" ")[0])
        except TumorboardError:
            continue
    targets: set[str] = set()
    for name in statement.drugs:
        drug = vocabulary.drugs.get(name)
        class_ = vocabulary.drugs.find_class(name)
        members = [drug] if drug else [other for other in vocabulary.drugs if class_ and class_ in other.classes]
        targets.update(target for member in members for target in member.targets)
    return "sensitive" if genes & targets else "resistant"
