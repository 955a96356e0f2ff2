"""How findings describe a study: words for its design, endpoints, the treatments of its arms, and units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.errors import InvalidKnowledge, Problem
from tumorboard.text import Text


@dataclass(frozen=True)
class StudyWords:
    """Each heading by the word the findings use; a word none knows is shown as it is written."""

    designs: Mapping[str, Text]
    endpoints: Mapping[str, Text]
    arms: Mapping[str, Text]
    units: Mapping[str, Text]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> StudyWords:
        """From the parsed file studies.yaml; InvalidKnowledge naming the entry without a text."""
        return cls(*(_texts(heading, data.get(heading)) for heading in ("designs", "endpoints", "arms", "units")))


def _texts(heading: str, entries: Any) -> Mapping[str, Text]:
    found = {}
    for word, written in (entries or {}).items():
        # Where English shows the word itself, the file gives only the Chinese.
        text = Text(str(word), written) if isinstance(written, str) else Text(written["en"] or "", written["zh"])
        if not text.zh:
            raise InvalidKnowledge(Problem(f"studies.yaml: {heading}.{word}", "has no Chinese"))
        found[str(word)] = text
    return found
