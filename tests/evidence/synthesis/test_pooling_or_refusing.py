"""Which findings are pooled, and why others must not be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tumorboard.errors import InvalidInput
from tumorboard.evidence import Effect, Finding, Findings, Interval, Population
from tumorboard.evidence.synthesis import from_ci, meta_proportions, meta_ratio, poolable, risk_ratio, synthesise
from tumorboard.evidence.synthesis.pooling import design_kind
from tumorboard.folder import SHIPPED, KnowledgeFolder


@pytest.fixture(scope="module")
def findings() -> Findings:
    return Findings.from_folder(KnowledgeFolder(SHIPPED))


@pytest.fixture
def first() -> Finding:
    """A randomised trial with a hazard ratio, its line of therapy not stated."""
    return Finding(
        id="first", kind="efficacy", source="made", also=(), place=None, table=None, date=None, certainty=None,
        study="First trial", design="RCT phase III", population=Population(disease="NSCLC", biomarker="EGFR mutation"),
        method=None, intervention="drug B + carboplatin + pemetrexed", comparator="carboplatin + pemetrexed",
        endpoint="PFS", endpoint_as_printed=None, statistic="median", value=Decimal("6.3"), value_qualifier=None,
        unit="months", denominator=None, comparator_value=Decimal("4.2"), comparator_denominator=None, printed="6.3",
        comparator_printed="4.2", effect=Effect("HR", Decimal("0.48")),
        ci=Interval(Decimal(95), Decimal("0.36"), Decimal("0.64")), p=None, n=None, level=None, citations=(),
        citation_link=None, direction=None, claim=None, restates=None, in_scope=True, remarks=(),
    )  # fmt: skip


def hazard(first: Finding, **changed: Any) -> Finding:
    """Another trial like ``first``."""
    other = replace(first, id="other", study="Other trial", effect=Effect("HR", Decimal("0.60")))
    other = replace(other, ci=Interval(Decimal(95), Decimal("0.45"), Decimal("0.80")))
    return replace(other, **changed)


def share(first: Finding, name: str, percent: str, n: int | None, **changed: Any) -> Finding:
    """A response rate of one arm."""
    made = replace(
        first, id=name, study=name, design="single-arm phase II", comparator=None, endpoint="ORR", effect=None, ci=None,
        statistic="proportion", value=Decimal(percent), unit="%", denominator=n, value_qualifier=None,
    )  # fmt: skip
    return replace(made, **changed)


def kinds(*findings: Finding) -> set[str]:
    return {reason.kind for reason in poolable(findings)}


def test_two_trials_of_one_question_are_pooled_from_their_intervals(first: Finding) -> None:
    result = synthesise([first, hazard(first)])
    logs = [from_ci(0.48, 0.36, 0.64), from_ci(0.60, 0.45, 0.80)]
    expected = meta_ratio([e for e, _ in logs], [s for _, s in logs], ["First trial", "Other trial"])
    assert (result.estimate, result.se, result.measure) == (expected.estimate, expected.se, "HR")
    assert [study.name for study in result.studies] == ["First trial", "Other trial"]


def test_what_no_finding_states_is_named_as_an_assumption(first: Finding) -> None:
    notes = [note.en for note in synthesise([first, hazard(first)]).notes]
    assert "No finding states the line of therapy; that it is the same in all is an assumption." in notes


def test_other_interventions_are_named(first: Finding) -> None:
    notes = [note.zh for note in synthesise([first, hazard(first, intervention="drug A")]).notes]
    assert any("干预措施不同" in note and "drug A" in note for note in notes)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"population": Population(disease="NSCLC", biomarker="EGFR mutation", line="2")}, "line"),
        ({"population": Population(disease="NSCLC", biomarker="HER2 mutation")}, "biomarker"),
        ({"population": Population(disease="SCLC", biomarker="EGFR mutation")}, "disease"),
        ({"endpoint": "OS"}, "endpoint"),
        ({"method": "mRECIST"}, "criterion"),
        ({"design": "retrospective"}, "design"),
        ({"design": "meta-analysis of RCTs"}, "design"),
        ({"design": None}, "design"),
        ({"comparator": "docetaxel"}, "comparator"),
        ({"comparator": None}, "comparator"),
        ({"study": "First trial"}, "study"),
        ({"study": None, "restates": "first"}, "study"),
        ({"effect": Effect("RR", Decimal("0.6"))}, "measure"),
        ({"ci": None, "statistic": "median"}, "numbers"),
        ({"effect": Effect("HR", Decimal("0.9"))}, "interval"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_with_the_reason(first: Finding, changed: dict[str, Any], kind: str) -> None:
    other = hazard(first, **changed)
    assert kinds(first, other) == {kind}
    with pytest.raises(InvalidInput, match="must not be pooled"):
        synthesise([first, other])


def test_a_reason_names_the_values_and_whose_they_are(first: Finding) -> None:
    other = hazard(first, population=replace(first.population, line="2"))
    (reason,) = poolable([first, other])
    assert reason.text.en == "other lines of therapy: not stated (first); 2 (other)"
    assert reason.text.zh == "治疗线数不同：未说明（first）；2（other）"
    assert reason.findings == ("first", "other")


def test_all_reasons_are_given_at_once_and_in_the_language_asked_for(first: Finding) -> None:
    other = hazard(first, endpoint="OS", comparator="docetaxel")
    with pytest.raises(InvalidInput) as caught:
        synthesise([first, other], language="zh")
    assert [problem.what.split("：")[0] for problem in caught.value.problems] == ["终点不同", "对照不同"]


def test_placebo_and_order_make_no_other_comparator(first: Finding) -> None:
    assert kinds(first, hazard(first, comparator="placebo + pemetrexed + carboplatin")) == set()


def test_one_finding_is_no_synthesis(first: Finding) -> None:
    assert kinds(first) == {"number"}


def test_response_rates_of_single_arms_are_pooled_as_proportions(first: Finding) -> None:
    arms = [share(first, "A", "50", 22), share(first, "B", "30.0", 40), share(first, "C", "41.7", 60)]
    result = synthesise(arms)
    assert result.estimate == meta_proportions([11, 12, 25], [22, 40, 60]).estimate
    assert result.method == "GLMM"


def test_counts_of_two_groups_are_pooled_as_risk_ratios(first: Finding) -> None:
    def trial(name: str, ours: str, theirs: str) -> Finding:
        changed = {"design": "RCT", "comparator": "TACE", "comparator_value": Decimal(theirs)}
        return share(first, name, ours, 159, comparator_denominator=156, **changed)

    result = synthesise([trial("A", "45.9", "17.9"), trial("B", "48.4", "32.7")])
    assert result.measure == "RR"
    assert result.studies[0].effect == risk_ratio(73, 159, 28, 156).effect


def test_a_survival_rate_is_no_proportion_of_patients(first: Finding) -> None:
    rates = [share(first, name, "40.0", 50, endpoint="OS_rate_12mo") for name in "AB"]
    assert kinds(*rates) == {"numbers"}


def test_a_percentage_that_fits_no_count_is_refused(first: Finding) -> None:
    assert kinds(share(first, "A", "50", 22), share(first, "B", "51.3", 40)) == {"count"}


def test_counts_from_coarse_percentages_are_named(first: Finding) -> None:
    notes = [note.en for note in synthesise([share(first, "A", "50", 22), share(first, "B", "33", 400)]).notes]
    assert any(note.startswith("The counts of B follow from rounded percentages") for note in notes)


@pytest.mark.parametrize(
    ("design", "kind"),
    [
        ("RCT phase III (double-blind)", "randomised trial"),
        ("phase II (prospective, non-randomised)", "trial without randomisation"),
        ("single-arm phase II (basket)", "trial without randomisation"),
        ("prospective real-world", "observational study"),
        ("guideline / consensus statement", "review"),
        (None, None),
    ],
)
def test_kind_of_a_printed_design(design: str | None, kind: str | None) -> None:
    assert design_kind(design) == kind


def test_every_design_of_our_findings_has_a_kind_but_statistics(findings: Findings) -> None:
    without = {finding.design for finding in findings if finding.design and design_kind(finding.design) is None}
    assert without <= {"epidemiological statistics"}


def test_our_findings_of_one_question_pool(findings: Findings) -> None:
    result = synthesise([findings.get("U-mariposa-2"), findings.get("U-harmoni-a")])
    assert 0.46 <= result.value <= 0.48
    assert result.k == 2
