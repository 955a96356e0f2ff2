"""What a proof found, as the JSON of the interface and as text: each finding with its case and its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from tumorboard.advice.advise import advise
from tumorboard.case.read import case_from_data
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.proving import CaseData, LoweringFault, Proof
from tumorboard.text import Language, Text

_WORDS = {
    "overlap": Text("both {situations}, graded differently for {on}", "同时符合{situations}，对{on}的推荐强度不同"),
    "gap": Text("in scope, and no situation fits", "在范围内但无适用情形"),
    "dead": Text("{situation}: no patient can be in it", "{situation}：任何患者均不可能符合"),
    "grade": Text("{option}: {grade}", "{option}：{grade}"),
    "cut gap": Text("{fact}: cut-offs leave out {at}", "{fact}：界值遗漏{at}"),
    "cut overlap": Text("{fact}: cut-offs claim {at} twice", "{fact}：界值重复覆盖{at}"),
    "set": Text("{text} (with {settings})", "{text}（{settings}时）"),
    "accepted": Text("accepted: {reason}", "已接受：{reason}"),
    "not accepted": Text("NOT ACCEPTED", "未接受"),
    "rule": Text("the grading rule", "分级规则"),
    "count": Text("{found} found, {open} not accepted", "共{found}项，未接受{open}项"),
    "scope": Text("must have a situation: {when} ({because})", "须有适用情形者：{when}（{because}）"),
    "leaves out": Text("situations that don't count for this: {names}", "不计入的情形：{names}"),
    "bound": Text(
        "looked at: {rows}; at most {agents} drugs a line; dates of {years} years before {as_of}; numbers up to"
        " {whole}, decimals up to {decimal} with two places",
        "证明范围：{rows}；每线至多{agents}种药物；{as_of}前{years}年内的日期；整数至{whole}，小数至{decimal}（两位）",
    ),
    "constraints": Text("taken for granted of every record:", "对所有记录的前提："),
    "abstracted": Text("left open for z3: {what}", "对z3抽象：{what}"),
    "unused": Text("accepted in vain, nothing like it is found: {what}", "无对应发现的接受项：{what}"),
    "undecided": Text("not decided: {what}", "未能判定：{what}"),
    "situations": Text("situations", "情形"), "overlaps": Text("overlaps", "重叠"), "gaps": Text("gaps", "空缺"),
    "deads": Text("dead situations", "不可能的情形"),
    "grades": Text("grades the rule can't give", "规则无法给出的分级"),
    "cuts": Text("cut-offs of scores", "评分界值"), "pairs": Text("{pairs} pairs compared", "比较{pairs}对"),
}  # fmt: skip


def read_again(proof: Proof, knowledge: Knowledge) -> None:
    """Every case of the proof put before ``advise``. Raises LoweringFault where one doesn't show what it should."""
    counted = [s.id for s in proof.guideline.situations if s.id not in proof.scope.leaves_out]
    for overlap in proof.overlaps:
        verdicts = _verdicts(proof, knowledge, overlap.case)
        if any(verdicts[name] != "met" for name in overlap.situations):
            raise LoweringFault(f"{overlap.situations} don't both hold of {overlap.case}")
    for gap in proof.gaps:
        verdicts = _verdicts(proof, knowledge, gap.case)
        if any(verdicts[name] != "not met" for name in counted):
            raise LoweringFault(f"a situation holds of {gap.case}")
    for cut in proof.cuts:
        if cut.case is not None:
            _verdicts(proof, knowledge, cut.case)


def _verdicts(proof: Proof, knowledge: Knowledge, data: CaseData) -> dict[str, str]:
    case = case_from_data(data, knowledge.vocabulary, proof.record.bounds.as_of)
    if case.not_understood:
        raise LoweringFault(f"advise doesn't understand {case.not_understood} of {data}")
    answers = advise(case, knowledge).situations
    return {each.situation.id: each.verdict for each in answers if each.guideline.id == proof.guideline.id}


