"""One finding: one claim of one source about one population, comparison and endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tumorboard.text import Text

Number = Decimal
"""A printed figure; the digits after the point are those of the source (75.0 stays 75.0)."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A measure of effect: ``measure`` as named by the source (HR …) and its value."""

    measure: str
    value: Number


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval of ``level`` percent: of the effect where there is one, else of the value."""

    level: Number
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class PValue:
    """A P value as printed: ``op`` is ``=`` or ``<`` or ``>``."""

    op: str
    value: Number


@dataclass(frozen=True, slots=True)
class Population:
    """Who was studied; ``None`` is *not stated by the source*. ``n`` is a printed number of patients."""

    disease: str | None = None
    histology: str | None = None
    stage: str | None = None
    biomarker: str | None = None
    line: str | None = None
    prior_therapy: str | None = None
    n: int | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """What was found about a finding, shown beside it: a misprint, a claim its P value does not carry, a later trial.

    ``kind`` is a short name (``note`` for everything without one of its own); ``see`` names other findings.
    """

    kind: str
    text: Text
    see: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is printed: characters ``start`` to ``end`` of the source text as stored, and that slice.

    ``sha256`` is the first 16 hexadecimal digits of the SHA-256 of the quote in UTF-8. ``context`` is the span of the
    wider passage and ``section`` the number of the section or table, where known.
    """

    start: int
    end: int
    sha256: str
    quote: str
    context: tuple[int, int] | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim as its source makes it, even where the source is wrong; what is wrong with it stands in ``remarks``.

    ``value`` is a number, a range (low, high) or ``None``; percentages are 35.2, not 0.352. ``printed`` is the figure
    as text. A finding of a document has a ``place``; one of a later update has a ``certainty`` instead (``verified``
    or ``own knowledge, high | medium | low``) and usually a ``date``. A finding of kind ``cell`` says only where a
    graded cell of a ``table`` is printed, and carries no claim.
    """

    id: str
    kind: str
    source: str
    also: tuple[str, ...]
    place: Place | None
    table: int | None
    date: str | None
    certainty: str | None
    study: str | None
    design: str | None
    population: Population
    method: str | None
    intervention: str | None
    comparator: str | None
    endpoint: str | None
    endpoint_as_printed: str | None
    statistic: str | None
    value: Number | tuple[Number, Number] | None
    value_qualifier: str | None
    unit: str | None
    denominator: int | None
    comparator_value: Number | None
    comparator_denominator: int | None
    printed: str | None
    comparator_printed: str | None
    effect: Effect | None
    ci: Interval | None
    p: PValue | None
    n: int | None
    level: str | None
    citations: tuple[int, ...]
    citation_link: str | None
    direction: str | None
    claim: Text | None
    restates: str | None
    in_scope: bool
    remarks: tuple[Remark, ...]

    @property
    def quote(self) -> str | None:
        return self.place.quote if self.place else None
