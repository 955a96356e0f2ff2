"""What must hold for every case: a record that says more never turns an answer round, and unknown means undecided.

Cases are drawn at random from what lung cancer records hold, with dates around the boundaries of the rules.
"""

from __future__ import annotations

import copy
import datetime
import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
from board import (
    AS_OF,
    CaseData,
    after_gefitinib,
    after_osimertinib,
    day,
    driver_negative,
    line,
    low_response,
    marker,
    nsclc,
    refractory_sclc,
    transformed,
)
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tumorboard.advice.advise import advise
from tumorboard.advice.model import Advice
from tumorboard.case.read import case_from_data
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.explain import Step
from tumorboard.logic.values import Labels
from tumorboard.logic.wording import Wording
from tumorboard.report.record import advice_record

# A patient of each row of the tables, from which the cases drawn depart in dates, entries and results.
TOPOTECAN = line(2, "topotecan", start="2025-07-01", end="2025-09-01", progressed="2025-09-01")
DOCETAXEL = line(
    2, "docetaxel", start="2025-07-01", end="2025-12-01", progressed="2025-12-01", progression="widespread"
)
PEMETREXED = line(2, "cisplatin", "pemetrexed", start="2025-11-01", end="2026-01-10", progressed="2026-01-10",
                  progression="widespread")  # fmt: skip
ADJUVANT = line(1, "cisplatin", "vinorelbine", intent="adjuvant", start="2025-01-01", end="2025-04-01", after=100)
PATIENTS: dict[str, CaseData] = {
    "SCLC": refractory_sclc(60),
    "SCLC, third line": refractory_sclc(60, TOPOTECAN),
    "after osimertinib": after_osimertinib(),
    "after gefitinib": after_gefitinib(),
    "driver-positive, third line": {
        **after_osimertinib(),
        "treatments": [*after_osimertinib()["treatments"], PEMETREXED],
    },
    "exon 20": low_response(marker("EGFR", "exon 20 insertion")),
    "HER2": low_response(marker("ERBB2", "mutation")),
    "nothing tested": low_response(),
    "driver-negative": driver_negative(),
    "driver-negative, third line": driver_negative(DOCETAXEL),
    "transformed": transformed(),
    "adjuvant": nsclc(ADJUVANT),
}
GAPS = [0, 30, 31, 59, 89, 90, 183, 184]
REASONS = ["progression", "toxicity", "completed", "patient choice", "other"]
SPREADS = ["widespread", "limited", "brain only"]
RESPONSES = ["CR", "PR", "SD", "PD", "NE"]
FEW = 300 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 3  # draws for each patient
# A failing case starts from a named patient and says what differs; shrinking it further would take minutes.
DRAWN = settings(max_examples=FEW, phases=(Phase.explicit, Phase.reuse, Phase.generate))
RESULTS = ["present", "absent", "indeterminate", "not tested"]


def sometimes(draw: st.DrawFn, one_in: int) -> bool:
    return draw(st.integers(1, one_in)) == one_in


@st.composite
def treatments(draw: st.DrawFn, lines: list[CaseData]) -> list[CaseData]:
    """The patient's lines, some with another interval to progression, another course or another reason to stop."""
    found = copy.deepcopy(lines)
    for index, entry in enumerate(found):
        latest = found[index + 1]["start"] if index + 1 < len(found) else AS_OF
        if sometimes(draw, 3):
            progressed = day(entry["end"], draw(st.sampled_from(GAPS)))
            if progressed <= latest:
                entry["progressed"] = progressed
        if sometimes(draw, 5):
            entry["progression"] = draw(st.sampled_from(SPREADS))
        if sometimes(draw, 2):
            at_the_end = entry.get("progressed") == entry["end"]
            entry["stopped_for"] = draw(st.sampled_from(REASONS if at_the_end else REASONS[1:]))
        if sometimes(draw, 2):
            entry["best_response"] = draw(st.sampled_from(RESPONSES))
    return found


