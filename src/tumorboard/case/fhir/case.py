"""Between FHIR and a checked case, with the codes of a knowledge folder."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tumorboard.case.fhir.bundle import case_data_from_fhir
from tumorboard.case.fhir.codes import Codes
from tumorboard.case.fhir.write import fhir_from_case
from tumorboard.case.model import CaseFile
from tumorboard.case.read import Case, case_from_data
from tumorboard.folder import KnowledgeFolder
from tumorboard.vocabulary.library import Vocabulary

CODES = "vocabulary/fhir.yaml"


def case_from_fhir(
    data: Mapping[str, Any] | list[Any],
    vocabulary: Vocabulary,
    folder: KnowledgeFolder,
    today: datetime.date,
    patient: str | None = None,
) -> Case:
    """The case in FHIR resources; what wasn't understood names its resource. Raises InvalidInput."""
    found, problems = case_data_from_fhir(data, vocabulary, codes_of(folder), patient)
    case = case_from_data(found, vocabulary, today)
    return replace(case, not_understood=(*problems, *case.not_understood))


def bundle_from_case(file: CaseFile, vocabulary: Vocabulary, folder: KnowledgeFolder) -> dict[str, Any]:
    """The case as a FHIR R4 Bundle (see :func:`fhir_from_case`)."""
    return fhir_from_case(file, vocabulary, codes_of(folder))


def codes_of(folder: KnowledgeFolder) -> Codes:
    return Codes.from_data(folder.read(CODES), CODES)
