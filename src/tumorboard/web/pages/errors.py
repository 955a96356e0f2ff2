"""Errors as pages, for the application to register; what the interface answers as problem+json stays there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from tumorboard.errors import InvalidInput, NotFound, TumorboardError
from tumorboard.web.pages.page import language_of, render, words_in
from tumorboard.web.pages.session import Refused


def error_page(request: Request, error: TumorboardError) -> Response:
    """What is wrong and what would be right, with the HTTP status that fits."""
    status, heading = 400, "what is wrong"
    if isinstance(error, NotFound):
        status, heading = 404, "not found"
    elif isinstance(error, Refused):
        status, heading = 403, "refused"
    elif isinstance(error, InvalidInput):
        status = 422
    language = language_of(request)
    word = words_in(request, language)
    return render(request, "error.html", language, status=status, heading=word(heading), problems=error.problems)
