"""Counts and rates that must add up: arms, parts of a group, categories of response."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tumorboard.evidence.statistics.check import Check, Note, Recomputed, Verdict, joined
from tumorboard.evidence.statistics.counts import Arm
from tumorboard.evidence.statistics.printed import NotReadable, read_count, read_percentage

_Range = tuple[Fraction, Fraction]


def sum_of_arms(total: int | str, arms: Sequence[int | str]) -> Check:
    """Whether the arms (or any parts that exclude each other) add up to the printed total.

    Formula: Σ parts = total, whole numbers. *reproduces*: equal; *not reproduced*: fewer, so that some patients are in
    no part; *impossible*: more than the total, provided nobody counts twice. Elementary counting; Brown & Heathers 2017
    for its use as a check. Raises NotReadable.
    """
    whole = read_count(total, "total")
    if not arms:
        raise NotReadable("arms", "none is given", "give the patients of each arm")
    parts = [read_count(arm, f"arms[{place}]") for place, arm in enumerate(arms)]
    given = sum(parts)
    text = f"{' + '.join(map(str, parts))} = {whole}"
    computed = (Recomputed("sum", float(given)),)
    if given == whole:
        return Check("sum of arms", text, computed, "reproduces", ("sum",))
    if given < whole:
        note = Note(f"{whole - given} patients are in no part.", f"另有{whole - given}例未归入任何一组。")
        return Check("sum of arms", text, computed, "not reproduced", note=note)
    note = Note(f"The parts hold {given - whole} more than the total.", f"各组之和比总数多{given - whole}例。")
    return Check("sum of arms", text, computed, "impossible", note=note)


def part_of_whole(part: str, whole: str) -> Check:
    """Whether one group can be a part of another, by the events and non-events of both (``7/7`` within ``1/8``).

    Formula: events of the part ≤ events of the whole, and the same for those without the event. *reproduces*: it can
    be; *impossible*: it cannot, provided the one group does lie inside the other. Elementary counting. Raises
    NotReadable.
    """
    inner, outer = Arm.read(part, "part"), Arm.read(whole, "whole")
    text = f"{part} within {whole}"
    if not inner.events or not outer.events:
        return Check("part of whole", text, (), "not checkable")
    least, most = min(inner.events), max(outer.events)
    idle, room = inner.n - max(inner.events), outer.n - min(outer.events)
    computed = (
        Recomputed("events outside the part", float(most - least)),
        Recomputed("others outside the part", float(room - idle)),
    )
    if most >= least and room >= idle:
        return Check("part of whole", text, computed, "reproduces", ("counts",))
    note = Note(
        f"{part} cannot lie inside {whole}, if the one group is part of the other.",
        f"若前者属于后者，则{part}不可能包含于{whole}。",
    )
    return Check("part of whole", text, computed, "impossible", note=note)


def response_order(
    orr: str | None = None,
    dcr: str | None = None,
    cr: str | None = None,
    pr: str | None = None,
    sd: str | None = None,
    *,
    counts: bool = False,
) -> Check:
    """Whether response rates of one group fit each other: ORR = CR + PR, ORR ≤ DCR, DCR = ORR + SD, each part ≤ whole.

    All are percentages of the same patients, taken with every value that rounds to them, or with ``counts`` whole
    numbers of patients. Reference: the definitions of RECIST 1.1 (Eisenhauer 2009, Eur J Cancer 45:228). *reproduces*:
    every relation that can be tested holds, named in ``by``; *impossible*: one does not; *not checkable*: no two
    related rates are given. Raises NotReadable.
    """
    given = {"ORR": orr, "DCR": dcr, "CR": cr, "PR": pr, "SD": sd}
    known = {name: _span(text, name, counts=counts) for name, text in given.items() if text is not None}
    text = ", ".join(f"{name} {rate}" for name, rate in given.items() if rate is not None)
    held: list[str] = []
    notes: list[Note] = []
    computed = []
    for name, parts in (("ORR", ("CR", "PR")), ("DCR", ("ORR", "SD")), ("DCR", ("CR", "PR", "SD"))):
        if name in known and all(part in known for part in parts):
            low, high = (sum((known[part][side] for part in parts), Fraction(0)) for side in (0, 1))
            relation = f"{name} = {' + '.join(parts)}"
            computed.append(Recomputed(relation, float((low + high) / 2), float(low), float(high)))
            _note(relation, low <= known[name][1] and known[name][0] <= high, held, notes)
    for less, more in (("ORR", "DCR"), ("CR", "ORR"), ("PR", "ORR"), ("SD", "DCR"), ("CR", "DCR"), ("PR", "DCR")):
        if less in known and more in known:
            _note(f"{less} ≤ {more}", known[less][0] <= known[more][1], held, notes)
    if not held and not notes:
        return Check("response order", text, (), "not checkable")
    verdict: Verdict = "impossible" if notes else "reproduces"
    return Check("response order", text, tuple(computed), verdict, tuple(held), note=joined(notes))


def _note(relation: str, holds: bool, held: list[str], notes: list[Note]) -> None:
    if holds:
        held.append(relation)
    else:
        notes.append(Note(f"{relation} does not hold.", f"{relation}不成立。"))


def _span(text: str, name: str, *, counts: bool) -> _Range:
    if counts:
        count = Fraction(read_count(text, name))
        return count, count
    rate = read_percentage(text, name)
    return rate.value - rate.ulp / 2, rate.value + rate.ulp / 2
