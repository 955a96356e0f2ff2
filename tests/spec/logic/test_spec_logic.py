"""And, or, not."""

from language import Section, Values

SECTION = Section(
    "And, or, not",
    """
    Logic is Kleene's: an answer is known as soon as the known parts decide it, whatever the unknown ones are.
    UNKNOWN never turns into FALSE.
    """,
    (
        Values("""
            a ¦ b ¦ a and b ¦ a or b
            T ¦ T ¦ T       ¦ T
            T ¦ ? ¦ ?       ¦ T
            T ¦ F ¦ F       ¦ T
            ? ¦ T ¦ ?       ¦ T
            ? ¦ ? ¦ ?       ¦ ?
            ? ¦ F ¦ F       ¦ ?
            F ¦ T ¦ F       ¦ T
            F ¦ ? ¦ F       ¦ ?
            F ¦ F ¦ F       ¦ F
        """),
        Values("""
            a ¦ not a
            T ¦ F
            ? ¦ ?
            F ¦ T
        """),
        Values("""
            a ¦ b ¦ c ¦ a and b and c ¦ a or b or c ¦ a and (b or not c)
            T ¦ ? ¦ F ¦ F             ¦ T           ¦ T
            ? ¦ ? ¦ T ¦ ?             ¦ T           ¦ ?
            F ¦ ? ¦ ? ¦ F             ¦ ?           ¦ F
        """),
    ),
)
test_logic = SECTION.test()

NAMED = Section(
    "Named reasons",
    """
    `collect` gives the names of those reasons that hold. A name whose reason is unknown may belong to the list or not,
    and is written with a question mark here.
    """,
    (
        Values("""
            a ¦ b ¦ collect(reason("first", a), reason("second", b)) ¦ some(collect(reason("1", a), reason("2", b)))
            T ¦ T ¦ {first, second}                                  ¦ T
            T ¦ F ¦ {first}                                          ¦ T
            T ¦ ? ¦ {first, second?}                                 ¦ T
            F ¦ ? ¦ {second?}                                        ¦ ?
            F ¦ F ¦ {}                                               ¦ F
        """),
        Values("""
            a ¦ "first" in collect(reason("first", a), reason("second", true))
            T ¦ T
            ? ¦ ?
            F ¦ F
        """),
    ),
)
test_named_reasons = NAMED.test()
