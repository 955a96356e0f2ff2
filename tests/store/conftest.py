"""A database of either kind with its tables made, and what most tests begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from filled import Filled, fill

from tumorboard.store.database import Database
from tumorboard.store.schema import open_database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def filled(database: Database) -> Filled:
    return fill(database)
