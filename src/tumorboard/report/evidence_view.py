"""Findings and later evidence laid out for reading."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from tumorboard.advice.model import RemarkAnswer
from tumorboard.evidence import Findings, Interval, PValue, context
from tumorboard.evidence.checks import check_finding
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.statistics import Check
from tumorboard.report.names import Names
from tumorboard.report.views import CheckView, FindingView, LaterView
from tumorboard.report.words import CHECKED_BY

_FEW = 3  # ways that reproduce a number; the command `evidence check` names them all


def finding_view(finding: Finding, findings: Findings, names: Names, store: Path | None, vote: bool) -> FindingView:
    """One finding. ``store`` is the folder of the user's own copies of the sources, for the context of the quote."""
    cell = finding.kind == "cell"
    heading = names.word("graded cell") if cell else names.word("vote") if vote else None
    other = finding.comparator_printed
    return FindingView(
        id=finding.id,
        heading=heading,
        study=names.english(finding.study),
        design=names.design(finding.design),
        endpoint=names.endpoint(finding.endpoint),
        value=names.amount(finding.printed, finding.unit) if finding.printed else None,
        comparator=names.arm(finding.comparator),
        comparator_value=names.amount(other, finding.unit) if other else None,
        effect=f"{finding.effect.measure} {_figure(finding.effect.value)}" if finding.effect else None,
        interval=_interval(finding.ci, names),
        p=_p_value(finding.p, names),
        n=str(finding.n) if finding.n is not None else None,
        level=finding.level,
        claim=finding.claim[names.language] if finding.claim else None,
        quote=_one_line(finding.quote) if finding.quote else None,
        context=context(finding, store) if store is not None else None,
        printed_at=_printed_at(finding, findings, names),
        remarks=tuple(remark.text[names.language] for remark in finding.remarks),
        checks=tuple(check_view(check, names) for check in checks_of(finding)),
    )


@lru_cache(maxsize=4096)
def checks_of(finding: Finding) -> tuple[Check, ...]:
    """The checks of a finding's own numbers that follow by arithmetic or have ordinary exceptions (tiers hard and
    warning); what holds under a model only is left to ``evidence check``."""
    return tuple(check for check in check_finding(finding) if check.tier != "soft")


def check_view(check: Check, names: Names) -> CheckView:
    printed = check.printed
    by: tuple[str, ...] = check.by if check.verdict == "reproduces" else ()
    if check.kind == "claim against P":
        printed, by = printed.rpartition(", ")[2], ()  # the direction is in the claim, the threshold in the word
    verdict = names.word(f"check {check.verdict}")
    if by:
        verdict = names.word("reproduces by", ways=_ways(by, names))
    what = names.word(f"check of {check.kind}", printed=printed)
    note = None
    if check.note is not None:
        note = check.note.zh if names.language == "zh" else check.note.en
    return CheckView(check.verdict, names.word("marked", name=what, mark=verdict), note)


def _ways(by: tuple[str, ...], names: Names) -> str:
    joint = "、" if names.language == "zh" else ", "
    named = joint.join(CHECKED_BY[way][names.language] if way in CHECKED_BY else way for way in by[:_FEW])
    return named if len(by) <= _FEW else f"{named} {names.word('and more', count=len(by) - _FEW)}"


def later_view(remark: RemarkAnswer, findings: Findings, names: Names) -> LaterView:
    assert remark.finding is not None
    finding = findings.get(remark.finding)
    certainty = remark.certainty or "own knowledge"
    return LaterView(
        finding=finding.id,
        date=remark.date or names.word("undated"),
        certainty=names.word(certainty),
        text=remark.text[names.language],
        source=findings.source(finding.source).title[names.language],
        remarks=tuple(note.text[names.language] for note in finding.remarks),
    )


def _printed_at(finding: Finding, findings: Findings, names: Names) -> str | None:
    if finding.place is None:
        return None
    source = findings.source(finding.source)
    parts = [source.title[names.language]]
    if finding.table is not None:
        parts.append(names.word("table", number=finding.table))
    if finding.place.section is not None:
        parts.append(names.word("section", section=finding.place.section))
    parts.append(names.word("characters", start=finding.place.start, end=finding.place.end))
    return ("，" if names.language == "zh" else ", ").join(parts)


def _interval(interval: Interval | None, names: Names) -> str | None:
    if interval is None:
        return None
    level, low, high = (_figure(bound) for bound in (interval.level, interval.low, interval.high))
    return names.word("interval", level=level, low=low, high=high)


def _p_value(p: PValue | None, names: Names) -> str | None:
    return None if p is None else names.word("p value", op=p.op, value=_figure(p.value))


def _figure(number: Decimal) -> str:
    return format(number, "f")


def _one_line(quote: str) -> str:
    """The quote as it reads: breaks of the page taken out; the record keeps the exact slice."""
    return "".join(quote.split("\n"))