@st.composite
def markers(draw: st.DrawFn, known: list[CaseData], lines: list[CaseData]) -> list[CaseData]:
    """The patient's results, some changed or left out, and others: one an alteration, none at odds with another."""
    found = []
    for entry in known:
        if entry["name"] in ("ALK", "ROS1"):
            entry = {**entry, "change": "fusion"}
        if sometimes(draw, 8):
            entry = {**entry, "result": draw(st.sampled_from(RESULTS))}
        if not sometimes(draw, 12):
            found.append(entry)
    for gene, change in (("ALK", "fusion"), ("ROS1", "fusion"), ("ERBB2", "mutation"), ("RET", "fusion")):
        if sometimes(draw, 3) and gene not in [entry["name"] for entry in found]:
            found.append({"name": gene, "change": change, "result": draw(st.sampled_from(RESULTS))})
    last = lines[-1].get("progressed", AS_OF)
    mutated = [e for e in found if e["name"] == "EGFR" and e["result"] == "present"]
    if mutated and sometimes(draw, 2):
        found.append({
            "name": "EGFR", "change": "T790M", "result": draw(st.sampled_from(RESULTS)),
            "specimen": draw(st.sampled_from(["tissue", "plasma"])), "date": day(last, draw(st.sampled_from([-1, 0]))),
        })  # fmt: skip
    if sometimes(draw, 3):
        found.append({"name": "MET", "change": "amplification", "measure": "ratio", "assay": "FISH",
                      "value": draw(st.sampled_from([1.9, 2, 3])),
                      "date": day(last, draw(st.sampled_from([-1, 0])))})  # fmt: skip
    return found


@st.composite
def cases(draw: st.DrawFn, patient: CaseData) -> CaseData:
    lines = draw(treatments(patient["treatments"]))
    conditions = copy.deepcopy(patient["conditions"])
    if sometimes(draw, 5):
        conditions[0]["histology"] = draw(st.sampled_from(["adenocarcinoma", "squamous cell"]))
    findings = [
        {"name": name, "value": draw(st.sampled_from(values))}
        for name, values in (
            ("central airway stenosis", [True, True, False]), ("distal lung function", ["recoverable", "lost"]),
            ("surgery", ["possible", "refused"]), ("haemoptysis", [True, False]),
        )
        if draw(st.booleans())
    ]  # fmt: skip
    consent = {name: draw(st.booleans()) for name in ("organoid testing", "MiniPDX testing") if draw(st.booleans())}
    return {
        "conditions": conditions,
        "treatments": lines,
        "biomarkers": draw(markers(patient.get("biomarkers", []), lines)),
        "findings": findings,
        "consent": consent,
        "performance": [{"scale": "ECOG", "value": 1, "date": "2026-01-01"}],
    }


def advice_on(knowledge: Knowledge, case: CaseData) -> Advice:
    data = {"schema": "tumorboard.case/1", "id": "drawn", "as_of": AS_OF, **case}
    return advise(case_from_data(data, knowledge.vocabulary, datetime.date.fromisoformat(AS_OF)), knowledge)


def completed(entry: CaseData) -> bool:
    return any(entry.get(name) for name in ("end", "progressed", "stopped_for"))


def poorer(case: CaseData) -> Iterator[tuple[str, CaseData]]:
    """The case with one thing not recorded, in every way that leaves the lines of therapy as they are.

    (Whether a line is completed is told by ``end``, ``progressed`` and ``stopped_for`` themselves, so the last of them
    stays.)
    """
    for key in ("treatments", "conditions", "biomarkers", "findings", "consent"):
        yield key, {name: value for name, value in case.items() if name != key}
    for key in ("biomarkers", "findings"):
        for index in range(len(case[key])):
            yield f"{key}[{index}]", {**case, key: case[key][:index] + case[key][index + 1 :]}
    for name in case["consent"]:
        yield f"consent.{name}", {**case, "consent": {k: v for k, v in case["consent"].items() if k != name}}
    for key, fields in (
        ("treatments", ("start", "end", "progressed", "progression", "stopped_for", "best_response")),
        ("conditions", ("histology",)),
    ):
        for index, entry in enumerate(case[key]):
            for name in fields:
                less = {k: v for k, v in entry.items() if k != name}
                is_last = index == len(case[key]) - 1
                if name in entry and (key != "treatments" or not is_last or completed(less) == completed(entry)):
                    entries = list(case[key])
                    entries[index] = less
                    yield f"{key}[{index}].{name}", {**case, key: entries}


def read_as_such(step: Step, wording: Wording) -> bool:
    """Whether the answer names an assumption it made from something not recorded."""
    return any("read as such" in text.en for text in wording.assumptions(step))


