"""The pages alone, without accounts: what ``tumorboard demo`` serves, and the tests look at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from tumorboard.errors import TumorboardError
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.web.pages import router
from tumorboard.web.pages.errors import error_page
from tumorboard.web.security import HEADERS

STATIC = Path(__file__).parent.parent / "static"


def pages_app(knowledge: Knowledge) -> FastAPI:
    """The application: nobody logs in, so that there are no boards, and nothing is kept."""
    app = FastAPI(title="Tumorboard", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.knowledge = knowledge

    @app.middleware("http")
    async def headers(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.url.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")  # a page may hold a patient's data
        return response

    @app.exception_handler(TumorboardError)
    def failed(request: Request, error: TumorboardError) -> Response:
        return error_page(request, error)

    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC))
    return app
