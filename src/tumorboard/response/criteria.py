"""Response criteria as ``knowledge/response/criteria.yaml`` writes them: cut-offs, options, readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tumorboard.errors import InvalidKnowledge, NotFound, Problem, WrongUsage
from tumorboard.folder import KnowledgeFolder
from tumorboard.response.model import Status
from tumorboard.text import Text, text_from
from tumorboard.vocabulary.terms import Terms

FILE = "response/criteria.yaml"
_TENTHS = 10
_SHARES = ("progression_percent", "response_percent")
_COUNTS = ("measurable_slices", "targets", "targets_per_organ", "baseline_within_days")
_LENGTHS = ("progression_mm", "node_normal_mm", "node_target_mm", "measurable_mm", "too_small_mm", "plausible_mm")
_ABSOLUTE = ("always", "option")
_OFF = "off"
_OPTIONS = (
    "keep_response", "sd_minimum_days", "confirmation_days", "mrecist_absolute_increase", "new_lesions_not_recorded",
)  # fmt: skip
SHOWN_READINGS = ("nodes-first", "sum-alone", "partial-sum", "after-cr", "sd-clock")
"""The readings an answer shows where they decide something."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of the assessment: the values it offers, the first being the default."""

    id: str
    name: Text
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """The options as set. ``confirmation_days`` None: a response needs no confirmation.

    ``assume_no_new_lesions``: where nothing is recorded of new lesions there were none.
    """

    keep_response: bool
    sd_minimum_days: int
    confirmation_days: int | None
    mrecist_absolute_increase: bool
    assume_no_new_lesions: bool


