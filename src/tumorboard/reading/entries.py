"""A draft as an entry of an evidence file: its fields, its words, and the part of its quote a finding may carry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tumorboard.errors import Problem
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.reading import MAX_QUOTE, read_finding, slice_hash
from tumorboard.evidence.sources import Source
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft
from tumorboard.text import Text

Entry = dict[str, Any]
_PERCENT = "%"
NUMBERS = frozenset(("value", "comparator_value", "effect.value", "ci.level", "ci.low", "ci.high", "p.value"))
"""Paths of an entry whose figures stand as printed: as text in a review, as numbers in an evidence file."""
WHOLE = frozenset(("n", "denominator", "comparator_denominator", "population.n"))


def source_id(document: Document, sources: Mapping[str, Source]) -> str:
    """The id of the source whose text this is; for a new one, the file's name in small letters and its hash."""
    for source in sources.values():
        if source.sha256 == document.sha256:
            return source.id
    name = re.sub(r"[^0-9a-z]+", "_", document.name.rsplit(".", 1)[0].lower()).strip("_")[:40]
    return f"{name or 'document'}_{document.sha256[:16]}"


def entry_of(draft: Draft, number: int, document: Document, source: str) -> Entry:
    """The draft as an entry of an evidence file (figures as text, see :data:`NUMBERS`), with its quote cut to what a
    finding may carry. ``number`` counts the document's drafts from 1."""
    start, end = _short_quote(draft, document.text)
    quote = document.text[start:end]
    entry: Entry = {
        "id": f"R{document.sha256[:8]}-{number:03d}",
        "kind": draft.kind,
        "source": source,
        "start": start,
        "end": end,
        "sha256": slice_hash(quote),
        "quote": quote,
        "context": list(draft.context or (draft.start, draft.end)),
        "section": draft.section,
        "study": draft.study,
        "design": draft.design,
        "population": {
            name: getattr(draft.population, name)
            for name in ("disease", "histology", "stage", "biomarker", "line", "prior_therapy", "n", "other")
        },
        "method": draft.method,
        "intervention": draft.intervention,
        "comparator": draft.comparator,
        "endpoint": draft.endpoint,
        "endpoint_as_printed": draft.endpoint_as_printed,
        "statistic": draft.statistic or ("proportion" if draft.unit == _PERCENT else None),
        "value": [str(side) for side in draft.value] if isinstance(draft.value, tuple) else _text(draft.value),
        "value_qualifier": draft.value_qualifier,
        "unit": draft.unit,
        "denominator": draft.denominator,
        "comparator_value": _text(draft.comparator_value),
        "comparator_denominator": draft.comparator_denominator,
        "printed": draft.printed if draft.printed and draft.printed in quote else None,
        "comparator_printed": draft.comparator_printed if (draft.comparator_printed or "\0") in quote else None,
        "effect": {"measure": draft.effect.measure, "value": str(draft.effect.value)} if draft.effect else None,
        "ci": {name: str(getattr(draft.ci, name)) for name in ("level", "low", "high")} if draft.ci else None,
        "p": {"op": draft.p.op, "value": str(draft.p.value)} if draft.p else None,
        "n": draft.n,
        "level": draft.level,
        "citations": list(draft.citations),
        "direction": draft.direction,
    }
    if draft.strategy is not None:
        _recommendation(entry, draft)
    entry = without_nothing(entry)
    entry["claim"] = claim_of(entry).as_dict()
    return entry


def _recommendation(entry: Entry, draft: Draft) -> None:
    """A recommendation's vote is its value; its strategy and strength stand in the claim."""
    entry["intervention"] = draft.intervention or draft.strategy
    if draft.agreement is not None:
        entry |= {"endpoint": "expert_agreement", "statistic": "proportion", "value": str(draft.agreement), "unit": "%"}
    entry["direction"] = draft.direction or "recommends"
    entry["value_qualifier"] = draft.value_qualifier or ("eq" if draft.agreement is not None else None)


def claim_of(entry: Entry) -> Text:
    """What an entry says, in words put together from its fields. The review page does the same (``claimOf``)."""
    return Text(*(_claim(entry, *words) for words in (("with ", " vs ", "; ", "CI"), ("，", "比", "；", "CI"))))


def _claim(entry: Entry, with_: str, versus: str, stop: str, interval: str) -> str:
    chinese = with_ == "，"
    space = "" if chinese else " "
    value = entry.get("value")
    figure = "-".join(value) if isinstance(value, list) else value
    figure = f"{figure}{_unit(entry.get('unit'), chinese)}" if figure else (entry.get("printed") or "")
    head = f"{entry.get('endpoint') or entry['kind']}{space or ' '}{figure}".strip()
    if entry.get("intervention"):
        head += f"，{entry['intervention']}" if chinese else f" with {entry['intervention']}"
    other = entry.get("comparator_value") or ""
    if other or entry.get("comparator"):
        named = f"{entry.get('comparator') or ''}{' ' if entry.get('comparator') and other else ''}{other}"
        head += f"{versus}{named}"
    parts = [head]
    if effect := entry.get("effect"):
        parts.append(f"{effect['measure']} {effect['value']}")
    if ci := entry.get("ci"):
        parts.append(f"{ci['level']}% {interval} {ci['low']}-{ci['high']}")
    if p := entry.get("p"):
        parts.append(f"P{p['op']}{p['value']}")
    return stop.join(parts)


def _unit(unit: str | None, chinese: bool) -> str:
    if not unit:
        return ""
    return unit if unit == "%" or chinese else f" {unit}"


def draft_finding(entry: Entry, sources: Mapping[str, Source]) -> tuple[Finding, list[Problem]]:
    """The entry as a finding and what is wrong with it, as if it stood in an evidence file; for the statistics checks.

    ``sources`` must hold the entry's source.
    """
    return read_finding(plain(entry), "draft", 0, sources)


def provisional_source(document: Document, id_: str) -> Source:
    """The document as a source, before a person has given it a title."""
    title = Text(document.name, document.name)
    return Source(id_, "review", title, "verified", short=id_[:12], sha256=document.sha256, length=len(document.text))


def plain(entry: Entry) -> Entry:
    """The entry with its figures as numbers."""
    return {key: _plain(value, key) for key, value in entry.items()}


def _plain(value: Any, path: str) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner, f"{path}.{key}") for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, path) for inner in value]
    if path in NUMBERS and isinstance(value, str):
        return Decimal(value)
    return value


def _short_quote(draft: Draft, text: str) -> tuple[int, int]:
    """The part of the draft's span that a finding may quote: all of it, or what lies around its figures."""
    if draft.end - draft.start <= MAX_QUOTE:
        return draft.start, draft.end
    figures = [figure for figure in (draft.printed, draft.comparator_printed) if figure]
    places = [(at, at + len(figure)) for figure in figures if (at := text.find(figure, draft.start, draft.end)) >= 0]
    while places and places[-1][1] - places[0][0] > MAX_QUOTE:
        places.pop()
    if not places:
        return draft.start, draft.start + MAX_QUOTE
    first, last = min(at for at, _ in places), max(end for _, end in places)
    start = max(draft.start, last - MAX_QUOTE, first - (MAX_QUOTE - (last - first)) // 2)
    return start, min(draft.end, start + MAX_QUOTE)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def without_nothing(entry: Entry) -> Entry:
    """Without keys that say nothing; a part of which something needed is gone is gone too."""
    kept: Entry = {}
    for key, value in entry.items():
        inner = without_nothing(value) if isinstance(value, dict) else value
        if inner is not None and inner != [] and inner != {}:
            kept[key] = inner
    return kept
