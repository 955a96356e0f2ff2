"""The proofs of guidelines: made once for a knowledge and one at a time, as each may take a minute."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from tumorboard.errors import NotFound, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Guideline

if TYPE_CHECKING:
    from tumorboard.guidelines.proving import Proof

Made = TypeVar("Made")
_made: dict[tuple[str, str], Proof] = {}  # by the hash of the knowledge and the guideline
_proving = threading.Lock()  # z3 is no thing for two threads
_ONE = CapacityLimiter(1)  # so that who waits for a proof takes no thread from the others


async def proved(guideline: Guideline, knowledge: Knowledge) -> Proof:
    """Raises NotFound without the extra."""
    if importlib.util.find_spec("z3") is None:
        raise NotFound(Problem("", "proofs need z3", "pip install 'tumorboard[proof]'"))
    return await anyio.to_thread.run_sync(_proved, guideline, knowledge, limiter=_ONE)


async def one_at_a_time(work: Callable[[], Made]) -> Made:
    """Other work that proves something, likewise alone."""

    def alone() -> Made:
        with _proving:
            return work()

    return await anyio.to_thread.run_sync(alone, limiter=_ONE)


def _proved(guideline: Guideline, knowledge: Knowledge) -> Proof:
    from tumorboard.guidelines.proving import prove
    from tumorboard.report.proof import read_again

    key = (knowledge.sha256, guideline.id)
    with _proving:
        if key not in _made:
            proof = prove(knowledge, guideline)
            read_again(proof, knowledge)
            _made[key] = proof
    return _made[key]
