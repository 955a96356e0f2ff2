"""The network from ``knowledge/network/``, each row checked against the vocabulary and the other rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, get_args

from tumorboard.errors import InvalidKnowledge, Problem, TumorboardError
from tumorboard.folder import KnowledgeFolder
from tumorboard.mechanism.model import (
    LEVELS,
    WILD_TYPE,
    Alters,
    Cell,
    Change,
    Edge,
    Effect,
    Feedback,
    Limit,
    Mode,
    NetworkDrug,
    Node,
    Part,
    Reference,
    Source,
    Support,
)
from tumorboard.mechanism.network import Network
from tumorboard.text import Text, text_from
from tumorboard.vocabulary.drugs import CERTAINTIES
from tumorboard.vocabulary.library import Vocabulary
from tumorboard.vocabulary.names import key

_FOLDER = "network"
_ROW_LISTS = {"drugs", "alterations", "states", "effects"}
_WHOLE = {"verdict", "toxicities"}  # headings that are no lists
_SINGLE = {"nodes", "edges", "feedback", "outside_drugs", "outside_alterations", "no_skill", "support", *_WHOLE}
_ELSEWHERE = {"tier_rules", "tier_facts", "clones"}  # read by tiers.py and clones.py
T = TypeVar("T")


def load_network(folder: KnowledgeFolder, vocabulary: Vocabulary) -> Network:
    """All files under ``network/`` as one network. Raises InvalidKnowledge naming file, list and row."""
    rows: dict[str, list[tuple[str, Any]]] = {name: [] for name in _ROW_LISTS | _SINGLE}
    for name, doc in folder.under(_FOLDER):
        for heading, entries in doc.items():
            if heading in _ELSEWHERE:
                continue
            if heading not in rows:
                raise InvalidKnowledge(
                    Problem(f"{name}: {heading}", "is no list of the network", ", ".join(sorted(rows)))
                )
            if heading in _WHOLE:
                rows[heading].append((name, entries))
                continue
            rows[heading].extend((f"{name}: {heading}[{number}]", entry) for number, entry in enumerate(entries))
    return _Reading(rows, vocabulary).network()


class _Reading:
    def __init__(self, rows: Mapping[str, list[tuple[str, Any]]], vocabulary: Vocabulary) -> None:
        self._rows, self._vocabulary = rows, vocabulary
        self._nodes = {node.id: node for node in self._read("nodes", _node)}

    def network(self) -> Network:
        edges = self._read("edges", self._edge)
        states = self._read("states", self._state)
        names = {
            key(name): alters.id
            for (_, row), alters in zip(self._rows["states"], states, strict=True)
            for name in (row["id"], row["zh"], *row.get("names", ()))
        }
        self._states = {alters.id for alters in states}
        alters = self._unique(
            [*states, *self._read("alterations", self._alters), *self._read("outside_alterations", self._outside)]
        )
        cells = [cell for row in self._rows["effects"] for cell in self._guarded(row, self._cells)]
        seen: set[tuple[Any, ...]] = set()
        for cell in cells:
            mark = (cell.node, frozenset(cell.allele), cell.drugs)
            if mark in seen:
                raise InvalidKnowledge(
                    Problem(
                        f"{_FOLDER}/: effects", f"{' + '.join(cell.drugs)} on {' + '.join(cell.allele)} stands twice"
                    )
                )
            seen.add(mark)
        drugs = {drug.inn: drug for drug in self._read("drugs", self._drug)}
        for cell in cells:
            for drug in cell.drugs:
                if drug not in drugs or cell.node not in drugs[drug].acts_on:
                    raise InvalidKnowledge(
                        Problem(
                            f"{_FOLDER}/: effects of {drug} on {' + '.join(cell.allele)}",
                            f"{drug} is not listed as acting on {cell.node}",
                            "add the node to its acts_on",
                        )
                    )
        verdict = self._rows["verdict"][0][1]
        for edge in edges:
            for lost in edge.without:
                if any(other.to == lost for other in edges):
                    raise InvalidKnowledge(Problem(f"{_FOLDER}/edges.yaml", f"{lost} inhibits and is driven itself"))
        return Network(
            vocabulary=self._vocabulary,
            nodes=self._nodes,
            edges=tuple(edges),
            feedback=tuple(self._read("feedback", self._feedback)),
            alters=alters,
            state_names=names,
            state_texts={row["id"]: Text(row["id"], row["zh"]) for _, row in self._rows["states"]},
            cells=tuple(cells),
            drugs=drugs,
            outside_drugs={row["class"]: text_from(row["reason"]) for _, row in self._rows["outside_drugs"]},
            limits=tuple(self._read("no_skill", _limit)),
            decides=tuple(verdict["decides"]),
            lesser=tuple(verdict["lesser"]),
            shown=tuple(verdict["shown"]),
            class_agrees=verdict["class_agrees"],
            toxicity=self._rows["toxicities"][0][1],
            support=tuple(self._read("support", self._support)),
        )

    def _read(self, heading: str, reading: Callable[[Any], T]) -> list[T]:
        return [self._guarded(row, reading) for row in self._rows[heading]]

    @staticmethod
    def _guarded(row: tuple[str, Any], reading: Callable[[Any], T]) -> T:
        place, entry = row
        try:
            return reading(entry)
        except KeyError as error:
            raise InvalidKnowledge(Problem(place, f"{error.args[0]!r} is absent or unknown")) from error
        except (ValueError, TumorboardError) as error:
            raise InvalidKnowledge(Problem(place, str(error))) from error

    def _known(self, ids: Iterable[str]) -> tuple[str, ...]:
        found = tuple(ids)
        for id_ in found:
            if id_ not in self._nodes:
                raise ValueError(f"{id_!r} is no node")
        return found

    def _edge(self, row: Any) -> Edge:
        strength = _one_of(row["strength"], ("full", "weak"))
        by = tuple(self._source(text) for text in row["by"])
        needs, without = tuple(row.get("with", ())), tuple(row.get("without", ()))
        self._known((row["to"], *(source.node for source in by), *needs, *without))
        return Edge(row["to"], by, needs, without, _mode(row), strength == "weak", _reference(row))

    def _source(self, text: str) -> Source:
        node, _, mode = text.partition(" ")
        return Source(node, _mode({"mode": mode}) if mode else None)

    def _feedback(self, row: Any) -> Feedback:
        self._known((row["closing"], *row["wakes"]))
        return Feedback(row["closing"], tuple(row["wakes"]), Text(row["en"], row["zh"]), _reference(row))

    def _state(self, row: Any) -> Alters:
        return self._altering(row["id"], row)

    def _alters(self, row: Any) -> Alters:
        return self._altering(self._alteration(row["alteration"]), row)

    def _outside(self, row: Any) -> Alters:
        return Alters(
            self._alteration(row["alteration"]),
            None,
            None,
            None,
            None,
            text_from(row["reason"]),
            _reference(row, False),
        )

    def _altering(self, id_: str, row: Any) -> Alters:
        if "outside" in row:
            return Alters(id_, None, None, None, None, text_from(row["outside"]), _reference(row))
        change: Change = _one_of(row["effect"], get_args(Change))
        node = row.get("node")
        if node is None and change != "none":
            raise ValueError(f"what changes nothing is `effect: none`; {change!r} needs a node")
        self._known((node,) if node else ())
        presupposed = row.get("presupposes")
        return Alters(
            id_, node, change, _mode(row), self._alteration(presupposed) if presupposed else None, None, _reference(row)
        )

    def _alteration(self, text: str) -> str:
        found = self._vocabulary.alterations.parse(text).id
        if found != text:
            raise ValueError(f"write {found!r} for {text!r}")
        return found

    def _allele(self, text: str) -> str:
        if text in self._states:
            return text
        node, space, rest = text.partition(" ")
        if rest == WILD_TYPE and space:
            self._known((node,))
            return text
        return self._alteration(text)

    def _cells(self, row: Any) -> list[Cell]:
        (node,) = self._known((row["node"],))
        allele = tuple(self._allele(text) for text in row["allele"])
        basis = row.get("basis")
        claim = text_from(row["claim"]) if "claim" in row else None
        reference = _reference(row)
        given: list[tuple[tuple[str, ...], Effect]] = []
        if "together" in row:
            given.append((tuple(sorted(map(self._inn, row["together"]["drugs"]))), row["together"]["effect"]))
        given += [((self._inn(drug),), effect) for drug, effect in row.get("drugs", {}).items()]
        return [
            Cell(node, allele, drugs, _one_of(effect, get_args(Effect)), basis, claim, reference)
            for drugs, effect in given
        ]

    def _drug(self, row: Any) -> NetworkDrug:
        return NetworkDrug(
            self._inn(row["drug"]),
            self._known(row["acts_on"]),
            row["type"],
            tuple(_one_of(name, self._rows["toxicities"][0][1]) for name in row.get("toxicity", ())),
            text_from(row["decoy"]) if "decoy" in row else None,
            _reference(row),
        )

    def _support(self, row: Any) -> Support:
        drugs = self._vocabulary.drugs
        named = tuple(name if drugs.find_class(name) == name else self._inn(name) for name in row["drugs"])
        return Support(tuple(map(self._alteration, row["alterations"])), named, tuple(row["findings"]))

    def _inn(self, text: str) -> str:
        found = self._vocabulary.drugs.find(text).inn
        if found != text:
            raise ValueError(f"write {found!r} for {text!r}")
        return found

    @staticmethod
    def _unique(found: list[Alters]) -> dict[str, Alters]:
        by_id: dict[str, Alters] = {}
        for alters in found:
            if alters.id in by_id:
                raise InvalidKnowledge(Problem(f"{_FOLDER}/: alterations", f"{alters.id} stands twice"))
            by_id[alters.id] = alters
        return by_id


def _node(row: Any) -> Node:
    return Node(
        id=row["id"],
        kind=row["kind"],
        genes=tuple(row["genes"]),
        name=Text(row["id"], row["zh"]),
        names=tuple(row.get("names", ())),
        rest=LEVELS.index(_one_of(row["rest"], LEVELS)),
        several=_one_of(row.get("copies", "several"), ("one", "several")) == "several",
        parts=tuple(Part(part["id"], Text(part["en"], part["zh"])) for part in row.get("parts", ())),
        reference=row["reference"],
    )


def _limit(row: Any) -> Limit:
    applies = row["applies"]
    classes = applies.get("drug_class", ())
    named = (classes,) if isinstance(classes, str) else tuple(classes)
    return Limit(Text(row["en"], row["zh"]), named, bool(applies.get("alone")), applies.get("topic"))


def _reference(row: Any, required: bool = True) -> Reference:
    if not required and "reference" not in row:
        return Reference("", "")
    dispute = row.get("dispute")
    quote = row.get("quote")
    return Reference(
        text=row["reference"],
        certainty=_one_of(row["certainty"], CERTAINTIES),
        note=text_from(row["note"]) if "note" in row else None,
        context=text_from(row["context"]) if "context" in row else None,
        dispute=Text(dispute["en"], dispute["zh"]) if dispute else None,
        disputed_by=dispute["reference"] if dispute else None,
        quote=(quote["source"], quote["text"]) if quote else None,
    )


def _mode(row: Any) -> Mode | None:
    mode = row.get("mode")
    return None if mode is None else _one_of(mode, get_args(Mode))


def _one_of(value: Any, words: Iterable[Any]) -> Any:
    if value not in words:
        raise ValueError(f"{value!r} is none of {', '.join(map(str, words))}")
    return value
