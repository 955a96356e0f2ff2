"""A printed number stands for every value that rounds to it."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tumorboard.evidence.statistics import NotReadable, Printed, read_p, read_percentage


@pytest.mark.parametrize(
    ("text", "op", "value"),
    [
        ("52.6%", "=", "52.6"),
        ("<0.001", "<", "0.001"),
        ("＜0.05", "<", "0.05"),
        ("P＝0.03", "=", "0.03"),
        ("P值<0.05", "<", "0.05"),
        ("０．０５", "=", "0.05"),
        ("<0.000 1", "<", "0.0001"),
        ("2 400", "=", "2400"),
        ("0·05", "=", "0.05"),
        (".05", "=", "0.05"),
        ("−2.01", "=", "-2.01"),
        (">=0.05", "≥", "0.05"),
        ("1.2×10⁻⁵", "=", "0.000012"),
        ("1.2e-5", "=", "0.000012"),
    ],
)
def test_printed_forms_are_read(text: str, op: str, value: str) -> None:
    printed = Printed.read(text)

    assert (printed.op, printed.value) == (op, Fraction(value))


def test_trailing_zeros_matter() -> None:
    assert Printed.read("0.5").rounded.low == Fraction("0.45")
    assert Printed.read("0.50").rounded.low == Fraction("0.495")


@given(
    value=st.decimals(min_value=-100, max_value=100, allow_nan=False, places=3),
    places=st.integers(0, 2),
    way=st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN]),
)
def test_a_value_lies_in_the_span_of_its_own_rounding(value: Decimal, places: int, way: str) -> None:
    text = format(value.quantize(Decimal(1).scaleb(-places), way), "f")

    assert Printed.read(text).rounded.holds(Fraction(value))


@given(
    value=st.decimals(min_value=0, max_value=100, allow_nan=False, places=3),
    text=st.sampled_from(["7", "8", "7.1", "7.2"]),
)
def test_a_value_outside_the_span_rounds_to_something_else(value: Decimal, text: str) -> None:
    unit = Decimal(text).as_tuple().exponent
    ways = {value.quantize(Decimal(1).scaleb(int(unit)), way) for way in (ROUND_HALF_UP, ROUND_HALF_EVEN)}

    assert Printed.read(text).rounded.holds(Fraction(value)) == (Decimal(text) in ways)


def test_a_cut_off_number_starts_at_its_digits() -> None:
    span = Printed.read("80.7").cut_off

    assert span.holds(Fraction("80.77"))
    assert not span.holds(Fraction("80.8"))
    assert not span.holds(Fraction("80.69"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.2", "P: '1.2' is no P value; P lies between 0 and 1"),
        ("-0.1", "P: '-0.1' is no P value; P lies between 0 and 1"),
        ("0", "P: '0' is no P value a test can give; write it as printed, such as <0.001"),
        ("<0", "P: '<0' is no P value a test can give; write it as printed, such as <0.001"),
        (">1", "P: '>1' is no P value; nothing lies above 1"),
        ("5%", "P: '5%' is a percentage; give P as a number from 0 to 1"),
        ("NS", "P: 'NS' is no printed number; write digits, such as 52.6%, 0.03 or <0.001"),
        ("", "P: '' is no printed number; write digits, such as 52.6%, 0.03 or <0.001"),
        ("0,05", "P: '0,05' holds a comma; write 0.05 for a decimal and 1234 for thousands"),
        ("1e-999", "P: '1e-999' has an exponent out of reach; give a power of ten within ±60"),
        ("零点零五", "P: '零点零五' is no printed number; write digits, such as 52.6%, 0.03 or <0.001"),
    ],
)
def test_what_is_no_p_value_is_refused_with_a_mend(text: str, message: str) -> None:
    with pytest.raises(NotReadable) as error:
        read_p(text)

    assert str(error.value) == message


@pytest.mark.parametrize("text", ["100.1%", "101", "１０１％", "-1%"])
def test_a_percentage_lies_between_0_and_100(text: str) -> None:
    with pytest.raises(NotReadable, match="a percentage lies between 0 and 100"):
        read_percentage(text)


@given(st.text(alphabet="0123456789０５.．,·<＜>=≤%％+-−eE×^Pp值 ±/零²½", max_size=80) | st.text(max_size=80))
def test_any_text_is_read_or_refused_with_a_mend(text: str) -> None:
    try:
        printed = Printed.read(text, "value")
    except NotReadable as error:
        assert str(error).startswith("value: ")
        assert error.mend
    else:
        assert printed.op != "=" or printed.rounded.holds(printed.value)
