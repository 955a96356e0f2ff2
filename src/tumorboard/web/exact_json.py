"""JSON that clients send, read as the command line reads case files: exact decimals, each key once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tumorboard.data import decode, parse_json

Answer = Callable[[Request], Coroutine[Any, Any, Response]]
_NAME = "body"
_LARGE = 64 * 1024  # bytes that take long enough to keep others waiting


class _Exact(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_exact"):
            body = await self.body()
            self._exact = _read(body) if len(body) < _LARGE else await run_sync(_read, body)
        return self._exact


def _read(body: bytes) -> Any:
    return parse_json(decode(body, _NAME), _NAME)


class ExactRoute(APIRoute):
    """A route whose body, where it takes one, is such JSON; another content type is refused (415)."""

    def get_route_handler(self) -> Answer:
        answer = super().get_route_handler()
        if self.body_field is None:
            return answer

        async def answer_exactly(request: Request) -> Response:
            if not _is_json(request.headers.get("content-type", "")):
                raise HTTPException(415, "send application/json")
            exact = _Exact(request.scope, request.receive)
            await exact.json()  # here, as what is raised inside is answered without its reason
            return await answer(exact)

        return answer_exactly


def _is_json(content_type: str) -> bool:
    kind, _, subtype = content_type.partition(";")[0].strip().casefold().partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))
