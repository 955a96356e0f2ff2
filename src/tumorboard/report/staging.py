"""The lines a guideline wants at the head of a report: burden, function and stage under several systems."""

from __future__ import annotations

from collections.abc import Iterator

from tumorboard.advice.model import Advice
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import HeaderLine
from tumorboard.logic.values import TRUE, Label, is_not_applicable
from tumorboard.logic.wording import Wording
from tumorboard.report.names import Names
from tumorboard.report.views import HeaderView


def staging_views(advice: Advice, knowledge: Knowledge, names: Names) -> Iterator[HeaderView]:
    """The header lines of every guideline the patient is in the scope of."""
    for guideline in knowledge.guidelines.values():
        if guideline.header and advice.explainer.step(guideline.scope.node).value == TRUE:
            for line in guideline.header:
                yield _Line(advice, knowledge, names).view(line)


class _Line:
    def __init__(self, advice: Advice, knowledge: Knowledge, names: Names) -> None:
        self.advice, self.knowledge, self.names = advice, knowledge, names
        self.wording = Wording(knowledge.facts)

    def view(self, line: HeaderLine) -> HeaderView:
        known = all(self.advice.explainer.fact(name).value.known for name in line.facts)
        told = [self.told(name, alone=len(line.facts) == 1) for name in line.facts]
        return HeaderView(line.name[self.names.language], " · ".join(told), known)

    def told(self, name: str, alone: bool) -> str:
        """A fact with its value; one that stands alone under its own heading needs no name."""
        definition, value = self.knowledge.facts.definitions[name], self.advice.explainer.fact(name).value
        if is_not_applicable(value):
            shown = self.names.word("not applicable")
        elif isinstance(value, Label) and not value.known and value.possible == definition.type.domain:
            shown = self.names.word("not known")
        else:
            shown = self.wording.value(value, definition.type, name)[self.names.language]
        return shown if alone else self.names.word("marked", name=definition.name[self.names.language], mark=shown)
