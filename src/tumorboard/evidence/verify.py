"""Checking findings against the texts of their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tumorboard.errors import Problem
from tumorboard.evidence.findings import Finding, Place
from tumorboard.evidence.reading import slice_hash
from tumorboard.evidence.sources import Source, text_hash


def verify(findings: Iterable[Finding], sources: Mapping[str, Source], texts: Mapping[str, str]) -> list[Problem]:
    """Everything in which findings and ``texts`` (source id → text as stored) disagree; empty when all is well.

    Checks the hash and length of each text, and of each finding of these sources its quote, its hash and that its
    context lies inside the text. Findings of sources whose text is not given are not looked at.
    """
    problems = []
    for name, text in texts.items():
        source = sources.get(name)
        if source is None or not source.is_document:
            problems.append(Problem(name, "is no source document", "sources.yaml lists them"))
        elif text_hash(text) != source.sha256:
            problems.append(Problem(name, f"the text has another hash than {source.sha256}", "use the text as stored"))
        elif len(text) != source.length:
            problems.append(Problem(name, f"the text has {len(text)} characters, sources.yaml says {source.length}"))
    for finding in findings:
        if finding.place is not None and finding.source in texts:
            problems += _check(finding, finding.place, texts[finding.source])
    return problems


def _check(finding: Finding, place: Place, text: str) -> list[Problem]:
    problems = []
    printed = text[place.start : place.end]
    if printed != place.quote:
        problems.append(_problem(finding, f"the quote does not stand at {place.start} to {place.end}"))
    if slice_hash(printed) != place.sha256:
        problems.append(_problem(finding, f"the slice {place.start} to {place.end} has another hash"))
    if place.context and place.context[1] > len(text):
        problems.append(_problem(finding, f"the context ends at {place.context[1]}, after the text"))
    return problems


def _problem(finding: Finding, what: str) -> Problem:
    return Problem(f"{finding.source}: {finding.id}", what, "correct the offsets, or the quote")
