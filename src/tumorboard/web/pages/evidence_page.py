"""The evidence browser: search and filters, one finding by its permanent address, what was known when, exports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tumorboard.errors import Problem, TumorboardError
from tumorboard.evidence import as_record
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.search.names import Concept
from tumorboard.evidence.timeline import Step, step_record, timeline
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.wording import Wording
from tumorboard.report.evidence_view import finding_view
from tumorboard.report.forest import plots_of
from tumorboard.report.names import Names
from tumorboard.report.views import FindingView
from tumorboard.text import Language
from tumorboard.web.pages.page import knowledge_of, language_of, picture, render
from tumorboard.web.pages.sources import evidence_index, own_copies
from tumorboard.web.pages.tables import exported
from tumorboard.web.pages.words import WORDS

router = APIRouter()
LEVELS = ("I", "II", "III", "IV", "V")
_SHOWN = 25
_MOST = 400  # hits of one search


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: ``q`` is what was typed, the others are filters; empty ones don't filter."""

    q: str = ""
    source: str = ""
    endpoint: str = ""
    level: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Hits:
    findings: tuple[Finding, ...]
    missing: dict[str, tuple[str, ...]]
    passages: tuple[tuple[str, str], ...]
    understood: tuple[str, ...]
    without_level: int


@router.get("/evidence")
def evidence_page(
    request: Request,
    q: Annotated[str, Query(max_length=300)] = "",
    source: str = "",
    endpoint: str = "",
    level: str = "",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
    export: str = "",
) -> Response:
    """Findings that fit, best first; without a question, all that pass the filters."""
    known, language = knowledge_of(request), language_of(request)
    asked = Asked(q.strip(), source, endpoint, level, page)
    problems: tuple[Problem, ...] = ()
    try:
        hits = _searched(asked, known, language)
    except TumorboardError as error:
        hits, problems = Hits((), {}, (), (), 0), error.problems
    if export:
        return exported([as_record(finding) for finding in hits.findings], export, "findings")
    first = (page - 1) * _SHOWN
    shown = hits.findings[first : first + _SHOWN]
    return render(
        request, "evidence.html", language, asked=asked, hits=hits, first=first, levels=LEVELS,
        shown=_views(shown, known, language), problems=problems, more=first + _SHOWN < len(hits.findings),
        plots=_plots(hits.findings[:60], language) if asked.q or asked.source or asked.endpoint else (),
        sources=[each for each in known.findings.sources.values() if each.is_document],
        endpoints=sorted({finding.endpoint for finding in known.findings if finding.endpoint}, key=str.casefold),
    )  # fmt: skip


@router.get("/evidence/timeline")
def timeline_page(request: Request, q: Annotated[str, Query(max_length=300)] = "", export: str = "") -> Response:
    """What was known when about a topic, and what overturned what."""
    known, language = knowledge_of(request), language_of(request)
    steps: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = ()
    if q.strip():
        try:
            steps = timeline(known.findings, evidence_index(known)[0], q.strip())
        except TumorboardError as error:
            problems = error.problems
    if export:
        return exported([step_record(step) for step in steps], export, "timeline")
    return render(request, "evidence_timeline.html", language, q=q.strip(), steps=steps, problems=problems)


@router.get("/evidence/{name}")
def finding_page(request: Request, name: str, export: str = "") -> Response:
    """One finding. Raises NotFound naming ids like it."""
    known, language = knowledge_of(request), language_of(request)
    finding = known.findings.get(name)
    if export:
        return exported([as_record(finding)], export, finding.id)
    return render(
        request, "finding.html", language, view=finding_of(finding, known, language), finding=finding,
        source=known.findings.source(finding.source), used=tuple(_used(finding, known, language)),
    )  # fmt: skip


def _searched(asked: Asked, knowledge: Knowledge, language: Language) -> Hits:
    findings = knowledge.findings
    if asked.q:
        index, texts = evidence_index(knowledge)
        found = index.search(
            asked.q, endpoint=asked.endpoint or None, min_level=asked.level or None,
            source=findings.source(asked.source).id if asked.source else None, limit=_MOST,
        )  # fmt: skip
        return Hits(
            tuple(findings.get(hit.id) for hit in found.hits if hit.kind == "finding"),
            {hit.id: hit.missing for hit in found.hits if hit.missing},
            tuple((hit.id, texts[hit.source][hit.start : hit.end]) for hit in found.hits if hit.kind == "passage")[:10],
            tuple(_called(concept, knowledge, language) for concept in found.understood),
            found.without_level,
        )
    chosen: Iterable[Finding] = findings.of_source(asked.source) if asked.source else findings
    kept = [
        finding
        for finding in chosen
        if finding.kind != "cell"
        and (not asked.endpoint or finding.endpoint == asked.endpoint)
        and (not asked.level or _at_least(finding.level, asked.level))
    ]
    return Hits(tuple(kept), {}, (), (), 0)


def _called(concept: Concept, knowledge: Knowledge, language: Language) -> str:
    """What a word of the question was taken for: ``drug gefitinib``, ``药物 吉非替尼``."""
    kind = WORDS[f"kind {concept.kind}"][language]
    if concept.kind == "alteration":
        return f"{kind} {knowledge.vocabulary.alterations.name(concept.id)[language]}"
    return f"{kind} {Wording(knowledge.facts).anywhere(concept.id)[language]}"


def _at_least(level: str | None, wanted: str) -> bool:
    """Whether the level is that or better; a range counts with its weaker end."""
    last = (level or "").split("-")[-1].split("–")[-1].strip()
    return last in LEVELS and wanted in LEVELS and LEVELS.index(last) <= LEVELS.index(wanted)


def _views(found: Iterable[Finding], knowledge: Knowledge, language: Language) -> tuple[FindingView, ...]:
    return tuple(finding_of(finding, knowledge, language) for finding in found)


def finding_of(finding: Finding, knowledge: Knowledge, language: Language) -> FindingView:
    names = Names(knowledge.vocabulary, language)
    return finding_view(finding, knowledge.findings, names, own_copies(), vote=False)


def _plots(found: tuple[Finding, ...], language: Language) -> tuple[object, ...]:
    return tuple(picture(plot) for plot in plots_of(found, "forest", language))


def _used(finding: Finding, knowledge: Knowledge, language: Language) -> Iterable[tuple[str, str, str]]:
    """The options that rest on a finding: guideline, situation's id, and both names."""
    for guideline in knowledge.guidelines.values():
        for situation, option in guideline.options():
            argued = (name for argument in option.arguments for name in argument.findings)
            if finding.id in (option.cell, option.strategy.vote, *option.evidence, *argued):
                shown = f"{situation.name[language]}: {option.strategy.name[language]}"
                yield guideline.id, situation.id, shown
