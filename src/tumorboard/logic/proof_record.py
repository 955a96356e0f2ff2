"""What a case of a proof may hold: bounds and integrity constraints, read from ``knowledge/proof/``."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tumorboard.case.columns import TABLES, TRUTH
from tumorboard.folder import KnowledgeFolder
from tumorboard.logic.facts import Facts
from tumorboard.logic.parser import RuleError, parse_rule
from tumorboard.logic.proof_tables import Bounds
from tumorboard.logic.tree import Node
from tumorboard.text import Text, text_from


@dataclass(frozen=True, slots=True)
class Constraint:
    """What no record breaks: of every row of ``table`` or, where that is ``None``, of the facts of a case."""

    table: str | None
    text: str
    node: Node
    because: Text


@dataclass(frozen=True, slots=True)
class ProofScope:
    """For whom a guideline is to have a situation, and situations that don't count because they treat nobody."""

    when: Node
    text: str
    leaves_out: frozenset[str]
    because: Text


@dataclass(frozen=True)
class Record:
    """Bounds, constraints and scopes of all proofs; ``structure``: what the symbolic tables hold to by their making."""

    bounds: Bounds
    constraints: tuple[Constraint, ...]
    structure: tuple[Text, ...]
    scopes: Mapping[str, ProofScope]


def load_record(folder: KnowledgeFolder, facts: Facts) -> Record:
    """The record of proofs. Raises InvalidKnowledge with file and line, NotFound without ``proof/record.yaml``."""
    return _Loader(folder, facts).load()


@dataclass(frozen=True)
class _Loader:
    folder: KnowledgeFolder
    facts: Facts

    def load(self) -> Record:
        name = "proof/record.yaml"
        content = self.folder.read(name)
        try:
            given = content["bounds"]
            bounds = Bounds(
                datetime.date.fromisoformat(str(given["as_of"])), dict(given["rows"]), int(given["agents"]),
                int(given["whole"]), int(given["decimal"]), int(given["years"]),
            )  # fmt: skip
        except (KeyError, ValueError, TypeError) as error:
            raise self.folder.error(name, ("bounds",), f"the bounds are not complete: {error}") from error
        found: list[Constraint] = []
        scopes: dict[str, ProofScope] = {}
        for file, more in self.folder.under("proof"):
            for index, entry in enumerate(more.get("constraints") or ()):
                found.append(self.constraint(file, ("constraints", index), entry))
            for index, entry in enumerate(more.get("scopes") or ()):
                scopes[entry["guideline"]] = self.scope(file, ("scopes", index), entry)
        structure = tuple(
            self.text(name, ("structure", index), entry) for index, entry in enumerate(content.get("structure") or ())
        )
        return Record(bounds, tuple(found), structure, scopes)

    def constraint(self, file: str, path: tuple[str | int, ...], entry: Mapping[str, Any]) -> Constraint:
        table = entry.get("table")
        if table is not None and table not in TABLES:
            raise self.folder.error(file, path, f"no table {table!r}", f"use {' | '.join(TABLES)}")
        node = self.rule(file, (*path, "holds"), entry.get("holds"), table)
        return Constraint(table, str(entry["holds"]), node, self.text(file, (*path, "because"), entry.get("because")))

    def scope(self, file: str, path: tuple[str | int, ...], entry: Mapping[str, Any]) -> ProofScope:
        node = self.rule(file, (*path, "when"), entry.get("when"), None)
        because = self.text(file, (*path, "because"), entry.get("because"))
        return ProofScope(node, str(entry["when"]), frozenset(entry.get("leaves_out") or ()), because)

    def rule(self, file: str, path: tuple[str | int, ...], text: object, table: str | None) -> Node:
        scope = self.facts.scope()
        if table is not None:
            scope = replace(scope, facts={}, columns=TABLES[table].columns)
        if not isinstance(text, str):
            raise self.folder.error(file, path, f"the rule {text!r} is no text", "write it in quotes")
        try:
            return parse_rule(text, scope, TRUTH)
        except RuleError as error:
            raise self.folder.error(file, path, f"the rule {error.what}", error.mend) from error

    def text(self, file: str, path: tuple[str | int, ...], value: object) -> Text:
        try:
            return text_from(value)
        except ValueError as error:
            raise self.folder.error(file, path, str(error)) from error
