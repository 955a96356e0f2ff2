"""Any file as a document: told by its content, within limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.reading.document import Document, Kind
from tumorboard.reading.html import load_html
from tumorboard.reading.plain import load_text

if TYPE_CHECKING:
    from tumorboard.reading.ocr import Recogniser

SUFFIXES = frozenset(
    (".pdf", ".txt", ".html", ".htm", ".xhtml", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp")
)
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"GIF8")
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: seconds until it is given up, MiB on disk, pages, and MiB of memory beyond the start.

    Recognising pictures may take ``seconds_a_picture`` more for each page.
    """

    seconds: float = 120.0
    seconds_a_picture: float = 60.0
    file: int = 100
    pages: int = 1000
    memory: int = 768


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files named, and of each folder named those below it that can be read, in order of name.

    Raises NotFound for a path that isn't there, and for a folder without any such file.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            if not below:
                raise NotFound(Problem(str(path), "holds no document", f"they end in {', '.join(sorted(SUFFIXES))}"))
            found += below
        elif path.exists():
            found.append(path)
        else:
            raise NotFound(Problem(str(path), "no such file"))
    return list(dict.fromkeys(found))


def kind_of(path: Path, raw: bytes) -> Kind:
    """What a file is, by how it begins; its name tells only HTML from text."""
    if b"%PDF-" in raw[:1024]:
        return "pdf"
    if raw.startswith(_PICTURES) or (raw[:4] == b"RIFF" and raw[8:12] == b"WEBP"):
        return "image"
    opening = raw[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if path.suffix.lower() in (".html", ".htm", ".xhtml") or opening.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "text"


def load(path: Path, limits: Limits, recogniser: Callable[[], Recogniser] | None = None) -> Document:
    """The document in a file. Raises NotFound, or InvalidInput where the file can't be read or is beyond ``limits``.

    What takes no part in the text (a page that can't be read) is named in the document's problems.
    """
    try:
        size = path.stat().st_size
        if size > limits.file * _MIB:
            what = f"is {size // _MIB:,} MiB large"
            raise InvalidInput(Problem(str(path), what, f"the limit is {limits.file:,} MiB a file"))
        raw = path.read_bytes()
    except OSError as error:
        raise NotFound(Problem(str(path), error.strerror or str(error))) from error
    if not raw.strip(b"\x00 \t\r\n"):
        raise InvalidInput(Problem(str(path), "is empty"))
    match kind_of(path, raw):
        case "pdf":
            from tumorboard.reading.pdf import load_pdf

            return load_pdf(path, raw, limits.pages, recogniser)
        case "image":
            if recogniser is None:
                raise InvalidInput(Problem(str(path), "is a picture", "--ocr reads it; pip install 'tumorboard[ocr]'"))
            from tumorboard.reading.ocr import load_image

            return load_image(path, raw, recogniser())
        case "html":
            return load_html(path, raw)
        case _:
            if path.suffix.lower() == ".pdf":
                raise InvalidInput(Problem(str(path), "is no PDF", "it should begin with %PDF-"))
            return load_text(path, raw)
