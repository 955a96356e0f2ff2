"""From single lesions to what a time point measures: which may be targets, their sum, and the non-target lesions.

The baseline chooses: it lists every lesion and says which are targets; later time points refer to them by id. Lesions
that split or merge are not worked out (give ``target_sum_mm``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tumorboard.errors import InvalidInput, Problem
from tumorboard.response.criteria import Criteria
from tumorboard.response.model import Lesion, Nontarget, Status, Timepoint
from tumorboard.response.words import mm

_NODES = "lymph nodes"
_WORST_FIRST = (Nontarget.PD, Nontarget.NE, Nontarget.NON_CR_NON_PD, Nontarget.CR)


@dataclass(frozen=True, slots=True)
class Measured:
    """``sum``: of all targets, None where one was not evaluated; ``at_least``: of those that were.

    ``gone``: every target has disappeared and every target node is normal. ``missing``: entries a sum lacks.
    """

    sum: int | None
    at_least: int
    gone: bool
    nontarget: Nontarget | None
    new_lesions: bool | None
    missing: tuple[str, ...]


def measure(baseline: Timepoint | None, later: Sequence[Timepoint], criteria: Criteria) -> tuple[Measured, ...]:
    """What each time point measures, the baseline first (if there is one). InvalidInput naming each wrong lesion."""
    measured = []
    chosen: dict[str, Lesion] = {}
    if baseline is not None:
        chosen = {lesion.id: lesion for lesion in baseline.lesions or ()}
        problems = [*_wrong_baseline(baseline, criteria), *_wrong_roles(chosen, later)]
        if problems:
            raise InvalidInput(*problems)
        measured.append(_measured(baseline, chosen, criteria))
    measured += [_measured(timepoint, chosen, criteria) for timepoint in later]
    if baseline is not None and measured[0].sum == 0:
        for timepoint, found in zip(later, measured[1:], strict=True):
            if found.at_least:
                raise InvalidInput(
                    Problem(
                        f"{timepoint.place}.target_sum_mm",
                        f"{mm(found.at_least)} mm, where the baseline has no target lesion",
                        "a lesion first seen later is a new lesion (`new_lesions: true`)",
                    )
                )
    return tuple(measured)


def _wrong_baseline(baseline: Timepoint, criteria: Criteria) -> Iterator[Problem]:
    organs: dict[str, int] = {}
    lesions = baseline.lesions or ()
    for lesion in lesions:
        if lesion.target is None:
            yield Problem(
                f"{lesion.place}.target", "is missing", "the baseline says of every lesion whether it is a target"
            )
        elif lesion.target:
            yield from _wrong_target(lesion, baseline, criteria)
            organ = _NODES if lesion.node else (lesion.site or "").casefold()
            organs[organ] = organs.get(organ, 0) + 1
            if organs[organ] == criteria.targets_per_organ + 1:
                what = f"more than {criteria.targets_per_organ} targets in one organ ({organ})"
                yield Problem(f"{lesion.place}.target", what, "make the others non-target lesions")
        else:
            yield from _wrong_nontarget(lesion, criteria)
    if sum(organs.values()) > criteria.targets:
        what = f"{sum(organs.values())} targets"
        yield Problem(
            f"{baseline.place}.lesions", what, f"at most {criteria.targets}; make the others non-target lesions"
        )


def _wrong_target(lesion: Lesion, baseline: Timepoint, criteria: Criteria) -> Iterator[Problem]:
    if lesion.status is not Status.MEASURED or lesion.size is None:
        yield Problem(f"{lesion.place}.mm", "is missing", "a target is measured at baseline")
    elif lesion.node and lesion.size < criteria.node_target:
        yield Problem(
            f"{lesion.place}.mm",
            f"a target node of {mm(lesion.size)} mm short axis",
            f"a target node measures at least {mm(criteria.node_target)} mm; from {mm(criteria.node_normal)} mm on it "
            "is a non-target lesion, below that it is normal",
        )
    elif not lesion.node and lesion.size < (least := criteria.least_measurable(baseline.slice)):
        why = ", twice the slice" if least > criteria.measurable else ""
        yield Problem(
            f"{lesion.place}.mm",
            f"a target of {mm(lesion.size)} mm",
            f"a target measures at least {mm(least)} mm{why}; make it non-target",
        )
    if lesion.site is None and not lesion.node:
        yield Problem(f"{lesion.place}.site", "is missing", "targets are counted by organ")


def _wrong_nontarget(lesion: Lesion, criteria: Criteria) -> Iterator[Problem]:
    if lesion.status in (Status.ABSENT, Status.PROGRESSED, Status.NEW):
        yield Problem(f"{lesion.place}.status", f"{lesion.status} at the baseline", "a baseline lists what is there")
    elif lesion.node and lesion.size is not None and lesion.size < criteria.node_normal:
        yield Problem(
            f"{lesion.place}.mm",
            f"a node of {mm(lesion.size)} mm short axis",
            f"below {mm(criteria.node_normal)} mm a node is normal and no lesion",
        )


def _wrong_roles(chosen: dict[str, Lesion], later: Sequence[Timepoint]) -> Iterator[Problem]:
    """Later lesions that aren't the baseline's, or have become another kind than they were."""
    appeared: set[str] = set()
    for timepoint in later:
        for lesion in timepoint.lesions or ():
            first = chosen.get(lesion.id)
            if lesion.status is Status.NEW:
                appeared.add(lesion.id)
                if first is not None:
                    yield Problem(f"{lesion.place}.status", f"new, but {lesion.id} is a lesion of the baseline")
                if timepoint.new_lesions is False:
                    yield Problem(f"{timepoint.place}.new_lesions", f"false, but {lesion.id} is new")
            elif first is None and lesion.id not in appeared:
                mend = "mark it `status: new`" if chosen else "list the lesions at the baseline too"
                yield Problem(f"{lesion.place}.id", f"{lesion.id} is not a lesion of the baseline", mend)
            elif first is not None:
                if lesion.target not in (None, first.target) or lesion.node not in (None, bool(first.node)):
                    yield Problem(lesion.place, f"{lesion.id} is of another kind than at the baseline")
                if first.target and lesion.status in (Status.PRESENT, Status.PROGRESSED):
                    mend = "measure a target, or say `too small`, `absent` or `not evaluated`"
                    yield Problem(f"{lesion.place}.status", f"{lesion.status} for a target", mend)


def _measured(timepoint: Timepoint, chosen: dict[str, Lesion], criteria: Criteria) -> Measured:
    if timepoint.lesions is None or not chosen:
        total = timepoint.target
        missing = () if total is not None else (f"{timepoint.place}.target_sum_mm",)
        return Measured(total, total or 0, total == 0, timepoint.nontarget, timepoint.new_lesions, missing)
    found = {lesion.id: lesion for lesion in timepoint.lesions}
    sizes: dict[str, int] = {}
    lacking: list[str] = []
    for target in (lesion for lesion in chosen.values() if lesion.target):
        size = _size(found.get(target.id), criteria)
        if size is None:
            there = found.get(target.id)
            lacking.append(f"{there.place}.mm" if there else f"{timepoint.place}.lesions: {target.id}")
        else:
            sizes[target.id] = size
    at_least = sum(sizes.values())
    total = None if lacking else at_least
    if timepoint.target is not None and total is not None and timepoint.target != total:
        raise InvalidInput(
            Problem(
                f"{timepoint.place}.target_sum_mm",
                f"{mm(timepoint.target)} mm, but the targets sum to {mm(total)} mm",
                "give the sum or the lesions",
            )
        )
    gone = not lacking and all(
        size < criteria.node_normal if chosen[id_].node else size == 0 for id_, size in sizes.items()
    )
    new = True if any(id_ not in chosen for id_ in found) else timepoint.new_lesions
    return Measured(total, at_least, gone, _nontarget(timepoint, chosen, found, criteria), new, tuple(lacking))


def _size(lesion: Lesion | None, criteria: Criteria) -> int | None:
    """What a target counts for, in tenths of a millimetre; None where it was not evaluated."""
    if lesion is None or lesion.status is Status.NOT_EVALUATED:
        return None
    if lesion.status is Status.ABSENT:
        return 0
    return criteria.too_small if lesion.status is Status.TOO_SMALL else lesion.size


def _nontarget(
    timepoint: Timepoint, chosen: dict[str, Lesion], found: dict[str, Lesion], criteria: Criteria
) -> Nontarget | None:
    """What the listed non-target lesions say; InvalidInput where the entry's own ``nontarget`` says otherwise."""
    listed = [lesion for lesion in chosen.values() if not lesion.target]
    if not listed:
        return timepoint.nontarget
    states = {_state(found.get(lesion.id), bool(lesion.node), criteria) for lesion in listed}
    worst = next(state for state in _WORST_FIRST if state in states)
    if timepoint.nontarget not in (None, worst) and worst is not Nontarget.NE:
        raise InvalidInput(
            Problem(
                f"{timepoint.place}.nontarget",
                f"{timepoint.nontarget}, but the lesions say {worst}",
                "give one of them",
            )
        )
    return timepoint.nontarget or worst


def _state(lesion: Lesion | None, node: bool, criteria: Criteria) -> Nontarget:
    if lesion is None or lesion.status is Status.NOT_EVALUATED:
        return Nontarget.NE
    if lesion.status is Status.PROGRESSED:
        return Nontarget.PD
    normal = lesion.size is not None and (lesion.size < criteria.node_normal if node else lesion.size == 0)
    return Nontarget.CR if lesion.status is Status.ABSENT or normal else Nontarget.NON_CR_NON_PD
