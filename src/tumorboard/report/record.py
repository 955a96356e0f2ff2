"""Advice and facts in the fixed JSON forms (``tumorboard.advice/1`` and that of ``assess``)."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tumorboard.advice.model import Advice, OptionAnswer, Question, RemarkAnswer, SituationAnswer
from tumorboard.case.columns import Type
from tumorboard.case.read import Case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Argument
from tumorboard.logic.facts import FactDefinition, Facts
from tumorboard.logic.inputs import Input
from tumorboard.logic.recalling import RecallingReader
from tumorboard.logic.values import TRUE, Day, Label, Labels, Number, Truth, Value, is_not_applicable
from tumorboard.logic.wording import Wording
from tumorboard.logic.words import STATES
from tumorboard.report.asks import Asks
from tumorboard.report.words import WORDS
from tumorboard.text import LANGUAGES, Language, Text

SCHEMA = "tumorboard.advice/1"
NOTICE = Text(
    "For discussion in the tumour board; it informs clinicians and does not replace them.",
    "供多学科讨论参考，不能替代临床判断。",
)


def advice_record(advice: Advice, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    """The advice as one JSON-ready document; free text is in ``language``, names in both."""
    return {
        **_head(advice, knowledge, language),
        "facts": facts_record(advice, knowledge, language),
        "situations": [_situation(answer, language) for answer in advice.situations],
        **_options(advice, knowledge, language),
    }


def advice_json(advice: Advice, knowledge: Knowledge, language: Language) -> str:
    """The record as compact JSON, which is most of the work of making it: what is told as before is written already."""
    facts = _facts_json(advice.reader, knowledge.facts, language)
    situations = ",".join(_situation_json(answer, language) for answer in advice.situations)
    head, options = (compact(part(advice, knowledge, language)) for part in (_head, _options))
    return f'{head[:-1]},"facts":{facts},"situations":[{situations}],{options[1:]}'


def _head(advice: Advice, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "case": advice.case_id,
        "as_of": advice.as_of.isoformat(),
        "knowledge": {"version": knowledge.version, "date": knowledge.date, "sha256": knowledge.sha256},
        "notice": NOTICE[language],
    }


def _options(advice: Advice, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    """The options and what stands beside them."""
    wording = Wording(knowledge.facts)
    asks = {each: Asks(wording, each, advice.file) for each in LANGUAGES}
    return {
        "options": [_option(answer, knowledge, language) for answer in advice.options],
        "hypotheses": [
            {"regimen": list(one.regimen), "because": one.because[language], "support": one.support}
            for one in advice.hypotheses
        ],
        "not_covered": [
            {"guideline": answer.guideline.id, "because": answer.because[language]} for answer in advice.not_covered
        ],
        "questions": [_question(question, asks) for question in advice.questions],
        "not_understood": [{"place": p.place, "what": p.what, "mend": p.mend} for p in advice.not_understood],
        "notices": [str(problem) for problem in advice.notices],
        "options_chosen": {name: _plain(value) for name, value in knowledge.facts.settings.items()},
    }


def case_facts_json(case: Case, knowledge: Knowledge, language: Language) -> str:
    """The facts of one case as compact JSON."""
    facts = _facts_json(knowledge.recall.reader(case.tables), knowledge.facts, language)
    return f'{compact(_about(case, knowledge))[:-1]},"facts":{facts}}}'


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def facts_record(advice: Advice, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    """Every fact: value, unit, status, what is possible, what is missing, and why."""
    return _facts(advice.reader, knowledge.facts, language)


def case_facts_record(case: Case, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    """Every fact of one case, as ``tumorboard assess`` prints it."""
    reader = knowledge.recall.reader(case.tables)
    return {**_about(case, knowledge), "facts": _facts(reader, knowledge.facts, language)}


def _about(case: Case, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "case": case.id,
        "as_of": case.as_of.isoformat(),
        "knowledge": {"version": knowledge.version, "date": knowledge.date, "sha256": knowledge.sha256},
    }


def _facts_json(reader: RecallingReader, facts: Facts, language: Language) -> str:
    """The facts, each written once for all cases it is told of in the same words."""
    parts = []
    for name, definition in facts.definitions.items():
        written = reader.told(name).written
        part = written.get(language)
        if part is None or definition.reasons:  # another fact, of which nothing here may tell
            part = written[language] = f'"{name}":{compact(_fact(definition, facts, reader, language))}'
        parts.append(part)
    return f"{{{','.join(parts)}}}"


def _facts(reader: RecallingReader, facts: Facts, language: Language) -> dict[str, Any]:
    return {name: _fact(definition, facts, reader, language) for name, definition in facts.definitions.items()}


def case_values_record(case: Case, knowledge: Knowledge, group: str | None) -> dict[str, Any]:
    """Values alone, by the fast reader: a known value as it is, an unknown one as ``{"possible": …}``.

    ``group`` (``lung``, ``liver`` …: the file a fact is defined in) leaves out the facts of other files.
    """
    reader = knowledge.fast.reader(case.tables)
    values: dict[str, Any] = {}
    for name, definition in knowledge.facts.definitions.items():
        if group in (None, definition.group):
            value = reader.fact(name)
            if value.known:
                values[name] = None if is_not_applicable(value) else plain_value(value, definition.type)
            else:
                values[name] = {"possible": possible(value, definition.type)}
    return {"case": case.id, "values": values}


def _fact(definition: FactDefinition, facts: Facts, reader: RecallingReader, language: Language) -> dict[str, Any]:
    """One fact, with the list of labels that say why it holds, where it has one."""
    told, kind, because_of = reader.told(definition.id), definition.type, definition.reasons
    value = told.value
    applicable = not is_not_applicable(value)
    known = value.known and applicable
    record = {
        "value": plain_value(value, kind) if known or isinstance(value, Labels) else None,
        "unit": kind.unit,
        "status": "not applicable" if not applicable else "known" if known else "unknown",
        "possible": None if value.known else possible(value, kind),
        "missing": [item.ask for item in told.missing],
        "because": told.because[language],
        "assumptions": [text[language] for text in told.assumptions],
    }
    if because_of:
        record["reasons"] = plain_value(reader.told(because_of).value, facts.definitions[because_of].type)
    return record


def plain_value(value: Value, kind: Type) -> Any:
    """A known value for JSON: truth, number, text, ISO day, or the list of a set's certain members."""
    match value:
        case Truth():
            return value == TRUE
        case Label(possible_labels):
            assert possible_labels is not None
            return next(iter(possible_labels))
        case Labels(certain, _):
            return sorted(certain)
        case Day(low, _):
            return None if low is None else datetime.date.fromordinal(low).isoformat()
        case Number(low, _):
            return _plain(low)
    raise AssertionError(f"no JSON for {value!r} of {kind}")


