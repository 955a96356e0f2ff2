"""What a value is."""

from language import Section, Values

SECTION = Section(
    "What a value is",
    """
    Every value is the set of what is still possible: a truth may be true, false or either, a label one of several, a
    number or a day lies in a range. *Known* means that one is left. A value can also be *not applicable* (`NA`), which
    is known. Equal things that come from different branches are known, though the branch is not.
    """,
    (
        Values("""
            a ¦ choose(when(a, 1), otherwise(1)) ¦ choose(when(a, 1), otherwise(3))
            T ¦ 1                                ¦ 1
            F ¦ 1                                ¦ 3
            ? ¦ 1                                ¦ 1..3
        """),
        Values("""
            a ¦ choose(when(a, "A"), otherwise("B"))
            T ¦ A
            F ¦ B
            ? ¦ A | B
        """),
    ),
)
test_values = SECTION.test()

ARITHMETIC = Section(
    "Arithmetic",
    """
    Numbers are whole or exact decimals; nothing is rounded. Ranges are carried through, and what is not applicable
    stays so. `larger` and `smaller` choose between two numbers.
    """,
    (
        Values("""
            n    ¦ x    ¦ n + x      ¦ n - x      ¦ n * x ¦ larger(n, x) ¦ smaller(n, x)
            2    ¦ 0.1  ¦ 2.1        ¦ 1.9        ¦ 0.2   ¦ 2            ¦ 0.1
            2..3 ¦ 1.5  ¦ 3.5..4.5   ¦ 0.5..1.5   ¦ 3.0..4.5 ¦ 2..3      ¦ 1.5
            2..3 ¦ 1..5 ¦ 3..8       ¦ -3..2      ¦ 2..15 ¦ 2..5         ¦ 1..3
            2    ¦ ?    ¦ ?          ¦ ?          ¦ ?     ¦ 2..          ¦ ..2
            2    ¦ NA   ¦ NA         ¦ NA         ¦ NA    ¦ NA           ¦ NA
        """),
    ),
)
test_arithmetic = ARITHMETIC.test()

NOT_APPLICABLE = Section(
    "Not applicable",
    """
    What has no meaning for a patient (a platinum-free interval before any platinum) equals nothing and lies neither
    above nor below anything: every comparison with it is false, and `!=` is true. A truth is never not applicable.
    """,
    (
        Values("""
            n       ¦ n == 2 ¦ n != 2 ¦ n < 2 ¦ n <= 2 ¦ n > 2 ¦ n >= 2
            NA      ¦ F      ¦ T      ¦ F     ¦ F      ¦ F     ¦ F
            1 | NA  ¦ F      ¦ T      ¦ ?     ¦ ?      ¦ F     ¦ F
            2 | NA  ¦ ?      ¦ ?      ¦ F     ¦ ?      ¦ F     ¦ ?
        """),
        Values("""
            colour   ¦ colour == "red" ¦ colour != "red" ¦ colour in ["red", "green"]
            NA       ¦ F               ¦ T               ¦ F
            red | NA ¦ ?               ¦ ?               ¦ ?
            blue | NA ¦ F              ¦ T               ¦ F
        """),
    ),
)
test_not_applicable = NOT_APPLICABLE.test()

UNDECIDED = Section(
    "Undecided",
    """
    Where the source itself decides nothing, a rule says so with `undecided("reason")`: the value is unknown, nothing of
    the record would settle it, and the reason is told.
    """,
    (
        Values("""
            a ¦ choose(when(a, undecided("silence")), otherwise(true))
            T ¦ ?
            F ¦ T
            ? ¦ ?
        """),
    ),
)
test_undecided = UNDECIDED.test()
