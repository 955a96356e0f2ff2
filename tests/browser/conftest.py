"""One server for all tests of this folder, and one without a database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from served import Served, running, team

from tumorboard.guidelines.knowledge import Knowledge


@pytest.fixture(scope="session")
def at(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with team(knowledge, tmp_path_factory.mktemp("boards")) as found:
        yield found


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server without a database, where nobody logs in and nothing is kept."""
    with running(home=tmp_path_factory.mktemp("alone")) as address:
        yield address
