"""The findings of the product through the checks: what each source prints comes out as it should."""

from __future__ import annotations

import ast
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import tumorboard.evidence.statistics as package
from tumorboard.errors import NotFound
from tumorboard.evidence import Finding, Findings, Interval
from tumorboard.evidence.checks import check_all, check_finding
from tumorboard.evidence.statistics import Check
from tumorboard.folder import SHIPPED, KnowledgeFolder


@pytest.fixture(scope="module")
def shipped() -> Findings:
    return Findings.from_folder(KnowledgeFolder(SHIPPED))


@pytest.fixture(scope="module")
def checks(shipped: Findings) -> list[Check]:
    return check_all(shipped)


def of(checks: list[Check], finding: str, kind: str) -> Check:
    (found,) = [check for check in checks if check.finding == finding and check.kind == kind]
    return found


def test_impress_reproduces(checks: list[Check]) -> None:
    pfs = of(checks, "S002-095", "ratio")

    assert pfs.verdict == of(checks, "S002-096", "ratio").verdict == "reproduces"
    assert {item.test: item.value for item in pfs.recomputed}["Wald P"] == pytest.approx(0.285, abs=5e-4)


def test_the_spread_of_the_lung_function_digest_is_a_standard_error(checks: list[Check]) -> None:
    assert of(checks, "S002-144", "difference").by == ("SE",)


def test_one_of_eight_responders_contradicts_seven(checks: list[Check]) -> None:
    check = of(checks, "S001-026", "part of whole")

    assert (check.printed, check.verdict, check.tier) == ("7/7 within 1/8", "impossible", "warning")


@pytest.mark.parametrize("finding", ["S000-012", "S001-008", "S002-133"])
def test_claims_their_p_does_not_carry(checks: list[Check], finding: str) -> None:
    assert of(checks, finding, "claim against P").verdict == "not reproduced"


def test_a_percentage_that_was_cut_off(checks: list[Check]) -> None:
    check = of(checks, "S001-017", "grim")

    assert check.verdict == "not reproduced"
    assert check.note is not None and "15/43 if cut off" in check.note.en


def test_categories_of_response_add_up(checks: list[Check]) -> None:
    assert of(checks, "S001-019", "sum of arms").printed == "11 + 12 = 23"
    assert of(checks, "S001-027", "sum of arms").printed == "3 + 8 = 11"


def test_all_eleven_p_values_of_source_004_reproduce(shipped: Findings) -> None:
    found = [check for check in check_all(shipped, "004") if check.kind == "p from counts"]

    assert len(found) == 11
    assert {check.verdict for check in found} == {"reproduces"}


def test_the_impossible_percentages_of_source_004_are_those_of_he_2017(shipped: Findings) -> None:
    found = [check.printed for check in check_all(shipped, "004") if check.verdict == "impossible"]

    assert {"83.8% / n=38", "52.5% / n=41"} <= set(found)
    assert [text for text in found if "n=38" not in text and "n=41" not in text and "73.6%" not in text] == []


def test_the_off_centre_ratio_of_source_004(shipped: Findings) -> None:
    ratios = [check for check in check_all(shipped, "004") if check.kind == "ratio"]

    assert [(check.printed[:5], check.verdict) for check in ratios] == [
        ("0.461", "not reproduced"),
        ("1.000", "not checkable"),
    ]


def test_an_unmet_check_of_a_document_is_one_we_know(checks: list[Check]) -> None:
    """A new entry here is either a discovery or a false alarm: look, then list it."""
    unmet = {(check.finding, check.kind) for check in checks if check.verdict in ("impossible", "not reproduced")}

    assert {item for item in unmet if item[0] and item[0][:4] in ("S000", "S001", "S002", "S003")} == {
        ("S000-012", "claim against P"),
        ("S001-008", "claim against P"),
        ("S001-017", "grim"),
        ("S001-026", "part of whole"),
        ("S002-133", "claim against P"),
    }


def test_a_p_that_nothing_printed_determines_is_not_checkable(checks: list[Check]) -> None:
    assert of(checks, "S002-024", "P").verdict == "not checkable"


def test_a_survival_rate_needs_no_whole_number_of_patients(checks: list[Check]) -> None:
    assert not [check for check in checks if check.finding == "S002-133" and check.kind == "grim"]


def test_numbers_that_cannot_be_meant_give_their_reason(shipped: Findings) -> None:
    sound = shipped.get("S002-095")
    reversed_ = Interval(Decimal(95), Decimal("1.13"), Decimal("0.65"))
    check = check_finding(replace(sound, ci=reversed_))[0]

    assert check.verdict == "not checkable"
    assert check.note is not None and "1.13 to 0.65 is reversed" in check.note.en


def test_a_finding_without_numbers_gives_no_check(shipped: Findings) -> None:
    cell: Finding = next(finding for finding in shipped if finding.kind == "cell")

    assert check_finding(cell) == []


def test_an_unknown_source_is_named(shipped: Findings) -> None:
    with pytest.raises(NotFound, match="no source '999'"):
        check_all(shipped, "999")


def test_the_statistics_package_imports_the_standard_library_and_scipy_only() -> None:
    allowed = {*sys.stdlib_module_names, "scipy"}
    folder = Path(str(package.__file__)).parent
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.startswith("tumorboard.evidence.statistics") or name.split(".")[0] in allowed, (file, name)
