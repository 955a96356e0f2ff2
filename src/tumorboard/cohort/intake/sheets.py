"""A folder of CSV files, one a section of the case file, put together to one case file a patient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tumorboard.case.model import COMPLETE
from tumorboard.cohort.intake.cells import FLAGS, PATIENTS, SINGLE, Kind, cell_value, sections
from tumorboard.cohort.intake.mapping import FileMapping, ImportMapping
from tumorboard.cohort.intake.refusals import Account, Unknown, Where, refused_line
from tumorboard.cohort.intake.sorting import Group
from tumorboard.cohort.intake.tables import Keyed, Table, shown, table_groups
from tumorboard.cohort.intake.taking import CaseData
from tumorboard.errors import InvalidInput, Problem, TumorboardError

_ID = "id"
_ENTRY = re.compile(r"(\w+)\[(\d+)\]")
_OTHER: tuple[Kind, bool] = ("text", False)  # a column no section has: kept, and listed as not read
_DEFAULT = "rows"  # as in a case file: a list that is there is whole, one that isn't was not recorded


class Sheets:
    """The files of a folder that are sections of a case file.

    Files that aren't, and columns that no section has, are told to ``account``; a file that can't be read is refused.
    Raises InvalidInput where there are no patients, or where a list is said to be whole whose file isn't here.
    """

    def __init__(self, files: Sequence[Path], mapping: ImportMapping, account: Account) -> None:
        self._mapping = mapping
        self._sheets: dict[str, _Sheet] = {}
        there = {path.name for path in files}
        if absent := sorted(set(mapping.files) - there):
            raise InvalidInput(*(Problem(f"files.{name}", "is mapped, but not in the folder") for name in absent))
        for path in files:
            self._open(path, account)
        patients = [sheet for sheet in self._sheets.values() if sheet.section == PATIENTS]
        if len(patients) != 1:
            what = "no file of patients" if not patients else f"{len(patients)} files of patients"
            raise InvalidInput(Problem("", what, "write one patients.csv with the column id"))
        self._patients = patients[0]
        for section, whole in mapping.complete.items():
            if whole == "whole" and not any(sheet.section == section for sheet in self._sheets.values()):
                what = f"{section} are said to be whole, but no file of them can be read"
                raise InvalidInput(Problem(f"complete.{section}", what, "without it nobody is known to have none"))

    def groups(self, folder: Path, account: Account) -> Iterator[Group]:
        """The rows of each patient; ``folder`` is for sorting."""
        tables = [sheet.table for sheet in self._sheets.values()]
        return table_groups(tables, Keyed(_ID), self._patients.table, folder, account)

    def read(self, group: Group) -> CaseData:
        """The case file of one patient's rows, as data."""
        case = _Rows(group.key)
        for file, line, cells in group.records:
            if isinstance(cells, Problem):
                case.problems.append((Problem(f"{file}:{line}", cells.what, cells.mend), (file, line)))
            else:
                case.add(self._sheets[file], line, cells)
        return case.found(self._mapping)

    def _open(self, path: Path, account: Account) -> None:
        named = self._mapping.files.get(path.name)
        section = named.section if named else path.stem
        if path.suffix.lower() not in (".csv", ".tsv", ".txt") or section not in sections():
            if named is not None:
                known = ", ".join(sections())
                raise InvalidInput(Problem(f"files.{path.name}.section", f"{section!r} is no section", f"use {known}"))
            account.not_understood([Unknown(path.name, "is no section of a case file; not read")])
            account.say(f"{path.name} is no section of a case file and is not read")
            return
        try:
            table = Table(path, self._mapping.encoding, self._mapping.delimiter)
            sheet = _Sheet(table, named or FileMapping(section=section), self._mapping.list_separator)
        except TumorboardError as error:
            problem = error.problems[0]
            account.refuse(refused_line(path.name, 1, f"the file can't be read: {problem.what}", problem.mend))
            return
        self._sheets[path.name] = sheet


