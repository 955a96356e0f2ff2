"""What every command shares: options, loading, and writing output whole or not at all."""

from __future__ import annotations

import csv
import datetime
import gc
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tumorboard.data import decode, parse, parse_json, read_text
from tumorboard.errors import NotFound, Problem, TumorboardError, WrongUsage
from tumorboard.text import Language

if TYPE_CHECKING:
    from rich.console import Console

    from tumorboard.case.read import Case
    from tumorboard.guidelines.knowledge import Knowledge
    from tumorboard.vocabulary.library import Vocabulary

STREAM_LIMIT = 4 * 1024**3  # a batch is read a line at a time, so only each line is limited
PLAIN_WIDTH = 100
EXAMPLE_DAY = datetime.date(2026, 3, 1)  # the day of the board in examples that give none
_CASE_FILES = (".yaml", ".yml", ".json")


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
    return _case(parse(read_text(path), path.name), knowledge.vocabulary, knowledge)


def _case(data: Any, vocabulary: Vocabulary, knowledge: Knowledge) -> Case:
    from tumorboard.case.read import case_from_data
    from tumorboard.response.criteria import load_criteria
    from tumorboard.response.measured import with_measured

    if isinstance(data, dict) and "resourceType" in data:
        from tumorboard.case.fhir import case_from_fhir

        case = case_from_fhir(data, vocabulary, knowledge.folder, today())
    else:
        case = case_from_data(data, vocabulary, today())
    return with_measured(case, load_criteria(knowledge.folder), vocabulary) if case.file.response else case


def load_cases(path: Path, knowledge: Knowledge) -> Iterator[tuple[str, Case | TumorboardError]]:
    """The cases of a file, JSON-lines file or folder, each with its name; one that can't be read gives its error."""
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in _CASE_FILES)
        if not files:
            raise NotFound(Problem(str(path), "holds no case file", "a case file ends in .yaml or .json"))
        for file in files:
            try:
                yield file.name, load_case(file, knowledge)
            except TumorboardError as error:
                yield file.name, error
    elif path.suffix == ".jsonl":
        yield from _lines(path, knowledge)
    elif path.suffix == ".csv":
        yield from _table_rows(path, knowledge)
    else:
        yield path.name, load_case(path, knowledge)


def _lines(path: Path, knowledge: Knowledge) -> Iterator[tuple[str, Case | TumorboardError]]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise NotFound(Problem(str(path), error.strerror or str(error))) from error
    with file:
        for number, raw in enumerate(file, 1):
            name = f"{path.name}:{number}"
            if not raw.strip():
                continue
            try:
                data = parse_json(decode(raw, name), name)
                yield (
                    str(data.get("id", name) if isinstance(data, dict) else name),
                    _case(data, knowledge.vocabulary, knowledge),
                )
            except TumorboardError as error:
                yield name, error


def _table_rows(path: Path, knowledge: Knowledge) -> Iterator[tuple[str, Case | TumorboardError]]:
    """One patient a row of a CSV, read as it comes; its columns are the inputs of the calculators, and ``id``."""
    from tumorboard.advice.calculate import case_from_options, every_input, load_calculators

    inputs, day = every_input(load_calculators(knowledge.folder)), today()
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise NotFound(Problem(str(path), error.strerror or str(error))) from error
    with file:
        for number, row in enumerate(csv.DictReader(file), 2):
            name = row.pop("id", None) or f"{path.name}:{number}"
            given = {column: cell for column, cell in row.items() if column is not None and cell}
            try:
                yield name, case_from_options(given, inputs, name, knowledge, day)
            except TumorboardError as error:
                yield name, error


def is_batch(path: Path) -> bool:
    return path.is_dir() or path.suffix in (".jsonl", ".csv")


def error_record(name: str, error: TumorboardError) -> dict[str, Any]:
    problems = [{"place": p.place, "what": p.what, "mend": p.mend} for p in error.problems]
    return {"case": name, "error": str(error), "problems": problems}


def to_json(value: Any, indent: int | None = 2) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False) + "\n"


def write(text: str, out: Path | None) -> None:
    """To the file, whole or not at all, or to standard output."""
    if out is None:
        sys.stdout.write(text)
        return
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=out.parent, delete=False) as file:
            file.write(text)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(out)
    except OSError as error:
        raise NotFound(Problem(str(out), f"can't be written: {error.strerror or error}")) from error


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
