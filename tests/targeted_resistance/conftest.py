"""A board that advises on a case, with the shipped knowledge."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from board import Board, board_on

from tumorboard.guidelines.knowledge import Knowledge


@pytest.fixture(scope="session")
def board(knowledge: Knowledge) -> Callable[..., Board]:
    return partial(board_on, knowledge)
