"""The documents findings come from, known by the hash of their text, and the places where later evidence was read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tumorboard.errors import InvalidKnowledge, Problem
from tumorboard.evidence.entry import Entry
from tumorboard.text import Text

SCHEMA = "tumorboard.sources/1"
DOCUMENT_KINDS = ("review", "consensus", "abstract")
UPDATE_KIND = "update"
# The id of a document becomes a file name in the user's data folder, so it holds nothing a path could use.
_DOCUMENT_ID = re.compile(r"[0-9a-z]+(?:_[0-9a-z]+)*")
_UPDATE_ID = re.compile(r"update:[\w.-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Source:
    """A source paper (``sha256`` and ``length`` in characters of its stored text) or the place of a later update.

    ``certainty`` is ``verified`` (read there) or ``own knowledge`` (not read again).
    """

    id: str
    kind: str
    title: Text
    certainty: str
    short: str | None = None
    journal: str | None = None
    year: int | None = None
    doi: str | None = None
    sha256: str | None = None
    length: int | None = None

    @property
    def is_document(self) -> bool:
        return self.kind != UPDATE_KIND


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def sources_from(data: object, place: str) -> dict[str, Source]:
    """The sources of a sources file by id, in its order. Raises InvalidKnowledge naming file and id."""
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        raise InvalidKnowledge(Problem(place, "is not a file of sources", f"it starts with `schema: {SCHEMA}`"))
    if extra := set(data) - {"schema", "documents", "updates"}:
        raise InvalidKnowledge(Problem(place, f"unknown key {sorted(extra)[0]!r}", "documents or updates"))
    found: dict[str, Source] = {}
    problems: list[Problem] = []
    for key, read in (("documents", _document), ("updates", _update)):
        entries = data.get(key, [])
        if not isinstance(entries, list):
            problems.append(Problem(place, f"{key} must be a list"))
            continue
        for number, item in enumerate(entries):
            entry = Entry(item, place, f"{key}[{number}]")
            source = read(entry)
            if source.id in found:
                entry.fail("id", "is given twice")
            found[source.id] = source
            problems += entry.finish()
    if problems:
        raise InvalidKnowledge(*problems)
    return found


def _document(entry: Entry) -> Source:
    source = Source(
        id=entry.pattern("id", _DOCUMENT_ID, "small letters and digits joined by _"),
        short=entry.required("short"),
        kind=entry.one_of("kind", DOCUMENT_KINDS),
        title=entry.bilingual("title") or Text("", ""),
        journal=entry.text("journal"),
        year=entry.whole("year"),
        doi=entry.text("doi"),
        sha256=entry.pattern("sha256", _SHA256, "64 hexadecimal digits"),
        length=entry.whole("length"),
        certainty=entry.required("certainty"),
    )
    for key, missing in (("title", not source.title.en), ("length", source.length is None)):
        if missing:
            entry.fail(key, "is absent")
    return source


def _update(entry: Entry) -> Source:
    source = Source(
        id=entry.pattern("id", _UPDATE_ID, "update:NAME"),
        kind=entry.one_of("kind", (UPDATE_KIND,)),
        title=entry.bilingual("title") or Text("", ""),
        certainty=entry.one_of("certainty", ("verified", "own knowledge")),
    )
    if not source.title.en:
        entry.fail("title", "is absent")
    return source
