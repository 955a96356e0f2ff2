"""The walk against an oracle written again from the definitions, in fractions and with a fresh look at every prefix.

Sums are drawn around the thresholds: exactly on +20 %, +5 mm, −30 %, and a tenth of a millimetre to either side.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from response_samples import MRECIST, RECIST, of_sums, targets

TENTH = Fraction(1, 10)


def oracle(sums: list[Fraction | None], keep: bool, absolute: bool) -> list[str]:
    """Target responses of the sums in mm, the baseline first; each judged on its own from everything before it."""
    baseline = sums[0]
    assert baseline is not None
    told: list[str] = []
    for place in range(1, len(sums)):
        now = sums[place]
        if now is None:
            told.append("NE")
            continue
        smallest = min(one for one in sums[:place] if one is not None)
        far_enough = now - smallest >= 5 or not absolute
        since = [told[i] for i in range(place - 1) if "PD" not in told[i : place - 1]]
        if now == 0:
            told.append("CR")
        elif now > smallest and now >= smallest * Fraction(6, 5) and far_enough:
            told.append("PD")
        elif now <= baseline * Fraction(7, 10) or (keep and {"PR", "CR"} & set(since)):
            told.append("PR")
        else:
            told.append("SD")
    return told


@st.composite
def sequences(draw: st.DrawFn) -> list[Fraction | None]:
    """A baseline and up to six sums, most of them within two tenths of a threshold of what came before."""
    sums: list[Fraction | None] = [Fraction(draw(st.integers(100, 3000)), 10)]
    for _ in range(draw(st.integers(1, 6))):
        known = [one for one in sums if one is not None]
        smallest, baseline = min(known), known[0]
        near = draw(
            st.sampled_from(
                [
                    smallest * Fraction(6, 5),
                    smallest + 5,
                    baseline * Fraction(7, 10),
                    known[-1],
                    Fraction(0),
                    Fraction(5),
                ]
            )
        )
        tenths = round(near * 10) + draw(st.integers(-2, 2))
        free = draw(st.one_of(st.none(), st.integers(50, 3000))) if draw(st.integers(0, 4)) == 0 else tenths
        if free is None:
            sums.append(None)
        else:
            sums.append(Fraction(0) if free < 50 else Fraction(free, 10))
    return sums


def written(sums: list[Fraction | None]) -> list[Decimal | str]:
    return ["NE" if one is None else Decimal(one.numerator * (10 // one.denominator)) / 10 for one in sums]


@given(sequences(), st.booleans(), st.booleans(), st.booleans())
def test_target_responses_agree_with_the_oracle(
    sums: list[Fraction | None], keep: bool, mrecist: bool, rule: bool
) -> None:
    found = of_sums(
        *written(sums),
        criteria=MRECIST if mrecist else RECIST,
        keep_response="on" if keep else "off",
        mrecist_absolute_increase="on" if rule else "off",
    )
    assert targets(found) == oracle(sums, keep, rule or not mrecist)


@given(sequences())
def test_the_nadir_never_grows_and_survives_what_was_not_evaluated(sums: list[Fraction | None]) -> None:
    found = of_sums(*written(sums))
    nadirs = [assessment.nadir for assessment in found.assessments]
    assert nadirs == sorted(nadirs, reverse=True)  # type: ignore[type-var]
    assert nadirs[-1] == min(one for one in sums if one is not None) * 10


@given(sequences())
def test_changes_are_exact(sums: list[Fraction | None]) -> None:
    found = of_sums(*written(sums))
    for place, assessment in enumerate(found.assessments, 1):
        now, baseline = sums[place], sums[0]
        smallest = min(one for one in sums[:place] if one is not None)
        assert baseline is not None
        if now is None:
            assert assessment.from_baseline is None
            continue
        assert assessment.from_baseline == (now - baseline) / baseline * 100
        assert assessment.from_nadir == ((now - smallest) / smallest * 100 if smallest else None)


@given(st.integers(50, 5000), st.integers(-3, 3))
def test_progression_turns_exactly_at_a_fifth_and_five_millimetres(smallest: int, aside: int) -> None:
    edge = max(-(-smallest * 6 // 5), smallest + 50)  # tenths: the first sum that is progression
    assert targets(of_sums(Decimal(smallest) / 10, Decimal(edge + aside) / 10)) == ["PD" if aside >= 0 else "SD"]


@given(st.integers(100, 5000), st.integers(-3, 3))
def test_partial_response_turns_exactly_at_three_tenths(baseline: int, aside: int) -> None:
    edge = baseline * 7 // 10  # tenths: the last sum that is partial response
    assert targets(of_sums(Decimal(baseline) / 10, Decimal(edge + aside) / 10)) == ["PR" if aside <= 0 else "SD"]


@given(sequences(), st.integers(1, 5))
def test_what_comes_later_changes_nothing_before_it(sums: list[Fraction | None], cut: int) -> None:
    whole, part = of_sums(*written(sums)), of_sums(*written(sums[: cut + 1]))
    assert whole.assessments[:cut] == part.assessments


@given(sequences())
def test_ten_times_larger_sums_respond_alike_without_the_5_mm_rule(sums: list[Fraction | None]) -> None:
    small = [None if one is None or one == 0 else one for one in sums]
    if small[0] is None or max(one for one in small if one is not None) > 190:
        return
    large = [None if one is None else one * 10 for one in small]
    assert targets(of_sums(*written(small), criteria=MRECIST)) == targets(of_sums(*written(large), criteria=MRECIST))
