"""``evidence list|check|pool|search|timeline|import|export``."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tumorboard.cli import statistics, synthesis
from tumorboard.cli.common import (
    Format,
    KnowledgeOption,
    Lang,
    LangOption,
    OutOption,
    load_knowledge,
    new_app,
    say,
    to_json,
    write,
)
from tumorboard.data import read_text
from tumorboard.errors import InvalidInput, Problem, WrongUsage
from tumorboard.text import Text

if TYPE_CHECKING:
    from tumorboard.evidence.exchange import Imported
    from tumorboard.evidence.search import EvidenceIndex, Hit
    from tumorboard.evidence.timeline import Link, Step
    from tumorboard.guidelines.knowledge import Knowledge
    from tumorboard.text import Language

app = new_app("Findings tied to their place in a source: listed, checked, searched, dated, exchanged.")
app.command("check")(statistics.check)
app.command("pool")(synthesis.pool)

FormatOption = Annotated[Format, typer.Option("--format", help="Form of the answer.")]
_DATED_BY = {
    "study": Text("year of the study", "研究年份"),
    "source": Text("year of the source", "文献年份"),
    "nothing": Text("undated", "无日期"),
}
_CHANGED_BY = {True: Text("× overturned by ", "× 被推翻："), False: Text("~ see ", "~ 参见")}
_CHANGES = Text("→ overturns ", "→ 推翻：")
SourceOption = Annotated[str | None, typer.Option("--source", help="Only findings of this source.")]


class Exchange(StrEnum):
    """The forms findings go out in."""

    csv = "csv"
    json = "json"
    fhir = "fhir"
    va_spec = "va-spec"


class Import(StrEnum):
    """The forms findings come in from."""

    civic = "civic"
    csv = "csv"
    json = "json"
    fhir = "fhir"
    va_spec = "va-spec"


@app.command("list")
def list_evidence(
    source: SourceOption = None,
    format: FormatOption = Format.text,
    lang: LangOption = Lang.en,
    knowledge: KnowledgeOption = None,
) -> None:
    """Findings with their value, quote and place."""
    from tumorboard.evidence import as_record

    known = load_knowledge(knowledge)
    found = [f for f in (known.findings.of_source(source) if source else known.findings) if f.kind != "cell"]
    match format:
        case Format.jsonl:
            for finding in found:
                write(to_json(as_record(finding), indent=None), None)
        case Format.json:
            write(to_json([as_record(finding) for finding in found]), None)
        case Format.text:
            for finding in found:
                claim = finding.claim[lang.language] if finding.claim else ""
                write(f"{finding.id}\t{finding.printed or '–'}\t{claim}\n", None)
        case _:
            raise WrongUsage(Problem("", f"findings as {format.value}", "use --format text, json or jsonl"))
    say(f"{len(found)} findings")


@app.command()
def search(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help='Words and names: "HER2 20外显子 阿法替尼"')],
    endpoint: Annotated[str | None, typer.Option("--endpoint", help="Only findings of this endpoint: ORR")] = None,
    min_level: Annotated[
        str | None, typer.Option("--min-level", metavar="I–V", help="Only this level of evidence or better.")
    ] = None,
    source: SourceOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many answers.")] = 20,
    format: FormatOption = Format.text,
    lang: LangOption = Lang.en,
    knowledge: KnowledgeOption = None,
) -> None:
    """Findings, and passages of the source texts you have added, by any name of a drug or gene, best first."""
    known = load_knowledge(knowledge)
    index, texts = _index(known)
    chosen = known.findings.source(source).id if source else None
    found = index.search(question, endpoint=endpoint, min_level=min_level, source=chosen, limit=limit)
    match format:
        case Format.jsonl:
            for hit in found.hits:
                write(to_json(_hit_record(hit, known, texts), indent=None), None)
        case Format.json:
            write(to_json([_hit_record(hit, known, texts) for hit in found.hits]), None)
        case Format.text:
            for hit in found.hits:
                write(_hit_text(hit, known, texts, lang.language), None)
        case _:
            raise WrongUsage(Problem("", f"answers as {format.value}", "use --format text, json or jsonl"))
    understood = ", ".join(f"{concept.kind} {concept.id}" for concept in found.understood)
    say(f"{len(found.hits)} answers" + (f"; understood: {understood}" if understood else ""))
    if found.without_level:
        say(f"{found.without_level} findings state no level of evidence and are left out by --min-level")


@app.command("timeline")
def timeline_(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help='A gene, alteration or drug: "EGFR exon 20 insertion"')],
    format: FormatOption = Format.text,
    lang: LangOption = Lang.en,
    knowledge: KnowledgeOption = None,
) -> None:
    """What was known when about a topic, and what overturned what."""
    from tumorboard.evidence.timeline import step_record, timeline

    known = load_knowledge(knowledge)
    steps = timeline(known.findings, _index(known)[0], topic)
    match format:
        case Format.jsonl:
            for step in steps:
                write(to_json(step_record(step), indent=None), None)
        case Format.json:
            write(to_json([step_record(step) for step in steps]), None)
        case Format.text:
            for step in steps:
                write(_step_text(step, lang.language), None)
        case _:
            raise WrongUsage(Problem("", f"a timeline as {format.value}", "use --format text, json or jsonl"))
    say(f"{len(steps)} findings, {sum(step.overturned for step in steps)} of them overturned")


@app.command("export")
def export(
    form: Annotated[Exchange, typer.Option("--format", help="CSV, JSON, FHIR R5 or GA4GH VA-Spec.")] = Exchange.json,
    source: SourceOption = None,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Findings for other programs; csv, json and fhir carry all of each finding, va-spec those it has a form for."""
    from tumorboard.evidence import exchange
    from tumorboard.evidence.search import NameReader

    known = load_knowledge(knowledge)
    found = known.findings.of_source(source) if source else tuple(known.findings)
    count = len(found)
    match form:
        case Exchange.csv:
            # A spreadsheet reads a file without the mark as another encoding and spoils the Chinese.
            text = ("\ufeff" if out else "") + exchange.to_csv(found)
        case Exchange.json:
            text = exchange.to_json(found, known.findings.sources)
        case Exchange.fhir:
            text = exchange.to_fhir(found, known.findings.sources)
        case Exchange.va_spec:
            made = exchange.to_va_spec(found, known.findings.sources, NameReader(known.vocabulary, known.folder))
            text, count = made.text, made.count
            for why in sorted(set(made.left_out.values())):
                say(f"left out {sum(1 for other in made.left_out.values() if other == why)}: {why}")
    write(text, out)
    say(f"{count} of {len(found)} findings as {form.value}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to read.")],
    form: Annotated[Import, typer.Option("--from", help="What the file is.")],
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Findings of another's file as an evidence file, with a report of what mapped and what did not.

    Written to a folder as evidence/NAME.yaml, the answer is knowledge to be loaded with --knowledge.
    """
    from tumorboard.evidence import exchange
    from tumorboard.evidence.search import NameReader

    known = load_knowledge(knowledge)
    text, sources = read_text(file), known.findings.sources
    match form:
        case Import.civic:
            made = exchange.civic_import(text, file.name, known.vocabulary, sources)
            read = made.read
            for kind, count in sorted(made.mapped.items()):
                say(f"{kind}: {count} names mapped")
            for (kind, name), count in made.unmapped.items():
                say(f"{kind} not in the vocabulary: {name} ({count})")
            if made.unused:
                say(f"columns with no place in a finding: {', '.join(made.unused)}")
            if made.not_accepted:
                say(f"{made.not_accepted} items are not accepted by CIViC and were left out")
        case Import.csv:
            read = exchange.from_csv(text, file.name, sources)
        case Import.json:
            read = exchange.from_json(text, file.name, sources)
        case Import.fhir:
            read = exchange.from_fhir(text, file.name, sources)
        case Import.va_spec:
            read = exchange.from_va_spec(text, file.name, sources, NameReader(known.vocabulary, known.folder))
    write(exchange.to_json(read.findings, sources), out)
    _count(read)


def _count(read: Imported) -> None:
    """How many were read. Raises InvalidInput with what was wrong, once the good ones are written."""
    say(f"{len(read.findings)} of {read.rows} findings read")
    if read.problems:
        raise InvalidInput(*read.problems)


def _index(known: Knowledge) -> tuple[EvidenceIndex, dict[str, str]]:
    """The index from the user's cache, and the source texts it covers."""
    from tumorboard.evidence import default_store, stored_texts
    from tumorboard.evidence.search import EvidenceIndex, NameReader, default_cache

    texts = stored_texts(known.findings, default_store(os.environ))
    names = NameReader(known.vocabulary, known.folder)
    return EvidenceIndex.open(known.findings, names, known.sha256, texts, default_cache(os.environ)), texts


