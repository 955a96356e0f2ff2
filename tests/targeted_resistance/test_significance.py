"""Where no P value is printed, the matching confidence interval of a ratio says the same."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tumorboard.evidence.findings import Effect, Interval, PValue
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.guidelines.design_rules import load_design_rules
from tumorboard.guidelines.knowledge import Knowledge

RULE = load_design_rules(KnowledgeFolder(SHIPPED))["by-design"]


@pytest.mark.parametrize(
    ("measure", "level", "low", "high", "significant"),
    [
        ("HR", "95", "0.23", "0.49", True),
        ("HR", "95", "0.54", "1.02", False),
        ("HR", "95", "0.54", "1", False),
        ("OR", "95", "1.2", "3.4", True),
        ("HR", "90", "0.04", "0.43", False),  # narrower than the rule's alpha asks for
        ("HR", "99", "0.30", "0.80", True),
        ("difference", "95", "1.2", "3.4", False),  # a difference has no 1 to leave out
    ],
)
def test_an_interval_counts_where_it_leaves_out_no_difference(
    knowledge: Knowledge, measure: str, level: str, low: str, high: str, significant: bool
) -> None:
    interval = Interval(Decimal(level), Decimal(low), Decimal(high))
    finding = replace(knowledge.findings.get("U-sachi"), p=None, ci=interval, effect=Effect(measure, Decimal("0.5")))
    assert RULE.is_significant(finding) is significant


def test_a_printed_p_goes_before_the_interval(knowledge: Knowledge) -> None:
    finding = replace(knowledge.findings.get("U-sachi"), p=PValue("=", Decimal("0.07")))
    assert not RULE.is_significant(finding)
    assert RULE.is_significant(replace(finding, p=PValue("<", Decimal("0.05"))))


def test_neither_p_nor_interval_is_not_significant(knowledge: Knowledge) -> None:
    assert not RULE.is_significant(replace(knowledge.findings.get("U-sachi"), ci=None))
