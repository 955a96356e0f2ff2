"""The commands put together, and errors turned into messages and exit codes."""

from __future__ import annotations

import gc
import os
import sys

from tumorboard.cli import (
    advising,
    calculate,
    cases,
    dosing,
    evidence,
    guidelines,
    knowledge,
    response,
    setup,
    statistics,
)
from tumorboard.cli.common import new_app
from tumorboard.errors import TumorboardError

app = new_app("Oncology consensus papers that run: a case in, explained and graded advice out.")
advising.add_to(app)
app.command()(response.response)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(calculate.calculate)
app.command()(dosing.dose)
setup.add_to(app)
app.add_typer(cases.app, name="case")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(guidelines.app, name="guideline")
app.add_typer(knowledge.sources, name="sources")
app.add_typer(evidence.app, name="evidence")
app.add_typer(statistics.app, name="stats")


def main() -> None:
    """The entry point ``tumorboard``. Exit codes: 0 done, 2 usage, 3 not found, 4 invalid input, 5 undecidable."""
    # Loading makes a hundred thousand objects that all stay; looking for garbage among them costs a third of the time.
    gc.disable()
    try:
        app()
    except TumorboardError as error:
        for problem in error.problems:
            sys.stderr.write(f"error: {problem}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); the interpreter must not complain while it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
