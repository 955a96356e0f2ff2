"""What the network is made of: nodes, edges, and what alterations and drugs do to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tumorboard.text import Text

OFF, BASAL, ACTIVE = 0, 1, 2
LEVELS = ("off", "basal", "active")

Mode = Literal["bound", "mutated", "amplified"]
Change = Literal["activates", "weakly activates", "removes", "modifies", "none"]
Effect = Literal["full", "weak", "none", "unknown"]
CAP: Mapping[Effect, int] = {"full": OFF, "weak": BASAL, "none": ACTIVE}

WILD_TYPE = "wild type"


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a row comes from and how far that was checked; ``note``, ``context`` and ``dispute`` are shown with it."""

    text: str
    certainty: str
    note: Text | None = None
    context: Text | None = None
    dispute: Text | None = None
    disputed_by: str | None = None
    quote: tuple[str, str] | None = None  # source id, verbatim words


@dataclass(frozen=True, slots=True)
class Part:
    """A region of a protein and what alterations there do."""

    id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Node:
    """A protein, protein family or output.

    ``rest`` is its level where nothing drives it; ``several`` whether a tumour may carry several copies of it, so that
    the phase of two mutations matters; ``genes`` those whose alterations and drugs mean it.
    """

    id: str
    kind: str
    genes: tuple[str, ...]
    name: Text
    names: tuple[str, ...]
    rest: int
    several: bool
    parts: tuple[Part, ...]
    reference: str


@dataclass(frozen=True, slots=True)
class Source:
    """A node that drives another, in any way it is active or only in one ``mode``."""

    node: str
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """``to`` is driven by all of ``by`` together, while the nodes of ``needs`` are not off.

    With ``without`` only once those inhibitors are lost, then even by a basal ``by``. ``weak`` lifts no higher than
    basal. ``mode`` says how a receptor is active by it.
    """

    to: str
    by: tuple[Source, ...]
    needs: tuple[str, ...]
    without: tuple[str, ...]
    mode: Mode | None
    weak: bool
    reference: Reference


@dataclass(frozen=True, slots=True)
class Feedback:
    """What wakes when a node is closed; a flag, never part of a verdict."""

    closing: str
    wakes: tuple[str, ...]
    text: Text
    reference: Reference


@dataclass(frozen=True, slots=True)
class Alters:
    """What an alteration or state does: to ``node``, or nothing the network could tell (``outside`` says why)."""

    id: str
    node: str | None
    change: Change | None
    mode: Mode | None
    presupposes: str | None
    outside: Text | None
    reference: Reference


@dataclass(frozen=True, slots=True)
class Cell:
    """What drugs do to one copy of ``node`` that carries the changes of ``allele``; several drugs: together."""

    node: str
    allele: tuple[str, ...]
    drugs: tuple[str, ...]
    effect: Effect
    basis: str | None
    claim: Text | None
    reference: Reference


@dataclass(frozen=True, slots=True)
class NetworkDrug:
    """A drug the network knows; it does nothing to nodes outside ``acts_on``.

    ``decoy`` says why its nominal target does not explain its effect, and keeps it from standing for its class.
    """

    inn: str
    acts_on: tuple[str, ...]
    type: str
    toxicity: tuple[str, ...]
    decoy: Text | None
    reference: Reference


@dataclass(frozen=True, slots=True)
class Limit:
    """A question on which such logic is known to have no skill: for drugs of some classes, ``alone`` where only as the
    single drug; without classes for every question."""

    text: Text
    drug_classes: tuple[str, ...]
    alone: bool
    topic: str | None


@dataclass(frozen=True, slots=True)
class Support:
    """Clinical findings about giving ``drugs`` (or drugs of these classes) to tumours with all of ``alterations``."""

    alterations: tuple[str, ...]
    drugs: tuple[str, ...]
    findings: tuple[str, ...]
