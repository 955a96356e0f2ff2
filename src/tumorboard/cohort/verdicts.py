"""The verdict of every situation and option for the patients of a batch, by the columns reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tumorboard.advice.earlier import COURSE, regimens
from tumorboard.case.columns import LABELS, TABLES
from tumorboard.cohort.columns import patients_of
from tumorboard.cohort.concordance import STANDINGS, is_regimen
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import Guideline, Option
from tumorboard.logic import values
from tumorboard.logic.columns.arrays import Bools, Coded, Ints, Pools, Truths, looked_up
from tumorboard.logic.columns.biomarkers import Markers
from tumorboard.logic.columns.frame import Chosen
from tumorboard.logic.columns.missing import Missing
from tumorboard.logic.columns.needs import columns_read
from tumorboard.logic.columns.reader import ColumnsReader
from tumorboard.logic.tree import Fact, Node

AFTER = ("hospital", "line", "given")
_LINE = "next_line"  # the fact that is the line now being decided (interfaces.md)
_MOST_VALUES = 500_000  # values kept by number before a run begins anew with none, so that memory stays flat
_NOT_LISTED = -1
_STATUSES = STANDINGS[:-1]
_APPLIES, _POSSIBLE, _NO_CONSENSUS, _EXCLUDED = range(len(_STATUSES))
Statuses = NDArray[np.int8]


@dataclass
class Verdicts:
    """The answers on some patients, and how many of them each missing input concerns.

    ``alone``: patients for whom it is the only thing missing in some situation, so that it settles that by itself.
    """

    table: pa.Table
    missing: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)


def situation_column(guideline: str, id_: str) -> str:
    return f"situation {guideline}/{id_}"


def option_column(guideline: str, id_: str) -> str:
    return f"option {guideline}/{id_}"


class Answering:
    """The guidelines made ready for batch after batch."""

    def __init__(self, knowledge: Knowledge, guidelines: Sequence[str]) -> None:
        self.knowledge = knowledge
        self.guidelines = [knowledge.guideline(name) for name in guidelines]
        self.pools, self.markers = Pools.new(), Markers(knowledge.facts)
        self._line = Fact(_LINE, knowledge.facts.definitions[_LINE].type)
        self._given: dict[tuple[str, ...], list[bool]] = {}

    def schema(self) -> pa.Schema:
        """The columns of a result: each situation, then each option, by guideline, and what was given next."""
        situations = [(situation_column(g.id, s.id), pa.bool_()) for g in self.guidelines for s in g.situations]
        options = [(option_column(g.id, o.id), _words_type()) for g in self.guidelines for _, o in g.options()]
        after = [("hospital", pa.string()), ("line", pa.int32()), ("given", _words_type())]
        return pa.schema([("id", pa.string()), *situations, *options, *after])

    def columns(self) -> Mapping[str, frozenset[str]]:
        """The columns of the case tables that are read."""
        rules = [rule for guideline in self.guidelines for rule in _rules(guideline)]
        found = dict(columns_read([*rules, self._line], self.knowledge.facts))
        found["courses"] = found.get("courses", frozenset()) | set(COURSE)
        # Where a cell is missing, its entry is told by these.
        return {table: names | {"place", "places"} for table, names in found.items()}

    def answer(self, batch: pa.RecordBatch) -> Verdicts:
        """The verdicts on the patients of a batch that holds :meth:`columns`."""
        if sum(map(len, (self.pools.number, self.pools.day, self.pools.labels))) > _MOST_VALUES:
            self.pools, self.markers = Pools.new(), Markers(self.knowledge.facts)
        held = [name for name in batch.schema.names if name in TABLES]
        reader = ColumnsReader(self.knowledge.facts, patients_of(batch, held, self.pools), self.pools, self.markers)
        return _Reading(self, reader, batch).verdicts()

    def filling(self, given: tuple[str, ...]) -> list[bool]:
        """Which options' regimen is exactly ``given``, in the order of the schema."""
        if given not in self._given:
            drugs = self.knowledge.vocabulary.drugs
            options = [option for guideline in self.guidelines for _, option in guideline.options()]
            self._given[given] = [is_regimen(option, given, drugs) for option in options]
        return self._given[given]


