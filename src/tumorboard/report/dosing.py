"""A trial's doses for one patient as JSON and as lines of text: always the trial's dose, never an order."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tumorboard.advice.dosing import Dose, Dosing
from tumorboard.evidence.findings import Finding
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.values import Number
from tumorboard.report.names import Names
from tumorboard.report.record import possible
from tumorboard.text import Language, Text

NOT_AN_ORDER = Text("the trial's dose, not an order", "为该试验的剂量，并非医嘱")
_TENTH = Decimal("0.1")  # people read tenths; the record keeps every digit
_THOUSANDTH = Decimal("0.001")
_WORDS = {
    "study": Text("Study: {study}", "研究：{study}"),
    "head": Text("{name}: {notice}", "{name}：{notice}"),
    "who": Text(
        "Studied in: {who} (whether this patient is one of them is not judged here)",
        "研究人群：{who}（此处不判断本患者是否属于该人群）",
    ),
    "schedule": Text("Schedule in the trial: {schedule}", "试验中的周期：{schedule}"),
    "surface": Text("Body surface area: {area}", "体表面积：{area}"),
    "area": Text("{area} m² ({options})", "{area} m²（{options}）"),
    "unknown": Text("unknown", "未知"),
    "missing": Text("unknown; missing: {missing}", "未知；缺：{missing}"),
    "elsewhere": Text(
        "This case does not record the disease of the trial: {diseases}", "本病例未记录该试验所研究的疾病：{diseases}"
    ),
    "item": Text(
        "{drug}, {how}: the trial's dose {per_m2} {unit}/m²; the trial's dose for this patient: {dose}",
        "{drug}，{how}：试验剂量{per_m2} {unit}/m²；按该试验折算至本患者的剂量：{dose}",
    ),
    "quote": Text("“{quote}” ({place})", "“{quote}”（{place}）"),
    "place": Text(
        "{title}, {section}, characters {start} to {end}; {id}", "{title}，{section}，字符{start}～{end}；{id}"
    ),
    "section": Text("section {section}", "第{section}节"),
    "remark": Text("Remark: {remark}", "备注：{remark}"),
}


def dosing_record(found: Dosing, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    """The fixed JSON form; ``dose`` is not rounded and null where it is unknown."""
    regimen, definition = found.regimen, knowledge.facts.definitions[found.regimen.surface]
    known = found.surface.value.known
    return {
        "notice": NOT_AN_ORDER[language],
        "regimen": regimen.id,
        "name": regimen.name[language],
        "study": regimen.study,
        "population": regimen.who[language],
        "disease_recorded": found.recorded,
        "schedule": regimen.schedule[language],
        "schedule_quotes": [_quote(knowledge.findings.get(id_), knowledge) for id_ in regimen.schedule_findings],
        "status": "known" if known else "unknown",
        "missing": list(found.missing),
        "surface": {
            "value": _exact(found.surface.value),
            "range": None if known else possible(found.surface.value, definition.type),
            "unit": definition.type.unit,
        },
        "options": {name: str(knowledge.facts.settings[name]) for name in found.options(knowledge)},
        "items": [_item(dose, found, knowledge, language) for dose in found.doses],
        "knowledge": {"version": knowledge.version, "date": knowledge.date},
    }


def _item(dose: Dose, found: Dosing, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    finding = knowledge.findings.get(dose.item.finding)
    return {
        "drug": dose.item.drug,
        "how": dose.item.how[language],
        "trial_dose_per_m2": float(dose.item.per_m2),
        "trial_dose_for_this_patient": _exact(dose.dose),
        "range": None if dose.dose.known else possible(dose.dose, found.surface.node.type),
        "unit": dose.item.unit,
        **_quote(finding, knowledge),
        "remarks": [remark.text[language] for remark in finding.remarks],
    }


def _quote(finding: Finding, knowledge: Knowledge) -> dict[str, Any]:
    assert finding.place is not None, f"{finding.id} is printed nowhere"
    place = finding.place
    return {
        "finding": finding.id,
        "quote": place.quote,
        "source": knowledge.findings.source(finding.source).id,
        "section": place.section,
        "start": place.start,
        "end": place.end,
    }


def _exact(value: object) -> float | None:
    return float(value.low) if isinstance(value, Number) and value.known and value.low is not None else None


def dosing_lines(found: Dosing, knowledge: Knowledge, language: Language) -> Iterator[str]:
    """One regimen: the sentence that this is no order first and last, between them each dose with quote and place."""
    names, regimen = Names(knowledge.vocabulary, language), found.regimen

    def told(key: str, **parts: object) -> str:
        return _WORDS[key].format(**parts)[language]

    yield told("head", name=regimen.name, notice=NOT_AN_ORDER)
    yield "  " + told("study", study=regimen.study)
    yield "  " + told("who", who=regimen.who)
    if not found.recorded:
        either = " or " if language == "en" else "或"
        yield "  " + told("elsewhere", diseases=either.join(names.disease(name) for name in found.diseases))
    yield "  " + told("schedule", schedule=regimen.schedule)
    for id_ in regimen.schedule_findings:
        yield "    " + _cited(knowledge.findings.get(id_), knowledge, language)
    yield "  " + told("surface", area=_area(found, knowledge))
    for dose in found.doses:
        item, finding = dose.item, knowledge.findings.get(dose.item.finding)
        shown = _shown(dose.dose, _TENTH)
        amount = f"{shown} {item.unit}" if shown else _WORDS["unknown"]
        drug = names.agent(item.drug)
        per_m2 = format(item.per_m2, "f")
        yield "  " + told("item", drug=drug, how=item.how, per_m2=per_m2, unit=item.unit, dose=amount)
        yield "    " + _cited(finding, knowledge, language)
        for remark in finding.remarks:
            yield "    " + told("remark", remark=remark.text)
    yield f"  {NOT_AN_ORDER[language]}"
    yield f"  {knowledge.version}, {knowledge.date}"


def _cited(finding: Finding, knowledge: Knowledge, language: Language) -> str:
    place = finding.place
    assert place is not None, f"{finding.id} is printed nowhere"
    title = knowledge.findings.source(finding.source).title
    section = _WORDS["section"].format(section=place.section)
    printed_at = _WORDS["place"].format(title=title, section=section, start=place.start, end=place.end, id=finding.id)
    return _WORDS["quote"].format(quote=place.quote, place=printed_at)[language]


def _area(found: Dosing, knowledge: Knowledge) -> Text:
    area = found.surface.value
    assert isinstance(area, Number)
    shown = _shown(area, _THOUSANDTH)
    if shown is None:
        return _WORDS["missing"].format(missing=", ".join(found.missing))
    options = ", ".join(str(knowledge.facts.settings[name]) for name in found.options(knowledge))
    return _WORDS["area"].format(area=shown, options=options)


def _shown(value: Number, digits: Decimal) -> str | None:
    """The number to the nearest ``digits``, without zeros at its end; None where it isn't known."""
    if not value.known or value.low is None:
        return None
    text = format(Decimal(value.low).quantize(digits), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
