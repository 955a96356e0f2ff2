"""``read``: documents in, drafts of findings out, for a person to decide on; and those decisions in, findings out."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tumorboard.cli.common import KnowledgeOption, Lang, LangOption, load_knowledge, say, to_json, write
from tumorboard.data import parse_json, read_text
from tumorboard.errors import NotFound, Problem, WrongUsage

if TYPE_CHECKING:
    from tumorboard.guidelines.knowledge import Knowledge
    from tumorboard.reading.apart import MoreTime, Outcome
    from tumorboard.reading.document import Document
    from tumorboard.reading.draft import Draft
    from tumorboard.reading.loading import Limits
    from tumorboard.reading.ocr import Recogniser
    from tumorboard.reading.read import ReadingKnowledge
    from tumorboard.reading.second import Endpoint

KEY_VARIABLE = "TUMORBOARD_SECOND_KEY"
PROCESSES = 2
_MAX_REVIEW = 64 * 2**20


class ReadFormat(StrEnum):
    jsonl = "jsonl"
    html = "html"


def read(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", help="Documents, and folders of them.")] = None,
    format: Annotated[ReadFormat, typer.Option("--format", help="Drafts, a line each, or a page to review them.")] = (
        ReadFormat.jsonl
    ),
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="A file for each document goes here.")
    ] = None,
    ocr: Annotated[
        bool | None, typer.Option("--ocr/--no-ocr", help="Recognise pages without text; by default if installed.")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="After which a file is given up.")] = 120,
    pages: Annotated[int, typer.Option("--pages", min=1, help="Pages a file may have.")] = 1000,
    accept: Annotated[
        Path | None, typer.Option("--accept", metavar="REVIEW.json", help="A saved review: findings go to -o DIR.")
    ] = None,
    second: Annotated[
        str | None,
        typer.Option(
            "--second",
            metavar="URL",
            help="A second reader (OpenAI-compatible). The text of each document is sent there.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME", help="The second reader's model.")] = None,
    lang: LangOption = Lang.en,
    knowledge: KnowledgeOption = None,
) -> None:
    """Drafts of the findings and recommendations in papers, each with its exact place. A person decides on each."""
    if accept is not None:
        if files or out is None:
            raise WrongUsage(Problem("", "--accept", "write tumorboard read --accept REVIEW.json -o DIR"))
        _accept(accept, out)
        return
    _needs_reading()
    from tumorboard.reading.apart import each_apart
    from tumorboard.reading.loading import Limits, files_in
    from tumorboard.reading.second import Endpoint

    if not files:
        raise WrongUsage(Problem("", "no document", "name files or folders"))
    if format is ReadFormat.html and out is None:
        raise WrongUsage(Problem("", "a page to review goes to a file", "add -o DIR"))
    if (second is None) != (model is None):
        raise WrongUsage(Problem("", "--second and --model", "a second reader needs both"))
    paths = files_in(files)
    limits = Limits(seconds=seconds, pages=pages)
    recognise = _installed_ocr() if ocr is None else ocr
    endpoint = None if second is None else Endpoint(second, model or "", os.environ.get(KEY_VARIABLE))
    work = Work(format, lang, knowledge, limits, recognise, endpoint)
    work.prepare()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    failed = False
    names = _Names(out)
    memory = None if recognise or endpoint is not None else limits.memory
    outcomes = each_apart(paths, work, seconds=limits.seconds, memory=memory, processes=PROCESSES)
    for outcome in _with_progress(outcomes, len(paths)):
        failed |= _told(outcome, names, format)
    if failed:
        raise typer.Exit(4)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one document: the drafts as text, its own text, and what there is to say about it."""

    drafts: str
    text: str
    encoding: str
    counts: str
    problems: tuple[str, ...]