@pytest.mark.parametrize("patient", PATIENTS)
def test_one_thing_less_recorded_never_turns_one_known_answer_into_another(patient: str, knowledge: Knowledge) -> None:
    @DRAWN
    @given(case=cases(PATIENTS[patient]))
    def holds(case: CaseData) -> None:
        wording = Wording(knowledge.facts)
        full = advice_on(knowledge, case)
        for missing, less in poorer(case):
            poor = advice_on(knowledge, less)
            for now, then in zip(poor.situations, full.situations, strict=True):
                if now.verdict != "unknown" and not read_as_such(now.step, wording):
                    assert now.verdict == then.verdict, (
                        f"without {missing}: {now.situation.id} {then.verdict} → {now.verdict}"
                    )
            for name, step in poor.facts.items():
                if not step.value.known or isinstance(step.value, Labels) or read_as_such(step, wording):
                    continue
                assert step.value == full.facts[name].value, (
                    f"without {missing}: {name} {full.facts[name].value} → {step.value}"
                )

    holds()


# -- brute force -----------------------------------------------------------------------------------------------------


def inputs(case: CaseData) -> dict[str, list[CaseData]]:
    """Inputs with a closed list of values: the case without each, and every completion of it."""

    def marked(name: str, change: str, **more: Any) -> list[CaseData]:
        same = {"name": name, "change": change} if name == "EGFR" else {"name": name}
        rest = [entry for entry in case["biomarkers"] if not same.items() <= entry.items()]
        return [{"biomarkers": rest}] + [
            {"biomarkers": [*rest, {"name": name, "change": change, "result": result, **more}]}
            for result in ("present", "absent")
        ]

    def found(name: str, values: list[object]) -> list[CaseData]:
        rest = [finding for finding in case["findings"] if finding["name"] != name]
        return [{"findings": rest}] + [{"findings": [*rest, {"name": name, "value": value}]} for value in values]

    def agreed(name: str) -> list[CaseData]:
        rest = {key: value for key, value in case["consent"].items() if key != name}
        return [{"consent": rest}] + [{"consent": {**rest, name: value}} for value in (True, False)]

    def of_line(index: int, name: str, values: list[str]) -> list[CaseData]:
        changed = []
        for value in (None, *values):
            lines = copy.deepcopy(case["treatments"])
            lines[index].pop(name, None)
            if value is not None:
                lines[index][name] = value
            changed.append({"treatments": lines})
        return changed

    listed = {
        "ALK": marked("ALK", "fusion"),
        "ROS1": marked("ROS1", "fusion"),
        "stenosis": found("central airway stenosis", [True, False]),
        "distal function": found("distal lung function", ["preserved", "recoverable", "lost"]),
        "organoid consent": agreed("organoid testing"),
        "MiniPDX consent": agreed("MiniPDX testing"),
    }
    if any(b["name"] == "EGFR" and b["result"] == "present" for b in case["biomarkers"]):
        listed["T790M"] = marked("EGFR", "T790M", specimen="tissue", date="2026-02-01")
    else:
        listed["HER2"] = marked("ERBB2", "mutation")
    for index, entry in enumerate(case["treatments"]):
        if "end" in entry:
            listed[f"progression of line {index + 1}"] = of_line(index, "progression", SPREADS)
            listed[f"best response in line {index + 1}"] = of_line(index, "best_response", RESPONSES)
            gone = [reason for reason in REASONS if entry.get("progressed") == entry["end"] or reason != "progression"]
            listed[f"end of line {index + 1}"] = of_line(index, "stopped_for", gone)
    return listed


def verdicts(verdict: str) -> set[str]:
    return {"met", "not met"} if verdict == "unknown" else {verdict}


def statuses(advice: Advice) -> dict[str, str]:
    return {answer.option.id: str(answer.status) for answer in advice.options}


@pytest.mark.parametrize("patient", PATIENTS)
def test_unknown_is_said_exactly_where_completions_of_the_missing_inputs_differ(
    patient: str, knowledge: Knowledge
) -> None:
    @DRAWN
    @given(case=cases(PATIENTS[patient]), data=st.data())
    def holds(case: CaseData, data: st.DataObject) -> None:
        names = sorted(inputs(case))
        pair = data.draw(st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True))
        for chosen in (*([name] for name in names), pair):
            check_completions(knowledge, case, chosen)

    holds()


