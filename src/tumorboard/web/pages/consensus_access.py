"""Who is at a page of a consensus: the chair by the team's login, a panellist by the session of a personal link."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tumorboard.consensus.panel import Panellist, session_of
from tumorboard.errors import TumorboardError
from tumorboard.store.users import Role
from tumorboard.text import Language
from tumorboard.web.pages.consensus_words import WORDS
from tumorboard.web.pages.page import language_of, render
from tumorboard.web.pages.session import database_of, user_of

COOKIE = "panel"


def chair_of(request: Request) -> str | None:
    """The id of the user, where it is one who may lead."""
    user = user_of(request)
    return user.id if user is not None and Role(user.role).covers(Role.chair) else None


def panellist_of(request: Request) -> Panellist | None:
    token = request.cookies.get(COOKIE)
    return session_of(database_of(request), token) if token else None


def guard_of(request: Request) -> str:
    """What a panellist's forms carry, so that no other site can send them: it follows from the session's token."""
    return hashlib.sha256(b"form\0" + request.cookies.get(COOKIE, "").encode()).hexdigest()


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; read apart, so that the page itself runs in a thread and keeps nobody waiting."""
    return {key: str(value) for key, value in (await request.form(max_fields=50)).items()}


Form = Annotated[dict[str, str], Depends(form_of)]


def sent_from_here(request: Request, form: Mapping[str, Any] | None = None) -> bool:
    """Whether a form was sent by a page of this server; with ``form``, also by this panellist's own page."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:  # the browser itself says where the form stood; `Origin` may be hidden by a policy
        here = site in ("same-origin", "none")
    else:
        here = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not here:
        return False
    return form is None or hmac.compare_digest(str(form.get("guard", "")), guard_of(request))


def worded(language: Language) -> Callable[..., str]:
    def word(key: str, **parts: object) -> str:
        text = WORDS[key]
        return (text.format(**parts) if parts else text)[language]

    return word


def shown(request: Request, template: str, *, status: int = 200, **parts: Any) -> HTMLResponse:
    """A page of a consensus; nothing of it may be kept by a browser or a proxy."""
    language = language_of(request)
    page = render(
        request, f"consensus/{template}", language, status=status, t=worded(language), guard=guard_of(request), **parts
    )
    page.headers["Cache-Control"] = "no-store"
    page.headers["Referrer-Policy"] = "same-origin"
    return page


_STATUS = {2: 409, 3: 404, 4: 422, 5: 422}


def refused(request: Request, error: TumorboardError) -> HTMLResponse:
    """A page that says what could not be done."""
    word = worded(language_of(request))
    what = "; ".join(str(problem) for problem in error.problems)
    return shown(request, "message.html", status=_STATUS[error.exit_code], message=word("slip other", what=what))


def message(request: Request, key: str, status: int) -> HTMLResponse:
    return shown(request, "message.html", status=status, message=worded(language_of(request))(key))
