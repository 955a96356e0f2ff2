"""Pictures of pages, for a person who compares a draft with the page as it was printed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tumorboard.reading.document import Document
from tumorboard.reading.loading import kind_of

DOTS_PER_INCH = 110
MOST = 80
"""Pages drawn of one document; more would make a file no browser opens with ease."""
_QUALITY = 70


def page_pictures(path: Path, document: Document) -> Mapping[int, bytes]:
    """The first pages of a PDF or picture file as JPEG, by number; none of a text or HTML file."""
    raw = path.read_bytes() if document.kind in ("pdf", "image") else b""
    if not raw:
        return {}
    if kind_of(path, raw) == "image":
        return _frames(path)
    import pypdfium2

    pdf = pypdfium2.PdfDocument(raw)
    try:
        numbers = sorted({page.number for page in document.pages})[:MOST]
        return {number: _drawn(pdf[number - 1]) for number in numbers}
    finally:
        pdf.close()


def _drawn(page: Any) -> bytes:
    width, height = page.get_size()
    # A poster is drawn no larger than two A3 sheets would be.
    scale = min(DOTS_PER_INCH / 72, 2400 / max(width, height, 1))
    bitmap = page.render(scale=scale)
    try:
        return _jpeg(bitmap.to_pil())
    finally:
        bitmap.close()
        page.close()


def _frames(path: Path) -> dict[int, bytes]:
    from PIL import Image, ImageOps

    found = {}
    with Image.open(path) as picture:
        for frame in range(min(getattr(picture, "n_frames", 1), MOST)):
            picture.seek(frame)
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail((1600, 2400))
            found[frame + 1] = _jpeg(upright)
    return found


def _jpeg(picture: Any) -> bytes:
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
