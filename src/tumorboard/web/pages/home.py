"""The first page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from tumorboard.store.boards import Board, boards
from tumorboard.web.pages.demos import demos
from tumorboard.web.pages.page import knowledge_of, language_of, render
from tumorboard.web.pages.session import database_of, user_of

router = APIRouter()


@router.get("/")
def home(request: Request) -> HTMLResponse:
    language = language_of(request)
    return render(request, "home.html", language, demos=demos(knowledge_of(request), language), boards=_boards(request))


def _boards(request: Request) -> list[Board]:
    if user_of(request) is None:
        return []
    with database_of(request).reading() as connection:
        return boards(connection)
