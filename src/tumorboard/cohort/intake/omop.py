"""OMOP tables put together by person and read as a case: events as FHIR resources, lines of therapy from ``episode``.

What an entry of the mapping names becomes that entry; everything else goes through the FHIR reader, so that a code, a
unit or a date means the same whichever way it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tumorboard.cohort.intake.mapping import ImportMapping
from tumorboard.cohort.intake.omop_codes import EVENTS
from tumorboard.cohort.intake.omop_person import SECTION_OF, OmopReader, Person
from tumorboard.cohort.intake.recognise import TABLE_SUFFIXES
from tumorboard.cohort.intake.refusals import Account, Unknown, refused_line
from tumorboard.cohort.intake.sorting import Group, Record, Sorter
from tumorboard.cohort.intake.tables import Keyed, Table, shown, table_groups
from tumorboard.cohort.intake.taking import CaseData
from tumorboard.data import MAX_BYTES
from tumorboard.errors import InvalidInput, Problem, TumorboardError

_PERSON = Keyed(
    "person_id",
    # Beyond 2^53 a number that went through a float is another person: such ids come with a point or an exponent.
    re.compile(r"0|-?[1-9][0-9]{0,18}"),
    "write ids as whole numbers, as the database holds them",
)
_LINKS = "episode_event"
_EPISODE = "episode"
_CONCEPT = "concept"
# The columns a table can't be read without; of all others, the person.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    _EPISODE: (_PERSON.column, "episode_id"),
    _LINKS: ("episode_id", "event_id", "episode_event_field_concept_id"),
    _CONCEPT: ("concept_id", "vocabulary_id", "concept_code", "concept_name"),
}
_READ = ("person", *EVENTS, _EPISODE)


class Omop:
    """The tables of an export. Raises InvalidInput where there are no persons or a concept of the mapping doesn't fit.

    Tables that a case has no place for are told to ``account``; one that can't be read is refused.
    """

    def __init__(self, files: Sequence[Path], mapping: ImportMapping, reader: OmopReader, account: Account) -> None:
        self._mapping, self._reader, self.concepts = mapping, reader, reader.concepts
        self._tables: dict[str, Table] = {}
        for path in files:
            self._open(path, account)
        if "person" not in self._tables:
            raise InvalidInput(
                Problem("", "no table of persons can be read", "an export has person.csv or person.parquet")
            )
        for section, whole in mapping.complete.items():
            table = next(table for table, own in SECTION_OF.items() if own == section)
            if whole == "whole" and table not in self._tables:
                raise InvalidInput(Problem(f"complete.{section}", f"whole, but {table} can't be read"))
        self._by_file = {table.name: name for name, table in self._tables.items()}

    def groups(self, folder: Path, account: Account) -> Iterator[Group]:
        """The rows of each person; ``folder`` is for sorting.

        Concepts are known once all rows were seen, which is before the first person is given out.
        """
        tables = [self._tables[name] for name in _READ if name in self._tables]

        def more(sorter: Sorter) -> None:
            if _CONCEPT in self._tables:
                self.concepts.read(self._tables[_CONCEPT])
            if _EPISODE in self._tables and _LINKS in self._tables:
                self._link(sorter, folder / "links", account)

        return table_groups(tables, _PERSON, self._tables["person"], folder, account, self._note, more)

    def read(self, group: Group) -> CaseData:
        """The case file of one person's rows, as data."""
        person = Person(self._reader, group)
        for name, record, row in self._rows(group):
            person.add(name, record, row)
        return person.found()

    def _open(self, path: Path, account: Account) -> None:
        name = path.stem.lower()
        if path.suffix.lower() not in TABLE_SUFFIXES or name not in (*_READ, _LINKS, _CONCEPT):
            account.not_understood([Unknown(path.name, "no part of a case comes from this table; not read")])
            account.say(f"{path.name} is not read")
            return
        try:
            tabbed = name == _CONCEPT and path.suffix.lower() == ".csv" and _is_tabbed(path)
            encoding, delimiter = self._mapping.encoding, "\t" if tabbed else self._mapping.delimiter
            table = Table(path, encoding, delimiter, quoted=not tabbed)
            table.heading[:] = [column.lower() for column in table.heading]
            for column in _COLUMNS.get(name, (_PERSON.column,)):
                if column not in table.heading:
                    raise InvalidInput(
                        Problem("", f"has no column {column}", f"it has {', '.join(table.heading)[:200]}")
                    )
            if name in self._tables:
                raise InvalidInput(Problem("", f"is {name} once more", "give each table once"))
        except TumorboardError as error:
            problem = error.problems[0]
            account.refuse(refused_line(path.name, 1, f"the file can't be read: {problem.what}", problem.mend))
            return
        self._tables[name] = table

    def _link(self, owned: Sorter, folder: Path, account: Account) -> None:
        """Give each person the events of its episodes: ``episode_event`` names the episode alone."""
        linked = Sorter(folder)
        episodes, events = self._tables[_EPISODE], self._tables[_LINKS]
        whose = episodes.heading.index(_PERSON.column)
        for table in (episodes, events):
            at = table.heading.index("episode_id")
            for row in table.rows():
                if row.problem is None:
                    body = row.cells[whose].strip() if table is episodes else tuple(row.cells)
                    linked.add(row.cells[at].strip(), (table.name, row.line, body), 100)
                elif table is events:
                    account.refuse(refused_line(table.name, row.line, row.problem.what, row.problem.mend))
        for group in linked.groups(MAX_BYTES):
            persons = {record[2] for record in group.records if isinstance(record[2], str)}
            what = {0: f"is not in {episodes.name}", 1: ""}.get(len(persons), "is of several persons")
            if group.dropped:
                what = "has too many events"
            for file, line, body in (record for record in group.records if not isinstance(record[2], str)):
                if what:
                    problem = f"the episode {shown(group.key)} {what}"
                    account.refuse(refused_line(file, line, problem, "its drugs are in no line of therapy"))
                else:
                    owned.add(next(iter(persons)), (file, line, body), 100)

    def _rows(self, group: Group) -> Iterator[tuple[str, Record, Mapping[str, str]]]:
        """The rows of a person that can be read: the table, the record, the cells by column."""
        for record in group.records:
            if not isinstance(record[2], Problem):
                name = self._by_file[record[0]]
                yield name, record, dict(zip(self._tables[name].heading, record[2], strict=True))

    def _note(self, table: Table, cells: Sequence[str]) -> None:
        for column, cell in zip(table.heading, cells, strict=True):
            if column.endswith("_concept_id"):
                self.concepts.note(cell.strip())


def _is_tabbed(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\t" in file.readline(4096)
