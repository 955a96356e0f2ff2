"""What the tests share: the shipped knowledge, loaded once, and which tests this machine can't run."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from command import Ran
from databases import Server, postgres_server
from places import CHROMIUM, POSTGRES, SOURCES

from tumorboard.cli import main
from tumorboard.guidelines.knowledge import Knowledge

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COMPLETE = bool(os.environ.get("TUMORBOARD_COMPLETE"))  # set in CI: nothing may be left out

# What a marked test needs, and whether this machine has it.
_NEEDS = {
    "sources": ("the source texts beside the checkout", SOURCES.is_dir()),
    "npm": ("npm", shutil.which("npm") is not None),
    "spark": ("Java", shutil.which("java") is not None),
    "browser": ("Chromium", CHROMIUM is not None),
    "postgres": ("a PostgreSQL server", POSTGRES is not None),
}

hypothesis.settings.register_profile("default", deadline=None, derandomize=True)
hypothesis.settings.register_profile("long", deadline=None, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_left_out: dict[str, int] = {}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, by name, what this machine lacks; with TUMORBOARD_COMPLETE set it stays in and fails."""
    if COMPLETE:
        return
    kept: list[pytest.Item] = []
    for item in items:
        lacking = [what for marker, (what, there) in _NEEDS.items() if item.get_closest_marker(marker) and not there]
        for what in lacking:
            _left_out[what] = _left_out.get(what, 0) + 1
        if not lacking:
            kept.append(item)
    items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for what, count in _left_out.items():
        terminalreporter.write_line(f"left out, as this machine lacks {what}: {count} tests")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Each worker of pytest-xdist leaves the same tests out; the terminal is the controller's."""
    _left_out.update(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = _left_out
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not COMPLETE or reporter is None or hasattr(session.config, "workerinput"):
        return
    incomplete = {kind: len(reporter.stats.get(kind, ())) for kind in ("skipped", "xfailed", "xpassed", "deselected")}
    if any(incomplete.values()):
        reporter.write_line(f"not complete: {incomplete}")
        session.exitstatus = 1


@pytest.fixture(scope="session")
def knowledge() -> Iterator[Knowledge]:
    yield Knowledge.load()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file: Playwright allows no second in a process, and keeps an event loop in the
    thread of the tests as long as it is there, so that others can't run theirs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database: each test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tumorboard.db'}"
        return
    server: Server = request.getfixturevalue("postgres")
    with server.empty_database() as url:
        yield url


@pytest.fixture
def tumorboard(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ran]:
    """The command line, called as its users do."""
    monkeypatch.setenv("TUMORBOARD_HOME", str(tmp_path / "home"))

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["tumorboard", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run
