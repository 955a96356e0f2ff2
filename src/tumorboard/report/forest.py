"""Forest plots of what is comparable among an option's findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from markupsafe import Markup

from tumorboard.advice.model import Advice
from tumorboard.evidence import Findings
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.synthesis import StatisticsAbsent, poolable, synthesise
from tumorboard.evidence.synthesis.plots import forest
from tumorboard.guidelines.model import Option
from tumorboard.text import Language


def forest_plots(advice: Advice, findings: Findings, language: Language) -> Mapping[str, tuple[Markup, ...]]:
    """The plots of each option that has any, by the option's id.

    An option's findings are those attached to it, arguments for and against it alike: one side alone would show only
    what favours it. Where nothing may be pooled, or scipy (extra ``stats``) is absent, an option has no plot.
    """
    shown = {}
    for number, answer in enumerate(advice.options, 1):
        if drawn := option_plots(answer.option, findings, f"forest-{number}", language):
            shown[answer.option.id] = drawn
    return shown


def option_plots(option: Option, findings: Findings, name: str, language: Language) -> tuple[Markup, ...]:
    """The plots of one option."""
    return plots_of(tuple(findings.get(name) for name in dict.fromkeys(option.evidence)), name, language)


def plots_of(found: tuple[Finding, ...], name: str, language: Language) -> tuple[Markup, ...]:
    """The plots of what is comparable among findings; ``name`` begins the ids inside them."""
    return tuple(_drawn(comparable(found), name, language))


@lru_cache(maxsize=1024)
def comparable(findings: tuple[Finding, ...]) -> tuple[tuple[Finding, ...], ...]:
    """Groups of at least two findings that may be pooled. Each finding stands in one group at most: the first, in the
    order given, whose members all go with it."""
    groups: list[list[Finding]] = []
    for finding in findings:
        group = next((group for group in groups if _goes_with(finding, group)), None)
        if group is None:
            groups.append([finding])
        else:
            group.append(finding)
    return tuple(tuple(group) for group in groups if len(group) > 1)


def _goes_with(finding: Finding, group: list[Finding]) -> bool:
    return finding.endpoint == group[0].endpoint and not poolable([*group, finding])  # the endpoint first: it is cheap


def _drawn(groups: Iterable[tuple[Finding, ...]], name: str, language: Language) -> Iterator[Markup]:
    for place, group in enumerate(groups, 1):
        try:
            result = synthesise(group, language=language)
        except (StatisticsAbsent, ArithmeticError):
            # The plot adds to the table of findings, which stands beside it: a report must not fail for want of it.
            continue
        yield Markup(forest(result, language, f"{name}-{place}"))  # escaped element by element
