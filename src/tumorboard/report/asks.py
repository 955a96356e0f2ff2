"""What is missing, as a person would ask for it: the entry of the record named in the reader's language."""

from __future__ import annotations

import re

from tumorboard.case.model import CaseFile, Treatment
from tumorboard.logic.inputs import Input
from tumorboard.logic.words import STATES
from tumorboard.report.names import Names
from tumorboard.report.words import COLUMNS, SECTIONS, WORDS
from tumorboard.text import Text

_PLACE = re.compile(r"(?P<section>[a-z_]+)(?:\[(?P<index>\d+)\])?\.(?P<column>\w+)")
# Sections whose names say enough by themselves: "haemoptysis", not "findings: haemoptysis".
_PLAIN = ("findings", "biomarkers", "labs")
_COLON = Text("{section}: {what}", "{section}：{what}")


class Asks:
    """Words for missing inputs; with the case's file an entry that lacks something is named, not only counted."""

    def __init__(self, names: Names, file: CaseFile | None = None) -> None:
        self._file, self._names = file, names

    def ask(self, item: Input) -> str:
        """What to find out, without its state."""
        language = self._names.language
        section, _, what = item.ask.partition(": ")
        if what and section in SECTIONS:
            named = self._several(what)
            if section in _PLAIN:
                return named[language]
            return _COLON.format(section=SECTIONS[section], what=named)[language]
        place = _PLACE.fullmatch(item.ask)
        if place and place["section"] in SECTIONS:
            return self._entry(place)[language]
        section, _, column = item.ask.partition(" ")
        if section in SECTIONS:
            return (
                _COLON.format(section=SECTIONS[section], what=self._several(column)) if column else SECTIONS[section]
            )[language]
        return item.ask

    def state(self, item: Input) -> str:
        return STATES.get(item.state, Text(item.state, item.state))[self._names.language]

    def line(self, item: Input) -> str:
        """What to find out with its state where that is more than *not recorded*."""
        if item.state == "not recorded":
            return self.ask(item)
        return WORDS["with detail"].format(what=self.ask(item), detail=self.state(item))[self._names.language]

    def _entry(self, place: re.Match[str]) -> Text:
        section, column = SECTIONS[place["section"]], self._one(place["column"])
        entries = getattr(self._file, place["section"], None)
        entry = entries[int(place["index"])] if place["index"] is not None and isinstance(entries, list) else None
        if isinstance(entry, Treatment):
            return _COLON.format(section=self._course(entry), what=column)
        key = next((name for name in ("site", "disease", "event", "name", "kind") if hasattr(entry, name)), None)
        if entry is not None and key is not None:
            section = WORDS["with detail"].format(what=section, detail=self._one(getattr(entry, key)))
        return _COLON.format(section=section, what=column)

    def _course(self, entry: Treatment) -> Text:
        agents = [self._names.agent(name) for name in entry.agents]
        shown = Text(" + ".join(name.en for name in agents), " + ".join(name.zh for name in agents))
        if entry.line is None:
            return shown
        return WORDS["with detail"].format(what=WORDS["line of therapy"].format(line=entry.line), detail=shown)

    def _several(self, written: str) -> Text:
        words = [self._one(word) for word in dict.fromkeys(written.split(", "))]
        return Text(", ".join(word.en for word in words), "、".join(word.zh for word in words))

    def _one(self, word: str) -> Text:
        """One name in any vocabulary of the product; ``platinum end`` is a name and a column of the entry."""
        vocabulary = self._names.vocabulary
        terms = vocabulary.terms
        if word in COLUMNS:
            return COLUMNS[word]
        for heading in (terms.named["observations"], terms.analyte_names, terms.diseases, *terms.named.values()):
            if (found := heading.find(word)) is not None:
                return found.name
        if (agent := self._names.known_agent(word)) is not None:
            return agent
        if vocabulary.alterations.known(word):
            return vocabulary.alterations.name(word)
        for heading in terms.lists.values():
            if (found := heading.find(word)) is not None:
                return found.name
        first, _, last = word.rpartition(" ")
        if first and last in COLUMNS:
            head, tail = self._one(first), COLUMNS[last]
            return Text(f"{head.en}, {tail.en}", f"{head.zh}，{tail.zh}")
        return Text(word, word)
