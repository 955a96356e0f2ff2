"""Closed lists of the case file, diseases, named observations and laboratory values: from any spelling to one name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from tumorboard.errors import InvalidInput, InvalidKnowledge, Problem, UnknownName
from tumorboard.text import Text
from tumorboard.vocabulary.names import key, nearest


@dataclass(frozen=True)
class Term:
    """One entry of a closed list; ``note`` holds what the list's file says of it beyond its names."""

    id: str
    name: Text
    names: tuple[str, ...]
    note: Mapping[str, Any]

    @property
    def parents(self) -> tuple[str, ...]:
        return tuple(self.note.get("parents", ()))


class Terms:
    """A list of terms under a heading, found by any of their names (case, spaces and hyphens don't matter)."""

    def __init__(self, heading: str, entries: Iterable[Mapping[str, Any]], place: str) -> None:
        self.heading = heading
        self.terms: dict[str, Term] = {}
        self._ids: dict[str, str] = {}
        for entry in entries:
            if "id" not in entry or not entry.get("zh"):
                raise InvalidKnowledge(Problem(place, f"an entry of {heading} without id or zh: {dict(entry)!r}"))
            term_id = str(entry["id"])
            names = tuple(map(str, entry.get("names") or ()))
            note = {name: value for name, value in entry.items() if name not in ("id", "zh", "names")}
            self.terms[term_id] = Term(term_id, Text(term_id, str(entry["zh"])), names, note)
            for name in (term_id, str(entry["zh"]), *names):
                other = self._ids.setdefault(key(name), term_id)
                if other != term_id:
                    raise InvalidKnowledge(Problem(place, f"{heading}: {name!r} names both {other} and {term_id}"))
        for term in self.terms.values():
            if unknown := set(term.parents) - set(self.terms):
                raise InvalidKnowledge(Problem(place, f"{heading}: {term.id} has unknown parents {sorted(unknown)}"))

    def find(self, name: str) -> Term | None:
        found = self._ids.get(key(name))
        return None if found is None else self.terms[found]

    def read(self, name: str, place: str) -> Term:
        """The term, or InvalidInput naming the entry and every value that would be right."""
        found = self.find(name)
        if found is None:
            raise InvalidInput(Problem(place, f"{name!r} is not a {self.heading}", f"use {' | '.join(self.terms)}"))
        return found

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(self.terms)

    def members(self, group: str) -> frozenset[str]:
        """The group's own id and every term below it."""
        found = {group}
        while more := {term.id for term in self.terms.values() if found & set(term.parents)} - found:
            found |= more
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Unit:
    id: str
    names: tuple[str, ...]


class Units:
    """Units of measurement; only the listed ones are accepted."""

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        # Case matters in units, so they have a table of their own and no tolerant key.
        self.spellings = {str(entry["id"]): tuple(map(str, entry.get("names", ()))) for entry in entries}
        self._ids = {name: id_ for id_, names in self.spellings.items() for name in (id_, *names)}

    def read(self, name: str, place: str) -> str:
        found = self._ids.get(name.strip().replace(" ", ""))
        if found is None:
            raise UnknownName(place, "unit", name, nearest(name, self._ids))
        return found


@dataclass(frozen=True, slots=True)
class Analyte:
    """A laboratory value: the unit it is held in, exact factors from others, and the plausible range in that unit."""

    id: str
    name: Text
    unit: str | None
    factors: Mapping[str, Decimal]
    plausible: tuple[Decimal, Decimal]

    def in_own_unit(self, value: Decimal, unit: str | None, place: str) -> Decimal:
        """``value`` given in ``unit``, converted by multiplication; InvalidInput where the unit can't be right."""
        if unit is None and self.unit is not None:
            accepted = " | ".join((self.unit, *self.factors))
            raise InvalidInput(Problem(f"{place}.unit", f"{self.id} without a unit", f"give one of {accepted}"))
        if unit == self.unit:
            converted = value
        elif unit is not None and unit in self.factors:
            converted = value * self.factors[unit]
        else:
            accepted = " | ".join((self.unit, *self.factors)) if self.unit else "no unit"
            raise InvalidInput(Problem(f"{place}.unit", f"{self.id} in {unit}", f"use {accepted}"))
        low, high = self.plausible
        if not low <= converted <= high:
            limits = f"{low} to {high} {self.unit or ''}".strip()
            raise InvalidInput(
                Problem(
                    f"{place}.value", f"{self.id} {value} {unit or ''} is implausible", f"{limits}; is the unit right?"
                )
            )
        return converted


@dataclass(frozen=True)
class CaseTerms:
    """Everything the case file may say, by kind of entry."""

    lists: Mapping[str, Terms]
    diseases: Terms
    named: Mapping[str, Terms]  # observations, consents, eligibility, vitals, sites
    units: Units
    analytes: Mapping[str, Analyte]
    analyte_names: Terms

    @classmethod
    def from_data(
        cls,
        terms: Mapping[str, Any],
        diseases: Mapping[str, Any],
        observations: Mapping[str, Any],
        analytes: Mapping[str, Any],
    ) -> CaseTerms:
        """From the parsed files terms.yaml, diseases.yaml, observations.yaml and analytes.yaml."""
        named = {heading: Terms(heading, entries, "observations.yaml") for heading, entries in observations.items()}
        names = Terms(
            "laboratory value",
            [{"id": a["id"], "zh": a["zh"], "names": a.get("names")} for a in analytes["analytes"]],
            "analytes.yaml",
        )
        return cls(
            lists={heading: Terms(heading, entries, "terms.yaml") for heading, entries in terms["terms"].items()},
            diseases=Terms("disease", diseases["diseases"], "diseases.yaml"),
            named=named,
            units=Units(analytes["units"]),
            analytes={
                entry["id"]: Analyte(
                    id=entry["id"],
                    name=Text(entry["id"], entry["zh"]),
                    unit=entry["unit"],
                    factors={unit: Decimal(factor) for unit, factor in entry["factors"].items()},
                    plausible=(Decimal(entry["plausible"][0]), Decimal(entry["plausible"][1])),
                )
                for entry in analytes["analytes"]
            },
            analyte_names=names,
        )
