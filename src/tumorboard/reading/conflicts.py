"""Readings of one document that contradict each other or themselves: they are left to a person, both shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from tumorboard.reading.draft import Draft
from tumorboard.reading.results import GROUP_BY_GROUP

_MOST_FIGURES = 9  # of one thing that are set against each other; a document with more is no report of one study


def with_contradictions(drafts: Sequence[Draft]) -> list[Draft]:
    """``drafts``, those made ambiguous that another contradicts, or whose interval leaves their own value out."""
    places = {id(draft): place for place, draft in enumerate(drafts)}
    against: dict[int, list[str]] = defaultdict(list)
    told: dict[Hashable, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if not _interval_holds(draft):
            against[places[id(draft)]].append(f"{_figure(draft)} [{draft.ci.low}, {draft.ci.high}]" if draft.ci else "")
        if key := _claim(draft):
            told[key].append(draft)
    for same in told.values():
        first = list({draft.value: draft for draft in reversed(same)}.values())[-_MOST_FIGURES:]  # each figure once
        for draft in same:
            against[places[id(draft)]] += [_reading(other) for other in reversed(first) if _contradicts(draft, other)]
    return [
        replace(draft, status="ambiguous", other=(*draft.other, *against[place])) if against.get(place) else draft
        for place, draft in enumerate(drafts)
    ]


def _claim(draft: Draft) -> Hashable:
    """What a draft says a figure for; ``None`` where it does not say fully of whom, so that nothing contradicts it."""
    apart = draft.population.other is not None or draft.rule == GROUP_BY_GROUP
    if draft.value is None or draft.intervention is None or draft.strategy is not None or apart:
        return None
    return (
        draft.study, draft.endpoint, draft.statistic, draft.unit, draft.intervention, draft.comparator, draft.method,
        draft.comparator_value is None, draft.population.line,
    )  # fmt: skip


def _contradicts(draft: Draft, other: Draft) -> bool:
    """Two figures, not one twice or rounded otherwise, and neither a range."""
    one, two = draft.value, other.value
    if not isinstance(one, Decimal) or not isinstance(two, Decimal):
        return False
    decimals = min(_decimals(one), _decimals(two))
    unit = Decimal(1).scaleb(-decimals)
    return abs(one - two) >= unit and draft.context != other.context and draft.n == other.n


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _interval_holds(draft: Draft) -> bool:
    value = draft.effect.value if draft.effect is not None else draft.value
    if draft.ci is None or draft.ci.low is None or draft.ci.high is None or not isinstance(value, Decimal):
        return True
    return draft.ci.low <= value <= draft.ci.high


def _reading(draft: Draft) -> str:
    return f"{_figure(draft)} ({draft.quote[:40].strip()})"


def _figure(draft: Draft) -> str:
    return " ".join(_words(draft))


def _words(draft: Draft) -> Iterator[str]:
    yield str(draft.endpoint)
    if draft.effect is not None:
        yield f"{draft.effect.measure} {draft.effect.value}"
    elif draft.printed:
        yield draft.printed
