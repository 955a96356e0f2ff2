"""The findings of the product through the checks of reported statistics.

What is printed in one finding is checked against itself; what several findings print of one study, against each other.
A finding says its numbers by its fields; only ± is looked up in its quote, where no field holds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial

from tumorboard.evidence.findings import Finding, Population
from tumorboard.evidence.library import Findings
from tumorboard.evidence.statistics import (
    Check,
    Note,
    NotReadable,
    ScipyAbsent,
    claim_against_p,
    difference,
    grim,
    medians_against_ratio,
    p_from_counts,
    part_of_whole,
    ratio,
    response_order,
    smallest_n,
    sum_of_arms,
    survival_order,
)
from tumorboard.evidence.statistics.claims import ALIKE, DIFFERENT

TIMES = ("median", "unspecified")
RATES = ("CR", "PR", "SD", "ORR", "DCR")
RESPONSES = frozenset({"CR", "PR", "SD", "PD"})
RESPONDED = "response_count"
_KAPLAN_MEIER = re.compile(r"(?:OS|PFS|DFS|RFS|EFS|TTP|TTF)_rate")
_PLUS_MINUS = re.compile(r"([-−]?\d+(?:\.\d+)?)\s*±\s*(\d+(?:\.\d+)?)")


def check_finding(finding: Finding, among: Iterable[Finding] = ()) -> list[Check]:
    """Every check the numbers of a finding allow, each tied to its id.

    ``among`` are other findings; those of the same study are held against this one, each pair from one side only, so
    that checking all findings names it once. A P value that nothing printed can recompute gives *not checkable*; so do
    numbers that cannot be meant, with the reason in the note. A finding without numbers gives no check.
    """
    same_study = [other for other in among if other.study and other.study == finding.study and other.id != finding.id]
    checks = [*_percentages(finding), *_p_value(finding), *_claim(finding), *_medians(finding)]
    checks += [*_enrolment(finding, same_study), *_survival(finding, same_study), *_responses(finding, same_study)]
    checks += [*_categories(finding, same_study), *_part(finding, same_study)]
    return [check.of(finding.id) for check in checks]


def check_all(findings: Findings, source: str | None = None) -> list[Check]:
    """The checks of all findings, or of one source (id or short name such as ``004``), in their order.

    After them stands, for each source with votes, the smallest panel its agreement percentages allow. Raises NotFound
    for an unknown source.
    """
    chosen = tuple(findings) if source is None else findings.of_source(source)
    studies: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.study:
            studies.setdefault(finding.study, []).append(finding)
    checks = [check for finding in chosen for check in check_finding(finding, studies.get(finding.study or "", ()))]
    return checks + list(_votes(chosen))


def _percentages(finding: Finding) -> Iterator[Check]:
    if finding.statistic != "proportion" or finding.unit != "%" or _estimated(finding):
        return
    for value, size in (_arm(finding), _comparator(finding)):
        if value is not None and size is not None:
            yield _run("grim", f"{value}% / n={size}", partial(grim, f"{value}%", size))


def _p_value(finding: Finding) -> Iterator[Check]:
    """The ratio with its interval and P; else P from counts; else the difference; else that P cannot be recomputed."""
    interval = _interval(finding)
    p = _p(finding)
    if finding.effect and interval and finding.ci:
        value, level = _plain(finding.effect.value), _plain(finding.ci.level)
        yield _run("ratio", value, lambda: ratio(value, interval, p, level))
        return
    means = _PLUS_MINUS.findall(finding.quote or "")
    if len(means) == 2 and (interval or p):
        first, second = ("±".join(pair) for pair in means)
        sizes = (finding.denominator, finding.comparator_denominator)
        known = None if None in sizes else tuple(size for size in sizes if size is not None)
        yield _run("difference", f"{first} vs {second}", lambda: difference(first, second, interval, p, known))
        return
    if p is None:
        return
    first_arm, second_arm = _counted(finding, _arm(finding)), _counted(finding, _comparator(finding))
    if first_arm and second_arm and not _estimated(finding):
        yield _run("p from counts", p, lambda: p_from_counts(first_arm, second_arm, p))
    else:
        yield Check("P", f"P {p}", (), "not checkable", note=_why_not(finding))


def _claim(finding: Finding) -> Iterator[Check]:
    p = _p(finding)
    if p and finding.direction in DIFFERENT | ALIKE:
        claim = finding.direction
        yield _run("claim against P", f"{claim}, P {p}", lambda: claim_against_p(claim, p))


def _medians(finding: Finding) -> Iterator[Check]:
    (value, _), (other, _) = _arm(finding), _comparator(finding)
    if finding.effect and finding.statistic in TIMES and finding.endpoint != "DOR" and value and other:
        hazard = _plain(finding.effect.value)
        yield _run("medians and ratio", f"{value} vs {other}", lambda: medians_against_ratio(value, other, hazard))


def _enrolment(finding: Finding, same_study: list[Finding]) -> Iterator[Check]:
    if finding.endpoint == "enrolled":
        groups = [other for other in same_study if other.endpoint == "group_size"]
        total = _arm(finding)[0]
    elif finding.endpoint == "group_size_before_matching" and finding.n:
        groups, total = [finding], str(finding.n)
    else:
        return
    sizes = [size for group in groups for size, _ in (_arm(group), _comparator(group)) if size is not None]
    if total and sizes:
        yield _run("sum of arms", total, lambda: sum_of_arms(total, sizes))


def _survival(finding: Finding, same_study: list[Finding]) -> Iterator[Check]:
    """PFS against OS, from the side of OS."""
    if finding.endpoint != "OS" or finding.statistic not in TIMES:
        return
    for other in same_study:
        if other.endpoint == "PFS" and other.statistic in TIMES and other.unit == finding.unit:
            for pfs, os in _paired_arms(other, finding):
                if pfs is not None and os is not None:
                    yield _run("survival order", f"PFS {pfs}, OS {os}", partial(survival_order, pfs, os))


def _responses(finding: Finding, same_study: list[Finding]) -> Iterator[Check]:
    """Response rates of one group against each other, from the side of the disease control rate."""
    if finding.endpoint != "DCR" or finding.statistic != "proportion":
        return
    related = [other for other in same_study if other.endpoint in RATES and other.endpoint != "DCR"]
    related = [other for other in related if other.statistic == "proportion" and other.method == finding.method]
    arms: list[dict[str, str]] = [{}, {}]
    for other in related:
        for arm, (rate, dcr) in zip(arms, _paired_arms(other, finding), strict=False):
            if rate and dcr:
                arm |= {"dcr": f"{dcr}%", (other.endpoint or "").lower(): f"{rate}%"}
    for arm in arms:
        if arm:
            yield _run("response order", str(arm), partial(_response_order, arm))


def _response_order(rates: dict[str, str]) -> Check:
    """The rates of one group, keyed by the names of ``response_order``."""
    named = (rates.get(name) for name in ("orr", "dcr", "cr", "pr", "sd"))
    return response_order(*named)


def _categories(finding: Finding, same_study: list[Finding]) -> Iterator[Check]:
    """Counts of best responses against the patients of the group, from the side of the first finding."""
    group = [finding, *(other for other in same_study if _same_group(finding, other))]
    group = [one for one in group if one.statistic == "count" and _response_set(one) and one.denominator]
    group = [one for one in group if one.denominator == finding.denominator]
    if len(group) < 2 or finding.id != min(one.id for one in group):
        return
    named = [name for one in group for name in _response_set(one)]
    size, counts = finding.denominator, [text for one in group if (text := _arm(one)[0])]
    if size and len(named) == len(set(named)):
        yield _run("sum of arms", str(size), lambda: sum_of_arms(size, counts))


def _part(finding: Finding, same_study: list[Finding]) -> Iterator[Check]:
    """Responders of a group against those of a group that, by its description, lies inside it.

    A part printed without a denominator counts for its responders alone. That the descriptions mean what they say is
    an assumption, hence a warning.
    """
    if finding.endpoint != RESPONDED or not finding.denominator or finding.comparator:
        return
    whole = f"{_arm(finding)[0]}/{finding.denominator}"
    for other in same_study:
        text, size = _arm(other)
        alike = other.endpoint == RESPONDED and other.intervention == finding.intervention
        if text and alike and _inside(other.population, finding.population) and other.denominator is None:
            part = f"{text}/{size or text}"
            yield replace(_run("part of whole", whole, partial(part_of_whole, part, whole)), tier="warning")


def _votes(findings: Iterable[Finding]) -> Iterator[Check]:
    votes: dict[str, list[str]] = {}
    for finding in findings:
        if finding.kind == "consensus_vote" and (value := _arm(finding)[0]):
            votes.setdefault(finding.source, []).append(f"{value}%")
    for shares in votes.values():
        yield smallest_n(shares)


def _run(kind: str, printed: str, make: Callable[[], Check]) -> Check:
    try:
        return make()
    except NotReadable as error:
        note = Note(f"Not readable: {error}.", f"无法识读：{error}。")
    except ScipyAbsent as error:
        note = Note(f"{error}.", "该项核对需要scipy（tumorboard[stats]）。")
    return Check(kind, printed, (), "not checkable", note=note)


def _arm(finding: Finding) -> tuple[str | None, int | None]:
    exact = finding.value_qualifier in (None, "eq")
    value = finding.value if isinstance(finding.value, Decimal) and exact else None
    return None if value is None else _plain(value), finding.denominator


def _comparator(finding: Finding) -> tuple[str | None, int | None]:
    value = finding.comparator_value
    return None if value is None else _plain(value), finding.comparator_denominator


def _counted(finding: Finding, arm: tuple[str | None, int | None]) -> str | None:
    """The arm as events or a percentage of patients, where it is one."""
    value, size = arm
    if value is None or size is None or finding.statistic not in ("count", "proportion"):
        return None
    return f"{value}%/{size}" if finding.unit == "%" else f"{value}/{size}"


def _estimated(finding: Finding) -> bool:
    """Whether a percentage is a survival estimate (Kaplan-Meier), which need be no whole number of patients."""
    return bool(finding.endpoint and _KAPLAN_MEIER.match(finding.endpoint))


def _interval(finding: Finding) -> tuple[str, str] | None:
    return (_plain(finding.ci.low), _plain(finding.ci.high)) if finding.ci else None


def _p(finding: Finding) -> str | None:
    if finding.p is None:
        return None
    return f"{finding.p.op if finding.p.op != '=' else ''}{_plain(finding.p.value)}"


def _plain(value: Decimal) -> str:
    return format(value, "f")


def _why_not(finding: Finding) -> Note:
    if _estimated(finding) or finding.statistic in (*TIMES, "hazard_ratio"):
        return Note("Times alone do not determine P.", "仅凭生存时间无法推算P值。")
    return Note("The counts of both groups are not printed.", "未列出两组的例数。")


def _paired_arms(first: Finding, second: Finding) -> list[tuple[str | None, str | None]]:
    """The values of both findings in each group they share: the intervention's, then the comparator's."""
    if not _same_group(first, second):
        return []
    arms = [(_arm(first)[0], _arm(second)[0])]
    if first.comparator == second.comparator:
        arms.append((_comparator(first)[0], _comparator(second)[0]))
    return arms


def _same_group(first: Finding, second: Finding) -> bool:
    return first.population == second.population and first.intervention == second.intervention


def _response_set(finding: Finding) -> frozenset[str]:
    names = frozenset((finding.endpoint or "").split("_or_"))
    return names if names <= RESPONSES else frozenset()


def _inside(part: Population, whole: Population) -> bool:
    """Whether the words that describe the one group all stand, in their order, in the description of the other."""
    words, among = (re.findall(r"[\w-]+", population.biomarker or "") for population in (part, whole))
    rest = iter(among)
    return bool(words) and part.disease == whole.disease and all(word in rest for word in words)
