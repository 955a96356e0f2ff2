"""Places in the record as a reader of a page names them: ``treatments[0].end`` is *treatments, entry 1: end*."""

from __future__ import annotations

import re

from tumorboard.logic.words import ASKED, COLUMN, SECTION
from tumorboard.text import Language, Text

# Inside a sentence or brackets; alone, a place is where a slip is to be mended in the file, and stays as it is.
_PLACE = re.compile(rf"(?<=[(（ ])({'|'.join(SECTION)})\[(\d+)\](?:\.(\w+))?")
_ENTRY = Text("{section}, entry {number}", "{section}第{number}条")
_KEY = Text("{entry}: {key}", "{entry}的{key}")


def in_words(text: str, language: Language) -> str:
    """The text with the places in it named, entries counted from 1 as people do."""
    return _PLACE.sub(lambda found: _named(found)[language], text) if "[" in text else text


def _named(found: re.Match[str]) -> Text:
    entry = _ENTRY.format(section=SECTION[found[1]], number=int(found[2]) + 1)
    key = found[3]
    if key is None:
        return entry
    return _KEY.format(entry=entry, key=COLUMN.get(key) or ASKED.get(key) or Text(key, key))
