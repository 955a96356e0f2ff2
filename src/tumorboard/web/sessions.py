"""Who asks: the session of a browser's cookie or of a bearer token, checked before every route but the open ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
import jwt
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tumorboard.errors import Problem, TumorboardError
from tumorboard.store.database import Database
from tumorboard.store.sessions import end_session, session, start_session
from tumorboard.store.users import LoginRefused, Role, User, authenticate, user, user_linked
from tumorboard.web.cds.tokens import ALGORITHMS
from tumorboard.web.pages.forms import form_of
from tumorboard.web.pages.page import language_of, render
from tumorboard.web.pages.session import user_of
from tumorboard.web.security import problem
from tumorboard.web.settings import Oidc, Settings

COOKIE = "session"
_OIDC_COOKIE = "oidc"
_OIDC_SECONDS = 600
_SECONDS = 10.0
# Open to all: the login, what pages are drawn with, personal links to a consensus and its public results, and what
# checks tokens of its own.
_PANEL = ("/consensus/enter", "/consensus/panel")
_OPEN = ("/login", "/static/", "/consensus", "/cds-services", "/health", "/api/v1/login")


class NotLoggedIn(TumorboardError):
    """This needs a login (401)."""


class Identity:
    """Puts the user and the token of forms on the request; where a team keeps boards, refuses who is not logged in."""

    def __init__(self, app: ASGIApp, database: Database | None) -> None:
        self.app, self.database = app, database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.database is None or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        token, by_cookie = _token(request)
        found = await anyio.to_thread.run_sync(_user_of, self.database, token) if token else None
        state = scope.setdefault("state", {})
        state["user"], state["session"] = found, token if found else None
        state["csrf"] = form_token(token) if found and token and by_cookie else ""
        state["by_cookie"] = by_cookie and found is not None
        if found is None and not scope["path"].startswith(_OPEN) and scope["path"] != "/login":
            await _sent_to_login(request)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _token(request: Request) -> tuple[str | None, bool]:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() == "bearer" and token:
        return token, False
    return request.cookies.get(COOKIE), True


def _user_of(database: Database, token: str) -> User | None:
    found = session(database, token)
    if found is None:
        return None
    with database.reading() as connection:
        return user(connection, found.user_id)


def _sent_to_login(request: Request) -> Response:
    """A browser to the login, a program to what is missing."""
    if "text/html" in request.headers.get("Accept", ""):
        return RedirectResponse("/login", 303)
    return problem(401, "log in first", headers={"WWW-Authenticate": "Bearer"})


def form_token(token: str) -> str:
    """What a form carries so that no other site can send it; it follows from the session and tells nothing of it."""
    return hashlib.sha256(b"form\0" + token.encode()).hexdigest()


async def from_own_page(request: Request) -> None:
    """Whether what changes something was sent by a page of this server. Raises Forged.

    Other sites can make a browser send forms here, with its cookie: its origin and the form's token tell.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is None:  # an old browser; one that says it may send the origin `null`, as pages here name no referrer
        origin = request.headers.get("Origin")
        foreign = origin is not None and urllib.parse.urlsplit(origin).netloc != request.headers.get("Host")
    else:
        foreign = site not in ("same-origin", "none")
    if foreign:
        raise Forged
    # A panellist's forms carry a guard of their own, which their pages check.
    if getattr(request.state, "by_cookie", False) and not request.url.path.startswith(_PANEL):
        given = (await form_of(request)).get("csrf", "")
        if not isinstance(given, str) or not _same(given, request.state.csrf):
            raise Forged


def _same(given: str, kept: str) -> bool:
    """Whether a secret is the one that is kept, in a time that tells nothing; what is sent may be any text."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), kept.encode())


class Forged(TumorboardError):
    """A form that was not sent by a page of this server (403)."""

    def __init__(self) -> None:
        super().__init__(Problem("", "this form was not sent by a page of this server", "open the page again"))


def require(request: Request, needed: Role) -> None:
    """Raises NotLoggedIn where a team keeps its boards and the user may not do this."""
    if request.app.state.database is None:
        return
    found = user_of(request)
    if found is None or not found.role.covers(needed):
        raise NotLoggedIn(Problem("", f"this needs a {needed.value}", "log in as one"))


# -- logging in and out ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Logins:
    settings: Settings
    database: Database

    def opened(self, user_id: str, target: str = "/") -> Response:
        """A new session in the browser's cookie."""
        with self.database.writing() as connection:
            token = start_session(connection, user_id)
        response = RedirectResponse(target, 303)
        response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=self.settings.secure)
        return response


