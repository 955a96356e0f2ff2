"""Present and absent alterations."""

from language import CaseFile, Record, Section

CLASSES = Section(
    "Classes of alterations",
    """
    A class absent makes its members absent; a member present makes its class present. A member absent says nothing of
    the class, and a member present nothing of the gene's other classes.
    """,
    (
        CaseFile(
            "biomarkers: [{name: EGFR, result: absent}]",
            (
                ('present("EGFR mutation")', "F"),
                ('present("EGFR exon 20 insertion")', "F"),
                ('present("EGFR p.L858R")', "F"),
                ('absent("EGFR p.L858R")', "T"),
                ('present("ALK fusion")', "?", "biomarkers: ALK fusion"),
            ),
        ),
        CaseFile(
            "biomarkers: [{name: EGFR, change: L858R, result: present}]",
            (
                ('present("EGFR mutation")', "T"),
                ('present("EGFR sensitising mutation")', "T"),
                ('present("EGFR exon 20 insertion")', "?", "biomarkers: EGFR exon 20 insertion"),
            ),
        ),
        CaseFile(
            "biomarkers: [{name: EGFR, change: T790M, result: absent}]",
            (
                ('present("EGFR p.T790M")', "F"),
                ('present("EGFR mutation")', "?", "biomarkers: EGFR mutation"),
                ('present("EGFR sensitising mutation")', "?", "biomarkers: EGFR sensitising mutation"),
            ),
        ),
        CaseFile(
            "biomarkers: [{name: HER2, change: expression, assay: IHC, result: present}]",
            (('present("ERBB2 mutation")', "?", "biomarkers: ERBB2 mutation"),),
        ),
    ),
)
test_classes = CLASSES.test()

MORE_THAN_ONCE = Section(
    "Tested more than once",
    """
    What was once present stays present; a later *absent* is shown as a conflict. *Not tested* and *indeterminate* never
    override a result. Two results of one test on one day contradict each other: unknown, and both are shown.
    """,
    (
        CaseFile(
            """
            biomarkers:
              - {name: ALK, result: present, date: 2024-01-01}
              - {name: ALK, result: absent, date: 2025-01-01}
              - {name: ROS1, result: absent, date: 2024-01-01}
              - {name: ROS1, result: not tested, date: 2025-01-01}
              - {name: RET, result: indeterminate}
              - {name: EGFR, change: L858R, result: present, assay: NGS, date: 2025-01-01}
              - {name: EGFR, change: L858R, result: absent, assay: NGS, date: 2025-01-01}
            """,
            (
                ('present("ALK fusion")', "T"),
                ('present("ROS1 fusion")', "F"),
                ('present("RET fusion")', "?", "biomarkers: RET fusion"),
                ('present("EGFR p.L858R")', "?", "biomarkers: EGFR p.L858R"),
                ('present("EGFR sensitising mutation")', "?", "biomarkers: EGFR sensitising mutation"),
            ),
        ),
    ),
)
test_more_than_once = MORE_THAN_ONCE.test()

SINCE = Section(
    "Since a day, and in a kind of specimen",
    """
    With `since`, only specimens of that day or later count; where there is no such day, all do. With `absence_in`, a
    negative result counts in that kind of specimen only.
    """,
    (
        CaseFile(
            """
            treatments: [{line: 1, agents: [gefitinib], start: 2024-01-01, progressed: 2025-01-01}]
            biomarkers:
              - {name: MET, change: amplification, result: present, date: 2024-12-31}
              - {name: EGFR, change: T790M, result: absent, specimen: plasma, date: 2025-01-01}
              - {name: EGFR, change: C797S, result: absent, specimen: tissue, date: 2025-01-01}
            """,
            (
                ('present("MET amplification")', "T"),
                ('present("MET amplification", since=courses.last(progressed))', "?", "biomarkers: MET amplification"),
                ('present("EGFR p.T790M", since=courses.last(progressed))', "F"),
                ('present("EGFR p.T790M", absence_in="tissue")', "?", "biomarkers: EGFR p.T790M"),
                ('present("EGFR p.C797S", since=courses.last(progressed), absence_in="tissue")', "F"),
            ),
        ),
        CaseFile(
            """
            treatments: [{line: 1, agents: [gefitinib], end: 2025-01-01}]
            biomarkers: [{name: MET, change: amplification, result: present, date: 2024-12-31}]
            """,
            (
                (
                    'present("MET amplification", since=courses.last(progressed))', "?",
                    "treatments[0].progressed", "biomarkers: MET amplification",
                ),
            ),
        ),
        CaseFile(
            """
            treatments: []
            biomarkers: [{name: MET, change: amplification, result: present, date: 2024-12-31}]
            """,
            (('present("MET amplification", since=courses.last(progressed))', "T"),),
        ),
    ),
)  # fmt: skip
test_since = SINCE.test()

MEASURED = Section(
    "Measured values",
    """
    A measured value without a result is read by its cut-off (`readings` in knowledge/facts). A result that is given
    goes before the value; a value nobody has given a meaning decides nothing.
    """,
    (
        CaseFile(
            """
            biomarkers:
              - {name: ERBB2, change: amplification, assay: FISH, measure: ratio, value: 2.0}
              - {name: ERBB2, change: expression, assay: IHC, measure: score, value: 2}
              - {name: MET, change: amplification, assay: FISH, measure: ratio, value: 2.0}
              - {name: MET, change: expression, assay: IHC, intensity: 3, percent_cells: 90}
            """,
            (
                ('present("ERBB2 amplification")', "F"),
                ('present("ERBB2 expression")', "T"),
                ('present("MET amplification")', "T"),
                ('present("MET expression")', "?", "biomarkers: MET expression"),
            ),
        ),
        Record(
            """
            biomarkers, open | when | alteration        | measure     | value | result
                             | 0    | MET amplification | copy number | 4.9   |
                             | 0    | MET amplification | ratio       | 3.0   | indeterminate
            """,
            (('present("MET amplification")', "F"),),
        ),
    ),
)
test_measured = MEASURED.test()
