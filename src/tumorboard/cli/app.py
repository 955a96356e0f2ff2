"""The commands put together, and errors turned into messages and exit codes."""

from __future__ import annotations

import gc
import importlib
import os
import sys

import typer

from tumorboard.cli.common import new_app
from tumorboard.errors import TumorboardError

# Which module each command is in: a start loads the one it was asked for, and only `--help` loads all.
_MODULES = {
    "advise": "advising", "assess": "advising", "explain": "advising", "compare": "advising",
    "calculate": "calculate", "response": "response", "dose": "dosing",
    "case": "cases", "knowledge": "knowledge", "guideline": "guidelines", "sources": "knowledge",
    "cohort": "cohort", "mechanism": "mechanism", "clones": "mechanism", "evidence": "evidence", "stats": "statistics",
    "read": "reading",
    "user": "store", "audit": "store", "board": "store", "backup": "store", "restore": "store", "database": "store",
    "consensus": "consensus", "serve": "serve", "mcp": "mcp", "demo": "setup", "doctor": "setup",
}  # fmt: skip


def app_for(command: str | None) -> typer.Typer:
    """The command line with the module of ``command``, or with all modules where it names none."""
    app = new_app("Oncology consensus papers that run: a case in, explained and graded advice out.")
    app.callback()(_advice_from_papers)  # keeps a single command a command
    known = _MODULES.get(command or "")
    for name in dict.fromkeys(_MODULES.values() if known is None else (known,)):
        importlib.import_module(f"tumorboard.cli.{name}").add_to(app)
    return app


def _advice_from_papers() -> None:
    """Oncology consensus papers that run: a case in, explained and graded advice out."""


def main() -> None:
    """The entry point ``tumorboard``. Exit codes: 0 done, 2 usage, 3 not found, 4 invalid input, 5 undecidable."""
    # Loading makes a hundred thousand objects that all stay; looking for garbage among them costs a third of the time.
    gc.disable()
    try:
        app_for(next(iter(sys.argv[1:]), None))()
    except TumorboardError as error:
        for problem in error.problems:
            sys.stderr.write(f"error: {problem}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); the interpreter must not complain while it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
