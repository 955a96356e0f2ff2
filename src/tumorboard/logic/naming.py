"""What values, nodes, rows and inputs are called, in both languages."""

from __future__ import annotations

import datetime
from decimal import Decimal

from tumorboard.case.columns import TABLES, Type
from tumorboard.case.rows import Row
from tumorboard.logic import tree
from tumorboard.logic.facts import Facts
from tumorboard.logic.inputs import Input
from tumorboard.logic.steps import Step
from tumorboard.logic.tree import Node
from tumorboard.logic.values import TRUE, Day, Label, Labels, Number, Truth, Value, is_not_applicable
from tumorboard.logic.words import (
    ASKED,
    COLUMN,
    NO,
    NONE,
    NOT_APPLICABLE,
    NOT_COLUMN,
    NOT_KNOWN,
    NOTHING,
    ORDER,
    ORDER_OF_DAYS,
    ROW,
    SECTION,
    TURNED,
    UNITS,
    UNNAMED,
    YES,
    bracketed,
    either_of,
    listed,
)  # fmt: skip
from tumorboard.text import Text

_COLUMNS = {name: column for table in TABLES.values() for name, column in table.columns.items()}
_KEYED = {
    "labs": "labs", "findings": "observations", "consent": "consents", "eligibility": "eligibility",
    "performance": "performance",
}  # fmt: skip
# Sections whose entries name themselves: "haemoptysis", not "findings: haemoptysis".
_ALONE = ("findings", "biomarkers", "labs", "vitals", "consent", "performance")
_SHOWN, _LONG = 4, 12  # decimals shown of a number that has more than the second
ROW_TOLD = ("agents", "line", "curative", "disease", "event", "site", "kind", "name", "alteration")  # a row's name
_MANY = 4  # more labels than these are no answer


