"""Places in the record as a reader of a page names them: ``treatments[0].end`` is *treatments, entry 1: end*."""

from __future__ import annotations

import re

from tumorboard.logic.words import ASKED, COLUMN, SECTION
from tumorboard.text import Language, Text

# Inside a sentence or brackets; alone, a place is where a slip is to be mended in the file, and stays as it is.
_PLACE = re.compile(rf"(?<=[(（ ])({'|'.join(SECTION)})\[(\d+)\](?:\.(\w+))?")
_WHOLE = re.compile(rf"({'|'.join(SECTION)})\[(\d+)\](?:\.(\w+))?(?:\[\d+\])?")
# What is asked for in its fixed form: ``biomarkers: EGFR p.T790M``.
_ASKED = re.compile(rf"(?<=[(（ ])({'|'.join(SECTION)}): (?=\S)")
_COLON = Text("{section}: ", "{section}：")
_ENTRY = Text("{section}, entry {number}", "{section}第{number}条")
_KEY = Text("{entry}: {key}", "{entry}的{key}")


def in_words(text: str, language: Language) -> str:
    """The text with the places in it named, entries counted from 1 as people do."""
    if "[" in text:
        text = _PLACE.sub(lambda found: place_name(found[1], int(found[2]), found[3])[language], text)
    if ": " in text:
        text = _ASKED.sub(lambda found: _COLON.format(section=SECTION[found[1]])[language], text)
    return text


def named_place(place: str, language: Language) -> str:
    """A place of the case file by its name; empty where it is none of an entry."""
    found = _WHOLE.fullmatch(place)
    return place_name(found[1], int(found[2]), found[3])[language] if found else ""


def place_name(section: str, index: int, key: str | None = None) -> Text:
    """An entry of the record, or a key of one."""
    entry = _ENTRY.format(section=SECTION[section], number=index + 1)
    if key is None:
        return entry
    return _KEY.format(entry=entry, key=COLUMN.get(key) or ASKED.get(key) or Text(key, key))
