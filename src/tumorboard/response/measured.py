"""The best response that a case's measurements give, as a table rules can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tumorboard.case.read import Case
from tumorboard.case.rows import UNDATED, Row, Table
from tumorboard.response.assess import assess_patient
from tumorboard.response.criteria import Criteria
from tumorboard.response.model import Response
from tumorboard.response.read import ResponseReader
from tumorboard.vocabulary.library import Vocabulary

# Without measurable disease the criteria say non-CR/non-PD where they say SD with it.
_AS_RECORDED = {"non-CR/non-PD": "SD"}


def with_measured(case: Case, criteria: Mapping[str, Criteria], vocabulary: Vocabulary) -> Case:
    """The case with its table ``measured`` filled: the best response on the newest line, where the measurements settle
    it and all sets of criteria agree. Raises InvalidInput naming each wrong measurement."""
    if not case.file.response:
        return case
    patient = ResponseReader(criteria, vocabulary).case_patient(case)
    found = {course.best for course in assess_patient(patient, criteria, {})}
    known = {best.value for best in found if best.known}
    best = _label(known.pop()) if len(found) == 1 and len(known) == 1 else None
    row = Row({"best": best, "when": UNDATED}, "response", {"best": "response"})
    return replace(case, tables={**case.tables, "measured": Table((row,), complete=False)})


def _label(best: Response) -> str:
    return _AS_RECORDED.get(str(best), str(best))