def possible(value: Value, kind: Type) -> Any:
    """What an unknown value may still be: ``[low, high]`` (``None``: open) or the list of labels (``None``: any)."""
    match value:
        case Truth():
            return [True, False]
        case Label(labels, na):
            return None if labels is None else [*sorted(labels), *(["not applicable"] if na else [])]
        case Labels(_, labels):
            return None if labels is None else sorted(labels)
        case Day(low, high):
            days = (low, high)
            return [None if day is None else datetime.date.fromordinal(day).isoformat() for day in days]
        case Number(low, high):
            return [_plain(low), _plain(high)]
    raise AssertionError(f"no JSON for {value!r} of {kind}")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _asks(missing: tuple[Input, ...]) -> list[str]:
    return list(dict.fromkeys(item.ask for item in missing))


def _situation(answer: SituationAnswer, language: Language) -> dict[str, Any]:
    told = answer.told
    return {
        "guideline": answer.guideline.id,
        "id": answer.situation.id,
        "name": answer.situation.name.as_dict(),
        "verdict": answer.verdict,
        "missing": _asks(told.missing),
        "because": told.because[language],
        "assumptions": [text[language] for text in told.assumptions],
        "remarks": [remark_text(remark)[language] for remark in answer.remarks],
    }


def _situation_json(answer: SituationAnswer, language: Language) -> str:
    """One situation, written once for all cases that are told the same of it."""
    if answer.remarks:  # which depend on more of the case
        return compact(_situation(answer, language))
    written, key = answer.told.written, f"{language} {answer.verdict} {answer.guideline.id}/{answer.situation.id}"
    part = written.get(key)
    if part is None:
        part = written[key] = compact(_situation(answer, language))
    return part


