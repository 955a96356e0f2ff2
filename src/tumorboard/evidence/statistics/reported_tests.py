"""Test statistics against the P value printed with them."""

from __future__ import annotations

from tumorboard.evidence.statistics.check import Check, Note, Recomputed
from tumorboard.evidence.statistics.distributions import chi_square_upper, t_two_sided
from tumorboard.evidence.statistics.printed import NotReadable, Printed, read_count, read_number, read_p


def chi2_to_p(statistic: str, degrees: int | str, printed: str) -> Check:
    """Whether a printed P follows from a χ² statistic and its degrees of freedom.

    Formula: P(χ² with ``degrees`` ≥ statistic), over every statistic that rounds to the printed one. Reference: Pearson
    1900; Nuijten et al. 2016, Behav Res Methods 48:1205 (recomputing reported P). *reproduces*: some rounding gives
    the printed P; *not reproduced*: none does. Raises NotReadable. Needs scipy.
    """
    value, freedom, target = _read(statistic, degrees, printed)
    if value.value < 0:
        raise NotReadable("χ²", f"{statistic!r} is negative", "a χ² statistic is at least 0")
    low, high = value.bounds()
    computed = Recomputed(
        "χ²",
        chi_square_upper(float(value.value), freedom),
        chi_square_upper(high, freedom),
        chi_square_upper(max(0.0, low), freedom),
    )
    return _compared("χ² to P", f"χ²={statistic}, df={freedom}, P {printed}", target, computed)


def t_to_p(statistic: str, degrees: int | str, printed: str) -> Check:
    """Whether a printed two-sided P follows from a t statistic and its degrees of freedom.

    Formula: P(|T| ≥ |t|), Student's t with ``degrees`` of freedom, over all roundings of t. Reference: Student 1908;
    Nuijten et al. 2016, Behav Res Methods 48:1205. *reproduces*: some rounding gives the printed P; *not reproduced*:
    none does; the note says where a one-sided P would. Raises NotReadable. Needs scipy.
    """
    value, freedom, target = _read(statistic, degrees, printed)
    sides = sorted(abs(side) for side in value.bounds())
    nearest = 0.0 if value.bounds()[0] <= 0 <= value.bounds()[1] else sides[0]
    low, high = t_two_sided(sides[1], freedom), t_two_sided(nearest, freedom)
    computed = Recomputed("t", t_two_sided(float(value.value), freedom), low, high)
    note = None
    if target.rounded.meets(low / 2, high / 2):
        note = Note("Fits a one-sided t test.", "与单侧t检验相符。")
    return _compared("t to P", f"t={statistic}, df={freedom}, P {printed}", target, computed, note)


def _read(statistic: str, degrees: int | str, printed: str) -> tuple[Printed, int, Printed]:
    return read_number(statistic, "statistic"), read_count(degrees, "degrees of freedom", least=1), read_p(printed)


def _compared(kind: str, text: str, target: Printed, computed: Recomputed, otherwise: Note | None = None) -> Check:
    if computed.low is None or computed.high is None:
        raise AssertionError(computed)
    if target.rounded.meets(computed.low, computed.high):
        return Check(kind, text, (computed,), "reproduces", (computed.test,))
    return Check(kind, text, (computed,), "not reproduced", note=otherwise)
