"""Whether what was given next is what the guideline says: the best standing of any option with that regimen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tumorboard.advice.model import Advice
from tumorboard.guidelines.model import Option
from tumorboard.vocabulary.drugs import Drugs

# From the best standing to the worst; what fits no option is `other`.
STANDINGS = ("applies", "possible", "no consensus", "excluded", "other")


def standing(advice: Advice, given: Sequence[str], guidelines: Iterable[str], drugs: Drugs) -> str:
    """The best standing of the options of ``guidelines`` whose regimen is exactly ``given``."""
    chosen = frozenset(guidelines)
    found = {
        answer.status or "no consensus"
        for answer in advice.options
        if answer.guideline.id in chosen and is_regimen(answer.option, given, drugs)
    }
    return next(standing for standing in STANDINGS if standing in found or standing == "other")


def is_regimen(option: Option, given: Sequence[str], drugs: Drugs) -> bool:
    """Whether the agents fill the option's slots one to one, none left over; a class takes any of its drugs."""
    slots = [slot.alternatives for slot in option.regimen]
    return len(slots) == len(given) and _fill(slots, frozenset(given), drugs)


def _fill(slots: Sequence[tuple[str, ...]], agents: frozenset[str], drugs: Drugs) -> bool:
    if not slots:
        return True
    return any(_takes(slots[0], agent, drugs) and _fill(slots[1:], agents - {agent}, drugs) for agent in sorted(agents))


def _takes(alternatives: tuple[str, ...], agent: str, drugs: Drugs) -> bool:
    drug = drugs.get(agent)
    return any(name == agent or (drug is not None and name in drug.classes) for name in alternatives)
