"""Every page, in both languages, light and dark: no violation axe knows, nothing asked from outside, no error."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from served import PAGES, Served

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Two of the four combinations show every colour and every word; a long run looks at all.
LOOKS = [
    ("en", "light"),
    ("zh", "dark"),
    *([("en", "dark"), ("zh", "light")] if os.environ.get("TUMORBOARD_LONG") else []),
]


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_violation_and_asks_nothing_from_outside(
    name: str, language: str, scheme: str, browser: Browser, at: Served
) -> None:
    context = browser.new_context(color_scheme=scheme, locale="zh-CN" if language == "zh" else "en-GB")  # type: ignore[arg-type]
    page, asked, said = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    PAGES[name](page, at)

    found = Axe().run(page, options=RULES).response["violations"]

    assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found] == []
    assert [url for url in asked if not url.startswith((at.open, at.team))] == []
    assert [text for text in said if "status of 4" not in text] == []  # a page of slips answers 4xx
    assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
    assert _wider_than_its_window(page) == 0
    context.close()


@pytest.mark.parametrize("name", PAGES if os.environ.get("TUMORBOARD_LONG") else sorted(PAGES)[::4])
def test_a_page_fits_a_phone(name: str, browser: Browser, at: Served) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    PAGES[name](page, at)
    assert _wider_than_its_window(page) == 0
    context.close()


def _wider_than_its_window(page: Page) -> int:
    """By how many pixels one would have to scroll sideways."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider
