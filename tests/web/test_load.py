"""Many clients at once: no error, in time, and memory that does not grow; bench/web.py measures the same in full."""

from __future__ import annotations

import asyncio
import datetime
import importlib.util
import os
import sys
from dataclasses import replace
from types import ModuleType

import pytest
from places import ROOT

from tumorboard.advice.given import case_given
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.web.api.answers import Answers

LONG = bool(os.environ.get("TUMORBOARD_LONG"))
SECONDS = 60 if LONG else 4
RATE = 200 if LONG else 20  # requests a second


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    found = importlib.util.spec_from_file_location("bench_web", ROOT / "bench" / "web.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["bench_web"] = module
    found.loader.exec_module(module)
    return module


def test_what_guidelines_have_examples_of_is_written_before_anybody_asks(knowledge: Knowledge) -> None:
    known = replace(knowledge)  # which nothing was asked of
    Answers(known).prepare()
    example = next(iter(known.guidelines.values())).examples[0]
    case = case_given({"id": "somebody", **example["case"]}, known, datetime.date.today())
    reader = known.recall.reader(case.tables)
    assert all(reader.told(name).written.keys() >= {"en", "zh"} for name in known.facts.definitions)


def test_clients_that_ask_without_pause_are_all_answered(bench: ModuleType) -> None:
    cases = bench.Cases()
    with bench.served(2) as server:
        warm = asyncio.run(bench.asked(server.port, 20, RATE, cases.distinct(RATE * SECONDS)))
        memory = server.memory()
        again = asyncio.run(bench.asked(server.port, 20, RATE, cases.unchanged(RATE * SECONDS)))
        assert not warm.wrong and not again.wrong
        assert len(again.took) == RATE * SECONDS
        assert server.memory() < memory + 64, "MiB"
        if LONG:  # in a short run other tests share the cores
            assert again.holds
