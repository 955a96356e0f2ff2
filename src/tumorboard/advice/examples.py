"""The examples a guideline carries, run: which situations each case must be in, and which it must leave open."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from tumorboard.advice.advise import advise
from tumorboard.case.read import case_from_data
from tumorboard.errors import Problem, TumorboardError
from tumorboard.guidelines.knowledge import Knowledge


def check_guidelines(knowledge: Knowledge, today: datetime.date, only: str | None = None) -> Iterator[Problem]:
    """What fails of the examples of every guideline (or of ``only``); nothing where all hold."""
    for guideline in knowledge.guidelines.values():
        if only not in (None, guideline.id):
            continue
        for index, example in enumerate(guideline.examples):
            name = str(example.get("id", index))
            place = f"{guideline.id}: examples: {name}"
            try:
                case = case_from_data({"id": name, **example["case"]}, knowledge.vocabulary, today)
            except TumorboardError as error:
                yield Problem(place, str(error))
                continue
            advice = advise(case, knowledge)
            for verdict in ("met", "unknown"):
                wanted = set(example.get(verdict) or ())
                found = {
                    answer.situation.id
                    for answer in advice.situations
                    if answer.guideline.id == guideline.id and answer.verdict == verdict
                }
                if found != wanted:
                    yield Problem(place, f"{verdict}: {sorted(found)}", f"the example says {sorted(wanted)}")
