"""Reading rows."""

from language import Record, Section

_COURSES = """
    courses, complete | when | line | curative | completed | agents                   | end        | best_response
                      | 1    | 1    | F        | T         | {carboplatin, etoposide} | 2025-04-01 | PR
                      | 2    | 2    | F        | T         | {gefitinib}              |            |
                      | 3    | 3    | F        | F         | {osimertinib}            |            |
"""

CHOOSING = Section(
    "Choosing rows",
    """
    `where` keeps the rows its conditions hold for. It may read *required* columns only, those that are never missing,
    so that a choice of rows is never unknown. `meets` asks whether a list holds a member of a class of drugs or
    diseases, `only` whether it holds nothing else, `how_many` counts them.
    """,
    (
        Record(
            _COURSES,
            (
                ("courses.where(completed).exists()", "T"),
                ("courses.where(curative).exists()", "F"),
                ("courses.where(completed).count()", "2"),
                ('courses.where(meets(agents, "platinum")).count()', "1"),
                ('courses.where(only(agents, "platinum")).count()', "0"),
                ('courses.where(only(agents, "EGFR-TKI")).count()', "2"),
                ('courses.where(how_many(agents, "chemotherapy") >= 2).count()', "1"),
                ('courses.where("etoposide" in agents and line == 1).exists()', "T"),
                ('courses.where(completed).where(not meets(agents, "platinum")).count()', "1"),
            ),
        ),
    ),
)
test_choosing = CHOOSING.test()

COMPLETE = Section(
    "Complete and open lists",
    """
    Lines of therapy, procedures and tumours are complete once the case gives them: what they lack did not happen, and
    the answer says that this was assumed. A list that isn't given is unknown and asked for. All other lists are open:
    what they hold is so, what they lack is not recorded.
    """,
    (
        Record(
            "courses, complete | when",
            (
                ("courses.exists()", "F"),
                ("courses.count()", "0"),
                ("courses.last(end)", "NA"),
                ('courses.any(best_response == "PR")', "F"),
            ),
        ),
        Record(
            "courses, open | when",
            (
                ("courses.exists()", "?", "treatments"),
                ("courses.where(completed).count()", "0..", "treatments"),
                ("courses.last(end)", "? | NA", "treatments"),
                ('courses.any(best_response == "PR")', "?", "treatments"),
            ),
        ),
        Record(
            """
            comorbidities, open | when | disease
                                | 0    | hypertension
            """,
            (
                ('comorbidities.where(meets(disease, "hypertension")).exists()', "T"),
                (
                    'comorbidities.where(meets(disease, "autoimmune disease")).exists()',
                    "?",
                    "conditions: autoimmune disease",
                ),
                ("comorbidities.count()", "1..", "conditions"),
            ),
        ),
    ),
)
test_complete = COMPLETE.test()

PICKING = Section(
    "The first and the last row",
    """
    `first` and `last` give one column of the first or last row by date. Rows of one date that hold different values are
    a contradiction: any of them may be right, and all are asked for. Where only some of them hold a value, those are
    read, and the answer says so.
    """,
    (
        Record(
            _COURSES,
            (
                ("courses.first(best_response)", "PR"),
                ("courses.last(best_response)", "CR | PR | SD | PD | NE", "courses[2].best_response"),
                ("courses.where(completed).last(line)", "2"),
                ("courses.last(agents)", "{osimertinib}"),
            ),
        ),
        Record(
            """
            performance, open | when       | name | value
                              | 2025-01-01 | ECOG | 3
                              | 2025-06-01 | ECOG | 1
                              | 2025-06-01 | ECOG | 2
            """,
            (
                ('performance("ECOG")', "1..2", "performance[1].value", "performance[2].value"),
                ('performance("ECOG") <= 2', "T"),
                ('performance("ECOG") == 1', "?", "performance[1].value", "performance[2].value"),
            ),
        ),
        Record(
            """
            tumours, complete | when | disease | transformed | histology
                              | 1    | NSCLC   | F           | adenocarcinoma
                              | 1    | NSCLC   | F           |
            """,
            (
                ("tumours.last(histology)", "adenocarcinoma"),
                ("tumours.last(stage)", "?", "tumours[0].stage", "tumours[1].stage"),
            ),
        ),
    ),
)
test_picking = PICKING.test()

