"""What a person is shown of each draft: its fields, the checks of its statistics, its entry if accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tumorboard.errors import Problem
from tumorboard.evidence.checks import check_finding
from tumorboard.evidence.sources import Source
from tumorboard.evidence.statistics import Check
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft
from tumorboard.reading.entries import Entry, draft_finding, entry_of, provisional_source, source_id


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A draft as it comes before a person: ``problems`` are what an evidence file would refuse in ``entry``."""

    draft: Draft
    entry: Entry
    checks: tuple[Check, ...]
    problems: tuple[Problem, ...]


def reviewed(drafts: tuple[Draft, ...], document: Document, sources: Mapping[str, Source]) -> tuple[Reviewed, ...]:
    """Every draft with its entry and the checks its numbers allow, alone and against the others of its study."""
    id_ = source_id(document, sources)
    known = {id_: sources.get(id_) or provisional_source(document, id_)}
    entries = [entry_of(draft, number, document, id_) for number, draft in enumerate(drafts, 1)]
    findings = [draft_finding(entry, known) for entry in entries]
    whole = [finding for finding, wrong in findings if not wrong]
    found = []
    for draft, entry, (finding, wrong) in zip(drafts, entries, findings, strict=True):
        checks = () if wrong else tuple(check_finding(finding, whole))
        found.append(Reviewed(draft, entry, checks, tuple(wrong)))
    return tuple(found)


def contradicted(checks: tuple[Check, ...]) -> bool:
    """Whether arithmetic speaks against the numbers as they were read."""
    return any(check.verdict == "impossible" and check.tier == "hard" for check in checks)