def _hit_record(hit: Hit, known: Knowledge, texts: dict[str, str]) -> dict[str, object]:
    from tumorboard.evidence import as_record, context, default_store

    record: dict[str, object] = {"score": round(hit.score, 2), "kind": hit.kind, "missing": list(hit.missing)}
    if hit.kind == "passage":
        passage = texts[hit.source][hit.start : hit.end]
        return record | {"source": hit.source, "start": hit.start, "end": hit.end, "context": passage}
    finding = known.findings.get(hit.id)
    return record | {"finding": as_record(finding), "context": context(finding, default_store(os.environ))}


def _hit_text(hit: Hit, known: Knowledge, texts: dict[str, str], language: Language) -> str:
    from tumorboard.evidence import context, default_store

    lacks = f"   [{'缺' if language == 'zh' else 'without'}: {', '.join(hit.missing)}]" if hit.missing else ""
    if hit.kind == "passage":
        passage = " ".join(texts[hit.source][hit.start : hit.end].split())
        return f"{hit.id}{lacks}\n    {passage}\n"
    finding = known.findings.get(hit.id)
    claim = finding.claim[language] if finding.claim else ""
    marks = "; ".join(mark for mark in (finding.level, finding.certainty) if mark)
    lines = [f"{finding.id}  {claim}{f' ({marks})' if marks else ''}{lacks}"]
    shown = context(finding, default_store(os.environ)) or finding.quote
    if shown:
        lines.append(f"    “{' '.join(shown.split())}”")
    lines += [f"    ! {remark.kind}: {remark.text[language]}" for remark in finding.remarks]
    return "\n".join(lines) + "\n"


def _step_text(step: Step, language: Language) -> str:
    """The date and claim of a finding, and below it what overturned or qualifies it, and what it overturned."""
    finding = step.finding
    claim = finding.claim[language] if finding.claim else finding.printed or ""
    by = "" if step.dated_by == "finding" else f" ({_DATED_BY[step.dated_by][language]})"
    lines = [f"{step.when or '?'}{by}  {finding.id}  {claim}"]
    lines += [_link_text(link, _CHANGED_BY[link.overturns], language) for link in step.changed_by]
    lines += [_link_text(link, _CHANGES, language) for link in step.changes if link.overturns]
    return "\n".join(lines) + "\n"


def _link_text(link: Link, words: Text, language: Language) -> str:
    return f"    {words[language]}{link.other}: {link.remark.text[language]}"


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="evidence")