class _Sheet:
    """One file: under which of our columns each of its cells stands. Raises InvalidInput where it doesn't fit."""

    def __init__(self, table: Table, mapping: FileMapping, separator: str) -> None:
        self.table, self.section, self._mapping, self._separator = table, mapping.section, mapping, separator
        if absent := sorted(set(mapping.columns) - set(table.heading)):
            raise InvalidInput(Problem("", f"has no column {', '.join(absent)}", f"it has {', '.join(table.heading)}"))
        ours = [mapping.columns.get(name, name) for name in table.heading]
        if twice := sorted({name for name in ours if name is not None and ours.count(name) > 1}):
            raise InvalidInput(Problem("", f"two columns are read as {', '.join(twice)}", "map one to null"))
        if _ID not in ours:
            mend = f"its columns: {', '.join(table.heading)[:200]}; name one id, or say `delimiter` or `columns`"
            raise InvalidInput(Problem("", "has no column id", mend))
        known = sections()[self.section]
        self._columns = [(name, known.get(name, _OTHER)) if name else None for name in ours]
        table.heading[:] = [name or "" for name in ours]
        unknown = [name for name in (*mapping.values, *mapping.fixed) if name not in known]
        if unknown:
            raise InvalidInput(Problem("", f"{unknown[0]!r} is no column of {self.section}", f"use {', '.join(known)}"))

    def entry(self, cells: Sequence[str], problems: list[Problem]) -> dict[str, Any]:
        """The row by our columns; cells that can't be read go to ``problems``, empty ones say nothing."""
        found: dict[str, Any] = dict(self._mapping.fixed)
        for column, cell in zip(self._columns, cells, strict=True):
            text = cell.strip()
            if column is None or not text:
                continue
            name, (kind, listed) = column
            try:
                value = self._value(name, text, kind, listed)
            except TumorboardError as error:
                problems += [Problem(name, problem.what, problem.mend) for problem in error.problems]
                continue
            if value is not None:
                found[name] = value
        return found

    def _value(self, name: str, text: str, kind: Kind, listed: bool) -> Any:
        words = self._mapping.values.get(name, {})
        if not listed:
            return words[text] if text in words else cell_value(text, kind, False, "", self._mapping.date_format)
        if text in words:
            return [words[text]]
        value = cell_value(text, kind, True, self._separator, self._mapping.date_format)
        return [words.get(one, one) if isinstance(one, str) else one for one in value]


@dataclass(slots=True)
class _Rows:
    """One patient's case file in the making."""

    key: str
    data: dict[str, Any] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)
    problems: list[tuple[Problem, Where]] = field(default_factory=list)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    first: Where = None

    def add(self, sheet: _Sheet, line: int, cells: Sequence[str]) -> None:
        where = (sheet.table.name, line)
        wrong: list[Problem] = []
        entry = sheet.entry(cells, wrong)
        self.problems += [(Problem(f"{where[0]}:{line}.{one.place}", one.what, one.mend), where) for one in wrong]
        del entry[_ID]
        if sheet.section == PATIENTS:
            self.first = where
            self.whole = entry.pop("complete", [])
            self.data |= entry
            if unknown := [name for name in self.whole if name not in sections() or name == PATIENTS]:
                self.problems.append((Problem(f"{where[0]}:{line}.complete", f"{unknown[0]!r} is no section"), where))
        elif sheet.section == SINGLE:
            if SINGLE in self.data:
                self.problems.append((Problem(f"{where[0]}:{line}", "a second row of one patient", "keep one"), where))
            self.places[SINGLE] = where
            self.data[SINGLE] = entry
        elif sheet.section in FLAGS:
            self._flag(sheet.section, entry, where)
        else:
            listed = self.data.setdefault(sheet.section, [])
            self.places[f"{sheet.section}[{len(listed)}]"] = where
            listed.append(entry)

    def _flag(self, section: str, entry: Mapping[str, Any], where: tuple[str, int]) -> None:
        name, flags = str(entry.get("name", "")), self.data.setdefault(section, {})
        self.places[f"{section}.{name}"] = where
        if not name or name in flags:
            what = f"{shown(name)} is empty or stands twice"
            self.problems.append((Problem(f"{where[0]}:{where[1]}.name", what, "one row a name"), where))
        flags[name] = entry.get("value")

    def found(self, mapping: ImportMapping) -> CaseData:
        lacking = set(self.data.get("incomplete", ()))
        for section in COMPLETE:
            mode = "whole" if section in self.whole else mapping.complete.get(section, _DEFAULT)
            if mode == "whole":
                self.data.setdefault(section, [])
            elif mode == "open":
                lacking.add(section)
        for name in self.whole:
            self.data.setdefault(name, {} if name in (*FLAGS, SINGLE) else [])
        data = {"schema": "tumorboard.case/1", "id": self.key, **self.data, "incomplete": sorted(lacking)}
        return CaseData(data, (), self._where, tuple(self.problems))

    def _where(self, place: str) -> Where:
        entry = _ENTRY.match(place)
        return self.places.get(entry[0] if entry else place, self.places.get(place.partition(".")[0], self.first))
