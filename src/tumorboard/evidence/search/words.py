"""How texts become the words of the index: Latin words, numbers, pairs of Chinese characters, tags of concepts.

Chinese is indexed as overlapping pairs instead of SQLite's trigrams, because trigrams cannot find words of two
characters (扩增, 一线), which most Chinese medical words are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tumorboard.errors import Problem, WrongUsage
from tumorboard.evidence.reading import LEVELS
from tumorboard.evidence.search.names import Concept

_TOKEN = re.compile(r"[a-z]+|\d+|[^\W\d_a-z]+")


def tag(concept: Concept) -> str:
    """One token for a concept, which no word of a text can be."""
    return f"{concept.kind}x{concept.id.encode().hex()}"


def tokens(text: str, whole: bool = True) -> Iterator[str]:
    """Words, numbers and pairs of Chinese characters.

    A run of Chinese ends with its last character alone, so that one character can be looked for; without ``whole`` the
    last run does not, as more may follow it in the text sought.
    """
    runs = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    for number, run in enumerate(runs):
        if run.isascii():
            yield run
            continue
        yield from (run[place : place + 2] for place in range(len(run) - 1))
        if whole or number < len(runs) - 1 or len(run) == 1:
            yield run[-1]


def indexed(text: str) -> str:
    return " ".join(tokens(text))


def phrase(words: str, begins: bool = False) -> str:
    """The tokens in their order; with ``begins`` the last may be the beginning of a longer word."""
    sought = list(tokens(words, whole=False))
    last = sought[-1] if sought else ""
    more = "*" if (len(last) == 1 and not last.isascii()) or (begins and last.isalpha() and len(last) > 2) else ""
    return f'{{claim study quote rest}} : "{" ".join(sought)}"{more}'


def rank(level: str) -> int:
    """The place of a level of evidence, 0 for I; a range counts with its weaker end. Raises WrongUsage."""
    weakest = level.upper().rpartition("-")[2]
    if weakest not in LEVELS:
        raise WrongUsage(Problem("--min-level", f"{level!r} is no level of evidence", f"one of {', '.join(LEVELS)}"))
    return LEVELS.index(weakest)
