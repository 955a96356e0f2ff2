"""From case-file text to a checked case, with every slip named by its place."""

from __future__ import annotations

import datetime
import difflib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tumorboard.case.model import CaseFile, Entry, Imaging, Treatment
from tumorboard.case.rows import Table
from tumorboard.case.tables import build_tables
from tumorboard.data import parse, read_text
from tumorboard.errors import InvalidInput, Problem
from tumorboard.vocabulary.library import Vocabulary

_MOST = 5000  # entries of one list


@dataclass(frozen=True)
class Case:
    """One patient: the file as written, the tables rules read, and what of the file no rule understands."""

    file: CaseFile
    as_of: datetime.date
    tables: Mapping[str, Table]
    not_understood: tuple[Problem, ...]
    notices: tuple[Problem, ...]

    @property
    def id(self) -> str:
        return self.file.id


def read_case(path: Path, vocabulary: Vocabulary, today: datetime.date) -> Case:
    """The case in a YAML or JSON file. Raises InvalidInput naming each wrong entry, NotFound without the file."""
    return case_from_data(parse(read_text(path), path.name), vocabulary, today)


def case_from_data(data: object, vocabulary: Vocabulary, today: datetime.date) -> Case:
    """The case in parsed data. ``today`` is used, and said to be, where the file gives no ``as_of``."""
    if not isinstance(data, dict):
        raise InvalidInput(Problem("", "is not a case file", "it starts with `schema: tumorboard.case/1`"))
    try:
        file = CaseFile.model_validate(data, context={"terms": vocabulary.terms})
    except ValidationError as error:
        raise InvalidInput(*map(_problem, error.errors())) from error
    as_of = file.as_of or today
    notices = () if file.as_of else (Problem("as_of", "not given", f"today, {today}, is used"),)
    if problems := (*_too_many(file), *_wrong_dates(file), *_wrong_lines(file), *_wrong_sizes(file)):
        raise InvalidInput(*problems)
    tables, understood = build_tables(file, vocabulary, as_of)
    return Case(file, as_of, tables, (*_unknown_keys(file, ""), *understood), notices)


def place_of(loc: tuple[str | int, ...]) -> str:
    """``labs[1].value`` from pydantic's path; names of validators inside the path are dropped."""
    place = ""
    for step in loc:
        if isinstance(step, int):
            place += f"[{step}]"
        elif "(" not in step and "[" not in step:
            place += f".{step}" if place else step
    return place


def _problem(error: Any) -> Problem:
    kind, place = error["type"], place_of(error["loc"])
    if kind == "missing":
        return Problem(place, "is missing")
    if kind == "case":
        what, _, mend = error["ctx"]["message"].partition("; ")
        return Problem(place, what, mend)
    if kind in ("list_type", "dict_type"):
        return Problem(place, f"{_short(error['input'])} is not a {'list' if kind == 'list_type' else 'set of keys'}")
    if kind == "literal_error":
        return Problem(place, f"{_short(error['input'])} is not known", f"use {error['ctx']['expected']}")
    return Problem(place, f"{_short(error['input'])}: {error['msg']}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _unknown_keys(entry: BaseModel, place: str) -> Iterator[Problem]:
    for key in entry.model_extra or ():
        near = difflib.get_close_matches(key, type(entry).model_fields, 1)
        mend = f"did you mean {near[0]}?" if near else ""
        yield Problem(f"{place}.{key}".lstrip("."), "is no key of this form and was not read", mend)
    for name, value in vars(entry).items():
        if isinstance(value, Entry):
            yield from _unknown_keys(value, f"{place}.{name}".lstrip("."))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, Entry):
                    yield from _unknown_keys(item, f"{place}.{name}[{index}]".lstrip("."))


def _too_many(file: CaseFile) -> Iterator[Problem]:
    for name, entries in vars(file).items():
        if isinstance(entries, list) and len(entries) > _MOST:
            yield Problem(name, f"{len(entries)} entries", f"at most {_MOST} of one patient")


