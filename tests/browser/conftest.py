"""One browser and one server for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from places import CHROMIUM
from playwright.sync_api import Browser, sync_playwright
from served import Served, served

from tumorboard.guidelines.knowledge import Knowledge


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def at(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(knowledge, tmp_path_factory.mktemp("boards")) as found:
        yield found
