"""What changed between two versions of a case, or of the knowledge, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.advice.advise import advise
from tumorboard.advice.model import Advice, OptionAnswer
from tumorboard.case.read import Case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Guideline, Option
from tumorboard.logic.wording import Wording
from tumorboard.text import Language, Text


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: of what, from what to what, and why (``None`` on either side: was or is not there)."""

    kind: str
    id: str
    name: Text
    old: Text | None
    new: Text | None
    because: Text | None = None

    def line(self, language: Language) -> str:
        """The difference with the id of what differs."""
        return self._told(language, f" [{self.id}]")

    def sentence(self, language: Language) -> str:
        """The difference for those who know no ids."""
        return self._told(language, "")

    def _told(self, language: Language, id_: str) -> str:
        kind = _KINDS[self.kind][language]
        none = _NOT_ASKED if self.kind == "question" else _NOTHING
        old, new = (none if side is None else side for side in (self.old, self.new))
        if language == "zh":
            why = f"（{self.because.zh}）" if self.because else ""
            return f"{kind}“{self.name.zh}”{id_}：{old.zh} → {new.zh}{why}"
        why = f" ({self.because.en})" if self.because else ""
        return f"{kind} {self.name.en}{id_}: {old.en} → {new.en}{why}"

    def record(self, language: Language) -> dict[str, Any]:
        sides = {"old": self.old, "new": self.new, "because": self.because}
        return {
            "kind": self.kind,
            "id": self.id,
            "name": self.name.as_dict(),
            **{name: None if side is None else side[language] for name, side in sides.items()},
        }


_NOTHING = Text("not there", "无")
_NOT_ASKED = Text("not asked", "不需查")
_KINDS = {
    "fact": Text("fact", "要素"),
    "situation": Text("situation", "情形"),
    "option": Text("option", "方案"),
    "question": Text("question", "待查"),
    "guideline": Text("guideline", "指南"),
    "finding": Text("finding", "证据"),
    "remark": Text("remark", "备注"),
    "parameter": Text("parameter", "参数"),
}
VERDICTS = {
    "met": Text("met", "符合"),
    "not met": Text("not met", "不符合"),
    "unknown": Text("unknown", "未知"),
}
STATUSES = {
    "applies": Text("applies", "适用"),
    "possible": Text("possible", "可能适用"),
    "excluded": Text("excluded", "排除"),
    None: Text("no consensus", "暂不推荐"),
}


def compare_cases(old: Case, new: Case, knowledge: Knowledge) -> list[Change]:
    """Facts, situations, options and questions that differ between two versions of one case."""
    before, after = advise(old, knowledge), advise(new, knowledge)
    wording = Wording(knowledge.facts)
    return [
        *_facts(before, after, knowledge, wording),
        *_situations(before, after, wording),
        *_options(before, after, wording),
        *_questions(before, after, wording),
    ]


def _facts(before: Advice, after: Advice, knowledge: Knowledge, wording: Wording) -> Iterator[Change]:
    for name, definition in knowledge.facts.definitions.items():
        old, new = before.facts[name], after.facts[name]
        if old.value != new.value:
            was, now = (wording.value(step.value, definition.type, name) for step in (old, new))
            yield Change("fact", name, definition.name, was, now, wording.because(new))


def _situations(before: Advice, after: Advice, wording: Wording) -> Iterator[Change]:
    for old, new in zip(before.situations, after.situations, strict=True):
        if old.verdict != new.verdict:
            sides = VERDICTS[old.verdict], VERDICTS[new.verdict]
            yield Change("situation", new.situation.id, new.situation.name, *sides, wording.because(new.step))


def _options(before: Advice, after: Advice, wording: Wording) -> Iterator[Change]:
    old, new = ({answer.option.id: answer for answer in advice.options} for advice in (before, after))
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        known = now or was
        assert known is not None
        if _shown(was) != _shown(now):
            regimen = _regimen(known.option, wording)
            yield Change("option", name, regimen, _shown(was), _shown(now), now.because if now else None)
        elif was and now and [c.text for c in was.cautions] != [c.text for c in now.cautions]:
            sides = (_sentences([caution.text for caution in answer.cautions]) for answer in (was, now))
            yield Change("option", name, now.option.strategy.name, *sides)


