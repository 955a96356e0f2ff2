"""A FHIR bulk export (NDJSON, one resource a line) put together to one bundle a patient and read as FHIR is.

A line is tied to its patient by ``subject`` or ``patient``. A Medication is nobody's: it goes to every patient whose
order points to it. What can't be read is named by file and line; where such a line still names a patient, that
patient's list of tumours, treatments and procedures no longer counts as whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tumorboard.case.fhir import Codes, case_data_from_fhir
from tumorboard.case.fhir.bundle import READ
from tumorboard.case.fhir.shape import entries_of, label, references, refuse_deep, shown
from tumorboard.case.model import COMPLETE
from tumorboard.cohort.intake.lines import lines_of
from tumorboard.cohort.intake.refusals import Account, Unknown, Where, refused_line
from tumorboard.cohort.intake.sorting import Group, Sorter
from tumorboard.cohort.intake.taking import CaseData
from tumorboard.data import MAX_BYTES, decode, parse_json
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.vocabulary.library import Vocabulary

SUFFIX = ".ndjson"
_SHARED = "Medication"  # the one type without a patient that a case's resources point to
_CHUNK = 2**20  # bytes of lines a process is given at a time
_TOLD_EVERY = 1_000_000  # lines
_SHARED_BYTES = 2**16  # of a Medication: it is copied for every patient whose order points to it
_BODY, _WANTED = "0", "1"  # a Medication sorts before those who want it
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_NAMED = re.compile(rb'"Patient/([A-Za-z0-9.-]{1,64})"')
_UNREADABLE = "the line can't be read: "
Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: whose it is, which Medications it points to, or what is wrong with it."""

    number: int
    raw: bytes
    owner: str = ""
    kind: str = ""
    points_to: tuple[str, ...] = ()
    problem: Problem | None = None


def bulk_groups(files: Iterable[Path], folder: Path, account: Account, spread: Spread) -> Iterator[Group]:
    """The resources of each patient of an export; ``folder`` is for sorting. What has no patient is refused."""
    owned, shared = Sorter(folder / "owned"), Sorter(folder / "shared")
    for path in files:
        count = 0
        for lines in spread(_classified, _chunks(path)):
            for line in lines:
                count += 1
                if count % _TOLD_EVERY == 0:
                    account.say(f"{path.name}: {count} lines so far")
                _place(line, path.name, owned, shared, account)
        account.say(f"{path.name}: {count} lines")
    _hand_out(shared, owned, account)
    for group in owned.groups(MAX_BYTES):
        if (found := _of_somebody(group, account)) is not None:
            yield found


def bulk_reader(vocabulary: Vocabulary, codes: Codes) -> Callable[[Group], CaseData]:
    """Reads the records of one patient as FHIR."""

    def read(group: Group) -> CaseData:
        resources: list[dict[str, Any]] = []
        places: dict[str, tuple[str, int]] = {}
        lost = False
        for file, line, raw in group.records:
            if isinstance(raw, Problem):
                lost = True
                continue
            resource = parse_json(decode(raw, f"{file}:{line}"), f"{file}:{line}")
            places.setdefault(label(resource), (file, line))
            resources.append({"resource": resource})
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": resources}
        data, problems = case_data_from_fhir(bundle, vocabulary, codes)
        if lost:
            data["incomplete"] = list(COMPLETE)
        return CaseData(data, problems, _where(places, group))

    return read


def _where(places: Mapping[str, tuple[str, int]], group: Group) -> Callable[[str], Where]:
    file, line, _ = group.records[0]
    return lambda place: places.get(place.partition("#")[0], (file, line))


def _chunks(path: Path) -> Iterator[list[tuple[int, bytes | None]]]:
    chunk: list[tuple[int, bytes | None]] = []
    size = 0
    for number, raw in lines_of(path):
        if raw is not None and not raw.strip():
            continue
        chunk.append((number, raw))
        size += len(raw or b"")
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _classified(chunk: list[tuple[int, bytes | None]]) -> list[_Line]:
    return [_classify(number, raw) for number, raw in chunk]


def _classify(number: int, raw: bytes | None) -> _Line:
    if raw is None:
        return _Line(number, b"", problem=Problem("", "the line is too long", f"at most {MAX_BYTES // 2**20} MiB"))
    try:
        resource = parse_json(decode(raw, ""), "")
        refuse_deep(resource)
        if not isinstance(resource, Mapping) or not isinstance(resource.get("resourceType"), str):
            raise InvalidInput(Problem("", "is no resource", "a FHIR resource is an object with `resourceType`"))
        return _told(number, raw, resource)
    except TumorboardError as error:
        problem = error.problems[0]
        named = {name.decode() for name in _NAMED.findall(raw)}
        owner = named.pop() if len(named) == 1 else ""
        return _Line(number, b"", owner, problem=Problem("", _UNREADABLE + problem.what, problem.mend))


