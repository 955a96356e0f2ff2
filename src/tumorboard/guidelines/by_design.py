"""Grades where no panel voted: from a study's design to a level, from level and significance to a strength.

The rule is data (``knowledge/grading/``). It never says strong and never says not recommended, and every grade it gives
says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tumorboard.evidence.findings import Finding
from tumorboard.text import Text


@dataclass(frozen=True, slots=True)
class DesignLevel:
    """The level of a group of designs; ``doubted``: the level where the source criticises size or bias."""

    name: Text
    designs: frozenset[str]
    level: str
    doubted: str


@dataclass(frozen=True, slots=True)
class StrengthRule:
    """The strength at ``levels``; ``significant``: only where every co-primary endpoint is."""

    levels: frozenset[str]
    significant: bool
    strength: str


@dataclass(frozen=True, slots=True)
class Grade:
    """What a rule gives for one option, and why."""

    rule: str
    level: str
    strength: str
    because: Text


@dataclass(frozen=True, slots=True)
class DesignRule:
    """A named grading rule; the first entry that fits decides, of designs as of strengths.

    ``doubts`` are the points of criticism that lower a level; ``alpha`` is the P value below which an endpoint counts
    as significant; ``ratios`` the measures of effect for which 1 means no difference.
    """

    id: str
    name: Text
    about: Text
    source: str
    levels: Mapping[str, Text]
    designs: tuple[DesignLevel, ...]
    strengths: tuple[StrengthRule, ...]
    doubts: frozenset[str]
    alpha: Decimal
    ratios: frozenset[str]

    def grade(self, study: Finding, doubts: Sequence[Finding], co_primary: Sequence[Finding]) -> Grade:
        """The grade of an option that rests on ``study``. Raises ValueError where the rule doesn't reach.

        ``doubts``: what the source says against size or freedom from bias of that study. ``co_primary``: one finding
        for each co-primary endpoint; one without a P value or interval (not analysed, not reported) is not significant.
        """
        group = self._group(study)
        for finding in doubts:
            if not self.is_doubt(finding, study):
                raise ValueError(f"{finding.id} is no criticism of size or bias of {study.study}")
        for finding in co_primary:
            if finding.study != study.study:
                raise ValueError(f"{finding.id} is an endpoint of {finding.study}, not of {study.study}")
        level = group.doubted if doubts else group.level
        significant = bool(co_primary) and all(map(self.is_significant, co_primary))
        strength = next(
            (
                rule.strength
                for rule in self.strengths
                if level in rule.levels and (significant or not rule.significant)
            ),
            None,
        )
        if strength is None:
            raise ValueError(f"the rule gives no strength at level {level}")
        lowered = bool(doubts) and group.doubted != group.level
        return Grade(self.id, level, strength, self._because(group, level, lowered, co_primary))

    def is_doubt(self, finding: Finding, study: Finding) -> bool:
        return (
            finding.study == study.study
            and finding.kind == "appraisal"
            and finding.direction == "weakens"
            and finding.endpoint in self.doubts
        )

    def is_significant(self, finding: Finding) -> bool:
        """Whether the finding's P value, as printed, lies below ``alpha``; where none is printed, whether the matching
        confidence interval of a ratio leaves out 1. With neither it is not."""
        p, effect, interval = finding.p, finding.effect, finding.ci
        if p is not None:
            return p.value < self.alpha if p.op == "=" else p.op == "<" and p.value <= self.alpha
        if effect is None or interval is None or effect.measure not in self.ratios:
            return False
        return interval.level >= 100 * (1 - self.alpha) and not interval.low <= 1 <= interval.high

    def _group(self, study: Finding) -> DesignLevel:
        for group in self.designs:
            if study.design in group.designs:
                return group
        raise ValueError(f"the rule says nothing of the design {study.design!r} of {study.id}")

    def _because(self, group: DesignLevel, level: str, lowered: bool, co_primary: Sequence[Finding]) -> Text:
        said = [_LOWERED if lowered else _LEVEL]
        said += [_SIGNIFICANT if self.is_significant(finding) else _OPEN for finding in co_primary]
        endpoints: list[object] = [None, *(finding.endpoint or "" for finding in co_primary)]
        told = [
            text.format(design=group.name, level=level, endpoint=endpoint)
            for text, endpoint in zip(said, endpoints, strict=True)
        ]
        return Text("; ".join(text.en for text in told), "；".join(text.zh for text in told))


_LEVEL = Text("{design}: level {level}", "{design}：{level}级")
_LOWERED = Text(
    "{design}, whose size or freedom from bias the source doubts: level {level}",
    "{design}，来源质疑其样本量或偏倚：{level}级",
)
_SIGNIFICANT = Text("co-primary endpoint {endpoint} significant", "主要终点{endpoint}达到显著")
_OPEN = Text("co-primary endpoint {endpoint} not shown to be significant", "主要终点{endpoint}未显示显著性")
