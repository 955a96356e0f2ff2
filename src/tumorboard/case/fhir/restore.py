"""Entries that a Bundle of ours carries in its extension, taken back as they were written.

Only as long as the resource still says what was written: where another system changed a result, the resource is read
by its codes like any other, and that is listed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from tumorboard.case.fhir.extension import HEAD, LISTS, SCALARS, URL, CaseEntry, unpack
from tumorboard.case.fhir.reading import Reading
from tumorboard.case.fhir.shape import Resource, number_of
from tumorboard.case.fhir.write import patient_of, resources_of
from tumorboard.case.fhir.write_parts import Out
from tumorboard.errors import TumorboardError

_Key = tuple[str, int]
_TOLD = 50  # missing entries of one list that are named; a count may be any number


def restore(reading: Reading) -> None:
    """Move every intact entry from the resources into the case's data; the resources left are read by their codes."""
    carried: dict[_Key, list[tuple[CaseEntry, Resource]]] = {}
    for resource in reading.resources:
        try:
            entry = unpack(resource)
        except TumorboardError as error:
            reading.tell(resource, f"{error.problems[0]}; read by its codes")
            continue
        if entry is not None:
            carried.setdefault((entry.key, entry.index), []).append((entry, resource))
    out = Out(reading.vocabulary, reading.codes)
    taken: dict[_Key, Any] = {}
    used: set[int] = set()
    for key, parts in carried.items():
        if _intact(out, parts):
            taken[key] = parts[0][0].value
            used.update(id(resource) for _, resource in parts)
        else:
            for _, resource in parts:
                what = "was changed after Tumorboard wrote it, so its codes were read"
                reading.tell(resource, what, "what only the written entry said is lost")
    reading.resources = [resource for resource in reading.resources if id(resource) not in used]
    _fill(reading, taken, carried)


def _fill(reading: Reading, taken: dict[_Key, Any], carried: Iterable[_Key]) -> None:
    head = taken.get((HEAD, 0))
    counts = head.pop("entries", None) if head else None
    if head:
        reading.data |= head
    for (key, _), value in sorted((item for item in taken.items() if item[0][0] != HEAD), key=lambda item: item[0]):
        if key in SCALARS:
            reading.data[key] = value
        else:
            reading.data.setdefault(key, []).append(value)
    if not isinstance(counts, dict):
        return
    there = set(carried)
    for key, count in counts.items():
        if key not in LISTS or not isinstance(count, int):
            continue
        reading.data.setdefault(key, [])
        absent = (index for index in range(count) if (key, index) not in there)
        reading.missing(key, itertools.islice(absent, _TOLD))


def _intact(out: Out, parts: list[tuple[CaseEntry, Resource]]) -> bool:
    """Whether the resources are those that would be written for the entry, all of them and nothing else."""
    entry = parts[0][0]
    if any(other.text != entry.text for other, _ in parts):
        return False
    try:
        written = (
            [patient_of(entry.value, out.codes)] if entry.key == HEAD else resources_of(out, entry.key, entry.value)
        )
    except (TumorboardError, KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        return False  # the entry's text was changed by hand into what no case holds
    if entry.key == HEAD:  # a hospital puts names and numbers of its own on the Patient
        return all(
            resource.get(name) == written[0].get(name) for _, resource in parts for name in ("gender", "birthDate")
        )
    found = [_comparable(resource) for _, resource in parts]
    for one in map(_comparable, written):
        if one not in found:
            return False
        found.remove(one)
    return not found


def _comparable(value: Any, top: bool = True) -> Any:
    """What a resource says, without ids, addresses and bookkeeping, which every server changes."""
    if isinstance(value, dict):
        kept = {name: inner for name, inner in value.items() if name not in _BOOKKEEPING[top] and inner not in ([], {})}
        if isinstance(listed := kept.get("extension"), list):
            kept["extension"] = [one for one in listed if not (isinstance(one, dict) and one.get("url") == URL)]
            if not kept["extension"]:
                del kept["extension"]
        return {name: _comparable(inner, top=False) for name, inner in kept.items()}
    if isinstance(value, list):
        return [_comparable(inner, top=False) for inner in value]
    number = number_of(value)
    return value if number is None else number.normalize()


_BOOKKEEPING = {
    True: frozenset(
        ("id", "meta", "text", "subject", "language", "implicitRules", "identifier", "performer", "encounter", "issued",
         "asserter", "recorder", "requester", "recordedDate", "basedOn", "partOf")
    ),
    False: frozenset(("reference", "display")),
}  # fmt: skip
