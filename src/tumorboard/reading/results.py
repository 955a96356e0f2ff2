"""What is known of one figure while a sentence is read: endpoints as named, groups of figures, results."""

from __future__ import annotations

from dataclasses import dataclass, field

from tumorboard.evidence.findings import Effect, Interval, PValue
from tumorboard.reading.lexer import TIMES, Token
from tumorboard.reading.lexicon import Endpoint
from tumorboard.reading.study import Mentioned

Arm = tuple[str, ...] | None
Slot = tuple[str, "Named"]  # the name of an endpoint, with its grade or time, and where it stands
GROUP_BY_GROUP = "group by group"
"""The rule of a level that stands for one group of patients, or one dose, of a treatment."""


@dataclass(slots=True, eq=False)
class Named:
    """An endpoint where it is printed, with its grade or times; ``endpoint`` is None for a quantity that is none."""

    endpoint: Endpoint | None
    start: int
    end: int
    grade: str = ""
    times: tuple[str, ...] = ()
    frequency: str = ""
    rate_word: bool = False
    grade_carried: bool = False  # the grade stands with another event before it

    @property
    def names(self) -> tuple[str, ...]:
        if self.frequency:
            return (self.frequency,)
        if self.endpoint is None:
            return ("",)
        if self.times:
            return tuple(f"{self.endpoint.name}_rate_{time}" for time in self.times)
        return (f"{self.grade}{self.endpoint.name}",)


@dataclass(slots=True)
class Result:
    """One result as understood: a value, its arm, the arm it is compared with, and what goes with both."""

    endpoint: str
    named: Named
    rule: str
    value: Token | None = None
    arm: Arm = None
    other: Token | None = None
    other_arm: Arm = None
    effect: Effect | None = None
    ci: Interval | None = None
    p: PValue | None = None
    statistic: str | None = None
    start: int = 0
    end: int = 0
    printed: str = ""
    ambiguous: bool = False
    n: int | None = None
    topic: bool = False  # the arm was carried, not named beside the value


@dataclass(slots=True)
class Group:
    """Endpoints, and the figures and arms printed for them until the next endpoint."""

    endpoints: list[Named] = field(default_factory=list)
    cells: list[Token] = field(default_factory=list)
    arms: list[Mentioned] = field(default_factory=list)
    stats: list[tuple[int, Token]] = field(default_factory=list)  # after how many cells, what
    breaks: list[int] = field(default_factory=list)  # after how many cells a semicolon stands
    start: int = 0
    carried: bool = False
    parallel: bool = False  # another arm's figures for the endpoints told of just before


_COMPATIBLE: dict[str, set[str | None]] = {
    "%": {"%", "patients", "percentage points"},
    "time": set(TIMES),
    "ratio": {None, "%"},
}


def fits(cell: Token, named: Named) -> bool:
    if cell.qualifier == "not_reached":
        return named.endpoint is not None and named.endpoint.unit == "time" and not named.times
    unit = "%" if named.times or named.frequency or named.endpoint is None else named.endpoint.unit
    if unit == "time" and named.endpoint is not None and named.endpoint.event:
        return False
    return cell.unit in _COMPATIBLE.get(unit, set())


def attach(result: Result, token: Token) -> None:
    """Gives a result an effect, interval or P value printed with it, where it has none yet."""
    if token.kind == "F" and result.effect is None:
        result.effect, result.ci = token.effect, token.ci
        result.end = max(result.end, token.end)
        if not result.printed:
            result.printed = token.printed
    elif token.kind == "CI" and (result.ci is None or result.effect is not None):
        result.ci = token.ci
        result.end = max(result.end, token.end)
    elif token.kind == "P" and result.p is None:
        result.p = token.p
        result.end = max(result.end, token.end)
