"""Checks of reported statistics: do the printed numbers of a paper follow from each other?

A library of its own: standard library only, and scipy for Student's t. Every check takes numbers as printed
text (``0.50`` is not ``0.5``), considers every value that rounds to them, and gives a ``Check`` whose verdict never
accuses. Input that cannot be meant raises ``NotReadable`` with the place, what is wrong and what would be right.
"""

from __future__ import annotations

from tumorboard.evidence.statistics.check import Check, Note, Recomputed, Tier, Verdict
from tumorboard.evidence.statistics.claims import claim_against_p
from tumorboard.evidence.statistics.counts import Arm, p_from_counts
from tumorboard.evidence.statistics.differences import difference
from tumorboard.evidence.statistics.distributions import ScipyAbsent
from tumorboard.evidence.statistics.percentages import denominator_change, fitting_counts, grim, smallest_n
from tumorboard.evidence.statistics.printed import NotReadable, Printed, Span, read_p, read_percentage
from tumorboard.evidence.statistics.ratios import ratio
from tumorboard.evidence.statistics.reported_tests import chi2_to_p, t_to_p
from tumorboard.evidence.statistics.survival import medians_against_ratio, survival_order
from tumorboard.evidence.statistics.tables import TESTS, p_values
from tumorboard.evidence.statistics.totals import part_of_whole, response_order, sum_of_arms

__all__ = [
    "TESTS",
    "Arm",
    "Check",
    "NotReadable",
    "Note",
    "Printed",
    "Recomputed",
    "ScipyAbsent",
    "Span",
    "Tier",
    "Verdict",
    "chi2_to_p",
    "claim_against_p",
    "denominator_change",
    "difference",
    "fitting_counts",
    "grim",
    "medians_against_ratio",
    "p_from_counts",
    "p_values",
    "part_of_whole",
    "ratio",
    "read_p",
    "read_percentage",
    "response_order",
    "smallest_n",
    "sum_of_arms",
    "survival_order",
    "t_to_p",
]
