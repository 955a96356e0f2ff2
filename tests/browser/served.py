"""The pages as a browser gets them: served on this machine, with somebody logged in on a board of their own."""

from __future__ import annotations

import datetime
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import Request
from playwright.sync_api import Page
from starlette.responses import Response

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.boards import add_board, add_meeting, put_on_agenda
from tumorboard.store.cases import add_case
from tumorboard.store.decisions import Content, decide
from tumorboard.store.schema import open_database
from tumorboard.store.users import Role, add_user
from tumorboard.web.pages.demos import demo_text
from tumorboard.web.pages.serving import pages_app

DEMO = "11-met-after-osimertinib"


@dataclass(frozen=True)
class Served:
    """``team`` answers as an administrator who is logged in, ``open`` as nobody; ``board``, ``meeting`` and ``case``
    are ids."""

    open: str
    team: str
    board: str
    meeting: str
    case: str
    text: str


@contextmanager
def served(knowledge: Knowledge, folder: Path) -> Iterator[Served]:
    text = demo_text(DEMO, knowledge)
    database = open_database(f"sqlite:///{folder / 'boards.db'}")
    with database.writing() as connection:
        chair = add_user(connection, "chair", full_name="Test Chair", role=Role.administrator, by="test")
        board = add_board(connection, "Lung board", by=chair.id)
        meeting = add_meeting(connection, board.id, datetime.date(2026, 3, 1), by=chair.id)
        case = add_case(connection, board.id, name=f"demo-{DEMO}", text=text, by=chair.id)
        put_on_agenda(connection, meeting.id, case.id, by=chair.id)
        content = Content(1, "Re-biopsy first", "All present agreed.", datetime.date.today(), "0", "0" * 64, "0" * 64)
        decide(connection, case.id, content, meeting_id=meeting.id, by=chair.id)
    team = pages_app(knowledge)
    team.state.database = database

    @team.middleware("http")
    async def logged_in(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        request.state.user, request.state.csrf = chair, "token"
        return await answer(request)

    with running(pages_app(knowledge)) as alone, running(team) as together:
        yield Served(alone, together, board.id, meeting.id, case.id, text)
    database.close()


@contextmanager
def running(app: object) -> Iterator[str]:
    """The application on a free port of this machine, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def _view(address: str) -> Callable[[Page, Served], None]:
    """The demo patient's page, and from it the view behind one of its buttons."""

    def visit(page: Page, at: Served) -> None:
        page.goto(f"{at.open}/demo/{DEMO}")
        page.locator(f'button[formaction="{address}"]').click()
        page.wait_for_load_state("networkidle")

    return visit


def _supposed(page: Page, at: Served) -> None:
    page.goto(f"{at.open}/demo/{DEMO}")
    page.locator('button[name="suppose"]').first.click()
    page.locator(".note.supposed").wait_for()


def _calculated(page: Page, at: Served) -> None:
    page.goto(f"{at.open}/calculators/child-pugh")
    for field, value in {"bilirubin": "34.2", "albumin": "35", "inr": "1.5"}.items():
        page.fill(f"#{field}", value)
    page.select_option("#ascites", "none")
    page.locator(".result", has_text="7").wait_for()


def _asked(page: Page, at: Served) -> None:
    page.goto(f"{at.open}/mechanism")
    page.locator(".chips button").first.click()
    page.locator(".pathway").wait_for()


def _slips(page: Page, at: Served) -> None:
    page.goto(at.open)
    page.locator("summary").first.click()
    page.fill("#paste", "schema: tumorboard.case/1\nid: x\nlabs: [{name: albumin, value: many}]\n")
    page.locator("button.main").click()
    page.locator(".alarm").first.wait_for()


def _conflict(page: Page, at: Served) -> None:
    page.goto(f"{at.team}/cases/{at.case}")
    page.evaluate("document.querySelector('#case [name=based_on]').value = '0'")
    page.evaluate("document.querySelector('#case [name=text]').value += '\\n# changed\\n'")
    page.locator('button[formaction="/case/save"]').click()
    page.locator("#theirs").wait_for()


def _at(address: str, team: bool = False) -> Callable[[Page, Served], None]:
    def visit(page: Page, at: Served) -> None:
        page.goto((at.team if team else at.open) + address.format(at=at))

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
    "boards": _at("/boards", team=True),
    "board": _at("/boards/{at.board}", team=True),
    "meeting": _at("/meetings/{at.meeting}", team=True),
    "team-case": _at("/cases/{at.case}", team=True),
    "decisions": _at("/cases/{at.case}/record", team=True),
    "conflict": _conflict,
    "users": _at("/users", team=True),
}
