"""From a case to advice: every situation's verdict, the options it gives, and what would change them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from tumorboard.advice.earlier import earlier
from tumorboard.advice.model import (
    Advice,
    ConditionAnswer,
    Hypothesis,
    NotCoveredAnswer,
    OptionAnswer,
    RemarkAnswer,
    SituationAnswer,
    Status,
    Verdict,
    verdict_of,
)
from tumorboard.advice.questions import ask
from tumorboard.case.read import Case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Caution, Guideline, GuidelineRemark, Option, Rule
from tumorboard.logic.explain import Explainer
from tumorboard.logic.fast import FastReader
from tumorboard.logic.inputs import Input
from tumorboard.logic.recalling import RecallingReader
from tumorboard.logic.values import FALSE, TRUE, Truth
from tumorboard.text import Text

STRENGTHS = ("strong", "moderate", "weak", None, "not recommended")  # the order options are shown in
_BASES = ("panel", "by-design", "ungraded")
_LEVELS = ("I", "II", "III", "IV", "V", None)


def advise(case: Case, knowledge: Knowledge) -> Advice:
    """All guidelines of ``knowledge`` read for ``case``: verdicts by the fast reader, reasons by the recalling one."""
    explainer = Explainer(knowledge.facts, case.tables)
    fast, reader = knowledge.fast.reader(case.tables), knowledge.recall.reader(case.tables)
    return _Reading(case, knowledge, fast, explainer, reader).advice()


@dataclass(frozen=True)
class _Reading:
    case: Case
    knowledge: Knowledge
    fast: FastReader
    explainer: Explainer
    reader: RecallingReader

    def advice(self) -> Advice:
        situations: list[SituationAnswer] = []
        options: list[OptionAnswer] = []
        not_covered: list[NotCoveredAnswer] = []
        warned: dict[Input, list[str]] = {}
        for guideline in self.knowledge.guidelines.values():
            answers = tuple(self.situations(guideline))
            situations += answers
            for answer in answers:
                if answer.verdict != "not met":
                    options += (self.option(answer, option, warned) for option in answer.situation.options)
            not_covered += self.not_covered(guideline, answers)
        options.sort(key=_order)
        questions = ask(self.reader, situations, options, warned)
        return Advice(
            file=self.case.file,
            as_of=self.case.as_of,
            explainer=self.explainer,
            reader=self.reader,
            situations=tuple(situations),
            options=tuple(options),
            not_covered=tuple(not_covered),
            questions=questions,
            not_understood=self.case.not_understood,
            notices=self.case.notices,
            hypothesise=partial(_hypotheses, self.case, self.knowledge),
        )

    def situations(self, guideline: Guideline) -> Iterator[SituationAnswer]:
        outside = self.value(guideline.scope) == FALSE
        for situation in guideline.situations:
            decided_by = guideline.scope.node if outside else situation.when.node
            value = FALSE if outside else self.value(situation.when)
            remarks = self.remarks(situation.remarks) if value != FALSE else ()
            yield SituationAnswer(guideline, situation, value, decided_by, self.explainer, self.reader, remarks)

    def value(self, rule: Rule) -> Truth:
        value = self.fast.value(rule.node)
        assert isinstance(value, Truth)
        return value

    def missing(self, rule: Rule) -> tuple[Input, ...]:
        return self.reader.told(rule.node).missing

    # -- one option ----------------------------------------------------------------------------------------------

    def option(self, answer: SituationAnswer, option: Option, warned: dict[Input, list[str]]) -> OptionAnswer:
        status: Status | None = "applies" if answer.verdict == "met" else "possible"
        missing = [] if answer.verdict == "met" else list(answer.told.missing)
        reasons: list[Text] = []
        for exclusion in option.exclusions:
            value = self.value(exclusion.when)
            if value == TRUE:
                status, reasons = "excluded", [exclusion.because]
                break
            if value != FALSE and exclusion.if_unknown == "possible":
                status = "possible"
                missing += self.missing(exclusion.when)
                reasons.append(_unless(exclusion.because))
            elif value != FALSE:
                _note(warned, self.missing(exclusion.when), option.id)
        before = earlier(option, answer.situation, self.case.tables, self.knowledge.vocabulary.drugs)
        if before.excluded is not None and status != "excluded":
            status, reasons = "excluded", [before.excluded]
        elif before.open and status != "excluded":
            status = "possible"
            missing += before.open
            reasons.append(_unless(Text("the tumour progressed on this regimen", "该方案治疗中肿瘤进展")))
        if not option.recommended:
            status, reasons = None, [_no_consensus(option)]
        return OptionAnswer(
            answer=answer,
            option=option,
            status=status,
            own_reasons=tuple(reasons),
            with_situation=status != "excluded",
            missing=tuple(dict.fromkeys(missing)),
            conditions=tuple(ConditionAnswer(c.text, self.verdict(c.when)) for c in option.conditions),
            cautions=tuple(self.cautions(answer, option, before.warnings, warned)),
            remarks=(*self.remarks(option.remarks), *answer.remarks),
        )

    def cautions(
        self, answer: SituationAnswer, option: Option, shared: tuple[Text, ...], warned: dict[Input, list[str]]
    ) -> Iterator[Caution]:
        """Cautions that hold; what is missing for the others is noted in ``warned`` and changes nothing."""
        yield from (Caution((), None, text, "general", None) for text in shared)
        for caution in (*option.cautions, *self.knowledge.cautions[answer.guideline.id, option.id]):
            value = TRUE if caution.when is None else self.value(caution.when)
            if value == TRUE:
                yield caution
            elif value != FALSE and caution.when is not None:
                _note(warned, self.missing(caution.when), option.id)

    def verdict(self, rule: Rule | None) -> Verdict | None:
        return None if rule is None else verdict_of(self.value(rule))

    def remarks(self, remarks: Iterable[GuidelineRemark]) -> tuple[RemarkAnswer, ...]:
        return tuple(
            self.remark(remark) for remark in remarks if remark.when is None or self.value(remark.when) == TRUE
        )

    def remark(self, remark: GuidelineRemark) -> RemarkAnswer:
        if remark.finding is None:
            assert remark.text is not None
            return RemarkAnswer(remark.text)
        finding = self.knowledge.findings.get(remark.finding)
        assert finding.claim is not None, f"{finding.id} says nothing"
        return RemarkAnswer(finding.claim, finding.id, finding.date, finding.certainty)

    # -- not covered ---------------------------------------------------------------------------------------------

    def not_covered(self, guideline: Guideline, answers: tuple[SituationAnswer, ...]) -> Iterator[NotCoveredAnswer]:
        if self.value(guideline.scope) == FALSE:
            why = self.reader.told(guideline.scope.node).because
            outside = Text("outside this guideline, which is for {scope}: {why}", "不在本指南范围（{scope}）：{why}")
            yield NotCoveredAnswer(guideline, outside.format(scope=guideline.scope_name, why=why))
            return
        said = [entry for entry in guideline.not_covered if self.value(entry.when) == TRUE]
        for entry in said:
            yield NotCoveredAnswer(guideline, entry.because)
        if not said and all(answer.verdict == "not met" for answer in answers):
            text = Text("no situation of this guideline fits this patient", "本指南无适用于该患者的情形")
            yield NotCoveredAnswer(guideline, text)


def _unless(because: Text) -> Text:
    return Text("ruled out if {because} (not recorded)", "若{because}则排除（未记录）").format(because=because)


def _no_consensus(option: Option) -> Text:
    """A strategy without consensus: said with its share, so that nobody reads it as advice against."""
    share = option.strategy.agreement
    text = Text(
        "no consensus ({share} % in favour), not recommended for now", "专家未达成一致结论（赞成{share}%），暂不推荐"
    )
    return text.format(share="?" if share is None else format(share, "f"))


def _note(warned: dict[Input, list[str]], missing: Iterable[Input], option: str) -> None:
    for item in missing:
        if option not in warned.setdefault(item, []):
            warned[item].append(option)


def _order(answer: OptionAnswer) -> tuple[int, int, int, int]:
    """Bases apart, then strength, then what applies before what is possible or excluded, then level; equals stay in the
    order of their guideline, whose authors put the narrower situation first."""
    status = ("applies", "possible", "excluded", None).index(answer.status)
    option = answer.option
    return (
        _BASES.index(answer.guideline.basis),
        STRENGTHS.index(option.strength),
        status,
        _LEVELS.index(option.level),
    )


def _hypotheses(case: Case, knowledge: Knowledge) -> tuple[Hypothesis, ...]:
    from tumorboard.advice.hypotheses import hypotheses  # the network is loaded only where hypotheses are shown

    return hypotheses(case, knowledge)
