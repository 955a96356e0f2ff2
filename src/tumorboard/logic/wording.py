"""Sentences for what the explain reader found: the value, the threshold it met or missed, and the entry behind it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal

from tumorboard.case.columns import DATE, DECIMAL, LABEL
from tumorboard.case.rows import UNDATED, Row
from tumorboard.logic import tree
from tumorboard.logic.facts import Facts
from tumorboard.logic.inputs import Note
from tumorboard.logic.naming import Names
from tumorboard.logic.steps import Step
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE, Label, Labels, Truth, is_not_applicable
from tumorboard.logic.words import (
    NONE,
    NOT_KNOWN,
    NOT_ORDER,
    NOT_ORDER_OF_DAYS,
    NOT_RECORDED,
    NOTHING,
    ORDER,
    ORDER_OF_DAYS,
    STATES,
    TURNED,
    bracketed,
    either_of,
    listed,
    sentences,
)  # fmt: skip
from tumorboard.text import Text

_IS = Text("{name}: {value}", "{name}：{value}")
_SILENT = tree.Constant | tree.Parameter | tree.Undecided | tree.NotApplicable
_MADE = (
    tree.And | tree.Or | tree.Not | tree.Compare | tree.Among | tree.Meets | tree.Only | tree.Some
    | tree.Choose | tree.Band | tree.Collect | tree.Recorded | tree.Arithmetic | tree.Function | tree.Days
    | tree.Present
)  # fmt: skip
# Values of a branch that say nothing of why the branch was taken: numbers sorted or calculated with.
_MEASURED = tree.Band | tree.Arithmetic
TEST_TOLD = ("assay", "value", "measure", "when")  # cells that tell how an alteration was tested
NotesMade = dict[int, tuple[Step, tuple[Note, ...]]]  # by the step's id


class Wording(Names):
    """Why a value is what it is, in words."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._notes: NotesMade = {}

    def because(self, step: Step) -> Text:
        """Why the value of ``step`` is what it is, as one line; conflicts and what the source leaves open with it."""
        told = [self.said(note) for note in notes_of(step, self._notes) if note.kind != "assumption"]
        return sentences([*self.reasons(step), *told])

    def assumptions(self, step: Step) -> tuple[Text, ...]:
        """What was taken from the absence of an entry on the way to this value."""
        told = (self.said(note) for note in notes_of(step, self._notes) if note.kind == "assumption")
        return tuple(dict.fromkeys(told))

    def said(self, note: Note) -> Text:
        return note.text.format(about=listed([self.asked(item) for item in note.about])) if note.about else note.text

    # -- reasons -------------------------------------------------------------------------------------------------

    def reasons(self, step: Step) -> Iterator[Text]:
        """The sentences that decide the value; what doesn't change it is left out."""
        node, parts = step.node, step.parts
        match node:
            case tree.And():
                yield from self.deciding(step, FALSE)
            case tree.Or():
                yield from self.deciding(step, TRUE)
            case tree.Not():
                yield from self.reasons(parts[0])
            case tree.Compare():
                yield self.compared(node, step)
            case tree.Among(item, options):
                wanted = either_of([self.label_of(word, item) for word in sorted(options)])
                yield self.sentence(parts[0], wanted, step.value, Text("not {w}", "而非{w}").format(w=wanted))
            case tree.Meets(tree.Fact(name), label) if label in self.facts.definitions[name].values:
                yield self.of_class(step, self.facts.definitions[name].values[label])
            case tree.Meets(_, group) | tree.Only(_, group):
                yield self.of_class(step, self.anywhere(group))
            case tree.Choose():
                yield from self.chosen(step)
            case tree.Collect():
                yield from self.collected(step)
            case tree.Recorded() if step.value == FALSE:
                yield self.line(self.name(node.item, parts[0]), NOT_RECORDED, parts[0])
            case tree.Bounded():
                yield from self.own(step)
            case tree.Band():
                for part in parts:  # the number, and what decides within the bands it falls into
                    yield from self.own(part)
                yield from self.options(node)
            case tree.Some() | tree.Recorded() | tree.Function():
                yield from self.own(parts[0])
            case tree.Arithmetic("larger" | "smaller") if step.value.known:
                yield from self.own(next((part for part in parts if part.value == step.value), parts[0]))
            case tree.Arithmetic() | tree.Days():
                for part in parts:
                    yield from self.own(part)
            case tree.Present():
                yield self.shown(node, step)
            case _ if not isinstance(node, _SILENT):
                yield from self.own(step)

    def options(self, node: tree.Band) -> Iterator[Text]:
        """The options a band is cut at, as chosen."""
        for _, at, _ in node.cuts:
            if isinstance(at, tree.Parameter):
                chosen = self.facts.settings[at.name]
                assert isinstance(chosen, int | Decimal)
                yield _IS.format(name=self.name(at), value=self.amount(chosen, at.type))

    def own(self, step: Step) -> Iterator[Text]:
        """``name: value (place)`` of a value of the record, else why it is what it was made from."""
        node, value = step.node, step.value
        match node:
            case tree.Constant() | tree.Parameter() | tree.Undecided() | tree.NotApplicable():
                return
            case tree.Bounded(item) if not step.parts[0].value.known and value != step.parts[0].value:
                within = self.value_of(value, node.type, item)
                said = Text("not recorded, {within}", "未记录，{within}").format(within=within)
                yield self.line(self.name(item, step.parts[0]), said, step.parts[0])
            case tree.Bounded():
                yield from self.own(step.parts[0])
            case tree.Exists(rows) | tree.Holds(rows):
                found = listed([self.row_name(rows.table, row) for row in step.rows]) if value == TRUE else None
                yield self.line(self.name(node), found or (NONE if value == FALSE else NOT_RECORDED), step)
            case tree.Count() | tree.LongestRun():
                yield self.line(self.name(node), self.value_of(value, node.type, node), step)
            case tree.Pick(rows) if not step.rows:
                yield _IS.format(name=self.rows_name(rows), value=NONE if is_not_applicable(value) else NOT_RECORDED)
            case _ if isinstance(node, _MADE):
                yield from self.reasons(step)
            case _:
                yield self.line(self.name(node, step), self.told(step), step)

    def line(self, name: Text, value: Text, step: Step) -> Text:
        return Text("{is_}{place}", "{is_}{place}").format(is_=_IS.format(name=name, value=value), place=_place(step))

    def told(self, step: Step) -> Text:
        """The value of a leaf; for one nothing is known of, that it isn't recorded."""
        value = self.value_of(step.value, step.node.type, step.node)
        asked = step.missing and all(item.state == "not recorded" for item in step.missing)
        leaf = isinstance(step.node, tree.Pick | tree.Column | tree.Newest)
        return NOT_RECORDED if leaf and asked and not step.places else value

    def deciding(self, step: Step, decisive: Truth) -> Iterator[Text]:
        """Of ``and``/``or``: the parts that decide, which for an unknown are the unknown ones."""
        for part in step.parts:
            if step.value == decisive:
                if part.value == decisive:
                    yield from self.reasons(part)
                    return
            elif step.value.known or not part.value.known:
                yield from self.reasons(part)

    def chosen(self, step: Step) -> Iterator[Text]:
        """Why a branch was taken; for the last resort, why the branch before it was not."""
        assert isinstance(step.node, tree.Choose)
        remaining = list(step.parts)
        refused: Step | None = None
        open_branch = False
        for _ in step.node.branches:
            condition = remaining.pop(0)
            if condition.value == FALSE:
                refused = condition
                continue
            value = remaining.pop(0)
            if condition.value != TRUE:
                open_branch = True
                if not step.value.known:
                    yield from self.reasons(condition)
                continue
            if open_branch and not step.value.known:
                yield from self.own(value)
            elif not open_branch:
                if isinstance(value.node, _MEASURED):
                    yield from self.reasons(condition)
                yield from list(self.own(value)) or self.reasons(condition)
            return
        if not open_branch:
            if isinstance(remaining[0].node, _MEASURED) and refused is not None:
                yield from self.reasons(refused)
            inner = list(self.own(remaining[0]))
            yield from inner or (self.reasons(refused) if refused is not None else ())
        elif not step.value.known and not remaining[0].value.known:
            yield from self.own(remaining[0])

    def collected(self, step: Step) -> Iterator[Text]:
        assert isinstance(step.node, tree.Collect)
        owner = self.owner_of(step.node)
        for (name, _), part in zip(step.node.reasons, step.parts, strict=True):
            if part.value == TRUE:
                yield self.label_of(name, owner)
            elif part.value != FALSE:
                yield _IS.format(name=self.label_of(name, owner), value=NOT_KNOWN)
        if step.value == Labels(frozenset(), frozenset()):
            yield Text("none of the list", "列表中均无")

    def owner_of(self, node: Node) -> Node | None:
        """The fact whose rule the node is, for the words of its labels."""
        owners = (fact for fact in self.facts.definitions.values() if fact.node is node)
        return next((tree.Fact(fact.id, fact.type) for fact in owners), None)

    # -- single sentences ----------------------------------------------------------------------------------------

    def compared(self, node: tree.Compare, step: Step) -> Text:
        op, left, right = node.op, *step.parts
        if isinstance(left.node, tree.Constant) and not isinstance(right.node, tree.Constant):
            op, left, right = TURNED[op], right, left
        days = left.node.type.kind == "date" and op in ORDER_OF_DAYS
        kind = left.node.type if isinstance(right.node, tree.Constant) else right.node.type
        limit = self.value_of(right.value, kind, left.node)
        if not isinstance(right.node, tree.Constant | tree.Parameter):
            limit = Text("{limit} ({name})", "{limit}（{name}）").format(limit=limit, name=self.name(right.node, right))
        wanted = (ORDER_OF_DAYS if days else ORDER)[op].format(limit=limit)
        unmet = (NOT_ORDER_OF_DAYS if days else NOT_ORDER)[op].format(limit=limit)
        return self.sentence(left, wanted, step.value, unmet)

    def of_class(self, step: Step, group: Text) -> Text:
        """A list, or a label, against a class."""
        inner = step.parts[0]
        if isinstance(inner.value, Label):
            wanted, unmet = group, Text("not {group}", "而非{group}")
        elif isinstance(step.node, tree.Only):
            wanted, unmet = Text("all {group}", "均为{group}"), Text("not all {group}", "并非均为{group}")
        else:
            wanted, unmet = Text("including {group}", "含{group}"), Text("without {group}", "不含{group}")
        return self.sentence(inner, wanted.format(group=group), step.value, unmet.format(group=group))

    def sentence(self, left: Step, wanted: Text, verdict: object, unmet: Text) -> Text:
        """The value of ``left`` with what was wanted of it: met, missed, or not known to be either."""
        value, name = self.told(left), self.name(left.node, left)
        if isinstance(left.node, tree.Bounded):
            value = self.value_of(left.value, left.node.type, left.node.item)
        if (
            is_not_applicable(left.value)
            or (verdict == TRUE and value == wanted)
            or (verdict == TRUE and isinstance(left.value, Label) and left.value.known)
        ):
            said = value
        elif verdict == TRUE:
            said = Text("{value}, {wanted}", "{value}，{wanted}").format(value=value, wanted=wanted)
        elif verdict == FALSE:
            said = Text("{value}, {unmet}", "{value}，{unmet}").format(value=value, unmet=unmet)
        else:
            said = Text("{value}; needed: {wanted}", "{value}；需：{wanted}").format(value=value, wanted=wanted)
        return self.line(name, said, left)

    def shown(self, node: tree.Present, step: Step) -> Text:
        """An alteration with its result, and by what, when and where it was found; or how testing stands."""
        if step.value.known:
            result = Text("present", "阳性") if step.value == TRUE else Text("absent", "阴性")
        else:
            state = next(item.state for item in step.missing if item.ask.startswith("biomarkers: "))
            result = STATES.get(state, Text(state, state))
        tests = list(dict.fromkeys(self.test(row) for row in step.rows))
        where = bracketed(*tests, ", ".join(step.places))
        return Text("{name}: {result}{where}", "{name}：{result}{where}").format(
            name=self.name(node), result=result, where=where
        )

    def test(self, row: Row) -> Text:
        """How an alteration was tested: ``FISH, ratio 3.1, 2025-11-02``."""
        cells, words = row.cells, []
        if isinstance(assay := cells.get("assay"), str):
            words.append(self.label_of(assay, tree.Column("assay", LABEL)))
        if isinstance(number := cells.get("value"), int | Decimal):
            measure = cells.get("measure")
            named = self.label_of(str(measure), tree.Column("measure", LABEL)) if measure else NOTHING
            amount = self.amount(number, DECIMAL)
            words.append(Text(f"{named.en} {amount.en}".strip(), f"{named.zh}{amount.zh}"))
        if isinstance(day := cells["when"], int) and day != UNDATED:
            words.append(self.amount(day, DATE))
        return listed(words)


