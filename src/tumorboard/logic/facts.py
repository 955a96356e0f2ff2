"""Facts, parameters and readings of measured values, loaded from ``knowledge/facts/`` into typed trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from tumorboard.case.columns import DATE, DECIMAL, TABLES, TRUTH, WHOLE, Type
from tumorboard.errors import InvalidKnowledge, NotFound, Problem, WrongUsage
from tumorboard.folder import KnowledgeFolder
from tumorboard.logic.checks import words_of
from tumorboard.logic.parser import RuleError, Scope, parse_rule
from tumorboard.logic.tree import DAYS, Node, facts_read, shared
from tumorboard.text import Text, text_from
from tumorboard.vocabulary.library import Vocabulary

_KINDS = {"truth": TRUTH, "whole": WHOLE, "days": DAYS, "date": DATE, "decimal": DECIMAL}


@dataclass(frozen=True, slots=True)
class ParameterDefinition:
    """A named option: its value, and the alternatives somebody may choose instead (the first is the default)."""

    id: str
    name: Text
    type: Type
    choices: tuple[int | Decimal | str, ...]
    source: str

    @property
    def default(self) -> int | Decimal | str:
        return self.choices[0]


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """A named, typed value computed from a case, with where its definition comes from and cases it must get right."""

    id: str
    name: Text
    about: Text
    source: str
    type: Type
    values: Mapping[str, Text]
    undecided: Mapping[str, Text]
    rule: str
    node: Node
    examples: tuple[Mapping[str, Any], ...]
    group: str
    reasons: str | None = None  # the fact whose members say why this one holds


@dataclass(frozen=True, slots=True)
class Reading:
    """How a measured value without a result is read for one alteration: present where ``node`` holds for the row."""

    alteration: str
    measure: str
    node: Node
    source: str


@dataclass(frozen=True)
class Facts:
    """All facts of a knowledge folder, with the parameters as set for this use."""

    definitions: Mapping[str, FactDefinition]
    parameters: Mapping[str, ParameterDefinition]
    settings: Mapping[str, int | Decimal | str]
    readings: tuple[Reading, ...]
    vocabulary: Vocabulary

    def scope(self) -> Scope:
        """What logic over facts may name."""
        return self._scope

    @cached_property
    def _scope(self) -> Scope:
        types = {name: fact.type for name, fact in self.definitions.items()}
        parameters = {name: parameter.type for name, parameter in self.parameters.items()}
        return Scope(types, parameters, self.vocabulary, rows=False)

    def get(self, name: str) -> FactDefinition:
        if name not in self.definitions:
            raise NotFound(Problem("", f"no fact {name!r}", "`tumorboard knowledge list facts` lists them"))
        return self.definitions[name]

    def with_settings(self, chosen: Mapping[str, str]) -> Facts:
        """The same facts with options set by name; WrongUsage where a name or value is none of those offered."""
        settings = dict(self.settings)
        for name, text in chosen.items():
            if name not in self.parameters:
                raise WrongUsage(Problem("", f"no option {name!r}", f"use {' | '.join(self.parameters)}"))
            choices = {str(choice): choice for choice in self.parameters[name].choices}
            if text not in choices:
                raise WrongUsage(Problem("", f"option {name} can't be {text!r}", f"use {' | '.join(choices)}"))
            settings[name] = choices[text]
        return replace(self, settings=settings)


def load_facts(folder: KnowledgeFolder, vocabulary: Vocabulary) -> Facts:
    """Every file of ``facts/``, parsed and type-checked. Raises InvalidKnowledge with file and line."""
    return _Loader(folder, vocabulary).load()


class _Loader:
    def __init__(self, folder: KnowledgeFolder, vocabulary: Vocabulary) -> None:
        self.folder, self.vocabulary = folder, vocabulary
        self.nodes: dict[Node, Node] = {}

    def load(self) -> Facts:
        files = dict(self.folder.under("facts"))
        parameters: dict[str, ParameterDefinition] = {}
        for name, index, parameter in self.parameters(files):
            if parameter.id in parameters:
                raise self.folder.error(name, ("parameters", index), f"the parameter {parameter.id} is defined twice")
            parameters[parameter.id] = parameter
        places: dict[str, tuple[str, int, Mapping[str, Any]]] = {}
        for name, index, entry in self.entries(files):
            if entry["id"] in places or entry["id"] in parameters:
                raise self.folder.error(name, ("facts", index), f"the name {entry['id']} is taken already")
            places[entry["id"]] = name, index, entry
        types = {fact: self.type_of(*place) for fact, place in places.items()}
        scope = Scope(types, {id_: each.type for id_, each in parameters.items()}, self.vocabulary, rows=True)
        definitions = {fact: self.fact(*place, scope) for fact, place in places.items()}
        self.refuse_circles(definitions)
        definitions = self.with_words(definitions, places, scope)
        readings = tuple(r for name, content in files.items() for r in self.readings(name, content, scope))
        settings = {name: parameter.default for name, parameter in parameters.items()}
        return Facts(definitions, parameters, settings, readings, self.vocabulary)

    def with_words(
        self,
        definitions: Mapping[str, FactDefinition],
        places: Mapping[str, tuple[str, int, Mapping[str, Any]]],
        scope: Scope,
    ) -> dict[str, FactDefinition]:
        """The facts with labels that have no list of their own tied to the vocabulary's, so that slips are found.

        A fact that reads a column takes over what the column can hold, and the rules that ask for it are read again.
        """
        refined = {
            name: replace(fact.type, domain=words)
            for name, fact in definitions.items()
            if fact.type.kind == "label" and fact.type.domain is None
            if (words := words_of(fact.node, self.vocabulary)) is not None
        }
        scope = replace(scope, facts={**scope.facts, **refined})
        found = {}
        for name, fact in definitions.items():
            if facts_read(fact.node) & set(refined):
                fact = self.fact(*places[name], scope)
            type_ = refined.get(name, fact.type)
            found[name] = replace(fact, type=type_, node=shared(fact.node, self.nodes))
        return found

    def entries(self, files: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
        for name, index, entry in self.listed(files, "facts"):
            if not isinstance(entry, Mapping) or "id" not in entry:
                raise self.folder.error(name, ("facts", index), "a fact without an id")
            yield name, index, entry

    def listed(self, files: Mapping[str, Any], heading: str) -> Iterator[tuple[str, int, Any]]:
        for name, content in files.items():
            for index, entry in enumerate(content.get(heading) or ()):
                yield name, index, entry

    def parameters(self, files: Mapping[str, Any]) -> Iterator[tuple[str, int, ParameterDefinition]]:
        for name, index, entry in self.listed(files, "parameters"):
            try:
                choices = tuple(entry["choices"])
                kind = entry["type"]
                if kind == "label":
                    type_ = Type("label", domain=frozenset(choices))
                else:
                    type_ = replace(_KINDS[kind], unit=entry.get("unit", _KINDS[kind].unit))
                name_ = text_from(entry["name"])
                yield name, index, ParameterDefinition(entry["id"], name_, type_, choices, entry["source"])
            except (KeyError, ValueError, TypeError) as error:
                raise self.folder.error(
                    name, ("parameters", index), f"the parameter is not complete: {error}"
                ) from error

    def type_of(self, name: str, index: int, entry: Mapping[str, Any]) -> Type:
        kind, unit = entry.get("type"), entry.get("unit")
        if kind in ("label", "labels"):
            values = entry.get("values")
            return Type("label" if kind == "label" else "labels", domain=frozenset(values) if values else None)
        if kind not in _KINDS:
            raise self.folder.error(
                name,
                ("facts", index, "type"),
                f"unknown type {kind!r}",
                f"use {' | '.join((*_KINDS, 'label', 'labels'))}",
            )
        return replace(_KINDS[str(kind)], unit=unit) if unit else _KINDS[str(kind)]

    def fact(self, name: str, index: int, entry: Mapping[str, Any], scope: Scope) -> FactDefinition:
        path = ("facts", index)
        try:
            undecided = {reason: text_from(text) for reason, text in (entry.get("undecided") or {}).items()}
            values = {value: text_from({"en": value, "zh": zh}) for value, zh in (entry.get("values") or {}).items()}
            texts = text_from(entry["name"]), text_from(entry["about"])
            rule, source = entry["rule"], entry["source"]
        except (KeyError, ValueError) as error:
            raise self.folder.error(name, path, f"the fact {entry['id']} is not complete: {error}") from error
        node = self.rule(
            name, (*path, "rule"), rule, replace(scope, reasons=frozenset(undecided)), scope.facts[entry["id"]]
        )
        return FactDefinition(
            entry["id"], *texts, source, scope.facts[entry["id"]], values, undecided, rule, node,
            tuple(entry.get("examples") or ()), name.removeprefix("facts/").removesuffix(".yaml"),
            self.reasons(name, (*path, "reasons"), entry, scope),
        )  # fmt: skip

    def reasons(self, name: str, path: tuple[str | int, ...], entry: Mapping[str, Any], scope: Scope) -> str | None:
        """The fact a fact's reasons stand in: one that is a list of labels."""
        other = entry.get("reasons")
        if other is not None and (other not in scope.facts or scope.facts[other].kind != "labels"):
            raise self.folder.error(name, path, f"{other!r} is no fact that lists reasons", "name one of type labels")
        return None if other is None else str(other)

    def readings(self, name: str, content: Mapping[str, Any], scope: Scope) -> Iterator[Reading]:
        columns = TABLES["biomarkers"].columns
        for index, entry in enumerate(content.get("readings") or ()):
            path = ("readings", index)
            if missing := {"alteration", "measure", "present", "source"} - set(entry):
                raise self.folder.error(name, path, f"a reading without {', '.join(sorted(missing))}")
            if not self.vocabulary.alterations.known(entry["alteration"]):
                raise self.folder.error(name, path, f"unknown alteration {entry['alteration']!r}")
            row_scope = replace(scope, facts={}, rows=False, columns=columns)
            node = self.rule(name, (*path, "present"), entry["present"], row_scope, TRUTH)
            yield Reading(entry["alteration"], entry["measure"], node, entry["source"])

    def rule(self, name: str, path: tuple[str | int, ...], text: object, scope: Scope, expected: Type) -> Node:
        if not isinstance(text, str):
            raise self.folder.error(name, path, f"the rule {text!r} is no text", "write it in quotes")
        try:
            return parse_rule(text, scope, expected)
        except RuleError as error:
            raise self.folder.error(name, path, f"the rule {error.what}", error.mend) from error

    def refuse_circles(self, definitions: Mapping[str, FactDefinition]) -> None:
        done: set[str] = set()

        def visit(name: str, above: tuple[str, ...]) -> None:
            if name in above:
                circle = " → ".join((*above[above.index(name) :], name))
                raise InvalidKnowledge(Problem("facts", f"these facts need each other: {circle}"))
            if name not in done:
                for other in sorted(facts_read(definitions[name].node)):
                    visit(other, (*above, name))
                done.add(name)

        for name in definitions:
            visit(name, ())
