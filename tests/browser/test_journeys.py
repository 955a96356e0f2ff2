"""What somebody does on the pages, with scripts and without."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect
from served import DEMO, Served

import tumorboard
from tumorboard.store.users import Role

pytestmark = pytest.mark.browser
FOLDER = Path(tumorboard.__path__[0]) / "demo"


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
    page.locator('[name="conditions[0].disease"]').fill("HCC")
    page.locator('[name="conditions[0].diagnosed"]').fill("2026年3月1日")
    page.locator('button[name="add"][value="labs"]').evaluate("button => button.click()")
    page.locator('[name="labs[0].name"]').wait_for()
    expect(page.locator('[name="conditions[0].diagnosed"]')).to_have_value("2026-03-01")
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
    for view in ("/case/edit", "/case/present", "/case", "/case/brief"):
        with page.expect_navigation():
            page.locator(f'button[formaction="{view}"]').first.click()
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
    page.wait_for_function("window.scrollY > 500")
    expect(page.locator(".patient h1")).to_be_in_viewport()
    second = page.locator(".pick button").nth(1)
    second.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pick").nth(1)).to_have_class("pick applies shown")
    expect(page.locator(".pick button").nth(1)).to_be_focused()
    context.close()


def test_the_brief_is_one_page_of_paper_also_where_options_are_many(browser: Browser, at: Served) -> None:
    context = at.someone(browser, Role.member, "zh")
    page = context.new_page()
    for demo in (DEMO, "07-driver-negative-in-chinese"):
        page.goto(f"/demo/{demo}")
        with page.expect_navigation():
            page.locator('button[formaction="/case/brief"]').click()
        assert len(pypdfium2.PdfDocument(page.pdf(format="A4"))) == 1
    context.close()


@pytest.mark.parametrize(
    ("file", "shown"), [("06-egfr-missing-tests.yaml", "吉非替尼"), ("08-mcode-bundle.json", "奥希替尼")]
)
def test_a_file_dropped_on_the_page_is_opened_and_nothing_is_saved(
    file: str, shown: str, browser: Browser, alone: str
) -> None:
    """A case file, and a FHIR bundle, where nobody has an account."""
    context = browser.new_context(locale="zh-CN", base_url=alone)
    page = context.new_page()
    page.goto("/")
    dropped = page.evaluate_handle(
        "([name, text]) => { const data = new DataTransfer(); data.items.add(new File([text], name)); return data }",
        [file, (FOLDER / file).read_text("utf-8")],
    )
    with page.expect_navigation():
        page.dispatch_event("form[data-drop]", "drop", {"dataTransfer": dropped})
    expect(page.locator(".patient")).to_contain_text("非小细胞肺癌")
    expect(page.locator("main")).to_contain_text(shown)
    expect(page.locator('button[formaction="/case/save"]')).to_have_count(0)
    context.close()


def test_more_than_biomarkers_can_be_supposed_in_chinese_without_a_word_of_english(
    browser: Browser, at: Served
) -> None:
    context = at.someone(browser, Role.reader, "zh")
    page = context.new_page()
    page.goto("/demo/10-huge-single-hcc-in-chinese")
    page.select_option("[name=suppose_entry]", "performance: ECOG = 3")
    page.click("button[name=add_supposition][value=entry]")
    note = page.locator(".note.supposed")
    expect(note).to_be_in_viewport()
    page.select_option("[name=suppose_lab]", "bilirubin")
    page.fill("[name=suppose_value]", "80 umol/L")
    page.click("button[name=add_supposition][value=lab]")
    expect(note).to_contain_text("总胆红素：80 umol/L")
    told = note.inner_text()
    assert "performance" not in told and "findings" not in told and "labs" not in told and " to " not in told, told
    context.close()


def test_a_case_goes_from_a_board_through_decision_and_signature_to_its_erasure(browser: Browser, at: Served) -> None:
    """A member writes, the chair signs, a reader only reads, the administrator gives it out and erases it."""
    member = at.someone(browser, Role.member).new_page()
    member.goto("/demo/05-transformed")
    with member.expect_navigation():
        member.click('button[formaction="/case/save"]')
    with member.expect_navigation():
        member.click("main button.main")
    record = member.url
    soon = (datetime.date.today() + datetime.timedelta(days=9)).isoformat()
    written = member.locator('form[action$="/decisions"]')
    written.locator("[name=decision]").fill("Chemotherapy after a second biopsy")
    written.locator("[name=minutes]").fill("All present agreed.")
    written.locator("[name=follow_up]").fill(soon)
    with member.expect_navigation():
        written.locator("button").click()
    expect(member.locator(".decision")).to_contain_text("not signed")
    expect(member.locator('form[action$="/sign"]')).to_have_count(0)

    chair = at.someone(browser, Role.chair, "zh").new_page()
    chair.goto(record)
    with chair.expect_navigation():
        chair.click('form[action$="/sign"] button')
    expect(chair.locator(".decision")).to_contain_text("A chair于")
    expect(chair.locator('form[action$="/sign"]')).to_have_count(0)  # nobody signs twice
    chair.goto("/boards")
    expect(chair.locator("table")).to_contain_text(soon)

    reader = at.someone(browser, Role.reader).new_page()
    reader.goto(record)
    expect(reader.locator("main form")).to_have_count(0)

    administrator = at.someone(browser, Role.administrator).new_page()
    administrator.goto(record)
    with administrator.expect_download() as given:
        administrator.click('form[action$="/export"] button')
    document = json.loads(Path(given.value.path()).read_text("utf-8"))
    assert document["decisions"][0]["versions"][0]["content"]["follow_up"] == soon
    administrator.click("details:has(form[action$='/erase']) summary")
    for name, done in (("another", False), ("demo-05-transformed", True)):
        administrator.fill('form[action$="/erase"] [name=name]', name)
        with administrator.expect_navigation():
            administrator.click('form[action$="/erase"] button')
        assert ("/boards/" in administrator.url) is done
        if not done:
            administrator.goto(record)
            administrator.click("details:has(form[action$='/erase']) summary")
    administrator.goto(record)
    expect(administrator.locator("h1")).to_have_text("Not found")
    for page in (member, chair, reader, administrator):
        page.context.close()


def test_an_administrator_opens_an_account_and_gives_it_another_role(browser: Browser, at: Served) -> None:
    page = at.someone(browser, Role.administrator, "zh").new_page()
    page.goto("/users")
    new = page.locator('form[action="/users"]')
    for name, value in (("name", "li"), ("full_name", "李医生"), ("password", "a password of the tests")):
        new.locator(f"[name={name}]").fill(value)
    with page.expect_navigation():
        new.locator("button").click()
    row = page.locator("tr", has_text="李医生")
    row.locator("select[name=role]").select_option("member")
    with page.expect_navigation():
        row.locator("button[value=role]").click()
    expect(page.locator("tr", has_text="李医生").locator("select[name=role]")).to_have_value("member")
    page.context.close()


def test_whoever_may_not_do_something_is_told_in_their_language(browser: Browser, at: Served) -> None:
    page = at.someone(browser, Role.reader, "zh").new_page()
    page.goto("/users")
    expect(page.locator("main [role=alert]")).to_have_text("需要“管理员”或更高的角色。")
    page.context.close()


@pytest.mark.sources
def test_a_quote_is_shown_in_its_page_where_a_copy_of_the_source_is_tied(browser: Browser, alone: str) -> None:
    context = browser.new_context(locale="zh-CN", base_url=alone)
    page = context.new_page()
    page.goto("/evidence/S002-096")
    quote = page.locator("main q").first.inner_text()
    page.locator("details summary").first.click()
    around, marked = page.locator(".context").first, page.locator(".context mark").first
    assert "".join(marked.inner_text().split()) in "".join(quote.split())
    assert len(around.inner_text()) > len(quote) + 40
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
