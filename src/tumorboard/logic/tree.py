"""The tree of a rule: one frozen dataclass a node, typed when it is built. It knows no reader.

Two strata. *Row* nodes (:class:`Rows` and what reads them) may stand in facts only; situations, options and cautions
are logic over facts. The parser enforces this; the readers meet an unknown node with an assertion, never a default.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from tumorboard.case.columns import DATE, WHOLE, Type
from tumorboard.case.columns import TRUTH as TRUTH
from tumorboard.logic.functions import FunctionName
from tumorboard.logic.values import Comparison

Operation = Literal["+", "-", "*", "/", "larger", "smaller"]
DAYS = Type("whole", "days")


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool | int | Decimal | str
    type: Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named option of the knowledge (a cut-off with alternatives)."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the row now looked at."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class And:
    items: tuple[Node, ...]
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple[Node, ...]
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Not:
    item: Node
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Compare:
    op: Comparison
    left: Node
    right: Node
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Among:
    """A label is one of a closed list."""

    item: Node
    options: frozenset[str]
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Meets:
    """A list holds at least one member of a class of the vocabulary (or a label is one)."""

    item: Node
    group: str
    members: frozenset[str]
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Only:
    """A list is not empty and holds nothing but members of a class of the vocabulary."""

    item: Node
    group: str
    members: frozenset[str]
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class HowMany:
    """How many of a list belong to a class of the vocabulary."""

    item: Node
    group: str
    members: frozenset[str]
    type: Type = WHOLE


@dataclass(frozen=True, slots=True)
class Some:
    """A list is not empty."""

    item: Node
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Arithmetic:
    op: Operation
    left: Node
    right: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Function:
    """A rising function of a positive number, or (``magnitude``) a number without its unit."""

    name: FunctionName
    item: Node
    exponent: Decimal  # of ``power``; 1 for the others
    type: Type


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days from ``start`` to ``end``."""

    start: Node
    end: Node
    type: Type = DAYS


@dataclass(frozen=True, slots=True)
class Bounded:
    """A day that, where it isn't recorded, lies between two others (a progression before the next treatment)."""

    item: Node
    low: Node
    high: Node
    type: Type = DATE


@dataclass(frozen=True, slots=True)
class Choose:
    """The value of the first branch whose condition holds."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Band:
    """A number sorted into a table of cuts, lowest first; each cut says whether it takes its own boundary."""

    item: Node
    cuts: tuple[tuple[Literal["<", "<="], Node, Node], ...]
    above: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Collect:
    """The names of those reasons that hold."""

    reasons: tuple[tuple[str, Node], ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Recorded:
    """Whether the record settles the value: the one place, beside complete lists, where absence means something."""

    item: Node
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The value has no meaning for this patient; ``reason`` names a text that says more."""

    type: Type
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """The source itself decides nothing here: unknown, and no entry of the record would settle it."""

    reason: str
    type: Type


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table that fulfil all conditions; conditions read required columns only, so they are decided."""

    table: str
    conditions: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    rows: Rows
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Count:
    rows: Rows
    type: Type = WHOLE


@dataclass(frozen=True, slots=True)
class Pick:
    """One column of the first or last row by date; rows of the same date give every value they hold."""

    rows: Rows
    which: Literal["first", "last"]
    column: str
    type: Type


@dataclass(frozen=True, slots=True)
class Holds:
    """Whether the condition holds for at least one row; it may read columns that are not recorded."""

    rows: Rows
    condition: Node
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class LongestRun:
    """How many rows in a row, by date, the condition holds for at most; it may read columns that are not recorded."""

    rows: Rows
    condition: Node
    type: Type = WHOLE


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest value of a named entry: a laboratory value, an observation, a consent, a score."""

    table: str
    key: str
    type: Type


@dataclass(frozen=True, slots=True)
class Present:
    """Whether an alteration, or one of its class, is in the tumour.

    ``since`` (a date) lets only specimens taken on or after that day count; ``absence_in`` names the kind of specimen
    in which alone a negative result counts.
    """

    alteration: str
    since: Node | None
    absence_in: str | None
    type: Type = TRUTH


Node = (
    Constant | Parameter | Fact | Column
    | And | Or | Not | Compare | Among | Meets | Only | HowMany | Some
    | Arithmetic | Function | Days | Bounded | Choose | Band | Collect | Recorded | NotApplicable | Undecided
    | Exists | Count | Pick | Holds | LongestRun | Newest | Present
)  # fmt: skip


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below ``node``, row conditions included."""
    match node:
        case Constant() | Parameter() | Fact() | Column() | NotApplicable() | Undecided() | Newest():
            return ()
        case And(items) | Or(items):
            return items
        case Not(item) | Among(item) | Meets(item) | Only(item) | HowMany(item) | Some(item) | Recorded(item):
            return (item,)
        case Compare(_, left, right) | Arithmetic(_, left, right) | Days(left, right):
            return (left, right)
        case Function(_, item):
            return (item,)
        case Bounded(item, low, high):
            return (item, low, high)
        case Choose(branches, otherwise):
            return (*(part for branch in branches for part in branch), otherwise)
        case Band(item, cuts, above):
            return (item, *(part for _, at, value in cuts for part in (at, value)), above)
        case Collect(reasons):
            return tuple(condition for _, condition in reasons)
        case Exists(rows) | Count(rows) | Pick(rows):
            return rows.conditions
        case Holds(rows, condition) | LongestRun(rows, condition):
            return (*rows.conditions, condition)
        case Present(_, since):
            return () if since is None else (since,)
    raise AssertionError(f"a node without children(): {node!r}")


def shared(part: Any, known: dict[Any, Any]) -> Any:
    """``part`` (a node, or anything in one) with equal nodes made one and the same object, those of ``known`` first.

    Readers keep what they have worked out by the node's identity, which is far cheaper than comparing trees.
    """
    if isinstance(part, tuple):
        return tuple(shared(item, known) for item in part)
    if not is_dataclass(part) or isinstance(part, type) or type(part).__module__ != __name__:
        return part
    inner = {field.name: shared(getattr(part, field.name), known) for field in fields(part)}
    made = replace(part, **inner)
    return known.setdefault(made, made)


def facts_read(node: Node) -> frozenset[str]:
    """Names of the facts a rule reads directly."""
    own = {node.name} if isinstance(node, Fact) else set()
    return frozenset(own.union(*(facts_read(child) for child in children(node))))
