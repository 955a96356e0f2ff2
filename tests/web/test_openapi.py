"""The OpenAPI document: what it says goes in goes in, and what comes out is as it says."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import schemathesis
import uvicorn
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tumorboard.cli.setup import DEMO
from tumorboard.data import parse, read_text
from tumorboard.web.app import create_app
from tumorboard.web.settings import Settings

APP = create_app(Settings(hosts=("testserver",), requests_a_second=1_000_000))
SLOW = "/proof$|/login$|/evidence/checks$"  # a minute each, needs users, checks hundreds of statistics
LONG = bool(os.environ.get("TUMORBOARD_LONG"))


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    return str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(APP, port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@schemathesis.openapi.from_dict(APP.openapi()).exclude(path_regex=SLOW).parametrize()
@settings(
    max_examples=200 if LONG else 6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate] if LONG else [Phase.generate],
)
def test_whatever_is_sent_the_answer_is_one_the_document_describes(case: schemathesis.Case, address: str) -> None:
    case.call_and_validate(
        base_url=address,
        checks=[
            schemathesis.checks.not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return APP.openapi()


def conforms(data: Any, name: str, document: dict[str, Any]) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    jsonschema.validate(data, schema, jsonschema.Draft202012Validator)


@pytest.mark.parametrize("file", sorted(DEMO.iterdir()), ids=lambda file: file.name)
def test_demo_cases_and_what_is_answered_about_them_are_as_described(file: Any, document: dict[str, Any]) -> None:
    client = TestClient(APP)
    data = json.loads(json.dumps(parse(read_text(file), file.name), default=float))
    conforms(data, "Resource" if "resourceType" in data else "CaseFile", document)
    for language in ("en", "zh"):
        for path, form in (("advice", "Advice"), ("assess", "Assessment")):
            answer = client.post(f"/api/v1/{path}?lang={language}", json=data)
            assert answer.status_code == 200
            conforms(answer.json(), form, document)


def test_every_reference_of_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    def targets(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [each for value in part.values() for each in targets(value)]
        return [each for value in part for each in targets(value)] if isinstance(part, list) else []

    assert document["openapi"].startswith("3.1")
    named = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(targets(document)) <= named
