"""Names of the vocabulary inside running text: drugs, drug classes, genes, alterations, diseases, exons.

A question and a finding meet in the canonical name, not in a spelling: DS-8201 and 德曲妥珠单抗 are one concept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tumorboard.folder import KnowledgeFolder
from tumorboard.vocabulary.alteration_reading import AlterationReader, clean
from tumorboard.vocabulary.alteration_tables import Gene, load
from tumorboard.vocabulary.library import Vocabulary
from tumorboard.vocabulary.names import key

_END = "\0"
_MAX_WORDS = 10  # words (or Chinese characters) after a gene that may still name its change
_PIECE = re.compile(r"[A-Za-z]+|\d+|[^\x00-\x7f]|[^\w\s]")
_STOP = frozenset("，。；：、,;:()（）[]")
_PROTEIN = re.compile(r"(?:p\.)?(?:[A-Z]|[A-Z][a-z]{2})\d+(?:[A-Z*_]|del|ins|dup|fs)")


@dataclass(frozen=True, slots=True)
class Concept:
    """Something the vocabulary knows: ``kind`` is drug, class, gene, alteration, disease or exon."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters ``start`` to ``end`` of a text name ``concept``."""

    start: int
    end: int
    concept: Concept


class NameReader:
    """Finds the names of the vocabulary in texts; of two names at one place the longer counts."""

    def __init__(self, vocabulary: Vocabulary, folder: KnowledgeFolder) -> None:
        genes, alterations = folder.read("vocabulary/genes.yaml"), folder.read("vocabulary/alterations.yaml")
        self._vocabulary = vocabulary
        self._tables = load(genes, alterations, "vocabulary")
        self._reader = AlterationReader(self._tables)
        words = self._tables.words
        self._events = tuple(words.events)
        self._exon = _exon_pattern(words.exon_before, words.exon_after)
        self._root: dict[str, Any] = {}
        for concept, names in _names(vocabulary):
            for name in names:
                self._add(name, concept)
        self._change = lru_cache(maxsize=65536)(self._read_change)

    def mentions(self, text: str, *, asked: bool = False) -> list[Mention]:
        """The names in a text, from left to right, without overlap, then its exons.

        An exon inside an alteration counts on its own in a report, not in a question. ``asked`` says that the text is
        a question: people type gene names in small letters there, whereas ``met`` in a report is a word.
        """
        found: list[Mention] = []
        without_names = list(text)  # the 1 of HER1 is no number of an exon
        reach = 0
        for mention in self._named(text, asked):
            if mention.start < reach:
                continue
            without_names[mention.start : mention.end] = " " * (mention.end - mention.start)
            whole = self._with_change(mention, text) if mention.concept.kind == "gene" else mention
            found.append(whole)
            reach = whole.end
        changes = [mention for mention in found if mention.concept.kind == "alteration"]
        for match in self._exon.finditer("".join(without_names)):
            inside = any(change.start <= match.start() and match.end() <= change.end for change in changes)
            if not (asked and inside):
                exon = Concept("exon", str(int(match[1] or match[2])))
                found.append(Mention(match.start(), match.end(), exon))
        return found

    def concepts(self, text: str) -> set[Concept]:
        """Everything a text names; a gene as well where one of its alterations is named."""
        found = {mention.concept for mention in self.mentions(text)}
        return found | {Concept("gene", self._gene_of(concept)) for concept in found if concept.kind == "alteration"}

    def wider(self, concept: Concept) -> set[Concept]:
        """What the concept belongs to: the classes of a drug, the classes and the gene of an alteration."""
        if concept.kind == "drug":
            drug = self._vocabulary.drugs.find(concept.id)
            return {Concept("class", name) for name in drug.classes}
        if concept.kind == "class":
            return {Concept("class", name) for name in self._vocabulary.drugs.ancestors(concept.id)} - {concept}
        if concept.kind == "alteration":
            above = {Concept("alteration", name) for name in self._reader.above(concept.id)} - {concept}
            return above | {Concept("gene", self._gene_of(concept))}
        return set()

    def _gene_of(self, concept: Concept) -> str:
        return self._reader.made(concept.id).gene

    def _add(self, name: str, concept: Concept) -> None:
        node = self._root
        for letter in key(name):
            node = node.setdefault(letter, {})
        node.setdefault(_END, concept)

    def _named(self, text: str, asked: bool) -> Iterator[Mention]:
        letters = [(letter, place) for place, char in enumerate(text) for letter in _letters(char)]
        for first, (begin, start) in enumerate(letters):
            if begin not in self._root or not _edge(text, start) or (first and letters[first - 1][1] == start):
                continue
            longest = None
            node = self._root
            for later in range(first, len(letters)):
                letter, place = letters[later]
                if letter not in node:
                    break
                node = node[letter]
                if _END in node and _edge(text, place + 1):
                    mention = Mention(start, place + 1, node[_END])
                    if asked or not _a_plain_word(mention, text):
                        longest = mention
            if longest:
                yield longest

    def _with_change(self, gene: Mention, text: str) -> Mention:
        """The gene with the change named after it, or as it is."""
        ends: list[int] = []
        for piece in _PIECE.finditer(text, gene.end):
            if piece[0] in _STOP or len(ends) == _MAX_WORDS:
                break
            ends.append(piece.end())
        for end in reversed(ends):
            if _edge(text, end) and (id_ := self._change(gene.concept.id, text[gene.end : end].strip(" -:："))):
                return Mention(gene.start, end, Concept("alteration", id_))
        return gene

    def _read_change(self, symbol: str, text: str) -> str | None:
        gene: Gene = self._tables.genes[symbol]
        bare = key(text)
        listed = bare in self._tables.aliases.get(symbol, {})
        if not (listed or bare.endswith(self._events) or _PROTEIN.search(text)):
            return None  # the full reading costs a hundred times this look
        try:
            found = self._reader.of_gene(gene, clean(text))
        except ValueError:  # contradicts the gene's sequence: no name of a change
            return None
        return found.id if found else None


