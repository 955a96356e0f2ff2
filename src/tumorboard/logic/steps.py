"""Steps of a derivation, and Kleene's tables written out."""

from __future__ import annotations

from typing import NamedTuple

from tumorboard.case.rows import Row
from tumorboard.logic.inputs import Input, Note
from tumorboard.logic.tree import Node
from tumorboard.logic.values import FALSE, TRUE, UNKNOWN, Value

AND = {
    (TRUE, TRUE): TRUE, (TRUE, UNKNOWN): UNKNOWN, (TRUE, FALSE): FALSE,
    (UNKNOWN, TRUE): UNKNOWN, (UNKNOWN, UNKNOWN): UNKNOWN, (UNKNOWN, FALSE): FALSE,
    (FALSE, TRUE): FALSE, (FALSE, UNKNOWN): FALSE, (FALSE, FALSE): FALSE,
}  # fmt: skip
OR = {
    (TRUE, TRUE): TRUE, (TRUE, UNKNOWN): TRUE, (TRUE, FALSE): TRUE,
    (UNKNOWN, TRUE): TRUE, (UNKNOWN, UNKNOWN): UNKNOWN, (UNKNOWN, FALSE): UNKNOWN,
    (FALSE, TRUE): TRUE, (FALSE, UNKNOWN): UNKNOWN, (FALSE, FALSE): FALSE,
}  # fmt: skip
NOT = {TRUE: FALSE, UNKNOWN: UNKNOWN, FALSE: TRUE}


class Step(NamedTuple):
    """One node with its value, the steps it was made from, what is missing, and the entries and rows behind a leaf.

    A named tuple, as a case takes a thousand of them and a frozen dataclass costs twice as much to make.
    """

    node: Node
    value: Value
    parts: tuple[Step, ...] = ()
    missing: tuple[Input, ...] = ()
    notes: tuple[Note, ...] = ()
    places: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