class Names:
    """Names for one set of facts, with the words its files give."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.vocabulary = facts, facts.vocabulary

    # -- values --------------------------------------------------------------------------------------------------

    def value(self, value: Value, kind: Type, fact: str | None = None) -> Text:
        """``89 days``, ``A or B``, ``yes``; an unknown with what is still possible. ``fact``: whose value it is."""
        return self.value_of(value, kind, None if fact is None else tree.Fact(fact, kind))

    def value_of(self, value: Value, kind: Type, node: Node | None) -> Text:
        """The value in the words of the node it is of."""
        if is_not_applicable(value):
            return NOT_APPLICABLE
        match value:
            case Truth():
                return NOT_KNOWN if not value.known else YES if value == TRUE else NO
            case Label(possible, na):
                if possible is None or len(possible) > _MANY:
                    return NOT_KNOWN
                found = [self.label_of(word, node) for word in sorted(possible)]
                return either_of([*found, NOT_APPLICABLE] if na else found)
            case Labels(certain, _):
                if not certain:
                    return NONE if value.known else NOT_KNOWN
                found = [self.label_of(word, node) for word in sorted(certain)]
                return (
                    listed(found)
                    if value.known
                    else Text("{some} and perhaps more", "{some}，可能还有其他").format(some=listed(found))
                )
            case Number(low, high, na) | Day(low, high, na):
                within = self.range(low, high, kind)
                return either_of([within, NOT_APPLICABLE]) if na and within != NOT_KNOWN else within
        raise AssertionError(f"no words for {value!r}")

    def range(self, low: int | Decimal | None, high: int | Decimal | None, kind: Type) -> Text:
        if low is None and high is None:
            return NOT_KNOWN
        if low == high:
            return self.amount(low, kind)
        dated = kind.kind == "date"
        if high is None:
            words = Text("{low} or later", "{low}或以后") if dated else Text("{low} or more", "{low}或以上")
            return words.format(low=self.amount(low, kind))
        if low is None:
            words = Text("{high} or earlier", "{high}或以前") if dated else Text("up to {high}", "至多{high}")
            return words.format(high=self.amount(high, kind))
        return Text("{low} to {high}", "{low}至{high}").format(low=self.amount(low, kind), high=self.amount(high, kind))

    def amount(self, number: int | Decimal | None, kind: Type) -> Text:
        if number is None:
            return NOT_KNOWN
        if kind.kind == "date":
            return _same(datetime.date.fromordinal(int(number)).isoformat())
        text = str(number) if isinstance(number, int) else _digits(number)
        if kind.unit is None:
            return _same(text)
        if kind.unit == "days":
            return Text(f"{text} day" if number == 1 else f"{text} days", f"{text}天")
        unit = UNITS.get(kind.unit, _same(kind.unit))
        return Text(f"{text} {unit.en}", f"{text} {unit.zh}")

    def label(self, word: str, fact: str | None) -> Text:
        """The words of a label, as the fact it is a value of gives them."""
        return self.label_of(word, None if fact is None else tree.Fact(fact, self.facts.definitions[fact].type))

    def label_of(self, word: str, node: Node | None) -> Text:
        terms = self.vocabulary.terms
        match node:
            case tree.Fact(name):
                own = self.facts.definitions[name]
                return own.values[word] if word in own.values else self.label_of(word, own.node)
            case tree.Newest(table, key) if table in terms.named:
                values = terms.named[table].terms[key].note.get("values", {})
                if word in values:
                    return Text(word, values[word])
            case tree.Pick(_, _, name) | tree.Column(name):
                heading = _COLUMNS[name].terms
                known = None if heading is None else terms.lists.get(heading) or terms.named[heading]
                if known is not None and word in known.terms:
                    return known.terms[word].name
        return self.anywhere(word)

    def anywhere(self, word: str) -> Text:
        """The name of a drug, a class, a disease or a term, whichever knows the word."""
        drugs, terms = self.vocabulary.drugs, self.vocabulary.terms
        if drugs.is_class(word):
            return drugs.class_name(word)
        if drugs.get(word) is not None:
            return drugs.find(word).name
        for heading in (terms.diseases, *terms.named.values(), *terms.lists.values()):
            if word in heading.terms:
                return heading.terms[word].name
        return _same(word)

    # -- nodes ---------------------------------------------------------------------------------------------------

    def name(self, node: Node, step: Step | None = None) -> Text:
        """What a node is called in a sentence; what has no name goes by the names of what it is made from."""
        parts = step.parts if step else ()
        match node:
            case tree.Fact(name):
                return self.facts.definitions[name].name
            case tree.Parameter(name):
                return self.facts.parameters[name].name
            case tree.Newest():
                return self.entry_name(node)
            case tree.Present(alteration):
                return self.vocabulary.alterations.name(alteration)
            case tree.Pick(rows, _, column):
                if step and step.rows:
                    return self.cell_name(rows.table, step.rows[0], column)
                return Text("{rows}, {column}", "{rows}{column}").format(
                    rows=self.rows_name(rows), column=COLUMN[column]
                )
            case tree.Column(name):
                return COLUMN[name]
            case tree.Exists(rows) | tree.Count(rows):
                return self.rows_name(rows)
            case tree.Holds(rows, condition):
                return self.rows_name(rows, condition)
            case tree.LongestRun(rows, condition):
                return Text("{rows}, {condition}, in a row", "{rows}中连续{condition}").format(
                    rows=self.rows_name(rows), condition=self.phrase(condition)
                )
            case tree.Function(_, item):
                return self.name(item, parts[0] if parts else None)
            case tree.Days(start, end):
                named = [self.name(part, parts[i] if parts else None) for i, part in enumerate((start, end))]
                return Text("days from {a} to {b}", "{a}至{b}的天数").format(a=named[0], b=named[1])
            case tree.HowMany(item, group):
                within = self.name(item, parts[0] if parts else None)
                return Text("number of {group} in {name}", "{name}中{group}的数量").format(
                    group=self.anywhere(group), name=within
                )
            case tree.Meets(item) | tree.Only(item) | tree.Some(item) | tree.Bounded(item) | tree.Recorded(item):
                return self.name(item, parts[0] if parts else None)
            case tree.Constant(value, kind):
                if isinstance(value, bool):
                    return YES if value else NO
                return self.anywhere(value) if isinstance(value, str) else self.amount(value, kind)
        below = [self.name(child) for child in tree.children(node) if not isinstance(child, tree.Constant)]
        return listed(list(dict.fromkeys(below)))

    def cell_name(self, table: str, row: Row, column: str) -> Text:
        """``line 1 (gefitinib), day of progression``."""
        if table in UNNAMED:
            return COLUMN[column]
        return Text("{row}, {column}", "{row}{column}").format(
            row=self.row_name(table, row, brief=column == "agents"), column=COLUMN[column]
        )

    def row_name(self, table: str, row: Row, brief: bool = False) -> Text:
        """One row: ``line 1 (gefitinib)``, ``adverse event pneumonitis``."""
        cells = row.cells
        agents = cells.get("agents")
        drugs = listed([self.anywhere(drug) for drug in sorted(agents)]) if isinstance(agents, frozenset) else NOTHING
        if table == "courses":
            line = cells["line"]
            name = Text("treatment with the aim of cure", "根治性治疗")
            if not cells["curative"]:
                name = Text(f"line {line}", f"第{line}线治疗")
            return name if brief else Text("{name}{drugs}", "{name}{drugs}").format(name=name, drugs=bracketed(drugs))
        for column in ("disease", "event", "site", "kind"):
            if column in cells:
                return self.anywhere(str(cells[column]))
        if "name" in cells:
            return self.key_name(table, str(cells["name"]))
        if "alteration" in cells:
            return self.vocabulary.alterations.name(str(cells["alteration"]))
        return drugs if drugs.en else ROW[table]

    def rows_name(self, rows: tree.Rows, *sought: Node) -> Text:
        """What rows are looked for: ``line of therapy (completed, EGFR-TKI)``."""
        words = [self.phrase(condition) for condition in (*rows.conditions, *sought)]
        return Text("{row}{words}", "{row}{words}").format(row=ROW[rows.table], words=bracketed(listed(words)))

    def phrase(self, condition: Node) -> Text:
        """A condition on a row in a few words."""
        match condition:
            case tree.And(items):
                return listed(list(dict.fromkeys(self.phrase(item) for item in items)))
            case tree.Or(items):
                return either_of(list(dict.fromkeys(map(self.alternative, items))))
            case tree.Not(tree.Column(name)) if name in NOT_COLUMN:
                return NOT_COLUMN[name]
            case tree.Not(item):
                return Text("not {item}", "非{item}").format(item=self.phrase(item))
            case tree.Meets(_, group):
                return self.anywhere(group)
            case tree.Only(_, group):
                return Text("only {group}", "仅{group}").format(group=self.anywhere(group))
            case tree.Among(item, options):
                return either_of([self.label_of(word, item) for word in sorted(options)])
            case tree.Compare("==", tree.Column() as item, tree.Constant(str() as word)):
                return self.label_of(word, item)
            case tree.Compare():
                op, left, right = condition.op, condition.left, condition.right
                if isinstance(left, tree.Constant):
                    op, left, right = TURNED[op], right, left
                order = ORDER_OF_DAYS if op in ORDER_OF_DAYS and left.type.kind == "date" else ORDER
                return Text("{name} {limit}", "{name}{limit}").format(
                    name=self.name(left), limit=order[op].format(limit=self.name(right))
                )
        return self.name(condition)

    def alternative(self, condition: Node) -> Text:
        if not isinstance(condition, tree.And):
            return self.phrase(condition)
        words = [self.phrase(item) for item in condition.items]
        return Text(" and ".join(word.en for word in words), "且".join(word.zh for word in words))

    def entry_name(self, node: tree.Newest) -> Text:
        return self.key_name(node.table, node.key)

    def is_key(self, table: str, key: str) -> bool:
        """Whether ``key`` by itself names an entry of the table."""
        terms = self.vocabulary.terms
        known = {"labs": terms.analytes, "performance": terms.lists["scale"].terms}
        return key in known.get(table, terms.named[table].terms if table in terms.named else ())

    def key_name(self, table: str, key: str) -> Text:
        terms = self.vocabulary.terms
        if table == "labs":
            return terms.analytes[key].name
        if table == "performance":
            return Text(f"{key} performance status", terms.lists["scale"].terms[key].name.zh)
        if table not in terms.named or key not in terms.named[table].terms:
            return _same(key)
        name = terms.named[table].terms[key].name
        return Text("consent to {name}", "{name}知情同意").format(name=name) if table == "consents" else name

    # -- inputs --------------------------------------------------------------------------------------------------

    def asked(self, item: Input) -> Text:
        """An input in words: ``HER2 mutation``, ``albumin``, ``imaging: largest tumour``; an entry of the file by its
        place there."""
        section, what = self.asked_for(item)
        if section in _ALONE or section not in SECTION:
            return what or SECTION.get(section, _same(item.ask))
        return SECTION[section] if what is None else in_section(SECTION[section], what)

    def asked_for(self, item: Input) -> tuple[str, Text | None]:
        """The section of the case file an input stands in (empty for the patient's own entries and for one entry of a
        list), and what of it in words (``None``: all of it)."""
        section, colon, name = item.ask.partition(": ")
        if item.words is not None:
            return section, item.words
        if not colon:
            head, _, column = item.ask.replace(".", " ").partition(" ")
            if head in SECTION:
                return head, asked_column(column) if column else None
            return "", asked_column(item.ask) if item.ask in COLUMN else _same(item.ask)
        if section == "biomarkers":
            return section, self.vocabulary.alterations.name(name)
        if section in _KEYED and self.is_key(_KEYED[section], name):
            return section, self.key_name(_KEYED[section], name)
        names, _, column = name.rpartition(" ")
        if not names or column not in COLUMN or self.anywhere(name) != _same(name):
            return section, listed([self.anywhere(word) for word in name.split(", ")])
        whose = listed([self.anywhere(word) for word in names.split(", ")])
        return section, Text("{whose}, {column}", "{whose}，{column}").format(whose=whose, column=asked_column(column))


def in_section(section: Text, what: Text) -> Text:
    return Text("{section}: {what}", "{section}：{what}").format(section=section, what=what)


def asked_column(name: str) -> Text:
    """What is asked about a column of the case file: its name in words, as a question where that reads better."""
    return ASKED.get(name) or COLUMN.get(name) or _same(name)


def _digits(number: Decimal) -> str:
    """A decimal as it is; one with no end in sight cut off, so that it never reads as if it had reached a boundary."""
    text = format(number.normalize(), "f")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals[:_SHOWN]}…" if len(decimals) > _LONG else text


def _same(text: str) -> Text:
    return Text(text, text)
