"""The reader's words: names of the vocabulary and of ``knowledge/reading`` found in one pass over a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ahocorasick

from tumorboard.errors import UnknownName
from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.normalising import known_names
from tumorboard.vocabulary.library import Vocabulary

_WORD = re.compile(r"[A-Za-z0-9]")
_LONGEST_ABBREVIATION = 5  # Latin names up to this length are read only in the case they are listed in


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of the lexicon in a text: what kind of thing it names, and its one name."""

    kind: str
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``unit`` is ``%``, ``time`` or ``ratio``; of a ``survival`` endpoint rates at a time are printed too."""

    name: str
    unit: str
    survival: bool = False
    event: bool = False


class Lexicon:
    """Every name the reader knows, and the plain word lists its rules ask for."""

    def __init__(self, folder: KnowledgeFolder, vocabulary: Vocabulary) -> None:
        data = folder.read("reading/endpoints.yaml")
        arms = folder.read("reading/arms.yaml")
        self.words: Mapping[str, Any] = folder.read("reading/words.yaml")
        self.vocabulary = vocabulary
        self.endpoints = {
            name: Endpoint(name, entry["unit"], bool(entry.get("survival")))
            for name, entry in data["endpoints"].items()
        } | {name: Endpoint(name, "%", event=True) for name in data["events"]}
        self.classes = {"chemotherapy": frozenset({"chemotherapy"})} | {
            drug.inn: drug.classes for drug in vocabulary.drugs
        }
        self.schemes = frozenset(arms["schemes"])
        self.partners = arms["partners"]
        self.any_chemotherapy = frozenset(arms["any_chemotherapy"])
        self.with_scheme = {name: frozenset(schemes) for name, schemes in arms["with_scheme"].items()}
        self.background = frozenset(arms["background"])
        self.techniques = frozenset(vocabulary.terms.lists["procedure"].ids)
        self._names: dict[str, list[tuple[str, str, str]]] = {}  # folded name → (kind, name, as listed)
        for name, entry in data["endpoints"].items():
            self._add("endpoint", name, entry["names"])
        for name, names in data["events"].items():
            self._add("endpoint", name, names)
        for name, names in arms["treatments"].items():
            self._add("treatment", name, names)
        for name, names in arms["labels"].items():
            self._add("label", name, names)
        for id_ in vocabulary.drugs.classes():
            self._add("treatment", id_, (id_, vocabulary.drugs.class_name(id_).zh, *self._class_names(folder, id_)))
        for drug in vocabulary.drugs:
            self._add("treatment", drug.inn, (name for name in drug.spellings if len(name) > 2 or not name.isascii()))
        for name, names in folder.read("reading/changes.yaml")["others"].items():
            self._add("counted", name, names)
        for gene in vocabulary.alterations.genes:
            self._add(
                "gene", gene.symbol, (name for name in (gene.symbol, *gene.names) if name.isascii() and len(name) > 2)
            )
        self._add("other", "other", self.words["others"])
        self._add("plan", "plan", self.words["plans"])
        self._consequences = {
            name: (
                re.compile(any_of(words["before"]), re.IGNORECASE),
                re.compile(any_of(words["after"]), re.IGNORECASE),
            )
            for name, words in data["consequences"].items()
        }
        self._automaton = ahocorasick.Automaton()
        for folded, entries in self._names.items():
            self._automaton.add_word(folded, (len(folded), entries))
        self._automaton.make_automaton()

    def _class_names(self, folder: KnowledgeFolder, id_: str) -> Iterable[str]:
        for entry in folder.read("vocabulary/drug-classes.yaml")["classes"]:
            if entry["id"] == id_:
                return [str(name) for name in entry.get("names") or ()]
        return ()

    def _add(self, kind: str, name: str, spellings: Iterable[str]) -> None:
        for spelling in spellings:
            for form in {spelling, spelling.replace("-", " "), spelling.replace(" ", "-")}:
                entries = self._names.setdefault(form.lower(), [])
                if all(entry[:2] != (kind, name) for entry in entries):
                    entries.append((kind, name, form))

    @cached_property
    def spaced(self) -> frozenset[str]:
        """Names whose letters a text layer may put together again."""
        genes = (spelling for gene in self.vocabulary.alterations.genes for spelling in gene.spellings)
        listed = (form for entries in self._names.values() for _, _, form in entries)
        return known_names((*genes, *listed, *self.words["not_studies"]))

    def mentions(self, text: str) -> list[Mention]:
        """The longest names in ``text``, from left to right, none inside another."""
        lowered = small_letters(text)
        found: list[Mention] = []
        spots = [(last - length + 1, last + 1, entries) for last, (length, entries) in self._automaton.iter(lowered)]
        spots.sort(key=lambda spot: (spot[0], -spot[1]))
        reached = 0
        for start, end, entries in spots:
            if start < reached or not whole_word(text, start, end):
                continue
            for kind, name, listed in entries:
                if text[end : end + 2] in ("-1", "-L") and listed == "PD":
                    continue
                short = listed.isascii() and len(listed) <= _LONGEST_ABBREVIATION and listed != listed.lower()
                if not short or listed == text[start:end]:
                    found.append(Mention(kind, name, start, end))
                    reached = end
                    break
        return found

    def consequence(self, text: str, name: str, start: int, end: int) -> str | None:
        """What adverse events led to, where the words beside them say so: ``discontinuation due to adverse events``."""
        if not name.endswith("adverse_events"):
            return None
        before, after = _last_clause(text[max(0, start - 90) : start]), _first_clause(text[end : end + 60])
        for endpoint, (leading, following) in self._consequences.items():
            if leading.search(before) or following.search(after):
                related = f"{endpoint.removesuffix('adverse_events')}{name}"
                if related in self.endpoints:
                    return related
                return (
                    "treatment_related_deaths"
                    if endpoint.startswith("grade_5") and name.startswith("treatment")
                    else endpoint
                )
        return None

    def pattern(self, heading: str) -> str:
        return any_of(self.words[heading])

    @cached_property
    def not_studies(self) -> frozenset[str]:
        names = {str(name).upper() for name in self.words["not_studies"]}
        names |= {gene.symbol.upper() for gene in self.vocabulary.alterations.genes}
        return frozenset(names | {folded.upper() for folded in self._names if folded.isascii()})

    def alteration(self, printed: str) -> str | None:
        try:
            return str(self.vocabulary.alterations.parse(printed))
        except UnknownName:
            return None
        except ValueError:
            return None


def small_letters(text: str) -> str:
    """``text`` in small letters, each still at its place: letters whose small form is longer stay as they are."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return lowered


def any_of(words: Iterable[str]) -> str:
    """A pattern of any of the words, the longest first; Latin ones as whole words."""
    return "|".join(_edged(str(word)) for word in sorted(words, key=lambda word: -len(str(word))))


def _edged(word: str) -> str:
    before = r"(?<![A-Za-z])" if word[0].isascii() and word[0].isalpha() else ""
    after = r"(?![A-Za-z])" if word[-1].isascii() and word[-1].isalpha() else ""
    return f"{before}{re.escape(word)}{after}"


def _last_clause(text: str) -> str:
    return re.split(r"[,，;；。.%)]", text)[-1]


def _first_clause(text: str) -> str:
    return re.split(r"[，;；。.(%]|\d", text)[0]


def whole_word(text: str, start: int, end: int) -> bool:
    """Whether no letter or digit of a Latin word goes on beyond ``start`` to ``end``; a plural s may."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before and _WORD.match(before) and text[start].isascii() and text[start].isalnum():
        return False
    if after and text[end - 1].isascii() and text[end - 1].isalnum() and _WORD.match(after):
        return after == "s" and not _WORD.match(text[end + 1 : end + 2] or " ")
    return True
