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

FUNCTIONS = Section(
    "Functions",
    """
    `log10`, `sqrt` and `power` take a positive number without a unit; `magnitude` takes the unit off. Only a constant
    above 0 divides. These, and no others, keep 50 digits; a range goes through by its ends. Of a range that reaches
    below 0 the positive part counts.
    """,
    (
        Values("""
            x        ¦ log10(x) ¦ sqrt(x) ¦ power(x, 2)  ¦ x / 4
            100      ¦ 2        ¦ 10      ¦ 10000        ¦ 25
            0.01     ¦ -2       ¦ 0.1     ¦ 0.0001       ¦ 0.0025
            1..10000 ¦ 0..4     ¦ 1..100  ¦ 1..100000000 ¦ 0.25..2500
            0..100   ¦ ..2      ¦ 0..10   ¦ 0..10000     ¦ 0..25
            ?        ¦ ?        ¦ 0..     ¦ 0..          ¦ ?
            NA       ¦ NA       ¦ NA      ¦ NA           ¦ NA
        """),
        Values("""
            interval ¦ magnitude(interval) ¦ magnitude(interval) / 8
            30       ¦ 30                  ¦ 3.75
            30..40   ¦ 30..40              ¦ 3.75..5
        """),
        Values("""
            x   ¦ log10(x - 1) ¦ sqrt(x - 1) ¦ power(x - 1, 0.5)
            101 ¦ 2            ¦ 10          ¦ 10
            1   ¦ NA           ¦ NA          ¦ NA
            0   ¦ NA           ¦ NA          ¦ NA
        """),
        Values("""
            x ¦ sqrt(x)
            2 ¦ 1.4142135623730950488016887242096980785696718753769
        """),
        Values("""
            x ¦ x / 7
            2 ¦ 0.28571428571428571428571428571428571428571428571429
        """),
    ),
)
test_functions = FUNCTIONS.test()

NOT_APPLICABLE = Section(
    "Not applicable",
    """
    What has no meaning for a patient (a platinum-free interval before any platinum) equals nothing and lies neither
    above nor below anything: every comparison with it is false, and `!=` is true. A truth is never not applicable.
    `not_applicable("reason")` says more, in the words written under `undecided:`.
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
        Values("""
            a ¦ choose(when(a, not_applicable("silence")), otherwise(2))
            T ¦ NA
            F ¦ 2
            ? ¦ 2 | NA
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
