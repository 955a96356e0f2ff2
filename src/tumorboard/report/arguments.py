"""Arguments for and against an option laid out for reading: study, size, effect, weakness, and the conclusion."""

from __future__ import annotations

from tumorboard.evidence import Findings
from tumorboard.evidence.findings import Finding
from tumorboard.guidelines.model import Argument, Guideline, Option
from tumorboard.report.names import Names
from tumorboard.report.views import ArgumentView, PointView


def argument_views(option: Option, guideline: Guideline, findings: Findings, names: Names) -> tuple[ArgumentView, ...]:
    """Those for the option first, then those against it, each in the order of the guideline."""
    return tuple(argument_view(argument, guideline, findings, names) for argument in option.arguments)


def argument_view(argument: Argument, guideline: Guideline, findings: Findings, names: Names) -> ArgumentView:
    found = [findings.get(name) for name in argument.findings]
    studies = {finding.study for finding in found}
    study = found[0].study if len(studies) == 1 else None
    sizes = [finding.n for finding in found if finding.n is not None]
    return ArgumentView(
        side=argument.side,
        study=None if study is None else guideline.studies[study][names.language],
        design=None if study is None else names.design(found[0].design),
        n=str(max(sizes)) if sizes and study is not None else None,
        text=argument.text[names.language] if argument.text else None,
        points=tuple(point_view(finding, names) for finding in found),
    )


def point_view(finding: Finding, names: Names) -> PointView:
    """One finding as a sentence; what was found about it (a misprint, a share that can't be) goes with it."""
    claim = finding.claim
    return PointView(
        finding.id,
        claim[names.language] if claim else finding.id,
        tuple(remark.text[names.language] for remark in finding.remarks),
    )


def argument_head(argument: ArgumentView, names: Names) -> str:
    """Whose argument it is: the study with its design and size, or the paper itself."""
    if argument.study is None:
        return names.word("paper itself")
    size = names.word("patients count", n=argument.n) if argument.n else None
    return " · ".join(str(part) for part in (argument.study, argument.design, size) if part is not None)


def conclusion_views(option: Option, findings: Findings, names: Names) -> tuple[PointView, ...]:
    return tuple(point_view(findings.get(name), names) for name in option.conclusion)


def graded_by(option: Option, guideline: Guideline, names: Names) -> str | None:
    """Which rule graded the option and why; ``None`` where people did, or nobody."""
    if option.grade is None or guideline.rule is None:
        return None
    because = option.grade.because[names.language]
    return names.word("graded by rule", rule=option.grade.rule, because=because)
