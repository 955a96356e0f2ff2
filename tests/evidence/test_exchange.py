"""Exchange: what goes out comes back whole; what is wrong in a file is told with its place, and the rest is read."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from fhir.resources.bundle import Bundle
from ga4gh.va_spec.base.core import Statement
from typer.testing import CliRunner

from tumorboard.cli.app import app_for
from tumorboard.data import parse_yaml
from tumorboard.errors import InvalidInput
from tumorboard.evidence import Finding, Findings
from tumorboard.evidence.exchange import (
    Imported,
    civic_import,
    from_csv,
    from_fhir,
    from_json,
    from_va_spec,
    to_csv,
    to_fhir,
    to_json,
    to_va_spec,
)
from tumorboard.evidence.exchange.civic import COLUMNS
from tumorboard.evidence.search import NameReader
from tumorboard.guidelines.knowledge import Knowledge


@pytest.fixture(scope="module")
def names(knowledge: Knowledge) -> NameReader:
    return NameReader(knowledge.vocabulary, knowledge.folder)


def all_read(read: Imported, findings: tuple[Finding, ...]) -> bool:
    return read.findings == findings and not read.problems and read.bad == 0


# --- CSV and JSON


def test_csv_carries_all_of_every_finding(knowledge: Knowledge) -> None:
    findings = tuple(knowledge.findings)
    assert all_read(from_csv(to_csv(findings), "all.csv", knowledge.findings.sources), findings)


def test_json_carries_all_of_every_finding_and_its_sources(knowledge: Knowledge) -> None:
    findings = tuple(knowledge.findings)
    assert all_read(from_json(to_json(findings, knowledge.findings.sources), "all.json", {}), findings)


def test_every_digit_is_kept(knowledge: Knowledge) -> None:
    finding = knowledge.findings.get("U-entrectinib-dor-53")
    whole = knowledge.findings.get("U-eucross-pfs")
    assert str(whole.value) == "20.0"
    for text in (to_csv([finding, whole]), to_json([finding, whole], knowledge.findings.sources)):
        assert "20.0" in text and "24.6" in text
    (_, back) = from_csv(to_csv([finding, whole]), "x.csv", knowledge.findings.sources).findings
    assert str(back.value) == "20.0"


def test_an_exported_document_is_an_evidence_file(knowledge: Knowledge) -> None:
    chosen = [knowledge.findings.get("U-papillon"), knowledge.findings.get("U-profile1001-pfs")]
    data = parse_yaml(to_json(chosen, knowledge.findings.sources), "mine.yaml")
    read = Findings.from_data(data["sources"], {"evidence/mine.yaml": data}, "mine")
    assert list(read) == chosen


def test_a_bad_row_of_csv_is_told_with_its_line_and_the_others_are_read(knowledge: Knowledge) -> None:
    findings = [knowledge.findings.get(id_) for id_ in ("S002-073", "U-papillon", "U-chrysalis", "U-wukong1b")]
    rows = list(csv.DictReader(io.StringIO(to_csv(findings))))
    rows[0]["ci.low"] = "about 30"
    rows[2]["value"] = "140"
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    read = from_csv(out.getvalue(), "mine.csv", knowledge.findings.sources)
    assert [finding.id for finding in read.findings] == ["U-papillon", "U-wukong1b"]
    assert (read.rows, read.bad) == (4, 2)
    assert [str(problem) for problem in read.problems] == [
        "mine.csv:2: ci.low must be a number, not 'about 30'; digits with a point: 35.2",
        "mine.csv:4: U-chrysalis: value 140 % does not lie between 0 and 100",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,kind,source,dose\n", "mine.csv:1: unknown column 'dose'"),
        ("id,kind\n", "mine.csv:1: the column 'source' is absent"),
        ('id,kind,source\n"a,b,c\n', "is not CSV"),
    ],
)
def test_what_is_no_table_of_findings(knowledge: Knowledge, text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        from_csv(text, "mine.csv", knowledge.findings.sources)


def test_a_row_with_too_few_cells_and_an_id_given_twice(knowledge: Knowledge) -> None:
    table = to_csv([knowledge.findings.get("U-papillon"), knowledge.findings.get("U-papillon")]) + "short,row\n"
    read = from_csv(table, "mine.csv", knowledge.findings.sources)
    assert len(read.findings) == 1
    assert ["has 2 cells" in str(read.problems[0]), "given twice" in str(read.problems[1])] == [True, True]


def test_an_unknown_source_of_a_document_is_told(knowledge: Knowledge) -> None:
    data = json.loads(to_json([knowledge.findings.get("U-papillon")], knowledge.findings.sources))
    del data["sources"]
    read = from_json(json.dumps(data), "mine.json", {})
    assert read.bad == 1 and "'update:V38a' is unknown" in str(read.problems[0])
    with pytest.raises(InvalidInput, match="is no document of findings"):
        from_json("[]", "mine.json", {})


# --- FHIR R5


def test_fhir_is_valid_and_carries_all_of_every_finding(knowledge: Knowledge) -> None:
    findings = tuple(knowledge.findings)
    text = to_fhir(findings, knowledge.findings.sources)
    bundle = Bundle.model_validate_json(text)
    assert {entry.resource.get_resource_type() for entry in bundle.entry} == {"Evidence", "Citation"}
    assert all_read(from_fhir(text, "all.json", knowledge.findings.sources), findings)


def test_fhir_says_the_numbers_in_its_own_elements(knowledge: Knowledge) -> None:
    bundle = json.loads(to_fhir([knowledge.findings.get("U-papillon")], knowledge.findings.sources))
    citation, evidence = (entry["resource"] for entry in bundle["entry"])
    assert evidence["citeAsReference"]["reference"] == bundle["entry"][0]["fullUrl"]
    assert citation["identifier"][0]["value"] == "update:V38a"
    arm, other, ratio = evidence["statistic"]
    assert (arm["quantity"], other["quantity"]["value"]) == ({"value": 11.4, "unit": "months"}, 6.7)
    assert (ratio["statisticType"]["text"], ratio["quantity"]["value"]) == ("HR", 0.40)
    assert ratio["attributeEstimate"][0]["level"] == 0.95
    assert ratio["attributeEstimate"][0]["range"] == {"low": {"value": 0.30}, "high": {"value": 0.53}}
    roles = [variable["variableRole"]["coding"][0]["code"] for variable in evidence["variableDefinition"]]
    assert roles == ["population", "exposure", "referenceExposure", "measuredVariable"]


def test_an_evidence_changed_after_export_is_not_taken(knowledge: Knowledge) -> None:
    findings = [knowledge.findings.get("U-papillon"), knowledge.findings.get("U-wukong1b")]
    bundle = json.loads(to_fhir(findings, knowledge.findings.sources))
    for entry in bundle["entry"]:
        if entry["resource"]["id"] == "U-papillon":
            entry["resource"]["statistic"][0]["quantity"]["value"] = 14.1
    bundle["entry"].append({"resource": {"resourceType": "Evidence", "status": "active"}})
    read = from_fhir(json.dumps(bundle), "mine.json", knowledge.findings.sources)
    assert [finding.id for finding in read.findings] == ["U-wukong1b"]
    assert (read.rows, read.bad) == (3, 2)
    told = "\n".join(map(str, read.problems))
    assert ".statistic: is not what the finding in the extension says" in told and "carries no finding of ours" in told


# --- GA4GH VA-Spec


def test_va_spec_statements_are_valid_and_come_back(knowledge: Knowledge, names: NameReader) -> None:
    sources = knowledge.findings.sources
    made = to_va_spec(knowledge.findings, sources, names)
    statements = [Statement(**statement) for statement in json.loads(made.text)]
    assert len(statements) == made.count > 100
    assert made.count + len(made.left_out) == len(knowledge.findings), "each finding is a statement or has a reason"
    carried = tuple(finding for finding in knowledge.findings if finding.id not in made.left_out)
    assert all_read(from_va_spec(made.text, "all.json", sources, names), carried)


def test_va_spec_supports_only_what_the_finding_concludes(knowledge: Knowledge, names: NameReader) -> None:
    findings = [knowledge.findings.get(id_) for id_ in ("U-insight-pfs", "U-trident1-orr-naive")]
    made = to_va_spec(findings, knowledge.findings.sources, names)
    (single,) = [one for one in json.loads(made.text) if one["id"].endswith("U-trident1-orr-naive")]
    assert single["direction"] == "neutral"
    assert single["proposition"]["subjectVariant"]["name"] == "ROS1 fusion"
    assert single["proposition"]["objectTherapeutic"] == {"conceptType": "Therapy", "name": "repotrectinib"}
    assert made.left_out == {"U-insight-pfs": "its population names several alterations"}


def test_va_spec_of_another_or_changed_is_not_taken(knowledge: Knowledge, names: NameReader) -> None:
    finding = knowledge.findings.get("U-trident1-orr-naive")
    (statement,) = json.loads(to_va_spec([finding], knowledge.findings.sources, names).text)
    changed = statement | {"direction": "supports"}
    text = json.dumps([changed, {"type": "Statement"}, 7])
    read = from_va_spec(text, "mine.json", knowledge.findings.sources, names)
    assert (read.findings, read.rows) == ((), 3)
    assert len(read.problems) == 3


# --- CIViC

ROW = dict.fromkeys(COLUMNS, "") | {
    "molecular_profile": "EGFR L858R", "disease": "NSCLC", "therapies": "Gefitinib", "evidence_type": "Predictive",
    "evidence_direction": "Supports", "evidence_level": "B", "significance": "Sensitivity/Response",
    "evidence_statement": "A made-up statement.", "citation_id": "1", "source_type": "PubMed",
    "citation": "Group, 2010", "rating": "4", "evidence_status": "accepted", "evidence_id": "9001",
    "is_flagged": "false", "doid": "3908",
}  # fmt: skip


def civic(*rows: dict[str, str]) -> str:
    return "\n".join("\t".join(cells) for cells in (COLUMNS, *(row.values() for row in rows))) + "\n"


def test_a_civic_item_becomes_a_finding(knowledge: Knowledge) -> None:
    made = civic_import(civic(ROW), "civic.tsv", knowledge.vocabulary, knowledge.findings.sources)
    (finding,) = made.read.findings
    assert (finding.id, finding.source, finding.kind) == ("CIViC-EID9001", "update:CIViC", "efficacy")
    assert (finding.population.biomarker, finding.population.disease) == ("EGFR p.L858R", "NSCLC")
    assert (finding.intervention, finding.date, finding.level) == ("gefitinib", "2010", None)
    assert finding.claim is not None and finding.claim.zh.startswith(
        "CIViC EID9001：EGFR p.L858R，非小细胞肺癌，吉非替尼："
    )
    assert {remark.kind: remark.text.en for remark in finding.remarks} == {
        "civic_statement": "A made-up statement.",
        "civic_rating": "4/5",
    }
    assert made.mapped == {"variant": 1, "therapy": 1, "disease": 1}
    assert (dict(made.unmapped), made.unused) == ({}, ("doid",))


def test_the_report_says_what_did_not_map(knowledge: Knowledge) -> None:
    profile = "EGFR T790M AND (EGFR L858R OR XYZ1 Fusion)"
    row = ROW | {
        "molecular_profile": profile, "therapies": "Osimertinib,Nosuchdrug", "disease": "Nosuch Disease",
        "therapy_interaction_type": "Combination",
    }  # fmt: skip
    made = civic_import(civic(row), "civic.tsv", knowledge.vocabulary, knowledge.findings.sources)
    (finding,) = made.read.findings
    assert finding.population.biomarker == "EGFR p.T790M AND (EGFR p.L858R OR XYZ1 Fusion)"
    assert finding.intervention == "osimertinib + Nosuchdrug"
    assert set(made.unmapped) == {("variant", "XYZ1 Fusion"), ("therapy", "Nosuchdrug"), ("disease", "Nosuch Disease")}


def test_bad_rows_of_civic_are_told_and_the_others_read(knowledge: Knowledge) -> None:
    rows = [
        ROW,
        ROW | {"evidence_id": "9002", "evidence_level": "F", "rating": "9"},
        ROW | {"evidence_id": "x"},
        ROW | {"evidence_id": "9003", "evidence_status": "rejected"},
        ROW,
    ]
    text = civic(*rows) + "too\tfew\n"
    made = civic_import(text, "civic.tsv", knowledge.vocabulary, knowledge.findings.sources)
    assert (len(made.read.findings), made.read.rows, made.read.bad, made.not_accepted) == (1, 5, 4, 1)
    assert [str(problem).partition(";")[0] for problem in made.read.problems] == [
        "civic.tsv:3: evidence_level 'F' is not known",
        "civic.tsv:3: rating '9' is not known",
        "civic.tsv:4: evidence_id must be a whole number, not 'x'",
        "civic.tsv:7: has 2 columns",
        "civic.tsv:6: the id CIViC-EID9001 is given twice",
    ]


def test_another_header_is_refused(knowledge: Knowledge) -> None:
    text = civic(ROW).replace("therapies", "drugs", 1)
    with pytest.raises(InvalidInput, match="lacks the column therapies; the 25 columns"):
        civic_import(text, "civic.tsv", knowledge.vocabulary, knowledge.findings.sources)


def test_imported_findings_load_as_knowledge(knowledge: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "civic.tsv").write_text(civic(ROW, ROW | {"evidence_id": "x"}), encoding="utf-8")
    out = tmp_path / "mine" / "evidence"
    out.mkdir(parents=True)
    command = ["evidence", "import", str(tmp_path / "civic.tsv"), "--from", "civic", "-o", str(out / "civic.yaml")]
    result = CliRunner().invoke(app_for("evidence"), command)
    assert isinstance(result.exception, InvalidInput), "a bad row is told by the exit code, the good one is written"
    known = Knowledge.load(tmp_path / "mine")
    assert known.findings.get("CIViC-EID9001").population.biomarker == "EGFR p.L858R"


def test_a_value_that_is_a_range_survives_a_table(knowledge: Knowledge) -> None:
    finding = knowledge.findings.get("U-tatton-b-orr")
    assert finding.value == (Decimal(33), Decimal(67))
    (back,) = from_csv(to_csv([finding]), "x.csv", knowledge.findings.sources).findings
    assert back == finding