def _told(number: int, raw: bytes, resource: Mapping[str, Any]) -> _Line:
    kind = str(resource["resourceType"])
    if kind == "Patient" or kind == _SHARED:
        name = resource.get("id")
        if not isinstance(name, str) or not name.strip():
            raise InvalidInput(Problem("", f"the {kind} has no id", "an export gives every resource its id"))
        if kind == _SHARED and not _ID.fullmatch(name.strip()):
            raise InvalidInput(Problem("", f"{shown(name)} is no id", "at most 64 letters, digits, hyphens and points"))
        return _Line(number, raw, name.strip(), kind)
    owners = dict.fromkeys(
        owner for key in ("subject", "patient") for url in references(resource.get(key)) if (owner := _patient(url))
    )
    if len(owners) > 1:
        raise InvalidInput(Problem("", f"belongs to two patients, {' and '.join(owners)}", "give each its own"))
    return _Line(number, raw, next(iter(owners), ""), kind, tuple(_medications(resource)))


def _patient(url: str) -> str:
    """``x`` of ``Patient/x``, of an absolute address of it or of ``urn:uuid:x``; empty for anything else."""
    if url.startswith("urn:uuid:"):
        return url.removeprefix("urn:uuid:")
    parts = url.partition("/_history/")[0].split("/")
    return parts[-1] if len(parts) > 1 and parts[-2] == "Patient" else ""


def _medications(resource: Mapping[str, Any]) -> Iterator[str]:
    for reference in entries_of(resource.get("medicationReference")):
        for url in references(reference):
            parts = url.partition("/_history/")[0].split("/")
            if len(parts) > 1 and parts[-2] == _SHARED and _ID.fullmatch(parts[-1]):
                yield parts[-1]


def _place(line: _Line, file: str, owned: Sorter, shared: Sorter, account: Account) -> None:
    size = len(line.raw)
    if line.problem is not None:
        what = line.problem.what
        if line.owner:
            owned.add(line.owner, (file, line.number, line.problem), 200)
            what += f"; Patient/{line.owner} is taken without it"
        account.refuse(refused_line(file, line.number, what, line.problem.mend))
    elif line.kind == _SHARED and size > _SHARED_BYTES:
        what, mend = "the Medication is too large", f"at most {_SHARED_BYTES // 2**10} KiB"
        account.refuse(refused_line(file, line.number, what, mend))
    elif line.kind == _SHARED:
        shared.add(f"{line.owner} {_BODY}", (file, line.number, line.raw.strip()), size)
    elif line.owner:
        owned.add(line.owner, (file, line.number, line.raw), size)
        for name in line.points_to:
            shared.add(f"{name} {_WANTED}", (file, line.number, line.owner), len(line.owner))
    elif line.kind in READ:
        account.refuse(
            refused_line(
                file, line.number, f"the {line.kind} is nobody's", "name its patient: subject.reference Patient/…"
            )
        )
    else:
        account.not_understood([Unknown(line.kind, "resources of this type have no place in a case; not read")])


def _hand_out(shared: Sorter, owned: Sorter, account: Account) -> None:
    """Each Medication to the patients whose orders point to it."""
    name, body = "", None
    for key, _, record in shared.items():
        current, _, kind = key.rpartition(" ")
        if current != name:
            name, body = current, None
        if kind == _WANTED:
            if body is not None:
                owned.add(record[2], body, len(body[2]))
        elif body is None:
            body = record
        elif body[2] != record[2]:
            mend = f"{body[0]}:{body[1]} was taken"
            account.refuse(refused_line(record[0], record[1], f"Medication/{name} stands twice and differs", mend))


def _of_somebody(group: Group, account: Account) -> Group | None:
    """The records of a patient who is there once; resources that refer to nobody are refused together."""
    patients = [record for record in group.records if isinstance(record[2], bytes) and _is_patient(record[2])]
    if not patients and not group.dropped:
        read = [record for record in group.records if isinstance(record[2], bytes)]
        if read:
            file, line, _ = read[0]
            what = f"{len(read)} resources refer to Patient/{group.key}, who is not in the export; this is the first"
            account.refuse(refused_line(file, line, what, "export the Patient too", group.key))
        return None
    for file, line, _ in patients[1:]:
        first = f"{patients[0][0]}:{patients[0][1]}"
        account.refuse(refused_line(file, line, f"Patient/{group.key} stands twice", f"{first} was taken", group.key))
    again = {id(record) for record in patients[1:]}
    return Group(group.key, tuple(record for record in group.records if id(record) not in again), group.dropped)


def _is_patient(raw: bytes) -> bool:
    # The type was read before; parsing every line once more only to find it again would double the work.
    return b'"Patient"' in raw and parse_json(decode(raw, ""), "").get("resourceType") == "Patient"
