"""PDF files made to hurt: each gives a clear error within its limits, and the good file beside it is read."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Ran
from printed import Paper


def pdf(*objects: str | bytes, root: int = 1) -> bytes:
    """A file of these objects, numbered from 1, with a cross-reference table."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + (body.encode() if isinstance(body, str) else body) + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, root, start)
    return bytes(out)


CATALOGUE = "<< /Type /Catalog /Pages 2 0 R >>"
PAGES = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"


def stream(content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    return b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream"


HOSTILE = {
    "a page tree that holds itself": pdf(CATALOGUE, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"),
    "two billion pages on paper": pdf(CATALOGUE, "<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>", PAGE),
    "a stream that unpacks to 400 MB": pdf(CATALOGUE, PAGES, PAGE, stream(b"q Q " * 100_000_000), FONT),
    "a million letters on one page": pdf(
        CATALOGUE, PAGES, PAGE, stream(b"BT /F 9 Tf 50 50 Td " + b"(xxxxxxxxxx) Tj " * 100_000 + b"ET"), FONT
    ),
    "a form that draws itself": pdf(
        CATALOGUE,
        PAGES,
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>",
        stream(b"/X Do"),
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> /Length 12 >>\n"
        b"stream\n/X Do /X Do \nendstream",
    ),
    "arrays nested a hundred thousand deep": pdf(CATALOGUE, PAGES, PAGE.replace("595", "[" * 100_000), FONT),
    "no root": pdf("<< >>"),
}
STRANGE = {
    "a page as large as a country": pdf(
        CATALOGUE, PAGES, PAGE.replace("595 842", "99999999 99999999"), stream(b"BT /F 9 Tf (x) Tj ET"), FONT
    ),
    "a negative page": pdf(CATALOGUE, PAGES, PAGE.replace("595 842", "-5 -5"), stream(b"BT /F 9 Tf (x) Tj ET"), FONT),
}


@pytest.mark.parametrize("name", [*HOSTILE, *STRANGE])
def test_a_hostile_file_costs_no_other_file(name: str, tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    papers, out = tmp_path / "papers", tmp_path / "out"
    papers.mkdir()
    good = Paper()
    good.prose("这是一份完好的虚构文献。")
    (papers / "good.pdf").write_bytes(good.bytes())
    (papers / "bad.pdf").write_bytes((HOSTILE | STRANGE)[name])
    before = time.monotonic()
    ran = tumorboard("read", papers, "-o", out, "--format", "html", "--no-ocr", "--seconds", "6")
    assert time.monotonic() - before < 40
    assert "完好的虚构文献" in (out / "good.txt").read_text(encoding="utf-8")
    assert (out / "good.html").exists()
    if name in STRANGE:
        assert ran.code == 0, ran.err
        return
    assert ran.code == 4, ran.err
    assert any(line.startswith("error: ") and "bad.pdf" in line for line in ran.err.splitlines())
