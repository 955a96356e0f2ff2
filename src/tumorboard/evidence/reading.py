"""From an entry of an evidence file to a Finding, with the checks that need no source text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from tumorboard.errors import Problem
from tumorboard.evidence.entry import Entry
from tumorboard.evidence.findings import Effect, Finding, Interval, Place, Population, PValue, Remark
from tumorboard.evidence.sources import Source, text_hash

MAX_QUOTE = 80
"""The longest verbatim quote of a source that the product carries, in characters with white space."""
SLICE_DIGITS = 16
CELL = "cell"
LEVELS = ("I", "II", "III", "IV", "V")
CERTAINTIES = ("verified", *(f"own knowledge, {trust}" for trust in ("high", "medium", "low")))
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_PERCENT = "%"


def slice_hash(quote: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a quote in UTF-8."""
    return text_hash(quote)[:SLICE_DIGITS]


def read_finding(data: object, file: str, number: int, sources: Mapping[str, Source]) -> tuple[Finding, list[Problem]]:
    """The finding and everything wrong with it; with a problem the finding must not be used."""
    entry = Entry(data, file, f"findings[{number}]")
    source = _source(entry, "source", entry.required("source"), sources)
    finding = Finding(
        id=entry.required("id"),
        kind=entry.required("kind"),
        source=source.id if source else "",
        also=tuple(_texts(entry, "also")),
        place=_place(entry, source),
        table=entry.whole("table"),
        date=entry.text("date"),
        certainty=entry.text("certainty"),
        study=entry.text("study"),
        design=entry.text("design"),
        population=_population(entry),
        method=entry.text("method"),
        intervention=entry.text("intervention"),
        comparator=entry.text("comparator"),
        endpoint=entry.text("endpoint"),
        endpoint_as_printed=entry.text("endpoint_as_printed"),
        statistic=entry.text("statistic"),
        value=entry.numbers("value"),
        value_qualifier=entry.text("value_qualifier"),
        unit=entry.text("unit"),
        denominator=entry.whole("denominator"),
        comparator_value=entry.number("comparator_value"),
        comparator_denominator=entry.whole("comparator_denominator"),
        printed=entry.text("printed"),
        comparator_printed=entry.text("comparator_printed"),
        effect=_effect(entry),
        ci=_interval(entry),
        p=_p_value(entry),
        n=entry.whole("n"),
        level=entry.text("level"),
        citations=tuple(_citations(entry)),
        citation_link=entry.text("citation_link"),
        direction=entry.text("direction"),
        claim=entry.bilingual("claim"),
        restates=entry.text("restates"),
        in_scope=entry.truth("in_scope", absent=True),
        remarks=tuple(_remarks(entry)),
    )
    for other in finding.also:
        _source(entry, "also", other, sources)
    _check_figures(entry, finding)
    _check_kind(entry, finding, source)
    return finding, entry.finish()


def _source(entry: Entry, key: str, name: str, sources: Mapping[str, Source]) -> Source | None:
    if name and name not in sources:
        entry.fail(key, f"{name!r} is unknown", "sources.yaml lists the sources")
    return sources.get(name)


def _place(entry: Entry, source: Source | None) -> Place | None:
    keys = ("start", "end", "sha256", "quote")
    present = [key for key in keys if entry.has(key)]
    if source is not None and not source.is_document:
        for key in (*present, *(key for key in ("context", "section") if entry.has(key))):
            entry.raw(key)
            entry.fail(key, "has no meaning for a finding of an update", "only a document has places")
        return None
    start, end = entry.whole("start"), entry.whole("end")
    digest, quote = entry.required("sha256"), entry.required("quote")
    context, section = _span(entry, "context"), entry.text("section")
    if start is None or end is None:
        entry.fail("start and end", "are needed for a finding of a document")
        return None
    if end - start != len(quote):
        entry.fail("quote", f"has {len(quote)} characters, but end - start is {end - start}")
    if len(quote) > MAX_QUOTE:
        entry.fail("quote", f"has {len(quote)} characters", f"at most {MAX_QUOTE}: the shortest part with the number")
    if digest != slice_hash(quote):
        entry.fail("sha256", f"{digest} is not that of the quote", slice_hash(quote))
    return Place(start, end, digest, quote, context, section)


def _span(entry: Entry, key: str) -> tuple[int, int] | None:
    values = entry.items(key)
    if not values:
        return None
    first, *rest = values
    if len(rest) == 1 and isinstance(first, int) and isinstance(rest[0], int) and 0 <= first < rest[0]:
        return first, rest[0]
    entry.fail(key, f"must be [start, end], not {values!r}")
    return None


