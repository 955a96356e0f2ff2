"""The command line, called as its users do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Ran

from tumorboard.cli import main


@pytest.fixture
def tumorboard(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ran]:
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
