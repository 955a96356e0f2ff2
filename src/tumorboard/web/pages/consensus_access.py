"""Who is at a panellist's page: the session of a personal link. The chair comes by the team's login."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from tumorboard.consensus.panel import Panellist, session_of
from tumorboard.store.users import Role
from tumorboard.text import Language
from tumorboard.web.pages.consensus_words import WORDS
from tumorboard.web.pages.page import language_of, render
from tumorboard.web.pages.session import database_of, user_of

COOKIE = "panel"


def leads(request: Request) -> bool:
    """Whether somebody is logged in who may lead a consensus."""
    user = user_of(request)
    return user is not None and user.role.covers(Role.chair)


def panellist_of(request: Request) -> Panellist | None:
    token = request.cookies.get(COOKIE)
    return session_of(database_of(request), token) if token else None


def guard_of(request: Request) -> str:
    """What a panellist's forms carry, so that no other site can send them: it follows from the session's token."""
    return hashlib.sha256(b"form\0" + request.cookies.get(COOKIE, "").encode()).hexdigest()


def guarded(request: Request, fields: Mapping[str, str]) -> bool:
    """Whether a form comes from this panellist's own page."""
    return hmac.compare_digest(fields.get("guard", "").encode(), guard_of(request).encode())


def worded(language: Language) -> Callable[..., str]:
    def word(key: str, **parts: object) -> str:
        text = WORDS[key]
        return (text.format(**parts) if parts else text)[language]

    return word


def shown(request: Request, template: str, *, status: int = 200, **parts: Any) -> HTMLResponse:
    language = language_of(request)
    return render(
        request, f"consensus/{template}", language, status=status, t=worded(language), guard=guard_of(request), **parts
    )


def message(request: Request, key: str, status: int) -> HTMLResponse:
    return shown(request, "message.html", status=status, message=worded(language_of(request))(key))
