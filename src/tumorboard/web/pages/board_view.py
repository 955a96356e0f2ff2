"""What the case page shows beside the report: the option looked at, its derivation, its resistance picture, what-if."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tumorboard.advice.advise import advise
from tumorboard.advice.compare import Change, compare_cases
from tumorboard.advice.hypotheses import mechanism
from tumorboard.advice.model import Advice, OptionAnswer
from tumorboard.case.read import Case
from tumorboard.errors import TumorboardError
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.wording import Wording
from tumorboard.mechanism.of_case import question_of
from tumorboard.mechanism.words import VERDICT
from tumorboard.report.arguments import argument_head
from tumorboard.report.build import report_view
from tumorboard.report.course import course_of
from tumorboard.report.explain import Explanation, explain_option
from tumorboard.report.forest import option_plots
from tumorboard.report.history import history
from tumorboard.report.names import Names
from tumorboard.report.pathway import pathway_svg
from tumorboard.report.timeline import timeline_svg
from tumorboard.report.views import OptionView, QuestionView, Report
from tumorboard.text import Language, Text
from tumorboard.web.pages.page import picture
from tumorboard.web.pages.sources import own_copies
from tumorboard.web.pages.supposing import Supposition, offered, supposed_case, supposition, would_answer
from tumorboard.web.pages.worksheet import Worksheet, read_worksheet

# What of a comparison a board asks about; single facts are in the derivations.
_TOLD = ("situation", "option", "question")


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """One entry of the knowledge on where a drug is approved."""

    drug: str
    jurisdiction: str
    date: str
    indication: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The option looked at. ``resistance`` is ``None`` where the network can say nothing of its drugs."""

    view: OptionView
    why: Explanation
    plots: tuple[Markup, ...]
    approvals: tuple[ApprovalView, ...]
    resistance: tuple[str, Markup] | None


@dataclass(frozen=True, slots=True)
class Question:
    """A missing entry, with the suppositions that would answer it."""

    view: QuestionView
    answers: tuple[Supposition, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the case page shows of one case. ``supposed`` and what it ``changes`` are not of the record;
    ``offered`` and ``analytes`` are what may be supposed."""

    report: Report
    timeline: Markup
    history: tuple[tuple[str, str], ...]
    chosen: Chosen | None
    deciding: tuple[Question, ...]
    warning: tuple[Question, ...]
    offered: tuple[tuple[Text, tuple[Supposition, ...]], ...]
    analytes: tuple[tuple[str, Text], ...]
    supposed: tuple[Supposition, ...]
    changes: tuple[str, ...]
    since: tuple[str, ...] | None


def board_of(worksheet: Worksheet, knowledge: Knowledge, language: Language) -> tuple[Board, str]:
    """The board of a worksheet, and its text as a case file. Raises InvalidInput naming each slip."""
    record, text = read_worksheet(worksheet.text, knowledge)
    supposed = tuple(supposition(line, knowledge) for line in worksheet.supposed)
    case = supposed_case(record, supposed, knowledge) if supposed else record
    changes = _told(compare_cases(record, case, knowledge), language) if supposed else ()
    since = None
    if worksheet.earlier:
        since = _told(compare_cases(read_worksheet(worksheet.earlier, knowledge)[0], record, knowledge), language)
    return _board(case, worksheet.option, supposed, changes, since, knowledge, language), text


def _board(
    case: Case,
    option: str,
    supposed: tuple[Supposition, ...],
    changes: tuple[str, ...],
    since: tuple[str, ...] | None,
    knowledge: Knowledge,
    language: Language,
) -> Board:
    advice, names = advise(case, knowledge), Names(knowledge.vocabulary, language)
    report = report_view(advice, case, knowledge, language, own_copies())
    views = {view.id: view for group in (*report.groups, *report.no_consensus) for view in group.options}
    questions = [
        Question(view, would_answer(question.input.ask, knowledge))
        for view, question in zip(report.questions, advice.questions, strict=True)
    ]
    shown = views.get(option) or next(iter(views.values()), None)
    return Board(
        report=report,
        timeline=picture(timeline_svg(case, knowledge, language)),
        history=history(course_of(case, knowledge, language), names),
        chosen=_chosen(shown, advice, case, knowledge, names) if shown else None,
        deciding=tuple(question for question in questions if question.view.decides),
        warning=tuple(question for question in questions if not question.view.decides),
        offered=_offered(knowledge),
        analytes=tuple((id_, analyte.name) for id_, analyte in knowledge.vocabulary.terms.analytes.items()),
        supposed=supposed,
        changes=changes,
        since=since,
    )


_offers: dict[str, tuple[tuple[Text, tuple[Supposition, ...]], ...]] = {}  # by the hash of the knowledge


def _offered(knowledge: Knowledge) -> tuple[tuple[Text, tuple[Supposition, ...]], ...]:
    if knowledge.sha256 not in _offers:
        _offers[knowledge.sha256] = tuple(offered(knowledge))
    return _offers[knowledge.sha256]


def _told(changes: list[Change], language: Language) -> tuple[str, ...]:
    return tuple(change.sentence(language) for kind in _TOLD for change in changes if change.kind == kind)


def _chosen(view: OptionView, advice: Advice, case: Case, knowledge: Knowledge, names: Names) -> Chosen:
    answer = next(one for one in advice.options if one.option.id == view.id)
    return Chosen(
        view=view,
        why=explain_option(answer, advice.explainer, Wording(knowledge.facts), names.language),
        plots=tuple(
            picture(plot) for plot in option_plots(answer.option, knowledge.findings, "forest", names.language)
        ),
        approvals=tuple(_approvals(answer, knowledge, names)),
        resistance=_resistance(answer, case, knowledge, names.language),
    )


def _approvals(answer: OptionAnswer, knowledge: Knowledge, names: Names) -> Iterator[ApprovalView]:
    for slot in answer.option.regimen:
        for name in slot.alternatives:
            drug = knowledge.vocabulary.drugs.get(name)
            for approval in drug.approvals if drug else ():
                yield ApprovalView(
                    drug=names.agent(name)[names.language],
                    jurisdiction=approval.jurisdiction,
                    date=approval.date,
                    indication=approval.indication[names.language],
                    certainty=names.word(approval.certainty),
                )


def _resistance(
    answer: OptionAnswer, case: Case, knowledge: Knowledge, language: Language
) -> tuple[str, Markup] | None:
    """The verdict of the network on the option's drugs in this tumour, and the drawing of its routes."""
    reader, drugs = mechanism(knowledge), []
    for slot in answer.option.regimen:
        for name in slot.alternatives[:1]:
            try:
                agent = reader.network.agent(name)
            except TumorboardError:  # no drug of the network: chemotherapy, a procedure
                continue
            drugs += [name] if agent.members else []
    if not drugs:
        return None
    try:
        asked = question_of(case, reader.network, drugs)
    except TumorboardError:  # no alteration on record, or none that counts today
        return None
    found = reader.judge(asked.genotype, asked.agents)
    if found.verdict in ("outside the network", "not known"):
        return None
    return VERDICT[found.verdict][language], picture(pathway_svg(found, reader, language))


def head_of(names: Names) -> Any:
    """The heading of an argument, for the reports' templates."""
    return lambda argument: argument_head(argument, names)
