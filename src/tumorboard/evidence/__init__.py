"""Findings tied to the exact place in their source: reading, checking against the texts, and showing them."""

from __future__ import annotations

from tumorboard.evidence.findings import Effect, Finding, Interval, Population, PValue, Remark
from tumorboard.evidence.library import Findings
from tumorboard.evidence.record import as_record
from tumorboard.evidence.sources import Source
from tumorboard.evidence.store import add_source, context, default_store, stored_texts
from tumorboard.evidence.verify import verify

__all__ = [
    "Effect",
    "Finding",
    "Findings",
    "Interval",
    "PValue",
    "Population",
    "Remark",
    "Source",
    "add_source",
    "as_record",
    "context",
    "default_store",
    "stored_texts",
    "verify",
]
