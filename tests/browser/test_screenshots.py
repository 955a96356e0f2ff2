"""The pictures of the documentation, taken from the pages themselves; with TUMORBOARD_SCREENSHOTS they go there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from served import PAGES, Served

from tumorboard.store.users import Role

pytestmark = pytest.mark.browser
PROJECTOR = {"width": 1920, "height": 1080}
DESK = {"width": 1440, "height": 900}
# Pages without a sentence of a source; those of the evidence show quotes of a few words only.
SHOWN = [
    ("case", "en"), ("case", "zh"), ("what-if", "en"), ("edit", "en"), ("projector", "en"), ("calculator", "en"),
    ("evidence", "en"), ("mechanism", "en"), ("conflict", "en"), ("guideline", "en"), ("decision-table", "en"),
]  # fmt: skip
# All where they are wanted; else two, which show that pictures can be taken.
TAKEN = SHOWN if {"TUMORBOARD_SCREENSHOTS", "TUMORBOARD_LONG"} & os.environ.keys() else SHOWN[1:3]


@pytest.mark.parametrize(("name", "language"), TAKEN)
def test_a_picture_of_a_page(name: str, language: str, browser: Browser, at: Served, tmp_path: Path) -> None:
    folder = Path(os.environ.get("TUMORBOARD_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    size = PROJECTOR if name == "projector" else DESK
    context = at.someone(browser, Role.member, language, viewport=size, reduced_motion="reduce")
    page = context.new_page()
    PAGES[name](page, at)
    picture = folder / f"{name}.{language}.png"
    page.screenshot(path=picture)
    assert picture.stat().st_size > 10_000
    context.close()
