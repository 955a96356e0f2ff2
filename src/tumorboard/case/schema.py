"""The JSON Schema of the case file, with the closed lists of the vocabulary written out."""

from __future__ import annotations

from typing import Any

from tumorboard.case.model import CaseFile
from tumorboard.vocabulary.terms import CaseTerms


def case_schema(terms: CaseTerms) -> dict[str, Any]:
    """JSON Schema (draft 2020-12). Lists show the vocabulary's own names; other spellings it knows are read too."""
    schema = CaseFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "tumorboard.case/1"
    written: dict[str, Any] = _with_lists(schema, terms)
    return written


def _with_lists(value: Any, terms: CaseTerms) -> Any:
    if isinstance(value, dict):
        value = {key: _with_lists(inner, terms) for key, inner in value.items()}
        heading = value.pop("x-terms", None)
        if heading is not None:
            value["examples"] = sorted(terms.lists[heading].ids)
        return value
    return [_with_lists(inner, terms) for inner in value] if isinstance(value, list) else value
