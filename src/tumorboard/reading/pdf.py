"""PDF files by pdfium: every character with its box, page by page."""

from __future__ import annotations

import ctypes
import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.evidence.sources import text_hash
from tumorboard.reading.composing import Sheet, compose
from tumorboard.reading.document import Box, Document
from tumorboard.reading.glyphs import Glyphs

if TYPE_CHECKING:
    from tumorboard.reading.ocr import Recogniser

MAX_CHARACTERS = 60_000
"""Characters a page may hold; more are not printed on one."""
MAX_OBJECTS = 20_000
"""Drawn objects of a page among which rules are looked for; a map or a plot has more and no tables."""
_BREAKS = frozenset((0, 10, 13))
_HYPHENS = frozenset((2, 0xFFFE))  # what pdfium gives for a hyphen at the end of a line
_NO_MEANING = range(0xE000, 0xF900)
_FEW = 8  # characters: a page with fewer is a picture of a page
_THIN = 2.0
_LONG = 12.0


def load_pdf(path: Path, raw: bytes, pages: int, recogniser: Callable[[], Recogniser] | None = None) -> Document:
    """The document in a PDF file of at most ``pages`` pages. Pages without text go to ``recogniser``, where there is
    one (made when it is first needed); otherwise they are named in ``problems``.

    Raises InvalidInput where the file is damaged, encrypted, too long or says nothing at all.
    """
    pdfium = _pdfium()
    try:
        pdf = pdfium.PdfDocument(raw)
    except pdfium.PdfiumError as error:
        raise InvalidInput(_not_opened(path, raw, error)) from error
    problems: list[Problem] = []
    sheets: list[Sheet] = []
    try:
        if not 0 < len(pdf) <= pages:
            what = f"has {len(pdf):,} pages" if len(pdf) else "has no page"
            raise InvalidInput(Problem(str(path), what, f"the limit is {pages:,} pages; split it" if len(pdf) else ""))
        for index in range(len(pdf)):
            sheet = _sheet(pdf, index, path, recogniser, problems)
            if sheet is not None:
                sheets.append(sheet)
    finally:
        pdf.close()
    made = compose(sheets)
    text = made.text
    if not text.strip():
        raise InvalidInput(*(problems or [Problem(str(path), "holds no text")]))
    return Document(
        name=path.name,
        sha256=text_hash(text),
        kind="pdf",
        text=text,
        pages=tuple(made.pages),
        tables=tuple(made.tables),
        problems=tuple(problems),
        file_sha256=hashlib.sha256(raw).hexdigest(),
        raised=tuple(made.raised),
        left_out=tuple(sorted(made.left_out.items())),
    )


def _sheet(
    pdf: Any, index: int, path: Path, recogniser: Callable[[], Recogniser] | None, problems: list[Problem]
) -> Sheet | None:
    """The page, or ``None`` with a problem that names it."""
    pdfium, place = _pdfium(), f"{path.name}, page {index + 1}"
    try:
        page = pdf[index]
    except pdfium.PdfiumError as error:
        problems.append(Problem(place, f"can't be read: {error}"))
        return None
    try:
        glyphs, unknown = _glyphs(page)
        if unknown:
            problems.append(Problem(place, f"{unknown} characters have no meaning in the file's fonts"))
        if len("".join("".join(glyphs.characters).split())) >= _FEW:
            return Sheet.of(index + 1, glyphs)
        if not _has_picture(page):
            return Sheet.of(index + 1, glyphs)
        if recogniser is None:
            problems.append(
                Problem(place, "is a picture without text", "pip install 'tumorboard[ocr]'; --ocr reads it")
            )
            return Sheet.of(index + 1, glyphs)
        return recogniser().sheet(index + 1, page)
    except (pdfium.PdfiumError, _TooMuch) as error:
        problems.append(Problem(place, f"can't be read: {error}"))
        return None
    finally:
        page.close()


class _TooMuch(Exception):
    """A page that holds more than a page can."""


