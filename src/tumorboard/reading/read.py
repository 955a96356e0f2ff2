"""The reader: what a document says, as drafts, and a count of what was not understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft
from tumorboard.vocabulary.library import Vocabulary


@dataclass(frozen=True, slots=True)
class ReadingKnowledge:
    """What the reader knows beforehand: the names of the vocabulary and its own words."""

    vocabulary: Vocabulary

    @classmethod
    def load(cls, folder: KnowledgeFolder, vocabulary: Vocabulary) -> ReadingKnowledge:
        return cls(vocabulary)


@dataclass(frozen=True, slots=True)
class Reading:
    """The drafts of one document in the order of their places, and how many pieces were left out, by the reason."""

    drafts: tuple[Draft, ...]
    left_out: Mapping[str, int]


def read(document: Document, knowledge: ReadingKnowledge) -> Reading:
    """Every draft the document gives. What is not understood is left out and counted, never guessed."""
    return Reading((), MappingProxyType({}))
