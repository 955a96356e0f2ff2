"""From advice to the view all reports share: grouping, order, names and words in one language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from tumorboard.advice.model import Advice, OptionAnswer, Question, RemarkAnswer, SituationAnswer
from tumorboard.case.read import Case
from tumorboard.errors import Problem
from tumorboard.evidence import Source
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Caution
from tumorboard.logic.values import Label, Labels, is_not_applicable
from tumorboard.logic.wording import Wording
from tumorboard.report.arguments import argument_views, conclusion_views, graded_by
from tumorboard.report.asks import Asks
from tumorboard.report.evidence_view import finding_view, later_view
from tumorboard.report.names import Names, Printed
from tumorboard.report.record import NOTICE
from tumorboard.report.staging import staging_views
from tumorboard.report.views import (
    CautionView,
    ConditionView,
    HeaderView,
    LaterView,
    OptionGroup,
    OptionView,
    ProblemView,
    QuestionView,
    Report,
    SituationView,
    SourceView,
    StatusKey,
)
from tumorboard.text import Language

_STATUSES: tuple[StatusKey, ...] = get_args(StatusKey)


def report_view(
    advice: Advice, case: Case, knowledge: Knowledge, language: Language, store: Path | None = None
) -> Report:
    """Everything a report says of ``case``. ``store``: the user's own copies of the sources, for quotes in context."""
    return _Builder(advice, case, knowledge, language, store).report()


