"""The questions of a new consensus from an earlier guideline: what it recommended is what is asked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tumorboard.consensus.protocol import Protocol
from tumorboard.consensus.questions import SCHEMA
from tumorboard.errors import NotFound, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.text import Text

_GRADES = {"strategy", "strength", "grade", "arguments", "conclusion"}
_KEPT = ("scope", "texts", "definition", "not_covered", "examples", "accepted")


def questions_of(knowledge: Knowledge, name: str, id_: str, year: int, protocol: Protocol) -> dict[str, Any]:
    """Questions of the guideline ``name`` as data, its grades left out. Raises NotFound.

    Each level starts with what the earlier guideline said of it as rationale; the translations count as not reviewed.
    """
    guideline = knowledge.guideline(name)
    content = _content(knowledge, name)
    used = [(s["id"], option) for s in content["situations"] for option in s.get("options") or ()]
    questions = []
    for strategy in content.get("strategies") or ():
        for situation in dict.fromkeys(place for place, option in used if option["strategy"] == strategy["id"]):
            mine = [o for place, o in used if place == situation and o["strategy"] == strategy["id"]]
            questions.append({
                "id": strategy["id"],
                "situation": situation,
                "strategy": strategy["name"],
                "kind": strategy["kind"],
                "regimens": [_regimen(option, protocol, guideline.name) for option in mine],
            })  # fmt: skip
    return {
        "schema": SCHEMA,
        "id": id_,
        "name": guideline.name.as_dict(),
        "published": str(year),
        "protocol": protocol.id,
        "earlier": name,
        **{key: content[key] for key in _KEPT if content.get(key)},
        "situations": [{k: v for k, v in s.items() if k != "options"} for s in content["situations"]],
        "questions": questions,
        **_proof(knowledge, name),
    }


def _proof(knowledge: Knowledge, name: str) -> dict[str, Any]:
    """For whom a proof expected the earlier guideline to have a situation."""
    for _, content in knowledge.folder.under("proof"):
        for entry in content.get("scopes") or ():
            if entry["guideline"] == name:
                return {"proof": {key: value for key, value in entry.items() if key != "guideline"}}
    return {}


def _content(knowledge: Knowledge, name: str) -> Mapping[str, Any]:
    for _, content in knowledge.folder.under("guidelines"):
        if content.get("id") == name:
            found: Mapping[str, Any] = content
            return found
    raise NotFound(Problem("", f"no guideline {name!r}"))


def _regimen(option: Mapping[str, Any], protocol: Protocol, earlier: Text) -> dict[str, Any]:
    kept = {key: value for key, value in option.items() if key not in _GRADES}
    level = str(kept.pop("level", ""))
    if level in protocol.levels:
        kept["level"] = level
        words = Text("Level {level} in {earlier}: {text}", "{earlier}为{level}级：{text}")
        kept["rationale"] = words.format(level=level, earlier=earlier, text=protocol.levels[level]).as_dict()
    return kept