@dataclass(frozen=True, slots=True)
class Criteria:
    """Cut-offs of one set of criteria: lengths in tenths of a millimetre, shares in per cent, times in days."""

    id: str
    measured: Text
    reference: str
    absolute_increase_always: bool
    progression_percent: Fraction
    response_percent: Fraction
    progression: int
    node_normal: int
    node_target: int
    measurable: int
    too_small: int
    plausible: int
    measurable_slices: int
    targets: int
    targets_per_organ: int
    baseline_within_days: int
    choices: tuple[Choice, ...]
    readings: Mapping[str, Text]
    statuses: Terms

    @classmethod
    def from_data(cls, doc: Mapping[str, Any], name: str) -> Criteria:
        """The criteria called ``name`` in the parsed file; NotFound without them, InvalidKnowledge where wrong."""
        entries = {str(entry.get("id")): entry for entry in _listed(doc, "criteria")}
        if name not in entries:
            raise NotFound(Problem(FILE, f"no response criteria {name!r}", f"use {' | '.join(entries)}"))
        entry = entries[name]
        cuts = entry.get("cuts")
        wanted = {*_SHARES, *_COUNTS, *_LENGTHS}
        if not isinstance(cuts, Mapping) or set(cuts) != wanted:
            raise _wrong(name, f"cuts must be exactly {', '.join(sorted(wanted))}")
        if entry.get("absolute_increase") not in _ABSOLUTE:
            raise _wrong(name, f"absolute_increase must be {' or '.join(_ABSOLUTE)}")
        try:
            measured = text_from(entry.get("measured"))
            choices = tuple(map(_choice, _listed(doc, "options")))
            readings = {str(reading["id"]): text_from(reading["text"]) for reading in _listed(doc, "readings")}
        except (ValueError, KeyError) as error:
            raise _wrong(name, str(error)) from error
        if {choice.id for choice in choices} != set(_OPTIONS) or not all(choice.choices for choice in choices):
            raise _wrong("options", f"must be exactly {', '.join(_OPTIONS)}, each with its choices")
        if lacking := set(SHOWN_READINGS) - set(readings):
            raise _wrong("readings", f"without {', '.join(sorted(lacking))}")
        statuses = Terms("lesion status", _listed(doc, "statuses"), FILE)
        if statuses.ids != set(Status):
            raise _wrong("statuses", f"must be exactly {', '.join(Status)}")
        return cls(
            id=name,
            measured=measured,
            reference=str(entry.get("reference", "")),
            absolute_increase_always=entry["absolute_increase"] == "always",
            progression_percent=_share(name, cuts, "progression_percent"),
            response_percent=_share(name, cuts, "response_percent"),
            progression=_tenths(name, cuts, "progression_mm"),
            node_normal=_tenths(name, cuts, "node_normal_mm"),
            node_target=_tenths(name, cuts, "node_target_mm"),
            measurable=_tenths(name, cuts, "measurable_mm"),
            too_small=_tenths(name, cuts, "too_small_mm"),
            plausible=_tenths(name, cuts, "plausible_mm"),
            measurable_slices=_count(name, cuts, "measurable_slices"),
            targets=_count(name, cuts, "targets"),
            targets_per_organ=_count(name, cuts, "targets_per_organ"),
            baseline_within_days=_count(name, cuts, "baseline_within_days"),
            choices=choices,
            readings=readings,
            statuses=statuses,
        )

    def options(self, chosen: Mapping[str, str] | None = None) -> Options:
        """Defaults, or as ``chosen`` by name; WrongUsage where a name or value is none of those offered."""
        settings = {choice.id: choice.choices[0] for choice in self.choices}
        offered = {choice.id: choice.choices for choice in self.choices}
        for name, value in (chosen or {}).items():
            if name not in settings:
                raise WrongUsage(Problem("", f"no option {name!r}", f"use {' | '.join(settings)}"))
            if value not in offered[name]:
                raise WrongUsage(Problem("", f"option {name} can't be {value!r}", f"use {' | '.join(offered[name])}"))
            settings[name] = value
        confirmation = settings["confirmation_days"]
        return Options(
            keep_response=settings["keep_response"] != _OFF,
            sd_minimum_days=int(settings["sd_minimum_days"]),
            confirmation_days=None if confirmation == _OFF else int(confirmation),
            mrecist_absolute_increase=settings["mrecist_absolute_increase"] != _OFF,
            assume_no_new_lesions=settings["new_lesions_not_recorded"] == "none",
        )

    def needs_absolute_increase(self, options: Options) -> bool:
        """Whether progression also needs the increase in millimetres."""
        return self.absolute_increase_always or options.mrecist_absolute_increase

    def least_measurable(self, slice_: int | None) -> int:
        """The smallest target that is no node, for slices ``slice_`` thick (None: not recorded, taken as thin)."""
        return max(self.measurable, self.measurable_slices * (slice_ or 0))

    def grew(self, now: int, nadir: int, options: Options) -> bool:
        """Whether a sum ``now`` is progression above ``nadir``. From zero any sum is above every share of it."""
        increase = now - nadir
        if increase <= 0 or increase * 100 < self.progression_percent * nadir:
            return False
        return increase >= self.progression or not self.needs_absolute_increase(options)

    def shrank(self, now: int, baseline: int) -> bool:
        """Whether a sum ``now`` is a partial response below ``baseline``."""
        return (baseline - now) * 100 >= self.response_percent * baseline


def load_criteria(folder: KnowledgeFolder) -> dict[str, Criteria]:
    """Every set of criteria of the folder by its name."""
    doc = folder.read(FILE)
    return {str(entry["id"]): Criteria.from_data(doc, str(entry["id"])) for entry in _listed(doc, "criteria")}


def _wrong(name: str, what: str) -> InvalidKnowledge:
    return InvalidKnowledge(Problem(f"{FILE}: {name}", what))


def _listed(doc: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    entries = doc.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise InvalidKnowledge(Problem(FILE, f"{key} must be a list of entries"))
    return entries


def _choice(entry: Mapping[str, Any]) -> Choice:
    return Choice(str(entry["id"]), text_from(entry["name"]), tuple(map(str, entry["choices"])))


def _share(name: str, cuts: Mapping[str, Any], key: str) -> Fraction:
    value = cuts[key]
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value <= 0:
        raise _wrong(name, f"{key} must be a share in per cent above 0")
    return Fraction(value)


def _tenths(name: str, cuts: Mapping[str, Any], key: str) -> int:
    tenths = _share(name, cuts, key) * _TENTHS
    if tenths.denominator != 1:
        raise _wrong(name, f"{key} must have at most one decimal")
    return tenths.numerator


def _count(name: str, cuts: Mapping[str, Any], key: str) -> int:
    value = cuts[key]
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise _wrong(name, f"{key} must be a whole number above 0")
    return value