class _Reading:
    def __init__(self, answering: Answering, reader: ColumnsReader, batch: pa.RecordBatch) -> None:
        self.answering, self.reader, self.batch = answering, reader, batch
        self.missing = Missing(reader)
        self.count = batch.num_rows

    def verdicts(self) -> Verdicts:
        situations: list[pa.Array] = []
        statuses: list[Statuses] = []
        asked, alone = self.missing.none(None), self.missing.none(None)
        for guideline in self.answering.guidelines:
            outside = self.reader.truths(guideline.scope.node).false
            for situation in guideline.situations:
                verdict = self.within(outside, self.reader.truths(situation.when.node))
                situations.append(pa.array(verdict.can_be_true, mask=~verdict.known))
                statuses += [self.status(verdict, option) for option in situation.options]
                unknown = ~verdict.known
                if unknown.any():
                    asks = np.where(unknown, self.missing.of(situation.when.node), 0)
                    asked = self.missing.union([asked, asks])
                    single = looked_up(asks, self.missing.pool, lambda found: len(found) == 1, np.bool_)
                    alone = self.missing.union([alone, np.where(single, asks, 0)])
        columns = [self.batch.column("id"), *situations, *map(_words, statuses), *self.after(statuses)]
        table = pa.Table.from_arrays(columns, schema=self.answering.schema())
        return Verdicts(table, self.counted(asked), self.counted(alone))

    def within(self, outside: Bools, when: Truths) -> Truths:
        return Truths(when.can_be_true & ~outside, when.can_be_false | outside)

    def counted(self, codes: NDArray[np.int32]) -> Counter[str]:
        found: Counter[str] = Counter()
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
            for ask in self.missing.pool.values[code]:
                found[ask] += int(count)
        return found

    # -- options -------------------------------------------------------------------------------------------------

    def status(self, verdict: Truths, option: Option) -> Statuses:
        """As :func:`tumorboard.advice.advise.advise` gives it; options of a situation not met have none."""
        status = np.where(verdict.true, np.int8(_APPLIES), np.int8(_POSSIBLE))
        if not option.recommended:
            status[:] = _NO_CONSENSUS
        else:
            excluded, open_ = np.zeros(self.count, np.bool_), np.zeros(self.count, np.bool_)
            for exclusion in option.exclusions:
                holds = self.reader.truths(exclusion.when.node)
                excluded |= holds.true
                if exclusion.if_unknown == "possible":
                    open_ |= ~holds.known
            failed, unclear = self.tried(option)
            status[open_ | unclear] = _POSSIBLE
            status[excluded | failed] = _EXCLUDED
        status[verdict.false] = _NOT_LISTED
        return status

    def tried(self, option: Option) -> tuple[Bools, Bools]:
        """Whether the tumour progressed on the regimen, and whether that isn't known; see ``advice/earlier.py``."""
        none = np.zeros(self.count, np.bool_)
        wanted = regimens(option, self.answering.knowledge.vocabulary.drugs)
        if not wanted:
            return none, none
        chosen, progressed, unclear = self.courses
        agents = chosen.table.column("agents", LABELS)
        assert isinstance(agents, Coded)
        given = agents.codes[chosen.rows]
        pool = self.reader.pools.labels
        failed, open_ = [], []
        for regimen in wanted:
            same = given == pool.code(values.labels(regimen))
            failed.append(chosen.any(same & progressed))
            open_.append(chosen.any(same & unclear))
        if option.interchangeable:
            return np.logical_or.reduce(failed), np.logical_or.reduce(open_)
        all_but = [np.logical_and.reduce([none | True, *failed[:at], *failed[at + 1 :]]) for at in range(len(failed))]
        last = [one & others for one, others in zip(open_, all_but, strict=True)]
        return np.logical_and.reduce(failed), np.logical_or.reduce(last)

    @cached_property
    def courses(self) -> tuple[Chosen, Bools, Bools]:
        """The completed courses, on which the tumour progressed, and on which that isn't known."""
        table = self.reader.patients.tables["courses"]
        completed = table.column("completed", TABLES["courses"].columns["completed"].type)
        assert isinstance(completed, Truths)
        chosen = Chosen.where(table, completed.true)
        stopped = table.column("stopped_for", TABLES["courses"].columns["stopped_for"].type)
        assert isinstance(stopped, Coded)
        by_progression = stopped.codes == stopped.pool.code(values.label("progression"))
        progressed = table.recorded("progressed") | table.recorded("progression") | by_progression
        unclear = ~progressed & ~table.recorded("stopped_for")
        return chosen, progressed[chosen.rows], unclear[chosen.rows]

    # -- what was given next -------------------------------------------------------------------------------------

    def after(self, statuses: list[Statuses]) -> Iterator[pa.Array]:
        """The hospital, the line that was decided, and how what was given next stands with the guidelines."""
        follow_up = self.batch.column("follow_up")
        line = self.reader.fact(_LINE)
        assert isinstance(line, Ints)
        yield _field(follow_up, "hospital")
        yield pa.array(line.low.astype(np.int32), mask=~(line.known & line.some))
        yield _words(self.standings(_field(follow_up, "given"), statuses))

    def standings(self, given: pa.ListArray, statuses: list[Statuses]) -> Statuses:
        """The best standing of the options whose regimen was given, ``other`` where there is none."""
        joined = pc.dictionary_encode(pc.binary_join(given, "\x1f"))
        found = np.full(self.count, _NOT_LISTED, np.int8)
        codes = joined.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        for code, words in enumerate(joined.dictionary.to_pylist()):
            patients = np.flatnonzero(codes == code)
            best = np.full(len(patients), len(STANDINGS) - 1, np.int8)
            fits = self.answering.filling(tuple(words.split("\x1f")) if words else ())
            for status, fitting in zip(statuses, fits, strict=True):
                if fitting:
                    own = status[patients]
                    best = np.where((own != _NOT_LISTED) & (own < best), own, best)
            found[patients] = best
        return found


def _rules(guideline: Guideline) -> Iterator[Node]:
    yield guideline.scope.node
    for situation in guideline.situations:
        yield situation.when.node
        for option in situation.options:
            yield from (exclusion.when.node for exclusion in option.exclusions)


def _words_type() -> pa.DataType:
    return pa.dictionary(pa.int8(), pa.string())


def _words(statuses: Statuses) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(statuses, pa.int8(), mask=statuses == _NOT_LISTED), pa.array(STANDINGS)
    )


def _field(struct: Any, name: str) -> Any:
    return pc.struct_field(struct, name)
