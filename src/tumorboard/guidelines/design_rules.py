"""The grading rules of a knowledge folder (``grading/``), checked as they are read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tumorboard.folder import KnowledgeFolder
from tumorboard.guidelines.by_design import DesignLevel, DesignRule, StrengthRule
from tumorboard.text import text_from

# What no rule may say without people who voted.
_FOR_PANELS = ("strong", "not recommended")


def load_design_rules(folder: KnowledgeFolder) -> dict[str, DesignRule]:
    """Every file of ``grading/`` by the rule's id. Raises InvalidKnowledge with file and line."""
    found: dict[str, DesignRule] = {}
    for name, content in folder.under("grading"):
        try:
            rule = _rule(content)
        except (KeyError, ValueError, TypeError) as error:
            raise folder.error(name, (), f"the grading rule is not complete: {error}") from error
        for index, group in enumerate(rule.designs):
            if unknown := {group.level, group.doubted} - set(rule.levels):
                raise folder.error(name, ("designs", index), f"unknown level {', '.join(sorted(unknown))}")
        for index, strength in enumerate(rule.strengths):
            if strength.strength in _FOR_PANELS:
                what = f"a rule alone that says {strength.strength}"
                raise folder.error(name, ("strengths", index), what, "only a panel's vote may")
        if rule.id in found:
            raise folder.error(name, ("id",), f"a grading rule {rule.id!r} is there already")
        found[rule.id] = rule
    return found


def _rule(content: Mapping[str, Any]) -> DesignRule:
    return DesignRule(
        id=content["id"],
        name=text_from(content["name"]),
        about=text_from(content["about"]),
        source=content["source"],
        levels={level: text_from(text) for level, text in content["levels"].items()},
        designs=tuple(
            DesignLevel(text_from(entry["name"]), frozenset(entry["designs"]), entry["level"], entry["doubted"])
            for entry in content["designs"]
        ),
        strengths=tuple(
            StrengthRule(frozenset(entry["levels"]), _significant(entry["co_primary"]), entry["strength"])
            for entry in content["strengths"]
        ),
        doubts=frozenset(content["doubts"]),
        alpha=Decimal(content["alpha"]),
        ratios=frozenset(content["ratios"]),
    )


def _significant(written: str) -> bool:
    if written not in ("significant", "any"):
        raise ValueError(f"co_primary: {written!r} is neither significant nor any")
    return written == "significant"
