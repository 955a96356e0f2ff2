"""What an option's regimen shares with treatment the tumour has already progressed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tumorboard.case.rows import Row, Table
from tumorboard.guidelines.model import Option, Situation
from tumorboard.logic.inputs import Input
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Truth
from tumorboard.text import Text
from tumorboard.vocabulary.drugs import Drugs

COURSE = ("completed", "agents", "progressed", "progression", "stopped_for")  # the columns that are read


@dataclass(frozen=True, slots=True)
class Earlier:
    """``excluded``: the same regimen was given and the tumour progressed. ``open``: it was given, and whether the
    tumour progressed on it isn't recorded. ``warnings``: shared components."""

    excluded: Text | None = None
    open: tuple[Input, ...] = ()
    warnings: tuple[Text, ...] = ()


def earlier(option: Option, situation: Situation, tables: Mapping[str, Table], drugs: Drugs) -> Earlier:
    """Compares whole sets of drugs; a class in a regimen (``chemotherapy``) is never the same regimen.

    Each alternative of a slot counts for itself, so a regimen with alternatives is ruled out only when all of them have
    been tried, unless the option says they stand for each other (platinum).
    """
    courses = [row for row in tables["courses"].rows if row.cells["completed"]]
    names = {name for slot in option.regimen for name in slot.alternatives if drugs.get(name) is not None}
    wanted = regimens(option, drugs)
    failed = [row for row in courses if _progressed(row) == TRUE and _agents(row) in wanted]
    unclear = [row for row in courses if _progressed(row) == UNKNOWN and _agents(row) in wanted]
    if _all_tried(wanted, failed, option):
        return Earlier(_ALREADY.format(place=failed[0].place))
    asks = tuple(Input(row.place_of("progressed")) for row in unclear if _all_tried(wanted, [*failed, row], option))
    continued = drugs.drugs_of_class(situation.continues) if situation.continues else ()
    return Earlier(None, asks, tuple(_shared(names.difference(continued), courses, drugs)))


def regimens(option: Option, drugs: Drugs) -> frozenset[frozenset[str]]:
    """The sets of drugs that are the option's regimen; none where it names a class."""
    slots = [slot.alternatives for slot in option.regimen]
    if any(drugs.get(name) is None for slot in slots for name in slot):
        return frozenset()
    return frozenset(_regimens(slots))


_ALREADY = Text("already given, progressed ({place})", "已用过且进展（{place}）")
_GIVEN = {
    TRUE: Text("{name} was given before, and the tumour progressed ({place})", "既往用过{name}且进展（{place}）"),
    UNKNOWN: Text("{name} was given before ({place})", "既往用过{name}（{place}）"),
}
_GIVEN[FALSE] = _GIVEN[UNKNOWN]


def _all_tried(wanted: frozenset[frozenset[str]], tried: list[Row], option: Option) -> bool:
    seen = {_agents(row) for row in tried}
    return bool(seen) and (option.interchangeable or seen == wanted)


def _shared(names: set[str], courses: list[Row], drugs: Drugs) -> Iterator[Text]:
    """Each drug of the regimen given before, once, with what came of it."""
    for outcome in (TRUE, UNKNOWN, FALSE):
        for row in courses:
            maintenance = row.cells["maintenance"]
            assert isinstance(maintenance, frozenset)
            for name in sorted(names & (_agents(row) | maintenance)):
                if _progressed(row) == outcome:
                    yield _GIVEN[outcome].format(name=drugs.find(name).name, place=row.place)
                    names.discard(name)


def _progressed(row: Row) -> Truth:
    """Whether the tumour progressed on the course; a course stopped for something else did not see it progress."""
    stopped_for = row.cells.get("stopped_for")
    if row.cells.get("progressed") or row.cells.get("progression") or stopped_for == "progression":
        return TRUE
    return UNKNOWN if stopped_for is None else FALSE


def _agents(row: Row) -> frozenset[str]:
    agents = row.cells["agents"]
    assert isinstance(agents, frozenset)
    return agents


def _regimens(slots: list[tuple[str, ...]]) -> Iterator[frozenset[str]]:
    """Every set of drugs that takes one alternative of each slot."""
    if not slots:
        yield frozenset()
        return
    for name in slots[0]:
        for rest in _regimens(slots[1:]):
            yield rest | {name}
