"""The manual in docs/language.md is what the specifications say now."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_SCRIPT = Path(__file__).parents[2] / "docs" / "build_language.py"


def test_the_committed_manual_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("build_language", _SCRIPT)
    assert spec is not None and spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    assert build.MANUAL.read_text(encoding="utf-8") == build.manual(), "run `make docs`"


def test_every_chapter_of_the_specifications_is_in_the_manual() -> None:
    folders = {path.name for path in Path(__file__).parent.iterdir() if path.is_dir() and path.name != "__pycache__"}
    text = _SCRIPT.read_text(encoding="utf-8")
    assert all(f'"{folder}": ' in text for folder in folders)
