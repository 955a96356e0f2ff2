"""The HTML pages: they work without a script, and a few small ones of ours make them quick."""

from __future__ import annotations

from fastapi import APIRouter

from tumorboard.web.pages import (
    boards_page,
    calculators_page,
    case_page,
    consensus,
    edit_page,
    evidence_page,
    guidelines_page,
    home,
    mechanism_page,
    styles,
    team_case_page,
    users_page,
)

router = APIRouter(include_in_schema=False)
for part in (
    styles,
    home,
    case_page,
    edit_page,
    calculators_page,
    evidence_page,
    guidelines_page,
    mechanism_page,
    boards_page,
    team_case_page,
    users_page,
    consensus,
):
    router.include_router(part.router)
