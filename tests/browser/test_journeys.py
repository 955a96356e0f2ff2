"""What somebody does on the pages, with scripts and without."""

from __future__ import annotations

import time

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect
from served import DEMO, PAGES, Served

from tumorboard.store.users import Role

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_choosing_an_option_shows_why_and_supposing_a_result_marks_the_page(
    scripts: bool, browser: Browser, at: Served
) -> None:
    context = at.someone(browser, Role.member, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"/demo/{DEMO}")

    other = page.locator(".pick button").nth(4)
    name = other.inner_text()
    other.click()
    expect(page.locator(".why-column .option .name")).to_have_text(name)

    page.locator('.questions button[name="suppose"]').first.click()
    expect(page.locator(".note.supposed h2")).to_contain_text("this is not the record")
    expect(page.locator(".why-column .option .name")).to_have_text(name)  # what was chosen stays chosen
    page.locator('button[name="drop"][value="all"]').click()
    expect(page.locator(".note.supposed")).to_have_count(0)
    assert "EGFR" not in page.url and name not in page.url
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_language_switch_keeps_the_page_and_what_is_shown_on_it(
    scripts: bool, browser: Browser, at: Served
) -> None:
    context = at.someone(browser, Role.member, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"/demo/{DEMO}")
    page.locator('.questions button[name="suppose"]').first.click()
    expect(page.locator(".note.supposed")).to_be_visible()
    page.locator('button[name="to_lang"]').click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator(".note.supposed h2")).to_contain_text("并非实际病历")
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_case_is_written_from_an_empty_form(scripts: bool, browser: Browser, at: Served) -> None:
    context = at.someone(browser, Role.member, java_script_enabled=scripts)
    page = context.new_page()
    page.goto("/")
    page.locator('button[value="empty"]').click()
    page.locator("#section-conditions > summary").click()
    page.locator('button[name="add"][value="conditions"]').click()
    page.locator('[name="conditions[0].disease"]').fill("HCC")
    if not scripts:
        page.locator(".beside button").click()
    expect(page.locator("#answer dl.facts")).to_contain_text("HCC")
    page.locator('button[formaction="/case"]').first.click()
    expect(page.locator(".patient dl.facts")).to_contain_text("HCC")
    context.close()


def test_a_change_in_the_form_is_answered_as_one_types(browser: Browser, at: Served) -> None:
    context = at.someone(browser, Role.member)
    page = context.new_page()
    page.goto(f"/demo/{DEMO}")
    page.locator('button[formaction="/case/edit"]').click()
    page.locator('[name="conditions[0].stage"]').fill("IVB")
    expect(page.locator("#answer dl.facts")).to_contain_text("IVB")
    page.locator('[name="performance[0].value"]').fill("many")
    expect(page.locator("#answer .alarm")).to_contain_text("performance[0].value")
    context.close()


def test_hostile_text_in_a_case_is_shown_as_text(browser: Browser, at: Served) -> None:
    hostile = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    context = at.someone(browser, Role.member)
    page = context.new_page()
    page.goto("/")
    page.locator("summary").first.click()
    page.fill("#paste", _hostile_case(hostile))
    page.locator("main button.main").click()
    for view in ("/case", "/case/edit", "/case/present", "/case/brief", "/case"):
        page.locator(f'button[formaction="{view}"]').first.click()
        page.wait_for_load_state("networkidle")
        assert page.title() != "taken"
        assert page.locator("main img, main script").count() == 0
        assert "&lt;script&gt;" in page.content()
    context.close()


def test_a_conflict_shows_both_texts_and_the_merged_one_is_saved(browser: Browser, at: Served) -> None:
    context = at.someone(browser, Role.member)
    mine, other = context.new_page(), context.new_page()
    for page in (mine, other):
        page.goto(f"/cases/{at.case}")
    _save_with(other, "# from the other desk\n")
    expect(other.locator("h1")).to_contain_text("demo-")
    _save_with(mine, "# from this desk\n")
    expect(mine.locator("#yours")).to_have_value(at.text.rstrip("\n") + "\n# from this desk\n")
    expect(mine.locator("#theirs")).to_have_value(at.text.rstrip("\n") + "\n# from the other desk\n")
    mine.locator("main button.main").click()
    expect(mine.locator("h1")).to_contain_text("demo-")
    context.close()


def test_the_head_stays_in_sight_and_everything_is_reached_by_keyboard(browser: Browser, at: Served) -> None:
    context = at.someone(browser, Role.member)
    page = context.new_page()
    page.goto(f"/demo/{DEMO}")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("href", "#main")
    page.mouse.wheel(0, 2500)
    time.sleep(0.3)
    expect(page.locator(".patient h1")).to_be_in_viewport()
    second = page.locator(".pick button").nth(1)
    second.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pick").nth(1)).to_have_class("pick applies shown")
    expect(page.locator(".pick button").nth(1)).to_be_focused()
    context.close()


def test_the_brief_is_one_page_of_paper(browser: Browser, at: Served) -> None:
    context = at.someone(browser, Role.member)
    page = context.new_page()
    PAGES["brief"](page, at)
    assert len(pypdfium2.PdfDocument(page.pdf(format="A4"))) == 1
    context.close()


def _save_with(page: Page, line: str) -> None:
    page.evaluate(
        "line => { const text = document.querySelector('#case [name=text]');"
        " text.value = text.value.replace(/\\n+$/, '') + '\\n' + line }",
        line,
    )
    page.locator('button[formaction="/case/save"]').click()


def _hostile_case(text: str) -> str:
    return f"""schema: tumorboard.case/1
id: {text!r}
note: {text!r}
as_of: 2026-03-01
conditions: [{{disease: NSCLC, stage: {text!r}}}]
labs: [{{name: {text!r}, value: 1, unit: g/L}}]
findings: [{{name: {text!r}, value: {text!r}}}]
"""
