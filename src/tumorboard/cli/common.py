"""What every command shares: options, loading, and writing output whole or not at all."""

from __future__ import annotations

import datetime
import gc
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tumorboard.data import parse, read_text
from tumorboard.errors import NotFound, Problem, TumorboardError, WrongUsage
from tumorboard.text import Language

if TYPE_CHECKING:
    from rich.console import Console

    from tumorboard.case.read import Case
    from tumorboard.guidelines.knowledge import Knowledge

PLAIN_WIDTH = 100
EXAMPLE_DAY = datetime.date(2026, 3, 1)  # the day of the board in examples that give none


class Lang(StrEnum):
    en = "en"
    zh = "zh"

    @property
    def language(self) -> Language:
        return "zh" if self is Lang.zh else "en"


class Format(StrEnum):
    text = "text"
    json = "json"
    jsonl = "jsonl"
    markdown = "markdown"
    html = "html"


KnowledgeOption = Annotated[
    list[Path] | None,
    typer.Option("--knowledge", metavar="DIR", help="A folder of knowledge beside ours; may be given several times."),
]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the answer.")]
OutOption = Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write to this file.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Choose another value for a named option of the knowledge."),
]


def new_app(text: str) -> typer.Typer:
    return typer.Typer(
        help=text, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )


def load_knowledge(more: list[Path] | None, chosen: list[str] | None = None, whole: bool = False) -> Knowledge:
    """Our knowledge with further folders beside it; with ``whole`` a single folder that is complete stands for ours."""
    from tumorboard.guidelines.knowledge import Knowledge

    if whole and more and len(more) == 1 and (more[0] / "knowledge.yaml").exists():
        known = Knowledge.load(root=more[0])
    else:
        known = Knowledge.load(*(more or ()))
    known = known.with_settings(pairs(chosen))
    gc.freeze()
    gc.enable()  # switched off in main() until all that stays is loaded
    return known


def pairs(chosen: list[str] | None) -> dict[str, str]:
    """What ``--set NAME=VALUE`` chose, by name."""
    found = {}
    for text in chosen or ():
        name, sign, value = text.partition("=")
        if not sign:
            raise WrongUsage(Problem("", f"--set {text}", "write --set NAME=VALUE"))
        found[name.strip()] = value.strip()
    return found


def today() -> datetime.date:
    return datetime.date.today()


def load_case(path: Path, knowledge: Knowledge) -> Case:
    """One case from a case file or a FHIR bundle."""
    return case_of(parse(read_text(path), path.name), knowledge)


def case_of(data: Any, knowledge: Knowledge) -> Case:
    """The case in parsed data: a case file's or a FHIR bundle's, with what its measurements give."""
    from tumorboard.advice.given import case_given

    return case_given(data, knowledge, today())


def error_record(name: str, error: TumorboardError) -> dict[str, Any]:
    problems = [{"place": p.place, "what": p.what, "mend": p.mend} for p in error.problems]
    return {"case": name, "error": str(error), "problems": problems}


def to_json(value: Any, indent: int | None = 2) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False) + "\n"


def write(text: str, out: Path | None) -> None:
    """To the file, whole or not at all, or to standard output."""
    write_all((text,), out)


def write_all(texts: Iterable[str], out: Path | None) -> None:
    """The texts as they come; a file appears when the last is written, and stays as it was where one fails."""
    if out is None:
        for text in texts:
            sys.stdout.write(text)
        return
    try:
        file = tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=out.parent, delete=False)  # noqa: SIM115
    except OSError as error:
        raise _not_written(out, error) from error
    unfinished = Path(file.name)
    try:
        with file:
            for text in texts:
                file.write(text)
        unfinished.chmod(0o644)
        unfinished.replace(out)
    except OSError as error:
        raise _not_written(out, error) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _not_written(out: Path, error: OSError) -> NotFound:
    return NotFound(Problem(str(out), f"can't be written: {error.strerror or error}"))


def rendered(draw: Callable[[Console], None], out: Path | None) -> str:
    """What ``draw`` prints, as wide and coloured as the terminal it will go to; plain for files and pipes."""
    from rich.console import Console

    at_terminal = out is None and sys.stdout.isatty()
    width = None if at_terminal else PLAIN_WIDTH
    console = Console(file=io.StringIO(), force_terminal=at_terminal, width=width, highlight=False)
    draw(console)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
