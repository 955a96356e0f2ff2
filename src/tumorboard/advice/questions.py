"""Questions: the missing inputs, ranked by how many options, how strong, their answer would decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from tumorboard.advice.model import OptionAnswer, Question, SituationAnswer
from tumorboard.guidelines.model import Ask
from tumorboard.logic.inputs import Input
from tumorboard.logic.recalling import RecallingReader
from tumorboard.logic.values import TRUE

T = TypeVar("T")
_WEIGHT = {"strong": 9, "moderate": 4, "weak": 2, None: 2, "not recommended": 0}


def ask(
    reader: RecallingReader,
    situations: Sequence[SituationAnswer],
    options: Sequence[OptionAnswer],
    warned: Mapping[Input, Sequence[str]],
) -> tuple[Question, ...]:
    """Every missing input once, the most decisive first."""
    decides: dict[Input, list[OptionAnswer]] = {}
    for answer in options:
        if answer.status == "possible":
            for item in answer.missing:
                decides.setdefault(item, []).append(answer)
    also: dict[Input, list[str]] = {}
    for situation in situations:
        if situation.verdict == "met":
            for ask_for in situation.situation.asks:
                for item in _unsettled(reader, ask_for):
                    also.setdefault(item, []).append(situation.situation.id)
    # One entry may be asked for in more than one state; the ask is the same.
    by_ask: dict[str, Input] = {}
    for item in (*decides, *also, *warned):
        by_ask.setdefault(item.ask, item)
    deciding, asking, warning = _together(decides), _together(also), _together(warned)
    found = []
    for name, item in by_ask.items():
        settled = deciding.get(name, [])
        decided = tuple(dict.fromkeys(answer.option.id for answer in settled))
        decided += tuple(dict.fromkeys(one for one in asking.get(name, ()) if one not in decided))
        cautioned = tuple(dict.fromkeys(warning.get(name, ())))
        weight = sum(_WEIGHT[strength] for strength in {a.option.id: a.option.strength for a in settled}.values())
        found.append((weight, len(decided), len(cautioned), Question(item, decided, cautioned)))
    found.sort(key=lambda entry: (-entry[0], -entry[1], -entry[2], entry[3].input.ask))
    return tuple(question for *_, question in found)


def _together(found: Mapping[Input, Sequence[T]]) -> dict[str, list[T]]:
    """What was found for one ask in any state."""
    together: dict[str, list[T]] = {}
    for item, values in found.items():
        together.setdefault(item.ask, []).extend(values)
    return together


def _unsettled(reader: RecallingReader, ask_for: Ask) -> tuple[Input, ...]:
    """What a guideline asks for besides: an unknown fact's inputs, or a look that has not been taken."""
    told = reader.told(ask_for.fact)
    if ask_for.look is not None and told.value != TRUE:
        return (ask_for.look,)
    return told.missing
