"""Questions as the guideline they may become: each regimen an option under its strategy in its situation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tumorboard.consensus.protocol import DecisionClass, Protocol
from tumorboard.text import Text

_KEPT = ("scope", "texts", "definition", "not_covered", "examples", "accepted")
_ONLY_HERE = {"rationale"}


def draft_of(data: Mapping[str, Any], protocol: Protocol) -> dict[str, Any]:
    """The guideline's content before anybody has voted: no grades, no agreement."""
    situations = []
    for situation in data["situations"]:
        entry = {key: value for key, value in situation.items() if key != "options"}
        asked = [question for question in data["questions"] if question.get("situation") == situation.get("id")]
        entry["options"] = [option for question in asked for option in options_of(question)]
        situations.append(entry)
    return {
        "id": data["id"],
        "name": data["name"],
        "source": data["id"],
        "published": str(data["published"]),
        "basis": "ungraded",
        **{key: data[key] for key in _KEPT if data.get(key)},
        "strategies": [
            {"id": question["id"], "name": question["strategy"], "kind": question.get("kind") or ""}
            for question in data["questions"]
        ],
        "situations": situations,
    }


def options_of(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The regimens of a question as options; the rationale of the level stays with the consensus."""
    found = []
    for regimen in question["regimens"]:
        kept = {key: value for key, value in regimen.items() if key not in _ONLY_HERE}
        found.append({"id": kept.pop("id", ""), "strategy": question["id"], **kept})
    return found


def origin_of(path: tuple[str | int, ...], content: Mapping[str, Any]) -> tuple[str | int, ...]:
    """The entry of the questions from which the entry of the draft at ``path`` was made."""
    if path[:1] == ("strategies",) and len(path) > 1:
        return ("questions", path[1], *("strategy" if step == "name" else step for step in path[2:]))
    if path[:1] == ("situations",) and len(path) > 3 and path[2] == "options":
        situation, index = content["situations"][path[1]], int(path[3])
        strategy = situation["options"][index]["strategy"]
        number = [entry["id"] for entry in content["strategies"]].index(strategy)
        own = [i for i, option in enumerate(situation["options"]) if option["strategy"] == strategy]
        return ("questions", number, "regimens", own.index(index), *path[4:])
    return path


def grading_of(protocol: Protocol) -> dict[str, Any] | None:
    """The grading table of the guideline: names of levels and strengths, and rules where one share decides.

    A protocol that decides by a median or by several shares has strengths without rules.
    """
    strengths: dict[str, Text] = {}
    for each in protocol.classes:
        if each.strength is not None:
            strengths.setdefault(each.strength, each.name)
    return {
        "name": protocol.name.as_dict(),
        "levels": {level: text.as_dict() for level, text in protocol.levels.items()},
        "rules": [_rule(each, protocol) for each in protocol.classes] if by_one_share(protocol) else [],
        "strengths": {strength: text.as_dict() for strength, text in strengths.items()},
    }


def by_one_share(protocol: Protocol) -> bool:
    """Whether every class is decided by the agreement alone, as a guideline's grading table can say."""
    return bool(protocol.levels) and all(
        len(each.shares) == 1
        and each.shares[0].of == protocol.agreement
        and each.shares[0].below is None
        and each.median_at_least is None
        and each.median_below is None
        and each.disagreement is None
        for each in protocol.classes
    )


def _rule(each: DecisionClass, protocol: Protocol) -> dict[str, Any]:
    at_least = each.shares[0].at_least or 0
    whole = int(at_least) == at_least
    levels = [level for level in protocol.levels if level in each.levels]
    return {"levels": levels, "at_least": int(at_least) if whole else str(at_least), "strength": each.strength}