@dataclass
class Work:
    """The work on one document, in a process apart."""

    format: ReadFormat
    lang: Lang
    folders: list[Path] | None
    limits: Limits
    recognise: bool
    second: Endpoint | None
    _known: Knowledge | None = field(default=None, repr=False)
    _reading: ReadingKnowledge | None = field(default=None, repr=False)
    _recogniser: Recogniser | None = field(default=None, repr=False)

    def prepare(self) -> Knowledge:
        """The knowledge, once for all files; a forked process has it already."""
        from tumorboard.reading.read import ReadingKnowledge

        if self._known is None:
            self._known = load_knowledge(self.folders)
            self._reading = ReadingKnowledge.load(self._known.folder, self._known.vocabulary)
        return self._known

    def __call__(self, path: Path, more: MoreTime) -> Done:
        from tumorboard.reading.loading import load
        from tumorboard.reading.read import read
        from tumorboard.reading.second import second_reading

        known = self.prepare()
        assert self._reading is not None

        def recogniser() -> Recogniser:
            from tumorboard.reading.ocr import Recogniser

            if self._recogniser is None:
                self._recogniser = Recogniser(lambda: more(self.limits.seconds_a_picture))
            return self._recogniser

        document = load(path, self.limits, recogniser if self.recognise else None)
        reading = read(document, self._reading)
        drafts, left_out = reading.drafts, Counter(dict(reading.left_out))
        if self.second is not None:
            drafts, refused = second_reading(document, drafts, self.second, known.findings.sources, more)
            left_out.update(refused)
        return self._done(path, document, drafts, left_out, known)

    def _done(
        self, path: Path, document: Document, drafts: Sequence[Draft], left_out: Counter[str], known: Knowledge
    ) -> Done:
        from tumorboard.reading.draft import draft_record
        from tumorboard.reading.entries import source_id

        id_ = source_id(document, known.findings.sources)
        drafts = tuple(replace(draft, source=id_, page=_page(document, draft)) for draft in drafts)
        if self.format is ReadFormat.html:
            from tumorboard.reading.pictures import page_pictures
            from tumorboard.reading.reviewing import reviewed
            from tumorboard.report.review import review_html

            shown = reviewed(drafts, document, known.findings.sources)
            pictures = page_pictures(path, document)
            text = review_html(document, shown, left_out, pictures, known, self.lang.language)
        else:
            text = "".join(to_json(draft_record(draft), indent=None) for draft in drafts)
        counts = [f"{len(drafts)} drafts"]
        for status in ("ambiguous", "proposed"):
            if number := sum(draft.status == status for draft in drafts):
                counts.append(f"{number} {status}")
        counts += [f"{number} {what}" for what, number in (*document.left_out, *sorted(left_out.items())) if number]
        return Done(text, document.text, document.encoding, ", ".join(counts), tuple(map(str, document.problems)))


def _page(document: Document, draft: Draft) -> int | None:
    page = document.page_at(draft.start)
    return None if page is None else page.number


def _told(outcome: Outcome[Done], names: _Names, format: ReadFormat) -> bool:
    """The drafts of a document written and what there is to say said; whether something failed."""
    done = outcome.result
    if done is None:
        for problem in outcome.error.problems if outcome.error else ():
            say(f"error: {problem}")
        return True
    target = names.of(outcome.path)
    if target is None:
        write(done.drafts, None)
    else:
        write(done.drafts, target.with_name(f"{target.name}.{format.value}"))
        write(done.text, target.with_name(f"{target.name}.txt"))
    encoding = f" ({done.encoding})" if done.encoding not in ("", "utf-8") else ""
    say(f"{outcome.path}{encoding}: {done.counts}")
    for trouble in done.problems:
        say(f"error: {trouble}")
    return bool(done.problems)


class _Names:
    """Where the files of each document go: by its name, told apart by a number where two have the same."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._taken: Counter[str] = Counter()

    def of(self, path: Path) -> Path | None:
        if self._folder is None:
            return None
        self._taken[path.stem] += 1
        number = self._taken[path.stem]
        return self._folder / (path.stem if number == 1 else f"{path.stem}-{number}")


def _with_progress(outcomes: Iterator[Outcome[Done]], number: int) -> Iterator[Outcome[Done]]:
    """The outcomes, with a bar on a terminal. It draws only between files: a thread of its own would not survive the
    forks that begin a process again after a crash."""
    if number < 2 or not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as progress:
        task = progress.add_task("documents", total=number)
        progress.refresh()
        for outcome in outcomes:
            yield outcome
            progress.advance(task)
            progress.refresh()


def _accept(review: Path, out: Path) -> None:
    """The accepted findings of a saved review as a folder of knowledge: evidence/, sources/ and corrections/."""
    from tumorboard.reading.accepting import accepted, corrections_yaml, evidence_yaml, sources_yaml

    found = accepted(parse_json(read_text(review, _MAX_REVIEW), str(review)), str(review))
    files = {f"evidence/{found.source}-read.yaml": evidence_yaml(found.entries)}
    if found.source not in load_knowledge(None).findings.sources:
        files[f"sources/{found.source}.yaml"] = sources_yaml(found.source_entry)
    for name, text in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        write(text, out / name)
    say(f"{len(found.entries)} findings in {out / 'evidence'}; check: tumorboard knowledge check --knowledge {out}")
    if found.corrections:
        # Beside the folder's name, not in it: corrections are tests of the reader, not knowledge.
        target = out.resolve().with_name(f"{out.resolve().name}-corrections.yaml")
        write(corrections_yaml(found.corrections), target)
        say(f"{len(found.corrections)} corrections in {target}; they are test cases of the reader")


def _installed_ocr() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def _needs_reading() -> None:
    for name in ("opencc", "pypdfium2"):
        if importlib.util.find_spec(name) is None:
            raise NotFound(Problem("", f"reading needs {name}", "pip install 'tumorboard[reading]'"))


def add_to(parent: typer.Typer) -> None:
    parent.command("read")(read)
