"""A finding as plain data for ``tumorboard evidence list --format json | jsonl``."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from tumorboard.evidence.findings import Finding, Remark


def as_record(finding: Finding) -> dict[str, Any]:
    """The finding in the interface's form: ``null`` where the source says nothing, numbers as int or float.

    The keys up to ``remarks`` are fixed by the interface; those after it are ours.
    """
    place = finding.place
    return {
        "id": finding.id,
        "source": finding.source,
        "start": place.start if place else None,
        "end": place.end if place else None,
        "quote": finding.quote,
        "study": finding.study,
        "design": finding.design,
        "population": dataclasses.asdict(finding.population),
        "intervention": finding.intervention,
        "comparator": finding.comparator,
        "endpoint": finding.endpoint,
        "value": [_number(side) for side in finding.value]
        if isinstance(finding.value, tuple)
        else _number(finding.value),
        "unit": finding.unit,
        "comparator_value": _number(finding.comparator_value),
        "printed": finding.printed,
        "effect": {"measure": finding.effect.measure, "value": _number(finding.effect.value)}
        if finding.effect
        else None,
        "ci": {
            "level": _number(finding.ci.level),
            "low": _number(finding.ci.low),
            "high": _number(finding.ci.high),
        }
        if finding.ci
        else None,
        "p": {"op": finding.p.op, "value": _number(finding.p.value)} if finding.p else None,
        "n": finding.n,
        "level": finding.level,
        "citations": list(finding.citations),
        "remarks": [_remark(remark) for remark in finding.remarks],
        "kind": finding.kind,
        "sha256": place.sha256 if place else None,
        "context": list(place.context) if place and place.context else None,
        "section": place.section if place else None,
        "table": finding.table,
        "also": list(finding.also),
        "date": finding.date,
        "certainty": finding.certainty,
        "method": finding.method,
        "endpoint_as_printed": finding.endpoint_as_printed,
        "statistic": finding.statistic,
        "value_qualifier": finding.value_qualifier,
        "denominator": finding.denominator,
        "comparator_denominator": finding.comparator_denominator,
        "comparator_printed": finding.comparator_printed,
        "citation_link": finding.citation_link,
        "direction": finding.direction,
        "claim": finding.claim.as_dict() if finding.claim else None,
        "restates": finding.restates,
        "in_scope": finding.in_scope,
    }


def _remark(remark: Remark) -> dict[str, Any]:
    return {"kind": remark.kind, "text": remark.text.as_dict(), "see": list(remark.see)}


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
