"""Derivations as trees of sentences: each step in words with its value, its threshold and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rich.text import Text as Line
from rich.tree import Tree

from tumorboard.advice.model import OptionAnswer
from tumorboard.logic import tree
from tumorboard.logic.explain import Explainer, Step
from tumorboard.logic.values import FALSE, TRUE, Truth
from tumorboard.logic.wording import Wording
from tumorboard.report.asks import Asks
from tumorboard.report.names import Names
from tumorboard.report.words import WORDS
from tumorboard.text import Language, Text

Verdict = Literal["yes", "no", "unknown"]
_MARKS: dict[Verdict, str] = {"yes": "✓", "no": "✗", "unknown": "?"}
_STYLES: dict[Verdict, str] = {"yes": "green", "no": "red", "unknown": "yellow"}
_NOTES = {"assumption": "assumed", "conflict": "conflict", "undecided": "source silent", "remark": "noted"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence with what it rests on; ``verdict`` is ``None`` for what is a value, not a truth."""

    text: str
    verdict: Verdict | None = None
    word: str = ""
    below: tuple[Explanation, ...] = ()

    def lines(self, indent: int = 0) -> Iterator[str]:
        yield "  " * indent + self.line
        for item in self.below:
            yield from item.lines(indent + 1)

    @property
    def line(self) -> str:
        return self.text if self.verdict is None else f"{_MARKS[self.verdict]} {self.word} · {self.text}"


def explain(step: Step, wording: Wording, language: Language) -> Explanation:
    """The whole derivation of ``step``; a fact that comes up again is not told twice."""
    return _Telling(wording, language).step(step)


def explain_option(answer: OptionAnswer, explainer: Explainer, wording: Wording, language: Language) -> Explanation:
    """Why an option has its status: the situation it stands in, its conditions and what would rule it out."""
    telling = _Telling(wording, language)
    names = telling.names
    status = names.word(
        "status is", status=names.word(answer.status or "no consensus"), because=answer.because[language]
    )
    situation = telling.step(explainer.step(answer.situation.when.node))
    below = [
        Explanation(
            names.word("marked", name=names.word("situation"), mark=answer.situation.name[language]),
            below=(situation,),
        )
    ]
    for condition in answer.option.conditions:
        steps = () if condition.when is None else (telling.step(explainer.step(condition.when.node)),)
        below.append(Explanation(names.word("condition", what=condition.text[language]), below=steps))
    for exclusion in answer.option.exclusions:
        step = telling.step(explainer.step(exclusion.when.node))
        below.append(Explanation(names.word("exclusion", what=exclusion.because[language]), below=(step,)))
    regimen = names.regimen(answer.option.regimen)
    return Explanation(regimen, below=(Explanation(status), *below))


def explain_tree(step: Step, wording: Wording, language: Language) -> Tree:
    """The derivation for a terminal."""
    return as_tree(explain(step, wording, language))


def explain_text(step: Step, wording: Wording, language: Language) -> str:
    """The derivation as indented lines."""
    return "\n".join(explain(step, wording, language).lines())


def as_tree(explanation: Explanation) -> Tree:
    line = Line(explanation.line)
    if explanation.verdict is not None:
        line.stylize(_STYLES[explanation.verdict], 0, 2 + len(explanation.word))
    found = Tree(line, guide_style="dim")
    for item in explanation.below:
        found.children.append(as_tree(item))
    return found


