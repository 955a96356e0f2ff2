"""Choices and bands."""

from language import Section, Values

CHOOSE = Section(
    "First match",
    """
    `choose` takes the value of the first branch whose condition holds. A branch whose condition is unknown may be the
    one, so its value stays possible; branches after one that holds do not count.
    """,
    (
        Values("""
            a ¦ b ¦ choose(when(a, "red"), when(b, "green"), otherwise("blue"))
            T ¦ T ¦ red
            T ¦ ? ¦ red
            T ¦ F ¦ red
            F ¦ T ¦ green
            F ¦ F ¦ blue
            F ¦ ? ¦ green | blue
            ? ¦ T ¦ red | green
            ? ¦ F ¦ red | blue
            ? ¦ ? ¦ red | green | blue
        """),
        Values("""
            a ¦ b ¦ choose(when(a, true), otherwise(b)) ¦ choose(when(a, b), otherwise(false))
            ? ¦ T ¦ T                                   ¦ ?
            ? ¦ F ¦ ?                                   ¦ F
            ? ¦ ? ¦ ?                                   ¦ ?
            F ¦ T ¦ T                                   ¦ F
            T ¦ F ¦ T                                   ¦ F
        """),
    ),
)
test_choose = CHOOSE.test()

BAND = Section(
    "Bands",
    """
    `band` sorts a number into a table of cuts, lowest first: `under` leaves the cut itself to the band above, `upto`
    takes it. A range gives every band it touches. What is not applicable stays so.
    """,
    (
        Values("""
            n    ¦ band(n, under(5, "A"), upto(9, "B"), above("C"))
            4    ¦ A
            5    ¦ B
            9    ¦ B
            10   ¦ C
            7..9 ¦ B
            4..5 ¦ A | B
            4..10 ¦ A | B | C
            9..10 ¦ B | C
            ?    ¦ A | B | C
            NA   ¦ NA
            4 | NA ¦ A | NA
        """),
        Values("""
            n    ¦ band(n, upto(2, "A"), under(3, "B"), above("C"))
            2..4 ¦ A | C
        """),
        Values("""
            x        ¦ band(x, under(2, 1), upto(3, 2), above(3)) ¦ band(x, upto(2, "A"), under(3, "B"), above("C"))
            1.99     ¦ 1                                          ¦ A
            2        ¦ 2                                          ¦ A
            2.01     ¦ 2                                          ¦ B
            3        ¦ 2                                          ¦ C
            3.01     ¦ 3                                          ¦ C
            2..3     ¦ 2                                          ¦ A | B | C
            1.5..2.5 ¦ 1..2                                       ¦ A | B
        """),
    ),
)
test_band = BAND.test()
