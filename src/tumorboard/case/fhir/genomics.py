"""Genomic variants: Observations → biomarkers.

A variant is read only where all that describes it is understood: a present variant nobody could name must not become
"mutation present", and one absent variant must not make its whole gene absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tumorboard.case.fhir.markers import assay_of, result_of, specimen_of
from tumorboard.case.fhir.reading import Reading
from tumorboard.case.fhir.shape import (
    Resource,
    codings,
    concept_name,
    concept_texts,
    entries_of,
    entry_of,
    number_of,
    plain,
    text_of,
)
from tumorboard.errors import TumorboardError
from tumorboard.vocabulary.alteration_reading import Alteration

# HGVS as people write it: NP_005219.2:p.(Leu858Arg), NM_000455.5(STK11):c.725G>A (p.Gly242Glu)
_CHANGE = re.compile(r"(?<![A-Za-z])(?P<kind>[pc])\.\(?(?P<change>[^\s()]+)\)?")
_Parts = dict[str, list[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Gene:
    """A gene studied: its symbol, or why it has none here. ``name``: how a gene unknown here is called."""

    symbol: str | None
    trouble: str
    name: str = ""


class _NotRead(Exception):
    """Carries the reason why one Observation is listed and not read."""


def read_variant(reading: Reading, resource: Resource) -> None:
    """A genetic variant assessment (LOINC 69548-6), or the reason why it was not read."""
    try:
        entries = _variant(reading, resource)
    except _NotRead as reason:
        reading.tell(resource, str(reason))
        return
    for entry in entries:
        reading.add(resource, "biomarkers", entry)


def _variant(reading: Reading, resource: Resource) -> list[dict[str, Any]]:
    codes, words = reading.codes, reading.codes.words
    parts = _parts(reading, resource)
    result = result_of(reading, resource, {})
    if result is None:
        raise _NotRead("says neither present nor absent, so nothing was read")
    genes = _genes(reading, parts)
    named = " and ".join(gene.symbol or gene.name or "a gene" for gene in genes)
    if any(codes.has(part.get("valueCodeableConcept"), code) for part in parts["source"] for code in words["germline"]):
        raise _NotRead(f"is a germline variant of {named}; a case's biomarkers are the tumour's")
    common = {
        "result": result,
        "assay": assay_of(reading, resource),
        "specimen": specimen_of(reading, resource),
        "date": reading.day(
            resource, resource.get("effectiveDateTime"), entry_of(resource.get("effectivePeriod")).get("start")
        ),
    }
    if not any(parts[name] for name in words["describing"]):
        return _whole_genes(reading, resource, genes, common)
    types = [
        change
        for part in (*parts["type"], *parts["consequence"])
        for change in codes.meanings("changes", part.get("valueCodeableConcept"))
    ]
    if len(genes) > 1:
        found = _fused(reading, parts, genes, types)
        return [{"name": found.gene, "change": found.change, "partner": found.partner, **common}]
    if not genes or genes[0].symbol is None:
        raise _NotRead(genes[0].trouble if genes else "names no gene")
    change = _change(reading, resource, parts, genes[0].symbol, types, common)
    return [{"name": genes[0].symbol, **common, "result": None, **change}]


def _whole_genes(
    reading: Reading, resource: Resource, genes: Sequence[_Gene], common: dict[str, Any]
) -> list[dict[str, Any]]:
    """Genes without any variant named: each absent (or not tested) by itself, or one of them present."""
    if not genes:
        raise _NotRead("names no gene")
    if len(genes) > 1 and common["result"] not in ("absent", "not tested"):
        raise _NotRead(f"names {len(genes)} genes together, {common['result']}, without saying which or what")
    for gene in genes:
        if gene.symbol is None:
            reading.tell(resource, f"{gene.trouble}; {common['result']} was not read of it")
    return [{"name": gene.symbol, **common} for gene in genes if gene.symbol is not None]


def _change(
    reading: Reading, resource: Resource, parts: _Parts, gene: str, types: list[str], common: dict[str, Any]
) -> dict[str, Any]:
    """The change of one gene with its result and measurement."""
    measured = {name: common[name] for name in ("result", "assay")}
    copies = next(
        (
            number
            for part in parts["copies"]
            if (number := number_of(entry_of(part.get("valueQuantity")).get("value"))) is not None
        ),
        None,
    )
    rule = reading.codes.words["copies_measure"]
    found = _named(reading, parts, gene)
    if found:
        if len({alteration.id for alteration in found}) > 1:
            raise _NotRead(
                f"describes different variants of {gene}: {', '.join(dict.fromkeys(str(one) for one in found))}"
            )
        return {
            "change": found[0].change,
            "partner": found[0].partner,
            **measured,
            **_frequency(reading, resource, parts),
        }
    for change in dict.fromkeys(types):
        counted: dict[str, Any] = {} if copies is None else {"measure": rule["measure"], "value": plain(copies)}
        if counted and change in rule["when"]:
            _read(reading, gene, rule["change"])
            if common["result"] == "present":  # "some gain": whether it is an amplification, a rule's cut-off decides
                measured["result"] = None
            return {"change": rule["change"], **measured, **counted}
        if not parts["protein"] and not parts["coding"]:  # a mere type would widen a change given base by base
            return {
                "change": _read(reading, gene, change).change,
                **measured,
                **(counted if change == rule["change"] else {}),
            }
    raise _NotRead(f"a variant of {gene} ({_described(parts)}), {common['result']}, that the vocabulary can't name")


def _named(reading: Reading, parts: _Parts, gene: str) -> list[Alteration]:
    """The alterations its protein change, coding change and name speak of, as far as the vocabulary knows them."""
    found: list[Alteration] = []
    for name in ("protein", "coding", "name"):
        for part in parts[name]:
            concept = part.get("valueCodeableConcept")
            texts = [
                *concept_texts(concept),
                *(coding.code for coding in codings(concept)),
                text_of(part.get("valueString")),
            ]
            changes = [f"{match['kind']}.{match['change']}" for text in texts for match in _CHANGE.finditer(text)]
            if name == "name" and not changes:
                changes = [text for text in texts if text]
            found += [read for change in dict.fromkeys(changes) if (read := _try(reading, gene, change)) is not None]
    return found


def _try(reading: Reading, gene: str, change: str) -> Alteration | None:
    try:
        return reading.vocabulary.alterations.read(gene, change)
    except TumorboardError:
        return None


def _read(reading: Reading, gene: str, change: str) -> Alteration:
    try:
        return reading.vocabulary.alterations.read(gene, change)
    except TumorboardError as error:
        raise _NotRead(error.problems[0].what) from error


def _fused(reading: Reading, parts: _Parts, genes: Sequence[_Gene], types: Sequence[str]) -> Alteration:
    """The fusion of two genes, given in the order of HGVS and HGNC: the kinase stands behind."""
    symbols = [gene.symbol or gene.name for gene in genes]
    if not all(symbols):
        raise _NotRead("; ".join(gene.trouble for gene in genes if gene.trouble))
    together = " and ".join(symbols)
    texts = [text for part in parts["name"] for text in concept_texts(part.get("valueCodeableConcept"))]
    if "fusion" not in types and not any(one.partner for text in texts if (one := _parsed(reading, text))):
        raise _NotRead(f"names {together} together without saying that they are fused")
    found = _parsed(reading, "::".join(symbols)) if len(symbols) == 2 else None
    if found is None or found.partner is None:
        raise _NotRead(f"the fusion of {together} is not in the vocabulary")
    return found


def _parsed(reading: Reading, text: str) -> Alteration | None:
    try:
        return reading.vocabulary.alterations.parse(text)
    except TumorboardError:
        return None


def _genes(reading: Reading, parts: _Parts) -> list[_Gene]:
    by_id = {gene.hgnc: gene.symbol for gene in reading.vocabulary.alterations.genes if gene.hgnc}
    genes: dict[str, _Gene] = {}
    for part in parts["gene"]:
        concept = part.get("valueCodeableConcept")
        ids = [short.removeprefix("hgnc:") for short in reading.codes.shorts(concept) if short.startswith("hgnc:")]
        prefixed = (bare if bare.startswith("HGNC:") else f"HGNC:{bare}" for bare in ids)
        coded = {by_id[one] for one in prefixed if one in by_id}
        said = {symbol for text in concept_texts(concept) if (symbol := _symbol(reading, text)) is not None}
        if len(coded | said) == 1:
            found = _Gene((coded | said).pop(), "")
        elif coded | said:
            named = "/".join(sorted(said)) or "nothing else"
            found = _Gene(None, f"the code of a gene says {'/'.join(sorted(coded))} and its name {named}")
        else:
            name = concept_name(concept)
            found = _Gene(None, f"the gene {name} is not in the vocabulary", name)
        genes.setdefault(str(found), found)
    return list(genes.values())


def _symbol(reading: Reading, text: str) -> str | None:
    try:
        return reading.vocabulary.alterations.gene(text, "")
    except TumorboardError:
        return None


def _parts(reading: Reading, resource: Resource) -> _Parts:
    parts: _Parts = {name: [] for name in reading.codes.words["components"]}
    for component in entries_of(resource.get("component")):
        for name, code in reading.codes.words["components"].items():
            if reading.codes.has(component.get("code"), code):
                parts[name].append(component)
    return parts


def _described(parts: _Parts) -> str:
    named = ("protein", "coding", "name", "genomic", "type", "consequence", "cytogenetic")
    said = [concept_name(part.get("valueCodeableConcept")) for name in named for part in parts[name]]
    return ", ".join(dict.fromkeys(said)) or "by its alleles"


def _frequency(reading: Reading, resource: Resource, parts: _Parts) -> dict[str, Any]:
    rule = reading.codes.words["frequency"]
    for part in parts["frequency"]:
        quantity = entry_of(part.get("valueQuantity"))
        number = number_of(quantity.get("value"))
        factor = rule["factors"].get(text_of(quantity.get("code")) or text_of(quantity.get("unit")))
        if number is None or factor is None:
            reading.tell(resource, "the allele frequency has no number or unit that could be read")
            continue
        return {"measure": rule["measure"], "value": plain(number * Decimal(factor)), "unit": rule["unit"]}
    return {}
