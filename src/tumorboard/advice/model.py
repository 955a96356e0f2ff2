"""Advice for one case, as plain data with the derivation of every verdict."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tumorboard.errors import Problem
from tumorboard.guidelines.model import Caution, Guideline, Option, Situation
from tumorboard.logic.explain import Explainer, Step
from tumorboard.logic.inputs import Input
from tumorboard.logic.values import FALSE, TRUE
from tumorboard.text import Text

Verdict = Literal["met", "not met", "unknown"]
Status = Literal["applies", "possible", "excluded"]


def verdict_of(step: Step) -> Verdict:
    return "met" if step.value == TRUE else "not met" if step.value == FALSE else "unknown"


@dataclass(frozen=True, slots=True)
class SituationAnswer:
    """Whether the patient is in a situation. ``remarks``: what later evidence says of it, for this patient."""

    guideline: Guideline
    situation: Situation
    step: Step
    remarks: tuple[RemarkAnswer, ...]

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.step)


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
    """One option in its situation for this patient; ``status`` is ``None`` for what the guideline doesn't recommend."""

    guideline: Guideline
    situation: Situation
    option: Option
    status: Status | None
    because: Text
    missing: tuple[Input, ...]
    conditions: tuple[ConditionAnswer, ...]
    cautions: tuple[Caution, ...]
    remarks: tuple[RemarkAnswer, ...]


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
    text: Text


@dataclass(frozen=True)
class Advice:
    """Everything the knowledge says of one case on one day."""

    case_id: str
    as_of: datetime.date
    explainer: Explainer
    situations: tuple[SituationAnswer, ...]
    options: tuple[OptionAnswer, ...]
    not_covered: tuple[NotCoveredAnswer, ...]
    questions: tuple[Question, ...]
    not_understood: tuple[Problem, ...]
    notices: tuple[Problem, ...]

    @property
    def facts(self) -> Mapping[str, Step]:
        """Every fact with its derivation; those the advice itself didn't need are worked out now."""
        return {name: self.explainer.fact(name) for name in self.explainer.facts.definitions}

    def situation(self, name: str) -> SituationAnswer | None:
        return next((answer for answer in self.situations if answer.situation.id == name), None)

    @property
    def undecided(self) -> bool:
        """Whether the case is too incomplete to decide anything: no situation met, and at least one unknown."""
        verdicts = {answer.verdict for answer in self.situations}
        return "met" not in verdicts and "unknown" in verdicts
