"""What a sentence's results say together: levels of two arms, effects printed apart, grades that cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tumorboard.reading.results import GROUP_BY_GROUP, Arm, Result
from tumorboard.reading.study import Study, parts


def ungrade(results: Sequence[Result]) -> None:
    """An event more frequent than all events of a grade together is not of that grade."""
    most: dict[str, Decimal] = {}
    for result in results:
        endpoint = result.named.endpoint
        if endpoint is None or not endpoint.event or not result.named.grade or result.value is None:
            continue
        value = result.value.value
        if not isinstance(value, Decimal) or result.value.unit != "%":
            continue
        if not result.named.grade_carried:
            most.setdefault(result.named.grade, value)
        elif value > most.get(result.named.grade, value):
            result.endpoint = endpoint.name


def control_of(arms: Sequence[Arm], background: frozenset[str]) -> int:
    """Which of several arms the others are compared with: placebo, else what all others hold too, else the last."""
    for index, arm in enumerate(arms):
        if arm is not None and background & set(arm):
            return index
    for index, arm in enumerate(arms):
        if arm is not None and all(other is not None and parts(arm) <= parts(other) for other in arms):
            return index
    return len(arms) - 1


def _with_effects(results: list[Result]) -> list[Result]:
    """An effect printed by itself for an endpoint whose levels stand before it in the sentence goes with them."""
    kept: list[Result] = []
    for result in results:
        last = kept[-1] if kept else None
        if (
            last is not None
            and last.value is None
            and last.effect is not None
            and result.endpoint == last.endpoint
            and result.other is not None
            and result.effect is None
            and last.arm in (None, result.arm)
        ):  # "HR为0.54，中位PFS 8.0个月 vs 5.5个月"
            result.effect, result.ci, result.p = last.effect, last.ci, result.p or last.p
            result.start = last.start
            kept[-1] = result
            continue
        levels = [
            earlier
            for earlier in kept
            if result.value is None
            and result.effect is not None
            and earlier.endpoint == result.endpoint
            and earlier.value is not None
            and earlier.effect is None
            and earlier.other is not None
        ]
        if len(levels) != 1:
            kept.append(result)
            continue
        level = levels[0]
        level.effect, level.ci, level.p = result.effect, result.ci, level.p or result.p
        level.end = max(level.end, result.end)
    return kept


def merged(results: list[Result], study: Study) -> list[Result]:
    """Two levels of one endpoint in different arms, printed one after the other, are one comparison."""
    kept: list[Result] = []
    for result in _with_effects(results):
        match = next(
            (
                earlier
                for earlier in reversed(kept)
                if earlier.endpoint == result.endpoint
                and earlier.other is None
                and result.other is None
                and earlier.value is not None
                and result.value is not None
                and earlier.arm is not None
                and result.arm is not None
                and earlier.arm != result.arm
                and earlier.value.unit == result.value.unit
                and GROUP_BY_GROUP not in (earlier.rule, result.rule)
                and earlier.statistic is None
                and result.statistic is None
                and (len(study.arms) < 3 or result.arm == study.arms[-1])
            ),
            None,
        )
        if match is None:
            kept.append(result)
            continue
        assert result.value is not None
        match.other, match.other_arm = result.value, result.arm
        match.rule = "one arm after the other"
        if match.arm and match.other_arm and parts(match.arm) < parts(match.other_arm):  # the fuller regimen is the arm
            match.other, match.value = match.value, result.value
            match.arm, match.other_arm = match.other_arm, match.arm
            match.printed = result.value.printed
            if match.effect is None:
                match.ci = result.value.ci
        match.start, match.end = min(match.start, result.start), max(match.end, result.end)
        if result.effect is not None and match.effect is None:
            match.effect, match.ci = result.effect, result.ci
        match.p = match.p or result.p
        match.n = None
    return kept
