"""Findings as one JSON document: the evidence file itself with the sources it names, every digit kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tumorboard.data import parse_json
from tumorboard.errors import InvalidInput, Problem
from tumorboard.evidence.exchange.entries import Imported, entry_of, exact_json, read_entries, source_entry
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.library import SCHEMA
from tumorboard.evidence.sources import SCHEMA as SOURCES_SCHEMA
from tumorboard.evidence.sources import Source, sources_from


def to_json(findings: Iterable[Finding], sources: Mapping[str, Source]) -> str:
    """The findings, and the sources they name, as a document that :func:`from_json` reads back without loss.

    Saved under ``evidence/`` of a knowledge folder (as ``.yaml``, of which JSON is a part) it is an evidence file.
    """
    chosen = list(findings)
    named = {name for finding in chosen for name in (finding.source, *finding.also)}
    used = [source for name, source in sources.items() if name in named]
    document = {
        "schema": SCHEMA,
        "sources": {
            "schema": SOURCES_SCHEMA,
            "documents": [source_entry(source) for source in used if source.is_document],
            "updates": [source_entry(source) for source in used if not source.is_document],
        },
        "findings": [entry_of(finding) for finding in chosen],
    }
    return exact_json(document) + "\n"


def from_json(text: str, name: str, sources: Mapping[str, Source]) -> Imported:
    """The findings of a document; ``sources`` are those known here, which the document may add to.

    Raises InvalidInput where the text is no such document; what is wrong with single findings stands in ``problems``.
    """
    data = parse_json(text, name)
    if not isinstance(data, dict) or data.get("schema") != SCHEMA or not isinstance(data.get("findings"), list):
        mend = f'a document with "schema": "{SCHEMA}" and a list "findings"'
        raise InvalidInput(Problem(name, "is no document of findings", mend))
    own = sources_from(data["sources"], f"{name}: sources") if "sources" in data else {}
    return read_entries(((name, entry) for entry in data["findings"]), {**own, **sources})
