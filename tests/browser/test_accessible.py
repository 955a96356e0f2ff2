"""Every page, in both languages, light and dark: no violation axe knows, nothing asked from outside, no error."""

from __future__ import annotations

import itertools
import os
from typing import Any

import pytest
from looks import assert_looks_right
from playwright.sync_api import Browser
from served import PAGES, Served

from tumorboard.store.users import Role

pytestmark = pytest.mark.browser
SCHEMES: tuple[Any, ...] = ("light", "dark")
LOOKS = list(itertools.product(("en", "zh"), SCHEMES))
# Each page in one look, all four looks among the pages; a long run sees every page in every look.
SEEN = [
    (name, *look)
    for number, name in enumerate(PAGES)
    for look in (LOOKS if os.environ.get("TUMORBOARD_LONG") else [LOOKS[number % len(LOOKS)]])
]


@pytest.mark.parametrize(("name", "language", "scheme"), SEEN)
def test_a_page_has_no_violation_asks_nothing_from_outside_and_fits_a_phone(
    name: str, language: str, scheme: Any, browser: Browser, at: Served
) -> None:
    context = at.someone(browser, Role.administrator, language, color_scheme=scheme)
    page, asked, said = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    PAGES[name](page, at)

    assert_looks_right(page)
    assert page.locator("form[method=post]:not(:has([name=csrf]))").count() == 0
    assert [url for url in asked if not url.startswith(at.address)] == []
    assert [text for text in said if "status of 4" not in text] == []  # a page of slips answers 4xx
    assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
    context.close()
