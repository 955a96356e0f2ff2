"""The outcome of a consensus: each question counted, graded, worded; what a minority said; all of it as a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tumorboard.consensus.ballots import Ballot, Condition
from tumorboard.consensus.protocol import DecisionClass, Protocol
from tumorboard.consensus.questions import Question, QuestionSet, Regimen
from tumorboard.consensus.statistics import Change, Concordance
from tumorboard.consensus.tally import (
    Electorate,
    Tally,
    changes,
    concordance,
    cut_within_rounding,
    decide,
    shown_counts,
    tally,
    tally_of_share,
    without_conflicts,
)
from tumorboard.consensus.wording import plain, shown_share, wording
from tumorboard.text import Text

SCHEMA = "tumorboard.consensus-result/1"


@dataclass(frozen=True, slots=True)
class RoundVotes:
    """The ballots of one closed round by question, and who could vote on each."""

    number: int
    ballots: Mapping[str, Sequence[Ballot]]
    electorates: Mapping[str, Electorate]
    opened: str = ""
    closed: str = ""
    published: str = ""

    @property
    def pseudonyms(self) -> frozenset[str]:
        return frozenset(ballot.pseudonym for each in self.ballots.values() for ballot in each)

    @property
    def voters(self) -> int:
        return len(self.pseudonyms)


@dataclass(frozen=True, slots=True)
class Graded:
    """A regimen with what was decided for its level."""

    regimen: Regimen
    decided: DecisionClass | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: its last count, what it was before, and what others than the majority said.

    ``round`` is the round of its last vote, 0 for votes counted elsewhere. ``apart`` counts without those who declared
    a conflict, and ``sensitive`` says whether something else would have been decided then.
    """

    question: Question
    round: int
    tally: Tally
    decided: DecisionClass | None
    options: tuple[Graded, ...]
    wording: Text
    change: Change | None
    apart: Tally | None
    minority: tuple[str, ...]
    conditions: tuple[tuple[Condition, int], ...]
    sensitive: bool


@dataclass(frozen=True)
class Result:
    """A whole consensus, ready to be written as record, guideline and report."""

    questions: QuestionSet
    protocol: Protocol
    rounds: tuple[RoundVotes, ...]
    outcomes: tuple[Outcome, ...]
    concordance: Concordance | None
    panellists: int | None
    deviations: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()

    @property
    def attrition(self) -> tuple[int, int] | None:
        """How many voted in the first round, and how many of them still in the last; None with fewer than two."""
        if len(self.rounds) < 2:
            return None
        first, last = self.rounds[0].pseudonyms, self.rounds[-1].pseudonyms
        return len(first), len(first & last)

    def outcome(self, question: str) -> Outcome:
        return next(outcome for outcome in self.outcomes if outcome.question.id == question)


def result_of_rounds(
    questions: QuestionSet,
    protocol: Protocol,
    rounds: Sequence[RoundVotes],
    panellists: int,
    deviations: Sequence[str] = (),
    revisions: Sequence[str] = (),
) -> Result:
    """The result after the rounds so far; each question counts as it was voted on last."""
    outcomes = []
    for question in questions.questions:
        asked = [each for each in rounds if question.id in each.ballots]
        if not asked:
            continue
        last = asked[-1]
        ballots, electorate = last.ballots[question.id], last.electorates[question.id]
        tallied = tally(question.id, ballots, protocol, electorate)
        moved = changes(asked[-2].ballots[question.id], ballots) if len(asked) > 1 else None
        apart = without_conflicts(question.id, ballots, protocol, electorate) if tallied.conflicted else None
        outcomes.append(_outcome(question, last.number, tallied, protocol, moved, apart, ballots))
    w = concordance(rounds[-1].ballots, protocol) if rounds else None
    return Result(
        questions, protocol, tuple(rounds), tuple(outcomes), w, panellists, tuple(deviations), tuple(revisions)
    )


def result_of_shares(questions: QuestionSet, protocol: Protocol, shares: Mapping[str, Fraction]) -> Result:
    """The result of votes counted elsewhere, of which the agreement in percent is known."""
    outcomes = [
        _outcome(question, 0, tally_of_share(question.id, shares[question.id], protocol), protocol, None, None, ())
        for question in questions.questions
        if question.id in shares
    ]
    return Result(questions, protocol, (), tuple(outcomes), None, None)


def _outcome(
    question: Question,
    number: int,
    tallied: Tally,
    protocol: Protocol,
    moved: Change | None,
    apart: Tally | None,
    ballots: Sequence[Ballot],
) -> Outcome:
    options = tuple(Graded(regimen, decide(tallied, regimen.level, protocol)) for regimen in question.regimens)
    decided = options[0].decided if options else decide(tallied, None, protocol)
    levels = [regimen.level for regimen in question.regimens] or [None]
    return Outcome(
        question=question,
        round=number,
        tally=tallied,
        decided=decided,
        options=options,
        wording=wording(tallied, decided, question.name, protocol),
        change=moved,
        apart=apart,
        minority=_minority(ballots, protocol),
        conditions=_conditions(ballots),
        sensitive=apart is not None and any(decide(apart, x, protocol) != decide(tallied, x, protocol) for x in levels),
    )


def _minority(ballots: Sequence[Ballot], protocol: Protocol) -> tuple[str, ...]:
    """The reasons of those who did not agree, in an order that says nothing of who or when."""
    return tuple(
        sorted({b.reason for b in ballots if b.reason and b.answer is not None and b.answer not in protocol.agreement})
    )


