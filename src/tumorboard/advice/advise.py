"""From a case to advice: every situation's verdict, the options it gives, and what would change them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tumorboard.advice.earlier import earlier
from tumorboard.advice.model import (
    Advice,
    ConditionAnswer,
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
from tumorboard.logic.explain import Explainer, Step
from tumorboard.logic.inputs import Input
from tumorboard.logic.values import FALSE, TRUE
from tumorboard.logic.wording import Wording
from tumorboard.text import Text

STRENGTHS = ("strong", "moderate", "weak", None, "not recommended")  # the order options are shown in
_BASES = ("panel", "by-design", "ungraded")
_LEVELS = ("I", "II", "III", "IV", "V", None)


def advise(case: Case, knowledge: Knowledge) -> Advice:
    """All guidelines of ``knowledge`` read for ``case``."""
    return _Reading(case, knowledge, Explainer(knowledge.facts, case.tables), Wording(knowledge.facts)).advice()


@dataclass(frozen=True)
class _Reading:
    case: Case
    knowledge: Knowledge
    explainer: Explainer
    wording: Wording

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
        questions = ask(self.case, self.knowledge, self.explainer, situations, options, warned)
        return Advice(
            case_id=self.case.id,
            as_of=self.case.as_of,
            explainer=self.explainer,
            situations=tuple(situations),
            options=tuple(options),
            not_covered=tuple(not_covered),
            questions=questions,
            not_understood=self.case.not_understood,
            notices=self.case.notices,
        )

    def situations(self, guideline: Guideline) -> Iterator[SituationAnswer]:
        scope = self.explainer.step(guideline.scope.node)
        for situation in guideline.situations:
            step = scope if scope.value == FALSE else self.explainer.step(situation.when.node)
            remarks = self.remarks(situation.remarks) if step.value != FALSE else ()
            yield SituationAnswer(guideline, situation, step, remarks)

    # -- one option ----------------------------------------------------------------------------------------------

    def option(self, answer: SituationAnswer, option: Option, warned: dict[Input, list[str]]) -> OptionAnswer:
        missing = list(answer.step.missing)
        status: Status | None = "applies" if answer.verdict == "met" else "possible"
        reasons = [self.wording.because(answer.step)]
        for exclusion in option.exclusions:
            step = self.explainer.step(exclusion.when.node)
            if step.value == TRUE:
                status, reasons = "excluded", [exclusion.because]
                break
            if step.value != FALSE and exclusion.if_unknown == "possible":
                status = "possible"
                missing += step.missing
                reasons.append(_unless(exclusion.because))
            elif step.value != FALSE:
                _note(warned, step.missing, option.id)
        before = earlier(option, answer.situation, self.case.tables, self.knowledge.vocabulary.drugs)
        if before.excluded is not None and status != "excluded":
            status, reasons = "excluded", [before.excluded]
        elif before.open and status != "excluded":
            status = "possible"
            missing += before.open
            reasons.append(_unless(Text("the tumour progressed on this regimen", "该方案治疗中肿瘤进展")))
        if not option.recommended:
            status, reasons = None, [*self.no_consensus(option), *reasons[:1]]
        cautions = [Caution((), None, text, "general", None) for text in before.warnings]
        for caution in (*option.cautions, *self.knowledge.cautions[answer.guideline.id, option.id]):
            verdict = self.explainer.step(caution.when.node) if caution.when else None
            if verdict is None or verdict.value == TRUE:
                cautions.append(caution)
            elif verdict.value != FALSE:
                _note(warned, verdict.missing, option.id)
        return OptionAnswer(
            guideline=answer.guideline,
            situation=answer.situation,
            option=option,
            status=status,
            because=_sentences(reasons),
            missing=tuple(dict.fromkeys(missing)),
            conditions=tuple(ConditionAnswer(c.text, self.verdict(c.when)) for c in option.conditions),
            cautions=tuple(cautions),
            remarks=(*self.remarks(option.remarks), *answer.remarks),
        )

    def no_consensus(self, option: Option) -> Iterator[Text]:
        """A strategy without consensus: said with its share, so that nobody reads it as advice against."""
        share = option.strategy.agreement
        text = Text(
            "no consensus ({share} % in favour), not recommended for now",
            "专家未达成一致结论（赞成{share}%），暂不推荐",
        )
        yield text.format(share="?" if share is None else format(share, "f"))

    def verdict(self, rule: Rule | None) -> Verdict | None:
        return None if rule is None else verdict_of(self.explainer.step(rule.node))

    def remarks(self, remarks: Iterable[GuidelineRemark]) -> tuple[RemarkAnswer, ...]:
        return tuple(
            self.remark(remark)
            for remark in remarks
            if remark.when is None or self.explainer.step(remark.when.node).value == TRUE
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
        scope = self.explainer.step(guideline.scope.node)
        if scope.value == FALSE:
            outside = Text("outside this guideline, which is for {scope}: {why}", "不在本指南范围（{scope}）：{why}")
            yield NotCoveredAnswer(
                guideline, outside.format(scope=guideline.scope_name, why=self.wording.because(scope))
            )
            return
        said = [entry for entry in guideline.not_covered if self.holds(entry.when)]
        for entry in said:
            yield NotCoveredAnswer(guideline, entry.because)
        if not said and all(answer.verdict == "not met" for answer in answers):
            text = Text("no situation of this guideline fits this patient", "本指南无适用于该患者的情形")
            yield NotCoveredAnswer(guideline, text)

    def holds(self, rule: Rule) -> bool:
        return self.explainer.step(rule.node).value == TRUE


def _unless(because: Text) -> Text:
    return Text("ruled out if {because} (not recorded)", "若{because}则排除（未记录）").format(because=because)


def _sentences(texts: list[Text]) -> Text:
    unique = list(dict.fromkeys(texts))
    return Text("; ".join(text.en for text in unique), "；".join(text.zh for text in unique))


def _note(warned: dict[Input, list[str]], missing: Iterable[Input], option: str) -> None:
    for item in missing:
        if option not in warned.setdefault(item, []):
            warned[item].append(option)


def _order(answer: OptionAnswer) -> tuple[int, int, int, int, str]:
    """Bases apart, then strength, then what applies before what is possible or excluded, then level."""
    status = ("applies", "possible", "excluded", None).index(answer.status)
    option = answer.option
    return (
        _BASES.index(answer.guideline.basis),
        STRENGTHS.index(option.strength),
        status,
        _LEVELS.index(option.level),
        option.id,
    )


def explain_option(case: Case, knowledge: Knowledge, option_id: str) -> tuple[Guideline, Option, Step] | None:
    """The situation's derivation behind an option, for ``tumorboard explain``; ``None`` without such an option."""
    for guideline in knowledge.guidelines.values():
        for situation, option in guideline.options():
            if option.id == option_id:
                return guideline, option, Explainer(knowledge.facts, case.tables).step(situation.when.node)
    return None
