"""Rounds: opened, closed, published; who has answered; and the result, never before a round is closed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, insert, select, update

from tumorboard.consensus.ballots import Ballot
from tumorboard.consensus.kept import Consensus, is_open, notes, set_state
from tumorboard.consensus.panel import Panellist, panellists, pseudonym_of, standings
from tumorboard.consensus.result import Result, RoundVotes, result_of_rounds
from tumorboard.consensus.tally import Electorate
from tumorboard.consensus.voting import Round, current, rounds
from tumorboard.errors import InvalidInput, Problem, WrongUsage
from tumorboard.store.audit import now, record
from tumorboard.store.consensus_tables import BALLOTS, PSEUDONYMS, ROUNDS
from tumorboard.store.database import new_id
from tumorboard.text import Text


def open_round(
    connection: Connection, held: Consensus, *, by: str, closes_at: datetime.datetime | None = None
) -> Round:
    """The next round, on every question that isn't settled.

    Raises WrongUsage where the one before isn't published or none is left, and InvalidInput for questions whose
    translation nobody reviewed, a panel without anybody, or a time to close that has passed.
    """
    before = rounds(connection, held.id)
    if held.state == "concluded":
        raise WrongUsage(Problem(held.name, "is concluded", "start another consensus"))
    if before and before[-1].state != "published":
        raise WrongUsage(Problem(held.name, f"round {before[-1].number} is {before[-1].state}", "publish it first"))
    if len(before) == held.protocol.most_rounds:
        raise WrongUsage(Problem(held.name, f"its protocol has {len(before)} rounds, and all were held", "conclude it"))
    if closes_at is not None and closes_at <= now():
        raise InvalidInput(Problem("closes", "has passed already", "give a time to come"))
    asked = questions_to_ask(connection, held)
    if not asked:
        raise WrongUsage(Problem(held.name, "every question is settled", "conclude it"))
    if unreviewed := [question for question in held.questions.unreviewed() if question in asked]:
        raise InvalidInput(
            Problem("translation", f"of {', '.join(unreviewed)} was not reviewed",
                    "add `translation: {reviewed_by: …, on: …}` to each, then `consensus revise`")
        )  # fmt: skip
    if not panellists(connection, held.id):
        raise InvalidInput(Problem("panel", "has nobody on it", "`tumorboard consensus panel` adds panellists"))
    id_, number = new_id(), len(before) + 1
    connection.execute(
        insert(ROUNDS).values(
            id=id_, consensus_id=held.id, number=number, state="open", asked=list(asked),
            questions_sha256=held.questions.sha256, opened_at=now(), closes_at=closes_at,
        )
    )  # fmt: skip
    set_state(connection, held, "voting")
    # The log shows that the protocol was the same before every round.
    record(connection, by, "round.opened", f"consensus/{held.id}/round/{number}", held.protocol.sha256)
    return rounds(connection, held.id)[-1]


def questions_to_ask(connection: Connection, held: Consensus) -> tuple[str, ...]:
    """What the stopping rule leaves: questions not settled, and on which enough still change."""
    before = rounds(connection, held.id)
    ids = tuple(question.id for question in held.questions.questions)
    if not before:
        return ids
    outcomes = {o.question.id: o for o in result(connection, held).outcomes}
    protocol = held.protocol
    left = []
    for id_ in ids:
        outcome = outcomes.get(id_)
        if outcome is not None:
            decided = [graded.decided for graded in outcome.options] or [outcome.decided]
            if protocol.settled and all(each is not None and each.id in protocol.settled for each in decided):
                continue
            moved = outcome.change.share if outcome.change else None
            if moved is not None and moved < protocol.changed_below:
                continue
        left.append(id_)
    return tuple(left)


def close_round(connection: Connection, held: Consensus, *, by: str) -> Round:
    """No ballot is taken from now on; who may vote on what is kept as it stands. Raises WrongUsage without one open."""
    last = _last(connection, held, "open")
    connection.execute(
        update(ROUNDS)
        .where(ROUNDS.c.id == last.id)
        .values(
            state="closed",
            closed_at=now(),
            panellists=len(panellists(connection, held.id)),
            standings=standings(connection, held.id),
        )
    )
    record(connection, by, "round.closed", f"consensus/{held.id}/round/{last.number}")
    return rounds(connection, held.id)[-1]


def publish_round(connection: Connection, held: Consensus, *, by: str) -> Round:
    """The panel may see the distribution from now on. Raises WrongUsage where the last round isn't closed."""
    last = _last(connection, held, "closed")
    connection.execute(update(ROUNDS).where(ROUNDS.c.id == last.id).values(state="published", published_at=now()))
    record(connection, by, "round.published", f"consensus/{held.id}/round/{last.number}")
    return rounds(connection, held.id)[-1]


