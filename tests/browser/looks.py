"""What every page must be: accessible, and as wide as its window."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
PHONE = {"width": 390, "height": 844}


def picture(page: Page, name: str) -> None:
    """A picture for the documentation, where it is wanted."""
    if folder := os.environ.get("TUMORBOARD_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds: the rule, and where it is broken."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found]


def wider_than_its_window(page: Page) -> int:
    """By how many pixels one would have to scroll sideways."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def assert_looks_right(page: Page) -> None:
    """On a desk and on a phone."""
    assert violations(page) == []
    assert wider_than_its_window(page) == 0
    before = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert wider_than_its_window(page) == 0
    if before:
        page.set_viewport_size(before)
