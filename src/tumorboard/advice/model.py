"""Advice for one case, as plain data with the derivation of every verdict."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tumorboard.case.model import CaseFile
from tumorboard.errors import Problem
from tumorboard.guidelines.model import Caution, Guideline, Option, Situation
from tumorboard.logic.explain import Explainer, Step
from tumorboard.logic.inputs import Input
from tumorboard.logic.recalling import RecallingReader, Told
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE, Truth, Value
from tumorboard.text import Text

Verdict = Literal["met", "not met", "unknown"]
Status = Literal["applies", "possible", "excluded"]


def verdict_of(value: Value) -> Verdict:
    return "met" if value == TRUE else "not met" if value == FALSE else "unknown"


@dataclass(frozen=True)
class SituationAnswer:
    """Whether the patient is in a situation. ``remarks``: what later evidence says of it, for this patient.

    ``decided_by`` is the situation's rule, or the guideline's scope where the patient is outside it.
    """

    guideline: Guideline
    situation: Situation
    value: Truth
    decided_by: Node
    explainer: Explainer
    reader: RecallingReader
    remarks: tuple[RemarkAnswer, ...]

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.value)

    @cached_property
    def step(self) -> Step:
        """The derivation, worked out when it is asked for."""
        return self.explainer.step(self.decided_by)

    @property
    def told(self) -> Told:
        """Why the patient is in it, is not, or may be, and what is missing."""
        return self.reader.told(self.decided_by)


@dataclass(frozen=True, slots=True)
class RemarkAnswer:
    """A remark with its finding, where it rests on one."""

    text: Text
    finding: str | None = None
    date: str | None = None
    certainty: str | None = None


@dataclass(frozen=True, slots=True)
class ConditionAnswer:
    """A condition said in the text, and whether it is met (``None``: no rule can tell)."""

    text: Text
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class OptionAnswer:
    """One option in its situation for this patient; ``status`` is ``None`` for what the guideline doesn't recommend.

    ``own_reasons`` are the option's own; ``with_situation`` says whether why the situation holds belongs to them.
    """

    answer: SituationAnswer
    option: Option
    status: Status | None
    own_reasons: tuple[Text, ...]
    with_situation: bool
    missing: tuple[Input, ...]
    conditions: tuple[ConditionAnswer, ...]
    cautions: tuple[Caution, ...]
    remarks: tuple[RemarkAnswer, ...]

    @property
    def guideline(self) -> Guideline:
        return self.answer.guideline

    @property
    def situation(self) -> Situation:
        return self.answer.situation

    @property
    def because(self) -> Text:
        """Why the option has its status, as one line."""
        reasons = list(self.own_reasons)
        if self.with_situation:
            reasons.insert(0, self.answer.told.because)
        unique = list(dict.fromkeys(reasons))
        return Text("; ".join(text.en for text in unique), "；".join(text.zh for text in unique))


@dataclass(frozen=True, slots=True)
class NotCoveredAnswer:
    guideline: Guideline
    because: Text


@dataclass(frozen=True, slots=True)
class Question:
    """A missing input, with the options it would decide and those it would only put a caution beside."""

    input: Input
    would_decide: tuple[str, ...]
    would_warn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What only the mechanism supports: never an option, and shown apart from them. ``names`` are the regimen's."""

    regimen: tuple[str, ...]
    names: tuple[Text, ...]
    because: Text
    support: str


@dataclass(frozen=True)
class Advice:
    """Everything the knowledge says of one case on one day.

    ``explainer`` gives derivations, ``reader`` what a record tells of them.
    """

    file: CaseFile
    as_of: datetime.date
    explainer: Explainer
    reader: RecallingReader
    situations: tuple[SituationAnswer, ...]
    options: tuple[OptionAnswer, ...]
    not_covered: tuple[NotCoveredAnswer, ...]
    questions: tuple[Question, ...]
    not_understood: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    hypothesise: Callable[[], tuple[Hypothesis, ...]]

    @cached_property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """What only the mechanism suggests; worked out when it is asked for."""
        return self.hypothesise()

    @property
    def case_id(self) -> str:
        return self.file.id

    @cached_property
    def facts(self) -> Mapping[str, Step]:
        """Every fact with its derivation; those the advice itself didn't need are worked out now."""
        return {name: self.explainer.fact(name) for name in self.explainer.facts.definitions}

    def situation(self, name: str) -> SituationAnswer | None:
        return next((answer for answer in self.situations if answer.situation.id == name), None)

    @property
    def undecided(self) -> bool:
        """Whether the case is too incomplete to decide anything: no situation that has options met, and one unknown."""
        verdicts = {answer.verdict for answer in self.situations if answer.situation.options}
        return "met" not in verdicts and "unknown" in verdicts
