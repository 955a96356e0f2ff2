"""Text that people send, checked before it is kept."""

from __future__ import annotations

import unicodedata

from tumorboard.errors import InvalidInput, Problem

LINE = 200  # characters of a name or title
_NOT_IN_A_LINE = {"Cc", "Cf", "Zl", "Zp"}  # control, direction and line characters: a name shows as it is
PAGES = 2_000_000  # characters of a case file, minutes or a decision


def line(text: str, place: str, most: int = LINE) -> str:
    """One line without white space around it. Raises InvalidInput where it is empty, too long or not one line."""
    text = kept(text, place, most).strip()
    if not text:
        raise InvalidInput(Problem(place, "is empty"))
    if any(unicodedata.category(character) in _NOT_IN_A_LINE for character in text):
        raise InvalidInput(Problem(place, "holds a line break or a control character", "write one plain line"))
    return text


def kept(text: str, place: str, most: int = PAGES) -> str:
    """The text as it is. Raises InvalidInput for what no database could give back: too long, NUL, half a character."""
    if len(text) > most:
        raise InvalidInput(Problem(place, f"has {len(text)} characters", f"at most {most} are kept"))
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(Problem(place, "holds a character that is no text (NUL or half of a pair)"))
    return text
