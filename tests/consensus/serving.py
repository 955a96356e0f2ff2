"""The pages of consensus rounds served alone: a user who leads is whoever carries the header `x-leads`."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.staticfiles import StaticFiles

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.database import Database
from tumorboard.web.pages import consensus, styles


@dataclass(frozen=True)
class Leader:
    id: str = "leader"
    role: str = "chair"
    full_name: str = "A chair"


def app_of(knowledge: Knowledge, database: Database) -> FastAPI:
    app = FastAPI()
    app.state.knowledge, app.state.database = knowledge, database

    @app.middleware("http")
    async def login(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        request.state.user = Leader() if request.headers.get("x-leads") else None
        response = await call(request)
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'"
        )
        return response

    app.include_router(styles.router)
    app.include_router(consensus.router)
    app.mount("/static", StaticFiles(directory=str(resources.files("tumorboard.web").joinpath("static"))))
    return app


@contextmanager
def served(knowledge: Knowledge, database: Database, access_log: list[str] | None = None) -> Iterator[str]:
    """The address of a running server; what it logs of accesses goes to the list."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app_of(knowledge, database), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
