"""The review page in a browser: by keyboard, by mouse, without its script; what it saves, the knowledge takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from places import CHROMIUM
from printed import Paper
from reading_samples import TEXT, document, drafts

from tumorboard.data import parse_yaml
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.reading.accepting import accepted, corrections_yaml, evidence_yaml
from tumorboard.reading.document import Document
from tumorboard.reading.loading import Limits, load
from tumorboard.reading.pictures import page_pictures
from tumorboard.reading.reviewing import reviewed
from tumorboard.report.review import review_html
from tumorboard.report.review_words import FIELDS, SCRIPT_WORDS, WORDS
from tumorboard.text import Language


def page_of(
    made: Document, knowledge: Knowledge, language: Language = "en", pictures: dict[int, bytes] | None = None
) -> str:
    shown = reviewed(drafts(made), made, knowledge.findings.sources)
    return review_html(made, shown, {"numbers of an unknown arm": 3}, pictures or {}, knowledge, language)


def test_the_page_is_whole_in_itself(knowledge: Knowledge) -> None:
    page = page_of(document(), knowledge)
    assert "http://" not in page and "https://" not in page
    assert "3 numbers of an unknown arm" in page
    assert page.count('<article class="draft') == 3


def test_a_paper_can_not_put_markup_or_script_into_the_page(knowledge: Knowledge) -> None:
    made = document(TEXT + "</script><script>alert(1)</script><img src=x onerror=alert(2)>")
    page = page_of(made, knowledge)
    assert "<script>alert" not in page and "<img src=x" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("words", [WORDS, FIELDS, SCRIPT_WORDS])
def test_every_word_of_the_page_is_there_in_both_languages(words: dict[str, Any]) -> None:
    for name, text in words.items():
        assert text.en.strip() and text.zh.strip(), name


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def opened(browser: Any, folder: Path, page: str, **options: Any) -> Any:
    """The page opened from a file, with its errors kept in ``tab.errors``."""
    file = folder / "review.html"
    file.write_text(page, encoding="utf-8")
    tab = browser.new_context(accept_downloads=True, offline=True, **options).new_page()
    tab.errors = []
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.on("console", lambda message: tab.errors.append(message.text) if message.type == "error" else None)
    tab.goto(file.as_uri())
    return tab


def saved(tab: Any, button: str) -> str:
    with tab.expect_download() as download:
        tab.click(f"#{button}")
    return Path(download.value.path()).read_text(encoding="utf-8")


@pytest.mark.browser
def test_what_the_page_saves_is_what_accepting_its_review_gives(
    knowledge: Knowledge, browser: Any, tmp_path: Path
) -> None:
    tab = opened(browser, tmp_path, page_of(document(), knowledge))
    for key in ("a", "c"):
        tab.keyboard.press(key)
    form = tab.locator("#d2 form")
    form.locator("[name=value]").fill("9.0-9.20")
    form.locator("[name=comparator]").fill("单药")
    form.locator("[name='ci.low']").fill("")
    form.locator("[name='ci.high']").fill("")
    form.locator("[name='ci.level']").fill("")
    form.locator("button[type=submit]").click()
    tab.keyboard.press("j")
    tab.keyboard.press("r")
    assert tab.locator("#progress").inner_text() == "3 of 3 decided"
    review = json.loads(saved(tab, "save-review"))
    assert [decision["verdict"] for decision in review["decisions"]] == ["accept", "correct", "reject"]
    found = accepted(review, "review")
    assert saved(tab, "save-findings") == evidence_yaml(found.entries)
    assert saved(tab, "save-corrections") == corrections_yaml(found.corrections)
    assert (
        parse_yaml(evidence_yaml(found.entries), "x")["findings"][1]["claim"]["zh"]
        == "PFS 9.0-9.20months比单药 5.4；HR 0.46；P<0.001"
    )
    assert tab.errors == []


@pytest.mark.browser
def test_the_keys_move_decide_and_undo_and_can_be_switched_off(
    knowledge: Knowledge, browser: Any, tmp_path: Path
) -> None:
    tab = opened(browser, tmp_path, page_of(document(), knowledge))
    for key in ("j", "r", "k", "u", "u"):
        tab.keyboard.press(key)
    assert tab.locator("#progress").inner_text() == "0 of 3 decided"
    tab.locator("#shortcuts").uncheck()
    tab.locator("#d1").focus()
    tab.keyboard.press("a")
    assert tab.locator("#progress").inner_text() == "0 of 3 decided"
    tab.locator("#d3 [data-verdict=accept]").click()
    assert tab.locator("#d3 [data-verdict=accept]").get_attribute("aria-pressed") == "true"
    tab.reload()
    assert tab.locator("#progress").inner_text() == "1 of 3 decided"


@pytest.mark.browser
def test_a_correction_that_can_not_be_right_is_said_beside_the_form(
    knowledge: Knowledge, browser: Any, tmp_path: Path
) -> None:
    tab = opened(browser, tmp_path, page_of(document(), knowledge, "zh"))
    tab.keyboard.press("c")
    tab.locator("#d1 [name=printed]").fill("99%")
    tab.locator("#d1 form button[type=submit]").click()
    assert tab.locator("#d1 .problem").inner_text() == "99% 不在引文中"
    assert tab.locator("#progress").inner_text() == "已审核0/3"


@pytest.mark.browser
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_the_page_meets_wcag(
    knowledge: Knowledge, browser: Any, tmp_path: Path, scheme: str, language: Language
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    paper = Paper()
    paper.prose(*TEXT.split("\n")[2:5])
    path = tmp_path / "paper.pdf"
    path.write_bytes(paper.bytes())
    made = load(path, Limits())
    joined = document(made.text.replace("\n", ""))
    for page in (page_of(joined, knowledge, language), _with_pictures(path, made, knowledge, language)):
        tab = opened(browser, tmp_path, page, color_scheme=scheme)
        tab.keyboard.press("c")
        result = Axe().run(tab, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert result.violations_count == 0, result.generate_report()
        assert tab.errors == []


def _with_pictures(path: Path, made: Document, knowledge: Knowledge, language: Language) -> str:
    from dataclasses import replace

    at = made.text.index("客观缓解率为52.6%")
    draft = replace(drafts(document())[0], start=at, end=at + 10, quote=made.text[at : at + 10], page=1)
    shown = reviewed((draft,), made, knowledge.findings.sources)
    return review_html(made, shown, {}, page_pictures(path, made), knowledge, language)


@pytest.mark.browser
def test_the_page_reads_without_its_script(knowledge: Knowledge, browser: Any, tmp_path: Path) -> None:
    tab = opened(browser, tmp_path, page_of(document(), knowledge), java_script_enabled=False)
    assert tab.locator("noscript").count() == 1
    assert "52.6%" in tab.locator("#d1").inner_text()
    assert not tab.locator(".verdicts").first.is_visible()
    tab.locator("a.mark[href='#d1']").first.click()
    assert tab.url.endswith("#d1")


@pytest.mark.browser
def test_a_draft_of_a_pdf_is_marked_where_it_is_printed(knowledge: Knowledge, browser: Any, tmp_path: Path) -> None:
    paper = Paper()
    paper.prose(*TEXT.split("\n")[2:5])
    path = tmp_path / "paper.pdf"
    path.write_bytes(paper.bytes())
    made = load(path, Limits())
    tab = opened(
        browser, tmp_path, _with_pictures(path, made, knowledge, "en"), viewport={"width": 1400, "height": 900}
    )
    spot, sheet = tab.locator(".spot").first.bounding_box(), tab.locator(".sheet").first.bounding_box()
    left, top, right, bottom = next(box for _, box in made.boxes(made.text.index("客观"), made.text.index("客观") + 1))
    page = made.pages[0]
    assert abs((spot["x"] - sheet["x"]) / sheet["width"] - left / page.width) < 0.01
    assert abs((spot["y"] - sheet["y"]) / sheet["height"] - top / page.height) < 0.01
    assert spot["height"] < 2 * (bottom - top) * sheet["height"] / page.height
    assert right > left
