"""Text and HTML files: encodings are told, offsets count the file's characters, markup is no text."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tumorboard.errors import InvalidInput, NotFound
from tumorboard.reading.html import load_html
from tumorboard.reading.layer import layer_of
from tumorboard.reading.loading import Limits, files_in, kind_of, load
from tumorboard.reading.plain import load_text

CHINESE = "甲药组的客观缓解率为52.6%，中位生存期为9.2个月，高于对照组。患者的不良反应可控。"
TRADITIONAL = "甲藥組的客觀緩解率為52.6%，中位生存期為9.2個月，高於對照組。患者的不良反應可控。"


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL, "gb18030", "gb18030"),
    ],
)
def test_the_encoding_is_found_and_told(text: str, encoding: str, told: str) -> None:
    document = load_text(Path("paper.txt"), text.encode(encoding))
    assert (document.text, document.encoding) == (text, told)


def test_line_ends_count_as_one_character_as_in_an_added_source() -> None:
    assert load_text(Path("paper.txt"), b"a\r\nb\rc").text == "a\nb\nc"


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b" \n", "is empty"),
        (b"a\x00b", "NUL"),
        (b"\xff\xff\xfe\xfa\x80", "in no encoding we read"),
        (b"\xef\xbb\xbf\xff", "is marked as utf-8"),
    ],
)
def test_what_is_no_text_says_so(raw: bytes, what: str) -> None:
    with pytest.raises(InvalidInput, match=what):
        load_text(Path("paper.txt"), raw)


HTML = """<!DOCTYPE html><html><head><title>题</title><style>p { x: "52.6%" }</style></head><body>
<h1>标题 &lt;虚构&gt;</h1><script>var orr = "<p>ORR 99%</p>";</script>
<p>客观缓解率<b>（ORR）</b>为
   52.6&#37;<sup>3-5</sup>，高于&nbsp;对照。<br>P&lt;0.001<!-- 注 --></p>
<table><tr><th>组别</th><th>ORR</th></tr><tr><td rowspan=2>甲</td><td>52.6%</td></tr><tr><td>31%</td></tr></table>
<p>完</p></body></html>"""


def test_markup_scripts_and_styles_are_no_text() -> None:
    text = layer_of(load_html(Path("paper.html"), HTML.encode())).text
    assert text.startswith("\n标题<虚构>\n客观缓解率(ORR)为52.6%，高于对照。\nP<0.001\n")
    assert "99%" not in text
    assert text.endswith("完\n")


def test_a_place_in_html_names_the_characters_of_the_file() -> None:
    document = load_html(Path("paper.html"), HTML.encode())
    layer = layer_of(document)
    at = layer.text.index("P<0.001")
    start, end = layer.source_span(at, at + 7)
    assert document.text[start:end] == "P&lt;0.001"
    assert [mark.numbers for mark in layer.marks] == [(3, 4, 5)]


def test_a_table_of_html_keeps_its_cells() -> None:
    document = load_html(Path("paper.html"), HTML.encode())
    (table,) = document.tables
    cells = {(cell.row, cell.column): document.text[cell.start : cell.end] for cell in table.cells}
    assert cells == {(0, 0): "组别", (0, 1): "ORR", (1, 0): "甲", (1, 1): "52.6%", (2, 1): "31%"}
    assert [cell.row_span for cell in table.cells] == [1, 1, 2, 1, 1]


def test_the_encoding_an_html_file_declares_is_taken() -> None:
    raw = HTML.replace("<head>", '<head><meta charset="gb2312">').encode("gb2312")
    assert load_html(Path("paper.html"), raw).encoding == "gb2312"


TAGS = st.sampled_from(
    [
        "<p>", "</p>", "<table>", "<td>", "</tr>", "<!--", "-->", "&amp;", "&#x6", "<sup>1", "<script>", "</script>",
        "<", "文", "5%", "\n", '<a b="', "</", "<![CDATA[", "<?x",
    ]
)  # fmt: skip


@given(st.lists(TAGS, max_size=30).map("".join))
def test_any_html_gives_spans_in_order_or_a_clear_error(source: str) -> None:
    try:
        document = load_html(Path("x.html"), source.encode())
    except InvalidInput:
        return
    spans = [(start, end) for start, end, _ in document.markup]
    assert all(0 <= start < end <= len(source) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    layer_of(document)


def test_html_nested_beyond_reason_is_refused() -> None:
    with pytest.raises(InvalidInput, match="nested more than 2000 deep"):
        load_html(Path("x.html"), b"<div>" * 5000 + b"x")


@pytest.mark.parametrize(
    ("name", "raw", "kind"),
    [
        ("a.txt", b"%PDF-1.7", "pdf"),
        ("a.pdf", b"\x89PNG\r\n", "image"),
        ("a.txt", b"<!DOCTYPE HTML><p>", "html"),
        ("a.htm", b"x", "html"),
        ("a.txt", b"x", "text"),
    ],
)
def test_a_file_is_what_it_holds_not_what_it_is_called(name: str, raw: bytes, kind: str) -> None:
    assert kind_of(Path(name), raw) == kind


def test_a_file_over_the_limit_says_how_large_it_is(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(3 * 2**20)
    with pytest.raises(InvalidInput, match="is 3 MiB large; the limit is 1 MiB a file"):
        load(large, Limits(file=1))


def test_a_folder_gives_its_documents_in_order_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.txt", "a.PDF", "c.zip", "sub/d.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in files_in([tmp_path])] == ["a.PDF", "b.txt", "d.html"]
    with pytest.raises(NotFound, match="no such file"):
        files_in([tmp_path / "absent"])


def test_a_picture_without_an_engine_names_what_would_read_it(tmp_path: Path) -> None:
    picture = tmp_path / "scan.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(InvalidInput, match=r"is a picture; --ocr reads it; pip install 'tumorboard\[ocr\]'"):
        load(picture, Limits())
