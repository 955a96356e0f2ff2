"""The index: SQLite's full-text search over words, canonical names and Chinese pairs of characters.

Chinese is indexed as overlapping pairs instead of SQLite's trigrams, because trigrams cannot find words of two
characters (扩增, 一线), which most Chinese medical words are. The index is a file in the user's cache, named by the
hash of the knowledge and of the texts in it, so that a changed knowledge is another index.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tumorboard.errors import NotFound, Problem, WrongUsage
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.library import Findings
from tumorboard.evidence.reading import CELL, LEVELS
from tumorboard.evidence.search.names import Concept, NameReader

_FORMAT = 1
_INDEXED = ("tags", "wider", "claim", "study", "quote", "rest")
_WEIGHTS = "0, 0, 0, 0, 0, 0, 0, 10, 2, 4, 6, 2, 1"  # bm25, in the order of the columns
_CREATE = f"""CREATE VIRTUAL TABLE entries USING fts5(kind UNINDEXED, id UNINDEXED, source UNINDEXED,
    endpoint UNINDEXED, level UNINDEXED, start UNINDEXED, end UNINDEXED, {", ".join(_INDEXED)},
    tokenize = "unicode61 remove_diacritics 0", detail = full)"""
_TOKEN = re.compile(r"[a-z]+|\d+|[^\W\d_a-z]+")
_GRAMMAR = frozenset(
    ["a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with", "的", "和", "与", "及", "或", "在"]
)
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；\n]?")
_MOST_PARTS = 40  # of a question; a longer one is a text, not a question
_PASSAGE = 200  # characters; shorter sentences are put together up to this


def default_cache(environment: Mapping[str, str]) -> Path | None:
    """The folder of the index: ``$XDG_CACHE_HOME/tumorboard``, else ``~/.cache/tumorboard``; None without a home."""
    named = environment.get("XDG_CACHE_HOME")
    try:
        return (Path(named) if named else Path.home() / ".cache") / "tumorboard"
    except RuntimeError:  # a user without a home folder
        return None


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer: a ``finding`` by its id, or a ``passage`` of an added source text at ``start`` to ``end``.

    ``missing`` are the parts of the question it does not hold; ``score`` is higher for a better answer.
    """

    kind: str
    id: str
    source: str
    score: float
    missing: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The answers, best first; those that hold every part of the question stand before the others.

    ``understood`` are the names read from the question, ``without_level`` the number of findings that hold every part
    but state no level of evidence, and are left out where a least level is asked for.
    """

    hits: tuple[Hit, ...]
    understood: tuple[Concept, ...]
    without_level: int = 0


class EvidenceIndex:
    """Findings, and the texts a user has added, to be searched."""

    def __init__(self, database: sqlite3.Connection, names: NameReader, endpoints: Mapping[str, str]) -> None:
        self._database, self._names, self._endpoints = database, names, endpoints

    @classmethod
    def open(
        cls, findings: Findings, names: NameReader, sha256: str, texts: Mapping[str, str], cache: Path | None
    ) -> EvidenceIndex:
        """The index of that knowledge: from the folder ``cache``, or made now and kept there.

        ``sha256`` is the hash of the knowledge folder, ``texts`` are added source texts by source id. Without ``cache``
        or where it cannot be written, the index lives in memory: slower to start, not different.
        """
        digest = hashlib.sha256(f"{_FORMAT}\0{sha256}".encode())
        for source, text in sorted(texts.items()):
            digest.update(f"\0{source}\0{text}".encode())
        endpoints = {finding.endpoint.casefold(): finding.endpoint for finding in findings if finding.endpoint}
        file = cache / f"search-{digest.hexdigest()}.sqlite" if cache else None
        database = (_opened(file) if file else None) or _made(findings, names, texts, file)
        return cls(database, names, endpoints)

    def search(
        self,
        question: str,
        *,
        endpoint: str | None = None,
        min_level: str | None = None,
        source: str | None = None,
        limit: int = 20,
    ) -> Found:
        """The ``limit`` best answers to a question.

        ``endpoint`` keeps findings of that endpoint, ``min_level`` those of that level of evidence or a better one (a
        range counts with its weaker end), ``source`` those of that source id; with the first two no passages are
        found. Raises WrongUsage where the question holds nothing to look for or the level is none, NotFound for an
        endpoint that no finding has.
        """
        parts = list(self._parts(question))
        if not parts:
            raise WrongUsage(Problem("", f"nothing to look for in {question!r}", "name a drug, a gene, a study, …"))
        if len(parts) > _MOST_PARTS:
            raise WrongUsage(Problem("", f"the question has {len(parts)} words", f"at most {_MOST_PARTS}"))
        filters: list[tuple[str, object]] = []
        if endpoint is not None:
            filters.append(("endpoint = ?", self._endpoint(endpoint)))
        if source is not None:
            filters.append(("source = ?", source))
        every = " AND ".join(f"({part.query})" for part in parts)
        without_level = 0
        if min_level is not None:
            without_level = self._count(every, [*filters, ("kind = ?", "finding"), ("level IS ?", None)])
            filters.append(("level <= ?", _rank(min_level)))
        hits = self._hits(every, filters, limit)
        if len(hits) < limit and len(parts) > 1:
            some = " OR ".join(f"({part.query})" for part in parts)
            known = {row[0] for row in hits}
            hits += [row for row in self._hits(some, filters, limit) if row[0] not in known][: limit - len(hits)]
        missing = self._missing(parts, [row[0] for row in hits])
        hits.sort(key=lambda row: len(missing[row[0]]))  # stable: among equals the better points stay first
        return Found(
            tuple(
                Hit(kind, id_, source_, -rank, missing[row], start, end)
                for row, kind, id_, source_, start, end, rank in hits
            ),
            tuple(dict.fromkeys(part.concept for part in parts if part.concept)),
            without_level,
        )

    def _parts(self, question: str) -> Iterator[_Part]:
        """The names in the question, then the words between them."""
        rest = list(question)
        for mention in self._names.mentions(question, asked=True):
            words = question[mention.start : mention.end]
            yield _Part(words, f"{{tags wider}} : {_tag(mention.concept)} OR {_phrase(words)}", mention.concept)
            rest[mention.start : mention.end] = " " * (mention.end - mention.start)
        for word in "".join(rest).split():
            if word not in _GRAMMAR and any(_tokens(word)):
                yield _Part(word, _phrase(word, begins=True), None)

    def _endpoint(self, name: str) -> str:
        known = self._endpoints.get(name.casefold())
        if known is None:
            listed = ", ".join(sorted(found for found in self._endpoints.values() if found.isupper()))
            raise NotFound(Problem("--endpoint", f"no finding has the endpoint {name!r}", f"such as {listed}"))
        return known

    def _count(self, query: str, filters: list[tuple[str, object]]) -> int:
        where = " AND ".join(("entries MATCH ?", *(condition for condition, _ in filters)))
        row = self._database.execute(
            f"SELECT count(*) FROM entries WHERE {where}", (query, *(value for _, value in filters))
        ).fetchone()
        return int(row[0])

    def _hits(self, query: str, filters: list[tuple[str, object]], limit: int) -> list[_Row]:
        where = " AND ".join(("entries MATCH ?", *(condition for condition, _ in filters)))
        rank = f"bm25(entries, {_WEIGHTS})"
        return self._database.execute(
            f"SELECT rowid, kind, id, source, start, end, {rank} AS points FROM entries WHERE {where} "
            "ORDER BY points, rowid LIMIT ?",
            (query, *(value for _, value in filters), limit),
        ).fetchall()

    def _missing(self, parts: list[_Part], rows: list[int]) -> dict[int, tuple[str, ...]]:
        missing: dict[int, list[str]] = {row: [] for row in rows}
        marks = ", ".join("?" * len(rows))
        for part in parts:
            found = self._database.execute(
                f"SELECT rowid FROM entries WHERE entries MATCH ? AND rowid IN ({marks})", (part.query, *rows)
            )
            held = {row for (row,) in found}
            for row in rows:
                if row not in held:
                    missing[row].append(part.text)
        return {row: tuple(texts) for row, texts in missing.items()}


_Row = tuple[int, str, str, str, int | None, int | None, float]


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    query: str
    concept: Concept | None


def _opened(file: Path) -> sqlite3.Connection | None:
    """The index kept in that file; None where there is none or it is no whole index."""
    if not file.is_file():
        return None
    database = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        database.execute("SELECT count(*) FROM entries_docsize").fetchone()
    except sqlite3.DatabaseError:  # cut short, or another program's: made again
        version = None
    if version == _FORMAT:
        return database
    database.close()
    return None


def _made(
    findings: Iterable[Finding], names: NameReader, texts: Mapping[str, str], file: Path | None
) -> sqlite3.Connection:
    temporary = None
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".search-")
            os.close(descriptor)
            temporary = Path(name)
        except OSError:
            temporary = None  # no writable cache
    database = sqlite3.connect(temporary or ":memory:")
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute(_CREATE)
    database.executemany(
        f"INSERT INTO entries VALUES ({', '.join('?' * 13)})",
        (*_finding_rows(findings, names), *_passages(texts, names)),
    )
    database.execute("INSERT INTO entries(entries) VALUES ('optimize')")
    database.execute(f"PRAGMA user_version = {_FORMAT}")
    database.commit()
    if temporary is None or file is None:
        return database
    database.close()
    temporary.replace(file)
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


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
            "finding", finding.id, finding.source, finding.endpoint, _rank(finding.level) if finding.level else None,
            None, None, tags, wider, _indexed(claim), _indexed(finding.study or ""), _indexed(finding.quote or ""),
            _indexed("\n".join(text for text in (*rest, *others, *remarks) if text)),
        )  # fmt: skip


def _passages(texts: Mapping[str, str], names: NameReader) -> Iterator[tuple[object, ...]]:
    for source, text in texts.items():
        for start, end in _spans(text):
            passage = text[start:end]
            tags, wider = _tags(names, passage)
            yield (
                "passage", f"{source}:{start}-{end}", source, None, None,
                start, end, tags, wider, "", "", "", _indexed(passage),
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
    return " ".join(sorted(map(_tag, concepts))), " ".join(sorted(map(_tag, wider)))


def _tag(concept: Concept) -> str:
    """One token for a concept, which no word of a text can be."""
    return f"{concept.kind}x{concept.id.encode().hex()}"


def _tokens(text: str, whole: bool = True) -> Iterator[str]:
    """Words, numbers and pairs of Chinese characters.

    A run of Chinese ends with its last character alone, so that one character can be looked for; without ``whole`` the
    last run does not, as more may follow it in the text sought.
    """
    runs = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    for number, run in enumerate(runs):
        if run.isascii():
            yield run
            continue
        yield from (run[place : place + 2] for place in range(len(run) - 1))
        if whole or number < len(runs) - 1 or len(run) == 1:
            yield run[-1]


def _indexed(text: str) -> str:
    return " ".join(_tokens(text))


def _phrase(words: str, begins: bool = False) -> str:
    """The tokens in their order; with ``begins`` the last may be the beginning of a longer word."""
    tokens = list(_tokens(words, whole=False))
    last = tokens[-1] if tokens else ""
    more = "*" if (len(last) == 1 and not last.isascii()) or (begins and last.isalpha() and len(last) > 2) else ""
    return f'{{claim study quote rest}} : "{" ".join(tokens)}"{more}'


def _rank(level: str) -> int:
    """The place of a level of evidence, 0 for I; a range counts with its weaker end. Raises WrongUsage."""
    weakest = level.upper().rpartition("-")[2]
    if weakest not in LEVELS:
        raise WrongUsage(Problem("--min-level", f"{level!r} is no level of evidence", f"one of {', '.join(LEVELS)}"))
    return LEVELS.index(weakest)
