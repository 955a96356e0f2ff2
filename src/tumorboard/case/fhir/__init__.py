"""FHIR R4 in and out: mCODE 4.0.0 and genomics-reporting 3.0.0 (docs/fhir.md)."""

from tumorboard.case.fhir.bundle import case_data_from_fhir, is_fhir
from tumorboard.case.fhir.case import bundle_from_case, case_from_fhir
from tumorboard.case.fhir.codes import Codes
from tumorboard.case.fhir.write import fhir_from_case

__all__ = [
    "Codes",
    "bundle_from_case",
    "case_data_from_fhir",
    "case_from_fhir",
    "fhir_from_case",
    "is_fhir",
]
