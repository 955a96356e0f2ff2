"""An evidence file is refused, naming file and id, wherever a finding cannot be right."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from evidence_samples import QUOTE, TEXT, entry, findings, sources_document, update

from tumorboard.data import parse_yaml
from tumorboard.errors import InvalidKnowledge, NotFound
from tumorboard.evidence import Effect, Findings, Interval, PValue


def test_a_finding_is_read_with_its_figures_as_printed() -> None:
    yaml_number = parse_yaml("75.0", "made.yaml")

    (finding,) = findings(
        entry(
            value=Decimal("35.2"),
            comparator_value=yaml_number,
            printed="35.2%",
            effect={"measure": "HR", "value": Decimal("0.52")},
            ci={"level": 95, "low": Decimal("0.13"), "high": Decimal("2.10")},
            p={"op": "<", "value": Decimal("0.001")},
            citations=[8, 9],
            level="II",
            population={"disease": "SCLC", "n": 105},
        )
    )

    assert finding.quote == QUOTE
    assert str(finding.comparator_value) == "75.0"
    assert finding.effect == Effect("HR", Decimal("0.52"))
    assert finding.ci == Interval(Decimal(95), Decimal("0.13"), Decimal("2.10"))
    assert finding.p == PValue("<", Decimal("0.001"))
    assert finding.citations == (8, 9)
    assert (finding.population.disease, finding.population.n, finding.population.line) == ("SCLC", 105, None)


def test_a_range_keeps_both_sides() -> None:
    (finding,) = findings(entry(value=[2, 3]))

    assert finding.value == (Decimal(2), Decimal(3))


def test_an_entry_without_in_scope_is_in_scope() -> None:
    here, elsewhere = findings(entry(), entry(id="S900-002", in_scope=False))

    assert here.in_scope
    assert not elsewhere.in_scope


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"source": "901_other"}, "source '901_other' is unknown"),
        ({"end": 12}, "but end - start is"),
        ({"sha256": "0" * 16}, "is not that of the quote"),
        ({"value": 101}, "101 % does not lie between 0 and 100"),
        ({"comparator_value": -1}, "-1 % does not lie between 0 and 100"),
        ({"ci": {"level": 95, "low": 2, "high": 1}}, "the interval is reversed"),
        ({"ci": {"level": 95, "low": 2}}, "level, low and high are all needed"),
        ({"p": {"op": "=", "value": 2}}, "must lie between 0 and 1"),
        ({"p": {"op": "~", "value": 0}}, "op '~' is not known"),
        ({"level": "VI"}, "'VI' is no level of evidence"),
        ({"level": "II-I"}, "'II-I' is no level of evidence"),
        ({"citations": ["8"]}, "must hold reference numbers, not '8'"),
        ({"value": [3, 2]}, "runs backwards (3 to 2)"),
        ({"value": "35.2"}, "value must be a number"),
        ({"printed": "35.3%"}, "'35.3%' does not stand in the quote"),
        ({"claim": None}, "claim is absent"),
        ({"claim": {"en": "only English"}}, "the zh text is absent"),
        ({"certainty": "sure"}, "certainty 'sure' is not known"),
        ({"date": "June 2025"}, "'June 2025' is no date"),
        ({"kind": "cell"}, "table is absent"),
        ({"restates": "S900-009"}, "names 'S900-009', which is no finding"),
        ({"endpont": "ORR"}, "'endpont' is no key of this entry"),
        ({"population": {"age": 65}}, "'age' is no key of this entry"),
        ({"remarks": [{"kind": "note", "text": {"en": "x", "zh": "某"}, "see": ["U-none"]}]}, "names 'U-none'"),
        ({"context": [9, 3]}, "must be [start, end]"),
    ],
)
def test_a_finding_that_cannot_be_right_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidKnowledge) as refused:
        findings(entry(**changed))

    assert any("knowledge/made.yaml: S900-001" in str(problem) for problem in refused.value.problems)
    assert message in str(refused.value)


def test_a_quote_of_81_characters_is_refused_and_one_of_80_is_read() -> None:
    assert findings(entry("字" * 80))

    with pytest.raises(InvalidKnowledge, match="81 characters; at most 80"):
        findings(entry("字" * 81))


def test_an_id_given_twice_names_both_files() -> None:
    document = {"schema": "tumorboard.evidence/1", "findings": [entry()]}

    with pytest.raises(
        InvalidKnowledge, match=r"knowledge/b.yaml: S900-001: the id is already used in knowledge/a.yaml"
    ):
        Findings.from_data(sources_document(), {"a.yaml": document, "b.yaml": document}, "knowledge")


def test_every_problem_of_every_entry_is_told_at_once() -> None:
    with pytest.raises(InvalidKnowledge) as refused:
        findings(entry(level="VI", value=300), entry(id="S900-002", source="901_other"))

    assert len(refused.value.problems) == 3


def test_a_finding_of_an_update_has_a_certainty_and_no_place() -> None:
    (finding,) = findings(update())

    assert (finding.place, finding.quote, finding.date, finding.certainty) == (
        None,
        None,
        "2025-06",
        "own knowledge, high",
    )
    with pytest.raises(InvalidKnowledge, match="says how certain it is"):
        findings(update(certainty=None))
    with pytest.raises(InvalidKnowledge, match="only a document has places"):
        findings(update(quote="35.2%"))


def test_a_cell_names_its_table_and_claims_nothing() -> None:
    (cell,) = findings(entry(kind="cell", table=3, claim=None))

    assert (cell.table, cell.claim) == (3, None)


def test_findings_are_found_by_id_and_by_source() -> None:
    collection = findings(entry(), update(also=["update:V1"]))

    assert [finding.id for finding in collection] == ["S900-001", "U-later"]
    assert collection.get("U-later").source == "update:V1"
    assert [finding.id for finding in collection.of_source("900")] == ["S900-001"]
    assert "S900-001" in collection
    with pytest.raises(NotFound, match="no finding 'S900-01'; near it: S900-001"):
        collection.get("S900-01")
    with pytest.raises(NotFound, match="no source '901'; the documents are 900_made"):
        collection.of_source("901")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"id": "../900"}, "small letters and digits joined by _"),
        ({"sha256": "abc"}, "64 hexadecimal digits"),
        ({"kind": "blog"}, "kind 'blog' is not known"),
        ({"length": None}, "length is absent"),
        ({"title": None}, "title is absent"),
        ({"publisher": "x"}, "'publisher' is no key"),
    ],
)
def test_a_source_that_cannot_be_right_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidKnowledge, match=message):
        Findings.from_data(sources_document(**changed), {}, "knowledge")


def test_a_file_of_another_schema_is_refused() -> None:
    with pytest.raises(InvalidKnowledge, match="is not a file of findings"):
        Findings.from_data(sources_document(), {"x.yaml": {"findings": []}}, "knowledge")
    with pytest.raises(InvalidKnowledge, match="is not a file of sources"):
        Findings.from_data({"documents": []}, {}, "knowledge")


def test_the_sample_quote_crosses_a_line() -> None:
    assert "\n" in QUOTE
    assert QUOTE in TEXT
