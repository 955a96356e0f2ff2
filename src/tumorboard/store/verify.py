"""Whether the audit log is whole, and whether what is stored is still what was saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from tumorboard.data import read_text
from tumorboard.errors import InvalidInput, Problem
from tumorboard.store.audit import START, AuditEntry, Head, chained, commitment, entries, head
from tumorboard.store.decisions import decision_commitment
from tumorboard.store.tables import CASE_VERSIONS, DECISION_VERSIONS, DECISIONS, SIGN_OFFS, USERS
from tumorboard.store.users import ROLE_ENTRIES

_KINDS = ("case/", "decision/")  # whose contents are compared here; other packages compare theirs


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries and saved contents agree, and the head to keep outside the database for the next time."""

    entries: int
    contents: int
    head: Head


class BrokenLog(InvalidInput):
    """The log or what it vouches for was changed (exit 4).

    ``number`` is the first entry that doesn't hold, 0 where something is stored that no entry vouches for.
    """

    def __init__(self, number: int, what: str) -> None:
        place = f"audit entry {number}" if number else "the audit log"
        super().__init__(Problem(place, what, "compare with a backup from before"))
        self.number = number


def verify(connection: Connection, kept: Iterable[Head] = ()) -> Verified:
    """Check every entry, its place in the chain, the contents it vouches for, and the heads that were kept outside.

    Raises BrokenLog naming the first entry that doesn't hold. Whoever can write to the database can rewrite all of the
    log consistently: only a head ``kept`` elsewhere shows that.
    """
    vouched = _Vouched()
    anchors: dict[int, list[str]] = {}
    for one in kept:
        anchors.setdefault(one.number, []).append(one.hash)
    last = Head(0, START)
    for entry in entries(connection):
        _follows(entry, last)
        if any(hash_ != entry.hash for hash_ in anchors.pop(entry.number, ())):
            raise BrokenLog(entry.number, "is not the entry whose hash was kept: the log was rewritten")
        vouched.take(entry)
        last = Head(entry.number, entry.hash)
    if (written := head(connection)) != last:
        raise BrokenLog(last.number + 1, f"is absent: {written.number} were written, the log ends with {last.number}")
    if anchors.pop(0, [START]) != [START] or anchors:
        raise BrokenLog(last.number + 1, f"is absent: a head of {max(anchors, default=0)} entries was kept")
    return Verified(last.number, vouched.compare(connection), last)


def read_heads(file: Path) -> list[Head]:
    """The heads in an anchor file or in what ``audit verify`` printed: lines ``NUMBER HASH``. Raises InvalidInput."""
    found = []
    for number, line in enumerate(read_text(file).splitlines(), start=1):
        words = line.split()
        if len(words) != 2 or not words[0].isdecimal() or len(words[1]) != len(START):
            raise InvalidInput(Problem(f"{file}:{number}", "is not the head of a log", "it reads `NUMBER HASH`"))
        found.append(Head(int(words[0]), words[1]))
    return found


def _follows(entry: AuditEntry, last: Head) -> None:
    if entry.number != last.number + 1:
        raise BrokenLog(last.number + 1, f"is absent: entry {entry.number} follows {last.number}")
    if entry.previous != last.hash:
        raise BrokenLog(entry.number, "does not follow the entry before it")
    if entry.hash != chained(entry.previous, entry.number, entry.at, entry.who, entry.what, entry.object, entry.digest):
        raise BrokenLog(entry.number, "was changed: its hash is another")


class _Vouched:
    """What the log says is stored: contents by object, signatures by object and user, roles by user.

    What was erased is left out.
    """

    def __init__(self) -> None:
        self.contents: dict[str, tuple[int, str]] = {}
        self.signatures: dict[tuple[str, str], int] = {}
        self.roles: dict[str, tuple[int, str]] = {}
        self.erased: set[str] = set()

    def take(self, entry: AuditEntry) -> None:
        if entry.what.endswith(".erased"):
            self.erased.add(entry.object)
        if entry.what.startswith(ROLE_ENTRIES):
            self.roles[entry.object] = entry.number, entry.what.rpartition(".")[2]
        if entry.digest is None or not entry.object.startswith(_KINDS):
            return
        known = self.contents.setdefault(entry.object, (entry.number, entry.digest))
        if known[1] != entry.digest:
            raise BrokenLog(entry.number, f"vouches for {entry.object} otherwise than entry {known[0]}")
        if entry.what == "decision.signed":
            self.signatures[entry.object, entry.who] = entry.number

    def compare(self, connection: Connection) -> int:
        """How many contents agree. Raises BrokenLog for the first entry whose content or signature does not."""
        wrong: list[tuple[int, str]] = []
        expected = {object_: value for object_, value in self.contents.items() if not self._is_erased(object_)}
        count = len(expected)
        for object_, digest in _stored(connection):
            number, vouched = expected.pop(object_, (0, ""))
            if not number:
                wrong.append((0, f"has no entry for {object_}, which is stored"))
            elif vouched != digest:
                wrong.append((number, f"vouches for another content of {object_} than is stored"))
        wrong += [(number, f"vouches for {object_}, which is absent") for object_, (number, _) in expected.items()]
        signatures = {key: number for key, number in self.signatures.items() if not self._is_erased(key[0])}
        for row in connection.execute(select(SIGN_OFFS)):
            object_ = f"decision/{row.decision_id}/{row.number}"
            if not signatures.pop((object_, row.user_id), None):
                wrong.append((0, f"has no entry for a signature of {object_}, which is stored"))
        wrong += [
            (number, f"vouches for a signature of {key[0]}, which is absent") for key, number in signatures.items()
        ]
        wrong += self._wrong_roles(connection)
        if wrong:
            raise BrokenLog(*min(wrong))
        return count

    def _wrong_roles(self, connection: Connection) -> Iterator[tuple[int, str]]:
        """Users who have another role than the one last given to them."""
        for row in connection.execute(select(USERS.c.id, USERS.c.role)):
            number, role = self.roles.get(f"user/{row.id}", (0, ""))
            if not number:
                yield 0, f"has no entry for user/{row.id}, who is stored"
            elif role != row.role:
                yield number, f"made user/{row.id} a {role}, and {row.role} is stored"

    def _is_erased(self, object_: str) -> bool:
        return object_.rpartition("/")[0] in self.erased


def _stored(connection: Connection) -> Iterator[tuple[str, str]]:
    """Each content that is stored, as its object and what the log should say of it."""
    for row in connection.execute(select(CASE_VERSIONS).execution_options(yield_per=100)):
        saved = commitment(row.salt, row.name, row.text, row.saved_by, row.saved_at.isoformat())
        yield f"case/{row.case_id}/{row.number}", saved
    decided = select(DECISION_VERSIONS, DECISIONS.c.case_id).join(DECISIONS)
    for row in connection.execute(decided.execution_options(yield_per=100)):
        yield f"decision/{row.decision_id}/{row.number}", decision_commitment(row)
