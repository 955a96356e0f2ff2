"""What an option's regimen shares with treatment the tumour has already progressed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tumorboard.case.rows import Row, Table
from tumorboard.guidelines.model import Option, Situation
from tumorboard.text import Text
from tumorboard.vocabulary.drugs import Drugs


@dataclass(frozen=True, slots=True)
class Earlier:
    """``excluded``: the same regimen was given and the tumour progressed. ``warnings``: shared components."""

    excluded: Text | None
    warnings: tuple[Text, ...]


def earlier(option: Option, situation: Situation, tables: Mapping[str, Table], drugs: Drugs) -> Earlier:
    """Compares whole sets of drugs; a class in a regimen (``chemotherapy``) is never the same regimen.

    Each alternative of a slot counts for itself, so a regimen with alternatives is ruled out only when all of them have
    been tried, unless the option says they stand for each other (platinum).
    """
    tried: dict[str, list[Row]] = {"progressed": [], "given": []}
    for row in tables["courses"].rows:
        if row.cells["completed"]:
            tried["progressed" if _progressed(row) else "given"].append(row)
    singles = [slot.alternatives for slot in option.regimen]
    if all(drugs.get(name) is not None for slot in singles for name in slot):
        wanted = list(_regimens(singles))
        seen = [
            combination for combination in wanted if any(_agents(row) == combination for row in tried["progressed"])
        ]
        if len(seen) == len(wanted) or (seen and option.interchangeable):
            row = next(row for row in tried["progressed"] if _agents(row) in seen)
            text = Text("already given, progressed ({place})", "已用过且进展（{place}）").format(place=row.place)
            return Earlier(text, ())
    continued = drugs.drugs_of_class(situation.continues) if situation.continues else ()
    names = {name for slot in singles for name in slot if drugs.get(name) is not None and name not in continued}
    warnings = []
    for outcome, words in _WORDS.items():
        for row in tried[outcome]:
            for name in sorted(names & _agents(row)):
                warnings.append(words.format(name=drugs.find(name).name, place=row.place))
                names.discard(name)
    return Earlier(None, tuple(warnings))


_WORDS = {
    "progressed": Text(
        "{name} was given before, and the tumour progressed ({place})", "既往用过{name}且进展（{place}）"
    ),
    "given": Text("{name} was given before ({place})", "既往用过{name}（{place}）"),
}


def _progressed(row: Row) -> bool:
    cells = row.cells
    return bool(cells.get("progressed") or cells.get("progression") or cells.get("stopped_for") == "progression")


def _agents(row: Row) -> frozenset[str]:
    agents = row.cells["agents"]
    assert isinstance(agents, frozenset)
    return agents


def _regimens(slots: list[tuple[str, ...]]) -> Iterator[frozenset[str]]:
    if not slots:
        yield frozenset()
        return
    for name in slots[0]:
        for rest in _regimens(slots[1:]):
            yield rest | {name}
