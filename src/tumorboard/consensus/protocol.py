"""The rules of a consensus as data, fixed before the first vote: answers, classes, rounds, quorum, conflicts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.folder import KnowledgeFolder
from tumorboard.text import Text, text_from

Standing = Literal["votes", "discusses", "recused"]
STANDINGS: tuple[Standing, ...] = ("votes", "discusses", "recused")
STANDING_NAMES: Mapping[str, Text] = {
    "votes": Text("votes, and the vote is also counted apart", "参与投票，并另作敏感性分析"),
    "discusses": Text("may discuss, may not vote", "可讨论，不投票"),
    "recused": Text("takes no part", "回避"),
}
STRENGTHS = ("strong", "moderate", "weak", "not recommended")
_KEYS = {
    "id", "name", "reference", "decides", "answers", "points", "agreement", "levels", "classes", "disagreement",
    "wording", "rounds", "stopping", "quorum", "abstention", "conflicts", "smallest", "interval", "not_stated",
}  # fmt: skip
_NEEDED = _KEYS - {"answers", "points", "levels", "disagreement", "not_stated"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer a panellist can give; ``value`` orders the answers from against to for."""

    id: str
    value: int
    name: Text
    reason: bool = False
    condition: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """A share, in percent of the counted votes, of those who gave one of the answers ``of``."""

    of: tuple[str, ...]
    at_least: Fraction | None
    below: Fraction | None

    def holds(self, share: Fraction) -> bool:
        return (self.at_least is None or share >= self.at_least) and (self.below is None or share < self.below)


@dataclass(frozen=True, slots=True)
class DecisionClass:
    """What is decided where all its requirements hold; ``strength`` is what it becomes in a guideline."""

    id: str
    name: Text
    strength: str | None
    levels: frozenset[str]
    shares: tuple[Requirement, ...]
    median_at_least: Fraction | None
    median_below: Fraction | None
    disagreement: bool | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Disagreement: the interval between two percentiles is wider than base + factor × |centre − its middle|."""

    low: Fraction
    high: Fraction
    base: Fraction
    factor: Fraction
    centre: Fraction


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentence for a class, or from an agreement on."""

    at_least: Fraction | None
    class_: str | None
    quantity: Text
    text: Text


@dataclass(frozen=True)
class Protocol:
    """A protocol as read; ``data`` is what was read, and ``sha256`` its fingerprint."""

    id: str
    name: Text
    reference: Text
    decides: Literal["options", "items"]
    answers: tuple[Answer, ...]
    agreement: tuple[str, ...]
    levels: Mapping[str, Text]
    classes: tuple[DecisionClass, ...]
    disagreement: Disagreement | None
    wording: tuple[Wording, ...]
    least_rounds: int
    most_rounds: int
    settled: frozenset[str]
    changed_below: Fraction
    quorum: Fraction
    abstention: Literal["left out", "counted"]
    conflicts: Standing
    smallest: int
    interval: Fraction
    not_stated: tuple[str, ...]
    data: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        return fingerprint(self.data)

    def answer(self, id_: str) -> Answer:
        """Raises InvalidInput where the protocol has no such answer."""
        for answer in self.answers:
            if answer.id == id_:
                return answer
        raise InvalidInput(Problem("answer", f"no answer {id_!r}", f"use {' | '.join(a.id for a in self.answers)}"))

    @property
    def cuts(self) -> tuple[Fraction, ...]:
        """Every share at which something is decided or worded differently, in percent."""
        found = {w.at_least for w in self.wording if w.at_least is not None}
        for each in self.classes:
            for requirement in each.shares:
                found |= {cut for cut in (requirement.at_least, requirement.below) if cut is not None}
        return tuple(sorted(found))


def canonical(data: Any) -> str:
    """JSON with sorted keys and decimals as their text: the same data gives the same characters."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str, allow_nan=False)


def fingerprint(data: Any) -> str:
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def percentage(value: object) -> Fraction:
    """A number of percent, or ``200/3``. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError(f"{value!r} is no number")
    try:
        return Fraction(value)
    except ZeroDivisionError as error:
        raise ValueError(f"{value!r} is no number") from error


def presets(folder: KnowledgeFolder) -> dict[str, Protocol]:
    """The protocols of the knowledge folder by id."""
    found = {}
    for name, content in folder.under("consensus/protocols"):
        protocol = protocol_from(content, name)
        found[protocol.id] = protocol
    return found