def conclude(connection: Connection, held: Consensus, *, by: str) -> None:
    """The result is final and may be seen by anybody. Raises WrongUsage before the least number of rounds."""
    done = [each for each in rounds(connection, held.id) if each.state == "published"]
    least = held.protocol.least_rounds
    if len(done) < least or len(done) < len(rounds(connection, held.id)):
        raise WrongUsage(Problem(held.name, f"{len(done)} of at least {least} rounds are published", "hold them first"))
    set_state(connection, held, "concluded")
    record(connection, by, "consensus.concluded", f"consensus/{held.id}")


def _last(connection: Connection, held: Consensus, state: str) -> Round:
    found = rounds(connection, held.id)
    if not found or found[-1].state != state:
        now_ = f"its last round is {found[-1].state}" if found else "it has no round yet"
        raise WrongUsage(Problem(held.name, now_, f"this needs one that is {state}"))
    return found[-1]


# -- who is done ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one panellist is: how many questions are answered of those they may vote on. Never how."""

    panellist: Panellist
    answered: int
    of: int

    @property
    def done(self) -> bool:
        return self.answered >= self.of


def progress(connection: Connection, held: Consensus, one: Round) -> list[Progress]:
    """Of every panellist; this is all the moderator learns of a round that is open."""
    query = (
        select(PSEUDONYMS.c.panellist_id, func.count(func.distinct(BALLOTS.c.question)))
        .join(BALLOTS, BALLOTS.c.pseudonym == PSEUDONYMS.c.pseudonym)
        .where(BALLOTS.c.round_id == one.id)
        .group_by(PSEUDONYMS.c.panellist_id)
    )
    answered = {row[0]: row[1] for row in connection.execute(query)}
    kept_from = standings(connection, held.id)
    found = []
    for panellist in panellists(connection, held.id):
        own = pseudonym_of(connection, panellist.id)
        may = sum(kept_from.get(question, {}).get(own, "votes") == "votes" for question in one.asked)
        found.append(Progress(panellist, answered.get(panellist.id, 0), may))
    return found


_REMINDER = Text(
    "Dear {name},\n\nin round {number} of “{title}” {left} of your {of} questions are still open{until}. Please answer"
    " them by your personal page. If your link no longer works, ask the chair for a new one.\n",
    "{name}：\n\n“{title}”第{number}轮尚有{left}/{of}个问题待您回答{until}。请在您的个人页面作答；若链接失效，请向主席索取新链接。\n",
)
_UNTIL = Text(", until {day}", "，截止{day}")


def reminders(connection: Connection, held: Consensus) -> Iterator[tuple[Panellist, str]]:
    """A text for each panellist who isn't done, in their language, to be sent by whatever sends letters."""
    last = _last(connection, held, "open")
    until = Text("", "")
    if last.closes_at is not None:
        until = _UNTIL.format(day=last.closes_at.strftime("%Y-%m-%d %H:%M UTC"))
    for each in progress(connection, held, last):
        if not each.done:
            text = _REMINDER.format(
                name=each.panellist.name, title=held.questions.name, number=last.number,
                left=each.of - each.answered, of=each.of, until=until,
            )  # fmt: skip
            yield each.panellist, text[each.panellist.language]


# -- the result ----------------------------------------------------------------------------------------------------


def result(connection: Connection, held: Consensus, *, published: bool = False) -> Result:
    """The result of the closed rounds, or of the published ones alone. Raises WrongUsage where there is none yet."""
    wanted = ("published",) if published else ("closed", "published")
    done = [each for each in rounds(connection, held.id) if each.state in wanted]
    if not done:
        state = "open" if is_open(connection, held.id) else "not opened"
        raise WrongUsage(
            Problem(held.name, f"its first round is {state}: there is no result", "close the round; results come after")
        )
    votes = [votes_of(connection, each) for each in done]
    said, changed = (notes(connection, held, kind) for kind in ("deviation", "revision"))
    return result_of_rounds(held.questions, held.protocol, votes, done[-1].panellists or 0, said, changed)


def votes_of(connection: Connection, one: Round) -> RoundVotes:
    """The ballots of a closed round that count, each flagged where its voter had declared a conflict."""
    if one.state == "open" or one.panellists is None or one.standings is None:
        raise WrongUsage(Problem(f"round {one.number}", "is open", "close it; there are no results before"))
    cast = current(connection, one.id)
    ballots: dict[str, list[Ballot]] = {}
    electorates: dict[str, Electorate] = {}
    for question in one.asked:
        standing = one.standings.get(question, {})
        kept = [ballot for ballot in cast.get(question, ()) if standing.get(ballot.pseudonym, "votes") == "votes"]
        ballots[question] = [replace(ballot, conflicted=ballot.pseudonym in standing) for ballot in kept]
        named = list(standing.values())
        electorates[question] = Electorate(one.panellists, named.count("discusses"), named.count("recused"))
    return RoundVotes(
        one.number, ballots, electorates, *(_day(at) for at in (one.opened_at, one.closed_at, one.published_at))
    )


def _day(at: datetime.datetime | None) -> str:
    return "" if at is None else at.strftime("%Y-%m-%d")
