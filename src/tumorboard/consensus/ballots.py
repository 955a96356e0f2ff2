"""One panellist's answer to one question, and what makes it complete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tumorboard.consensus.protocol import Protocol
from tumorboard.errors import InvalidInput, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.parser import RuleError, parse_rule
from tumorboard.logic.tree import TRUTH

MAX_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition of a conditional answer: its words, and the rule where it could be said in the rule language."""

    text: str
    when: str | None

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "when": self.when, "structured": self.when is not None}


@dataclass(frozen=True, slots=True)
class Ballot:
    """An answer (None: abstains) by a pseudonym; ``meeting``: it was brought in from a meeting's list.

    ``conflicted``: the voter had declared a conflict for this question and was allowed to vote.
    """

    question: str
    pseudonym: str
    answer: str | None
    reason: str | None = None
    condition: Condition | None = None
    comment: str | None = None
    meeting: bool = False
    conflicted: bool = False


def complete_ballot(
    protocol: Protocol,
    knowledge: Knowledge,
    question: str,
    pseudonym: str,
    answer: str | None,
    reason: str | None = None,
    condition: tuple[str | None, str | None] = (None, None),
    comment: str | None = None,
    meeting: bool = False,
) -> Ballot:
    """A ballot with everything its answer asks for; ``condition`` is (words, rule).

    Raises InvalidInput naming what is absent: a reason, a condition, or a rule that can be read.
    """
    reason, comment = _text("reason", reason), _text("comment", comment)
    words, rule = _text("condition", condition[0]), _text("when", condition[1])
    if answer is None:
        return Ballot(question, pseudonym, None, reason, None, comment, meeting)
    chosen = protocol.answer(answer)
    if chosen.reason and reason is None:
        raise InvalidInput(Problem("reason", f"is absent; {chosen.name.en!r} needs one", "write in a sentence why"))
    if chosen.condition and words is None and rule is None:
        raise InvalidInput(Problem("condition", "is absent", "write for which patients or under which condition"))
    if not chosen.condition and (words or rule):
        raise InvalidInput(Problem("condition", f"does not belong to {chosen.name.en!r}", "leave it out"))
    if rule is not None:
        check_condition(rule, knowledge)
    held = Condition(words or rule or "", rule) if chosen.condition else None
    return Ballot(question, pseudonym, answer, reason, held, comment, meeting)


def check_condition(rule: str, knowledge: Knowledge) -> None:
    """Raises InvalidInput where ``rule`` is not one of the rule language."""
    try:
        parse_rule(rule, knowledge.facts.scope(), TRUTH)
    except RuleError as error:
        mend = error.mend or "say it in words only, and it stands as unstructured"
        raise InvalidInput(Problem("when", f"the rule {error.what}", mend)) from error


def _text(place: str, value: str | None) -> str | None:
    if value is None or not value.strip():
        return None
    text = value.strip()
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(Problem(place, f"has {len(text)} characters", f"at most {MAX_CHARACTERS}"))
    if any(ord(character) < 32 and character not in "\n\t\r" for character in text):
        raise InvalidInput(Problem(place, "holds a control character", "write plain text"))
    return text
