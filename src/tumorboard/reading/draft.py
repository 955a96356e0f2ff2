"""A draft: one finding or recommendation as the reader understood it, tied to its place, for a person to decide on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from tumorboard.evidence.findings import Effect, Interval, Population, PValue

Status = Literal["clear", "ambiguous", "proposed"]
"""``clear``: one reading. ``ambiguous``: the rules give readings that contradict each other. ``proposed``: by a second
reader, and not proved from the text."""

_NOBODY_NAMED = Population()
Value = Decimal | tuple[Decimal, Decimal] | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What one place of a document says; ``None`` is *not said, or not understood*.

    ``quote`` is exactly ``text[start:end]`` of the document. ``value`` is a number or a range (low, high); percentages
    are 35.2, not 0.352; ``printed`` is the figure as it stands in the quote. ``strategy``, ``strength``, ``level`` and
    ``agreement`` (percent of the panel) are those of a recommendation. ``rule`` names the rule that made the draft.
    ``other`` are the readings that contradict this one, where ``status`` is ambiguous. Names of fields that a finding
    has too mean the same there (:class:`tumorboard.evidence.findings.Finding`).
    """

    source: str
    start: int
    end: int
    quote: str
    rule: str
    status: Status = "clear"
    kind: str = "efficacy"
    endpoint: str | None = None
    endpoint_as_printed: str | None = None
    statistic: str | None = None
    value: Value = None
    value_qualifier: str | None = None
    printed: str | None = None
    unit: str | None = None
    denominator: int | None = None
    intervention: str | None = None
    comparator: str | None = None
    comparator_value: Decimal | None = None
    comparator_printed: str | None = None
    comparator_denominator: int | None = None
    effect: Effect | None = None
    ci: Interval | None = None
    p: PValue | None = None
    n: int | None = None
    study: str | None = None
    design: str | None = None
    method: str | None = None
    population: Population = _NOBODY_NAMED
    citations: tuple[int, ...] = ()
    direction: str | None = None
    strategy: str | None = None
    strength: str | None = None
    level: str | None = None
    agreement: Decimal | None = None
    section: str | None = None
    context: tuple[int, int] | None = None
    page: int | None = None
    other: tuple[str, ...] = ()
    agreed: bool | None = None

    @property
    def line(self) -> str | None:
        return self.population.line


def draft_record(draft: Draft) -> dict[str, Any]:
    """The draft as plain data for ``tumorboard read --format jsonl``: numbers as int or float, ``null`` for unsaid."""
    record = {field.name: getattr(draft, field.name) for field in dataclasses.fields(draft)}
    record["value"] = (
        [plain_number(side) for side in draft.value] if isinstance(draft.value, tuple) else plain_number(draft.value)
    )
    record["comparator_value"] = plain_number(draft.comparator_value)
    record["agreement"] = plain_number(draft.agreement)
    record["effect"] = (
        None if draft.effect is None
        else {"measure": draft.effect.measure, "value": plain_number(draft.effect.value)}
    )  # fmt: skip
    record["ci"] = (
        None if draft.ci is None
        else {name: plain_number(getattr(draft.ci, name)) for name in ("level", "low", "high")}
    )  # fmt: skip
    record["p"] = None if draft.p is None else {"op": draft.p.op, "value": plain_number(draft.p.value)}
    record["population"] = dataclasses.asdict(draft.population)
    record["line"] = draft.line
    record["citations"] = list(draft.citations)
    record["other"] = list(draft.other)
    record["context"] = None if draft.context is None else list(draft.context)
    return record


def plain_number(value: Decimal | None) -> int | float | None:
    """A number as JSON holds it; 75 stays whole, 75.0 does not become so."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
