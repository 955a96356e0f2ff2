"""From advice to the cards of CDS Hooks: few, short, each with its grade and where it is printed; never an order."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tumorboard.advice.model import Advice, OptionAnswer
from tumorboard.cohort.concordance import is_regimen
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.wording import Wording
from tumorboard.report.asks import Asks
from tumorboard.report.names import Names
from tumorboard.report.record import NOTICE
from tumorboard.report.words import WORDS
from tumorboard.text import Language, Text

Card = dict[str, Any]
Indicator = Literal["info", "warning"]
_SUMMARY = 140  # a summary is shorter (CDS Hooks 2.0.1, Card Attributes)
_LISTED = 8  # options told in one card; the page tells all
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")
TOPIC_SYSTEM = "urn:tumorboard:guideline"

_APPLY = Text("{count} options apply: {first}", "{count}项选项适用：{first}")
_ONE = Text("1 option applies: {first}", "1项选项适用：{first}")
_POSSIBLE = Text("No option applies yet; {count} are possible", "尚无适用选项；{count}项可能适用")
_MISSING = Text("{count} missing results would decide: {first}", "{count}项尚缺结果可影响结论：{first}")
_NOT_COVERED = Text("No guideline here covers this patient", "现有指南均未涵盖该患者")
_FITS = Text("{regimen} is an option that applies", "{regimen}为适用选项")
_MAY_FIT = Text("{regimen} may be an option: more must be known", "{regimen}可能为选项，尚需更多信息")
_EXCLUDED = Text("{regimen} is ruled out for this patient", "{regimen}对该患者已被排除")
_NO_CONSENSUS = Text("{regimen}: the panel reached no consensus", "{regimen}：专家未达成一致")
_PART_OF = Text("{regimen} is part of options, not one by itself", "{regimen}是若干选项的一部分，单独不是选项")
_OTHER = Text("No option of the guidelines is {regimen}", "指南选项中没有{regimen}")
_MORE = Text("… and {count} more", "……另有{count}项")
_PROPOSE = Text("Propose: {ask}", "建议检查：{ask}")


@dataclass(frozen=True)
class Telling:
    """What cards need beside the advice. ``page``: the address of these pages, for a link without patient data."""

    knowledge: Knowledge
    language: Language
    reasons: Sequence[dict[str, str]]
    page: str | None = None

    # -- the services --------------------------------------------------------------------------------------------

    def patient_view(self, advice: Advice, patient: str) -> list[Card]:
        """What applies, and which missing results would decide."""
        cards = []
        told = [answer for answer in advice.options if answer.status == "applies"]
        possible = [answer for answer in advice.options if answer.status == "possible"]
        if told:
            first = self.regimen(told[0])
            text = (_ONE if len(told) == 1 else _APPLY).format(count=str(len(told)), first=first)
            cards.append(self.card(text, self.listed(told), told[0]))
        elif possible:
            text = _POSSIBLE.format(count=str(len(possible)))
            cards.append(self.card(text, self.listed(possible), possible[0]))
        elif advice.not_covered:
            lines = [f"- {escaped(entry.because[self.language])}" for entry in advice.not_covered]
            cards.append(self.card(_NOT_COVERED, "\n".join(lines), None))
        asked = [question for question in advice.questions if question.would_decide]
        if asked:
            asks = Asks(Wording(self.knowledge.facts), self.language, advice.file)
            names = [asks.ask(question.input) for question in asked]
            text = _MISSING.format(count=str(len(asked)), first=names[0])
            card = self.card(text, "\n".join(f"- {escaped(name)}" for name in names[:_LISTED]), None)
            card["suggestions"] = [self.proposal(name, patient) for name in names[:3]]
            card["selectionBehavior"] = "any"
            cards.append(card)
        return cards

    def order_select(self, advice: Advice, drugs: Sequence[str]) -> list[Card]:
        """How the selected medicines stand among the options; no card where none is selected."""
        if not drugs:
            return []
        named = " + ".join(self.names.agent(name)[self.language] for name in drugs)
        whole = [a for a in advice.options if is_regimen(a.option, drugs, self.knowledge.vocabulary.drugs)]
        for status, text, indicator in _STANDINGS:
            if found := [answer for answer in whole if answer.status == status]:
                return [self.card(text.format(regimen=named), self.listed(found), found[0], indicator)]
        open_ = [answer for answer in advice.options if answer.status in ("applies", "possible")]
        part = [answer for answer in open_ if self.within(answer, drugs)]
        if part:
            return [self.card(_PART_OF.format(regimen=named), self.listed(part), part[0])]
        lines = self.listed([answer for answer in advice.options if answer.status == "applies"])
        return [self.card(_OTHER.format(regimen=named), lines, None)]

    def within(self, answer: OptionAnswer, drugs: Sequence[str]) -> bool:
        """Whether each medicine has a place in the option's regimen."""
        slots = [slot.alternatives for slot in answer.option.regimen]
        known = self.knowledge.vocabulary.drugs
        names = [{name, *(drug.classes if (drug := known.get(name)) else ())} for name in drugs]
        return all(any(own & set(slot) for slot in slots) for own in names)

    # -- parts of a card -----------------------------------------------------------------------------------------

    def card(self, summary: Text, detail: str, answer: OptionAnswer | None, indicator: Indicator = "info") -> Card:
        about = f"{self.knowledge.version}, {self.knowledge.date}. {NOTICE[self.language]}"
        card: Card = {
            "uuid": str(uuid.uuid4()),
            "summary": shortened(summary[self.language]),
            "detail": f"{detail}\n\n{escaped(about)}".strip(),
            "indicator": indicator,
            "source": self.source(answer),
            "overrideReasons": list(self.reasons),
        }
        if self.page:
            card["links"] = [{"label": "Tumorboard", "url": self.page, "type": "absolute"}]
        return card

    def source(self, answer: OptionAnswer | None) -> dict[str, Any]:
        if answer is None:
            return {"label": "Tumorboard"}
        guideline = answer.guideline
        topic = {"system": TOPIC_SYSTEM, "code": guideline.id, "display": guideline.name[self.language]}
        return {"label": guideline.name[self.language], "topic": topic}

    def listed(self, answers: Sequence[OptionAnswer]) -> str:
        lines = [f"- {line}" for answer in answers[:_LISTED] for line in self.lines(answer)]
        if len(answers) > _LISTED:
            lines.append(f"- {_MORE.format(count=str(len(answers) - _LISTED))[self.language]}")
        return "\n".join(lines)

    def lines(self, answer: OptionAnswer) -> Iterator[str]:
        grade = escaped(self.grade(answer))
        yield f"**{escaped(self.regimen(answer))}** ({grade}): {escaped(answer.because[self.language])}"

    def grade(self, answer: OptionAnswer) -> str:
        """Strength, level and agreement as printed; what no panel graded says so."""
        option, language = answer.option, self.language
        strength = option.strength or "ungraded"
        parts = [WORDS[strength][language] if strength in WORDS else strength]
        if option.level:
            parts.append(f"{WORDS['level'][language]} {option.level}")
        if (share := option.strategy.agreement) is not None:
            parts.append(f"{WORDS['agreement'][language]} {share:f} %")
        return ", ".join(parts)

    @property
    def names(self) -> Names:
        return Names(self.knowledge.vocabulary, self.language)

    def regimen(self, answer: OptionAnswer) -> str:
        return self.names.regimen(answer.option.regimen)

    def proposal(self, ask: str, patient: str) -> dict[str, Any]:
        """A request a clinician may take up: a proposal in draft, which orders nothing."""
        resource = {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "proposal",
            "code": {"text": ask},
            "subject": {"reference": f"Patient/{patient}"},
        }
        label = shortened(_PROPOSE.format(ask=ask)[self.language])
        action = {"type": "create", "description": label, "resource": resource}
        return {"label": label, "uuid": str(uuid.uuid4()), "actions": [action]}


_STANDINGS: tuple[tuple[str | None, Text, Indicator], ...] = (
    ("applies", _FITS, "info"),
    ("possible", _MAY_FIT, "info"),
    ("excluded", _EXCLUDED, "warning"),
    (None, _NO_CONSENSUS, "warning"),
)


def shortened(text: str) -> str:
    """Fewer than 140 characters, cut at the end where it must be."""
    line = " ".join(text.split())
    return line if len(line) < _SUMMARY else f"{line[: _SUMMARY - 2]}…"


def escaped(text: str) -> str:
    """Text that means nothing in Markdown, whatever it holds."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
