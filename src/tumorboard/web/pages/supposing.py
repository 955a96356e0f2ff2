"""What-if: the record with something supposed beside it, so that nobody has to touch the record to ask.

A supposition is one line: ``biomarkers: MET amplification = present``, ``findings: haemoptysis = true``,
``performance: ECOG = 2``. It is dated on the day of the board.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tumorboard.case.read import Case
from tumorboard.case.write import case_data
from tumorboard.errors import InvalidInput, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.words import NO, YES
from tumorboard.report.words import WORDS
from tumorboard.text import Text
from tumorboard.vocabulary.terms import Terms
from tumorboard.web.pages.worksheet import case_of

_LINE = re.compile(r"(?P<section>biomarkers|findings|consent|eligibility|performance): (?P<name>.+) = (?P<value>\S+)")
_RESULTS = {"present": WORDS["present"], "absent": WORDS["absent"]}
_TRUTHS = {"true": YES, "false": NO}
# The lists of the vocabulary that hold what a section of the case file may name.
_NAMED = {"findings": "observations", "consent": "consents", "eligibility": "eligibility"}


@dataclass(frozen=True, slots=True)
class Supposition:
    """One thing supposed: ``line`` is its fixed form, ``shown`` what a person reads."""

    line: str
    section: str
    name: str
    value: str
    shown: Text


def supposition(line: str, knowledge: Knowledge) -> Supposition:
    """The line, read. Raises InvalidInput where it supposes nothing that can be supposed."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise InvalidInput(Problem("", f"{line!r} is no supposition", "biomarkers: MET amplification = present"))
    section, name, value = found["section"], found["name"], found["value"]
    match section:
        case "biomarkers":
            parsed = knowledge.vocabulary.alterations.parse(name)
            words, called = _RESULTS, knowledge.vocabulary.alterations.name(parsed.id)
        case "performance":
            words = {value: Text(value, value)} if value.isdigit() else {}
            called = Text(name, name)
        case _:
            words, called = _TRUTHS, _named(section, knowledge).read(name, "").name
    if value not in words:
        raise InvalidInput(Problem(name, f"{value!r} can't be supposed", " | ".join(words) or "a whole number"))
    return Supposition(line, section, name, value, WORDS["marked"].format(name=called, mark=words[value]))


def supposed_case(case: Case, supposed: Sequence[Supposition], knowledge: Knowledge) -> Case:
    """The case as it would be; a supposition stands for what the record says of the same thing on that day. Raises
    InvalidInput where the case would not be one."""
    day = case.as_of.isoformat()
    data = case_data(case.file) | {"as_of": day}
    for one in supposed:
        match one.section:
            case "biomarkers":
                entry = _biomarker(one, knowledge) | {"date": day}
                _put(data, one.section, entry, ("name", "change", "date"))
            case "findings":
                _put(data, one.section, {"name": one.name, "value": one.value == "true", "date": day}, ("name", "date"))
            case "performance":
                _put(data, one.section, {"scale": one.name, "value": int(one.value), "date": day}, ("scale", "date"))
            case _:
                data[one.section] = {**(data.get(one.section) or {}), one.name: one.value == "true"}
    return case_of(data, knowledge)


def would_answer(ask: str, knowledge: Knowledge) -> tuple[Supposition, ...]:
    """The suppositions that would answer a question in its fixed form; none where an answer is more than yes or no."""
    section, _, name = ask.partition(": ")
    if section == "biomarkers" and name:
        words = _RESULTS
    elif section in _NAMED and (term := _named(section, knowledge).find(name)) and term.note.get("type") == "truth":
        words = _TRUTHS
    else:
        return ()
    return tuple(supposition(f"{section}: {name} = {value}", knowledge) for value in words)


def _named(section: str, knowledge: Knowledge) -> Terms:
    return knowledge.vocabulary.terms.named[_NAMED[section]]


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
