"""Made-up pages, printed to PDF: what a paper looks like, with nothing of any real one in it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from string import ascii_letters

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

CHINESE = "STSong-Light"
LATIN = "Times-Roman"
MARGIN = 56.0

pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


class Paper:
    """A canvas that sets lines in columns, tables with three rules, running headers and footnotes."""

    def __init__(self, columns: int = 1, font: str = CHINESE, size: float = 10.5, header: str | None = None) -> None:
        self.file = io.BytesIO()
        self.canvas = Canvas(self.file, pagesize=A4, invariant=1)
        self.width, self.height = A4
        self.columns, self.font, self.size, self.header = columns, font, size, header
        self.gap = 20.0
        self.page = 0
        self._open()

    @property
    def column_width(self) -> float:
        return (self.width - 2 * MARGIN - (self.columns - 1) * self.gap) / self.columns

    @property
    def left(self) -> float:
        return MARGIN + self.column * (self.column_width + self.gap)

    def _open(self) -> None:
        self.page += 1
        self.column, self.top = 0, self.height - 90
        self.y = self.top
        if self.header:
            self.canvas.setFont(self.font, 8)
            self.canvas.drawString(MARGIN, self.height - 40, f"{self.header} {self.page}")
            self.canvas.drawCentredString(self.width / 2, 30, f"- {self.page} -")

    def title(self, text: str) -> None:
        """Across all columns; the columns begin under it."""
        self.canvas.setFont(self.font, 16)
        self.canvas.drawCentredString(self.width / 2, self.y, text)
        self.y -= 30
        self.top = self.y

    def line(self, text: str, size: float | None = None) -> None:
        if self.y < 90:
            self.column += 1
            self.y = self.top
            if self.column == self.columns:
                self.canvas.showPage()
                self._open()
        self.canvas.setFont(self.font, size or self.size)
        self.canvas.drawString(self.left, self.y, text)
        self.y -= 1.45 * (size or self.size)

    def prose(self, *paragraphs: str) -> None:
        for paragraph in paragraphs:
            for line in self.split(paragraph):
                self.line(line)

    def split(self, text: str) -> list[str]:
        if self.font == LATIN:
            return list(simpleSplit(text, self.font, self.size, self.column_width))
        lines, line = [], ""
        for character in text:
            if pdfmetrics.stringWidth(line + character, self.font, self.size) > self.column_width:
                # Names in Latin letters are not broken; numbers are, as some papers do.
                kept = len(line) if not character.isascii() else len(line.rstrip(ascii_letters))
                lines.append(line[:kept])
                line = line[kept:]
            line += character
        return [*lines, line]

    def table(self, rows: Sequence[Sequence[str]], rules: bool = True) -> None:
        step = self.column_width / len(rows[0])
        self.y -= 6
        edges = [self.y + 1.2 * self.size]
        for number, row in enumerate(rows):
            self.canvas.setFont(self.font, self.size - 1)
            for column, text in enumerate(row):
                self.canvas.drawString(self.left + column * step, self.y, text)
            if number in (0, len(rows) - 1):
                edges.append(self.y - 0.4 * self.size)
            self.y -= 1.6 * self.size
        if rules:
            for edge in edges:
                self.canvas.line(self.left, edge, self.left + self.column_width, edge)
        self.y -= 10

    def footnote(self, text: str) -> None:
        self.canvas.line(self.left, 78, self.left + 60, 78)
        self.canvas.setFont(self.font, 7.5)
        self.canvas.drawString(self.left, 66, text)

    def raised(self, before: str, mark: str, after: str) -> None:
        text = self.canvas.beginText(self.left, self.y)
        text.setFont(self.font, self.size)
        text.textOut(before)
        text.setFont(self.font, 0.6 * self.size)
        text.setRise(0.4 * self.size)
        text.textOut(mark)
        text.setRise(0)
        text.setFont(self.font, self.size)
        text.textOut(after)
        self.canvas.drawText(text)
        self.y -= 1.45 * self.size

    def new_page(self) -> None:
        self.canvas.showPage()
        self._open()

    def bytes(self) -> bytes:
        self.canvas.save()
        return self.file.getvalue()

    def save(self, path: Path) -> Path:
        path.write_bytes(self.bytes())
        return path
