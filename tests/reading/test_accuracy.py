"""What the reader finds of the passages annotated by hand, and how much of what it drafts is right.

The passages are material for development: these floors keep what was reached. How it reads texts it has never seen is
measured on others (docs/reading.md).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
GOLD = sorted((Path(__file__).parent / "gold").glob("*.yaml"))
FLOORS = {
    "endpoint + value": (0.86, 0.93),
    "with arm": (0.73, 0.84),
    "HR, CI, P": (0.86, 0.97),
    "grades and votes": (0.97, 0.98),
}


@pytest.fixture(scope="module")
def accuracy() -> ModuleType:
    """The measurement of ``make bench``, so that the test and the bench count alike."""
    spec = importlib.util.spec_from_file_location("reading_accuracy", ROOT / "bench" / "reading_accuracy.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def score(accuracy: ModuleType) -> object:
    return accuracy.score_of(accuracy.gold_passages(GOLD))


@pytest.mark.parametrize("what", FLOORS)
def test_recall_and_precision_stay_above_what_was_reached(score: object, what: str) -> None:
    recall, precision = score.recall(what), score.precision(what)  # type: ignore[attr-defined]
    assert recall >= FLOORS[what][0], f"{what}: recall {recall:.3f}"
    assert precision >= FLOORS[what][1], f"{what}: precision {precision:.3f}"
