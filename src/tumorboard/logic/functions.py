"""Functions of one number that leave exact decimals: logarithm, root, power, and division by a constant.

Each rises with its argument, so a range goes through by its ends. Results keep 50 digits, rounded to the nearest; what
is calculated with them afterwards is exact again.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal
from typing import Literal

from tumorboard.logic.values import NO_NUMBER, Exact, Number

FunctionName = Literal["log10", "sqrt", "power", "magnitude"]
_KEPT = Context(prec=50)
_WORKING = Context(prec=60)  # a power is not always rounded to the nearest in its last digit


def function(name: FunctionName, value: Number, exponent: Decimal) -> Number:
    """``name`` of a number; ``magnitude`` is the number itself, without its unit.

    The others have a meaning for positive numbers only: of a range the positive part counts, and a number that is not
    positive has none. What a case measures is positive; its reader refuses the rest.
    """
    if name == "magnitude" or not value.some:
        return value
    if value.high is not None and value.high <= 0:
        return NO_NUMBER
    of = _of(name, exponent)
    lowest: Exact | None = None if name == "log10" else 0
    low = lowest if value.low is None or value.low <= 0 else of(value.low)
    if value.high is None:
        return Number(low, None, value.na)
    return Number(low, low if value.low == value.high else of(value.high), value.na)


def divide(left: Number, right: Number) -> Number:
    """``left`` by a positive constant."""
    by = right.low
    assert by is not None and right.known and by > 0, "the parser lets only positive constants divide"
    if not left.some:
        return NO_NUMBER
    low, high = (
        None if bound is None else _KEPT.divide(Decimal(bound), Decimal(by)) for bound in (left.low, left.high)
    )
    return Number(low, high, left.na)


def _of(name: FunctionName, exponent: Decimal) -> Callable[[Exact], Decimal]:
    match name:
        case "log10":
            return lambda number: _KEPT.log10(Decimal(number))
        case "sqrt":
            return lambda number: _KEPT.sqrt(Decimal(number))
        case "power":
            return lambda number: _KEPT.plus(_WORKING.power(Decimal(number), exponent))
    raise AssertionError(f"no function {name}")
