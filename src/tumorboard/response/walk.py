"""One time point after the other: target lesions against baseline and nadir, then the overall response."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tumorboard.response import words
from tumorboard.response.criteria import Criteria, Options
from tumorboard.response.lesions import Measured
from tumorboard.response.model import Assessment, Nontarget, Possible, Response, Timepoint
from tumorboard.response.words import mm, percent, say, signed_mm
from tumorboard.text import Text

RESPONSES = frozenset({Response.CR, Response.PR})
_NO_TARGETS = {
    Nontarget.CR: Response.CR,
    Nontarget.NON_CR_NON_PD: Response.NON_CR_NON_PD,
    Nontarget.NE: Response.NE,
    Nontarget.NONE: Response.NE,
    Nontarget.PD: Response.PD,
}


def overall(target: Response | None, nontarget: Nontarget, new_lesions: bool) -> Response:
    """The overall response of a time point (RECIST 1.1, tables 1 and 2); ``target`` None: there are no targets."""
    if new_lesions or nontarget is Nontarget.PD or target is Response.PD:
        return Response.PD
    if target is None:
        return _NO_TARGETS[nontarget]
    if target is Response.CR and nontarget not in (Nontarget.CR, Nontarget.NONE):
        return Response.PR
    return target


@dataclass
class Walk:
    """State carried from one time point to the next.

    ``baseline`` None: there is none. ``exists``: whether there are non-target lesions, None where not known.
    """

    criteria: Criteria
    options: Options
    baseline: Measured | None
    exists: bool | None

    def __post_init__(self) -> None:
        self.start = self.baseline.sum if self.baseline else None
        self.no_targets = self.start == 0
        self.nadir = self.start
        self.responded = False
        self.complete = False  # the newest known overall response was CR
        self.ended = False

    def over(self, later: Sequence[Timepoint], measured: Sequence[Measured]) -> tuple[Assessment, ...]:
        return tuple(self.step(timepoint, found) for timepoint, found in zip(later, measured, strict=True))

    def step(self, timepoint: Timepoint, found: Measured) -> Assessment:
        target, because = (None, [say("no targets")]) if self.no_targets else self.target(found)
        nontarget = self.nontarget(found)
        new = self.new_lesions(found)
        possible = Possible.of(overall(target, n, w) for n in nontarget.values for w in new.values)
        because += self.rest(found, nontarget, new)
        if self.complete and self.seen_again(target, nontarget) and possible.values != {Response.PD}:
            because.append(self.criteria.readings["after-cr"])
        before = self.nadir
        if found.sum is not None and not self.no_targets:
            self.nadir = found.sum if before is None else min(before, found.sum)
        assessment = Assessment(
            timepoint=timepoint,
            sum=None if self.no_targets else found.sum,
            nadir=None if self.no_targets else self.nadir,
            from_baseline=_change(found.sum, self.start),
            from_nadir=_change(found.sum, before),
            target=target,
            nontarget=nontarget,
            new_lesions=new,
            overall=possible,
            after_progression=self.ended,
            because=tuple(because),
            missing=self.missing(timepoint, found, target, possible, nontarget, new),
        )
        self.carry(target, possible)
        return assessment

    def carry(self, target: Response | None, possible: Possible[Response]) -> None:
        progressed = possible.values == {Response.PD}
        self.ended = self.ended or progressed
        self.responded = not progressed and (self.responded or target in RESPONSES)
        if possible.known and possible.value is not Response.NE:
            self.complete = possible.value is Response.CR

    # -- target lesions ------------------------------------------------------------------------------------------

    def target(self, found: Measured) -> tuple[Response, list[Text]]:
        """Target lesions: complete response, then progression (before partial response), then the rest."""
        now, nadir, criteria = found.sum, self.nadir, self.criteria
        if now is None:
            return self.partial(found)
        if found.gone and self.start is not None:
            return Response.CR, [say("gone", node=mm(criteria.node_normal))]
        because = []
        if nadir is not None:
            because.append(self.growth(now, nadir))
            if criteria.grew(now, nadir, self.options):
                return Response.PD, [*because, say("target", response=Response.PD)]
        if self.start is None:
            return Response.NE, [*because, say("no baseline"), say("target", response=Response.NE)]
        because.append(
            say(
                "shrinkage",
                change=percent(_change(now, self.start)),
                baseline=mm(self.start),
                percent=words.number(criteria.response_percent),
            )
        )
        if criteria.shrank(now, self.start):
            return Response.PR, [*because, say("target", response=Response.PR)]
        if self.responded and self.options.keep_response:
            return Response.PR, [*because, say("held")]
        return Response.SD, [*because, say("target", response=Response.SD)]

    def partial(self, found: Measured) -> tuple[Response, list[Text]]:
        """Not every target was evaluated: progression where those that were suffice for it, else not evaluable."""
        nadir = self.nadir
        if nadir is not None and self.criteria.grew(found.at_least, nadir, self.options):
            parts = self.parts(found.at_least, nadir)
            return Response.PD, [say("partial growth", **parts), say("target", response=Response.PD)]
        return Response.NE, [say("no sum"), say("target", response=Response.NE)]

    def growth(self, now: int, nadir: int) -> Text:
        if nadir == 0:
            return say("reappeared", now=mm(now))
        absolute = self.criteria.needs_absolute_increase(self.options)
        return say("growth absolute" if absolute else "growth", **self.parts(now, nadir))

    def parts(self, now: int, nadir: int) -> dict[str, object]:
        return {
            "now": mm(now),
            "nadir": mm(nadir),
            "change": percent(_change(now, nadir)),
            "increase": signed_mm(now - nadir),
            "percent": words.number(self.criteria.progression_percent),
            "least": mm(self.criteria.progression),
        }

    # -- everything else -----------------------------------------------------------------------------------------

    def nontarget(self, found: Measured) -> Possible[Nontarget]:
        if found.nontarget is not None:
            return Possible.of([found.nontarget])
        if self.exists is None:
            return Possible.of([Nontarget.NONE, Nontarget.NE])
        return Possible.of([Nontarget.NE if self.exists else Nontarget.NONE])

    def new_lesions(self, found: Measured) -> Possible[bool]:
        if found.new_lesions is not None:
            return Possible.of([found.new_lesions])
        return Possible.of([False] if self.options.assume_no_new_lesions else [False, True])

    def rest(self, found: Measured, nontarget: Possible[Nontarget], new: Possible[bool]) -> Iterator[Text]:
        if found.nontarget is Nontarget.PD:
            yield say("nontarget PD")
        elif found.nontarget not in (None, Nontarget.NONE):
            yield say("nontarget", state=found.nontarget)
        elif not nontarget.known:
            yield say("nontarget not recorded")
        elif nontarget.value is Nontarget.NE:
            yield say("nontarget not evaluated")
        if found.new_lesions is None:
            yield say("new not recorded" if not new.known else "new assumed")
        else:
            yield say("new" if found.new_lesions else "no new")

    def seen_again(self, target: Response | None, nontarget: Possible[Nontarget]) -> bool:
        return target not in (None, Response.CR, Response.NE) or nontarget.values == {Nontarget.NON_CR_NON_PD}

    def missing(
        self,
        timepoint: Timepoint,
        found: Measured,
        target: Response | None,
        possible: Possible[Response],
        nontarget: Possible[Nontarget],
        new: Possible[bool],
    ) -> tuple[str, ...]:
        """The entries that would settle the time point; none where it is progression whatever they say."""
        if possible.values == {Response.PD}:
            return ()
        entries = list(found.missing) if target is Response.NE else []
        if not new.known:
            entries.append(f"{timepoint.place}.new_lesions")
        decides = len({overall(target, state, False) for state in nontarget.values}) > 1
        if decides or (target is Response.CR and found.nontarget is None and nontarget.values == {Nontarget.NE}):
            entries.append(f"{timepoint.place}.nontarget")
        return tuple(entries)


def _change(now: int | None, then: int | None) -> Fraction | None:
    """The exact change in per cent; None from nothing, or where either isn't known."""
    return Fraction(100 * (now - then), then) if now is not None and then else None
