"""One file's crash, hang or hunger for memory costs that file and no other."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tumorboard.errors import InvalidInput, Problem
from tumorboard.reading.apart import MoreTime, Outcome, each_apart


def work(path: Path, more: MoreTime) -> str:
    """A reader that does to each file what its name says."""
    match path.name.partition("-")[0]:
        case "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        case "quit":
            os._exit(3)
        case "hang":
            time.sleep(60)
        case "eat":
            _ = bytearray(2**31)
        case "refuse":
            raise InvalidInput(Problem(str(path), "is damaged"))
        case "slip":
            raise KeyError("a mistake of ours")
        case "long":
            more(30.0)
            time.sleep(1.5)
        case _:
            time.sleep(0.01)
    return path.name.upper()


def outcomes(*names: str, seconds: float = 1.0) -> list[Outcome[str]]:
    return list(each_apart([Path(name) for name in names], work, seconds=seconds, memory=256))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("crash", "its reader crashed (SIGKILL); the file may be damaged or hostile; other files are not affected"),
        ("quit", "its reader crashed (exit 3)"),
        ("hang", "took longer than 1 seconds; --seconds gives it longer"),
        ("eat", "needs more than 256 MiB of memory; split it"),
        ("refuse", "is damaged"),
        ("slip", "can't be read: KeyError: 'a mistake of ours'; this is a mistake of the program"),
    ],
)
def test_a_file_that_fails_is_named_and_the_others_are_read(name: str, message: str) -> None:
    before, failed, *after = outcomes("one", name, "two", "three", "four")
    assert [outcome.result for outcome in (before, *after)] == ["ONE", "TWO", "THREE", "FOUR"]
    assert failed.result is None
    assert message in str(failed.error)
    assert name in str(failed.error)


def test_every_file_may_fail_one_after_another() -> None:
    names = [f"crash-{number}" for number in range(6)]
    assert [outcome.result for outcome in outcomes(*names, "last")] == [None] * 6 + ["LAST"]


def test_results_come_in_the_order_of_the_files() -> None:
    names = [f"{kind}-{number}" for number in range(12) for kind in ("file", "refuse")]
    assert [outcome.path.name for outcome in outcomes(*names)] == names


def test_a_file_that_asks_for_more_time_gets_it() -> None:
    assert [outcome.result for outcome in outcomes("long", seconds=0.5)] == ["LONG"]


def test_no_file_is_no_result() -> None:
    assert outcomes() == []
