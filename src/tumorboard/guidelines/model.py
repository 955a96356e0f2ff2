"""What a guideline says, as data: who is in which situation, which options that gives, graded how, printed where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from tumorboard.guidelines.by_design import DesignRule, Grade
from tumorboard.guidelines.grading import Grading
from tumorboard.logic.inputs import Input
from tumorboard.logic.tree import Node
from tumorboard.text import Text

Basis = Literal["panel", "by-design", "ungraded"]
NOT_RECOMMENDED = "not recommended"


@dataclass(frozen=True, slots=True)
class Rule:
    """Logic over facts with the text it was read from."""

    text: str
    node: Node


@dataclass(frozen=True, slots=True)
class GuidelineRemark:
    """What we, or later evidence, have to say of an option or situation; shown where ``when`` holds, never a grade."""

    text: Text | None
    finding: str | None
    when: Rule | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition said only in the text: shown with the option, and no reason to exclude where it isn't met."""

    text: Text
    when: Rule | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A stated reason to rule an option out; ``if_unknown`` says what a missing input does to its status."""

    when: Rule
    if_unknown: Literal["possible", "unchanged"]
    because: Text
    finding: str | None


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a board expects to be warned of; ``for_`` names the drugs or classes of a regimen it belongs to."""

    for_: tuple[str, ...]
    when: Rule | None
    text: Text
    kind: str
    source: str | None
    effect: Literal["warn", "exclude"] = "warn"


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a regimen: a drug, a class or a named treatment, or several that may stand for each other."""

    alternatives: tuple[str, ...]

    def __str__(self) -> str:
        return " | ".join(self.alternatives)


@dataclass(frozen=True, slots=True)
class Strategy:
    """What was voted on, with the agreement in percent as printed (``None`` where nobody voted).

    ``votes`` is the exact share in percent where the votes themselves are known.
    """

    id: str
    name: Text
    kind: str
    agreement: Decimal | None
    vote: str | None
    votes: Fraction | None = None

    @property
    def share(self) -> Decimal | Fraction | None:
        """What is graded: the exact share, or the printed one where that is all there is."""
        return self.agreement if self.votes is None else self.votes


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument for or against an option: findings of one study or statement, with a word of ours where needed."""

    side: Literal["for", "against"]
    text: Text | None
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A regimen under a strategy in a situation, graded as printed.

    ``interchangeable``: any member of a slot with alternatives counts as the same regimen. ``cell`` and ``evidence``
    are ids of findings; ``citations`` are numbers of the source's list. Where nobody voted, ``grade`` says which rule
    gave level and strength and why. ``arguments`` are those of a source that is a dispute, and ``conclusion`` names the
    findings that hold what it concludes.
    """

    id: str
    strategy: Strategy
    regimen: tuple[Slot, ...]
    level: str | None
    strength: str | None
    cell: str | None
    evidence: tuple[str, ...]
    citations: tuple[int, ...]
    conditions: tuple[Condition, ...]
    exclusions: tuple[Exclusion, ...]
    cautions: tuple[Caution, ...]
    remarks: tuple[GuidelineRemark, ...]
    interchangeable: bool
    grade: Grade | None = None
    arguments: tuple[Argument, ...] = ()
    conclusion: tuple[str, ...] = ()

    @property
    def recommended(self) -> bool:
        return self.strength != NOT_RECOMMENDED


@dataclass(frozen=True, slots=True)
class UnderStudy:
    """Agents a source names without grading them."""

    agents: tuple[str, ...]
    text: Text


@dataclass(frozen=True, slots=True)
class Ask:
    """A fact a situation wants to know beside those its rule reads.

    ``look``: the fact tells whether a look was taken (a new biopsy); until it was, this entry is asked for.
    """

    fact: str
    look: Input | None


@dataclass(frozen=True, slots=True)
class Situation:
    """One row of a guideline. ``continues``: the class of drugs the row means to go on with beyond progression."""

    id: str
    name: Text
    table: int | None
    when: Rule
    options: tuple[Option, ...]
    remarks: tuple[GuidelineRemark, ...]
    asks: tuple[Ask, ...]
    continues: str | None
    under_study: UnderStudy | None


@dataclass(frozen=True, slots=True)
class NotCovered:
    when: Rule
    because: Text


@dataclass(frozen=True, slots=True)
class AcceptedOverlap:
    """Two situations that may hold of one patient though they grade alike things differently, and why that is right."""

    situations: frozenset[str]
    because: Text


@dataclass(frozen=True, slots=True)
class AcceptedName:
    """A finding of a proof that stands as it is: a dead situation, a grade no rule gives, cut-offs of a fact."""

    name: str
    because: Text


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a proof finds and the guideline's authors stand by, each with a reason. Gaps are told to users as not
    covered."""

    overlaps: tuple[AcceptedOverlap, ...] = ()
    gaps: tuple[NotCovered, ...] = ()
    dead: tuple[AcceptedName, ...] = ()
    grades: tuple[AcceptedName, ...] = ()
    cuts: tuple[AcceptedName, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    name: Text
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """Facts a guideline wants side by side at the head of a report."""

    name: Text
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Guideline:
    """One source's recommendations. ``examples`` are cases with the situations they must be in.

    ``rule`` grades the options of a guideline nobody voted on; ``studies`` are the names its arguments show for the
    studies behind them.
    """

    id: str
    name: Text
    source: str
    published: str
    basis: Basis
    scope: Rule
    scope_name: Text
    definitions: tuple[Definition, ...]
    grading: Grading | None
    strategies: Mapping[str, Strategy]
    situations: tuple[Situation, ...]
    not_covered: tuple[NotCovered, ...]
    examples: tuple[Mapping[str, Any], ...]
    rule: DesignRule | None = None
    header: tuple[HeaderLine, ...] = ()
    studies: Mapping[str, Text] = field(default_factory=dict)
    accepted: Accepted = Accepted()

    def options(self) -> tuple[tuple[Situation, Option], ...]:
        return tuple((situation, option) for situation in self.situations for option in situation.options)

    def basis_of(self, option: Option) -> Basis:
        """What the option's grade rests on; one the rule of the guideline doesn't grade (an outlook) has no grade."""
        return "ungraded" if self.basis == "by-design" and option.grade is None else self.basis

    def differences(self) -> tuple[str, ...]:
        """Every printed strength the guideline's own rule would not give, worded; empty where all obey it."""
        if self.grading is None or not self.grading.rules:
            return ()
        found = []
        for _, option in self.options():
            if option.strategy.share is None or option.strength is None:
                continue
            given = self.grading.strength(option.level, option.strategy.share)
            if given != option.strength:
                printed = f"{option.id}: printed {option.strength}"
                found.append(f"{printed}, the rule gives {given} (level {option.level}, {option.strategy.agreement} %)")
        return tuple(found)
