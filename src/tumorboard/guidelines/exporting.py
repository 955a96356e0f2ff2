"""A guideline for other people's engines: a library of ELM or CQL over a flat patient.

Situations, options and cautions are logic over facts, and facts alone are what these forms ask for (how a fact is
given: :mod:`tumorboard.logic.elm`). Whether a patient's tumour already progressed on an option's very regimen is read
from the record; `advise` excludes such an option, these forms can't.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Caution, Guideline, Option, Rule, Situation
from tumorboard.logic import cql
from tumorboard.logic import elm_parts as elm
from tumorboard.logic.elm import ElmReader
from tumorboard.logic.elm_parts import FALSE, Elm
from tumorboard.logic.tree import facts_read
from tumorboard.text import Text

SCOPE = "in scope"


def situation_name(situation: Situation) -> str:
    return f"situation {situation.id}"


def ruled_out_name(option: Option) -> str:
    return f"option {option.id} ruled out"


def condition_name(option: Option, index: int) -> str:
    return f"option {option.id} condition {index + 1}"


def caution_name(number: int) -> str:
    return f"caution {number}"


# -- ELM and CQL -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Definition:
    name: str
    about: tuple[tuple[str, str], ...]
    expression: Elm
    rules: tuple[Rule, ...]


def cautions_of(guideline: Guideline, knowledge: Knowledge) -> dict[Caution, tuple[Option, ...]]:
    """Every caution of a guideline that has a condition, each once, with the options it belongs to."""
    found: dict[Caution, tuple[Option, ...]] = {}
    for _, option in guideline.options():
        for caution in (*option.cautions, *knowledge.cautions[guideline.id, option.id]):
            if caution.when is not None:
                found[caution] = (*found.get(caution, ()), option)
    return found


def elm_library(guideline: Guideline, knowledge: Knowledge) -> Elm:
    """The guideline as a library of ELM, as JSON. Raises NotExportable."""
    reader = ElmReader(knowledge.facts)
    definitions = tuple(_definitions(guideline, knowledge, reader))
    read = frozenset[str]().union(*(facts_read(rule.node) for each in definitions for rule in each.rules))
    about = [
        ("description", _both(guideline.name)),
        ("source", f"{guideline.source}, {guideline.published}"),
        ("knowledge", f"{knowledge.version}, sha256 {knowledge.sha256}"),
        *(("option", f"{name} = {value}") for name, value in knowledge.facts.settings.items()),
    ]
    return {
        "library": {
            **_annotated(about),
            "identifier": {"id": guideline.id, "version": knowledge.version},
            "schemaIdentifier": {"id": "urn:hl7-org:elm", "version": "r1"},
            "usings": {"def": [{"localIdentifier": "System", "uri": "urn:hl7-org:elm-types:r1"}]},
            "parameters": {"def": [each for name in sorted(read) for each in _parameters(name, reader)]},
            "contexts": {"def": [{"name": "Unfiltered"}]},
            "statements": {
                "def": [
                    {
                        "name": each.name,
                        "context": "Unfiltered",
                        "accessLevel": "Public",
                        **_annotated(each.about),
                        "expression": each.expression,
                    }
                    for each in definitions
                ]
            },
        }
    }


def cql_library(guideline: Guideline, knowledge: Knowledge) -> str:
    """The same library as text. Raises NotExportable."""
    return cql.library(elm_library(guideline, knowledge))


def _definitions(guideline: Guideline, knowledge: Knowledge, reader: ElmReader) -> Iterator[_Definition]:
    def ruled(name: str, rule: Rule, *about: tuple[str, str]) -> _Definition:
        return _Definition(name, (*about, ("rule", rule.text)), reader.truth(rule.node), (rule,))

    yield ruled(SCOPE, guideline.scope, ("description", _both(guideline.scope_name)))
    outside = elm.is_false(elm.definition(SCOPE))
    for situation in guideline.situations:
        # An unknown scope leaves the situation to decide, as in advice.
        inside = elm.when(outside, FALSE, reader.truth(situation.when.node))
        about = ("description", _both(situation.name)), ("rule", situation.when.text)
        yield _Definition(situation_name(situation), about, inside, (situation.when,))
        for option in situation.options:
            if option.exclusions:
                yield _ruled_out(option, reader)
            for index, condition in enumerate(option.conditions):
                if condition.when is not None:
                    said = ("description", _both(condition.text))
                    yield ruled(condition_name(option, index), condition.when, said)
    for number, (caution, options) in enumerate(cautions_of(guideline, knowledge).items(), 1):
        assert caution.when is not None
        names = ("options", ", ".join(option.id for option in options))
        yield ruled(caution_name(number), caution.when, ("description", _both(caution.text)), names)
    for number, entry in enumerate(guideline.not_covered, 1):
        yield ruled(f"not covered {number}", entry.when, ("description", _both(entry.because)))


def _ruled_out(option: Option, reader: ElmReader) -> _Definition:
    """Whether a stated exclusion holds; null where it may, and that leaves the option no more than possible."""
    parts = []
    about = [("description", f"{option.strategy.name.en}: ruled out")]
    for exclusion in option.exclusions:
        value = reader.truth(exclusion.when.node)
        parts.append(value if exclusion.if_unknown == "possible" else elm.is_true(value))
        about += [("because", _both(exclusion.because)), ("rule", exclusion.when.text)]
    rules = tuple(exclusion.when for exclusion in option.exclusions)
    return _Definition(ruled_out_name(option), tuple(about), elm.any_of(parts), rules)


def _parameters(name: str, reader: ElmReader) -> Iterator[Elm]:
    fact = reader.facts.definitions[name]
    about = [("description", _both(fact.name))]
    if fact.type.unit is not None:
        about.append(("unit", fact.type.unit))
    if fact.type.kind == "whole":
        about.append(("whole", "true"))
    if fact.type.domain is not None:
        about.append(("values", " | ".join(sorted(fact.type.domain))))
    own, *absent = reader.parameters(name)
    yield {**_annotated(about), **own}
    yield from absent


def _annotated(about: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    tags = [{"name": name, "value": value} for name, value in about]
    return {"annotation": [{"type": "Annotation", "t": tags}]}


def _both(text: Text) -> str:
    return text.en if text.en == text.zh else f"{text.en} / {text.zh}"
