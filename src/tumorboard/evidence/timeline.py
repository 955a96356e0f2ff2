"""What was known when about a topic, and what overturned what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.evidence.findings import Finding, Remark
from tumorboard.evidence.library import Findings
from tumorboard.evidence.record import as_record
from tumorboard.evidence.search import EvidenceIndex
from tumorboard.evidence.sources import Source

OVERTURNING = "overtaken"
"""The kind of a remark which says that later evidence took a finding's place."""
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Link:
    """Two findings tied by a remark: ``other`` is the id at the far end, ``overturns`` whether the later one took the
    earlier one's place (else the remark only qualifies it)."""

    other: str
    overturns: bool
    remark: Remark


@dataclass(frozen=True, slots=True)
class Step:
    """A finding in its time.

    ``when`` is a year, month or day; ``dated_by`` says whose date it is: ``finding`` (its own), ``study`` (the year in
    the study's name), ``source`` (the year of the paper that reports it), or ``nothing`` where ``when`` is None.
    ``changed_by`` are the remarks on it that name other findings, ``changes`` the findings whose remarks name it.
    ``on_topic`` is false for a finding shown only because a remark ties it to the topic.
    """

    when: str | None
    dated_by: str
    finding: Finding
    changed_by: tuple[Link, ...]
    changes: tuple[Link, ...]
    on_topic: bool = True

    @property
    def overturned(self) -> bool:
        return any(link.overturns for link in self.changed_by)


def timeline(findings: Findings, index: EvidenceIndex, topic: str) -> tuple[Step, ...]:
    """The findings about a topic in the order of their dates, those without a date at the end.

    A finding is about the topic when it holds every part of it (drugs, genes, alterations by any name). Findings that
    overturn or qualify one of these, or are overturned by it, are shown with them. Raises WrongUsage for a topic that
    holds nothing to look for.
    """
    found = index.search(topic, limit=max(1, len(findings)))
    about = {hit.id for hit in found.hits if hit.kind == "finding" and not hit.missing}
    changed_by, changes = _links(findings)
    tied = {link.other for id_ in about for link in (*changed_by.get(id_, ()), *changes.get(id_, ()))}
    steps = []
    for finding in findings:
        if finding.id in about or finding.id in tied:
            when, dated_by = date_of(finding, findings.sources)
            by, others = (tuple(table.get(finding.id, ())) for table in (changed_by, changes))
            steps.append(Step(when, dated_by, finding, by, others, finding.id in about))
    return tuple(sorted(steps, key=lambda step: (step.when is None, step.when or "")))


def date_of(finding: Finding, sources: Mapping[str, Source]) -> tuple[str | None, str]:
    """When a finding was known at the latest, and by what that is known (see :class:`Step`)."""
    if finding.date:
        return finding.date, "finding"
    if finding.study and (year := _YEAR.search(finding.study)):
        return year[0], "study"
    reported = sources[finding.source].year
    return (str(reported), "source") if reported else (None, "nothing")


def step_record(step: Step) -> dict[str, Any]:
    """The step as plain data for JSON."""
    return {
        "when": step.when,
        "dated_by": step.dated_by,
        "on_topic": step.on_topic,
        "overturned": step.overturned,
        "changed_by": [_link_record(link) for link in step.changed_by],
        "changes": [_link_record(link) for link in step.changes],
        "finding": as_record(step.finding),
    }


def _links(findings: Findings) -> tuple[dict[str, list[Link]], dict[str, list[Link]]]:
    """The remarks that name findings, by the id of the finding they stand on, and by the ids they name."""
    changed_by: dict[str, list[Link]] = {}
    changes: dict[str, list[Link]] = {}
    for finding in findings:
        for remark in finding.remarks:
            for other in remark.see:
                overturns = remark.kind == OVERTURNING
                changed_by.setdefault(finding.id, []).append(Link(other, overturns, remark))
                changes.setdefault(other, []).append(Link(finding.id, overturns, remark))
    return changed_by, changes


def _link_record(link: Link) -> dict[str, Any]:
    text = link.remark.text.as_dict()
    return {"finding": link.other, "overturns": link.overturns, "kind": link.remark.kind, "text": text}
