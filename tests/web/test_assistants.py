"""The tools for assistants, called by a client as assistants call them: in memory and over HTTP."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from mcp import Client

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.web.assistants import assistants

CASE: dict[str, Any] = {
    "schema": "tumorboard.case/1",
    "id": "synthetic",
    "as_of": "2026-03-01",
    "age": 60,
    "conditions": [{"disease": "NSCLC", "histology": "adenocarcinoma", "stage": "IV"}],
    "biomarkers": [{"name": "EGFR", "change": "L858R", "result": "present", "assay": "NGS", "date": "2024-02-01"}],
    "treatments": [
        {"line": 1, "agents": ["osimertinib"], "start": "2024-03-01", "end": "2026-02-01", "progressed": "2026-02-01",
         "progression": "widespread"}
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def server(knowledge: Knowledge) -> Any:
    return assistants(knowledge)


def call(server: Any, tool: str, **arguments: Any) -> Any:
    async def called() -> Any:
        async with Client(server) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(called())


def result(server: Any, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = call(server, tool, **arguments)
    assert not answer.is_error, answer.content
    found: dict[str, Any] = answer.structured_content
    return found


def test_every_tool_says_what_it_takes_and_gives(server: Any) -> None:
    async def listed() -> Any:
        async with Client(server) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in asyncio.run(listed())}
    assert set(tools) == {
        "advise", "assess", "explain", "search_evidence", "check_statistics", "mechanism", "calculate"
    }  # fmt: skip
    assert all(tool.description and tool.output_schema for tool in tools.values())


def test_each_option_comes_with_its_grade_and_the_findings_that_support_it(server: Any, knowledge: Knowledge) -> None:
    told = result(server, "advise", case=CASE)
    assert told["about"]["knowledge_version"] == knowledge.version
    assert told["options"] and told["questions"]
    for option in told["options"]:
        own = {guideline.id: guideline for guideline in knowledge.guidelines.values()}[option["guideline"]]
        (printed,) = {each.id: each for _, each in own.options() if each.id == option["id"]}.values()
        assert (option["strength"], option["level"]) == (printed.strength, printed.level)
        for citation in option["citations"]:
            assert knowledge.findings.get(citation["finding"]).source == citation["source"]
    assert any(citation["quote"] for option in told["options"] for citation in option["citations"])


def test_what_is_unknown_stays_unknown(server: Any) -> None:
    told = result(server, "assess", case={**CASE, "biomarkers": []})
    facts = {fact["name"]: fact for fact in told["facts"]}
    assert facts["met_amplification"]["status"] == "unknown"
    assert facts["met_amplification"]["missing"] == ["biomarkers: MET amplification"]


def test_chinese_is_answered_in_chinese(server: Any) -> None:
    told = result(server, "advise", case=CASE, language="zh")
    assert any("一" <= character <= "鿿" for character in told["options"][0]["because"])


def test_a_wrong_entry_is_named_with_what_would_be_right(server: Any) -> None:
    answer = call(server, "advise", case={**CASE, "labs": [{"name": "bilirubin", "value": 1, "unit": "miles"}]})
    assert answer.is_error
    assert "labs[0].unit" in answer.content[0].text
    unknown = call(server, "explain", case=CASE, name="nothing")
    assert unknown.is_error and "use an id from `advise`" in unknown.content[0].text


def test_evidence_is_found_by_any_name_and_cited(server: Any, knowledge: Knowledge) -> None:
    told = result(server, "search_evidence", question="沃利替尼", limit=5)
    assert 0 < len(told["findings"]) <= 5
    for citation in told["findings"]:
        finding = knowledge.findings.get(citation["finding"])
        assert (citation["quote"], citation["printed"]) == (finding.quote, finding.printed)


def test_statistics_scores_and_the_network_can_be_asked(server: Any) -> None:
    check = result(
        server,
        "check_statistics",
        kind="p-from-counts",
        values={"first": "20/38", "second": "4/41", "printed": "<0.001"},
    )
    assert check["verdict"] == "reproduces"
    lacking = call(server, "check_statistics", kind="grim", values={"percentage": "52.6%"})
    assert lacking.is_error and "values.n: is missing" in lacking.content[0].text
    score = result(
        server, "calculate", name="albi", inputs={"bilirubin": "1.0 mg/dL", "albumin": "40 g/L"}
    )["result"]  # fmt: skip
    assert score["status"] == "known" and score["value"] < 0
    route = result(server, "mechanism", genotype="EGFR ex19del; MET amplification", drugs=["gefitinib"])["result"]
    assert route["verdict"] == "resistant"


def test_the_derivation_of_an_option_can_be_asked_for(server: Any) -> None:
    option = result(server, "advise", case=CASE)["options"][0]
    lines = result(server, "explain", case=CASE, name=option["id"])["lines"]
    assert len(lines) > 3


@pytest.fixture
def address(server: Any) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = uvicorn.Server(
        uvicorn.Config(server.streamable_http_app(), host="127.0.0.1", port=port, log_level="error")
    )
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/mcp"
    running.should_exit = True
    thread.join(timeout=10)


def test_the_same_is_given_over_http(server: Any, address: str) -> None:
    assert result(address, "advise", case=CASE) == result(server, "advise", case=CASE)
