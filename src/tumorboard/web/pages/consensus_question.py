"""One question as a panellist sees it: what is asked, the evidence, the round before, and what to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import Connection

from tumorboard.consensus.ballots import Ballot
from tumorboard.consensus.kept import Consensus
from tumorboard.consensus.panel import Panellist, pseudonym_of
from tumorboard.consensus.protocol import STANDING_NAMES, Answer
from tumorboard.consensus.questions import Question, criteria_of
from tumorboard.consensus.rounds import votes_of
from tumorboard.consensus.tally import tally
from tumorboard.consensus.voting import Round, current_of, rounds
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.consensus import agreement_bar, count_rows
from tumorboard.report.names import Names
from tumorboard.text import Language


@dataclass(frozen=True, slots=True)
class RegimenView:
    id: str
    name: str
    level: str
    rationale: str
    findings: tuple[tuple[str, str], ...]  # id and quote


@dataclass(frozen=True, slots=True)
class BeforeView:
    """The published round before: its distribution, what was said, and one's own answer."""

    number: int
    counts: tuple[tuple[str, str], ...]
    bar: Markup
    said: tuple[str, ...]
    own: str | None


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form."""

    answer: str | None
    reason: str
    condition: str
    when: str
    comment: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """``taken_over``: the form shows the answer of the round before, not yet confirmed in this one."""

    question: Question
    text: str
    other: str
    situation: str
    rule: str
    regimens: tuple[RegimenView, ...]
    judgements: tuple[tuple[str, str], ...]
    before: BeforeView | None
    answers: tuple[Answer, ...]
    needing: tuple[str, ...]
    with_condition: bool
    filled: Filled
    taken_over: bool
    saved: bool
    standing: str
    position: tuple[int, int]


def question_view(
    connection: Connection, held: Consensus, asked: Round, one: Panellist, id_: str, form: Mapping[str, str],
    knowledge: Knowledge, language: Language,
) -> QuestionView:  # fmt: skip
    """Raises InvalidInput for a question there isn't."""
    question = held.questions.question(id_)
    pseudonym = pseudonym_of(connection, one.id)
    mine = current_of(connection, asked.id, pseudonym).get(id_)
    before, former = _before(connection, held, asked, id_, pseudonym, language)
    protocol = held.protocol
    criteria = criteria_of(knowledge)
    rules = {entry["id"]: entry["when"] for entry in held.questions.data.get("situations") or ()}
    return QuestionView(
        question=question,
        text=question.text[language],
        other=question.text["en" if language == "zh" else "zh"],
        situation=held.questions.situations[question.situation][language] if question.situation else "",
        rule=rules.get(question.situation, ""),
        regimens=regimens_of(question, knowledge, Names(knowledge.vocabulary, language)),
        judgements=tuple((criteria[key][language], text[language]) for key, text in question.judgements.items()),
        before=before,
        answers=protocol.answers,
        needing=tuple(answer.name[language] for answer in protocol.answers if answer.reason),
        with_condition=any(answer.condition for answer in protocol.answers),
        filled=_filled(form, mine or former),
        taken_over=mine is None and former is not None and not form,
        saved=mine is not None and not form,
        standing=STANDING_NAMES[protocol.conflicts][language],
        position=(asked.asked.index(id_) + 1, len(asked.asked)),
    )


def _filled(form: Mapping[str, str], ballot: Ballot | None) -> Filled:
    if form:
        return Filled(form.get("answer"), *(form.get(key, "") for key in ("reason", "condition", "when", "comment")))
    if ballot is None:
        return Filled(None, "", "", "", "")
    held = ballot.condition
    return Filled(
        ballot.answer or "", ballot.reason or "", held.text if held else "", (held.when or "") if held else "",
        ballot.comment or "",
    )  # fmt: skip


def _before(
    connection: Connection, held: Consensus, asked: Round, id_: str, pseudonym: str, language: Language
) -> tuple[BeforeView | None, Ballot | None]:
    """The last published round that asked this question, and one's own ballot in it."""
    earlier = [
        each
        for each in rounds(connection, held.id)
        if each.state == "published" and each.number < asked.number and id_ in each.asked
    ]
    if not earlier:
        return None, None
    votes = votes_of(connection, earlier[-1])
    ballots = votes.ballots[id_]
    counted = tally(id_, ballots, held.protocol, votes.electorates[id_])
    mine = current_of(connection, earlier[-1].id, pseudonym).get(id_)
    said = {text for ballot in ballots for text in (ballot.reason, ballot.comment) if text}
    own = held.protocol.answer(mine.answer).name[language] if mine and mine.answer else None
    view = BeforeView(
        number=earlier[-1].number,
        counts=count_rows(counted, held.protocol, language),
        bar=agreement_bar(counted, held.protocol, ""),
        said=tuple(sorted(said)),
        own=own,
    )
    return view, mine


def regimens_of(question: Question, knowledge: Knowledge, names: Names) -> tuple[RegimenView, ...]:
    language = names.language
    either = "/" if language == "zh" else " | "
    return tuple(
        RegimenView(
            id=regimen.id,
            name=" + ".join(
                either.join(names.agent(part.strip())[language] for part in name.split("|")) for name in regimen.names
            ),
            level=regimen.level or "–",
            rationale=regimen.rationale[language] if regimen.rationale else "",
            findings=tuple((id_, knowledge.findings.get(id_).quote or "") for id_ in regimen.findings),
        )
        for regimen in question.regimens
    )
