"""Synthetic patients from a description: seeded, with inputs missing and values on boundaries, each said to be made up.

The description is data (``knowledge/cohort/synthetic.yaml``). Patient *n* of a seed is always the same, whoever makes
it, so that many processes can share the work and a cohort can be made again.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tumorboard.case.read import case_from_data
from tumorboard.cohort.patients import patient_of
from tumorboard.errors import InvalidKnowledge, Problem
from tumorboard.folder import KnowledgeFolder
from tumorboard.vocabulary.library import Vocabulary

_PLACE = "cohort/synthetic.yaml"
_NOTHING: Final = object()


class Synthesis:
    """Makes the patients of one seed. Raises InvalidKnowledge where the description can't be drawn from."""

    def __init__(self, folder: KnowledgeFolder, vocabulary: Vocabulary, seed: int) -> None:
        data: Any = folder.read(_PLACE)["synthetic"]
        self.vocabulary, self.seed = vocabulary, seed
        self.as_of = datetime.date.fromisoformat(data["as_of"])
        self._kinds, self._hospitals, self._follow_up = data["kinds"], data["hospitals"], data["follow_up"]
        self._weights = [int(kind["weight"]) for kind in self._kinds]

    def case(self, number: int) -> dict[str, Any]:
        """The case file of patient ``number``, as data."""
        draw = random.Random(f"{self.seed}-{number}")
        kind = draw.choices(self._kinds, self._weights)[0]
        drawn = self._drawn(kind["case"], draw)
        return {
            "schema": "tumorboard.case/1",
            "id": f"synthetic-{self.seed}-{number:08d}",
            "note": "Synthetic patient; not a real person.",
            "sex": draw.choice(("female", "male")),
            "age": draw.randint(30, 89),
            "as_of": self.as_of.isoformat(),
            **drawn,
        }

    def patient(self, number: int) -> dict[str, Any]:
        """Patient ``number`` as a row of a cohort, with a made-up follow-up."""
        case = case_from_data(self.case(number), self.vocabulary, self.as_of)
        draw = random.Random(f"{self.seed}-{number}")
        kind = draw.choices(self._kinds, self._weights)[0]  # the same draw as in :meth:`case`
        draw = random.Random(f"{self.seed}-{number}-after")
        low, high = (int(days) for days in self._follow_up["seen"])
        return {
            **patient_of(case),
            "follow_up": {
                "hospital": draw.choice(self._hospitals),
                "start": self.as_of,
                "last_seen": self.as_of + datetime.timedelta(days=draw.randint(low, high)),
                "died": draw.randrange(100) < int(self._follow_up["died_percent"]),
                "given": sorted(draw.choice(kind["then"])),
            },
        }

    def _drawn(self, node: Any, draw: random.Random) -> Any:
        if isinstance(node, Mapping):
            special = [key for key in node if str(key).startswith("$")]
            if special:
                return self._special(special[0], node, draw)
            found = {key: self._drawn(value, draw) for key, value in node.items()}
            return {key: value for key, value in found.items() if value is not _NOTHING}
        if isinstance(node, list):
            entries = [self._drawn(entry, draw) for entry in node]
            return [entry for entry in entries if entry is not _NOTHING]
        return node

    def _special(self, name: str, node: Mapping[str, Any], draw: random.Random) -> Any:
        match name:
            case "$maybe":
                return self._drawn(node["value"], draw) if draw.random() < float(node["$maybe"]) else _NOTHING
            case "$one_of":
                entries = node["$one_of"]
                return self._drawn(draw.choices(entries, [int(entry["weight"]) for entry in entries])[0]["value"], draw)
            case "$days_ago":
                low, high = (int(days) for days in node["$days_ago"])
                return (self.as_of - datetime.timedelta(days=draw.randint(low, high))).isoformat()
            case "$between":
                if node.get("often") and draw.randrange(int(node["often_one_in"])) == 0:
                    return draw.choice(node["often"])
                least, most = (Decimal(number) for number in node["$between"])
                scale = 10 ** int(node["decimals"])
                drawn = draw.randint(int(least * scale), int(most * scale))
                return Decimal(drawn) / scale if scale > 1 else drawn
        raise InvalidKnowledge(Problem(_PLACE, f"{name!r} is no way to draw", "$one_of, $between, $days_ago, $maybe"))
