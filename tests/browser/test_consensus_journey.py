"""A consensus on the screens alone: the chair, three panellists in both languages, two rounds, what the public sees."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from looks import assert_looks_right, picture
from panels import small_data
from playwright.sync_api import Browser, Page, expect
from served import LANGUAGES, Served

from tumorboard.consensus.writing import to_yaml
from tumorboard.store.users import Role

pytestmark = pytest.mark.browser
PANEL = """name,address,language
Panellist 0,p0@example.org,en
Panellist 1,p1@example.org,zh
Panellist 2,p2@example.org,en
"""
PASSPHRASE = "a passphrase of the tests"


def questions(change: dict[str, Any]) -> bytes:
    """The panel's questions; nobody has reviewed the translation of the second."""
    data = small_data() | change
    del data["questions"][1]["translation"]
    return to_yaml(data).encode()


@pytest.fixture
def chair(browser: Browser, at: Served) -> Page:
    page: Page = at.someone(browser, Role.chair).new_page()
    page.set_default_timeout(15_000)
    return page


def panellist(browser: Browser, at: Served, link: str, language: str, scripts: bool) -> Page:
    """A panellist's browser after using their link; without scripts the code is typed."""
    context = browser.new_context(locale=LANGUAGES[language], java_script_enabled=scripts, base_url=at.address)
    context.set_default_timeout(15_000)
    secret = link.partition("#")[2]
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(link)
    if not scripts:
        page.fill("input[name=code]", secret)
        page.click("main button.main")
    page.wait_for_url("**/consensus/panel")
    assert not any(secret in url.partition("#")[0] for url in asked)
    assert all(url.startswith(at.address) for url in asked)
    return page


