"""`tumorboard serve` as a browser gets it: a process of its own, with a database, users who log in, and a board."""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.boards import add_board, add_meeting, put_on_agenda
from tumorboard.store.cases import add_case
from tumorboard.store.database import Database
from tumorboard.store.decisions import Content, decide
from tumorboard.store.schema import open_database
from tumorboard.store.users import Role, add_user
from tumorboard.web.pages.demos import demo_text

DEMO = "11-met-after-osimertinib"
PASSWORD = "a password of the tests"
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}


@dataclass
class Served:
    """A server with its database; ``board``, ``meeting`` and ``case`` are ids, ``text`` the case's file."""

    address: str
    database: Database
    board: str
    meeting: str
    case: str
    text: str
    folder: Path
    _states: dict[Role, Any] = field(default_factory=dict)

    def someone(self, browser: Browser, role: Role | None, language: str = "en", **how: Any) -> BrowserContext:
        """A browser's window on the server: of a user who logged in at the form, or of nobody."""
        state = self._logged_in(browser, role) if role else None
        return browser.new_context(storage_state=state, locale=LANGUAGES[language], base_url=self.address, **how)

    def _logged_in(self, browser: Browser, role: Role) -> Any:
        """The cookies of a user of the role, who logs in once for all tests."""
        if role not in self._states:
            with browser.new_context(locale="en-GB", base_url=self.address) as context:
                page = context.new_page()
                page.goto("/")
                page.fill("[name=name]", role.value)
                page.fill("[name=password]", PASSWORD)
                page.locator("main button.main").click()
                page.wait_for_url(f"{self.address}/")
                context.clear_cookies(name="lang")  # what a browser asks for decides, not the visit before
                self._states[role] = context.storage_state()
        return self._states[role]


@contextmanager
def team(knowledge: Knowledge, folder: Path) -> Iterator[Served]:
    """A server with a user of each role, a board, a meeting with one case, and a decision on it."""
    url = f"sqlite:///{folder / 'boards.db'}"
    text = demo_text(DEMO, knowledge)
    database = open_database(url)
    with database.writing() as connection:
        for role in Role:
            name = f"A {role.value}"
            made = add_user(connection, role.value, full_name=name, role=role, password=PASSWORD, by="test")
        board = add_board(connection, "Lung board", by=made.id)
        meeting = add_meeting(connection, board.id, datetime.date(2026, 3, 1), by=made.id)
        case = add_case(connection, board.id, name=f"demo-{DEMO}", text=text, by=made.id)
        put_on_agenda(connection, meeting.id, case.id, by=made.id)
        content = Content(1, "Re-biopsy first", "All present agreed.", datetime.date.today(), "0", "0" * 64, "0" * 64)
        decide(connection, case.id, content, meeting_id=meeting.id, by=made.id)
    with running("--database", url, home=folder) as address:
        yield Served(address, database, board.id, meeting.id, case.id, text, folder)
    database.close()


@contextmanager
def running(*words: str, home: Path) -> Iterator[str]:
    """`tumorboard serve` on a free port of this machine, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from tumorboard.cli import main; main()", "serve", "--port", str(port), *words]
    environment = {**os.environ, "TUMORBOARD_HOME": str(home)}
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/health", server)
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address):
            return
        time.sleep(0.05)
    raise AssertionError("tumorboard serve did not start")


# -- the way to each page ----------------------------------------------------------------------------------------------


def _view(address: str) -> Callable[[Page, Served], None]:
    """The demo patient's page, and from it the view behind one of its buttons."""

    def visit(page: Page, at: Served) -> None:
        page.goto(f"/demo/{DEMO}")
        with page.expect_navigation():
            page.locator(f'button[formaction="{address}"]').click()

    return visit


def _supposed(page: Page, at: Served) -> None:
    page.goto(f"/demo/{DEMO}")
    page.locator('button[name="suppose"]').first.click()
    page.locator(".note.supposed").wait_for()


def _calculated(page: Page, at: Served) -> None:
    page.goto("/calculators/child-pugh")
    for entry, value in {"bilirubin": "34.2", "albumin": "35", "inr": "1.5"}.items():
        page.fill(f"#{entry}", value)
    page.select_option("#ascites", "none")
    page.locator(".result", has_text="7").wait_for()


def _asked(page: Page, at: Served) -> None:
    page.goto("/mechanism")
    page.locator(".chips button").first.click()
    page.locator(".pathway").wait_for()


def _slips(page: Page, at: Served) -> None:
    page.goto("/")
    page.locator("summary").first.click()
    page.fill("#paste", "schema: tumorboard.case/1\nid: x\nlabs: [{name: albumin, value: many}]\n")
    page.locator("main button.main").click()
    page.locator(".alarm").first.wait_for()


def _conflict(page: Page, at: Served) -> None:
    page.goto(f"/cases/{at.case}")
    page.evaluate("document.querySelector('#case [name=based_on]').value = '0'")
    page.evaluate("document.querySelector('#case [name=text]').value += '\\n# changed\\n'")
    page.locator('button[formaction="/case/save"]').click()
    page.locator("#theirs").wait_for()


def _to_board(page: Page, at: Served) -> None:
    _view("/case/save")(page, at)


def _at(address: str) -> Callable[[Page, Served], None]:
    def visit(page: Page, at: Served) -> None:
        page.goto(address.format(at=at))

    return visit


# Every page by name, with the way to it.
PAGES: dict[str, Callable[[Page, Served], None]] = {
    "home": _at("/"),
    "case": _at(f"/demo/{DEMO}"),
    "case-liver": _at("/demo/09-hcc-beyond-up-to-seven"),
    "what-if": _supposed,
    "edit": _view("/case/edit"),
    "projector": _view("/case/present"),
    "brief": _view("/case/brief"),
    "slips": _slips,
    "save": _to_board,
    "calculators": _at("/calculators"),
    "calculator": _calculated,
    "evidence": _at("/evidence?source=004"),
    "finding": _at("/evidence/S002-096"),
    "evidence-timeline": _at("/evidence/timeline?q=EGFR+T790M"),
    "guidelines": _at("/guidelines"),
    "guideline": _at("/guidelines/refractory-lung-cancer-2023"),
    "decision-table": _at("/guidelines/intermediate-hcc-2021/table"),
    "mechanism": _asked,
    "not-found": _at("/evidence/nothing"),
    "boards": _at("/boards"),
    "board": _at("/boards/{at.board}"),
    "meeting": _at("/meetings/{at.meeting}"),
    "team-case": _at("/cases/{at.case}"),
    "decisions": _at("/cases/{at.case}/record"),
    "conflict": _conflict,
    "users": _at("/users"),
    "login": _at("/login"),
    "consensus": _at("/consensus"),
    "consensus-link": _at("/consensus/enter"),
}