def _option(answer: OptionAnswer, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    option, strategy = answer.option, answer.option.strategy
    return {
        "guideline": answer.guideline.id,
        "situation": answer.situation.id,
        "id": option.id,
        "name": strategy.name.as_dict(),
        "kind": strategy.kind,
        "regimen": [str(slot) for slot in option.regimen],
        "basis": answer.guideline.basis_of(option),
        "graded_by": option.grade.rule if option.grade else None,
        "grade": option.grade.because[language] if option.grade else None,
        "strength": option.strength,
        "level": option.level,
        "agreement": _plain(strategy.agreement),
        "status": answer.status,
        "conditions": [condition_text(c.text, c.verdict)[language] for c in answer.conditions],
        "cautions": [
            {"text": c.text[language], "kind": c.kind, "source": c.source, "effect": c.effect} for c in answer.cautions
        ],
        "remarks": [remark_text(remark)[language] for remark in answer.remarks],
        "evidence": [*([option.cell] if option.cell else []), *option.evidence],
        "citations": list(option.citations),
        "missing": _asks(answer.missing) if answer.status == "possible" else [],
        "because": answer.because[language],
        "arguments": {
            side: [_argument(each, knowledge, language) for each in option.arguments if each.side == side]
            for side in ("for", "against")
        },
        "conclusion": [_point(name, knowledge, language) for name in option.conclusion],
    }


def _argument(argument: Argument, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    found = [knowledge.findings.get(name) for name in argument.findings]
    one_study = len({finding.study for finding in found}) == 1
    return {
        "study": found[0].study if one_study else None,
        "design": found[0].design if one_study else None,
        "text": argument.text[language] if argument.text else None,
        "findings": [_point(name, knowledge, language) for name in argument.findings],
    }


def _point(name: str, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    """One finding of an argument: what it says, and what was found about it."""
    finding = knowledge.findings.get(name)
    return {
        "id": name,
        "claim": finding.claim[language] if finding.claim else None,
        "n": finding.n,
        "remarks": [remark.text[language] for remark in finding.remarks],
    }


def condition_text(text: Text, verdict: str | None) -> Text:
    words = {
        "met": Text("met", "符合"),
        "not met": Text("not met", "不符合"),
        "unknown": Text("not recorded", "未记录"),
    }
    if verdict is None:
        return text
    return Text("{text} ({verdict})", "{text}（{verdict}）").format(text=text, verdict=words[verdict])


def remark_text(remark: RemarkAnswer) -> Text:
    """A remark of ours as it stands; later evidence with its date and certainty in front."""
    if remark.finding is None:
        return remark.text
    dated = remark.date or "n.d."
    certainty = WORDS.get(remark.certainty or "", Text(remark.certainty or "", remark.certainty or ""))
    return Text(
        "Later evidence ({date}; {certainty}): {text} [{finding}]",
        "后续证据（{date}；{certainty}）：{text}［{finding}］",
    ).format(date=dated, certainty=certainty, text=remark.text, finding=remark.finding)


def _question(question: Question, asks: Mapping[Language, Asks]) -> dict[str, Any]:
    item = question.input
    return {
        "ask": item.ask,
        "state": STATES[item.state].en if item.state in STATES else item.state,
        "would_decide": list(question.would_decide),
        "would_warn": list(question.would_warn),
        "text": {language: each.line(item) for language, each in asks.items()},
    }
