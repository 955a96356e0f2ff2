"""The exported network, read back by somebody else's tool, has the same answer."""

from __future__ import annotations

from collections.abc import Callable

import biodivine_aeon as aeon
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring import mechanism
from test_network import DRUGS, genotypes

from tumorboard.mechanism.answer import WorldAnswer
from tumorboard.mechanism.export import to_boolnet, to_sbml_qual, variable

READER = mechanism()
WRITERS = {
    "BoolNet": (to_boolnet, aeon.BooleanNetwork.from_bnet),
    "SBML-qual": (to_sbml_qual, aeon.BooleanNetwork.from_sbml),
}


def least_fixed_point(network: aeon.BooleanNetwork) -> set[str]:
    """The variables that are true once nothing rises any more, starting from all false."""
    functions = {network.get_variable_name(v): network.get_update_function(v) for v in network.variables()}
    true: set[str] = set()
    while True:
        risen = {name for name, function in functions.items() if evaluated(function, network, true)}
        if risen <= true:
            return true
        true |= risen


def evaluated(function: aeon.UpdateFunction, network: aeon.BooleanNetwork, true: set[str]) -> bool:
    if function.is_const():
        return bool(function.as_const())
    if function.is_var():
        return network.get_variable_name(function.as_var()) in true
    if function.is_not():
        return not evaluated(function.as_not(), network, true)
    operator, left, right = function.as_binary()
    both = evaluated(left, network, true), evaluated(right, network, true)
    return {"and": all(both), "or": any(both)}[str(operator).lower()]


def expected(answer: WorldAnswer) -> set[str]:
    levels = READER.wiring.levels(answer.world, answer.caps)
    return {
        variable(READER.wiring, place, level) for place, reached in enumerate(levels) for level in range(1, reached + 1)
    }


@pytest.mark.parametrize("form", WRITERS)
@given(genotype=genotypes, drugs=st.lists(st.sampled_from(DRUGS), min_size=1, max_size=2, unique=True))
@settings(max_examples=25)
def test_the_least_fixed_point_read_back_is_the_networks_own(form: str, genotype: str, drugs: list[str]) -> None:
    write, read = WRITERS[form]
    for world in READER.ask(genotype, drugs).worlds[:1]:
        assert least_fixed_point(read(write(READER.wiring, world))) == expected(world)


def test_both_forms_hold_every_place_twice() -> None:
    world = READER.ask("EGFR ex19del; MET amplification", ["gefitinib"]).worlds[0]
    count = 2 * len(READER.wiring.slots)
    reading: Callable[[str], aeon.BooleanNetwork]
    for write, reading in WRITERS.values():
        assert reading(write(READER.wiring, world)).variable_count() == count
