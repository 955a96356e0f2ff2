"""Reading measurements: the ``response`` list of a case file, or a YAML, JSON or CSV file of several patients.

A patients file is a list (or ``patients: […]``) of ``{id, start, death, last_contact, response: [entries]}``. A CSV
file has one row a time point: ``patient``, the keys of an entry, and ``start``, ``death``, ``last_contact`` (on any row
of the patient). An entry is ``{date, criteria, target_sum_mm, nontarget, new_lesions}`` or, in place of the sum,
``lesions: [{id, site, mm, node, target, status}]`` with ``slice_mm``; response/lesions.py says what they mean.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tumorboard.case.read import Case, case_from_data
from tumorboard.data import parse, read_text
from tumorboard.errors import InvalidInput, Problem
from tumorboard.response.criteria import Criteria
from tumorboard.response.entry import Entry
from tumorboard.response.model import Dates, Lesion, Nontarget, Patient, Status, Timepoint
from tumorboard.response.words import mm
from tumorboard.vocabulary.library import Vocabulary

_ENTRY = ("date", "criteria", "target_sum_mm", "nontarget", "new_lesions", "lesions", "slice_mm")
_LESION = ("id", "site", "mm", "node", "target", "status")
_PATIENT = ("id", "start", "death", "last_contact", "response")
_COLUMNS = (
    "patient",
    "date",
    "criteria",
    "target_sum_mm",
    "nontarget",
    "new_lesions",
    "start",
    "death",
    "last_contact",
)
_DATES = ("start", "death", "last_contact")
_TRUE, _FALSE = ("true", "yes", "1", "是", "有"), ("false", "no", "0", "否", "无")


@dataclass(frozen=True)
class ResponseReader:
    """Reads time points under the names of a vocabulary and the limits of the criteria."""

    criteria: Mapping[str, Criteria]
    vocabulary: Vocabulary

    def read_file(self, path: Path, today: datetime.date) -> list[Patient]:
        """Every patient of the file: a case file, a patients file, or CSV. InvalidInput naming each wrong entry."""
        text = read_text(path)
        if path.suffix.lower() == ".csv":
            return self.read_csv(text, path.name)
        data = parse(text, path.name)
        if isinstance(data, dict) and "patients" not in data:
            return [self.case_patient(case_from_data(data, self.vocabulary, today))]
        return self.read_patients(data)

    def case_patient(self, case: Case) -> Patient:
        """The measurements of a case up to the day of its board; the course starts with the newest line of therapy."""
        entries = [entry.model_dump(exclude_none=True) for entry in case.file.response or ()]
        timepoints = self.read_response(entries, "response")
        lines = case.tables["courses"].rows
        start = lines[-1].cells.get("start") if lines else None
        dates = Dates(
            start=datetime.date.fromordinal(start) if isinstance(start, int) else None,
            start_missing=lines[-1].place_of("start") if lines and start is None else "",
        )
        return Patient(case.id, tuple(t for t in timepoints if t.date <= case.as_of), dates)

    def read_patients(self, data: object, place: str = "") -> list[Patient]:
        """From the parsed data of a patients file."""
        listed = data.get("patients") if isinstance(data, dict) else data
        if not isinstance(listed, list):
            raise InvalidInput(Problem(place, "is neither a case file nor a list of patients"))
        name = f"{place}patients" if isinstance(data, dict) else place
        problems: list[Problem] = []
        patients: list[Patient] = []
        for index, item in enumerate(listed):
            entry = Entry(item, f"{name}[{index}]", _PATIENT)
            try:
                patients.append(self._patient(entry, patients))
            except InvalidInput as error:
                problems += error.problems
        if problems:
            raise InvalidInput(*problems)
        return patients

    def read_response(self, data: object, place: str = "response") -> list[Timepoint]:
        """The time points of one patient, oldest first; InvalidInput naming each wrong entry."""
        if data is None:
            return []
        if not isinstance(data, list):
            raise InvalidInput(Problem(place, "is not a list of measurements"))
        return self._timepoints([Entry(item, f"{place}[{index}]", _ENTRY) for index, item in enumerate(data)])

    def read_csv(self, text: str, name: str) -> list[Patient]:
        """From CSV with a heading; places are ``file:line``."""
        reader = csv.DictReader(io.StringIO(text), restkey="", strict=True)
        try:
            rows = [(reader.line_num, row) for row in reader]
        except csv.Error as error:
            raise InvalidInput(Problem(f"{name}:{reader.line_num}", f"is not CSV: {error}")) from error
        header = list(reader.fieldnames or ())
        wrong = [column for column in header if column not in _COLUMNS or header.count(column) > 1]
        if wrong:
            what = f"columns that are unknown or given twice: {', '.join(wrong)}"
            raise InvalidInput(Problem(f"{name}:1", what, f"use {', '.join(_COLUMNS)}"))
        grouped: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        for line, row in rows:
            if "" in row:
                raise InvalidInput(Problem(f"{name}:{line}", "has more cells than the heading"))
            cells = {column: value.strip() for column, value in row.items() if value and value.strip()}
            if "patient" not in cells:
                raise InvalidInput(Problem(f"{name}:{line}.patient", "is missing"))
            grouped.setdefault(cells.pop("patient"), []).append((f"{name}:{line}", cells))
        return [self._rows_of(patient, lines) for patient, lines in grouped.items()]

    def _rows_of(self, patient: str, lines: Sequence[tuple[str, dict[str, Any]]]) -> Patient:
        found: dict[str, tuple[str, str]] = {}
        entries = []
        for place, cells in lines:
            for key in _DATES:
                value = cells.pop(key, None)
                if value is not None and found.setdefault(key, (value, place))[0] != value:
                    raise InvalidInput(Problem(f"{place}.{key}", f"{value}, but {found[key][0]} at {found[key][1]}"))
            if "new_lesions" in cells:
                cells["new_lesions"] = _truth(cells["new_lesions"], f"{place}.new_lesions")
            entries.append(Entry(cells, place, _ENTRY))
        problems: list[Problem] = []
        days: dict[str, datetime.date | None] = dict.fromkeys(_DATES)
        for key, (value, place) in found.items():
            entry = Entry({key: value}, place, _DATES)
            days[key] = entry.date(key)
            problems += entry.problems
        if problems:
            raise InvalidInput(*problems)
        timepoints = self._timepoints(entries)
        dates = Dates(days["start"], days["death"], days["last_contact"])
        if wrong := _wrong_dates(dates, timepoints, {key: f"{place}.{key}" for key, (_, place) in found.items()}):
            raise InvalidInput(*wrong)
        return Patient(patient, tuple(timepoints), dates)

    def _patient(self, entry: Entry, others: Sequence[Patient]) -> Patient:
        id_ = entry.text("id", required=True) or ""
        if any(other.id == id_ for other in others):
            entry.fail("id", f"{id_} is given twice", "put the patient's time points into one list")
        dates = Dates(entry.date("start"), entry.date("death"), entry.date("last_contact"))
        entry.finish()
        timepoints = self.read_response(entry.get("response"), f"{entry.place}.response")
        if wrong := _wrong_dates(dates, timepoints, {key: f"{entry.place}.{key}" for key in _DATES}):
            raise InvalidInput(*wrong)
        return Patient(id_, tuple(timepoints), dates)

    def _timepoints(self, entries: Sequence[Entry]) -> list[Timepoint]:
        problems: list[Problem] = []
        timepoints: list[Timepoint] = []
        newest: dict[str, Timepoint] = {}
        for entry in entries:
            try:
                timepoint = self._timepoint(entry)
            except InvalidInput as error:
                problems += error.problems
                continue
            before = newest.get(timepoint.criteria)
            if before is not None and timepoint.date <= before.date:
                same = timepoint.date == before.date
                what = "is a second measurement of that day" if same else f"is before {before.date}, the entry above it"
                mend = f"one {timepoint.criteria} entry a day, oldest first"
                problems.append(Problem(f"{entry.place}.date", f"{timepoint.date} {what}", mend))
            newest[timepoint.criteria] = timepoint
            timepoints.append(timepoint)
        if problems:
            raise InvalidInput(*problems)
        return timepoints

    def _timepoint(self, entry: Entry) -> Timepoint:
        date = entry.date("date", required=True)
        name = entry.term("criteria", self.vocabulary.terms.lists["criteria"], required=True)
        criteria = self.criteria.get(name) if name else None
        if name and criteria is None:
            entry.fail("criteria", f"{name} can't be worked out", f"use {' | '.join(self.criteria)}")
        nontarget = entry.term("nontarget", self.vocabulary.terms.lists["nontarget"])
        total = entry.tenths("target_sum_mm")
        if criteria and total is not None:
            if 0 < total < criteria.too_small:
                least = mm(criteria.too_small)
                entry.fail(
                    "target_sum_mm",
                    f"{mm(total)} mm is below {least} mm, what a lesion too small to measure counts",
                    f"write {least} where one is still seen, 0 where all are gone, or list the lesions",
                )
            if total > criteria.plausible:
                entry.fail("target_sum_mm", f"{mm(total)} mm is implausible", f"at most {mm(criteria.plausible)} mm")
        lesions = self._lesions(entry, criteria) if criteria else None
        slice_ = entry.tenths("slice_mm")
        new = entry.truth("new_lesions")
        entry.finish()
        if date is None or name is None:
            raise InvalidInput(*entry.problems)
        state = Nontarget(nontarget) if nontarget else None
        return Timepoint(date, name, total, state, new, lesions, slice_, entry.place)

    def _lesions(self, entry: Entry, criteria: Criteria) -> tuple[Lesion, ...] | None:
        listed = entry.get("lesions")
        if listed is None:
            return None
        if not isinstance(listed, list):
            entry.fail("lesions", "is not a list of lesions")
            return None
        lesions: list[Lesion] = []
        for index, item in enumerate(listed):
            part = Entry(item, f"{entry.place}.lesions[{index}]", _LESION)
            lesion = _lesion(part, criteria)
            if any(lesion.id == other.id for other in lesions):
                part.fail("id", f"{lesion.id} is given twice in one time point")
            entry.problems += part.problems
            lesions.append(lesion)
        return tuple(lesions)


def _lesion(part: Entry, criteria: Criteria) -> Lesion:
    id_ = part.text("id", required=True) or ""
    size = part.tenths("mm")
    name = part.term("status", criteria.statuses, mend=criteria.readings["split-merged"].en)
    status = Status(name) if name else Status.MEASURED
    if status is Status.MEASURED and size is None:
        others = " | ".join(one for one in Status if one is not Status.MEASURED)
        part.fail("mm", "is missing", f"or say `status`: {others}")
    if status in (Status.ABSENT, Status.NOT_EVALUATED, Status.TOO_SMALL) and size is not None:
        part.fail("mm", f"{mm(size)} mm, but the status is {status}", "give one of them")
    if size is not None and size > criteria.plausible:
        part.fail("mm", f"{mm(size)} mm is implausible", f"at most {mm(criteria.plausible)} mm")
    return Lesion(id_, status, size, part.text("site"), part.truth("node"), part.truth("target"), part.place)


def _wrong_dates(dates: Dates, timepoints: Sequence[Timepoint], places: Mapping[str, str]) -> list[Problem]:
    wrong = []
    for key, word in (("death", "death"), ("last_contact", "last contact")):
        day = getattr(dates, key)
        if day is None:
            continue
        if dates.start and day < dates.start:
            wrong.append(Problem(places[key], f"{day} is before the start, {dates.start}"))
        wrong += [
            Problem(f"{timepoint.place}.date", f"{timepoint.date} is after the {word}, {day}")
            for timepoint in timepoints
            if timepoint.date > day
        ]
    if dates.death and dates.last_contact and dates.last_contact > dates.death:
        wrong.append(Problem(places["last_contact"], f"{dates.last_contact} is after the death, {dates.death}"))
    return wrong


def _truth(value: str, place: str) -> bool:
    word = value.casefold()
    if word not in (*_TRUE, *_FALSE):
        raise InvalidInput(Problem(place, f"{value!r} is neither true nor false"))
    return word in _TRUE
