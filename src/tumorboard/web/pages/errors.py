"""Errors as pages, for the application to register; what the interface answers as problem+json stays there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from tumorboard.errors import TumorboardError
from tumorboard.web.pages.page import language_of, render, words_in
from tumorboard.web.pages.session import Refused

_HEADINGS = {401: "refused", 403: "refused", 404: "not found"}  # by HTTP status


def error_page(request: Request, error: TumorboardError, status: int) -> Response:
    """What is wrong and what would be right."""
    language = language_of(request)
    word = words_in(request, language)
    needed = word(f"role {error.needed.value}") if isinstance(error, Refused) else ""
    return render(
        request, "error.html", language, status=status, heading=word(_HEADINGS.get(status, "what is wrong")),
        problems=error.problems, needed=needed,
    )  # fmt: skip
