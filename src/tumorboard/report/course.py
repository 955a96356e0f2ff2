"""The entries of a case that have a place in time: treatments, biomarker results, diagnoses and procedures."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from tumorboard.case.model import Biomarker, Condition, Treatment
from tumorboard.case.read import Case
from tumorboard.case.rows import Row
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.names import Names
from tumorboard.text import Language

Mark = Literal["present", "absent", "indeterminate", "not tested", "measured"]
_INDEX = re.compile(r"\[(\d+)\]")
Date = datetime.date


@dataclass(frozen=True, slots=True)
class Bar:
    """One course of treatment. ``until`` is the drawn end: recorded, or the next known day where it isn't."""

    line: str
    agents: str
    notes: tuple[str, ...]
    start: Date
    until: Date
    start_known: bool
    end_known: bool
    maintenance: bool
    progressed: Date | None


@dataclass(frozen=True, slots=True)
class Result:
    """All results of one alteration that say the same; a day stands for each of them."""

    name: str
    mark: Mark
    days: tuple[Date, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class Event:
    """A diagnosis or a procedure on a day."""

    kind: Literal["diagnosis", "procedure"]
    text: str
    day: Date


@dataclass(frozen=True, slots=True)
class Course:
    """A patient's history up to the board. ``undated`` entries have no place in time and are told in words; so are
    ``conditions`` that are no tumour, with their day: an old one would squeeze the course of the tumour."""

    board: Date
    bars: tuple[Bar, ...]
    results: tuple[Result, ...]
    events: tuple[Event, ...]
    undated: tuple[str, ...]
    conditions: tuple[str, ...]
    after_board: int

    @property
    def empty(self) -> bool:
        return not (self.bars or self.results or self.events)

    @property
    def first(self) -> Date:
        days = [bar.start for bar in self.bars] + [event.day for event in self.events]
        return min([*days, *(day for result in self.results for day in result.days), self.board])


def course_of(case: Case, knowledge: Knowledge, language: Language) -> Course:
    """The history of ``case`` in one language. Entries dated after the board are counted and left out."""
    return _Reading(case, Names(knowledge.vocabulary, language)).course()


class _Reading:
    def __init__(self, case: Case, names: Names) -> None:
        self.case, self.names, self.board = case, names, case.as_of
        self.undated: list[str] = []
        self.conditions: list[tuple[Date, str]] = []
        self.after = 0

    def course(self) -> Course:
        bars, events, results = self.bars(), self.events(), self.results()
        conditions = tuple(
            self.names.word("with detail", what=disease, detail=day.isoformat())
            for day, disease in sorted(self.conditions)
        )
        return Course(self.board, bars, results, events, tuple(self.undated), conditions, self.after)

    def past(self, day: Date | None) -> Date | None:
        return day if day is not None and day <= self.board else None

    def later(self, *days: Date | None) -> bool:
        """Whether the entry belongs to a time after the board, by its first recorded day."""
        day = next((day for day in days if day is not None), None)
        if day is None or day <= self.board:
            return False
        self.after += 1
        return True

    # -- treatments ----------------------------------------------------------------------------------------------

    def bars(self) -> tuple[Bar, ...]:
        entries = [entry for entry in self.case.file.treatments or () if not self.later(entry.start)]
        found = []
        for entry in entries:
            start, end, progressed = map(self.past, (entry.start, entry.end, entry.progressed))
            if start is None and end is None and progressed is None:
                self.undated.append(self.told(entry))
                continue
            known_end = end or progressed
            begin = start or end or progressed
            assert begin is not None
            until = known_end or self.next_start(begin, entries)
            found.append(
                Bar(
                    line=self.line(entry),
                    agents=self.names.agents(entry.agents),
                    notes=tuple(self.notes(entry, start, known_end)),
                    start=begin,
                    until=until,
                    start_known=start is not None,
                    end_known=known_end is not None,
                    maintenance=entry.intent == "maintenance",
                    progressed=progressed,
                )
            )
        return tuple(sorted(found, key=lambda bar: (bar.start, bar.until)))

    def next_start(self, start: Date, entries: Iterable[Treatment]) -> Date:
        later = [entry.start for entry in entries if entry.start is not None and start < entry.start <= self.board]
        return min(later, default=self.board)

    def line(self, entry: Treatment) -> str:
        if entry.line is None:
            return self.names.term("intent", entry.intent)
        line = self.names.word("line of therapy", line=entry.line)
        if entry.intent == "palliative":
            return line
        return self.names.word("with detail", what=line, detail=self.names.term("intent", entry.intent))

    def notes(self, entry: Treatment, start: Date | None, end: Date | None) -> Iterable[str]:
        if entry.best_response is not None:
            yield self.names.word("best response", response=entry.best_response)
        if entry.progression is not None:
            kind = self.names.term("progression", entry.progression)
            yield self.names.word("progression kind", kind=kind)
        if entry.stopped_for not in (None, "progression"):
            reason = self.names.term("stopped_for", entry.stopped_for)
            yield self.names.word("stopped for", reason=reason)
        if start is None:
            yield self.names.word("start not recorded")
        if end is None:
            yield self.names.word("end not recorded")

    def told(self, entry: Treatment) -> str:
        response = entry.best_response
        words = [self.names.agents(entry.agents)]
        if response is not None:
            words.append(self.names.word("best response", response=response))
        return self.marked(self.line(entry), self.comma(words))

    # -- biomarkers ----------------------------------------------------------------------------------------------

    def results(self) -> tuple[Result, ...]:
        """One row an alteration and what was found; negative and untested ones of the same days share a row."""
        days: dict[tuple[str, Mark, str], list[Date]] = {}
        rows = {int(match[1]): row for row in self.rows("biomarkers") if (match := _INDEX.search(row.place))}
        for index, entry in enumerate(self.case.file.biomarkers or ()):
            if self.later(entry.date):
                continue
            row = rows[index]
            name = self.names.vocabulary.alterations.name(str(row.cells["alteration"]))[self.names.language]
            mark, detail = _mark(entry), self.detail(entry)
            if entry.date is None:
                text = self.marked(name, self.names.word(mark))
                self.undated.append(self.names.word("with detail", what=text, detail=detail) if detail else text)
                continue
            days.setdefault((name, mark, detail), []).append(entry.date)
        shown = [Result(name, mark, tuple(sorted(when)), detail) for (name, mark, detail), when in days.items()]
        order = ("present", "measured", "indeterminate", "absent", "not tested")
        shown.sort(key=lambda result: (order.index(result.mark), result.days))
        return tuple(_shared(shown, self.comma))

    def rows(self, table: str) -> tuple[Row, ...]:
        return self.case.tables[table].rows

    def detail(self, entry: Biomarker) -> str:
        words = []
        if entry.value is not None:
            measure = self.names.term("measure", entry.measure) if entry.measure else ""
            unit = f" {entry.unit}" if entry.unit and entry.unit != "%" else entry.unit or ""
            words.append(f"{measure} {format(entry.value, 'f')}{unit}".strip())
        if entry.intensity is not None:
            words.append(self.names.word("intensity", intensity=entry.intensity))
        if entry.percent_cells is not None:
            words.append(self.names.word("cells", percent=format(entry.percent_cells, "f")))
        return self.comma(words)

    # -- diagnoses and procedures --------------------------------------------------------------------------------

    def events(self) -> tuple[Event, ...]:
        found = []
        for condition in self.case.file.conditions or ():
            day = condition.diagnosed or condition.date
            disease = self.names.disease(condition.disease)
            if condition.transformed_from is not None:
                text = self.names.word("transformed", disease=disease)
            else:
                text = self.names.word("diagnosed", disease=disease)
            if self.later(condition.date, condition.diagnosed):
                continue
            if day is None:
                self.undated.append(disease if condition.transformed_from is None else text)
            elif self.is_tumour(condition):
                found.append(Event("diagnosis", text, day))
            else:
                self.conditions.append((day, disease))
        for procedure in self.case.file.procedures or ():
            kind = self.names.term("procedure", procedure.kind)
            if self.later(procedure.date):
                continue
            if procedure.date is None:
                self.undated.append(kind)
            else:
                found.append(Event("procedure", kind, procedure.date))
        return tuple(sorted(found, key=lambda event: event.day))

    def is_tumour(self, condition: Condition) -> bool:
        """As the rules take it: what transformed is one, a name no rule knows is none."""
        term = self.names.vocabulary.terms.diseases.find(condition.disease)
        return condition.transformed_from is not None or bool(term and term.note.get("tumour"))

    def marked(self, name: str, mark: str) -> str:
        return self.names.word("marked", name=name, mark=mark)

    def comma(self, words: Iterable[str]) -> str:
        return ("、" if self.names.language == "zh" else ", ").join(words)


def _mark(entry: Biomarker) -> Mark:
    if entry.result is None:
        return "measured"
    assert entry.result in ("present", "absent", "indeterminate", "not tested"), entry.result
    return entry.result  # type: ignore[no-any-return]


def _shared(results: list[Result], comma: Callable[[Iterable[str]], str]) -> Iterable[Result]:
    """Rows of one alteration, but one row for all that were absent, or not tested, on exactly the same days."""
    together: dict[tuple[Mark, tuple[Date, ...]], list[str]] = {}
    for result in results:
        if result.mark in ("absent", "not tested") and not result.detail:
            together.setdefault((result.mark, result.days), []).append(result.name)
        else:
            yield result
    for (mark, days), names in together.items():
        yield Result(comma(names), mark, days, "")
