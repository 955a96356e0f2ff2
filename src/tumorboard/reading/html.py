"""HTML files: offsets count the file's characters; markup, scripts and styles are no text, tables stay tables."""

from __future__ import annotations

import hashlib
import html
import re
from html.parser import HTMLParser
from pathlib import Path

from tumorboard.errors import InvalidInput, Problem
from tumorboard.evidence.sources import text_hash
from tumorboard.reading.document import Cell, Document, Span, Table
from tumorboard.reading.plain import decoded

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?\s*([\w-]+)", re.IGNORECASE)
_UNREAD = frozenset(
    ("script", "style", "head", "template", "noscript", "svg", "math", "iframe", "object", "select", "nav")
)
_EMPTY = frozenset(("br", "img", "hr", "input", "meta", "link", "wbr", "col", "source", "area", "base", "embed"))
_BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "div", "dl", "dt", "figcaption",
        "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "ol", "p",
        "pre", "section", "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
    )
)  # fmt: skip
_BLANK = re.compile(r"\s*[\n\r\t\f]\s*")
MAX_DEPTH = 2_000


def load_html(path: Path, raw: bytes) -> Document:
    """The document in an HTML file. Raises InvalidInput where it holds no text, or nests beyond reason."""
    declared = _CHARSET.search(raw[:4096])
    text, encoding = decoded(path, raw, declared[1].decode("ascii") if declared else None)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = _Reader(text)
    try:
        reader.feed(text)
        reader.close()
    except (AssertionError, RecursionError, _TooDeep) as error:
        raise InvalidInput(Problem(str(path), f"can't be read as HTML: {error or 'damaged markup'}")) from error
    reader.finish()
    if not reader.words:
        raise InvalidInput(Problem(str(path), "holds no text"))
    return Document(
        name=path.name,
        sha256=text_hash(text),
        kind="html",
        text=text,
        tables=tuple(reader.tables),
        file_sha256=hashlib.sha256(raw).hexdigest(),
        encoding=encoding,
        markup=tuple(reader.markup),
        raised=tuple(reader.raised),
    )


class _TooDeep(Exception):
    """Elements nested beyond anything a page holds."""


