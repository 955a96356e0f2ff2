"""Why findings must not be pooled, in words for the person who asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tumorboard.evidence.findings import Finding
from tumorboard.text import Text

NOT_STATED = Text("not stated", "未说明")

FEATURES: dict[str, Text] = {
    "disease": Text("diseases", "疾病"),
    "line": Text("lines of therapy", "治疗线数"),
    "biomarker": Text("biomarkers", "生物标志物"),
    "endpoint": Text("endpoints", "终点"),
    "criterion": Text("response criteria", "疗效评价标准"),
    "design": Text("kinds of study", "研究设计类型"),
    "comparator": Text("comparators", "对照"),
    "measure": Text("measures of effect", "效应指标"),
}
ALIKE: dict[str, Text] = {
    "disease": Text("the disease", "疾病"),
    "line": Text("the line of therapy", "治疗线数"),
    "biomarker": Text("the biomarker", "生物标志物"),
}
DIFFER = Text("other {feature}: {values}", "{feature}不同：{values}")
ASSUMED = Text(
    "No finding states {feature}; that it is the same in all is an assumption.",
    "各条目均未说明{feature}；视为相同仅为假设。",
)
INTERVENTIONS = Text(
    "The interventions differ ({values}); the pooled value is that of none of them.",
    "干预措施不同（{values}）；合并值不代表其中任何一种。",
)
POPULATIONS = Text("The populations differ in {feature}: {values}.", "研究人群的{feature}不同：{values}。")
SIDES: dict[str, Text] = {
    "histology": Text("histology", "组织学类型"),
    "stage": Text("stage", "分期"),
    "prior_therapy": Text("prior therapy", "既往治疗"),
    "other": Text("other features", "其他特征"),
}
ROUNDED = Text(
    "The counts of {values} follow from rounded percentages and may be off by a few patients.",
    "{values}的例数由四舍五入的百分比反推，可能相差数例。",
)
ONE = Text("one finding cannot be pooled; give at least two", "仅一个条目无法合并；请至少给出两个")
SAME_STUDY = Text("the same study twice: {values}", "同一研究重复：{values}")
NO_STUDY = Text("no primary study: {values}", "非原始研究：{values}")
NO_DESIGN = Text("the design is not stated: {values}", "未说明研究设计：{values}")
NO_COMPARATOR = Text("a ratio without a comparator: {values}", "比值无对照：{values}")
NO_NUMBERS = Text(
    "nothing to pool in {values}: that takes a ratio with its interval, or a proportion with its number of patients "
    "(a median, or a survival rate read off a curve, has neither)",
    "{values}无可合并的数据：须有带置信区间的比值，或带例数的比例（中位数及由曲线读出的生存率均不具备）",
)
BAD_INTERVAL = Text("the ratio does not lie within its interval: {values}", "比值不在其置信区间内：{values}")
NO_COUNT = Text("the percentage is no whole number of the patients given: {values}", "百分比与所给例数不符：{values}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason against pooling: its ``kind`` (line, biomarker, endpoint …), in words, and whom it concerns."""

    kind: str
    text: Text
    findings: tuple[str, ...]

    @classmethod
    def of(cls, kind: str, text: Text, findings: Sequence[Finding]) -> Refusal:
        ids = tuple(finding.id for finding in findings)
        return cls(kind, text.format(values=", ".join(ids)), ids)


def listed(values: dict[str | None, list[str]]) -> Text:
    """Values with the findings that have them: ``2 (A, B); not stated (C)``."""
    return Text(
        "; ".join(f"{NOT_STATED.en if value is None else value} ({', '.join(ids)})" for value, ids in values.items()),
        "；".join(f"{NOT_STATED.zh if value is None else value}（{'、'.join(ids)}）" for value, ids in values.items()),
    )
