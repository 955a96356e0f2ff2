"""A protocol is data, complete and fixed: what it leaves open is an error, and any change is another fingerprint."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from fractions import Fraction
from typing import Any

import pytest
from panels import PAPER

from tumorboard.consensus.protocol import preset, presets, protocol_from
from tumorboard.errors import InvalidInput, NotFound
from tumorboard.guidelines.knowledge import Knowledge


def test_four_presets_are_shipped(knowledge: Knowledge) -> None:
    assert sorted(presets(knowledge.folder)) == ["core-outcome-set", "rand-ucla", PAPER, "two-thirds"]


def test_two_thirds_is_a_fraction_and_not_a_decimal(knowledge: Knowledge) -> None:
    first = preset(knowledge.folder, "two-thirds").classes[0]
    assert first.shares[0].at_least == Fraction(200, 3)


def test_the_rule_of_the_paper_is_that_of_its_guideline(knowledge: Knowledge) -> None:
    protocol, grading = preset(knowledge.folder, PAPER), knowledge.guideline(PAPER).grading
    assert grading is not None
    assert protocol.levels == grading.levels
    assert [(c.levels, c.shares[0].at_least, c.strength) for c in protocol.classes] == [
        (rule.levels, rule.at_least, rule.strength) for rule in grading.rules
    ]


def test_every_choice_that_is_ours_is_named_as_such(knowledge: Knowledge) -> None:
    for protocol in presets(knowledge.folder).values():
        assert {"quorum", "abstention", "conflicts", "stopping"} <= set(protocol.not_stated)


def test_a_changed_number_is_another_fingerprint(knowledge: Knowledge) -> None:
    protocol = preset(knowledge.folder, PAPER)
    changed = deepcopy(dict(protocol.data))
    changed["classes"][0]["shares"][0]["at_least"] = 79
    assert protocol_from(changed, "mine").sha256 != protocol.sha256
    assert protocol_from(deepcopy(dict(protocol.data)), "mine").sha256 == protocol.sha256


def test_an_unknown_protocol_names_those_there_are(knowledge: Knowledge) -> None:
    with pytest.raises(NotFound, match="rand-ucla"):
        preset(knowledge.folder, "delphi")


def _drop(key: str) -> Callable[[dict[str, Any]], None]:
    return lambda data: data.pop(key)


def _set(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data.__setitem__(key, value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_drop("quorum"), "quorum: is absent"),
        (_drop("conflicts"), "conflicts: is absent"),
        (_set("threshold", 80), "threshold: is no key of a protocol"),
        (_set("agreement", ["yes"]), "a list of recommend"),
        (_set("abstention", "ignored"), "left out | counted"),
        (_set("conflicts", "leaves"), "votes | discusses | recused"),
        (_set("quorum", "two thirds"), "200/3 for two thirds"),
        (_set("quorum", "1/0"), "200/3 for two thirds"),
        (_set("rounds", {"least": 3, "most": 2}), "least: 2, most: 3"),
        (_set("smallest", 0), "a whole number from 1"),
        (_set("stopping", {"settled": ["certain"]}), "no class 'certain'"),
        (lambda data: data["classes"].pop(), "leave some votes undecided"),
        (lambda data: data["classes"][0].update(levels=["VI"]), "unknown level 'VI'"),
        (lambda data: data["classes"][0].update(strength="very strong"), "strong | moderate"),
        (lambda data: data["classes"][0].update(disagreement=False), "has no rule"),
        (lambda data: data["answers"][0].update(name={"en": "recommend"}), "the zh text is absent"),
        (lambda data: data["answers"][1].update(reason="maybe"), "required, or leave it out"),
    ],
)
def test_what_a_protocol_leaves_open_is_an_error(
    knowledge: Knowledge, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    data = deepcopy(dict(preset(knowledge.folder, PAPER).data))
    change(data)
    with pytest.raises(InvalidInput) as raised:
        protocol_from(data, "mine.yaml")
    assert said in str(raised.value)
    assert str(raised.value).startswith("mine.yaml: ")
