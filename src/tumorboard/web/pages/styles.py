"""The reports' style sheet with those of their drawings, as one file: a page allows no style inside itself."""

from __future__ import annotations

from functools import cache
from importlib import resources

from fastapi import APIRouter
from starlette.responses import Response

from tumorboard.report import clones, pathway, timeline

router = APIRouter()


@router.get("/static/report.css")
def report_css() -> Response:
    return Response(_style(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@cache
def _style() -> str:
    page = resources.files("tumorboard.report").joinpath("templates/style.css").read_text("utf-8")
    return "\n".join((page, timeline.STYLE, pathway.STYLE, clones.STYLE))
