"""The user's own copies of the source papers on this machine, and the search index over them."""

from __future__ import annotations

import os
from pathlib import Path

from tumorboard.evidence import default_store, stored_texts
from tumorboard.evidence.search import EvidenceIndex, NameReader, default_cache
from tumorboard.guidelines.knowledge import Knowledge


def own_copies() -> Path:
    """The folder of the copies that were added with ``tumorboard sources add``."""
    return default_store(os.environ)


def evidence_index(knowledge: Knowledge) -> tuple[EvidenceIndex, dict[str, str]]:
    """The index from the user's cache, and the source texts it covers. SQLite wants one connection a thread, so each
    request opens its own; opening costs a few milliseconds."""
    texts = stored_texts(knowledge.findings, own_copies())
    index = EvidenceIndex.open(
        knowledge.findings, _names(knowledge), knowledge.sha256, texts, default_cache(os.environ)
    )
    return index, texts


def _names(knowledge: Knowledge) -> NameReader:
    if knowledge.sha256 not in _readers:
        _readers[knowledge.sha256] = NameReader(knowledge.vocabulary, knowledge.folder)
    return _readers[knowledge.sha256]


_readers: dict[str, NameReader] = {}  # by the hash of the knowledge
