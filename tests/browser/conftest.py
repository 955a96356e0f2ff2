"""One server for all tests of this folder, and one without a database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from places import SOURCES
from served import Served, running, team

from tumorboard.evidence import add_source, default_store
from tumorboard.guidelines.knowledge import Knowledge


@pytest.fixture(scope="session")
def at(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with team(knowledge, tmp_path_factory.mktemp("boards")) as found:
        yield found


@pytest.fixture(scope="session")
def alone(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server without a database, where nobody logs in and nothing is kept; the copies of the sources
    that lie beside the checkout are tied to it."""
    home = tmp_path_factory.mktemp("alone")
    for file in sorted(SOURCES.glob("*.txt")):
        add_source(file, knowledge.findings, default_store({"TUMORBOARD_HOME": str(home)}))
    with running(home=home) as address:
        yield address
