"""A made source of two sentences and findings in it, as the knowledge files would hold them."""

from __future__ import annotations

import hashlib
from typing import Any

from tumorboard.evidence import Findings

TEXT = "第一句没有数字。\n在一项研究中，甲药的客观缓解率为 35.2%，\n乙药为 16.9%（P<0.001）。\n后文与此无关。\n"
QUOTE = "客观缓解率为 35.2%，\n乙药为 16.9%"
SOURCE = "900_made"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def sources_document(**changed: Any) -> dict[str, Any]:
    document = {
        "id": SOURCE,
        "short": "900",
        "kind": "review",
        "title": {"en": "A made review", "zh": "自拟综述"},
        "sha256": sha(TEXT),
        "length": len(TEXT),
        "certainty": "verified",
    }
    update = {
        "id": "update:V1",
        "kind": "update",
        "title": {"en": "A made report", "zh": "自拟报道"},
        "certainty": "verified",
    }
    return {"schema": "tumorboard.sources/1", "documents": [document | changed], "updates": [update]}


def entry(quote: str = QUOTE, **changed: Any) -> dict[str, Any]:
    start = TEXT.index(quote) if quote in TEXT else 0
    made = {
        "id": "S900-001",
        "kind": "efficacy",
        "source": SOURCE,
        "start": start,
        "end": start + len(quote),
        "sha256": sha(quote)[:16],
        "quote": quote,
        "endpoint": "ORR",
        "unit": "%",
        "claim": {"en": "Drug A responds more often than drug B", "zh": "甲药缓解率高于乙药"},
    }
    return made | changed


def update(**changed: Any) -> dict[str, Any]:
    made = {
        "id": "U-later",
        "kind": "efficacy",
        "source": "update:V1",
        "certainty": "own knowledge, high",
        "date": "2025-06",
        "claim": {"en": "A later trial found no difference", "zh": "后续试验未见差异"},
    }
    return made | changed


def findings(*entries: dict[str, Any]) -> Findings:
    return Findings.from_data(
        sources_document(), {"made.yaml": {"schema": "tumorboard.evidence/1", "findings": list(entries)}}, "knowledge"
    )
