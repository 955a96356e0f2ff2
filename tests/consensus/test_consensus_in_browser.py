"""Three panellists, in both languages, through two rounds to a public result; no outside request, no axe violation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import panel_of
from places import CHROMIUM
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from serving import served

from tumorboard.consensus.kept import consensus
from tumorboard.consensus.panel import invite, panellists
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.database import Database

pytestmark = pytest.mark.browser
LANGUAGES = ("en-GB", "zh-CN", "en-GB")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def entered(browser: Browser, address: str, language: str, secret: str, scripts: bool) -> BrowserContext:
    """A panellist's browser after using their link; without scripts the code is typed."""
    context = browser.new_context(locale=language, java_script_enabled=scripts)
    context.set_default_timeout(15_000)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(f"{address}/consensus/enter#{secret}")
    if not scripts:
        page.fill("input[name=code]", secret)
        page.click("button.main")
    page.wait_for_url("**/consensus/panel")
    assert not any(secret in url.partition("#")[0] for url in asked)
    assert all(url.startswith(address) for url in asked)
    return context


def test_three_panellists_through_two_rounds(browser: Browser, sqlite: Database, knowledge: Knowledge) -> None:
    name = panel_of(sqlite, knowledge, 3)
    with sqlite.writing() as connection:
        held = consensus(connection, name, knowledge)
        secrets = [invite(connection, one, by="chair") for one in panellists(connection, held.id)]
    with served(knowledge, sqlite) as address:
        chair = browser.new_context(extra_http_headers={"x-leads": "1"}, locale="en-GB").new_page()
        lead = f"{address}/consensus/of/{name}/chair"
        panel = [
            entered(browser, address, language, secret, scripts=number != 2).pages[0]
            for number, (language, secret) in enumerate(zip(LANGUAGES, secrets, strict=True))
        ]
        accessible(panel[0])
        accessible(panel[1])
        for number in (1, 2):
            for who, page in enumerate(panel):
                page.goto(f"{address}/consensus/panel/chemotherapy")
                if who < 2:
                    accessible(page)
                if number == 2:
                    chosen = "do not recommend" if who == 1 else "recommend"
                    assert page.is_checked(f'input[value="{chosen}"]'), "the answer of the round before"
                    assert ("第1轮" if who == 1 else "Round 1") in page.inner_text("main")
                elif who == 1:
                    page.check('input[value="do not recommend"]')
                    page.click("button.main")
                    assert "请说明理由" in page.inner_text("[role=alert]")
                    accessible(page)
                    page.fill("textarea[name=reason]", "毒性较大")
                else:
                    page.check('input[value="recommend"]')
                page.click("button.main")
                page.wait_for_url("**/panel/immunotherapy")
                page.check('input[value="recommend"]')
                page.click("button.main")
                page.wait_for_url("**/panel?saved")
            chair.goto(lead)
            accessible(chair)
            assert chair.inner_text("table").count("2 / 2") == 3
            assert "毒性" not in chair.inner_text("main")
            chair.click("button[value=close]")
            chair.click("button[value=publish]")
            chair.click(f"button[value={'open' if number == 1 else 'conclude'}]")
        visitor = browser.new_context(locale="zh-CN").new_page()
        for language, said in (("zh", "多数专家（67%）推荐：化疗"), ("en", "Most of the experts (67 %) recommend")):
            visitor.goto(f"{address}/consensus/of/{name}?lang={language}")
            assert said in visitor.inner_text("main")
            assert "毒性较大" in visitor.inner_text("main")
            accessible(visitor)
