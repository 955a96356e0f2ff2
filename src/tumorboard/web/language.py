"""The language a client asks for in ``Accept-Language`` (RFC 9110, 12.5.4)."""

from __future__ import annotations

from tumorboard.text import LANGUAGES, Language


def preferred(accept_language: str) -> Language:
    """The language of ours with the highest weight, the earlier of two alike; English where none is named."""
    best: tuple[float, Language] = (0.0, "en")
    for part in accept_language.split(","):
        tag, *parameters = (piece.strip().casefold() for piece in part.split(";"))
        for language in LANGUAGES:
            if tag.partition("-")[0] == language and (weight := _weight(parameters)) > best[0]:
                best = weight, language
    return best[1]


def _weight(parameters: list[str]) -> float:
    given = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        weight = float(given)
    except ValueError:
        return 0.0  # what can't be read is not asked for
    return weight if 0 <= weight <= 1 else 0.0
