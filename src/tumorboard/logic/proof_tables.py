"""A symbolic case: its tables unrolled to a small number of rows whose cells are z3 variables.

The bounds and what a complete record must hold are data (``knowledge/proof/record.yaml``); what is said here is how
``case/tables.py`` and ``case/courses.py`` lay a case out, and which labels a cell needs so that every rule can tell
its values apart: of drugs and diseases that no rule tells apart one stands for all.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import z3

from tumorboard.case.columns import TABLES, Type
from tumorboard.logic import tree
from tumorboard.logic.facts import Facts
from tumorboard.logic.proof_values import (
    Bit,
    SymLabel,
    SymLabels,
    SymNumber,
    SymTruth,
    SymValue,
    all_of,
    any_of,
    at_most,
    choose_bit,
    either,
    implies,
    less,
    number_of,
    opposite,
)

HUNDREDTHS = 100  # decimals of a symbolic case have two places, so that each can be written in a case file


@dataclass(frozen=True)
class SymRow:
    """One place for a row: whether it is filled, its cells, and the variables a case file is written from."""

    there: Bit
    cells: Mapping[str, SymValue]
    raw: Mapping[str, Raw]


@dataclass(frozen=True)
class Raw:
    """A variable behind a cell: ``recorded`` says whether the cell holds it; ``labels`` are those of its numbers."""

    kind: str
    term: Any
    recorded: Bit = True
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class SymTables:
    rows: Mapping[str, tuple[SymRow, ...]]
    complete: Mapping[str, bool]
    constraints: tuple[Bit, ...]
    as_of: datetime.date


@dataclass(frozen=True)
class Named:
    """What the rules of a proof name: labels they tell apart, entries and alterations they ask for."""

    groups: frozenset[frozenset[str]]
    keys: Mapping[str, tuple[str, ...]]  # by table: the names of its entries
    alterations: tuple[str, ...]
    columns: frozenset[tuple[str, str]]
    tables: frozenset[str]


def named_in(nodes: Iterable[tree.Node]) -> Named:
    """What the nodes name; the facts they read are to be among them."""
    groups: set[frozenset[str]] = set()
    keys: dict[str, set[str]] = {}
    alterations: set[str] = set()
    columns: set[tuple[str, str]] = set()
    tables: set[str] = set()

    def visit(node: tree.Node, table: str) -> None:
        match node:
            case tree.Meets(_, _, members) | tree.Only(_, _, members) | tree.HowMany(_, _, members):
                groups.add(members)
            case tree.Among(item, options):
                groups.update(frozenset((option,)) for option in options)
                _keyed(item, options, table, keys, alterations)
            case tree.Compare(_, item, tree.Constant(str() as value)):
                groups.add(frozenset((value,)))
                _keyed(item, (value,), table, keys, alterations)
            case tree.Newest(own, key):
                tables.add(own)
                keys.setdefault(own, set()).add(key)
                columns.add((own, "value"))
            case tree.Present(alteration):
                tables.add("biomarkers")
                alterations.add(alteration)
            case tree.Column(name):
                columns.add((table, name))
            case tree.Pick(rows, _, column):
                columns.add((rows.table, column))
        match node:
            case tree.Exists(rows) | tree.Count(rows) | tree.Pick(rows) | tree.Holds(rows) | tree.LongestRun(rows):
                table = rows.table
                tables.add(table)
        for child in tree.children(node):
            visit(child, table)

    for node in nodes:
        visit(node, "")
    listed = {table: tuple(sorted(names)) for table, names in keys.items()}
    return Named(frozenset(groups), listed, tuple(sorted(alterations)), frozenset(columns), frozenset(tables))


def _keyed(
    item: tree.Node, values: Iterable[str], table: str, keys: dict[str, set[str]], alterations: set[str]
) -> None:
    if isinstance(item, tree.Column) and item.name == "name":
        keys.setdefault(table, set()).update(values)
    if isinstance(item, tree.Column) and item.name == "alteration":
        alterations.update(values)


@dataclass
class Bounds:
    """How many rows a symbolic case has, and the span of its numbers and days."""

    as_of: datetime.date
    rows: Mapping[str, int]
    agents: int
    whole: int
    decimal: int
    years: int


@dataclass
class TableMaker:
    """Makes the symbolic tables the rules of a proof read."""

    facts: Facts
    named: Named
    bounds: Bounds
    constraints: list[Bit] = field(default_factory=list)

    def make(self) -> SymTables:
        makers = {
            "tumours": self.tumours, "courses": self.courses, "biomarkers": self.biomarkers, "patient": self.patient,
            "imaging": self.imaging, "measured": self.measured,
        }  # fmt: skip
        rows: dict[str, tuple[SymRow, ...]] = {}
        for table in sorted(TABLES):
            if table not in self.named.tables:
                rows[table] = ()
            elif table in makers:
                rows[table] = tuple(makers[table]())
            elif "name" in TABLES[table].columns:
                rows[table] = tuple(self.entry(table, key) for key in self.named.keys.get(table, ()))
            else:
                rows[table] = tuple(self.plain(table))
        complete = {table: TABLES[table].complete for table in TABLES}
        return SymTables(rows, complete, tuple(self.constraints), self.bounds.as_of)

    # -- cells -------------------------------------------------------------------------------------------------------

    def cell(self, name: str, kind: Type, labels: Iterable[str] = (), required: bool = False) -> tuple[SymValue, Raw]:
        recorded: Bit = True if required else z3.Bool(f"{name}?")
        match kind.kind:
            case "truth":
                bit = z3.Bool(name)
                return self.truth(bit, recorded), Raw("truth", bit, recorded)
            case "whole":
                term = self.whole(name, 0, self.bounds.whole)
                return number_of(term, recorded), Raw("whole", term, recorded)
            case "decimal":
                term = self.whole(name, 0, self.bounds.decimal * HUNDREDTHS)
                return number_of(hundredths(term), recorded), Raw("decimal", term, recorded)
            case "date":
                term = self.day(name)
                return number_of(term, recorded), Raw("date", term, recorded)
            case "label":
                return self.label(name, tuple(labels), recorded)
            case "labels":
                return self.set_of(name, tuple(labels), recorded)
        raise AssertionError(f"no variable for a {kind}")

    def truth(self, bit: Bit, recorded: Bit) -> SymTruth:
        if recorded is True:
            return SymTruth(bit, opposite(bit))
        return SymTruth(any_of((opposite(recorded), bit)), any_of((opposite(recorded), opposite(bit))))

    def label(self, name: str, labels: tuple[str, ...], recorded: Bit) -> tuple[SymLabel, Raw]:
        term = self.whole(name, 0, len(labels) - 1)
        unknown = opposite(recorded)
        possible = {label: any_of((unknown, term == index)) for index, label in enumerate(labels)}
        return SymLabel(possible), Raw("label", term, recorded, labels)

    def set_of(self, name: str, labels: tuple[str, ...], recorded: Bit) -> tuple[SymLabels, Raw]:
        bits = {label: z3.Bool(f"{name}:{label}") for label in labels}
        raw = Raw("labels", bits, recorded, labels)
        if recorded is True:
            return SymLabels(bits, bits), raw
        may = {label: any_of((opposite(recorded), bit)) for label, bit in bits.items()}
        return SymLabels({label: all_of((recorded, bit)) for label, bit in bits.items()}, may), raw

    def whole(self, name: str, low: int, high: int) -> Any:
        term = z3.Int(name)
        self.constraints += [term >= low, term <= high]
        return term

    def day(self, name: str) -> Any:
        last = self.bounds.as_of.toordinal()
        return self.whole(name, last - 365 * self.bounds.years, last)

    # -- labels ------------------------------------------------------------------------------------------------------

    def told_apart(self, universe: Iterable[str]) -> tuple[str, ...]:
        """One of each group of names that no rule tells apart, the first in the given order."""
        found: dict[frozenset[int], str] = {}
        groups = list(self.named.groups)
        for name in universe:
            found.setdefault(frozenset(i for i, group in enumerate(groups) if name in group), name)
        return tuple(found.values())

    def labels_of(self, table: str, column: str) -> tuple[str, ...]:
        """What a label of the column can be: its closed list, one drug or disease for all that no rule tells apart."""
        about, terms = TABLES[table].columns[column], self.facts.vocabulary.terms
        if about.groups == "drugs":
            drugs = sorted(self.facts.vocabulary.drugs, key=lambda drug: (not drug.approvals, drug.inn))
            return self.told_apart(drug.inn for drug in drugs)
        if about.groups == "diseases":
            tumour = table == "tumours"
            fitting = [
                term.id for term in terms.diseases.terms.values()
                if bool(term.note.get("tumour")) == tumour and "reads_as" not in term.note
            ]  # fmt: skip
            return self.told_apart(fitting)
        if about.terms == "specimen":
            kinds = (str(term.note["specimen_kind"]) for term in terms.lists["specimen"].terms.values())
            return tuple(dict.fromkeys(kinds))
        if about.terms == "sites":
            return tuple(terms.named["sites"].terms)
        if about.terms is not None:
            return tuple(terms.lists[about.terms].terms)
        return (*sorted(name for group in self.named.groups for name in group if len(group) == 1), "other")

    # -- tables ------------------------------------------------------------------------------------------------------

    def plain(self, table: str) -> Iterator[SymRow]:
        """Rows that hold what the case file says, oldest first; the dates of two rows differ."""
        previous: SymRow | None = None
        for index in range(self.bounds.rows.get(table, 1)):
            place = f"{table}[{index}]"
            cells: dict[str, SymValue] = {}
            raw: dict[str, Raw] = {}
            for name, about in TABLES[table].columns.items():
                if name != "diagnosed" and ((table, name) in self.named.columns or about.required):
                    labels = self.labels_of(table, name) if about.type.kind in ("label", "labels") else ()
                    required = about.required or name == "date"
                    cells[name], raw[name] = self.cell(f"{place}.{name}", about.type, labels, required)
            if "date" in cells:
                cells["when"], raw["when"] = cells["date"], raw["date"]
            raw["date"] = raw["when"]
            if "diagnosed" in TABLES[table].columns:
                cells["diagnosed"] = cells["when"]
            if "agents" in raw:  # of these entries each names one drug
                bits = list(raw["agents"].term.values())
                self.constraints += [any_of(bits), z3.AtMost(*bits, 1)]
            there = z3.Bool(place)
            if previous is not None:
                self.constraints += [implies(there, previous.there), less(previous.raw["when"].term, raw["when"].term)]
            previous = SymRow(there, cells, raw)
            yield previous

    def entry(self, table: str, key: str) -> SymRow:
        """The one entry of a name: a laboratory value, an observation, a consent."""
        place, terms = f"{table}.{key}", self.facts.vocabulary.terms
        there = z3.Bool(place)
        cells: dict[str, SymValue] = {"name": SymLabel({key: True}), "when": number_of(0)}
        raw: dict[str, Raw] = {}
        kind, labels = TABLES[table].columns["value"].type, ()
        if table == "observations":
            note = terms.named["observations"].terms[key].note
            kind, labels = Type(note["type"]), tuple(note.get("values", ()))
        cells["value"], raw["value"] = self.cell(f"{place}.value", kind, labels, required=True)
        for name, about in TABLES[table].columns.items():
            if name not in cells and (table, name) in self.named.columns:
                cells[name], raw[name] = self.cell(f"{place}.{name}", about.type)
        if table == "labs":
            low, high = terms.analytes[key].plausible
            value = cells["value"]
            assert isinstance(value, SymNumber)
            self.constraints += [less(0, value.low), at_most(_fraction(low), value.low)]
            self.constraints += [at_most(value.low, _fraction(high))]
        elif table == "performance":
            low, high = terms.lists["scale"].terms[key].note["range"]
            self.constraints += [raw["value"].term >= low, raw["value"].term <= high]
        elif kind.kind == "whole" and table == "observations":
            low, high = terms.named["observations"].terms[key].note["range"]
            self.constraints += [raw["value"].term >= low, raw["value"].term <= high]
        return SymRow(there, cells, raw)

    def measured(self) -> Iterator[SymRow]:
        """A case of a proof gives no measurements in sequence."""
        yield from ()

    def patient(self) -> Iterator[SymRow]:
        cells: dict[str, SymValue] = {"when": number_of(0), "as_of": number_of(self.bounds.as_of.toordinal())}
        raw: dict[str, Raw] = {}
        for name, about in TABLES["patient"].columns.items():
            if name not in cells and ("patient", name) in self.named.columns:
                labels = self.labels_of("patient", name) if about.type.kind == "label" else ()
                cells[name], raw[name] = self.cell(f"patient.{name}", about.type, labels)
        yield SymRow(True, cells, raw)

    def tumours(self) -> Iterator[SymRow]:
        """A first tumour and perhaps one it was transformed into."""
        first: SymRow | None = None
        for index in range(self.bounds.rows.get("tumours", 2)):
            assert index < 2, "a case of a proof has one tumour, and perhaps what it became"
            place = f"conditions[{index}]"
            disease, raw_disease = self.cell(
                f"{place}.disease", Type("label"), self.labels_of("tumours", "disease"), True
            )
            cells: dict[str, SymValue] = {
                "disease": disease, "transformed": SymTruth(index == 1, index == 0), "when": number_of(index + 1),
            }  # fmt: skip
            raw = {"disease": raw_disease}
            for name in ("histology", "stage", "diagnosed"):
                if ("tumours", name) in self.named.columns:
                    about = TABLES["tumours"].columns[name].type
                    labels = self.labels_of("tumours", name) if about.kind == "label" else ()
                    cells[name], raw[name] = self.cell(f"{place}.{name}", about, labels)
            if first is not None:
                cells["transformed_from"] = first.cells["disease"]
            there = z3.Bool(place)
            if first is not None:
                self.constraints.append(implies(there, first.there))
            row = SymRow(there, cells, raw)
            first = first or row
            yield row

    def biomarkers(self) -> Iterator[SymRow]:
        """One entry an alteration; a class absent stands beside no member present."""
        rows: dict[str, SymRow] = {}
        measured = {column for table, column in self.named.columns if table == "biomarkers"}
        for alteration in self.named.alterations:
            place = f"biomarkers[{alteration}]"
            readings = [reading for reading in self.facts.readings if reading.alteration == alteration]
            cells: dict[str, SymValue] = {"alteration": SymLabel({alteration: True})}
            raw: dict[str, Raw] = {}
            for name, labels in (
                ("result", ("present", "absent")),
                ("specimen", self.labels_of("biomarkers", "specimen")),
            ):
                cells[name], raw[name] = self.cell(f"{place}.{name}", Type("label"), labels)
            measures = tuple(dict.fromkeys(reading.measure for reading in readings))
            if measures:
                cells["measure"], raw["measure"] = self.cell(f"{place}.measure", Type("label"), measures)
            for name in ("value", "intensity", "percent_cells"):
                if name in measured or (name == "value" and measures):
                    cells[name], raw[name] = self.cell(f"{place}.{name}", TABLES["biomarkers"].columns[name].type)
            if "intensity" in raw:
                self.constraints.append(raw["intensity"].term <= 3)
            if "percent_cells" in raw:
                self.constraints.append(raw["percent_cells"].term <= 100 * HUNDREDTHS)
            cells["when"], raw["when"] = self.cell(f"{place}.date", Type("date"), required=True)
            rows[alteration] = SymRow(z3.Bool(place), cells, raw)
        above = self.facts.vocabulary.alterations.above
        for own, row in rows.items():
            for class_ in sorted(above(own) & set(rows) - {own}):
                absent = all_of((rows[class_].there, _is(rows[class_].raw["result"], "absent")))
                self.constraints.append(opposite(all_of((absent, row.there, _is(row.raw["result"], "present")))))
        yield from rows.values()

    def imaging(self) -> Iterator[SymRow]:
        for row in self.plain("imaging"):
            cells, raw = dict(row.cells), dict(row.raw)
            if "largest_cm" in raw:
                size, recorded = raw["largest_cm"].term, raw["largest_cm"].recorded
                cells["sized"] = number_of(either(recorded, 1, 0))
                cells["largest_sized"] = number_of(either(recorded, hundredths(size), Fraction(0)))
                self.constraints.append(size > 0)
            if "vascular_invasion" in raw:
                seen = all_of((raw["vascular_invasion"].recorded, opposite(_is(raw["vascular_invasion"], "none"))))
                cells["shows_invasion"] = SymTruth(seen, opposite(seen))
            if "extrahepatic_spread" in raw:
                spread = all_of((raw["extrahepatic_spread"].recorded, raw["extrahepatic_spread"].term))
                cells["shows_spread"] = SymTruth(spread, opposite(spread))
            for name in ("sized", "largest_sized", "shows_invasion", "shows_spread"):
                raw.pop(name, None)
            yield SymRow(row.there, cells, raw)

    def courses(self) -> Iterator[SymRow]:
        """Lines 1, 2, 3 …, each palliative or with the aim of cure, with or without maintenance."""
        drugs = self.labels_of("courses", "agents")
        drafts: list[tuple[Bit, dict[str, SymValue], dict[str, Raw]]] = []
        for index in range(self.bounds.rows.get("courses", 3)):
            place = f"treatments[{index}]"
            cells: dict[str, SymValue] = {"line": number_of(index + 1), "when": number_of(index + 1)}
            raw: dict[str, Raw] = {}
            curative = z3.Bool(f"{place}.curative")
            cells["curative"], raw["curative"] = SymTruth(curative, opposite(curative)), Raw("truth", curative)
            for name in ("agents", "maintenance"):
                cells[name], raw[name] = self.cell(f"{place}.{name}", Type("labels"), drugs, True)
                bits = list(raw[name].term.values())
                self.constraints.append(z3.AtMost(*bits, self.bounds.agents))
            self.constraints.append(any_of(raw["agents"].term.values()))
            self.constraints.append(implies(curative, opposite(any_of(raw["maintenance"].term.values()))))
            if ("courses", "maintenance") not in self.named.columns:
                self.constraints += [opposite(bit) for bit in raw["maintenance"].term.values()]
            for name in ("start", "end", "progressed"):
                cells[name], raw[name] = self.cell(f"{place}.{name}", Type("date"))
            for name in ("progression", "best_response", "stopped_for"):
                cells[name], raw[name] = self.cell(f"{place}.{name}", Type("label"), self.labels_of("courses", name))
            self.last_end(place, cells, raw)
            there = z3.Bool(place)
            if drafts:
                before_there, _, before = drafts[-1]
                self.constraints += [implies(there, before_there), opposite(curative)]
                self.constraints.append(at_most(before["start"].term, raw["start"].term))
                for name in ("last_end", "progressed"):
                    happened = all_of((there, before[name].recorded))
                    self.constraints.append(implies(happened, at_most(before[name].term, raw["start"].term)))
            drafts.append((there, cells, raw))
        for index, (there, cells, raw) in enumerate(drafts):
            yield self.followed(there, cells, raw, drafts[index + 1 :])

    def last_end(self, place: str, cells: dict[str, SymValue], raw: dict[str, Raw]) -> None:
        """The end of the maintenance where there is one, else of the treatment itself."""
        kept = any_of(raw["maintenance"].term.values())
        _, own = self.cell(f"{place}.maintenance.end", Type("date"))
        end = raw["end"]
        recorded = choose_bit(kept, own.recorded, end.recorded)
        term = either(kept, own.term, end.term)
        cells["last_end"], raw["maintenance_end"] = number_of(term, recorded), own
        raw["last_end"] = Raw("date", term, recorded)

    def followed(
        self, there: Bit, cells: dict[str, SymValue], raw: dict[str, Raw], later: list[tuple[Bit, Any, dict[str, Raw]]]
    ) -> SymRow:
        """As ``case/courses.py``: completed by its own entries or by a successor, whose start is the next start."""
        own = any_of(raw[name].recorded for name in ("end", "progressed", "stopped_for", "last_end"))
        none: Bit = True
        start: Any = 0
        recorded: Bit = False
        for later_there, _, later_raw in reversed(later):
            together = all_of((raw["curative"].term, later_raw["curative"].term))
            follows = all_of((later_there, opposite(together)))
            none = all_of((opposite(follows), none))
            start = either(follows, later_raw["start"].term, start)
            recorded = choose_bit(follows, later_raw["start"].recorded, recorded)
        completed = any_of((own, opposite(none)))
        cells["completed"] = SymTruth(completed, opposite(completed))
        cells["next_start"] = SymNumber(start, start, recorded, recorded, none, opposite(none))
        return SymRow(there, cells, raw)


def _is(raw: Raw, label: str) -> Bit:
    return all_of((raw.recorded, raw.term == raw.labels.index(label)))


def hundredths(term: Any) -> Any:
    return z3.ToReal(term) / HUNDREDTHS


def _fraction(number: int | Decimal) -> Any:
    found = Fraction(number)
    return int(found) if found.denominator == 1 else found