def pressed(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.click(selector)


def test_a_consensus_from_its_questions_to_a_guideline(
    browser: Browser, at: Served, chair: Page, tmp_path: Path
) -> None:
    lead = "/consensus/of/panel-of-tests/chair"
    _started(chair)
    _reviewed(chair)
    chair.goto(lead)
    pressed(chair, "button[value='invite all']")
    links = chair.locator("code.link").all_inner_texts()
    assert_looks_right(chair)
    chair.goto(lead)
    chair.fill("[name=closes]", "2100-01-31T18:00")
    chair.select_option("[name=hours]", "8")
    pressed(chair, "button[value=open]")
    expect(chair.locator("main")).to_contain_text("2100-01-31 10:00 UTC")
    panel = [
        panellist(browser, at, link, language, scripts)
        for link, language, scripts in zip(links, ("en", "zh", "en"), (True, True, False), strict=True)
    ]

    _first_round(panel)
    chair.goto(lead)
    picture(chair, "consensus-chair.en")
    assert chair.inner_text("table").count("2 / 2") == 3
    assert "毒性" not in chair.inner_text("main")
    _between(chair, lead)
    _second_round(panel)
    for step in ("close", "publish", "conclude"):
        chair.goto(lead)
        pressed(chair, f"button[value={step}]")
    _public(browser, at)
    _files(chair, tmp_path)


def _started(chair: Page) -> None:
    """Questions of a file are refused whole with their slip told, and begin with their protocol frozen."""
    chair.goto("/consensus/new")
    assert_looks_right(chair)
    chair.click("details.section summary")
    slip = {
        "name": "questions.yaml",
        "mimeType": "text/yaml",
        "buffer": questions({"scope": {**small_data()["scope"], "when": "flurb"}}),
    }
    chair.set_input_files("[name=questions]", slip)  # type: ignore[arg-type]
    chair.fill("[name=panel]", PANEL)
    pressed(chair, "main button.main")
    expect(chair.locator("[role=alert]")).to_contain_text("flurb")
    chair.click("details.section summary")
    right = {"name": "questions.yaml", "mimeType": "text/yaml", "buffer": questions({})}
    chair.set_input_files("[name=questions]", right)  # type: ignore[arg-type]
    pressed(chair, "main button.main")
    chair.wait_for_url("**/chair/questions")


def _reviewed(chair: Page) -> None:
    """No round opens on a translation nobody reviewed; whoever reviews it is named."""
    assert_looks_right(chair)
    chair.goto("/consensus/of/panel-of-tests/chair")
    pressed(chair, "button[value=open]")
    expect(chair.locator("[role=alert]")).to_contain_text("immunotherapy")
    chair.goto("/consensus/of/panel-of-tests/chair/questions")
    chair.check("[name=question][value=immunotherapy]")
    pressed(chair, "button[form=review]")
    expect(chair.locator("p[role=status]")).to_contain_text("2 of 2")
    expect(chair.locator("main")).to_contain_text("reviewed by A chair")


def _first_round(panel: list[Page]) -> None:
    for who, page in enumerate(panel):
        if who == 0:
            assert_looks_right(page)
        page.goto("/consensus/panel/chemotherapy")
        if who == 1:
            picture(page, "consensus-question.zh")
            assert_looks_right(page)
        if who == 1:
            page.check('input[value="do not recommend"]')
            pressed(page, "main button.main")
            assert "请说明理由" in page.inner_text("[role=alert]")
            page.fill("textarea[name=reason]", "毒性较大")
            with page.expect_popup() as beside:  # evidence, shown without an account; what was typed stays
                page.locator("main .figures a").first.click()
            expect(beside.value.locator("main q").first).to_be_visible()
            beside.value.close()
        else:
            page.check('input[value="recommend"]')
        page.click("main button.main")
        page.wait_for_url("**/panel/immunotherapy")
        page.check('input[value="recommend"]')
        page.click("main button.main")
        page.wait_for_url("**/panel?saved")


def _between(chair: Page, lead: str) -> None:
    """What the chair does between two rounds: a conflict decided, a deviation recorded, a question reworded."""
    for step in ("close", "publish"):
        pressed(chair, f"button[value={step}]")
    chair.click("summary:has-text('Declare for a panellist')")
    chair.select_option("select[name=address]", "p2@example.org")
    chair.select_option("select[name=question]", "immunotherapy")
    chair.fill("[name=statement]", "advised its maker")
    chair.select_option("select[name=standing]", "discusses")
    pressed(chair, "button[value=conflict]")
    expect(chair.locator("main")).to_contain_text("advised its maker")
    chair.click("summary:has-text('Record a deviation')")
    chair.fill("textarea[name=text]", "The meeting was held by telephone.")
    pressed(chair, "button[value=deviation]")
    expect(chair.locator("main")).to_contain_text("held by telephone")
    chair.goto(f"{lead}/questions")
    form = chair.locator("form[action$='/one/chemotherapy']")
    chair.locator("section:has(#question-chemotherapy) summary").click()
    form.locator("[name=en]").fill("chemotherapy by one drug")
    form.locator("[name=zh]").fill("单药化疗")
    form.locator("[name=reason]").fill("The first round asked for this.")
    with chair.expect_navigation():
        form.locator("button").click()
    expect(chair.locator("p[role=status]")).to_contain_text("1 of 2")  # who changes words makes it unreviewed
    chair.check("[name=question][value=chemotherapy]")
    pressed(chair, "button[form=review]")
    chair.goto(lead)
    pressed(chair, "button[value=open]")


def _second_round(panel: list[Page]) -> None:
    for who, page in enumerate(panel):
        page.goto("/consensus/panel/chemotherapy")
        chosen = "do not recommend" if who == 1 else "recommend"
        assert page.is_checked(f'input[value="{chosen}"]'), "the answer of the round before"
        assert ("第1轮" if who == 1 else "Round 1") in page.inner_text("main")
        page.click("main button.main")
        page.wait_for_url("**/panel?saved" if who == 2 else "**/panel/immunotherapy")
        page.goto("/consensus/panel/immunotherapy")
        if who == 2:
            expect(page.locator("form.ballot")).to_have_count(0)  # may discuss, may not vote
        else:
            page.click("main button.main")
            page.wait_for_url("**/panel?saved")


def _public(browser: Browser, at: Served) -> None:
    """Anybody may see it, in both languages, without an account."""
    visitor = at.someone(browser, None, "zh").new_page()
    visitor.goto("/consensus")
    expect(visitor.locator("main")).to_contain_text("panel-of-tests")
    expect(visitor.locator("header a[href='/login']")).to_be_visible()
    expect(visitor.locator("header a[href='/evidence']")).to_have_count(0)  # what only a login opens is not offered
    for language, said in (("zh", "多数专家（67%）推荐：单药化疗"), ("en", "Most of the experts (67 %) recommend")):
        visitor.goto(f"/consensus/of/panel-of-tests?lang={language}")
        text = visitor.inner_text("main")
        assert said in text and "毒性较大" in text and "held by telephone" in text
    assert_looks_right(visitor)


def _files(chair: Page, folder: Path) -> None:
    """The guideline that came of it, and the result signed by the chair and checked."""
    chair.goto("/consensus")
    chair.click("details.section summary")
    chair.fill("[name=passphrase]", PASSPHRASE)
    key = _downloaded(chair, "form[action='/consensus/key'] button", folder / "key.pem")
    chair.goto("/consensus/of/panel-of-tests")
    chair.click("summary:has-text('Guideline and signature')")
    made = _downloaded(chair, "form[action$='/package'] button", folder / "package.zip")
    names = zipfile.ZipFile(io.BytesIO(made)).namelist()
    assert {"guidelines/panel-of-tests.yaml", "result.json", "report.en.html", "report.zh.html"} <= set(names)
    chair.set_input_files("[name=key]", folder / "key.pem")
    chair.fill("[name=passphrase]", PASSPHRASE)
    _downloaded(chair, "form[action$='/sign'] button", folder / "signed.json")
    chair.goto("/consensus/verify")
    assert_looks_right(chair)
    public = re.search(rb"public key: (\S+)", key)
    assert public is not None
    for file, holds in ((folder / "signed.json", True), (_forged(folder), False)):
        chair.set_input_files("[name=file]", file)
        chair.fill("[name=public]", public[1].decode())
        pressed(chair, "main button.main")
        expect(chair.locator("main [role=status]")).to_have_count(int(holds))
        expect(chair.locator("main [role=alert]")).to_have_count(int(not holds))


def _downloaded(page: Page, selector: str, path: Path) -> bytes:
    with page.expect_download() as download:
        page.click(selector)
    download.value.save_as(path)
    return path.read_bytes()


def _forged(folder: Path) -> Path:
    path = folder / "forged.json"
    path.write_text((folder / "signed.json").read_text("utf-8").replace("毒性较大", "毒性不大"), "utf-8")
    return path
