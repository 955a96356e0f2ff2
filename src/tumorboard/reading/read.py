"""The reader: what a document says, as drafts, and a count of what was not understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.alterations import AlterationFinder
from tumorboard.reading.conflicts import with_contradictions
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft
from tumorboard.reading.findings import FindingReader
from tumorboard.reading.groups import GroupFinder
from tumorboard.reading.layer import layer_of
from tumorboard.reading.lexicon import Lexicon
from tumorboard.reading.patients import PatientReader
from tumorboard.reading.recommendations import RecommendationReader
from tumorboard.reading.table_rows import text_tables
from tumorboard.reading.tables import TableReader
from tumorboard.vocabulary.library import Vocabulary


@dataclass(frozen=True, slots=True)
class ReadingKnowledge:
    """What the reader knows beforehand: the names of the vocabulary and its own words."""

    vocabulary: Vocabulary
    lexicon: Lexicon
    alterations: AlterationFinder
    groups: GroupFinder
    patients: PatientReader
    recommendations: RecommendationReader
    tables: TableReader

    @classmethod
    def load(cls, folder: KnowledgeFolder, vocabulary: Vocabulary) -> ReadingKnowledge:
        lexicon = Lexicon(folder, vocabulary)
        recommendations = RecommendationReader(folder)
        return cls(
            vocabulary,
            lexicon,
            AlterationFinder(folder, lexicon),
            GroupFinder(folder),
            PatientReader(folder),
            recommendations,
            TableReader(folder, lexicon, recommendations),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """The drafts of one document in the order of their places, and how many pieces were left out, by the reason."""

    drafts: tuple[Draft, ...]
    left_out: Mapping[str, int]


def read(document: Document, knowledge: ReadingKnowledge) -> Reading:
    """Every draft the document gives. What is not understood is left out and counted, never guessed."""
    fences = sorted({*document.fences, *text_tables(document.text)})
    layer = layer_of(document, knowledge.lexicon.spaced, fences)
    reader = FindingReader(
        document,
        layer,
        knowledge.lexicon,
        knowledge.alterations,
        knowledge.groups,
        knowledge.patients,
        knowledge.recommendations,
    )
    drafts = reader.read()
    tables, left_out = knowledge.tables.read(document)
    drafts = with_contradictions([*drafts, *tables])
    left_out += reader.left_out
    return Reading(tuple(sorted(drafts, key=lambda draft: (draft.start, draft.end))), MappingProxyType(dict(left_out)))