class _Reader(HTMLParser):
    """Notes what of the file is no text, and what it stands for; everything between is text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.source = text
        self.lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self.markup: list[tuple[int, int, str]] = []
        self.tables: list[Table] = []
        self.raised: list[Span] = []
        self.words = False
        self._open: list[str] = []
        self._unread = 0
        self._pre = 0
        self._raised_at: int | None = None
        self._table: _OpenTable | None = None
        self._depth = 0
        self._done = 0

    # What stands at ``getpos`` begins there; where it ends is known when the next thing begins.

    @property
    def at(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def _mark(self, end: int, new: str) -> None:
        start = max(self.at, self._done)
        if end > start:
            self.markup.append((start, end, new))
            self._done = end

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start, end = self.at, self.at + len(self.get_starttag_text() or "")
        self._mark(end, self._stands_for(tag))
        if tag in _EMPTY:
            return
        self._open.append(tag)
        if len(self._open) > MAX_DEPTH:
            raise _TooDeep(f"elements are nested more than {MAX_DEPTH} deep")
        if tag in _UNREAD:
            self._unread += 1
        elif tag == "pre":
            self._pre += 1
        elif tag == "sup" and not self._unread:
            self._raised_at = end
        elif tag == "table" and not self._unread:
            self._depth += 1
            if self._depth == 1:
                self._table = _OpenTable(start)
        elif self._table is not None and self._depth == 1:
            self._table.open(tag, end, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._mark(self.at + len(self.get_starttag_text() or ""), self._stands_for(tag))

    def handle_endtag(self, tag: str) -> None:
        start = self.at
        end = self.source.find(">", start) + 1 or len(self.source)
        if tag not in self._open:
            self._mark(end, "")
            return
        while (closed := self._open.pop()) != tag:
            self._closed(closed, start)
        self._closed(tag, start)
        self._mark(end, self._stands_for(tag))

    def _closed(self, tag: str, at: int) -> None:
        if tag in _UNREAD:
            self._unread -= 1
        elif tag == "pre":
            self._pre -= 1
        elif tag == "sup" and self._raised_at is not None:
            if at > self._raised_at:
                self.raised.append((self._raised_at, at))
            self._raised_at = None
        elif tag == "table" and self._depth:
            self._depth -= 1
            if self._depth == 0 and self._table is not None:
                if (table := self._table.table(at)) is not None:
                    self.tables.append(table)
                self._table = None
        elif self._table is not None and self._depth == 1 and tag in ("td", "th"):
            self._table.close(at)

    def _stands_for(self, tag: str) -> str:
        if self._unread:
            return ""
        if tag in ("td", "th") and self._table is not None:
            return "\t"
        if tag in ("tr", "tbody", "thead", "br") and self._table is not None:
            return "\n" if tag == "tr" else " "
        return "\n\n" if tag in _BLOCKS else ""

    def handle_data(self, data: str) -> None:
        start = self.at
        if self._unread:
            self._mark(start + len(data), "")
            return
        if data.strip():
            self.words = True
        if not self._pre:
            for found in _BLANK.finditer(data):
                self.markup.append((start + found.start(), start + found.end(), " "))
        self._done = start + len(data)

    def _reference(self, end: int) -> None:
        printed = self.source[self.at : end]
        self.words = self.words or not self._unread
        self._mark(end, "" if self._unread else html.unescape(printed if printed.endswith(";") else printed + ";"))

    def handle_entityref(self, name: str) -> None:
        self._reference(self._end_of_reference(self.at + 1 + len(name)))

    def handle_charref(self, name: str) -> None:
        self._reference(self._end_of_reference(self.at + 2 + len(name)))

    def _end_of_reference(self, end: int) -> int:
        return end + 1 if self.source[end : end + 1] == ";" else end

    def handle_comment(self, data: str) -> None:
        end = self.source.find("-->", self.at)
        self._mark(end + 3 if end >= 0 else self.source.find(">", self.at) + 1 or len(self.source), "")

    def handle_decl(self, decl: str) -> None:
        self._mark(self.source.find(">", self.at) + 1 or len(self.source), "")

    def handle_pi(self, data: str) -> None:
        self._mark(self.source.find(">", self.at) + 1 or len(self.source), "")

    def unknown_decl(self, data: str) -> None:
        self._mark(self.source.find(">", self.at) + 1 or len(self.source), "")

    def finish(self) -> None:
        """A table that was never closed ends with the file."""
        if self._table is not None and (table := self._table.table(len(self.source))) is not None:
            self.tables.append(table)


class _OpenTable:
    """A table while its cells are read; a cell that spans rows keeps its place free in those below."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.cells: list[Cell] = []
        self.row, self.column = -1, 0
        self._taken: set[tuple[int, int]] = set()
        self._cell: tuple[int, int, int, bool] | None = None

    def open(self, tag: str, end: int, attributes: dict[str, str | None]) -> None:
        if tag == "tr":
            self.row, self.column = self.row + 1, 0
        elif tag in ("td", "th"):
            self.row = max(self.row, 0)
            while (self.row, self.column) in self._taken:
                self.column += 1
            rows, columns = (_span(attributes.get(name)) for name in ("rowspan", "colspan"))
            self._cell = (end, rows, columns, tag == "th")

    def close(self, at: int) -> None:
        if self._cell is None:
            return
        start, rows, columns, heading = self._cell
        self.cells.append(Cell(self.row, self.column, start, at, rows, columns, heading))
        self._taken |= {(self.row + down, self.column + on) for down in range(rows) for on in range(columns)}
        self._cell = None

    def table(self, end: int) -> Table | None:
        """``None`` for a table that only arranges a page: of fewer than two columns."""
        if max((cell.column for cell in self.cells), default=0) < 1:
            return None
        return Table(self.start, end, 0, tuple(self.cells))


def _span(value: str | None) -> int:
    return min(max(int(value), 1), 100) if value and value.isdecimal() else 1
