"""Doses per m² of body surface as one trial used them, worked out for one patient: the trial's dose, not an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tumorboard.advice.calculate import named_parameters
from tumorboard.case.read import Case
from tumorboard.errors import NotFound, Problem
from tumorboard.evidence import Findings
from tumorboard.evidence.findings import Finding
from tumorboard.folder import KnowledgeFolder
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.explain import Explainer, Step
from tumorboard.logic.values import Number, multiply, number
from tumorboard.text import Text, text_from
from tumorboard.vocabulary.library import Vocabulary
from tumorboard.vocabulary.names import nearest


@dataclass(frozen=True, slots=True)
class Item:
    """One dose of a regimen: ``per_m2`` in ``unit`` for each m², as ``finding`` prints it."""

    drug: str
    per_m2: Decimal
    unit: str
    how: Text
    finding: str


@dataclass(frozen=True, slots=True)
class Regimen:
    """The regimen of one study; ``who`` is its population, ``surface`` the fact that gives the body surface in m²."""

    id: str
    name: Text
    study: str
    who: Text
    schedule: Text
    schedule_findings: tuple[str, ...]
    items: tuple[Item, ...]
    surface: str


@dataclass(frozen=True, slots=True)
class Dose:
    """An item with the trial's dose for the patient, exact and not rounded, in the item's unit."""

    item: Item
    dose: Number


@dataclass(frozen=True, slots=True)
class Dosing:
    """A trial's doses for one patient. ``diseases`` are those of the trial; ``recorded``: the case has one of them."""

    regimen: Regimen
    surface: Step
    doses: tuple[Dose, ...]
    diseases: tuple[str, ...]
    recorded: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """What the case lacks for the body surface, as it is asked for."""
        return tuple(dict.fromkeys(item.ask for item in self.surface.missing))

    def options(self, knowledge: Knowledge) -> tuple[str, ...]:
        """The named options the body surface reads (which formula)."""
        node = knowledge.facts.definitions[self.regimen.surface].node
        return tuple(dict.fromkeys(named_parameters(node)))


def load_regimens(folder: KnowledgeFolder, vocabulary: Vocabulary, findings: Findings) -> dict[str, Regimen]:
    """The regimens of every file of ``calculators/`` that has some, by id.

    Raises InvalidKnowledge with file and line where a drug is no INN of the vocabulary, where a finding isn't there or
    is another study's, another drug's or in another unit, and where a dose isn't the printed one.
    """
    found: dict[str, Regimen] = {}
    for name, content in folder.under("calculators"):
        for index, entry in enumerate(content.get("regimens", ())):
            try:
                regimen = _regimen(entry, content["surface"], vocabulary, findings)
            except (KeyError, ValueError) as error:
                raise folder.error(name, ("regimens", index), f"the regimen is not complete: {error}") from error
            except NotFound as error:
                raise folder.error(name, ("regimens", index), str(error)) from error
            if regimen.id in found:
                raise folder.error(name, ("regimens", index), f"the id {regimen.id} is already used")
            found[regimen.id] = regimen
    return found


def _regimen(entry: Mapping[str, Any], surface: str, vocabulary: Vocabulary, findings: Findings) -> Regimen:
    study, schedule = entry["study"], tuple(entry["schedule_findings"])
    for id_ in schedule:
        _of_study(findings.get(id_), study)
    return Regimen(
        entry["id"], text_from(entry["name"]), study, text_from(entry["who"]), text_from(entry["schedule"]), schedule,
        tuple(_item(item, study, vocabulary, findings) for item in entry["items"]), surface,
    )  # fmt: skip


def _item(entry: Mapping[str, Any], study: str, vocabulary: Vocabulary, findings: Findings) -> Item:
    if not isinstance(entry["per_m2"], int | Decimal):
        raise ValueError(f"per_m2 is no number: {entry['per_m2']!r}")
    item = Item(entry["drug"], Decimal(entry["per_m2"]), entry["unit"], text_from(entry["how"]), entry["finding"])
    drug = vocabulary.drugs.get(item.drug)
    if drug is None or drug.inn != item.drug:
        raise ValueError(f"{item.drug!r} is no INN of the vocabulary{f', write {drug.inn}' if drug else ''}")
    finding = findings.get(item.finding)
    _of_study(finding, study)
    if (finding.endpoint or "").partition("_")[0] != item.drug:
        raise ValueError(f"{finding.id} is not a dose of {item.drug} but {finding.endpoint}")
    if finding.unit != f"{item.unit}/m2":
        raise ValueError(f"{finding.id} is in {finding.unit}, not {item.unit}/m2")
    if finding.value != item.per_m2 or _printed(finding) != item.per_m2:
        raise ValueError(f"{item.drug} {item.per_m2}: {finding.id} prints {finding.printed}")
    return item


def _of_study(finding: Finding, study: str) -> None:
    if finding.kind != "regimen" or finding.study != study or not finding.quote:
        raise ValueError(f"{finding.id} is not a printed part of the regimen of {study}")


def _printed(finding: Finding) -> Decimal | None:
    """The printed figure as a number; thousands may stand apart (``2 400``)."""
    try:
        return Decimal("".join((finding.printed or "").split()))
    except InvalidOperation:
        return None


def regimen(name: str, known: Mapping[str, Regimen]) -> Regimen:
    """The regimen of that id. Raises NotFound naming ids like it."""
    if name not in known:
        like = nearest(name, known)
        raise NotFound(Problem("", f"no regimen {name!r}", f"use {' | '.join(like or known)}"))
    return known[name]


def doses(regimen: Regimen, case: Case, knowledge: Knowledge) -> Dosing:
    """The trial's doses for the patient; unknown, with what is missing, where the body surface is."""
    surface = Explainer(knowledge.facts, case.tables).fact(regimen.surface)
    area = surface.value
    assert isinstance(area, Number), f"{regimen.surface} is no number"
    found = (knowledge.findings.get(item.finding) for item in regimen.items)
    diseases = tuple(dict.fromkeys(name for f in found if (name := f.population.disease)))
    return Dosing(
        regimen,
        surface,
        tuple(Dose(item, multiply(area, number(item.per_m2))) for item in regimen.items),
        diseases,
        _recorded(diseases, case, knowledge.vocabulary),
    )


def _recorded(diseases: tuple[str, ...], case: Case, vocabulary: Vocabulary) -> bool:
    known = vocabulary.terms.diseases
    found = (known.find(condition.disease) for condition in case.file.conditions or ())
    return any(disease is not None and disease.id in diseases for disease in found)