class _Telling:
    def __init__(self, wording: Wording, language: Language) -> None:
        self.wording, self.language = wording, language
        self.names = Names(wording.facts.vocabulary, language)
        self.asks = Asks(wording, language)
        self.told: set[str] = set()

    def step(self, step: Step, fact: str | None = None) -> Explanation:
        """``fact`` is the fact whose definition is being told, which names the labels in it."""
        match step.node:
            case tree.Fact(name):
                return self.fact(name, step)
            case tree.And():
                return self.made("all of", step, self.each(step, fact))
            case tree.Or():
                return self.made("any of", step, self.each(step, fact))
            case tree.Not():
                inner = self.step(step.parts[0], fact)
                return self.verdict(self.names.word("not the case", what=inner.text), step, inner.below)
            case tree.Choose():
                return self.made("first that fits", step, tuple(self.branches(step, fact)))
            case tree.Constant(value):
                return Explanation(self.wording.label(str(value), fact)[self.language])
            case tree.Parameter(name):
                parameter = self.wording.facts.parameters[name]
                chosen = self.wording.value(step.value, step.node.type)
                return Explanation(self.marked(parameter.name, chosen))
            case tree.NotApplicable():
                return Explanation(self.wording.value(step.value, step.node.type)[self.language])
            case tree.Undecided():
                return Explanation(self.names.word("unknown"), below=tuple(self.notes(step)))
        return self.leaf(step, fact)

    def fact(self, name: str, step: Step) -> Explanation:
        definition = self.wording.facts.definitions[name]
        said = self.marked(definition.name, self.wording.value(step.value, definition.type, name))
        if name in self.told:
            shown = (Explanation(self.names.word("shown above")),)
            return self.verdict(said, step, shown if step.parts else ())
        self.told.add(name)
        below = tuple(self.step(part, name) for part in step.parts)
        if len(below) == 1 and below[0].text.startswith(said):
            return below[0]  # an entry of the record taken as it is: it says the same, and where it stands
        return self.verdict(said, step, below)

    def made(self, key: str, step: Step, below: tuple[Explanation, ...]) -> Explanation:
        return self.verdict(self.names.word(key), step, (*below, *self.notes(step)))

    def each(self, step: Step, fact: str | None) -> tuple[Explanation, ...]:
        return tuple(self.step(part, fact) for part in step.parts)

    def branches(self, step: Step, fact: str | None) -> Iterator[Explanation]:
        """Each condition looked at with the value it gives below it, then the last resort where it was reached."""
        assert isinstance(step.node, tree.Choose)
        remaining = list(step.parts)
        for _ in step.node.branches:
            condition = remaining.pop(0)
            told = self.step(condition, fact)
            if condition.value != FALSE:
                given = self.step(remaining.pop(0), fact)
                told = Explanation(told.text, told.verdict, told.word, (*told.below, self.given(given)))
            yield told
            if condition.value == TRUE:
                return
        if remaining:
            yield self.given(self.step(remaining.pop(0), fact))

    def given(self, value: Explanation) -> Explanation:
        return Explanation(f"→ {value.text}", value.verdict, value.word, value.below)

    def leaf(self, step: Step, fact: str | None) -> Explanation:
        """A sentence about the record, or about facts that are told below it."""
        said = self.wording.because(step)[self.language]
        if not said:
            said = self.marked(self.wording.name(step.node, step), self.wording.value(step.value, step.node.type, fact))
        places = [place for place in step.places if place and place not in said]
        if places:
            said = self.names.word("with detail", what=said, detail=", ".join(places))
        facts = tuple(self.step(part, fact) for part in _facts(step) if not isinstance(part.node, tree.Constant))
        below = _beyond(said, facts[0]) if len(facts) == 1 else facts
        return self.verdict(said, step, (*below, *self.needed(step, facts), *self.notes(step)))

    def needed(self, step: Step, below: tuple[Explanation, ...]) -> Iterator[Explanation]:
        if step.missing and not below:
            asks = [self.asks.line(item) for item in step.missing]
            joined = ("、" if self.language == "zh" else ", ").join(dict.fromkeys(asks))
            yield Explanation(self.names.word("needs", asks=joined))

    def notes(self, step: Step) -> Iterator[Explanation]:
        for note in step.notes:
            text = self.wording.said(note)[self.language]
            yield Explanation(self.names.word(_NOTES[note.kind], text=text))

    def verdict(self, text: str, step: Step, below: tuple[Explanation, ...]) -> Explanation:
        if not isinstance(step.value, Truth):
            return Explanation(text, below=below)
        key: Verdict = "yes" if step.value == TRUE else "no" if step.value == FALSE else "unknown"
        return Explanation(text, key, self.names.word(f"node {key}"), below)

    def marked(self, name: Text, value: Text) -> str:
        return WORDS["marked"].format(name=name, mark=value)[self.language]


def _facts(step: Step) -> Iterator[Step]:
    """The facts and options of the knowledge directly behind a sentence; cells of the record are in the sentence."""
    for part in step.parts:
        if isinstance(part.node, tree.Fact | tree.Parameter):
            yield part
        else:
            yield from _facts(part)


def _beyond(said: str, told: Explanation) -> tuple[Explanation, ...]:
    """A part whose words already stand in the sentence above it adds only what it rests on itself."""
    return told.below if told.text in said else (told,)
