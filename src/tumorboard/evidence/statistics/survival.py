"""Median survival times against each other and against the hazard ratio."""

from __future__ import annotations

from tumorboard.evidence.statistics.check import Check, Note, Recomputed
from tumorboard.evidence.statistics.printed import NotReadable, Printed, read_number


def survival_order(pfs: str, os: str) -> Check:
    """Whether median PFS is at most median OS in one group; both in the same unit.

    Formula: PFS ends at progression or death, so nobody's PFS outlasts their OS. *reproduces*: PFS ≤ OS for some
    rounding; *impossible*: PFS > OS for every rounding, provided both are of the same patients and follow-up.
    Reference: the definitions in FDA, Clinical Trial Endpoints for the Approval of Cancer Drugs, 2018. Raises
    NotReadable.
    """
    shorter, longer = _time(pfs, "PFS"), _time(os, "OS")
    computed = (Recomputed("OS − PFS", float(longer.value - shorter.value)),)
    text = f"PFS {pfs}, OS {os}"
    if shorter.bounds()[0] <= longer.bounds()[1]:
        return Check("survival order", text, computed, "reproduces", ("PFS ≤ OS",))
    return Check("survival order", text, computed, "impossible", note=Note("PFS exceeds OS.", "PFS长于OS。"))


def medians_against_ratio(first: str, second: str, ratio: str) -> Check:
    """Whether a hazard ratio (first against second group) points the way of the two medians; soft.

    Formula: with exponential survival HR = median₂/median₁; only the direction is judged, since hazards are seldom
    proportional. *reproduces*: both favour the same group, or rounding leaves it open; *not reproduced*: they favour
    different groups, which crossing curves can do. Reference: Altman, Practical Statistics for Medical Research, 1991,
    ch. 13. Raises NotReadable.
    """
    one, other, hazard = _time(first, "first median"), _time(second, "second median"), read_number(ratio, "ratio")
    if one.value == 0 or hazard.value <= 0:
        raise NotReadable("medians and ratio", f"{first}, {second}, {ratio}", "median and ratio lie above 0")
    text = f"{first} vs {second}, HR {ratio}"
    computed = (Recomputed("HR if exponential", float(other.value / one.value)),)
    low, high = hazard.bounds()
    longer = one.bounds()[0] > other.bounds()[1]
    shorter = one.bounds()[1] < other.bounds()[0]
    if (longer and low > 1) or (shorter and high < 1):
        note = Note("Medians and ratio favour different groups.", "中位时间与风险比指向不同的组。")
        return Check("medians and ratio", text, computed, "not reproduced", tier="soft", note=note)
    return Check("medians and ratio", text, computed, "reproduces", ("direction",), "soft")


def _time(text: str, place: str) -> Printed:
    time = read_number(text, place)
    if time.value < 0:
        raise NotReadable(place, f"{text!r} is negative", "a time is at least 0")
    return time
