"""Findings pooled, or refused with every reason why they must not be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from tumorboard.errors import InvalidInput, Problem
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.statistics.percentages import fitting_counts
from tumorboard.evidence.statistics.printed import read_percentage
from tumorboard.evidence.synthesis import refusals as why
from tumorboard.evidence.synthesis.heterogeneity import Method
from tumorboard.evidence.synthesis.model import LogEffect, MetaResult
from tumorboard.evidence.synthesis.proportions import meta_proportions
from tumorboard.evidence.synthesis.ratios import from_ci, meta_ratio, risk_ratio
from tumorboard.evidence.synthesis.refusals import Refusal
from tumorboard.text import Language, Text

COUNTS, SHARE = "risk ratio from counts", "proportion"
_TIME = re.compile(r"(?:OS|PFS|DFS|RFS|EFS|TTP|TTF|DOR)(?:_|$)")
# In this order: a review of randomised trials is a review, a randomised trial in a real-world setting is randomised.
_DESIGNS = (
    ("review", re.compile(r"review|meta-analysis|pooled|guideline|consensus|scheme|regulatory|case report|in vitro")),
    ("randomised trial", re.compile(r"\bRCT\b")),
    ("observational study", re.compile(r"retrospective|real-world|observational|registry|^cohort|tissue|screening")),
    ("trial without randomisation", re.compile(r"phase|single-arm|prospective")),
)
_REVIEW = "review"


def poolable(findings: Sequence[Finding]) -> list[Refusal]:
    """Every reason why these findings must not be pooled; empty where they may.

    Refused are one study counted twice (or a finding that restates another), other diseases, lines of therapy,
    biomarkers, endpoints, response criteria, comparators or measures of effect, randomised with other studies, what
    is no primary study, and what carries no number with its uncertainty. A feature stated by some and not by others
    counts as another one: that it is the same is not known. What none of them states is no reason here; ``synthesise``
    names it as an assumption.
    """
    if len(findings) < 2:
        return [Refusal.of("number", why.ONE, findings)]
    return [*_twice(findings), *_features(findings), *_designs(findings), *_comparators(findings), *_numbers(findings)]


def synthesise(
    findings: Sequence[Finding], method: Method = "REML", knha: bool = True, language: Language = "en"
) -> MetaResult:
    """The findings pooled: printed ratios with their intervals, else risk ratios of counts, else proportions.

    What all findings carry decides. Ratios are pooled by ``meta_ratio`` with ``method`` and ``knha``, proportions by
    the binomial model of ``meta_proportions``. ``notes`` of the result name every assumption. Raises InvalidInput with
    all reasons of ``poolable``, in ``language``.
    """
    if reasons := poolable(findings):
        raise refused(reasons, language)
    names = [finding.study or finding.id for finding in findings]
    measure = _measures(findings)[0]
    if measure == SHARE:
        counts = [_count(finding) for finding in findings]
        result = meta_proportions([x for x, _ in counts], [n for _, n in counts], names)
    else:
        make = _of_counts if measure == COUNTS else _of_interval
        effects = [make(finding) for finding in findings]
        logs, errors = [each.effect for each in effects], [each.standard_error for each in effects]
        result = meta_ratio(logs, errors, names, method, knha, "RR" if measure == COUNTS else measure)
    return replace(result, notes=(*result.notes, *_assumptions(findings, measure)))


def refused(reasons: Sequence[Refusal], language: Language = "en") -> InvalidInput:
    """The error that says why, one problem a reason."""
    place = {"en": "must not be pooled", "zh": "不得合并"}[language]
    return InvalidInput(*(Problem(place, reason.text[language]) for reason in reasons))


def _twice(findings: Sequence[Finding]) -> Iterator[Refusal]:
    by_study: dict[str, list[Finding]] = {}
    for finding in findings:
        by_study.setdefault(finding.study or finding.restates or finding.id, []).append(finding)
    for same in by_study.values():
        if len(same) > 1:
            yield Refusal.of("study", why.SAME_STUDY, same)
    ids = {finding.id: finding for finding in findings}
    for finding in findings:
        restated = ids.get(finding.restates or "")
        if restated is not None and (restated.study != finding.study or restated.study is None):
            yield Refusal.of("study", why.SAME_STUDY, [restated, finding])


def _features(findings: Sequence[Finding]) -> Iterator[Refusal]:
    features: dict[str, Callable[[Finding], str | None]] = {
        "disease": lambda finding: finding.population.disease,
        "line": lambda finding: finding.population.line,
        "biomarker": lambda finding: finding.population.biomarker,
        "endpoint": lambda finding: finding.endpoint,
        "criterion": lambda finding: finding.method,
    }
    for name, feature in features.items():
        yield from _unlike(name, findings, feature)


def _unlike(name: str, findings: Sequence[Finding], feature: Callable[[Finding], str | None]) -> Iterator[Refusal]:
    values = _grouped(findings, feature)
    if len(values) > 1:
        text = why.DIFFER.format(feature=why.FEATURES[name], values=why.listed(values))
        yield Refusal(name, text, tuple(finding.id for finding in findings))


def _grouped(findings: Sequence[Finding], feature: Callable[[Finding], str | None]) -> dict[str | None, list[str]]:
    values: dict[str | None, list[str]] = {}
    for finding in findings:
        values.setdefault(feature(finding), []).append(finding.id)
    return values


def _designs(findings: Sequence[Finding]) -> Iterator[Refusal]:
    unknown = [finding for finding in findings if design_kind(finding.design) is None]
    if unknown:
        yield Refusal.of("design", why.NO_DESIGN, unknown)
    reviews = [finding for finding in findings if design_kind(finding.design) == _REVIEW]
    if reviews:
        yield Refusal.of("design", why.NO_STUDY, reviews)
    known = [finding for finding in findings if finding not in unknown and finding not in reviews]
    yield from _unlike("design", known, lambda finding: design_kind(finding.design))


def design_kind(design: str | None) -> str | None:
    """The kind of study a printed design is; None where it is not stated or no kind is recognised."""
    return next((kind for kind, pattern in _DESIGNS if pattern.search(design or "")), None)


def _comparators(findings: Sequence[Finding]) -> Iterator[Refusal]:
    yield from _unlike("comparator", findings, _comparator)
    without = [finding for finding in findings if finding.comparator is None]
    measures = _measures(findings)
    if without and measures and SHARE not in measures:
        yield Refusal.of("comparator", why.NO_COMPARATOR, without)


def _comparator(finding: Finding) -> str | None:
    """The comparator without placebo and whatever the order of its parts: adding placebo treats nobody."""
    if finding.comparator is None:
        return None
    parts = {part.strip() for part in re.split(r"\s*[+/]\s*", finding.comparator)}
    return " + ".join(sorted(parts - {"placebo", ""})) or "placebo"


def _numbers(findings: Sequence[Finding]) -> Iterator[Refusal]:
    empty = [finding for finding in findings if not _carried(finding)]
    if empty:
        yield Refusal.of("numbers", why.NO_NUMBERS, empty)
    elif not _measures(findings):
        values: dict[str | None, list[str]] = {}
        for finding in findings:
            values.setdefault(_carried(finding)[0], []).append(finding.id)
        text = why.DIFFER.format(feature=why.FEATURES["measure"], values=why.listed(values))
        yield Refusal("measure", text, tuple(finding.id for finding in findings))
    for kind, text, wrong in (("interval", why.BAD_INTERVAL, _crooked), ("count", why.NO_COUNT, _countless)):
        if bad := [finding for finding in findings if wrong(finding)]:
            yield Refusal.of(kind, text, bad)


def _carried(finding: Finding) -> list[str]:
    """What of this finding can be pooled, best first."""
    carried = []
    if finding.effect and finding.ci:
        carried.append(finding.effect.measure)
    if _share(finding):
        if finding.comparator_value is not None and finding.comparator_denominator:
            carried.append(COUNTS)
        carried.append(SHARE)
    return carried


def _share(finding: Finding) -> bool:
    """Whether the value is a proportion, or a count, of a known number of patients: not read off a survival curve."""
    exact = isinstance(finding.value, Decimal) and finding.value_qualifier in (None, "eq")
    of_patients = finding.statistic == "count" or (finding.statistic == "proportion" and finding.unit == "%")
    return bool(exact and of_patients and finding.denominator and not _TIME.match(finding.endpoint or ""))


def _measures(findings: Sequence[Finding]) -> list[str]:
    """What all findings carry, best first."""
    return [each for each in _carried(findings[0]) if all(each in _carried(finding) for finding in findings)]


def _crooked(finding: Finding) -> bool:
    if not (finding.effect and finding.ci):
        return False
    low, value, high = finding.ci.low, finding.effect.value, finding.ci.high
    return not 0 < low <= value <= high or low == high


def _countless(finding: Finding) -> bool:
    if COUNTS in _carried(finding) and not _fits(finding, finding.comparator_value, finding.comparator_denominator):
        return True
    return _share(finding) and not _fits(finding, finding.value, finding.denominator)


def _fits(finding: Finding, value: object, n: int | None) -> range:
    """All counts of ``n`` patients a value can stand for."""
    assert isinstance(value, Decimal) and n
    if finding.statistic == "count":
        whole = int(value)
        return range(whole, whole + 1) if whole == value and 0 <= whole <= n else range(0)
    return fitting_counts(read_percentage(f"{value:f}%"), n)


def _count(finding: Finding) -> tuple[int, int]:
    return _middle(_fits(finding, finding.value, finding.denominator)), finding.denominator or 0


def _middle(counts: range) -> int:
    return counts[len(counts) // 2]


def _of_counts(finding: Finding) -> LogEffect:
    events, n = _count(finding)
    others = _middle(_fits(finding, finding.comparator_value, finding.comparator_denominator))
    return risk_ratio(events, n, others, finding.comparator_denominator or 0)


def _of_interval(finding: Finding) -> LogEffect:
    assert finding.effect and finding.ci
    low, high, level = float(finding.ci.low), float(finding.ci.high), float(finding.ci.level)
    return from_ci(float(finding.effect.value), low, high, level)


def _assumptions(findings: Sequence[Finding], measure: str) -> Iterator[Text]:
    for name, text in why.ALIKE.items():
        if all(getattr(finding.population, name) is None for finding in findings):
            yield why.ASSUMED.format(feature=text)
    interventions = list(dict.fromkeys(finding.intervention or why.NOT_STATED.en for finding in findings))
    if len(interventions) > 1:
        yield why.INTERVENTIONS.format(values="; ".join(interventions))
    for name, text in why.SIDES.items():
        values: dict[str | None, list[str]] = {}
        for finding in findings:
            values.setdefault(getattr(finding.population, name), []).append(finding.id)
        if len(values) > 1:
            yield why.POPULATIONS.format(feature=text, values=why.listed(values))
    if measure in (SHARE, COUNTS):
        loose = [finding.id for finding in findings if len(_fits(finding, finding.value, finding.denominator)) > 1]
        if loose:
            yield why.ROUNDED.format(values=", ".join(loose))
