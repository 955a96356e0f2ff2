"""Sentences made from numbers, so that a sentence and its figure can't part."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tumorboard.consensus.protocol import DecisionClass, Protocol, Wording
from tumorboard.consensus.tally import Tally
from tumorboard.text import Text

_MOST_DECIMALS = 12


def shown_share(share: Fraction, cuts: Sequence[Fraction]) -> Decimal:
    """A share in percent rounded for print, with as many decimals as it takes to stay on its side of every cut.

    79.6 is printed as 79.6, not as 80, where something changes at 80; 78.4 as 78.
    """
    for decimals in range(_MOST_DECIMALS + 1):
        shown = _rounded(share, decimals)
        if all((Fraction(shown) >= cut) == (share >= cut) for cut in cuts):
            return shown
    # Only a panel of more than 10^10 could come here.
    raise ValueError(f"{share} is too near to a cut-off to be printed")


def _rounded(number: Fraction, decimals: int) -> Decimal:
    scaled = Decimal((2 * number * 10**decimals + 1).__floor__() // 2)
    return scaled.scaleb(-decimals).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def plain(number: Fraction, decimals: int = 2) -> str:
    """A number without zeros at its end: 7, 7.5."""
    text = str(_rounded(number, decimals))
    return text.rstrip("0").rstrip(".") if "." in text else text


def wording(tallied: Tally, decided: DecisionClass | None, what: Text, protocol: Protocol) -> Text:
    """The sentence for a question that was decided; ``what`` is what was asked."""
    if tallied.share is None or not tallied.enough:
        return Text(f"Too few votes to decide: {what.en}", f"投票人数不足，未作决定：{what.zh}")
    chosen = fitting(tallied, decided, protocol)
    return chosen.text.format(
        quantity=chosen.quantity,
        share=shown_share(tallied.share, protocol.cuts),
        median="–" if tallied.median is None else plain(tallied.median),
        what=what,
    )


def fitting(tallied: Tally, decided: DecisionClass | None, protocol: Protocol) -> Wording:
    """The wording for a class or a share; by class first. A protocol's last wording takes what no other does."""
    for each in protocol.wording:
        if each.class_ is not None and decided is not None and each.class_ == decided.id:
            return each
        if each.at_least is not None and tallied.share is not None and tallied.share >= each.at_least:
            return each
    return protocol.wording[-1]
