"""``demo`` and ``doctor``."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import platform
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tumorboard.cli.common import Lang, LangOption, load_case, load_knowledge, rendered, say, write
from tumorboard.errors import Problem, WrongUsage

DEMO = Path(__file__).parent.parent / "demo"

# What each extra brings, by the module that shows it is there.
_EXTRAS = {
    "fhir": ("fhir.resources", "validation of FHIR bundles against the R4B models"),
    "cohort": ("pyarrow", "many patients: tables in Parquet, a guideline over all of them, outcomes"),
    "mechanism": ("clingo", "rescue sets and simulated clones"),
    "proof": ("z3", "proofs that a guideline has no gap, overlap or dead rule that nobody has accepted"),
    "stats": ("scipy", "meta-analysis, and the checks of reported statistics that need a t or χ² distribution"),
}


def add_to(app: typer.Typer) -> None:
    app.command()(demo)
    app.command()(doctor)


def demo(
    folder: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Where the reports go.")] = Path(
        "out/demo"
    ),
    lang: LangOption = Lang.en,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Of the board's pages; 0: any free.")] = 8765,
) -> None:
    """Advice for the demo patients (all synthetic), with an HTML report of each; on a terminal, then a board to try."""
    from tumorboard.advice.advise import advise
    from tumorboard.report.html import advice_html
    from tumorboard.report.terminal import print_advice

    known = load_knowledge(None)
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(DEMO.iterdir()):
        if file.suffix not in (".yaml", ".json"):
            continue
        case = load_case(file, known)
        advice = advise(case, known)
        write(rendered(partial(print_advice, advice, case, known, lang.language), None), None)
        for language in Lang:
            write(advice_html(advice, case, known, language.language), folder / f"{file.stem}.{language.value}.html")
    say(f"reports: {folder}/*.html")
    if sys.stdout.isatty() and sys.stdin.isatty():
        _serve(port)


def _serve(port: int) -> None:
    """The demo board for a browser on this machine, until Ctrl-C; without the extra ``web`` it says what is absent."""
    if importlib.util.find_spec("fastapi") is None or importlib.util.find_spec("uvicorn") is None:
        say("the board as pages needs the extra: pip install 'tumorboard[web]'")
        return
    import uvicorn

    from tumorboard.web.app import create_app
    from tumorboard.web.settings import Settings

    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError as error:
            what = f"port {port} can't be used: {error.strerror or error}"
            raise WrongUsage(Problem("--port", what, "choose another, or 0 for any that is free")) from error
        say(f"the demo board: http://127.0.0.1:{listening.getsockname()[1]}/  (Ctrl-C ends it; nothing is saved)")
        server = uvicorn.Server(uvicorn.Config(create_app(Settings(port=port)), log_level="warning"))
        with contextlib.suppress(KeyboardInterrupt):  # how uvicorn passes on the Ctrl-C that ended it
            server.run(sockets=[listening])


def doctor() -> None:
    """What is installed, what an absent part would give, and which source texts have been added."""
    from tumorboard.evidence import default_store, stored_texts

    known = load_knowledge(None)
    store = default_store(os.environ)
    texts = stored_texts(known.findings, store)
    documents = [source for source in known.findings.sources.values() if source.is_document]
    lines = [
        f"tumorboard {importlib.metadata.version('tumorboard')}, Python {platform.python_version()}",
        f"knowledge {known.version} of {known.date}, sha256 {known.sha256[:16]}…",
        f"source texts added: {len(texts)} of {len(documents)} (in {store})",
    ]
    for extra, (module, gives) in _EXTRAS.items():
        there = importlib.util.find_spec(module.partition(".")[0]) is not None
        state = "there" if there else f"absent; `pip install 'tumorboard[{extra}]'`"
        lines.append(f"extra {extra}: {state} ({gives})")
    write("\n".join(lines) + "\n", None)
