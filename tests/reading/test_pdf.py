"""PDF files: columns, tables, headers, footnotes and superscripts, each where a reader would read it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from printed import LATIN, Paper

from tumorboard.errors import InvalidInput
from tumorboard.reading.document import Document
from tumorboard.reading.layer import layer_of, normalise
from tumorboard.reading.pdf import load_pdf

FIRST = (
    "甲药组共纳入120例患者，客观缓解率为52.6%，中位无进展生存期为9.2个月，"
    "高于乙药组的5.4个月（HR=0.46，95%CI 0.32～0.66）。"
)
SECOND = "安全性方面，3级及以上不良反应发生率为23.5%，与既往研究一致，未见新的安全性信号。"
ENGLISH = (
    "In this made-up trial the objective response rate was 52.6% with drug A versus 31.4% with drug B, and median "
    "progression-free survival was 9.2 months (95% CI 7.1 to 11.3). No new safety signal was seen in either arm."
)
ROWS = (("组别", "例数", "缓解率", "生存期"), ("甲药", "120", "52.6%", "9.2个月"), ("乙药", "118", "31.4%", "5.4个月"))


def loaded(paper: Paper) -> Document:
    return load_pdf(Path("paper.pdf"), paper.bytes(), pages=50)


def read(paper: Paper) -> str:
    return layer_of(loaded(paper)).text


def test_one_column_reads_as_it_was_written() -> None:
    paper = Paper()
    paper.prose(FIRST, SECOND)
    assert read(paper).split("\n") == [normalise(FIRST).text, normalise(SECOND).text, ""]


def test_two_columns_are_read_one_after_the_other() -> None:
    paper = Paper(columns=2)
    paper.title("虚构研究")
    paragraphs = [f"第{number}段。{FIRST}" for number in range(16)]
    paper.prose(*paragraphs)
    text = read(paper)
    places = [text.index(f"第{number}段") for number in range(16)]
    assert text.startswith("虚构研究")
    assert places == sorted(places)
    assert text.count(normalise(FIRST).text) == 16


def test_english_columns_keep_their_words_apart() -> None:
    paper = Paper(columns=2, font=LATIN, size=10)
    paper.title("A made-up study")
    paper.prose(*[ENGLISH] * 14)
    assert read(paper).count(normalise(ENGLISH).text) == 14


@pytest.mark.parametrize("rules", [True, False])
@pytest.mark.parametrize("columns", [1, 2])
def test_a_table_is_fenced_and_its_numbers_stay_out_of_the_prose(columns: int, rules: bool) -> None:
    paper = Paper(columns=columns)
    paper.prose(*[FIRST] * 3)
    paper.table(ROWS, rules=rules)
    paper.prose(*[SECOND] * (3 if columns == 1 else 14))
    document = loaded(paper)
    (table,) = document.tables
    cells = {(cell.row, cell.column): document.text[cell.start : cell.end] for cell in table.cells}
    assert cells == {(row, column): text for row, line in enumerate(ROWS) for column, text in enumerate(line)}
    layer = layer_of(document)
    assert [layer.text[start:end].split("\n") for start, end in layer.fences] == [["\t".join(row) for row in ROWS]]
    outside = layer.text[: layer.fences[0][0]] + layer.text[layer.fences[0][1] :]
    assert outside.count(normalise(FIRST).text) == 3


def test_running_headers_and_page_numbers_are_left_out_and_counted() -> None:
    paper = Paper(header="虚构杂志 第1卷")
    for _ in range(4):
        paper.prose(*[FIRST] * 3)
        paper.new_page()
    paper.prose(SECOND)
    document = loaded(paper)
    assert "虚构杂志" not in document.text
    assert dict(document.left_out)["running headers and footers"] == 10


def test_a_line_of_the_body_that_repeats_is_no_header() -> None:
    paper = Paper()
    for _ in range(4):
        paper.prose(*[SECOND] * 20)
        paper.new_page()
    assert read(paper).count(normalise(SECOND).text) == 80


def test_a_sentence_goes_on_over_a_footnote_and_a_page() -> None:
    paper = Paper()
    lines = paper.split(FIRST * 20)
    for line in lines[:10]:
        paper.line(line)
    paper.footnote("*通信作者：虚构")
    paper.new_page()
    for line in lines[10:]:
        paper.line(line)
    document = loaded(paper)
    text = layer_of(document).text
    assert text.count(normalise(FIRST).text) == 20
    assert text.rstrip().endswith("*通信作者:虚构")
    assert [page.number for page in document.pages] == [1, 2, 1]


def test_raised_figures_are_citations() -> None:
    paper = Paper()
    paper.raised("疗效显著", "12-14", "，与既往报道一致。")
    layer = layer_of(loaded(paper))
    assert layer.text.strip() == "疗效显著，与既往报道一致。"
    assert [mark.numbers for mark in layer.marks] == [(12, 13, 14)]


def test_every_character_has_a_box_on_its_page() -> None:
    paper = Paper(columns=2, header="虚构杂志")
    paper.prose(*[FIRST] * 30)
    paper.table(ROWS)
    document = loaded(paper)
    for page in document.pages:
        assert page.boxes is not None
        assert len(page.boxes) == 4 * (page.end - page.start)
        for position in range(page.start, page.end):
            left, top, right, bottom = page.box(position) or (0, 0, 0, 0)
            assert 0 <= left <= right <= page.width + 1
            assert 0 <= top <= bottom <= page.height + 1
    ordered = sorted((page.start, page.end) for page in document.pages)
    assert all(before[1] <= after[0] for before, after in pairwise(ordered))


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_reads_as_it_is_shown(turn: int, tmp_path: Path) -> None:
    """Drawn turned one way and shown turned the other: upright again, with the axes of the page exchanged."""
    paper = Paper()
    paper.prose(*[FIRST] * 3)
    upright, turned = pypdfium2.PdfDocument(paper.bytes()), pypdfium2.PdfDocument.new()
    width, height = upright[0].get_size()
    page = turned.new_page(*((height, width) if turn in (90, 270) else (width, height)))
    piece = upright.page_as_xobject(0, turned).as_pageobject()
    shift = {90: (height, 0), 180: (width, height), 270: (0, width)}[turn]
    piece.set_matrix(pypdfium2.PdfMatrix().rotate(turn, ccw=True).translate(*shift))
    page.insert_obj(piece)
    page.gen_content()
    page.set_rotation(turn)
    path = tmp_path / "turned.pdf"
    turned.save(str(path))
    text = layer_of(load_pdf(path, path.read_bytes(), pages=5)).text
    assert text.count(normalise(FIRST).text) == 3


def test_the_same_file_reads_the_same() -> None:
    paper = Paper(columns=2)
    paper.prose(*[FIRST] * 10)
    raw = paper.bytes()
    assert load_pdf(Path("a.pdf"), raw, 9) == load_pdf(Path("a.pdf"), raw, 9)


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"%PDF-1.7\nnothing of what should follow", "damaged"),
        (Paper().bytes()[:600], "damaged|holds no text"),
    ],
)
def test_a_damaged_file_says_so(raw: bytes, what: str) -> None:
    with pytest.raises(InvalidInput, match=what):
        load_pdf(Path("paper.pdf"), raw, 9)


def test_an_encrypted_file_says_so() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas("unused.pdf", encrypt=StandardEncryption("secret", ownerPassword="owner", strength=128))
    canvas.drawString(100, 500, "hidden")
    with pytest.raises(InvalidInput, match="encrypted and needs a password; save a copy without one"):
        load_pdf(Path("paper.pdf"), canvas.getpdfdata(), 9)


def test_a_file_without_text_says_so() -> None:
    blank = Paper()
    blank.new_page()
    with pytest.raises(InvalidInput, match="holds no text"):
        load_pdf(Path("paper.pdf"), blank.bytes(), 9)


def test_a_file_longer_than_the_limit_says_how_long() -> None:
    paper = Paper()
    for _ in range(12):
        paper.line("页")
        paper.new_page()
    with pytest.raises(InvalidInput, match="has 12 pages; the limit is 9 pages"):
        load_pdf(Path("paper.pdf"), paper.bytes(), 9)
