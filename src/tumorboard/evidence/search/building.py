"""Making the index, and keeping it as a file in the user's cache.

The file is named by the hash of the knowledge and of the texts in it, so that a changed knowledge is another index.
"""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tumorboard.evidence.findings import Finding
from tumorboard.evidence.reading import CELL
from tumorboard.evidence.search.names import NameReader
from tumorboard.evidence.search.words import indexed, rank, tag

FORMAT = 1
_INDEXED = ("tags", "wider", "claim", "study", "quote", "rest")
_CREATE = f"""CREATE VIRTUAL TABLE entries USING fts5(kind UNINDEXED, id UNINDEXED, source UNINDEXED,
    endpoint UNINDEXED, level UNINDEXED, start UNINDEXED, end UNINDEXED, {", ".join(_INDEXED)},
    tokenize = "unicode61 remove_diacritics 0", detail = full)"""
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；\n]?")
_PASSAGE = 200  # characters; shorter sentences are put together up to this


def opened(file: Path) -> sqlite3.Connection | None:
    """The index kept in that file; None where there is none or it is no whole index."""
    if not file.is_file():
        return None
    database = _reading(file)
    try:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        database.execute("SELECT count(*) FROM entries_docsize").fetchone()
    except sqlite3.DatabaseError:  # cut short, or another program's: made again
        version = None
    if version == FORMAT:
        return database
    database.close()
    return None


def made(
    findings: Iterable[Finding], names: NameReader, texts: Mapping[str, str], file: Path | None
) -> sqlite3.Connection:
    """A new index, in ``file`` where that can be written, else in memory."""
    if file is not None:
        try:
            return _kept(findings, names, texts, file)
        except (OSError, sqlite3.OperationalError):
            pass  # the cache cannot be written, or is full: the index lives in memory
    database = sqlite3.connect(":memory:", check_same_thread=False)  # as in _reading
    _fill(database, findings, names, texts)
    return database


def _kept(findings: Iterable[Finding], names: NameReader, texts: Mapping[str, str], file: Path) -> sqlite3.Connection:
    """The index in that file, put there in one step, so that another process sees it whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".search-")
    os.close(descriptor)
    temporary = Path(name)
    try:
        database = sqlite3.connect(temporary)
        try:
            _fill(database, findings, names, texts)
        finally:
            database.close()
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    return _reading(file)


def _fill(
    database: sqlite3.Connection, findings: Iterable[Finding], names: NameReader, texts: Mapping[str, str]
) -> None:
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute(_CREATE)
    rows = (*_finding_rows(findings, names), *_passages(texts, names))
    database.executemany(f"INSERT INTO entries VALUES ({', '.join('?' * 13)})", rows)
    database.execute("INSERT INTO entries(entries) VALUES ('optimize')")
    database.execute(f"PRAGMA user_version = {FORMAT}")
    database.commit()


def _reading(file: Path) -> sqlite3.Connection:
    """Threads may share it: it is only read, and SQLite lets one of them in at a time."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _finding_rows(findings: Iterable[Finding], names: NameReader) -> Iterator[tuple[object, ...]]:
    for finding in findings:
        if finding.kind == CELL:
            continue
        people = finding.population
        described = (people.disease, people.histology, people.stage, people.biomarker, people.line)
        rest = (finding.intervention, finding.comparator, *described, people.prior_therapy, people.other)
        others = (
            finding.endpoint,
            finding.endpoint_as_printed,
            finding.design,
            finding.kind,
            finding.printed,
            finding.id,
        )
        remarks = (text for remark in finding.remarks for text in (remark.text.en, remark.text.zh))
        claim = f"{finding.claim.en}\n{finding.claim.zh}" if finding.claim else ""
        named = "\n".join(text for text in (claim, finding.study, finding.quote, *rest) if text)
        tags, wider = _tags(names, named)
        yield (
            "finding", finding.id, finding.source, finding.endpoint, rank(finding.level) if finding.level else None,
            None, None, tags, wider, indexed(claim), indexed(finding.study or ""), indexed(finding.quote or ""),
            indexed("\n".join(text for text in (*rest, *others, *remarks) if text)),
        )  # fmt: skip


def _passages(texts: Mapping[str, str], names: NameReader) -> Iterator[tuple[object, ...]]:
    for source, text in texts.items():
        for start, end in _spans(text):
            passage = text[start:end]
            tags, wider = _tags(names, passage)
            yield (
                "passage", f"{source}:{start}-{end}", source, None, None,
                start, end, tags, wider, "", "", "", indexed(passage),
            )  # fmt: skip


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Sentences of a text, the short ones put together."""
    start, end = 0, 0
    for match in _SENTENCE.finditer(text):
        if match.end() - start > _PASSAGE and end > start:
            yield start, end
            start = match.start()
        end = match.end()
    if end > start:
        yield start, end


def _tags(names: NameReader, text: str) -> tuple[str, str]:
    concepts = names.concepts(text)
    wider = {wide for concept in concepts for wide in names.wider(concept)} - concepts
    return " ".join(sorted(map(tag, concepts))), " ".join(sorted(map(tag, wider)))
