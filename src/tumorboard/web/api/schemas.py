"""The forms of what goes in and out, as the OpenAPI document names them: those of the command line."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tumorboard.case.schema import case_schema
from tumorboard.text import LANGUAGES
from tumorboard.vocabulary.terms import CaseTerms

Schema = dict[str, Any]
_REF = "#/components/schemas/"
TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
BOTH: Schema = {
    "type": "object", "required": list(LANGUAGES), "properties": dict.fromkeys(LANGUAGES, TEXT),
    "additionalProperties": False,
}  # fmt: skip


def ref(name: str) -> Schema:
    return {"$ref": f"{_REF}{name}"}


def listed(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def record(required: dict[str, Schema], **more: Schema) -> Schema:
    """An object that has at least these entries; others may come, as forms only grow."""
    return {"type": "object", "required": list(required), "properties": {**required, **more}}


TEXTS = listed(TEXT)
KNOWLEDGE = record({"version": TEXT, "date": TEXT, "sha256": TEXT})
FACT = record(
    {
        "value": {},
        "unit": MAYBE_TEXT,
        "status": {"enum": ["known", "unknown", "not applicable"]},
        "possible": {"type": ["array", "null"]},
        "missing": TEXTS,
        "because": TEXT,
        "assumptions": TEXTS,
    }
)
FACTS: Schema = {"type": "object", "additionalProperties": FACT}
SITUATION = record(
    {
        "guideline": TEXT, "id": TEXT, "name": BOTH, "verdict": {"enum": ["met", "not met", "unknown"]},
        "missing": TEXTS, "because": TEXT, "assumptions": TEXTS, "remarks": TEXTS,
    }
)  # fmt: skip
OPTION = record(
    {
        "guideline": TEXT, "situation": TEXT, "id": TEXT, "name": BOTH, "kind": TEXT, "regimen": TEXTS,
        "basis": {"enum": ["panel", "by-design", "ungraded"]},
        "strength": {"enum": ["strong", "moderate", "weak", "not recommended", None]},
        "level": MAYBE_TEXT,
        "agreement": {"type": ["number", "null"]},
        "status": {"enum": ["applies", "possible", "excluded", None]},
        "conditions": TEXTS,
        "cautions": listed(record({"text": TEXT, "kind": TEXT, "source": MAYBE_TEXT, "effect": TEXT})),
        "remarks": TEXTS, "evidence": TEXTS, "citations": {"type": "array"}, "missing": TEXTS, "because": TEXT,
    }
)  # fmt: skip
QUESTION = record({"ask": TEXT, "state": TEXT, "would_decide": TEXTS, "would_warn": TEXTS, "text": BOTH})
PROBLEM_ENTRY = record({"place": TEXT, "what": TEXT, "mend": TEXT})

PROBLEM: Schema = {
    "description": "What is wrong, entry by entry, with what would be right",
    "content": {"application/problem+json": {"schema": record(
        {"type": TEXT, "title": TEXT, "status": {"type": "integer"}}, problems=listed(PROBLEM_ENTRY)
    )}},
}  # fmt: skip
_REFUSALS = (400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 421, 422, 429, 503)
ERRORS: dict[int | str, Schema] = dict.fromkeys(_REFUSALS, PROBLEM)

SCHEMAS: dict[str, Schema] = {
    "Advice": record(
        {
            "schema": {"const": "tumorboard.advice/1"}, "case": TEXT, "as_of": {"type": "string", "format": "date"},
            "knowledge": KNOWLEDGE, "notice": TEXT, "facts": FACTS, "situations": listed(SITUATION),
            "options": listed(OPTION),
            "hypotheses": listed(record({"regimen": TEXTS, "because": TEXT, "support": TEXT})),
            "not_covered": listed(record({"guideline": TEXT, "because": TEXT})),
            "questions": listed(QUESTION), "not_understood": listed(PROBLEM_ENTRY), "notices": TEXTS,
            "options_chosen": {"type": "object"},
        }
    ),
    "Assessment": record(
        {"case": TEXT, "as_of": {"type": "string", "format": "date"}, "knowledge": KNOWLEDGE, "facts": FACTS}
    ),
    "Explanation": record({"case": TEXT, "name": TEXT, "lines": TEXTS, "knowledge": KNOWLEDGE}),
    "Calculation": record({"name": TEXT, "value": {}, "status": TEXT, "items": {"type": "array"}}),
    "Mechanism": record({"verdict": TEXT, "outputs": {"type": "object"}, "routes": listed(TEXTS), "because": TEXT}),
    "Resource": record({"resourceType": TEXT}),
}  # fmt: skip


CASE: Schema = {"type": "object", "anyOf": [ref("CaseFile"), ref("Resource")]}
_CASES = ("/api/v1/advice", "/api/v1/assess")  # whose body is one


def answers(schema: Schema, media_type: str = "application/json") -> dict[int | str, dict[str, Any]]:
    """What a route answers where all is well."""
    return {200: {"description": "Done", "content": {media_type: {"schema": schema}}}}


def add_schemas(app: FastAPI, terms: CaseTerms) -> None:
    """Lets the application's OpenAPI document carry these forms and that of the case file."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, openapi_version=app.openapi_version,
                description=app.description, routes=app.routes,
            )  # fmt: skip
            made["components"]["schemas"] |= SCHEMAS | _case_file(terms)
            made["components"]["schemas"]["ExplainBody"]["properties"]["case"] |= CASE
            for path in _CASES:
                made["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"] |= CASE
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _case_file(terms: CaseTerms) -> dict[str, Schema]:
    """The case file's schema, its parts named as components."""
    whole = _referred(case_schema(terms))
    parts: dict[str, Schema] = {f"Case{name}": part for name, part in whole.pop("$defs", {}).items()}
    del whole["$schema"]
    return {**parts, "CaseFile": whole}


def _referred(value: Any) -> Any:
    if isinstance(value, dict):
        found = {name: _referred(part) for name, part in value.items()}
        if isinstance(target := value.get("$ref"), str):
            found["$ref"] = target.replace("#/$defs/", f"{_REF}Case")
        return found
    return [_referred(part) for part in value] if isinstance(value, list) else value
