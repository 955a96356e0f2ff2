"""A page as PDF, with the extra ``pdf``; without it a browser prints the same page."""

from __future__ import annotations

import importlib.util
import re
from importlib import resources

from tumorboard.errors import NotFound, Problem

# What WeasyPrint does not know inside a drawing: variables, and that a halo is painted under its letters.
_VARIABLE = re.compile(r"var\(--[\w-]+, ?([^()]+)\)")
_HALO = re.compile(r"stroke:[^;{}]*;stroke-width:[\d.]+;paint-order:stroke;?")


def can_print() -> bool:
    return importlib.util.find_spec("weasyprint") is not None


def pdf_of(html: str) -> bytes:
    """The page on paper. It fetches nothing. Raises NotFound where the extra is absent."""
    if not can_print():
        raise NotFound(Problem("", "PDF needs weasyprint", "pip install 'tumorboard[pdf]', or print from the browser"))
    from weasyprint import HTML

    written: bytes = HTML(string=_for_paper(html), url_fetcher=_refused).write_pdf()
    return written


def _for_paper(html: str) -> str:
    style = resources.files("tumorboard.web").joinpath("static/paper.css").read_text("utf-8")
    drawn = _VARIABLE.sub(r"\1", _HALO.sub("", html))
    return drawn.replace("</head>", f"<style>{style}</style></head>", 1)


def _refused(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError(f"a report names no outside file, but {url[:40]}")