def check_completions(knowledge: Knowledge, case: CaseData, chosen: list[str]) -> None:
    """The answer without the chosen inputs against those with each of their values."""
    wording = Wording(knowledge.facts)
    less, completions = case, [case]
    for name in chosen:
        less = {**less, **inputs(less)[name][0]}
        completions = [{**one, **value} for one in completions for value in inputs(one)[name][1:]]
    reported, answers = advice_on(knowledge, less), [advice_on(knowledge, one) for one in completions]
    assumed = {answer.situation.id for answer in reported.situations if read_as_such(answer.step, wording)}
    for index, answer in enumerate(reported.situations):
        united = set().union(*(verdicts(each.situations[index].verdict) for each in answers))
        said = f"without {chosen}: {answer.situation.id} is said to be {answer.verdict}"
        assert answer.situation.id in assumed or united == verdicts(answer.verdict), said
    told, completed_statuses = statuses(reported), [statuses(each) for each in answers]
    for situation, option in itertools.chain.from_iterable(g.options() for g in knowledge.guidelines.values()):
        seen = {one.get(option.id, "absent") for one in completed_statuses}
        now = told.get(option.id, "absent")
        if not option.recommended or situation.id in assumed:
            continue
        said = f"without {chosen}: {option.id} is said to be {now}, completions make it {sorted(seen)}"
        if now == "possible":
            assert "possible" in seen or ("applies" in seen and len(seen) > 1), said
        elif now == "excluded":
            assert "excluded" in seen and seen <= {"excluded", "absent"}, said
        else:
            assert seen == {now}, said


# -- both languages --------------------------------------------------------------------------------------------------


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def all_texts(knowledge: Knowledge) -> Iterator[tuple[str, Any]]:
    for guideline in knowledge.guidelines.values():
        yield guideline.id, guideline.name
        yield guideline.id, guideline.scope_name
        for entry in guideline.not_covered:
            yield f"{guideline.id} not covered", entry.because
        for strategy in guideline.strategies.values():
            yield strategy.id, strategy.name
        if guideline.grading is not None:
            for name, text in (*guideline.grading.levels.items(), *guideline.grading.strengths.items()):
                yield f"grading {name}", text
        for situation in guideline.situations:
            yield situation.id, situation.name
            for remark in situation.remarks:
                yield f"remark of {situation.id}", remark.text
            if situation.under_study is not None:
                yield f"under study in {situation.id}", situation.under_study.text
            for option in situation.options:
                for remark in option.remarks:
                    yield f"remark of {option.id}", remark.text
                for condition in option.conditions:
                    yield f"condition of {option.id}", condition.text
                for exclusion in option.exclusions:
                    yield f"exclusion of {option.id}", exclusion.because
                for caution in option.cautions:
                    yield f"caution of {option.id}", caution.text
    for cautions in knowledge.cautions.values():
        for caution in cautions:
            yield "caution", caution.text
    for fact in knowledge.facts.definitions.values():
        yield f"{fact.id}: about", fact.about
        for reason, text in fact.undecided.items():
            yield f"{fact.id}: {reason}", text
    for parameter in knowledge.facts.parameters.values():
        yield parameter.id, parameter.name


def test_every_text_is_there_in_both_languages_and_the_chinese_is_chinese(knowledge: Knowledge) -> None:
    texts = [(place, text) for place, text in all_texts(knowledge) if text is not None]
    assert len(texts) > 200
    assert [place for place, text in texts if not text.en.strip() or not text.zh.strip()] == []
    assert [place for place, text in texts if not is_chinese(text.zh)] == []


@pytest.mark.parametrize("patient", PATIENTS)
def test_advice_in_chinese_says_the_same_as_in_english(patient: str, knowledge: Knowledge) -> None:
    @DRAWN
    @given(case=cases(PATIENTS[patient]))
    def holds(case: CaseData) -> None:
        advice = advice_on(knowledge, case)
        english, chinese = (advice_record(advice, knowledge, language) for language in ("en", "zh"))
        for key in ("situations", "options", "not_covered", "questions"):
            assert len(english[key]) == len(chinese[key])
        for there, here in zip(english["options"], chinese["options"], strict=True):
            assert (there["id"], there["status"], there["missing"]) == (here["id"], here["status"], here["missing"])
            assert len(there["cautions"]) == len(here["cautions"])
        for entry in (*chinese["situations"], *chinese["options"], *chinese["not_covered"]):
            assert is_chinese(entry["because"])
        for question in chinese["questions"]:
            assert question["text"]["en"].strip()
            assert is_chinese(question["text"]["zh"]), question["text"]["zh"]

    holds()


@pytest.mark.parametrize("guideline", ["refractory-lung-cancer-2023"])
def test_each_example_of_the_guideline_is_in_the_situations_it_names(guideline: str, knowledge: Knowledge) -> None:
    examples = knowledge.guidelines[guideline].examples
    assert examples
    for example in examples:
        advice = advice_on(knowledge, dict(example["case"]))
        ours = [answer for answer in advice.situations if answer.guideline.id == guideline]
        assert [a.situation.id for a in ours if a.verdict == "met"] == example["met"]
        assert [a.situation.id for a in ours if a.verdict == "unknown"] == example["unknown"]
