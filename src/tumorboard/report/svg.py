"""Drawing elements as SVG text: everything a person wrote is escaped, and text is measured by rule of thumb."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from html import escape

LATIN, WIDE = 0.54, 1.0  # widths in em of an average Latin and of a Chinese character


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """One element; ``content`` is markup already, attributes are escaped. ``stroke_width`` becomes ``stroke-width``,
    ``class_`` becomes ``class``."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_shown(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(content: str, x: float, y: float, /, **attributes: object) -> str:
    return element("text", escape(_printable(content)), x=x, y=y, **attributes)


def width(content: str, size: float) -> float:
    """About how wide ``content`` stands at a font size, on the generous side."""
    return size * sum(WIDE if unicodedata.east_asian_width(letter) in "WF" else LATIN for letter in content)


def wrapped(content: str, size: float, room: float) -> list[str]:
    """``content`` in lines of at most ``room``, broken at spaces, after Chinese characters, or inside a longer word."""
    lines, line = [], ""
    for piece in _pieces(content):
        if line and width(line + piece.rstrip(), size) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while width(line.rstrip(), size) > room and len(line) > 1:
            cut = next(place for place in range(len(line), 0, -1) if width(line[:place], size) <= room or place == 1)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(content: str) -> Iterable[str]:
    piece = ""
    for letter in _printable(content):
        piece += letter
        if letter == " " or unicodedata.east_asian_width(letter) in "WF":
            yield piece
            piece = ""
    if piece:
        yield piece


def _printable(content: str) -> str:
    """Without control characters, which XML does not allow."""
    return "".join(letter if unicodedata.category(letter) != "Cc" else " " for letter in content)


def _shown(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