def _wrong_dates(file: CaseFile) -> Iterator[Problem]:
    if file.birth_date and file.as_of and file.birth_date > file.as_of:
        yield Problem("birth_date", f"{file.birth_date} is after as_of, {file.as_of}")
    for index, treatment in enumerate(file.treatments or ()):
        for name in ("end", "progressed"):
            day = getattr(treatment, name)
            if day and treatment.start and day < treatment.start:
                yield Problem(f"treatments[{index}].{name}", f"{day} is before the start, {treatment.start}")
    for index, drug in enumerate(file.medication or ()):
        if drug.start and drug.end and drug.end < drug.start:
            yield Problem(f"medication[{index}].end", f"{drug.end} is before the start, {drug.start}")
    if not file.birth_date:
        return
    for name in ("conditions", "metastases", "biomarkers", "treatments", "procedures", "labs", "imaging", "findings"):
        for index, entry in enumerate(getattr(file, name) or ()):
            for key in ("date", "diagnosed", "start"):
                day = getattr(entry, key, None)
                if day and day < file.birth_date:
                    yield Problem(f"{name}[{index}].{key}", f"{day} is before the birth date, {file.birth_date}")


def _wrong_lines(file: CaseFile) -> Iterator[Problem]:
    """One entry a line, maintenance apart; later lines don't start before earlier ones."""
    main: dict[int, tuple[int, Treatment]] = {}
    entries = list(enumerate(file.treatments or ()))
    for index, entry in entries:
        place = f"treatments[{index}].line"
        if entry.line is None:
            if entry.intent in ("palliative", "maintenance"):
                yield Problem(place, "is missing", "number the lines of therapy 1, 2, 3 …")
            continue
        if entry.intent == "maintenance":
            continue
        if entry.line in main and _same_course(main[entry.line][1], entry):
            yield Problem(
                place,
                f"line {entry.line} is given twice (treatments[{main[entry.line][0]}] has it too)",
                "give each line its own number, or mark maintenance with `intent: maintenance`",
            )
            continue
        main.setdefault(entry.line, (index, entry))
    for index, entry in entries:
        if entry.intent == "maintenance" and entry.line is not None and entry.line not in main:
            yield Problem(
                f"treatments[{index}].line", f"maintenance of line {entry.line}, which has no entry of its own"
            )
    numbered = sorted((line, index, entry.start) for line, (index, entry) in main.items() if entry.start)
    for (line, _, start), (later, index, later_start) in itertools.pairwise(numbered):
        if start and later_start and later_start < start:
            yield Problem(
                f"treatments[{index}].start", f"line {later} starts {later_start}, before line {line} on {start}"
            )


def _wrong_sizes(file: CaseFile) -> Iterator[Problem]:
    """Numbers and sizes of liver tumours that contradict each other."""
    for index, imaging in enumerate(file.imaging or ()):
        yield from _wrong_sizes_of(imaging, f"imaging[{index}]")


def _wrong_sizes_of(imaging: Imaging, place: str) -> Iterator[Problem]:
    number, largest, sizes = imaging.tumours, imaging.largest_cm, imaging.sizes_cm or []
    for position, size in enumerate(sizes):
        if size == 0:
            yield Problem(f"{place}.sizes_cm[{position}]", "a tumour of 0 cm", "leave it out")
        elif largest is not None and size > largest:
            yield Problem(f"{place}.largest_cm", f"{largest} is smaller than a listed size, {size}")
    if number is not None and len(sizes) > number:
        yield Problem(f"{place}.sizes_cm", f"{len(sizes)} sizes of {number} tumours", "list each tumour once")
    if largest and number == 0 and not sizes:
        yield Problem(
            f"{place}.largest_cm", f"{largest} cm without a tumour", "correct `tumours`, or leave the size out"
        )
    if largest == 0 and number != 0:
        yield Problem(
            f"{place}.largest_cm", "a tumour of 0 cm", "leave it out, or write `tumours: 0` where there is none"
        )


def _same_course(first: Treatment, second: Treatment) -> bool:
    return first.intent == second.intent or "palliative" in (first.intent, second.intent)
