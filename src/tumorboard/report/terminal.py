"""Advice on a terminal: readable at 80 columns and wider, with or without colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text as Line

from tumorboard.advice.model import Advice
from tumorboard.case.read import Case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.explain import Explainer
from tumorboard.logic.values import is_not_applicable
from tumorboard.logic.wording import Wording
from tumorboard.report.arguments import argument_head
from tumorboard.report.asks import Asks
from tumorboard.report.build import report_view
from tumorboard.report.names import Names
from tumorboard.report.views import LaterView, OptionGroup, OptionView, QuestionView, Report, SituationView
from tumorboard.text import Language

# The shape of a mark carries its meaning; colour only repeats it.
STRENGTH_MARKS = {"strong": "●●●", "moderate": "●●○", "weak": "●○○", "no grade": "○○○", "not recommended": "–––"}
_STYLES = {"strong": "bold green", "moderate": "green", "weak": "yellow", "no grade": "dim", "not recommended": "dim"}
CONDITION_MARKS = {"met": "✓", "not met": "✗", "unknown": "?", "open": "·"}
_WIDEST = 132  # longer lines are hard to follow
_FEW = 6


def print_advice(advice: Advice, case: Case, knowledge: Knowledge, language: Language, console: Console) -> None:
    """Everything a board needs of ``advice`` on ``console``; where the findings are printed is left to the reports."""
    names = Names(knowledge.vocabulary, language)
    print_report(report_view(advice, case, knowledge, language), names, console)


def print_facts(case: Case, knowledge: Knowledge, language: Language, console: Console) -> None:
    """Every fact of a case: what is known with its reason, what is open with what would settle it, what has no meaning
    for this patient."""
    names, wording = Names(knowledge.vocabulary, language), Wording(knowledge.facts)
    asks = Asks(wording, language, case.file)
    explainer, comma = Explainer(knowledge.facts, case.tables), "、" if language == "zh" else ", "
    table = Table(box=None, padding=(0, 2, 0, 0), expand=True, header_style="dim")
    for key, ratio in (("fact", 4), ("fact value", 4), ("why", 7)):
        table.add_column(names.word(key), ratio=ratio, overflow="fold")
    apart: list[str] = []
    for name, definition in knowledge.facts.definitions.items():
        step = explainer.fact(name)
        if is_not_applicable(step.value):
            apart.append(definition.name[language])
            continue
        reason = wording.because(step)[language]
        if not step.value.known and step.missing:
            missing = comma.join(dict.fromkeys(map(asks.line, step.missing)))
            reason = names.word("needs", asks=missing)
        value = wording.value(step.value, definition.type, name)[language]
        same = names.word("marked", name=definition.name, mark=value)
        if reason.startswith(same):  # an entry of the record taken as it is: only its place is new
            reason = reason.removeprefix(same).strip(" ()（）；;")
        shown = Line(value if step.value.known else f"? {value}", style="bold" if step.value.known else "yellow")
        table.add_row(Line(definition.name[language]), shown, Line(reason))
    title = Line(f"{names.word('case')} {case.id} · {names.word('board day')} {case.as_of}", style="bold")
    width = min(console.width, _WIDEST)
    console.print(title, width=width, highlight=False)
    console.print(table, width=width, highlight=False)
    if apart:
        rest = Line(names.word("facts apart", facts=comma.join(apart)), style="dim")
        console.print(Padding(rest, (1, 0, 0, 0)), width=width, highlight=False)


def print_report(report: Report, names: Names, console: Console) -> None:
    page = _Page(report, names, min(console.width, _WIDEST))
    for part in page.parts():
        console.print(part, width=page.width, highlight=False, markup=False, emoji=False)


class _Page:
    def __init__(self, report: Report, names: Names, width: int) -> None:
        self.report, self.names, self.width = report, names, width
        self.comma, self.colon = ("、", "：") if names.language == "zh" else (", ", ": ")
        self.semicolon = "；" if names.language == "zh" else "; "

    def parts(self) -> Iterator[RenderableType]:
        yield from self.header()
        yield from self.situations()
        yield self.rule("options")
        if not self.report.groups and not self.report.no_consensus:
            yield Line(self.names.word("no options"))
        for group in self.report.groups:
            yield from self.group(group)
        if self.report.no_consensus:
            yield self.rule("group no consensus")
        for group in self.report.no_consensus:
            yield from self.group(group, heading=False)
        if self.report.not_covered:
            yield self.rule("not covered")
            for guideline, because in self.report.not_covered:
                yield self.item("–", f"{guideline}{self.colon}", because)
        if self.report.hypotheses:
            yield self.rule("hypotheses")
            yield Line(self.names.word("about hypotheses"))
            for regimen, because in self.report.hypotheses:
                yield self.item("–", f"{regimen}{self.colon}", because)
        yield self.rule("questions")
        yield from self.questions()
        yield from self.remainder()

    def rule(self, key: str) -> RenderableType:
        return Padding(Rule(Line(self.names.word(key), style="bold"), align="left", style="dim"), (1, 0, 0, 0))

    # -- header --------------------------------------------------------------------------------------------------

    def header(self) -> Iterator[RenderableType]:
        word = self.names.word
        title = Line(f"{word('title')} · {self.report.case_id}", style="bold")
        yield title.append(f" · {word('board day')} {self.report.as_of}", style="default")
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(ratio=1, overflow="fold")
        for item in self.report.header:
            grid.add_row(item.label, Line(item.value if item.known else f"? {item.value}"))
        yield grid
        if self.report.staging:
            yield self.rule("staging")
            for item in self.report.staging:
                yield self.item("·" if item.known else "?", f"{item.label}{self.colon}", item.value)

    # -- situations ----------------------------------------------------------------------------------------------

    def situations(self) -> Iterator[RenderableType]:
        yield self.rule("situations")
        met, unknown = self.report.of_verdict("met"), self.report.of_verdict("unknown")
        if not met:
            yield Line(self.names.word("no situation"))
        for situation in (*met, *unknown):
            yield from self.situation(situation)
        if rest := self.report.of_verdict("not met"):
            yield Line(self.names.word("situations not met", count=len(rest)), style="dim")

    def situation(self, situation: SituationView) -> Iterator[RenderableType]:
        mark, style = ("✓", "green") if situation.verdict == "met" else ("?", "yellow")
        verdict = self.names.word(situation.verdict)
        head = Line(f"{situation.letter}  ", style="bold").append(f"{mark} {verdict}  ", style=style)
        yield self.hanging(head, Line(situation.name, style="bold"))
        yield self.noted("", situation.because, indent=3)
        if situation.missing:
            yield self.noted(f"{self.names.word('needed')}{self.colon}", self.some(situation.missing), indent=3)
        if situation.under_study:
            yield self.noted("", situation.under_study, indent=3)
        for remark in situation.remarks:
            yield self.noted(f"›\u00a0{self.names.word('remark')}{self.colon}", remark, indent=3)
        yield from self.later(situation.later, indent=3)

    # -- options -------------------------------------------------------------------------------------------------

    def group(self, group: OptionGroup, heading: bool = True) -> Iterator[RenderableType]:
        if heading:
            title = Line(group.heading, style="bold underline").append(f"  {group.basis}", style="not underline dim")
            yield Padding(title, (1, 0, 0, 0))
        yield Line(group.about, style="dim")
        yield Padding(self.row(*map(Line, self.columns()), style="dim"), (1, 0, 0, 0))
        for option in group.options:
            yield from self.option(option)

    def columns(self) -> tuple[str, ...]:
        return tuple(
            map(self.names.word, ("number", "regimen", "strength", "level", "agreement short", "place", "for"))
        )

    def row(self, *cells: Line, style: str = "") -> RenderableType:
        """One row in fixed columns, so that rows with notes between them still stand under their heads."""
        grid = Table.grid(padding=(0, 2), expand=True)
        for key, width in (("number", 4), ("regimen", 0), ("strength", 12), ("level", 8), ("agree", 6), ("place", 8)):
            if key == "regimen":
                grid.add_column(ratio=1, overflow="fold")
            else:
                grid.add_column(width=width, justify="right" if key in ("number", "agree") else "left")
        grid.add_column(width=4)
        grid.add_row(*cells, style=style)
        return grid

    def option(self, option: OptionView) -> Iterator[RenderableType]:
        word, excluded = self.names.word, option.status == "excluded"
        mark = STRENGTH_MARKS[option.strength]
        regimen = Line(option.regimen, style="strike" if excluded else "bold")
        if option.strategy is not None:
            regimen.append(f"\n{option.strategy}", style="not bold not strike dim")
        yield self.row(
            Line(str(option.number)),
            regimen,
            Line(f"{mark} {option.strength_word}", style="dim" if excluded else _STYLES[option.strength]),
            Line(option.level or "–"),
            Line(option.agreement or "–"),
            Line(option.place or "–"),
            Line(option.letter),
        )
        if option.graded_by:
            yield self.noted("", option.graded_by)
        if option.own_because:
            yield self.noted(f"{word('why')}{self.colon}", option.own_because)
        if option.missing:
            yield self.noted(f"?\u00a0{word('needed')}{self.colon}", self.some(option.missing), style="yellow")
        for condition in option.conditions:
            shown = f"{CONDITION_MARKS[condition.key]}\u00a0{condition.verdict}{self.colon}"
            yield self.noted(shown, condition.text)
        for caution in option.cautions:
            source = f"{caution.kind}: {caution.source}" if caution.source else caution.kind
            yield self.noted(
                f"▲\u00a0{word('caution')}{self.colon}", word("with detail", what=caution.text, detail=source), "yellow"
            )
        for remark in option.remarks:
            yield self.noted(f"›\u00a0{word('remark')}{self.colon}", remark)
        yield from self.later(option.later)
        for finding in option.evidence:
            for check in finding.checks:
                if not check.holds:
                    yield self.noted(f"!\u00a0{word('check short')}{self.colon}", f"{check.text} [{finding.id}]")
        yield from self.arguments(option)

    def arguments(self, option: OptionView) -> Iterator[RenderableType]:
        """For and against, one paragraph a study; what was found wrong in the figures is left to the reports."""
        for mark, side, style in (("+", "for", "green"), ("−", "against", "red")):
            for argument in option.side(side):
                head = (
                    f"{mark} {self.names.word(f'arguments {side}')} · {argument_head(argument, self.names)}{self.colon}"
                )
                said = [argument.text] if argument.text else []
                said += [f"{point.text} [{point.finding}]" for point in argument.points]
                yield self.noted(head, self.semicolon.join(said), style)
        if option.conclusion:
            said = [f"{point.text} [{point.finding}]" for point in option.conclusion]
            yield self.noted(f"= {self.names.word('conclusion')}{self.colon}", self.semicolon.join(said), "bold")

    def later(self, found: Iterable[LaterView], indent: int = 5) -> Iterator[RenderableType]:
        for view in found:
            head = f"» {self.names.word('later short')} {view.date} [{view.certainty}]{self.colon}"
            yield self.noted(head, f"{view.text} [{view.finding}]", "cyan", indent)

    # -- the rest ------------------------------------------------------------------------------------------------

    def questions(self) -> Iterator[RenderableType]:
        deciding = [question for question in self.report.questions if question.decides]
        warning = [question for question in self.report.questions if not question.decides]
        if not deciding:
            yield Line(self.names.word("no questions"))
        else:
            yield self.asked(deciding)
        if warning:
            asks = ("；" if self.names.language == "zh" else "; ").join(question.ask for question in warning)
            yield Padding(Line(self.names.word("only warn", asks=asks), style="dim"), (1, 0, 0, 0))

    def asked(self, questions: Iterable[QuestionView]) -> RenderableType:
        table = Table(box=None, padding=(0, 2, 0, 0), expand=True, header_style="dim")
        table.add_column(self.names.word("number"), width=4, justify="right")
        table.add_column(self.names.word("ask"), ratio=5, overflow="fold")
        table.add_column(self.names.word("state"), ratio=3, overflow="fold")
        table.add_column(self.names.word("would decide"), ratio=6, overflow="fold")
        for question in questions:
            table.add_row(
                str(question.number), Line(question.ask), Line(question.state), Line(self.some(question.decides, 3))
            )
        return table

    def remainder(self) -> Iterator[RenderableType]:
        if self.report.not_understood:
            yield self.rule("not understood")
            yield Line(self.names.word("not understood about"), style="dim")
            for problem in self.report.not_understood:
                yield self.item("–", f"{problem.place}: ", str(problem.what))
        if self.report.notices:
            yield self.rule("notices")
            for notice in self.report.notices:
                yield self.item("–", "", str(notice))
        if self.report.assumptions:
            yield self.rule("assumptions")
            for assumption in self.report.assumptions:
                yield self.item("–", "", assumption)
        yield Padding(Line(f"{self.report.knowledge} · {self.report.notice}", style="dim"), (1, 0, 0, 0))

    # -- lines ---------------------------------------------------------------------------------------------------

    def some(self, words: tuple[str, ...], few: int = _FEW) -> str:
        shown = self.comma.join(words[:few])
        return shown if len(words) <= few else f"{shown} {self.names.word('and more', count=len(words) - few)}"

    def noted(self, head: str, text: str, style: str = "", indent: int = 5) -> RenderableType:
        return Padding(Line(head, style=style).append(text, style="default"), (0, 0, 0, indent))

    def item(self, mark: str, head: str, text: str) -> RenderableType:
        return self.hanging(Line(f"{mark} "), Line(head, style="dim").append(text, style="default"))

    def hanging(self, head: Line, text: Line) -> RenderableType:
        grid = Table.grid(expand=True)
        grid.add_column(width=head.cell_len)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_row(head, text)
        return grid
