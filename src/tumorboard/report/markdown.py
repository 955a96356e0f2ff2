"""Advice as Markdown: the same content as the page, for notes, tickets and pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tumorboard.advice.model import Advice
from tumorboard.case.read import Case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.arguments import argument_head
from tumorboard.report.build import report_view
from tumorboard.report.course import course_of
from tumorboard.report.history import history
from tumorboard.report.names import Names, Printed
from tumorboard.report.terminal import CONDITION_MARKS, STRENGTH_MARKS
from tumorboard.report.timeline import side_notes
from tumorboard.report.views import FindingView, LaterView, OptionGroup, OptionView, PointView, Report, SituationView
from tumorboard.text import Language

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~&$])")
_STARTS_SOMETHING = re.compile(r"([-+#=]|\d+(?=[.)]))")  # a list, a heading, an underline
_CHINESE = re.compile(r"([\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+)")


def advice_markdown(advice: Advice, case: Case, knowledge: Knowledge, language: Language) -> str:
    """The whole report. Text a person wrote is escaped, so that it shows as written and nothing else."""
    names = Names(knowledge.vocabulary, language)
    course = course_of(case, knowledge, language)
    colon = "：" if language == "zh" else ": "
    timeline = (*(f"{day}{colon}{told}" for day, told in history(course, names)), *side_notes(course, names))
    return markdown_page(report_view(advice, case, knowledge, language), timeline, names)


def markdown_page(report: Report, timeline: tuple[str, ...], names: Names) -> str:
    """The Markdown of a view; ``timeline`` is the history in words."""
    return "\n".join(_Page(report, names, timeline).lines()).rstrip() + "\n"


class _Page:
    def __init__(self, report: Report, names: Names, timeline: tuple[str, ...]) -> None:
        self.report, self.names, self.timeline = report, names, timeline
        self.comma, self.colon = ("、", "：") if names.language == "zh" else (", ", ": ")

    def lines(self) -> Iterator[str]:
        yield from self.header()
        yield from self.section("timeline")
        yield from self.items(self.timeline or (self.names.word("no timeline"),))
        yield from self.section("situations")
        yield from self.situations()
        yield from self.section("options")
        if not self.report.groups and not self.report.no_consensus:
            yield self.word("no options")
        for group in self.report.groups:
            yield from ("", f"### {self.safe(group.heading)}", "")
            yield from self.group(group)
        if self.report.no_consensus:
            yield from self.section("group no consensus")
        for group in self.report.no_consensus:
            yield from self.group(group)
        if self.report.not_covered:
            yield from self.section("not covered")
            yield from self.items(f"{guideline}{self.colon}{because}" for guideline, because in self.report.not_covered)
        if self.report.hypotheses:
            yield from self.section("hypotheses")
            yield from ("", self.word("about hypotheses"), "")
            yield from self.items(f"{regimen}{self.colon}{because}" for regimen, because in self.report.hypotheses)
        yield from self.section("questions")
        yield from self.questions()
        yield from self.remainder()

    # -- parts ---------------------------------------------------------------------------------------------------

    def header(self) -> Iterator[str]:
        report = self.report
        yield f"# {self.word('title')} · {self.safe(report.case_id)}"
        yield ""
        yield from self.table(
            (self.names.word("board day"), *(item.label for item in report.header)),
            [(report.as_of, *(item.value if item.known else f"? {item.value}" for item in report.header))],
        )
        if report.staging:
            yield from self.section("staging")
            yield from self.items(
                f"{'' if item.known else '? '}{item.label}{self.colon}{item.value}" for item in report.staging
            )

    def situations(self) -> Iterator[str]:
        if not self.report.of_verdict("met"):
            yield from (self.word("no situation"), "")
        for verdict in ("met", "unknown"):
            for situation in self.report.of_verdict(verdict):
                yield from self.situation(situation)
        if rest := self.report.of_verdict("not met"):
            yield from ("", self.word("situations not met", count=len(rest)), "")
            yield from self.items(f"{situation.name}{self.colon}{situation.because}" for situation in rest)

    def situation(self, situation: SituationView) -> Iterator[str]:
        mark = "✓" if situation.verdict == "met" else "?"
        verdict = self.word(situation.verdict)
        yield f"- **{situation.letter}** {mark} {verdict} · **{self.safe(situation.name)}**"
        yield f"  - {self.labelled('why', situation.because)}"
        if situation.missing:
            yield f"  - {self.labelled('needed', self.comma.join(situation.missing))}"
        if situation.under_study:
            yield f"  - {self.safe(situation.under_study)}"
        for remark in situation.remarks:
            yield f"  - {self.labelled('remark', remark)}"
        yield from self.later(situation.later, "  ")

    def group(self, group: OptionGroup) -> Iterator[str]:
        yield f"{self.safe(group.about)} · {self.safe(group.basis)}"
        yield ""
        heads = ("number", "regimen", "strength", "level", "agreement", "place", "for")
        rows = [
            (
                str(option.number),
                option.regimen,
                f"{STRENGTH_MARKS[option.strength]} {option.strength_word}",
                option.level or "–",
                option.agreement or "–",
                option.place or "–",
                option.letter,
            )
            for option in group.options
        ]
        yield from self.table(map(self.names.word, heads), rows)
        for option in group.options:
            yield from self.option(option)

    def option(self, option: OptionView) -> Iterator[str]:
        yield from ("", f"#### {option.number}. {self.safe(option.regimen)}", "")
        if option.strategy is not None:
            yield f"- {self.labelled('strategy', option.strategy)}"
        yield f"- {self.labelled('status', option.status_word)}"
        if option.graded_by is not None:
            yield f"- {self.safe(option.graded_by)}"
        yield f"- {self.labelled('why', f'{option.letter} · {option.because}')}"
        if option.missing:
            yield f"- {self.labelled('needed', self.comma.join(option.missing))}"
        for condition in option.conditions:
            mark = CONDITION_MARKS[condition.key]
            yield f"- {mark} **{self.safe(condition.verdict)}**{self.colon}{self.safe(condition.text)}"
        for caution in option.cautions:
            detail = f"{caution.kind}: {caution.source}" if caution.source else caution.kind
            yield f"- ▲ {self.labelled('caution', self.names.word('with detail', what=caution.text, detail=detail))}"
        for remark in option.remarks:
            yield f"- {self.labelled('remark', remark)}"
        yield from self.later(option.later, "")
        yield from self.arguments(option)
        for finding in option.evidence:
            yield from self.finding(finding)
        if option.citations:
            yield f"- {self.word('citation', numbers=option.citations)}"

    def arguments(self, option: OptionView) -> Iterator[str]:
        for mark, side in (("＋", "for"), ("－", "against")):
            for argument in option.side(side):
                head = f"{self.names.word(f'arguments {side}')} · {argument_head(argument, self.names)}"
                text = f"{self.colon}{self.safe(argument.text)}" if argument.text else ""
                yield f"- {mark} **{self.safe(head)}**{text}"
                yield from self.points(argument.points)
        if option.conclusion:
            yield f"- ＝ **{self.word('conclusion')}**"
            yield from self.points(option.conclusion)

    def points(self, found: Iterable[PointView]) -> Iterator[str]:
        """What each finding says; what was found about it stands with the finding below."""
        for point in found:
            yield f"  - {self.safe(point.text)} ({self.safe(point.finding)})"

    def finding(self, view: FindingView) -> Iterator[str]:
        """One finding a line, its quote and what we found about it below."""
        compared = None
        if view.comparator_value is not None or view.comparator is not None:
            parts = [str(part) for part in (view.comparator_value, view.comparator) if part is not None]
            compared = self.names.word("marked", name=self.names.word("comparator"), mark=" · ".join(parts))
        count = f"n = {view.n}" if view.n else None
        level = self.names.word("level of evidence", level=view.level) if view.level else None
        said: list[str | Printed | None] = [view.heading, view.study, view.design, view.endpoint, view.value, compared]
        said += [view.effect, view.interval, view.p, count, level]
        shown = " · ".join(self.safe(part) for part in said if part is not None)
        yield f"- {self.word('evidence')} {self.safe(view.id)}{self.colon}{shown}"
        if view.claim:
            yield f"  - {self.safe(view.claim)}"
        if view.quote:
            yield f'  - <q lang="zh-CN">{self.escaped(view.quote)}</q> {self.safe(view.printed_at or "")}'
        for remark in view.remarks:
            yield f"  - {self.labelled('about finding', remark)}"
        if view.checks:
            checked = [
                self.names.word("with detail", what=check.text, detail=check.note) if check.note else check.text
                for check in view.checks
            ]
            yield f"  - {self.labelled('check', ' · '.join(checked))}"

    def later(self, found: Iterable[LaterView], indent: str) -> Iterator[str]:
        for view in found:
            head = f"**{self.word('later short')} · {self.safe(view.date)}** · {self.safe(view.certainty)}"
            text = self.names.word("with detail", what=view.text, detail=f"{view.source} · {view.finding}")
            yield f"{indent}- » {head}{self.colon}{self.safe(text)}"
            for remark in view.remarks:
                yield f"{indent}  - {self.safe(remark)}"

    def questions(self) -> Iterator[str]:
        deciding = [question for question in self.report.questions if question.decides]
        warning = [question.ask for question in self.report.questions if not question.decides]
        if deciding:
            rows = [(str(q.number), q.ask, q.state, self.comma.join(q.decides)) for q in deciding]
            yield from self.table(map(self.names.word, ("number", "ask", "state", "would decide")), rows)
        else:
            yield self.word("no questions")
        if warning:
            joint = "；" if self.names.language == "zh" else "; "
            yield from ("", self.word("only warn", asks=joint.join(warning)))

    def remainder(self) -> Iterator[str]:
        report = self.report
        if report.not_understood:
            yield from self.section("not understood")
            for problem in report.not_understood:
                yield f"- {self.safe(problem.place)}{self.colon}{self.safe(problem.what)}"
        if report.notices:
            yield from self.section("notices")
            yield from self.items(report.notices)
        if report.assumptions:
            yield from self.section("assumptions")
            yield from self.items(report.assumptions)
        yield from self.section("sources")
        if not report.sources:
            yield self.word("no sources")
        for source in report.sources:
            parts: list[str | Printed | None] = [
                source.title,
                source.journal,
                source.year,
                source.doi,
                source.certainty,
            ]
            yield "- " + " · ".join(self.safe(part) for part in parts if part is not None)
        yield from ("", "---", "", f"{self.safe(report.knowledge)} · {self.safe(report.notice)}")

    # -- lines ---------------------------------------------------------------------------------------------------

    def section(self, key: str) -> Iterator[str]:
        yield from ("", f"## {self.word(key)}", "")

    def items(self, texts: Iterable[str | Printed]) -> Iterator[str]:
        for text in texts:
            yield f"- {self.safe(text)}"

    def table(self, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
        shown = [self.safe(head) for head in heads]
        yield f"| {' | '.join(shown)} |"
        yield f"| {' | '.join('---' for _ in shown)} |"
        for row in rows:
            yield f"| {' | '.join(self.safe(cell) for cell in row)} |"

    def labelled(self, key: str, text: str) -> str:
        return f"**{self.word(key)}**{self.colon}{self.safe(text)}"

    def word(self, key: str, **parts: object) -> str:
        return self.safe(self.names.word(key, **parts))

    def safe(self, text: str | Printed) -> str:
        """``text`` with everything special in Markdown or HTML escaped; text in the other language is marked."""
        written = self.escaped(str(text))
        if isinstance(text, Printed) and text.language is not None:
            return f'<span lang="{"zh-CN" if text.language == "zh" else "en"}">{written}</span>'
        if self.names.language == "en":
            return _CHINESE.sub(r'<span lang="zh-CN">\1</span>', written)
        return written

    def escaped(self, text: str) -> str:
        written = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
        start = _STARTS_SOMETHING.match(written)
        if start is None:
            return written
        rest = written[start.end() :]
        return f"{start[1]}\\{rest}" if start[1].isdigit() else f"\\{start[1]}{rest}"
