"""What a second reader says of one finding, held against the text: each figure stands in its quote, of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tumorboard.evidence.findings import Effect, Interval, PValue
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft
from tumorboard.reading.layer import Layer
from tumorboard.reading.lexer import measure_of

RULE = "second reader"
_TEXTS = ("endpoint", "intervention", "comparator", "study")
_FIGURES = ("value", "comparator_value", "hr", "ci_low", "ci_high", "p", "n")
_MAX_QUOTE = 600
_NUMBER = r"\d+(?:\.\d+)?"
_BETWEEN = r"(?:\s*(?:vs\.?|versus|and|or|to|比|和|与|至|、|,|，|;|~|-|/)\s*)"
_UNITS = {
    "%": "%",
    "months": r"(?:个月|月|months?|mo\b)",
    "weeks": r"(?:周|weeks?)",
    "years": r"(?:年|years?)",
    "days": r"(?:天|d\b|days?)",
}  # fmt: skip
_CONFIDENCE = r"(?:CI|[Cc]onfidence|可信|置信)"
_RATIO = re.compile(
    rf"(HR|OR|RR|[Hh]azard ratio|[Oo]dds ratio|[Rr]isk ratio|风险比|危险比|比值比)\)?[^\d]{{0,12}}({_NUMBER})"
)
_INTERVAL = re.compile(rf"{_CONFIDENCE}[^\d]{{0,14}}({_NUMBER})%?(?:-|~|–|至|to|,|，|\s)+({_NUMBER})")
_P = re.compile(r"[Pp]\s*(?:值|value)?\s*([=<>])\s*(\d*\.\d+)")
_COUNT = re.compile(r"(\d+)\s*(?:例|名|人|位|patients|participants)|[nN]\s*=\s*(\d+)|(\d+)\s*/\s*\d+|\d+\s*/\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft by the second reader; ``proved`` where every one of its fields stands in the text."""

    draft: Draft
    proved: bool


def proposal_of(item: object, layer: Layer, document: Document) -> Proposal | str:
    """One finding of an answer as a draft, or why it can have no place in the text."""
    if not isinstance(item, dict) or not isinstance(item.get("fields"), dict):
        return "findings of another form than asked for"
    quote = item.get("quote")
    if not isinstance(quote, str) or not quote.strip() or len(quote) > _MAX_QUOTE:
        return "findings without a quote"
    at = layer.text.find(quote)
    if at < 0:
        return "quotes that are not in the text"
    once = layer.text.find(quote, at + 1) < 0
    start, end = layer.source_span(at, at + len(quote))
    said, proved = _fields(item["fields"], quote, layer.text)
    unit = said.get("unit")
    draft = Draft(
        source=document.name,
        start=start,
        end=end,
        quote=document.text[start:end],
        rule=RULE,
        status="proposed",
        unit=unit,
        statistic="proportion" if unit == "%" else None,
        value_qualifier="eq" if said.get("value") is not None else None,
        value=said.get("value"),
        comparator_value=said.get("comparator_value"),
        effect=Effect(_measure(said["hr"], quote), said["hr"]) if said.get("hr") else None,
        ci=_interval(said, quote),
        p=said.get("p"),
        n=int(said["n"]) if said.get("n") is not None else None,
        endpoint=said.get("endpoint"),
        intervention=said.get("intervention"),
        comparator=said.get("comparator"),
        study=said.get("study"),
    )
    if draft.value is None and draft.effect is None:
        return "findings without a value"
    return Proposal(draft, proved and once and draft.endpoint is not None)


def _measure(value: Decimal, quote: str) -> str:
    """Which ratio the quote prints the value as; a hazard ratio where it does not say."""
    return next((measure_of(found[1]) for found in _RATIO.finditer(quote) if Decimal(found[2]) == value), "HR")


def same_claim(first: Draft, second: Draft) -> bool | None:
    """Whether two drafts of one place say the same; ``None`` where they speak of different endpoints."""
    if not first.endpoint or not second.endpoint or not _same_name(first, second):
        return None
    pairs = ((first.value, second.value), (first.effect, second.effect), (first.ci, second.ci), (first.p, second.p))
    said = [(one, other) for one, other in pairs if one is not None and other is not None]
    return bool(said) and all(one == other for one, other in said)


