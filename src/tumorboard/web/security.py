"""What stands before every route: the names the server answers to, how much and how often, and what browsers may do."""

from __future__ import annotations

import ipaddress
import logging
import time
import traceback
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tumorboard.web.settings import LOOPBACK, Settings

# Nothing inside a page runs or styles it, and nothing comes from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_STREAMED = "/batch"  # the end of paths whose body is read line by line, each with a limit of its own
_ADDRESSES = 10_000  # whose rate is remembered
_FRAMES = 8  # lines of a failure that are logged
_LOG = logging.getLogger(__name__)


def problem(
    status: int, title: str, problems: list[dict[str, str]] | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    """An error as RFC 9457 has it; ``problems`` name each entry with what is wrong and what would be right."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if problems is not None:
        body["problems"] = problems
    return JSONResponse(body, status, headers, media_type="application/problem+json")


class Failures:
    """Answers for what nobody foresaw. What an error says may be of a patient, so the log tells only where it arose."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def sent(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, sent)
        except ClientDisconnect:
            return  # nobody is there any more
        except Exception as error:  # noqa: BLE001 - the last that can keep its words out of the log
            _LOG.error("%s", where(error))
            if not started:  # else the answer breaks off, which clients see
                await problem(500, "something failed here; the server's log tells where")(scope, receive, send)


def where(error: BaseException) -> str:
    """The kind of an error and the lines it passed through, without a word of what it says."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    lines = " < ".join(f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in reversed(frames))
    return f"{type(error).__name__} at {lines}"


class Headers:
    """Adds the headers of every answer; an answer that may hold a patient's data is kept nowhere."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self.app = app
        self._own = {**HEADERS, **({"Strict-Transport-Security": "max-age=31536000"} if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                held = {name.lower() for name, _ in message["headers"]}
                own = dict(self._own)
                if not scope["path"].startswith("/static/"):
                    own["Cache-Control"] = "no-store"
                message["headers"] = [
                    *message["headers"],
                    *((n.encode(), v.encode()) for n, v in own.items() if n.lower().encode() not in held),
                ]
            await send(message)

        await self.app(scope, receive, with_headers)


class Hosts:
    """Answers only to its own names, so that another site's name can't be pointed at a server on this machine."""

    def __init__(self, app: ASGIApp, names: tuple[str, ...]) -> None:
        self.app, self.names = app, frozenset(name.casefold() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _host(scope) not in self.names:
            await problem(421, "this server does not answer to that name")(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _host(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1").casefold()
    if given.startswith("["):
        return given[1:].partition("]")[0]
    return given.rpartition(":")[0] if ":" in given else given


class Bodies:
    """Ends a request whose body is longer than allowed or takes too long to come, however it is sent.

    ``seconds``: for a whole body, or for the next piece of one that is read line by line.
    """

    def __init__(self, app: ASGIApp, largest: int, seconds: float) -> None:
        self.app, self.largest, self.seconds = app, largest, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].endswith(_STREAMED):
            await self.app(scope, self._in_time(receive), send)
            return
        said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        try:
            if not said.isdigit() or int(said) > self.largest:
                raise _TooLong
            with anyio.fail_after(self.seconds):
                body = await self._whole(receive)
        except _TooLong:
            await problem(413, f"the body is longer than {self.largest // 2**20} MiB")(scope, receive, send)
            return
        except TimeoutError:
            slow = problem(408, f"the body took longer than {self.seconds:g} s", headers={"Connection": "close"})
            await slow(scope, receive, send)
            return
        await self.app(scope, _replayed(body, receive), send)

    async def _whole(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise ClientDisconnect
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
            if size > self.largest:
                raise _TooLong
        return b"".join(parts)

    def _in_time(self, receive: Receive) -> Receive:
        async def received() -> Message:
            try:
                with anyio.fail_after(self.seconds):
                    return await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}

        return received


class _TooLong(Exception):
    """A body is longer than allowed."""


def _replayed(body: bytes, receive: Receive) -> Receive:
    whole: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def replayed() -> Message:
        nonlocal whole
        if whole is None:
            return await receive()
        message, whole = whole, None
        return message

    return replayed


@dataclass
class Bucket:
    """So many at once and so many a second, for each address."""

    burst: float
    rate: float
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def takes(self, address: str, now: float) -> bool:
        left, at = self._left.pop(address, (self.burst, now))
        left = min(self.burst, left + (now - at) * self.rate)
        self._left[address] = max(left - 1, 0) if left >= 1 else left, now
        while len(self._left) > _ADDRESSES:
            self._left.popitem(last=False)
        return left >= 1


class Rates:
    """Slows down whoever asks too often; logins most of all."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.all = Bucket(2 * settings.requests_a_second, settings.requests_a_second)
        self.logins = Bucket(settings.logins_a_minute, settings.logins_a_minute / 60)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            address, now = _address(scope), time.monotonic()
            login = scope["method"] == "POST" and scope["path"].rstrip("/").endswith("/login")
            if not self.all.takes(address, now) or (login and not self.logins.takes(address, now)):
                await problem(429, "too many requests", headers={"Retry-After": "5"})(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _address(scope: Scope) -> str:
    """Who asks; of IPv6 the network, as one machine has many addresses in it."""
    client = scope.get("client")
    if not client:
        return ""
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return str(client[0])
    if address.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)


def host_names(settings: Settings) -> tuple[str, ...]:
    """The names a server answers to: its own, this machine's, and those of the settings."""
    outside = settings.base.partition("//")[2].partition("/")[0]
    named = outside[1:].partition("]")[0] if outside.startswith("[") else outside.partition(":")[0]
    return (*LOOPBACK, settings.host, named, *settings.hosts)
