"""Other people's engine, started once for all tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from engine import Engine, engine


@pytest.fixture(scope="session")
def cql_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine(tmp_path_factory.mktemp("cql")) as started:
        yield started
