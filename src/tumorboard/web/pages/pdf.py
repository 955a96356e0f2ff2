"""A page as PDF, with the extra ``pdf``; without it a browser prints the same page."""

from __future__ import annotations

import importlib.util

from tumorboard.errors import NotFound, Problem


def can_print() -> bool:
    return importlib.util.find_spec("weasyprint") is not None


def pdf_of(html: str) -> bytes:
    """The page on paper. It fetches nothing. Raises NotFound where the extra is absent."""
    if not can_print():
        raise NotFound(Problem("", "PDF needs weasyprint", "pip install 'tumorboard[pdf]', or print from the browser"))
    from weasyprint import HTML

    written: bytes = HTML(string=html, url_fetcher=_refused).write_pdf()
    return written


def _refused(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError(f"a report names no outside file, but {url[:40]}")
