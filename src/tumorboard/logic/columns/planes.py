"""Logic over facts on packed planes: one bit a patient for *can be true*, one for *can be false*.

And is ``&`` of the one and ``|`` of the other, not is their exchange, so a rule costs a few passes over an eighth of a
byte a patient, however many patients there are.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tumorboard.logic import tree
from tumorboard.logic.columns.arrays import Truths
from tumorboard.logic.tree import Node

if TYPE_CHECKING:
    from tumorboard.logic.columns.reader import ColumnsReader

Packed = NDArray[np.uint8]
Pair = tuple[Packed, Packed]


class Planes:
    """The planes of logic over facts; what is not logic is read as columns, once, and packed."""

    def __init__(self, reader: ColumnsReader) -> None:
        # Weakly, as the reader holds the planes: so a batch leaves memory with its reader, not when circles are sought.
        self.reader: ColumnsReader = weakref.proxy(reader)
        self._packed: dict[int, tuple[Node, Pair]] = {}

    def truths(self, node: Node) -> Truths:
        can_be_true, can_be_false = self.of(node)
        return Truths(self._unpacked(can_be_true), self._unpacked(can_be_false))

    def of(self, node: Node) -> Pair:
        key = id(node)
        if key not in self._packed:
            self._packed[key] = node, self._worked_out(node)
        return self._packed[key][1]

    def _worked_out(self, node: Node) -> Pair:
        match node:
            case tree.And(items):
                parts = [self.of(item) for item in items]
                return np.bitwise_and.reduce([t for t, _ in parts]), np.bitwise_or.reduce([f for _, f in parts])
            case tree.Or(items):
                parts = [self.of(item) for item in items]
                return np.bitwise_or.reduce([t for t, _ in parts]), np.bitwise_and.reduce([f for _, f in parts])
            case tree.Not(item):
                can_be_true, can_be_false = self.of(item)
                return can_be_false, can_be_true
            case tree.Fact(name):
                return self.of(self.reader.facts.definitions[name].node)
        truths = self.reader.truths(node)
        return np.packbits(truths.can_be_true), np.packbits(truths.can_be_false)

    def _unpacked(self, packed: Packed) -> NDArray[np.bool_]:
        return np.unpackbits(packed, count=self.reader.patients.count).view(np.bool_)
