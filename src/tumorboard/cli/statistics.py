"""``stats …``: one reported statistic checked at the command line; and ``evidence check``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tumorboard.cli.common import (
    Format,
    KnowledgeOption,
    Lang,
    LangOption,
    load_knowledge,
    new_app,
    say,
    to_json,
    write,
)
from tumorboard.data import read_text
from tumorboard.errors import InvalidInput, Problem, WrongUsage

if TYPE_CHECKING:
    from tumorboard.evidence.exchange import Imported
    from tumorboard.evidence.statistics import Check
    from tumorboard.guidelines.knowledge import Knowledge

app = new_app("Whether a printed statistic can be reproduced from the numbers beside it.")
FormatOption = Annotated[Format, typer.Option("--format", help="Form of the answer.")]


@app.command("grim")
def grim_(
    percentage: Annotated[str, typer.Argument(metavar="PERCENTAGE", help="As printed: 52.6%")],
    n: Annotated[str, typer.Option("--n", help="The denominator.")],
    format: FormatOption = Format.text,
    lang: LangOption = Lang.en,
) -> None:
    """Which counts of N round to a printed percentage."""
    from tumorboard.evidence.statistics import grim

    _show(lambda: grim(percentage, n), format, lang)


@app.command("p-from-counts")
def p_from_counts_(
    first: Annotated[str, typer.Argument(metavar="EVENTS/N", help="First group: 20/38")],
    second: Annotated[str, typer.Argument(metavar="EVENTS/N", help="Second group: 4/41")],
    printed: Annotated[str, typer.Option("--printed", help='The printed P value: "<0.001"')],
    format: FormatOption = Format.text,
    lang: LangOption = Lang.en,
) -> None:
    """Which test of two proportions gives a printed P value."""
    from tumorboard.evidence.statistics import p_from_counts

    _show(lambda: p_from_counts(first, second, printed), format, lang)


@app.command("ratio")
def ratio_(
    value: Annotated[str, typer.Option("--value", help="The ratio as printed.")],
    ci: Annotated[tuple[str, str], typer.Option("--ci", help="Lower and upper limit as printed.")],
    p: Annotated[str | None, typer.Option("--p", help="The printed P value.")] = None,
    level: Annotated[str, typer.Option("--level", help="Level of the interval in percent.")] = "95",
    format: FormatOption = Format.text,
    lang: LangOption = Lang.en,
) -> None:
    """Whether a hazard ratio, its interval and its P value belong together."""
    from tumorboard.evidence.statistics import ratio

    _show(lambda: ratio(value, ci, p, level=level), format, lang)


def _show(check: Callable[[], Check], format: Format, lang: Lang) -> None:
    from tumorboard.evidence.statistics import NotReadable

    try:
        found = check()
    except NotReadable as error:
        raise InvalidInput(Problem(error.place, error.what, error.mend)) from error
    write(_text(found, format, lang), None)


def _text(check: Check, format: Format, lang: Lang) -> str:
    if format in (Format.json, Format.jsonl):
        return to_json(check.record(), 2 if format == Format.json else None)
    name = f"{check.finding} " if check.finding else ""
    by = f" ({', '.join(check.by)})" if check.by else ""
    lines = [f"{name}{check.verdict}{by}: {check.printed}"]
    lines += (f"  {each.test}: {each.value:.4g}" for each in check.recomputed if each.value is not None)
    if check.note is not None:
        lines.append(f"  {check.note.zh if lang is Lang.zh else check.note.en}")
    return "\n".join(lines) + "\n"


def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Findings as `evidence export` writes CSV or JSON.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="Only findings of this source.")] = None,
    format: FormatOption = Format.text,
    lang: LangOption = Lang.en,
    knowledge: KnowledgeOption = None,
) -> None:
    """Check the statistics of our findings or of a file: what reproduces, what can't, and by which test."""
    from tumorboard.evidence import Findings
    from tumorboard.evidence.checks import check_all

    known = load_knowledge(knowledge)
    findings, problems = known.findings, tuple[Problem, ...]()
    if file is not None:
        read = _read(file, known)
        problems = read.problems
        findings = Findings(findings.sources, {finding.id: finding for finding in read.findings})
        say(f"{len(read.findings)} of {read.rows} findings read")
    found = check_all(findings, source)
    for each in found:
        write(_text(each, Format.jsonl if format == Format.json else format, lang), None)
    verdicts = sorted({each.verdict for each in found})
    say(", ".join(f"{sum(1 for each in found if each.verdict == verdict)} {verdict}" for verdict in verdicts))
    if problems:
        raise InvalidInput(*problems)


def _read(file: Path, known: Knowledge) -> Imported:
    from tumorboard.evidence import exchange

    text = read_text(file)
    if file.suffix == ".csv":
        return exchange.from_csv(text, file.name, known.findings.sources)
    if file.suffix == ".json":
        return exchange.from_json(text, file.name, known.findings.sources)
    raise WrongUsage(Problem(str(file), "is no .csv or .json", "write it with `tumorboard evidence export`"))


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="stats")
