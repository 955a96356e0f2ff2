"""A finding prints in the form of `tumorboard evidence list`."""

from __future__ import annotations

import json
from decimal import Decimal

from evidence_samples import QUOTE, SOURCE, TEXT, entry, findings, update

from tumorboard.evidence import as_record

FIXED = [
    "id", "source", "start", "end", "quote", "study", "design", "population", "intervention", "comparator",
    "endpoint", "value", "unit", "comparator_value", "printed", "effect", "ci", "p", "n", "level",
    "citations", "remarks",
]  # fmt: skip


def test_every_field_of_the_interface_is_there_in_its_order() -> None:
    collection = findings(entry(), update(), entry(id="S900-T001", kind="cell", table=3, claim=None))

    for finding in collection:
        assert list(as_record(finding))[: len(FIXED)] == FIXED


def test_figures_are_numbers_and_what_is_absent_is_null() -> None:
    (finding,) = findings(
        entry(
            value=Decimal("35.2"),
            comparator_value=Decimal("9.00"),
            printed="35.2%",
            effect={"measure": "HR", "value": Decimal("0.5")},
            ci={"level": 95, "low": Decimal("0.2"), "high": 1},
            p={"op": "<", "value": Decimal("0.001")},
            remarks=[{"kind": "note", "text": {"en": "A remark", "zh": "备注"}}],
        )
    )

    record = json.loads(json.dumps(as_record(finding)))

    assert (record["start"], record["quote"]) == (TEXT.index(QUOTE), QUOTE)
    assert (record["value"], record["comparator_value"], record["printed"]) == (35.2, 9.0, "35.2%")
    assert record["effect"] == {"measure": "HR", "value": 0.5}
    assert record["ci"] == {"level": 95, "low": 0.2, "high": 1}
    assert record["p"] == {"op": "<", "value": 0.001}
    assert record["remarks"] == [{"kind": "note", "text": {"en": "A remark", "zh": "备注"}, "see": []}]
    assert record["citations"] == []
    assert record["study"] is record["level"] is record["n"] is record["date"] is None
    assert record["source"] == SOURCE


def test_a_whole_number_stays_whole_and_a_range_is_a_list() -> None:
    whole, span = findings(entry(value=80), entry(id="S900-002", value=[Decimal("4.3"), 34]))

    assert as_record(whole)["value"] == 80
    assert isinstance(as_record(whole)["value"], int)
    assert as_record(span)["value"] == [4.3, 34]


def test_an_update_prints_without_a_place() -> None:
    (finding,) = findings(update())

    record = as_record(finding)

    assert record["start"] is record["end"] is record["quote"] is None
    assert (record["date"], record["certainty"]) == ("2025-06", "own knowledge, high")
    assert record["claim"] == {"en": "A later trial found no difference", "zh": "后续试验未见差异"}
