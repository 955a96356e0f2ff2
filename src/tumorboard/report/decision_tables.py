"""A guideline as a decision table on one self-contained page: situations against the facts they ask for.

Each row is one way to be in a situation (a rule with ``or`` has several), each column a fact. A cell left empty does
not matter in its row. As in DMN's hit policy *collect*, every row that fits counts.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from decimal import Decimal

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Guideline, Option
from tumorboard.logic import tree
from tumorboard.logic.naming import Names as FactNames
from tumorboard.logic.tree import Node
from tumorboard.logic.words import either_of
from tumorboard.report.html import environment
from tumorboard.report.names import Names
from tumorboard.text import Language, Text

_MOST_ROWS = 12  # of one situation; a rule with more ways than that is shown in words
_YES, _NO = Text("yes", "是"), Text("no", "否")
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIGNS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
TABLE_WORDS = {
    "kind": Text("Decision table", "决策表"),
    "scope": Text("For", "适用范围"),
    "situation": Text("Situation", "情形"),
    "options": Text("Options", "方案"),
    "more": Text("further", "其他条件"),
    "how": Text(
        "Each row is one way to be in a situation; all rows that fit count. An empty cell does not matter. A fact that "
        "isn't recorded is unknown: a row is ruled out only by a fact that is known and differs.",
        "每行为符合某情形的一种方式；凡符合的行均有效。空格表示不影响。未记录的事实视为未知：仅当事实已知且不符时，该行才被排除。",
    ),
    "cautions": Text(
        "Exclusions, cautions and evidence of each option stand in the advice, not here.",
        "各方案的排除条件、注意事项及证据见建议报告，不在本表列出。",
    ),
    "level": Text("level {level}", "证据{level}级"),
    "or": Text("or", "或"),
}


@dataclass(frozen=True, slots=True)
class RowView:
    """One way to be in a situation: a cell for each column, and what has no column of its own."""

    cells: tuple[str, ...]
    more: str


@dataclass(frozen=True, slots=True)
class OptionLine:
    regimen: str
    grade: str


@dataclass(frozen=True, slots=True)
class SituationRows:
    id: str
    name: str
    rows: tuple[RowView, ...]
    options: tuple[OptionLine, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    columns: tuple[str, ...]
    situations: tuple[SituationRows, ...]
    more: bool  # whether any row has conditions without a column


def decision_tables(guideline: Guideline, knowledge: Knowledge, language: Language) -> str:
    """The whole page."""
    words = {key: text[language] for key, text in TABLE_WORDS.items()}
    return (
        environment(language)
        .get_template("decision_tables.html")
        .render(
            title=guideline.name[language],
            scope=guideline.scope_name[language],
            w=words,
            words=words,
            table=table_of(guideline, knowledge, language),
            about=f"{guideline.id} · {knowledge.version} · sha256 {knowledge.sha256[:12]}",
            lang="zh-CN" if language == "zh" else "en",
        )
    )


def table_of(guideline: Guideline, knowledge: Knowledge, language: Language) -> TableView:
    ways = {situation.id: ways_of(situation.when.node) for situation in guideline.situations}
    literals = [literal for each in ways.values() for way in each for literal in way]
    facts = tuple(dict.fromkeys(name for literal in literals if (name := fact_of(literal)) is not None))
    cells = _Cells(FactNames(knowledge.facts), language)
    names = Names(knowledge.vocabulary, language)
    situations = tuple(
        SituationRows(
            situation.id,
            situation.name[language],
            tuple(cells.row(way, facts) for way in ways[situation.id]),
            tuple(_option(option, names) for option in situation.options),
        )
        for situation in guideline.situations
    )
    columns = tuple(knowledge.facts.definitions[name].name[language] for name in facts)
    return TableView(columns, situations, any(row.more for each in situations for row in each.rows))


def _option(option: Option, names: Names) -> OptionLine:
    grade = [] if option.strength is None else [names.word(option.strength)]
    if option.level is not None:
        grade.append(TABLE_WORDS["level"].format(level=option.level)[names.language])
    return OptionLine(names.regimen(option.regimen), ", ".join(grade) if names.language == "en" else "，".join(grade))


# -- from a rule to rows ---------------------------------------------------------------------------------------------


def ways_of(node: Node) -> tuple[tuple[Node, ...], ...]:
    """The rule as alternatives, each a list of conditions that must all hold; the rule itself where they are many."""
    ways = _alternatives(_inward(node, False))
    return ways if len(ways) <= _MOST_ROWS else ((node,),)


def _inward(node: Node, negated: bool) -> Node:
    """The same logic with every ``not`` at a condition itself."""
    match node:
        case tree.Not(item):
            return _inward(item, not negated)
        case tree.And(items) | tree.Or(items):
            parts = tuple(_inward(item, negated) for item in items)
            return tree.And(parts) if isinstance(node, tree.And) != negated else tree.Or(parts)
        case tree.Compare(op, left, right) if negated and op in ("==", "!="):
            return tree.Compare(_OPPOSITE[op], left, right)  # type: ignore[arg-type]
    # Not below or above: what is not applicable is neither.
    return tree.Not(node) if negated else node


def _alternatives(node: Node) -> tuple[tuple[Node, ...], ...]:
    match node:
        case tree.Or(items):
            return tuple(way for item in items for way in _alternatives(item))
        case tree.And(items):
            products = itertools.product(*map(_alternatives, items))
            return tuple(tuple(dict.fromkeys(itertools.chain(*parts))) for parts in products)
    return ((node,),)


def fact_of(literal: Node) -> str | None:
    """The one fact a condition asks of in a way that fits into its column."""
    bare = literal.item if isinstance(literal, tree.Not) else literal
    match bare:
        case tree.Fact(name):
            return name
        case tree.Among(tree.Fact(name)) | tree.Meets(tree.Fact(name)) | tree.Only(tree.Fact(name)):
            return name
        case tree.Some(tree.Fact(name)) | tree.Recorded(tree.Fact(name)):
            return name
        case tree.Compare(_, tree.Fact(name), tree.Constant() | tree.Parameter()):
            return name
        case tree.Compare(_, tree.Constant() | tree.Parameter(), tree.Fact(name)):
            return name
    return None


@dataclass(frozen=True)
class _Cells:
    names: FactNames
    language: Language

    def row(self, way: tuple[Node, ...], facts: tuple[str, ...]) -> RowView:
        held: dict[str | None, list[str]] = {}
        for literal in way:
            held.setdefault(fact_of(literal), []).append(self.cell(literal)[self.language])
        joint = "；" if self.language == "zh" else "; "
        return RowView(tuple(joint.join(held.get(name, ())) for name in facts), joint.join(held.get(None, ())))

    def cell(self, literal: Node) -> Text:
        negated = isinstance(literal, tree.Not)
        bare = literal.item if isinstance(literal, tree.Not) else literal
        match bare:
            case tree.Fact():
                return _NO if negated else _YES
            case tree.Compare(op, left, right):
                if fact_of(bare) is not None:
                    return self.compared(op, left, right, negated)
            case tree.Among(tree.Fact(), options):
                return _negated(either_of([self.names.label_of(word, bare.item) for word in sorted(options)]), negated)
            case tree.Meets(tree.Fact(), group):
                said = Text("without {w}", "不含{w}") if negated else Text("with {w}", "含{w}")
                return said.format(w=self.names.label_of(group, bare.item))
            case tree.Only(tree.Fact(), group):
                only = Text("only {w}", "仅{w}").format(w=self.names.label_of(group, bare.item))
                return _negated(only, negated)
            case tree.Some(tree.Fact()):
                return Text("none", "无") if negated else Text("any", "有")
            case tree.Recorded(tree.Fact()):
                return Text("not recorded", "未记录") if negated else Text("recorded", "已记录")
        return _negated(self.names.phrase(bare), negated)

    def compared(self, op: str, left: Node, right: Node, negated: bool) -> Text:
        if not isinstance(left, tree.Fact):
            left, right, op = right, left, _TURNED[op]
        value = self.constant(right)
        if isinstance(value, bool):
            return _YES if value == (op == "==") else _NO
        if isinstance(value, str):
            return _negated(self.names.label_of(value, left), op == "!=")
        amount = self.names.amount(value, right.type)
        limit = Text(f"{_SIGNS[op]} {amount.en}", f"{_SIGNS[op]} {amount.zh}")
        return _negated(limit, negated)

    def constant(self, node: Node) -> bool | int | Decimal | str:
        if isinstance(node, tree.Parameter):
            return self.names.facts.settings[node.name]
        assert isinstance(node, tree.Constant)
        return node.value


def _negated(text: Text, negated: bool) -> Text:
    return Text("not {w}", "非{w}").format(w=text) if negated else text
