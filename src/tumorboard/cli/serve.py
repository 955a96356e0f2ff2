"""``serve``: the board's screen and the doors for other systems, on this machine or for a team."""

from __future__ import annotations

import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tumorboard.cli.common import KnowledgeOption, say
from tumorboard.errors import NotFound, Problem

_IDLE_SECONDS = 75  # a connection may stay unused; longer than proxies before it keep theirs


def serve(
    host: Annotated[str | None, typer.Option("--host", help="127.0.0.1: this machine alone.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="8765 where none is given.")] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            envvar="TUMORBOARD_DATABASE",
            show_envvar=True,
            help="Keeps boards, cases and decisions: sqlite:///FILE or postgresql://USER@HOST/NAME.",
        ),
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="URL", help="How others reach it: https://board.hospital.example")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that answer.")] = 1,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE", help="YAML: clients, the hospital's login, limits.")
    ] = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Pages, REST (/api/v1), FHIR (/fhir), CDS Hooks (/cds-services) and assistants (/mcp), until Ctrl-C."""
    try:
        import uvicorn

        from tumorboard.web.app import SETTINGS, create_app, prepared
        from tumorboard.web.settings import read_settings
    except ModuleNotFoundError as error:
        raise NotFound(Problem("", f"pages need {error.name}", "pip install 'tumorboard[web]'")) from error
    more = tuple(str(folder.resolve()) for folder in knowledge) if knowledge else None
    chosen = read_settings(settings, host=host, port=port, database=database, address=address, knowledge=more)
    kept = "boards are kept" if chosen.database else "nothing is kept"
    say(f"Tumorboard at {chosen.base}/ ({kept}); Ctrl-C ends it")
    # No access log: a request's address could tell of a patient, and its body is nobody's business.
    run = partial(
        uvicorn.run, host=chosen.host, port=chosen.port, log_level="warning", access_log=False,
        timeout_keep_alive=_IDLE_SECONDS,
    )  # fmt: skip
    app = create_app(chosen)  # of several processes too: what is wrong is said once, before any of them starts
    if workers == 1:
        run(prepared(app))
        return
    with tempfile.TemporaryDirectory(prefix="tumorboard-") as folder:
        logins = -(-chosen.logins_a_minute // workers)  # each process counts those it sees
        shared = {"used_tokens": str(Path(folder) / "used.db"), "logins_a_minute": logins}
        os.environ[SETTINGS] = chosen.model_copy(update=shared).model_dump_json()
        run("tumorboard.web.app:from_environment", factory=True, workers=workers)


def add_to(app: typer.Typer) -> None:
    app.command()(serve)
