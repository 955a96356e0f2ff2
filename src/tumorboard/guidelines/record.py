"""Guidelines, situations, options and facts as JSON-ready records, for ``knowledge show``."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from tumorboard.guidelines.model import Guideline, GuidelineRemark, Option, Situation
from tumorboard.logic.facts import FactDefinition


def fact_definition(fact: FactDefinition) -> dict[str, Any]:
    return {
        "id": fact.id,
        "name": fact.name.as_dict(),
        "about": fact.about.as_dict(),
        "source": fact.source,
        "type": str(fact.type),
        "values": {value: text.as_dict() for value, text in fact.values.items()},
        "undecided": {reason: text.as_dict() for reason, text in fact.undecided.items()},
        "rule": fact.rule,
        "examples": len(fact.examples),
    }


def guideline_record(guideline: Guideline) -> dict[str, Any]:
    grading = guideline.grading
    return {
        "id": guideline.id,
        "name": guideline.name.as_dict(),
        "source": guideline.source,
        "published": guideline.published,
        "basis": guideline.basis,
        "scope": guideline.scope.text,
        "grading": None if grading is None else {
            "levels": {level: text.as_dict() for level, text in grading.levels.items()},
            "rules": [
                {"levels": sorted(rule.levels), "at_least": _plain(rule.at_least), "strength": rule.strength,
                 "finding": rule.finding}
                for rule in grading.rules
            ],
        },
        "graded_by": guideline.rule.id if guideline.rule else None,
        "strategies": [
            {"id": s.id, "name": s.name.as_dict(), "kind": s.kind, "agreement": _plain(s.agreement), "vote": s.vote,
             "votes": None if s.votes is None else str(s.votes)}
            for s in guideline.strategies.values()
        ],
        "situations": [situation_record(situation) for situation in guideline.situations],
        "not_covered": [{"when": n.when.text, "because": n.because.as_dict()} for n in guideline.not_covered],
        "differences": list(guideline.differences()),
    }  # fmt: skip


def situation_record(situation: Situation) -> dict[str, Any]:
    study = situation.under_study
    return {
        "id": situation.id,
        "table": situation.table,
        "name": situation.name.as_dict(),
        "when": situation.when.text,
        "asks": [ask.fact for ask in situation.asks],
        "remarks": [_remark(remark) for remark in situation.remarks],
        "under_study": None if study is None else {"agents": list(study.agents), "text": study.text.as_dict()},
        "options": [option_record(option) for option in situation.options],
    }


def option_record(option: Option) -> dict[str, Any]:
    return {
        "id": option.id,
        "name": option.strategy.name.as_dict(),
        "kind": option.strategy.kind,
        "regimen": [str(slot) for slot in option.regimen],
        "strength": option.strength,
        "level": option.level,
        "agreement": _plain(option.strategy.agreement),
        "graded_by": option.grade.rule if option.grade else None,
        "grade": option.grade.because.as_dict() if option.grade else None,
        "arguments": [
            {"side": a.side, "text": a.text.as_dict() if a.text else None, "findings": list(a.findings)}
            for a in option.arguments
        ],
        "conclusion": list(option.conclusion),
        "cell": option.cell,
        "vote": option.strategy.vote,
        "evidence": list(option.evidence),
        "citations": list(option.citations),
        "conditions": [{"text": c.text.as_dict(), "when": c.when.text if c.when else None} for c in option.conditions],
        "excluded_when": [
            {"when": e.when.text, "if_unknown": e.if_unknown, "because": e.because.as_dict()} for e in option.exclusions
        ],
        "remarks": [_remark(remark) for remark in option.remarks],
    }


def _remark(remark: GuidelineRemark) -> dict[str, Any]:
    return {
        "text": remark.text.as_dict() if remark.text else None,
        "finding": remark.finding,
        "when": remark.when.text if remark.when else None,
    }


def _plain(value: Decimal | Fraction | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)