ANY = Section(
    "Any row",
    """
    `any` asks whether a condition holds for at least one row, and may read what is not recorded. It is false only where
    it is false for every row of a complete list.
    """,
    (
        Record(
            _COURSES,
            (
                ('courses.any(best_response == "PR")', "T"),
                ('courses.any(best_response == "CR")', "?", "courses[1].best_response", "courses[2].best_response"),
                ('courses.where(line == 1).any(best_response == "CR")', "F"),
            ),
        ),
        Record(
            """
            metastases, open | when | site  | treated
                             | 0    | brain | T
                             | 0    | bone  |
            """,
            (
                ('metastases.any(site == "brain" and treated)', "T"),
                ('metastases.any(site == "brain" and not treated)', "?", "metastases: brain"),
                ("metastases.any(not treated)", "?", "metastases[1].treated", "metastases"),
            ),
        ),
    ),
)
test_any = ANY.test()

NEWEST = Section(
    "Named entries",
    """
    `lab("…")`, `observed("…")`, `performance("…")`, `consented("…")` and `eligible("…")` read the newest entry of that
    name. Laboratory values are held in one unit each.
    """,
    (
        Record(
            """
            labs, open         | when       | name    | value
                               | 2025-01-01 | albumin | 30
                               | 2025-06-01 | albumin | 38
            observations, open | when       | name    | value
                               | 0          | surgery | refused
            """,
            (
                ('lab("albumin")', "38"),
                ('lab("albumin") < quantity(36, "g/L")', "F"),
                ('lab("INR")', "?", "labs: INR"),
                ('observed("surgery")', "refused"),
                ('observed("haemoptysis")', "?", "findings: haemoptysis"),
                ('consented("organoid testing")', "?", "consent: organoid testing"),
            ),
        ),
    ),
)
test_newest = NEWEST.test()

LONGEST_RUN = Section(
    "The longest run",
    """
    `longest_run` counts how many rows in a row, by date, a condition holds for at most. What is not recorded may be
    either; rows of one date may stand in any order, where that matters their dates are asked for.
    """,
    (
        Record(
            """
            procedures, complete | when       | kind | viable_percent
                                 | 2025-01-01 | TACE | 60
                                 | 2025-03-01 | TACE | 20
                                 | 2025-04-01 | HAIC |
                                 | 2025-05-01 | TACE | 70
                                 | 2025-07-01 | TACE |
            """,
            (
                (
                    'procedures.where(kind == "TACE").longest_run(viable_percent > 50)',
                    "1..2",
                    "procedures[4].viable_percent",
                ),
                ('procedures.where(kind == "TACE").longest_run(viable_percent > 50) >= 3', "F"),
                ('procedures.longest_run(kind == "TACE")', "2"),
                ('procedures.where(kind == "biopsy").longest_run(viable_percent > 50)', "0"),
            ),
        ),
        Record(
            """
            procedures, complete | when       | kind | viable_percent
                                 | 2025-01-01 | TACE | 60
                                 | 2025-01-01 | TACE | 20
                                 | 2025-03-01 | TACE | 70
            """,
            (
                (
                    "procedures.longest_run(viable_percent > 50)",
                    "1..2",
                    "procedures[0].date",
                    "procedures[1].date",
                ),
                ("procedures.longest_run(viable_percent > 10)", "3"),
            ),
        ),
        Record(
            """
            imaging, open | when       | tumours
                          | 2025-01-01 | 3
                          | 2025-03-01 | 4
            """,
            (
                ("imaging.longest_run(tumours >= 3)", "1..", "imaging"),
                ("imaging.longest_run(tumours >= 5)", "0..", "imaging"),
            ),
        ),
        Record("procedures, open | when", (("procedures.longest_run(new_lesions)", "0..", "procedures"),)),
    ),
)
test_longest_run = LONGEST_RUN.test()
