"""What is missing, as a person would ask for it: the entry of the record named in the reader's language."""

from __future__ import annotations

import re

from tumorboard.case.model import CaseFile, Treatment
from tumorboard.logic.inputs import Input
from tumorboard.logic.naming import Names, asked_column, in_section
from tumorboard.logic.words import SECTION, STATES
from tumorboard.report.words import WORDS
from tumorboard.text import Language, Text

_ENTRY = re.compile(r"(?P<section>[a-z_]+)\[(?P<index>\d+)\]\.(?P<column>\w+)")


class Asks:
    """Words for missing inputs; with the case's file an entry that lacks something is named, not only counted."""

    def __init__(self, names: Names, language: Language, file: CaseFile | None = None) -> None:
        self._names, self._language, self._file = names, language, file

    def ask(self, item: Input) -> str:
        """What to find out, without its state."""
        entry = _ENTRY.fullmatch(item.ask)
        return (self._entry(entry) if entry else self._names.asked(item))[self._language]

    def state(self, item: Input) -> str:
        return STATES.get(item.state, Text(item.state, item.state))[self._language]

    def line(self, item: Input) -> str:
        """What to find out with its state where that is more than *not recorded*."""
        if item.state == "not recorded":
            return self.ask(item)
        return WORDS["with detail"].format(what=self.ask(item), detail=self.state(item))[self._language]

    def _entry(self, place: re.Match[str]) -> Text:
        section, column = SECTION[place["section"]], asked_column(place["column"])
        entries = getattr(self._file, place["section"], None)
        entry = entries[int(place["index"])] if isinstance(entries, list) else None
        if isinstance(entry, Treatment):
            return in_section(self._course(entry), column)
        key = next((name for name in ("site", "disease", "event", "name", "kind") if hasattr(entry, name)), None)
        if entry is not None and key is not None:
            section = WORDS["with detail"].format(what=section, detail=self._names.anywhere(getattr(entry, key)))
        return in_section(section, column)

    def _course(self, entry: Treatment) -> Text:
        agents = [self._names.anywhere(name) for name in entry.agents]
        shown = Text(" + ".join(name.en for name in agents), " + ".join(name.zh for name in agents))
        if entry.line is None:
            return shown
        return WORDS["with detail"].format(what=WORDS["line of therapy"].format(line=entry.line), detail=shown)
