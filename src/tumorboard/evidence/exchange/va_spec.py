"""Findings as statements of the GA4GH Variant Annotation Specification (VA-Spec 1.0), and such statements read back.

A statement there is about a variant and a therapy in a condition. A finding of efficacy becomes one when its
population names one alteration (no further gene, nothing absent) and a disease, and its intervention a drug.
``supports`` is said only where the finding itself says that the intervention was better; a rate or a time alone is
``neutral``, for the source draws no conclusion from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.data import parse_json
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.evidence.exchange.entries import Imported, entry_of, exact_json, read_entries
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.search import Concept, NameReader
from tumorboard.evidence.sources import Source

EXTENSION = "tumorboard.finding"
_EFFICACY = "efficacy"
_BETTER = "favours_intervention"
_NEGATED = re.compile(r"negative|absent|without|wild|阴性|野生", re.I)
_ALTERNATIVES = re.compile(r"\bor\b|[|/或]")


@dataclass(frozen=True, slots=True)
class VaExport:
    """The statements as one JSON list, and for each finding that is none, why."""

    text: str
    count: int
    left_out: Mapping[str, str]


def to_va_spec(findings: Iterable[Finding], sources: Mapping[str, Source], names: NameReader) -> VaExport:
    """The statements of the findings that can be one."""
    statements: list[dict[str, Any]] = []
    left_out: dict[str, str] = {}
    for finding in findings:
        made = _statement(finding, sources[finding.source], names)
        if isinstance(made, str):
            left_out[finding.id] = made
        else:
            statements.append(made)
    return VaExport(exact_json(statements) + "\n", len(statements), left_out)


def from_va_spec(text: str, name: str, sources: Mapping[str, Source], names: NameReader) -> Imported:
    """The findings of statements that :func:`to_va_spec` wrote.

    Another's statement, or one that no longer says what the finding in its extension says, is told and left out.
    Raises InvalidInput where the text is no list of statements.
    """
    data = parse_json(text, name)
    if not isinstance(data, list):
        raise InvalidInput(Problem(name, "is no list of VA-Spec statements", "a JSON list"))
    entries: list[tuple[str, object]] = []
    problems: list[Problem] = []
    for number, statement in enumerate(data):
        place = f"{name}: [{number}]"
        try:
            entries.append((place, _carried(statement, place)))
        except TumorboardError as error:
            problems += error.problems
    read = read_entries(entries, sources)
    written = {finding.id: _statement(finding, sources[finding.source], names) for finding in read.findings}
    changed = {id_ for id_, statement in written.items() if not any(_alike(statement, other) for other in data)}
    mend = "change the finding, not its copy in the statement"
    problems += [
        Problem(f"{name}: {id_}", "the statement is not what its finding says", mend) for id_ in sorted(changed)
    ]
    kept = tuple(finding for finding in read.findings if finding.id not in changed)
    return Imported(kept, (*problems, *read.problems), len(data))


def _statement(finding: Finding, source: Source, names: NameReader) -> dict[str, Any] | str:
    """The statement, or why there is none."""
    if finding.kind != _EFFICACY:
        return f"a finding of kind {finding.kind}, not of efficacy"
    variants = _named(names, finding.population.biomarker, "alteration")
    if len(variants) != 1:
        return "its population names no alteration" if not variants else "its population names several alterations"
    if _named(names, finding.population.biomarker, "gene") or _NEGATED.search(finding.population.biomarker or ""):
        return "its population is described by more than an alteration that is there"
    drugs = _named(names, finding.intervention, "drug")
    if not drugs:
        return "its intervention names no drug of the vocabulary"
    if not finding.population.disease:
        return "its disease is not stated"
    therapies = [{"conceptType": "Therapy", "name": drug} for drug in drugs]
    together = "OR" if _ALTERNATIVES.search(finding.intervention or "") else "AND"
    variant = variants[0]
    return {
        "id": f"urn:tumorboard:finding:{finding.id}",
        "type": "Statement",
        **({"description": finding.claim.en} if finding.claim else {}),
        "proposition": {
            "type": "VariantTherapeuticResponseProposition",
            "subjectVariant": {
                "type": "CategoricalVariant",
                "id": f"urn:tumorboard:alteration:{variant}",
                "name": variant,
            },
            "predicate": "predictsSensitivityTo",
            "objectTherapeutic": therapies[0]
            if len(therapies) == 1
            else {"therapies": therapies, "membershipOperator": together},
            "conditionQualifier": {"conceptType": "Disease", "name": finding.population.disease},
        },
        "direction": "supports" if finding.direction == _BETTER else "neutral",
        **({"strength": {"name": f"level of evidence {finding.level}"}} if finding.level else {}),
        "reportedIn": [_document(source)],
        "extensions": [{"name": EXTENSION, "value": exact_json(entry_of(finding), indent=None)}],
    }


def _named(names: NameReader, text: str | None, kind: str) -> list[str]:
    """The names of one kind in a text, in their order, once each."""
    found: list[Concept] = [mention.concept for mention in names.mentions(text or "")]
    return list(dict.fromkeys(concept.id for concept in found if concept.kind == kind))


def _document(source: Source) -> dict[str, Any]:
    document = {"type": "Document", "id": f"urn:tumorboard:source:{source.id}", "title": source.title.en}
    return document | ({"doi": source.doi} if source.doi else {})


def _alike(written: object, given: object) -> bool:
    """Whether two statements say the same, the extension aside: its text may be written otherwise."""
    if not isinstance(written, dict) or not isinstance(given, dict):
        return False
    return {**written, "extensions": None} == {**given, "extensions": None}


def _carried(statement: object, place: str) -> object:
    extensions = statement.get("extensions") if isinstance(statement, dict) else None
    for extension in extensions if isinstance(extensions, list) else ():
        if isinstance(extension, dict) and extension.get("name") == EXTENSION:
            value = extension.get("value")
            if isinstance(value, str):
                return parse_json(value, f"{place}.extensions")
    raise InvalidInput(Problem(place, f"carries no finding of ours (extension {EXTENSION})"))
