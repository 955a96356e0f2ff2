"""The case in plain data as people and systems give it: a case file or FHIR, with what its measurements come to."""

from __future__ import annotations

import datetime
from typing import Any

from tumorboard.case.read import Case, case_from_data
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.response.criteria import load_criteria
from tumorboard.response.measured import with_measured


def case_given(data: Any, knowledge: Knowledge, today: datetime.date, patient: str | None = None) -> Case:
    """The case in parsed data; ``patient`` picks one of several in FHIR. Raises InvalidInput naming each wrong entry.

    ``today`` is the day of the board where the data give none.
    """
    vocabulary = knowledge.vocabulary
    if isinstance(data, dict) and "resourceType" in data:
        from tumorboard.case.fhir import case_from_fhir  # an extra

        case = case_from_fhir(data, vocabulary, knowledge.folder, today, patient)
    else:
        case = case_from_data(data, vocabulary, today)
    return with_measured(case, load_criteria(knowledge.folder), vocabulary) if case.file.response else case
