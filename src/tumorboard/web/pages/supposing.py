"""What-if: the record with something supposed beside it, so that nobody has to touch the record to ask.

A supposition is one line: ``biomarkers: MET amplification = present``, ``findings: ascites = slight``,
``performance: ECOG = 2``, ``labs: bilirubin = 40 umol/L``, dated on the day of the board; or an entry of the record
completed: ``treatments[0].progression = widespread``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tumorboard.case.read import Case
from tumorboard.case.write import case_data
from tumorboard.errors import InvalidInput, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.words import NO, SECTION, YES
from tumorboard.report.places import place_name
from tumorboard.report.words import WORDS
from tumorboard.text import Text
from tumorboard.vocabulary.terms import Term
from tumorboard.web.pages.case_form import closed_list
from tumorboard.web.pages.worksheet import case_of

_LINE = re.compile(r"(?P<section>\w+): (?P<name>.+) = (?P<value>.+)")
_ENTRY = re.compile(r"(?P<section>\w+)\[(?P<index>\d{1,4})\]\.(?P<name>\w+) = (?P<value>.+)")
_AMOUNT = re.compile(r"(?P<value>\d+(\.\d+)?)\s*(?P<unit>\S.*)?")
_RESULTS = {"present": WORDS["present"], "absent": WORDS["absent"]}
_TRUTHS = {"true": YES, "false": NO}
# The lists of the vocabulary that hold what a section of the case file may name.
_NAMED = {"findings": "observations", "consent": "consents", "eligibility": "eligibility"}
_MOST = 8  # values that are offered each by itself


@dataclass(frozen=True, slots=True)
class Supposition:
    """One thing supposed: ``line`` is its fixed form, ``value_shown`` and ``shown`` what a person reads.

    ``index`` is that of the entry that is completed; None where an entry of the day is added.
    """

    line: str
    section: str
    index: int | None
    name: str
    value: str
    value_shown: Text
    shown: Text


def supposition(line: str, knowledge: Knowledge) -> Supposition:
    """The line, read. Raises InvalidInput where it supposes nothing that can be supposed."""
    if found := _ENTRY.fullmatch(line):
        section, name, index = found["section"], found["name"], int(found["index"])
        words = closed_list(section, name, knowledge) if section in SECTION else {}
        called = place_name(section, index, name) if words else Text(name, name)
    elif found := _LINE.fullmatch(line):
        section, name, index = found["section"], found["name"], None
        called, words = _called(section, name, knowledge)
    else:
        raise InvalidInput(Problem("", f"{line!r} is no supposition", "biomarkers: MET amplification = present"))
    value = found["value"]
    if section == "labs" and index is None and _AMOUNT.fullmatch(value):
        words = {value: Text(value, value)}
    if value not in words:
        raise InvalidInput(Problem(name, f"{value!r} can't be supposed", " | ".join(words) or "a number with its unit"))
    shown = WORDS["marked"].format(name=called, mark=words[value])
    return Supposition(line, section, index, name, value, words[value], shown)


def _called(section: str, name: str, knowledge: Knowledge) -> tuple[Text, Mapping[str, Text]]:
    """What an entry of a section is called, and what it may be supposed to be. Raises InvalidInput."""
    terms = knowledge.vocabulary.terms
    match section:
        case "biomarkers":
            return knowledge.vocabulary.alterations.name(knowledge.vocabulary.alterations.parse(name).id), _RESULTS
        case "performance":
            scale = terms.lists["scale"].read(name, "performance")
            return scale.name, _values(scale)
        case "labs":
            if name not in terms.analytes:
                raise InvalidInput(Problem("labs", f"{name!r} is no laboratory value that is known"))
            return terms.analytes[name].name, {}
    if section not in _NAMED:
        raise InvalidInput(Problem(section, "can't be supposed", " | ".join(("biomarkers", "performance", *_NAMED))))
    term = terms.named[_NAMED[section]].read(name, section)
    return term.name, _values(term)


def _values(term: Term) -> Mapping[str, Text]:
    """What a named finding may be: yes or no, its labels, or the whole numbers of its range."""
    note = term.note
    if note.get("type") == "truth":
        return _TRUTHS
    if note.get("type") == "label":
        return {str(id_): Text(str(id_), zh) for id_, zh in note["values"].items()}
    if "range" in note and note.get("type") in (None, "whole"):
        low, high = (int(end) for end in note["range"])
        return {str(number): Text(str(number), str(number)) for number in range(low, high + 1)}
    return {}


# -- what is offered -------------------------------------------------------------------------------------------------


def would_answer(ask: str, knowledge: Knowledge) -> tuple[Supposition, ...]:
    """The suppositions that would answer a question in its fixed form; none where an answer is not one of a few."""
    if "[" in ask:
        section, _, rest = ask.partition("[")
        values = list(closed_list(section, rest.partition(".")[2], knowledge)) if section in SECTION else []
        lines = [f"{ask} = {value}" for value in values]
    else:
        section, _, name = ask.partition(": ")
        if not name or section not in ("biomarkers", "performance", *_NAMED):
            return ()
        if section in _NAMED and knowledge.vocabulary.terms.named[_NAMED[section]].find(name) is None:
            return ()
        lines = [f"{ask} = {value}" for value in _called(section, name, knowledge)[1]]
    return tuple(supposition(line, knowledge) for line in lines) if len(lines) <= _MOST else ()


def offered(knowledge: Knowledge) -> Iterator[tuple[Text, tuple[Supposition, ...]]]:
    """Everything but biomarkers and laboratory values that may be supposed, by what it is of."""
    terms = knowledge.vocabulary.terms
    asks = [f"performance: {name}" for name in terms.lists["scale"].terms]
    asks += [f"{section}: {name}" for section, heading in _NAMED.items() for name in terms.named[heading].terms]
    for ask in asks:
        if found := would_answer(ask, knowledge):
            yield _called(found[0].section, found[0].name, knowledge)[0], found


# -- the case as it would be -----------------------------------------------------------------------------------------


def supposed_case(case: Case, supposed: Sequence[Supposition], knowledge: Knowledge) -> Case:
    """The case as it would be; a supposition stands for what the record says of the same thing on that day. Raises
    InvalidInput where the case would not be one."""
    day = case.as_of.isoformat()
    data = case_data(case.file) | {"as_of": day}
    for one in supposed:
        if one.index is not None:
            _complete(data, one)
            continue
        match one.section:
            case "biomarkers":
                _put(data, one.section, _biomarker(one, knowledge) | {"date": day}, ("name", "change", "date"))
            case "findings":
                _put(data, one.section, {"name": one.name, "value": _plain(one.value), "date": day}, ("name", "date"))
            case "performance":
                _put(data, one.section, {"scale": one.name, "value": int(one.value), "date": day}, ("scale", "date"))
            case "labs":
                _put(data, one.section, {"name": one.name, **_amount(one.value), "date": day}, ("name", "date"))
            case _:
                data[one.section] = {**(data.get(one.section) or {}), one.name: _plain(one.value)}
    return case_of(data, knowledge)


def _complete(data: dict[str, Any], one: Supposition) -> None:
    """The entry of the record with what is supposed of it."""
    entries = list(data.get(one.section) or ())
    if one.index is None or one.index >= len(entries):
        raise InvalidInput(Problem(one.line, "the record has no such entry"))
    entries[one.index] = {**entries[one.index], one.name: _plain(one.value)}
    data[one.section] = entries


def _plain(value: str) -> object:
    if value in _TRUTHS:
        return value == "true"
    return int(value) if value.isdigit() else value


def _amount(value: str) -> dict[str, Any]:
    found = _AMOUNT.fullmatch(value)
    assert found is not None, "a supposition was read"
    return {"value": Decimal(found["value"])} | ({"unit": found["unit"].strip()} if found["unit"] else {})


def _biomarker(one: Supposition, knowledge: Knowledge) -> dict[str, Any]:
    """In tissue, so that it is not taken for a result that plasma alone can't give."""
    found = knowledge.vocabulary.alterations.parse(one.name)
    entry: dict[str, Any] = {"name": found.gene, "result": one.value, "specimen": "tissue"}
    return (
        entry
        | ({"change": found.change} if found.change else {})
        | ({"partner": found.partner} if found.partner else {})
    )


def _put(data: dict[str, Any], section: str, entry: dict[str, Any], same: Sequence[str]) -> None:
    """The entry in its section, in place of those of the same thing and day."""
    others = [one for one in data.get(section) or () if any(one.get(key) != entry.get(key) for key in same)]
    data[section] = [*others, entry]
