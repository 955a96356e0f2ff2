"""The search: SQLite's full-text search over words, canonical names and Chinese pairs of characters."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tumorboard.errors import NotFound, Problem, WrongUsage
from tumorboard.evidence.library import Findings
from tumorboard.evidence.search.building import FORMAT, made, opened
from tumorboard.evidence.search.names import Concept, NameReader
from tumorboard.evidence.search.words import phrase, rank, tag, tokens

_WEIGHTS = "0, 0, 0, 0, 0, 0, 0, 10, 2, 4, 6, 2, 1"  # bm25, in the order of the columns
_GRAMMAR = frozenset(
    ["a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with", "的", "和", "与", "及", "或", "在"]
)
_MOST_PARTS = 40  # of a question; a longer one is a text, not a question
_MOST_LEFT_OUT = 8  # parts of a question of which each is left out in turn; the work grows with their square


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
        digest = hashlib.sha256(f"{FORMAT}\0{sha256}".encode())
        for source, text in sorted(texts.items()):
            digest.update(f"\0{source}\0{text}".encode())
        endpoints = {finding.endpoint.casefold(): finding.endpoint for finding in findings if finding.endpoint}
        file = cache / f"search-{digest.hexdigest()}.sqlite" if cache else None
        database = (opened(file) if file else None) or made(findings, names, texts, file)
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
        without_level = 0
        if min_level is not None:
            without_level = self._count(
                _all([part.query for part in parts]), [*filters, ("kind = ?", "finding"), ("level IS ?", None)]
            )
            filters.append(("level <= ?", rank(min_level)))
        hits = self._best(parts, filters, limit)
        missing = self._missing(parts, [row[0] for row in hits])
        hits.sort(key=lambda row: len(missing[row[0]]))  # stable: among equals the better points stay first
        return Found(
            tuple(
                Hit(kind, id_, source_, -points, missing[row], start, end)
                for row, kind, id_, source_, start, end, points in hits
            ),
            tuple(dict.fromkeys(part.concept for part in parts if part.concept)),
            without_level,
        )

    def _best(self, parts: list[_Part], filters: list[tuple[str, object]], limit: int) -> list[_Row]:
        """Rows with all parts; where they are too few also those that lack one part, then those that hold any.

        What nothing holds is left out of the question first: a common word alone matches, and scores, every row.
        """
        held = [part.query for part in parts if self._hits(part.query, [], 1, scored=False)]
        if not held:
            return []
        queries = [_all(held), _any([_all([*held[:n], *held[n + 1 :]]) for n in range(len(held))]), _any(held)]
        rows: dict[int, _Row] = {}
        for query in queries if 2 < len(held) <= _MOST_LEFT_OUT else (queries[0], queries[2]):
            for row in self._hits(query, filters, limit):
                rows.setdefault(row[0], row)
            if len(rows) >= limit or len(held) == 1:
                break
        return list(rows.values())[:limit]

    def _parts(self, question: str) -> Iterator[_Part]:
        """The names in the question, then the words between them."""
        rest = list(question)
        for mention in self._names.mentions(question, asked=True):
            words = question[mention.start : mention.end]
            yield _Part(words, f"{{tags wider}} : {tag(mention.concept)} OR {phrase(words)}", mention.concept)
            rest[mention.start : mention.end] = " " * (mention.end - mention.start)
        for word in "".join(rest).split():
            if word not in _GRAMMAR and any(tokens(word)):
                yield _Part(word, phrase(word, begins=True), None)

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

    def _hits(self, query: str, filters: list[tuple[str, object]], limit: int, *, scored: bool = True) -> list[_Row]:
        where = " AND ".join(("entries MATCH ?", *(condition for condition, _ in filters)))
        points = f"bm25(entries, {_WEIGHTS})" if scored else "0"
        return self._database.execute(
            f"SELECT rowid, kind, id, source, start, end, {points} AS points FROM entries WHERE {where} "
            f"{'ORDER BY points, rowid ' if scored else ''}LIMIT ?",
            (query, *(value for _, value in filters), limit),
        ).fetchall()

    def _missing(self, parts: list[_Part], rows: list[int]) -> dict[int, tuple[str, ...]]:
        missing: dict[int, list[str]] = {row: [] for row in rows}
        for part in parts:
            found = self._database.execute(
                "SELECT rowid FROM entries WHERE entries MATCH ? AND rowid IN (SELECT value FROM json_each(?))",
                (part.query, json.dumps(rows)),
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


def _all(queries: list[str]) -> str:
    return " AND ".join(f"({query})" for query in queries)


def _any(queries: list[str]) -> str:
    return " OR ".join(f"({query})" for query in queries)
