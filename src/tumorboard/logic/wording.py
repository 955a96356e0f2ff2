"""Sentences for what the explain reader found: the value, the threshold it met or missed, and the entry behind it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from decimal import Decimal

from tumorboard.case.columns import Type
from tumorboard.logic import tree
from tumorboard.logic.explain import Step
from tumorboard.logic.facts import Facts
from tumorboard.logic.inputs import Note, named_entry, named_rows
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE, Day, Label, Labels, Number, Truth, Value, is_not_applicable
from tumorboard.text import Text

UNITS = {"days": Text("days", "天")}
YES, NO = Text("yes", "是"), Text("no", "否")
NOT_KNOWN = Text("not known", "未知")
NOT_APPLICABLE = Text("not applicable", "不适用")
_ORDER = {
    "<": Text("below {limit}", "低于{limit}"),
    "<=": Text("at most {limit}", "不超过{limit}"),
    ">": Text("above {limit}", "高于{limit}"),
    ">=": Text("at least {limit}", "不低于{limit}"),
    "==": Text("{limit}", "{limit}"),
    "!=": Text("other than {limit}", "非{limit}"),
}


class Wording:
    """Words for values and derivations, with the names the facts' file gives them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    # -- values --------------------------------------------------------------------------------------------------

    def value(self, value: Value, kind: Type, fact: str | None = None) -> Text:
        """``89 days``, ``A or B``, ``yes``; an unknown with what is still possible."""
        if is_not_applicable(value):
            return NOT_APPLICABLE
        match value:
            case Truth():
                return NOT_KNOWN if not value.known else YES if value == TRUE else NO
            case Label(possible):
                if possible is None or len(possible) > 4:
                    return NOT_KNOWN
                return _either([self.label(word, fact) for word in sorted(possible)])
            case Labels(certain, _):
                if not value.known and not certain:
                    return NOT_KNOWN
                return _listed([self.label(word, fact) for word in sorted(certain)]) if certain else Text("none", "无")
            case Number(low, high) | Day(low, high):
                shown_low, shown_high = (self.amount(bound, kind) for bound in (low, high))
                if value.known:
                    return shown_low
                if low is None and high is None:
                    return NOT_KNOWN
                if high is None:
                    return Text("{low} or more", "{low}或以上").format(low=shown_low)
                if low is None:
                    return Text("up to {high}", "至多{high}").format(high=shown_high)
                return Text("{low} to {high}", "{low}至{high}").format(low=shown_low, high=shown_high)
        raise AssertionError(f"no words for {value!r}")

    def amount(self, number: int | Decimal | None, kind: Type) -> Text:
        if number is None:
            return NOT_KNOWN
        if kind.kind == "date":
            day = datetime.date.fromordinal(int(number)).isoformat()
            return Text(day, day)
        text = str(number) if isinstance(number, int) else format(number.normalize(), "f")
        if kind.unit is None:
            return Text(text, text)
        unit = UNITS.get(kind.unit, Text(kind.unit, kind.unit))
        if kind.unit == "days":
            return Text(f"{text} day" if number == 1 else f"{text} days", f"{text}天")
        return Text(f"{text} {unit.en}", f"{text} {unit.zh}")

    def label(self, word: str, fact: str | None) -> Text:
        if fact is not None and word in (values := self.facts.definitions[fact].values):
            return values[word]
        terms = self.facts.vocabulary.terms
        for heading in (terms.diseases, *terms.lists.values()):
            if word in heading.terms:
                return heading.terms[word].name
        if self.facts.vocabulary.drugs.get(word) is not None:
            return self.facts.vocabulary.drugs.find(word).name
        return Text(word, word)

    # -- names ---------------------------------------------------------------------------------------------------

    def name(self, node: Node, step: Step | None = None) -> Text:
        """What a node is called in a sentence."""
        match node:
            case tree.Fact(name):
                return self.facts.definitions[name].name
            case tree.Parameter(name):
                return self.facts.parameters[name].name
            case tree.Newest():
                return self.entry_name(node)
            case tree.Present(alteration):
                return self.facts.vocabulary.alterations.name(alteration)
            case tree.Pick(rows, _, column):
                places = step.places if step else ()
                shown = ", ".join(places) or f"{named_rows(rows)} {column}"
                return Text(shown, shown)
            case tree.Column(name):
                shown = ", ".join(step.places) if step and step.places else name
                return Text(shown, shown)
            case tree.Exists(rows) | tree.Holds(rows) | tree.Count(rows):
                sought = (node.condition,) if isinstance(node, tree.Holds) else ()
                shown = named_rows(rows, *sought)
                return Text(shown, shown)
            case tree.Days(start, end):
                parts = step.parts if step else (None, None)
                return Text("days from {start} to {end}", "{start}至{end}的天数").format(
                    start=self.name(start, parts[0]), end=self.name(end, parts[1])
                )
            case tree.Meets(item) | tree.Only(item) | tree.HowMany(item) | tree.Some(item) | tree.Bounded(item):
                return self.name(item, step.parts[0] if step and step.parts else None)
            case tree.Constant(value, kind):
                shown = (
                    self.amount(value, kind)
                    if isinstance(value, int | Decimal) and not isinstance(value, bool)
                    else None
                )
                return shown or self.label(str(value), None)
        return Text("this value", "该值")

    def entry_name(self, node: tree.Newest) -> Text:
        terms = self.facts.vocabulary.terms
        if node.table == "labs":
            return terms.analytes[node.key].name
        if node.table in terms.named:
            name = terms.named[node.table].terms[node.key].name
            if node.table == "consents":
                return Text("consent to {name}", "{name}知情同意").format(name=name)
            return name
        return Text(named_entry(node), terms.lists["scale"].terms[node.key].name.zh)

    # -- reasons -------------------------------------------------------------------------------------------------

    def because(self, step: Step) -> Text:
        """Why the value of ``step`` is what it is, as one line; conflicts and what the source leaves open with it."""
        told = (note.text for note in notes_of(step) if note.kind != "assumption")
        return _joined(list(dict.fromkeys((*self.reasons(step), *told))))

    def assumptions(self, step: Step) -> tuple[Text, ...]:
        """What was taken from the absence of an entry on the way to this value."""
        return tuple(dict.fromkeys(note.text for note in notes_of(step) if note.kind == "assumption"))

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
            case tree.Fact(name):
                value = self.value(step.value, node.type, name)
                yield Text("{name}: {value}", "{name}：{value}").format(name=self.name(node), value=value)
            case tree.Compare(op, left, right):
                if isinstance(left, tree.Constant) and not isinstance(right, tree.Constant):
                    yield self.compared(_TURNED[op], parts[1], parts[0], step.value)
                else:
                    yield self.compared(op, parts[0], parts[1], step.value)
            case tree.Among(_, options):
                fact = parts[0].node.name if isinstance(parts[0].node, tree.Fact) else None
                wanted = _either([self.label(word, fact) for word in sorted(options)])
                yield self.sentence(parts[0], wanted, step.value)
            case tree.Choose():
                yield from self.chosen(step)
            case tree.Band():
                yield from self.own(parts[0])
            case tree.Collect(reasons):
                for (name, _), part in zip(reasons, parts, strict=True):
                    if part.value == TRUE:
                        yield self.label(name, None)
                    elif part.value != FALSE:
                        yield Text("{name}: not known", "{name}：未知").format(name=self.label(name, None))
                if step.value == Labels(frozenset(), frozenset()):
                    yield Text("none of the list", "列表中均无")
            case tree.Recorded(item):
                state = Text("recorded", "已记录") if step.value == TRUE else Text("not recorded", "未记录")
                yield Text("{name} {state}", "{name}{state}").format(name=self.name(item, parts[0]), state=state)
            case tree.Arithmetic() | tree.Days() | tree.Bounded():
                for part in parts[:1] if isinstance(node, tree.Bounded) else parts:
                    yield from self.own(part)
            case tree.Meets(_, group) | tree.Only(_, group):
                verb = (
                    Text("only {group}", "均为{group}") if isinstance(node, tree.Only) else Text("{group}", "{group}")
                )
                yield self.sentence(parts[0], verb.format(group=self.group(group)), step.value)
            case tree.Present():
                shown = NOT_KNOWN
                if step.value.known:
                    shown = Text("present", "阳性") if step.value == TRUE else Text("absent", "阴性")
                where = f" ({', '.join(step.places)})" if step.places else ""
                yield Text("{name}: {shown}{where}", "{name}：{shown}{where}").format(
                    name=self.name(node), shown=shown, where=where
                )
            case tree.Constant() | tree.Parameter() | tree.Undecided() | tree.NotApplicable():
                return
            case _:
                yield from self.own(step)

    def own(self, step: Step) -> Iterator[Text]:
        """``name: value`` of a step that is a value of the record, else what it was made from."""
        match step.node:
            case tree.Constant() | tree.Parameter() | tree.Undecided() | tree.NotApplicable():
                return
            case tree.Choose() | tree.Arithmetic() | tree.Days() | tree.Bounded():
                yield from self.reasons(step)
            case tree.Count(rows):
                places = f" ({', '.join(step.places)})" if step.places else ""
                yield Text("{name}: {value}{places}", "{name}：{value}{places}").format(
                    name=self.name(step.node, step), value=self.value(step.value, step.node.type), places=places
                )
                del rows
            case _:
                fact = step.node.name if isinstance(step.node, tree.Fact) else None
                yield Text("{name}: {value}", "{name}：{value}").format(
                    name=self.name(step.node, step), value=self.value(step.value, step.node.type, fact)
                )

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
            if condition.value == TRUE:
                if not open_branch:
                    inner = list(self.own(value))
                    yield from inner or self.reasons(condition)
                return
            open_branch = True
            if not step.value.known:
                yield from self.reasons(condition)
        if not open_branch:
            inner = list(self.own(remaining[0]))
            if inner:
                yield from inner
            elif refused is not None:
                yield from self.reasons(refused)

    def compared(self, op: str, left: Step, right: Step, verdict: Value) -> Text:
        fact = left.node.name if isinstance(left.node, tree.Fact) else None
        kind = left.node.type if isinstance(right.node, tree.Constant) else right.node.type
        limit = _ORDER[op].format(limit=self.value(right.value, kind, fact))
        return self.sentence(left, limit, verdict)

    def sentence(self, left: Step, wanted: Text, verdict: Value) -> Text:
        fact = left.node.name if isinstance(left.node, tree.Fact) else None
        value, name = self.value(left.value, left.node.type, fact), self.name(left.node, left)
        if verdict == TRUE:
            if value == wanted or isinstance(left.value, Label):
                return Text("{name}: {value}", "{name}：{value}").format(name=name, value=value)
            return Text("{name}: {value}, {wanted}", "{name}：{value}，{wanted}").format(
                name=name, value=value, wanted=wanted
            )
        if verdict == FALSE:
            return Text("{name}: {value}, not {wanted}", "{name}：{value}，而非{wanted}").format(
                name=name, value=value, wanted=wanted
            )
        return Text("{name}: {value}; needed: {wanted}", "{name}：{value}；需：{wanted}").format(
            name=name, value=value, wanted=wanted
        )

    def group(self, group: str) -> Text:
        if self.facts.vocabulary.drugs.is_class(group):
            return self.facts.vocabulary.drugs.class_name(group)
        return self.label(group, None)


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def notes_of(step: Step) -> Iterator[Note]:
    """Every assumption, conflict and silence of the source behind a value, each once, facts below included."""
    seen: set[Note] = set()
    done: set[int] = set()
    stack = [step]
    while stack:
        current = stack.pop()
        if id(current) in done:
            continue
        done.add(id(current))
        for note in current.notes:
            if note not in seen:
                seen.add(note)
                yield note
        stack.extend(_relevant(current))


def _relevant(step: Step) -> Iterable[Step]:
    """The parts that decided the value: an assumption behind a branch not taken is none of this value's."""
    if isinstance(step.node, tree.And | tree.Or) and step.value.known:
        decisive = FALSE if isinstance(step.node, tree.And) else TRUE
        if step.value == decisive:
            return [next(part for part in step.parts if part.value == decisive)]
    return step.parts


def _listed(words: list[Text]) -> Text:
    return Text(", ".join(word.en for word in words), "、".join(word.zh for word in words))


def _either(words: list[Text]) -> Text:
    return Text(" or ".join(word.en for word in words), "或".join(word.zh for word in words))


def _joined(sentences: list[Text]) -> Text:
    return Text("; ".join(text.en for text in sentences), "；".join(text.zh for text in sentences))