def _place(step: Step) -> Text:
    """The entries behind a value, or the one it would stand at, in brackets."""
    return bracketed(", ".join(places_of(step)))


def places_of(step: Step) -> tuple[str, ...]:
    """The entries behind a value, or the one it would stand at; of what is made from one part, that part's."""
    inner = step
    while not inner.places and not inner.missing and len(inner.parts) == 1:
        inner = inner.parts[0]
    return inner.places or tuple(item.ask for item in inner.missing if "[" in item.ask or "." in item.ask)


def notes_of(step: Step, made: NotesMade | None = None) -> tuple[Note, ...]:
    """Every assumption, conflict and silence of the source behind a value, each once, facts below included.

    ``made`` keeps those of each step, as facts share most of what is below them.
    """
    if not step.parts:
        return step.notes
    made = {} if made is None else made
    found = made.get(id(step))
    if found is None:
        below = [notes for part in reversed(_relevant(step)) if (notes := notes_of(part, made))]
        notes = tuple(dict.fromkeys(itertools.chain(step.notes, *below))) if below else step.notes
        found = made[id(step)] = step, notes  # kept with the step, whose id stays its own while it lives
    return found[1]


def _relevant(step: Step) -> tuple[Step, ...]:
    """The parts that decided the value: an assumption behind a branch not taken is none of this value's."""
    if isinstance(step.node, tree.And | tree.Or) and step.value.known:
        decisive = FALSE if isinstance(step.node, tree.And) else TRUE
        if step.value == decisive:
            return (next(part for part in step.parts if part.value == decisive),)
    return step.parts