def _population(entry: Entry) -> Population:
    part = entry.part("population")
    if part is None:
        return Population()
    population = Population(
        disease=part.text("disease"),
        histology=part.text("histology"),
        stage=part.text("stage"),
        biomarker=part.text("biomarker"),
        line=part.text("line"),
        prior_therapy=part.text("prior_therapy"),
        n=part.whole("n"),
        other=part.text("other"),
    )
    entry.take(part)
    return population


def _effect(entry: Entry) -> Effect | None:
    part = entry.part("effect")
    if part is None:
        return None
    measure, value = part.required("measure"), part.number("value")
    if value is None or value <= 0:
        part.fail("value", "must be a number above 0")
    entry.take(part)
    return None if value is None else Effect(measure, value)


def _interval(entry: Entry) -> Interval | None:
    part = entry.part("ci")
    if part is None:
        return None
    level, low, high = part.number("level"), part.number("low"), part.number("high")
    if level is None or low is None or high is None:
        part.fail("level, low and high", "are all needed")
    elif low > high:
        part.fail("low", f"{low} lies above high {high}", "the interval is reversed")
    elif not 0 < level < 100:
        part.fail("level", f"{level} is no percentage of confidence", "95")
    entry.take(part)
    return None if level is None or low is None or high is None else Interval(level, low, high)


def _p_value(entry: Entry) -> PValue | None:
    part = entry.part("p")
    if part is None:
        return None
    op, value = part.one_of("op", ("=", "<", ">")), part.number("value")
    if value is None or not 0 <= value <= 1:
        part.fail("value", f"must lie between 0 and 1, not {value}")
    entry.take(part)
    return None if value is None else PValue(op, value)


def _texts(entry: Entry, key: str) -> list[str]:
    texts = []
    for item in entry.items(key):
        if isinstance(item, str) and item:
            texts.append(item)
        else:
            entry.fail(key, f"must hold names, not {item!r}")
    return texts


def _citations(entry: Entry) -> list[int]:
    numbers = []
    for item in entry.items("citations"):
        if isinstance(item, int) and not isinstance(item, bool) and item > 0:
            numbers.append(item)
        else:
            entry.fail("citations", f"must hold reference numbers, not {item!r}")
    return numbers


def _remarks(entry: Entry) -> list[Remark]:
    remarks = []
    for number, item in enumerate(entry.items("remarks")):
        part = entry.inner(item, f"remarks[{number}]")
        kind, text, see = part.required("kind"), part.bilingual("text"), _texts(part, "see")
        if text is None:
            part.fail("text", "is needed in English and Chinese")
        else:
            remarks.append(Remark(kind, text, tuple(see)))
        entry.take(part)
    return remarks


def _check_figures(entry: Entry, finding: Finding) -> None:
    values = finding.value if isinstance(finding.value, tuple) else (finding.value,)
    if finding.unit == _PERCENT:
        for value in (*values, finding.comparator_value):
            if value is not None and not Decimal(0) <= value <= Decimal(100):
                entry.fail("value", f"{value} % does not lie between 0 and 100")
    if finding.level is not None and not _is_level(finding.level):
        entry.fail("level", f"{finding.level!r} is no level of evidence", "I to V, or a range such as I-II")
    if finding.place is not None:
        for key, figure in (("printed", finding.printed), ("comparator_printed", finding.comparator_printed)):
            if figure is not None and figure not in finding.place.quote:
                entry.fail(key, f"{figure!r} does not stand in the quote")


def _is_level(level: str) -> bool:
    ranks = [LEVELS.index(part) if part in LEVELS else -1 for part in level.split("-")]
    return -1 not in ranks and len(ranks) <= 2 and ranks == sorted(set(ranks))


def _check_kind(entry: Entry, finding: Finding, source: Source | None) -> None:
    if finding.kind == CELL:
        if finding.table is None:
            entry.fail("table", "is absent", "a cell names its table")
    elif finding.claim is None:
        entry.fail("claim", "is absent", "say in English and Chinese what the finding says")
    if finding.certainty is not None and finding.certainty not in CERTAINTIES:
        entry.fail("certainty", f"{finding.certainty!r} is not known", f"one of {'; '.join(CERTAINTIES)}")
    if source is not None and not source.is_document and finding.certainty is None:
        entry.fail("certainty", "is absent", "a finding of an update says how certain it is")
    if finding.date is not None and not _DATE.fullmatch(finding.date):
        entry.fail("date", f"{finding.date!r} is no date", "YYYY, YYYY-MM or YYYY-MM-DD")
