"""Questions: the missing inputs, ranked by how many options, how strong, their answer would decide."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tumorboard.advice.model import OptionAnswer, Question, SituationAnswer
from tumorboard.case.read import Case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.explain import Explainer
from tumorboard.logic.inputs import Input
from tumorboard.logic.values import FALSE, TRUE
from tumorboard.text import Text

_WEIGHT = {"strong": 9, "moderate": 4, "weak": 2, None: 2, "not recommended": 0}
_PLACE = re.compile(r"(?P<list>[a-z_]+)\[(?P<index>\d+)\]\.(?P<column>\w+)")

# What to ask for an entry of a line of therapy, by column.
_TREATMENT = {
    "progressed": Text("When did the tumour progress on or after {what}?", "{what}何时进展？"),
    "progression": Text(
        "How did the tumour progress after {what}: widespread, limited, brain only?",
        "{what}后进展方式：广泛、局限或仅脑部？",
    ),
    "end": Text("When did {what} end?", "{what}何时结束？"),
    "start": Text("When did {what} start?", "{what}何时开始？"),
    "stopped_for": Text("Why was {what} stopped?", "{what}因何停止？"),
    "best_response": Text("What was the best response to {what}?", "{what}的最佳疗效？"),
}
STATES = {
    "not recorded": Text("not recorded", "未记录"),
    "not tested": Text("not tested", "未检测"),
    "indeterminate": Text("indeterminate", "结果不确定"),
    "contradictory": Text("results contradict each other", "结果相互矛盾"),
    "not tested since the last progression": Text("not tested since the last progression", "末次进展后未检测"),
    "absent in liquid only": Text("absent in plasma only", "仅血浆阴性"),
    "absent, but not known to be from tissue": Text("absent, specimen not recorded", "阴性，但标本类型未记录"),
}


def ask(
    case: Case,
    knowledge: Knowledge,
    explainer: Explainer,
    situations: Sequence[SituationAnswer],
    options: Sequence[OptionAnswer],
    warned: Mapping[Input, Sequence[str]],
) -> tuple[Question, ...]:
    """Every missing input once, the most decisive first."""
    decides: dict[Input, list[OptionAnswer]] = {}
    for answer in options:
        if answer.status == "possible":
            for item in answer.missing:
                decides.setdefault(item, []).append(answer)
    also: dict[Input, list[str]] = {}
    for situation in situations:
        if situation.verdict == "met":
            for name in situation.situation.asks:
                for item in _unsettled(explainer, name):
                    also.setdefault(item, []).append(situation.situation.id)
    # One entry may be asked for in more than one state; the ask is the same.
    by_ask: dict[str, Input] = {}
    for item in (*decides, *also, *warned):
        by_ask.setdefault(item.ask, item)
    found = []
    for name, item in by_ask.items():
        settled = [answer for other, answers in decides.items() if other.ask == name for answer in answers]
        decided = tuple(dict.fromkeys(answer.option.id for answer in settled))
        decided += tuple(
            dict.fromkeys(one for other, ids in also.items() if other.ask == name for one in ids if one not in decided)
        )
        cautioned = tuple(dict.fromkeys(one for other, ids in warned.items() if other.ask == name for one in ids))
        weight = sum(_WEIGHT[strength] for strength in {a.option.id: a.option.strength for a in settled}.values())
        found.append(
            (weight, len(decided), len(cautioned), Question(item, decided, cautioned, _text(item, case, knowledge)))
        )
    found.sort(key=lambda entry: (-entry[0], -entry[1], -entry[2], entry[3].input.ask))
    return tuple(question for *_, question in found)


def _unsettled(explainer: Explainer, fact: str) -> tuple[Input, ...]:
    """What a guideline asks for besides: an unknown fact's inputs, or a look that has not been taken."""
    step = explainer.fact(fact)
    if step.value == TRUE:
        return ()
    if step.value == FALSE:
        # Only facts about a look taken (histology since progression) are asked for when they are false.
        return (Input("conditions: histology since the last progression"),) if fact.startswith("histology") else ()
    return step.missing


def _text(item: Input, case: Case, knowledge: Knowledge) -> Text:
    state = STATES.get(item.state, Text(item.state, item.state))
    place = _PLACE.fullmatch(item.ask)
    if place and place["list"] == "treatments" and place["column"] in _TREATMENT:
        entry = (case.file.treatments or [])[int(place["index"])]
        line = "" if entry.line is None else str(entry.line)
        agents = ", ".join(entry.agents)
        what = Text("line {line} ({agents})", "第{line}线治疗（{agents}）").format(line=line, agents=agents)
        return _TREATMENT[place["column"]].format(what=what)
    section, _, name = item.ask.partition(": ")
    if section == "biomarkers" and name:
        named = knowledge.vocabulary.alterations.name(name)
        return Text("{name}: present or absent? ({state})", "{name}：阳性还是阴性？（{state}）").format(
            name=named, state=state
        )
    if name:
        return Text("{name}? ({state})", "{name}？（{state}）").format(
            name=_named(section, name, knowledge), state=state
        )
    return Text("{ask} ({state})", "{ask}（{state}）").format(ask=item.ask, state=state)


def _named(section: str, name: str, knowledge: Knowledge) -> Text:
    terms = knowledge.vocabulary.terms
    lists = {
        "findings": terms.named["observations"], "consent": terms.named["consents"], "conditions": terms.diseases,
        "metastases": terms.named["sites"], "labs": terms.analyte_names, "eligibility": terms.named["eligibility"],
    }  # fmt: skip
    found = lists[section].find(name) if section in lists else None
    if found is not None and section == "consent":
        return Text("consent to {name}", "{name}知情同意").format(name=found.name)
    if found is not None:
        return found.name
    if knowledge.vocabulary.drugs.is_class(name):
        return knowledge.vocabulary.drugs.class_name(name)
    return Text(f"{section}: {name}", f"{section}：{name}")
