"""What a panel is asked: strategies to vote on, the regimens under them with their evidence, and for whom.

The file holds situations as a guideline has them, and questions in both languages; every name and rule in it is checked
by the guideline loader, so that what is voted on can run afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tumorboard.consensus.draft import draft_of, origin_of
from tumorboard.consensus.protocol import Protocol, fingerprint
from tumorboard.errors import InvalidInput, InvalidKnowledge, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.load import guideline_from
from tumorboard.text import Text, text_from

SCHEMA = "tumorboard.consensus/1"
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_KEYS = {
    "schema", "id", "name", "published", "protocol", "earlier", "scope", "texts", "situations", "questions",
    "not_covered", "examples", "accepted", "methods", "definition", "proof",
}  # fmt: skip
_QUESTION_KEYS = {
    "id", "situation", "strategy", "kind", "text", "translation", "evidence_to_decision", "regimens", "note",
}  # fmt: skip
_REGIMEN_KEYS = {
    "id", "regimen", "level", "rationale", "evidence", "citations", "conditions", "excluded_when", "cautions",
    "remarks", "interchangeable", "cell",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Regimen:
    """What carries a level of evidence under a question; ``rationale`` says in words why this level."""

    id: str
    names: tuple[str, ...]
    level: str | None
    rationale: Text | None
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One strategy (or item) to vote on. ``reviewed``: who checked the translation, and when; None: nobody yet."""

    id: str
    situation: str | None
    name: Text
    text: Text
    kind: str
    reviewed: tuple[str, date] | None
    judgements: Mapping[str, Text]
    regimens: tuple[Regimen, ...]
    note: Text | None


@dataclass(frozen=True)
class QuestionSet:
    """All questions of a consensus; ``data`` is what was read, and ``sha256`` its fingerprint."""

    id: str
    name: Text
    published: str
    protocol: str
    situations: Mapping[str, Text]
    questions: tuple[Question, ...]
    methods: Mapping[str, Text]
    earlier: str | None
    scope: Text | None
    data: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        return fingerprint(self.data)

    def question(self, id_: str) -> Question:
        for question in self.questions:
            if question.id == id_:
                return question
        raise InvalidInput(Problem("question", f"no question {id_!r}"))

    def unreviewed(self) -> tuple[str, ...]:
        """Questions whose translation nobody has reviewed; a round doesn't open on them."""
        return tuple(question.id for question in self.questions if question.reviewed is None)


def questions_from(data: Any, name: str, protocol: Protocol, knowledge: Knowledge) -> QuestionSet:
    """Questions from parsed data, every rule, drug and finding in them checked.

    Raises InvalidInput (or InvalidKnowledge for what a guideline of them would not be allowed) naming the entry.
    """
    found = _Reading(data, name, protocol, knowledge).questions()
    if protocol.decides == "options":
        content = draft_of(data, protocol)
        guideline_from(content, name, _Origin(name, content), knowledge.facts, knowledge.findings)
    return found


@dataclass(frozen=True)
class _Origin:
    """Errors of the draft guideline told at the entry of the questions it was made from."""

    name: str
    content: Mapping[str, Any]

    def error(self, name: str, path: tuple[str | int, ...], what: str, mend: str = "") -> Exception:
        place = origin_of(path, self.content)
        shown = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
        return InvalidKnowledge(Problem(f"{self.name}: {shown}" if shown else self.name, what, mend))


