"""Days and dates."""

from language import Record, Section, Values

DATES = Section(
    "Days between dates",
    """
    `days(from, to)` counts whole days; it is negative where the second day is the earlier one. Days can be compared.
    """,
    (
        Values("""
            low        ¦ high       ¦ days(low, high) ¦ low < high ¦ low <= high ¦ low == high
            2025-04-01 ¦ 2025-06-30 ¦ 90              ¦ T          ¦ T           ¦ F
            2025-04-01 ¦ 2025-04-01 ¦ 0               ¦ F          ¦ T           ¦ T
            2025-04-01 ¦ 2025-03-31 ¦ -1              ¦ F          ¦ F           ¦ F
            2025-04-01 ¦ ?          ¦ ?               ¦ ?          ¦ ?           ¦ ?
            2025-04-01 ¦ NA         ¦ NA              ¦ F          ¦ F           ¦ F
            2025-04-01..2025-04-11 ¦ 2025-04-21 ¦ 10..20 ¦ T       ¦ T           ¦ F
        """),
    ),
)
test_dates = DATES.test()

BOUNDED = Section(
    "A day between two others",
    """
    `bounded(day, earliest, latest)` keeps a day that isn't recorded between two that are, and the answer says that this
    was assumed. A recorded day stays as it is. Bounds that contradict each other say nothing, which is told.
    """,
    (
        Values("""
            day        ¦ low        ¦ high       ¦ bounded(day, low, high)
            2025-05-01 ¦ 2025-04-01 ¦ 2025-06-01 ¦ 2025-05-01
            2025-07-01 ¦ 2025-04-01 ¦ 2025-06-01 ¦ 2025-07-01
            ?          ¦ 2025-04-01 ¦ 2025-06-01 ¦ 2025-04-01..2025-06-01
            ?          ¦ 2025-04-01 ¦ 2025-04-01 ¦ 2025-04-01
            ?          ¦ 2025-04-01 ¦ ?          ¦ 2025-04-01..
            ?          ¦ 2025-04-01 ¦ NA         ¦ 2025-04-01..
            ?          ¦ NA         ¦ 2025-06-01 ¦ ..2025-06-01
            ?          ¦ 2025-06-01 ¦ 2025-04-01 ¦ ?
            NA         ¦ 2025-04-01 ¦ 2025-06-01 ¦ NA
            2025-03-01..2025-05-01 ¦ 2025-04-01 ¦ 2025-06-01 ¦ 2025-04-01..2025-05-01
        """),
        Record(
            """
            courses, complete | when       | end        | progressed
                              | 2025-05-01 | 2025-04-01 |
            """,
            (
                (
                    "days(courses.last(end), bounded(courses.last(progressed), courses.last(end), courses.last(when)))",
                    "0..30", "courses[0].progressed",
                ),
            ),
        ),
    ),
)  # fmt: skip
test_bounded = BOUNDED.test()
