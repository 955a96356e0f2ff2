"""``advise``, ``assess``, ``explain`` and ``compare``."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tumorboard.cli.batch import Answer, Outcome, answers, is_batch
from tumorboard.cli.common import (
    Format,
    KnowledgeOption,
    Lang,
    LangOption,
    OutOption,
    SetOption,
    error_record,
    load_case,
    load_knowledge,
    rendered,
    say,
    to_json,
    write,
    write_all,
)
from tumorboard.errors import NotFound, Problem, TumorboardError, WrongUsage
from tumorboard.text import Text

if TYPE_CHECKING:
    from tumorboard.advice.model import Advice
    from tumorboard.case.read import Case
    from tumorboard.guidelines.knowledge import Knowledge
    from tumorboard.report.explain import Explanation

CaseArgument = Annotated[Path, typer.Argument(metavar="CASE", help="A case file, FHIR bundle, .jsonl file or folder.")]
FormatOption = Annotated[Format, typer.Option("--format", help="Form of the answer.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 5 where the case is too incomplete to decide.")]


def add_to(app: typer.Typer) -> None:
    app.command()(advise)
    app.command()(assess)
    app.command()(explain)
    app.command()(compare)


def advise(
    case: CaseArgument,
    format: FormatOption = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
    set: SetOption = None,
    strict: Strict = False,
) -> None:
    """Options for a case: its situations, what they give, how strongly, printed where, and what is missing."""
    from tumorboard.advice.advise import advise as read

    known = load_knowledge(knowledge, set)
    if is_batch(case) and format in (Format.json, Format.html):
        raise WrongUsage(Problem("", f"several cases as {format.value}", "use --format jsonl, text or markdown"))

    def answer(name: str, one: Case | TumorboardError) -> Answer:
        if isinstance(one, TumorboardError):
            return _failure(name, one, format)
        advice = read(one, known)
        return Answer(_shown(advice, one, known, format, lang, out), undecided=advice.undecided)

    outcome = Outcome()
    write_all(outcome.texts(answers(case, known, answer)), out)
    _leave(outcome.failed, outcome.undecided and strict)


def _leave(failed: bool, undecided: bool) -> None:
    if failed:
        raise typer.Exit(4)
    if undecided:
        say("error: too incomplete to decide anything; the questions above say what is missing")
        raise typer.Exit(5)


def _failure(name: str, error: TumorboardError, format: Format) -> Answer:
    text = to_json(error_record(name, error), indent=None) if format == Format.jsonl else ""
    return Answer(text, tuple(f"error: {name}: {problem}" for problem in error.problems), failed=True)


def _shown(advice: Advice, case: Case, known: Knowledge, format: Format, lang: Lang, out: Path | None) -> str:
    language = lang.language
    match format:
        case Format.json | Format.jsonl:
            from tumorboard.report.record import advice_record

            return to_json(advice_record(advice, known, language), 2 if format == Format.json else None)
        case Format.html:
            from tumorboard.evidence import default_store
            from tumorboard.report.html import advice_html

            return advice_html(advice, case, known, language, default_store(os.environ))
        case Format.markdown:
            from tumorboard.report.markdown import advice_markdown

            return advice_markdown(advice, case, known, language)
    from tumorboard.report.terminal import print_advice

    return rendered(partial(print_advice, advice, case, known, language), out)


def assess(
    case: CaseArgument,
    format: FormatOption = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
    set: SetOption = None,
    quick: Annotated[bool, typer.Option("--quick", help="Values alone, a case a line, without reasons.")] = False,
    group: Annotated[str | None, typer.Option("--group", help="With --quick: only the facts of this file.")] = None,
) -> None:
    """Every fact computed from a case, with what is unknown and what would settle it."""
    from tumorboard.report.record import case_facts_record, case_values_record

    known = load_knowledge(knowledge, set)
    groups = sorted({definition.group for definition in known.facts.definitions.values()})
    if group is not None and (not quick or group not in groups):
        raise WrongUsage(Problem("--group", f"{group!r}", f"with --quick: {' | '.join(groups)}"))
    if quick:
        format = Format.jsonl
    if format in (Format.html, Format.markdown) or (is_batch(case) and format == Format.json):
        raise WrongUsage(Problem("", f"facts as {format.value}", "use --format text or json; several cases: jsonl"))

    def answer(name: str, one: Case | TumorboardError) -> Answer:
        if isinstance(one, TumorboardError):
            return _failure(name, one, format)
        if quick:
            return Answer(to_json(case_values_record(one, known, group), indent=None))
        if format == Format.text:
            from tumorboard.report.terminal import print_facts

            return Answer(rendered(partial(print_facts, one, known, lang.language), out))
        indent = 2 if format == Format.json else None
        return Answer(to_json(case_facts_record(one, known, lang.language), indent))

    outcome = Outcome()
    write_all(outcome.texts(answers(case, known, answer)), out)
    _leave(outcome.failed, False)


def explain(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="A case file or FHIR bundle.")],
    name: Annotated[str, typer.Argument(metavar="FACT|SITUATION|OPTION", help="What to explain.")],
    lang: LangOption = Lang.en,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
    set: SetOption = None,
) -> None:
    """The full derivation of a fact, a situation or an option, as a tree."""
    from tumorboard.report.explain import as_tree

    known = load_knowledge(knowledge, set)
    told = _explained(name, load_case(case, known), known, lang)
    write(rendered(lambda console: console.print(as_tree(told)), out), out)


def _explained(name: str, case: Case, known: Knowledge, lang: Lang) -> Explanation:
    """The derivation of a fact or situation; of an option with what else decides its status."""
    from tumorboard.advice.advise import advise as read
    from tumorboard.logic.explain import Explainer
    from tumorboard.logic.tree import Fact
    from tumorboard.logic.wording import Wording
    from tumorboard.report.explain import explain as explain_step
    from tumorboard.report.explain import explain_option

    explainer, wording = Explainer(known.facts, case.tables), Wording(known.facts)
    if name in known.facts.definitions:
        return explain_step(explainer.step(Fact(name, known.facts.definitions[name].type)), wording, lang.language)
    for answer in read(case, known).options:
        if answer.option.id == name:
            return explain_option(answer, explainer, wording, lang.language)
    for guideline in known.guidelines.values():
        for situation in guideline.situations:
            # An option of a situation that isn't met is not listed; why it isn't met explains it.
            if situation.id == name or any(option.id == name for option in situation.options):
                return explain_step(explainer.step(situation.when.node), wording, lang.language)
    raise _nothing_called(name, known)


def _nothing_called(name: str, known: Knowledge) -> NotFound:
    from tumorboard.vocabulary.names import nearest

    situations = [situation for guideline in known.guidelines.values() for situation in guideline.situations]
    options = [option.id for situation in situations for option in situation.options]
    like = nearest(name, [*known.facts.definitions, *(situation.id for situation in situations), *options])
    mend = f"did you mean {' or '.join(like)}?" if like else "`tumorboard knowledge list facts` lists the facts"
    return NotFound(Problem("", f"no fact, situation or option {name!r}", mend))


def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A case, or a folder of knowledge.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Its later version.")],
    format: FormatOption = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """What changed between two versions of a case or of the knowledge, and why."""
    from tumorboard.advice.compare import compare_cases, compare_knowledge

    for path in (old, new):
        if not path.exists():
            raise NotFound(Problem(str(path), "is not there"))
    if old.is_dir() != new.is_dir():
        raise WrongUsage(Problem("", "compares a folder with a file", "give two cases or two folders of knowledge"))
    if old.is_dir():
        changes = compare_knowledge(*(load_knowledge([folder], whole=True) for folder in (old, new)))
    else:
        known = load_knowledge(knowledge)
        changes = compare_cases(load_case(old, known), load_case(new, known), known)
    if format in (Format.json, Format.jsonl):
        write(to_json({"changes": [change.record(lang.language) for change in changes]}), out)
        return
    lines = [change.line(lang.language) for change in changes]
    write("\n".join(lines or [Text("nothing changed", "无变化")[lang.language]]) + "\n", out)
