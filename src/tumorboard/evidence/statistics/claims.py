"""A claim in words against the P value printed with it."""

from __future__ import annotations

from tumorboard.evidence.statistics.check import Check, Note, Recomputed
from tumorboard.evidence.statistics.printed import NotReadable, read_p

DIFFERENT = frozenset(
    {
        "higher", "lower", "longer", "shorter", "better", "worse", "more", "fewer", "greater", "less", "adverse",
        "favourable", "favours_intervention", "favours_comparator", "different",
    }
)  # fmt: skip
"""Words that claim a difference."""
ALIKE = frozenset({"no_difference", "similar", "equal", "not different"})
"""Words that claim none."""


def claim_against_p(claim: str, p: str, alpha: str = "0.05") -> Check:
    """Whether a claim of a difference is carried by its own P.

    ``claim`` is one of the words in ``DIFFERENT`` or ``ALIKE``. Rule: a difference is claimed with P < ``alpha``, none
    is claimed otherwise. *reproduces*: P is on the side the claim needs; *not reproduced*: it is on the other: the
    claim may be true, this P does not carry it; *not checkable*: P as printed may be on either side. Absence of
    evidence is not evidence of absence: a *reproduces* for "no difference" shows none either (Altman & Bland 1995, BMJ
    311:485; Wasserstein & Lazar 2016, Am Stat 70:129). Raises NotReadable (an unknown word, P > 1).
    """
    word = claim.strip().lower()
    if word not in DIFFERENT | ALIKE:
        raise NotReadable("claim", f"{claim!r} claims nothing known", f"one of {', '.join(sorted(DIFFERENT | ALIKE))}")
    target, threshold = read_p(p), read_p(alpha, "alpha")
    text = f"{claim}, P {p}"
    below = target.rounded.low is None or target.rounded.low < threshold.value
    above = target.rounded.high is None or target.rounded.high > threshold.value
    if target.op == "=" and target.value != threshold.value:
        # 0.049 is below 0.05 for every reader, though 0.0495 rounds to it; only the bare 0.05 is undecided.
        below, above = target.value < threshold.value, target.value > threshold.value
    computed = (Recomputed("alpha", float(threshold.value)),)
    if below and above:
        return Check("claim against P", text, computed, "not checkable")
    if (word in DIFFERENT) == below:
        return Check("claim against P", text, computed, "reproduces", (f"P {'<' if below else '≥'} {alpha}",))
    if below:
        note = Note("No difference is claimed, yet P lies below the threshold.", "文称无差异，而P值低于界值。")
    else:
        note = Note("A difference is claimed that this P does not carry.", "文称有差异，而该P值不足以支持。")
    return Check("claim against P", text, computed, "not reproduced", note=note)
