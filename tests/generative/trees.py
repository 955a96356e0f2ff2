"""Random well-typed rule trees of every node type, and random tables for them to read.

``BUILDERS`` has an entry for every node type; a test fails where one is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tumorboard.case.columns import DATE, DECIMAL, LABELS, TABLES, TRUTH, WHOLE, Type
from tumorboard.case.rows import NA, Row, Table
from tumorboard.logic import tree
from tumorboard.logic.tree import Node

Draw = Callable[[Any], Any]

WORDS = ("A", "B", "C")
LABEL = Type("label", domain=frozenset(WORDS))
DRUGS = ("carboplatin", "gefitinib", "osimertinib")
KINDS = {"truth": TRUTH, "whole": WHOLE, "decimal": DECIMAL, "label": LABEL, "labels": LABELS, "date": DATE}
FACTS = {f"{kind}_{index}": type_ for kind, type_ in KINDS.items() for index in range(1)}
PARAMETERS = {"refractory_interval": tree.DAYS, "met_copies": WHOLE}
ALTERATIONS = (
    "EGFR mutation", "EGFR sensitising mutation", "EGFR p.L858R", "EGFR p.T790M", "MET amplification",
    "ERBB2 amplification",
)  # fmt: skip
DAYS = range(10)  # few days, so that ties and boundaries are common
NUMBERS = [Decimal(text) for text in ("0", "1.9", "2", "2.0", "2.1", "3", "90")]
NAMED = {"labs": "decimal", "observations": "label", "consents": "truth", "performance": "whole"}
KEYS = {
    "labs": ("INR", "AFP"), "observations": ("surgery", "ascites"), "consents": ("organoid testing", "MiniPDX testing"),
    "performance": ("ECOG", "Karnofsky"),
}  # fmt: skip
ROW_TABLES = ("courses", "tumours", "comorbidities", "adverse_events", "metastases", "procedures", "imaging", "vitals")


@dataclass(frozen=True)
class Context:
    """Where a node stands: outside rows, in a row of ``table``, or (``choosing``) in a condition that chooses rows."""

    table: str | None = None
    choosing: bool = False
    facts: tuple[str, ...] = tuple(FACTS)

    def columns(self, kind: str) -> list[str]:
        if self.table is None:
            return []
        columns = TABLES[self.table].columns
        return sorted(n for n, c in columns.items() if c.type.kind == kind and (c.required or not self.choosing))


def typed(kind: str) -> Type:
    return KINDS[kind]


# -- one builder a node type -----------------------------------------------------------------------------------------

Builder = Callable[[Draw, str, Context, int], Node]


def _constant(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    value = {
        "truth": st.booleans(),
        "whole": st.integers(-1, 5),
        "decimal": st.sampled_from(NUMBERS),
        "label": st.sampled_from(WORDS),
    }[kind]
    return tree.Constant(draw(value), typed(kind))


def _parameter(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    name = draw(st.sampled_from(sorted(PARAMETERS)))
    return tree.Parameter(name, PARAMETERS[name])


def _fact(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    name = draw(st.sampled_from([name for name in where.facts if FACTS[name].kind == kind]))
    return tree.Fact(name, FACTS[name])


def _column(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Column(draw(st.sampled_from(where.columns(kind))), typed(kind))


def _and(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.And(_some_of(draw, "truth", where, depth, 2))


def _or(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Or(_some_of(draw, "truth", where, depth, 2))


def _not(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Not(draw_node(draw, "truth", where, depth))


def _compare(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    of = draw(st.sampled_from(("truth", "label", "whole", "decimal", "date")))
    signs = ("==", "!=") if of in ("truth", "label") else ("==", "!=", "<", "<=", ">", ">=")
    return tree.Compare(draw(st.sampled_from(signs)), *_some_of(draw, of, where, depth, 2, 2))


def _among(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Among(
        draw_node(draw, "label", where, depth), frozenset(draw(st.sets(st.sampled_from(WORDS), min_size=1)))
    )


def _group(node: Callable[..., Node]) -> Builder:
    def build(draw: Draw, kind: str, where: Context, depth: int) -> Node:
        members = frozenset(draw(st.sets(st.sampled_from((*DRUGS, *WORDS)), min_size=1)))
        of = "labels" if node is tree.HowMany else draw(st.sampled_from(("label", "labels")))
        return node(draw_node(draw, of, where, depth), "a class", members)

    return build


def _some(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Some(draw_node(draw, "labels", where, depth))


def _arithmetic(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    op = draw(st.sampled_from(("+", "-", "*", "larger", "smaller", *(["/"] if kind == "decimal" else []))))
    if op == "/":
        by = tree.Constant(draw(st.sampled_from((3, Decimal("0.5")))), typed(kind))
        return tree.Arithmetic(op, draw_node(draw, kind, where, depth), by, typed(kind))
    return tree.Arithmetic(op, *_some_of(draw, kind, where, depth, 2, 2), typed(kind))


def _function(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    name = draw(st.sampled_from(("log10", "sqrt", "power", "magnitude")))
    exponent = Decimal("0.425") if name == "power" else Decimal(1)
    # Measured numbers are positive: the reader of a case sees to that.
    positive = tree.Arithmetic(
        "larger", draw_node(draw, kind, where, depth), tree.Constant(Decimal("0.1"), typed(kind)), typed(kind)
    )
    return tree.Function(name, positive, exponent, typed(kind))


def _days(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Days(*_some_of(draw, "date", where, depth, 2, 2))


def _bounded(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Bounded(*_some_of(draw, "date", where, depth, 3, 3))


def _choose(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    conditions = _some_of(draw, "truth", where, depth, 1)
    branches = tuple((condition, draw_node(draw, kind, where, depth)) for condition in conditions)
    return tree.Choose(branches, draw_node(draw, kind, where, depth), typed(kind))


def _band(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    of = draw(st.sampled_from(("whole", "decimal")))
    numbers = st.integers(-1, 5) if of == "whole" else st.sampled_from(NUMBERS)
    ats = sorted(draw(st.sets(numbers, min_size=1, max_size=3)))
    signs = [draw(st.sampled_from(("<", "<="))) for _ in ats]
    values = [draw_node(draw, kind, where, depth) for _ in ats]
    cuts = tuple(zip(signs, (tree.Constant(at, typed(of)) for at in ats), values, strict=True))
    return tree.Band(draw_node(draw, of, where, depth), cuts, draw_node(draw, kind, where, depth), typed(kind))


def _collect(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    conditions = _some_of(draw, "truth", where, depth, 1)
    return tree.Collect(tuple(zip(WORDS, conditions, strict=False)), LABELS)


def _recorded(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Recorded(draw_node(draw, draw(st.sampled_from(sorted(KINDS))), where, depth))


def _not_applicable(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.NotApplicable(typed(kind), draw(st.sampled_from((None, "silence"))))


def _undecided(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Undecided("silence", typed(kind))


def _rows(draw: Draw, depth: int) -> tree.Rows:
    table = draw(st.sampled_from(ROW_TABLES))
    conditions = draw(st.integers(0, 2)) if depth > 0 else 0
    inside = Context(table, choosing=True)
    return tree.Rows(table, tuple(draw_node(draw, "truth", inside, depth - 1) for _ in range(conditions)))


def _exists(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Exists(_rows(draw, depth))


def _count(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    return tree.Count(_rows(draw, depth))


def _pick(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    rows = _rows(draw, depth)
    columns = Context(rows.table).columns(kind)
    if not columns:
        rows = tree.Rows("courses", ())
        columns = Context("courses").columns(kind) or ["line"]
    # The first row of an open list is the first one recorded; only of lists that are complete is there a first one.
    ends = ("first", "last") if TABLES[rows.table].complete else ("last",)
    return tree.Pick(rows, draw(st.sampled_from(ends)), draw(st.sampled_from(columns)), typed(kind))


def _holds(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    rows = _rows(draw, depth)
    return tree.Holds(rows, draw_node(draw, "truth", Context(rows.table, facts=where.facts), depth))


def _longest_run(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    rows = _rows(draw, depth)
    return tree.LongestRun(rows, draw_node(draw, "truth", Context(rows.table, facts=where.facts), depth))


def _newest(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    table = next(table for table, of in NAMED.items() if of == kind)
    return tree.Newest(table, draw(st.sampled_from(KEYS[table])), typed(kind))


def _present(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    since = draw_node(draw, "date", where, depth) if depth > 0 and draw(st.booleans()) else None
    return tree.Present(draw(st.sampled_from(ALTERATIONS)), since, draw(st.sampled_from((None, "tissue", "liquid"))))


ANY = frozenset(KINDS)
BUILDERS: dict[type, tuple[frozenset[str], bool, Builder]] = {  # node type: kinds it can be, whether a leaf, builder
    tree.Constant: (frozenset(("truth", "whole", "decimal", "label")), True, _constant),
    tree.Parameter: (frozenset(("whole",)), True, _parameter),
    tree.Fact: (ANY, True, _fact),
    tree.Column: (ANY, True, _column),
    tree.And: (frozenset(("truth",)), False, _and),
    tree.Or: (frozenset(("truth",)), False, _or),
    tree.Not: (frozenset(("truth",)), False, _not),
    tree.Compare: (frozenset(("truth",)), False, _compare),
    tree.Among: (frozenset(("truth",)), False, _among),
    tree.Meets: (frozenset(("truth",)), False, _group(tree.Meets)),
    tree.Only: (frozenset(("truth",)), False, _group(tree.Only)),
    tree.HowMany: (frozenset(("whole",)), False, _group(tree.HowMany)),
    tree.Some: (frozenset(("truth",)), False, _some),
    tree.Arithmetic: (frozenset(("whole", "decimal")), False, _arithmetic),
    tree.Function: (frozenset(("decimal",)), False, _function),
    tree.Days: (frozenset(("whole",)), False, _days),
    tree.Bounded: (frozenset(("date",)), False, _bounded),
    tree.Choose: (ANY, False, _choose),
    tree.Band: (ANY, False, _band),
    tree.Collect: (frozenset(("labels",)), False, _collect),
    tree.Recorded: (frozenset(("truth",)), False, _recorded),
    tree.NotApplicable: (ANY, True, _not_applicable),
    tree.Undecided: (ANY, True, _undecided),
    tree.Exists: (frozenset(("truth",)), True, _exists),
    tree.Count: (frozenset(("whole",)), True, _count),
    tree.Pick: (ANY, True, _pick),
    tree.Holds: (frozenset(("truth",)), False, _holds),
    tree.LongestRun: (frozenset(("whole",)), False, _longest_run),
    tree.Newest: (frozenset(NAMED.values()), True, _newest),
    tree.Present: (frozenset(("truth",)), True, _present),
}
_READS_ROWS = {tree.Exists, tree.Count, tree.Pick, tree.Holds, tree.LongestRun, tree.Newest, tree.Present}
_MAY_BE_UNKNOWN = {*_READS_ROWS, tree.Fact, tree.Undecided, tree.Band, tree.Choose, tree.Recorded, tree.Bounded}


def draw_node(draw: Draw, kind: str, where: Context, depth: int) -> Node:
    """A node of a kind that may stand at a place."""
    possible = []
    for type_, (kinds, leaf, builder) in BUILDERS.items():
        fits = kind in kinds and (leaf or depth > 0)
        if type_ is tree.Column:
            fits = bool(where.columns(kind))
        elif type_ is tree.Fact:
            fits = fits and any(FACTS[name].kind == kind for name in where.facts)
        if where.choosing and type_ in _MAY_BE_UNKNOWN:
            fits = False
        if fits:
            possible.append(builder)
    return draw(st.sampled_from(possible))(draw, kind, where, depth - 1)


def _some_of(draw: Draw, kind: str, where: Context, depth: int, least: int, most: int = 3) -> tuple[Node, ...]:
    return tuple(draw_node(draw, kind, where, depth) for _ in range(draw(st.integers(least, most))))


@st.composite
def nodes(draw: Draw, kind: str | None = None, depth: int = 3, facts: tuple[str, ...] = tuple(FACTS)) -> Node:
    """A tree outside rows."""
    of = kind or draw(st.sampled_from(sorted(KINDS)))
    return draw_node(draw, of, Context(facts=facts), depth)


@st.composite
def rules_of_facts(draw: Draw) -> Mapping[str, Node]:
    """A rule for every fact; each may read those before it."""
    found: dict[str, Node] = {}
    for name, type_ in FACTS.items():
        found[name] = draw(nodes(type_.kind, depth=1, facts=tuple(found)))
    return found


# -- tables ----------------------------------------------------------------------------------------------------------


def cells(kind: str) -> st.SearchStrategy[Any]:
    """A cell that is recorded."""
    return {
        "truth": st.booleans(),
        "whole": st.integers(0, 4),
        "decimal": st.sampled_from(NUMBERS),
        "label": st.sampled_from(WORDS),
        "labels": st.frozensets(st.sampled_from(DRUGS), max_size=2),
        "date": st.sampled_from(DAYS),
    }[kind]


@st.composite
def rows(draw: Draw, table: str, place: str) -> Row:
    held: dict[str, Any] = {}
    for name, column in TABLES[table].columns.items():
        kind = NAMED.get(table, column.type.kind) if name == "value" else column.type.kind
        filled = cells(kind)
        held[name] = draw(filled if column.required else st.one_of(st.none(), filled, filled, st.just(NA)))
    if table in NAMED:
        held["name"] = draw(st.sampled_from(KEYS[table]))
        held["value"] = draw(st.one_of(st.none(), cells(NAMED[table])))
    if table == "biomarkers":
        held |= {
            "alteration": draw(st.sampled_from(ALTERATIONS)),
            "assay": draw(st.sampled_from(("NGS", "FISH", None))),
            "specimen": draw(st.sampled_from(("tissue", "liquid", None))),
            "measure": draw(st.sampled_from(("ratio", "copy number", None))),
            "result": draw(st.sampled_from(("present", "absent", "indeterminate", "not tested", None))),
            "value": draw(st.one_of(st.none(), st.sampled_from(NUMBERS))),
        }
    return Row(held, place)


@st.composite
def tables(draw: Draw, read: frozenset[str] = frozenset(TABLES)) -> dict[str, Table]:
    """Tables as cases give them: a list that can be complete is so once it is given, the others never are.

    Only those in ``read`` get rows; drawing them is what takes time.
    """
    found = {}
    for name, form in TABLES.items():
        given = name in read and draw(st.booleans()) if form.complete else True
        count = draw(st.integers(0, 3)) if given and name in read else 0
        drawn = [draw(rows(name, f"{name}[{index}]")) for index in range(count)]
        drawn.sort(key=lambda row: row.cells["when"])  # type: ignore[arg-type, return-value]
        found[name] = Table(tuple(drawn), form.complete and given)
    return found


def tables_read(node: Node) -> frozenset[str]:
    match node:
        case tree.Exists(rows) | tree.Count(rows) | tree.Pick(rows) | tree.Holds(rows) | tree.LongestRun(rows):
            own = {rows.table}
        case tree.Newest(table):
            own = {table}
        case tree.Present():
            own = {"biomarkers"}
        case _:
            own = set()
    return frozenset(own.union(*(tables_read(child) for child in tree.children(node))))