@dataclass(frozen=True)
class _Reading:
    data: Any
    name: str
    protocol: Protocol
    knowledge: Knowledge

    def questions(self) -> QuestionSet:
        data = self.data
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise self.error("schema", "is not a file of questions", f"write `schema: {SCHEMA}`")
        self.only_keys("", data, _KEYS)
        for key in ("id", "name", "published", "protocol", "questions"):
            if key not in data:
                raise self.error(key, "is absent")
        if not isinstance(data["id"], str) or not _ID.fullmatch(data["id"]):
            raise self.error("id", f"{data['id']!r}", "use small letters, digits and hyphens")
        if self.protocol.decides == "options" and not data.get("situations"):
            raise self.error("situations", "are absent", "say for whom each question is asked, as a rule")
        situations = {
            entry.get("id"): self.text(f"situations[{i}].name", entry.get("name"))
            for i, entry in enumerate(data.get("situations") or ())
        }
        questions = tuple(self.question(i, entry, situations) for i, entry in enumerate(data["questions"]))
        if not questions:
            raise self.error("questions", "are none")
        ids = [question.id for question in questions]
        if twice := [id_ for id_ in ids if ids.count(id_) > 1]:
            raise self.error("questions", f"two are called {twice[0]!r}")
        methods = data.get("methods") or {}
        return QuestionSet(
            id=data["id"],
            name=self.text("name", data["name"]),
            published=str(data["published"]),
            protocol=str(data["protocol"]),
            situations=situations,
            questions=questions,
            methods={key: self.text(f"methods.{key}", value) for key, value in methods.items()},
            earlier=data.get("earlier"),
            scope=self.text("scope.name", data["scope"].get("name")) if data.get("scope") else None,
            data=data,
        )

    def question(self, index: int, entry: Mapping[str, Any], situations: Mapping[str, Text]) -> Question:
        place = f"questions[{index}]"
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not _ID.fullmatch(entry["id"]):
            raise self.error(place, "a question has an id of small letters, digits and hyphens")
        self.only_keys(f"{place}.", entry, _QUESTION_KEYS)
        situation = entry.get("situation")
        if self.protocol.decides == "options" and situation not in situations:
            raise self.error(f"{place}.situation", f"no situation {situation!r}", f"there are {', '.join(situations)}")
        name = self.text(f"{place}.strategy", entry.get("strategy"))
        regimens = tuple(
            self.regimen(f"{place}.regimens[{i}]", regimen) for i, regimen in enumerate(entry.get("regimens") or ())
        )
        if (self.protocol.decides == "options") != bool(regimens):
            raise self.error(f"{place}.regimens", "an option has at least one regimen, an item none")
        return Question(
            id=entry["id"],
            situation=situation,
            name=name,
            text=self.text(f"{place}.text", entry["text"]) if entry.get("text") else name,
            kind=entry.get("kind") or "",
            reviewed=self.reviewed(f"{place}.translation", entry.get("translation")),
            judgements=self.judgements(f"{place}.evidence_to_decision", entry.get("evidence_to_decision") or {}),
            regimens=regimens,
            note=self.text(f"{place}.note", entry["note"]) if entry.get("note") else None,
        )

    def regimen(self, place: str, entry: Mapping[str, Any]) -> Regimen:
        self.only_keys(f"{place}.", entry, _REGIMEN_KEYS)
        if not isinstance(entry.get("id"), str) or not _ID.fullmatch(entry["id"]):
            raise self.error(f"{place}.id", f"{entry.get('id')!r}", "use small letters, digits and hyphens")
        level = entry.get("level")
        if level is not None and level not in self.protocol.levels:
            raise self.error(f"{place}.level", f"unknown level {level!r}", f"use {', '.join(self.protocol.levels)}")
        rationale = self.text(f"{place}.rationale", entry["rationale"]) if entry.get("rationale") else None
        if level is not None and rationale is None:
            raise self.error(f"{place}.rationale", "is absent", "say in both languages why the evidence has this level")
        findings = tuple(entry.get("evidence") or ())
        return Regimen(entry["id"], tuple(entry.get("regimen") or ()), level, rationale, findings)

    def judgements(self, place: str, entry: Mapping[str, Any]) -> Mapping[str, Text]:
        criteria = criteria_of(self.knowledge)
        if stray := [key for key in entry if key not in criteria]:
            raise self.error(f"{place}.{stray[0]}", "is no criterion", f"use {', '.join(criteria)}")
        return {key: self.text(f"{place}.{key}", entry[key]) for key in criteria if key in entry}

    def reviewed(self, place: str, entry: Mapping[str, Any] | None) -> tuple[str, date] | None:
        if entry is None:
            return None
        by, on = entry.get("reviewed_by"), entry.get("on")
        if not isinstance(by, str) or not by.strip() or not isinstance(on, str):
            raise self.error(place, "says who reviewed it and when", 'write {reviewed_by: …, on: "2026-01-31"}')
        try:
            return by.strip(), date.fromisoformat(on)
        except ValueError as error:
            raise self.error(f"{place}.on", f"{on!r} is no date", "write 2026-01-31") from error

    def text(self, place: str, value: object) -> Text:
        shared = self.data.get("texts") or {}
        try:
            return text_from(shared.get(value) if isinstance(value, str) else value)
        except ValueError as error:
            raise self.error(place, str(error)) from error

    def only_keys(self, place: str, entry: Mapping[str, Any], allowed: set[str]) -> None:
        if extra := sorted(set(entry) - allowed):
            raise self.error(f"{place}{extra[0]}", "is no key here", f"use {', '.join(sorted(allowed))}")

    def error(self, place: str, what: str, mend: str = "") -> InvalidInput:
        return InvalidInput(Problem(f"{self.name}: {place}" if place else self.name, what, mend))


def criteria_of(knowledge: Knowledge) -> Mapping[str, Text]:
    """The criteria of an evidence-to-decision panel, in their order."""
    entries: Sequence[Mapping[str, Any]] = knowledge.folder.read("consensus/evidence-to-decision.yaml")["criteria"]
    return {entry["id"]: text_from(entry["name"]) for entry in entries}
