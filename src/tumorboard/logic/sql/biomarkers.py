"""What the biomarker entries say of one alteration, as SQL; see ``logic/biomarkers.py`` for what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tumorboard.case.columns import LABEL, TABLES
from tumorboard.logic import tree
from tumorboard.logic.biomarkers import MEASURED
from tumorboard.logic.sql import cells
from tumorboard.logic.sql.parts import NumberSql

if TYPE_CHECKING:
    from tumorboard.logic.sql.emitter import Emitter

_TABLE = "biomarkers"
_SAME_TEST = ("alteration", "assay", "specimen", "measure")


def present(node: tree.Present, since: NumberSql | None, table: str | None, emitter: Emitter) -> str:
    """TRUE, FALSE or NULL; ``since`` is the patient's, or that of a row of ``table``."""
    d = emitter.dialect
    above = emitter.facts.vocabulary.alterations.above
    classes = above(node.alteration)
    below = [own for own in emitter.alterations if node.alteration in above(own)]
    over = [own for own in emitter.alterations if own in classes]

    def one_of(own: list[str]) -> str:
        return d.contains(d.texts_of(own), "b.alteration") if own else "FALSE"

    says, counts = emitter.named(_said(emitter)), _counts(since, emitter)
    may, must = "TRUE", "TRUE"  # the specimen may be, and is, of the kind in which alone an absence counts
    if node.absence_in is not None:
        must = f"COALESCE(b.specimen = {d.text(node.absence_in)}, FALSE)"
        may = f"(b.specimen IS NULL OR {must})"
    yes = d.filter(says, "b", f"b.result = 'present' AND {one_of(below)} AND {counts} IS NOT FALSE")
    no = d.filter(says, "b", f"b.result = 'absent' AND {one_of([*below, *over])} AND {counts} IS NOT FALSE AND {may}")
    if table is None:
        yes, no = emitter.named(yes), emitter.named(no)
    same = " AND ".join(d.same(f"y.{d.quoted(name)}", f"o.{d.quoted(name)}") for name in (*_SAME_TEST, "when"))
    clean = d.filter(yes, "y", f"NOT {d.any(no, 'o', same)}")
    if table is None:
        clean = emitter.named(clean)
    surely = d.any(clean, "b", f"{counts} IS TRUE")
    clash = f"{d.length(clean)} < {d.length(yes)}"
    absent = d.any(no, "b", f"{one_of(over)} AND {counts} IS TRUE AND {must}")
    return (
        f"CASE WHEN {surely} THEN TRUE WHEN {clash} THEN NULL "
        f"WHEN {d.length(yes)} = 0 AND {absent} THEN FALSE ELSE NULL END"
    )


def _said(emitter: Emitter) -> str:
    """The entries with what each says as its ``result``: present, absent, or NULL."""
    d = emitter.dialect
    kind = TABLES[_TABLE].columns["value"].type
    measured = " OR ".join(cells.recorded(_TABLE, "r", name, kind, d) for name in MEASURED)
    open_ = f"NOT {cells.recorded(_TABLE, 'r', 'result', LABEL, d)} AND ({measured})"
    branches = ["WHEN r.result IN ('present', 'absent') THEN r.result"]
    for reading in emitter.facts.readings:
        alteration, measure = d.text(reading.alteration), d.text(reading.measure)
        own = f"{open_} AND r.alteration = {alteration} AND COALESCE(r.measure, '') = {measure}"
        found = emitter.truth(reading.node, _TABLE)
        branches.append(
            f"WHEN {own} THEN CASE WHEN {found} IS TRUE THEN 'present' WHEN {found} IS FALSE THEN 'absent' END"
        )
    said = f"CASE {' '.join(branches)} END"
    kept = {name: f"r.{d.quoted(name)}" for name in (*_SAME_TEST, "when")}
    return d.transform(_TABLE, "r", d.struct({**kept, "result": said}))


def _counts(since: NumberSql | None, emitter: Emitter) -> str:
    """Whether the specimen of entry ``b`` was taken on or after ``since``."""
    if since is None:
        return "TRUE"
    when = cells.number_of(_TABLE, "b", "when", TABLES[_TABLE].columns["when"].type, emitter.dialect)
    return (
        f"CASE WHEN NOT {since.some} OR COALESCE({when} >= {since.high}, FALSE) THEN TRUE "
        f"WHEN COALESCE({when} < {since.low}, FALSE) AND NOT {since.na} THEN FALSE ELSE NULL END"
    )
