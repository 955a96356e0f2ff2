"""The resources of one patient out of whatever FHIR came in: a Bundle, a resource, or a list of resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tumorboard.case.fhir.shape import Resource, entries_of, entry_of, label, references, refuse_deep, shown, text_of
from tumorboard.errors import InvalidInput, Problem

# Resources that say something of their own even where another resource holds them (a report its results).
_OWN = ("Observation", "Condition", "MedicationRequest", "MedicationAdministration", "MedicationStatement", "Procedure")
_RESPONSES = ("history", "transaction-response", "batch-response")


@dataclass(slots=True)
class Found:
    """``urls``: every address a reference may use; ``places``: how messages name a resource, by its identity."""

    resources: list[Resource] = field(default_factory=list)
    urls: dict[str, Resource] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    as_of: str | None = None
    _named: dict[str, list[Resource]] = field(default_factory=dict)

    def take(self, resource: Resource, place: str, url: str = "") -> None:
        named = label(resource)
        alike = self._named.setdefault(named, [])
        if resource in alike:
            return  # the same resource once more: two differing ones are both read, for the case to say so
        alike.append(resource)
        self.resources.append(resource)
        self.places[id(resource)] = named if resource.get("id") else place
        for address in (url, named if resource.get("id") else ""):
            if address:
                self.urls.setdefault(address, resource)
        for held in entries_of(resource.get("contained")):
            if held.get("resourceType") in _OWN:
                self.resources.append(held)
                self.places[id(held)] = f"{self.places[id(resource)]}#{text_of(held.get('id'))}"


def find_resources(data: object, patient: str | None = None) -> Found:
    """The resources of one patient, by ``patient`` (an id) where the data hold several.

    Raises InvalidInput naming the path of an entry that is no resource, and of the first one that belongs to a second
    patient.
    """
    refuse_deep(data)
    found = Found()
    if isinstance(data, list | tuple):
        for index, one in enumerate(data):
            _take(found, one, f"[{index}]", "")
    else:
        _take(found, data, "", "")
    _of_one_patient(found, patient)
    return found


def _take(found: Found, value: object, place: str, url: str) -> None:
    if not isinstance(value, Mapping):
        mend = "a FHIR resource is an object with `resourceType`"
        raise InvalidInput(Problem(place, f"{shown(value)} is no resource", mend))
    kind = value.get("resourceType")
    if not isinstance(kind, str) or not kind:
        at = f"{place}.resourceType".lstrip(".")
        raise InvalidInput(
            Problem(at, "is missing" if kind is None else f"{shown(kind)} is no type", "write for example Patient")
        )
    if kind == "Bundle":
        _take_bundle(found, value, place)
    else:
        found.take(value, place or kind, url)


def _take_bundle(found: Found, bundle: Mapping[str, Any], place: str) -> None:
    kind = bundle.get("type")
    if kind in _RESPONSES:
        at = f"{place}.type".lstrip(".")
        raise InvalidInput(
            Problem(at, f"a Bundle of type {kind} holds no record", "use collection, searchset, transaction or batch")
        )
    found.as_of = found.as_of or (text_of(bundle.get("timestamp"))[:10] or None)
    entries = bundle.get("entry", [])
    at = f"{place}.entry".lstrip(".")
    if not isinstance(entries, list):
        raise InvalidInput(Problem(at, f"{shown(entries)} is no list", "write a list of {fullUrl, resource}"))
    for index, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            raise InvalidInput(Problem(f"{at}[{index}]", f"{shown(entry)} is no entry", "write {fullUrl, resource}"))
        if "resource" not in entry and entry_of(entry.get("request")).get("method") in ("DELETE", "GET"):
            found.problems.append(Problem(f"{at}[{index}]", "is a request without a resource and was not read"))
            continue
        if "resource" not in entry:
            raise InvalidInput(Problem(f"{at}[{index}].resource", "is missing", "put the resource under `resource`"))
        _take(found, entry["resource"], f"{at}[{index}].resource", text_of(entry.get("fullUrl")))


def _of_one_patient(found: Found, wanted: str | None) -> None:
    owners = {id(resource): owner for resource in found.resources if (owner := _owner(found, resource))}
    if wanted is not None:
        name = wanted if "/" in wanted else f"Patient/{wanted}"
        found.resources = [one for one in found.resources if owners.get(id(one), name) == name]
        return
    first: str | None = None
    for resource in found.resources:
        owner = owners.get(id(resource))
        if owner is not None and first is not None and owner != first:
            place = found.places[id(resource)]
            raise InvalidInput(
                Problem(place, f"belongs to {owner}, others to {first}", "give the resources of one patient")
            )
        first = first or owner


def _owner(found: Found, resource: Resource) -> str | None:
    """``Patient/x``, whom the resource is of."""
    if resource.get("resourceType") == "Patient":
        return found.places[id(resource)]
    for url in (*references(resource.get("subject")), *references(resource.get("patient"))):
        bare = url.partition("/_history/")[0]
        tail = "/".join(bare.split("/")[-2:])
        target = found.urls.get(bare) or found.urls.get(tail)
        if target is not None:
            return found.places[id(target)] if target.get("resourceType") == "Patient" else None
        if tail.startswith("Patient/") or bare.startswith("urn:"):
            return tail
    return None
