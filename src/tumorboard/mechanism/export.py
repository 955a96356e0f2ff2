"""The network of one question in the formats other people's tools read: BoolNet and SBML-qual.

Each place becomes two Boolean variables, *at least basal* and *active*; a receptor's ways of being active are places of
their own. The least fixed point of the exported network is the network's own answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from tumorboard.mechanism.answer import WorldAnswer
from tumorboard.mechanism.model import ACTIVE, BASAL
from tumorboard.mechanism.signal import Rule, Wiring

_CORE = "http://www.sbml.org/sbml/level3/version1/core"
_QUAL = "http://www.sbml.org/sbml/level3/version1/qual/version1"
_MATH = "http://www.w3.org/1998/Math/MathML"
_SUFFIX = {BASAL: "basal", ACTIVE: "active"}
_COMPARTMENT = "cell"


def variable(wiring: Wiring, place: int, level: int) -> str:
    """The name of the Boolean variable for a place at least at a level: ``MET_amplified_active``."""
    node, mode = wiring.slots[place]
    words = [node, *([mode] if mode else []), _SUFFIX[level]]
    return re.sub(r"\W", "_", "_".join(words))


def to_boolnet(wiring: Wiring, answer: WorldAnswer) -> str:
    """The network of a world under its drugs as BoolNet text (``targets, factors``)."""
    lines = ["targets, factors"]
    for (place, level), bodies in _grouped(wiring, answer).items():
        lines.append(f"{variable(wiring, place, level)}, {_formula(wiring, bodies)}")
    return "\n".join(lines) + "\n"


def to_sbml_qual(wiring: Wiring, answer: WorldAnswer) -> str:
    """The same as SBML Level 3 with the qualitative models package."""
    for prefix, uri in (("", _CORE), ("qual", _QUAL)):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.Element(f"{{{_CORE}}}sbml", {"level": "3", "version": "1", f"{{{_QUAL}}}required": "true"})
    model = ElementTree.SubElement(root, f"{{{_CORE}}}model", {"id": "signalling"})
    compartments = ElementTree.SubElement(model, f"{{{_CORE}}}listOfCompartments")
    ElementTree.SubElement(compartments, f"{{{_CORE}}}compartment", {"id": _COMPARTMENT, "constant": "true"})
    species = ElementTree.SubElement(model, f"{{{_QUAL}}}listOfQualitativeSpecies")
    transitions = ElementTree.SubElement(model, f"{{{_QUAL}}}listOfTransitions")
    for (place, level), bodies in _grouped(wiring, answer).items():
        name = variable(wiring, place, level)
        ElementTree.SubElement(
            species, f"{{{_QUAL}}}qualitativeSpecies",
            _qual(id=name, name=name, compartment=_COMPARTMENT, constant="false", maxLevel="1"),
        )  # fmt: skip
        _transition(transitions, wiring, name, bodies)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _grouped(wiring: Wiring, answer: WorldAnswer) -> dict[tuple[int, int], list[Rule]]:
    found: dict[tuple[int, int], list[Rule]] = {
        (place, level): [] for place in range(len(wiring.slots)) for level in (BASAL, ACTIVE)
    }
    for rule in wiring.rules(answer.world, answer.caps):
        found[rule.place, rule.level].append(rule)
    return found


def _formula(wiring: Wiring, rules: Sequence[Rule]) -> str:
    if any(not rule.body for rule in rules):
        return "1"
    terms = [" & ".join(variable(wiring, place, level) for place, level in dict.fromkeys(rule.body)) for rule in rules]
    return " | ".join(f"({term})" for term in dict.fromkeys(terms)) or "0"


def _transition(parent: ElementTree.Element, wiring: Wiring, name: str, rules: Sequence[Rule]) -> None:
    transition = ElementTree.SubElement(parent, f"{{{_QUAL}}}transition", _qual(id=f"to_{name}"))
    constant = not rules or any(not rule.body for rule in rules)
    drivers = [] if constant else list(dict.fromkeys(place for rule in rules for place in rule.body))
    if drivers:
        inputs = ElementTree.SubElement(transition, f"{{{_QUAL}}}listOfInputs")
        for number, (place, level) in enumerate(drivers):
            ElementTree.SubElement(
                inputs, f"{{{_QUAL}}}input",
                _qual(id=f"{name}_input_{number}", qualitativeSpecies=variable(wiring, place, level),
                      transitionEffect="none", sign="positive"),
            )  # fmt: skip
    outputs = ElementTree.SubElement(transition, f"{{{_QUAL}}}listOfOutputs")
    ElementTree.SubElement(
        outputs, f"{{{_QUAL}}}output",
        _qual(id=f"{name}_output", qualitativeSpecies=name, transitionEffect="assignmentLevel"),
    )  # fmt: skip
    terms = ElementTree.SubElement(transition, f"{{{_QUAL}}}listOfFunctionTerms")
    default = "1" if rules and constant else "0"
    ElementTree.SubElement(terms, f"{{{_QUAL}}}defaultTerm", _qual(resultLevel=default))
    if not drivers:
        return
    term = ElementTree.SubElement(terms, f"{{{_QUAL}}}functionTerm", _qual(resultLevel="1"))
    math = ElementTree.SubElement(term, f"{{{_MATH}}}math")
    either = _joined(math, "or", len(rules))
    for rule in rules:
        both = _joined(either, "and", len(rule.body))
        for place, level in rule.body:
            equal = ElementTree.SubElement(both, f"{{{_MATH}}}apply")
            ElementTree.SubElement(equal, f"{{{_MATH}}}eq")
            ElementTree.SubElement(equal, f"{{{_MATH}}}ci").text = variable(wiring, place, level)
            ElementTree.SubElement(equal, f"{{{_MATH}}}cn", {"type": "integer"}).text = "1"


def _joined(parent: ElementTree.Element, operator: str, count: int) -> ElementTree.Element:
    """An ``apply`` of the operator, or the parent itself where there is one operand only."""
    if count == 1:
        return parent
    apply = ElementTree.SubElement(parent, f"{{{_MATH}}}apply")
    ElementTree.SubElement(apply, f"{{{_MATH}}}{operator}")
    return apply


def _qual(**attributes: str) -> dict[str, str]:
    return {f"{{{_QUAL}}}{name}": value for name, value in attributes.items()}