def _conditions(ballots: Sequence[Ballot]) -> tuple[tuple[Condition, int], ...]:
    """The conditions named, the same rule or words counted together, the most frequent first."""
    counted = Counter(ballot.condition.when or ballot.condition.text for ballot in ballots if ballot.condition)
    first: dict[str, Condition] = {}
    for ballot in sorted(ballots, key=lambda b: b.condition.text if b.condition else ""):
        if ballot.condition:
            first.setdefault(ballot.condition.when or ballot.condition.text, ballot.condition)
    return tuple((first[key], count) for key, count in sorted(counted.items(), key=lambda item: (-item[1], item[0])))


# -- as a record ---------------------------------------------------------------------------------------------------


def result_record(result: Result, knowledge: Mapping[str, str]) -> dict[str, Any]:
    """The result as JSON-ready data; numbers that aren't whole are text, so that everybody's JSON signs alike.

    Numbers smaller than the protocol allows are null, and so is a count without conflicts where few had one.
    """
    protocol, w = result.protocol, result.concordance
    return {
        "schema": SCHEMA,
        "id": result.questions.id,
        "name": result.questions.name.as_dict(),
        "published": result.questions.published,
        "protocol": {"id": protocol.id, "name": protocol.name.as_dict(), "sha256": protocol.sha256},
        "questions_sha256": result.questions.sha256,
        "knowledge": dict(knowledge),
        "panellists": result.panellists,
        "rounds": [
            {"number": r.number, "opened": r.opened, "closed": r.closed, "published": r.published, "voters": r.voters,
             "questions": len(r.ballots)}
            for r in result.rounds
        ],
        "concordance": None if w is None else {
            "kendalls_w": f"{w.w:.4f}", "chi_square": f"{w.chi_square:.3f}", "degrees": w.degrees, "p": f"{w.p:.3g}",
            "raters": w.raters, "items": w.items,
        },
        "attrition": None if result.attrition is None else {
            "voted_in_first": result.attrition[0], "of_them_in_last": result.attrition[1]
        },
        "deviations": list(result.deviations),
        "revisions": list(result.revisions),
        "outcomes": [outcome_record(outcome, protocol) for outcome in result.outcomes],
    }  # fmt: skip


def outcome_record(outcome: Outcome, protocol: Protocol) -> dict[str, Any]:
    tallied = outcome.tally
    return {
        "question": outcome.question.id,
        "situation": outcome.question.situation,
        "strategy": outcome.question.name.as_dict(),
        "round": outcome.round or None,
        **tally_record(tallied, protocol),
        "rounded_near": None if (near := cut_within_rounding(tallied, protocol)) is None else str(near),
        "change": None if outcome.change is None else change_record(outcome.change, protocol),
        "without_conflicts": None if outcome.apart is None else {
            "votes": outcome.apart.votes,
            # One who knows both counts knows how the few with a conflict voted.
            "share": _printed(outcome.apart, protocol) if tallied.conflicted >= protocol.smallest else None,
            "same_decision": not outcome.sensitive,
        },
        "decision": None if outcome.decided is None else outcome.decided.id,
        "options": [
            {"id": graded.regimen.id, "regimen": list(graded.regimen.names), "level": graded.regimen.level,
             "class": None if graded.decided is None else graded.decided.id,
             "strength": None if graded.decided is None else graded.decided.strength,
             "rationale": graded.regimen.rationale.as_dict() if graded.regimen.rationale else None,
             "evidence": list(graded.regimen.findings)}
            for graded in outcome.options
        ],
        "wording": outcome.wording.as_dict(),
        "minority": list(outcome.minority),
        "conditions": [
            {**condition.as_dict(), "voters": count if count >= protocol.smallest else None}
            for condition, count in outcome.conditions
        ],
    }  # fmt: skip


def tally_record(tallied: Tally, protocol: Protocol) -> dict[str, Any]:
    """Counts as they may be shown."""
    who = tallied.electorate
    return {
        "share": _printed(tallied, protocol),
        "exact": None if tallied.share is None else f"{tallied.share / 100}",
        "interval": None if tallied.interval is None else [f"{end:.1f}" for end in tallied.interval],
        "votes": tallied.votes,
        "agreeing": tallied.agreeing,
        "counts": dict(shown_counts(tallied, protocol)) if tallied.votes is not None else {},
        "abstained": tallied.abstained,
        "denominators": None if who is None else {
            "panellists": who.panellists, "eligible": who.eligible, "discusses_only": who.discusses,
            "recused": who.recused, "voted_with_conflict": tallied.conflicted,
        },
        "quorum": tallied.enough,
        "from_meeting": tallied.meeting,
        "median": None if tallied.median is None else plain(tallied.median),
        "quartiles": None if tallied.quartiles is None else [plain(each) for each in tallied.quartiles],
        "disagreement": None if tallied.spread is None else {
            "ipr": plain(tallied.spread.width), "iprcp": plain(tallied.spread.middle),
            "ipras": plain(tallied.spread.limit), "disagreement": tallied.spread.disagreement,
        },
    }  # fmt: skip


def change_record(moved: Change, protocol: Protocol) -> dict[str, Any]:
    few = 0 < moved.changed < protocol.smallest
    return {"voted_twice": moved.both, "changed": None if few else moved.changed}


def _printed(tallied: Tally, protocol: Protocol) -> str | None:
    return None if tallied.share is None else str(shown_share(tallied.share, protocol.cuts))
