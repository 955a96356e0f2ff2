"""What only the mechanism suggests for a patient: combinations that would close the open route, outside the options."""

from __future__ import annotations

from collections.abc import Hashable

from tumorboard.advice.model import Hypothesis
from tumorboard.case.read import Case
from tumorboard.errors import TumorboardError
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.mechanism.answer import Answer
from tumorboard.mechanism.load import load_network
from tumorboard.mechanism.of_case import CaseQuestion, question_of
from tumorboard.mechanism.rescue import Rescue, available, rescues
from tumorboard.mechanism.verdict import Mechanism
from tumorboard.mechanism.words import ARROW, listed, one
from tumorboard.text import Text

SUPPORT = "mechanism only"
_SHOWN = 3
_BECAUSE = Text(
    "under {drugs} the network leaves open {routes}; closing {targets} would shut it",
    "{drugs}治疗下网络显示{routes}仍开放；抑制{targets}可将其阻断",
)
_KEPT = 500
_found: dict[Hashable, tuple[Hypothesis, ...]] = {}  # few tumours differ in what the network knows of them
_readers: dict[str, Mechanism] = {}  # by the hash of the knowledge: compiling one takes a twentieth of a second


def hypotheses(case: Case, knowledge: Knowledge) -> tuple[Hypothesis, ...]:
    """At most three combinations of approved medicines that no finding backs, for a tumour that progressed.

    Empty where the case records no altered gene or no such line, where the drugs should still work or close nothing at
    all, where the question lies outside the network, or where the extra that finds rescue sets is absent.
    """
    lines = [entry for entry in case.file.treatments or () if entry.progressed is not None]
    if not lines or not available() or not any(entry.result == "present" for entry in case.file.biomarkers or ()):
        return ()
    reader = mechanism(knowledge)
    try:
        asked = question_of(case, reader.network)
    except TumorboardError:  # no alteration that counts today, or phases that contradict each other: nothing to suggest
        return ()
    if not any(agent.members for agent in asked.agents):
        return ()
    said = tuple((entry.id, entry.phase) for entry in asked.genotype.entries)
    key = knowledge.sha256, said, asked.genotype.worlds, asked.agents
    found = _found.get(key)
    if found is None:
        if len(_found) >= _KEPT:
            _found.clear()
        found = _found[key] = _suggested(reader, asked)
    return found


def _suggested(reader: Mechanism, asked: CaseQuestion) -> tuple[Hypothesis, ...]:
    answer = reader.judge(asked.genotype, asked.agents)
    closes = any(set(world.untreated) - set(world.routes) for world in answer.worlds)
    if answer.verdict not in ("resistant", "partial") or not closes:
        return ()
    unbacked = [rescue for rescue in rescues(reader, answer) if not rescue.findings and rescue.approved]
    return tuple(_hypothesis(rescue, answer, reader) for rescue in unbacked[:_SHOWN])


def mechanism(knowledge: Knowledge) -> Mechanism:
    """The network of this knowledge, compiled once."""
    if knowledge.sha256 not in _readers:
        _readers[knowledge.sha256] = Mechanism(load_network(knowledge.folder, knowledge.vocabulary))
    return _readers[knowledge.sha256]


def _hypothesis(rescue: Rescue, answer: Answer, reader: Mechanism) -> Hypothesis:
    given = [agent for agent in answer.agents if agent.members]
    names = [reader.network.agent(inn).name for inn in rescue.drugs]
    because = _BECAUSE.format(
        drugs=listed([agent.name for agent in given]),
        routes=listed([one(ARROW.join(route)) for route in answer.routes[:2]]),
        targets=listed([one(target) for target in rescue.targets]),
    )
    return Hypothesis(
        regimen=tuple(sorted([*(agent.id for agent in given), *rescue.drugs], key=str.casefold)),
        names=tuple([agent.name for agent in given] + names),
        because=because,
        support=SUPPORT,
    )