def _same_name(first: Draft, second: Draft) -> bool:
    names = {(first.endpoint or "").casefold(), (first.endpoint_as_printed or "").casefold()} - {""}
    return (second.endpoint or "").casefold() in names


def _fields(fields: dict[str, Any], quote: str, text: str) -> tuple[dict[str, Any], bool]:
    """The fields by name, and whether each is proved: its own quote stands in the text, a figure's in ``quote``."""
    said: dict[str, Any] = {}
    proved = True
    unit, words = _field(fields.get("unit"))
    said["unit"] = next((name for name, form in _UNITS.items() if unit and re.fullmatch(form, unit)), None)
    if unit and (said["unit"] is None or words not in quote):
        proved = False
    for name in _TEXTS:
        value, words = _field(fields.get(name))
        if value is not None:
            said[name] = value
            proved = proved and bool(words) and words in text and value in words
    for name in _FIGURES:
        value, words = _field(fields.get(name))
        if value is None:
            continue
        figure = _figure(name, value)
        if figure is None:
            proved = False
            continue
        said[name] = figure
        proved = proved and bool(words) and words in quote and figure in set(_typed(name, quote, said["unit"]))
        number = figure.value if isinstance(figure, PValue) else figure
        proved = proved and bool(
            re.search(rf"(?<![\d.])0*{re.escape(format(number, 'f').lstrip('0') or '0')}(?!\.?\d)", words)
        )
    unknown = set(fields) - {"unit", *_TEXTS, *_FIGURES}
    return said, proved and not unknown


def _field(field: object) -> tuple[str | None, str]:
    """A field's value and its quote; a field of another form counts as one without a quote."""
    if field is None:
        return None, ""
    if not isinstance(field, dict):
        return str(field)[:_MAX_QUOTE], ""
    value, quote = field.get("value"), field.get("quote")
    if value is None:
        return None, ""
    return str(value).strip()[:_MAX_QUOTE], quote if isinstance(quote, str) else ""


def _figure(name: str, value: str) -> Decimal | PValue | None:
    if name == "p":
        found = re.fullmatch(r"(?:[Pp]\s*)?([=<>])?\s*(\d*\.\d+)", value)
        return PValue(found[1] or "=", Decimal(found[2])) if found else None
    found = re.fullmatch(rf"({_NUMBER})\s*%?", value)
    return Decimal(found[1]) if found and len(found[1]) < 20 else None


def _typed(name: str, quote: str, unit: str | None) -> Iterator[Decimal | PValue]:
    """The figures of a quote that are of the kind the field wants."""
    match name:
        case "p":
            yield from (PValue(found[1], Decimal(found[2])) for found in _P.finditer(quote))
        case "hr":
            yield from (Decimal(found[2]) for found in _RATIO.finditer(quote))
        case "ci_low":
            yield from (Decimal(found[1]) for found in _INTERVAL.finditer(quote))
        case "ci_high":
            yield from (Decimal(found[2]) for found in _INTERVAL.finditer(quote))
        case "n":
            yield from (Decimal(next(filter(None, found.groups()))) for found in _COUNT.finditer(quote))
        case _ if unit is not None:
            shared = rf"(?={'%?'}(?:{_BETWEEN}{_NUMBER}%?)*\s*{_UNITS[unit]}(?!\s*{_CONFIDENCE}))"
            yield from (Decimal(found[1]) for found in re.finditer(rf"(?<![\d.])({_NUMBER}){shared}", quote))


def _interval(said: dict[str, Any], quote: str) -> Interval | None:
    low, high = said.get("ci_low"), said.get("ci_high")
    level = re.search(rf"({_NUMBER})\s*%\s*{_CONFIDENCE}", quote)
    if low is None or high is None or level is None or low > high:
        return None
    return Interval(Decimal(level[1]), low, high)
