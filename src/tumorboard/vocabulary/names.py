"""How names are compared in every vocabulary: one key for all spellings of a name, and the names nearest to it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

# Spaces, invisible characters, hyphens and minus signs, full stops and middle dots: people put them anywhere in a code
# or name (DS-8201, DS‑8201, ds 8201, 埃万妥·单抗) without meaning another drug or gene.
_DROPPED = re.compile(
    "[\\s\u00ad\u180e\u200b-\u200f\u2060\ufeff"
    "\\-_\u058a\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\u301c\u3030"
    ".\u00b7\u2022\u2024\u2027\u2219\u22c5\u3002\u30fb"
    "®™©]+"
)


def key(name: str) -> str:
    """The form under which a name is looked up: without spaces, hyphens, dots and marks, any case, width or font.

    >>> key("ＤＳ‑8201") == key("ds 8201")
    True
    """
    bare = _DROPPED.sub("", name)  # before NFKC, which would spell ™ out as letters
    if bare.isascii():
        return bare.lower()
    return _DROPPED.sub("", unicodedata.normalize("NFKC", bare)).casefold()


def nearest(name: str, keys: Iterable[str], n: int = 3) -> tuple[str, ...]:
    """Up to ``n`` of the known spellings ``keys`` that are most like ``name``, the likest first; empty if none is.

    Likeness is that of :func:`difflib.get_close_matches` with its usual cut-off, over the normalised forms; of several
    spellings with one form the first is given. Only called to word an error, so its cost does not matter.
    """
    spellings: dict[str, str] = {}
    for spelling in keys:
        spellings.setdefault(key(spelling), spelling)
    return tuple(spellings[found] for found in difflib.get_close_matches(key(name), spellings, n))
