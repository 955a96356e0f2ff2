"""The whole application as it is served: its commands, doors and limits, and what its log may not hold."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import Ran
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from playwright.sync_api import Browser
from serving import COMMAND, served

from tumorboard.data import parse, read_text
from tumorboard.errors import WrongUsage
from tumorboard.store.schema import open_database
from tumorboard.store.sessions import start_session
from tumorboard.store.users import Role, add_user
from tumorboard.web.app import create_app
from tumorboard.web.cds.used import UsedTokens
from tumorboard.web.language import preferred
from tumorboard.web.settings import Settings

DEMO = Path(__file__).parents[2] / "src" / "tumorboard" / "demo"
PASSWORD = "correct horse battery"
MARKER = "marker-of-a-patient"
CASE: dict[str, Any] = {
    "schema": "tumorboard.case/1",
    "id": "synthetic",
    "as_of": "2026-03-01",
    "age": 60,
    "conditions": [{"disease": "NSCLC", "histology": "adenocarcinoma", "stage": "IV", "diagnosed": "2024-02-01"}],
    "biomarkers": [{"name": "EGFR", "change": "L858R", "result": "present", "assay": "NGS", "date": "2024-02-01"}],
    "treatments": [
        {"line": 1, "agents": ["osimertinib"], "start": "2024-03-01", "end": "2026-02-01", "progressed": "2026-02-01",
         "progression": "widespread"}
    ],
    "labs": [
        {"name": "bilirubin", "value": 1.1, "unit": "mg/dL", "date": "2026-02-20"},
        {"name": "albumin", "value": 38, "unit": "g/L", "date": "2026-02-20"},
    ],
}  # fmt: skip
JSON = {"Content-Type": "application/json"}
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}  # fmt: skip


@contextmanager
def asked(base: str = "http://127.0.0.1:8765", **chosen: Any) -> Iterator[TestClient]:
    app = create_app(Settings(**chosen))
    with TestClient(app, base_url=base, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def here() -> Iterator[TestClient]:
    with asked() as client:
        yield client


@pytest.fixture
def team(tmp_path: Path) -> tuple[str, str]:
    """The address of a database with one administrator, and the token of their session."""
    url = f"sqlite:///{tmp_path / 'board.db'}"
    database = open_database(url)
    with database.writing() as connection:
        user = add_user(connection, "chair", full_name="Test Chair", role=Role.administrator, password=PASSWORD, by="t")
        token = start_session(connection, user.id)
    database.close()
    return url, token


# -- the same as the command line --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["03-egfr-exon20.yaml", "08-mcode-bundle.json", "10-huge-single-hcc-in-chinese.yaml"])
def test_advice_and_facts_are_those_of_the_command_line(
    here: TestClient, tumorboard: Callable[..., Ran], name: str
) -> None:
    data = json.dumps(parse(read_text(DEMO / name), name), default=float)
    language = "zh" if "chinese" in name else "en"
    for command, path in (("advise", "advice"), ("assess", "assess")):
        answer = here.post(f"/api/v1/{path}?lang={language}", content=data, headers=JSON)
        assert answer.status_code == 200, answer.text
        assert answer.json() == tumorboard(command, DEMO / name, "--format", "json", "--lang", language).json


def test_the_network_answers_as_on_the_command_line(here: TestClient, tumorboard: Callable[..., Ran]) -> None:
    asked_for = {"genotype": "EGFR ex19del; MET amplification", "drugs": ["gefitinib"]}
    printed = tumorboard("mechanism", asked_for["genotype"], "--drug", "gefitinib", "--format", "json").json
    assert here.post("/api/v1/mechanism", json=asked_for).json() == printed
    assert printed["tiers"]


# -- what comes in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b'{"a": NaN}', "holds NaN"),
        (b'{"id": "x", "id": "y"}', "given twice"),
        (b"[" * 100_000, "nested too deeply"),
        (json.dumps({**CASE, "id": "\ud800"}).encode(), "half a character"),
        (b'{"age": ' + b"9" * 5000 + b"}", "5000 digits"),
        (json.dumps(CASE).encode("utf-16"), "not UTF-8"),
        (b'{"id": "\xff"}', "not UTF-8"),
        (b"PK\x03\x04" + b"\0" * 100, "NUL|not UTF-8|not JSON"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/advice", "/fhir/$advise", "/cds-services/tumorboard-patient-view"])
def test_what_is_no_json_is_refused_and_told(here: TestClient, path: str, body: bytes, what: str) -> None:
    answer = here.post(path, content=body, headers=JSON)
    assert answer.status_code == 422
    assert re.search(what, answer.text)


@pytest.mark.parametrize("kind", ["application/xml", "text/plain", "multipart/form-data", "application/zip", ""])
def test_other_types_of_content_are_refused(here: TestClient, kind: str) -> None:
    assert here.post("/api/v1/advice", content=json.dumps(CASE), headers={"Content-Type": kind}).status_code == 415


def test_a_wrong_entry_is_named_with_what_would_be_right(here: TestClient) -> None:
    wrong = {**CASE, "labs": [CASE["labs"][0], {**CASE["labs"][1], "value": "many"}]}
    answer = here.post("/api/v1/advice", json=wrong)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    (entry,) = answer.json()["problems"]
    assert entry == {"place": "labs[1].value", "what": "'many' is not a number", "mend": "take the quotes off"}


def test_a_number_and_its_text_are_two_cases_to_the_kept_answers(here: TestClient) -> None:
    assert here.post("/api/v1/advice", json=CASE).status_code == 200
    quoted = json.dumps(CASE).replace('"value": 38', '"value": "38"')
    assert here.post("/api/v1/advice", content=quoted, headers=JSON).status_code == 422


PLACES = ["id", "age", "conditions.0.stage", "biomarkers.0.change", "treatments.0.agents.0", "labs.0.value"]


@settings(max_examples=15 if not os.environ.get("TUMORBOARD_LONG") else 300)
@given(place=st.sampled_from(PLACES), value=st.one_of(st.text(), st.integers(), st.floats(allow_nan=False), st.none()))
def test_any_value_in_any_field_is_answered_or_refused(place: str, value: Any) -> None:
    case = json.loads(json.dumps(CASE))
    *way, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    entry = case
    for step in way:
        entry = entry[step]
    entry[last] = value
    answer = _KEPT.post("/api/v1/advice", content=json.dumps(case), headers=JSON)
    assert answer.status_code in (200, 422), answer.text


@pytest.fixture(scope="module", autouse=True)
def _kept(here: TestClient) -> None:
    global _KEPT
    _KEPT = here


_KEPT: TestClient


@pytest.mark.parametrize(
    ("asked_for", "language"),
    [("zh-CN,zh;q=0.9", "zh"), ("en;q=0.3, zh;q=0.8", "zh"), ("fr, de;q=0.5", "en"), ("zh;q=0, en;q=0.1", "en"),
     ("", "en"), ("zh;q=many", "en"), ("zhuang", "en"), ("zh;q=nan", "en")],
)  # fmt: skip
def test_the_language_is_the_one_the_client_likes_best(asked_for: str, language: str) -> None:
    assert preferred(asked_for) == language


def test_a_body_that_does_not_end_is_ended() -> None:
    with asked(largest_body=2**20, body_seconds=0.3) as client:

        def without_length() -> Iterator[bytes]:
            for _ in range(40):
                yield b"x" * 65_536

        assert client.post("/api/v1/advice", content=without_length(), headers=JSON).status_code == 413
        assert client.post("/api/v1/advice", content=b"x" * 2**21, headers=JSON).status_code == 413
    with served(body_seconds=0.3) as server, socket.create_connection(("127.0.0.1", server.port), 10) as line:
        line.sendall(b"POST /api/v1/advice HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n")
        line.sendall(b"Content-Length: 100\r\n\r\n{")
        assert line.recv(4096).startswith(b"HTTP/1.1 408")


# -- the commands and the log ------------------------------------------------------------------------------------------


def posted(port: int, path: str, body: bytes) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, headers=JSON)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_command_serves_every_door_and_its_log_holds_nothing_of_a_patient(tmp_path: Path) -> None:
    log = tmp_path / "log"
    marked = {**CASE, "id": MARKER, "labs": [{"name": "albumin", "value": MARKER}]}
    with served("--workers", "2", log=log) as server:
        port = server.port
        for path in ("/", "/api/v1/guidelines", "/fhir/metadata", "/cds-services", "/api/v1/openapi.json"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?q={MARKER}", timeout=30) as answer:
                assert answer.status == 200
        assert posted(port, "/api/v1/advice", json.dumps({**CASE, "id": MARKER}).encode()) == 200
        for path in ("/api/v1/advice", "/fhir/$advise", "/cds-services/tumorboard-patient-view", f"/{MARKER}", "/mcp/"):
            assert posted(port, path, json.dumps(marked).encode()) >= 400
    assert MARKER not in log.read_text()


def test_a_failure_nobody_foresaw_is_told_by_its_place_alone(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(Settings())

    @app.get("/api/v1/failing")
    def failing() -> None:
        raise RuntimeError(MARKER)

    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=True) as client:
        answer = client.get("/api/v1/failing")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert "RuntimeError at test_served.py" in caplog.text
    assert MARKER not in caplog.text and MARKER not in answer.text


def test_assistants_ask_the_command_over_its_standard_input(tmp_path: Path) -> None:
    async def asked_for() -> Any:
        words = StdioServerParameters(
            command=COMMAND[0], args=[*COMMAND[1:], "mcp"], env={**os.environ}
        )  # fmt: skip
        async with Client(stdio_client(words)) as client:
            return await client.call_tool("advise", {"case": CASE})

    told = asyncio.run(asked_for())
    assert not told.is_error and told.structured_content["options"]


# -- who may come in ---------------------------------------------------------------------------------------------------


def test_the_server_answers_to_its_own_names_alone(here: TestClient) -> None:
    assert here.get("/health", headers={"Host": "evil.example.org"}).status_code == 421
    assert here.get("/health", headers={"Host": "localhost:1"}).status_code == 200


def test_doors_are_not_opened_to_others_without_users(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="nobody would have to log in"):
        create_app(Settings(host="0.0.0.0"))
    with pytest.raises(WrongUsage, match="nobody would have to log in"):
        create_app(Settings(host="0.0.0.0", database=f"sqlite:///{tmp_path / 'empty.db'}"))


def test_a_team_is_reached_under_its_name_and_only_by_who_logs_in(team: tuple[str, str]) -> None:
    url, token = team
    base, who = "https://board.example.org", {"Authorization": f"Bearer {token}"}
    accept = {"Accept": "application/json, text/event-stream"}
    with asked(base, host="0.0.0.0", address=base, database=url) as client:
        for path in ("/api/v1/guidelines", "/fhir/metadata", "/boards", "/mcp/"):
            assert client.get(path).status_code == 401
        for path in ("/mcp/", "/mcp"):  # no redirect, on which some clients lose what they ask
            assert client.post(path, json=INITIALIZE, headers=accept).status_code == 401
            assert client.post(path, json=INITIALIZE, headers={**accept, **who}).status_code == 200
        assert client.get("/api/v1/guidelines", headers=who).status_code == 200
        assert client.get("/login").status_code == 200


def test_a_form_needs_its_token_whatever_is_sent_for_it(team: tuple[str, str]) -> None:
    url, token = team
    with asked(database=url) as client:
        client.cookies.set("session", token)
        form = re.search(r'name="csrf" value="(\w+)"', client.get("/boards").text)
        assert form is not None
        for wrong in ({}, {"csrf": ""}, {"csrf": "é"}, {"csrf": "x" * 64}):
            assert client.post("/boards", data={"name": "Lung", **wrong}).status_code == 403
        right = {"name": "Lung", "csrf": form[1]}
        for elsewhere in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.org"}):
            assert client.post("/boards", data=right, headers=elsewhere).status_code == 403
        assert client.post("/boards", data=right).status_code == 303


@pytest.mark.browser
def test_somebody_logs_in_saves_a_board_and_leaves_in_a_browser(team: tuple[str, str], browser: Browser) -> None:
    url, _ = team
    with served("--database", url) as server:
        page = browser.new_page()
        page.goto(f"{server.address}/login")
        page.fill("[name=name]", "chair")
        page.fill("[name=password]", PASSWORD)
        page.click("main button.main")
        page.goto(f"{server.address}/boards")
        page.fill("[name=name]", "Lung board")
        page.locator("form", has=page.locator("[name=name]")).locator("button").click()
        page.wait_for_url("**/boards/*")
        assert "Lung board" in page.content()
        page.close()


def test_a_token_is_good_once_in_all_processes_together(tmp_path: Path) -> None:
    one, other = UsedTokens(str(tmp_path / "used.db")), UsedTokens(str(tmp_path / "used.db"))
    soon = time.time() + 60
    assert one.take("ehr", "a", until=soon) and not other.take("ehr", "a", until=soon)
    assert other.take("another", "a", until=soon)
    assert other.take("ehr", "old", until=time.time() - 1) and one.take("ehr", "old", until=soon)


# -- what an attacker sends --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["1e400", "1e-400", "1e99999999999", "-1e400", "9" * 41])
@pytest.mark.parametrize("place", ["imaging.0.largest_cm", "labs.0.value", "age", "treatments.0.line"])
def test_a_number_of_any_size_is_refused_where_it_is_absurd(here: TestClient, place: str, number: str) -> None:
    case = json.loads(json.dumps({**CASE, "imaging": [{"date": "2026-02-18", "tumours": 3, "largest_cm": 1}]}))
    section, *way = place.split(".")
    if way:
        case[section][0][way[-1]] = 7777
    else:
        case[section] = 7777
    answer = here.post("/api/v1/advice", content=json.dumps(case).replace("7777", number), headers=JSON)
    assert answer.status_code == 422, answer.text


MANY: dict[str, dict[str, Any]] = {
    "procedures": {"kind": "TACE", "date": "2025-01-10"},
    "biomarkers": {"name": "EGFR", "change": "L858R", "result": "present", "date": "2024-02-01"},
    "labs": {"name": "albumin", "value": 38, "unit": "g/L", "date": "2026-02-20"},
}


@pytest.mark.parametrize("section", MANY)
def test_many_entries_take_no_longer_than_they_should_and_too_many_are_refused(here: TestClient, section: str) -> None:
    took = []
    for count in (150, 1500):
        start = time.process_time()
        assert here.post("/api/v1/advice", json={**CASE, section: [MANY[section]] * count}).status_code == 200
        took.append(time.process_time() - start)
    assert took[1] < 40 * max(took[0], 0.02), "not with the square of their number"
    answer = here.post("/api/v1/advice", json={**CASE, section: [MANY[section]] * 5001})
    assert answer.status_code == 422 and "at most 5000" in answer.text


def test_of_thousands_of_slips_enough_are_told(here: TestClient) -> None:
    wrong = [{"line": 1, "agents": [f"unknown{n}" for n in range(3000)], "start": "2024-03-01"}]
    answer = here.post("/api/v1/advice", json={**CASE, "treatments": wrong})
    assert answer.status_code == 422 and 10 < len(answer.json()["problems"]) < 100


def test_several_who_search_at_once_are_all_answered(here: TestClient) -> None:
    def search(question: str) -> int:
        return here.get("/api/v1/evidence/search", params={"question": question}).status_code

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(search, ["osimertinib", "TACE", "EGFR", "HAIC"] * 4)) == {200}
    assert search("\"'%_*(){}[]^~\\ \x00 AND OR NEAR") in (200, 400)


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "//etc/passwd", "/demo/..%2f..%2fREADME",
     "/api/v1/evidence/..%2f..%2fetc%2fpasswd", "/demo/%00", "/%0d%0aSet-Cookie:x=1"],
)  # fmt: skip
def test_no_path_leads_out_of_what_is_served(here: TestClient, path: str) -> None:
    answer = here.get(path)
    assert answer.status_code in (400, 404, 422) and "x" not in answer.cookies