def preset(folder: KnowledgeFolder, name: str) -> Protocol:
    found = presets(folder)
    if name not in found:
        raise NotFound(Problem("protocol", f"no protocol {name!r}", f"there are {', '.join(found)}"))
    return found[name]


def protocol_from(data: Any, name: str) -> Protocol:
    """A protocol from parsed data. Raises InvalidInput naming the entry and what would be right."""
    return _Reading(data, name).protocol()


@dataclass(frozen=True)
class _Reading:
    data: Any
    name: str

    def protocol(self) -> Protocol:
        data = self.data
        if not isinstance(data, dict):
            raise self.error("", "is not a protocol", "start from one of `tumorboard consensus protocols`")
        if extra := sorted(set(data) - _KEYS):
            raise self.error(extra[0], "is no key of a protocol", f"use {', '.join(sorted(_KEYS))}")
        if lacking := sorted(_NEEDED - set(data)):
            raise self.error(lacking[0], "is absent", "a protocol says everything before the first vote")
        answers = tuple(self.answers())
        ids = [answer.id for answer in answers]
        if len(set(ids)) < len(ids) or len(ids) < 2:
            raise self.error("answers", "are fewer than two, or one is given twice")
        levels = {key: self.text(f"levels.{key}", text) for key, text in (data.get("levels") or {}).items()}
        classes = tuple(self.decision(i, c, ids, levels) for i, c in enumerate(data["classes"]))
        self.last_takes_all(classes)
        rounds, stopping = data["rounds"], data["stopping"]
        if not (isinstance(rounds, dict) and 1 <= rounds.get("least", 0) <= rounds.get("most", 0)):
            raise self.error("rounds", f"{rounds!r}", "write {least: 2, most: 3}")
        names = {c.id for c in classes}
        if stray := [c for c in stopping.get("settled") or () if c not in names]:
            raise self.error("stopping.settled", f"no class {stray[0]!r}", f"use {', '.join(sorted(names))}")
        return Protocol(
            id=str(data["id"]),
            name=self.text("name", data["name"]),
            reference=self.text("reference", data["reference"]),
            decides=self.one_of("decides", ("options", "items")),
            answers=answers,
            agreement=self.known_answers("agreement", data["agreement"], ids),
            levels=levels,
            classes=classes,
            disagreement=self.disagreement(),
            wording=tuple(self.wording(i, w, names) for i, w in enumerate(data["wording"])),
            least_rounds=rounds["least"],
            most_rounds=rounds["most"],
            settled=frozenset(stopping.get("settled") or ()),
            changed_below=self.percent("stopping.changed_below", stopping.get("changed_below", 0)),
            quorum=self.percent("quorum", data["quorum"]),
            abstention=self.one_of("abstention", ("left out", "counted")),
            conflicts=self.one_of("conflicts", STANDINGS),
            smallest=self.whole("smallest"),
            interval=self.percent("interval", data["interval"]),
            not_stated=tuple(data.get("not_stated") or ()),
            data=data,
        )

    def answers(self) -> Sequence[Answer]:
        data = self.data
        if ("answers" in data) == ("points" in data):
            raise self.error("answers", "either answers or points", "give one of the two")
        if "points" in data:
            return self.points(data["points"])
        found = []
        for index, entry in enumerate(data["answers"]):
            place = f"answers[{index}]"
            if not isinstance(entry.get("id"), str) or not isinstance(entry.get("value"), int):
                raise self.error(place, "an answer has an id and a whole number as value")
            for key in ("reason", "condition"):
                if entry.get(key) not in (None, "required"):
                    raise self.error(f"{place}.{key}", f"{entry[key]!r}", "required, or leave it out")
            name = self.text(f"{place}.name", entry.get("name"))
            found.append(Answer(entry["id"], entry["value"], name, "reason" in entry, "condition" in entry))
        return found

    def points(self, entry: Mapping[str, Any]) -> Sequence[Answer]:
        """One answer a point; its name is the point with the name of its band."""
        low, high = entry.get("low"), entry.get("high")
        if not (isinstance(low, int) and isinstance(high, int) and low < high):
            raise self.error("points", f"from {low!r} to {high!r}", "write low: 1 and high: 9")
        found = []
        for point in range(low, high + 1):
            bands = [band for band in entry["bands"] if band["from"] <= point <= band["to"]]
            if len(bands) != 1:
                raise self.error("points.bands", f"{point} lies in {len(bands)} bands", "each point lies in one")
            name = self.text("points.bands", bands[0]["name"])
            found.append(Answer(str(point), point, Text(f"{point} {name.en}", f"{point} {name.zh}")))
        return found

    def decision(
        self, index: int, entry: Mapping[str, Any], answers: Sequence[str], levels: Mapping[str, Text]
    ) -> DecisionClass:
        place = f"classes[{index}]"
        strength = entry.get("strength")
        if (strength is None) == (self.data["decides"] == "options") or strength not in (None, *STRENGTHS):
            raise self.error(f"{place}.strength", f"{strength!r}", f"use {' | '.join(STRENGTHS)}; items have none")
        if stray := [level for level in entry.get("levels") or () if level not in levels]:
            raise self.error(f"{place}.levels", f"unknown level {stray[0]!r}", f"use {', '.join(levels)}")
        median = entry.get("median") or {}
        if entry.get("disagreement") is not None and "disagreement" not in self.data:
            raise self.error(f"{place}.disagreement", "has no rule", "give `disagreement:` with its numbers")
        return DecisionClass(
            id=entry["id"],
            name=self.text(f"{place}.name", entry.get("name")),
            strength=strength,
            levels=frozenset(entry.get("levels") or levels),
            shares=tuple(
                Requirement(
                    self.known_answers(f"{place}.shares[{i}].of", share.get("of"), answers),
                    self.maybe(f"{place}.shares[{i}].at_least", share.get("at_least")),
                    self.maybe(f"{place}.shares[{i}].below", share.get("below")),
                )
                for i, share in enumerate(entry.get("shares") or ())
            ),
            median_at_least=self.maybe(f"{place}.median.at_least", median.get("at_least")),
            median_below=self.maybe(f"{place}.median.below", median.get("below")),
            disagreement=entry.get("disagreement"),
        )

    def last_takes_all(self, classes: Sequence[DecisionClass]) -> None:
        """Whatever is voted must be decided: the last class requires nothing that votes can miss."""
        last = classes[-1] if classes else None
        every = frozenset(self.data.get("levels") or ())
        if last is None or last.levels != every or last.median_at_least or last.median_below or last.disagreement:
            raise self.error("classes", "leave some votes undecided", "let the last class require nothing")
        if any(share.below is not None or share.at_least for share in last.shares):
            raise self.error("classes", "leave some votes undecided", "let the last class require nothing")

    def disagreement(self) -> Disagreement | None:
        entry = self.data.get("disagreement")
        if entry is None:
            return None
        low, high = (self.percent("disagreement.percentiles", value) for value in entry["percentiles"])
        base, factor, centre = (
            self.percent(f"disagreement.{key}", entry.get(key)) for key in ("base", "factor", "centre")
        )
        return Disagreement(low / 100, high / 100, base, factor, centre)

    def wording(self, index: int, entry: Mapping[str, Any], classes: set[str]) -> Wording:
        place = f"wording[{index}]"
        if ("class" in entry) == ("at_least" in entry) or entry.get("class") not in (None, *classes):
            raise self.error(place, "is for a class or from a share on", "give `class` or `at_least`")
        return Wording(
            self.maybe(f"{place}.at_least", entry.get("at_least")),
            entry.get("class"),
            self.text(f"{place}.quantity", entry.get("quantity")),
            self.text(f"{place}.text", entry.get("text")),
        )

    # -- small ---------------------------------------------------------------------------------------------------

    def known_answers(self, place: str, ids: object, answers: Sequence[str]) -> tuple[str, ...]:
        if not isinstance(ids, list) or not ids or any(id_ not in answers for id_ in ids):
            raise self.error(place, f"{ids!r}", f"a list of {', '.join(answers)}")
        return tuple(ids)

    def percent(self, place: str, value: object) -> Fraction:
        try:
            return percentage(value)
        except ValueError as error:
            raise self.error(place, str(error), "write 80, or 200/3 for two thirds") from error

    def maybe(self, place: str, value: object) -> Fraction | None:
        return None if value is None else self.percent(place, value)

    def whole(self, key: str) -> int:
        value = self.data[key]
        if not isinstance(value, int) or value < 1:
            raise self.error(key, f"{value!r}", "a whole number from 1")
        return value

    def one_of(self, key: str, allowed: Sequence[str]) -> Any:
        value = self.data[key]
        if value not in allowed:
            raise self.error(key, f"{value!r}", f"use {' | '.join(allowed)}")
        return value

    def text(self, place: str, value: object) -> Text:
        try:
            return text_from(value)
        except ValueError as error:
            raise self.error(place, str(error)) from error

    def error(self, place: str, what: str, mend: str = "") -> InvalidInput:
        return InvalidInput(Problem(f"{self.name}: {place}" if place else self.name, what, mend))