def _regimen(option: Option, wording: Wording) -> Text:
    """``carboplatin | cisplatin + etoposide`` in both languages."""
    drugs = [[wording.anywhere(name) for name in slot.alternatives] for slot in option.regimen]
    return Text(
        " + ".join(" | ".join(name.en for name in names) for names in drugs),
        " + ".join("/".join(name.zh for name in names) for names in drugs),
    )


def _shown(answer: OptionAnswer | None) -> Text | None:
    return None if answer is None else STATUSES[answer.status]


def _questions(before: Advice, after: Advice, wording: Wording) -> Iterator[Change]:
    old, new = ({question.input.ask: question.input for question in advice.questions} for advice in (before, after))
    asked = Text("asked", "待查")
    for ask, input_ in {**old, **new}.items():
        if (ask in old) != (ask in new):
            sides = (asked if ask in side else None for side in (old, new))
            yield Change("question", ask, wording.asked(input_), *sides)


def compare_knowledge(old: Knowledge, new: Knowledge) -> list[Change]:
    """Guidelines, options and their grades, fact rules, parameters and findings that differ."""
    changes = list(_parameters(old, new))
    for name in _either(old.facts.definitions, new.facts.definitions):
        was, now = old.facts.definitions.get(name), new.facts.definitions.get(name)
        known = now or was
        rules = [side.rule if side else None for side in (was, now)]
        if known and rules[0] != rules[1]:
            changes.append(Change("fact", name, known.name, *map(_text, rules)))
    for name in _either(old.guidelines, new.guidelines):
        before, after = old.guidelines.get(name), new.guidelines.get(name)
        guideline = after or before
        assert guideline is not None
        if before is None or after is None:
            there = Text("there", "有")
            changes.append(
                Change("guideline", name, guideline.name, there if before else None, there if after else None)
            )
        else:
            changes += _guideline(before, after)
    for name in _either(old.findings.by_id, new.findings.by_id):
        first, second = old.findings.by_id.get(name), new.findings.by_id.get(name)
        if first != second:
            claims = [finding.claim if finding else None for finding in (first, second)]
            finding = second or first
            assert finding is not None
            title = finding.claim or Text(name, name)
            changes.append(Change("finding", name, title, *claims))
    return changes


def _parameters(old: Knowledge, new: Knowledge) -> Iterator[Change]:
    for name in _either(old.facts.parameters, new.facts.parameters):
        was, now = old.facts.parameters.get(name), new.facts.parameters.get(name)
        known = now or was
        choices = [" | ".join(map(str, side.choices)) if side else None for side in (was, now)]
        if known and choices[0] != choices[1]:
            yield Change("parameter", name, known.name, *map(_text, choices))


def _guideline(before: Guideline, after: Guideline) -> Iterator[Change]:
    old, new = ({situation.id: situation for situation in guideline.situations} for guideline in (before, after))
    for name in _either(old, new):
        was, now = old.get(name), new.get(name)
        known = now or was
        assert known is not None
        rules = [side.when.text if side else None for side in (was, now)]
        if rules[0] != rules[1]:
            yield Change("situation", name, known.name, *map(_text, rules))
    options = [{option.id: option for _, option in guideline.options()} for guideline in (before, after)]
    for name in _either(*options):
        first, second = options[0].get(name), options[1].get(name)
        option = second or first
        assert option is not None
        if _grade(first) != _grade(second):
            yield Change("option", name, option.strategy.name, _grade(first), _grade(second))
        remarks = [
            {remark.finding or (remark.text.en if remark.text else "") for remark in side.remarks} if side else set()
            for side in (first, second)
        ]
        for added in sorted(remarks[1] - remarks[0]):
            yield Change("remark", name, option.strategy.name, None, Text(added, added))
        for gone in sorted(remarks[0] - remarks[1]):
            yield Change("remark", name, option.strategy.name, Text(gone, gone), None)


def _grade(option: Option | None) -> Text | None:
    if option is None:
        return None
    regimen = " + ".join(map(str, option.regimen))
    share = option.strategy.agreement
    shown = f"{regimen}: {option.strength}, {option.level or '–'}, {'–' if share is None else format(share, 'f')} %"
    return Text(shown, shown)


def _either(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys((*old, *new)))


def _text(value: str | None) -> Text | None:
    return None if value is None else Text(" ".join(value.split()), " ".join(value.split()))


def _sentences(texts: list[Text]) -> Text:
    if not texts:
        return _NOTHING
    return Text("; ".join(text.en for text in texts), "；".join(text.zh for text in texts))