def login_router(settings: Settings, database: Database) -> APIRouter:
    router, logins = APIRouter(include_in_schema=False), Logins(settings, database)

    @router.get("/login")
    def login_page(request: Request) -> Response:
        return _page(request, settings)

    @router.post("/login")
    async def login(request: Request) -> Response:
        form = await request.form(max_fields=10, max_files=0)
        name, password = str(form.get("name", "")), str(form.get("password", ""))
        try:
            found = await anyio.to_thread.run_sync(authenticate, database, name, password)
        except LoginRefused:
            return _page(request, settings, refused=True, status=401)
        return logins.opened(found.id)

    @router.post("/logout")
    def logout(request: Request) -> Response:
        if token := getattr(request.state, "session", None):
            with database.writing() as connection:
                end_session(connection, token)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response

    if settings.oidc is not None:
        _add_oidc(router, logins, settings.oidc)
    return router


def _page(request: Request, settings: Settings, refused: bool = False, status: int = 200) -> Response:
    oidc = settings.oidc is not None
    return render(request, "login.html", language_of(request), status=status, refused=refused, oidc=oidc)


# -- the hospital's login ----------------------------------------------------------------------------------------------


def _add_oidc(router: APIRouter, logins: Logins, oidc: Oidc) -> None:
    back = f"{logins.settings.base}/login/oidc/back"
    key = hashlib.sha256(b"oidc\0" + oidc.client_secret.encode()).digest()

    @router.get("/login/oidc")
    def to_hospital() -> Response:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": oidc.client_id, "redirect_uri": back, "scope": "openid",
            "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        response = RedirectResponse(f"{oidc.authorization_endpoint}?{urllib.parse.urlencode(query)}", 303)
        kept = jwt.encode({"state": state, "nonce": nonce, "verifier": verifier}, key, "HS256")
        response.set_cookie(
            _OIDC_COOKIE, kept, max_age=_OIDC_SECONDS, httponly=True, samesite="lax", secure=logins.settings.secure
        )
        return response

    @router.get("/login/oidc/back")
    def back_from_hospital(request: Request, code: str = "", state: str = "") -> Response:
        try:
            kept = jwt.decode(request.cookies.get(_OIDC_COOKIE, ""), key, algorithms=["HS256"])
            if not code or not _same(state, kept["state"]):
                return _page(request, logins.settings, refused=True, status=401)
            claims = _identity(oidc, code, back, kept["verifier"])
            if not _same(str(claims.get("nonce", "")), kept["nonce"]):
                return _page(request, logins.settings, refused=True, status=401)
        except (jwt.PyJWTError, OSError, ValueError):
            return _page(request, logins.settings, refused=True, status=401)
        with logins.database.reading() as connection:
            found = user_linked(connection, str(claims["iss"]), str(claims["sub"]))
        if found is None:
            return _page(request, logins.settings, refused=True, status=401)
        response = logins.opened(found.id)
        response.delete_cookie(_OIDC_COOKIE)
        return response


def _identity(oidc: Oidc, code: str, back: str, verifier: str) -> dict[str, Any]:
    """The claims of the token the code is good for. Raises PyJWTError, OSError or ValueError."""
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": oidc.client_id,
        "client_secret": oidc.client_secret, "code_verifier": verifier,
    }  # fmt: skip
    answer = _json(str(oidc.token_endpoint), urllib.parse.urlencode(form).encode())
    token = str(answer.get("id_token", ""))
    name = jwt.get_unverified_header(token).get("kid")
    keys = jwt.PyJWKSet.from_dict(_json(str(oidc.jwks_uri)))
    key = next((each for each in keys.keys if each.key_id == name and each.key_type != "oct"), None)
    if key is None:
        raise ValueError("a key the issuer does not publish")
    claims: dict[str, Any] = jwt.decode(
        token, key.key, algorithms=list(ALGORITHMS), audience=oidc.client_id, issuer=oidc.issuer,
        leeway=60, options={"require": ["exp", "iat", "iss", "sub", "aud"]},
    )  # fmt: skip
    return claims


def _json(url: str, body: bytes | None = None) -> dict[str, Any]:
    with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=_SECONDS) as answer:
        found = json.loads(answer.read(2**20))
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found
