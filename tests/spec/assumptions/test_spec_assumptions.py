"""What is assumed, and what is said of it."""

from language import Because, CaseFile, Record, Section

RECORDED = Section(
    "Recorded",
    """
    `recorded` asks whether the record settles a value. Beside complete lists it is the one place where the absence of
    an entry means something; the answer names it.
    """,
    (
        Record(
            """
            patient, complete | when | cavitation | location
                              | 0    | F          |
            """,
            (
                ("recorded(patient.last(cavitation))", "T"),
                ("recorded(patient.last(location))", "F"),
                ('recorded(patient.last(location)) and patient.last(location) == "central"', "F"),
            ),
        ),
        CaseFile(
            "biomarkers: [{name: RET, result: not tested}]",
            (
                ('recorded(present("RET fusion"))', "F"),
                ('recorded(present("RET fusion") or true)', "T"),
            ),
        ),
    ),
)
test_recorded = RECORDED.test()

SAID = Section(
    "What an answer says of itself",
    """
    Every known value says why it is so: the value, the threshold and the place in the case file. What was assumed from
    silence stands beside it.
    """,
    (
        Because(
            "treatments: [{line: 1, agents: [gefitinib], progressed: 2025-06-01, progression: limited}]",
            "widespread_progression",
            "line 1 (gefitinib), kind of progression: limited, not widespread (treatments[0].progression)",
        ),
        Because(
            "treatments: []",
            "next_line",
            "completed palliative lines: 0; curative-intent treatment counts as a line: no",
            ("the list of treatments is complete, so what it lacks did not happen",),
        ),
        Because(
            """
            conditions: [{disease: SCLC}]
            treatments: [{line: 1, agents: [carboplatin, etoposide], end: 2025-04-01, progressed: 2025-06-30}]
            """,
            "refractory_type",
            "platinum-free interval: 90 days, not below 90 days",
            (
                "the list of treatments is complete, so what it lacks did not happen",
                "the list of conditions is complete, so what it lacks did not happen",
            ),
        ),
        Because(
            "biomarkers: [{name: ALK, result: not tested}]",
            "alk_fusion",
            "ALK fusion: not tested (biomarkers[0])",
        ),
        Because(
            "treatments: [{line: 1, agents: [gefitinib], start: 2025-01-01, end: 2025-04-01}]",
            "last_progression",
            "line 1 (gefitinib), day of progression: not recorded, 2025-01-01 to 2026-03-01 (treatments[0].progressed)",
            ("treatments[0].progressed: not recorded, and taken to lie between the dates around it",),
        ),
        Because(
            "treatments: [{line: 1, agents: [gefitinib, pemetrexed], progressed: 2025-06-01}]",
            "egfr_tki_resistance",
            "line 1, drugs: gefitinib, pemetrexed, not all EGFR-TKI (treatments[0].agents); "
            "the definition speaks of an EGFR-TKI given alone and decides nothing for a combination",
            (),
        ),
    ),
)
test_said = SAID.test()
