"""A quote in the text around it, as one reads it: the lines of the printed column joined, the quote marked."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# Lines of a printed column break inside Chinese words; between Latin words the break is a space.
_BREAK = re.compile(r"(?<=[^\x00-\x7f])\s*\n\s*|\s*\n\s*(?=[^\x00-\x7f])")
_SPACE = re.compile(r"\s+")


def quoted_in(context: str, quote: str | None) -> Markup:
    """The context as one paragraph; the quote in it is marked where it stands there."""
    joined = _SPACE.sub(" ", _BREAK.sub("", context)).strip()
    letters = [re.escape(letter) for letter in _SPACE.sub("", quote or "")]
    found = re.search(r"\s*".join(letters), joined) if letters else None
    if found is None:
        return escape(joined)
    before, inside, after = joined[: found.start()], found[0], joined[found.end() :]
    return Markup("{}<mark>{}</mark>{}").format(before, inside, after)
