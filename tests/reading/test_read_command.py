"""``tumorboard read``: a folder of papers in one run, whatever some of them are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Ran
from printed import Paper
from reading_samples import TEXT

from tumorboard.reading.read import Reading

FIELDS = (
    "source", "start", "end", "quote", "endpoint", "value", "printed", "unit", "intervention", "comparator",
    "comparator_value", "effect", "ci", "p", "n", "study", "population", "line", "citations", "strategy",
    "strength", "level", "agreement", "rule", "status",
)  # fmt: skip


def paper(pages: int = 1) -> bytes:
    made = Paper()
    for _ in range(pages):
        made.prose(*TEXT.split("\n")[2:4])
        made.new_page()
    return made.bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Good files among damaged, encrypted, empty and overlong ones."""
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "a.txt").write_text(TEXT, encoding="utf-8")
    (papers / "b.pdf").write_bytes(paper())
    (papers / "c-damaged.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    (papers / "d-empty.pdf").touch()
    (papers / "e-cut-short.pdf").write_bytes(paper()[:700])
    (papers / "f-long.pdf").write_bytes(paper(pages=12))
    (papers / "g.html").write_text(f"<p>{TEXT}</p>", encoding="gb18030")
    (papers / "h.txt").write_text(TEXT, encoding="utf-8")
    return papers


def test_what_can_not_be_read_is_named_and_the_rest_is_done(
    folder: Path, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = tumorboard("read", folder, "-o", out, "--no-ocr", "--pages", "10")
    assert ran.code == 4
    assert sorted(path.name for path in out.iterdir()) == sorted(
        f"{name}.{form}" for name in ("a", "b", "g", "h") for form in ("jsonl", "txt")
    )
    for name, what in (
        ("c-damaged.pdf", "is damaged, or no PDF"),
        ("d-empty.pdf", "is empty"),
        ("e-cut-short.pdf", "is damaged"),
        ("f-long.pdf", "has 12 pages; the limit is 10 pages"),
    ):
        assert any(name in line and what in line for line in ran.err.splitlines()), (name, ran.err)
    assert "g.html (gb18030): " in ran.err


def test_the_text_that_was_read_stands_beside_the_drafts(
    folder: Path, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    assert tumorboard("read", folder / "a.txt", "-o", tmp_path / "out").code == 0
    assert (tmp_path / "out" / "a.txt").read_text(encoding="utf-8") == TEXT


def test_a_page_to_review_is_one_file_for_each_document(
    folder: Path, tumorboard: Callable[..., Ran], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert tumorboard("read", folder / "a.txt", folder / "b.pdf", "--format", "html", "-o", out, "--no-ocr").code == 0
    for name, holds in (("a", "甲药组纳入38例患者"), ("b", "data:image/jpeg;base64,")):
        page = (out / f"{name}.html").read_text(encoding="utf-8")
        assert holds in page
        assert "http://" not in page and "https://" not in page


def test_two_files_of_one_name_do_not_overwrite_each_other(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "paper.txt").write_text(TEXT, encoding="utf-8")
    out = tmp_path / "out"
    assert tumorboard("read", tmp_path / "one", tmp_path / "two", "-o", out).code == 0
    assert {path.name for path in out.iterdir()} == {"paper.jsonl", "paper.txt", "paper-2.jsonl", "paper-2.txt"}


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("read",), 2, "no document; name files or folders"),
        (("read", "a.txt", "--format", "html"), 2, "a page to review goes to a file; add -o DIR"),
        (("read", "absent.txt"), 3, "absent.txt: no such file"),
        (("read", "a.txt", "--second", "http://localhost/v1"), 2, "a second reader needs both"),
        (("read", "a.txt", "--second", "ftp://x", "--model", "m"), 2, "write http://HOST/v1"),
        (("read", "--accept", "review.json"), 2, "write tumorboard read --accept REVIEW.json -o DIR"),
        (("read", "--accept", "absent.json", "-o", "out"), 3, "absent.json"),
    ],
)
def test_wrong_usage_says_what_would_be_right(
    words: tuple[str, ...], code: int, message: str, folder: Path, tumorboard: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(folder)
    ran = tumorboard(*words)
    assert (ran.code, message in ran.err) == (code, True), ran.err


def test_drafts_come_a_line_each_with_the_fields_of_the_interface(
    folder: Path, tumorboard: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    from reading_samples import drafts

    monkeypatch.setattr("tumorboard.reading.read.read", lambda document, _: Reading(drafts(document), {"odd": 2}))
    ran = tumorboard("read", folder / "a.txt")
    rate, median, vote = ran.lines
    assert all(field in line for line in ran.lines for field in FIELDS)
    for line in ran.lines:
        assert TEXT[line["start"] : line["end"]] == line["quote"]
        assert line["source"].startswith("a_")
    assert (rate["value"], rate["comparator_value"], rate["p"]) == (52.6, 31.4, {"op": "=", "value": 0.04})
    assert (median["ci"], median["status"]) == ({"level": 95, "low": 0.32, "high": 0.66}, "ambiguous")
    assert (vote["agreement"], vote["level"], vote["line"]) == (92, "II", None)
    assert "3 drafts, 1 ambiguous, 2 odd" in ran.err


def test_reading_stays_below_a_gigabyte_without_ocr(tmp_path: Path) -> None:
    """The largest process of the command, over a document of hundreds of pages."""
    (tmp_path / "long.pdf").write_bytes(paper(pages=300))
    words = ["read", str(tmp_path / "long.pdf"), "-o", str(tmp_path / "out"), "--no-ocr"]
    code = (
        # Its own `ru_maxrss` would be that of the test that started it, where that was larger.
        "import re, resource\n"
        "from pathlib import Path\n"
        "from tumorboard.cli.app import app_for\n"
        f"app_for('read')({words!r}, standalone_mode=False)\n"
        "own = int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
        "print(max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(ran.stdout.split()[-1]) < 1024