def _glyphs(page: Any) -> tuple[Glyphs, int]:
    """The characters of a page, upright as it is shown, and how many have no meaning."""
    import pypdfium2.raw as raw

    turned = _Turned(page)
    glyphs = Glyphs(*turned.size)
    textpage = page.get_textpage()
    try:
        handle = textpage.raw
        count = raw.FPDFText_CountChars(handle)
        if count > MAX_CHARACTERS:
            raise _TooMuch(f"holds {count:,} characters")
        area = raw.FS_RECTF()
        place = ctypes.byref(area)
        unknown, high = 0, 0
        get_unicode, get_box = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
        for number in range(count):
            code = get_unicode(handle, number)
            if code in _BREAKS:
                continue
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
            high = 0
            if code in _HYPHENS:
                code = 0x2D
            unknown += code == 0xFFFD or code in _NO_MEANING
            if get_box(handle, number, place):
                glyphs.add(chr(code), turned.box(area.left, area.bottom, area.right, area.top))
    finally:
        textpage.close()
    glyphs.rules = _rules(page, turned)
    return glyphs, unknown


class _Turned:
    """Points of a page's own space as they stand on the page as it is shown, from its upper left corner."""

    def __init__(self, page: Any) -> None:
        left, bottom, right, top = page.get_cropbox()
        self.left, self.bottom, self.right, self.top = left, bottom, right, top
        self.turn = page.get_rotation()
        width, height = abs(right - left), abs(top - bottom)
        self.size = (height, width) if self.turn in (90, 270) else (width, height)

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        if self.turn == 90:
            return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
        if self.turn == 180:
            return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
        if self.turn == 270:
            return self.top - top, self.right - right, self.top - bottom, self.right - left
        return left - self.left, self.top - top, right - self.left, self.top - bottom


def _rules(page: Any, turned: _Turned) -> list[Box]:
    """The horizontal rules drawn on a page."""
    import pypdfium2.raw as raw

    handle = page.raw
    count = raw.FPDFPage_CountObjects(handle)
    if count > MAX_OBJECTS:
        return []
    edges = [ctypes.c_float() for _ in range(4)]
    places = [ctypes.byref(edge) for edge in edges]
    found: list[Box] = []
    for number in range(count):
        drawn = raw.FPDFPage_GetObject(handle, number)
        if raw.FPDFPageObj_GetType(drawn) != raw.FPDF_PAGEOBJ_PATH:
            continue
        if raw.FPDFPageObj_GetBounds(drawn, *places):
            box = turned.box(*(edge.value for edge in edges))
            if box[3] - box[1] <= _THIN and box[2] - box[0] >= _LONG:
                found.append(box)
    return found


def _has_picture(page: Any) -> bool:
    import pypdfium2.raw as raw

    handle = page.raw
    count = min(raw.FPDFPage_CountObjects(handle), MAX_OBJECTS)
    kinds = Counter(raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(handle, number)) for number in range(count))
    return bool(kinds[raw.FPDF_PAGEOBJ_IMAGE] or kinds[raw.FPDF_PAGEOBJ_FORM] or kinds[raw.FPDF_PAGEOBJ_PATH])


def _not_opened(path: Path, raw: bytes, error: Exception) -> Problem:
    words = str(error).lower()
    if b"/Encrypt" in raw and "password" in words:  # pdfium may repeat the reason of an earlier file
        return Problem(str(path), "is encrypted and needs a password", "save a copy without one")
    if "security" in words:
        return Problem(str(path), "is encrypted in a way that can't be read", "save a copy without encryption")
    return Problem(str(path), "is damaged, or no PDF", "open it in a viewer and save it again")


def _pdfium() -> Any:
    try:
        import pypdfium2
    except ModuleNotFoundError as error:
        raise NotFound(Problem("", "reading PDF files needs pypdfium2", "pip install 'tumorboard[reading]'")) from error
    return pypdfium2
