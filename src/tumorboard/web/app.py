"""The application: pages, REST, FHIR, CDS Hooks and assistants behind one door."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import anyio.to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from tumorboard.case.read import place_of
from tumorboard.errors import InvalidInput, NotFound, Problem, TumorboardError, WrongUsage
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.cases import Conflict
from tumorboard.store.database import Busy, Database
from tumorboard.store.schema import open_database
from tumorboard.store.users import LoginRefused, users
from tumorboard.web import fhir
from tumorboard.web.api import routes as api
from tumorboard.web.api.answers import Answers
from tumorboard.web.api.schemas import add_schemas
from tumorboard.web.cds import Cds, cds_router
from tumorboard.web.cds.tokens import Client
from tumorboard.web.cds.used import UsedTokens
from tumorboard.web.pages import router as pages
from tumorboard.web.pages.errors import error_page
from tumorboard.web.pages.session import Refused
from tumorboard.web.security import Bodies, Failures, Headers, Hosts, Rates, host_names, problem
from tumorboard.web.sessions import Forged, Identity, NotLoggedIn, from_own_page, login_router
from tumorboard.web.settings import Settings

STATIC = Path(__file__).parent / "static"
MCP = "/mcp"
SETTINGS = "TUMORBOARD_SERVE"  # where the settings of a server's processes are handed on
_THREADS = 8  # that work at a time; more would only wait for the interpreter
_OBJECTS = 50_000  # made before garbage is looked for; the answer to one request makes thousands
_DATA = ("/api/", "/fhir/", "/cds-services", "/mcp")  # paths programs ask; the others are pages


def create_app(settings: Settings) -> FastAPI:
    """The application. Raises WrongUsage where others could reach it and nobody would have to log in."""
    knowledge = Knowledge.load(*map(Path, settings.knowledge))
    anchor = os.environ.get("TUMORBOARD_ANCHOR")
    database = open_database(settings.database, Path(anchor) if anchor else None) if settings.database else None
    _refuse_open_doors(settings, database)
    gc.collect()
    gc.freeze()  # the knowledge stays: looking for garbage in it would cost each request
    gc.set_threshold(_OBJECTS)
    app = FastAPI(
        title="Tumorboard", version=knowledge.version, openapi_url="/api/v1/openapi.json", docs_url=None,
        redoc_url=None, lifespan=_lifespan,
        description="Oncology guidelines as checked data. It informs clinicians and does not replace them.",
    )  # fmt: skip
    app.state.knowledge, app.state.database, app.state.settings = knowledge, database, settings
    app.state.answers = Answers(knowledge)
    app.include_router(api.router)
    app.include_router(fhir.router)
    app.include_router(cds_router(_cds(settings, knowledge, database)))
    if database is not None:
        app.include_router(login_router(settings, database), dependencies=[Depends(from_own_page)])
    app.include_router(pages, dependencies=[Depends(from_own_page)])
    app.add_api_route("/health", lambda: {"status": "ok"}, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC))
    _mount_assistants(app, knowledge)
    add_schemas(app, knowledge.vocabulary.terms)
    _answer_errors(app)
    # The last that is added stands first.
    app.add_middleware(Identity, database=database)
    app.add_middleware(Bodies, largest=settings.largest_body, seconds=settings.body_seconds)
    app.add_middleware(Rates, settings=settings)
    app.add_middleware(Hosts, names=host_names(settings))
    app.add_middleware(Failures)
    app.add_middleware(Headers, secure=settings.secure)
    return app


def from_environment() -> FastAPI:
    """The application of one of a server's processes."""
    return prepared(create_app(Settings.model_validate_json(os.environ[SETTINGS])))


def prepared(app: FastAPI) -> FastAPI:
    """The application, which makes itself ready for many at once while it answers the first."""
    threading.Thread(target=app.state.answers.prepare, name="prepare", daemon=True).start()
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    async with contextlib.AsyncExitStack() as stack:
        if (assistants := getattr(app.state, "assistants", None)) is not None:
            await stack.enter_async_context(assistants.session_manager.run())
        yield
    if app.state.database is not None:
        app.state.database.close()


def _refuse_open_doors(settings: Settings, database: Database | None) -> None:
    if settings.loopback:
        return
    if database is not None:
        with database.reading() as connection:
            if users(connection):
                return
    what = f"{settings.host} can be reached by others, and nobody would have to log in"
    raise WrongUsage(Problem("--host", what, "name a --database with users (`tumorboard user add`), or use 127.0.0.1"))


def _cds(settings: Settings, knowledge: Knowledge, database: Database | None) -> Cds:
    clients = [
        Client(each.issuer, str(each.jku) if each.jku else None, each.keys, each.fhir_servers)
        for each in settings.cds_clients
    ]
    alone = settings.loopback and database is None
    return Cds(knowledge, settings.base, clients, database, alone, UsedTokens(settings.used_tokens))


def _mount_assistants(app: FastAPI, knowledge: Knowledge) -> None:
    """The tools for assistants at ``/mcp``, where the extra is installed."""
    try:
        from mcp.server.transport_security import TransportSecuritySettings

        from tumorboard.web.assistants import assistants
    except ModuleNotFoundError:
        return
    server = assistants(knowledge)
    # The names it answers to are checked before every route; its own check knows those of this machine alone.
    anywhere = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    door = server.streamable_http_app(streamable_http_path="/", stateless_http=True, transport_security=anywhere)
    app.mount(MCP, door)
    app.add_middleware(AtDoor)
    app.state.assistants = server


class AtDoor:
    """The door of assistants without its slash: sent on to another address, some clients lose what they ask."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == MCP:
            scope = {**scope, "path": f"{MCP}/", "raw_path": f"{MCP}/".encode()}
        await self.app(scope, receive, send)


# -- errors ------------------------------------------------------------------------------------------------------------


def _answer_errors(app: FastAPI) -> None:
    """Errors say where, what is wrong and what would be right: to programs as problem+json, to people as a page."""

    @app.exception_handler(TumorboardError)
    def refused(request: Request, error: TumorboardError) -> Response:
        status = status_of(error)
        if not request.url.path.startswith(_DATA):
            return error_page(request, error, status)
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        return problem(status, str(error).partition("\n")[0] or "refused", api.problems_of(error), headers)

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, error: RequestValidationError) -> Response:
        found = [InvalidInput(Problem(place_of(_inside(each["loc"])), each["msg"])) for each in error.errors()]
        problems = [entry for each in found for entry in api.problems_of(each)]
        return problem(422, "the request is not as it should be", problems)

    @app.exception_handler(HTTPException)
    def not_there(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith(_DATA) or error.status_code != 404:
            return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))
        return error_page(request, NotFound(Problem("", "no such page")), 404)


def _inside(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The place inside the body, query or path."""
    return loc[1:] if loc and loc[0] in ("body", "query", "path", "header") else loc


def status_of(error: TumorboardError) -> int:
    match error:
        case NotLoggedIn() | LoginRefused():
            return 401
        case Forged() | Refused():
            return 403
        case NotFound():
            return 404
        case Conflict():
            return 409
        case Busy():
            return 503
        case InvalidInput():
            return 422
    return 400
