"""Comparisons and membership."""

from language import Section, Values

NUMBERS = Section(
    "Numbers",
    """
    A comparison is known where every number still possible gives the same answer; the boundary itself is decided by the
    sign. Units must agree; a bare number beside days means days.
    """,
    (
        Values("""
            n    ¦ n < 3 ¦ n <= 3 ¦ n > 3 ¦ n >= 3 ¦ n == 3 ¦ n != 3
            2    ¦ T     ¦ T      ¦ F     ¦ F      ¦ F      ¦ T
            3    ¦ F     ¦ T      ¦ F     ¦ T      ¦ T      ¦ F
            4    ¦ F     ¦ F      ¦ T     ¦ T      ¦ F      ¦ T
            1..2 ¦ T     ¦ T      ¦ F     ¦ F      ¦ F      ¦ T
            2..3 ¦ ?     ¦ T      ¦ F     ¦ ?      ¦ ?      ¦ ?
            3..4 ¦ F     ¦ ?      ¦ ?     ¦ T      ¦ ?      ¦ ?
            2..4 ¦ ?     ¦ ?      ¦ ?     ¦ ?      ¦ ?      ¦ ?
            ?    ¦ ?     ¦ ?      ¦ ?     ¦ ?      ¦ ?      ¦ ?
        """),
        Values("""
            x      ¦ x < 2.30 ¦ x <= 2.3
            2.2999 ¦ T        ¦ T
            2.3    ¦ F        ¦ T
            2.3001 ¦ F        ¦ F
        """),
        Values("""
            interval ¦ interval < 90 ¦ interval < cut_off
            89       ¦ T             ¦ T
            90       ¦ F             ¦ F
            80..100  ¦ ?             ¦ ?
        """),
        Values("""
            n    ¦ x    ¦ n < x ¦ n == x
            1..2 ¦ 3..4 ¦ T     ¦ F
            1..3 ¦ 3..4 ¦ ?     ¦ ?
            3..4 ¦ 1..3 ¦ F     ¦ ?
        """),
    ),
)
test_numbers = NUMBERS.test()

LABELS = Section(
    "Labels and truths",
    """
    Labels come from closed lists and have no order. `in [...]` asks for one of several. A truth can be compared with a
    truth.
    """,
    (
        Values("""
            colour      ¦ colour == "red" ¦ colour != "red" ¦ colour in ["red", "green"] ¦ colour not in ["red", "blue"]
            red         ¦ T               ¦ F               ¦ T                          ¦ F
            blue        ¦ F               ¦ T               ¦ F                          ¦ F
            red | green ¦ ?               ¦ ?               ¦ T                          ¦ ?
            red | blue  ¦ ?               ¦ ?               ¦ ?                          ¦ F
            green | blue ¦ F              ¦ T               ¦ ?                          ¦ ?
        """),
        Values("""
            a ¦ b ¦ a == b ¦ a != b
            T ¦ T ¦ T      ¦ F
            T ¦ F ¦ F      ¦ T
            F ¦ F ¦ T      ¦ F
            T ¦ ? ¦ ?      ¦ ?
            ? ¦ ? ¦ ?      ¦ ?
        """),
    ),
)
test_labels = LABELS.test()
