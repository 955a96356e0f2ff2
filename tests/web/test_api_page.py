"""docs/api.md: its examples run as they stand, and what it lists is what the server offers."""

from __future__ import annotations

import argparse
import datetime
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from places import ROOT
from serving import Serving, served

from tumorboard.advice.given import case_given
from tumorboard.case.fhir import bundle_from_case
from tumorboard.cli.setup import DEMO
from tumorboard.data import parse, read_text
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.web.app import create_app
from tumorboard.web.settings import Settings

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = [block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) if "http://127.0.0.1" in block]


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, knowledge: Knowledge) -> Path:
    """What the page says is there: a case file, a Bundle, a file of cases."""
    made = tmp_path_factory.mktemp("examples")
    data = parse(read_text(DEMO / "03-egfr-exon20.yaml"), "case.yaml")
    case = case_given(data, knowledge, datetime.date(2026, 3, 1))
    text = json.dumps(data, default=float)
    (made / "case.json").write_text(text)
    (made / "cases.jsonl").write_text(f'{text}\n{{"id": "wrong", "age": "many"}}\n{text}\n')
    bundle = bundle_from_case(case.file, knowledge.vocabulary, knowledge.folder)
    (made / "bundle.json").write_text(json.dumps(bundle, default=float))
    return made


def answered(example: str, server: Serving, folder: Path) -> httpx.Response:
    """What the words of curl in an example ask for."""
    curl = argparse.ArgumentParser()
    curl.add_argument("-s", action="store_true")
    curl.add_argument("-N", action="store_true")
    curl.add_argument("-X")
    curl.add_argument("-H", action="append", default=[])
    curl.add_argument("-d", "--data-binary", dest="body")
    curl.add_argument("-T", dest="file")
    curl.add_argument("url")
    name, *words = shlex.split(example.replace("\\\n", " ").replace("http://127.0.0.1:8765", server.address))
    asked = curl.parse_args(words)
    body = f"@{asked.file}" if asked.file else asked.body
    content = (folder / body[1:]).read_bytes() if body and body.startswith("@") else body
    headers = dict(each.split(": ", 1) for each in asked.H)
    assert name == "curl"
    return httpx.request(
        asked.X or ("POST" if body else "GET"), asked.url, headers=headers, content=content, timeout=60
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.sub(r"\W+", " ", text.split("8765")[1])[:30])
def test_an_example_runs_as_it_stands(example: str, server: Serving, folder: Path) -> None:
    answer = answered(example, server, folder)
    assert answer.status_code == 200, answer.text
    assert all(json.loads(line) for line in answer.text.splitlines())


def test_a_batch_answers_in_order_and_names_the_case_that_is_wrong(server: Serving, folder: Path) -> None:
    (example,) = [each for each in EXAMPLES if "batch" in each]
    first, wrong, last = map(json.loads, answered(example, server, folder).text.splitlines())
    assert first == last and first["options"]
    assert wrong["case"] == "wrong" and wrong["problems"]


def test_every_route_is_listed() -> None:
    paths = create_app(Settings()).openapi()["paths"]
    for path in paths:
        if path.startswith("/api/v1"):
            short = path.removeprefix("/api/v1").replace("{id_}", "{id}")
            assert f"{short}`" in PAGE or short == "/login", path


def test_the_limits_it_names_are_those_of_a_server_nobody_set_up() -> None:
    chosen = Settings()
    assert f"{chosen.largest_body // 2**20} MiB and {chosen.body_seconds:g} s" in PAGE
    assert f"{chosen.requests_a_second} and {chosen.logins_a_minute}, from one address" in PAGE
