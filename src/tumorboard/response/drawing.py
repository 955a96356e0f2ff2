"""A small canvas for plots: SVG in the colour of the text around it, so that it prints and follows light and dark."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from html import escape

from tumorboard.text import Language

FONT = "'Noto Sans','Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',system-ui,sans-serif"
SIZE, SMALL = 12.0, 10.5
_LATIN, _WIDE = 0.56, 1.0  # widths in em of an average Latin and of a Chinese character
INK = "currentColor"


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """One element; ``content`` is markup already, attributes are escaped; ``stroke_width`` is ``stroke-width``."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_shown(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(content: str, x: float, y: float, /, **attributes: object) -> str:
    given = {"font_size": SMALL, "fill": INK, **attributes}
    return element("text", escape(printable(content)), x=x, y=y, **given)


def line(x1: float, y1: float, x2: float, y2: float, /, **attributes: object) -> str:
    given = {"stroke": INK, "stroke_width": 1, **attributes}
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **given)


def printable(content: str) -> str:
    """Without control characters, which XML does not allow."""
    return "".join(letter if unicodedata.category(letter) not in ("Cc", "Cs") else " " for letter in content)


def width(content: str, size: float = SMALL) -> float:
    """About how wide ``content`` stands, on the generous side."""
    return size * sum(_WIDE if unicodedata.east_asian_width(letter) in "WF" else _LATIN for letter in content)


def shortened(content: str, room: float, size: float = SMALL) -> str:
    """``content``, cut with an ellipsis where it is wider than ``room``."""
    if width(content, size) <= room:
        return content
    while content and width(content + "…", size) > room:
        content = content[:-1]
    return content.rstrip() + "…"


def lines_of(content: str, room: float, size: float = SMALL) -> Iterator[str]:
    """``content`` in lines of at most ``room``, broken at spaces and after Chinese characters."""
    current = ""
    for piece in _pieces(content):
        if current and width((current + piece).rstrip(), size) > room:
            yield current.rstrip()
            current = piece.lstrip()
        else:
            current += piece
    if current.strip():
        yield current.rstrip()


def _pieces(content: str) -> Iterator[str]:
    piece = ""
    for letter in content:
        piece += letter
        if letter == " " or unicodedata.east_asian_width(letter) in "WF":
            yield piece
            piece = ""
    yield piece


def figure(name: str, title: str, about: str, language: Language, size: tuple[float, float], content: str) -> str:
    """The whole ``<svg>``; ``name`` makes its ids unique in a page, ``about`` says in words what it shows."""
    wide, high = size
    head = element("title", escape(printable(title)), id=f"{name}-title")
    head += element("desc", escape(printable(about)), id=f"{name}-desc")
    head += text(title, 0, 14, font_size=SIZE + 1, font_weight=600, aria_hidden="true")
    return element(
        "svg",
        head + content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {wide:.0f} {high:.0f}",
        role="img",
        lang="zh-CN" if language == "zh" else "en",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="response-plot",
        font_family=FONT,
        font_size=SIZE,
    )


def hatching(id_: str, gap: float, angle: int) -> str:
    """A ``<pattern>`` of parallel lines."""
    stroke = line(0, 0, 0, gap, stroke_width=1.6)
    return element(
        "pattern",
        stroke,
        id=id_,
        width=gap,
        height=gap,
        patternUnits="userSpaceOnUse",
        patternTransform=f"rotate({angle})",
    )


def triangle(x: float, y: float) -> str:
    return element("path", d=f"M{x:.1f} {y - 6:.1f}l5.5 10h-11z", fill=INK)


def plus(x: float, y: float) -> str:
    return element("path", d=f"M{x - 5:.1f} {y:.1f}h10M{x:.1f} {y - 5:.1f}v10", stroke=INK, stroke_width=2.2)


def arrow(x: float, y: float) -> str:
    return element("path", d=f"M{x:.1f} {y:.1f}h9m-4 -4l4 4l-4 4", stroke=INK, stroke_width=1.6, fill="none")


def step_for(span: float, steps: tuple[int, ...], most: int = 9) -> int:
    """The smallest step that divides ``span`` into at most ``most`` parts (or the largest there is)."""
    return next((step for step in steps if span / step <= most), steps[-1])


def _shown(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
