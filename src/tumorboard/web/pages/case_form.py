"""The case file as a form and back: one field an entry's key, named by its place (``labs[1].value``).

The form is made from the case file's own model, so that it can't lack a key; what a person types goes to the same
checks as a file. A field that can't be read as what it should be is passed on as typed: the check names it.
"""

from __future__ import annotations

import datetime
import re
import types
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tumorboard.case.model import COMPLETE, CaseFile
from tumorboard.data import parse
from tumorboard.errors import InvalidInput
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.words import ASKED, COLUMN, NO, SECTION, YES
from tumorboard.text import Language, Text
from tumorboard.web.pages.words import WORDS

Kind = Literal["text", "number", "date", "truth", "list", "choice", "structure", "plain"]
_PLACE = re.compile(r"(?P<section>\w+)(?:\[(?P<index>\d+)\])?(?:\.(?P<key>.+))?")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_NONE = ("none", "无", "[]")  # an empty list, as people write it
_COMMA = re.compile(r"[,，、;；]")
FIRST = ("conditions", "performance", "biomarkers", "treatments")  # what one fills in first
_OWN_WORDS = {
    ("treatments", "agents"): "agents list", ("imaging", "pattern"): "pattern list",
    ("treatments", "cycles"): "cycles count",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its ``place``, what it takes, and what it holds as text. ``choices`` are (value, shown)."""

    place: str
    label: str
    kind: Kind
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    suggestions: str = ""


@dataclass(frozen=True, slots=True)
class EntryForm:
    place: str
    number: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the case file. ``many``: a list of entries; ``complete``: where its being empty means something."""

    name: str
    label: str
    many: bool
    entries: tuple[EntryForm, ...]
    complete: bool = False
    given: bool = True


def sections_of(data: Mapping[str, Any], knowledge: Knowledge, language: Language) -> tuple[Section, ...]:
    """The form of a case file's data: what one fills in first, the rest in the order of the model."""
    return tuple(_Writer(knowledge, language).sections(data))


def data_of(form: Mapping[str, str]) -> dict[str, Any]:
    """The data of a case file in a form's fields; entries without a value are left out."""
    data: dict[str, Any] = {"schema": "tumorboard.case/1"}
    listed: dict[str, dict[int, dict[str, Any]]] = {}
    for name, text in form.items():
        found = _PLACE.fullmatch(name)
        if found is None or found["section"] not in _kinds(CaseFile):
            continue
        section, index, key = found["section"], found["index"], found["key"]
        value = _read(text.strip(), _kind(section, key))
        if index is not None and key:
            entry = listed.setdefault(section, {}).setdefault(int(index), {})
            if value is not None:
                entry[key] = value
        elif key and value is not None:
            data.setdefault(section, {})[key] = value
        elif value is not None and key is None:
            data[section] = value
    for section, entries in listed.items():
        kept = [entry for _, entry in sorted(entries.items()) if entry]
        if kept:
            data[section] = kept
    for section in COMPLETE:
        if form.get(f"given-{section}") == "none" and section not in data:
            data[section] = []
    return data


def changed(form: Mapping[str, str]) -> dict[str, str]:
    """The fields with what an add or remove button asked for done: an empty entry more, or one less."""
    fields = dict(form)
    if gone := fields.pop("remove", None):
        fields = {name: value for name, value in fields.items() if not name.startswith(f"{gone}.")}
    return fields


class _Writer:
    def __init__(self, knowledge: Knowledge, language: Language) -> None:
        self.terms, self.language = knowledge.vocabulary.terms, language

    def sections(self, data: Mapping[str, Any]) -> Iterator[Section]:
        plain = [name for name, info in CaseFile.model_fields.items() if self.is_plain(info) and name != "schema_"]
        fields = tuple(self.field("", name, CaseFile.model_fields[name], data.get(name)) for name in plain)
        yield Section("patient", self.word("patient section"), False, (EntryForm("", 0, fields),))
        for name in dict.fromkeys((*FIRST, *CaseFile.model_fields)):
            if name not in plain and name != "schema_":
                yield self.section(name, CaseFile.model_fields[name], data.get(name))

    def is_plain(self, info: FieldInfo) -> bool:
        return _entry_model(info) is None and _kind_of(info) != "structure"

    def section(self, name: str, info: FieldInfo, value: Any) -> Section:
        label, model = self.label(name), _entry_model(info)
        if model is None:
            named = self.terms.named["consents" if name == "consent" else "eligibility"]
            keys = dict.fromkeys((*named.terms, *(value or {})))
            fields = tuple(
                Field(f"{name}.{key}", named.terms[key].name[self.language] if key in named.terms else key, "truth",
                      _written((value or {}).get(key)))
                for key in keys
            )  # fmt: skip
            return Section(name, label, False, (EntryForm(name, 0, fields),))
        if get_origin(_plain_type(info)) is not list:
            return Section(name, label, False, (self.entry(name, name, 0, model, value or {}),))
        entries = tuple(
            self.entry(name, f"{name}[{index}]", index + 1, model, entry)
            for index, entry in enumerate(value or ())
            if isinstance(entry, Mapping)
        )
        return Section(name, label, True, entries, name in COMPLETE, value is not None)

    def entry(
        self, section: str, place: str, number: int, model: type[BaseModel], value: Mapping[str, Any]
    ) -> EntryForm:
        fields = tuple(
            self.field(section, name, info, value.get(name), f"{place}.") for name, info in model.model_fields.items()
        )
        return EntryForm(place, number, fields)

    def field(self, section: str, name: str, info: FieldInfo, value: Any, prefix: str = "") -> Field:
        kind, heading = _kind_of(info), _heading(info)
        choices: tuple[tuple[str, str], ...] = ()
        if heading is not None and kind == "choice":
            terms = self.terms.lists[heading].terms
            choices = tuple((id_, term.name[self.language]) for id_, term in terms.items())
            found = self.terms.lists[heading].find(value) if isinstance(value, str) else None
            value = found.id if found else value
            if value and found is None:
                choices = (*choices, (str(value), str(value)))  # not in the list: the check will say so
        label = self.label(name, section)
        return Field(f"{prefix}{name}", label, kind, _written(value), choices, _SUGGESTED.get((section, name), ""))

    def label(self, name: str, section: str = "") -> str:
        own = _OWN_WORDS.get((section, name), name)
        text = WORDS.get(own) or (SECTION.get(name) if not section else None) or COLUMN.get(name) or ASKED.get(name)
        text = text or Text(name, name)
        label = text[self.language]
        return label[:1].upper() + label[1:]

    def word(self, key: str) -> str:
        return WORDS[key][self.language]


# Which list of the page offers what a field may name.
_SUGGESTED = {
    ("conditions", "disease"): "diseases", ("biomarkers", "name"): "genes", ("labs", "name"): "analytes",
    ("labs", "unit"): "units", ("findings", "name"): "observations", ("metastases", "site"): "sites",
    ("vitals", "name"): "vitals", ("biomarkers", "assay"): "assay", ("biomarkers", "specimen"): "specimen",
}  # fmt: skip


def suggestions(knowledge: Knowledge, language: Language) -> dict[str, tuple[tuple[str, str], ...]]:
    """Names the vocabulary knows, for fields that take any spelling."""
    terms = knowledge.vocabulary.terms
    named = {name: _offered(terms.named[name].terms, language) for name in ("observations", "sites", "vitals")}
    lists = {heading: _offered(terms.lists[heading].terms, language) for heading in ("assay", "specimen")}
    return (
        named
        | lists
        | {
            "diseases": _offered(terms.diseases.terms, language),
            "analytes": tuple((id_, analyte.name[language]) for id_, analyte in terms.analytes.items()),
            "units": tuple((id_, id_) for id_ in terms.units.spellings),
            "genes": tuple((gene.symbol, ", ".join(gene.names)) for gene in knowledge.vocabulary.alterations.genes),
        }
    )


def _offered(terms: Mapping[str, Any], language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((id_, term.name[language]) for id_, term in terms.items())


# -- what a key of the model takes ---------------------------------------------------------------------------------


def _plain_type(info: FieldInfo) -> Any:
    """The type without ``None`` and annotations."""
    return _bare(info.annotation)


def _bare(kind: Any) -> Any:
    while True:
        if get_origin(kind) in (Union, types.UnionType):
            inner = [one for one in get_args(kind) if one is not type(None)]
            if len(inner) > 1:
                return kind
            kind = inner[0]
        elif hasattr(kind, "__metadata__"):
            kind = kind.__origin__
        else:
            return kind


def _entry_model(info: FieldInfo) -> type[BaseModel] | None:
    kind = _plain_type(info)
    if get_origin(kind) is list:
        kind = _bare(get_args(kind)[0])
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _heading(info: FieldInfo) -> str | None:
    """The closed list a key takes its values from."""
    todo: list[Any] = [info.annotation, *info.metadata]
    while todo:
        one = todo.pop()
        if heading := getattr(one, "heading", None):
            return str(heading)
        todo += [*getattr(one, "__metadata__", ()), *get_args(one)]
    return None


def _kind_of(info: FieldInfo) -> Kind:
    kind = _plain_type(info)
    if get_origin(kind) is list:
        inner = _bare(get_args(kind)[0])
        structured = get_origin(inner) is dict or (isinstance(inner, type) and issubclass(inner, BaseModel))
        return "structure" if structured else "list"
    if get_origin(kind) is dict:
        return "structure"
    if get_origin(kind) in (Union, types.UnionType):
        return "plain"
    if kind is bool:
        return "truth"
    if kind in (int, Decimal):
        return "number"
    if kind is datetime.date:
        return "date"
    return "choice" if _heading(info) else "text"


@cache
def _kinds(model: type[BaseModel]) -> dict[str, Kind]:
    return {name: _kind_of(info) for name, info in model.model_fields.items()}


def _kind(section: str, key: str | None) -> Kind:
    if key is None:
        return _kinds(CaseFile)[section]
    model = _entry_model(CaseFile.model_fields[section])
    return "truth" if model is None else _kinds(model).get(key, "text")


# -- values and their text -----------------------------------------------------------------------------------------


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value == []:
        return _NONE[0]  # looked for and none seen, which is more than not recorded
    if isinstance(value, list) and not any(isinstance(one, Mapping) for one in value):
        return ", ".join(map(str, value))
    if isinstance(value, list | Mapping):
        return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_flow_style=True, width=10_000).strip()
    return str(value)


def _read(text: str, kind: Kind) -> Any:
    """What was typed as what it should be; ``None`` where nothing was."""
    if not text:
        return None
    match kind:
        case "date":
            return _day(text)
        case "truth":
            return {"true": True, "false": False}.get(text, text)
        case "number":
            return _number(text)
        case "list" | "structure" if text.casefold() in _NONE:
            return []
        case "list":
            return [_number(part.strip()) for part in _COMMA.split(text) if part.strip()]
        case "structure":
            try:
                return parse(text, "form.yaml")
            except InvalidInput:
                return text
        case "plain":
            return {"true": True, "false": False}.get(text, _number(text))
    return text


def _day(text: str) -> str:
    """A day as people write it (2026/3/1, 2026.3.1, 2026年3月1日) as the case file has it; else as typed."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text))
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else text


def _number(text: str) -> Any:
    digits = unicodedata.normalize("NFKC", text)  # those of a Chinese keyboard too
    try:
        return (Decimal(digits) if "." in digits else int(digits)) if _NUMBER.fullmatch(digits) else text
    except InvalidOperation:
        return text


# -- for pages that ask for single keys ----------------------------------------------------------------------------


def takes_truth(model: type[BaseModel], key: str) -> bool:
    return _kinds(model)[key] == "truth"


def closed_list(section: str, key: str, knowledge: Knowledge) -> Mapping[str, Text]:
    """What a key of a section's entries may be, where that is one of a few; else empty."""
    model = _entry_model(CaseFile.model_fields[section]) if section in CaseFile.model_fields else None
    if model is None or key not in model.model_fields:
        return {}
    if takes_truth(model, key):
        return {"true": YES, "false": NO}
    heading = _heading(model.model_fields[key])
    terms = knowledge.vocabulary.terms.lists[heading].terms if heading else {}
    return {id_: term.name for id_, term in terms.items()}


def choices_of(
    model: type[BaseModel], key: str, knowledge: Knowledge, language: Language
) -> tuple[tuple[str, str], ...]:
    """The closed list a key takes its values from, as (value, shown); empty where it takes anything else."""
    heading = _heading(model.model_fields[key])
    terms = knowledge.vocabulary.terms.lists[heading].terms if heading else {}
    return _offered(terms, language)