def _names(vocabulary: Vocabulary) -> Iterator[tuple[Concept, Iterable[str]]]:
    for drug in vocabulary.drugs:
        yield Concept("drug", drug.inn), drug.spellings
    for name in vocabulary.drugs.classes():
        yield Concept("class", name), (name, vocabulary.drugs.class_name(name).zh)
    for gene in vocabulary.alterations.genes:
        yield Concept("gene", gene.symbol), gene.spellings
    for term in vocabulary.terms.diseases.terms.values():
        yield Concept("disease", term.id), (term.id, term.name.zh, *term.names)


@lru_cache(maxsize=16384)
def _letters(char: str) -> str:
    """The letters that a character adds to a key: none for spaces and hyphens."""
    return char.lower() if char.isascii() and char.isalnum() else key(char)


@lru_cache(maxsize=16384)
def _kind(char: str) -> str:
    if not char.isascii() and unicodedata.category(char) == "Lo":
        return "one"  # each Chinese character may begin and end a word
    return "letter" if char.isalpha() else "digit" if char.isdigit() else "other"


def _edge(text: str, place: int) -> bool:
    """Whether a word may begin or end between two characters."""
    if not 0 < place < len(text):
        return True
    left, right = _kind(text[place - 1]), _kind(text[place])
    return left != right or left in ("one", "other")


def _a_plain_word(mention: Mention, text: str) -> bool:
    """Whether a short name in small letters is more likely the English word: met, ret, kit."""
    word = text[mention.start : mention.end]
    return mention.concept.kind == "gene" and len(word) <= 4 and word.isascii() and word.isalpha() and word.islower()


def _exon_pattern(before: Sequence[str], after: Sequence[str]) -> re.Pattern[str]:
    """An exon with its number: exon 20, ex20, 20外显子, 20号外显子.

    Of the words that may stand about a number, those on both sides mean exon (and their short and plural forms); the
    others (in, the, 号) do not tell that it is one.
    """
    exon = set(before) & set(after)
    named = exon | {word for word in before for full in exon if len(word) > 1 and _one_begins_the_other(word, full)}
    ordinal = _any_of(set(after) - exon)
    return re.compile(
        rf"(?<![A-Za-z])(?:{_any_of(named)})[ -]*(\d{{1,2}})(?!\d)"
        rf"|(?<!\d)(\d{{1,2}})[ -]*(?:{ordinal})?[ -]*(?:{_any_of(exon)})(?![A-Za-z])",
        re.IGNORECASE,
    )


def _one_begins_the_other(first: str, second: str) -> bool:
    return first.startswith(second) or second.startswith(first)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
