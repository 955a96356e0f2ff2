"""Ballots counted: shares, medians, classes; with and without those who declared a conflict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tumorboard.consensus.ballots import Ballot
from tumorboard.consensus.protocol import DecisionClass, Protocol
from tumorboard.consensus.statistics import Change, Concordance, Spread, change, kendalls_w, median, quantile, spread
from tumorboard.evidence.synthesis import wilson


@dataclass(frozen=True, slots=True)
class Electorate:
    """Who could answer a question: all panellists, and those whom a conflict keeps from voting."""

    panellists: int
    discusses: int = 0
    recused: int = 0

    @property
    def eligible(self) -> int:
        return self.panellists - self.discusses - self.recused


@dataclass(frozen=True, slots=True)
class Tally:
    """One question counted. ``counts`` are votes by answer; ``share`` is the agreement in percent, exact.

    ``share`` alone is known of votes counted elsewhere (``votes`` is None then). ``interval`` is Wilson's, in percent.
    """

    question: str
    share: Fraction | None
    counts: Mapping[str, int]
    shares: Mapping[str, Fraction]
    votes: int | None
    agreeing: int | None
    electorate: Electorate | None
    abstained: int = 0
    interval: tuple[float, float] | None = None
    median: Fraction | None = None
    quartiles: tuple[Fraction, Fraction] | None = None
    spread: Spread | None = None
    meeting: int = 0
    conflicted: int = 0
    enough: bool = True


def tally(question: str, ballots: Sequence[Ballot], protocol: Protocol, electorate: Electorate) -> Tally:
    """The current ballots on one question, one a pseudonym. Abstentions count where the protocol counts them."""
    given = [ballot.answer for ballot in ballots if ballot.answer is not None]
    abstained = len(ballots) - len(given)
    counts = {answer.id: 0 for answer in protocol.answers} | Counter(given)
    votes = len(given) + (abstained if protocol.abstention == "counted" else 0)
    agreeing = sum(counts[answer] for answer in protocol.agreement)
    values = {answer.id: answer.value for answer in protocol.answers}
    ratings = [values[answer] for answer in given]
    quorum = bool(votes) and Fraction(100 * len(ballots)) >= protocol.quorum * electorate.eligible
    return Tally(
        question=question,
        share=Fraction(100 * agreeing, votes) if votes else None,
        counts=counts,
        shares={answer: Fraction(100 * count, votes) for answer, count in counts.items()} if votes else {},
        votes=votes,
        agreeing=agreeing,
        electorate=electorate,
        abstained=abstained,
        interval=_percent_interval(agreeing, votes, protocol) if votes else None,
        median=median(ratings) if ratings else None,
        quartiles=(quantile(ratings, Fraction(1, 4)), quantile(ratings, Fraction(3, 4))) if ratings else None,
        spread=spread(ratings, protocol.disagreement) if ratings and protocol.disagreement else None,
        meeting=sum(ballot.meeting for ballot in ballots),
        conflicted=sum(ballot.conflicted for ballot in ballots if ballot.answer is not None),
        enough=quorum,
    )


def tally_of_share(question: str, share: Fraction, protocol: Protocol) -> Tally:
    """Votes counted elsewhere, of which only the agreement in percent is known."""
    shares = {protocol.agreement[0]: share} if len(protocol.agreement) == 1 else {}
    return Tally(question, share, {}, shares, None, None, None)


def cut_within_rounding(tallied: Tally, protocol: Protocol) -> Fraction | None:
    """Where only a printed whole percentage is known: the cut-off that the share before rounding may have missed.

    Printed 80 may have been 79.6, which is another class; the number of votes alone could tell.
    """
    if tallied.votes is not None or tallied.share is None or tallied.share.denominator != 1:
        return None
    half = Fraction(1, 2)
    return next((cut for cut in protocol.cuts if cut and tallied.share - half < cut <= tallied.share + half), None)


def decide(tallied: Tally, level: str | None, protocol: Protocol) -> DecisionClass | None:
    """The class for a level of evidence: the first that fits. Without a level only where every level gives the same.

    None: no quorum, no vote, or it depends on the level and there is none.
    """
    if tallied.share is None or not tallied.enough:
        return None
    if level is None and protocol.levels:
        given = {found.id: found for each in protocol.levels if (found := decide(tallied, each, protocol))}
        return next(iter(given.values())) if len(given) == 1 else None
    return next((each for each in protocol.classes if _fits(each, tallied, level, protocol)), None)


def _fits(each: DecisionClass, tallied: Tally, level: str | None, protocol: Protocol) -> bool:
    if level is not None and level not in each.levels:
        return False
    if (each.median_at_least or each.median_below) is not None and tallied.median is None:
        return False
    if tallied.median is not None and (
        (each.median_at_least is not None and tallied.median < each.median_at_least)
        or (each.median_below is not None and tallied.median >= each.median_below)
    ):
        return False
    if each.disagreement is not None and (tallied.spread is None or tallied.spread.disagreement != each.disagreement):
        return False
    return all(requirement.holds(_share(requirement.of, tallied, protocol)) for requirement in each.shares)


def _share(answers: Sequence[str], tallied: Tally, protocol: Protocol) -> Fraction:
    if tuple(answers) == protocol.agreement and tallied.share is not None:
        return tallied.share
    return sum((tallied.shares[answer] for answer in answers), Fraction(0))


def _percent_interval(agreeing: int, votes: int, protocol: Protocol) -> tuple[float, float]:
    low, high = wilson(agreeing, votes, float(protocol.interval))
    return 100 * low, 100 * high


def without_conflicts(question: str, ballots: Sequence[Ballot], protocol: Protocol, electorate: Electorate) -> Tally:
    """The same question counted without those who voted with a declared conflict."""
    kept = [ballot for ballot in ballots if not ballot.conflicted]
    left = len(ballots) - len(kept)
    fewer = Electorate(electorate.panellists - left, electorate.discusses, electorate.recused)
    return tally(question, kept, protocol, fewer)


def changes(before: Sequence[Ballot], after: Sequence[Ballot]) -> Change:
    """Between two rounds, of one question."""
    return change(*({b.pseudonym: b.answer or "" for b in ballots} for ballots in (before, after)))


def concordance(ballots: Mapping[str, Sequence[Ballot]], protocol: Protocol) -> Concordance | None:
    """Kendall's W over all questions, of those who answered every one."""
    values = {answer.id: answer.value for answer in protocol.answers}
    rows: dict[str, list[int]] = {}
    for each in ballots.values():
        for ballot in each:
            if ballot.answer is not None:
                rows.setdefault(ballot.pseudonym, []).append(values[ballot.answer])
    return kendalls_w([row for _, row in sorted(rows.items()) if len(row) == len(ballots)])


def shown_counts(tallied: Tally, protocol: Protocol) -> Mapping[str, int | None]:
    """Votes by answer as they may be published: small numbers hidden (None), and another with a lone one.

    The agreement and the number of votes always stand, they are the result; so the answers that make up the agreement
    and the others are each a group with a known sum.
    """
    shown: dict[str, int | None] = dict(tallied.counts)
    for group in (protocol.agreement, tuple(a for a in tallied.counts if a not in protocol.agreement)):
        if len(group) < 2:
            continue
        hidden = [answer for answer in group if 0 < tallied.counts[answer] < protocol.smallest]
        if len(hidden) == 1:
            rest = [answer for answer in group if answer not in hidden]
            hidden.append(min(rest, key=lambda answer: (tallied.counts[answer], answer)))
        for answer in hidden:
            shown[answer] = None
    return shown