def proof_record(proof: Proof, language: Language = "en") -> dict[str, Any]:
    """The JSON document: the fields of the interface, and what the proof rests on."""

    def said(text: Text | None) -> str | None:
        return None if text is None else text[language]

    bounds = proof.record.bounds
    return {
        "guideline": proof.guideline.id,
        "situations": [situation.id for situation in proof.guideline.situations],
        "overlaps": [
            {
                "situations": list(each.situations), "on": list(each.on), "case": each.case,
                "accepted": said(each.accepted),
            }
            for each in proof.overlaps
        ],
        "gaps": [{"case": each.case, "accepted": said(each.accepted)} for each in proof.gaps],
        "dead": [{"situation": each.situation, "accepted": said(each.accepted)} for each in proof.dead],
        "grades": [
            {"option": each.option, "grade": each.grade, "accepted": said(each.accepted)} for each in proof.grades
        ],
        "cuts": [
            {
                "fact": each.fact, "kind": each.kind, "at": each.at, "settings": dict(each.settings),
                "case": each.case, "accepted": said(each.accepted),
            }
            for each in proof.cuts
        ],
        "not_accepted": proof.not_accepted,
        "pairs": proof.pairs,
        "scope": {
            "when": proof.scope.text,
            "leaves_out": sorted(proof.scope.leaves_out),
            "because": proof.scope.because[language],
        },
        "bound": {
            "rows": dict(bounds.rows), "agents": bounds.agents, "whole": bounds.whole, "decimal": bounds.decimal,
            "years": bounds.years, "as_of": bounds.as_of.isoformat(),
        },
        "constraints": [
            {"table": each.table, "holds": each.text, "because": each.because[language]} for each in proof.constraints
        ],
        "structure": [text[language] for text in proof.record.structure],
        "abstracted": list(proof.abstracted),
        "unused": list(proof.unused),
        "undecided": list(proof.open),
    }  # fmt: skip


def proof_text(proof: Proof, language: Language) -> str:
    """The proof for a reader: findings with their cases first, then what they rest on."""
    return "\n".join(_lines(proof, language)) + "\n"


def _lines(proof: Proof, language: Language) -> Iterator[str]:
    def word(name: str, **parts: object) -> str:
        return _WORDS[name].format(**parts)[language]

    def reason(accepted: Text | None) -> str:
        return "  " + (word("not accepted") if accepted is None else word("accepted", reason=accepted[language]))

    guideline = proof.guideline
    yield f"{guideline.name[language]} [{guideline.id}]"
    found, bad = len(proof.findings), proof.not_accepted
    yield f"{len(guideline.situations)} {word('situations')}; {word('count', found=found, open=bad)}"
    yield ""
    yield f"{word('overlaps')}: {len(proof.overlaps)} ({word('pairs', pairs=proof.pairs)})"
    for overlap in proof.overlaps:
        yield "- " + word("overlap", situations=" + ".join(overlap.situations), on=", ".join(overlap.on))
        yield reason(overlap.accepted)
        yield from _case(overlap.case)
    yield f"{word('gaps')}: {len(proof.gaps)}"
    for gap in proof.gaps:
        yield "- " + word("gap")
        yield reason(gap.accepted)
        yield from _case(gap.case)
    yield f"{word('deads')}: {len(proof.dead)}"
    for dead in proof.dead:
        yield "- " + word("dead", situation=dead.situation)
        yield reason(dead.accepted)
    yield f"{word('grades')}: {len(proof.grades)}"
    for grade in proof.grades:
        yield "- " + word("grade", option=grade.option or word("rule"), grade=grade.grade)
        yield reason(grade.accepted)
    yield f"{word('cuts')}: {len(proof.cuts)}"
    for cut in proof.cuts:
        text = word(f"cut {cut.kind}", fact=cut.fact, at=cut.at)
        settings = ", ".join(f"{name} = {value}" for name, value in cut.settings.items())
        yield "- " + (word("set", text=text, settings=settings) if settings else text)
        yield reason(cut.accepted)
        yield from _case(cut.case) if cut.case is not None else ()
    yield ""
    yield from (word("undecided", what=name) for name in proof.open)
    yield from (word("unused", what=name) for name in proof.unused)
    yield word("scope", when=proof.scope.text, because=proof.scope.because[language])
    if proof.scope.leaves_out:
        yield word("leaves out", names=", ".join(sorted(proof.scope.leaves_out)))
    bounds = proof.record.bounds
    rows = ", ".join(f"{table} {number}" for table, number in bounds.rows.items())
    yield word(
        "bound", rows=rows, agents=bounds.agents, years=bounds.years, as_of=bounds.as_of, whole=bounds.whole,
        decimal=bounds.decimal,
    )  # fmt: skip
    yield from (word("abstracted", what=what) for what in proof.abstracted)
    yield word("constraints")
    yield from (f"- {text[language]}" for text in proof.record.structure)
    for constraint in proof.constraints:
        yield f"- {constraint.because[language]} [{constraint.table or guideline.id}: {constraint.text}]"


def _case(data: CaseData) -> Iterator[str]:
    written = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None)
    yield from (f"    {line}" for line in written.splitlines())
