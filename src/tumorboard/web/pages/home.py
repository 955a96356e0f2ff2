"""The first page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from tumorboard.web.pages.demos import demos
from tumorboard.web.pages.page import knowledge_of, language_of, render

router = APIRouter()


@router.get("/")
def home(request: Request) -> HTMLResponse:
    language = language_of(request)
    return render(request, "home.html", language, demos=demos(knowledge_of(request), language), boards=())
