"""Biomarkers as mCODE genomic variants (LOINC 69548-6) or tumour marker tests."""

from __future__ import annotations

from typing import Any

from tumorboard.case.fhir.write_parts import Entry, Out, Written, dated, observation, profiled, quantity
from tumorboard.errors import TumorboardError
from tumorboard.vocabulary.alteration_reading import Alteration


def biomarker(out: Out, entry: Entry) -> list[Written]:
    found, assay = _alteration(out, entry)
    test = _test(out, entry, found, assay)
    kinds = {gene.symbol: gene.kind for gene in out.vocabulary.alterations.genes}
    as_marker = found is None or kinds[found.gene] != "gene" or found.change in out.codes.words["written_as_marker"]
    written = _marker(out, entry, test) if test or as_marker else _variant(out, entry, found, assay)
    if (listed := out.codes.of("methods", assay or "")[:1]) or entry.get("assay"):
        written["method"] = out.codes.concept(listed, entry["assay"])
    if specimen := entry.get("specimen"):
        term = out.terms.lists["specimen"].find(specimen)
        kind = out.codes.concept(out.codes.of("specimens", term.id)[:1] if term else [], specimen)
        written["contained"] = [{"resourceType": "Specimen", "id": "specimen", "type": kind}]
        written["specimen"] = {"reference": "#specimen"}
    return [written]


def _alteration(out: Out, entry: Entry) -> tuple[Alteration | None, str | None]:
    term = out.terms.lists["assay"].find(entry["assay"]) if entry.get("assay") else None
    assay = term.id if term else None
    try:
        return out.vocabulary.alterations.read(entry["name"], entry.get("change"), entry.get("partner"), assay), assay
    except TumorboardError:
        return None, assay


def _test(out: Out, entry: Entry, found: Alteration | None, assay: str | None) -> dict[str, Any] | None:
    """The test with a code of its own that measures just this."""
    for marker in out.codes.words["markers"]:
        own = marker["entry"]
        measured, _ = _alteration(out, own)
        same = found is not None and measured is not None and measured.id == found.id
        if same and own.get("assay") == assay and own.get("clone") == entry.get("clone"):
            return dict(marker)
    return None


def _answer(out: Out, entry: Entry, values: dict[str, str]) -> Written:
    result = entry.get("result")
    if result == "not tested":
        return {"dataAbsentReason": out.codes.concept(out.codes.words["not_tested"][:1])}
    if result is None:
        return {}
    own = [code for code, meaning in values.items() if meaning == result]
    return {"valueCodeableConcept": out.codes.concept((own or out.codes.of("results", result))[:1], result)}


def _marker(out: Out, entry: Entry, test: dict[str, Any] | None) -> Written:
    name = " ".join(str(entry[key]) for key in ("name", "change", "clone", "measure") if entry.get(key))
    written: Written = {"code": out.codes.concept([test["code"]] if test else [], name), **dated(entry.get("date"))}
    written |= _answer(out, entry, (test or {}).get("values") or {})
    parts = _parts(out, entry, ("value", "intensity", "percent_cells"))
    if parts and "valueCodeableConcept" not in written and "dataAbsentReason" not in written:
        written |= {key: value for key, value in parts.pop(0).items() if key == "valueQuantity"}
    if parts:
        written["component"] = parts
    whole = observation(out, written, "laboratory")
    has_value = "valueCodeableConcept" in whole or "valueQuantity" in whole
    return profiled(out.codes, "tumour marker", whole) if has_value else whole


def _parts(out: Out, entry: Entry, keys: tuple[str, ...]) -> list[Written]:
    parts = []
    for key in keys:
        unit = {"value": entry.get("unit"), "percent_cells": "%"}.get(key)
        if entry.get(key) is not None and (measured := quantity(out, entry[key], unit)):
            name = str(entry.get("measure") or key) if key == "value" else key.replace("_", " ")
            parts.append({"code": {"text": name}, **measured})
    return parts


def _variant(out: Out, entry: Entry, found: Alteration | None, assay: str | None) -> Written:
    codes = out.codes
    assert found is not None
    names = codes.words["components"]

    def part(name: str, concept: Written) -> Written:
        return {"code": codes.concept([names[name]]), "valueCodeableConcept": concept}

    parts = [part("gene", _gene(out, symbol)) for symbol in (found.partner, found.gene) if symbol]
    bare, _ = _alteration(out, {"name": found.gene, "assay": assay})
    if found.change.startswith("p."):
        parts.append(part("protein", {"coding": [{"system": codes.url("hgvs"), "code": found.change}]}))
    elif listed := codes.of("changes", found.change)[:1]:
        parts.append(part("type", codes.concept(listed, found.change)))
    elif entry.get("change") or bare is None or bare.id != found.id:
        parts.append(part("name", {"text": found.change}))
    for rule, name in ((codes.words["copies_measure"], "copies"), (codes.words["frequency"], "frequency")):
        if entry.get("measure") == rule["measure"] and entry.get("value") is not None:
            parts.append({"code": codes.concept([names[name]]), **quantity(out, entry["value"], entry.get("unit"))})
            break
    else:
        parts += _parts(out, entry, ("value", "intensity", "percent_cells"))
    written = {"code": codes.concept(codes.of("observations", "variant")[:1]), **_answer(out, entry, {})}
    written |= {**dated(entry.get("date")), "component": [one for one in parts if len(one) > 1]}
    return profiled(codes, "variant", observation(out, written, "laboratory"))


def _gene(out: Out, symbol: str) -> Written:
    hgnc = next((gene.hgnc for gene in out.vocabulary.alterations.genes if gene.symbol == symbol), None)
    if hgnc is None:
        return {"text": symbol}
    return {"coding": [{"system": out.codes.url("hgnc"), "code": hgnc, "display": symbol}]}
