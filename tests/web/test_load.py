"""Many clients at once: no error, in time, and memory that does not grow; bench/web.py measures the same in full."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from types import ModuleType

import pytest
from places import ROOT

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
