"""Findings in the forms others use: CSV, JSON, FHIR R5, GA4GH VA-Spec out and in again; CIViC in."""

from __future__ import annotations

from tumorboard.evidence.exchange.civic import CivicImport, civic_import
from tumorboard.evidence.exchange.documents import from_json, to_json
from tumorboard.evidence.exchange.entries import Imported
from tumorboard.evidence.exchange.fhir import from_fhir, to_fhir
from tumorboard.evidence.exchange.tables import from_csv, to_csv
from tumorboard.evidence.exchange.va_spec import VaExport, from_va_spec, to_va_spec

__all__ = [
    "CivicImport",
    "Imported",
    "VaExport",
    "civic_import",
    "from_csv",
    "from_fhir",
    "from_json",
    "from_va_spec",
    "to_csv",
    "to_fhir",
    "to_json",
    "to_va_spec",
]
