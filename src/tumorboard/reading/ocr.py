"""Pictures of pages by RapidOCR: only what has no text of its own, with a box for every character."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.evidence.sources import text_hash
from tumorboard.reading.composing import Sheet, compose
from tumorboard.reading.document import Document
from tumorboard.reading.glyphs import Glyphs

DOTS_PER_INCH = 200
MAX_PIXELS = 40_000_000
"""Of one picture; an A4 page at 600 dots per inch has 35 million."""
_POINT = 72 / DOTS_PER_INCH


class Recogniser:
    """RapidOCR with the models its wheel brings. Its classifier of line directions stays off: at its default it turns
    upright lines over, which then read as garbage."""

    def __init__(self, before_each: Callable[[], None] = lambda: None) -> None:
        """``before_each`` is called before each picture. Raises NotFound where the engine is not installed."""
        try:
            from rapidocr import RapidOCR
        except ModuleNotFoundError as error:
            raise NotFound(
                Problem("", "reading pictures needs rapidocr and onnxruntime", "pip install 'tumorboard[ocr]'")
            ) from error
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        self._before_each = before_each
        self._engine: Any = RapidOCR(params={"Global.use_cls": False, "Global.log_level": "error"})

    def sheet(self, number: int, page: Any) -> Sheet:
        """A page of a PDF, drawn and recognised."""
        width, height = page.get_size()
        scale = min(DOTS_PER_INCH / 72, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=False)
        try:
            return self._sheet(number, bitmap.to_numpy()[:, :, :3], 1 / scale)
        finally:
            bitmap.close()

    def _sheet(self, number: int, pixels: Any, point: float) -> Sheet:
        """``point`` is the size of one pixel in points."""
        self._before_each()
        found = self._engine(pixels, use_cls=False)
        glyphs = Glyphs(pixels.shape[1] * point, pixels.shape[0] * point)
        lines = [] if found.boxes is None else zip(found.boxes, found.txts, strict=True)
        for corners, text in lines:
            across, down = [float(x) * point for x, _ in corners], [float(y) * point for _, y in corners]
            _spread(glyphs, text, min(across), min(down), max(across), max(down))
        return Sheet.of(number, glyphs, recognised=True)


def load_image(path: Path, raw: bytes, recogniser: Recogniser) -> Document:
    """The document in a picture file (all frames of one that has several).

    Raises InvalidInput where it is no picture, too large, or nothing is recognised in it.
    """
    import numpy
    from PIL import Image, ImageOps, UnidentifiedImageError

    sheets = []
    try:
        with Image.open(path) as picture:
            for frame in range(getattr(picture, "n_frames", 1)):
                picture.seek(frame)
                if picture.width * picture.height > MAX_PIXELS:
                    what = f"has {picture.width:,} by {picture.height:,} points"
                    raise InvalidInput(Problem(str(path), what, f"the limit is {MAX_PIXELS:,} points in all"))
                upright = ImageOps.exif_transpose(picture).convert("RGB")
                pixels = numpy.asarray(upright)[:, :, ::-1]  # the engine takes blue first
                sheets.append(recogniser._sheet(frame + 1, pixels, _POINT))
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidInput(Problem(str(path), f"can't be read as a picture: {error}")) from error
    made = compose(sheets)
    if not made.text.strip():
        raise InvalidInput(Problem(str(path), "no text was recognised in it"))
    return Document(
        name=path.name,
        sha256=text_hash(made.text),
        kind="image",
        text=made.text,
        pages=tuple(made.pages),
        tables=tuple(made.tables),
        file_sha256=hashlib.sha256(raw).hexdigest(),
        left_out=tuple(sorted(made.left_out.items())),
    )


def _spread(glyphs: Glyphs, text: str, left: float, top: float, right: float, bottom: float) -> None:
    """The characters of a line along its box, a Chinese one twice as wide as a Latin one."""
    widths = [2 if ord(character) > 0x2E7F else 1 for character in text]
    unit = (right - left) / max(sum(widths), 1)
    at = left
    for character, width in zip(text, widths, strict=True):
        glyphs.add(character, (at, top, at + width * unit, bottom))
        at += width * unit
