"""Observations other than variants and stages: performance, laboratory values, vital signs, body size."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tumorboard.case.fhir.genomics import read_variant
from tumorboard.case.fhir.markers import marker_of, read_marker
from tumorboard.case.fhir.reading import Reading
from tumorboard.case.fhir.shape import Resource, concept_name, entries_of, entry_of, number_of, plain, text_of
from tumorboard.errors import TumorboardError


def read_observations(reading: Reading) -> None:
    """Every Observation by what its code measures; stages and disease status are read with what they belong to."""
    body: dict[str, list[tuple[str, Decimal, Resource]]] = {}
    for resource in reading.of_type("Observation"):
        code = resource.get("code")
        kind = next(iter(reading.codes.meanings("observations", code)), None)
        if reading.codes.meanings("stage_observations", code) or kind == "disease status":
            continue
        if reading.unread(resource, "Observation", [resource.get("status")]):
            continue
        if kind == "variant":
            read_variant(reading, resource)
        elif kind == "region studied":
            reading.tell(
                resource, "a region studied tells what was looked at, not what was found; no gene is absent by it"
            )
        elif kind == "blood pressure":
            _blood_pressure(reading, resource)
        elif kind in reading.terms.lists["scale"].ids:
            _performance(reading, resource, str(kind))
        elif kind in reading.codes.words["body_units"]:
            body.setdefault(str(kind), []).extend(_body(reading, resource, str(kind)))
        elif (marker := marker_of(reading, resource)) is not None:
            read_marker(reading, resource, marker)
        elif (lab := reading.codes.one("labs", code)) is not None:
            _lab(reading, resource, lab)
        elif (vital := reading.codes.one("vitals", code)) is not None:
            _vital(reading, resource, vital)
        else:
            reading.tell(resource, f"the observation {concept_name(code)!r} has no place in a case")
    for key, measured in body.items():
        if measured:
            _, number, resource = max(measured, key=lambda item: item[:2])  # the newest; of one day the larger
            reading.set(resource, key, plain(number))


def _quantity(reading: Reading, resource: Resource, quantity: object) -> tuple[Decimal, str] | None:
    """The number and the unit; listed and None where there is no plain number."""
    given = entry_of(quantity)
    number = number_of(given.get("value"))
    if number is None:
        reading.tell(resource, f"{concept_name(resource.get('code'))}: has no number", "give valueQuantity.value")
        return None
    if given.get("comparator"):
        reading.tell(
            resource, f"the value is only known to be {text_of(given.get('comparator'))} {number}, and was not read"
        )
        return None
    return number, text_of(given.get("code")) or text_of(given.get("unit"))


def _day(reading: Reading, resource: Resource) -> str | None:
    period = entry_of(resource.get("effectivePeriod"))
    return reading.day(
        resource, resource.get("effectiveDateTime"), period.get("start"), resource.get("effectiveInstant")
    )


def _performance(reading: Reading, resource: Resource, scale: str) -> None:
    number = number_of(resource.get("valueInteger"))
    if number is None:
        number = number_of(entry_of(resource.get("valueQuantity")).get("value"))
    if number is None or number != number.to_integral_value() or not 0 <= number <= 100:
        reading.tell(resource, f"{scale}: has no whole number", "give valueInteger")
        return
    reading.add(resource, "performance", {"scale": scale, "value": int(number), "date": _day(reading, resource)})


def _lab(reading: Reading, resource: Resource, name: str) -> None:
    found = _quantity(reading, resource, resource.get("valueQuantity"))
    if found is None:
        return
    number, given = found
    units = reading.codes.words["units"]
    try:
        unit = units[given] if given in units else reading.terms.units.read(given, "") if given else None
        reading.terms.analytes[name].in_own_unit(number, unit, name)
    except TumorboardError as error:
        reading.tell(resource, f"{error.problems[0].what}; not read", error.problems[0].mend)
        return
    reading.add(resource, "labs", {"name": name, "value": plain(number), "unit": unit, "date": _day(reading, resource)})


def _vital(reading: Reading, resource: Resource, name: str) -> None:
    found = _quantity(reading, resource, resource.get("valueQuantity"))
    if found is not None and found[0] >= 0:
        entry = {"name": name, "value": plain(found[0]), "unit": found[1] or None, "date": _day(reading, resource)}
        reading.add(resource, "vitals", entry)
    elif found is not None:
        reading.tell(resource, f"{name} {found[0]} is below 0 and was not read")


def _blood_pressure(reading: Reading, resource: Resource) -> None:
    entry: dict[str, Any] = {"name": "blood pressure"}
    for side, code in reading.codes.words["blood_pressure"].items():
        for component in entries_of(resource.get("component")):
            if not reading.codes.has(component.get("code"), code):
                continue
            number = number_of(entry_of(component.get("valueQuantity")).get("value"))
            if number is not None and number >= 0:
                entry[side] = plain(number)
    if len(entry) == 1:
        reading.tell(resource, "the blood pressure has neither a systolic nor a diastolic number")
        return
    reading.add(resource, "vitals", {**entry, "date": _day(reading, resource)})


def _body(reading: Reading, resource: Resource, key: str) -> list[tuple[str, Decimal, Resource]]:
    found = _quantity(reading, resource, resource.get("valueQuantity"))
    if found is None:
        return []
    factor = reading.codes.words["body_units"][key].get(found[1])
    if factor is None:
        reading.tell(resource, f"{key.partition('_')[0]} in {found[1] or 'no unit'} could not be read")
        return []
    return [(_day(reading, resource) or "", found[0] * Decimal(factor), resource)]
