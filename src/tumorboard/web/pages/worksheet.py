"""The case on the table: it travels inside the page's form, never in an address, and is kept nowhere unless saved."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from tumorboard.advice.given import case_given
from tumorboard.case.read import Case
from tumorboard.case.write import case_yaml, data_yaml
from tumorboard.data import parse
from tumorboard.errors import InvalidInput, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.web.pages.case_form import data_of
from tumorboard.web.pages.forms import fields_of


@dataclass(frozen=True, slots=True)
class Worksheet:
    """``text`` is the case file; ``option`` the option looked at; ``supposed`` what is supposed beside the record.

    ``earlier`` is an earlier version to compare with. ``saved`` and ``based_on`` name the stored case and the version
    the text came from, where it came from a board.
    """

    text: str = ""
    option: str = ""
    supposed: tuple[str, ...] = ()
    earlier: str = ""
    saved: str = ""
    based_on: str = ""


def worksheet_of(form: FormData) -> Worksheet:
    """The worksheet as the page's form carries it, with what its last button asked for done."""
    kept = [item for item in _all(form, "supposed") if item != _one(form, "drop")]
    if _one(form, "drop") == "all":
        kept = []
    added = [_one(form, "suppose"), _supposed(form)]
    text = data_yaml(data_of(fields_of(form))) if form.get("fields") else _one(form, "text")
    return Worksheet(
        text=text,
        option=_one(form, "option") or _one(form, "shown_option"),
        supposed=tuple(dict.fromkeys([*kept, *filter(None, added)])),
        earlier=_one(form, "earlier"),
        saved=_one(form, "saved"),
        based_on=_one(form, "based_on"),
    )


def _supposed(form: FormData) -> str:
    """What the button beside it says is supposed, as its line; empty where nothing was filled in."""
    match _one(form, "add_supposition"):
        case "biomarker":
            name, value = _one(form, "suppose_name").strip(), _one(form, "suppose_result")
            return f"biomarkers: {name} = {value}" if name else ""
        case "entry":
            return _one(form, "suppose_entry")
        case "lab":
            name, value = _one(form, "suppose_lab"), _one(form, "suppose_value").strip()
            return f"labs: {name} = {value}" if name and value else ""
    return ""


def read_worksheet(text: str, knowledge: Knowledge) -> tuple[Case, str]:
    """The case in a case file or FHIR bundle, and its text as a case file. Raises InvalidInput with each slip."""
    if not text.strip():
        raise InvalidInput(Problem("", "no case is given", "choose a file, or paste a case file or FHIR bundle"))
    data = parse(text, "case.json" if text.lstrip()[:1] == "{" else "case.yaml")
    if isinstance(data, dict) and "resourceType" in data:
        case = case_of(data, knowledge)
        return case, case_yaml(case.file)
    return case_of(data, knowledge), text


def case_of(data: Any, knowledge: Knowledge) -> Case:
    """The case in the data of a case file or FHIR bundle, with what its measurements give."""
    return case_given(data, knowledge, datetime.date.today())


def _one(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _all(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str) and value]
