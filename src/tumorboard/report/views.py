"""What a report shows, in one language, worked out once: the terminal, Markdown and HTML only lay it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tumorboard.report.names import Printed
from tumorboard.text import Language

StatusKey = Literal["applies", "possible", "excluded", "no consensus"]
StrengthKey = Literal["strong", "moderate", "weak", "no grade", "not recommended"]
ConditionKey = Literal["met", "not met", "unknown", "open"]
CheckKey = Literal["reproduces", "not reproduced", "impossible", "not checkable"]


@dataclass(frozen=True, slots=True)
class HeaderView:
    """One labelled value of the header; ``known`` is false where the record leaves it open."""

    label: str
    value: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class LaterView:
    """Evidence published after the guideline, always with its date and how certain the reading is."""

    finding: str
    date: str
    certainty: str
    text: str
    source: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """Whether printed numbers follow from each other: what was checked with its verdict, and what is noted on it."""

    verdict: CheckKey
    text: str
    note: str | None

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the numbers; what can't be checked holds."""
        return self.verdict in ("reproduces", "not checkable")


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding; ``heading`` is set for the graded cell and for the vote. ``None``: the source doesn't say."""

    id: str
    heading: str | None
    study: Printed | None
    design: Printed | None
    endpoint: Printed | None
    value: Printed | None
    comparator: Printed | None
    comparator_value: Printed | None
    effect: str | None
    interval: str | None
    p: str | None
    n: str | None
    level: str | None
    claim: str | None
    quote: str | None
    context: str | None
    printed_at: str | None
    remarks: tuple[str, ...]
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True)
class ConditionView:
    text: str
    key: ConditionKey
    verdict: str


@dataclass(frozen=True, slots=True)
class CautionView:
    text: str
    kind: str
    source: Printed | None
    excludes: bool


@dataclass(frozen=True, slots=True)
class PointView:
    """One finding as a sentence, with what was found about it."""

    finding: str
    text: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArgumentView:
    """An argument for or against an option. ``None``: it is the source's own, not a study's, or has no size."""

    side: Literal["for", "against"]
    study: str | None
    design: Printed | None
    n: str | None
    text: str | None
    points: tuple[PointView, ...]


@dataclass(frozen=True, slots=True)
class OptionView:
    """One option. ``own_because`` is what the reason of its situation (``letter``) doesn't say already; ``strategy`` is
    ``None`` where it only repeats the regimen; ``graded_by`` names the rule where nobody voted."""

    number: int
    id: str
    letter: str
    situation: str
    strategy: str | None
    regimen: str
    status: StatusKey
    status_word: str
    strength: StrengthKey
    strength_word: str
    level: str | None
    agreement: str | None
    place: str | None
    citations: str | None
    because: str
    own_because: str
    missing: tuple[str, ...]
    conditions: tuple[ConditionView, ...]
    cautions: tuple[CautionView, ...]
    remarks: tuple[str, ...]
    later: tuple[LaterView, ...]
    later_of_situation: bool
    evidence: tuple[FindingView, ...]
    graded_by: str | None
    arguments: tuple[ArgumentView, ...]
    conclusion: tuple[PointView, ...]

    def side(self, side: str) -> tuple[ArgumentView, ...]:
        return tuple(argument for argument in self.arguments if argument.side == side)


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Options of one status and one basis, in order of strength."""

    status: StatusKey
    heading: str
    about: str
    basis: str
    options: tuple[OptionView, ...]


@dataclass(frozen=True, slots=True)
class SituationView:
    letter: str
    id: str
    name: str
    guideline: str
    verdict: Literal["met", "not met", "unknown"]
    because: str
    missing: tuple[str, ...]
    under_study: str | None
    remarks: tuple[str, ...]
    later: tuple[LaterView, ...]


@dataclass(frozen=True, slots=True)
class QuestionView:
    number: int
    ask: str
    state: str
    decides: tuple[str, ...]
    warns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProblemView:
    """An entry of the file no rule understands; messages about files are written in English."""

    place: str
    what: Printed


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source of this report's findings; ``certainty`` says whether it was read or is from memory."""

    short: str | None
    title: str
    journal: Printed | None
    year: str | None
    doi: str | None
    certainty: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says of one case."""

    language: Language
    case_id: str
    as_of: str
    header: tuple[HeaderView, ...]
    staging: tuple[HeaderView, ...]
    situations: tuple[SituationView, ...]
    groups: tuple[OptionGroup, ...]
    no_consensus: tuple[OptionGroup, ...]
    not_covered: tuple[tuple[str, str], ...]
    hypotheses: tuple[tuple[str, str], ...]
    questions: tuple[QuestionView, ...]
    not_understood: tuple[ProblemView, ...]
    notices: tuple[Printed, ...]
    assumptions: tuple[str, ...]
    sources: tuple[SourceView, ...]
    knowledge: str
    notice: str

    def of_verdict(self, verdict: str) -> tuple[SituationView, ...]:
        return tuple(situation for situation in self.situations if situation.verdict == verdict)
