"""Scans and pictures: only what has no text is recognised, and each character keeps a box."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from printed import CHINESE, Paper

from tumorboard.errors import InvalidInput
from tumorboard.reading.layer import layer_of
from tumorboard.reading.loading import Limits, load
from tumorboard.reading.ocr import Recogniser

LINES = ("甲药组纳入38例患者，客观缓解率为52.6%。", "中位无进展生存期为9.2个月（HR=0.46）。")


class Counting:
    """A recogniser made once, which counts the pictures it is given."""

    def __init__(self) -> None:
        self.pictures = 0
        self._made: Recogniser | None = None

    def __call__(self) -> Recogniser:
        if self._made is None:
            self._made = Recogniser(self._count)
        return self._made

    def _count(self) -> None:
        self.pictures += 1


@pytest.fixture(scope="module")
def recogniser() -> Counting:
    return Counting()


def drawn(scale: float = 2.5) -> Any:
    """A page with two lines, as a picture."""
    paper = Paper(font=CHINESE, size=14)
    for line in LINES:
        paper.line(line)
    return pypdfium2.PdfDocument(paper.bytes())[0].render(scale=scale).to_pil()


def scan(*pictures: Any) -> bytes:
    file = io.BytesIO()
    first, *rest = (picture.convert("RGB") for picture in pictures)
    first.save(file, "PDF", save_all=True, append_images=rest, resolution=180)
    return file.getvalue()


def test_a_picture_is_read_with_a_box_for_every_character(recogniser: Counting, tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    drawn().save(path)
    document = load(path, Limits(), recogniser)
    text = layer_of(document).text
    assert "客观缓解率为52.6%" in text
    assert "9.2个月" in text
    assert document.kind == "image"
    (page,) = document.pages
    assert page.recognised
    at = document.text.index("52.6%")
    boxes = [box for _, box in document.boxes(at, at + 5)]
    assert len(boxes) == 5
    assert [box[0] for box in boxes] == sorted(box[0] for box in boxes)
    # The line stands near the top of the page, in its left half.
    assert boxes[0][3] < page.height / 4


def test_of_a_pdf_only_the_pages_without_text_are_recognised(recogniser: Counting, tmp_path: Path) -> None:
    paper = Paper()
    paper.prose("本页有文字，无需识别，内容为虚构。")
    whole = pypdfium2.PdfDocument.new()
    for raw in (paper.bytes(), scan(drawn())):
        whole.import_pages(pypdfium2.PdfDocument(raw))
    path = tmp_path / "mixed.pdf"
    whole.save(str(path))
    before = recogniser.pictures
    document = load(path, Limits(), recogniser)
    assert recogniser.pictures - before == 1
    assert [page.recognised for page in document.pages] == [False, True]
    text = layer_of(document).text
    assert text.startswith("本页有文字")
    assert "客观缓解率为52.6%" in text


def test_without_an_engine_a_scanned_page_is_named(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(scan(drawn(1)))
    with pytest.raises(InvalidInput, match=r"scan.pdf, page 1: is a picture without text; pip install"):
        load(path, Limits(), None)


@pytest.mark.parametrize(
    ("raw", "what"),
    [(b"\x89PNG\r\n\x1a\nbroken", "can't be read as a picture"), (b"BM" + b"\x00" * 60, "can't be read as a picture")],
)
def test_a_damaged_picture_says_so(recogniser: Counting, raw: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    path.write_bytes(raw)
    with pytest.raises(InvalidInput, match=what):
        load(path, Limits(), recogniser)


def test_a_picture_beyond_the_limit_is_refused_before_it_is_unpacked(recogniser: Counting, tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    Image.new("1", (9000, 9000)).save(path)
    with pytest.raises(InvalidInput, match="has 9,000 by 9,000 points; the limit is 40,000,000 points in all"):
        load(path, Limits(), recogniser)


def test_a_blank_picture_holds_no_text(recogniser: Counting, tmp_path: Path) -> None:
    path = tmp_path / "blank.png"
    Image.new("RGB", (400, 400), "white").save(path)
    with pytest.raises(InvalidInput, match="no text was recognised"):
        load(path, Limits(), recogniser)