class _Builder:
    def __init__(
        self, advice: Advice, case: Case, knowledge: Knowledge, language: Language, store: Path | None
    ) -> None:
        self.advice, self.case, self.knowledge, self.language, self.store = advice, case, knowledge, language, store
        self.names = Names(knowledge.vocabulary, language)
        self.wording = Wording(knowledge.facts)
        self.asks = Asks(self.wording, language, case.file)
        shown = [answer for verdict in ("met", "unknown") for answer in advice.situations if answer.verdict == verdict]
        self.letters = {answer.situation.id: _letter(place) for place, answer in enumerate(shown)}
        self.by_id = {answer.situation.id: answer for answer in advice.situations}

    def report(self) -> Report:
        names, advice = self.names, self.advice
        groups = tuple(self.groups())
        short_hash = self.knowledge.sha256[:12]
        return Report(
            language=self.language,
            case_id=advice.case_id,
            as_of=advice.as_of.isoformat(),
            header=tuple(self.header()),
            staging=tuple(staging_views(advice, self.knowledge, names)),
            situations=tuple(self.situation(answer) for answer in advice.situations if not _out_of_scope(answer)),
            groups=tuple(group for group in groups if group.status != "no consensus"),
            no_consensus=tuple(group for group in groups if group.status == "no consensus"),
            not_covered=tuple(
                (answer.guideline.name[self.language], answer.because[self.language]) for answer in advice.not_covered
            ),
            hypotheses=tuple(
                (" + ".join(name[self.language] for name in one.names), one.because[self.language])
                for one in advice.hypotheses
            ),
            questions=tuple(self.question(number, found) for number, found in enumerate(advice.questions, 1)),
            not_understood=tuple(self.problem(problem) for problem in advice.not_understood),
            notices=tuple(notice for problem in advice.notices if (notice := names.english(str(problem)))),
            assumptions=self.assumptions(),
            sources=tuple(self.sources()),
            knowledge=names.word(
                "knowledge", version=self.knowledge.version, date=self.knowledge.date, hash=short_hash
            ),
            notice=NOTICE[self.language],
        )

    # -- header --------------------------------------------------------------------------------------------------

    def header(self) -> Iterator[HeaderView]:
        """What a board asks first; what has no meaning for this patient is left out, what is open is said."""
        yield from self.fact("disease", "disease", also="histology")
        yield self.stage()
        yield from self.fact("ecog", "ecog")
        # What stays open is a gap only where a guideline could have used it.
        asked = any(a.verdict != "not met" for a in self.advice.situations if not a.guideline.header)
        further = (
            *self.fact("drivers", "drivers", instead="driver_status"),
            *self.fact("next line", "next_line"),
            *self.fact("refractory type", "refractory_type"),
        )
        yield from (item for item in further if item.known or asked)

    def fact(self, label: str, name: str, also: str | None = None, instead: str | None = None) -> Iterator[HeaderView]:
        """One fact; ``also`` is told beside it, ``instead`` where the list itself is empty."""
        if name not in self.knowledge.facts.definitions:
            return
        step = self.advice.explainer.fact(name)
        if is_not_applicable(step.value):
            return
        value, known = self.value(name), step.value.known
        if isinstance(step.value, Labels):
            if not step.value.certain and instead is not None:
                status = self.advice.explainer.fact(instead).value
                if is_not_applicable(status):
                    return
                value, known = self.value(instead), status.known
            elif not known and step.value.certain:
                value, known = self.names.word("more not settled", known=value), True
        if also is not None:
            beside = self.advice.explainer.fact(also).value
            if beside.known and not is_not_applicable(beside):
                value = self.names.word("with detail", what=value, detail=self.value(also))
        if name == "next_line" and known:
            value = self.names.word("next line value", line=value)
        yield HeaderView(self.names.word(label), value, known)

    def value(self, name: str) -> str:
        kind, value = self.knowledge.facts.definitions[name].type, self.advice.explainer.fact(name).value
        if isinstance(value, Label) and not value.known and value.possible == kind.domain:
            return self.names.word("not known")  # naming every value there is says nothing
        return self.wording.value(value, kind, name)[self.language]

    def stage(self) -> HeaderView:
        tumours = self.case.tables["tumours"].rows
        stage = tumours[-1].cells.get("stage") if tumours else None
        if stage is None:
            return HeaderView(self.names.word("stage"), self.names.word("not recorded"), False)
        return HeaderView(self.names.word("stage"), str(stage))

    # -- situations ----------------------------------------------------------------------------------------------

    def situation(self, answer: SituationAnswer) -> SituationView:
        study = answer.situation.under_study
        return SituationView(
            letter=self.letters.get(answer.situation.id, ""),
            id=answer.situation.id,
            name=answer.situation.name[self.language],
            guideline=answer.guideline.name[self.language],
            verdict=answer.verdict,
            because=self.wording.because(answer.step)[self.language],
            missing=self.missing(answer.step.missing),
            under_study=self.names.word("under study", agents=self.listed(study.agents)) if study else None,
            remarks=self.own_remarks(answer.remarks),
            later=self.later(answer.remarks),
        )

    def listed(self, agents: Iterable[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(self.names.agent(name)[self.language] for name in agents)

    def missing(self, inputs: Iterable[object]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.asks.line(item) for item in inputs))  # type: ignore[arg-type]

    def own_remarks(self, remarks: Iterable[RemarkAnswer]) -> tuple[str, ...]:
        return tuple(remark.text[self.language] for remark in remarks if remark.finding is None)

    def later(self, remarks: Iterable[RemarkAnswer]) -> tuple[LaterView, ...]:
        """Later evidence, the newest first."""
        found = [later_view(remark, self.knowledge.findings, self.names) for remark in remarks if remark.finding]
        return tuple(sorted(found, key=lambda view: (view.date != self.names.word("undated"), view.date), reverse=True))

    # -- options -------------------------------------------------------------------------------------------------

    def groups(self) -> Iterator[OptionGroup]:
        number = 0
        for status in _STATUSES:
            answers = [answer for answer in self.advice.options if _status(answer) == status]
            for basis in dict.fromkeys(answer.guideline.basis_of(answer.option) for answer in answers):
                options = []
                for answer in answers:
                    if answer.guideline.basis_of(answer.option) == basis:
                        number += 1
                        options.append(self.option(number, answer, status))
                yield OptionGroup(
                    status=status,
                    heading=self.names.word(f"group {status}"),
                    about=self.names.word(f"about {status}"),
                    basis=self.names.word(basis),
                    options=tuple(options),
                )

    def option(self, number: int, answer: OptionAnswer, status: StatusKey) -> OptionView:
        names, option, strategy = self.names, answer.option, answer.option.strategy
        situation = self.by_id[answer.situation.id]
        regimen = names.regimen(option.regimen)
        own = [remark for remark in answer.remarks if remark not in situation.remarks]
        because, shared = answer.because[self.language], self.wording.because(situation.step)[self.language]
        strength = option.strength or "no grade"
        grading = answer.guideline.grading
        named = grading.strengths.get(strength) if grading and strength != "not recommended" else None
        return OptionView(
            number=number,
            id=option.id,
            letter=self.letters[answer.situation.id],
            situation=answer.situation.name[self.language],
            strategy=named_strategy if (named_strategy := strategy.name[self.language]) != regimen else None,
            regimen=regimen,
            status=status,
            status_word=names.word(status),
            strength=strength,  # type: ignore[arg-type]
            strength_word=named[self.language] if named else names.word(strength),
            level=option.level,
            agreement=names.word("percent", share=format(strategy.agreement, "f")) if strategy.agreement else None,
            place=names.word("table", number=answer.situation.table) if answer.situation.table else None,
            citations=_citations(option.citations),
            because=because,
            own_because=_beyond(because, shared),
            missing=self.missing(answer.missing) if status == "possible" else (),
            conditions=tuple(self.condition(c.text[self.language], c.verdict) for c in answer.conditions),
            cautions=tuple(self.caution(caution) for caution in answer.cautions),
            remarks=self.own_remarks(own),
            later=self.later(own),
            later_of_situation=any(remark.finding for remark in situation.remarks),
            evidence=tuple(
                finding_view(
                    self.knowledge.findings.get(name), self.knowledge.findings, names, self.store, name == strategy.vote
                )
                for name in evidence_ids(answer)
            ),
            graded_by=graded_by(option, answer.guideline, names),
            arguments=argument_views(option, answer.guideline, self.knowledge.findings, names),
            conclusion=conclusion_views(option, self.knowledge.findings, names),
        )

    def condition(self, text: str, verdict: str | None) -> ConditionView:
        key = verdict or "open"
        return ConditionView(text, key, self.names.word(f"condition {key}"))  # type: ignore[arg-type]

    def caution(self, caution: Caution) -> CautionView:
        source = None
        if caution.source is not None:
            source = (
                Printed(caution.source)
                if caution.source in self.knowledge.findings
                else self.names.english(caution.source)
            )
        return CautionView(
            caution.text[self.language], self.names.word(f"kind {caution.kind}"), source, caution.effect == "exclude"
        )

    # -- the rest ------------------------------------------------------------------------------------------------

    def question(self, number: int, question: Question) -> QuestionView:
        return QuestionView(
            number=number,
            ask=self.asks.ask(question.input),
            state=self.asks.state(question.input),
            decides=self.decided(question.would_decide),
            warns=self.decided(question.would_warn),
        )

    def decided(self, ids: Iterable[str]) -> tuple[str, ...]:
        options = {answer.option.id: answer for answer in self.advice.options}
        found = []
        for name in ids:
            if name in options:
                found.append(self.names.regimen(options[name].option.regimen))
            elif name in self.by_id:
                found.append(self.by_id[name].situation.name[self.language])
            else:
                raise AssertionError(f"a question about {name}, which is neither option nor situation")
        return tuple(dict.fromkeys(found))

    def problem(self, problem: Problem) -> ProblemView:
        what = f"{problem.what}; {problem.mend}" if problem.mend else problem.what
        return ProblemView(problem.place, Printed(what, "en" if self.language == "zh" else None))

    def assumptions(self) -> tuple[str, ...]:
        steps = [answer.step for answer in self.advice.situations]
        return tuple(dict.fromkeys(text[self.language] for step in steps for text in self.wording.assumptions(step)))

    def sources(self) -> Iterator[SourceView]:
        """Documents first, then the places where later evidence was read."""
        findings = self.knowledge.findings
        used = [answer.guideline.source for answer in self.advice.options]
        used += [findings.get(name).source for answer in self.advice.options for name in evidence_ids(answer)]
        remarks = [remark for answer in self.advice.situations for remark in answer.remarks]
        remarks += [remark for answer in self.advice.options for remark in answer.remarks]
        used += [findings.get(remark.finding).source for remark in remarks if remark.finding]
        found = [findings.source(name) for name in dict.fromkeys(used)]
        for source in sorted(found, key=lambda source: not source.is_document):
            yield self.source(source)

    def source(self, source: Source) -> SourceView:
        return SourceView(
            short=source.short,
            title=source.title[self.language],
            journal=self.names.english(source.journal),
            year=str(source.year) if source.year else None,
            doi=source.doi,
            certainty=self.names.word(source.certainty),
        )


def evidence_ids(answer: OptionAnswer) -> tuple[str, ...]:
    """The findings of an option: its cell in the table, the vote on its strategy, then the studies; each once."""
    option = answer.option
    first = [name for name in (option.cell, option.strategy.vote) if name is not None]
    return tuple(dict.fromkeys((*first, *option.evidence)))


def _out_of_scope(answer: SituationAnswer) -> bool:
    """Whether the guideline is not for this patient at all, which is said once, under what is not covered."""
    return answer.verdict == "not met" and answer.decided_by is answer.guideline.scope.node


def _status(answer: OptionAnswer) -> StatusKey:
    return answer.status or "no consensus"


def _letter(place: int) -> str:
    """A, B … Z, AA, AB …"""
    first, last = divmod(place, 26)
    return (_letter(first - 1) if first else "") + chr(ord("A") + last)


def _beyond(because: str, shared: str) -> str:
    """What an option's reason says beyond that of its situation."""
    return because.replace(shared, "").strip(";； ") if shared else because


def _citations(numbers: tuple[int, ...]) -> str | None:
    return ", ".join(map(str, numbers)) or None
