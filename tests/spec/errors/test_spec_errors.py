"""Refused when a rule is read."""

from language import Refusal, Section

NAMES = Section(
    "Unknown names",
    """
    Everything a rule names must be known when it is read. The message says what would be right.
    """,
    (
        Refusal("intervall < 90", "unknown name 'intervall'; did you mean interval?"),
        Refusal("tumours.last(histolgy)", "tumours has no column 'histolgy'; did you mean histology?"),
        Refusal("tumors.exists()", "unknown table 'tumors'; did you mean tumours?"),
        Refusal('lab("albumine")', "unknown laboratory value 'albumine'; did you mean albumin?"),
        Refusal('observed("hemoptysis")', "unknown observations 'hemoptysis'; did you mean haemoptysis?"),
        Refusal(
            'present("EGFR L858R")',
            "unknown alteration 'EGFR L858R'; did you mean EGFR p.L858R or EGFR p.T854A or EGFR p.L861Q?",
        ),
        Refusal(
            'courses.where(meets(agents, "platinums")).exists()',
            "unknown class of drugs 'platinums'; did you mean platinum?",
        ),
        Refusal("chose(when(a, 1), otherwise(2))", "unknown function 'chose'; did you mean choose?"),
        Refusal('undecided("reason")', "no text for the reason 'reason'; write it under `undecided:` of this entry"),
        Refusal('present("EGFR p.T790M", absence_in="blood")', "unknown kind of specimen 'blood'; use liquid | tissue"),
    ),
)
test_names = NAMES.test()

LABELS = Section(
    "Labels outside their list",
    "A label that a value can never have is a slip of the pen, and would make a rule silently false.",
    (
        Refusal('colour == "yellow"', "can never be 'yellow'; use blue | green | red"),
        Refusal('colour in ["red", "yellow"]', "can never be 'yellow'; use blue | green | red"),
        Refusal('tumours.last(disease) == "NSLC"', "can never be 'NSLC'; did you mean NSCLC or SCLC?"),
        Refusal('courses.any("etoposid" in agents)', "never holds 'etoposid'; did you mean etoposide or teniposide?"),
        Refusal('courses.any(progression == "broad")', "can never be 'broad'; use brain only | limited | widespread"),
        Refusal("colour in []", 'an empty list holds nothing; write ["one", "another"]'),
    ),
)
test_labels = LABELS.test()

TYPES = Section(
    "Types and units",
    "Nothing is converted quietly.",
    (
        Refusal("a and n", "is a whole, but a truth belongs here"),
        Refusal('n == "red"', "compares a whole with a label"),
        Refusal('colour < "red"', "a label has no order; use == or !="),
        Refusal("a < b", "a truth has no order; use == or !="),
        Refusal('lab("albumin") < 36', 'compares g/L with no unit; write the number with its unit: quantity(2, "g/L")'),
        Refusal(
            'lab("albumin") < quantity(3.6, "g/dL")',
            'compares g/L with g/dL; write the number with its unit: quantity(2, "g/L")',
        ),
        Refusal("interval + n", "adds days and no unit"),
        Refusal("interval * interval", "multiplies days by days"),
        Refusal("n + a", "counts with a whole and a truth"),
        Refusal("-True", "`-True` counts with a truth"),
        Refusal('choose(when(a, 1), otherwise("red"))', "its values are not of one type: label, whole"),
        Refusal(
            "band(colour, under(1, 1), above(2))",
            "sorts a label into bands; band(number, under(cut, value), upto(cut, value), …, above(value))",
        ),
        Refusal("band(n, under(5, 1), under(3, 2), above(3))", "the cut 3 comes after 5; write the cuts lowest first"),
        Refusal('how_many(tumours.last(disease), "NSCLC")', "how_many(…) reads a list, not a label"),
        Refusal('log10(lab("albumin"))', "takes the log10 of g/L; write log10(magnitude(…))"),
        Refusal("sqrt(a)", "counts with a truth; write sqrt(number)"),
        Refusal("power(x, y)", "`y` is no exponent; write a number above 0: power(number, 0.5)"),
        Refusal("power(x, 0)", "`0` is no exponent; write a number above 0: power(number, 0.5)"),
        Refusal("x / y", "divides by what may be nothing; divide by a number above 0, without a unit"),
        Refusal("x / 0", "divides by what may be nothing; divide by a number above 0, without a unit"),
        Refusal("not_applicable()", "its type isn't clear here; use it as a value of choose(…)"),
    ),
)
test_types = TYPES.test()

SHAPES = Section(
    "What is not part of the language",
    "Rules are written in Python's expression syntax and never run; only what this manual names is read.",
    (
        Refusal("1 < n < 3", "a chain of comparisons; join two comparisons with `and`"),
        Refusal("a if b else c", "`a if b else c` is not part of the rule language"),
        Refusal("n // 2", "`n // 2` is not part of the rule language"),
        Refusal("(a", "cannot be read: '(' was never closed; check brackets and quotes"),
        Refusal(
            "choose(otherwise(1))",
            "`choose(otherwise(1))` is not complete; write choose(when(condition, value), …, otherwise(value))",
        ),
        Refusal(
            "choose(when(a, 1), 2)",
            "`2` stands where `otherwise(…)` belongs; write choose(when(condition, value), …, otherwise(value))",
        ),
        Refusal(
            "courses.latest(end)",
            "`courses.latest(end)` is no way to read rows; "
            "use .where(…), .exists(), .count(), .any(…), .longest_run(…), .first(column), .last(column)",
        ),
        Refusal("None", "None is no value of the rule language"),
    ),
)
test_shapes = SHAPES.test()

ROWS = Section(
    "Rows",
    """
    Rows are chosen by required columns only, so that a choice is never unknown; and only facts may read rows at all:
    situations, options and cautions are logic over facts.
    """,
    (
        Refusal(
            'courses.where(progression == "widespread").exists()',
            "the column progression may be missing, so rows can't be chosen by it; use `.any(…)` instead",
        ),
        Refusal(
            "courses.where(completed and a).exists()",
            "rows can't be chosen by the fact a, which may be unknown; use `.any(…)`",
        ),
        Refusal(
            'courses.where(present("ALK fusion")).exists()',
            "rows can't be chosen by `present('ALK fusion')`, which may be unknown; use `.any(…)`",
        ),
        Refusal(
            "courses.exists()",
            "`courses` reads the record; only facts may: name a fact for it and use the fact here",
            rows=False,
        ),
        Refusal(
            'lab("INR") > 1',
            "`lab('INR')` reads the record; only facts may: name a fact for it and use the fact here",
            rows=False,
        ),
        Refusal(
            'present("ALK fusion")',
            "`present('ALK fusion')` reads the record; only facts may: name a fact for it and use the fact here",
            rows=False,
        ),
    ),
)
test_rows = ROWS.test()
